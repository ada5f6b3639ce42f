--
-- A question in every form of statement, under every setting of the planner
-- and of transactions, is the same question with the same answer.
--
CREATE SCHEMA ask_forms;
SET search_path = ask_forms, public;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
INSERT INTO regions VALUES (1, 'North'), (2, 'South');
CREATE TABLE sales (sale_id int PRIMARY KEY, region_id int NOT NULL REFERENCES regions,
	revenue int NOT NULL);
INSERT INTO sales SELECT i, 1 + i % 2, i FROM generate_series(1, 40) AS i;
ANALYZE;

-- Probes cost nothing: the function is not called.
SELECT llm_ask('gibberish frobnicate') LIMIT 0;
SELECT * FROM llm_ask('gibberish frobnicate') WHERE false;
SELECT * FROM llm_ask('gibberish frobnicate') AS t (entry) LIMIT 0;
EXPLAIN (COSTS OFF) SELECT * FROM llm_ask('gibberish frobnicate') AS t (entry);
PREPARE probe AS SELECT llm_ask('gibberish frobnicate');
SELECT llm_ask('gibberish frobnicate') \gdesc
DEALLOCATE probe;

-- Prepared, with a parameter, over and over, and after what it reads changed.
PREPARE ask (text) AS SELECT llm_ask($1);
EXECUTE ask('revenue by region');
SET plan_cache_mode = force_generic_plan;
EXECUTE ask('how many sales');
ALTER TABLE sales ADD COLUMN cost int;
EXECUTE ask('how many sales');
ALTER TABLE sales DROP COLUMN cost;
EXECUTE ask('how many sales');
SET plan_cache_mode = force_custom_plan;
EXECUTE ask('how many sales');
RESET plan_cache_mode;
EXECUTE ask(NULL);
DEALLOCATE ask;

-- A cursor, COPY, CREATE TABLE AS, views, functions, DO.
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT llm_ask('revenue by region');
FETCH 1 FROM c;
FETCH ALL FROM c;
FETCH BACKWARD ALL FROM c;
COMMIT;
BEGIN;
DECLARE h CURSOR WITH HOLD FOR SELECT * FROM llm_ask('revenue by region') AS t (entry);
COMMIT;
FETCH ALL FROM h;
CLOSE h;
COPY (SELECT llm_ask('revenue by region')) TO stdout;
CREATE TABLE kept AS SELECT * FROM llm_ask('revenue by region') AS t (entry);
SELECT entry FROM kept ORDER BY entry ->> 'region';
CREATE VIEW seen AS SELECT entry ->> 'region' AS region FROM llm_ask('revenue by region') AS entry;
SELECT region FROM seen ORDER BY region;
-- A materialized view is filled with a search path of its own, since 17.
CREATE FUNCTION regions_asked() RETURNS TABLE (region text)
LANGUAGE sql SET search_path = ask_forms, public AS
	$$ SELECT entry ->> 'region' FROM llm_ask('revenue by region') AS entry $$;
CREATE MATERIALIZED VIEW kept_view AS SELECT * FROM regions_asked();
REFRESH MATERIALIZED VIEW kept_view;
SELECT region FROM kept_view ORDER BY region;
CREATE FUNCTION through(question text) RETURNS SETOF json LANGUAGE sql AS
	$$ SELECT llm_ask(question) $$;
SELECT through('how many sales');
SELECT q, a FROM (VALUES ('how many sales'), ('how many regions')) AS t (q), LATERAL llm_ask(q) AS a;
DO $$
DECLARE
	entry json;
BEGIN
	FOR entry IN SELECT llm_ask('revenue by region') LOOP
		RAISE NOTICE '%', entry;
	END LOOP;
END
$$;
SELECT CASE WHEN false THEN llm_sql('gibberish frobnicate') ELSE 'not asked' END;

-- Two in one statement, and one after an error.
SELECT llm_ask('how many sales') AS sales, llm_ask('how many regions') AS regions;
BEGIN;
SAVEPOINT s;
SELECT llm_ask('how many sales', '{"tier": 4}');
ROLLBACK TO s;
SELECT llm_ask('how many sales');
COMMIT;

-- Its own changes are seen, and those that were rolled back are not.
BEGIN;
INSERT INTO sales VALUES (100, 1, 1000);
SELECT llm_ask('how many sales');
SAVEPOINT s;
INSERT INTO sales VALUES (101, 1, 1000);
SELECT llm_ask('how many sales');
ROLLBACK TO s;
SELECT llm_ask('how many sales');
ROLLBACK;
SELECT llm_ask('how many sales');

-- A question does not change the transaction that it is asked in.
BEGIN;
SET LOCAL statement_timeout = '1min';
SELECT llm_ask('how many sales');
SHOW statement_timeout;
SHOW transaction_read_only;
INSERT INTO sales VALUES (100, 1, 1000);
ROLLBACK;

-- Isolation levels and read-only transactions.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT llm_ask('how many sales');
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE;
SELECT llm_ask('how many sales');
COMMIT;
SET default_transaction_isolation = serializable;
SELECT llm_ask('how many sales');
RESET default_transaction_isolation;
SET default_transaction_read_only = on;
SELECT llm_ask('how many sales');
SELECT status FROM llm_answer('how many sales', '{"cache": false}');
RESET default_transaction_read_only;

-- Parallel plans, compiled plans, odd planner settings.
ALTER TABLE sales SET (parallel_workers = 2);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT llm_ask('revenue by region');
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SET jit_above_cost = 0;
SELECT llm_ask('revenue by region');
RESET jit_above_cost;
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_hashagg = off;
SELECT llm_ask('revenue by region');
RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_hashagg;

-- Settings that change how texts are read and written.
SET standard_conforming_strings = off;
SET DateStyle = 'German, DMY';
SET IntervalStyle = 'iso_8601';
SET bytea_output = 'escape';
SET extra_float_digits = -15;
SET quote_all_identifiers = on;
SET lc_numeric = 'C';
SELECT llm_ask('revenue by region');
SELECT error_code FROM llm_answer(E'revenue for "No\rth"');
SELECT status FROM llm_answer('how many sales for "North"');
RESET ALL;
SET search_path = ask_forms, public;

-- What a pooler sends between clients.
DISCARD ALL;
SET search_path = ask_forms, public;
SELECT llm_ask('how many sales');
DISCARD PLANS;
DISCARD TEMP;
DISCARD SEQUENCES;
RESET SESSION AUTHORIZATION;
SELECT llm_ask('how many sales');

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA ask_forms CASCADE;
RESET client_min_messages;
