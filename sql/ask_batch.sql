--
-- Many questions in one statement: each has its row, in order, whatever becomes
-- of the others.  Models have a test of their own: test/t/171_batch.pl.
--
CREATE SCHEMA ask_batch;
SET search_path = ask_batch, public;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
INSERT INTO regions VALUES (1, 'North'), (2, 'South');
CREATE TABLE sales (sale_id int PRIMARY KEY, region_id int NOT NULL REFERENCES regions,
	revenue int NOT NULL);
INSERT INTO sales SELECT i, 1 + i % 2, i FROM generate_series(1, 40) AS i;
ANALYZE;

-- The order is that of the questions; what has no answer says so in its row.
SELECT n, question, (answer).status, (answer).error_code, (answer).rows
  FROM llm_ask_batch(ARRAY['how many sales', 'how many unicorns', 'revenue by region', 'how many regions']);

-- NULL, nothing, no words and too many characters are no questions: they have
-- no request, and say why.
SET analytics_llm.max_question_length = 30;
SELECT n, question, (answer).request_id IS NULL AS no_request, (answer).status,
	   (answer).error_code, (answer).message
  FROM llm_ask_batch(ARRAY[NULL, '', '?!', 'how many sales', repeat('x', 31)])
 WHERE (answer).status <> 'templated';
RESET analytics_llm.max_question_length;

-- The same text is one question, with one request.
SELECT n, (answer).rows, dense_rank() OVER (ORDER BY (answer).request_id) AS request
  FROM llm_ask_batch(ARRAY['how many sales', 'how many sales', 'How many sales'], '{"cache": false}')
 WHERE n < 3 ORDER BY n;
SELECT count(DISTINCT (answer).request_id)
  FROM llm_ask_batch(array_fill('how many sales'::text, ARRAY[50]), '{"cache": false}');

-- No questions, no rows; an array that is null is a mistake, and so are more
-- questions than there may be.
SELECT * FROM llm_ask_batch('{}');
SELECT * FROM llm_ask_batch(NULL);
SELECT count(*) FROM llm_ask_batch(array_fill('how many sales'::text, ARRAY[1000]));
SELECT count(*) FROM llm_ask_batch(array_fill('how many sales'::text, ARRAY[1001]));

-- Options are those of all questions, and are read before any is asked.
SELECT n, (answer).truncated, (answer).row_count
  FROM llm_ask_batch(ARRAY['revenue by region', 'how many sales'], '{"row_limit": 1}');
SELECT * FROM llm_ask_batch(ARRAY['how many sales'], '{"row_limits": 1}');
SELECT * FROM llm_ask_batch('{}', '{"row_limits": 1}');
SELECT * FROM llm_ask_batch(ARRAY['how many sales'], '{"model": "nobody"}');
SELECT n, (answer).status FROM llm_ask_batch(ARRAY['how many sales'], NULL);

-- What goes wrong about one question is its answer, and no other's: its query
-- needs more room on disk than there may be.  Asked alone, it raises that.
CREATE TABLE parcels (parcel_id int PRIMARY KEY, label text NOT NULL, weight int NOT NULL);
INSERT INTO parcels SELECT i, repeat(md5(i::text), 8), i FROM generate_series(1, 4000) AS i;
ANALYZE parcels;
SET work_mem = '64kB';
SET temp_file_limit = '64kB';
SELECT n, (answer).status, (answer).error_code, replace((answer).message, '"', '') AS message, (answer).rows
  FROM llm_ask_batch(ARRAY['how many sales', 'total weight by label', 'how many regions'], '{"cache": false}');
\set VERBOSITY sqlstate
SELECT (llm_answer('total weight by label', '{"cache": false}')).status;
\set VERBOSITY default
RESET temp_file_limit;
SELECT llm_flush();
SELECT status, error_code FROM analytics_llm.request WHERE question = 'total weight by label' ORDER BY asked_at;
RESET work_mem;
DROP TABLE parcels;

-- Each is a row of the log, as a question alone is; a probe is none.
SELECT n FROM llm_ask_batch(ARRAY['gibberish frobnicate']) LIMIT 0;
SELECT llm_flush();
SELECT question, count(*) FROM analytics_llm.request
 WHERE question IN ('how many unicorns', 'gibberish frobnicate') GROUP BY question;

-- In the select list, in a join, in a transaction that may not write.
SELECT (llm_ask_batch(ARRAY['how many regions'])).n;
BEGIN READ ONLY;
SELECT q.who, (b.answer).rows
  FROM (VALUES ('a', ARRAY['how many regions', 'how many sales'])) AS q (who, asks),
	   LATERAL llm_ask_batch(q.asks) AS b
 ORDER BY b.n;
COMMIT;

-- Not in the query of a question, nor the other way round.
CREATE FUNCTION asks() RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	PERFORM * FROM llm_ask_batch(ARRAY['how many sales']);
	RETURN true;
END
$$;
CREATE TABLE goods (good_id int PRIMARY KEY, amount int NOT NULL);
INSERT INTO goods VALUES (1, 10), (2, 20);
CREATE ROLE regress_batch;
GRANT USAGE ON SCHEMA ask_batch TO regress_batch;
GRANT SELECT ON ALL TABLES IN SCHEMA ask_batch TO regress_batch;
CREATE POLICY asking ON goods USING (asks());
ALTER TABLE goods ENABLE ROW LEVEL SECURITY;
ANALYZE goods;
SET ROLE regress_batch;
SELECT n, (answer).status, (answer).rows
  FROM llm_ask_batch(ARRAY['total amount', 'how many sales']);

-- As the role that asks, and for nobody without the right to.
RESET ROLE;
REVOKE SELECT ON sales FROM regress_batch;
SET ROLE regress_batch;
SELECT n, (answer).status, (answer).error_code
  FROM llm_ask_batch(ARRAY['how many sales', 'how many regions']);
RESET ROLE;
REVOKE EXECUTE ON FUNCTION llm_ask_batch FROM PUBLIC;
SET ROLE regress_batch;
SELECT n FROM llm_ask_batch(ARRAY['how many regions']);
RESET ROLE;
GRANT EXECUTE ON FUNCTION llm_ask_batch TO PUBLIC;

-- How many calls there may be at once is for a superuser to say.
SHOW analytics_llm.max_parallel_calls;
SET analytics_llm.max_parallel_calls = 0;
SET analytics_llm.max_parallel_calls = 1;
SELECT n, (answer).status FROM llm_ask_batch(ARRAY['how many sales', 'how many regions', 'revenue by region']);
RESET analytics_llm.max_parallel_calls;
SET ROLE regress_batch;
SET analytics_llm.max_parallel_calls = 2;
RESET ROLE;

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA ask_batch CASCADE;
RESET client_min_messages;
DROP OWNED BY regress_batch;
DROP ROLE regress_batch;
