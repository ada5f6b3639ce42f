--
-- Options: what is known works, what is not known is named.
--
CREATE SCHEMA ask_options;
SET search_path = ask_options, public;
CREATE TABLE parts (part_id int PRIMARY KEY, colour text NOT NULL, weight int NOT NULL);
INSERT INTO parts SELECT i, (ARRAY['red', 'green', 'blue'])[1 + i % 3], i FROM generate_series(1, 9) AS i;
ANALYZE parts;

-- Unknown, wrong type, out of range.
SELECT llm_ask('how many parts', '{"tiers": 3}');
SELECT llm_ask('how many parts', '[1]');
SELECT llm_ask('how many parts', '{"tier": "3"}');
SELECT llm_ask('how many parts', '{"tier": 4}');
SELECT llm_ask('how many parts', '{"tier": 1.5}');
SELECT llm_ask('how many parts', '{"feature": 1}');
SELECT llm_ask('how many parts', jsonb_build_object('feature', repeat('x', 65)));
SELECT llm_ask('how many parts', '{"min_confidence": 1.5}');
SELECT llm_ask('how many parts', '{"min_confidence": -1e400}');
SELECT llm_ask('how many parts', '{"timeout_ms": 0}');

-- NULL is no options.
SELECT llm_ask('how many parts', NULL);

-- A ceiling is lowered, never raised.
SET analytics_llm.row_limit = 2;
SELECT row_count, truncated FROM llm_answer('count of parts by colour');
SELECT llm_ask('how many parts', '{"row_limit": 3}');
SELECT row_count, truncated FROM llm_answer('count of parts by colour', '{"row_limit": 1}');
RESET analytics_llm.row_limit;
SELECT row_count, truncated FROM llm_answer('count of parts by colour', '{"row_limit": 3}');
SET analytics_llm.request_timeout = '1s';
SELECT llm_ask('how many parts', '{"timeout_ms": 1001}');
SELECT llm_ask('how many parts', '{"timeout_ms": 1000}');
RESET analytics_llm.request_timeout;

-- Every tier may be the first.
SELECT (llm_answer('how many parts', jsonb_build_object('tier', t))).tier
  FROM generate_series(1, 3) AS t;

-- Below the bound that was asked for there are no rows, but the envelope has
-- them.
SELECT llm_ask('how many parts', '{"min_confidence": 0.96}');
SELECT status, error_code, rows, message FROM llm_answer('how many parts', '{"min_confidence": 0.96}');
SELECT llm_ask('how many parts', '{"min_confidence": 0.95}');

-- The label is recorded.
SELECT count(*) FROM llm_ask('how many parts', '{"feature": "quarterly report", "cache": false}');
SELECT llm_flush();
SELECT r.feature, l.feature, r.options
  FROM analytics_llm.request AS r JOIN analytics_llm.log AS l USING (request_id)
 WHERE r.feature = 'quarterly report' AND l.status = 'success';

RESET search_path;
DROP SCHEMA ask_options CASCADE;
