--
-- A function is judged by what the server resolved it to: its volatility, its
-- owner's rights, its language, and for the server's own, by name.
--
CREATE SCHEMA check_functions;
SET search_path = check_functions, public;
CREATE TABLE sales (id int, region text, amount numeric, sold_on timestamptz);
CREATE FUNCTION plain(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION reader() RETURNS bigint LANGUAGE plpgsql STABLE AS 'BEGIN RETURN (SELECT count(*) FROM check_functions.sales); END';
CREATE FUNCTION changing() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE FUNCTION as_owner() RETURNS int LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT 1';
CREATE FUNCTION sneaky(text) RETURNS text LANGUAGE internal STABLE AS 'pg_read_file_all';
CREATE FUNCTION plus_volatile(int, int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT $1';
CREATE OPERATOR ### (LEFTARG = int, RIGHTARG = int, FUNCTION = plus_volatile);
CREATE AGGREGATE odd_sum(int) (SFUNC = plus_volatile, STYPE = int);
CREATE FUNCTION plus(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE AGGREGATE even_sum(int) (SFUNC = plus, STYPE = int);
CREATE TYPE celsius AS (degrees int);
CREATE FUNCTION celsius_cast(celsius) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT $1.degrees';
CREATE CAST (celsius AS int) WITH FUNCTION celsius_cast(celsius);
CREATE FUNCTION celsius_json(celsius) RETURNS json LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN to_json(1); END';
CREATE CAST (celsius AS json) WITH FUNCTION celsius_json(celsius);
CREATE FUNCTION is_small(int) RETURNS boolean LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN $1 < 10; END';
CREATE DOMAIN small AS int CHECK (is_small(VALUE));
CREATE VIEW slow_view AS SELECT id, changing() AS c FROM sales;
CREATE VIEW owner_view AS SELECT id, as_owner() AS c FROM sales;
CREATE VIEW setting_view AS SELECT id FROM sales WHERE region = current_setting('app.region', true);

-- Refused, and why.
SELECT q, code, message, detail
  FROM (VALUES (1, 'SELECT pg_sleep(1)'),
               (2, 'SELECT * FROM pg_read_file(''postgresql.conf'')'),
               (3, 'SELECT lo_import(''/etc/passwd'')'),
               (4, 'SELECT pg_advisory_lock(1) FROM sales'),
               (5, 'SELECT query_to_xml(''DELETE FROM sales'', true, true, '''')'),
               (6, 'SELECT * FROM ts_stat(''SELECT 1'')'),
               (7, 'SELECT schema_to_xml(''public'', true, true, '''')'),
               (8, 'SELECT current_setting(''data_directory'')'),
               (9, 'SELECT set_config(''work_mem'', ''1MB'', false)'),
               (10, 'SELECT pg_terminate_backend(1)'),
               (11, 'SELECT * FROM pg_stat_get_activity(NULL)'),
               (12, 'SELECT txid_current()'),
               (13, 'SELECT pg_notify(''a'', ''b'')'),
               (14, 'SELECT to_regclass(''sales'')'),
               (15, 'SELECT has_table_privilege(''sales'', ''select'')'),
               (16, 'SELECT pg_get_viewdef(1)'),
               (17, 'SELECT changing()'),
               (18, 'SELECT as_owner()'),
               (19, 'SELECT sneaky(''x'')'),
               (20, 'SELECT 1 ### 2'),
               (21, 'SELECT odd_sum(id) FROM sales'),
               (22, 'SELECT ROW(1)::celsius::int'),
               (23, 'SELECT 1::small'),
               (24, 'SELECT * FROM slow_view'),
               (25, 'SELECT id FROM owner_view'),
               (26, 'SELECT count(*) FROM sales WHERE id = (SELECT changing())'),
               (27, 'SELECT sum(id) OVER (ORDER BY changing()) FROM sales'),
               (28, 'SELECT id FROM sales ORDER BY changing()'),
               (29, 'SELECT id FROM sales LIMIT changing()'),
               (30, 'SELECT * FROM sales, LATERAL changing() c'),
               (31, 'WITH w AS (SELECT changing() AS c) SELECT c FROM w'),
               (32, 'SELECT id FROM sales GROUP BY id HAVING changing() = 1'),
               (33, 'VALUES (changing())'),
               (34, 'SELECT 1 UNION SELECT changing()'),
               (35, 'SELECT ROW(1)::celsius')) AS t (n, q),
       LATERAL llm_check(q) AS f
 ORDER BY n, message COLLATE "C";

-- Attribute notation is a call like any other.
CREATE FUNCTION peek(sales) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
SELECT code, message FROM llm_check('SELECT (s).peek FROM sales s');
SELECT code, message FROM llm_check('SELECT s.peek FROM sales s');

-- What analysis needs is allowed: no row.
SELECT q, f.message
  FROM (VALUES ('SELECT plain(1), reader(), even_sum(id) FROM sales'),
               ('SELECT now(), current_date, clock_timestamp(), random(), gen_random_uuid()'),
               ('SELECT date_trunc(''month'', sold_on), to_char(sold_on, ''YYYY''), age(sold_on), extract(year FROM sold_on) FROM sales'),
               ('SELECT sold_on + interval ''1 day'' > ''2024-01-01''::date, sold_on AT TIME ZONE ''UTC'' FROM sales'),
               ('SELECT string_agg(region, '','' ORDER BY region), array_agg(id), jsonb_agg(sales), stddev(amount) FROM sales'),
               ('SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount), mode() WITHIN GROUP (ORDER BY region) FROM sales'),
               ('SELECT rank() OVER (ORDER BY amount), lag(amount) OVER (ORDER BY id), ntile(4) OVER (ORDER BY id) FROM sales'),
               ('SELECT sum(amount) OVER (ORDER BY sold_on RANGE BETWEEN interval ''7 days'' PRECEDING AND CURRENT ROW) FROM sales'),
               ('SELECT concat(region, 1), format(''%s'', region), upper(region), region ~ ''x'', regexp_replace(region, ''a'', ''b'') FROM sales'),
               ('SELECT to_tsvector(''english'', region) @@ to_tsquery(''x'') FROM sales'),
               ('SELECT row_to_json(s), to_jsonb(s) ->> ''id'' FROM sales s'),
               ('SELECT pg_typeof(1)::text, version(), current_user'),
               ('SELECT * FROM generate_series(now(), now() + interval ''1 day'', ''1 hour'')'),
               ('SELECT greatest(1, 2), coalesce(1, 2), nullif(1, 2), width_bucket(amount, 0, 10, 5) FROM sales'),
               -- What a view calls is its owner's business.
               ('SELECT id FROM setting_view')) AS t (q),
       LATERAL llm_check(q) AS f;

-- EXECUTE is needed, also for what a view calls.
CREATE ROLE regress_check_caller;
GRANT USAGE ON SCHEMA check_functions TO regress_check_caller;
GRANT SELECT ON sales TO regress_check_caller;
REVOKE EXECUTE ON FUNCTION plain(int) FROM PUBLIC;
SET ROLE regress_check_caller;
SELECT code, message, detail FROM llm_check('SELECT plain(id) FROM sales');
RESET ROLE;

-- A row security policy may call a SECURITY DEFINER function, nothing volatile.
ALTER TABLE sales ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON sales USING (id = as_owner());
SET ROLE regress_check_caller;
SELECT code, message FROM llm_check('SELECT id FROM sales');
SELECT code, message FROM llm_check('SELECT id, as_owner() FROM sales');
RESET ROLE;
ALTER POLICY own_rows ON sales USING (id = changing());
SET ROLE regress_check_caller;
SELECT code, message FROM llm_check('SELECT id FROM sales');
RESET ROLE;

SET client_min_messages = warning;
DROP SCHEMA check_functions CASCADE;
DROP ROLE regress_check_caller;
