--
-- The run of SELECT * FROM llm_ask('...') is fenced as that of any question:
-- whose rights hold, what it may do, how long, how much, and what is said.
--
CREATE SCHEMA columns_fences;
SET search_path = columns_fences, public;
CREATE TABLE parts (part_id int PRIMARY KEY, colour text NOT NULL, weight numeric);
INSERT INTO parts SELECT i, CASE WHEN i % 2 = 0 THEN 'red' ELSE 'blue' END, i FROM generate_series(1, 20) AS i;
ANALYZE parts;
CREATE TABLE notes (note_id serial PRIMARY KEY, said text);
INSERT INTO analytics_llm.example (name, question, sql) VALUES
	('fence_all', 'every part', 'SELECT part_id, colour FROM parts ORDER BY part_id'),
	('fence_any', 'any part', 'SELECT part_id, colour FROM parts'),
	('fence_none', 'green parts', 'SELECT part_id FROM parts WHERE colour = ''green'''),
	('fence_heavy', 'weight of green parts', 'SELECT sum(weight) AS weight FROM parts WHERE colour = ''green'''),
	('fence_count', 'number of green parts', 'SELECT count(*) AS n FROM parts WHERE colour = ''green'''),
	('fence_null', 'missing weights', 'SELECT nullif(weight, weight) AS weight FROM parts'),
	('fence_twice', 'twice', 'SELECT colour, colour, part_id AS colour_2 FROM parts ORDER BY part_id LIMIT 1'),
	('fence_slow', 'slow parts', 'SELECT count(*) AS n FROM generate_series(1, 100000) AS a, generate_series(1, 100000) AS b'),
	('fence_bare', 'nothing at all', 'SELECT FROM parts WHERE part_id < 3');

-- The row cap, in one go and in pieces; a doubt is said with the rows.
SET analytics_llm.row_limit = 3;
SELECT * FROM llm_ask('every part');
SELECT * FROM llm_ask('any part') LIMIT 5;
SELECT * FROM llm_ask('every part') LIMIT 3;
SELECT * FROM llm_ask('every part', '{"row_limit": 2}');
SELECT count(*) FROM parts;
BEGIN;
DECLARE c NO SCROLL CURSOR FOR SELECT * FROM llm_ask('every part');
FETCH 2 FROM c;
FETCH 2 FROM c;
FETCH 2 FROM c;
-- A cursor that can go back has one row more, and says the same.
DECLARE s SCROLL CURSOR FOR SELECT * FROM llm_ask('every part');
FETCH 2 FROM s;
FETCH LAST FROM s;
FETCH FIRST FROM s;
COMMIT;
CREATE TABLE capped AS SELECT * FROM llm_ask('every part');
SELECT count(*) FROM capped;
DROP TABLE capped;
DO $$
DECLARE
	entry record;
	n int := 0;
BEGIN
	FOR entry IN SELECT * FROM llm_ask('every part') LOOP
		n := n + 1;
	END LOOP;
	RAISE NOTICE '% rows', n;
END
$$;
-- A view is the query alone.
CREATE VIEW parts_seen AS SELECT * FROM llm_ask('every part');
SELECT count(*) FROM parts_seen;
-- A statement that was prepared under a higher limit.
RESET analytics_llm.row_limit;
PREPARE p AS SELECT * FROM llm_ask('every part');
SET analytics_llm.row_limit = 2;
EXECUTE p;
DEALLOCATE p;
-- As an error: no rows for psql, and the table is not made.
SET analytics_llm.on_doubt = error;
SELECT * FROM llm_ask('every part');
CREATE TABLE capped AS SELECT * FROM llm_ask('every part');
RESET analytics_llm.on_doubt;
RESET analytics_llm.row_limit;

