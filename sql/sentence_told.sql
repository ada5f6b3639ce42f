--
-- Things and values that are told by more roundabout words.
--
CREATE SCHEMA sentence_told;
SET search_path = sentence_told, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

--
-- Texts: quoted, or one word that is announced as one.
--
SELECT gives('Show the names of players that have the letter ''b'' in their names.',
	$$SELECT name FROM players WHERE name LIKE '%b%'$$);
SELECT gives('How many players have names that contain the word "io"?',
	$$SELECT count(*) FROM players WHERE name LIKE '%io%'$$);
SELECT gives('Show the stadium names containing the substring Arena.',
	$$SELECT name FROM stadiums WHERE name LIKE '%Arena%'$$);
SELECT gives('Show the positions of players whose country starts with the letter F.',
	$$SELECT position FROM players WHERE country LIKE 'F%'$$);
-- What is not announced may be anything, and a pattern's own signs are refused.
SELECT gives('Show the stadium names containing Arena.',
	$$SELECT name FROM stadiums WHERE name LIKE '%Arena%'$$);
SELECT gives('Show the stadium names containing the word "%".',
	$$SELECT name FROM stadiums$$);

--
-- First ones, and what has them.
--
SELECT gives('Show the names of the top 3 oldest players.',
	$$SELECT name FROM players ORDER BY age DESC LIMIT 3$$);
SELECT gives('Show the position of the player of the highest weight.',
	$$SELECT position FROM players ORDER BY weight DESC LIMIT 1$$);
SELECT gives('Which countries have the 2 oldest players?',
	$$SELECT DISTINCT country FROM players WHERE age >= 33$$);
SELECT gives('Which countries have players older than 30?',
	$$SELECT DISTINCT country FROM players WHERE age > 30$$);
SELECT gives('Which positions are shared by more than 2 players?',
	$$SELECT position, count(*) FROM players GROUP BY position HAVING count(*) > 2$$);
SELECT gives('Show the countries where at least 2 players older than 24 are from.',
	$$SELECT country, count(*) FROM players WHERE age > 24 GROUP BY country HAVING count(*) >= 2$$);
-- The highest rank may be the lowest number; the fewest may be none.
ALTER TABLE players ADD rank int;
UPDATE players SET rank = player_id;
SELECT gives('Show the name of the player with the highest rank.',
	$$SELECT name FROM players ORDER BY rank LIMIT 1$$);
SELECT gives('Which stadium has the fewest games?',
	$$SELECT name FROM stadiums WHERE stadium_id = 4$$);

--
-- What others do with things tells which they are; a deed that the schema does
-- not know tells nothing.
--
SELECT gives('Show the names of players and the names of the teams they belong to.',
	$$SELECT p.name, t.name AS name_2 FROM players AS p JOIN teams AS t USING (team_id)$$);
SELECT gives('Show the names of players and the names of the teams they defeated.',
	$$SELECT p.name, t.name FROM players AS p JOIN teams AS t USING (team_id)$$);

--
-- Times of deeds, and numbers that are called by what they count.
--
CREATE TABLE halls (hall_id int PRIMARY KEY, name text NOT NULL, open_year int NOT NULL, floors int NOT NULL,
	address text NOT NULL);
INSERT INTO halls VALUES (1, 'Alpha', 1990, 3, 'First Street'), (2, 'Beta', 2001, 5, 'Second Street');
ANALYZE halls;
SELECT gives('Show the names and opening years of the halls.', $$SELECT name, open_year FROM halls$$);
SELECT gives('Show the year of opening of the hall named Beta.', $$SELECT open_year FROM halls WHERE name = 'Beta'$$);
SELECT gives('Show the name and number of floors of each hall.', $$SELECT name, floors FROM halls$$);
SELECT gives('What is the average number of floors of the halls?', $$SELECT avg(floors) FROM halls$$);
-- Of each, or of all together?
SELECT gives('What is the number of floors of the halls?', $$SELECT floors FROM halls$$);

--
-- Beside no relation of regions, the name of one is the region.
--
ALTER TABLE halls ADD region_name text NOT NULL DEFAULT 'North';
SELECT gives('How many halls are there in each region?', $$SELECT region_name, count(*) FROM halls GROUP BY region_name$$);
CREATE TABLE regions (region_id int PRIMARY KEY, title text NOT NULL);
SELECT gives('How many halls are there in each region?', $$SELECT region_name, count(*) FROM halls GROUP BY region_name$$);
DROP SCHEMA sentence_told CASCADE;
