--
-- A DBA may let queries use a function that the policy refuses: a row of
-- analytics_llm.allowed_function, by signature.
--
CREATE SCHEMA check_allowed;
CREATE SCHEMA check_allowed_other;
SET search_path = check_allowed, public;
CREATE TABLE sales (id int, amount numeric);
INSERT INTO sales VALUES (1, 10), (2, 20);
CREATE TYPE money_kind AS ENUM ('cash', 'card');
CREATE FUNCTION counted(int) RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN $1; END';
CREATE FUNCTION counted(text) RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN 1; END';
CREATE FUNCTION by_kind(money_kind) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE FUNCTION as_owner() RETURNS int LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT 1';
CREATE FUNCTION writes() RETURNS int LANGUAGE sql VOLATILE AS 'INSERT INTO check_allowed.sales VALUES (3, 30) RETURNING id';
CREATE FUNCTION check_allowed_other.counted(int) RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN $1; END';

-- Refused before.
SELECT code, message, detail FROM llm_check('SELECT counted(id) FROM sales');

-- The signature is written out in full when it is stored, and must be one.
INSERT INTO analytics_llm.allowed_function VALUES
	('counted(int)', 'counts nothing'),
	('by_kind(money_kind)', 'reads a constant'),
	('check_allowed.as_owner()', 'reads what the owner lets all read'),
	('writes()', 'a mistake');
SELECT signature, reason FROM analytics_llm.allowed_function ORDER BY signature COLLATE "C";
INSERT INTO analytics_llm.allowed_function VALUES ('no_such(int)', 'not there');
INSERT INTO analytics_llm.allowed_function VALUES ('counted', 'there are two');
INSERT INTO analytics_llm.allowed_function VALUES ('check_allowed.counted(integer)', 'again');
INSERT INTO analytics_llm.allowed_function VALUES ('as_owner()', NULL);
UPDATE analytics_llm.allowed_function SET signature = 'no_such()' WHERE reason = 'a mistake';

-- It is that function and no other: not another of the name, not the same in
-- another schema, whatever the search_path.
SELECT q, code, message
  FROM (VALUES (1, 'SELECT counted(id), as_owner() FROM sales'),
               (2, 'SELECT by_kind(''cash'')'),
               (3, 'SELECT counted(''a'')'),
               (4, 'SELECT check_allowed_other.counted(id) FROM sales')) AS t (n, q),
       LATERAL llm_check(q) AS f
 ORDER BY n;
SET search_path = check_allowed_other, check_allowed, public;
SELECT code, message FROM llm_check('SELECT counted(id) FROM sales');
SELECT code, message FROM llm_check('SELECT check_allowed.counted(id) FROM sales');
SET search_path = check_allowed, public;

-- Allowed is not unfenced: the query is read-only, and nothing is written.
INSERT INTO analytics_llm.example (name, question, sql)
	VALUES ('allowed', 'what does it count', 'SELECT counted(id) AS n FROM sales ORDER BY 1'),
	       ('writes', 'what does it write', 'SELECT writes()');
SELECT llm_ask('what does it count');
SELECT status FROM llm_answer('what does it write');
SELECT count(*) FROM sales;

-- EXECUTE is needed all the same, and only who was granted it may write here.
CREATE ROLE regress_allowed_analyst;
GRANT USAGE ON SCHEMA check_allowed TO regress_allowed_analyst;
GRANT SELECT ON sales TO regress_allowed_analyst;
REVOKE EXECUTE ON FUNCTION counted(int), counted(text) FROM PUBLIC;
SET ROLE regress_allowed_analyst;
SELECT code, message FROM llm_check('SELECT counted(id) FROM sales');
SELECT code, message FROM llm_check('SELECT as_owner()');
INSERT INTO analytics_llm.allowed_function VALUES ('counted(text)', 'mine');
SELECT count(*) FROM analytics_llm.allowed_function;
RESET ROLE;

-- Taken out again, it is refused again.
DELETE FROM analytics_llm.allowed_function;
SELECT code, message FROM llm_check('SELECT counted(id) FROM sales');

SET client_min_messages = warning;
DELETE FROM analytics_llm.example WHERE name IN ('allowed', 'writes');
DROP SCHEMA check_allowed CASCADE;
DROP SCHEMA check_allowed_other CASCADE;
DROP ROLE regress_allowed_analyst;
