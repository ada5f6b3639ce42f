--
-- A second part that says what is to be shown of what the first found.
--
CREATE SCHEMA sentence_parts;
SET search_path = sentence_parts, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

--
-- It chooses columns; filters, ranking, ties and limit stay.
--
SELECT gives('Which team has the most players? Give me its name.',
	$$SELECT name FROM teams WHERE team_id IN (1, 2)$$);
SELECT gives('Which team has the most players? Show the name, the city and how many players it has.',
	$$SELECT name, city, 3 AS n FROM teams WHERE team_id IN (1, 2)$$);
SELECT gives('Who are the top 3 players by age? Return their name and age.',
	$$SELECT name, age FROM players WHERE age > 28$$);
SELECT gives('Who are the top 2 teams by number of players? Return their city and the number of players.',
	$$SELECT city, 3 AS n FROM teams WHERE team_id IN (1, 2)$$);
SELECT gives('Which stadiums have more than 1 game? Return the name and the number of games.',
	$$SELECT name, 2 AS n FROM stadiums WHERE stadium_id IN (1, 2)$$);
SELECT gives('Which players are from Italy; return their names.',
	$$SELECT name FROM players WHERE country = 'Italy'$$);
SELECT gives('Which players are from Italy? Give me their names. Sort them by age.',
	$$SELECT name FROM players WHERE country = 'Italy' ORDER BY age$$, true);
SELECT gives('What are the different positions? Show each position and the number of players in it.',
	$$SELECT position, count(*) FROM players GROUP BY position$$);

--
-- Or asks for more of it.
--
SELECT gives('What is the name of the team with the most players, and how many does it have?',
	$$SELECT name, 3 AS n FROM teams WHERE team_id IN (1, 2)$$);
SELECT gives('Which team has the most players, and how many players play in it?',
	$$SELECT name, 3 AS n FROM teams WHERE team_id IN (1, 2)$$);
SELECT gives('What is the most common position, and how many are there?',
	$$SELECT 'Striker' AS p, 3 AS n$$);
SELECT gives('Who is the oldest player, and what is his or her weight?',
	$$SELECT name, weight FROM players WHERE age = 36$$);

-- What is counted for the first does not change who is first.
UPDATE players SET team_id = 1 WHERE team_id = 2;
SELECT gives('Which team has the most sponsors, and how many players does it have?',
	$$SELECT name, 0 AS n FROM teams WHERE team_id = 2$$);
UPDATE players SET team_id = 2 WHERE player_id IN (3, 6, 8);

--
-- What the first part has not got, denies, or two things have.
--
SELECT gives('Which team has the most players? Return the number of coaches.', $$SELECT 3$$);
SELECT gives('Which team has the most players? Return its name and the number of sponsors.', $$SELECT 3$$);
SELECT gives('Which team has the most players? Return its name and the number of players it lost.', $$SELECT 3$$);
SELECT gives('Which teams have players from Italy? Give me their names and the number of players.', $$SELECT 3$$);
SELECT gives('Which stadiums have more than 1 game in 2019? Give me their names and the number of games.', $$SELECT 3$$);
SELECT gives('How many players does each team have? List the name and the number of stadiums.', $$SELECT 3$$);
SELECT gives('What is the average age of the players? Give me their names.', $$SELECT name FROM players$$);
SELECT gives('What is the average age of players, and how many are there?', $$SELECT avg(age), count(*) FROM players$$);
SELECT gives('Which players are from Italy? Which team do they belong to?', $$SELECT name FROM teams WHERE team_id = 2$$);
SELECT gives('What is the name of the oldest player? Give me the age.', $$SELECT 36$$);
-- Not a figure of others in place of what was asked for.
SELECT gives('What are the names and ages of the players? Show the goals.', $$SELECT goals FROM appearances$$);
ALTER TABLE teams ADD weight int;
SELECT gives('Which teams have players from Italy? Give me their weights.', $$SELECT weight FROM teams$$);

--
-- Parentheses that say once more what stands before them; others stay.
--
ALTER TABLE players RENAME name TO first_name;
ALTER TABLE players ADD last_name text NOT NULL DEFAULT 'X';
SELECT gives('Show the full name (first and last name) of the players from Italy.',
	$$SELECT first_name, last_name FROM players WHERE country = 'Italy'$$);
SELECT gives('Show the name (first and last) and age of the player(s) from Italy.',
	$$SELECT first_name, last_name, age FROM players WHERE country = 'Italy'$$);
SELECT gives('Show the age of the players sorted by weight (in descending order).',
	$$SELECT age FROM players ORDER BY weight DESC$$, true);
SELECT gives('How many players are there in the teams (city "Lyon")?',
	$$SELECT count(*) FROM players JOIN teams USING (team_id) WHERE city = 'Lyon'$$);
SELECT gives('Show the full name (age) of the players.', $$SELECT age FROM players$$);
SELECT gives('Show the age of the players (in Lyon or so).', $$SELECT age FROM players$$);
DROP SCHEMA sentence_parts CASCADE;
