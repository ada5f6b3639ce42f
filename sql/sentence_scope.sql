--
-- What a condition is about: the deed or the thing, each one or some, one row or
-- the total, a year or an amount, one part of "or" or both.  What is not said is
-- refused.
--
CREATE SCHEMA scope;
SET search_path = scope;
CREATE TABLE shops (shop_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE goods (good_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE buyers (buyer_id int PRIMARY KEY, name text NOT NULL, signed_up_on date NOT NULL);
CREATE TABLE purchases (purchase_id int PRIMARY KEY, buyer_id int NOT NULL REFERENCES buyers,
	good_id int NOT NULL REFERENCES goods, shop_id int NOT NULL REFERENCES shops,
	purchase_date date NOT NULL, amount int NOT NULL);
INSERT INTO shops VALUES (1, 'West'), (2, 'North');
INSERT INTO goods VALUES (1, 'Desk'), (2, 'Lamp'), (3, 'Shelf');
INSERT INTO buyers VALUES (1, 'Ada', '2022-03-01'), (2, 'Ben', '2023-03-01'), (3, 'Cleo', '2023-04-01'), (4, 'Dan', '2023-05-01');
INSERT INTO purchases VALUES
	(1, 1, 1, 1, '2023-05-01', 1500), (2, 1, 2, 2, '2024-05-01', 40), (3, 2, 1, 2, '2024-06-01', 900),
	(4, 2, 2, 1, '2023-06-01', 50), (5, 3, 2, 1, '2023-07-01', 45), (6, 3, 3, 1, '2024-07-01', 800), (7, 3, 1, 2, '2024-08-01', 950);
ANALYZE shops, goods, buyers, purchases;
CREATE FUNCTION scope.ask(VARIADIC questions text[])
RETURNS TABLE (question text, answer text, meaning text)
LANGUAGE sql AS $$
SELECT q, COALESCE(a.rows::text, a.status), COALESCE(a.interpretation, substring(a.message FROM 'Built-in rules: ([^\n]*)'))
  FROM unnest(questions) WITH ORDINALITY AS u(q, n), LATERAL public.llm_answer(q) AS a
 ORDER BY n
$$;
\x on
-- When and where it was bought, and not something else of the buyer's.
SELECT * FROM scope.ask(
	'buyers who bought Desk in 2023',
	'buyers who bought Desk in West',
	'how many buyers bought Desk in West',
	'buyers who did not buy Desk in West',
	'buyers who did not buy Desk in 2023',
	'which goods were bought in West in 2023',
	'buyers with purchases of Desk in West',
	'buyers who bought more than 1 goods in 2023',
	'buyers with more than 1 goods in 2023',
	'buyers with more than 1 purchases in 2023',
	'how many purchases did each buyer have in 2023',
	'how many purchases did each buyer make in 2023',
	'how many purchases did each buyer have');
-- Each one, or some.
SELECT * FROM scope.ask(
	'buyers who bought all goods',
	'buyers who bought every good',
	'which goods were bought in all shops',
	'which goods were bought in every shop',
	'which goods were bought by any buyer',
	'purchases of all buyers',
	'which buyers had purchases in every shop',
	'buyers with more than 1 purchases in all shops',
	'buyers who bought Desk and Lamp',
	'buyers who bought both Desk and Lamp',
	'buyers who bought Desk or Shelf',
	'purchases in West and North');
-- One row, or the total.
SELECT * FROM scope.ask(
	'buyers with amount over 1000',
	'buyers whose total amount is over 1000',
	'purchases with amount over 1000',
	'list the buyers and their amount',
	'average amount of buyers',
	'average amount of purchases',
	'amount of buyers in West',
	'total amount of buyers who bought Desk');
-- A year, or an amount.
SELECT * FROM scope.ask(
	'how many purchases over 1000',
	'how many purchases under 2000',
	'how many purchases before 2024',
	'how many purchases in 2023',
	'amount in West or 2023',
	'amount up to 2023',
	'what is the amount up to 2023');
-- How far "not" reaches.
SELECT * FROM scope.ask(
	'purchases not made in 2023 or in West',
	'purchases not made in 2023 and in West',
	'purchases not in West or North',
	'buyers who did not buy Desk and signed in 2023');
\x off

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA scope CASCADE;
