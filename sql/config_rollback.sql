--
-- llm_rollback: the configuration of a version, of the newest good one, or of
-- the built-in rows is there again, for every table at once.
--
DROP EXTENSION analytics_llm;
CREATE EXTENSION analytics_llm;
CREATE TABLE builtin_rows AS
SELECT 'model' AS relation, to_jsonb(t) AS config FROM analytics_llm.model AS t
UNION ALL SELECT 'price', to_jsonb(t) FROM analytics_llm.price AS t
UNION ALL SELECT 'tier', to_jsonb(t) FROM analytics_llm.tier AS t
UNION ALL SELECT 'route', to_jsonb(t) FROM analytics_llm.route AS t;

-- Rows that are not as the extension brought them, or not there.
CREATE FUNCTION pg_temp.changed() RETURNS TABLE (relation text, config jsonb) LANGUAGE sql AS $$
(SELECT 'model' AS relation, to_jsonb(t) AS config FROM analytics_llm.model AS t
UNION ALL SELECT 'price', to_jsonb(t) FROM analytics_llm.price AS t
UNION ALL SELECT 'tier', to_jsonb(t) FROM analytics_llm.tier AS t
UNION ALL SELECT 'route', to_jsonb(t) FROM analytics_llm.route AS t
EXCEPT SELECT * FROM builtin_rows)
UNION ALL
(SELECT relation || ', missing', config FROM builtin_rows
EXCEPT SELECT 'model, missing', to_jsonb(t) FROM analytics_llm.model AS t
EXCEPT SELECT 'price, missing', to_jsonb(t) FROM analytics_llm.price AS t
EXCEPT SELECT 'tier, missing', to_jsonb(t) FROM analytics_llm.tier AS t
EXCEPT SELECT 'route, missing', to_jsonb(t) FROM analytics_llm.route AS t)
$$;
CREATE FUNCTION pg_temp.rollback_to(reason text, version bigint DEFAULT NULL)
RETURNS TABLE (version bigint, relation text, action text, key jsonb, reason text, restored bigint)
LANGUAGE sql AS $$
SELECT r.version, r.relation, r.action,
	   analytics_llm.config_key(r.relation, COALESCE(r.new_row, r.old_row)), r.reason, r.restored
  FROM llm_rollback($1, $2) AS r
$$;
-- So that a version has been in force for a while, and has answered questions.
CREATE FUNCTION pg_temp.pass_time(minutes int, answered int) RETURNS void LANGUAGE sql AS $$
UPDATE analytics_llm.config_history SET changed_at = changed_at - make_interval(mins => $1);
UPDATE analytics_llm.request SET asked_at = asked_at - make_interval(mins => $1);
INSERT INTO analytics_llm.request (request_id, asked_at, status)
SELECT gen_random_uuid(), now() - interval '1 second', 'ok' FROM generate_series(1, $2);
$$;

-- Nothing to change is no error.
SELECT * FROM llm_rollback('nothing happened');
SELECT llm_rollback(' ');
SELECT llm_rollback('too far', 7);
-- A snapshot from before others' changes would not show them.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT llm_rollback('too old');
ROLLBACK;

-- Version 1: another model, with its price, in the first tier.  Version 2: a
-- slow tier.  Version 3: routes, and a row of tier 2 goes to another place.
BEGIN;
INSERT INTO analytics_llm.model (name, family, context_tokens) VALUES ('own', 'plain', 8000);
INSERT INTO analytics_llm.price (model, input, output, cache_write_5m, cache_write_1h, cache_read)
VALUES ('own', 1, 2, 3, 4, 5);
UPDATE analytics_llm.tier SET model = 'own' WHERE tier = 1;
COMMIT;
SELECT pg_temp.pass_time(15, 20);
UPDATE analytics_llm.tier SET timeout_ms = 60000;
SELECT pg_temp.pass_time(15, 19);
BEGIN;
UPDATE analytics_llm.route SET enabled = false WHERE min_complexity = 3;
UPDATE analytics_llm.route SET max_complexity = 7 WHERE min_complexity = 0 AND question_class IS NULL;
INSERT INTO analytics_llm.tier (tier, position, model, timeout_ms, min_confidence) VALUES (2, 5, 'own', 1000, 0.5);
COMMIT;
UPDATE analytics_llm.tier SET position = 4 WHERE position = 5;
CREATE TABLE version_4 AS SELECT * FROM pg_temp.changed();

