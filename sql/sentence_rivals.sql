--
-- Things that belong together in more than one way, and names that say two
-- things: nobody said which.
--
CREATE SCHEMA sentence_rivals;
SET search_path = sentence_rivals, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all

CREATE TABLE wards (ward_id int PRIMARY KEY, ward_name text NOT NULL);
CREATE TABLE vets (vet_id int PRIMARY KEY, vet_name text NOT NULL, ward_id int NOT NULL REFERENCES wards, rank int NOT NULL);
CREATE TABLE dogs (dog_id int PRIMARY KEY, dog_name text NOT NULL, primary_vet_id int REFERENCES vets);
CREATE TABLE checkups (checkup_id int PRIMARY KEY, dog_id int NOT NULL REFERENCES dogs, vet_id int NOT NULL REFERENCES vets, fee numeric NOT NULL);
CREATE TABLE tapes (tape_code text PRIMARY KEY, title text NOT NULL);
CREATE TABLE reels (reel_no int PRIMARY KEY, tape_code text NOT NULL REFERENCES tapes);
CREATE TABLE guests (guest_no int PRIMARY KEY, guest_name text NOT NULL, enrolled_on date NOT NULL);
CREATE TABLE reservations (tape_code text REFERENCES tapes, guest_no int REFERENCES guests, PRIMARY KEY (tape_code, guest_no));
CREATE TABLE loans (loan_no int PRIMARY KEY, reel_no int NOT NULL, guest_no int NOT NULL);
CREATE TABLE enrollments (enrollment_no int PRIMARY KEY, guest_no int NOT NULL REFERENCES guests, taken_on date NOT NULL);
CREATE TABLE tape_prices (tape_code text REFERENCES tapes, since date NOT NULL, price numeric NOT NULL, PRIMARY KEY (tape_code, since));
CREATE VIEW fees_by_dog AS SELECT dog_id, sum(fee) AS total_fee FROM checkups GROUP BY dog_id HAVING sum(fee) > 10;
INSERT INTO wards VALUES (1, 'Paws'), (2, 'Tails');
INSERT INTO vets VALUES (1, 'Lund', 1, 1), (2, 'Moe', 1, 2), (3, 'Nord', 2, 3);
INSERT INTO dogs VALUES (1, 'Rex', 1), (2, 'Bello', 3), (3, 'Fido', NULL);
INSERT INTO checkups VALUES (1, 1, 2, 20), (2, 2, 1, 5), (3, 3, 2, 30);
INSERT INTO tapes VALUES ('T1', 'Solaris'), ('T2', 'Stalker');
INSERT INTO reels VALUES (1, 'T1'), (2, 'T2');
INSERT INTO guests VALUES (1, 'Olga', '2024-01-01'), (2, 'Petr', '2025-01-01');
INSERT INTO reservations VALUES ('T1', 2);
INSERT INTO loans VALUES (1, 1, 1), (2, 2, 2);
INSERT INTO enrollments VALUES (1, 1, '2025-03-03'), (2, 2, '2024-03-03');
INSERT INTO tape_prices VALUES ('T1', '2024-01-01', 8), ('T2', '2024-01-01', 9);
ANALYZE wards, vets, dogs, checkups, tapes, reels, guests, reservations, loans, enrollments, tape_prices;

-- Their own, or whoever saw them?
SELECT gives('dogs of Lund', NULL);
SELECT gives('dogs seen by Lund', NULL);
SELECT gives('How many dogs are in Paws?', NULL);
SELECT gives('vets without dogs', NULL);
SELECT gives('dogs with checkups by Lund', $$SELECT dog_id, dog_name FROM dogs WHERE dog_id = 2$$);
SELECT gives('vets in Paws', $$SELECT vet_name FROM vets WHERE ward_id = 1$$);
SELECT gives('number of vets by ward', $$SELECT ward_name, count(*) FROM vets JOIN wards USING (ward_id) GROUP BY ward_name$$);

-- Lent to them, or kept for them?
SELECT gives('guests who borrowed Solaris', NULL);
SELECT gives('tapes borrowed by Olga', NULL);
SELECT gives('guests who reserved Solaris', $$SELECT guest_no, guest_name FROM guests WHERE guest_no = 2$$);

-- What was done to several things is no property of theirs.
SELECT gives('guests enrolled in Solaris', NULL);
SELECT gives('guests enrolled in 2024', $$SELECT guest_no, guest_name FROM guests WHERE guest_no = 1$$);
SELECT gives('guests who enrolled in 2024', $$SELECT guest_no, guest_name FROM guests WHERE guest_no = 1$$);

-- Those that have it, or what it is?
SELECT gives('highest rank vets', NULL);
SELECT gives('highest fee', $$SELECT max(fee) FROM checkups$$);
SELECT gives('highest fee checkups', NULL);

-- A price is a price, and no row of prices.
SELECT gives('price of Solaris', NULL);
SELECT gives('average price', $$SELECT avg(price) FROM tape_prices$$);

-- What a view has summed up is not all there is.
SELECT gives('total fee', NULL);
SELECT gives('total fee of checkups', $$SELECT sum(fee) FROM checkups$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_rivals CASCADE;
