--
-- What the servers after 15 brought is judged as all else is.  Each query says
-- since which version it means something, and what must be found; only what
-- differs is listed, so there is never a row.
--
CREATE SCHEMA check_versions;
SET search_path = check_versions, public;
CREATE TABLE sales (id int, region text, tags int[], doc jsonb, sold_on timestamptz);
CREATE FUNCTION changing(int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT $1';
CREATE FUNCTION is_small(int) RETURNS boolean LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN $1 < 10; END';
CREATE DOMAIN small AS int CHECK (is_small(VALUE));
CREATE TABLE queries (since int, q text, code text);

-- Grouped expressions have an entry of their own in the range table since 18.
INSERT INTO queries VALUES
	(15, 'SELECT lower(region), count(*) FROM sales GROUP BY 1 HAVING count(*) > 1 ORDER BY 1', NULL),
	(15, 'SELECT s, count(*) FROM sales AS s GROUP BY s', NULL),
	(15, 'SELECT region, sum(count(*)) OVER (ORDER BY region) FROM sales GROUP BY ROLLUP (region)', NULL),
	(15, 'SELECT (SELECT max(t.id) FROM sales AS t WHERE t.region = s.region) FROM sales AS s GROUP BY s.region', NULL),
	(15, 'SELECT count(*) FROM sales GROUP BY changing(id)', 'policy_function'),
	(15, 'SELECT changing(id), count(*) FROM sales GROUP BY 1', 'policy_function'),
	(15, 'SELECT region FROM sales GROUP BY region, pg_sleep(1)::text', 'policy_function'),
	(15, 'SELECT changing(id) + 1 FROM sales GROUP BY GROUPING SETS ((changing(id)), ())', 'policy_function'),
	(15, 'SELECT current_setting(''work_mem''), count(*) FROM sales GROUP BY 1', 'policy_function'),
	(15, 'SELECT id::regclass, count(*) FROM sales GROUP BY 1', 'policy_catalog');

-- New functions: of analysis, of the server's machinery, and grammar that the
-- parser library does not know.
INSERT INTO queries VALUES
	(16, 'SELECT any_value(region), array_shuffle(tags), array_sample(tags, 1) FROM sales GROUP BY tags', NULL),
	(16, 'SELECT random_normal(), system_user, date_add(sold_on, ''1 day'', ''UTC'') FROM sales', NULL),
	(16, 'SELECT pg_input_is_valid(''secret'', ''regclass'')', 'policy_function'),
	(16, 'SELECT json_array(changing(1))', 'policy_function'),
	(16, 'SELECT doc IS JSON FROM sales', 'syntax_error'),
	(16, 'SELECT 1_000', 'syntax_error'),
	(17, 'SELECT random(1, 6), to_bin(5), JSON_VALUE(doc, ''$.a'') FROM sales', NULL),
	(17, 'SELECT JSON_VALUE(doc, changing(1)::text) FROM sales', 'policy_function'),
	(17, 'SELECT * FROM JSON_TABLE(''[1]'', ''$[*]'' COLUMNS (a int PATH ''$'')) AS t', 'syntax_error'),
	(17, 'SELECT * FROM pg_get_wait_events()', 'policy_function'),
	(18, 'SELECT uuidv7(), casefold(region), array_sort(tags) FROM sales', NULL),
	(18, 'WITH d AS (DELETE FROM sales RETURNING old.id) SELECT * FROM d', 'policy_write'),
	(18, 'SELECT * FROM pg_get_loaded_modules()', 'policy_function');

-- What views and tables of newer servers are made of.
DO $$
DECLARE
	version int := current_setting('server_version_num')::int / 10000;
BEGIN
	IF version >= 17 THEN
		EXECUTE 'CREATE VIEW json_rows AS SELECT * FROM JSON_TABLE(''[1]'', ''$[*]'' COLUMNS (a int PATH ''$'')) AS t';
		EXECUTE 'CREATE VIEW json_domain AS SELECT JSON_VALUE(''1''::jsonb, ''$'' RETURNING small) AS a';
		EXECUTE 'CREATE VIEW json_default AS SELECT JSON_VALUE(''1''::jsonb, ''$.a'' PASSING 1 AS x RETURNING int DEFAULT changing(2) ON EMPTY) AS a';
	END IF;
	IF version >= 18 THEN
		EXECUTE 'CREATE TABLE computed (id int, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL)';
	END IF;
END
$$;
INSERT INTO queries VALUES
	(17, 'SELECT * FROM json_rows', NULL),
	(17, 'SELECT * FROM json_domain', 'policy_function'),
	(17, 'SELECT * FROM json_default', 'policy_function'),
	(18, 'SELECT twice, count(*) FROM computed GROUP BY twice', NULL);
SELECT queries.*, found.code AS found, found.message
  FROM queries LEFT JOIN LATERAL llm_check(q) AS found ON true
 WHERE since <= current_setting('server_version_num')::int / 10000 AND
	   found.code IS DISTINCT FROM queries.code;

-- The expression of a virtual column is put into a query only when it is
-- planned, so nobody judges it.  The server lets it use its own functions and
-- types alone.
DO $$
BEGIN
	IF current_setting('server_version_num')::int >= 180000 THEN
		CREATE FUNCTION plain(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
		BEGIN
			EXECUTE 'CREATE TABLE trap (id int, a int GENERATED ALWAYS AS (check_versions.plain(id)) VIRTUAL)';
			RAISE 'a virtual column may use any function';
		EXCEPTION WHEN feature_not_supported THEN
			NULL;
		END;
	END IF;
END
$$;

SET client_min_messages = warning;
DROP SCHEMA check_versions CASCADE;
