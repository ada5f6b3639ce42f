--
-- Who changed what of the configuration, and when: one version for each
-- transaction, one row for each row that it changed.
--
DROP EXTENSION analytics_llm;
CREATE EXTENSION analytics_llm;

-- What the extension brings is no change.
SELECT count(*) FROM analytics_llm.config_history;

CREATE FUNCTION pg_temp.history(after bigint)
RETURNS TABLE (version bigint, entry int, relation text, action text, old jsonb, new jsonb)
LANGUAGE sql AS $$
-- Of both rows, what differs.
SELECT h.version, h.entry, h.relation, h.action,
	   (SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(h.old_row) AS o
		 WHERE h.new_row IS NULL OR h.new_row -> o.key IS DISTINCT FROM o.value),
	   (SELECT jsonb_object_agg(n.key, n.value) FROM jsonb_each(h.new_row) AS n
		 WHERE h.old_row IS NULL OR h.old_row -> n.key IS DISTINCT FROM n.value)
  FROM analytics_llm.config_history AS h
 WHERE h.version > $1 ORDER BY h.version, h.entry
$$;

-- One version for a statement, and for a transaction of several.
UPDATE analytics_llm.tier SET timeout_ms = 4000 WHERE tier = 1;
BEGIN;
UPDATE analytics_llm.route SET start_tier = 1 WHERE min_complexity = 0;
INSERT INTO analytics_llm.model (name, family, context_tokens) VALUES ('local', 'plain', 8000);
SAVEPOINT s;
UPDATE analytics_llm.price SET input = 1;
ROLLBACK TO s;
INSERT INTO analytics_llm.price (model, input, output, cache_write_5m, cache_write_1h, cache_read)
VALUES ('local', 0, 0, 0, 0, 0.000001);
COMMIT;
SELECT * FROM pg_temp.history(0);

-- What changes nothing, and what does not come to be, is none.
UPDATE analytics_llm.tier SET timeout_ms = timeout_ms WHERE tier = 1;
BEGIN;
DELETE FROM analytics_llm.price WHERE model = 'local';
ROLLBACK;
SELECT count(*) FROM pg_temp.history(2);

-- A row that takes the place of a built-in one.
INSERT INTO analytics_llm.price (model, input, output, cache_write_5m, cache_write_1h, cache_read)
VALUES ('claude-opus-5', 4, 20, 5, 8, 0.4);
SELECT version, entry, action, old ->> 'builtin' AS was_builtin, new ->> 'input' AS input FROM pg_temp.history(2);

-- How values are written depends on no setting of the session.
SET extra_float_digits = -15;
UPDATE analytics_llm.tier SET min_confidence = 0.7654321 WHERE tier = 2;
RESET extra_float_digits;
SELECT new FROM pg_temp.history(3);

-- Who: the role that the session had taken, and who had logged in.  It needs a
-- grant on the table that it changes, and none on the history.
CREATE ROLE allm_dba;
GRANT UPDATE ON analytics_llm.tier TO allm_dba;
GRANT SELECT ON analytics_llm.tier TO allm_dba;
SET ROLE allm_dba;
UPDATE analytics_llm.tier SET max_retries = 0 WHERE tier = 1;
SELECT version, user_name, session_user_name = session_user AS session FROM analytics_llm.config_history
 ORDER BY version DESC, entry DESC LIMIT 1;
INSERT INTO analytics_llm.config_history (version, changed_at, user_name, relation, action, entry, session_user_name)
VALUES (99, now(), 'somebody', 'tier', 'UPDATE', 1, 'somebody');
DELETE FROM analytics_llm.config_history;
-- With functions and operators of one's own in front of the server's.
RESET ROLE;
CREATE SCHEMA allm_traps AUTHORIZATION allm_dba;
SET ROLE allm_dba;
CREATE FUNCTION allm_traps.trap(bigint, bigint) RETURNS boolean LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'sprung as %', current_user; END $$;
CREATE OPERATOR allm_traps.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = allm_traps.trap);
SET search_path = allm_traps, pg_catalog;
UPDATE analytics_llm.tier SET max_retries = 1 WHERE tier = 1::smallint;
RESET search_path;
RESET ROLE;

-- What a restore brings has no version of its own.
SET check_function_bodies = off;
SET row_security = off;
UPDATE analytics_llm.tier SET max_retries = 2 WHERE tier = 1;
RESET row_security;
RESET check_function_bodies;
SELECT version, entry, new_row ->> 'max_retries' AS max_retries FROM analytics_llm.config_history
 WHERE version = 0 OR version > 4 ORDER BY changed_at;

-- Logical replication, and what else does not fire triggers, is on record.
SET session_replication_role = replica;
UPDATE analytics_llm.tier SET max_retries = 3 WHERE tier = 1;
RESET session_replication_role;
SELECT count(*) FROM pg_temp.history(6);

DROP SCHEMA allm_traps CASCADE;
DROP OWNED BY allm_dba;
DROP ROLE allm_dba;
DROP EXTENSION analytics_llm;
CREATE EXTENSION analytics_llm;
