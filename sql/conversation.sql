--
-- Questions that go on from earlier ones of their conversation.
--
CREATE SCHEMA conversation;
SET search_path = conversation, public;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE products (product_id int PRIMARY KEY, name text NOT NULL UNIQUE,
	category text NOT NULL);
CREATE TABLE sales (sale_id int PRIMARY KEY, sold_on date NOT NULL,
	product_id int NOT NULL REFERENCES products,
	region_id int NOT NULL REFERENCES regions,
	quantity int NOT NULL, revenue numeric(12,2) NOT NULL);
INSERT INTO regions VALUES (1, 'West'), (2, 'East'), (3, 'North');
INSERT INTO products VALUES (1, 'Desk', 'Furniture'), (2, 'Chair', 'Furniture'),
	(3, 'Pen', 'Office');
INSERT INTO sales VALUES
	(1, '2024-01-10', 1, 1, 1, 200), (2, '2024-01-31', 3, 1, 10, 20),
	(3, '2024-02-01', 2, 2, 2, 160), (4, '2024-02-15', 3, 3, 4, 8),
	(5, '2023-05-01', 3, 2, 5, 10), (6, '2023-12-31', 1, 2, 1, 200);
ANALYZE;

-- One turn: what was understood, and the rows; or why nothing was.
CREATE FUNCTION turn(question text, number int) RETURNS TABLE (said text, found json)
LANGUAGE sql
AS $$SELECT coalesce(a.interpretation, a.message), a.rows
	   FROM llm_answer($1, jsonb_build_object('conversation',
			'00000000-0000-0000-0000-' || lpad($2::text, 12, '0'))) AS a$$;
CREATE FUNCTION turn_error(question text, number int) RETURNS text
LANGUAGE sql
AS $$SELECT CASE a.status WHEN 'degraded' THEN array_to_string((string_to_array(a.message, E'\n'))[1:2], E'\n')
			ELSE 'answered: ' || a.interpretation END
	   FROM llm_answer($1, jsonb_build_object('conversation',
			'00000000-0000-0000-0000-' || lpad($2::text, 12, '0'))) AS a$$;

-- The option is a uuid.
SELECT llm_ask('revenue by region', '{"conversation": "tomorrow"}');
SELECT llm_ask('revenue by region', '{"conversation": "00000000-0000-0000-0000-00000000000g"}');
SELECT llm_ask('revenue by region', '{"conversation": 1}');

-- Each turn goes on from all before it, and says what it came to.
SELECT * FROM turn('revenue by region', 1);
SELECT * FROM turn('and by month', 1);
SELECT * FROM turn('only West', 1);
SELECT r.name, date_trunc('month', sold_on)::date, sum(revenue)
  FROM sales JOIN regions AS r USING (region_id) WHERE r.name = 'West' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT llm_ask('what about East', '{"conversation": "00000000-0000-0000-0000-000000000001"}');

-- The same words in another conversation are another question, kept or not.
SELECT * FROM turn('number of sales by region', 2);
SELECT * FROM turn('and by month', 2);
SELECT * FROM turn('and by month', 2);
SELECT * FROM turn('only West', 2);

-- The last turn, repeated, is that turn: an answer may have been lost on the way.
SELECT * FROM turn('Only  west?', 2);

-- A question that stands by itself begins anew.
SELECT * FROM turn('revenue by category', 2);
SELECT * FROM turn('top 1', 2);
SELECT * FROM turn('in 2023', 2);

-- Where there is nothing to go on from, nobody is asked.
SELECT turn_error(q, 3) FROM unnest(ARRAY['and by month', 'by month', 'only West',
	'top 3 instead', 'what about 2023?', 'how many?']) WITH ORDINALITY AS x (q, n) ORDER BY n;
SELECT llm_ask('only West');

