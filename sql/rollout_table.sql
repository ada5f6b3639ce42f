--
-- The table of rollouts: what is filled in, what makes no sense, what is on
-- record; and how a rollout goes on or is ended.  The writers look after them;
-- here, a person does.
--
DROP EXTENSION analytics_llm;
CREATE EXTENSION analytics_llm;
CREATE FUNCTION pg_temp.rollouts() RETURNS TABLE (name text, model text, instead_of text, share real, state text)
LANGUAGE sql AS $$
SELECT name, model, instead_of, share, state FROM analytics_llm.rollout ORDER BY name COLLATE "C"
$$;

-- Defaults.
INSERT INTO analytics_llm.rollout (name, model) VALUES ('opus5', 'claude-opus-5');
SELECT tier, instead_of, share, steps, step_duration, guard, sticky_by, kind, state,
	   started_at = changed_at AS new
  FROM analytics_llm.rollout;
INSERT INTO analytics_llm.rollout (name, tier, model, kind, sticky_by)
VALUES ('cheap', 2, 'claude-haiku-5-5', 'experiment', 'request');
SELECT share, steps, step_duration FROM analytics_llm.rollout WHERE name = 'cheap';

-- A shadow takes no place, so that it may stand beside a rollout; it has no guard.
INSERT INTO analytics_llm.rollout (name, model, kind) VALUES ('dark', 'claude-opus-5', 'shadow');
SELECT instead_of, share, steps, guard FROM analytics_llm.rollout WHERE name = 'dark';
DELETE FROM analytics_llm.rollout WHERE name = 'dark';

-- What makes no sense.
\set VERBOSITY terse
INSERT INTO analytics_llm.rollout (name, model) VALUES ('opus', 'claude-opus-4-7');
INSERT INTO analytics_llm.rollout (name, model) VALUES ('again', 'claude-opus-4-8');
INSERT INTO analytics_llm.rollout (name, model, instead_of) VALUES ('none', 'claude-opus-5', 'claude-opus-4-8');
INSERT INTO analytics_llm.rollout (name, model) VALUES ('gone', 'gpt-1');
INSERT INTO analytics_llm.rollout (name, model, state) VALUES ('a b', 'claude-opus-5', 'stopped');
INSERT INTO analytics_llm.rollout (name, model, state, steps) VALUES ('steps', 'claude-opus-5', 'stopped', '{5, 5}');
INSERT INTO analytics_llm.rollout (name, model, state, steps) VALUES ('steps', 'claude-opus-5', 'stopped', '{50, 101}');
INSERT INTO analytics_llm.rollout (name, model, state, steps) VALUES ('steps', 'claude-opus-5', 'stopped', '{}');
INSERT INTO analytics_llm.rollout (name, model, state, kind, steps) VALUES ('steps', 'claude-opus-5', 'stopped', 'experiment', '{5}');
INSERT INTO analytics_llm.rollout (name, model, state, guard) VALUES ('guard', 'claude-opus-5', 'stopped', '{"errors": 1}');
INSERT INTO analytics_llm.rollout (name, model, state, guard) VALUES ('guard', 'claude-opus-5', 'stopped', '{"latency": 0.9}');
INSERT INTO analytics_llm.rollout (name, model, state, guard) VALUES ('guard', 'claude-opus-5', 'stopped', '{"min_sample": "many"}');
INSERT INTO analytics_llm.rollout (name, model, state, guard) VALUES ('guard', 'claude-opus-5', 'stopped', '{"min_sample": 2147483648}');
INSERT INTO analytics_llm.rollout (name, model, state, guard) VALUES ('guard', 'claude-opus-5', 'stopped', '{"min_sample": 12.5}');
INSERT INTO analytics_llm.rollout (name, model, state, steps) VALUES ('steps', 'claude-opus-5', 'stopped', '{{1, 5}, {10, 100}}');
INSERT INTO analytics_llm.rollout (name, model, state, kind, steps) VALUES ('dark', 'claude-opus-5', 'stopped', 'shadow', '{5}');
INSERT INTO analytics_llm.rollout (name, model, state, kind) VALUES ('canary', 'claude-opus-5', 'stopped', 'canary');
TRUNCATE analytics_llm.rollout;
\set VERBOSITY default

