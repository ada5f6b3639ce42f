--
-- A question that is asked by the query of another: refused, whoever does it,
-- and the outer question ends well or with a reason.
--
CREATE SCHEMA ask_nested;
SET search_path = ask_nested, public;
CREATE ROLE regress_nested_owner;
CREATE ROLE regress_nested_asker;
GRANT ALL ON SCHEMA ask_nested TO regress_nested_owner;
GRANT USAGE ON SCHEMA ask_nested TO regress_nested_asker;

-- Whoever owns a table decides on the functions of its policies, which run for
-- everyone who asks.
SET ROLE regress_nested_owner;
CREATE TABLE goods (good_id int PRIMARY KEY, label text NOT NULL, amount int NOT NULL);
INSERT INTO goods SELECT i, 'kind' || chr(65 + i % 3), i FROM generate_series(1, 30) AS i;
ANALYZE goods;
GRANT SELECT ON goods TO regress_nested_asker;
CREATE FUNCTION asks() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
	PERFORM llm_ask('how many goods');
	RETURN true;
END
$$;
CREATE POLICY asking ON goods USING (asks());
ALTER TABLE goods ENABLE ROW LEVEL SECURITY;
RESET ROLE;

SET ROLE regress_nested_asker;
SELECT llm_ask('how many goods');
SELECT status, error_code FROM llm_answer('how many goods');
RESET ROLE;
SELECT llm_flush();
SELECT status, error_code, error_message FROM analytics_llm.log
 WHERE user_name = 'regress_nested_asker' ORDER BY logged_at;

-- Suggestions are made for the role of the function, from a snapshot of what
-- that role sees: the outer question must keep its own.
SET ROLE regress_nested_owner;
CREATE OR REPLACE FUNCTION asks() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
	PERFORM llm_suggest(100);
	RETURN true;
END
$$;
SET ROLE regress_nested_asker;
SELECT llm_ask('how many goods');

-- When the function hides the refusal, the outer question is answered, and
-- answered right, as often as it is asked.
SET ROLE regress_nested_owner;
CREATE OR REPLACE FUNCTION asks() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
	BEGIN
		PERFORM llm_suggest(100);
	EXCEPTION WHEN feature_not_supported THEN
		NULL;
	END;
	BEGIN
		PERFORM llm_answer('how many goods');
	EXCEPTION WHEN feature_not_supported THEN
		NULL;
	END;
	BEGIN
		PERFORM llm_sql('how many goods');
	EXCEPTION WHEN feature_not_supported THEN
		NULL;
	END;
	BEGIN
		PERFORM llm_check('SELECT 1');
	EXCEPTION WHEN feature_not_supported THEN
		NULL;
	END;
	RETURN true;
END
$$;
SET ROLE regress_nested_asker;
SELECT llm_ask('total amount by label');
SELECT llm_ask('total amount for "kindB"');
SELECT llm_ask('total amount for "kindB"');
SELECT llm_ask('total amount for "kindC"');
SELECT sum(amount) FILTER (WHERE label = 'kindB') AS b,
	   sum(amount) FILTER (WHERE label = 'kindC') AS c
  FROM goods;
RESET ROLE;

-- After one question has failed, by any error, the next is not refused.
SET ROLE regress_nested_asker;
SELECT llm_ask('how many unicorns');
SELECT llm_ask('how many goods', '{"row_limit": 0}');
DO $$
BEGIN
	PERFORM llm_ask('how many unicorns');
EXCEPTION WHEN OTHERS THEN
	RAISE NOTICE '%: %', SQLSTATE, (llm_answer('how many goods')).rows;
END
$$;
RESET ROLE;

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA ask_nested CASCADE;
RESET client_min_messages;
DROP ROLE regress_nested_owner, regress_nested_asker;
