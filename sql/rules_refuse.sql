--
-- What the rules refuse: words that nothing explains, sums that would count
-- twice, and questions that two readings fit.
--
CREATE SCHEMA rules_refuse;
SET search_path = rules_refuse, public;
CREATE TABLE customers (customer_id int PRIMARY KEY, name text NOT NULL,
	city text NOT NULL, credit numeric NOT NULL, age int NOT NULL);
CREATE TABLE suppliers (supplier_id int PRIMARY KEY, name text NOT NULL,
	city text NOT NULL);
CREATE TABLE products (product_id int PRIMARY KEY, title text NOT NULL UNIQUE,
	supplier_id int NOT NULL REFERENCES suppliers, unit_price numeric NOT NULL,
	score int NOT NULL);
CREATE TABLE orders (order_id int PRIMARY KEY,
	customer_id int NOT NULL REFERENCES customers,
	bill_to_id int NOT NULL REFERENCES customers (customer_id),
	product_id int NOT NULL REFERENCES products, amount numeric NOT NULL);
CREATE TABLE tags (tag_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE product_tags (product_id int REFERENCES products,
	tag_id int REFERENCES tags, PRIMARY KEY (product_id, tag_id));
CREATE TABLE budgets (budget_id int PRIMARY KEY, product_id int REFERENCES products,
	amount numeric NOT NULL);
INSERT INTO customers VALUES (1, 'Ann', 'Rome', 10, 30), (2, 'Bob', 'Oslo', 20, 40);
INSERT INTO suppliers VALUES (1, 'Acme', 'Rome');
INSERT INTO products VALUES (1, 'Desk', 1, 5, 3);
INSERT INTO orders VALUES (1, 1, 2, 1, 100), (2, 1, 1, 1, 50);
INSERT INTO tags VALUES (1, 'new');
INSERT INTO product_tags VALUES (1, 1);
ANALYZE;
CREATE VIEW refusal AS
SELECT q, error_code, split_part(message, E'\n', 2) AS told
  FROM (VALUES
	-- words that nothing explains; one is enough
	(1, 'churn by cohort'), (2, 'amount by customer churn'),
	(3, 'amount of unhappy customers'),
	-- words that turn the meaning round are never skipped
	(5, 'customers without orders'),
	(6, 'amount except Rome'), (7, 'growth of amount'),
	-- an amount of what is referred to would count once for each reference
	(8, 'credit by product'), (9, 'total credit by order'),
	-- many to many
	(11, 'amount by tag'),
	-- a key is no amount
	(12, 'total customer id'), (13, 'how many customers with customer id over 1'),
	-- two tables have such a column
	(14, 'amount by product'), (15, 'total amount'),
	-- two columns, two keys
	(16, 'number of orders by city'), (17, 'how many orders in Rome'),
	-- what is not added up is not added up
	(18, 'age by city'), (19, 'unit price by supplier'), (20, 'score'),
	-- of each, or in total
	(22, 'cities'), (23, 'credits'),
	-- averages over rows or over groups
	(24, 'average credit per city'),
	-- how many, by what
	(25, 'top customers by credit'), (26, 'top 3 customers'),
	(27, 'customers by city'),
	-- those without any would be missing
	(28, 'which customer has the fewest orders'),
	-- left over
	(29, 'how many customers 5'), (30, 'number of'), (31, 'by city'),
	(32, 'number of customers by city by'), (33, 'customers in'),
	(34, 'customers in us'), (35, 'how many customers or suppliers'),
	(36, 'customers and suppliers'), (37, '5'),
	(39, 'customers with orders'), (40, 'number of customers with orders'),
	(41, 'how many product tags'),
	-- a value says nothing of what is wanted; a name before a thing neither
	(42, 'Rome'), (43, 'Rome name'), (44, 'city customers'),
	(45, 'amount of orders for each Rome')
  ) AS v (n, q), llm_answer(q) ORDER BY n;
SELECT * FROM refusal;

-- Nothing was answered.
SELECT count(*) FROM refusal WHERE error_code IS NULL;

-- The same things, said so that one reading is left.
SELECT q, (llm_answer(q)).rows
  FROM unnest(ARRAY['total amount of orders', 'number of orders by customer',
	'number of orders by bill to', 'average age by city', 'total credit',
	'different cities of customers', 'average credit by city',
	'top 3 customers by credit', 'number of customers by city',
	'customers not in Rome', 'number of products by tag', 'credit of customers']) AS q;

-- Hostile texts end in an answer or a refusal, and never run.
CREATE FUNCTION fate(question text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT coalesce(error_code, rows::text) FROM llm_answer(question));
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN sqlerrm;
END $$;
SELECT left(q, 40) AS question, fate(q)
  FROM unnest(ARRAY[
	'''; DROP TABLE customers; --', 'how many customers; DROP TABLE customers',
	repeat('customers ', 300), repeat('city and ', 39), repeat('''', 50),
	repeat('number of ', 20), E'customers\x01\x02in Rome', '"""', '((((((',
	'customers in "Ro""me"', 'ünïcödé 顧客', 'top 999999999999999999999 customers by credit',
	'top 0 customers by credit', 'customers with credit over 99999999999999999999999999',
	'customers with credit over 1e400', 'orders between 2024 and 2023']) AS q;
SELECT count(*) FROM customers;

SET client_min_messages = warning;
DROP SCHEMA rules_refuse CASCADE;
