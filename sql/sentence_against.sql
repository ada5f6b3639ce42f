--
-- What a property is compared with: bounds, figures of all or of some things,
-- and other properties.
--
CREATE SCHEMA sentence_against;
SET search_path = sentence_against, public;
CREATE TABLE owners (owner_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE flats (flat_id int PRIMARY KEY, name text NOT NULL UNIQUE, rent int, deposit int NOT NULL,
	area int NOT NULL, built_year int NOT NULL, district text NOT NULL, owner_id int NOT NULL REFERENCES owners);
INSERT INTO owners VALUES (1, 'Berta'), (2, 'Casimir'), (3, 'Dora');
INSERT INTO flats VALUES (1, 'Attic', 400, 800, 30, 1950, 'Harbour', 1), (2, 'Loft', 900, 700, 80, 2001, 'Harbour', 1),
	(3, 'Studio', 500, 500, 25, 2015, 'Mill', 2), (4, 'Villa', 2000, 4000, 150, 1920, 'Mill', 3),
	(5, 'Cabin', NULL, 300, 45, 1980, 'Forest', 2);
ANALYZE owners, flats;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all

-- Two bounds of one column.
SELECT gives('Show the names of flats with a rent under 450 or over 1000.',
	$$SELECT name FROM flats WHERE rent < 450 OR rent > 1000$$);
SELECT gives('Which flats have an area above 28 and below 100? ',
	$$SELECT name FROM flats WHERE area > 28 AND area < 100$$);
SELECT gives('Find the names of flats whose rent is higher than 450 and is lower than 1000.',
	$$SELECT name FROM flats WHERE rent > 450 AND rent < 1000$$);
-- None passes both, or all pass one of them: that is not what was meant.
SELECT gives('Which flats have an area above 100 and below 28?', 'SELECT');
SELECT gives('Which flats have an area above 28 or below 100?', 'SELECT');
SELECT gives('Which flats have an area above 28 or above 100?', 'SELECT');
-- The opposite of a stretch and of a bound.
SELECT gives('Show the names of flats whose area is not between 28 and 90.',
	$$SELECT name FROM flats WHERE area < 28 OR area > 90$$);
SELECT gives('Show the names of flats that do not have an area between 28 and 90.',
	$$SELECT name FROM flats WHERE area < 28 OR area > 90$$);
SELECT gives('Show the names of flats whose area is not over 30.',
	$$SELECT name FROM flats WHERE area <= 30$$);

-- A figure of all things, of the column that is said.
SELECT gives('Show the names of flats with a rent above the average.',
	$$SELECT name FROM flats WHERE rent > (SELECT avg(rent) FROM flats)$$);
SELECT gives('Show the names of flats with a rent above the average rent.',
	$$SELECT name FROM flats WHERE rent > (SELECT avg(rent) FROM flats)$$);
SELECT gives('Show the names of flats with a rent above the average deposit.',
	$$SELECT name FROM flats WHERE rent > (SELECT avg(deposit) FROM flats)$$);
SELECT gives('Show the names of flats whose rent is below the maximum rent.',
	$$SELECT name FROM flats WHERE rent < (SELECT max(rent) FROM flats)$$);
SELECT gives('Which flats have a higher rent than the average?',
	$$SELECT name FROM flats WHERE rent > (SELECT avg(rent) FROM flats)$$);
SELECT gives('Show the names of flats with a rent above the average rent and an area below the average area.',
	$$SELECT name FROM flats WHERE rent > (SELECT avg(rent) FROM flats) AND area < (SELECT avg(area) FROM flats)$$);
-- The average of all, or of those in the district?
SELECT gives('Show the names of flats in Mill with a rent above the average.', 'SELECT');

-- A figure of some things.
SELECT gives('Show the names of flats with a rent above the average rent of flats in Harbour.',
	$$SELECT name FROM flats WHERE rent > (SELECT avg(rent) FROM flats WHERE district = 'Harbour')$$);
SELECT gives('Show the names of flats with a rent higher than all flats in Harbour.',
	$$SELECT name FROM flats WHERE rent > (SELECT max(rent) FROM flats WHERE district = 'Harbour')$$);
SELECT gives('Show the names of flats with an area lower than all flats in Harbour.',
	$$SELECT name FROM flats WHERE area < (SELECT min(area) FROM flats WHERE district = 'Harbour')$$);
SELECT gives('Show the names of flats with a rent higher than some flats in Harbour.',
	$$SELECT name FROM flats WHERE rent > (SELECT min(rent) FROM flats WHERE district = 'Harbour')$$);
SELECT gives('Show the names of flats with a rent higher than the rent of Loft.',
	$$SELECT name FROM flats WHERE rent > (SELECT rent FROM flats WHERE name = 'Loft')$$);
SELECT gives('Show the names of flats that are cheaper than all flats in Harbour.', 'SELECT');
SELECT gives('Show the names of flats that are smaller than all flats in Harbour.',
	$$SELECT name FROM flats WHERE area < (SELECT min(area) FROM flats WHERE district = 'Harbour')$$);
-- Than each of them, or than one?
SELECT gives('Show the names of flats with a rent higher than any flat in Harbour.', 'SELECT');
SELECT gives('Show the names of flats with a rent higher than flats in Harbour.', 'SELECT');

-- Another property of the same thing.
SELECT gives('Show the names of flats whose rent is higher than the deposit.',
	$$SELECT name FROM flats WHERE rent > deposit$$);
SELECT gives('Show the names of flats with a rent lower than their deposit.',
	$$SELECT name FROM flats WHERE rent < deposit$$);
SELECT gives('Which flats have a higher rent than deposit?',
	$$SELECT name FROM flats WHERE rent > deposit$$);
SELECT gives('Which flats have a higher rent than district?', 'SELECT');
SELECT gives('Which flats have a higher rent than rent?', 'SELECT');
DROP SCHEMA sentence_against CASCADE;
