--
-- llm_ask_as and llm_rows: the caller says which columns, and gets them or an
-- error that lists both sides.
--
CREATE SCHEMA typed_columns;
SET search_path = typed_columns, public;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
INSERT INTO regions VALUES (1, 'North'), (2, 'South');
CREATE TABLE sales (sale_id int PRIMARY KEY, region_id int NOT NULL REFERENCES regions,
	revenue numeric(12,2) NOT NULL, sold_on date NOT NULL);
INSERT INTO sales SELECT i, 1 + i % 2, i + 0.25, date '2024-01-01' + i FROM generate_series(1, 40) AS i;
ANALYZE;
CREATE TYPE region_revenue AS (region text, revenue numeric(12,2));
CREATE DOMAIN positive AS numeric CHECK (VALUE > 0);
INSERT INTO analytics_llm.example (name, question, sql) VALUES
	('typed_many', 'many types', 'SELECT 1::int AS i, 2::bigint AS b, 1.50::numeric AS n, 0.1::float8 AS f, true AS t, ''2024-02-03''::date AS d, ''2024-02-03 04:05:06''::timestamp AS ts, ''{1,NULL,3}''::int[] AS a, ''{"x": [1]}''::jsonb AS j, NULL::text AS z, ''\x01ff''::bytea AS y, ''1 day 2 hours''::interval AS v'),
	('typed_first', 'the first sale', 'SELECT date_trunc(''month'', sold_on::timestamp) AS month, count(*) AS n FROM sales GROUP BY 1 ORDER BY 1 LIMIT 1'),
	('typed_names', 'two names', 'SELECT name AS a, upper(name) AS b FROM regions ORDER BY region_id'),
	('typed_big', 'a large number', 'SELECT 3000000000 AS n, 9007199254740993 AS m'),
	('typed_rows', 'a row of a table', 'SELECT region_id, name FROM regions ORDER BY region_id');

-- A list of columns: by name, whatever their order.
SELECT region, revenue FROM llm_rows('revenue by region') AS t (region text, revenue numeric) ORDER BY revenue DESC;
SELECT * FROM llm_rows('revenue by region') AS t (revenue numeric, region text);
SELECT * FROM llm_rows('revenue by region') AS t (revenue float8, region varchar(5));
-- It can be wrapped, joined, filtered, and stored as a view that asks.
SELECT upper(t.region), r.region_id FROM llm_rows('revenue by region') AS t (region text, revenue numeric)
  JOIN regions AS r ON r.name = t.region WHERE t.revenue > 0 ORDER BY r.region_id;
CREATE SCHEMA typed_views;
CREATE VIEW typed_views.asks AS SELECT * FROM llm_rows('revenue by region') AS t (region text, revenue numeric);
SELECT sum(revenue) FROM typed_views.asks;

-- None of the names: by place, where the types leave no other way.
SELECT * FROM llm_rows('revenue by region') AS t (place text, amount numeric);
SELECT * FROM llm_rows('revenue by region') AS t (amount numeric, place text);
SELECT * FROM llm_rows('two names') AS t (x text, y text);
SELECT * FROM llm_rows('two names') AS t (b text, a text);
SELECT * FROM llm_rows('how many sales') AS t (n bigint);
-- Some of the names, or another number of columns.
SELECT * FROM llm_rows('revenue by region') AS t (region text, amount numeric);
SELECT * FROM llm_rows('revenue by region') AS t (region text);
SELECT * FROM llm_rows('revenue by region') AS t (region text, revenue numeric, profit numeric);
SELECT * FROM llm_rows('revenue by region') AS t (region int, revenue numeric);

-- Casts: as for an assignment, and nothing may get lost.
SELECT * FROM llm_rows('many types') AS t (i bigint, b int, n numeric(3,1), f float8, t boolean, d date, ts timestamptz, a bigint[], j jsonb, z varchar(1), y bytea, v interval);
SELECT * FROM llm_rows('the first sale') AS t (month date, n int);
SELECT * FROM llm_rows('revenue by region') AS t (region text, revenue int);
SELECT * FROM llm_rows('revenue by region') AS t (region text, revenue numeric(12,1));
SELECT * FROM llm_rows('revenue by region') AS t (region varchar(3), revenue numeric);
SELECT * FROM llm_rows('a large number') AS t (n int, m bigint);
SELECT * FROM llm_rows('a large number') AS t (n float8, m float8);
SELECT * FROM llm_rows('revenue by region') AS t (region text, revenue positive);
SELECT * FROM llm_rows('how many sales for "North" in 2023') AS t (n positive);

-- A type: of rows, of a table, of one value.
SELECT * FROM llm_ask_as(NULL::region_revenue, 'revenue by region');
SELECT (r).region, (r).revenue FROM (SELECT llm_ask_as(NULL::region_revenue, 'revenue by region') AS r) AS s;
SELECT count(*) FROM (SELECT * FROM llm_ask_as(NULL::region_revenue, 'revenue by region')) AS s WHERE revenue > 400;
SELECT * FROM llm_ask_as(NULL::regions, 'a row of a table');
ALTER TABLE regions ADD COLUMN gone int;
ALTER TABLE regions DROP COLUMN gone;
SELECT * FROM llm_ask_as(NULL::regions, 'a row of a table');
SELECT llm_ask_as(NULL::bigint, 'how many sales');
SELECT llm_ask_as(0, 'how many sales') AS n;
SELECT llm_ask_as(NULL::bigint, 'revenue by region');
SELECT llm_ask_as(NULL::date, 'how many sales');
SELECT llm_ask_as(NULL::record, 'how many sales');
SELECT llm_rows('how many sales');
SELECT * FROM llm_rows('how many sales');
CREATE TYPE nothing AS ();
SELECT llm_ask_as(NULL::nothing, 'how many sales');

