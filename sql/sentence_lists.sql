--
-- Properties of things, of all of them or of one that is named.
--
CREATE SCHEMA sentence_lists;
SET search_path = sentence_lists, public;
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

SELECT gives('What are the names of all players?',
	$$SELECT name
	 FROM players$$);
SELECT gives('What are the ages of all players?',
	$$SELECT age
	 FROM players$$);
SELECT gives('What are the positions of all players?',
	$$SELECT position
	 FROM players$$);
SELECT gives('What are the countries of all players?',
	$$SELECT country
	 FROM players$$);
SELECT gives('Show the name and age of each player.',
	$$SELECT name, age
	 FROM players$$);
SELECT gives('Show the name and position of each player.',
	$$SELECT name, position
	 FROM players$$);
SELECT gives('Show the name and country of each player.',
	$$SELECT name, country
	 FROM players$$);
SELECT gives('Show the age and position of each player.',
	$$SELECT age, position
	 FROM players$$);
SELECT gives('Show the age and country of each player.',
	$$SELECT age, country
	 FROM players$$);
SELECT gives('Show the position and country of each player.',
	$$SELECT position, country
	 FROM players$$);
SELECT gives('List the name, age and position of players',
	$$SELECT name, age, position
	 FROM players$$);
SELECT gives('List all players',
	$$SELECT name
	 FROM players$$);
SELECT gives('What are the names of all teams?',
	$$SELECT name
	 FROM teams$$);
SELECT gives('What are the cities of all teams?',
	$$SELECT city
	 FROM teams$$);
SELECT gives('What are the budgets of all teams?',
	$$SELECT budget
	 FROM teams$$);
SELECT gives('Show the name and city of each team.',
	$$SELECT name, city
	 FROM teams$$);
SELECT gives('Show the name and budget of each team.',
	$$SELECT name, budget
	 FROM teams$$);
SELECT gives('Show the city and budget of each team.',
	$$SELECT city, budget
	 FROM teams$$);
SELECT gives('List the name, city and budget of teams',
	$$SELECT name, city, budget
	 FROM teams$$);
SELECT gives('List all teams',
	$$SELECT name
	 FROM teams$$);
SELECT gives('What are the names of all stadiums?',
	$$SELECT name
	 FROM stadiums$$);
SELECT gives('What are the cities of all stadiums?',
	$$SELECT city
	 FROM stadiums$$);
SELECT gives('What are the capacities of all stadiums?',
	$$SELECT capacity
	 FROM stadiums$$);
SELECT gives('Show the name and city of each stadium.',
	$$SELECT name, city
	 FROM stadiums$$);
SELECT gives('Show the name and capacity of each stadium.',
	$$SELECT name, capacity
	 FROM stadiums$$);
SELECT gives('Show the city and capacity of each stadium.',
	$$SELECT city, capacity
	 FROM stadiums$$);
SELECT gives('List the name, city and capacity of stadiums',
	$$SELECT name, city, capacity
	 FROM stadiums$$);
SELECT gives('List all stadiums',
	$$SELECT name
	 FROM stadiums$$);
SELECT gives('What are the titles of all games?',
	$$SELECT title
	 FROM games$$);
SELECT gives('What are the seasons of all games?',
	$$SELECT season
	 FROM games$$);
SELECT gives('What are the attendances of all games?',
	$$SELECT attendance
	 FROM games$$);
SELECT gives('Show the title and season of each game.',
	$$SELECT title, season
	 FROM games$$);
SELECT gives('Show the title and attendance of each game.',
	$$SELECT title, attendance
	 FROM games$$);
SELECT gives('Show the season and attendance of each game.',
	$$SELECT season, attendance
	 FROM games$$);
SELECT gives('List the title, season and attendance of games',
	$$SELECT title, season, attendance
	 FROM games$$);
SELECT gives('List all games',
	$$SELECT title
	 FROM games$$);
SELECT gives('What are the names of all sponsors?',
	$$SELECT name
	 FROM sponsors$$);
SELECT gives('What are the industries of all sponsors?',
	$$SELECT industry
	 FROM sponsors$$);
SELECT gives('Show the name and industry of each sponsor.',
	$$SELECT name, industry
	 FROM sponsors$$);
SELECT gives('List all sponsors',
	$$SELECT name
	 FROM sponsors$$);
