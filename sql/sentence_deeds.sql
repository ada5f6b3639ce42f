--
-- A date is that of what its name says: who signed up in a year did not buy in
-- it.
--
CREATE SCHEMA deeds;
SET search_path = deeds;
CREATE TABLE buyers (buyer_id int PRIMARY KEY, name text NOT NULL, signed_up_on date NOT NULL);
CREATE TABLE purchases (purchase_id int PRIMARY KEY, buyer_id int NOT NULL REFERENCES buyers,
	purchase_date date NOT NULL);
INSERT INTO buyers VALUES (1, 'Ann', '2022-03-01'), (2, 'Bob', '2023-03-01'), (3, 'Cid', '2023-04-01');
INSERT INTO purchases VALUES (1, 1, '2023-05-01'), (2, 2, '2024-05-01');
ANALYZE buyers, purchases;
SELECT q AS question, a.status, a.rows, a.interpretation
  FROM (VALUES
	(1, 'How many buyers signed up in 2023?'),
	(2, 'How many buyers bought in 2023?'),
	(3, 'How many buyers left in 2023?'),
	(4, 'How many buyers died in 2023?'),
	(5, 'How many purchases were made in 2023?'),
	(6, 'How many purchases were sold in 2024?'))
	AS questions(n, q),
  LATERAL public.llm_answer(q) AS a
 ORDER BY n;
RESET search_path;
DROP SCHEMA deeds CASCADE;
