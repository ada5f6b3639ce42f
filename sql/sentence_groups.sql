--
-- Figures and numbers for each value or each thing.
--
CREATE SCHEMA sentence_groups;
SET search_path = sentence_groups, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

SELECT gives('How many players are there for each position?',
	$$SELECT position, count(*)
	 FROM players
	GROUP BY position$$);
SELECT gives('For each position, show the number of players.',
	$$SELECT position, count(*)
	 FROM players
	GROUP BY position$$);
SELECT gives('What is the most common position of players?',
	$$SELECT position
	 FROM players
	GROUP BY position
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Show the different positions of players.',
	$$SELECT DISTINCT position
	 FROM players$$);
SELECT gives('How many different positions of players are there?',
	$$SELECT count(DISTINCT position)
	 FROM players$$);
SELECT gives('Which position has the most players?',
	$$SELECT position
	 FROM players
	GROUP BY position
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('What is the average age of players for each position?',
	$$SELECT position, avg(age)
	 FROM players
	GROUP BY position$$);
SELECT gives('For each position, what is the maximum age of players?',
	$$SELECT position, max(age)
	 FROM players
	GROUP BY position$$);
SELECT gives('What is the average weight of players for each position?',
	$$SELECT position, avg(weight)
	 FROM players
	GROUP BY position$$);
SELECT gives('For each position, what is the maximum weight of players?',
	$$SELECT position, max(weight)
	 FROM players
	GROUP BY position$$);
SELECT gives('How many players are there for each country?',
	$$SELECT country, count(*)
	 FROM players
	GROUP BY country$$);
SELECT gives('For each country, show the number of players.',
	$$SELECT country, count(*)
	 FROM players
	GROUP BY country$$);
SELECT gives('What is the most common country of players?',
	$$SELECT country
	 FROM players
	GROUP BY country
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Show the different countries of players.',
	$$SELECT DISTINCT country
	 FROM players$$);
SELECT gives('How many different countries of players are there?',
	$$SELECT count(DISTINCT country)
	 FROM players$$);
SELECT gives('Which country has the most players?',
	$$SELECT country
	 FROM players
	GROUP BY country
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('What is the average age of players for each country?',
	$$SELECT country, avg(age)
	 FROM players
	GROUP BY country$$);
SELECT gives('For each country, what is the maximum age of players?',
	$$SELECT country, max(age)
	 FROM players
	GROUP BY country$$);
SELECT gives('What is the average weight of players for each country?',
	$$SELECT country, avg(weight)
	 FROM players
	GROUP BY country$$);
SELECT gives('For each country, what is the maximum weight of players?',
	$$SELECT country, max(weight)
	 FROM players
	GROUP BY country$$);
SELECT gives('How many teams are there for each city?',
	$$SELECT city, count(*)
	 FROM teams
	GROUP BY city$$);
SELECT gives('For each city, show the number of teams.',
	$$SELECT city, count(*)
	 FROM teams
	GROUP BY city$$);
SELECT gives('What is the most common city of teams?',
	$$SELECT city
	 FROM teams
	GROUP BY city
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Show the different cities of teams.',
	$$SELECT DISTINCT city
	 FROM teams$$);
SELECT gives('How many different cities of teams are there?',
	$$SELECT count(DISTINCT city)
	 FROM teams$$);
SELECT gives('Which city has the most teams?',
	$$SELECT city
	 FROM teams
	GROUP BY city
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('What is the average budget of teams for each city?',
	$$SELECT city, avg(budget)
	 FROM teams
	GROUP BY city$$);
SELECT gives('For each city, what is the maximum budget of teams?',
	$$SELECT city, max(budget)
	 FROM teams
	GROUP BY city$$);
SELECT gives('How many stadiums are there for each city?',
	$$SELECT city, count(*)
	 FROM stadiums
	GROUP BY city$$);
SELECT gives('For each city, show the number of stadiums.',
	$$SELECT city, count(*)
	 FROM stadiums
	GROUP BY city$$);
SELECT gives('What is the most common city of stadiums?',
	$$SELECT city
	 FROM stadiums
	GROUP BY city
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Show the different cities of stadiums.',
	$$SELECT DISTINCT city
	 FROM stadiums$$);
SELECT gives('How many different cities of stadiums are there?',
	$$SELECT count(DISTINCT city)
	 FROM stadiums$$);
SELECT gives('Which city has the most stadiums?',
	$$SELECT city
	 FROM stadiums
	GROUP BY city
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('What is the average capacity of stadiums for each city?',
	$$SELECT city, avg(capacity)
	 FROM stadiums
	GROUP BY city$$);
SELECT gives('For each city, what is the maximum capacity of stadiums?',
	$$SELECT city, max(capacity)
	 FROM stadiums
	GROUP BY city$$);
SELECT gives('How many games are there for each season?',
	$$SELECT season, count(*)
	 FROM games
	GROUP BY season$$);
SELECT gives('For each season, show the number of games.',
	$$SELECT season, count(*)
	 FROM games
	GROUP BY season$$);
SELECT gives('What is the most common season of games?',
	$$SELECT season
	 FROM games
	GROUP BY season
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Show the different seasons of games.',
	$$SELECT DISTINCT season
	 FROM games$$);
SELECT gives('How many different seasons of games are there?',
	$$SELECT count(DISTINCT season)
	 FROM games$$);
SELECT gives('Which season has the most games?',
	$$SELECT season
	 FROM games
	GROUP BY season
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('What is the average attendance of games for each season?',
	$$SELECT season, avg(attendance)
	 FROM games
	GROUP BY season$$);
SELECT gives('For each season, what is the maximum attendance of games?',
	$$SELECT season, max(attendance)
	 FROM games
	GROUP BY season$$);
SELECT gives('How many sponsors are there for each industry?',
	$$SELECT industry, count(*)
	 FROM sponsors
	GROUP BY industry$$);
SELECT gives('For each industry, show the number of sponsors.',
	$$SELECT industry, count(*)
	 FROM sponsors
	GROUP BY industry$$);
SELECT gives('What is the most common industry of sponsors?',
	$$SELECT industry
	 FROM sponsors
	GROUP BY industry
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Show the different industries of sponsors.',
	$$SELECT DISTINCT industry
	 FROM sponsors$$);
SELECT gives('How many different industries of sponsors are there?',
	$$SELECT count(DISTINCT industry)
	 FROM sponsors$$);
SELECT gives('Which industry has the most sponsors?',
	$$SELECT industry
	 FROM sponsors
	GROUP BY industry
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('For each player, show the name and the number of appearances.',
	$$SELECT name, count(*)
	 FROM players
	 JOIN appearances USING (player_id)
	GROUP BY name$$);
SELECT gives('How many appearances does each player have?',
	$$SELECT name, count(*)
	 FROM players
	 JOIN appearances USING (player_id)
	GROUP BY name$$);
SELECT gives('For each stadium, show the name and the number of games.',
	$$SELECT name, count(*)
	 FROM stadiums
	 JOIN games USING (stadium_id)
	GROUP BY name$$);
SELECT gives('How many games does each stadium have?',
	$$SELECT name, count(*)
	 FROM stadiums
	 JOIN games USING (stadium_id)
	GROUP BY name$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_groups CASCADE;
