--
-- Verified examples: the same question gets the verified query, checked again.
--
CREATE SCHEMA examples;
\set VERBOSITY terse
SET search_path = examples, public;
CREATE TABLE sales (sale_id int PRIMARY KEY, region text NOT NULL, revenue numeric NOT NULL);
INSERT INTO sales VALUES (1, 'West', 10), (2, 'East', 30), (3, 'West', 5);
ANALYZE;
CREATE ROLE regress_examples_reader;
GRANT USAGE ON SCHEMA examples TO regress_examples_reader;
GRANT SELECT ON sales TO regress_examples_reader;

INSERT INTO analytics_llm.example (name, question, sql)
VALUES ('churn', 'What is our churn, by Cohort?', 'SELECT region AS cohort, count(*) AS churn FROM sales GROUP BY 1 ORDER BY 1'),
	   ('rules_too', 'total revenue', 'SELECT sum(revenue) * 100 AS cents FROM sales');
SELECT name, normal_form, enabled, status, verified_by = current_user AS mine,
	   verified_at <= now() AS in_time
  FROM analytics_llm.example ORDER BY name;

-- Case, blanks and the mark at the end do not matter; everything else does.
SELECT llm_ask('what is our churn, by cohort');
SELECT error_code FROM llm_answer('what is our churn by cohort');

-- It goes before the rules.
SELECT llm_ask('total revenue');

-- Switched off, made a template, deleted: at once.
UPDATE analytics_llm.example SET enabled = false WHERE name = 'rules_too';
SELECT llm_ask('total revenue');
UPDATE analytics_llm.example SET enabled = true, question = 'total {what}', parameters = '{"what": "text"}',
	sql = 'SELECT sum(revenue) * 100 AS cents, :what AS of FROM sales' WHERE name = 'rules_too';
SELECT llm_ask('total revenue');
UPDATE analytics_llm.example SET question = 'total revenue', parameters = NULL, sql = 'SELECT sum(revenue) * 100 AS cents FROM sales'
 WHERE name = 'rules_too';
SELECT llm_ask('total revenue');
DELETE FROM analytics_llm.example WHERE name = 'rules_too';
SELECT llm_ask('total revenue');

-- The normal form follows the question, and is nobody's to set.
UPDATE analytics_llm.example SET question = 'Churn?!' WHERE name = 'churn';
SELECT llm_ask('churn');
UPDATE analytics_llm.example SET normal_form = 'x' WHERE name = 'churn';

-- One question, one example; a question at all; one that fits the index.
INSERT INTO analytics_llm.example (name, question, sql) VALUES ('again', '  CHURN.', 'SELECT 1');
INSERT INTO analytics_llm.example (name, question, sql) VALUES ('empty', ' ?', 'SELECT 1');
INSERT INTO analytics_llm.example (name, question, sql)
VALUES ('long', (SELECT string_agg(md5(i::text), ' ') FROM generate_series(1, 100) AS i), 'SELECT 1');

-- Everybody reads, those who are granted write, and each asks with their own
-- rights.
SET ROLE regress_examples_reader;
SELECT count(*) FROM analytics_llm.example;
SELECT llm_ask('churn');
INSERT INTO analytics_llm.example (name, question, sql) VALUES ('mine', 'mine', 'SELECT 1');
RESET ROLE;
REVOKE SELECT ON sales FROM regress_examples_reader;
SET ROLE regress_examples_reader;
SELECT error_code FROM llm_answer('churn');
RESET ROLE;

-- The query is checked when it is written, and at each use: here by a session
-- whose triggers do not fire.
UPDATE analytics_llm.example SET sql = 'DELETE FROM sales' WHERE name = 'churn';
UPDATE analytics_llm.example SET sql = 'SELECT no_such FROM sales' WHERE name = 'churn';
SET session_replication_role = replica;
UPDATE analytics_llm.example SET sql = 'DELETE FROM sales' WHERE name = 'churn';
RESET session_replication_role;
SELECT status, error_code, rows FROM llm_answer('churn', '{"cache": false}');
SELECT count(*) FROM sales;
SET session_replication_role = replica;
UPDATE analytics_llm.example SET sql = 'SELECT no_such FROM sales' WHERE name = 'churn';
RESET session_replication_role;
SELECT status, error_code, rows FROM llm_answer('churn', '{"cache": false}');

-- Inside a transaction, a change is seen by its own and ends with it.
UPDATE analytics_llm.example SET sql = 'SELECT 1 AS one' WHERE name = 'churn';
BEGIN;
UPDATE analytics_llm.example SET sql = 'SELECT 2 AS two' WHERE name = 'churn';
SELECT llm_ask('churn');
ROLLBACK;
BEGIN READ ONLY;
SELECT llm_ask('churn');
COMMIT;

-- A table that was given row security, or is closed, is not read.
REVOKE SELECT ON analytics_llm.example FROM PUBLIC;
SET ROLE regress_examples_reader;
SELECT error_code FROM llm_answer('churn');
RESET ROLE;
GRANT SELECT ON analytics_llm.example TO PUBLIC;
ALTER TABLE analytics_llm.example ENABLE ROW LEVEL SECURITY;
SET ROLE regress_examples_reader;
SELECT error_code FROM llm_answer('churn');
RESET ROLE;
ALTER TABLE analytics_llm.example DISABLE ROW LEVEL SECURITY;

SELECT llm_flush();
DELETE FROM analytics_llm.example;
SET client_min_messages = warning;
DROP SCHEMA examples CASCADE;
DROP ROLE regress_examples_reader;
