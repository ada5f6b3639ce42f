--
-- Properties of things, of all of them or of one that is named.
--
CREATE SCHEMA sentence_lists;
SET search_path = sentence_lists, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

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
SELECT gives('Show all information about each team.',
	$$SELECT *
	 FROM teams$$);
SELECT gives('What is known about every team?', NULL);
SELECT gives('Sort the names of the players in alphabetical order.',
	$$SELECT name FROM players ORDER BY name$$, true);
SELECT gives('Sort the players by team.', NULL);
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