-- Version 2 had one question too few: version 1 is the newest good one.
SELECT * FROM pg_temp.rollback_to('answers are slow');
SELECT relation, config - 'family' - 'context_tokens' AS config FROM pg_temp.changed() ORDER BY relation, config;
-- A rollback does not bring back what it, or one before it, has undone.
SELECT pg_temp.pass_time(15, 25);
SELECT DISTINCT version, restored FROM pg_temp.rollback_to('still slow');
SELECT count(*) FROM pg_temp.changed();
SELECT count(*) FROM analytics_llm.model WHERE NOT builtin;
SELECT * FROM pg_temp.rollback_to('and again');

-- A rollback is a version: it can be undone, all of it.
SELECT DISTINCT version, restored FROM pg_temp.rollback_to('it was not that', 4);
SELECT * FROM pg_temp.changed() EXCEPT SELECT * FROM version_4;
SELECT * FROM version_4 EXCEPT SELECT * FROM pg_temp.changed();

-- It raises an alert, once each.
SELECT kind, subject, message FROM analytics_llm.alert ORDER BY raised_at;

-- However long the reason is; who listens is told the beginning.
BEGIN;
SELECT count(*) > 0 AS done FROM llm_rollback(repeat('very long ', 1000), 0);
SELECT length(message) FROM analytics_llm.alert ORDER BY raised_at DESC LIMIT 1;
ROLLBACK;

-- A foreign key does not stand in the way: the model that a tier needs comes
-- back with it.
SELECT DISTINCT restored FROM pg_temp.rollback_to('to the start', 0);
SELECT DISTINCT restored FROM pg_temp.rollback_to('and back', 4);
SELECT model FROM analytics_llm.tier ORDER BY tier, position;

-- With other changes in one transaction it could not tell what was before.
BEGIN;
UPDATE analytics_llm.tier SET max_retries = 5 WHERE tier = 1;
SELECT llm_rollback('too soon');
ROLLBACK;

-- Not for everybody; who was granted it needs no other right.
CREATE ROLE allm_operator;
SET ROLE allm_operator;
SELECT llm_rollback('let me');
SELECT analytics_llm.config_put_back('tier', 0);
SELECT analytics_llm.alert_raise('a', 'b', 'c');
RESET ROLE;
GRANT EXECUTE ON FUNCTION llm_rollback(text, bigint) TO allm_operator;
SET ROLE allm_operator;
SELECT DISTINCT user_name, reason FROM llm_rollback('at 3 a.m.', 0);
RESET ROLE;
SELECT count(*) FROM pg_temp.changed();

-- A column that came later keeps what it has.
UPDATE analytics_llm.config_history SET old_row = old_row - 'max_retries', new_row = new_row - 'max_retries' WHERE relation = 'tier';
UPDATE analytics_llm.tier SET max_retries = 4 WHERE tier = 1 AND position = 1;
UPDATE analytics_llm.config_history SET old_row = old_row - 'max_retries' WHERE version = (SELECT max(version) FROM analytics_llm.config_history);
UPDATE analytics_llm.tier SET timeout_ms = 700 WHERE tier = 1 AND position = 1;
SELECT relation, action FROM pg_temp.rollback_to('before the column', (SELECT max(version) - 2 FROM analytics_llm.config_history));
SELECT max_retries, timeout_ms FROM analytics_llm.tier WHERE tier = 1 AND position = 1;

-- Of rollouts that exclude each other, the one that ends goes first; one that has
-- ended comes back, though the tier has its model no more.
INSERT INTO analytics_llm.rollout (name, model) VALUES ('y', 'claude-opus-5');
UPDATE analytics_llm.rollout SET state = 'rolled_back' WHERE name = 'y';
INSERT INTO analytics_llm.rollout (name, model) VALUES ('x', 'claude-opus-4-8');
SELECT max(version) AS v FROM analytics_llm.config_history \gset
UPDATE analytics_llm.rollout SET state = 'stopped' WHERE name = 'x';
UPDATE analytics_llm.rollout SET state = 'running' WHERE name = 'y';
SELECT action, new_row ->> 'name' AS name, new_row ->> 'state' AS state FROM llm_rollback('x was better', :v);
UPDATE analytics_llm.rollout SET state = 'stopped' WHERE name = 'x';
UPDATE analytics_llm.tier SET model = 'claude-opus-4-8' WHERE tier = 1;
SELECT max(version) AS v FROM analytics_llm.config_history \gset
DELETE FROM analytics_llm.rollout;
SELECT action, new_row ->> 'name' AS name, new_row ->> 'state' AS state FROM llm_rollback('we want to see them', :v);
UPDATE analytics_llm.rollout SET state = 'running' WHERE name = 'x';

REVOKE EXECUTE ON FUNCTION llm_rollback(text, bigint) FROM allm_operator;
DROP ROLE allm_operator;
DROP TABLE builtin_rows, version_4;
DROP EXTENSION analytics_llm;
CREATE EXTENSION analytics_llm;
