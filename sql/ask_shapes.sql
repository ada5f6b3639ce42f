--
-- Results of every shape become JSON that reads back as what it was.
--
CREATE SCHEMA ask_shapes;
SET search_path = ask_shapes, public;
CREATE TABLE pairs (pair_id int PRIMARY KEY, label text);
INSERT INTO pairs VALUES (1, 'one'), (2, NULL);
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE DOMAIN short AS text CHECK (length(VALUE) < 9);

-- Asks for the query as a verified example, and shows rows and columns.
-- Queries that the check refuses are to be met at their use.
ALTER TABLE analytics_llm.example DISABLE TRIGGER definition_check;
CREATE FUNCTION shape(query text) RETURNS TABLE (line text) LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM analytics_llm.example WHERE name = 'shape';
	INSERT INTO analytics_llm.example (name, question, sql)
	VALUES ('shape', 'show the shape', query);
	RETURN QUERY
	SELECT COALESCE(a.error_code, a.rows::text) FROM llm_answer('show the shape') AS a
	UNION ALL
	SELECT string_agg((c ->> 'name') || ' ' || (c ->> 'type'), ', ')
	  FROM llm_answer('show the shape') AS a, json_array_elements(a.columns) AS c;
END
$$;

-- Numbers that JSON has none for are strings, and are never null.
SELECT shape('SELECT ''NaN''::float8 AS a, ''Infinity''::float4 AS b, ''NaN''::numeric AS c, ''-Infinity''::numeric AS d');
-- No digit of a number is lost.
SELECT shape('SELECT 9223372036854775807 AS a, 12345678901234567890.123456789012345678901234567890 AS b, 0.1::float8 AS c, 1e308::float8 AS d, -0.0::float8 AS e');
-- Times.
SELECT shape('SELECT date ''2024-02-29'' AS a, timestamp ''2024-02-29 23:59:59.999999'' AS b, time ''24:00'' AS c, interval ''1 mon -1 day'' AS d, date ''infinity'' AS e, timestamp ''-infinity'' AS f, date ''0044-03-15 BC'' AS g');
-- JSON in JSON, XML, bytes, arrays, ranges, rows, enums, domains.
SELECT shape('SELECT ''{"a": [1, {"b": null}]}''::json AS a, ''{"a": [1, {"b": null}]}''::jsonb AS b, ''"text"''::jsonb AS c');
SELECT shape('SELECT decode(''00ff5c22'', ''hex'') AS a, B''101'' AS b, ''10.0.0.0/8''::cidr AS c, ''(1,2)''::point AS d');
SELECT shape('SELECT ARRAY[[1,2],[3,4]] AS a, ARRAY[]::text[] AS b, ARRAY[NULL, ''NULL''] AS c, int4range(1, 5) AS d, ''{[1,2),[4,5)}''::int4multirange AS e');
SELECT shape('SELECT ROW(1, ''a,"b'', NULL) AS a, ROW(ROW(1)) AS b');
SELECT shape('SELECT p AS a, (p).label AS b FROM pairs AS p ORDER BY pair_id');
SELECT shape('SELECT ''glad''::mood AS a, ''x''::short AS b, true AS c, NULL AS d, ''x''::char(3) AS e, ''x''::name AS f');
-- Characters that JSON or a terminal could take for something else.
SELECT shape('SELECT chr(1) || chr(9) || chr(10) || chr(27) || chr(127) AS a, ''"\\/'' AS b, ''</script>'' AS c, chr(8232) AS d, chr(128512) AS e, ''\u0000'' AS f');

-- Names: with quotes, with blanks, empty ones, repeated ones, and one that is
-- what a repeated one would become.
SELECT shape('SELECT 1 AS "a""b", 2 AS "a b", 3 AS "A", 4 AS "ü", 5 AS "a\\b", 6 AS "select"');
SELECT shape('SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a, 5 AS a_3');
SELECT shape('SELECT 1, 2, 3');
SELECT shape('SELECT * FROM pairs AS p JOIN pairs AS q USING (pair_id) ORDER BY 1');
-- A long name leaves room for its number.
SELECT shape(format('SELECT 1 AS %1$s, 2 AS %1$s', repeat('n', 63)));
SELECT shape(format('SELECT 1 AS "%1$s", 2 AS "%1$s"', repeat('ä', 31)));

-- No columns, no rows, neither.
SELECT shape('SELECT FROM pairs');
SELECT shape('SELECT * FROM pairs LIMIT 0');
SELECT shape('SELECT FROM pairs WHERE false');
SELECT shape('VALUES (1, ''a''), (2, ''b'')');
SELECT shape('TABLE pairs ORDER BY pair_id');

-- As many columns as a query may have, and one more.
SELECT count(*) FROM (
	SELECT 'SELECT ' || string_agg(i::text, ', ') FROM generate_series(1, 1664) AS i) AS q (query),
	shape(query);
-- However slow the machine, which may run all this under valgrind.
SET analytics_llm.request_timeout = '10min';
SELECT json_array_length(columns) AS columns, rows -> 0 ->> '?column?_1664' AS last,
	   error_code
  FROM llm_answer('show the shape');
RESET analytics_llm.request_timeout;
SET client_min_messages = error;
SELECT count(*) FROM (
	SELECT 'SELECT ' || string_agg(i::text, ', ') FROM generate_series(1, 1665) AS i) AS q (query),
	shape(query);
RESET client_min_messages;
SELECT columns, error_code FROM llm_answer('show the shape');

-- One row that is larger than all rows may be: nothing of it, and a doubt.
SET analytics_llm.max_result_size = '100kB';
DO $$ BEGIN PERFORM shape('SELECT repeat(''x'', 200000) AS a'); END $$;
SELECT row_count, truncated, rows, warnings FROM llm_answer('show the shape');
-- Rows that fit, up to the one that does not.
DO $$ BEGIN PERFORM shape('SELECT repeat(''x'', 10000) AS a FROM generate_series(1, 20)'); END $$;
SELECT row_count, truncated FROM llm_answer('show the shape');
RESET analytics_llm.max_result_size;

-- A cap in rows: exactly as many is not truncated.
DO $$ BEGIN PERFORM shape('SELECT i FROM generate_series(1, 10) AS i'); END $$;
SELECT row_count, truncated FROM llm_answer('show the shape', '{"row_limit": 10}');
SELECT row_count, truncated FROM llm_answer('show the shape', '{"row_limit": 9}');

DELETE FROM analytics_llm.example WHERE name = 'shape';
ALTER TABLE analytics_llm.example ENABLE TRIGGER definition_check;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA ask_shapes CASCADE;
RESET client_min_messages;
