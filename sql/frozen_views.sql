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
SELECT pg_get_viewdef('frozen_out.by_colour');
SELECT reloptions FROM pg_class WHERE oid = 'frozen_out.by_colour'::regclass;
SELECT regexp_replace(regexp_replace(obj_description('frozen_out.by_colour'::regclass), '[0-9a-f]{8}-[0-9a-f-]{27}', 'ID'), 'at .*', 'at …');
SELECT schema_name, view_name, owner, question, model, confidence, security_invoker,
	   written_at BETWEEN now() - interval '1 hour' AND now() + interval '1 minute' AS lately
  FROM analytics_llm.frozen_view ORDER BY view_name;
SELECT llm_flush();
SELECT question, status, sql IS NOT NULL AS has_sql FROM analytics_llm.request JOIN analytics_llm.frozen_view USING (request_id, question);
-- Names with blanks and capitals; options; doubts are said now, since nobody says them later.
SELECT llm_create_view('frozen_out."By Colour"', E'amount\nby colour', '{"row_limit": 1, "feature": "bi"}');
SELECT pg_get_viewdef('frozen_out."By Colour"');
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

-- A comment that somebody has written is taken for what it is.
COMMENT ON VIEW frozen_out.off IS E'anything\nanalytics_llm: request 00000000-0000-4000-8000-000000000000, model x, confidence 0.99, written at never (99999999999)';
SELECT question, model, confidence, extract(year FROM written_at) AS year FROM analytics_llm.frozen_view WHERE view_name = 'off';
COMMENT ON VIEW frozen_out.off IS E'anything\nanalytics_llm: request 0, model x, confidence 9, written at never (x)';
SELECT count(*) FROM analytics_llm.frozen_view WHERE view_name = 'off';
COMMENT ON VIEW frozen_out."By Colour" IS NULL;
SELECT view_name FROM analytics_llm.frozen_view ORDER BY view_name;

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA frozen_out, frozen_views CASCADE;
RESET client_min_messages;
DROP ROLE regress_frozen_maker, regress_frozen_reader;
