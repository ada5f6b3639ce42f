--
-- Figures and numbers for each value or each thing.
--
CREATE SCHEMA sentence_groups;
SET search_path = sentence_groups, public;
CREATE TABLE teams (team_id int PRIMARY KEY, name text NOT NULL UNIQUE,
	city text NOT NULL, founded int NOT NULL, budget numeric NOT NULL);
CREATE TABLE players (player_id int PRIMARY KEY, name text NOT NULL UNIQUE,
	age int NOT NULL, weight int NOT NULL, position text NOT NULL,
	country text NOT NULL, team_id int NOT NULL REFERENCES teams);
CREATE TABLE stadiums (stadium_id int PRIMARY KEY, name text NOT NULL UNIQUE,
	city text NOT NULL, capacity int NOT NULL);
CREATE TABLE games (game_id int PRIMARY KEY, title text NOT NULL UNIQUE,
	season int NOT NULL, attendance int NOT NULL,
	stadium_id int NOT NULL REFERENCES stadiums);
CREATE TABLE appearances (player_id int REFERENCES players,
	game_id int REFERENCES games, goals int NOT NULL,
	PRIMARY KEY (player_id, game_id));
CREATE TABLE sponsors (sponsor_id int PRIMARY KEY, name text NOT NULL UNIQUE,
	industry text NOT NULL);
CREATE TABLE contracts (team_id int REFERENCES teams,
	sponsor_id int REFERENCES sponsors, PRIMARY KEY (team_id, sponsor_id));
INSERT INTO teams VALUES (1, 'Comets', 'Lyon', 1901, 40), (2, 'Rovers', 'Turin', 1950, 75),
	(3, 'Owls', 'Lyon', 1988, 20), (4, 'Foxes', 'Ghent', 2004, 55);
INSERT INTO players VALUES (1, 'Abel', 21, 70, 'Keeper', 'France', 1),
	(2, 'Bram', 25, 82, 'Striker', 'Belgium', 1), (3, 'Carlo', 33, 78, 'Striker', 'Italy', 2),
	(4, 'Dirk', 29, 91, 'Defender', 'Belgium', 4), (5, 'Emil', 19, 66, 'Striker', 'France', 3),
	(6, 'Fabio', 36, 85, 'Keeper', 'Italy', 2), (7, 'Gaston', 27, 74, 'Defender', 'France', 1),
	(8, 'Hugo', 24, 80, 'Winger', 'Spain', 2);
INSERT INTO stadiums VALUES (1, 'Old Ground', 'Lyon', 12000), (2, 'Hill Park', 'Turin', 30000),
	(3, 'Dock Arena', 'Ghent', 18000), (4, 'North Field', 'Lille', 9000);
INSERT INTO games VALUES (1, 'Opening', 2019, 8000, 1), (2, 'Derby', 2019, 11500, 1),
	(3, 'Cup Final', 2020, 29000, 2), (4, 'Replay', 2021, 15000, 3), (5, 'Friendly', 2021, 5000, 2);
INSERT INTO appearances VALUES (1, 1, 0), (2, 1, 2), (3, 1, 1), (2, 2, 1), (7, 2, 0), (3, 3, 3),
	(6, 3, 0), (8, 3, 1), (4, 4, 2), (8, 5, 0);
INSERT INTO sponsors VALUES (1, 'Acme', 'Steel'), (2, 'Bolt', 'Energy'), (3, 'Cirrus', 'Energy'),
	(4, 'Delta', 'Travel');
INSERT INTO contracts VALUES (1, 1), (1, 2), (2, 2), (4, 3), (2, 3), (2, 1);
ANALYZE;

-- Does the question give the rows of the query, whatever else is beside them?
-- Each column of the query is one of the answer's, in the order of the rows
-- where "ordered" says so.
CREATE FUNCTION gives(question text, query text, ordered boolean DEFAULT false)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer analytics_llm.answer;
	wanted json;
	missing int;
BEGIN
	answer := llm_answer(question);
	IF answer.error_code IS NOT NULL THEN
		RETURN answer.message;
	END IF;
	EXECUTE 'SELECT coalesce(json_agg(q), ''[]'') FROM (' || query || ') AS q' INTO wanted;
	IF json_array_length(wanted) <> json_array_length(answer.rows) THEN
		RETURN 'other rows: ' || answer.sql;
	END IF;
	WITH cells (side, name, row, value) AS (
		SELECT 1, e.key, r.n, e.value
		  FROM json_array_elements(wanted) WITH ORDINALITY AS r (row, n), json_each_text(r.row) AS e
		 UNION ALL
		SELECT 2, e.key, r.n, e.value
		  FROM json_array_elements(answer.rows) WITH ORDINALITY AS r (row, n), json_each_text(r.row) AS e
	), columns AS (
		SELECT side, name,
			   string_agg(coalesce(value, '-'), '|' ORDER BY CASE WHEN ordered THEN row END, value) AS bag
		  FROM cells GROUP BY side, name
	)
	SELECT count(*) INTO missing
	  FROM columns AS w
	 WHERE w.side = 1 AND NOT EXISTS (SELECT FROM columns AS a WHERE a.side = 2 AND a.bag = w.bag);
	RETURN CASE missing WHEN 0 THEN 'right' ELSE 'other columns: ' || answer.sql END;
END $$;

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