-- The byte cap.
SET analytics_llm.max_result_size = '1kB';
INSERT INTO parts VALUES (100, repeat('x', 1000), 1), (101, repeat('y', 1000), 1);
\pset format unaligned
SELECT * FROM llm_ask('every part') OFFSET 20;
DELETE FROM parts WHERE part_id >= 100;
RESET analytics_llm.max_result_size;
\pset format aligned

-- What the rows say, or their absence; nothing when all is well.
SELECT * FROM llm_ask('green parts');
SELECT * FROM llm_ask('green parts') LIMIT 1;
SELECT * FROM llm_ask('weight of green parts');
SELECT * FROM llm_ask('number of green parts');
SELECT * FROM llm_ask('missing weights') LIMIT 2;
SELECT * FROM llm_ask('weight of green parts') LIMIT 1001;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT * FROM llm_ask('weight of green parts');
FETCH 1 FROM c;
FETCH BACKWARD 1 FROM c;
FETCH 1 FROM c;
DECLARE d SCROLL CURSOR FOR SELECT * FROM llm_ask('green parts');
FETCH 1 FROM d;
DECLARE e SCROLL CURSOR FOR SELECT * FROM llm_ask('missing weights');
MOVE ALL IN e;
COMMIT;
SET analytics_llm.on_doubt = error;
SELECT * FROM llm_ask('weight of green parts');
SELECT * FROM llm_ask('number of green parts');
RESET analytics_llm.on_doubt;

-- Names are unique, also where no table could be made of them; no column is one.
SELECT * FROM llm_ask('twice');
CREATE TABLE two AS SELECT * FROM llm_ask('twice');
SELECT * FROM two;
DROP TABLE two;
SELECT * FROM llm_ask('nothing at all');
SELECT * FROM llm_ask('nothing at all') \gdesc

-- Time: of the whole run, whatever piece it comes in.
SET analytics_llm.query_timeout = '200ms';
SELECT * FROM llm_ask('slow parts');
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM llm_ask('slow parts');
SAVEPOINT s;
FETCH 1 FROM c;
ROLLBACK TO s;
INSERT INTO notes (said) VALUES ('the transaction goes on, and can write');
COMMIT;
SELECT said FROM notes;
SET analytics_llm.query_timeout = '30s';
SET statement_timeout = '200ms';
SELECT * FROM llm_ask('slow parts');
RESET statement_timeout;
RESET analytics_llm.query_timeout;

-- Nothing is written, whatever a function that the administrator allows does.
CREATE FUNCTION writes(i int) RETURNS int LANGUAGE plpgsql AS
	$$ BEGIN INSERT INTO notes (said) VALUES ('written'); RETURN i; END $$;
CREATE FUNCTION asks(i int) RETURNS int LANGUAGE plpgsql AS
	$$ BEGIN PERFORM * FROM llm_ask('every part'); RETURN i; END $$;
INSERT INTO analytics_llm.allowed_function (signature, reason) VALUES
	('columns_fences.writes(int)', 'test'), ('columns_fences.asks(int)', 'test');
INSERT INTO analytics_llm.example (name, question, sql) VALUES
	('fence_write', 'write a part', 'SELECT writes(part_id) FROM parts'),
	('fence_ask', 'ask for a part', 'SELECT asks(part_id) FROM parts');
SELECT * FROM llm_ask('write a part');
SELECT * FROM llm_ask('ask for a part');
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM llm_ask('every part');
FETCH 1 FROM c;
INSERT INTO notes (said) VALUES ('between two fetches');
FETCH 1 FROM c;
SHOW transaction_read_only;
COMMIT;
SELECT said FROM notes ORDER BY note_id;
-- In a read-only transaction.
BEGIN READ ONLY;
SELECT * FROM llm_ask('every part') LIMIT 1;
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE;
SELECT * FROM llm_ask('every part') LIMIT 1;
COMMIT;
-- Inside of a check, the call is a call: it is refused, and not asked.
SELECT severity, code, message FROM llm_check('SELECT * FROM llm_ask(''every part'')');
INSERT INTO analytics_llm.example (name, question, sql)
VALUES ('fence_self', 'ask yourself', 'SELECT * FROM llm_ask(''ask yourself'')');
SELECT count(*) FROM analytics_llm.example WHERE name = 'fence_self';

