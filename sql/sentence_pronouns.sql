--
-- Pronouns that point back to the things that are asked about.
--
CREATE SCHEMA sentence_pronouns;
SET search_path = sentence_pronouns, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tables :abs_srcdir '/sql/include/sentence_league.sql'
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :tables
\i :gives
\set ECHO all

--
-- A number of what belongs to each.
--
SELECT gives('Show the names of the teams and the number of players they have.',
	$$SELECT t.name, count(*) FROM teams AS t JOIN players USING (team_id) GROUP BY t.team_id$$);
SELECT gives('For each team, show the name of the team and the number of players in it.',
	$$SELECT t.name, count(*) FROM teams AS t JOIN players USING (team_id) GROUP BY t.team_id$$);
SELECT gives('What are the names of the teams, and how many players play in each of them?',
	$$SELECT t.name, count(*) FROM teams AS t JOIN players USING (team_id) GROUP BY t.team_id$$);
SELECT gives('What are the names of the stadiums, and how many games were held in that stadium?',
	$$SELECT s.name, count(*) FROM stadiums AS s JOIN games USING (stadium_id) GROUP BY s.stadium_id$$);
SELECT gives('For each position, return how many players have it.',
	$$SELECT position, count(*) FROM players GROUP BY position$$);
SELECT gives('For each position, return the position and the count of players with that position.',
	$$SELECT position, count(*) FROM players GROUP BY position$$);
-- Over a link, where the verb names it.
SELECT gives('Show the names of players and the number of games they appeared in.',
	$$SELECT p.name, count(*) FROM players AS p JOIN appearances USING (player_id) GROUP BY p.player_id$$);

--
-- Properties of what each belongs to.
--
SELECT gives('Show the names of players and the name of the team they belong to.',
	$$SELECT p.name, t.name AS team FROM players AS p JOIN teams AS t USING (team_id)$$);
SELECT gives('Show the names of players and the cities of the teams in which they are.',
	$$SELECT p.name, t.city FROM players AS p JOIN teams AS t USING (team_id)$$);
-- What belongs to none is not among them.
ALTER TABLE games ALTER stadium_id DROP NOT NULL;
INSERT INTO games VALUES (6, 'Somewhere', 2022, 10, NULL);
SELECT gives('Show the titles of games and the name of the stadium they were held in.',
	$$SELECT title, name FROM games JOIN stadiums USING (stadium_id)$$);

--
-- A column that is called by the verb.
--
ALTER TABLE teams RENAME founded TO year_founded;
SELECT gives('Show the names of the teams sorted by the year they were founded.',
	$$SELECT name FROM teams ORDER BY year_founded$$, true);
SELECT gives('Show the names of the teams sorted by the year they were dissolved.',
	$$SELECT name FROM teams ORDER BY year_founded$$, true);

--
-- A verb that says something else, a denial, and other things that could be
-- meant as well.
--
SELECT gives('Show the names of teams and the number of players they lost.',
	$$SELECT t.name, count(*) FROM teams AS t JOIN players USING (team_id) GROUP BY t.team_id$$);
SELECT gives('Show the names of players and the name of the team they left.',
	$$SELECT p.name, t.name AS team FROM players AS p JOIN teams AS t USING (team_id)$$);
SELECT gives('Show the names of players and the name of the team they do not belong to.',
	$$SELECT p.name, t.name AS team FROM players AS p JOIN teams AS t USING (team_id)$$);
SELECT gives('Show the names of the stadiums with games and the number of players they have.',
	$$SELECT name FROM stadiums$$);
SELECT gives('Show the names of players and the number of games they have.',
	$$SELECT name FROM players$$);
SELECT gives('For each position, return how many players have that country.',
	$$SELECT position, count(*) FROM players GROUP BY position$$);
DROP SCHEMA sentence_pronouns CASCADE;
