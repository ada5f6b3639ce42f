--
-- Persons by their first and last name, the members of something, and values
-- over many rows whose column is said.
--
CREATE SCHEMA sentence_persons;
SET search_path = sentence_persons, public;
CREATE TABLE choir (choir_id int PRIMARY KEY, choir_name text NOT NULL UNIQUE);
CREATE TABLE singer (singer_id int PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, age int NOT NULL);
CREATE TABLE singer_of_choir (singer_id int NOT NULL REFERENCES singer, choir_id int NOT NULL REFERENCES choir, voice text NOT NULL);
CREATE TABLE homes (home_id int PRIMARY KEY, singer_id int NOT NULL REFERENCES singer, city text NOT NULL);
CREATE TABLE guest_of_choir (guest_id int PRIMARY KEY, choir_id int NOT NULL REFERENCES choir, fee int NOT NULL);
INSERT INTO choir VALUES (1, 'Dawn Chorus'), (2, 'Lark');
INSERT INTO singer VALUES (1, 'Ada', 'Berg', 30), (2, 'Ada', 'Cole', 40), (3, 'Dan', 'Berg', 50);
INSERT INTO singer_of_choir VALUES (1, 1, 'alto'), (2, 1, 'alto'), (3, 2, 'bass'), (1, 2, 'alto');
INSERT INTO homes VALUES (1, 1, 'Nice'), (2, 1, 'Lille'), (3, 2, 'Nice');
INSERT INTO guest_of_choir VALUES (1, 1, 10), (2, 1, 30), (3, 2, 5);
ANALYZE choir, singer, singer_of_choir, homes, guest_of_choir;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all

-- The whole name in quotes, or behind "named".
SELECT gives('What is the age of "Ada Berg"?', 'SELECT 30 AS age');
SELECT gives('What is the age of the singer named Ada Berg?', 'SELECT 30 AS age');
SELECT gives('How many choirs does "Ada Berg" belong to?', 'SELECT 2 AS n');
SELECT gives('Which choirs does the singer "Dan Berg" belong to?', $$SELECT choir_name FROM choir WHERE choir_id = 2$$);
-- Each part is some name, but not in this order; and there is no such name.
SELECT gives('What is the age of "Berg Ada"?', 'SELECT');
SELECT gives('What is the age of "Ada Novak"?', 'SELECT');
SELECT gives('What is the age of the singer not named Ada Berg?', 'SELECT');

-- The guests of the choir are what guest_of_choir holds.
SELECT gives('How many guests of the choir "Dawn Chorus" are there?', 'SELECT 2 AS n');
SELECT gives('What is the average fee of the guests of the choir "Dawn Chorus"?',
	'SELECT avg(fee) FROM guest_of_choir WHERE choir_id = 1');
SELECT gives('Show the names of choirs without guests.', 'SELECT choir_name FROM choir WHERE false');
-- There is a relation that is called so.
SELECT gives('How many singers are there?', 'SELECT 3 AS n');

-- One of several homes: the value stands in the column that is said.
SELECT gives('How many singers live in the city Nice?', 'SELECT 2 AS n');
SELECT gives('How many singers do not live in the city Nice?', 'SELECT 1 AS n');
SELECT gives('How many singers live in the voice Nice?', 'SELECT');

-- Two ways to read that ask for the same rows are one reading.
SELECT gives('Which guests of the choir named Lark are there?', 'SELECT 3 AS guest_id');
DROP SCHEMA sentence_persons CASCADE;
