--
-- Metrics: what a figure is called, and how it is computed.
--
CREATE SCHEMA define_metrics;
SET search_path = define_metrics, public;
\set VERBOSITY default
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE customers (customer_id int PRIMARY KEY, name text NOT NULL UNIQUE, segment text NOT NULL);
CREATE TABLE sales (sale_id int PRIMARY KEY, sold_on date NOT NULL,
	customer_id int NOT NULL REFERENCES customers,
	region_id int NOT NULL REFERENCES regions,
	quantity int NOT NULL, price numeric(8,2) NOT NULL, cost numeric(8,2) NOT NULL,
	returned boolean NOT NULL DEFAULT false);
INSERT INTO regions VALUES (1, 'West'), (2, 'East');
INSERT INTO customers VALUES (1, 'Ann', 'Home'), (2, 'Bob', 'Office'), (3, 'Cid', 'Home');
INSERT INTO sales (sale_id, sold_on, customer_id, region_id, quantity, price, cost) VALUES (1, '2024-01-10', 1, 1, 2, 10, 4), (2, '2024-02-01', 2, 1, 1, 100, 40),
	(3, '2024-02-15', 2, 2, 3, 20, 5), (4, '2023-05-01', 3, 2, 5, 8, 1);
UPDATE sales SET returned = true WHERE sale_id = 3;
ANALYZE;
CREATE ROLE regress_metrics_analyst;
GRANT USAGE ON SCHEMA define_metrics TO regress_metrics_analyst;
GRANT SELECT ON regions, customers, sales TO regress_metrics_analyst;

-- Without a definition, nobody knows what net revenue is.
SELECT message, error_code FROM llm_answer('net revenue by region');

-- An aggregate with a filter; a value of each row; one that does not add up.
INSERT INTO analytics_llm.metric (name, expression, base, filter, unit, description)
VALUES ('net revenue', 'sum(quantity * price)', 'sales', 'NOT returned', 'EUR', 'without what came back');
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('margin', 'quantity * (price - cost)', 'sales');
INSERT INTO analytics_llm.metric (name, expression, base, additive)
VALUES ('margin rate', 'sum(quantity * (price - cost)) / nullif(sum(quantity * price), 0)', 'sales', false);
SELECT name, status, problem, defined_by = current_user AS mine, search_path FROM analytics_llm.metric ORDER BY name;

-- In groups, with conditions, in rankings; the filter is part of it.
SELECT llm_sql('net revenue by region in 2024');
SELECT llm_ask('net revenue by region in 2024');
SELECT llm_ask('total net revenue');
SELECT llm_ask('top 1 customers by net revenue');
SELECT llm_ask('which region has the highest net revenue?');
SELECT llm_ask('net revenue by segment and month');
SELECT llm_ask('net revenue in West');
SELECT interpretation FROM llm_answer('net revenue by region in 2024');

-- Beside another figure each keeps its own rows.
SELECT llm_sql('total net revenue and number of sales by region');
SELECT llm_ask('total net revenue and number of sales by region');

-- A value of each row is added up, averaged and compared like a column.
SELECT llm_ask('margin by region');
SELECT llm_ask('average margin by segment');
SELECT llm_sql('number of sales with margin over 50');
SELECT llm_ask('What is the average margin of sales in West?');
SELECT llm_ask('What is the average margin rate of sales?');

-- The rate is not a sum of rates.
SELECT llm_ask('margin rate by region');
SELECT message, error_code FROM llm_answer('total margin rate by region');
SELECT split_part(message, E'\n', 2) FROM llm_answer('average net revenue by region');

