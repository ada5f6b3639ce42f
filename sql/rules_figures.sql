--
-- Figures: what is counted or added up, by what, and no row twice.
--
CREATE SCHEMA rules_figures;
SET search_path = rules_figures, public;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE,
	country text NOT NULL);
CREATE TABLE products (product_id int PRIMARY KEY, name text NOT NULL,
	category text NOT NULL, unit_price numeric(8,2) NOT NULL);
CREATE TABLE customers (customer_id int PRIMARY KEY, name text NOT NULL,
	segment text NOT NULL, signed_up_on date NOT NULL);
CREATE TABLE sales (sale_id int PRIMARY KEY, sold_on date NOT NULL,
	customer_id int NOT NULL REFERENCES customers,
	product_id int NOT NULL REFERENCES products,
	region_id int REFERENCES regions,
	quantity int NOT NULL, revenue numeric(12,2) NOT NULL);
INSERT INTO regions VALUES (1, 'West', 'US'), (2, 'East', 'US'),
	(3, 'North', 'Canada');
INSERT INTO products VALUES (1, 'Desk', 'Furniture', 200),
	(2, 'Chair', 'Furniture', 80), (3, 'Pen', 'Office', 2), (4, 'Pen', 'Gift', 5);
INSERT INTO customers VALUES (1, 'Ann', 'Consumer', '2023-01-05'),
	(2, 'Bob', 'Corporate', '2023-06-01'), (3, 'Ann', 'Consumer', '2024-02-01');
INSERT INTO sales VALUES
	(1, '2024-01-10', 1, 1, 1, 1, 200), (2, '2024-01-31', 1, 3, 1, 10, 20),
	(3, '2024-02-01', 2, 2, 2, 2, 160), (4, '2024-02-15', 2, 4, 3, 4, 20),
	(5, '2024-05-01', 3, 3, NULL, 5, 10), (6, '2023-12-31', 3, 1, 2, 1, 200);
ANALYZE;

-- The query is plain to read, and says what is joined.
SELECT llm_sql('revenue by region');
SELECT llm_sql('top 2 products by revenue');
SELECT llm_sql('revenue by month in 2024');

-- A sale without a region stays in the totals: the key may be null.
SELECT llm_ask('revenue by region');
SELECT r.name, sum(s.revenue) FROM sales s LEFT JOIN regions r USING (region_id)
 GROUP BY 1 ORDER BY 1;

-- Two things of one name are two things: the key is shown beside the name.
SELECT llm_ask('revenue by product');
SELECT p.name, p.product_id, sum(s.revenue) FROM sales s
  JOIN products p USING (product_id) GROUP BY 1, 2 ORDER BY 1, 2;

-- Counts: of rows, of different values, by a column of what is referred to.
SELECT llm_ask('how many customers');
SELECT llm_ask('How many customers do we have?');
SELECT llm_ask('number of sales by category');
SELECT llm_ask('number of different segments of customers');
SELECT llm_ask('number of sales per customer segment and region country');

-- Functions, several at once, and several figures at once.
SELECT llm_ask('average, minimum and maximum quantity of sales');
SELECT llm_ask('total revenue and number of sales by category');
SELECT llm_ask('average unit price by category');
SELECT llm_ask('what is the highest unit price');

-- Rankings keep ties, and say the figure.
SELECT llm_ask('top 1 products by revenue');
SELECT llm_ask('top 1 category by quantity');
SELECT llm_ask('bottom 2 categories by total quantity');
SELECT llm_ask('which customer has the most sales?');
SELECT llm_ask('product with the lowest unit price');

-- A sale without a region is no region's; those without sales are not ranked.
SELECT llm_ask('bottom 1 regions by revenue');
SELECT interpretation FROM llm_answer('bottom 1 regions by revenue');
UPDATE sales SET region_id = NULL WHERE region_id = 2;
SELECT llm_ask('which region has the most sales');
SELECT llm_sql('top 1 regions by revenue');

-- The reading is told in words.
SELECT interpretation
  FROM llm_answer('total revenue by region for product category Furniture in 2024');

SET client_min_messages = warning;
DROP SCHEMA rules_figures CASCADE;
