--
-- Questions that are cut short, begun late, or given a word more at either end
-- are answered or refused, and nothing else.
--
CREATE SCHEMA rules_scrambled;
SET search_path = rules_scrambled, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set ECHO none
\i :tables
\set ECHO all
CREATE TABLE fees (fee_id int PRIMARY KEY, player_id int, paid_on date NOT NULL, amount numeric NOT NULL);
INSERT INTO fees SELECT i, 1 + i % 8, date '2023-01-01' + 40 * i, i FROM generate_series(1, 30) AS i;
ANALYZE fees;

CREATE TEMP TABLE asked AS SELECT row_number() OVER () AS n, q FROM unnest(ARRAY[
	'total amount by player from March to June 2024', 'amount between January and March 2024 (inclusive)',
	'amount in the last 90 days including today', 'amount in the second quarter of 2023 or later',
	'amount on Mondays and Fridays', 'amount before the 7th of September, 2023',
	'Which team has the most players? Give me its name and the number of players.',
	'Who are the top 3 players by total amount? Return their name, number of fees and total amount.',
	'Show the full name (first and last name) of the player(s) sorted by age (in descending order).',
	'For each position, return how many players have it, and what are their ages?',
	'players who played both Derby and Opening but not Replay', 'players older than the average age or younger than all players from Spain',
	'What percentage of players are from "Belgium"?', 'the 3 teams that have at least 2 players and no sponsors',
	'names of teams except those whose budget is less than 50, ordered by city and then by name descending',
	'What is the most common position of players without a team known?']) AS q;
CREATE TEMP TABLE words AS SELECT w FROM unnest(string_to_array(
	'a about above after all an and any around at average before below between both but by common count date day days did each either end ever every except '
	'exactly excluding fewest first for from had half has have he highest his how if in including is it its last least less lowest many March me median '
	'missing Mondays month more most neither never no nor not null number of on only or other over per percentage quarter q2 rate ratio same second share '
	'she since sort sum than that the their them then they this top total under until unknown what whose which who with within without year 2024 7 7th '
	'? . , ; ( ) / - '' "x y" ''z'' % $', ' ')) AS w;
CREATE TEMP TABLE pieces AS
SELECT array_to_string((string_to_array(q, ' '))[1:i], ' ') AS q FROM asked, generate_series(1, 30) AS i
UNION SELECT array_to_string((string_to_array(q, ' '))[i:], ' ') FROM asked, generate_series(1, 30) AS i
UNION SELECT q || ' ' || w FROM asked, words
UNION SELECT w || ' ' || q FROM asked, words
UNION SELECT 'amount ' || v.w || ' ' || x.w FROM words AS v, words AS x WHERE (v.w < x.w) = (length(v.w) > length(x.w));
DELETE FROM pieces WHERE btrim(q) = '';
SELECT count(*) > 5000 AS many FROM pieces;
SET client_min_messages = error;
SELECT q, a.error_code, a.message
  FROM pieces, LATERAL llm_answer(q, '{"cache": false}') AS a
 WHERE coalesce(a.error_code, 'LLM08') <> 'LLM08' ORDER BY q COLLATE "C";
DROP SCHEMA rules_scrambled CASCADE;