-- What is defined wins over what is derived, at once and in every kind of question.
SELECT llm_ask('price by region');
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('price', 'sum(price) / 100', 'sales');
SELECT llm_ask('price by region');
SELECT split_part(message, E'\n', 2) FROM llm_answer('What is the average price of sales in West?');
BEGIN;
UPDATE analytics_llm.metric SET expression = 'sum(price) / 10' WHERE name = 'price';
SELECT llm_ask('price by region');
ROLLBACK;
SELECT llm_ask('price by region');
UPDATE analytics_llm.metric SET enabled = false WHERE name = 'price';
SELECT llm_ask('total price by region');
DELETE FROM analytics_llm.metric WHERE name = 'price';

-- It is among what can be asked.
SELECT llm_suggest(3);

-- What is wrong is refused, and said.
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('x1', 'sum(prize)', 'sales');
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('x2', 'sum(price) FROM customers --', 'sales');
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('x3', 'price, cost', 'sales');
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('x4', '(SELECT count(*) FROM customers)', 'sales');
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('x5', 'max(sold_on)', 'sales');
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('x6', 'sum(price) OVER ()', 'sales');
INSERT INTO analytics_llm.metric (name, expression, base, filter) VALUES ('x7', 'sum(price)', 'sales', 'true GROUP BY region_id');
INSERT INTO analytics_llm.metric (name, expression, base, filter) VALUES ('x8', 'sum(price)', 'sales', 'pg_sleep(10) IS NULL');
INSERT INTO analytics_llm.metric (name, expression, base, filter) VALUES ('x9', 'sum(price)', 'sales', 'true UNION SELECT 1');
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('by', 'sum(price)', 'sales');
INSERT INTO analytics_llm.metric (name, expression, base) VALUES (' ', 'sum(price)', 'sales');

-- A draft may be wrong.
INSERT INTO analytics_llm.metric (name, expression, base, enabled) VALUES ('draft', 'sum(prize)', 'sales', false);
SELECT status, problem FROM analytics_llm.metric WHERE name = 'draft';
DELETE FROM analytics_llm.metric WHERE name = 'draft';

-- After DDL the status says what became of it; the word means nothing then,
-- rather than something else.
ALTER TABLE sales RENAME COLUMN price TO unit_price;
SELECT name, status, problem FROM analytics_llm.metric ORDER BY name;
SELECT split_part(message, E'\n', 2) FROM llm_answer('net revenue by region');
ALTER TABLE sales RENAME COLUMN unit_price TO price;
SELECT name, status, problem FROM analytics_llm.metric ORDER BY name;
SELECT llm_ask('net revenue by region');

-- A table that is renamed or moved is the same table.
ALTER TABLE sales RENAME TO deals;
SELECT llm_ask('net revenue by region');
ALTER TABLE deals RENAME TO sales;

-- For a role it is there as far as the role may read what it uses.
SET ROLE regress_metrics_analyst;
SELECT llm_ask('margin by region');
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('mine', 'sum(price)', 'sales');
RESET ROLE;
REVOKE SELECT ON sales FROM regress_metrics_analyst;
GRANT SELECT (sale_id, sold_on, customer_id, region_id, quantity, price, returned) ON sales TO regress_metrics_analyst;
SET ROLE regress_metrics_analyst;
SELECT llm_ask('net revenue by region');
SELECT split_part(message, E'\n', 2) FROM llm_answer('margin by region');
SELECT llm_suggest(2);
RESET ROLE;
REVOKE SELECT (sale_id, sold_on, customer_id, region_id, quantity, price, returned) ON sales FROM regress_metrics_analyst;
SET ROLE regress_metrics_analyst;
SELECT split_part(message, E'\n', 2) FROM llm_answer('net revenue by region');
RESET ROLE;

-- Its base is gone: the row says so, and goes on saying so.
SET client_min_messages = warning;
DROP TABLE sales;
SELECT name, status, replace(problem, substring(problem FROM '[0-9]+'), 'N') FROM analytics_llm.metric ORDER BY name;
SELECT split_part(message, E'\n', 2) FROM llm_answer('net revenue by region');
DELETE FROM analytics_llm.metric;
DROP SCHEMA define_metrics CASCADE;
DROP ROLE regress_metrics_analyst;