-- The first step is the first, wherever the array begins to count.
BEGIN;
DELETE FROM analytics_llm.rollout;
INSERT INTO analytics_llm.rollout (name, model, steps) VALUES ('early', 'claude-opus-5', '[0:2]={1, 5, 10}') RETURNING share;
ROLLBACK;

-- Looks after them when no writer does.
CREATE FUNCTION pg_temp.watch() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	LOCK TABLE analytics_llm.rollout IN SHARE ROW EXCLUSIVE MODE;
	PERFORM analytics_llm.rollout_watch();
END $$;

-- Steps: each as long as it should be, one at a time, and the reason is kept.
CREATE FUNCTION pg_temp.pass_time(by_time interval) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL session_replication_role = replica;
	UPDATE analytics_llm.rollout SET changed_at = changed_at - by_time, started_at = started_at - by_time;
	RESET session_replication_role;
END $$;
SELECT pg_temp.watch();
SELECT * FROM pg_temp.rollouts();
SELECT pg_temp.pass_time('59 minutes');
SELECT pg_temp.watch();
SELECT share FROM analytics_llm.rollout WHERE name = 'opus5';
SELECT pg_temp.pass_time('10 hours');
SELECT pg_temp.watch();
SELECT share FROM analytics_llm.rollout WHERE name = 'opus5';
UPDATE analytics_llm.rollout SET state = 'paused' WHERE name = 'opus5';
SELECT pg_temp.pass_time('2 hours');
SELECT pg_temp.watch();
SELECT share, state FROM analytics_llm.rollout WHERE name = 'opus5';
UPDATE analytics_llm.rollout SET state = 'running', share = 50 WHERE name = 'opus5';
SELECT pg_temp.pass_time('2 hours');
SELECT pg_temp.watch();
SELECT pg_temp.pass_time('2 hours');
SELECT pg_temp.watch();
SELECT * FROM pg_temp.rollouts();
SELECT new_row ->> 'share' AS share, new_row ->> 'state' AS state, reason FROM analytics_llm.config_history
 WHERE relation = 'rollout' AND reason IS NOT NULL ORDER BY version, entry;

-- Begun anew, it starts at its first step, and measures from there on.
UPDATE analytics_llm.rollout SET state = 'stopped' WHERE name = 'opus5';
SELECT share, state FROM analytics_llm.rollout WHERE name = 'opus5';
UPDATE analytics_llm.rollout SET state = 'running' WHERE name = 'opus5';
SELECT share, state, started_at = changed_at AS anew FROM analytics_llm.rollout WHERE name = 'opus5';

-- Questions of its arms: a model that does not answer, or answers late, ends it.
CREATE FUNCTION pg_temp.ask(rollout text, arm text, n int, answered int, ms real, cost numeric, refused int DEFAULT 0)
RETURNS void LANGUAGE sql AS $$
WITH r AS (
	INSERT INTO analytics_llm.request (request_id, asked_at, status, tier, model, latency_ms, cost, arms)
	SELECT gen_random_uuid(), now() + interval '1 second', 'ok', 1,
		   CASE WHEN i <= $4 THEN CASE $2 WHEN 'treatment' THEN o.model ELSE o.instead_of END
				ELSE CASE $2 WHEN 'treatment' THEN o.instead_of ELSE 'claude-sonnet-5' END END,
		   $5 * (1 + 0.1 * (i % 5)), $6 * (1 + 0.1 * (i % 5)), jsonb_build_object($1, $2)
	  FROM generate_series(1, $3) AS i, analytics_llm.rollout AS o WHERE o.name = $1
	RETURNING request_id)
INSERT INTO analytics_llm.log (request_id, tier, model_used, validation_passed)
SELECT r.request_id, o.tier, CASE $2 WHEN 'treatment' THEN o.model ELSE o.instead_of END, row_number() OVER () > $7
  FROM r, analytics_llm.rollout AS o WHERE o.name = $1
