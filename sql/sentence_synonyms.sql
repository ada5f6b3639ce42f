--
-- Words that mean the same as those of the schema: the nearest name wins, and
-- what two names are equally near to is refused.
--
CREATE SCHEMA sentence_synonyms;
SET search_path = sentence_synonyms, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all
CREATE TABLE products (product_id int PRIMARY KEY, title text NOT NULL UNIQUE, category text NOT NULL,
	price numeric NOT NULL, colour text NOT NULL);
CREATE TABLE instructors (instructor_id int PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL,
	date_of_birth date NOT NULL, salary numeric NOT NULL, country text NOT NULL);
CREATE TABLE vessels (vessel_id int PRIMARY KEY, name text NOT NULL UNIQUE, type text NOT NULL,
	category text NOT NULL);
INSERT INTO products VALUES (1, 'Lamp', 'Light', 10, 'red'), (2, 'Stool', 'Seat', 20, 'blue'),
	(3, 'Money', 'Game', 5, 'red');
INSERT INTO instructors VALUES (1, 'Ann', 'Lee', '1980-01-02', 40, 'Chad'), (2, 'Bo', 'Day', '1970-03-04', 60, 'Mali');
INSERT INTO vessels VALUES (1, 'Gull', 'cutter', 'sail'), (2, 'Heron', 'tug', 'motor');
ANALYZE;

SELECT gives('How many goods are there?', 'SELECT 3');
SELECT gives('What are the names of all articles?', 'SELECT title FROM products');
SELECT gives('What are the costs of all goods?', 'SELECT price FROM products');
SELECT gives('What are the different kinds of goods?', 'SELECT DISTINCT category FROM products');
SELECT gives('Show the title and color of each item.', 'SELECT title, colour FROM products');
SELECT gives('What is the average cost of the goods?', 'SELECT avg(price) FROM products');
SELECT gives('How many teachers are there?', 'SELECT 2');
SELECT gives('What are the forenames and surnames of the teachers?', 'SELECT first_name, last_name FROM instructors');
SELECT gives('What are the first and last names of the tutors?', 'SELECT first_name, last_name FROM instructors');
SELECT gives('What is the birthday of each teacher?', 'SELECT date_of_birth FROM instructors');
SELECT gives('What is the highest wage of the teachers?', 'SELECT 60');
SELECT gives('How many teachers are there for each nation?', 'SELECT country, count(*) FROM instructors GROUP BY 1');

-- The name itself is nearer than what means the same.
SELECT gives('What is the type of each ship?', 'SELECT type FROM vessels');
SELECT gives('What is the category of each boat?', 'SELECT category FROM vessels');
SELECT gives('What is the kind of each boat?', 'SELECT 1');

-- Who writes names with capitals means no thing called "Money" by money.
SELECT gives('Which goods cost money, Ann Lee?', 'SELECT 1');

SET client_min_messages = warning;
DROP SCHEMA sentence_synonyms CASCADE;
