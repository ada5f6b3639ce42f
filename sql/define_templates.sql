--
-- Templates: verified questions with parameters, bound as constants of a type.
--
CREATE SCHEMA define_templates;
SET search_path = define_templates, public;
\set VERBOSITY default
CREATE TABLE sales (sale_id int PRIMARY KEY, region text NOT NULL, sold_on date NOT NULL, revenue numeric NOT NULL);
INSERT INTO sales VALUES (1, 'West', '2024-01-01', 10), (2, 'New York', '2024-02-01', 20), (3, 'O''Hare', '2023-01-01', 5);
ANALYZE;

INSERT INTO analytics_llm.example (name, question, sql, parameters) VALUES
	('churn', 'Churn of {region} in {year}?', 'SELECT count(*) AS churn FROM sales WHERE region = :region AND extract(year FROM sold_on) = :year',
	 '{"region": "text", "year": "integer"}'),
	('since', 'churn since {day}', 'SELECT count(*) AS churn FROM sales WHERE sold_on >= :day AND region <> '':day''', '{"day": "date"}'),
	('least', 'churn above {amount}', 'SELECT count(*) AS churn FROM sales WHERE revenue > :amount::numeric', '{"amount": "numeric"}');
SELECT name, status, problem FROM analytics_llm.example ORDER BY name;

SELECT llm_sql('churn of West in 2024');
SELECT llm_ask('churn of West in 2024');
SELECT llm_ask('  CHURN of New York   in 2024 ?');
SELECT llm_ask('churn of "O''Hare" in 2023');
SELECT llm_sql('churn since 2024-01-15');
SELECT llm_ask('churn above 7.5');
SELECT status, interpretation, model, confidence FROM llm_answer('churn of West in 2024');

-- The rest must be the same, and a value one of its type.
SELECT split_part(message, E'\n', 2) FROM llm_answer('churn for West in 2024');
SELECT split_part(message, E'\n', 2) FROM llm_answer('churn of West in spring');
SELECT split_part(message, E'\n', 2) FROM llm_answer('churn since January');
SELECT split_part(message, E'\n', 2) FROM llm_answer('churn since 2024-02-31');

-- Words of the language are no value, unless they are quoted.
SELECT split_part(message, E'\n', 2) FROM llm_answer('churn of West by month in 2024');
SELECT llm_ask('churn of "West by month" in 2024');

-- A value is data, whatever it looks like.
SELECT llm_sql('churn of "x'' OR true --" in 2024');
SELECT llm_ask('churn of "x'' OR true --" in 2024');
SELECT llm_sql('churn of ":year" in 2024');

-- Two templates that a question fits: neither is taken.
INSERT INTO analytics_llm.example (name, question, sql, parameters)
VALUES ('other', 'churn of {what} in {when}', 'SELECT :what AS what, :when AS "when"', '{"what": "text", "when": "text"}');
SELECT split_part(message, E'\n', 2) FROM llm_answer('churn of West in 2024');
-- A pair goes before a template.
INSERT INTO analytics_llm.example (name, question, sql) VALUES ('pair', 'churn of West in 2024', 'SELECT 42 AS churn');
SELECT llm_ask('churn of West in 2024');
DELETE FROM analytics_llm.example WHERE name IN ('other', 'pair');

-- What is wrong is refused.
INSERT INTO analytics_llm.example (name, question, sql, parameters) VALUES ('x', 'x {a}', 'SELECT :a', '["a"]');
INSERT INTO analytics_llm.example (name, question, sql, parameters) VALUES ('x', 'x {a}', 'SELECT :a', '{"a": "regclass"}');
INSERT INTO analytics_llm.example (name, question, sql, parameters) VALUES ('x', 'x {a}', 'SELECT :a', '{"A": "text"}');
INSERT INTO analytics_llm.example (name, question, sql, parameters) VALUES ('x', 'x {a} {b}', 'SELECT :a', '{"a": "text"}');
INSERT INTO analytics_llm.example (name, question, sql, parameters) VALUES ('x', 'x {a}', 'SELECT :b', '{"a": "text"}');
INSERT INTO analytics_llm.example (name, question, sql, parameters) VALUES ('x', 'x {a}', 'SELECT 1', '{"a": "text"}');
INSERT INTO analytics_llm.example (name, question, sql, parameters) VALUES ('x', 'x', 'SELECT :a', '{"a": "text"}');
INSERT INTO analytics_llm.example (name, question, sql, parameters) VALUES ('x', 'x {a}', 'SELECT no_such FROM sales WHERE region = :a', '{"a": "text"}');
INSERT INTO analytics_llm.example (name, question, sql, parameters) VALUES ('x', 'x {a}', 'DELETE FROM sales WHERE region = :a', '{"a": "text"}');
INSERT INTO analytics_llm.example (name, question, sql, parameters) VALUES ('x', 'x {a}', 'SELECT ''open FROM sales WHERE region = :a', '{"a": "text"}');
INSERT INTO analytics_llm.example (name, question, sql, parameters) VALUES ('x', 'x', 'SELECT 1', '{}');

-- After DDL.
ALTER TABLE sales RENAME COLUMN sold_on TO day;
SELECT name, status, problem FROM analytics_llm.example ORDER BY name;
SELECT split_part(message, E'\n', 2) FROM llm_answer('churn of West in 2024');

SET client_min_messages = warning;
DELETE FROM analytics_llm.example;
DROP SCHEMA define_templates CASCADE;
