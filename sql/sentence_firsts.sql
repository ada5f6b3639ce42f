--
-- The first things by a number, with those that tie, and some numbers of each.
--
CREATE SCHEMA sentence_firsts;
SET search_path = sentence_firsts, public;
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

SELECT gives('Give the name and age of players from Italy',
	$$SELECT name, age
	 FROM players
	WHERE country = 'Italy'$$);
SELECT gives('Give the name and age of players whose position is Striker',
	$$SELECT name, age
	 FROM players
	WHERE position = 'Striker'$$);
SELECT gives('Give the name and age of players older than 25',
	$$SELECT name, age
	 FROM players
	WHERE age > 25$$);
SELECT gives('Give the name and age of players with a weight over 75',
	$$SELECT name, age
	 FROM players
	WHERE weight > 75$$);
SELECT gives('Give the name and age of players whose age is between 20 and 30',
	$$SELECT name, age
	 FROM players
	WHERE age BETWEEN 20 AND 30$$);
SELECT gives('Give the name and age of players who are not from France',
	$$SELECT name, age
	 FROM players
	WHERE country <> 'France'$$);
SELECT gives('Give the name and age of players with age at least 27',
	$$SELECT name, age
	 FROM players
	WHERE age >= 27$$);
SELECT gives('Give the name and age of players of the team Rovers',
	$$SELECT name, age
	 FROM players
	WHERE team_id = (SELECT team_id FROM teams WHERE name = 'Rovers')$$);
SELECT gives('Give the name and age of players that have no appearances',
	$$SELECT name, age
	 FROM players
	WHERE player_id NOT IN (SELECT player_id FROM appearances)$$);
SELECT gives('Give the name and age of players with more than 1 appearance',
	$$SELECT name, age
	 FROM players
	WHERE player_id IN (SELECT player_id FROM appearances GROUP BY player_id HAVING count(*) > 1)$$);
SELECT gives('Give the name and age of players whose name contains ''a''',
	$$SELECT name, age
	 FROM players
	WHERE name LIKE '%a%'$$);
SELECT gives('Give the name and age of players with age above the average',
	$$SELECT name, age
	 FROM players
	WHERE age > (SELECT avg(age) FROM players)$$);
SELECT gives('Give the name and age of players from France or Spain',
	$$SELECT name, age
	 FROM players
	WHERE country IN ('France', 'Spain')$$);
SELECT gives('Give the name and age of players whose position is Keeper and whose age is over 30',
	$$SELECT name, age
	 FROM players
	WHERE position = 'Keeper' AND age > 30$$);
SELECT gives('Give the name and age of players that belong to teams from Lyon',
	$$SELECT name, age
	 FROM players
	WHERE team_id IN (SELECT team_id FROM teams WHERE city = 'Lyon')$$);
SELECT gives('Which player has the highest age?',
	$$SELECT name
	 FROM players
	ORDER BY age DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the player with the highest age.',
	$$SELECT name
	 FROM players
	ORDER BY age DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which player has the lowest age?',
	$$SELECT name
	 FROM players
	ORDER BY age ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the player with the lowest age.',
	$$SELECT name
	 FROM players
	ORDER BY age ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which player has the largest age?',
	$$SELECT name
	 FROM players
	ORDER BY age DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the player with the largest age.',
	$$SELECT name
	 FROM players
	ORDER BY age DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which player has the smallest age?',
	$$SELECT name
	 FROM players
	ORDER BY age ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the player with the smallest age.',
	$$SELECT name
	 FROM players
	ORDER BY age ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Show the names of the players with the 3 highest ages',
	$$SELECT name
	 FROM players
	ORDER BY age DESC
	FETCH FIRST 3 ROWS WITH TIES$$);
SELECT gives('Which player has the highest weight?',
	$$SELECT name
	 FROM players
	ORDER BY weight DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the player with the highest weight.',
	$$SELECT name
	 FROM players
	ORDER BY weight DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which player has the lowest weight?',
	$$SELECT name
	 FROM players
	ORDER BY weight ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the player with the lowest weight.',
	$$SELECT name
	 FROM players
	ORDER BY weight ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which player has the largest weight?',
	$$SELECT name
	 FROM players
	ORDER BY weight DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the player with the largest weight.',
	$$SELECT name
	 FROM players
	ORDER BY weight DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which player has the smallest weight?',
	$$SELECT name
	 FROM players
	ORDER BY weight ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the player with the smallest weight.',
	$$SELECT name
	 FROM players
	ORDER BY weight ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Show the names of the players with the 3 highest weights',
	$$SELECT name
	 FROM players
	ORDER BY weight DESC
	FETCH FIRST 3 ROWS WITH TIES$$);