$$;
SELECT pg_temp.ask('opus5', 'control', 400, 390, 1000, 0.01), pg_temp.ask('opus5', 'treatment', 99, 50, 1000, 0.01);
SELECT pg_temp.watch();
SELECT share, state FROM analytics_llm.rollout WHERE name = 'opus5';
SELECT pg_temp.ask('opus5', 'treatment', 1, 0, 1000, 0.01);
SELECT pg_temp.watch();
SELECT share, state FROM analytics_llm.rollout WHERE name = 'opus5';
SELECT kind, message FROM analytics_llm.alert ORDER BY raised_at;
SELECT reason FROM analytics_llm.config_history WHERE new_row ->> 'state' = 'rolled_back';
-- It stays ended: the watch does not look at it, and no rollback starts it.
SELECT pg_temp.watch();
SELECT count(*) FROM analytics_llm.alert;
SELECT relation, new_row ->> 'name' AS name FROM llm_rollback('go back', (SELECT min(version) + 1 FROM analytics_llm.config_history WHERE relation = 'rollout'));
SELECT * FROM pg_temp.rollouts();
-- By hand it can be started again: with what is seen of it from now on.
UPDATE analytics_llm.request SET asked_at = asked_at - interval '1 hour';
UPDATE analytics_llm.rollout SET state = 'running' WHERE name = 'opus5';
SELECT pg_temp.watch();
SELECT share, state FROM analytics_llm.rollout WHERE name = 'opus5';

-- What people say of the answers ends it as well.
UPDATE analytics_llm.request SET asked_at = asked_at - interval '1 hour';
UPDATE analytics_llm.rollout SET state = 'stopped' WHERE name = 'opus5';
UPDATE analytics_llm.rollout SET state = 'running' WHERE name = 'opus5';
SELECT pg_temp.ask('opus5', 'control', 200, 200, 1000, 0.01), pg_temp.ask('opus5', 'treatment', 200, 200, 1000, 0.01);
INSERT INTO analytics_llm.feedback (request_id, correct, given_at, user_name, user_id)
SELECT request_id, arm = 'control' OR row_number() OVER (PARTITION BY arm ORDER BY request_id) <= 50, now(), 'ann', 1
  FROM (SELECT row_number() OVER (PARTITION BY arm ORDER BY request_id) AS n, arm, request_id
		  FROM analytics_llm.rollout_question WHERE rollout = 'opus5') AS q
 WHERE n <= 99;
SELECT pg_temp.watch();
SELECT share, state FROM analytics_llm.rollout WHERE name = 'opus5';
INSERT INTO analytics_llm.feedback (request_id, correct, given_at, user_name, user_id)
SELECT max(request_id::text)::uuid, arm = 'control', now(), 'ann', 1
  FROM analytics_llm.rollout_question WHERE rollout = 'opus5' GROUP BY arm;
SELECT pg_temp.watch();
SELECT share, state FROM analytics_llm.rollout WHERE name = 'opus5';
SELECT message FROM analytics_llm.alert ORDER BY raised_at DESC LIMIT 1;

-- Another model begins anew: what was seen of the one before is not its fault.
UPDATE analytics_llm.request SET asked_at = asked_at - interval '1 hour';
UPDATE analytics_llm.rollout SET state = 'stopped' WHERE name = 'opus5';
UPDATE analytics_llm.rollout SET state = 'running', share = 25 WHERE name = 'opus5';
SELECT pg_temp.pass_time('30 minutes');
SELECT pg_temp.ask('opus5', 'control', 200, 200, 1000, 0.01), pg_temp.ask('opus5', 'treatment', 200, 200, 1000, 0.01);
UPDATE analytics_llm.request SET asked_at = asked_at - interval '10 minutes';
SELECT arm, n, success_rate FROM analytics_llm.experiment_result WHERE name = 'opus5' ORDER BY arm;
UPDATE analytics_llm.rollout SET model = 'claude-opus-4-8' WHERE name = 'opus5';
SELECT pg_temp.watch();
SELECT share, state, started_at = changed_at AND started_at > now() - interval '20 minutes' AS anew FROM analytics_llm.rollout WHERE name = 'opus5';
SELECT count(*) FROM analytics_llm.experiment_result WHERE name = 'opus5';
UPDATE analytics_llm.rollout SET model = 'claude-opus-5' WHERE name = 'opus5';

