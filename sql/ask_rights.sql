--
-- Whose rights hold, and what a role without any can learn.
--
CREATE SCHEMA ask_rights;
SET search_path = ask_rights, public;
CREATE ROLE regress_rights_owner;
CREATE ROLE regress_rights_nobody;
CREATE ROLE regress_rights_column;
CREATE ROLE regress_rights_member IN ROLE regress_rights_owner;
CREATE ROLE regress_rights_noinherit NOINHERIT IN ROLE regress_rights_owner;
GRANT ALL ON SCHEMA ask_rights TO regress_rights_owner;
GRANT USAGE ON SCHEMA ask_rights TO PUBLIC;
SET ROLE regress_rights_owner;
CREATE TABLE secrets (secret_id int PRIMARY KEY, label text NOT NULL, amount int NOT NULL);
INSERT INTO secrets VALUES (1, 'alpha', 10), (2, 'beta', 20);
ANALYZE secrets;
GRANT SELECT (secret_id) ON secrets TO regress_rights_column;

-- As the owner, and as a member who has its rights.
SELECT llm_ask('total amount');
SET ROLE regress_rights_member;
SELECT llm_ask('total amount');

-- Without rights, a table that is there and one that is not are the same.
SET ROLE regress_rights_nobody;
SELECT replace(message, 'secrets', 'X') = replace(other, 'unicorns', 'X') AS same
  FROM (SELECT (llm_answer('how many secrets')).message,
			   (llm_answer('how many unicorns')).message AS other) AS m;
SELECT count(*) FROM llm_suggest(100) AS s WHERE s ~ 'secret|amount';
SELECT (c.code, c.severity, replace(c.message, 'secrets', 'X')) =
	   (d.code, d.severity, replace(d.message, 'unicorns', 'X')) AS same
  FROM llm_check('SELECT * FROM secrets') AS c, llm_check('SELECT * FROM unicorns') AS d;
SET ROLE regress_rights_noinherit;
SELECT error_code FROM llm_answer('total amount');

-- One column: what can be said with it, and nothing with the others.
SET ROLE regress_rights_column;
SELECT llm_ask('how many secrets');
SELECT error_code FROM llm_answer('total amount');
SELECT error_code FROM llm_answer('secrets by label');
SELECT error_code FROM llm_answer('how many secrets for "alpha"');
RESET ROLE;

-- SECURITY DEFINER lends the owner's rights for as long as the function runs.
SET ROLE regress_rights_owner;
CREATE FUNCTION lent(question text) RETURNS SETOF json
LANGUAGE sql SECURITY DEFINER SET search_path = ask_rights, public, pg_temp AS
	$$ SELECT llm_ask(question, '{"cache": false}') $$;
SET ROLE regress_rights_nobody;
SELECT lent('total amount');
SELECT error_code FROM llm_answer('total amount');
SELECT error_code FROM llm_answer('total amount'), lent('total amount');
SELECT lent('total amount'), (llm_answer('total amount')).error_code;
RESET ROLE;
SELECT llm_flush();
SELECT user_name, session_user_name = session_user AS same_session, status
  FROM analytics_llm.request
 WHERE question = 'total amount' AND user_name IN ('regress_rights_owner', 'regress_rights_nobody')
 ORDER BY asked_at;