SELECT gives('Give the name and budget of teams in Lyon',
	$$SELECT name, budget
	 FROM teams
	WHERE city = 'Lyon'$$);
SELECT gives('Give the name and budget of teams with a budget over 50',
	$$SELECT name, budget
	 FROM teams
	WHERE budget > 50$$);
SELECT gives('Give the name and budget of teams with more than 2 players',
	$$SELECT name, budget
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players GROUP BY team_id HAVING count(*) > 2)$$);
SELECT gives('Give the name and budget of teams with sponsors',
	$$SELECT name, budget
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM contracts)$$);
SELECT gives('Give the name and budget of teams that have players from Italy',
	$$SELECT name, budget
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players WHERE country = 'Italy')$$);
SELECT gives('Give the name and budget of teams whose budget is less than 60',
	$$SELECT name, budget
	 FROM teams
	WHERE budget < 60$$);
SELECT gives('Give the name and budget of teams that have players older than 30',
	$$SELECT name, budget
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players WHERE age > 30)$$);
SELECT gives('Give the name and budget of teams with sponsors of the industry Energy',
	$$SELECT name, budget
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM contracts JOIN sponsors USING (sponsor_id) WHERE industry = 'Energy')$$);
SELECT gives('Give the name and budget of teams whose city is Turin or Ghent',
	$$SELECT name, budget
	 FROM teams
	WHERE city IN ('Turin', 'Ghent')$$);
SELECT gives('Which team has the highest budget?',
	$$SELECT name
	 FROM teams
	ORDER BY budget DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the team with the highest budget.',
	$$SELECT name
	 FROM teams
	ORDER BY budget DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which team has the lowest budget?',
	$$SELECT name
	 FROM teams
	ORDER BY budget ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the team with the lowest budget.',
	$$SELECT name
	 FROM teams
	ORDER BY budget ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which team has the largest budget?',
	$$SELECT name
	 FROM teams
	ORDER BY budget DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the team with the largest budget.',
	$$SELECT name
	 FROM teams
	ORDER BY budget DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which team has the smallest budget?',
	$$SELECT name
	 FROM teams
	ORDER BY budget ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the team with the smallest budget.',
	$$SELECT name
	 FROM teams
	ORDER BY budget ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Show the names of the teams with the 3 highest budgets',
	$$SELECT name
	 FROM teams
	ORDER BY budget DESC
	FETCH FIRST 3 ROWS WITH TIES$$);
SELECT gives('Give the name and capacity of stadiums with capacity over 10000',
	$$SELECT name, capacity
	 FROM stadiums
	WHERE capacity > 10000$$);
SELECT gives('Give the name and capacity of stadiums in Turin',
	$$SELECT name, capacity
	 FROM stadiums
	WHERE city = 'Turin'$$);
SELECT gives('Give the name and capacity of stadiums without games',
	$$SELECT name, capacity
	 FROM stadiums
	WHERE stadium_id NOT IN (SELECT stadium_id FROM games)$$);
SELECT gives('Give the name and capacity of stadiums that have games',
	$$SELECT name, capacity
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games)$$);
SELECT gives('Give the name and capacity of stadiums with at least 2 games',
	$$SELECT name, capacity
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games GROUP BY stadium_id HAVING count(*) >= 2)$$);
SELECT gives('Give the name and capacity of stadiums with games whose attendance is over 14000',
	$$SELECT name, capacity
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games WHERE attendance > 14000)$$);
SELECT gives('Give the name and capacity of stadiums whose capacity is at most 18000',
	$$SELECT name, capacity
	 FROM stadiums
	WHERE capacity <= 18000$$);
SELECT gives('Give the name and capacity of stadiums with capacity below the average',
	$$SELECT name, capacity
	 FROM stadiums
	WHERE capacity < (SELECT avg(capacity) FROM stadiums)$$);
