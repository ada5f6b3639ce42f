--
-- The first things by a number, with those that tie, and some numbers of each.
--
CREATE SCHEMA sentence_firsts;
SET search_path = sentence_firsts, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

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
