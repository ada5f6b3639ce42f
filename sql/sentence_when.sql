--
-- When something was done with things: on the date of the deed, which the verb
-- names, or on that of what the deed's rows are a part of.
--
CREATE SCHEMA sentence_when;
SET search_path = sentence_when, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all
CREATE TABLE clients (client_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE employees (employee_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE tools (tool_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (order_id int PRIMARY KEY, client_id int NOT NULL REFERENCES clients,
	employee_id int NOT NULL REFERENCES employees, order_date date NOT NULL, shipped_date date);
CREATE TABLE order_lines (order_id int REFERENCES orders, line int, tool_id int NOT NULL REFERENCES tools,
	quantity int NOT NULL, PRIMARY KEY (order_id, line));
CREATE TABLE rentals (rental_id int PRIMARY KEY, tool_id int NOT NULL REFERENCES tools, rental_date date NOT NULL);
CREATE TABLE sales (sale_id int PRIMARY KEY, client_id int NOT NULL REFERENCES clients,
	tool_id int NOT NULL REFERENCES tools, sold_on date NOT NULL);
INSERT INTO clients VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cay');
INSERT INTO employees VALUES (1, 'Eve'), (2, 'Fay');
INSERT INTO tools VALUES (1, 'Axe'), (2, 'Saw'), (3, 'Vice');
INSERT INTO orders VALUES (1, 1, 1, '2023-02-01', '2024-02-02'), (2, 2, 1, '2024-03-31', '2024-04-02'),
	(3, 2, 2, '2024-04-01', NULL);
INSERT INTO order_lines VALUES (1, 1, 1, 3), (2, 1, 2, 1), (3, 1, 2, 4);
INSERT INTO rentals VALUES (1, 1, '2024-05-01'), (2, 1, '2024-05-02'), (3, 3, '2023-05-02');
INSERT INTO sales VALUES (1, 1, 2, '2024-01-31'), (2, 3, 3, '2023-07-01');
ANALYZE;

-- Who did it, and with what it was done.
SELECT gives('Which clients ordered in the first quarter of 2024?', $$SELECT name FROM clients WHERE client_id = 2$$);
SELECT gives('names of clients who ordered in 2023', $$SELECT name FROM clients WHERE client_id = 1$$);
SELECT gives('How many clients ordered in 2024?', $$SELECT 1$$);
SELECT gives('Show the tools that were ordered before 2024.', $$SELECT name FROM tools WHERE tool_id = 1$$);
SELECT gives('Show the names of tools that were not ordered in 2024.', $$SELECT name FROM tools WHERE tool_id IN (1, 3)$$);
SELECT gives('tools rented in May 2024', $$SELECT name FROM tools WHERE tool_id = 1$$);
SELECT gives('names of tools sold in January 2024', $$SELECT name FROM tools WHERE tool_id = 2$$);
SELECT gives('List the tools that were never sold.', $$SELECT name FROM tools WHERE tool_id = 1$$);

-- An order is placed on its order date; what is shipped has a date of its own.
SELECT gives('How many orders were placed in March 2024?', $$SELECT 1$$);
SELECT gives('Which clients have orders in 2023?', $$SELECT name FROM clients WHERE client_id = 1$$);
SELECT gives('How many orders were shipped in 2024?', $$SELECT 2$$);

-- Different ones, or how often?
SELECT gives('How many tools were rented in May 2024?', $$SELECT 2$$);
SELECT gives('How many different tools were rented in May 2024?', $$SELECT 1$$);
SELECT gives('How many tools were not rented in May 2024?', $$SELECT 2$$);
-- Those who serve do not order, and those who are served do not sell.
SELECT gives('Which employees ordered in 2024?', $$SELECT name FROM employees$$);
SELECT gives('Which clients sold in 2024?', $$SELECT name FROM clients$$);
SELECT gives('tools that sold in 2024', $$SELECT name FROM tools WHERE tool_id = 2$$);
-- No date says when.
SELECT gives('tools made in 2024', $$SELECT name FROM tools$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_when CASCADE;
