--
-- Which things: by values, comparisons, and what belongs to them.
--
CREATE SCHEMA sentence_conditions;
SET search_path = sentence_conditions, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

SELECT gives('Find the names of players from Italy.',
	$$SELECT name
	 FROM players
	WHERE country = 'Italy'$$);
SELECT gives('Show all players from Italy',
	$$SELECT name
	 FROM players
	WHERE country = 'Italy'$$);
SELECT gives('Find the names of players whose position is Striker.',
	$$SELECT name
	 FROM players
	WHERE position = 'Striker'$$);
SELECT gives('Show all players whose position is Striker',
	$$SELECT name
	 FROM players
	WHERE position = 'Striker'$$);
SELECT gives('Find the names of players older than 25.',
	$$SELECT name
	 FROM players
	WHERE age > 25$$);
SELECT gives('Show all players older than 25',
	$$SELECT name
	 FROM players
	WHERE age > 25$$);
SELECT gives('Find the names of players with a weight over 75.',
	$$SELECT name
	 FROM players
	WHERE weight > 75$$);
SELECT gives('Show all players with a weight over 75',
	$$SELECT name
	 FROM players
	WHERE weight > 75$$);
SELECT gives('Find the names of players whose age is between 20 and 30.',
	$$SELECT name
	 FROM players
	WHERE age BETWEEN 20 AND 30$$);
SELECT gives('Show all players whose age is between 20 and 30',
	$$SELECT name
	 FROM players
	WHERE age BETWEEN 20 AND 30$$);
SELECT gives('Find the names of players who are not from France.',
	$$SELECT name
	 FROM players
	WHERE country <> 'France'$$);
SELECT gives('Show all players who are not from France',
	$$SELECT name
	 FROM players
	WHERE country <> 'France'$$);
SELECT gives('Find the names of players with age at least 27.',
	$$SELECT name
	 FROM players
	WHERE age >= 27$$);
SELECT gives('Show all players with age at least 27',
	$$SELECT name
	 FROM players
	WHERE age >= 27$$);
SELECT gives('Find the names of players of the team Rovers.',
	$$SELECT name
	 FROM players
	WHERE team_id = (SELECT team_id FROM teams WHERE name = 'Rovers')$$);
SELECT gives('Show all players of the team Rovers',
	$$SELECT name
	 FROM players
	WHERE team_id = (SELECT team_id FROM teams WHERE name = 'Rovers')$$);
SELECT gives('Find the names of players that have no appearances.',
	$$SELECT name
	 FROM players
	WHERE player_id NOT IN (SELECT player_id FROM appearances)$$);
SELECT gives('Show all players that have no appearances',
	$$SELECT name
	 FROM players
	WHERE player_id NOT IN (SELECT player_id FROM appearances)$$);
SELECT gives('Find the names of players with more than 1 appearance.',
	$$SELECT name
	 FROM players
	WHERE player_id IN (SELECT player_id FROM appearances GROUP BY player_id HAVING count(*) > 1)$$);
SELECT gives('Show all players with more than 1 appearance',
	$$SELECT name
	 FROM players
	WHERE player_id IN (SELECT player_id FROM appearances GROUP BY player_id HAVING count(*) > 1)$$);
SELECT gives('Find the names of players whose name contains ''a''.',
	$$SELECT name
	 FROM players
	WHERE name LIKE '%a%'$$);
SELECT gives('Show all players whose name contains ''a''',
	$$SELECT name
	 FROM players
	WHERE name LIKE '%a%'$$);
SELECT gives('Find the names of players with age above the average.',
	$$SELECT name
	 FROM players
	WHERE age > (SELECT avg(age) FROM players)$$);
SELECT gives('Show all players with age above the average',
	$$SELECT name
	 FROM players
	WHERE age > (SELECT avg(age) FROM players)$$);
SELECT gives('Find the names of players from France or Spain.',
	$$SELECT name
	 FROM players
	WHERE country IN ('France', 'Spain')$$);
SELECT gives('Show all players from France or Spain',
	$$SELECT name
	 FROM players
	WHERE country IN ('France', 'Spain')$$);
SELECT gives('Find the names of players whose position is Keeper and whose age is over 30.',
	$$SELECT name
	 FROM players
	WHERE position = 'Keeper' AND age > 30$$);
SELECT gives('Show all players whose position is Keeper and whose age is over 30',
	$$SELECT name
	 FROM players
	WHERE position = 'Keeper' AND age > 30$$);
SELECT gives('Find the names of players that belong to teams from Lyon.',
	$$SELECT name
	 FROM players
	WHERE team_id IN (SELECT team_id FROM teams WHERE city = 'Lyon')$$);
SELECT gives('Show all players that belong to teams from Lyon',
	$$SELECT name
	 FROM players
	WHERE team_id IN (SELECT team_id FROM teams WHERE city = 'Lyon')$$);
SELECT gives('Find the names of teams in Lyon.',
	$$SELECT name
	 FROM teams
	WHERE city = 'Lyon'$$);
SELECT gives('Show all teams in Lyon',
	$$SELECT name
	 FROM teams
	WHERE city = 'Lyon'$$);
