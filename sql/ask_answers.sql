--
-- What an answer looks like in each form.
--
CREATE SCHEMA ask_answers;
SET search_path = ask_answers, public;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE sales (sale_id int PRIMARY KEY,
	region_id int NOT NULL REFERENCES regions, sold_on date NOT NULL,
	revenue numeric(12,2) NOT NULL);
INSERT INTO regions VALUES (1, 'North'), (2, 'South'), (3, 'West');
INSERT INTO sales
SELECT i, 1 + i % 3, date '2024-01-01' + i * 10, i * 1.25
  FROM generate_series(1, 60) AS i;
ANALYZE;

-- One JSON object for each row, keys in column order.
SELECT llm_ask('revenue by region');

-- The same as a hand-written query.
SELECT r.name, sum(s.revenue) FROM sales s JOIN regions r USING (region_id)
 GROUP BY r.name ORDER BY r.name;

-- In FROM it is one json column, and can be taken apart.
SELECT a ->> 'region' AS region, (a ->> 'revenue')::numeric AS revenue
  FROM llm_ask('revenue by region') AS a
 ORDER BY 1;

-- The envelope.
SELECT status, tier, model, confidence, confidence_band, row_count, truncated,
	   warnings, message, error_code, interpretation
  FROM llm_answer('revenue by region', '{"cache": false}');
SELECT c ->> 'name' AS name, c ->> 'type' AS type
  FROM llm_answer('revenue by region'), json_array_elements(columns) AS c;
SELECT rows FROM llm_answer('how many sales');
SELECT request_id IS NOT NULL AS has_id, length(trace_id), cost, input_tokens,
	   output_tokens, answered_at <= clock_timestamp() AS in_time,
	   latency_ms > 0 AS took_time
  FROM llm_answer('how many sales');

-- The query alone, checked and not run.
SELECT llm_sql('revenue in West');
SELECT llm_sql('how many sales') \gexec

-- Questions that are the same but for case, blanks and a question mark.
SELECT count(DISTINCT sql) FROM (
	SELECT llm_sql('how many sales') AS sql
	UNION ALL SELECT llm_sql('  How   MANY sales?  ')) AS q;

-- One statement, one answer: the function is called for each column.
SELECT (a).request_id = (a).request_id AS same
  FROM (SELECT llm_answer('how many sales') AS a OFFSET 0) AS q;
CREATE TEMP TABLE expanded AS SELECT (llm_answer('how many regions')).*;
SELECT llm_flush();
SELECT count(*) FROM analytics_llm.request WHERE question = 'how many regions';

-- The next statement is another question.
CREATE TEMP TABLE again AS SELECT (llm_answer('how many regions')).*;
SELECT count(*) FROM expanded JOIN again USING (request_id);

-- In a read-only transaction.
BEGIN READ ONLY;
SELECT llm_ask('how many sales');
COMMIT;

RESET search_path;
DROP SCHEMA ask_answers CASCADE;
