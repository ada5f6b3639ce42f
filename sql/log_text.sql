--
-- How much of a question and of its SQL is recorded.
--
CREATE SCHEMA log_text;
SET search_path = log_text, public;
CREATE TABLE towns (town_id int PRIMARY KEY, name text NOT NULL, inhabitants int NOT NULL);
INSERT INTO towns VALUES (1, 'Alpha', 100), (2, 'Beta', 200);
ANALYZE towns;

SET analytics_llm.log_text = full;
SELECT llm_ask('how many towns with inhabitants over 150', '{"feature": "full", "cache": false}');
SET analytics_llm.log_text = normalized;
SELECT llm_ask('how many towns with inhabitants over 150', '{"feature": "normalized", "cache": false}');
SET analytics_llm.log_text = none;
SELECT llm_ask('how many towns with inhabitants over 150', '{"feature": "none", "cache": false}');
RESET analytics_llm.log_text;
SELECT llm_flush();

SELECT question, sql FROM analytics_llm.request WHERE feature = 'full';
SELECT question, sql FROM analytics_llm.request WHERE feature = 'normalized';
SELECT question ~ '^sha256:[0-9a-f]{64}$' AS hashed,
	   sql ~ '^sha256:[0-9a-f]{64}$' AS sql_hashed
  FROM analytics_llm.request WHERE feature = 'none';
SELECT feature, user_input = question AS same_input, generated_query = sql AS same_query
  FROM analytics_llm.request JOIN analytics_llm.log USING (request_id, feature)
 WHERE log.status = 'success' AND feature IN ('full', 'normalized', 'none')
 ORDER BY feature COLLATE "C";

-- The steps hold no word of the question and no constant, whatever is recorded.
SELECT feature, bool_or(name = 'execute') AS has_steps,
	   bool_or(name || attributes ~* 'inhabitants|towns|150') AS has_text
  FROM analytics_llm.request
  JOIN (SELECT request_id, name, COALESCE(attributes::text, '') AS attributes
		  FROM analytics_llm.span) AS s USING (request_id)
 WHERE feature IN ('full', 'normalized', 'none')
 GROUP BY feature
 ORDER BY feature COLLATE "C";

-- Only a superuser, or who was granted it, says what is recorded.
CREATE ROLE regress_log_reader;
SET ROLE regress_log_reader;
SET analytics_llm.log_text = none;
RESET ROLE;

RESET search_path;
DROP SCHEMA log_text CASCADE;
DROP ROLE regress_log_reader;