SELECT gives('Which stadium has the highest capacity?',
	$$SELECT name
	 FROM stadiums
	ORDER BY capacity DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the stadium with the highest capacity.',
	$$SELECT name
	 FROM stadiums
	ORDER BY capacity DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which stadium has the lowest capacity?',
	$$SELECT name
	 FROM stadiums
	ORDER BY capacity ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the stadium with the lowest capacity.',
	$$SELECT name
	 FROM stadiums
	ORDER BY capacity ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which stadium has the largest capacity?',
	$$SELECT name
	 FROM stadiums
	ORDER BY capacity DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the stadium with the largest capacity.',
	$$SELECT name
	 FROM stadiums
	ORDER BY capacity DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which stadium has the smallest capacity?',
	$$SELECT name
	 FROM stadiums
	ORDER BY capacity ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the name of the stadium with the smallest capacity.',
	$$SELECT name
	 FROM stadiums
	ORDER BY capacity ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Show the names of the stadiums with the 3 highest capacities',
	$$SELECT name
	 FROM stadiums
	ORDER BY capacity DESC
	FETCH FIRST 3 ROWS WITH TIES$$);
SELECT gives('Give the title and attendance of games with attendance over 10000',
	$$SELECT title, attendance
	 FROM games
	WHERE attendance > 10000$$);
SELECT gives('Give the title and attendance of games with season 2019',
	$$SELECT title, attendance
	 FROM games
	WHERE season = 2019$$);
SELECT gives('Give the title and attendance of games whose season is over 2019',
	$$SELECT title, attendance
	 FROM games
	WHERE season > 2019$$);
SELECT gives('Give the title and attendance of games in the stadium Hill Park',
	$$SELECT title, attendance
	 FROM games
	WHERE stadium_id = 2$$);
SELECT gives('Give the title and attendance of games whose attendance is between 5000 and 12000',
	$$SELECT title, attendance
	 FROM games
	WHERE attendance BETWEEN 5000 AND 12000$$);
SELECT gives('Give the title and attendance of games in stadiums with capacity over 20000',
	$$SELECT title, attendance
	 FROM games
	WHERE stadium_id IN (SELECT stadium_id FROM stadiums WHERE capacity > 20000)$$);
SELECT gives('Give the title and attendance of games with more than 1 player',
	$$SELECT title, attendance
	 FROM games
	WHERE game_id IN (SELECT game_id FROM appearances GROUP BY game_id HAVING count(*) > 1)$$);
SELECT gives('Give the title and attendance of games in the largest stadium',
	$$SELECT title, attendance
	 FROM games
	WHERE stadium_id = (SELECT stadium_id FROM stadiums ORDER BY capacity DESC LIMIT 1)$$);
SELECT gives('Which game has the highest attendance?',
	$$SELECT title
	 FROM games
	ORDER BY attendance DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the title of the game with the highest attendance.',
	$$SELECT title
	 FROM games
	ORDER BY attendance DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which game has the lowest attendance?',
	$$SELECT title
	 FROM games
	ORDER BY attendance ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the title of the game with the lowest attendance.',
	$$SELECT title
	 FROM games
	ORDER BY attendance ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which game has the largest attendance?',
	$$SELECT title
	 FROM games
	ORDER BY attendance DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the title of the game with the largest attendance.',
	$$SELECT title
	 FROM games
	ORDER BY attendance DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which game has the smallest attendance?',
	$$SELECT title
	 FROM games
	ORDER BY attendance ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Find the title of the game with the smallest attendance.',
	$$SELECT title
	 FROM games
	ORDER BY attendance ASC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Show the titles of the games with the 3 highest attendances',
	$$SELECT title
	 FROM games
	ORDER BY attendance DESC
	FETCH FIRST 3 ROWS WITH TIES$$);
SELECT gives('Which player has the most appearances?',
	$$SELECT name
	 FROM players
	 JOIN appearances USING (player_id)
	GROUP BY name
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('What is the name of the player with the most appearances?',
	$$SELECT name
	 FROM players
	 JOIN appearances USING (player_id)
	GROUP BY name
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('Which stadium has the most games?',
	$$SELECT name
	 FROM stadiums
	 JOIN games USING (stadium_id)
	GROUP BY name
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);
SELECT gives('What is the name of the stadium with the most games?',
	$$SELECT name
	 FROM stadiums
	 JOIN games USING (stadium_id)
	GROUP BY name
	ORDER BY count(*) DESC
	FETCH FIRST 1 ROWS WITH TIES$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_firsts CASCADE;
