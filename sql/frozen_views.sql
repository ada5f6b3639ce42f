--
-- llm_create_view: a view of the query that answers a question.
--
CREATE SCHEMA frozen_views;
CREATE SCHEMA frozen_out;
SET search_path = frozen_views, public;
CREATE ROLE regress_frozen_maker;
CREATE ROLE regress_frozen_reader;
GRANT USAGE ON SCHEMA frozen_views, frozen_out TO regress_frozen_maker, regress_frozen_reader;
GRANT CREATE ON SCHEMA frozen_out TO regress_frozen_maker;
CREATE TABLE parts (part_id int PRIMARY KEY, colour text NOT NULL, amount int NOT NULL, owner text NOT NULL);
INSERT INTO parts SELECT i, CASE WHEN i % 2 = 0 THEN 'red' ELSE 'blue' END, i,
	CASE WHEN i <= 6 THEN 'regress_frozen_maker' ELSE 'regress_frozen_reader' END FROM generate_series(1, 10) AS i;
ANALYZE parts;
GRANT SELECT ON parts TO regress_frozen_maker;

-- It returns the query; the view has the columns, and a comment.
SET ROLE regress_frozen_maker;
SELECT llm_create_view('frozen_out.by_colour', 'amount by colour');
SELECT colour, amount FROM frozen_out.by_colour ORDER BY colour;
SELECT replace(pg_get_viewdef('frozen_out.by_colour'), 'llm_ask.', '');
SELECT reloptions FROM pg_class WHERE oid = 'frozen_out.by_colour'::regclass;
SELECT regexp_replace(regexp_replace(obj_description('frozen_out.by_colour'::regclass), '[0-9a-f]{8}-[0-9a-f-]{27}', 'ID'), 'at .*', 'at …');
SELECT schema_name, view_name, owner, question, model, confidence, security_invoker,
	   written_at BETWEEN now() - interval '1 hour' AND now() + interval '1 minute' AS lately
  FROM analytics_llm.frozen_view ORDER BY view_name;
SELECT llm_flush();
SELECT question, status, sql IS NOT NULL AS has_sql FROM analytics_llm.request JOIN analytics_llm.frozen_view USING (request_id, question);
-- Names with blanks and capitals; options; doubts are said now, since nobody says them later.
SELECT llm_create_view('frozen_out."By Colour"', E'amount\nby colour', '{"row_limit": 1, "feature": "bi"}');
SELECT replace(pg_get_viewdef('frozen_out."By Colour"'), 'llm_ask.', '');
SELECT view_name, question FROM analytics_llm.frozen_view ORDER BY view_name COLLATE "C";
SET analytics_llm.real_columns = off;
SELECT llm_create_view('frozen_out.off', 'amount by colour') IS NOT NULL AS made;
SHOW analytics_llm.real_columns;
SELECT count(*) FROM frozen_out.off;
RESET analytics_llm.real_columns;

-- No answer, no view; and what CREATE VIEW says.
SELECT llm_create_view('frozen_out.none', 'gibberish frobnicate');
SELECT llm_create_view('frozen_out.by_colour', 'amount by colour');
SELECT llm_create_view('frozen_views.mine', 'amount by colour');
SELECT llm_create_view('a.b.c', 'amount by colour');
SELECT llm_create_view('a.b.c.d', 'amount by colour');
SELECT llm_create_view('', 'amount by colour');
SELECT llm_create_view('frozen_out.x; DROP VIEW frozen_out.by_colour', 'amount by colour');
SELECT llm_create_view(NULL, 'amount by colour');
SELECT llm_create_view('frozen_out.none', NULL);
BEGIN READ ONLY;
SELECT llm_create_view('frozen_out.none', 'amount by colour');
ROLLBACK;
BEGIN;
SELECT llm_create_view('frozen_out.none', 'amount by colour') IS NOT NULL AS made;
ROLLBACK;
SELECT to_regclass('frozen_out.none');
RESET ROLE;
REVOKE EXECUTE ON FUNCTION llm_ask(text, jsonb) FROM PUBLIC;
SET ROLE regress_frozen_maker;
SELECT llm_create_view('frozen_out.none', 'amount by colour');
RESET ROLE;
GRANT EXECUTE ON FUNCTION llm_ask(text, jsonb) TO PUBLIC;

