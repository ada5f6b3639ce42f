--
-- What a second sentence says of the first, and what was done with things.
--
CREATE SCHEMA sentence_sequels;
SET search_path = sentence_sequels, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

SELECT gives('How many players does each team have? List the number and the team name.',
	$$SELECT t.name, count(*) FROM teams AS t JOIN players USING (team_id) GROUP BY t.team_id$$);
SELECT gives('How many players does each team have? Show the name and city of the team, and the number of players.',
	$$SELECT t.name, t.city, count(*) FROM teams AS t JOIN players USING (team_id) GROUP BY t.team_id$$);
SELECT gives('How many players are there for each position? Return the position and the count.',
	$$SELECT position, count(*) FROM players GROUP BY position$$);
SELECT gives('List the names of the players. Sort the result by age.',
	$$SELECT name FROM players ORDER BY age$$, true);
SELECT gives('List the names and ages of the players, and sort them in descending order of age.',
	$$SELECT name, age FROM players ORDER BY age DESC$$, true);
SELECT gives('Show the players and their ages.', $$SELECT name, age FROM players$$);
-- A property that the groups do not have, and a number of something else.
SELECT gives('How many players are there for each position? Return the country and the count.',
	$$SELECT country, count(*) FROM players GROUP BY country$$);
SELECT gives('How many players does each team have? List the team name and the average age.',
	$$SELECT t.name, avg(age) FROM teams AS t JOIN players USING (team_id) GROUP BY t.team_id$$);

--
-- Deeds that a relation is called by.
--
CREATE TABLE items (item_id int PRIMARY KEY, name text NOT NULL, delivery_date date NOT NULL);
CREATE TABLE orders (order_id int PRIMARY KEY, item_id int NOT NULL REFERENCES items, quantity int NOT NULL);
CREATE TABLE people (person_id int PRIMARY KEY, name text NOT NULL, sex char(1) NOT NULL, grade char(1) NOT NULL);
INSERT INTO items VALUES (1, 'Bolt', '2020-01-01'), (2, 'Nut', '2021-01-01'), (3, 'Nail', '2022-01-01');
INSERT INTO orders VALUES (1, 1, 5), (2, 1, 5), (3, 3, 1);
INSERT INTO people VALUES (1, 'Ann', 'F', 'M'), (2, 'Ben', 'M', 'F'), (3, 'Cay', 'F', 'F');
ANALYZE;
SELECT gives('Show the names of the items that have never been ordered.', $$SELECT name FROM items WHERE item_id = 2$$);
SELECT gives('How many different items were ordered?', $$SELECT count(DISTINCT item_id) FROM orders$$);
-- 2 different ones, or 11 pieces?
SELECT gives('How many items were ordered?', $$SELECT 2$$);
SELECT gives('Show the names of the items that were never returned.', $$SELECT name FROM items$$);
SELECT gives('Show the names of the items that were never ordered in 2020.', $$SELECT name FROM items$$);

--
-- A gender may be one letter; a letter elsewhere is no gender.
--
SELECT gives('How many female people are there?', $$SELECT count(*) FROM people WHERE sex = 'F'$$);
SELECT gives('Show the names of the male people.', $$SELECT name FROM people WHERE sex = 'M'$$);
ALTER TABLE people DROP sex;
SELECT gives('How many female people are there?', $$SELECT count(*) FROM people WHERE grade = 'F'$$);
DROP SCHEMA sentence_sequels CASCADE;
