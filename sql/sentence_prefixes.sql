--
-- Names with a beginning that only says where they belong: "o_orderdate", or
-- "whcustid" written together.  Nobody says it, and keys are found without it.
--
CREATE SCHEMA sentence_marked;
SET search_path = sentence_marked, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all
CREATE TABLE buyer (b_buyerkey int PRIMARY KEY, b_name text NOT NULL, b_town text, b_credit numeric);
CREATE TABLE contract (k_contractkey int PRIMARY KEY, k_buyerkey int, k_signdate date, k_totalvalue numeric);
-- Two tables have a shelfkey, and the vankey is of another type.
CREATE TABLE shelf (s_shelfkey int PRIMARY KEY, s_name text, s_width int, s_room text);
CREATE TABLE rack (r_shelfkey int PRIMARY KEY, r_name text, r_width int, r_room text);
CREATE TABLE van (v_vankey int PRIMARY KEY, v_name text, v_plate text, v_seats int);
CREATE TABLE parcel (p_parcelkey int PRIMARY KEY, p_shelfkey int, p_vankey text, p_weight int);
INSERT INTO buyer VALUES (1, 'Ann', 'Bern', 5), (2, 'Bob', 'Lyon', 7), (3, 'Cay', 'Bern', 1);
INSERT INTO contract VALUES (1, 1, '2023-05-01', 10), (2, 1, '2024-05-01', 30), (3, 2, '2024-06-01', 5), (4, 9, '2024-07-01', 1);
INSERT INTO shelf VALUES (1, 'Low', 10, 'A');
INSERT INTO rack VALUES (1, 'High', 20, 'B');
INSERT INTO van VALUES (1, 'Red', 'X1', 2);
INSERT INTO parcel VALUES (1, 1, '1', 5);
ANALYZE;
SELECT gives('What are the names of the buyers from Bern?', $$SELECT b_name FROM buyer WHERE b_town = 'Bern'$$);
SELECT gives('How many contracts are there for each buyer?', $$SELECT * FROM (VALUES (1, 2), (2, 1)) AS v (id, n)$$);
SELECT gives('Show the names of buyers that have no contracts.', $$SELECT 'Cay' AS name$$);
SELECT gives('average credit by town', $$SELECT b_town, avg(b_credit) FROM buyer GROUP BY 1$$);
SELECT gives('How many contracts have a total value over 8?', $$SELECT 2$$);
-- Figures go over such keys, too; a contract whose buyer is not there stays.
SELECT gives('top 1 buyer by number of contracts', $$SELECT 1, 'Ann' AS name$$);
SELECT gives('number of contracts by town', $$SELECT * FROM (VALUES ('Bern', 2), ('Lyon', 1), (NULL, 1)) AS v (t, n)$$);
SELECT gives('buyers with no contract records', $$SELECT 'Cay' AS name$$);
-- A view with such a column takes no part where a declared key leads there.
CREATE TABLE branch (branch_id int PRIMARY KEY, title text UNIQUE);
CREATE TABLE payment (payment_id int PRIMARY KEY, branch_id int REFERENCES branch, amount numeric);
CREATE VIEW large_payment AS SELECT * FROM payment WHERE amount > 5;
INSERT INTO branch VALUES (1, 'East');
INSERT INTO payment VALUES (1, 1, 3), (2, 1, 9);
SELECT gives('amount by branch', $$SELECT 'East' AS t, 12$$);
SELECT gives('Which buyers have contracts with a sign date after 2023?', $$SELECT b_name FROM buyer WHERE b_buyerkey < 3$$);
-- No key where two would do, or the type is another one.
SELECT gives('Show the parcels on the shelf called Low.', $$SELECT 1$$);
SELECT gives('How many parcels are there for each van?', $$SELECT 1$$);
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA sentence_marked CASCADE;
RESET client_min_messages;

-- Written together, after a beginning of all tables.
CREATE SCHEMA sentence_joined;
SET search_path = sentence_joined, public;
\set ECHO none
\i :gives
\set ECHO all
CREATE TABLE whbuyer (whbuyid int PRIMARY KEY, whbuyname text NOT NULL, whbuytown text, whbuyjoindate date);
CREATE TABLE whcontract (whctrid int PRIMARY KEY, whctrbuyid int, whctrdate date, whctramount numeric);
CREATE TABLE whstation (whstcode int PRIMARY KEY, whststate text, whststatus text, whststock int);
INSERT INTO whbuyer VALUES (1, 'Ann', 'Bern', '2022-01-01'), (2, 'Bob', 'Lyon', '2023-01-01');
INSERT INTO whcontract VALUES (1, 1, '2023-05-01', 10), (2, 1, '2024-05-01', 30);
INSERT INTO whstation VALUES (1, 'Jura', 'open', 3), (2, 'Vaud', 'shut', 4);
ANALYZE;
SELECT gives('What are the names of the buyers who have no contracts?', $$SELECT 'Bob' AS name$$);
SELECT gives('total amount of contracts by buyer name', $$SELECT 'Ann' AS n, 40 AS a$$);
SELECT gives('Which buyers joined in 2023?', $$SELECT 'Bob' AS name$$);
SELECT gives('amount by month', $$SELECT whctrdate, whctramount FROM whcontract$$);
SELECT gives('How many stations have the status open?', $$SELECT 1$$);
SELECT gives('Show the state of each station.', $$SELECT whststate FROM whstation$$);
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA sentence_joined CASCADE;
RESET client_min_messages;

-- What begins alike may still be words: no column is left with "us" or "te".
CREATE SCHEMA sentence_words;
SET search_path = sentence_words, public;
\set ECHO none
\i :gives
\set ECHO all
CREATE TABLE place (status text, state text, station text, stage int);
INSERT INTO place VALUES ('open', 'Jura', 'North', 1);
ANALYZE;
SELECT gives('How many places have the status open?', $$SELECT 1$$);
SELECT gives('Show the station of places with stage 1.', $$SELECT 'North' AS station$$);
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA sentence_words CASCADE;
