--
-- Lists in the order that the question says.
--
CREATE SCHEMA sentence_orders;
SET search_path = sentence_orders, public;
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