-- A probe asks nothing.
SELECT * FROM llm_ask_as(NULL::region_revenue, 'gibberish frobnicate') LIMIT 0;
EXPLAIN (COSTS OFF) SELECT * FROM llm_ask_as(NULL::region_revenue, 'gibberish frobnicate');
SELECT * FROM llm_rows('gibberish frobnicate') AS t (a int) WHERE false;
SELECT * FROM llm_rows('revenue by region') AS t (region text, revenue numeric) \gdesc
SELECT * FROM llm_ask_as(NULL::region_revenue, 'revenue by region') \gdesc

-- As for any question: no answer, doubt, options.
SELECT * FROM llm_rows('gibberish frobnicate') AS t (a int);
SELECT * FROM llm_rows('revenue by region', '{"row_limit": 1}') AS t (region text, revenue numeric);
SELECT * FROM llm_rows('revenue by region', '{"nonsense": 1}') AS t (region text, revenue numeric);
SELECT * FROM llm_rows('revenue by region', '[]') AS t (region text, revenue numeric);
SELECT * FROM llm_rows('revenue by region', NULL) AS t (region text, revenue numeric);
SELECT * FROM llm_rows(NULL) AS t (region text, revenue numeric);
SELECT * FROM llm_rows('revenue for "nowhere"') AS t (revenue numeric);

-- The same as an option of the other forms.
SELECT llm_ask('revenue by region', '{"columns": [["region", "text"], ["revenue", "numeric"]]}');
SELECT * FROM llm_ask('revenue by region', '{"columns": [["region", "text"], ["revenue", "numeric"]]}');
SELECT status, error_code, message FROM llm_answer('revenue by region', '{"columns": [["profit", "numeric"]]}');
SELECT llm_sql('revenue by region', '{"columns": [["profit", "numeric"]]}');
SELECT llm_ask('revenue by region', '{"columns": []}');
SELECT llm_ask('revenue by region', '{"columns": {}}');
SELECT llm_ask('revenue by region', '{"columns": ["region"]}');
SELECT llm_ask('revenue by region', '{"columns": [["region"]]}');
SELECT llm_ask('revenue by region', '{"columns": [["region", 1]]}');
SELECT llm_ask('revenue by region', '{"columns": [["region", "nonsense"]]}');
SELECT llm_ask('revenue by region', '{"columns": 1}');

-- Rows that say where they are from.
SELECT entry ->> 'region' AS region, entry -> '_llm' ->> 'model' AS model, entry #>> '{_llm,confidence_band}' AS band,
	   entry #> '{_llm,warnings}' AS warnings, entry #>> '{_llm,request_id}' ~ '^[0-9a-f-]{36}$' AS has_id
  FROM llm_ask('revenue by region', '{"meta": true}') AS t (entry) ORDER BY 1;
SELECT json_object_keys(entry) FROM llm_ask('revenue by region', '{"meta": false}') AS t (entry) LIMIT 9;
CREATE TEMP TABLE kept AS SELECT * FROM llm_ask('revenue by region', '{"meta": true}');
SELECT region, revenue, _llm ->> 'confidence' AS confidence FROM kept ORDER BY region;
DROP TABLE kept;

-- What is asked with other columns is another question.
SELECT * FROM llm_rows('revenue by region') AS t (region text, revenue numeric) LIMIT 1;
SELECT llm_ask('revenue by region') LIMIT 1;
SELECT llm_flush();
SELECT DISTINCT options::jsonb ->> 'columns' AS columns FROM analytics_llm.request
 WHERE question = 'how many sales' AND options::jsonb ? 'columns' ORDER BY 1;

-- Where the server refuses a column of the call, the hint says what to use.
SELECT region FROM llm_ask('revenue by region');
SELECT * FROM llm_ask('revenue by region') WHERE region = 'North';
SELECT * FROM llm_ask('revenue by region') ORDER BY 1;
SELECT DISTINCT * FROM public.llm_ask('revenue by region');
SELECT * FROM llm_ask('revenue by region') AS t (a, b);
SELECT * FROM llm_ask('revenue by region') AS t (a text, b numeric);
SELECT t.region FROM llm_ask('revenue by region') AS t;
DO $$ BEGIN PERFORM region FROM llm_ask('revenue by region'); END $$;
CREATE TEMP TABLE kept_rows (n int, region text, revenue numeric);
INSERT INTO kept_rows (region, revenue) SELECT * FROM llm_ask('revenue by region');
INSERT INTO kept_rows SELECT * FROM llm_ask('how many sales');
SELECT * FROM llm_ask('revenue by region') UNION ALL SELECT region, revenue FROM kept_rows;
SELECT * FROM llm_ask('how many sales') UNION ALL SELECT n FROM kept_rows;
INSERT INTO kept_rows (region, revenue) SELECT 1;
DROP TABLE kept_rows;
-- Another error has none.
SELECT nonsense FROM regions;
SELECT llm_ask('revenue by region'), nonsense FROM regions;
SELECT 'from llm_ask', nonsense FROM regions;

RESET search_path;
SET client_min_messages = warning;
DELETE FROM analytics_llm.example WHERE name LIKE 'typed_%';
DROP SCHEMA typed_columns, typed_views CASCADE;
RESET client_min_messages;
