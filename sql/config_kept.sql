--
-- A session keeps what the tables of the configuration say; each change acts at
-- its next question, in the middle of a transaction, too, and what is undone
-- acts no more.
--
CREATE FUNCTION pg_temp.models() RETURNS text LANGUAGE sql AS $$
SELECT string_agg(value || ' ' || split_part(split_part(detail, ' ms', 1), ', ', 2), ', ' ORDER BY item)
  FROM llm_explain('orders') WHERE item IN ('1.1', '2.1')
$$;
SELECT pg_temp.models();

UPDATE analytics_llm.tier SET timeout_ms = 4444 WHERE tier = 1;
SELECT pg_temp.models() AS after_update;
BEGIN;
UPDATE analytics_llm.model SET enabled = false WHERE name = 'claude-sonnet-5';
SELECT pg_temp.models() AS inside;
SAVEPOINT s;
UPDATE analytics_llm.tier SET timeout_ms = 5555 WHERE tier = 1;
SELECT pg_temp.models() AS inside_savepoint;
ROLLBACK TO s;
SELECT pg_temp.models() AS savepoint_undone;
ROLLBACK;
SELECT pg_temp.models() AS undone;

-- What comes by replication or a restore fires only triggers that fire always.
SET session_replication_role = replica;
UPDATE analytics_llm.tier SET timeout_ms = 6666 WHERE tier = 1;
SELECT pg_temp.models() AS replicated;
RESET session_replication_role;

-- A table whose trigger is off is read anew each time.
ALTER TABLE analytics_llm.tier DISABLE TRIGGER rows_changed;
UPDATE analytics_llm.tier SET timeout_ms = 7777 WHERE tier = 1;
SELECT pg_temp.models() AS untold;
UPDATE analytics_llm.tier SET timeout_ms = 8888 WHERE tier = 1;
SELECT pg_temp.models() AS untold_again;
ALTER TABLE analytics_llm.tier ENABLE TRIGGER rows_changed;
SET session_replication_role = replica;
UPDATE analytics_llm.tier SET timeout_ms = 5050 WHERE tier = 1;
SELECT pg_temp.models() AS does_not_fire_always;
RESET session_replication_role;
ALTER TABLE analytics_llm.tier ENABLE ALWAYS TRIGGER rows_changed;

-- Nor is one kept whose trigger tells of less than every change.
CREATE OR REPLACE TRIGGER rows_changed AFTER INSERT ON analytics_llm.tier
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.rows_changed();
ALTER TABLE analytics_llm.tier ENABLE ALWAYS TRIGGER rows_changed;
UPDATE analytics_llm.tier SET timeout_ms = 6060 WHERE tier = 1;
SELECT pg_temp.models() AS tells_of_inserts;
UPDATE analytics_llm.tier SET timeout_ms = 7070 WHERE tier = 1;
SELECT pg_temp.models() AS tells_of_inserts_again;
CREATE OR REPLACE TRIGGER rows_changed AFTER INSERT OR UPDATE OR DELETE
	ON analytics_llm.tier
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.rows_changed();
ALTER TABLE analytics_llm.tier ENABLE ALWAYS TRIGGER rows_changed;

-- Who may not read a table finds nothing in what others may.
CREATE ROLE regress_kept_reader;
GRANT EXECUTE ON FUNCTION llm_explain TO regress_kept_reader;
REVOKE SELECT ON analytics_llm.tier FROM PUBLIC;
SET ROLE regress_kept_reader;
SELECT value FROM llm_explain('orders') WHERE section = 'tiers' ORDER BY item;
RESET ROLE;
GRANT SELECT ON analytics_llm.tier TO PUBLIC;
SET ROLE regress_kept_reader;
SELECT value FROM llm_explain('orders') WHERE section = 'tiers' ORDER BY item;
RESET ROLE;
REVOKE EXECUTE ON FUNCTION llm_explain FROM regress_kept_reader;
DROP ROLE regress_kept_reader;

-- The function is a trigger after a change, and nothing else.
CREATE TEMP TABLE other (i int);
CREATE TRIGGER wrong BEFORE INSERT ON other
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.rows_changed();
INSERT INTO other VALUES (1);
DROP TABLE other;

-- As it was.
UPDATE analytics_llm.tier SET timeout_ms = 5000 WHERE tier = 1;
SELECT pg_temp.models() AS as_it_was;
