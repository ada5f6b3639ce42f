--
-- The rows of an answer are kept, and given to who asks the same: with tier 0,
-- and the time at which the answer was made.  What is in doubt is not kept, nor
-- what this transaction alone sees.
--
CREATE SCHEMA cache_rows;
SET search_path = cache_rows, public;
CREATE TABLE sales (sale_id int PRIMARY KEY, region text NOT NULL,
	amount int NOT NULL);
INSERT INTO sales SELECT i, 'r' || i % 3, i FROM generate_series(1, 30) AS i;
CREATE TABLE towns (town_id int PRIMARY KEY, inhabitants int);
INSERT INTO analytics_llm.example (name, question, sql) VALUES
	('empty', 'the largest town', 'SELECT max(inhabitants) AS most FROM towns'),
	('long', 'the long text', 'SELECT repeat(''x'', 100000) AS long FROM sales LIMIT 3'),
	('all', 'every sale', 'SELECT sale_id FROM sales ORDER BY sale_id'),
	('none', 'no sale', 'SELECT sale_id FROM sales WHERE sale_id < 0');
ANALYZE sales;

CREATE FUNCTION asked(question text, options jsonb DEFAULT '{}')
RETURNS TABLE (status text, tier int, model text, row_count bigint, error_code text)
LANGUAGE sql VOLATILE AS $$
SELECT status, tier, model, row_count, error_code
  FROM llm_answer(question, options);
$$;

SELECT * FROM asked('amount by region');
SELECT * FROM asked('amount by region');

-- Case, blanks and a final mark make no difference; anything else does.
SELECT * FROM asked('  Amount by REGION ?');
SELECT * FROM asked('sales by region');

-- All that is known of it comes with it.
SELECT status, tier, model, confidence, confidence_band, sql, columns, rows,
	   row_count, truncated, warnings, message, input_tokens, output_tokens,
	   cost, error_code, interpretation, trace_id = replace(request_id::text, '-', '') AS traced
  FROM llm_answer('amount by region');
SELECT llm_ask('amount by region');
SELECT * FROM llm_ask('amount by region') AS t (entry);
SELECT llm_sql('amount by region');
SELECT answered_at AS kept_at FROM llm_answer('amount by region') \gset
SELECT answered_at = :'kept_at' AS of_then FROM llm_answer('amount by region');
-- It is of the caller's trace, if there is one.
SELECT tier, trace_id
  FROM llm_answer('amount by region', '{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}');
-- An empty answer is one, too.
SELECT * FROM asked('no sale');
SELECT * FROM asked('no sale');

-- Whoever wants it asks anew, and has replaced it.
SELECT * FROM asked('amount by region', '{"cache": false}');
SELECT answered_at > :'kept_at' AS later FROM llm_answer('amount by region');
SELECT * FROM asked('amount by region', '{"cache": true}');
SELECT llm_ask('amount by region', '{"cache": 1}');

-- Options that can change the answer have answers of their own.
SELECT * FROM asked('amount by region', '{"tier": 3}');
SELECT * FROM asked('amount by region', '{"tier": 3}');
SELECT * FROM asked('amount by region', '{"min_confidence": 0.5}');
SELECT * FROM asked('amount by region', '{"row_limit": 9}');
SELECT * FROM asked('amount by region', '{"timeout_ms": 9000, "feature": "aside"}');

-- A doubt is not kept.
SELECT * FROM asked('the largest town');
SELECT * FROM asked('the largest town');
SELECT * FROM asked('every sale', '{"row_limit": 5}');
SELECT * FROM asked('every sale', '{"row_limit": 5}');
-- Nor what is too large, nor no answer.
SET analytics_llm.cache_max_entry = '200kB';
SELECT * FROM asked('the long text');
SELECT * FROM asked('the long text');
SET analytics_llm.cache_max_entry = '400kB';
SELECT * FROM asked('the long text');
SELECT * FROM asked('the long text');
RESET analytics_llm.cache_max_entry;
SELECT * FROM asked('unheard words');
SELECT * FROM asked('unheard words');

-- With a time of zero nothing is given or kept.
SET analytics_llm.cache_ttl = 0;
SELECT * FROM asked('amount by region');
SELECT * FROM asked('how many sales');
RESET analytics_llm.cache_ttl;
SELECT * FROM asked('how many sales');
SELECT * FROM asked('how many sales');

-- A transaction that has written sees what it wrote, and what it sees is not
-- for others; nor is that of a snapshot of its own.
BEGIN;
INSERT INTO sales VALUES (31, 'r0', 100);
SELECT rows FROM llm_answer('how many sales');
SELECT * FROM asked('how many sales');
ROLLBACK;
SELECT rows FROM llm_answer('how many sales');
SELECT * FROM asked('how many sales');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM asked('how many sales');
SELECT * FROM asked('total amount');
COMMIT;
SELECT * FROM asked('total amount');
SELECT * FROM asked('total amount');

-- A session reads what it has written itself.
INSERT INTO sales VALUES (31, 'r0', 100);
SELECT rows FROM llm_answer('how many sales');
SELECT * FROM asked('how many sales');

-- In a transaction that only reads, and in one that may do nothing else.
BEGIN READ ONLY;
SELECT * FROM asked('how many sales');
COMMIT;
SET default_transaction_read_only = on;
SELECT * FROM asked('how many sales');
RESET default_transaction_read_only;

-- It cannot be asked for where no question may be asked.
CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql STABLE AS
	$$ SELECT count(*) FROM llm_ask('how many sales') $$;
CREATE VIEW nested AS SELECT sale_id, counted() AS n FROM sales WHERE sale_id = 1;
INSERT INTO analytics_llm.example (name, question, sql)
VALUES ('nested', 'the nested one', 'SELECT n FROM nested');
SELECT status, error_code FROM llm_answer('the nested one');

-- One statement is one question, also without the cache.
SELECT (llm_answer('how many sales', '{"cache": false, "feature": "expanded anew"}')).*
  INTO TEMP expanded;
SELECT llm_flush();
SELECT count(*) FROM analytics_llm.request WHERE feature = 'expanded anew';

-- Hits are counted, all of them, in few rows.
SELECT count(*) FROM generate_series(1, 100) AS i,
	LATERAL llm_ask('how many sales', ('{"feature": "counted", "timeout_ms": ' || 8000 + i % 3 || '}')::jsonb);
SELECT count(*) FROM generate_series(1, 20) AS i,
	LATERAL llm_answer('how many sales', ('{"feature": "counted", "timeout_ms": ' || 9000 + i % 2 || '}')::jsonb);
SELECT llm_flush();
SELECT count(*) BETWEEN 1 AND 3 AS few, sum(hits) AS hits, min(status) AS status,
	   min(tier) AS tier, min(model) AS model, min(sql) AS sql, sum(row_count) > 0 AS rows
  FROM analytics_llm.request WHERE feature = 'counted' AND hits > 0;
SELECT count(*) AS asked_anew FROM analytics_llm.request WHERE feature = 'counted' AND hits = 0;

SELECT component, name, state, (detail ->> 'entries')::int > 0 AS entries,
	   (detail ->> 'bytes')::int > 0 AS bytes, (detail ->> 'limit')::int > 16000000 AS half_of_it,
	   (detail ->> 'hits')::int > 100 AS hits, (detail ->> 'misses')::int > 10 AS misses,
	   (detail ->> 'evictions')::int AS evictions
  FROM llm_status() WHERE component = 'cache';

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA cache_rows CASCADE;
DELETE FROM analytics_llm.example;
