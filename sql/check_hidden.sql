--
-- What a role may not execute, read or name says nothing of whether it is
-- there: the finding for a hidden thing is the finding for a missing one.
--
CREATE ROLE regress_hidden_analyst;
CREATE SCHEMA check_hidden;
GRANT USAGE ON SCHEMA check_hidden TO regress_hidden_analyst;
SET search_path = check_hidden, public;
CREATE TABLE people (id int, name text, salary numeric);
CREATE TABLE sales (id int, region text, amount numeric);
GRANT SELECT (id, name) ON people TO regress_hidden_analyst;
GRANT SELECT ON sales TO regress_hidden_analyst;
CREATE FUNCTION secret_rate(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION open_rate(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION open_rate(text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION secret_rows() RETURNS TABLE (secret_a int, secret_b int) LANGUAGE sql STABLE AS 'SELECT 1, 2';
CREATE FUNCTION open_rows() RETURNS TABLE (a int, b int) LANGUAGE sql STABLE AS 'SELECT 1, 2';
CREATE FUNCTION plus(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE OPERATOR #+# (LEFTARG = int, RIGHTARG = int, FUNCTION = plus);
CREATE AGGREGATE secret_sum(int) (SFUNC = int4pl, STYPE = int);
REVOKE EXECUTE ON FUNCTION secret_rate(int), open_rate(text), secret_rows(), plus(int, int) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION secret_sum(int) FROM PUBLIC;
CREATE AGGREGATE open_sum(int) (SFUNC = plus, STYPE = int);
CREATE TYPE secret_mood AS ENUM ('sad', 'happy');
SET ROLE regress_hidden_analyst;

-- A function without EXECUTE is missing, wherever it stands.
SELECT q, code, message, hint, pos
  FROM (VALUES (1, 'SELECT secret_rate(id) FROM sales'),
               (2, 'SELECT missing_rate(id) FROM sales'),
               (3, 'SELECT check_hidden.secret_rate(id) FROM sales'),
               (4, 'SELECT check_hidden.missing_rate(id) FROM sales'),
               (5, 'SELECT secret_sum(id) FROM sales'),
               (6, 'SELECT missing_sum(id) FROM sales'),
               (7, 'SELECT secret_a FROM secret_rows()'),
               (8, 'SELECT secret_a FROM missing_rows()')) AS t (n, q),
       LATERAL llm_check(q) AS f
 ORDER BY n, pos;

-- Of several functions of one name, the one that is meant is hidden: the
-- server's words for arguments that fit none.
SELECT code, message FROM llm_check('SELECT open_rate(region) FROM sales');
-- An operator's function is not named.
SELECT code, message FROM llm_check('SELECT 1 #+# 2');
-- What an aggregate is made of is executed for its owner.
SELECT code, message FROM llm_check('SELECT open_sum(id) FROM sales');

-- A wrong function name has suggestions, none of which is hidden or useless.
SELECT message, hint FROM llm_check('SELECT open_rat(1)');
SELECT message, hint FROM llm_check('SELECT secret_rat(1)');
SELECT message, hint FROM llm_check('SELECT pg_slep(1)');
SELECT message, hint FROM llm_check('SELECT sume(amount), uper(region), coun(*) FROM sales');

-- How many columns a relation has is not told by an alias that names more than
-- may be read.
SELECT q, code, message
  FROM (VALUES (1, 'SELECT a FROM people p (a)'),
               (2, 'SELECT a FROM people p (a, b, c)'),
               (3, 'SELECT a FROM people p (a, b, c, d)'),
               (4, 'SELECT a FROM (people JOIN sales USING (id)) AS j (a, b, c, d, e)'),
               (5, 'SELECT a FROM (people JOIN sales USING (id)) AS j (a, b, c, d, e, f, g)')) AS t (n, q),
       LATERAL llm_check(q) AS f
 ORDER BY n;

-- A string that becomes the name of a catalog's object says the same for all.
SELECT q, code, message, detail, pos
  FROM (VALUES (1, 'SELECT pg_typeof(1) = ''secret_mood'''),
               (2, 'SELECT pg_typeof(1) = ''missing_mood'''),
               (3, 'SELECT pg_typeof(1) = ''people'''),
               (4, 'SELECT coalesce(pg_typeof(1), ''not a type name'')'),
               (5, 'SELECT coalesce(pg_typeof(1), E''missing'')'),
               (6, 'SELECT coalesce(pg_typeof(1), $$people$$)')) AS t (n, q),
       LATERAL llm_check(q) AS f
 ORDER BY n;
-- The names of text search configurations are no secret.
SELECT code, message FROM llm_check('SELECT to_tsvector(''englisch'', region) FROM sales');

-- The columns of functions in FROM are known: a wrong name beside them is told
-- with all that is wrong, and with what it may have meant.
SELECT q, code, message, hint
  FROM (VALUES (1, 'SELECT nn, regio FROM sales, generate_series(1, 2) AS n'),
               (2, 'SELECT x.c, amuont FROM open_rows() AS x, sales'),
               (3, 'SELECT salary FROM people, generate_series(1, 2) AS n'),
               (4, 'SELECT e.valu, nam FROM people, jsonb_array_elements(''[1]'') AS e'),
               (5, 'SELECT k, ordinalty FROM people, json_each(''{}'') WITH ORDINALITY AS e (k, v)'),
               (6, 'SELECT a.x, a.z FROM jsonb_to_record(''{}'') AS a (x int, y int)')) AS t (n, q),
       LATERAL llm_check(q) AS f
 ORDER BY n, message COLLATE "C";
-- Right names beside them are not refused: no row.
SELECT q, message
  FROM (VALUES ('SELECT n, n.n, region FROM sales, generate_series(1, 2) AS n'),
               ('SELECT generate_series FROM generate_series(1, 2)'),
               ('SELECT x.a, b FROM open_rows() AS x'),
               ('SELECT value, e.value FROM jsonb_array_elements(''[1]'') AS e'),
               ('SELECT key, ordinality FROM json_each(''{}'') WITH ORDINALITY'),
               ('SELECT a, b FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3)) AS r (a, b)'),
               ('SELECT u FROM unnest(ARRAY[1, 2]) AS u'),
               ('SELECT (open_rows()).a'),
               ('SELECT region(sales), s.amount FROM sales, sales AS s'),
               ('SELECT int4(amount), text(id) FROM sales')) AS t (q),
       LATERAL llm_check(q) AS f;

RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA check_hidden CASCADE;
DROP ROLE regress_hidden_analyst;
