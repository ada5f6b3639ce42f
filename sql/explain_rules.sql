--
-- llm_explain() says how the built-in rules read a question: words, readings with
-- their ranks, join path, SQL; or why they are silent.  Nothing is run or
-- recorded.
--
CREATE SCHEMA explain_rules;
SET search_path = explain_rules, public;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE customers (customer_id int PRIMARY KEY, name text NOT NULL, region_id int NOT NULL REFERENCES regions);
CREATE TABLE sales (sale_id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, sold_on date NOT NULL, revenue numeric NOT NULL);
INSERT INTO regions VALUES (1, 'West'), (2, 'East');
INSERT INTO customers VALUES (1, 'Ann', 1), (2, 'Bob', 2);
INSERT INTO sales VALUES (1, 1, '2024-01-01', 5), (2, 2, '2024-02-01', 7);
ANALYZE;
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('net', 'sum(revenue) * 0.8', 'sales');
CREATE FUNCTION told(question text) RETURNS TABLE (section text, item text, value text, detail text) LANGUAGE sql AS $$
SELECT section, item, value, detail FROM llm_explain(question)
 WHERE section IN ('words', 'readings', 'join path', 'rules')
$$;
SELECT llm_flush();
SELECT count(*) AS before FROM analytics_llm.request \gset
\pset format unaligned
\pset tuples_only on

-- Figures over two keys, with a value and a time.
SELECT * FROM told('net by region for West in 2024');
-- A sentence.
SELECT * FROM told('Which customers have more than 3 sales?');
-- What is made of figures.
SELECT * FROM told('share of revenue by region');
-- What is not understood, and what can be read in two ways.
SELECT * FROM told('profit by region') WHERE section = 'rules';
SELECT * FROM told('revenue by name') WHERE section IN ('readings', 'rules');

\pset tuples_only off
\pset format aligned
SELECT llm_flush();
SELECT count(*) = :before AS nothing_recorded FROM analytics_llm.request;
DELETE FROM analytics_llm.metric;
SET client_min_messages = warning;
DROP SCHEMA explain_rules CASCADE;
