--
-- How hard a question is, of which class, and where it starts: by rows, from
-- its words and from what it names of the schema.  No model is called.
--
CREATE TABLE shops (shop_id int PRIMARY KEY, city text NOT NULL);
CREATE TABLE customers (customer_id int PRIMARY KEY, country text NOT NULL);
CREATE TABLE orders (order_id int PRIMARY KEY,
	shop_id int NOT NULL REFERENCES shops,
	customer_id int NOT NULL REFERENCES customers,
	ordered_on date NOT NULL, revenue numeric NOT NULL);
CREATE TABLE order_items (item_id int PRIMARY KEY,
	order_id int NOT NULL REFERENCES orders, quantity int NOT NULL);

CREATE FUNCTION pg_temp.route_of(question text, options jsonb DEFAULT '{}')
RETURNS text LANGUAGE sql AS $$
SELECT string_agg(format('%s: %s', item, value), ', ' ORDER BY n)
  FROM llm_explain(question, options) WITH ORDINALITY AS e(section, item, value, detail, n)
 WHERE item IN ('score', 'question class', 'row', 'starting tier')
$$;

-- All of it, for one question: tables that are two steps apart count as two joins.
SELECT * FROM llm_explain('total revenue by city and quantity of order items since 2024 for shops with more than 10 orders');

-- The classes, in the order of their rules; the bands of complexity.
SELECT q AS question, pg_temp.route_of(q) AS route
  FROM (VALUES
	(1, 'show orders'),
	(2, 'how many orders'),
	(3, 'revenue by city'),
	(4, 'top 5 cities by revenue'),
	(5, 'revenue by month'),
	(6, 'revenue of 2023 versus 2024'),
	(7, 'show shops with more than 10 orders, then their customers'),
	(8, 'the best customers'),
	(9, 'churn by cohort'),
	(10, 'revenue'),
	(11, 'month over month growth of rolling revenue per city without returning customers'),
	(12, 'what is the best country by revenue'))
	AS questions(n, q)
 ORDER BY n;

-- What stands in quotes is a value: it sets a condition, and means nothing else.
SELECT item, value, detail FROM llm_explain('orders of "growth versus churn"')
 WHERE section = 'complexity';

-- Names are taken apart as for linking: plurals that no rule makes, capitals,
-- and what all names of a table begin with.
CREATE TABLE people ("personId" int PRIMARY KEY, "homeTown" text);
CREATE TABLE journeys (jo_id int PRIMARY KEY, jo_person int REFERENCES people, jo_mileage int, jo_ended_on date);
SELECT q AS question, detail
  FROM (VALUES (1, 'mileage of each person'), (2, 'ended on by home town'), (3, 'journey of the persons')) AS questions(n, q),
	   llm_explain(q) AS e
 WHERE item = 'joins'
 ORDER BY n;
DROP TABLE journeys, people;

-- Options go before the route.
SELECT pg_temp.route_of('revenue by city', '{"tier": 1}');
SELECT pg_temp.route_of('revenue by city', '{"tier": 3}');
SELECT item, value FROM llm_explain('revenue by city', '{"verify": "off"}') WHERE item = 'verification';
SELECT llm_explain('revenue by city', '{"verify": "perhaps"}');
SELECT llm_explain('revenue by city', '{"model": "gpt-1"}');
SELECT llm_explain('revenue by city', '{"model": "claude-3-5-sonnet"}');
CREATE ROLE allm_blind;
SET ROLE allm_blind;
SELECT llm_explain('revenue by city', '{"model": "claude-opus-5"}');
RESET ROLE;
SELECT llm_explain('revenue by city', '{"model": "claude-opus-5", "tier": 1}');

-- A time-out of a route is one within that of the question.
SELECT item, value, detail FROM llm_explain('month over month growth of rolling revenue per city without returning customers')
 WHERE section = 'route';

-- What is not a question has no explanation.
SELECT llm_explain('?');
SELECT llm_explain(NULL);

-- A role that may read nothing has named nothing.
SET ROLE allm_blind;
SELECT pg_temp.route_of('revenue by city');
RESET ROLE;
DROP ROLE allm_blind;

-- Both are recorded with the question.
SELECT status FROM llm_answer('how many orders', '{"feature": "routed"}');
SELECT llm_flush();
SELECT complexity, question_class FROM analytics_llm.request WHERE feature = 'routed';

DROP TABLE order_items, orders, customers, shops;
