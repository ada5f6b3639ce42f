--
-- Numbers beside what they are counted for, and words that point back to it.
--
CREATE SCHEMA sentence_tally;
SET search_path = sentence_tally, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

SELECT gives('What are the positions of players, and how many players are there for each?',
	$$SELECT position, count(*) FROM players GROUP BY position$$);
SELECT gives('What are the different positions, and how many players play in each?',
	$$SELECT position, count(*) FROM players GROUP BY position$$);
SELECT gives('Show each position and the number of players in that position.',
	$$SELECT position, count(*) FROM players GROUP BY position$$);
SELECT gives('For each position, return the position and the number of players with that position.',
	$$SELECT position, count(*) FROM players GROUP BY position$$);
SELECT gives('How many players correspond to each country?',
	$$SELECT country, count(*) FROM players GROUP BY country$$);
SELECT gives('Show the countries of the players and the count.',
	$$SELECT country, count(*) FROM players GROUP BY country$$);
SELECT gives('What are the names of the teams, and how many players does each have?',
	$$SELECT name, (SELECT count(*) FROM players AS p WHERE p.team_id = t.team_id)
	    FROM teams AS t$$);
SELECT gives('Show the stadium names and the number of games in each stadium.',
	$$SELECT s.name, count(*) FROM stadiums AS s JOIN games USING (stadium_id) GROUP BY s.stadium_id$$);

--
-- A name behind "each" or "that" has to be the one that is counted for, and a
-- word that says more than that is a condition.
--
SELECT gives('Show each position and the number of players in that country.',
	$$SELECT position, count(*) FROM players GROUP BY position$$);
SELECT gives('What are the positions, and how many players from Italy are there for each?',
	$$SELECT position, count(*) FROM players WHERE country = 'Italy' GROUP BY position$$);
SELECT gives('What are the positions, and how many players older than 25 are there for each?',
	$$SELECT position, count(*) FROM players WHERE age > 25 GROUP BY position$$);
SELECT gives('What are the positions, and how many players scored for each?',
	$$SELECT position, count(*) FROM players GROUP BY position$$);
SELECT gives('What are the positions, and how many sponsors are there for each?',
	$$SELECT position, count(*) FROM players GROUP BY position$$);

--
-- "published by" breaks nothing down.
--
SELECT gives('How many players are paid by sponsors?',
	$$SELECT s.name, count(*) FROM sponsors AS s GROUP BY s.name$$);

--
-- Names and ids of whom: of what is counted, or of those for whom it is?
--
SELECT gives('What is the id and name with the most players?',
	$$SELECT team_id, name FROM teams WHERE team_id = 1$$);
DROP SCHEMA sentence_tally CASCADE;
