--
-- Things of which something is not known.
--
CREATE SCHEMA sentence_lacking;
SET search_path = sentence_lacking, public;
CREATE TABLE garages (garage_id int PRIMARY KEY, name text NOT NULL UNIQUE, phone text);
CREATE TABLE cars (car_id int PRIMARY KEY, name text NOT NULL UNIQUE, colour text, mileage int,
	inspection_date date, plate text NOT NULL, garage_id int REFERENCES garages);
INSERT INTO garages VALUES (1, 'North Yard', '555'), (2, 'South Yard', NULL);
INSERT INTO cars VALUES (1, 'Comet', 'red', 10, '2020-01-01', 'A1', 1), (2, 'Dart', NULL, NULL, NULL, 'B2', 2),
	(3, 'Echo', 'blue', 0, NULL, 'C3', NULL);
ANALYZE garages, cars;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all

SELECT gives('Show the names of cars without an inspection date.', $$SELECT name FROM cars WHERE inspection_date IS NULL$$);
SELECT gives('How many cars do not have any garage id?', $$SELECT count(*) FROM cars WHERE garage_id IS NULL$$);
SELECT gives('Show the names of cars without a garage number.', $$SELECT name FROM cars WHERE garage_id IS NULL$$);
SELECT gives('Show the names of cars whose colour is missing.', $$SELECT name FROM cars WHERE colour IS NULL$$);
SELECT gives('Show the names of cars whose colour is not null.', $$SELECT name FROM cars WHERE colour IS NOT NULL$$);
SELECT gives('Show the names of cars whose colour is known.', $$SELECT name FROM cars WHERE colour IS NOT NULL$$);
SELECT gives('Show the names of cars whose mileage is unknown.', $$SELECT name FROM cars WHERE mileage IS NULL$$);
SELECT gives('Show the names of cars whose colour is not known and whose mileage is over 5.', $$SELECT name FROM cars WHERE colour IS NULL AND mileage > 5$$);
-- An empty text may be none.
SELECT gives('Show the names of cars without a colour.', 'SELECT');
-- No mileage, or that of nought?  All have a plate; and the phone is the garage's.
SELECT gives('Show the names of cars without mileage.', 'SELECT');
SELECT gives('Show the names of cars without a plate.', 'SELECT');
SELECT gives('Show the names of cars without a phone.', 'SELECT');
SELECT gives('Show the names of cars whose phone is missing.', 'SELECT');
-- There is none that it refers to.
SELECT gives('Show the names of cars without a garage.', $$SELECT name FROM cars WHERE garage_id IS NULL$$);
DROP SCHEMA sentence_lacking CASCADE;
