--
-- Numbers of things as parts of others: never more than all, not cut to whole
-- numbers, null where there is nothing to be a part of.
--
CREATE SCHEMA rules_rates;
SET search_path = rules_rates, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all
CREATE TABLE members (member_id int PRIMARY KEY, name text NOT NULL, town text, joined_on date NOT NULL);
CREATE TABLE books (book_id int PRIMARY KEY, title text NOT NULL, pages int);
CREATE TABLE rentals (rental_id int PRIMARY KEY, member_id int NOT NULL REFERENCES members,
	book_id int NOT NULL REFERENCES books, rental_date date NOT NULL);
CREATE TABLE payments (payment_id int PRIMARY KEY, member_id int NOT NULL REFERENCES members, amount numeric NOT NULL);
CREATE TABLE fines (fine_id int PRIMARY KEY, level int);
INSERT INTO members VALUES (1, 'Ann', 'Bern', '2022-05-01'), (2, 'Bob', 'Bern', '2023-05-01'), (3, 'Cay', 'Lyon', '2023-06-01');
INSERT INTO books VALUES (1, 'Ode', 90), (2, 'Saga', 900), (3, 'Tale', 200), (4, 'Epos', 300);
INSERT INTO rentals VALUES (1, 1, 2, '2024-01-01'), (2, 1, 2, '2024-02-01'), (3, 2, 1, '2023-02-01');
INSERT INTO payments VALUES (1, 1, 5);
ANALYZE;
SELECT gives('What percentage of members joined in 2023?', $$SELECT 2 AS part, 3 AS total, 100 * 2::numeric / 3 AS percentage$$);
SELECT gives('percentage of members who live in Bern', $$SELECT 100 * 2::numeric / 3 AS percentage$$);
SELECT gives('share of members with rentals', $$SELECT 2 / 3::numeric$$);
SELECT gives('What proportion of members have more than 1 rental?', $$SELECT 1 / 3::numeric$$);
SELECT gives('percentage of books with more than 250 pages', $$SELECT 50::numeric + 0.0000000000000000$$);
SELECT gives('fraction of books without rentals', $$SELECT 0.5::numeric * 1.0000000000000000000$$);
-- A thing that was lent twice is one of the things.
SELECT gives('percentage of books that were rented in 2024', $$SELECT 25::numeric * 1.0000000000000000$$);
SELECT gives('ratio of members to books', $$SELECT 3 / 4::numeric$$);
SELECT gives('What is the ratio of members who joined in 2022 to members who joined in 2023?', $$SELECT 1 / 2::numeric$$);
SELECT (llm_answer('percentage of fines with a level over 3')).rows -> 0 -> 'percentage' AS of_none;

-- Of all, or of those who live in Bern?
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('percentage of members who live in Bern that joined in 2023');
-- The number of payments, or their amount?
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('percentage of payments with an amount over 3');
-- No number of things, and parts of something else.
SELECT q, (llm_answer(q)).error_code FROM unnest(ARRAY['percentage of pages with rentals',
	'percentage of members by town who joined in 2023', 'percentage of members', 'share of members with the most rentals',
	'ratio of members', 'percentage of Ann who joined in 2023']) AS q;

SET client_min_messages = warning;
DROP SCHEMA rules_rates CASCADE;