-- Another role sees what it may read itself, and no more.
GRANT SELECT ON ALL TABLES IN SCHEMA frozen_out TO regress_frozen_reader;
SET ROLE regress_frozen_reader;
SELECT colour, amount FROM frozen_out.by_colour;
RESET ROLE;
GRANT SELECT (part_id, colour) ON parts TO regress_frozen_reader;
SET ROLE regress_frozen_reader;
SELECT colour, amount FROM frozen_out.by_colour;
RESET ROLE;
GRANT SELECT ON parts TO regress_frozen_reader;
ALTER TABLE parts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON parts USING (owner = CURRENT_USER);
SET ROLE regress_frozen_reader;
SELECT colour, amount FROM frozen_out.by_colour ORDER BY colour;
SET ROLE regress_frozen_maker;
SELECT colour, amount FROM frozen_out.by_colour ORDER BY colour;
RESET ROLE;

-- An answer is no data: later questions mean the tables, wherever the view lies.
SET search_path = frozen_views, frozen_out, public;
SET ROLE regress_frozen_maker;
SELECT llm_sql('amount by colour', '{"cache": false}');
SELECT llm_sql('how many parts', '{"cache": false}');
SELECT status, error_code FROM llm_answer('list by colour', '{"cache": false}');
SELECT count(*) FROM llm_suggest(100) AS s (question) WHERE question ~ 'list by.colour|off';
-- Who names one in a query means it.
SELECT severity, code FROM llm_check('SELECT colour FROM by_colour');
RESET ROLE;
INSERT INTO analytics_llm.example (name, question, sql)
VALUES ('frozen_example', 'colours with their amounts', 'SELECT colour, amount FROM by_colour ORDER BY colour');
SELECT * FROM llm_ask('colours with their amounts');
DELETE FROM analytics_llm.example WHERE name = 'frozen_example';
-- A definition about one would never be used.
INSERT INTO analytics_llm.metric (name, expression, base) VALUES ('paint', 'sum(amount)', 'by_colour');
INSERT INTO analytics_llm.synonym (word, means) VALUES ('paintwork', 'by_colour');
INSERT INTO analytics_llm.synonym (word, means) VALUES ('paintwork', 'by_colour.amount');
-- What is made a view by hand is a view like any other, and so is one whose comment is another.
CREATE VIEW handmade AS SELECT * FROM llm_ask('how many parts');
SELECT llm_sql('list handmade', '{"cache": false}');
BEGIN;
COMMENT ON VIEW by_colour IS 'what there is of a colour';
SELECT llm_sql('list by colour', '{"cache": false}');
SELECT count(*) FROM analytics_llm.frozen_view WHERE view_name = 'by_colour';
ROLLBACK;
SELECT status FROM llm_answer('list by colour', '{"cache": false}');
-- Only the owner of a view can hide it, and a comment hides nothing else.
CREATE VIEW mine AS SELECT part_id, amount FROM parts;
GRANT SELECT ON mine TO regress_frozen_maker;
SET ROLE regress_frozen_maker;
SELECT llm_sql('list mine', '{"cache": false}');
COMMENT ON VIEW mine IS E'x\nanalytics_llm: request 1';
RESET ROLE;
COMMENT ON VIEW mine IS E'x\nanalytics_llm: request 1';
COMMENT ON COLUMN parts.amount IS E'x\nanalytics_llm: request 1';
COMMENT ON TABLE parts IS E'x\nanalytics_llm: request 1';
CREATE MATERIALIZED VIEW stocked AS SELECT part_id, amount FROM parts;
COMMENT ON MATERIALIZED VIEW stocked IS E'x\nanalytics_llm: request 1';
SELECT llm_sql('list parts', '{"cache": false}');
SELECT llm_sql('list stocked', '{"cache": false}');
SELECT status FROM llm_answer('list mine', '{"cache": false}');
COMMENT ON VIEW mine IS E'x\nanalytics_llm: re';
SELECT llm_sql('list mine', '{"cache": false}');
COMMENT ON VIEW mine IS 'analytics_llm: request 1';
SELECT llm_sql('list mine', '{"cache": false}');
COMMENT ON VIEW mine IS NULL;
DROP VIEW handmade;
SET search_path = frozen_views, public;

-- A comment that somebody has written is taken for what it is.
COMMENT ON VIEW frozen_out.off IS E'anything\nanalytics_llm: request 00000000-0000-4000-8000-000000000000, model x, confidence 0.99, written at never (99999999999)';
SELECT question, model, confidence, extract(year FROM written_at) AS year FROM analytics_llm.frozen_view WHERE view_name = 'off';
COMMENT ON VIEW frozen_out.off IS E'anything\nanalytics_llm: request 0, model x, confidence 9, written at never (x)';
SELECT question, request_id, model, confidence, written_at FROM analytics_llm.frozen_view WHERE view_name = 'off';
COMMENT ON VIEW frozen_out."By Colour" IS NULL;
SELECT view_name FROM analytics_llm.frozen_view ORDER BY view_name;

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA frozen_out, frozen_views CASCADE;
RESET client_min_messages;
DROP ROLE regress_frozen_maker, regress_frozen_reader;