-- What could mean two things is refused, and changes nothing.
SELECT * FROM turn('revenue by region', 4);
SELECT turn_error('by month', 4);
SELECT turn_error('West instead', 4);
SELECT turn_error('in 2023 instead', 4);
SELECT turn_error('and revenue by month', 4);
SELECT turn_error('and by region', 4);
SELECT turn_error('and churn', 4);
SELECT turn_error('only', 4);
SELECT turn_error('the average, by month, instead', 4);
SELECT * FROM turn('and in 2024', 4);
SELECT * FROM turn('only West', 4);
SELECT turn_error('and East', 4);
SELECT turn_error('since 2023', 4);
SELECT turn_error('and in 2023', 4);
SELECT * FROM turn('and in 2023?', 4);
SELECT * FROM turn('only East and West', 4);

-- What can be read by itself, and go on as well, is refused with both readings.
SELECT * FROM turn('revenue by product', 5);
SELECT turn_error('region West', 5);
SELECT * FROM turn('only region West', 5);

-- Figures: another one, one more, another function.
SELECT * FROM turn('revenue by region', 6);
SELECT * FROM turn('and quantity', 6);
SELECT turn_error('the average instead', 6);
SELECT * FROM turn('revenue by region', 6);
SELECT * FROM turn('number of sales instead', 6);
SELECT turn_error('and the average', 6);
SELECT * FROM turn('how many in 2024?', 6);
SELECT * FROM turn('revenue by region', 6);
SELECT turn_error('the total', 6);
SELECT * FROM turn('quantity instead', 6);
SELECT * FROM turn('and the maximum', 6);
SELECT turn_error('top 2', 6);
SELECT * FROM turn('revenue by month', 6);
SELECT turn_error('top 2', 6);

-- Nothing but what is said may change: the rows that are counted, above all.
SELECT turn_error('number of products instead', 6);

-- Lists.
SELECT * FROM turn('products', 7);
SELECT * FROM turn('only Furniture', 7);
SELECT * FROM turn('how many are there?', 7);
SELECT * FROM turn('and by category', 7);

-- Of what was ranked, nothing is picked; what is ranked can be said.
SELECT * FROM turn('top 2 products by revenue', 14);
SELECT turn_error('only Furniture', 14);
SELECT turn_error('only those in East', 14);
SELECT * FROM turn('only in East', 14);
SELECT * FROM turn('bottom 1', 14);

-- A word for what was there before is never passed over.
SELECT turn_error('What is their total revenue?', 14);
SELECT turn_error('revenue in that year', 14);
SELECT turn_error('how much is it?', 14);
SELECT * FROM turn('products', 14);
SELECT * FROM turn('which of them are in category Furniture?', 14);
SELECT * FROM turn('revenue by category', 14);
SELECT turn_error('which in West?', 14);

-- A verified example is the answer to its own question, and to none that goes on.
INSERT INTO analytics_llm.example (name, question, sql) VALUES
	('net', 'revenue by product', 'SELECT p.name, sum(s.revenue) * 0.9 AS net FROM conversation.sales s JOIN conversation.products p USING (product_id) GROUP BY 1'),
	('part', 'churn', 'SELECT 1 AS churn');
SELECT said FROM turn('revenue by product', 15);
SELECT turn_error('only West', 15);
SELECT said FROM turn('churn', 15);
DELETE FROM analytics_llm.example WHERE name IN ('net', 'part');
SELECT said FROM turn('revenue by product', 15);
SELECT said FROM turn('only West', 15);

-- What came of several figures, or of a sentence, has to be asked whole.
SELECT * FROM turn('share of revenue by region', 8);
SELECT turn_error('only West', 8);
SELECT * FROM turn('Show the names of products that have no sales in the region North.', 8);
SELECT turn_error('how many?', 8);

-- What is asked about is looked at, and takes no turn.
SELECT * FROM turn('revenue by region', 9);
SELECT section, item, value, detail FROM llm_explain('and by month', '{"conversation": "00000000-0000-0000-0000-000000000009"}')
 WHERE section = 'conversation' OR item = 'understood';
SELECT turn_error('in May', 9);
SELECT * FROM turn('in 2024', 9);

