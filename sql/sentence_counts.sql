--
-- How many things, all of them or those of a condition.
--
CREATE SCHEMA sentence_counts;
SET search_path = sentence_counts, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

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
