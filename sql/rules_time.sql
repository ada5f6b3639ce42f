--
-- Time: half-open stretches of days, on the date that is meant.
--
CREATE SCHEMA rules_time;
SET search_path = rules_time, public;
CREATE TABLE orders (order_id int PRIMARY KEY, order_date date NOT NULL,
	shipped_date date, required_date date, freight numeric NOT NULL,
	last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE order_lines (order_id int REFERENCES orders, line int,
	quantity int NOT NULL, PRIMARY KEY (order_id, line));
CREATE TABLE visits (visit_id int PRIMARY KEY, visited_at timestamp NOT NULL,
	pages int NOT NULL);
CREATE TABLE staff (staff_id int PRIMARY KEY, name text, birth_date date,
	last_update timestamp);
CREATE TABLE trips (trip_id int PRIMARY KEY, began_on date, finished_on date,
	cost numeric);
CREATE TABLE races (race_id int PRIMARY KEY, name text NOT NULL, year int NOT NULL);
INSERT INTO orders SELECT i, date '2023-12-30' + i, date '2024-01-02' + i,
	date '2024-02-01' + i, i FROM generate_series(1, 100) AS i;
INSERT INTO order_lines SELECT i, 1, i FROM generate_series(1, 100) AS i;
INSERT INTO visits SELECT i, timestamp '2024-03-01 00:00' + i * interval '7 hours', i
	FROM generate_series(0, 99) AS i;
INSERT INTO races VALUES (1, 'A', 2014), (2, 'B', 2015), (3, 'C', 2015);
ANALYZE;

-- Each unit, by date and by timestamp.
SELECT q, llm_sql(q) FROM unnest(ARRAY['freight by day', 'freight by week',
	'freight by month', 'quarterly freight', 'pages by year', 'pages by day',
	'monthly pages']) AS q;
SELECT llm_ask('freight by month');

-- Each way to place a time.
SELECT q, regexp_replace(llm_sql(q), '.*WHERE ', '')
  FROM unnest(ARRAY['freight in 2024', 'freight in March 2024',
	'freight in feb of 2024', 'freight in Q2 2024', 'freight since 2023',
	'freight after 2022', 'freight before 2024', 'freight through 2024',
	'freight between 2023 and 2024', 'freight from 2024-01-05 to 2024-02',
	'freight on 2024-02-29', 'freight in December 2023']) AS q;
SELECT llm_ask('freight in December 2023');
SELECT llm_ask('how many visits on 2024-03-02');

-- Relative to today, compared with the server's own arithmetic.
INSERT INTO orders SELECT 1000 + i, current_date - i, NULL, NULL, 1
	FROM generate_series(0, 800) AS i;
SELECT p, (llm_answer('number of orders ' || p || ' year')).rows::jsonb -> 0 -> 'number_of_orders'
	= to_jsonb((SELECT count(*) FROM orders
				WHERE date_trunc('year', order_date) = date_trunc('year', current_date) - o)) AS same
  FROM (VALUES ('this', interval '0'), ('last', interval '1 year')) AS v (p, o);
SELECT u, (llm_answer('number of orders last ' || u)).rows::jsonb -> 0 -> 'number_of_orders'
	= to_jsonb((SELECT count(*) FROM orders
				WHERE date_trunc(u, order_date) = date_trunc(u, current_date)
					- (CASE u WHEN 'quarter' THEN '3 months' ELSE '1 ' || u END)::interval)) AS same
  FROM unnest(ARRAY['week', 'month', 'quarter']) AS u;

-- A date can be named by its verb.
SELECT llm_sql('number of orders shipped in 2024');

-- The lines of an order have the order's date.
SELECT llm_sql('quantity by month');

-- A year that is a number.
SELECT llm_ask('how many races in 2015');

-- No date says when: a birthday and a last update do not.
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('how many staff in 2024');
-- Two dates could be meant.
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('cost by month');
-- A month without a year is no time; a day that is none neither.
SELECT error_code FROM llm_answer('freight in March');
SELECT error_code FROM llm_answer('freight on 2024-02-30');
-- "until" may end before the year, or with it.
SELECT error_code FROM llm_answer('freight until 2024');
-- A number that only looks like a year.
SELECT llm_ask('how many orders with freight over 2000');

SET client_min_messages = warning;
DROP SCHEMA rules_time CASCADE;
