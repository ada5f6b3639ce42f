--
-- A setting that can change what an answer says is part of what it is kept
-- under.
--
CREATE SCHEMA cache_settings;
CREATE SCHEMA cache_settings_two;
SET search_path = cache_settings, public;
CREATE TABLE sales (sale_id int PRIMARY KEY, took interval, price float8, picture bytea);
INSERT INTO sales VALUES (1, '36 hours', 0.1 + 0.2, '\x0102');
INSERT INTO analytics_llm.example (name, question, sql)
VALUES ('settings', 'what was sold', 'SELECT took, price, picture FROM sales');

CREATE FUNCTION asked() RETURNS text LANGUAGE sql VOLATILE
SET client_min_messages = error AS $$
SELECT concat_ws(' ', status, tier, rows)
  FROM llm_answer('what was sold');
$$;
SELECT asked();
SELECT asked();

-- Each with another value, and again with the first.
CREATE FUNCTION with_setting(name text, value text) RETURNS TABLE (other text, before text)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	was text := current_setting(name);
BEGIN
	PERFORM set_config(name, value, false);
	other := asked();
	PERFORM set_config(name, was, false);
	before := asked();
	RETURN NEXT;
END
$$;
SELECT asked();
SELECT asked();
SELECT * FROM with_setting('IntervalStyle', 'iso_8601');
SELECT * FROM with_setting('extra_float_digits', '0');
SELECT * FROM with_setting('bytea_output', 'escape');
SELECT * FROM with_setting('TimeZone', 'Asia/Tokyo');
SELECT * FROM with_setting('DateStyle', 'German');
SELECT * FROM with_setting('DateStyle', 'Postgres, DMY');
SELECT * FROM with_setting('lc_monetary', 'POSIX');
SELECT * FROM with_setting('lc_numeric', 'POSIX');
SELECT * FROM with_setting('lc_time', 'POSIX');
SELECT * FROM with_setting('xmlbinary', 'hex');
SELECT * FROM with_setting('standard_conforming_strings', 'off');
SELECT * FROM with_setting('transform_null_equals', 'on');
SELECT * FROM with_setting('array_nulls', 'off');
SELECT * FROM with_setting('search_path', 'cache_settings, cache_settings_two, public');
SELECT * FROM with_setting('analytics_llm.row_limit', '77');
SELECT * FROM with_setting('analytics_llm.max_result_size', '1MB');
SELECT * FROM with_setting('analytics_llm.max_plan_cost', '1000000');
SELECT * FROM with_setting('analytics_llm.max_question_length', '100');
SELECT * FROM with_setting('analytics_llm.max_sql_length', '1000');
SELECT * FROM with_setting('analytics_llm.allow_system_catalogs', 'on');

-- An end user's answers are nobody else's.
SELECT * FROM with_setting('analytics_llm.end_user', 'ann');
SELECT * FROM with_setting('analytics_llm.end_user', 'bob');
SELECT * FROM with_setting('analytics_llm.end_user', 'ann');

-- These change nothing that is said.
SELECT * FROM with_setting('analytics_llm.request_timeout', '9s');
SELECT * FROM with_setting('analytics_llm.query_timeout', '9s');
SELECT * FROM with_setting('analytics_llm.on_doubt', 'error');
SELECT * FROM with_setting('work_mem', '9MB');
SELECT * FROM with_setting('application_name', 'another');

-- Who may change which.
CREATE ROLE regress_cache_user;
SET ROLE regress_cache_user;
SET analytics_llm.cache_ttl = '1min';
SET analytics_llm.sql_cache_ttl = '1h';
SET analytics_llm.stale_ttl = '1min';
SET analytics_llm.cache_max_entry = '1MB';
SET analytics_llm.cache_memory = '1GB';
RESET ROLE;
SHOW analytics_llm.cache_memory;
SHOW analytics_llm.stale_ttl;
DROP ROLE regress_cache_user;

RESET analytics_llm.cache_ttl;
RESET analytics_llm.sql_cache_ttl;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA cache_settings, cache_settings_two CASCADE;
DELETE FROM analytics_llm.example;
