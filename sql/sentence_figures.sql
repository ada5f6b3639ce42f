--
-- Averages, greatest and least values over the things of a condition.
--
CREATE SCHEMA sentence_figures;
SET search_path = sentence_figures, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

SELECT gives('What is the average age of players from Italy?',
	$$SELECT avg(age)
	 FROM players
	WHERE country = 'Italy'$$);
SELECT gives('What is the average age of players whose position is Striker?',
	$$SELECT avg(age)
	 FROM players
	WHERE position = 'Striker'$$);
SELECT gives('What is the average age of players older than 25?',
	$$SELECT avg(age)
	 FROM players
	WHERE age > 25$$);
SELECT gives('What is the average age of players with a weight over 75?',
	$$SELECT avg(age)
	 FROM players
	WHERE weight > 75$$);
SELECT gives('What is the average age of players whose age is between 20 and 30?',
	$$SELECT avg(age)
	 FROM players
	WHERE age BETWEEN 20 AND 30$$);
SELECT gives('What is the average age of players who are not from France?',
	$$SELECT avg(age)
	 FROM players
	WHERE country <> 'France'$$);
SELECT gives('What is the average age of players with age at least 27?',
	$$SELECT avg(age)
	 FROM players
	WHERE age >= 27$$);
SELECT gives('What is the average age of players of the team Rovers?',
	$$SELECT avg(age)
	 FROM players
	WHERE team_id = (SELECT team_id FROM teams WHERE name = 'Rovers')$$);
SELECT gives('What is the average age of players that have no appearances?',
	$$SELECT avg(age)
	 FROM players
	WHERE player_id NOT IN (SELECT player_id FROM appearances)$$);
SELECT gives('What is the average age of players with more than 1 appearance?',
	$$SELECT avg(age)
	 FROM players
	WHERE player_id IN (SELECT player_id FROM appearances GROUP BY player_id HAVING count(*) > 1)$$);
SELECT gives('What is the average age of players whose name contains ''a''?',
	$$SELECT avg(age)
	 FROM players
	WHERE name LIKE '%a%'$$);
SELECT gives('What is the average age of players with age above the average?',
	$$SELECT avg(age)
	 FROM players
	WHERE age > (SELECT avg(age) FROM players)$$);
SELECT gives('What is the average age of players from France or Spain?',
	$$SELECT avg(age)
	 FROM players
	WHERE country IN ('France', 'Spain')$$);
SELECT gives('What is the average age of players whose position is Keeper and whose age is over 30?',
	$$SELECT avg(age)
	 FROM players
	WHERE position = 'Keeper' AND age > 30$$);
SELECT gives('What is the average age of players that belong to teams from Lyon?',
	$$SELECT avg(age)
	 FROM players
	WHERE team_id IN (SELECT team_id FROM teams WHERE city = 'Lyon')$$);
SELECT gives('What is the average age of all players?',
	$$SELECT avg(age)
	 FROM players$$);
SELECT gives('What is the maximum age of all players?',
	$$SELECT max(age)
	 FROM players$$);
SELECT gives('What is the minimum age of all players?',
	$$SELECT min(age)
	 FROM players$$);
SELECT gives('What are the minimum, maximum and average age of players?',
	$$SELECT min(age), max(age), avg(age)
	 FROM players$$);
SELECT gives('What is the average weight of all players?',
	$$SELECT avg(weight)
	 FROM players$$);
SELECT gives('What is the maximum weight of all players?',
	$$SELECT max(weight)
	 FROM players$$);
SELECT gives('What is the minimum weight of all players?',
	$$SELECT min(weight)
	 FROM players$$);
SELECT gives('What are the minimum, maximum and average weight of players?',
	$$SELECT min(weight), max(weight), avg(weight)
	 FROM players$$);
SELECT gives('What is the average budget of teams in Lyon?',
	$$SELECT avg(budget)
	 FROM teams
	WHERE city = 'Lyon'$$);
SELECT gives('What is the average budget of teams with a budget over 50?',
	$$SELECT avg(budget)
	 FROM teams
	WHERE budget > 50$$);
SELECT gives('What is the average budget of teams with more than 2 players?',
	$$SELECT avg(budget)
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players GROUP BY team_id HAVING count(*) > 2)$$);
SELECT gives('What is the average budget of teams with sponsors?',
	$$SELECT avg(budget)
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM contracts)$$);
SELECT gives('What is the average budget of teams that have players from Italy?',
	$$SELECT avg(budget)
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players WHERE country = 'Italy')$$);
SELECT gives('What is the average budget of teams whose budget is less than 60?',
	$$SELECT avg(budget)
	 FROM teams
	WHERE budget < 60$$);
