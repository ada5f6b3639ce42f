--
-- How many things, all of them or those of a condition.
--
CREATE SCHEMA sentence_counts;
SET search_path = sentence_counts, public;
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

SELECT gives('How many players are there?',
	$$SELECT count(*)
	 FROM players$$);
SELECT gives('Count the number of players.',
	$$SELECT count(*)
	 FROM players$$);
SELECT gives('How many players from Italy?',
	$$SELECT count(*)
	 FROM players
	WHERE country = 'Italy'$$);
SELECT gives('How many players whose position is Striker?',
	$$SELECT count(*)
	 FROM players
	WHERE position = 'Striker'$$);
SELECT gives('How many players older than 25?',
	$$SELECT count(*)
	 FROM players
	WHERE age > 25$$);
SELECT gives('How many players with a weight over 75?',
	$$SELECT count(*)
	 FROM players
	WHERE weight > 75$$);
SELECT gives('How many players whose age is between 20 and 30?',
	$$SELECT count(*)
	 FROM players
	WHERE age BETWEEN 20 AND 30$$);
SELECT gives('How many players who are not from France?',
	$$SELECT count(*)
	 FROM players
	WHERE country <> 'France'$$);
SELECT gives('How many players with age at least 27?',
	$$SELECT count(*)
	 FROM players
	WHERE age >= 27$$);
SELECT gives('How many players of the team Rovers?',
	$$SELECT count(*)
	 FROM players
	WHERE team_id = (SELECT team_id FROM teams WHERE name = 'Rovers')$$);
SELECT gives('How many players that have no appearances?',
	$$SELECT count(*)
	 FROM players
	WHERE player_id NOT IN (SELECT player_id FROM appearances)$$);
SELECT gives('How many players with more than 1 appearance?',
	$$SELECT count(*)
	 FROM players
	WHERE player_id IN (SELECT player_id FROM appearances GROUP BY player_id HAVING count(*) > 1)$$);
SELECT gives('How many players whose name contains ''a''?',
	$$SELECT count(*)
	 FROM players
	WHERE name LIKE '%a%'$$);
SELECT gives('How many players with age above the average?',
	$$SELECT count(*)
	 FROM players
	WHERE age > (SELECT avg(age) FROM players)$$);
SELECT gives('How many players from France or Spain?',
	$$SELECT count(*)
	 FROM players
	WHERE country IN ('France', 'Spain')$$);
SELECT gives('How many players whose position is Keeper and whose age is over 30?',
	$$SELECT count(*)
	 FROM players
	WHERE position = 'Keeper' AND age > 30$$);
SELECT gives('How many players that belong to teams from Lyon?',
	$$SELECT count(*)
	 FROM players
	WHERE team_id IN (SELECT team_id FROM teams WHERE city = 'Lyon')$$);
SELECT gives('How many teams are there?',
	$$SELECT count(*)
	 FROM teams$$);
SELECT gives('Count the number of teams.',
	$$SELECT count(*)
	 FROM teams$$);
SELECT gives('How many teams in Lyon?',
	$$SELECT count(*)
	 FROM teams
	WHERE city = 'Lyon'$$);
SELECT gives('How many teams with a budget over 50?',
	$$SELECT count(*)
	 FROM teams
	WHERE budget > 50$$);
SELECT gives('How many teams with more than 2 players?',
	$$SELECT count(*)
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players GROUP BY team_id HAVING count(*) > 2)$$);
SELECT gives('How many teams with sponsors?',
	$$SELECT count(*)
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM contracts)$$);
SELECT gives('How many teams that have players from Italy?',
	$$SELECT count(*)
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players WHERE country = 'Italy')$$);
SELECT gives('How many teams whose budget is less than 60?',
	$$SELECT count(*)
	 FROM teams
	WHERE budget < 60$$);
SELECT gives('How many teams that have players older than 30?',
	$$SELECT count(*)
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players WHERE age > 30)$$);
SELECT gives('How many teams with sponsors of the industry Energy?',
	$$SELECT count(*)
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM contracts JOIN sponsors USING (sponsor_id) WHERE industry = 'Energy')$$);
SELECT gives('How many teams whose city is Turin or Ghent?',
	$$SELECT count(*)
	 FROM teams
	WHERE city IN ('Turin', 'Ghent')$$);
SELECT gives('How many stadiums are there?',
	$$SELECT count(*)
	 FROM stadiums$$);
SELECT gives('Count the number of stadiums.',
	$$SELECT count(*)
	 FROM stadiums$$);
