--
-- Questions whose words are all known, and whose figures would mean nothing or
-- something else than was asked.
--
CREATE SCHEMA sentence_doubts;
SET search_path = sentence_doubts, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all

CREATE TABLE ref_shades (shade_code text PRIMARY KEY, shade_description text NOT NULL);
CREATE TABLE makers (maker_id int PRIMARY KEY, maker_name text NOT NULL, maker_type text NOT NULL);
CREATE TABLE region (region_id int PRIMARY KEY, region_description text NOT NULL);
CREATE TABLE clients (client_id int PRIMARY KEY, name text NOT NULL, region text, city text,
	region_id int REFERENCES region, created_at date NOT NULL, tier text, no_of_parcels int NOT NULL);
CREATE TABLE carriers (carrier_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (parcel_id int PRIMARY KEY, client_id int NOT NULL REFERENCES clients,
	carrier_id int REFERENCES carriers, sent_on date NOT NULL, price numeric(10,2) NOT NULL,
	currency char(3) NOT NULL, weight numeric NOT NULL, priority int NOT NULL,
	ship_name text, ship_city text);
CREATE TABLE goods (goods_id int PRIMARY KEY, goods_name text NOT NULL, goods_description text NOT NULL,
	shade_code text NOT NULL REFERENCES ref_shades, maker_id int NOT NULL REFERENCES makers,
	price numeric(10,2) NOT NULL);
CREATE TABLE parcel_goods (parcel_id int NOT NULL REFERENCES parcels, goods_id int NOT NULL REFERENCES goods,
	quantity int NOT NULL, PRIMARY KEY (parcel_id, goods_id));
CREATE TABLE stores (store_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE stock (store_id int NOT NULL REFERENCES stores, goods_id int NOT NULL REFERENCES goods,
	snapshot_date date NOT NULL, pieces int NOT NULL, PRIMARY KEY (store_id, goods_id, snapshot_date));
CREATE TABLE staff (staff_id int PRIMARY KEY, name text NOT NULL, left_on date);
CREATE TABLE visits (visit_id int PRIMARY KEY, client_id int NOT NULL REFERENCES clients, tip numeric NOT NULL,
	revenue numeric NOT NULL);

CREATE TABLE offers (offer_id int PRIMARY KEY, client_id int NOT NULL REFERENCES clients, discount numeric(4,3) NOT NULL);
INSERT INTO ref_shades VALUES ('R', 'red'), ('B', 'blue');
INSERT INTO makers VALUES (1, 'Wolf', 'factory'), (2, 'Fox', 'shop');
INSERT INTO region VALUES (1, 'North'), (2, 'South');
INSERT INTO clients VALUES (1, 'Ada', 'Alps', 'Oslo', 1, '2020-01-01', 'gold', 2), (2, 'Bob', NULL, 'Rome', 2, '2021-01-01', NULL, 1),
	(3, 'Cyd', 'Alps', 'Rome', NULL, '2021-05-01', 'gold', 0);
INSERT INTO carriers VALUES (1, 'Order'), (2, 'Swift');
INSERT INTO parcels VALUES (1, 1, 1, '2021-03-01', 10, 'EUR', 5, 1, 'Ada B', 'Rome'),
	(2, 1, NULL, '2022-03-01', 900, 'CNY', 7, 3, 'Eve', 'Oslo'), (3, 2, 2, '2021-04-01', 20, 'USD', 1, 2, 'Bob', 'Oslo');
INSERT INTO goods VALUES (1, 'Desk', 'to sit at', 'R', 1, 200), (2, 'Lamp', 'to see with', 'B', 2, 40);
INSERT INTO parcel_goods VALUES (1, 1, 1), (1, 2, 1), (2, 2, 9), (3, 1, 1);
INSERT INTO stores VALUES (1, 'Hill'), (2, 'Dale');
INSERT INTO stock VALUES (1, 1, '2021-01-01', 5), (1, 1, '2021-02-01', 4), (2, 1, '2021-02-01', 50), (2, 2, '2021-02-01', 1);
INSERT INTO staff VALUES (1, 'Pia', NULL), (2, 'Tom', '2021-06-01');
INSERT INTO offers VALUES (1, 1, 0.1), (2, 2, 0.2);
INSERT INTO visits VALUES (1, 1, 9, 1), (2, 2, 5, 3), (3, 2, 5, 3);
ANALYZE ref_shades, makers, region, clients, carriers, parcels, goods, parcel_goods, stores, stock, staff, visits, offers;

-- Amounts in several currencies are not one amount, and none is over a number.
SELECT gives('total price of parcels', NULL);
SELECT gives('total price by client', NULL);
SELECT gives('average price of parcels of Ada', NULL);
SELECT gives('parcels with price over 15', NULL);
SELECT gives('What is the most expensive parcel?', NULL);
SELECT gives('clients with parcels with price over 15', NULL);
SELECT gives('total price of parcels in EUR',
	$$SELECT sum(price) FROM parcels WHERE currency = 'EUR'$$);
SELECT gives('total price of parcels by currency',
	$$SELECT currency, sum(price) FROM parcels GROUP BY currency$$);
SELECT gives('parcels in USD with price over 15',
	$$SELECT parcel_id FROM parcels WHERE parcel_id = 3$$);
SELECT gives('total weight of parcels', $$SELECT sum(weight) FROM parcels$$);
SELECT gives('average price of goods', $$SELECT avg(price) FROM goods$$);

-- What is there on one day is not added to what is there on the next.
SELECT gives('total pieces of stock', NULL);
SELECT gives('total pieces of stock by store', NULL);
SELECT gives('total pieces of stock in February 2021', NULL);
SELECT gives('pieces of stock on 2021-02-01', NULL);
SELECT gives('total pieces of stock on 2021-02-01',
	$$SELECT sum(pieces) FROM stock WHERE snapshot_date = '2021-02-01'$$);
SELECT gives('total pieces by snapshot date',
	$$SELECT snapshot_date, sum(pieces) FROM stock GROUP BY snapshot_date$$);

-- When a client was entered, or somebody left, is not when they were there.
SELECT gives('clients in 2021', NULL);
SELECT gives('how many clients in 2021', NULL);
SELECT gives('number of clients by year', NULL);
SELECT gives('staff in 2021', NULL);
SELECT gives('clients created in 2021',
	$$SELECT client_id, name FROM clients WHERE client_id IN (2, 3)$$);
SELECT gives('staff who left in 2021',
	$$SELECT staff_id, name FROM staff WHERE staff_id = 2$$);
SELECT gives('parcels in 2021',
	$$SELECT parcel_id FROM parcels WHERE parcel_id IN (1, 3)$$);

-- Of one row, or of all of them together?  Revenue is a total anyway.
SELECT gives('client with the highest tip', NULL);
SELECT gives('client with the highest total tip',
	$$SELECT client_id, name FROM clients WHERE client_id = 2$$);
SELECT gives('client with the highest revenue',
	$$SELECT client_id, name FROM clients WHERE client_id = 2$$);

-- A parcel is not called as who gets it.
SELECT gives('parcel Bob', NULL);
SELECT gives('parcels named Bob', NULL);
SELECT gives('parcels with ship name Bob',
	$$SELECT parcel_id FROM parcels WHERE parcel_id = 3$$);

-- What comes first may have the least number.
SELECT gives('parcels with the highest priority', NULL);
SELECT gives('Which parcel has the highest priority?', NULL);

-- Beside each, or only those that have one?
SELECT gives('parcels with carrier', NULL);
SELECT gives('parcels with carrier and client', NULL);
SELECT gives('parcels with their carrier',
	$$SELECT p.parcel_id, c.name FROM parcels AS p LEFT JOIN carriers AS c USING (carrier_id)$$);
SELECT gives('parcels with a carrier',
	$$SELECT parcel_id FROM parcels WHERE parcel_id IN (1, 3)$$);
SELECT gives('parcels without carrier',
	$$SELECT parcel_id FROM parcels WHERE parcel_id = 2$$);
SELECT gives('clients with parcels', $$SELECT client_id, name FROM clients WHERE client_id < 3$$);

-- A region of theirs, or what their column says?
SELECT gives('clients with region', NULL);
SELECT gives('clients without region', NULL);

-- The number is counted here, and stored there.
SELECT gives('how many parcels', NULL);
SELECT gives('Which clients have no more than 0 parcels?', NULL);
SELECT gives('Show the names of clients who have 0 parcels.', NULL);
SELECT gives('Which client has the most parcels?', NULL);
SELECT gives('Show the number of parcels for each currency.', NULL);
SELECT gives('Which ship city has the most parcels?', NULL);
SELECT gives('clients with more than 1 visit',
	$$SELECT client_id, name FROM clients WHERE client_id = 2$$);

-- Of the goods, or of the shade?
SELECT gives('Return the shade code and description for the goods with the name Desk.',
	$$SELECT shade_code, shade_description FROM ref_shades WHERE shade_code = 'R'$$);
SELECT gives('Show goods, shade code and description', NULL);
SELECT gives('What is the shade code and description of the goods named Desk?',
	$$SELECT shade_code, shade_description FROM ref_shades WHERE shade_code = 'R'$$);

-- The goods have no type; that of their maker is not theirs.
SELECT gives('Show the name and type of each of the goods.', NULL);
SELECT gives('Show the name of the goods and the type of the maker.',
	$$SELECT goods_name, maker_type FROM goods JOIN makers USING (maker_id)$$);
SELECT gives('Show the names and types of makers.', $$SELECT maker_name, maker_type FROM makers$$);
SELECT gives('List all the types of makers.', $$SELECT DISTINCT maker_type FROM makers$$);

-- As many kinds of goods, or as many pieces?
SELECT gives('Show the name of the client with the greatest amount of goods.', NULL);
SELECT gives('Which client has the most goods?', NULL);

-- A value that tells whose they are says nothing of what belongs to them.
SELECT gives('Which clients have no gold visits?', NULL);

-- "Ordered" may be a deed, "like" something else than the same.
SELECT gives('number of parcels ordered', NULL);
SELECT gives('goods ordered', NULL);
SELECT gives('goods like Desk', NULL);
SELECT gives('carriers in alphabetical order', $$SELECT carrier_id, name FROM carriers$$);

-- The clients or the parcels in Oslo?
SELECT gives('clients with parcels in Oslo', NULL);
SELECT gives('clients without parcels in Oslo', NULL);

-- In both of them, or in either?
SELECT gives('clients with parcels by Swift and Order', NULL);
SELECT gives('clients with parcels by Swift or Order',
	$$SELECT client_id, name FROM clients WHERE client_id < 3$$);
SELECT gives('parcels by Swift and Order', $$SELECT parcel_id FROM parcels WHERE parcel_id IN (1, 3)$$);

-- What is not known is no tier.
UPDATE clients SET tier = NULL WHERE client_id > 1;
SELECT gives('What is the most common tier of clients?', $$SELECT 'gold' AS tier, 1 AS number$$);

-- Rates have no total; a time is within a time, or is another.
SELECT gives('total discount', NULL);
SELECT gives('average discount', $$SELECT avg(discount) FROM offers$$);
SELECT gives('parcels in the last 3 months of 2021', NULL);
SELECT gives('Which parcels were sent after 2020 and before 2022?',
	$$SELECT parcel_id FROM parcels WHERE parcel_id IN (1, 3)$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_doubts CASCADE;
