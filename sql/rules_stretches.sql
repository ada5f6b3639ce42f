--
-- Stretches of days as people say them: days with a month's name, parts of a
-- year, and units counted back from today.
--
CREATE SCHEMA rules_stretches;
SET search_path = rules_stretches, public;
CREATE TABLE invoices (invoice_id int PRIMARY KEY, invoice_date date NOT NULL,
	amount numeric NOT NULL);
INSERT INTO invoices SELECT i, date '2023-01-01' + i, i FROM generate_series(0, 730) AS i;
ANALYZE invoices;

SELECT q, regexp_replace(llm_sql(q), '.*WHERE ', '')
  FROM unnest(ARRAY[
	'amount on June 21, 2023', 'amount on June 21st 2023', 'amount on 21 June 2023',
	'amount before the 7th of September, 2023', 'amount after Sept 7 2023',
	'amount in the second quarter of 2024', 'amount in 2024 Q2', 'amount in 2024-Q2',
	'amount in the last quarter of 2023', 'amount in the first half of 2023', 'amount in H2 2023',
	'amount on or after April 1, 2023', 'amount on or before 2023-04-01', 'amount prior to May 2023',
	'amount no later than May 2023', 'amount in 2024 or later', 'amount in March 2023 or before',
	'amount in or after 2024', 'amount in or before May 2023', 'amount since the beginning of 2024',
	'amount until the end of June 2024', 'amount from March 2024 onwards',
	'amount between January and March 2024', 'amount from Q1 to Q3 2024',
	'amount between March 5 and April 10, 2024 (inclusive)',
	'amount from 29 February to 2 March 2024']) WITH ORDINALITY AS v (q, n)
 ORDER BY n;

-- Counted back from today, by the server's own arithmetic.
DELETE FROM invoices;
INSERT INTO invoices SELECT 1000 + i, current_date - i, 1 FROM generate_series(-40, 900) AS i;
SELECT p, (llm_answer('number of invoices ' || p)).rows::jsonb -> 0 -> 'number_of_invoices'
	= to_jsonb((SELECT count(*) FROM invoices WHERE invoice_date >= f AND invoice_date < t)) AS same
  FROM (VALUES
	('in the last 90 days', current_date - 90, current_date + 1),
	('over the past 2 weeks', current_date - 14, current_date + 1),
	('in the past 30 days, inclusive of today', current_date - 29, current_date + 1),
	('in the last 7 days excluding today', current_date - 7, current_date),
	('within the last three months', current_date - interval '3 months', current_date + 1),
	('in the last 3 months excluding the current month',
	 date_trunc('month', current_date) - interval '3 months', date_trunc('month', current_date)),
	('in the last 3 months (including this month)',
	 date_trunc('month', current_date) - interval '2 months', date_trunc('month', current_date) + interval '1 month'),
	('in the last 2 full quarters',
	 date_trunc('quarter', current_date) - interval '6 months', date_trunc('quarter', current_date)),
	('in the last 2 years excluding the current year',
	 date_trunc('year', current_date) - interval '2 years', date_trunc('year', current_date)),
	('last week (exclusive of the current week)',
	 date_trunc('week', current_date) - interval '7 days', date_trunc('week', current_date)),
	('in the current month',
	 date_trunc('month', current_date), date_trunc('month', current_date) + interval '1 month'))
	AS v (p, f, t);

-- The dates are said.
SELECT a.interpretation = format('number of invoices, in the last 90 days (%s to %s)', to_char(current_date - 90, 'YYYY-MM-DD'), to_char(current_date, 'YYYY-MM-DD')) AS said
  FROM llm_answer('number of invoices in the last 90 days') AS a;

-- Whole ones by month, and not parts of them.
SELECT row_count FROM llm_answer('amount by month for the last 6 months excluding the current month');
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('amount by month for the last 6 months');
-- Whole years, or up to today?
SELECT split_part(message, E'\n', 2) AS told FROM llm_answer('amount in the last 2 years');
SELECT error_code FROM llm_answer('invoices of the last 2 quarters');

-- What says several things, or none.
SELECT q, (llm_answer(q)).error_code FROM unnest(ARRAY['amount on 31 June 2023', 'amount on June 21',
	'amount on 03/04/2023', 'amount in the third half of 2023', 'amount in the fifth quarter of 2023',
	'amount from November to February 2024', 'amount over 2024', 'amount until June 2024',
	'amount in 2023 or later paid', 'amount in 2023 or later 2024', 'amount in 2023 or earlier or later',
	'amount in the last 0 days', 'amount in the last 30 days excluding the current month',
	'amount in the last 3 full months including today']) AS q;

SET client_min_messages = warning;
DROP SCHEMA rules_stretches CASCADE;