-- The other reasons, with questions that the first ones do not mind.
SELECT analytics_llm.guard_verdict(g, c, t) FROM (VALUES
	('{"validation_failures": 0.05, "min_sample": 50}'::jsonb, '{100,0.02,0, 100,0.02,0, 100,1000,9000, 100,0.01,0.0001, 0,null,null}'::float8[], '{50,0.02,0, 50,0.4,0, 50,1000,9000, 50,0.01,0.0001, 40,1,0}'::float8[]),
	('{"latency": 1.5, "min_sample": 50}', '{100,0.02,0, 100,0.02,0, 100,1000,9000, 100,0.01,0.0001, 0,null,null}', '{50,0.02,0, 50,0.4,0, 50,2000,9000, 50,0.01,0.0001, 0,null,null}'),
	('{"cost": 2, "min_sample": 50}', '{100,0.02,0, 100,0.02,0, 100,1000,9000, 100,0.01,0.00001, 0,null,null}', '{50,0.02,0, 50,0.4,0, 50,2000,9000, 50,0.05,0.00001, 0,null,null}'),
	('{"cost": 2, "min_sample": 51}', '{100,0.02,0, 100,0.02,0, 100,1000,9000, 100,0.01,0.00001, 0,null,null}', '{50,0.02,0, 50,0.4,0, 50,2000,9000, 50,0.05,0.00001, 0,null,null}'),
	('{"negative_feedback": 0.1, "min_sample": 50}', '{100,0.02,0, 100,0.02,0, 100,1000,9000, 100,0.01,0.00001, 60,0.1,null}', '{100,0.02,0, 100,0.02,0, 100,1000,9000, 100,0.01,0.00001, 50,0.5,null}'),
	('{"negative_feedback": 0.1, "min_sample": 51}', '{100,0.02,0, 100,0.02,0, 100,1000,9000, 100,0.01,0.00001, 60,0.1,null}', '{100,0.02,0, 100,0.02,0, 100,1000,9000, 100,0.01,0.00001, 50,0.5,null}'),
	('{}', '{100,0.02,0, 100,0.02,0, 100,1000,9000, 100,0.01,0.00001, 0,null,null}', '{100,1,0, 100,1,0, 100,20000,9000, 100,0.05,0.00001, 0,null,null}'))
	AS v(g, c, t);
SELECT analytics_llm.guard_verdict('{}', '{1}', '{1}');

-- A model that leaves its tier takes nobody's means to end a rollout; what a
-- rollback puts back, it puts back together.
UPDATE analytics_llm.rollout SET state = 'stopped' WHERE name = 'cheap';
INSERT INTO analytics_llm.rollout (name, tier, model, share) VALUES ('later', 2, 'claude-sonnet-5-5', 30);
CREATE TABLE before AS SELECT max(version) AS version FROM analytics_llm.config_history;
UPDATE analytics_llm.tier SET model = 'claude-haiku-5-5' WHERE tier = 2;
UPDATE analytics_llm.rollout SET state = 'stopped' WHERE name = 'later';
UPDATE analytics_llm.rollout SET state = 'running' WHERE name = 'later';
DELETE FROM analytics_llm.rollout WHERE name = 'later';
SELECT relation, action, new_row ->> 'model' AS model, new_row ->> 'share' AS share
  FROM llm_rollback('back', (SELECT version FROM before));
DROP TABLE before;

-- By grant, like other configuration; everybody may read it.
CREATE ROLE allm_roller;
GRANT SELECT, INSERT, UPDATE ON analytics_llm.rollout TO allm_roller;
SET ROLE allm_roller;
SELECT analytics_llm.rollout_watch();
UPDATE analytics_llm.rollout SET guard = '{}' WHERE name = 'cheap';
SELECT user_name FROM analytics_llm.config_history ORDER BY version DESC, entry DESC LIMIT 1;
RESET ROLE;
DROP OWNED BY allm_roller;
DROP ROLE allm_roller;
DROP EXTENSION analytics_llm;
CREATE EXTENSION analytics_llm;