-- Rights: of the role that runs it, for the call and for the tables.
CREATE ROLE regress_columns_one;
CREATE ROLE regress_columns_two;
GRANT USAGE ON SCHEMA columns_fences TO regress_columns_one, regress_columns_two;
GRANT SELECT ON parts TO regress_columns_one;
SET ROLE regress_columns_one;
SELECT * FROM llm_ask('every part') LIMIT 1;
PREPARE p AS SELECT * FROM llm_ask('every part') LIMIT 1;
SET ROLE regress_columns_two;
EXECUTE p;
SELECT * FROM llm_ask('every part') LIMIT 1;
RESET ROLE;
GRANT SELECT ON parts TO regress_columns_two;
REVOKE EXECUTE ON FUNCTION llm_ask(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_ask(text, jsonb) TO regress_columns_two;
SET ROLE regress_columns_two;
EXECUTE p;
SET ROLE regress_columns_one;
EXECUTE p;
EXPLAIN EXECUTE p;
SELECT * FROM llm_ask('every part') LIMIT 1;
EXPLAIN SELECT * FROM llm_ask('every part');
PREPARE q AS SELECT * FROM llm_ask('every part');
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM llm_ask('every part');
ROLLBACK;
COPY (SELECT * FROM llm_ask('every part')) TO stdout;
CREATE TEMP TABLE t AS SELECT * FROM llm_ask('every part');
CREATE TEMP VIEW v AS SELECT * FROM llm_ask('every part');
SELECT * FROM llm_ask('every part') \gdesc
DO $$ BEGIN PERFORM * FROM llm_ask('every part'); END $$;
SELECT llm_ask('every part');
RESET ROLE;
DEALLOCATE p;
REVOKE EXECUTE ON FUNCTION llm_ask(text, jsonb) FROM regress_columns_two;
GRANT EXECUTE ON FUNCTION llm_ask(text, jsonb) TO PUBLIC;
-- A privilege that is gone, and one that was never there.
REVOKE SELECT ON parts FROM regress_columns_one;
SET ROLE regress_columns_one;
SELECT * FROM llm_ask('every part');
SELECT * FROM llm_ask('every part') LIMIT 0;
RESET ROLE;

-- A certain answer is asked for.
SELECT * FROM llm_ask('how many parts', '{"min_confidence": 0.99}') LIMIT 0;

-- One query for a session, until what it uses is another.
PREPARE p AS SELECT * FROM llm_ask('every part') LIMIT 1;
EXECUTE p;
ALTER TABLE parts ADD COLUMN made_on date;
EXECUTE p;
CREATE TABLE elsewhere (i int);
EXECUTE p;
ALTER TABLE parts RENAME TO leftovers;
EXECUTE p;
ALTER TABLE leftovers RENAME TO parts;
EXECUTE p;
-- A definition that changes acts on the next statement.
UPDATE analytics_llm.example SET sql = 'SELECT colour FROM parts ORDER BY part_id' WHERE name = 'fence_all';
SELECT * FROM llm_ask('every part') LIMIT 1;
-- Where a prepared statement has to be analysed anew, other columns are an error.
ALTER TABLE parts DROP COLUMN made_on;
EXECUTE p;
DISCARD PLANS;
SELECT * FROM llm_ask('every part') LIMIT 1;

RESET search_path;
SET client_min_messages = warning;
DELETE FROM analytics_llm.example WHERE name LIKE 'fence_%';
DELETE FROM analytics_llm.allowed_function WHERE signature LIKE 'columns_fences.%';
DROP SCHEMA columns_fences CASCADE;
DROP ROLE regress_columns_one, regress_columns_two;
RESET client_min_messages;
