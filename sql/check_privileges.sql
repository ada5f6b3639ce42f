--
-- What a role may not read does not exist for it: not as a relation, not as a
-- column, not as a suggestion.  The analyst may read one table, one column of
-- another, and thirty names with "zzsecret" in them never show.
--
CREATE ROLE regress_check_analyst;
CREATE SCHEMA check_privileges;
CREATE SCHEMA zzsecret_schema;
GRANT USAGE ON SCHEMA check_privileges TO regress_check_analyst;
SET search_path = check_privileges, public;
SET client_min_messages = warning;
CREATE TABLE sales (id int PRIMARY KEY, region text, amount numeric);
CREATE TABLE people (id int PRIMARY KEY, name text, zzsecret_salary numeric);
GRANT SELECT ON sales TO regress_check_analyst;
GRANT SELECT (id, name) ON people TO regress_check_analyst;
DO $$
BEGIN
	FOR i IN 1 .. 30 LOOP
		EXECUTE format('CREATE TABLE zzsecret%s (id int, zzsecret_value%s text)', i, i);
	END LOOP;
END $$;
CREATE TABLE zzsecret_schema.sales (id int);
CREATE VIEW zzsecret_view AS SELECT * FROM people;
CREATE VIEW people_view AS SELECT id, name FROM people;
GRANT SELECT ON people_view TO regress_check_analyst;
CREATE VIEW broken_view AS SELECT id FROM zzsecret1;
ALTER VIEW broken_view OWNER TO regress_check_analyst;
CREATE INDEX zzsecret_index ON people (id);
CREATE TABLE filtered (id int, region text);
ALTER TABLE filtered ENABLE ROW LEVEL SECURITY;
CREATE POLICY west ON filtered USING (region = 'west' AND EXISTS (SELECT 1 FROM sales));
GRANT SELECT ON filtered TO regress_check_analyst;
SET ROLE regress_check_analyst;

-- Allowed.
SELECT q, f.message
  FROM (VALUES ('SELECT * FROM sales'),
               ('SELECT id, name FROM people'),
               ('SELECT count(*) FROM people'),
               ('SELECT p.name, sum(s.amount) FROM people p JOIN sales s USING (id) GROUP BY p.name'),
               ('SELECT * FROM people_view'),
               ('SELECT * FROM filtered')) AS t (q),
       LATERAL llm_check(q) AS f;

-- What is not readable and what is not there give the same words.
SELECT code, message, detail, hint, pos FROM llm_check('SELECT id FROM zzsecret1');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT id FROM notthere1');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT id FROM zzsecret_schema.sales');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT id FROM notthere_schema.sales');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT zzsecret_salary FROM people');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT notthere_salary FROM people');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT p.zzsecret_salary FROM people p');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT p.notthere_salary FROM people p');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT NULL::zzsecret1');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT NULL::notthere1');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT zzsecret_schema.f()');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT notthere_schema.f()');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT ''zzsecret1''::regclass');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT ''notthere1''::regclass');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT nextval(''zzsecret1'')');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT nextval(''notthere1'')');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT * FROM zzsecret_index');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT * FROM notthere_index');

-- Beside a function, whose columns are not known before the server finds it.
SELECT code, message, detail, hint, pos FROM llm_check('SELECT zzsecret_salary FROM people, generate_series(1, 2)');
SELECT code, message, detail, hint, pos FROM llm_check('SELECT notthere_salary FROM people, generate_series(1, 2)');

-- A whole row needs all columns; only the relation is named.
SELECT q, code, message
  FROM (VALUES (1, 'SELECT * FROM people'),
               (2, 'SELECT p.* FROM people p'),
               (3, 'SELECT people FROM people'),
               (4, 'SELECT row_to_json(p) FROM people p'),
               (5, 'SELECT count(p) FROM people p'),
               (6, 'SELECT * FROM (SELECT * FROM people) q'),
               (7, 'SELECT * FROM people NATURAL JOIN sales'),
               (8, 'SELECT id FROM people NATURAL JOIN sales'),
               (9, 'TABLE people'),
               (10, 'WITH w AS (TABLE people) SELECT id FROM w'),
               (11, 'SELECT ARRAY(SELECT p FROM people p)'),
               (12, 'SELECT id FROM people ORDER BY people'),
               (13, 'SELECT j.* FROM (people JOIN sales USING (id)) AS j'),
               (14, 'SELECT json_populate_record(NULL::people, NULL)'),
               (15, 'SELECT ctid FROM people')) AS t (n, q),
       LATERAL llm_check(q) AS f
 ORDER BY n, message COLLATE "C";

-- Near misses of secret names, and everything that makes the server suggest or
-- expand: not one text of a finding has a secret that the query did not have.
SELECT q, f.code, f.message, f.detail, f.hint
  FROM (VALUES ('SELECT zsecret_salary FROM people'), ('SELECT secret_salary FROM people'),
               ('SELECT p.zsecret_salary FROM people p'), ('SELECT salary FROM people'),
               ('SELECT * FROM zsecret1'), ('SELECT * FROM zzsecret'), ('SELECT * FROM zsecret_schema.sales'),
               ('SELECT * FROM secret_view'), ('SELECT name FROM people GROUP BY id'),
               ('SELECT * FROM people GROUP BY id'), ('SELECT name, count(*) FROM people'),
               ('SELECT zz FROM people, sales'), ('SELECT people.zz FROM people p'),
               ('SELECT id FROM people, sales'), ('SELECT (p).zz FROM people p'),
               ('SELECT * FROM people JOIN sales USING (zz)'), ('SELECT p FROM people p WHERE p IS NOT NULL'),
               ('SELECT max(p) FROM people p'), ('SELECT p::text FROM people p'), ('SELECT (p).* FROM people p'),
               ('SELECT people.* FROM people p'), ('SELECT ROW(1, 2, 3)::people'), ('SELECT (NULL::people).*'),
               ('SELECT ''(1,a,2)''::people'), ('SELECT (NULL::zzsecret_view).*'),
               ('SELECT x.* FROM jsonb_populate_record(NULL::people, ''{}'') x'),
               ('SELECT to_jsonb(p) FROM (SELECT * FROM people) p'), ('SELECT name FROM people UNION SELECT * FROM people'),
               ('SELECT id FROM broken_view'), ('SELECT upper(p) FROM people p'), ('SELECT p + 1 FROM people p'),
               ('SELECT name FROM people p(a, b, c)'), ('SELECT c FROM people p(a, b, c)'),
               ('SELECT name FROM people p(a, b, c, d)')) AS t (q),
       LATERAL llm_check(q) AS f
 WHERE q !~ 'zzsecret' AND concat(f.code, f.message, f.detail, f.hint) ~ 'zzsecret';

-- None of these may run.
SELECT q
  FROM (VALUES ('SELECT (p).* FROM people p'), ('SELECT (NULL::people).*'), ('SELECT ''(1,a,2)''::people'),
               ('SELECT x.* FROM jsonb_populate_record(NULL::people, ''{}'') x'),
               ('SELECT c FROM people p(a, b, c)'), ('SELECT id FROM broken_view'),
               ('SELECT p::text FROM people p'), ('SELECT (NULL::zzsecret_view).*')) AS t (q)
 WHERE NOT EXISTS (SELECT 1 FROM llm_check(q) WHERE severity = 'error');

RESET ROLE;
-- The owner sees what the analyst does not.
SELECT code, message, hint FROM llm_check('SELECT zsecret_salary FROM people');
DROP SCHEMA check_privileges CASCADE;
DROP SCHEMA zzsecret_schema CASCADE;
DROP ROLE regress_check_analyst;
