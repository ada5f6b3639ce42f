--
-- Questions that are easily answered with wrong rows: what has none is lost,
-- what has no value, what a name only ends with, which rows are meant.
--
CREATE SCHEMA sentence_hunted;
SET search_path = sentence_hunted, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all

CREATE TABLE actor (actor_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE studio (studio_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE film (film_id int PRIMARY KEY, title text NOT NULL, genre text,
	studio_id int REFERENCES studio, released_on date);
CREATE TABLE film_actor (actor_id int NOT NULL REFERENCES actor,
	film_id int NOT NULL REFERENCES film, last_update date NOT NULL,
	PRIMARY KEY (actor_id, film_id));
CREATE TABLE shop (shop_id int PRIMARY KEY, name text NOT NULL, city text NOT NULL);
CREATE TABLE orders (order_id int PRIMARY KEY, shop_id int NOT NULL REFERENCES shop,
	shipped_date date, total numeric NOT NULL);
CREATE TABLE item (item_id int PRIMARY KEY, order_id int NOT NULL REFERENCES orders,
	film_id int NOT NULL REFERENCES film, quantity int NOT NULL, units_on_order int NOT NULL);
CREATE TABLE ticket (ticket_id int PRIMARY KEY, signer text NOT NULL,
	actor_id int NOT NULL REFERENCES actor);
INSERT INTO actor VALUES (1, 'Ada'), (2, 'Bob'), (3, 'Cyd'), (4, 'Dan');
INSERT INTO studio VALUES (1, 'Pine'), (2, 'Oak'), (3, 'Elm');
INSERT INTO film VALUES (1, 'Dawn', 'Horror', 1, '2001-05-01'), (2, 'Dusk', 'Comedy', 1, '2002-05-01'),
	(3, 'Noon', NULL, 2, NULL), (4, 'Tide', 'Horror', NULL, '2001-07-01');
INSERT INTO film_actor SELECT a, f, '2020-01-01' FROM (VALUES (1, 1), (1, 2), (2, 1), (3, 3)) AS x (a, f);
INSERT INTO shop VALUES (1, 'Corner', 'Rome'), (2, 'Market', 'Oslo'), (3, 'Harbour', 'Oslo');
INSERT INTO orders VALUES (1, 1, '2001-08-01', 10), (2, 1, '2002-08-01', 20), (3, 2, NULL, 30), (4, 2, '2001-09-01', 5);
INSERT INTO item VALUES (1, 1, 1, 2, 7), (2, 1, 2, 1, 7), (3, 2, 1, 5, 7), (4, 3, 3, 4, 7), (5, 4, 2, 3, 7);
INSERT INTO ticket VALUES (1, 'Ada', 2), (2, 'Bob', 1), (3, 'Bob', 4);
ANALYZE ticket, actor, studio, film, film_actor, shop, orders, item;

-- A link between two things is neither of them.
SELECT gives('actors in Dawn',
	$$SELECT actor_id, name FROM actor
	WHERE actor_id IN (SELECT actor_id FROM film_actor WHERE film_id = 1)$$);
SELECT gives('actors not in Dawn',
	$$SELECT actor_id, name FROM actor
	WHERE actor_id NOT IN (SELECT actor_id FROM film_actor WHERE film_id = 1)$$);
SELECT gives('films without actors',
	$$SELECT film_id, title FROM film
	WHERE film_id NOT IN (SELECT film_id FROM film_actor)$$);

-- An order is no units_on_order.
SELECT gives('orders with more than 1 item',
	$$SELECT order_id FROM orders WHERE order_id = 1$$);

-- What has none has few.
SELECT gives('studios with fewer than 2 films', NULL);
SELECT gives('studios with at most 1 film', NULL);
SELECT gives('studio with the fewest films', NULL);
SELECT gives('studios with total quantity under 5', NULL);
SELECT gives('shops with total order total under 5', NULL);
SELECT gives('studios with more than 1 film',
	$$SELECT studio_id, name FROM studio WHERE studio_id = 1$$);
SELECT gives('studio with the most films',
	$$SELECT studio_id, name FROM studio WHERE studio_id = 1$$);
SELECT gives('cities with fewer than 2 shops',
	$$SELECT city, count(*) FROM shop GROUP BY city HAVING count(*) < 2$$);

-- What has no value is not among those that have this one.
SELECT gives('orders that were not shipped in 2001',
	$$SELECT order_id FROM orders WHERE order_id IN (2, 3)$$);
SELECT gives('orders that were shipped in 2001',
	$$SELECT order_id FROM orders WHERE order_id IN (1, 4)$$);
SELECT gives('films not by Pine',
	$$SELECT film_id, title FROM film WHERE film_id IN (3, 4)$$);
SELECT gives('films by Pine',
	$$SELECT film_id, title FROM film WHERE film_id IN (1, 2)$$);
SELECT gives('films whose genre is not Horror',
	$$SELECT film_id, title FROM film WHERE film_id IN (2, 3)$$);
SELECT gives('shops not in Oslo',
	$$SELECT shop_id, name FROM shop WHERE shop_id = 1$$);

-- Things and what is theirs: both are shown.
SELECT gives('films and their studios',
	$$SELECT f.film_id, f.title, s.name FROM film AS f LEFT JOIN studio AS s USING (studio_id)$$);
SELECT gives('films with their studio',
	$$SELECT f.film_id, f.title, s.name FROM film AS f LEFT JOIN studio AS s USING (studio_id)$$);
SELECT gives('studios with their films', NULL);
SELECT gives('studios with films',
	$$SELECT studio_id, name FROM studio WHERE studio_id IN (1, 2)$$);
SELECT gives('shops and their cities',
	$$SELECT shop_id, name, city FROM shop$$);

-- One of either kind, or one of each?
SELECT gives('actors in Dawn and Dusk', NULL);
SELECT gives('studios with Horror and Comedy films', NULL);
SELECT gives('actors in Dawn or Dusk',
	$$SELECT actor_id, name FROM actor WHERE actor_id IN (1, 2)$$);
SELECT gives('actors in both Dawn and Dusk',
	$$SELECT actor_id, name FROM actor WHERE actor_id = 1$$);
SELECT gives('films by Pine and Oak',
	$$SELECT film_id, title FROM film WHERE film_id IN (1, 2, 3)$$);

-- Of each, or of all together?
SELECT gives('total of orders', NULL);
SELECT gives('total of orders shipped in 2001', NULL);
SELECT gives('quantity of items of Dawn', NULL);
SELECT gives('quantities of items', NULL);
SELECT gives('sum of total',
	$$SELECT sum(total) FROM orders$$);

-- Its own, or that of what it refers to?
SELECT gives('tickets by Ada', NULL);
SELECT gives('tickets signed by Ada',
	$$SELECT ticket_id FROM ticket WHERE ticket_id = 1$$);
SELECT gives('tickets whose signer is Ada',
	$$SELECT ticket_id FROM ticket WHERE ticket_id = 1$$);
SELECT gives('tickets of the actor Ada',
	$$SELECT ticket_id FROM ticket WHERE ticket_id = 2$$);

-- When it was done, or when the other thing was made?
SELECT gives('shops that ordered Dawn in 2001', NULL);
SELECT gives('actors in films released in 2001',
	$$SELECT actor_id, name FROM actor WHERE actor_id IN (1, 2)$$);

-- Of the rows that were sold there, or of all that are about what was?
SELECT gives('total quantity of Horror films sold in Rome', NULL);
SELECT gives('total quantity of Horror films',
	$$SELECT sum(quantity) FROM item WHERE film_id = 1$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_hunted CASCADE;
