--
-- Settings: who may change which, between which bounds, and what is seen of it.
--
CREATE ROLE regress_settings_asker;

-- Whether models are called, and by which way, is for the server to say: not
-- for a session, whoever has it.
SHOW analytics_llm.model_calls;
SET analytics_llm.model_calls = off;
SET analytics_llm.http_proxy = 'http://127.0.0.1:3128';
ALTER ROLE regress_settings_asker SET analytics_llm.model_calls = 'always';
ALTER SYSTEM SET analytics_llm.model_calls = 'sometimes';
ALTER SYSTEM SET analytics_llm.http_proxy = E'http://proxy\nx: y';

-- Turned off, the models of the tiers say so, and tier 3 goes on.
ALTER SYSTEM SET analytics_llm.model_calls = off;
SELECT pg_reload_conf();
\c -
SHOW analytics_llm.model_calls;
SELECT name, state FROM llm_status() WHERE component = 'model' ORDER BY name COLLATE "C";
ALTER SYSTEM RESET analytics_llm.model_calls;
SELECT pg_reload_conf();
\c -
SHOW analytics_llm.model_calls;
SELECT name, state FROM llm_status() WHERE component = 'model' ORDER BY name COLLATE "C";

-- Repairs cost money: a superuser says how many, and whom that may be left to.
SHOW analytics_llm.max_repairs;
SET analytics_llm.max_repairs = -1;
SET analytics_llm.max_repairs = 11;
SET analytics_llm.max_repairs = 10;
SET ROLE regress_settings_asker;
SET analytics_llm.max_repairs = 0;
RESET ROLE;
GRANT SET ON PARAMETER analytics_llm.max_repairs TO regress_settings_asker;
SET ROLE regress_settings_asker;
SET analytics_llm.max_repairs = 0;
SHOW analytics_llm.max_repairs;
RESET ROLE;
RESET analytics_llm.max_repairs;

-- Whom a pooled connection speaks for is recorded with each question.
SET ROLE regress_settings_asker;
SET analytics_llm.end_user = E'two\nlines';
SET analytics_llm.end_user = 'ann@example.com';
SELECT status, error_code FROM llm_answer('churn of settings by cohort');
RESET ROLE;
SELECT llm_flush();
SELECT user_name, end_user FROM analytics_llm.request WHERE question = 'churn of settings by cohort';
SELECT DISTINCT user_name, end_user FROM analytics_llm.log WHERE user_input = 'churn of settings by cohort';
SELECT DISTINCT entry ->> 'userId' AS "userId" FROM analytics_llm.log_json WHERE entry ->> 'userInput' = 'churn of settings by cohort';
RESET analytics_llm.end_user;

-- A name of ours that is no setting is refused.
SET analytics_llm.max_repair = 1;

REVOKE SET ON PARAMETER analytics_llm.max_repairs FROM regress_settings_asker;
DROP ROLE regress_settings_asker;
