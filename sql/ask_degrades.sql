--
-- When there is no answer: the code, the words, what each tier said, and what
-- to do.
--
CREATE SCHEMA ask_degrades;
SET search_path = ask_degrades, public;
CREATE TABLE orders (order_id int PRIMARY KEY, placed_on date NOT NULL, amount numeric NOT NULL, status text NOT NULL);
INSERT INTO orders SELECT i, date '2024-01-01' + i, i, 'open' FROM generate_series(1, 10) AS i;
ANALYZE orders;

-- Words that nothing explains are named, with questions that work.
SELECT llm_ask('churn by cohort');
SELECT llm_sql('churn by cohort');
SELECT status, tier, model, confidence_band, sql, rows, error_code, message
  FROM llm_answer('churn by cohort');

-- The support address is in the hint.
ALTER SYSTEM SET analytics_llm.support_url = 'https://example.com/data';
SELECT pg_reload_conf();
\c -
SET search_path = ask_degrades, public;
SELECT llm_ask('churn by cohort');
ALTER SYSTEM RESET analytics_llm.support_url;
SELECT pg_reload_conf();
\c -
SET search_path = ask_degrades, public;

-- A query that is checked and fails while it runs.
INSERT INTO analytics_llm.example (name, question, sql)
VALUES ('failing', 'orders per nothing', 'SELECT 1 / (count(*) - 10) AS n FROM orders'),
	   ('endless', 'orders without end', 'SELECT count(*) FROM generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS b');
SELECT llm_ask('orders per nothing');
SET analytics_llm.query_timeout = '50ms';
SELECT llm_ask('orders without end');
RESET analytics_llm.query_timeout;
SELECT llm_flush();
SELECT model_used, status, error_code, validation_passed, fallback_used
  FROM analytics_llm.log WHERE user_input LIKE 'orders%'
 ORDER BY user_input COLLATE "C", attempt;
DELETE FROM analytics_llm.example WHERE name IN ('failing', 'endless');

-- A role that may read nothing learns no name.
CREATE ROLE regress_reads_nothing;
SET ROLE regress_reads_nothing;
SELECT llm_ask('how many orders');
SELECT * FROM llm_suggest();
RESET ROLE;

RESET search_path;
DROP SCHEMA ask_degrades CASCADE;
DROP ROLE regress_reads_nothing;
