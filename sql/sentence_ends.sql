--
-- Small words that decide what is meant: "to" and "from", "out of", "per",
-- "available"; and a name that two things near have.
--
CREATE SCHEMA sentence_ends;
SET search_path = sentence_ends, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all

CREATE TABLE piers (pier_id int PRIMARY KEY, pier_name text NOT NULL, shore text NOT NULL);
CREATE TABLE barges (barge_id int PRIMARY KEY, barge_name text NOT NULL, depth int NOT NULL);
CREATE TABLE crossings (crossing_id int PRIMARY KEY, barge_id int NOT NULL REFERENCES barges,
	start_pier_id int NOT NULL REFERENCES piers, end_pier_id int REFERENCES piers, passengers int NOT NULL);
CREATE TABLE crates (crate_id int PRIMARY KEY, from_pier int NOT NULL REFERENCES piers, label text NOT NULL);
CREATE TABLE crews (crew_id int PRIMARY KEY, crew_name text NOT NULL, level int NOT NULL);
CREATE TABLE sailors (sailor_id int PRIMARY KEY, name text NOT NULL, crew_id int NOT NULL REFERENCES crews, captain_of int REFERENCES barges);
CREATE TABLE exams (exam_id int PRIMARY KEY, sailor_id int NOT NULL REFERENCES sailors, topic text NOT NULL, level int NOT NULL);
CREATE TABLE fleets (fleet_id int PRIMARY KEY, fleet_name text NOT NULL, chief_id int REFERENCES sailors);
CREATE TABLE berths (berth_id int PRIMARY KEY, fleet_id int NOT NULL REFERENCES fleets, sailor_id int NOT NULL REFERENCES sailors);
INSERT INTO piers VALUES (1, 'Mill', 'north'), (2, 'Tower', 'south'), (3, 'Wharf', 'south');
INSERT INTO barges VALUES (1, 'Anna', 3), (2, 'Berta', 4);
INSERT INTO crossings VALUES (1, 1, 1, 2, 10), (2, 1, 2, 1, 20), (3, 2, 1, 3, 40), (4, 2, 2, NULL, 80);
INSERT INTO crates VALUES (1, 1, 'tea'), (2, 2, 'salt');
INSERT INTO crews VALUES (1, 'Blue', 5), (2, 'Red', 6);
INSERT INTO sailors VALUES (1, 'Ida', 1, 1), (2, 'Jon', 1, NULL), (3, 'Kim', 2, NULL);
INSERT INTO exams VALUES (1, 1, 'knots', 88), (2, 1, 'stars', 70), (3, 3, 'knots', 51);
INSERT INTO fleets VALUES (1, 'Old', 1), (2, 'New', 3);
INSERT INTO berths VALUES (1, 1, 1), (2, 1, 2), (3, 2, 3);
ANALYZE piers, barges, crossings, crates, crews, sailors, exams, fleets, berths;

-- One end or the other.
SELECT gives('crossings to Mill', $$SELECT crossing_id FROM crossings WHERE end_pier_id = 1$$);
SELECT gives('crossings from Mill to Tower', $$SELECT crossing_id FROM crossings WHERE crossing_id = 1$$);
SELECT gives('crossings at Mill', NULL);
SELECT gives('crates from Mill', $$SELECT crate_id FROM crates WHERE from_pier = 1$$);
SELECT gives('crates to Mill', NULL);

-- What is out of something is not in it.
SELECT gives('barges out of crossings', NULL);
SELECT gives('sailors no longer with exams', NULL);

-- How many, or which?  Not the one that is something else to each.
SELECT gives('sailors per fleet', NULL);
SELECT gives('number of sailors per crew', $$SELECT crew_name, count(*) FROM sailors JOIN crews USING (crew_id) GROUP BY crew_name$$);

-- A level is that of the crew, or one that the sailor was given.
SELECT gives('average level of Ida', $$SELECT avg(level) FROM exams WHERE sailor_id = 1$$);
SELECT gives('level of Ida in knots', NULL);
SELECT gives('sailors with a level below 60', NULL);
SELECT gives('average level by topic', $$SELECT topic, avg(level) FROM exams GROUP BY topic$$);
SELECT gives('crews with a level below 6', $$SELECT crew_name FROM crews WHERE level < 6$$);

-- All of them are available, where nothing says which are.
SELECT gives('Which barges are available?', $$SELECT barge_name FROM barges$$);
ALTER TABLE barges ADD COLUMN status text NOT NULL DEFAULT 'laid up';
SELECT gives('Which barges are available?', NULL);
SELECT gives('available barges', NULL);
SELECT gives('How many barges are present?', NULL);

SET client_min_messages = warning;
DROP SCHEMA sentence_ends CASCADE;
