--
-- analytics_llm.log_text holds for every text of a record: the messages of
-- errors quote values, and so do warnings.
--
CREATE SCHEMA log_values;
SET search_path = log_values, public;
CREATE TABLE patients (patient_id int PRIMARY KEY, name text NOT NULL);
INSERT INTO patients VALUES (1, 'Smith'), (2, 'Jones');
ANALYZE patients;
-- Queries that the check refuses are to be met at their use.
ALTER TABLE analytics_llm.example DISABLE TRIGGER definition_check;
INSERT INTO analytics_llm.example (name, question, sql) VALUES
	('values_run', 'number the patients', 'SELECT name::int AS n FROM patients ORDER BY patient_id'),
	('values_check', 'number nobody', 'SELECT ''Miller''::int AS n');

-- The query fails while it runs, and the message quotes a value of the data.
SET analytics_llm.log_text = full;
SELECT status FROM llm_answer('number the patients', '{"feature": "v_full"}');
SET analytics_llm.log_text = normalized;
SELECT status FROM llm_answer('number the patients', '{"feature": "v_normalized"}');
SET analytics_llm.log_text = none;
SELECT status FROM llm_answer('number the patients', '{"feature": "v_none"}');

-- The check fails, and its finding quotes a literal of the query.
SET analytics_llm.log_text = normalized;
SELECT status FROM llm_answer('number nobody', '{"feature": "v_normalized"}');
SET analytics_llm.log_text = none;
SELECT status FROM llm_answer('number nobody', '{"feature": "v_none"}');

-- Whatever has a digit is a literal, in a question.
SET analytics_llm.log_text = normalized;
SELECT status FROM llm_answer('patients with phone 555-0199 born 1970-01-31 aged 44, card 4111-1111',
							  '{"feature": "v_digits"}');

-- An interpretation names the values that the question means, without quotes.
SELECT interpretation ~ 'Smith' AS named
  FROM llm_answer('list patients "smith"', '{"feature": "v_normalized", "cache": false}');
SET analytics_llm.log_text = none;
SELECT interpretation ~ 'Smith' AS named
  FROM llm_answer('list patients "smith"', '{"feature": "v_none", "cache": false}');
RESET analytics_llm.log_text;
SELECT llm_flush();
SELECT interpretation IS NULL AS left_out,
	   interpretation ~ '^sha256:[0-9a-f]{64}$' AS hashed
  FROM analytics_llm.request
 WHERE feature IN ('v_normalized', 'v_none') AND status = 'templated'
 ORDER BY asked_at;

SELECT feature, status, error_code, error_message, fallback_reason
  FROM analytics_llm.log
 WHERE feature IN ('v_full', 'v_normalized') AND model_used = 'example'
 ORDER BY logged_at, attempt;
SELECT user_input FROM analytics_llm.log WHERE feature = 'v_digits';

-- No value is left anywhere where values were not to be recorded; what the
-- code of an error says stays.
SELECT count(*) FROM analytics_llm.request AS r
 WHERE feature IN ('v_normalized', 'v_none', 'v_digits')
   AND r::text ~ 'Smith|Jones|Miller|555-0199|1970-01-31|4111-1111';
SELECT count(*) FROM analytics_llm.log AS l
 WHERE feature IN ('v_normalized', 'v_none', 'v_digits')
   AND l::text ~ 'Smith|Jones|Miller|555-0199|1970-01-31|4111-1111';
SELECT status, error_code, error_message ~ '^sha256:[0-9a-f]{64}$' AS hashed
  FROM analytics_llm.log
 WHERE feature = 'v_none' AND model_used = 'example' ORDER BY logged_at;

-- What is in a record cannot end it, nor add to it.
SELECT status FROM llm_answer(E'patients "x\\", "status": "ok" }]\n\t{"',
							  '{"feature": "a\"}, {\"status\": \"ok\"\\\\"}');
SET analytics_llm.end_user = 'o"brien\", "cost": 9, ''; DROP TABLE x; --';
SET application_name = '"}],$$;--';
SELECT status FROM llm_answer('how many patients', '{"feature": "v_user"}');
RESET analytics_llm.end_user;
RESET application_name;
SELECT llm_flush();
SELECT question, status, feature FROM analytics_llm.request WHERE feature LIKE 'a"}%';
SELECT end_user, application_name, cost, status FROM analytics_llm.request
 WHERE feature = 'v_user';
SELECT entry ->> 'userId' AS user_id, entry ->> 'cost' AS cost
  FROM analytics_llm.log_json WHERE entry ->> 'feature' = 'v_user';

-- A name for the log has one line and a bounded length.
SET analytics_llm.end_user = E'two\nlines';
DO $$
BEGIN
	PERFORM set_config('analytics_llm.end_user', repeat('x', 257), false);
EXCEPTION WHEN invalid_parameter_value THEN
	RAISE NOTICE 'too long';
END
$$;

DELETE FROM analytics_llm.example WHERE name LIKE 'values!_%' ESCAPE '!';
ALTER TABLE analytics_llm.example ENABLE TRIGGER definition_check;
DROP TABLE patients;
RESET search_path;
DROP SCHEMA log_values;
