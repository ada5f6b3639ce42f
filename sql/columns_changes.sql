--
-- A statement with real columns that is prepared, or a cursor that is open, and
-- what may change before it is run: role, rights, row security, settings, the
-- tables, the function.  Rights are those of the run, columns those of the
-- description; where that cannot be, it is an error.
--
CREATE SCHEMA columns_changes;
SET search_path = columns_changes, public;
CREATE ROLE regress_changes_one;
CREATE ROLE regress_changes_two;
CREATE ROLE regress_changes_all BYPASSRLS;
GRANT USAGE ON SCHEMA columns_changes TO PUBLIC;
CREATE TABLE parts (part_id int PRIMARY KEY, colour text NOT NULL, owner text NOT NULL);
INSERT INTO parts SELECT i, CASE WHEN i % 2 = 0 THEN 'red' ELSE 'blue' END, 'regress_changes_' || CASE WHEN i <= 3 THEN 'one' ELSE 'two' END
  FROM generate_series(1, 10) AS i;
ANALYZE parts;
GRANT SELECT ON parts TO regress_changes_one, regress_changes_two, regress_changes_all;

-- Row security that comes, changes and goes, by role and by setting.
PREPARE p AS SELECT * FROM llm_ask('how many parts');
EXECUTE p;
SET client_min_messages = warning;
ALTER TABLE parts ENABLE ROW LEVEL SECURITY;
SET ROLE regress_changes_one;
EXECUTE p;
RESET ROLE;
CREATE POLICY own ON parts USING (owner = CURRENT_USER);
SET ROLE regress_changes_one;
EXECUTE p;
SET ROLE regress_changes_two;
EXECUTE p;
SET plan_cache_mode = force_generic_plan;
EXECUTE p;
SET ROLE regress_changes_one;
EXECUTE p;
SET ROLE regress_changes_all;
EXECUTE p;
SET row_security = off;
EXECUTE p;
SET ROLE regress_changes_one;
EXECUTE p;
RESET row_security;
RESET ROLE;
EXECUTE p;
ALTER POLICY own ON parts USING (owner = current_setting('changes.owner', true));
SET ROLE regress_changes_one;
EXECUTE p;
SET changes.owner = 'regress_changes_two';
EXECUTE p;
SET plan_cache_mode = force_custom_plan;
SET changes.owner = 'regress_changes_one';
EXECUTE p;
RESET plan_cache_mode;
RESET ROLE;
ALTER TABLE parts DISABLE ROW LEVEL SECURITY;
SET ROLE regress_changes_one;
EXECUTE p;
RESET ROLE;
RESET client_min_messages;

-- Rights that are gone and come back; of a column; of another role in SET SESSION AUTHORIZATION.
REVOKE SELECT ON parts FROM regress_changes_one;
SET ROLE regress_changes_one;
EXECUTE p;
RESET ROLE;
GRANT SELECT (part_id) ON parts TO regress_changes_one;
SET ROLE regress_changes_one;
EXECUTE p;
PREPARE q AS SELECT * FROM llm_ask('list colours of parts');
RESET ROLE;
PREPARE q AS SELECT * FROM llm_ask('number of parts by colour') LIMIT $1;
SET SESSION AUTHORIZATION regress_changes_one;
EXECUTE q(2);
RESET SESSION AUTHORIZATION;
GRANT SELECT ON parts TO regress_changes_one;
SET SESSION AUTHORIZATION regress_changes_one;
EXECUTE q(2);
EXECUTE q(NULL);
EXECUTE q(0);
EXECUTE q(-1);
EXECUTE q(9223372036854775807);
RESET SESSION AUTHORIZATION;

-- Settings of the run.
SET analytics_llm.real_columns = off;
EXECUTE q(1);
PREPARE r AS SELECT * FROM llm_ask('number of parts by colour');
EXECUTE r;
RESET analytics_llm.real_columns;
EXECUTE r;
SET analytics_llm.row_limit = 1;
EXECUTE q(2);
SET analytics_llm.on_doubt = error;
EXECUTE q(2);
RESET analytics_llm.on_doubt;
RESET analytics_llm.row_limit;
DEALLOCATE r;

-- The tables: what is run is checked anew, and has the same columns or is an error.
ALTER TABLE parts ADD COLUMN added int;
EXECUTE q(1);
ALTER TABLE parts ALTER COLUMN colour TYPE varchar(20);
EXECUTE q(1);
ALTER TABLE parts ALTER COLUMN colour TYPE text;
EXECUTE q(1);
BEGIN;
ALTER TABLE parts RENAME COLUMN colour TO paint;
SAVEPOINT s;
EXECUTE q(1);
ROLLBACK TO s;
EXECUTE p;
ROLLBACK;
EXECUTE q(1);
BEGIN;
DROP TABLE parts;
SAVEPOINT s;
EXECUTE p;
ROLLBACK TO s;
CREATE TABLE parts (part_id int PRIMARY KEY, colour text NOT NULL);
INSERT INTO parts VALUES (1, 'green');
EXECUTE p;
EXECUTE q(5);
ROLLBACK;
EXECUTE p;
-- A table in front of it.
CREATE TEMP TABLE parts (part_id int PRIMARY KEY, colour text NOT NULL);
EXECUTE p;
DROP TABLE pg_temp.parts;
EXECUTE p;
-- A view in its place.
BEGIN;
ALTER TABLE parts RENAME TO parts_kept;
CREATE VIEW parts AS SELECT part_id, colour FROM parts_kept WHERE part_id > 8;
EXECUTE p;
EXECUTE q(5);
ROLLBACK;

-- An open cursor holds what it reads.
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM llm_ask('number of parts by colour');
FETCH 1 FROM c;
SAVEPOINT s;
ALTER TABLE parts ADD COLUMN more int;
ROLLBACK TO s;
DROP TABLE parts;
ROLLBACK TO s;
SET LOCAL ROLE regress_changes_two;
FETCH 1 FROM c;
ROLLBACK;
BEGIN;
SAVEPOINT s;
DECLARE c CURSOR FOR SELECT * FROM llm_ask('number of parts by colour');
RELEASE s;
FETCH 1 FROM c;
SAVEPOINT t;
DECLARE d CURSOR WITH HOLD FOR SELECT * FROM llm_ask('how many parts');
ROLLBACK TO t;
FETCH 1 FROM d;
ROLLBACK TO t;
FETCH 1 FROM c;
MOVE BACKWARD 1 IN c;
FETCH RELATIVE 0 FROM c;
COMMIT;

-- The function: another name, another owner, another schema; as the server says for a call.
ALTER FUNCTION public.llm_ask(text, jsonb) RENAME TO llm_asked;
SELECT * FROM llm_ask('how many parts');
SELECT * FROM llm_asked('how many parts');
EXECUTE p;
ALTER FUNCTION public.llm_asked(text, jsonb) RENAME TO llm_ask;
SELECT * FROM llm_ask('how many parts');
-- What it is asked for is what it was defined with.
ALTER TABLE parts ADD COLUMN again int;
EXECUTE p;

-- Plans that are discarded, and statements that are gone.
DISCARD PLANS;
EXECUTE p;
DEALLOCATE ALL;
EXECUTE p;
DISCARD ALL;
SET search_path = columns_changes, public;
SELECT * FROM llm_ask('how many parts');

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA columns_changes CASCADE;
DROP ROLE regress_changes_one, regress_changes_two, regress_changes_all;
RESET client_min_messages;
