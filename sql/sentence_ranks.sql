--
-- So many of those that come first, the first by what others do, and orders by
-- more than one thing.
--
CREATE SCHEMA sentence_ranks;
SET search_path = sentence_ranks, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

-- The number may stand before the things, those that tie stay.
SELECT gives('What are the names of the two teams with the highest budgets?',
	$$SELECT name FROM teams ORDER BY budget DESC LIMIT 2$$);
SELECT gives('Show the names of the 2 players with the most appearances.',
	$$SELECT name FROM players WHERE player_id IN (2, 3, 8)$$);
SELECT gives('Show the names of the top 2 stadiums that have the largest number of games.',
	$$SELECT name FROM stadiums WHERE stadium_id IN (1, 2)$$);
SELECT gives('Show the name and age of the 3 players with the highest age sorted by name in descending order.',
	$$SELECT name, age FROM players WHERE age >= 29 ORDER BY name DESC$$, true);

-- Two numbers of different things.
SELECT gives('Show the names of the 2 teams with the 3 highest budgets.',
	$$SELECT name FROM teams$$);

-- What others do with it.
SELECT gives('What is the name of the team the most players belong to?',
	$$SELECT name FROM teams WHERE team_id = 1 OR team_id = 2$$);
SELECT gives('Find the name and capacity of the stadium where the most games happened.',
	$$SELECT name, capacity FROM stadiums WHERE stadium_id IN (1, 2)$$);
-- Each team has players, so that none is left out of the fewest.
SELECT gives('What is the budget of the team the fewest players belong to?',
	$$SELECT budget FROM teams WHERE team_id = 3 OR team_id = 4$$);
SELECT gives('Show the names of teams most players belong to.', $$SELECT name FROM teams$$);

-- One key after the other, each with its own way.
SELECT gives('List the name and position of all players sorted by position and then by age.',
	$$SELECT name, position FROM players ORDER BY position, age$$, true);
SELECT gives('List the name and position of all players ordered by position ascending and age descending.',
	$$SELECT name, position FROM players ORDER BY position, age DESC$$, true);
SELECT gives('List the names of players in ascending order of country, age.',
	$$SELECT name FROM players ORDER BY country, age$$, true);

-- The way that is said once may be that of both.
SELECT gives('List the name and position of all players ordered by position and age in descending order.',
	$$SELECT name FROM players$$);

-- By something that is not shown: each row has its own place.
SELECT gives('Show the team cities ordered by budget.',
	$$SELECT city FROM teams ORDER BY budget$$, true);
SELECT gives('Show the different cities of teams ordered by budget.',
	$$SELECT DISTINCT city FROM teams$$);

-- By the number, whichever way is said.
SELECT gives('Show each country and the number of players sorted by the count in descending order.',
	$$SELECT country, count(*) FROM players GROUP BY 1 ORDER BY 2 DESC, 1$$, true);
SELECT gives('Show each country and the number of players sorted by count.',
	$$SELECT country, count(*) FROM players GROUP BY 1$$);

-- What the rows of a value do; who of two has won is another question.
SELECT gives('Which industries provide at least two sponsors?', $$SELECT 'Energy'$$);
SELECT gives('Show the cities that have hosted more than one team.', $$SELECT 'Lyon'$$);
SELECT gives('Show the seasons that have been used by exactly two games.', $$VALUES (2019), (2021)$$);
SELECT gives('What are the industries for which there are more than one sponsor?', $$SELECT 'Energy'$$);
SELECT gives('Show the seasons that lost more than one game.', $$SELECT 2019$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_ranks CASCADE;
