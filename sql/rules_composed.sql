--
-- Figures made of figures: shares, ratios, differences, growth, averages over
-- groups, groups compared with a number or with their average.
--
CREATE SCHEMA rules_composed;
SET search_path = rules_composed, public;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE, country text NOT NULL);
CREATE TABLE sales (sale_id int PRIMARY KEY, sold_on date NOT NULL, region_id int REFERENCES regions,
	quantity int NOT NULL, revenue numeric NOT NULL);
INSERT INTO regions VALUES (1, 'West', 'US'), (2, 'East', 'US'), (3, 'North', 'CA');
INSERT INTO sales VALUES (1, '2023-03-05', 1, 1, 100), (2, '2023-04-05', 2, 2, 50), (3, '2024-03-07', 1, 4, 150),
	(4, '2024-04-01', 1, 1, 50), (5, '2024-06-09', 2, 3, 50), (6, '2024-06-10', NULL, 1, 100), (7, '2024-06-11', 3, 2, 100);
ANALYZE;

-- Shares: of all, and of one in all; a row without a region has its share.
SELECT llm_ask('share of revenue by region');
SELECT llm_ask('What percentage of revenue comes from West in 2024?');
SELECT llm_ask('number of sales by country as a percentage of the total');
SELECT message FROM llm_answer('share of average revenue by region');
SELECT message FROM llm_answer('share of revenue by region and year');
SELECT message FROM llm_answer('share of revenue');

-- Two figures side by side: groups that only one of them has are there.
SELECT llm_ask('ratio of revenue in West to revenue in East');
SELECT llm_ask('ratio of total revenue to total quantity by region');
SELECT llm_ask('difference in revenue between West and East');
SELECT llm_ask('revenue growth by region from 2023 to 2024');
SELECT llm_ask('How much did revenue grow from 2023 to 2024?');
SELECT message FROM llm_answer('difference between revenue in West and revenue in West');
SELECT message FROM llm_answer('ratio of revenue by region to revenue by country');

-- From unit to unit: May has no sales, so June is not compared with April.
SELECT llm_ask('month over month growth of revenue in 2024');
SELECT llm_ask('year-over-year change in number of sales by country');

-- Over the groups, where it is said that totals are meant.
SELECT llm_ask('average number of sales per region');
SELECT llm_ask('average total revenue per region in 2024');
SELECT message FROM llm_answer('average revenue per region');
SELECT llm_ask('regions with total revenue over 1 hundred');
SELECT llm_ask('regions with total revenue over 0.1 thousand in 2024');
SELECT llm_ask('regions with number of sales above the average');
SELECT message FROM llm_answer('regions with number of sales below the average');

-- A column that has the name of a form is meant by it.
ALTER TABLE sales ADD COLUMN share int NOT NULL DEFAULT 1;
SELECT llm_ask('total share by country');

-- With metrics; what does not add up has no shares.
INSERT INTO analytics_llm.metric (name, expression, base, additive) VALUES
	('net', 'sum(revenue) * 0.5', 'sales', true), ('price', 'sum(revenue) / sum(quantity)', 'sales', false);
SELECT llm_ask('share of net by country');
SELECT llm_ask('regions with net above average');
SELECT llm_ask('price growth from 2023 to 2024');
SELECT llm_ask('regions with price over 40');
SELECT message FROM llm_answer('share of price by country');

-- Words that nothing explains are told, whatever the form.
SELECT message FROM llm_answer('share of profit by region');
SELECT interpretation FROM llm_answer('month over month growth of net in 2024');

DELETE FROM analytics_llm.metric;
SET client_min_messages = warning;
DROP SCHEMA rules_composed CASCADE;
