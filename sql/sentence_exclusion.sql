--
-- What is left out, what something is or is not, and "but".
--
CREATE SCHEMA sentence_exclusion;
SET search_path = sentence_exclusion, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all
CREATE TABLE captains (captain_id int PRIMARY KEY, player_id int NOT NULL REFERENCES players, since int NOT NULL);
INSERT INTO captains VALUES (1, 3, 2018), (2, 7, 2020);
ANALYZE captains;

-- The rest, also those of which it is not known.
SELECT gives('Show the names of all players except those from France.',
	$$SELECT name FROM players WHERE country <> 'France'$$);
SELECT gives('List the names of stadiums except for those having games with an attendance over 10000.',
	$$SELECT name FROM stadiums AS s WHERE NOT EXISTS (SELECT FROM games AS g WHERE g.stadium_id = s.stadium_id AND attendance > 10000)$$);
SELECT gives('What are the names of players excluding those older than 30?',
	$$SELECT name FROM players WHERE age <= 30$$);
SELECT gives('Show the names of all players except the player named Abel.',
	$$SELECT name FROM players WHERE name <> 'Abel'$$);
SELECT gives('How many players are there other than those from Italy?',
	$$SELECT count(*) FROM players WHERE country <> 'Italy'$$);
ALTER TABLE players ALTER age DROP NOT NULL, ALTER country DROP NOT NULL;
UPDATE players SET age = NULL, country = NULL WHERE name = 'Hugo';
SELECT gives('Show the names of all players except those older than 30.',
	$$SELECT name FROM players WHERE age <= 30 OR age IS NULL$$);
SELECT gives('Show the names of all players except players from France older than 20.',
	$$SELECT name FROM players WHERE (country = 'France' AND age > 20) IS NOT TRUE$$);
-- Of whom both is true, or either?
SELECT gives('Show the names of all players except those from France and older than 20.', 'SELECT');
-- What stands behind may be said of those, or of the rest.
SELECT gives('Show the names of all players except those from France who are older than 20.', 'SELECT');
-- The first of the rest, or of all? And what is not left out?
SELECT gives('Who is the oldest player except those from Italy?', 'SELECT');
SELECT gives('Show the names of all players except those who are not from France.', 'SELECT');
SELECT gives('Show the names of all players except games.', 'SELECT');

-- Both are true of one thing.
SELECT gives('Which players are from France but not older than 25?',
	$$SELECT name FROM players WHERE country = 'France' AND age <= 25$$);
SELECT gives('Find the names of teams that have a contract with Bolt but not with Acme.', 'SELECT');
SELECT gives('Show the names of players whose age is over 20 but whose weight is under 75.',
	$$SELECT name FROM players WHERE age > 20 AND weight < 75$$);

-- What has no name of its own is what it refers to.
SELECT gives('Show the names of players who are captains.',
	$$SELECT name FROM players WHERE player_id IN (SELECT player_id FROM captains)$$);
SELECT gives('How many players are not captains?',
	$$SELECT count(*) FROM players WHERE player_id NOT IN (SELECT player_id FROM captains)$$);
SELECT gives('Show the names of players that are not games.', 'SELECT');
SELECT gives('Show the names of teams that are not players.', 'SELECT');
SELECT gives('Show the names of games that are not appearances.', 'SELECT');

-- "No x" does something with it.
SELECT gives('Show the names of stadiums where no games happened.',
	$$SELECT name FROM stadiums AS s WHERE NOT EXISTS (SELECT FROM games AS g WHERE g.stadium_id = s.stadium_id)$$);
SELECT gives('Which games do no players appear in?', 'SELECT');
DROP SCHEMA sentence_exclusion CASCADE;
