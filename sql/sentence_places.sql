--
-- Things that are told by what they border, hold at most, or are called: over a
-- schema where one thing may have several rows, and columns hold first places.
--
CREATE SCHEMA sentence_places;
SET search_path = sentence_places, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all
CREATE TABLE canton (canton_name text PRIMARY KEY, population int, area numeric, country text,
	capital text);
CREATE TABLE frontier (canton_name text NOT NULL REFERENCES canton, border text NOT NULL REFERENCES canton);
CREATE TABLE relief (canton_name text PRIMARY KEY REFERENCES canton, highest_point text,
	highest_elevation int, lowest_point text, lowest_elevation int);
CREATE TABLE town (town_name text NOT NULL, population int, canton_name text NOT NULL REFERENCES canton);
CREATE TABLE stream (stream_name text NOT NULL, length int, crosses text NOT NULL REFERENCES canton);
INSERT INTO canton VALUES ('Arva', 500, 90, 'Lorn', 'Mill'), ('Brin', 900, 40, 'Lorn', 'Oak'),
	('Cald', 300, 70, 'Lorn', 'Fen'), ('Dorn', 700, 20, 'Lorn', 'Pike'), ('Elm', 100, 10, 'Lorn', 'Ash');
INSERT INTO frontier VALUES ('Arva', 'Brin'), ('Brin', 'Arva'), ('Brin', 'Cald'), ('Cald', 'Brin'),
	('Brin', 'Dorn'), ('Dorn', 'Brin');
INSERT INTO relief VALUES ('Arva', 'Grey Top', 800, 'Low Bog', 3), ('Brin', 'White Top', 1200, 'Mere', 12),
	('Cald', 'Red Top', 600, 'Marsh', 1), ('Dorn', 'Bald Top', 900, 'Pond', 7), ('Elm', 'Hump', 50, 'Ditch', 2);
INSERT INTO town VALUES ('Mill', 50, 'Arva'), ('Oak', 200, 'Brin'), ('Fen', 20, 'Cald'), ('Pike', 90, 'Dorn'),
	('Oak', 10, 'Cald'), ('Weir', 300, 'Brin'), ('Ash', 5, 'Elm'), ('Brin', 40, 'Dorn');
INSERT INTO stream VALUES ('Lune', 120, 'Arva'), ('Lune', 120, 'Brin'),
	('Wye', 80, 'Brin'), ('Tarn', 60, 'Cald'), ('Brin', 30, 'Arva');
ANALYZE;

-- Of one thing the point that it has, of many the first of them.
SELECT gives('What is the highest point of Arva?', $$SELECT 'Grey Top' AS p$$);
SELECT gives('What is the highest point in the canton of Brin?', $$SELECT 'White Top' AS p$$);
SELECT gives('What is the highest point in Lorn?', $$SELECT 'White Top' AS p$$);
SELECT gives('What is the lowest point in Lorn?', $$SELECT 'Marsh' AS p$$);
SELECT gives('How high is the highest point in Lorn?', $$SELECT 1200 AS p$$);
SELECT gives('How high is the highest point of Cald?', $$SELECT 600 AS p$$);
SELECT gives('What is the elevation of the highest point in Dorn?', $$SELECT 900 AS p$$);
SELECT gives('What is the height of the highest point in Lorn?', $$SELECT 1200 AS p$$);
SELECT gives('How high is Red Top?', $$SELECT 600 AS p$$);
SELECT gives('Where is the highest point in Lorn?', $$SELECT 'White Top' AS p$$);
SELECT gives('Which canton has the highest point?', $$SELECT 'Brin' AS p$$);
SELECT gives('Which canton has the lowest elevation?', $$SELECT 'Cald' AS p$$);
SELECT gives('In which canton is the highest point in Lorn?', $$SELECT 'Brin' AS p$$);
SELECT gives('What is the highest point in the canton with the lowest point?', $$SELECT 'Red Top' AS p$$);
SELECT gives('What is the lowest point of the cantons that the Lune crosses?', $$SELECT 'Low Bog' AS p$$);
SELECT gives('Which cantons have points higher than the highest point in Arva?',
	$$SELECT unnest(ARRAY['Brin', 'Dorn']) AS p$$);

