--
-- Rows that are marked as deleted and are there all the same: the answer is in
-- doubt, unless the question or a definition says which are meant.
--
CREATE SCHEMA sentence_deleted;
SET search_path = sentence_deleted, public;

CREATE TABLE writers (writer_id int PRIMARY KEY, name text NOT NULL, town text NOT NULL, deleted_at timestamptz);
CREATE TABLE poems (poem_id int PRIMARY KEY, writer_id int NOT NULL REFERENCES writers, lines int NOT NULL, is_deleted boolean NOT NULL);
CREATE TABLE poem_verses (poem_id int NOT NULL REFERENCES poems, verse int NOT NULL, words int NOT NULL, PRIMARY KEY (poem_id, verse));
INSERT INTO writers VALUES (1, 'Ada', 'Oslo', NULL), (2, 'Bo', 'Oslo', '2024-05-05'), (3, 'Cy', 'Rome', NULL);
INSERT INTO poems VALUES (1, 1, 10, false), (2, 1, 20, true), (3, 3, 40, false);
INSERT INTO poem_verses VALUES (1, 1, 7), (2, 1, 9), (3, 1, 11);
ANALYZE writers, poems, poem_verses;

CREATE VIEW asked AS SELECT q.n, q.question, a.rows::text, a.warnings
  FROM (VALUES (1, 'how many writers'), (2, 'how many writers without deleted at'), (3, 'number of writers by town'),
		(4, 'writers deleted in 2024'), (5, 'total lines'), (6, 'total words'), (7, 'writers with poems'),
		(8, 'percentage of writers with town Oslo')) AS q (n, question), llm_answer(q.question, '{"cache": false}') AS a;
SELECT n, question, rows, warnings FROM asked ORDER BY n;

-- Under "error" a doubt is one.
SET analytics_llm.on_doubt = error;
SELECT llm_ask('how many writers');
SELECT llm_ask('how many writers without deleted at');
RESET analytics_llm.on_doubt;

-- A figure whose definition picks the rows says which are meant.
INSERT INTO analytics_llm.metric (name, expression, base, filter)
VALUES ('living lines', 'sum(lines)', 'poems', 'NOT is_deleted');
SELECT rows, warnings FROM llm_answer('living lines');
DELETE FROM analytics_llm.metric;

-- Where none is marked, there is nothing to doubt.
UPDATE writers SET deleted_at = NULL;
SELECT rows, warnings FROM llm_answer('how many writers', '{"cache": false}');

SET client_min_messages = warning;
DROP SCHEMA sentence_deleted CASCADE;
