--
-- A second sentence that says once more what figures show, or asks for the
-- number of their rows beside them.
--
CREATE SCHEMA sentence_restated;
SET search_path = sentence_restated, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all
CREATE TABLE fees (fee_id int PRIMARY KEY, player_id int NOT NULL REFERENCES players,
	kind text NOT NULL, amount numeric NOT NULL);
INSERT INTO fees VALUES (1, 1, 'entry', 10), (2, 1, 'licence', 25), (3, 2, 'entry', 12), (4, 3, 'licence', 40), (5, 3, 'entry', 3);
ANALYZE fees;

SELECT gives('Who are the top 2 players by total amount? Return their name and total amount.',
	$$SELECT p.name, sum(amount) FROM fees JOIN players AS p USING (player_id) GROUP BY player_id, p.name
	  ORDER BY 2 DESC LIMIT 2$$);
SELECT gives('Total amount by kind. Show the kind and the total amount.',
	$$SELECT kind, sum(amount) FROM fees GROUP BY kind$$);
SELECT gives('Who are the top 2 players by total amount? Give me the player name, the number of fees and the amount.',
	$$SELECT p.name, count(*), sum(amount) FROM fees JOIN players AS p USING (player_id) GROUP BY player_id, p.name
	  ORDER BY 3 DESC LIMIT 2$$);
SELECT gives('Average amount by kind; list the kind, the total number of fees and the average amount.',
	$$SELECT kind, count(*), avg(amount) FROM fees GROUP BY kind$$);
SELECT interpretation FROM llm_answer('Average amount by kind. List the kind and the number of fees.');

SELECT gives('Total amount by kind. The kind and the total amount.',
	$$SELECT kind, sum(amount) FROM fees GROUP BY kind$$);

-- Something else, or the same by another function.
SELECT gives('Who are the top 2 players by total amount? Return their name and age.', NULL);
SELECT gives('Who are the top 2 players by total amount? Return the team name and total amount.', NULL);
SELECT gives('Total amount by kind. Show the kind and the average amount.', NULL);
SELECT gives('Total amount by kind. Show the kind and the number of players.', NULL);
SELECT gives('Total amount by kind. Show the kind and the average number of fees.', NULL);
SELECT gives('Total amount by kind. Show the name and the total amount.', NULL);
SELECT gives('Total amount by kind. Show the kind, total amount and those over 20.', NULL);
SELECT gives('Total amount by kind. Show the kind. Show the total amount.', NULL);
-- A number that is stored as well, there or elsewhere.
ALTER TABLE fees ADD number_of_fees int;
SELECT gives('Total amount by kind. Show the kind, the number of fees and the total amount.', NULL);
ALTER TABLE fees DROP number_of_fees;
ALTER TABLE players ADD number_of_fees int;
SELECT gives('Total amount by kind. Show the kind, the number of fees and the total amount.', NULL);
SET client_min_messages = warning;
DROP SCHEMA sentence_restated CASCADE;