SELECT gives('What is the city of the team Comets?',
	$$SELECT city
	 FROM teams
	WHERE team_id = 1$$);
SELECT gives('What are the names and ages of the players of the team Comets?',
	$$SELECT name, age
	 FROM players
	WHERE team_id = 1$$);
SELECT gives('Show the budget of Comets.',
	$$SELECT budget
	 FROM teams
	WHERE team_id = 1$$);
SELECT gives('What is the city of the team Rovers?',
	$$SELECT city
	 FROM teams
	WHERE team_id = 2$$);
SELECT gives('What are the names and ages of the players of the team Rovers?',
	$$SELECT name, age
	 FROM players
	WHERE team_id = 2$$);
SELECT gives('Show the budget of Rovers.',
	$$SELECT budget
	 FROM teams
	WHERE team_id = 2$$);
SELECT gives('What is the city of the team Owls?',
	$$SELECT city
	 FROM teams
	WHERE team_id = 3$$);
SELECT gives('What are the names and ages of the players of the team Owls?',
	$$SELECT name, age
	 FROM players
	WHERE team_id = 3$$);
SELECT gives('Show the budget of Owls.',
	$$SELECT budget
	 FROM teams
	WHERE team_id = 3$$);
SELECT gives('What is the city of the team Foxes?',
	$$SELECT city
	 FROM teams
	WHERE team_id = 4$$);
SELECT gives('What are the names and ages of the players of the team Foxes?',
	$$SELECT name, age
	 FROM players
	WHERE team_id = 4$$);
SELECT gives('Show the budget of Foxes.',
	$$SELECT budget
	 FROM teams
	WHERE team_id = 4$$);
SELECT gives('What is the position of Abel?',
	$$SELECT position
	 FROM players
	WHERE player_id = 1$$);
SELECT gives('Which team does Abel belong to?',
	$$SELECT t.name
	 FROM players AS p
	 JOIN teams AS t USING (team_id)
	WHERE p.name = 'Abel'$$);
SELECT gives('What is the position of Bram?',
	$$SELECT position
	 FROM players
	WHERE player_id = 2$$);
SELECT gives('Which team does Bram belong to?',
	$$SELECT t.name
	 FROM players AS p
	 JOIN teams AS t USING (team_id)
	WHERE p.name = 'Bram'$$);
SELECT gives('What is the position of Carlo?',
	$$SELECT position
	 FROM players
	WHERE player_id = 3$$);
SELECT gives('Which team does Carlo belong to?',
	$$SELECT t.name
	 FROM players AS p
	 JOIN teams AS t USING (team_id)
	WHERE p.name = 'Carlo'$$);
SELECT gives('What is the position of Dirk?',
	$$SELECT position
	 FROM players
	WHERE player_id = 4$$);
SELECT gives('Which team does Dirk belong to?',
	$$SELECT t.name
	 FROM players AS p
	 JOIN teams AS t USING (team_id)
	WHERE p.name = 'Dirk'$$);
SELECT gives('What is the position of Emil?',
	$$SELECT position
	 FROM players
	WHERE player_id = 5$$);
SELECT gives('Which team does Emil belong to?',
	$$SELECT t.name
	 FROM players AS p
	 JOIN teams AS t USING (team_id)
	WHERE p.name = 'Emil'$$);
SELECT gives('What is the position of Fabio?',
	$$SELECT position
	 FROM players
	WHERE player_id = 6$$);
SELECT gives('Which team does Fabio belong to?',
	$$SELECT t.name
	 FROM players AS p
	 JOIN teams AS t USING (team_id)
	WHERE p.name = 'Fabio'$$);
SELECT gives('What is the position of Gaston?',
	$$SELECT position
	 FROM players
	WHERE player_id = 7$$);
SELECT gives('Which team does Gaston belong to?',
	$$SELECT t.name
	 FROM players AS p
	 JOIN teams AS t USING (team_id)
	WHERE p.name = 'Gaston'$$);
SELECT gives('What is the position of Hugo?',
	$$SELECT position
	 FROM players
	WHERE player_id = 8$$);
SELECT gives('Which team does Hugo belong to?',
	$$SELECT t.name
	 FROM players AS p
	 JOIN teams AS t USING (team_id)
	WHERE p.name = 'Hugo'$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_lists CASCADE;
