--
-- SELECT * FROM llm_ask('...') has the columns of the answer, in every form of
-- statement that the server analyses as a whole.
--
CREATE SCHEMA real_columns;
SET search_path = real_columns, public;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
INSERT INTO regions VALUES (1, 'North'), (2, 'South'), (3, 'West');
CREATE TABLE sales (sale_id int PRIMARY KEY, region_id int NOT NULL REFERENCES regions,
	revenue numeric(12,2) NOT NULL, sold_on date NOT NULL);
INSERT INTO sales SELECT i, 1 + i % 3, i, date '2024-01-01' + i FROM generate_series(1, 40) AS i;
ANALYZE;

-- As a statement: names and types of the answer, in its order.
SELECT * FROM llm_ask('revenue by region');
SELECT * FROM llm_ask('revenue by region') \gdesc
SELECT * FROM llm_ask('revenue by region') LIMIT 2;
SELECT * FROM llm_ask('revenue by region') LIMIT 2 OFFSET 2;
SELECT * FROM llm_ask('revenue by region') AS r LIMIT ALL;
SELECT * FROM llm_ask('revenue by region', '{"row_limit": 10}') FETCH FIRST 1 ROW ONLY;
SELECT * FROM llm_ask(options => '{}', question => 'how many sales');
SELECT * FROM public.llm_ask('revenue' || ' by ' || 'region') OFFSET 2;
SELECT * FROM llm_ask('revenue by region') LIMIT 0;
SELECT * FROM llm_ask('revenue by region') LIMIT -1;

-- Directly under what takes a query.
PREPARE p AS SELECT * FROM llm_ask('revenue by region') LIMIT $1;
EXECUTE p(1);
EXECUTE p(NULL);
SET plan_cache_mode = force_generic_plan;
EXECUTE p(2);
RESET plan_cache_mode;
DEALLOCATE p;
COPY (SELECT * FROM llm_ask('revenue by region')) TO stdout WITH (FORMAT csv, HEADER);
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM llm_ask('revenue by region');
FETCH 1 FROM c;
INSERT INTO regions VALUES (4, 'East');
FETCH ALL FROM c;
DECLARE s SCROLL CURSOR FOR SELECT * FROM llm_ask('revenue by region');
FETCH LAST FROM s;
FETCH PRIOR FROM s;
FETCH FIRST FROM s;
DECLARE n NO SCROLL CURSOR FOR SELECT * FROM llm_ask('revenue by region');
FETCH 2 FROM n;
FETCH 2 FROM n;
ROLLBACK;
BEGIN;
DECLARE h CURSOR WITH HOLD FOR SELECT * FROM llm_ask('revenue by region');
COMMIT;
FETCH ALL FROM h;
CLOSE h;
CREATE TABLE kept AS SELECT * FROM llm_ask('revenue by region');
SELECT region, revenue FROM kept ORDER BY region;
CREATE TABLE named (r, v) AS SELECT * FROM llm_ask('revenue by region') LIMIT 1;
SELECT r, v FROM named;
CREATE TABLE empty AS SELECT * FROM llm_ask('revenue by region') WITH NO DATA;
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
 WHERE attrelid = 'empty'::regclass AND attnum > 0 ORDER BY attnum;
SELECT * INTO into_table FROM llm_ask('how many sales');
SELECT * FROM into_table;
DROP TABLE kept, named, empty, into_table;

-- A view stores the query as it would be written by hand: no cap, no mark.
CREATE VIEW by_region AS SELECT * FROM llm_ask('revenue by region');
\d by_region
SELECT replace(pg_get_viewdef('by_region'), 'llm_ask.', '');
CREATE OR REPLACE VIEW by_region AS SELECT * FROM llm_ask('revenue by region') AS r LIMIT 2;
SELECT regexp_replace(pg_get_viewdef('by_region'), '\mr\.(region|revenue)', '\1', 'g');
SELECT region FROM by_region WHERE revenue > 0 ORDER BY region DESC;
CREATE VIEW renamed (r, v) AS SELECT * FROM llm_ask('revenue by region');
SELECT r, v FROM renamed WHERE r = 'South';
CREATE MATERIALIZED VIEW stored AS SELECT * FROM llm_ask('revenue by region');
SELECT region, revenue FROM stored ORDER BY region;
INSERT INTO sales VALUES (100, 1, 1000, '2024-06-01');
REFRESH MATERIALIZED VIEW stored;
SELECT region, revenue FROM stored ORDER BY region;
SELECT replace(pg_get_viewdef('stored'), 'llm_ask.', '');
CREATE MATERIALIZED VIEW later AS SELECT * FROM llm_ask('how many sales') WITH NO DATA;
REFRESH MATERIALIZED VIEW later;
SELECT * FROM later;
DELETE FROM sales WHERE sale_id = 100;
DROP MATERIALIZED VIEW stored, later;
DROP VIEW by_region, renamed;
CREATE SCHEMA real_columns_inner CREATE VIEW v AS SELECT * FROM llm_ask('how many sales');
SELECT * FROM real_columns_inner.v;
DROP SCHEMA real_columns_inner CASCADE;
-- What the server asks of the query of a materialized view.
CREATE TEMP TABLE moths (moth_id int PRIMARY KEY, wings int);
SET search_path = pg_temp, real_columns, public;
CREATE MATERIALIZED VIEW stored AS SELECT * FROM llm_ask('how many moths');
CREATE VIEW passing AS SELECT * FROM llm_ask('how many moths');
SET search_path = real_columns, public;
DROP TABLE moths CASCADE;

