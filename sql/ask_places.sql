--
-- Places from which a question may be asked that is no plain SELECT: triggers,
-- constraints, defaults, functions that claim too much, rules, merge.
--
CREATE SCHEMA ask_places;
SET search_path = ask_places, public;
CREATE TABLE parts (part_id int PRIMARY KEY, weight int NOT NULL);
INSERT INTO parts SELECT i, i FROM generate_series(1, 10) AS i;
ANALYZE parts;
CREATE TABLE notes (note_id int PRIMARY KEY, said json);

-- A trigger asks about the table that is being written: it sees what its
-- statement has done, and the statement goes on.
CREATE FUNCTION note_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO notes SELECT NEW.part_id, llm_ask('how many parts');
	RETURN NEW;
END
$$;
CREATE TRIGGER before_row BEFORE INSERT ON parts FOR EACH ROW EXECUTE FUNCTION note_parts();
INSERT INTO parts VALUES (11, 11), (12, 12);
SELECT note_id, said FROM notes ORDER BY note_id;
DROP TRIGGER before_row ON parts;
DELETE FROM notes;
CREATE CONSTRAINT TRIGGER after_row AFTER INSERT ON parts DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION note_parts();
BEGIN;
INSERT INTO parts VALUES (13, 13);
SELECT count(*) FROM notes;
COMMIT;
SELECT note_id, said FROM notes ORDER BY note_id;
-- Its error is the statement's, and nothing of that is left.
CREATE OR REPLACE FUNCTION note_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM llm_ask('how many parts', '{"tier": 9}');
	RETURN NEW;
END
$$;
INSERT INTO parts VALUES (14, 14);
SELECT count(*) FROM parts;
DROP TRIGGER after_row ON parts;
DELETE FROM notes;

-- COPY, a default, a check, RETURNING, a rule, MERGE.
CREATE TABLE defaulted (id int CHECK ((llm_answer('how many parts')).row_count = 1),
	said text DEFAULT llm_sql('how many parts'));
COPY defaulted (id) FROM stdin;
1
2
\.
SELECT id, said = llm_sql('how many parts') AS same FROM defaulted ORDER BY id;
INSERT INTO defaulted (id) VALUES (3) RETURNING id, (llm_answer('how many parts')).rows;
CREATE RULE also AS ON INSERT TO defaulted DO ALSO INSERT INTO notes SELECT NEW.id, llm_ask('how many parts');
INSERT INTO defaulted (id) VALUES (4);
SELECT note_id, said FROM notes;
MERGE INTO notes USING (VALUES (4), (5)) AS v (id) ON note_id = v.id
 WHEN MATCHED THEN UPDATE SET said = (llm_answer('total weight')).rows
 WHEN NOT MATCHED THEN INSERT VALUES (v.id, (llm_answer('total weight')).rows);
SELECT note_id, said FROM notes ORDER BY note_id;
WITH w AS (INSERT INTO parts VALUES (20, 20) RETURNING part_id)
SELECT part_id, (llm_answer('how many parts')).rows FROM w;
SELECT llm_ask('how many parts');

-- Functions that claim to be what they are not.
CREATE FUNCTION claims_stable() RETURNS json LANGUAGE plpgsql STABLE AS
	$$ BEGIN RETURN (SELECT llm_ask('how many parts')); END $$;
SELECT claims_stable();
EXPLAIN (COSTS OFF) SELECT claims_stable() FROM parts;
CREATE FUNCTION claims_parallel() RETURNS json LANGUAGE plpgsql STABLE PARALLEL SAFE AS
	$$ BEGIN RETURN (SELECT llm_ask('how many parts')); END $$;
ALTER TABLE parts SET (parallel_workers = 2);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
\set VERBOSITY terse
SELECT count(claims_parallel()::text) FROM parts;
\set VERBOSITY default
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SELECT llm_ask('how many parts');

-- Exception blocks within one another; each level keeps its own.
DO $$
BEGIN
	BEGIN
		BEGIN
			PERFORM llm_ask('how many parts', '{"tier": 9}');
		EXCEPTION WHEN invalid_parameter_value THEN
			RAISE NOTICE 'first: %', (llm_answer('how many parts')).rows;
			PERFORM 1 / 0;
		END;
	EXCEPTION WHEN division_by_zero THEN
		RAISE NOTICE 'second: %', (llm_answer('how many parts')).rows;
		INSERT INTO parts VALUES (21, 21);
		RAISE NOTICE 'third: %', (llm_answer('how many parts')).rows;
	END;
	RAISE NOTICE 'fourth: %', (llm_answer('total weight')).rows;
END
$$;

-- Two cursors that are read in turns, over a question each.
DO $$
DECLARE
	a CURSOR FOR SELECT llm_ask('list parts', '{"row_limit": 10000}') AS said;
	b CURSOR FOR SELECT (llm_answer('how many parts')).rows AS said FROM generate_series(1, 3);
	x record;
	y record;
BEGIN
	OPEN a;
	OPEN b;
	FOR i IN 1..3 LOOP
		FETCH a INTO x;
		FETCH b INTO y;
		RAISE NOTICE '% %', x.said, y.said;
	END LOOP;
	CLOSE a;
	FETCH b INTO y;
	RAISE NOTICE 'more: %', y.said;
END
$$;

-- A table in which nobody would look, of partitions, of inheritance, foreign
-- keys to itself, without columns, without rows.
CREATE TABLE readings (reading_id int, taken_on date NOT NULL, degrees int) PARTITION BY RANGE (taken_on);
CREATE TABLE readings_2024 PARTITION OF readings FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE readings_2025 PARTITION OF readings FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO readings SELECT i, date '2024-12-01' + i, i FROM generate_series(1, 60) AS i;
CREATE TABLE empty_one ();
CREATE TABLE parents (parent_id int PRIMARY KEY, parent_of int REFERENCES parents);
CREATE TABLE children (toy text) INHERITS (parents);
INSERT INTO parents VALUES (1, NULL), (2, 1);
INSERT INTO children VALUES (3, 2, 'ball');
ANALYZE;
SELECT llm_ask('how many readings');
SELECT count(*) FROM llm_suggest(100) AS s WHERE s ~ '_20';
SELECT error_code, rows FROM llm_answer('how many empty one');
SELECT llm_ask('how many parents');
SELECT count(*) AS number_of_parents FROM parents;

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA ask_places CASCADE;
RESET client_min_messages;
