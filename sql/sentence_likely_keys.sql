--
-- Keys that no constraint declares: a column that is called as the key of one
-- other relation.
--
CREATE SCHEMA sentence_likely_keys;
SET search_path = sentence_likely_keys, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all
CREATE TABLE clients (client_id int PRIMARY KEY, name text NOT NULL, town text NOT NULL);
CREATE TABLE accounts (account_id int PRIMARY KEY, client_id int, balance numeric NOT NULL);
CREATE TABLE visits (visit_id int PRIMARY KEY, client_id text, minutes int NOT NULL);
CREATE TABLE cards (card_id int PRIMARY KEY, client_id int REFERENCES clients, shop_id int);
CREATE TABLE shops (shop_id int, label text);
CREATE TABLE badges (badge_id int PRIMARY KEY, desk_id int, color text);
CREATE TABLE desks (desk_id int PRIMARY KEY, floor int NOT NULL);
CREATE TABLE old_desks (desk_id int PRIMARY KEY, floor int NOT NULL);
INSERT INTO clients VALUES (1, 'Ann', 'Rome'), (2, 'Ben', 'Oslo'), (3, 'Cay', 'Rome');
INSERT INTO accounts VALUES (1, 1, 10), (2, 1, 20), (3, 2, 30), (4, 9, 40), (5, NULL, 50);
INSERT INTO visits VALUES (1, '1', 5);
INSERT INTO cards VALUES (1, 1, 1);
INSERT INTO shops VALUES (1, 'Main'), (1, 'Twin');
INSERT INTO badges VALUES (1, 1, 'red');
INSERT INTO desks VALUES (1, 4);
INSERT INTO old_desks VALUES (1, 5);
ANALYZE;

SELECT gives('How many accounts does each client have?',
	$$SELECT name, count(*) FROM clients JOIN accounts USING (client_id) GROUP BY name$$);
SELECT gives('Show the names of the clients without an account.',
	$$SELECT name FROM clients WHERE client_id NOT IN (SELECT client_id FROM accounts WHERE client_id IS NOT NULL)$$);
SELECT gives('How many clients have an account?',
	$$SELECT count(*) FROM clients WHERE client_id IN (SELECT client_id FROM accounts)$$);

--
-- An account whose client is not there has a balance all the same.
--
SELECT gives('Show the balance and the client name of each account.',
	$$SELECT balance, name FROM accounts LEFT JOIN clients USING (client_id)$$);

--
-- Another type, a column that is not unique, and two relations with that key
-- say nothing.
--
SELECT gives('Which clients have no visits?', $$SELECT name FROM clients$$);
SELECT gives('Show the card id and the shop label of each card.',
	$$SELECT card_id, label FROM cards JOIN shops USING (shop_id)$$);
SELECT gives('Show the color and the floor of each badge.',
	$$SELECT color, floor FROM badges JOIN desks USING (desk_id)$$);

DROP SCHEMA sentence_likely_keys CASCADE;