SELECT gives('How many stadiums with capacity over 10000?',
	$$SELECT count(*)
	 FROM stadiums
	WHERE capacity > 10000$$);
SELECT gives('How many stadiums in Turin?',
	$$SELECT count(*)
	 FROM stadiums
	WHERE city = 'Turin'$$);
SELECT gives('How many stadiums without games?',
	$$SELECT count(*)
	 FROM stadiums
	WHERE stadium_id NOT IN (SELECT stadium_id FROM games)$$);
SELECT gives('How many stadiums that have games?',
	$$SELECT count(*)
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games)$$);
SELECT gives('How many stadiums with at least 2 games?',
	$$SELECT count(*)
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games GROUP BY stadium_id HAVING count(*) >= 2)$$);
SELECT gives('How many stadiums with games whose attendance is over 14000?',
	$$SELECT count(*)
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games WHERE attendance > 14000)$$);
SELECT gives('How many stadiums whose capacity is at most 18000?',
	$$SELECT count(*)
	 FROM stadiums
	WHERE capacity <= 18000$$);
SELECT gives('How many stadiums with capacity below the average?',
	$$SELECT count(*)
	 FROM stadiums
	WHERE capacity < (SELECT avg(capacity) FROM stadiums)$$);
SELECT gives('How many games are there?',
	$$SELECT count(*)
	 FROM games$$);
SELECT gives('Count the number of games.',
	$$SELECT count(*)
	 FROM games$$);
SELECT gives('How many games with attendance over 10000?',
	$$SELECT count(*)
	 FROM games
	WHERE attendance > 10000$$);
SELECT gives('How many games with season 2019?',
	$$SELECT count(*)
	 FROM games
	WHERE season = 2019$$);
SELECT gives('How many games whose season is over 2019?',
	$$SELECT count(*)
	 FROM games
	WHERE season > 2019$$);
SELECT gives('How many games in the stadium Hill Park?',
	$$SELECT count(*)
	 FROM games
	WHERE stadium_id = 2$$);
SELECT gives('How many games whose attendance is between 5000 and 12000?',
	$$SELECT count(*)
	 FROM games
	WHERE attendance BETWEEN 5000 AND 12000$$);
SELECT gives('How many games in stadiums with capacity over 20000?',
	$$SELECT count(*)
	 FROM games
	WHERE stadium_id IN (SELECT stadium_id FROM stadiums WHERE capacity > 20000)$$);
SELECT gives('How many games with more than 1 player?',
	$$SELECT count(*)
	 FROM games
	WHERE game_id IN (SELECT game_id FROM appearances GROUP BY game_id HAVING count(*) > 1)$$);
SELECT gives('How many games in the largest stadium?',
	$$SELECT count(*)
	 FROM games
	WHERE stadium_id = (SELECT stadium_id FROM stadiums ORDER BY capacity DESC LIMIT 1)$$);
SELECT gives('How many sponsors are there?',
	$$SELECT count(*)
	 FROM sponsors$$);
SELECT gives('Count the number of sponsors.',
	$$SELECT count(*)
	 FROM sponsors$$);
SELECT gives('How many sponsors whose industry is Energy?',
	$$SELECT count(*)
	 FROM sponsors
	WHERE industry = 'Energy'$$);
SELECT gives('How many sponsors without teams?',
	$$SELECT count(*)
	 FROM sponsors
	WHERE sponsor_id NOT IN (SELECT sponsor_id FROM contracts)$$);
SELECT gives('How many sponsors with more than 1 team?',
	$$SELECT count(*)
	 FROM sponsors
	WHERE sponsor_id IN (SELECT sponsor_id FROM contracts GROUP BY sponsor_id HAVING count(*) > 1)$$);
SELECT gives('How many sponsors of the team Rovers?',
	$$SELECT count(*)
	 FROM sponsors
	WHERE sponsor_id IN (SELECT sponsor_id FROM contracts WHERE team_id = 2)$$);
SELECT gives('How many players does the team Comets have?',
	$$SELECT count(*)
	 FROM players
	WHERE team_id = 1$$);
SELECT gives('How many players does the team Rovers have?',
	$$SELECT count(*)
	 FROM players
	WHERE team_id = 2$$);
SELECT gives('How many players does the team Owls have?',
	$$SELECT count(*)
	 FROM players
	WHERE team_id = 3$$);
SELECT gives('How many players does the team Foxes have?',
	$$SELECT count(*)
	 FROM players
	WHERE team_id = 4$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_counts CASCADE;