SELECT gives('What is the average budget of teams that have players older than 30?',
	$$SELECT avg(budget)
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players WHERE age > 30)$$);
SELECT gives('What is the average budget of teams with sponsors of the industry Energy?',
	$$SELECT avg(budget)
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM contracts JOIN sponsors USING (sponsor_id) WHERE industry = 'Energy')$$);
SELECT gives('What is the average budget of teams whose city is Turin or Ghent?',
	$$SELECT avg(budget)
	 FROM teams
	WHERE city IN ('Turin', 'Ghent')$$);
SELECT gives('What is the average budget of all teams?',
	$$SELECT avg(budget)
	 FROM teams$$);
SELECT gives('What is the maximum budget of all teams?',
	$$SELECT max(budget)
	 FROM teams$$);
SELECT gives('What is the minimum budget of all teams?',
	$$SELECT min(budget)
	 FROM teams$$);
SELECT gives('What are the minimum, maximum and average budget of teams?',
	$$SELECT min(budget), max(budget), avg(budget)
	 FROM teams$$);
SELECT gives('What is the average capacity of stadiums with capacity over 10000?',
	$$SELECT avg(capacity)
	 FROM stadiums
	WHERE capacity > 10000$$);
SELECT gives('What is the average capacity of stadiums in Turin?',
	$$SELECT avg(capacity)
	 FROM stadiums
	WHERE city = 'Turin'$$);
SELECT gives('What is the average capacity of stadiums without games?',
	$$SELECT avg(capacity)
	 FROM stadiums
	WHERE stadium_id NOT IN (SELECT stadium_id FROM games)$$);
SELECT gives('What is the average capacity of stadiums that have games?',
	$$SELECT avg(capacity)
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games)$$);
SELECT gives('What is the average capacity of stadiums with at least 2 games?',
	$$SELECT avg(capacity)
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games GROUP BY stadium_id HAVING count(*) >= 2)$$);
SELECT gives('What is the average capacity of stadiums with games whose attendance is over 14000?',
	$$SELECT avg(capacity)
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games WHERE attendance > 14000)$$);
SELECT gives('What is the average capacity of stadiums whose capacity is at most 18000?',
	$$SELECT avg(capacity)
	 FROM stadiums
	WHERE capacity <= 18000$$);
SELECT gives('What is the average capacity of stadiums with capacity below the average?',
	$$SELECT avg(capacity)
	 FROM stadiums
	WHERE capacity < (SELECT avg(capacity) FROM stadiums)$$);
SELECT gives('What is the average capacity of all stadiums?',
	$$SELECT avg(capacity)
	 FROM stadiums$$);
SELECT gives('What is the maximum capacity of all stadiums?',
	$$SELECT max(capacity)
	 FROM stadiums$$);
SELECT gives('What is the minimum capacity of all stadiums?',
	$$SELECT min(capacity)
	 FROM stadiums$$);
SELECT gives('What are the minimum, maximum and average capacity of stadiums?',
	$$SELECT min(capacity), max(capacity), avg(capacity)
	 FROM stadiums$$);
SELECT gives('What is the average attendance of games with attendance over 10000?',
	$$SELECT avg(attendance)
	 FROM games
	WHERE attendance > 10000$$);
SELECT gives('What is the average attendance of games with season 2019?',
	$$SELECT avg(attendance)
	 FROM games
	WHERE season = 2019$$);
SELECT gives('What is the average attendance of games whose season is over 2019?',
	$$SELECT avg(attendance)
	 FROM games
	WHERE season > 2019$$);
SELECT gives('What is the average attendance of games in the stadium Hill Park?',
	$$SELECT avg(attendance)
	 FROM games
	WHERE stadium_id = 2$$);
SELECT gives('What is the average attendance of games whose attendance is between 5000 and 12000?',
	$$SELECT avg(attendance)
	 FROM games
	WHERE attendance BETWEEN 5000 AND 12000$$);
SELECT gives('What is the average attendance of games in stadiums with capacity over 20000?',
	$$SELECT avg(attendance)
	 FROM games
	WHERE stadium_id IN (SELECT stadium_id FROM stadiums WHERE capacity > 20000)$$);
SELECT gives('What is the average attendance of games with more than 1 player?',
	$$SELECT avg(attendance)
	 FROM games
	WHERE game_id IN (SELECT game_id FROM appearances GROUP BY game_id HAVING count(*) > 1)$$);
SELECT gives('What is the average attendance of games in the largest stadium?',
	$$SELECT avg(attendance)
	 FROM games
	WHERE stadium_id = (SELECT stadium_id FROM stadiums ORDER BY capacity DESC LIMIT 1)$$);
SELECT gives('What is the average attendance of all games?',
	$$SELECT avg(attendance)
	 FROM games$$);
SELECT gives('What is the maximum attendance of all games?',
	$$SELECT max(attendance)
	 FROM games$$);
SELECT gives('What is the minimum attendance of all games?',
	$$SELECT min(attendance)
	 FROM games$$);
SELECT gives('What are the minimum, maximum and average attendance of games?',
	$$SELECT min(attendance), max(attendance), avg(attendance)
	 FROM games$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_figures CASCADE;
