--
-- Synonyms: the words of the people who ask.
--
CREATE SCHEMA define_synonyms;
SET search_path = define_synonyms, public;
\set VERBOSITY default
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE, active boolean NOT NULL);
CREATE TABLE items (item_id int PRIMARY KEY, title text NOT NULL, kind text NOT NULL, weight int NOT NULL);
CREATE TABLE sales (sale_id int PRIMARY KEY, sold_on date NOT NULL, region_id int NOT NULL REFERENCES regions,
	item_id int NOT NULL REFERENCES items, revenue numeric NOT NULL);
INSERT INTO regions VALUES (1, 'West', true), (2, 'East', false);
INSERT INTO items VALUES (1, 'Desk', 'furniture', 30), (2, 'Pen', 'small', 1), (3, 'Mug', 'small', 2);
INSERT INTO sales VALUES (1, '2024-01-01', 1, 1, 100), (2, '2024-02-01', 1, 2, 2), (3, '2024-02-01', 2, 3, 8);
ANALYZE;
CREATE ROLE regress_synonyms_analyst;
GRANT USAGE ON SCHEMA define_synonyms TO regress_synonyms_analyst;
GRANT SELECT ON regions, sales TO regress_synonyms_analyst;

SELECT message FROM llm_answer('turnover by territory');
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('net revenue', 'sum(revenue) * 0.8', 'sales');
INSERT INTO analytics_llm.synonym (word, means) VALUES
	('turnover', 'net revenue'), ('territory', 'regions'), ('articles', 'items'),
	('sort', 'items.kind'), ('heaviness', 'define_synonyms.items.weight'),
	('the wild west', 'regions.name = ''West'''), ('live regions', 'regions.active = true');
SELECT word, status FROM analytics_llm.synonym ORDER BY word;

-- A metric, a relation, a column, a value: in figures ...
SELECT llm_ask('turnover by territory');
SELECT llm_ask('how many articles');
SELECT llm_ask('number of sales by sort');
SELECT llm_ask('top 1 articles by turnover');
SELECT llm_ask('turnover for the wild west');
SELECT llm_sql('turnover for live regions');
SELECT interpretation FROM llm_answer('turnover for the wild west by month');

-- ... and in sentences.
SELECT llm_ask('Show the titles of articles with heaviness above the average.');
SELECT llm_ask('What is the average heaviness of articles of each sort?');
SELECT llm_ask('Which articles have no sales in the wild west?');

-- The longest definition is meant.
INSERT INTO analytics_llm.synonym (word, means) VALUES ('west', 'regions.name = ''East''');
SELECT llm_ask('turnover for the wild west');
SELECT llm_ask('turnover for west');
DELETE FROM analytics_llm.synonym WHERE word = 'west';

-- What is wrong is refused, with what may have been meant.
INSERT INTO analytics_llm.synonym (word, means) VALUES ('x', 'regoins');
INSERT INTO analytics_llm.synonym (word, means) VALUES ('x', 'items.wieght');
INSERT INTO analytics_llm.synonym (word, means) VALUES ('x', 'items.weight = ''heavy''');
INSERT INTO analytics_llm.synonym (word, means) VALUES ('x', 'drop table items; --');
INSERT INTO analytics_llm.synonym (word, means) VALUES ('x', '');
INSERT INTO analytics_llm.synonym (word, means) VALUES ('more than', 'items.weight');

-- For a role as far as it may read; a column that is closed is not passed over.
SET ROLE regress_synonyms_analyst;
SELECT llm_ask('turnover by territory');
SELECT message FROM llm_answer('how many articles');
RESET ROLE;
GRANT SELECT (item_id, title) ON items TO regress_synonyms_analyst;
SET ROLE regress_synonyms_analyst;
SELECT split_part(message, E'\n', 2) FROM llm_answer('number of sales by sort');
RESET ROLE;

-- After DDL.
ALTER TABLE items RENAME COLUMN kind TO category;
SELECT word, status, problem FROM analytics_llm.synonym WHERE status <> 'ok' ORDER BY word;
SELECT split_part(message, E'\n', 2) FROM llm_answer('number of sales by sort');
ALTER TABLE items RENAME COLUMN category TO kind;
SELECT word, status, problem FROM analytics_llm.synonym WHERE status <> 'ok' ORDER BY word;

-- Under another search path the rows are checked under their own.
SET search_path = public;
ALTER TABLE define_synonyms.items ADD COLUMN colour text;
SELECT word, status FROM analytics_llm.synonym WHERE status <> 'ok' ORDER BY word;
DROP TABLE define_synonyms.sales;
SELECT word, status FROM analytics_llm.synonym WHERE status <> 'ok' ORDER BY word;

SET client_min_messages = warning;
DELETE FROM analytics_llm.synonym;
DELETE FROM analytics_llm.metric;
DROP SCHEMA define_synonyms CASCADE;
DROP ROLE regress_synonyms_analyst;