-- Each role sees the records of its own questions.
SET ROLE regress_rights_nobody;
SELECT DISTINCT user_name FROM analytics_llm.request;
SELECT DISTINCT user_name FROM analytics_llm.log;
SELECT count(*) FROM analytics_llm.request WHERE user_name = 'regress_rights_owner';
-- A function of the reader's that is cheap runs after the policy, not before.
CREATE FUNCTION pg_temp.peep(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$
BEGIN
	IF $1 <> 'regress_rights_nobody' THEN
		RAISE WARNING 'saw %', $1;
	END IF;
	RETURN true;
END
$$;
SELECT count(*) > 0 AS any FROM analytics_llm.request WHERE pg_temp.peep(user_name);
SELECT user_name FROM analytics_llm.span JOIN analytics_llm.request USING (trace_id)
 WHERE user_name <> 'regress_rights_nobody';
SET row_security = off;
SELECT count(*) FROM analytics_llm.request;
RESET row_security;
DROP FUNCTION pg_temp.peep(text);

-- Nor can it write any of them, or change how they are written.
INSERT INTO analytics_llm.request (question) VALUES ('forged');
UPDATE analytics_llm.log SET cost = 0;
DELETE FROM analytics_llm.request;
TRUNCATE analytics_llm.request;
ALTER TABLE analytics_llm.request DISABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON analytics_llm.request USING (true);
CREATE TRIGGER t BEFORE INSERT ON analytics_llm.request EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE RULE r AS ON INSERT TO analytics_llm.request DO INSTEAD NOTHING;
CREATE TEMP TABLE mine (name text, sql text);
CREATE TRIGGER t BEFORE INSERT ON mine FOR EACH ROW EXECUTE FUNCTION analytics_llm.definition_check();
DROP TABLE mine;
ALTER EXTENSION analytics_llm SET SCHEMA pg_temp;
DROP EXTENSION analytics_llm;
RESET ROLE;

-- Ceilings are the administrator's, and options cannot go over them.
SET ROLE regress_rights_nobody;
SET analytics_llm.row_limit = 5;
SET analytics_llm.query_timeout = 0;
SET analytics_llm.max_result_size = '1GB';
SET analytics_llm.allow_system_catalogs = on;
SET analytics_llm.max_question_length = 100;
SET analytics_llm.support_url = 'http://example.com';
SET analytics_llm.queue_memory = '1MB';
SET analytics_llm.nonsense = 1;
RESET ROLE;
GRANT SET ON PARAMETER analytics_llm.row_limit TO regress_rights_nobody;
SET ROLE regress_rights_nobody;
SET analytics_llm.row_limit = 5;
SELECT llm_ask('how many secrets', '{"row_limit": 6}');
RESET analytics_llm.row_limit;
RESET ROLE;
REVOKE SET ON PARAMETER analytics_llm.row_limit FROM regress_rights_nobody;

-- The administrator can take the functions away, one by one.
REVOKE EXECUTE ON FUNCTION llm_ask(text, jsonb) FROM PUBLIC;
SET ROLE regress_rights_member;
SELECT llm_ask('total amount');
SELECT rows FROM llm_answer('total amount');
RESET ROLE;
GRANT EXECUTE ON FUNCTION llm_ask(text, jsonb) TO PUBLIC;

-- What PUBLIC may do is said of every function, and does not hang on anybody's
-- defaults.  What runs with its owner's rights, what triggers run and what
-- administrators are for is nobody's; asking is everybody's.
CREATE VIEW functions AS
SELECT p.*, has_function_privilege('regress_rights_nobody', p.oid, 'EXECUTE') AS public
  FROM pg_proc AS p JOIN pg_depend AS d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass
  JOIN pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
 WHERE e.extname = 'analytics_llm' AND d.deptype = 'e';
SELECT oid::regprocedure FROM functions WHERE proacl IS NULL;
SELECT oid::regprocedure FROM functions
 WHERE public AND (prosecdef OR prorettype = 'trigger'::regtype OR
	proname IN ('llm_eval', 'llm_metrics', 'llm_report', 'llm_rollback'));
SELECT proname, public FROM functions
 WHERE proname IN ('llm_ask', 'llm_answer', 'llm_cache_clear', 'llm_cancel', 'llm_check', 'llm_explain',
	'llm_feedback', 'llm_flush', 'llm_prompt', 'llm_result', 'llm_rollback', 'llm_sql', 'llm_status',
	'llm_submit', 'llm_suggest', 'rollout_watch')
 ORDER BY proname COLLATE "C";

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA ask_rights CASCADE;
RESET client_min_messages;
DROP ROLE regress_rights_owner, regress_rights_nobody, regress_rights_column,
	regress_rights_member, regress_rights_noinherit;