-- In plpgsql: loops, cursors, RETURN QUERY, EXECUTE.
DO $$
DECLARE
	entry record;
	c CURSOR FOR SELECT * FROM llm_ask('revenue by region');
	d refcursor;
BEGIN
	FOR entry IN SELECT * FROM llm_ask('revenue by region') LOOP
		INSERT INTO regions SELECT max(region_id) + 1, entry.region || '2' FROM regions;
		RAISE NOTICE '% %', entry.region, entry.revenue;
	END LOOP;
	OPEN c;
	FETCH c INTO entry;
	RAISE NOTICE 'bound %', entry;
	CLOSE c;
	OPEN d FOR EXECUTE llm_sql('revenue by region');
	FETCH d INTO entry;
	RAISE NOTICE 'by hand %', entry;
	CLOSE d;
	OPEN d FOR EXECUTE 'SELECT * FROM llm_ask(' || quote_literal('how many sales') || ')';
	FETCH d INTO entry;
	RAISE NOTICE 'dynamic %', entry;
	CLOSE d;
	SELECT * INTO entry FROM llm_ask('how many sales');
	RAISE NOTICE 'into %', entry;
	ROLLBACK;
END
$$;
CREATE FUNCTION in_plpgsql() RETURNS TABLE (r text, v numeric) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY SELECT * FROM llm_ask('revenue by region');
END
$$;
SELECT r, v FROM in_plpgsql() WHERE v > 0 ORDER BY r;
SELECT r, v FROM in_plpgsql() ORDER BY r LIMIT 1;

-- Never in the body of an SQL function: it is analysed when it is created.
CREATE FUNCTION in_sql() RETURNS SETOF json LANGUAGE sql AS
	$$ SELECT * FROM llm_ask('revenue by region') $$;
SELECT in_sql();
SELECT count(*) FROM in_sql();
CREATE FUNCTION in_atomic() RETURNS SETOF json LANGUAGE sql
	BEGIN ATOMIC SELECT * FROM llm_ask('revenue by region'); END;
SELECT count(*) FROM in_atomic();
CREATE FUNCTION frobnicates() RETURNS SETOF json LANGUAGE sql AS
	$$ SELECT * FROM llm_ask('gibberish frobnicate') $$;
DROP FUNCTION in_plpgsql(), in_sql(), in_atomic(), frobnicates();

-- Whatever names the column of the call, or wraps the call, gets JSON.
SELECT llm_ask FROM llm_ask('how many sales');
SELECT t.* FROM llm_ask('how many sales') AS t;
SELECT * FROM llm_ask('how many sales') AS t (entry);
SELECT * FROM (SELECT * FROM llm_ask('how many sales')) AS s;
SELECT * FROM llm_ask('how many sales') WHERE true;
SELECT * FROM llm_ask('how many sales') WITH ORDINALITY;
SELECT *, 1 AS one FROM llm_ask('how many sales');
SELECT * FROM llm_ask('how many sales') AS a, llm_ask('how many regions') AS b;
WITH w AS (SELECT 1) SELECT * FROM llm_ask('how many sales');
SELECT * FROM llm_ask('how many sales') UNION ALL SELECT '{"sales":0}';
SELECT llm_ask('how many sales');

-- A parameter is no constant.
PREPARE q (text) AS SELECT * FROM llm_ask($1);
EXECUTE q('how many sales');
DEALLOCATE q;
DO $$
DECLARE
	question text := 'how many sales';
	entry json;
BEGIN
	SELECT * INTO entry FROM llm_ask(question);
	RAISE NOTICE '%', entry;
END
$$;

-- Another function of that name is none of ours.
CREATE FUNCTION real_columns.llm_ask(question text) RETURNS SETOF json LANGUAGE sql AS
	$$ SELECT '{"mine":1}'::json $$;
SELECT * FROM real_columns.llm_ask('how many sales');
DROP FUNCTION real_columns.llm_ask(text);

-- What cannot be answered is an error when it is analysed.
SELECT * FROM llm_ask('gibberish frobnicate') LIMIT 0;
PREPARE p AS SELECT * FROM llm_ask('gibberish frobnicate');
SELECT * FROM llm_ask('');
SELECT * FROM llm_ask(NULL);
SELECT * FROM llm_ask('how many sales', '{"nonsense": 1}');

-- Off, it is as it was.
SET analytics_llm.real_columns = off;
SELECT * FROM llm_ask('how many sales');
SELECT * FROM llm_ask('gibberish frobnicate') LIMIT 0;
RESET analytics_llm.real_columns;

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA real_columns CASCADE;
RESET client_min_messages;
