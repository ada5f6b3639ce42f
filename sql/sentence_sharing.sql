--
-- Values that are told by what the rows that have them are.
--
CREATE SCHEMA sentence_sharing;
SET search_path = sentence_sharing, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

SELECT gives('Show the countries that have both players older than 30 and players younger than 30.',
	$$SELECT country FROM players WHERE age > 30 INTERSECT SELECT country FROM players WHERE age < 30$$);
SELECT gives('Which countries have both players with a weight over 80 and players younger than 26?',
	$$SELECT country FROM players WHERE weight > 80 INTERSECT SELECT country FROM players WHERE age < 26$$);
SELECT gives('Show the positions shared by players older than 30 and players younger than 25.',
	$$SELECT position FROM players WHERE age > 30 INTERSECT SELECT position FROM players WHERE age < 25$$);
SELECT gives('Which countries do not have any players older than 30?',
	$$SELECT country FROM players EXCEPT SELECT country FROM players WHERE age > 30$$);
SELECT gives('Show all positions without a player younger than 25.',
	$$SELECT position FROM players EXCEPT SELECT position FROM players WHERE age < 25$$);

--
-- A value that is not known is shared by nobody, and no row has it not.
--
ALTER TABLE players ALTER country DROP NOT NULL;
UPDATE players SET country = NULL WHERE name IN ('Carlo', 'Hugo');
SELECT gives('Show the countries that have both players older than 30 and players younger than 30.',
	$$SELECT country FROM players WHERE age > 30 AND country IS NOT NULL
	  INTERSECT SELECT country FROM players WHERE age < 30$$);
SELECT gives('Which countries do not have any players older than 34?',
	$$SELECT country FROM players WHERE country IS NOT NULL
	  EXCEPT SELECT country FROM players WHERE age > 34$$);

--
-- Without "both", one player could be meant; without a condition nothing tells
-- two groups apart; and a name is of one thing.
--
SELECT gives('Show the countries with players older than 30 and players younger than 30.',
	$$SELECT country FROM players WHERE age > 30 AND age < 30$$);
SELECT gives('Which countries have both players and players?',
	$$SELECT DISTINCT country FROM players$$);
SELECT gives('Which countries do not have any players?',
	$$SELECT country FROM players WHERE false$$);
SELECT gives('Which countries have both players older than 30 and games?',
	$$SELECT country FROM players WHERE age > 30$$);

--
-- "Whose x is not": none of them, or one that is not?
--
SELECT gives('Show the names of stadiums whose game is not in 2019.',
	$$SELECT name FROM stadiums WHERE false$$);
DROP SCHEMA sentence_sharing CASCADE;