-- One statement, one turn.
SELECT (llm_answer('and by month', '{"conversation": "00000000-0000-0000-0000-000000000009"}')).interpretation,
	(llm_answer('and by month', '{"conversation": "00000000-0000-0000-0000-000000000009"}')).row_count;

-- What was said was said, whatever becomes of the transaction.
BEGIN;
SELECT * FROM turn('total quantity', 10);
ROLLBACK;
SELECT * FROM turn('by region', 10);

-- Real columns: the turn is taken once, though the statement is analysed often.
SELECT * FROM llm_ask('and by month', '{"conversation": "00000000-0000-0000-0000-000000000010"}');
PREPARE again AS SELECT * FROM llm_ask('only East', '{"conversation": "00000000-0000-0000-0000-000000000010"}');
EXECUTE again;
\o /dev/null
EXPLAIN (COSTS off) EXECUTE again;
\o
SELECT * FROM turn('in 2023', 10);
SELECT * FROM llm_ask('total quantity', '{"conversation": "00000000-0000-0000-0000-000000000010"}');
SELECT * FROM llm_ask('by region', '{"conversation": "00000000-0000-0000-0000-000000000010"}');
SELECT * FROM turn('revenue', 10);
SELECT * FROM llm_ask('by region', '{"conversation": "00000000-0000-0000-0000-000000000010"}');
DEALLOCATE again;

-- Another role and another end user have conversations of their own.
CREATE ROLE conversation_other;
GRANT USAGE ON SCHEMA conversation TO conversation_other;
GRANT SELECT ON ALL TABLES IN SCHEMA conversation TO conversation_other;
SELECT * FROM turn('revenue by region', 11);
SET ROLE conversation_other;
SELECT turn_error('only West', 11);
SELECT * FROM turn('number of sales', 11);
RESET ROLE;
SET analytics_llm.end_user = 'somebody';
SELECT turn_error('only West', 11);
RESET analytics_llm.end_user;
SELECT * FROM turn('only West', 11);

-- Rights and names are those of the moment.
SET ROLE conversation_other;
SELECT * FROM turn('by region', 11);
RESET ROLE;
REVOKE SELECT ON regions FROM conversation_other;
SET ROLE conversation_other;
SELECT turn_error('in 2024', 11);
RESET ROLE;
ALTER TABLE sales RENAME COLUMN revenue TO takings;
SELECT turn_error('in 2024', 11);
ALTER TABLE sales RENAME COLUMN takings TO revenue;
SELECT * FROM turn('in 2024', 11);

-- A question that is answered later, or beside others, is in no conversation.
SELECT llm_submit('and by month', '{"conversation": "00000000-0000-0000-0000-000000000001"}');
SELECT * FROM llm_ask_batch(ARRAY['and by month'], '{"conversation": "00000000-0000-0000-0000-000000000001"}');

-- More than that many turns are not kept: the whole has to be asked.
SELECT * FROM turn('revenue', 12);
DO $$
BEGIN
	FOR i IN 1 .. 15 LOOP
		PERFORM turn('in ' || 2000 + i, 12);
	END LOOP;
END;
$$;
SELECT turn_error('in 2024', 12);
SELECT * FROM turn('revenue in 2024', 12);
SELECT * FROM turn('in 2023', 12);

-- A question that is too long to be kept is nothing to go on from.
SELECT said FROM turn('revenue ' || repeat(' ', 2100) || ' by region', 13);
SELECT turn_error('in 2024', 13);

SELECT count(*) > 0 AS told FROM llm_status() WHERE component = 'conversation'
 AND (detail ->> 'conversations')::int BETWEEN 10 AND (detail ->> 'limit')::int;

REVOKE ALL ON ALL TABLES IN SCHEMA conversation FROM conversation_other;
REVOKE ALL ON SCHEMA conversation FROM conversation_other;
DROP ROLE conversation_other;
RESET search_path;
DROP SCHEMA conversation CASCADE;
