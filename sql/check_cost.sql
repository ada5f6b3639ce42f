--
-- The cost gate: with analytics_llm.max_plan_cost, a query whose plan is dearer
-- is refused before it runs.  Off by default, and given to roles by ALTER ROLE.
--
CREATE SCHEMA check_cost;
SET search_path = check_cost, public;
CREATE TABLE sales (id int PRIMARY KEY, region text);
INSERT INTO sales SELECT n, 'r' || n % 3 FROM generate_series(1, 1000) n;
ANALYZE sales;
INSERT INTO analytics_llm.example (name, question, sql)
	VALUES ('dear', 'all pairs', 'SELECT count(*) AS pairs FROM sales a, sales b'),
	       ('cheap', 'the first', 'SELECT region FROM sales WHERE id = 1');

-- Off: nothing is dear.
SHOW analytics_llm.max_plan_cost;
SELECT count(*) FROM llm_check('SELECT count(*) FROM sales a, sales b, sales c, sales d');
SELECT llm_ask('all pairs');

-- On: the dear one is refused, the cheap one runs, by the plan that was weighed.
SET analytics_llm.max_plan_cost = 1000;
SELECT code, severity, message, detail ~ '^Its cost is \d+, and the setting "analytics_llm.max_plan_cost" allows 1000.$' AS detail
  FROM llm_check('SELECT count(*) FROM sales a, sales b');
SELECT status, row_count FROM llm_answer('all pairs');
SELECT llm_ask('the first');
SELECT count(*) FROM llm_check('SELECT region, count(*) FROM sales GROUP BY region ORDER BY 2');
-- What is wrong otherwise is said instead.
SELECT code FROM llm_check('SELECT no_such FROM sales a, sales b');
-- An error of the planner speaks of the query.
SELECT code, message FROM llm_check('SELECT 1 / 0');
-- Zero refuses what has a cost; all have.
SET analytics_llm.max_plan_cost = 0;
SELECT code FROM llm_check('SELECT 1');
RESET analytics_llm.max_plan_cost;

-- It is a superuser's to set, for a role that cannot lift it.
CREATE ROLE regress_cost_analyst;
GRANT USAGE ON SCHEMA check_cost TO regress_cost_analyst;
GRANT SELECT ON sales TO regress_cost_analyst;
SET analytics_llm.max_plan_cost = 1000;
SET ROLE regress_cost_analyst;
SET analytics_llm.max_plan_cost = -1;
SELECT code FROM llm_check('SELECT count(*) FROM sales a, sales b');
RESET ROLE;
RESET analytics_llm.max_plan_cost;

-- A count of no rows is true, and said to be of none; a sum of none is a doubt.
INSERT INTO analytics_llm.example (name, question, sql)
	VALUES ('none', 'how many are gone', 'SELECT count(*) AS gone FROM sales WHERE id < 0'),
	       ('sum', 'how many are gone and which', 'SELECT count(*) AS gone, max(id) AS last FROM sales WHERE id < 0'),
	       ('some', 'how many are there and gone', 'SELECT count(*) AS n, count(*) FILTER (WHERE id < 0) AS gone FROM sales');
SELECT llm_ask('how many are gone');
SELECT llm_ask('how many are gone and which');
SELECT llm_ask('how many are there and gone');
SELECT question, warnings, message
  FROM unnest(ARRAY['how many are gone', 'how many are gone and which', 'how many are there and gone']) AS question,
       LATERAL llm_answer(question)
 ORDER BY question COLLATE "C";

DELETE FROM analytics_llm.example WHERE name IN ('dear', 'cheap', 'none', 'sum', 'some');
SET client_min_messages = warning;
DROP SCHEMA check_cost CASCADE;
DROP ROLE regress_cost_analyst;
