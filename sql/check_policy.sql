--
-- Limits, catalogs, parameters, and the edges of llm_check itself.
--
CREATE TABLE check_policy (a int);

-- The server's catalogs only where the setting opens them.
SELECT code, message, pos FROM llm_check('SELECT relname FROM pg_class');
SELECT code, message FROM llm_check('SELECT * FROM pg_catalog.pg_authid');
SELECT code, message FROM llm_check('SELECT table_name FROM information_schema.tables');
SELECT code, message FROM llm_check('SELECT * FROM pg_stat_activity');
SET analytics_llm.allow_system_catalogs = on;
SELECT code, message FROM llm_check('SELECT relname, oid::regclass FROM pg_class WHERE pg_table_is_visible(oid)');
SELECT code, message FROM llm_check('SELECT table_name FROM information_schema.tables');
SELECT code, message FROM llm_check('SELECT pg_read_file(''x'')');
RESET analytics_llm.allow_system_catalogs;

-- Names and numbers of catalog objects are not turned into each other; a
-- relation that is there and one that is not give the same answer.
SELECT code, message, pos FROM llm_check('SELECT 1259::regclass');
SELECT code, message, pos FROM llm_check('SELECT ''check_policy''::regclass');
SELECT code, message, pos FROM llm_check('SELECT ''not_there''::regclass');
SELECT code, message, pos FROM llm_check('SELECT regclass(''check_policy'')');
SELECT code, message, pos FROM llm_check('SELECT regclass(''not_there'')');
SELECT code, message, pos FROM llm_check('SELECT 10::regrole, 11::regnamespace');
SELECT code, message, pos FROM llm_check('SELECT ARRAY[1259::oid]::regclass[]');
SELECT code, message FROM llm_check('SELECT tableoid::regclass FROM check_policy');

-- A view over a catalog is its owner's decision.
CREATE VIEW check_policy_view AS SELECT relname FROM pg_class;
SELECT code, message FROM llm_check('SELECT relname FROM check_policy_view');
DROP VIEW check_policy_view;

-- Parameters have no values.
SELECT code, message, pos FROM llm_check('SELECT a FROM check_policy WHERE a = $1 OR a = $2');

-- Limits.
SELECT code, message FROM llm_check('SELECT 1 FROM check_policy' || repeat(', check_policy', 64));
SELECT code, message FROM llm_check('SELECT 1' || repeat(' UNION ALL SELECT 1', 33));
SELECT code, message FROM llm_check('SELECT 1' || repeat(' UNION ALL SELECT 1', 32));
SELECT code, message, pos FROM llm_check('SELECT count(*) FROM generate_series(1, 10000000)');
SELECT code, message FROM llm_check('SELECT generate_series(1, 100000000000::bigint, 2)');
SELECT code, message FROM llm_check('SELECT generate_series(1, 10000000) LIMIT 5');
SELECT code, message FROM llm_check('SELECT * FROM generate_series(1, 100000, 10)');

-- Queries of an honest size are not refused.
SELECT f.message
  FROM (VALUES ('SELECT a FROM check_policy WHERE a IN (1' || repeat(', 1', 1000) || ')'),
               ('SELECT a FROM check_policy WHERE a IN (-1' || repeat(', -1', 1000) || ')'),
               ('SELECT a FROM check_policy WHERE a::text IN (''1''::text' || repeat(', ''1''::text', 1000) || ')'),
               ('SELECT a FROM check_policy WHERE a > 1' || repeat(' AND a + 1 * 2 <> -3', 300)),
               ('SELECT a FROM check_policy WHERE a > 1' || repeat(' OR a BETWEEN 1 AND 2', 300)),
               ('SELECT CASE' || repeat(' WHEN a = 1 THEN ''x''', 300) || ' ELSE ''y'' END FROM check_policy'),
               ('SELECT a::text' || repeat(' || '' - '' || a', 100) || ' FROM check_policy'),
               ('SELECT ' || repeat('coalesce(', 50) || 'a' || repeat(', 1)', 50) || ' FROM check_policy'),
               ('SELECT a FROM check_policy p JOIN check_policy q USING (a) LEFT JOIN check_policy r USING (a)'),
               ('SELECT a AS "end", a AS case FROM check_policy p WHERE p.a = 1')) AS t (q),
       LATERAL llm_check(q) AS f;

-- Nothing and too much are errors of the caller.
SELECT * FROM llm_check(NULL);
SELECT * FROM llm_check(repeat(' ', 20000) || 'SELECT 1');
SET analytics_llm.max_sql_length = '32kB';
SELECT * FROM llm_check(repeat(' ', 20000) || 'SELECT 1');
SELECT * FROM llm_check(repeat(' ', 40000) || 'SELECT 1');
-- How the server words its refusal differs between versions.
\set VERBOSITY sqlstate
SET analytics_llm.max_sql_length = '33kB';
\set VERBOSITY default
RESET analytics_llm.max_sql_length;

DROP TABLE check_policy;