-- What borders what; another one is not the same one.
SELECT gives('Which cantons border Brin?', $$SELECT unnest(ARRAY['Arva', 'Cald', 'Dorn']) AS p$$);
SELECT gives('What are the neighboring cantons of Brin?', $$SELECT unnest(ARRAY['Arva', 'Cald', 'Dorn']) AS p$$);
SELECT gives('How many neighboring cantons for Brin?', 'SELECT 3');
SELECT gives('Which cantons border no other cantons?', $$SELECT 'Elm' AS p$$);
SELECT gives('Which cantons have no bordering cantons?', $$SELECT 'Elm' AS p$$);
SELECT gives('Which canton borders the most other cantons?', $$SELECT 'Brin' AS p$$);
SELECT gives('How many cantons border at least one other canton?', 'SELECT 4');
SELECT gives('Which canton that borders Brin is the largest?', $$SELECT 'Arva' AS p$$);
SELECT gives('Which canton that borders Brin has the highest population?', $$SELECT 'Dorn' AS p$$);
SELECT gives('Show other cantons', 'SELECT 1');

-- "the Brin" beside cantons is not a canton: there is a stream of that name.
SELECT gives('Which cantons border the Brin?', 'SELECT 1');

-- A stream has a row for each canton, and is one stream.
SELECT gives('How many streams are there?', 'SELECT 4');
SELECT gives('How many streams are in Brin?', 'SELECT 2');
SELECT gives('How many towns are there?', 'SELECT 8');
SELECT gives('Which streams do not cross Brin?', $$SELECT unnest(ARRAY['Brin', 'Tarn']) AS p$$);
SELECT gives('What is the longest stream that does not cross Brin?', $$SELECT 'Tarn' AS p$$);
SELECT gives('How many streams do not cross Brin?', 'SELECT 2');
SELECT gives('Which stream crosses the most cantons?', $$SELECT 'Lune' AS p$$);
SELECT gives('Which cantons have streams running through them?', $$SELECT unnest(ARRAY['Arva', 'Brin', 'Cald']) AS p$$);
SELECT gives('Which canton has the most streams running through it?', $$SELECT unnest(ARRAY['Arva', 'Brin']) AS p$$);

-- A figure over what belongs to two that tie is that of neither.
SELECT gives('How many towns are in the canton with the most streams?', 'SELECT 1');
SELECT gives('How many cantons border the most cantons?', 'SELECT 1');

-- The largest towns of all the cantons, or of each?
SELECT gives('What are the largest towns in the cantons that border Brin?', 'SELECT 1');
SELECT gives('What is the largest town in the cantons that border Brin?', $$SELECT 'Pike' AS p$$);

-- A capital is a town that is called so there.
SELECT gives('What is the capital of Brin?', $$SELECT 'Oak' AS p$$);
SELECT gives('What is the population of the capital of Dorn?', $$SELECT 90 AS p$$);
-- A stream is called so too, and has no capital, but a town has one: it is not
-- said which is meant.
SELECT gives('What is the population of the capital of Brin?', 'SELECT 1');
SELECT gives('How many people live in the capital of Cald?', $$SELECT 20 AS p$$);
SELECT gives('What is the population of the capital of the smallest canton?', $$SELECT 5 AS p$$);
SELECT gives('What is the largest capital?', $$SELECT 'Oak' AS p$$);
SELECT gives('Which canton has the smallest capital?', $$SELECT 'Elm' AS p$$);
SELECT gives('What is the area of the capital of Brin?', 'SELECT 1');
SELECT gives('Which canton is Pike the capital of?', $$SELECT 'Dorn' AS p$$);
SELECT gives('Pike is the capital of which canton?', $$SELECT 'Dorn' AS p$$);

-- By what the largest is the largest, when it is said.
SELECT gives('What is the largest canton?', $$SELECT 'Arva' AS p$$);
SELECT gives('What is the largest canton by population?', $$SELECT 'Brin' AS p$$);
SELECT gives('What is the smallest canton in population?', $$SELECT 'Elm' AS p$$);
SELECT gives('What is the population of the town of Brin?', $$SELECT 40 AS p$$);
SELECT gives('What is the population of the canton of Brin?', $$SELECT 900 AS p$$);
SELECT gives('What is the population of Brin?', 'SELECT 1');
SELECT gives('What is the area of all cantons combined?', 'SELECT 230 AS p');

-- How long a stream is does not depend on a canton of that name.
SELECT gives('Which streams are longer than the Brin?', $$SELECT unnest(ARRAY['Lune', 'Lune', 'Wye', 'Tarn']) AS p$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_places CASCADE;
