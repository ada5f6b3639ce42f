--
-- One statement, one answer: but an answer that depends on the session is
-- another one as soon as the session has gone on.
--
CREATE SCHEMA ask_session;
SET search_path = ask_session, public;
CREATE TABLE sales (sale_id int PRIMARY KEY, tenant int NOT NULL,
	revenue int NOT NULL);
INSERT INTO sales SELECT i, 1 + i % 3, i FROM generate_series(1, 30) AS i;
CREATE TABLE towns (town_id int PRIMARY KEY, inhabitants int NOT NULL);
INSERT INTO towns VALUES (1, 100), (2, 200);
ANALYZE;

CREATE ROLE regress_session_tenant;
CREATE ROLE regress_session_first;
CREATE ROLE regress_session_second;
GRANT USAGE ON SCHEMA ask_session TO PUBLIC;
GRANT SELECT ON sales, towns TO PUBLIC;
ALTER TABLE sales ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON sales TO regress_session_tenant
	USING (tenant = current_setting('app.tenant')::int);
CREATE POLICY first_rows ON sales TO regress_session_first USING (tenant = 1);
CREATE POLICY second_rows ON sales TO regress_session_second USING (tenant = 2);

-- What each tenant must see, and nothing else.
SELECT tenant, sum(revenue) FROM sales GROUP BY tenant ORDER BY tenant;

CREATE FUNCTION as_tenant(tenant text) RETURNS json
LANGUAGE sql VOLATILE AS $$
SELECT set_config('app.tenant', tenant, false);
SELECT (llm_answer('total revenue')).rows;
$$;

SET ROLE regress_session_tenant;

-- A pooled job that goes through the tenants, in one statement of the client.
DO $$
BEGIN
	FOR tenant IN 1..3 LOOP
		PERFORM set_config('app.tenant', tenant::text, true);
		RAISE NOTICE 'tenant %: %', tenant, (llm_answer('total revenue')).rows;
	END LOOP;
END
$$;

-- The same with an assignment, which plpgsql evaluates without the executor.
DO $$
DECLARE
	answer analytics_llm.answer;
BEGIN
	FOR tenant IN 1..3 LOOP
		PERFORM set_config('app.tenant', tenant::text, true);
		answer := llm_answer('total revenue');
		RAISE NOTICE 'tenant %: %', tenant, answer.rows;
	END LOOP;
END
$$;

-- Row by row.
SELECT tenant, set_config('app.tenant', tenant::text, true) AS setting,
	   (llm_answer('total revenue')).rows
  FROM generate_series(1, 3) AS tenant;

-- Twice in one row.
SELECT set_config('app.tenant', '1', false) AS setting,
	   (llm_answer('total revenue')).rows AS first,
	   set_config('app.tenant', '2', false) AS setting,
	   (llm_answer('total revenue')).rows AS second;

-- Below a function that changes the setting.
SELECT (llm_answer('total revenue')).rows AS mine,
	   as_tenant('3') AS another,
	   (llm_answer('total revenue')).rows AS now_mine;

-- The copies of one call are one question all the same.
SET app.tenant = '1';
CREATE TEMP TABLE expanded AS
SELECT (llm_answer('total revenue', '{"feature": "expanded"}')).*;
SELECT row_count, rows FROM expanded;
DROP TABLE expanded;
SELECT llm_flush();
SELECT count(*) FROM analytics_llm.request WHERE feature = 'expanded';
RESET ROLE;

-- A role is a session's, too.
DO $$
BEGIN
	SET LOCAL ROLE regress_session_first;
	RAISE NOTICE 'first: %', (llm_answer('total revenue')).rows;
	SET LOCAL ROLE regress_session_second;
	RAISE NOTICE 'second: %', (llm_answer('total revenue')).rows;
END
$$;

-- The view has no policy, and depends on the session as well.
SET search_path = public;
CREATE SCHEMA ask_session_view;
CREATE VIEW ask_session_view.mine AS
SELECT sale_id, revenue FROM ask_session.sales
 WHERE tenant = current_setting('app.tenant')::int;
SET search_path = ask_session_view, public;
DO $$
BEGIN
	FOR tenant IN 1..3 LOOP
		PERFORM set_config('app.tenant', tenant::text, true);
		RAISE NOTICE 'tenant %: %', tenant, (llm_answer('total revenue')).rows;
	END LOOP;
END
$$;
SET search_path = ask_session, public;

-- What depends on nothing else is asked once for all rows of a statement.
SELECT DISTINCT (llm_answer('total inhabitants', '{"feature": "shared"}')).rows::text
  FROM generate_series(1, 3);
SELECT llm_flush();
SELECT count(*) FROM analytics_llm.request WHERE feature = 'shared';

-- A setting that decides what is shown makes it another question.
DO $$
BEGIN
	RAISE NOTICE '%', (llm_answer('list towns')).truncated;
	SET LOCAL analytics_llm.row_limit = 1;
	RAISE NOTICE '%', (llm_answer('list towns')).truncated;
	RAISE NOTICE '%', (llm_answer('list towns')).error_code;
	SET LOCAL analytics_llm.on_doubt = error;
	RAISE NOTICE '%', (llm_answer('list towns')).error_code;
END
$$;

-- So does a change of the data, and one that is taken back.
DO $$
BEGIN
	RAISE NOTICE '%', (llm_answer('how many towns')).rows;
	INSERT INTO towns VALUES (3, 300);
	RAISE NOTICE '%', (llm_answer('how many towns')).rows;
	BEGIN
		INSERT INTO towns VALUES (4, 400);
		RAISE NOTICE '%', (llm_answer('how many towns')).rows;
		RAISE EXCEPTION 'back';
	EXCEPTION WHEN raise_exception THEN
		NULL;
	END;
	RAISE NOTICE '%', (llm_answer('how many towns')).rows;
END
$$;

-- And a change of the search path.
CREATE SCHEMA ask_session_two;
CREATE TABLE ask_session_two.towns (town_id int PRIMARY KEY);
ANALYZE ask_session_two.towns;
DO $$
BEGIN
	RAISE NOTICE '%', (llm_answer('how many towns')).rows;
	SET LOCAL search_path = ask_session_two, public;
	RAISE NOTICE '%', (llm_answer('how many towns')).rows;
END
$$;

-- A procedure that commits goes on with fresh memory.
CREATE PROCEDURE ask_and_commit() LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..3 LOOP
		RAISE NOTICE '%', (llm_answer('how many towns')).rows;
		COMMIT;
	END LOOP;
END
$$;
CALL ask_and_commit();

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA ask_session, ask_session_two, ask_session_view CASCADE;
RESET client_min_messages;
DROP ROLE regress_session_tenant, regress_session_first, regress_session_second;
