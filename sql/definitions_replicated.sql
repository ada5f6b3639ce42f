--
-- A definition that changes by replication, whose worker fires no ordinary
-- trigger, acts at the next question, and ends the answers that were kept.
--
CREATE SCHEMA definitions_replicated;
SET search_path = definitions_replicated, public;
CREATE TABLE sales (sale_id int PRIMARY KEY, revenue int NOT NULL, cost int NOT NULL);
INSERT INTO sales SELECT i, 10 * i, i FROM generate_series(1, 4) AS i;
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('margin', 'sum(revenue - cost)', 'sales');
SELECT status, rows FROM llm_answer('margin');
SET session_replication_role = replica;
UPDATE analytics_llm.metric SET expression = 'sum(revenue)' WHERE name = 'margin';
RESET session_replication_role;
SELECT status, rows FROM llm_answer('margin');
DELETE FROM analytics_llm.metric WHERE name = 'margin';
DROP TABLE sales;
DROP SCHEMA definitions_replicated;
