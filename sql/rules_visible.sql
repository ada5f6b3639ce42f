--
-- The rules know what the role may read, at once when that changes.
--
CREATE SCHEMA rules_visible;
SET search_path = rules_visible, public;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE sales (sale_id int PRIMARY KEY, region_id int NOT NULL REFERENCES regions,
	revenue numeric NOT NULL, margin numeric NOT NULL);
INSERT INTO regions VALUES (1, 'West'), (2, 'East');
INSERT INTO sales VALUES (1, 1, 10, 1), (2, 2, 30, 2);
ANALYZE;
CREATE ROLE regress_rules_reader;
GRANT USAGE ON SCHEMA rules_visible TO regress_rules_reader;
CREATE FUNCTION told(question text) RETURNS text LANGUAGE sql
	RETURN (SELECT coalesce(rows::text, split_part(message, E'\n', 2))
			  FROM llm_answer(question));

-- Nothing, then a column, then a table, then nothing again.
SET ROLE regress_rules_reader;
SELECT told('how many sales');
SELECT * FROM llm_suggest(5);
RESET ROLE;
GRANT SELECT (sale_id, revenue) ON sales TO regress_rules_reader;
SET ROLE regress_rules_reader;
SELECT told('total revenue'), told('total margin'), told('revenue by region');
RESET ROLE;
GRANT SELECT ON sales, regions TO regress_rules_reader;
SET ROLE regress_rules_reader;
SELECT told('total margin'), told('revenue by region');
SELECT * FROM llm_suggest(3);
RESET ROLE;
REVOKE ALL ON regions, sales FROM regress_rules_reader;
SET ROLE regress_rules_reader;
SELECT told('total revenue');
RESET ROLE;

-- A role that reads all.
GRANT pg_read_all_data TO regress_rules_reader;
SET ROLE regress_rules_reader;
SELECT told('revenue by region');
RESET ROLE;

-- Changes of names, types and keys.
ALTER TABLE sales RENAME COLUMN revenue TO turnover;
SELECT told('turnover by region'), told('revenue by region');
ALTER TABLE sales DROP CONSTRAINT sales_region_id_fkey;
-- What the column is called says as much, while it is called so.
SELECT told('turnover by region');
ALTER TABLE sales RENAME COLUMN region_id TO area;
SELECT told('turnover by region');
ALTER TABLE sales RENAME COLUMN area TO region_id;
ALTER TABLE sales ADD FOREIGN KEY (region_id) REFERENCES regions NOT VALID;
SELECT llm_sql('turnover by region');
ALTER TABLE sales VALIDATE CONSTRAINT sales_region_id_fkey;
SELECT llm_sql('turnover by region');
BEGIN;
CREATE TABLE visits (visit_id int PRIMARY KEY, pages int);
SELECT told('how many visits');
ROLLBACK;
SELECT told('how many visits');

-- The search path: what is hidden there is named with its schema.
CREATE SCHEMA rules_visible_2;
CREATE TABLE rules_visible_2.sales (sale_id int PRIMARY KEY, profit numeric);
INSERT INTO rules_visible_2.sales VALUES (1, 7);
SELECT told('total profit');
SET search_path = rules_visible, rules_visible_2, public;
SELECT llm_sql('total profit');
SET search_path = rules_visible, public;

-- Partitions count once; the rows of children are rows of the parent.
CREATE TABLE logins (login_id int, day date) PARTITION BY RANGE (day);
CREATE TABLE logins_2024 PARTITION OF logins FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO logins VALUES (1, '2024-05-05');
SELECT told('how many logins'), told('how many logins 2024');

-- Views have rows and no keys; temporary tables are the session's.
CREATE VIEW totals AS SELECT region_id, sum(turnover) AS amount FROM sales GROUP BY 1;
SELECT told('total amount by region id');
CREATE TEMP TABLE baskets (basket_id int PRIMARY KEY);
SELECT told('how many baskets');
DROP TABLE baskets;

-- A key that holds for the parent only does not lead to a join.
CREATE TABLE places (place_id int PRIMARY KEY, name text);
CREATE TABLE places_more () INHERITS (places);
CREATE TABLE stays (stay_id int PRIMARY KEY, place_id int NOT NULL REFERENCES places, nights int);
INSERT INTO places VALUES (1, 'Inn');
INSERT INTO places_more VALUES (1, 'Inn twice');
INSERT INTO stays VALUES (1, 1, 3);
SELECT told('nights by place');

SELECT llm_flush();
SET client_min_messages = warning;
DROP SCHEMA rules_visible, rules_visible_2 CASCADE;
DROP ROLE regress_rules_reader;
