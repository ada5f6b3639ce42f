--
-- Objects of the asker's own, or of somebody who may create some on the
-- search path, in front of those that are meant: operators, functions, types,
-- tables, temporary ones, a schema of nearly our name.
--
CREATE SCHEMA ask_shadows;
CREATE SCHEMA ask_shadows_evil;
GRANT ALL ON SCHEMA ask_shadows_evil TO PUBLIC;
GRANT USAGE ON SCHEMA ask_shadows TO PUBLIC;
CREATE ROLE regress_shadow_evil;
CREATE ROLE regress_shadow_asker;

CREATE TABLE ask_shadows.regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE ask_shadows.sales (sale_id int PRIMARY KEY,
	region_id int NOT NULL REFERENCES ask_shadows.regions, sold_on date NOT NULL,
	revenue int NOT NULL);
INSERT INTO ask_shadows.regions VALUES (1, 'North'), (2, 'South');
INSERT INTO ask_shadows.sales
SELECT i, 1 + i % 2, date '2024-01-01' + i, i FROM generate_series(1, 40) AS i;
ANALYZE ask_shadows.regions, ask_shadows.sales;
GRANT SELECT ON ask_shadows.regions, ask_shadows.sales TO PUBLIC;

-- Functions and operators in a schema that stands in front.  They are made by
-- one role and called, if they were, by another: that is how rights are stolen.
SET ROLE regress_shadow_evil;
SET search_path = ask_shadows_evil;
CREATE FUNCTION steal(text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	RAISE WARNING 'called as %: %', current_user, $1;
END
$$;
CREATE FUNCTION eq(int, int) RETURNS boolean LANGUAGE sql AS
	$$ SELECT ask_shadows_evil.steal('='); SELECT true $$;
CREATE OPERATOR = (LEFTARG = int, RIGHTARG = int, FUNCTION = eq);
CREATE FUNCTION eq(text, text) RETURNS boolean LANGUAGE sql AS
	$$ SELECT ask_shadows_evil.steal('='); SELECT true $$;
CREATE OPERATOR = (LEFTARG = text, RIGHTARG = text, FUNCTION = eq);
CREATE FUNCTION lower(text) RETURNS text LANGUAGE sql AS
	$$ SELECT ask_shadows_evil.steal('lower'); SELECT 'x' $$;
CREATE FUNCTION octet_length(text) RETURNS int LANGUAGE sql AS
	$$ SELECT ask_shadows_evil.steal('octet_length'); SELECT 1 $$;
CREATE FUNCTION date_trunc(text, date) RETURNS date LANGUAGE sql AS
	$$ SELECT ask_shadows_evil.steal('date_trunc'); SELECT $2 $$;
RESET ROLE;

-- Without the other schema, and with it behind pg_catalog, where it always is
-- unless somebody names pg_catalog himself.
SET ROLE regress_shadow_asker;
SET search_path = ask_shadows, public;
SELECT llm_ask('revenue by region');
SET search_path = ask_shadows_evil, ask_shadows, public;
SELECT llm_ask('revenue by region');
SELECT llm_ask('how many sales in North');
SELECT llm_ask('revenue by month');

-- With pg_catalog behind it, all names mean the other's objects.  Nothing of
-- them may be called: there is no answer, and a reason.
SET search_path = ask_shadows_evil, ask_shadows, public, pg_catalog;
SELECT llm_ask('revenue by region');
SELECT llm_ask('how many sales in North');
SELECT severity, code FROM llm_check('SELECT lower(name) FROM ask_shadows.regions');
SELECT severity, code FROM llm_check('SELECT 1 FROM ask_shadows.regions WHERE region_id = 1');

-- A temporary table in front of the real one: the asker may mean either, so
-- there is no answer.
SET search_path = ask_shadows, public;
CREATE TEMP TABLE regions (region_id int PRIMARY KEY, name text NOT NULL);
INSERT INTO regions VALUES (1, 'Nowhere');
SELECT error_code, rows FROM llm_answer('how many regions');
DROP TABLE pg_temp.regions;
SELECT llm_ask('how many regions');

RESET ROLE;

-- An event trigger and an ON SELECT rule see nothing of a question.
SET search_path = ask_shadows, public;
CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE WARNING 'event: %', tg_tag;
END
$$;
CREATE EVENT TRIGGER regress_shadow_event ON ddl_command_start EXECUTE FUNCTION noticed();
SELECT llm_ask('how many sales');
SELECT count(*) FROM llm_suggest(3);
DROP EVENT TRIGGER regress_shadow_event;

-- The names of the extension's own tables lead nowhere else: the schema is
-- named wherever they are used, and nobody else may create in it.
SET ROLE regress_shadow_evil;
SET search_path = ask_shadows_evil, public;
CREATE TABLE example (LIKE analytics_llm.example);
INSERT INTO example (name, question, sql, enabled, status, normal_form)
VALUES ('evil', 'how many sales', 'SELECT -1 AS n', true, 'ok', 'how many sales');
CREATE TABLE request (LIKE analytics_llm.request);
SET search_path = ask_shadows_evil, ask_shadows, public;
SELECT llm_ask('how many sales');
SELECT llm_flush();
SELECT count(*) FROM ask_shadows_evil.request;
CREATE TABLE analytics_llm.mine (a int);
CREATE FUNCTION analytics_llm.normal_form(text, int) RETURNS text LANGUAGE sql AS $$ SELECT '' $$;
INSERT INTO analytics_llm.example (name, question, sql) VALUES ('evil', 'how many sales', 'SELECT -1 AS n');
RESET ROLE;

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA ask_shadows, ask_shadows_evil CASCADE;
RESET client_min_messages;
DROP ROLE regress_shadow_evil, regress_shadow_asker;
