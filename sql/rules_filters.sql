--
-- Filters: values are looked up in the data, numbers compared with columns.
--
CREATE SCHEMA rules_filters;
SET search_path = rules_filters, public;
CREATE TYPE channel AS ENUM ('web', 'shop');
CREATE TABLE cities (city_id int PRIMARY KEY, name text NOT NULL UNIQUE,
	state text NOT NULL);
CREATE TABLE stores (store_id int PRIMARY KEY, store_name text NOT NULL,
	city_id int NOT NULL REFERENCES cities, manager text);
CREATE TABLE orders (order_id int PRIMARY KEY,
	store_id int NOT NULL REFERENCES stores, channel channel NOT NULL,
	status text NOT NULL, ordered_on date NOT NULL, amount numeric NOT NULL);
INSERT INTO cities VALUES (1, 'New York', 'New York'), (2, 'Albany', 'New York'),
	(3, 'St. John''s', 'Ohio'), (4, 'Rome', 'Georgia');
INSERT INTO stores VALUES (1, 'Main', 1, 'Rome'), (2, 'Small', 2, 'Eve'),
	(3, 'Old', 3, NULL), (4, 'AC/DC', 4, 'O; DROP TABLE orders --');
INSERT INTO orders SELECT i, 1 + i % 4, CASE i % 2 WHEN 0 THEN 'web' ELSE 'shop' END::channel,
	(ARRAY['open', 'paid', 'Paid'])[1 + i % 3], date '2024-01-01' + i, i
	FROM generate_series(1, 24) AS i;
ANALYZE;

-- Any spelling of the case; all spellings that the data has.
SELECT llm_sql('how many orders with status PAID');
SELECT llm_ask('how many orders with status PAID');

-- A value of several words, and one with punctuation, bare or quoted.
SELECT llm_sql('amount in city St. John''s');
SELECT llm_sql('amount in store AC/DC');
SELECT llm_sql('amount in store "ac/dc"');
SELECT llm_sql('amount for state New York');

-- Values of an enum; several values of one column.
SELECT llm_sql('amount for channel web');
SELECT llm_ask('amount in city Albany or Rome by store');
SELECT sum(amount) FROM orders JOIN stores USING (store_id)
  JOIN cities c USING (city_id) WHERE c.name IN ('Albany', 'Rome');

-- A value that two columns hold is a question to be asked back.
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('amount in New York');
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('amount in Rome');

-- "Store Main" is its name; "store Rome" is not its manager.
SELECT llm_ask('amount in store Main');
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('amount in store Rome');
SELECT llm_ask('orders by manager Eve with amount under 10');

-- What no column holds is not understood, whatever it is.
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('amount in Atlantis');
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('amount in ''; DROP TABLE orders; --''');
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('amount for manager "x'' OR true --"');
SELECT llm_sql('amount for manager "O; DROP TABLE orders --"');

-- Comparisons.
SELECT llm_ask('how many orders with amount over 20');
SELECT llm_ask('how many orders with amount of at least 20');
SELECT llm_ask('how many orders with amount between 10 and 12');
SELECT llm_ask('how many orders with amount less than 1,000');
SELECT llm_ask('list orders with order id 7');

-- Of a group, "over" could be said of each row or of the total.
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('amount by store with amount over 20');

-- A table of unknown size is not searched; one that is known and small is.
CREATE TABLE fresh (fresh_id int PRIMARY KEY, colour text, weight_sum int);
INSERT INTO fresh VALUES (1, 'red', 1);
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('how many fresh with colour red');
ANALYZE fresh;
SELECT llm_ask('how many fresh with colour red');

SET client_min_messages = warning;
DROP SCHEMA rules_filters CASCADE;
