--
-- Lists: things are shown by what names them, and by what is asked for.
--
CREATE SCHEMA rules_lists;
SET search_path = rules_lists, public;
CREATE TABLE departments (department_id int PRIMARY KEY, department_name text NOT NULL UNIQUE,
	budget numeric NOT NULL);
CREATE TABLE employees (employee_id int PRIMARY KEY, first_name text NOT NULL,
	last_name text NOT NULL, title text, city text, hire_date date NOT NULL,
	department_id int NOT NULL REFERENCES departments, manager_id int REFERENCES employees,
	salary numeric NOT NULL);
CREATE TABLE readings (reading_id int PRIMARY KEY, taken_on date NOT NULL, volume int NOT NULL);
CREATE TABLE "Weird Names" ("Weird Name Id" int PRIMARY KEY, "the ""Label""" text, "unitCount" int);
INSERT INTO departments VALUES (1, 'Sales', 100), (2, 'Research', 50);
INSERT INTO employees VALUES (1, 'Ann', 'Lee', 'Head', 'Rome', '2020-01-01', 1, NULL, 90),
	(2, 'Bob', 'Ray', 'Clerk', 'Oslo', '2021-01-01', 1, 1, 40),
	(3, 'Cy', 'Poe', 'Clerk', 'Rome', '2022-05-05', 2, 1, 50);
INSERT INTO readings VALUES (1, '2024-01-01', 5), (2, '2024-06-01', 7);
INSERT INTO "Weird Names" VALUES (1, 'x', 3);
ANALYZE;

-- By their names; first and last name go together.
SELECT llm_ask('list departments');
SELECT llm_ask('show me all employees in Rome');
SELECT llm_ask('which employees are in department Sales?');

-- With what is asked for beside it, from the thing or from what it refers to.
SELECT llm_ask('title and salary of employees');
SELECT llm_ask('what are the first name, city and department name of employees hired since 2021');
SELECT llm_ask('different cities of employees');

-- What has no name is shown whole.
SELECT llm_ask('list readings with volume over 5');

-- One row's own column.
SELECT llm_ask('what is the budget of department Sales');

-- Who it is that a key refers to.
SELECT llm_ask('number of employees by manager');
SELECT llm_ask('the 2 employees with the highest salary');

-- Any name can be quoted.
SELECT llm_sql('unit count by the label');
SELECT llm_ask('weird names');

SET client_min_messages = warning;
DROP SCHEMA rules_lists CASCADE;