SELECT gives('Find the names of teams with a budget over 50.',
	$$SELECT name
	 FROM teams
	WHERE budget > 50$$);
SELECT gives('Show all teams with a budget over 50',
	$$SELECT name
	 FROM teams
	WHERE budget > 50$$);
SELECT gives('Find the names of teams with more than 2 players.',
	$$SELECT name
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players GROUP BY team_id HAVING count(*) > 2)$$);
SELECT gives('Show all teams with more than 2 players',
	$$SELECT name
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players GROUP BY team_id HAVING count(*) > 2)$$);
SELECT gives('Find the names of teams with sponsors.',
	$$SELECT name
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM contracts)$$);
SELECT gives('Show all teams with sponsors',
	$$SELECT name
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM contracts)$$);
SELECT gives('Find the names of teams that have players from Italy.',
	$$SELECT name
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players WHERE country = 'Italy')$$);
SELECT gives('Show all teams that have players from Italy',
	$$SELECT name
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players WHERE country = 'Italy')$$);
SELECT gives('Find the names of teams whose budget is less than 60.',
	$$SELECT name
	 FROM teams
	WHERE budget < 60$$);
SELECT gives('Show all teams whose budget is less than 60',
	$$SELECT name
	 FROM teams
	WHERE budget < 60$$);
SELECT gives('Find the names of teams that have players older than 30.',
	$$SELECT name
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players WHERE age > 30)$$);
SELECT gives('Show all teams that have players older than 30',
	$$SELECT name
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players WHERE age > 30)$$);
SELECT gives('Find the names of teams with sponsors of the industry Energy.',
	$$SELECT name
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM contracts JOIN sponsors USING (sponsor_id) WHERE industry = 'Energy')$$);
SELECT gives('Show all teams with sponsors of the industry Energy',
	$$SELECT name
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM contracts JOIN sponsors USING (sponsor_id) WHERE industry = 'Energy')$$);
SELECT gives('Find the names of teams whose city is Turin or Ghent.',
	$$SELECT name
	 FROM teams
	WHERE city IN ('Turin', 'Ghent')$$);
SELECT gives('Show all teams whose city is Turin or Ghent',
	$$SELECT name
	 FROM teams
	WHERE city IN ('Turin', 'Ghent')$$);
SELECT gives('Find the names of stadiums with capacity over 10000.',
	$$SELECT name
	 FROM stadiums
	WHERE capacity > 10000$$);
SELECT gives('Show all stadiums with capacity over 10000',
	$$SELECT name
	 FROM stadiums
	WHERE capacity > 10000$$);
SELECT gives('Find the names of stadiums in Turin.',
	$$SELECT name
	 FROM stadiums
	WHERE city = 'Turin'$$);
SELECT gives('Show all stadiums in Turin',
	$$SELECT name
	 FROM stadiums
	WHERE city = 'Turin'$$);
SELECT gives('Find the names of stadiums without games.',
	$$SELECT name
	 FROM stadiums
	WHERE stadium_id NOT IN (SELECT stadium_id FROM games)$$);
SELECT gives('Show all stadiums without games',
	$$SELECT name
	 FROM stadiums
	WHERE stadium_id NOT IN (SELECT stadium_id FROM games)$$);
SELECT gives('Find the names of stadiums that have games.',
	$$SELECT name
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games)$$);
SELECT gives('Show all stadiums that have games',
	$$SELECT name
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games)$$);
SELECT gives('Find the names of stadiums with at least 2 games.',
	$$SELECT name
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games GROUP BY stadium_id HAVING count(*) >= 2)$$);
SELECT gives('Show all stadiums with at least 2 games',
	$$SELECT name
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games GROUP BY stadium_id HAVING count(*) >= 2)$$);
SELECT gives('Find the names of stadiums with games whose attendance is over 14000.',
	$$SELECT name
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games WHERE attendance > 14000)$$);
SELECT gives('Show all stadiums with games whose attendance is over 14000',
	$$SELECT name
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games WHERE attendance > 14000)$$);
SELECT gives('Find the names of stadiums whose capacity is at most 18000.',
	$$SELECT name
	 FROM stadiums
	WHERE capacity <= 18000$$);
SELECT gives('Show all stadiums whose capacity is at most 18000',
	$$SELECT name
	 FROM stadiums
	WHERE capacity <= 18000$$);
SELECT gives('Find the names of stadiums with capacity below the average.',
	$$SELECT name
	 FROM stadiums
	WHERE capacity < (SELECT avg(capacity) FROM stadiums)$$);
SELECT gives('Show all stadiums with capacity below the average',
	$$SELECT name
	 FROM stadiums
	WHERE capacity < (SELECT avg(capacity) FROM stadiums)$$);
SELECT gives('Find the titles of games with attendance over 10000.',
	$$SELECT title
	 FROM games
	WHERE attendance > 10000$$);
SELECT gives('Show all games with attendance over 10000',
	$$SELECT title
	 FROM games
	WHERE attendance > 10000$$);
SELECT gives('Find the titles of games with season 2019.',
	$$SELECT title
	 FROM games
	WHERE season = 2019$$);
