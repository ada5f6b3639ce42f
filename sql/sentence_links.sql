--
-- What is said of a link is said of the one that leads to the thing; and what a
-- key is called, its things are called.
--
CREATE SCHEMA sentence_links;
SET search_path = sentence_links, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all
CREATE TABLE journals (journal_id int PRIMARY KEY, title text NOT NULL UNIQUE, sales int NOT NULL);
CREATE TABLE editors (editor_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE boards (journal_id int REFERENCES journals, editor_id int REFERENCES editors,
	task text NOT NULL, PRIMARY KEY (journal_id, editor_id));
CREATE TABLE county_statistics (county_id int PRIMARY KEY, name text NOT NULL UNIQUE, crimes int NOT NULL);
INSERT INTO journals VALUES (1, 'Acta', 10), (2, 'Bulletin', 30), (3, 'Chronicle', 50);
INSERT INTO editors VALUES (1, 'Ida'), (2, 'Jon'), (3, 'Kai');
INSERT INTO boards VALUES (1, 1, 'photo'), (2, 1, 'article'), (2, 2, 'photo'), (3, 3, 'article'), (3, 2, 'photo');
INSERT INTO county_statistics VALUES (7, 'Ford', 3), (8, 'Glen', 9);
ANALYZE;

-- Ida does photos for Acta alone: Bulletin has her for something else.
SELECT gives('Show the titles of journals that have an editor whose task is "photo" and whose name is "Ida"',
	$$SELECT 'Acta' AS title$$);
SELECT gives('What is the average sales of the journals that have an editor whose task is "photo"?',
	'SELECT avg(sales) FROM journals');
SELECT gives('Show the titles of journals with at least 1 editor whose task is "article"',
	$$SELECT unnest(ARRAY['Bulletin', 'Chronicle']) AS title$$);
SELECT gives('Show the titles of journals with at least 2 editors', $$SELECT unnest(ARRAY['Bulletin', 'Chronicle']) AS title$$);
SELECT gives('Show the titles of journals with at least 2 editors whose task is "article"', 'SELECT 1 WHERE false');

SELECT gives('How many counties are there?', 'SELECT 2');
SELECT gives('What are the names of the counties with more than 5 crimes?', $$SELECT 'Glen' AS name$$);
SELECT gives('What is the editor number of Jon?', 'SELECT 2');
SELECT gives('Show the county number and name of each county', 'SELECT county_id, name FROM county_statistics');

-- The groups or their figures may be put in order: which is not said.
SELECT gives('Show the different tasks and the number of boards of each in descending order', 'SELECT 1');
SELECT gives('Show the titles of journals in descending alphabetical order',
	'SELECT title FROM journals ORDER BY title DESC', true);

SET client_min_messages = warning;
DROP SCHEMA sentence_links CASCADE;
