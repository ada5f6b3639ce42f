--
-- Lists in the order that the question says.
--
CREATE SCHEMA sentence_orders;
SET search_path = sentence_orders, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

SELECT gives('List the names of players sorted by age in ascending order.',
	$$SELECT name
	 FROM players
	ORDER BY age ASC$$, true);
SELECT gives('Show the name and age of all players in ascending order of age.',
	$$SELECT name, age
	 FROM players
	ORDER BY age ASC$$, true);
SELECT gives('List the names of players sorted by age in descending order.',
	$$SELECT name
	 FROM players
	ORDER BY age DESC$$, true);
SELECT gives('Show the name and age of all players in descending order of age.',
	$$SELECT name, age
	 FROM players
	ORDER BY age DESC$$, true);
SELECT gives('List the names of players sorted by weight in ascending order.',
	$$SELECT name
	 FROM players
	ORDER BY weight ASC$$, true);
SELECT gives('Show the name and weight of all players in ascending order of weight.',
	$$SELECT name, weight
	 FROM players
	ORDER BY weight ASC$$, true);
SELECT gives('List the names of players sorted by weight in descending order.',
	$$SELECT name
	 FROM players
	ORDER BY weight DESC$$, true);
SELECT gives('Show the name and weight of all players in descending order of weight.',
	$$SELECT name, weight
	 FROM players
	ORDER BY weight DESC$$, true);
SELECT gives('List the names of all players in alphabetical order.',
	$$SELECT name
	 FROM players
	ORDER BY name$$, true);
SELECT gives('List the names of teams sorted by budget in ascending order.',
	$$SELECT name
	 FROM teams
	ORDER BY budget ASC$$, true);
SELECT gives('Show the name and budget of all teams in ascending order of budget.',
	$$SELECT name, budget
	 FROM teams
	ORDER BY budget ASC$$, true);
SELECT gives('List the names of teams sorted by budget in descending order.',
	$$SELECT name
	 FROM teams
	ORDER BY budget DESC$$, true);
SELECT gives('Show the name and budget of all teams in descending order of budget.',
	$$SELECT name, budget
	 FROM teams
	ORDER BY budget DESC$$, true);
SELECT gives('List the names of all teams in alphabetical order.',
	$$SELECT name
	 FROM teams
	ORDER BY name$$, true);
SELECT gives('List the names of stadiums sorted by capacity in ascending order.',
	$$SELECT name
	 FROM stadiums
	ORDER BY capacity ASC$$, true);
SELECT gives('Show the name and capacity of all stadiums in ascending order of capacity.',
	$$SELECT name, capacity
	 FROM stadiums
	ORDER BY capacity ASC$$, true);
SELECT gives('List the names of stadiums sorted by capacity in descending order.',
	$$SELECT name
	 FROM stadiums
	ORDER BY capacity DESC$$, true);
SELECT gives('Show the name and capacity of all stadiums in descending order of capacity.',
	$$SELECT name, capacity
	 FROM stadiums
	ORDER BY capacity DESC$$, true);
SELECT gives('List the names of all stadiums in alphabetical order.',
	$$SELECT name
	 FROM stadiums
	ORDER BY name$$, true);
SELECT gives('List the titles of games sorted by attendance in ascending order.',
	$$SELECT title
	 FROM games
	ORDER BY attendance ASC$$, true);
SELECT gives('Show the title and attendance of all games in ascending order of attendance.',
	$$SELECT title, attendance
	 FROM games
	ORDER BY attendance ASC$$, true);
SELECT gives('List the titles of games sorted by attendance in descending order.',
	$$SELECT title
	 FROM games
	ORDER BY attendance DESC$$, true);
SELECT gives('Show the title and attendance of all games in descending order of attendance.',
	$$SELECT title, attendance
	 FROM games
	ORDER BY attendance DESC$$, true);
SELECT gives('List the titles of all games in alphabetical order.',
	$$SELECT title
	 FROM games
	ORDER BY title$$, true);
SELECT gives('List the names of all sponsors in alphabetical order.',
	$$SELECT name
	 FROM sponsors
	ORDER BY name$$, true);

SET client_min_messages = warning;
DROP SCHEMA sentence_orders CASCADE;