SELECT gives('Show all games with season 2019',
	$$SELECT title
	 FROM games
	WHERE season = 2019$$);
SELECT gives('Find the titles of games whose season is over 2019.',
	$$SELECT title
	 FROM games
	WHERE season > 2019$$);
SELECT gives('Show all games whose season is over 2019',
	$$SELECT title
	 FROM games
	WHERE season > 2019$$);
SELECT gives('Find the titles of games in the stadium Hill Park.',
	$$SELECT title
	 FROM games
	WHERE stadium_id = 2$$);
SELECT gives('Show all games in the stadium Hill Park',
	$$SELECT title
	 FROM games
	WHERE stadium_id = 2$$);
SELECT gives('Find the titles of games whose attendance is between 5000 and 12000.',
	$$SELECT title
	 FROM games
	WHERE attendance BETWEEN 5000 AND 12000$$);
SELECT gives('Show all games whose attendance is between 5000 and 12000',
	$$SELECT title
	 FROM games
	WHERE attendance BETWEEN 5000 AND 12000$$);
SELECT gives('Find the titles of games in stadiums with capacity over 20000.',
	$$SELECT title
	 FROM games
	WHERE stadium_id IN (SELECT stadium_id FROM stadiums WHERE capacity > 20000)$$);
SELECT gives('Show all games in stadiums with capacity over 20000',
	$$SELECT title
	 FROM games
	WHERE stadium_id IN (SELECT stadium_id FROM stadiums WHERE capacity > 20000)$$);
SELECT gives('Find the titles of games with more than 1 player.',
	$$SELECT title
	 FROM games
	WHERE game_id IN (SELECT game_id FROM appearances GROUP BY game_id HAVING count(*) > 1)$$);
SELECT gives('Show all games with more than 1 player',
	$$SELECT title
	 FROM games
	WHERE game_id IN (SELECT game_id FROM appearances GROUP BY game_id HAVING count(*) > 1)$$);
SELECT gives('Find the titles of games in the largest stadium.',
	$$SELECT title
	 FROM games
	WHERE stadium_id = (SELECT stadium_id FROM stadiums ORDER BY capacity DESC LIMIT 1)$$);
SELECT gives('Show all games in the largest stadium',
	$$SELECT title
	 FROM games
	WHERE stadium_id = (SELECT stadium_id FROM stadiums ORDER BY capacity DESC LIMIT 1)$$);
SELECT gives('Find the names of sponsors whose industry is Energy.',
	$$SELECT name
	 FROM sponsors
	WHERE industry = 'Energy'$$);
SELECT gives('Show all sponsors whose industry is Energy',
	$$SELECT name
	 FROM sponsors
	WHERE industry = 'Energy'$$);
SELECT gives('Find the names of sponsors without teams.',
	$$SELECT name
	 FROM sponsors
	WHERE sponsor_id NOT IN (SELECT sponsor_id FROM contracts)$$);
SELECT gives('Show all sponsors without teams',
	$$SELECT name
	 FROM sponsors
	WHERE sponsor_id NOT IN (SELECT sponsor_id FROM contracts)$$);
SELECT gives('Find the names of sponsors with more than 1 team.',
	$$SELECT name
	 FROM sponsors
	WHERE sponsor_id IN (SELECT sponsor_id FROM contracts GROUP BY sponsor_id HAVING count(*) > 1)$$);
SELECT gives('Show all sponsors with more than 1 team',
	$$SELECT name
	 FROM sponsors
	WHERE sponsor_id IN (SELECT sponsor_id FROM contracts GROUP BY sponsor_id HAVING count(*) > 1)$$);
SELECT gives('Find the names of sponsors of the team Rovers.',
	$$SELECT name
	 FROM sponsors
	WHERE sponsor_id IN (SELECT sponsor_id FROM contracts WHERE team_id = 2)$$);
SELECT gives('Show all sponsors of the team Rovers',
	$$SELECT name
	 FROM sponsors
	WHERE sponsor_id IN (SELECT sponsor_id FROM contracts WHERE team_id = 2)$$);
SELECT gives('Show the names of players that have appearances.',
	$$SELECT name
	 FROM players
	WHERE player_id IN (SELECT player_id FROM appearances)$$);
SELECT gives('Show the names of players that do not have any appearances.',
	$$SELECT name
	 FROM players
	WHERE player_id NOT IN (SELECT player_id FROM appearances)$$);
SELECT gives('Show the names of teams that have players.',
	$$SELECT name
	 FROM teams
	WHERE team_id IN (SELECT team_id FROM players)$$);
SELECT gives('Show the names of teams that do not have any players.',
	$$SELECT name
	 FROM teams
	WHERE team_id NOT IN (SELECT team_id FROM players)$$);
SELECT gives('Show the names of stadiums that have games.',
	$$SELECT name
	 FROM stadiums
	WHERE stadium_id IN (SELECT stadium_id FROM games)$$);
SELECT gives('Show the names of stadiums that do not have any games.',
	$$SELECT name
	 FROM stadiums
	WHERE stadium_id NOT IN (SELECT stadium_id FROM games)$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_conditions CASCADE;
