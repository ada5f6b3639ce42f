--
-- SELECT * FROM llm_ask('...') in every odd place: it has real columns where the
-- server analyses it as a statement of its own, and is a call with JSON rows
-- everywhere else, with the rights of whoever runs it.
--
CREATE SCHEMA columns_places;
CREATE SCHEMA columns_out;
SET search_path = columns_places, public;
CREATE ROLE regress_places_owner;
CREATE ROLE regress_places_asker;
CREATE ROLE regress_places_shut;
GRANT ALL ON SCHEMA columns_out TO regress_places_owner;
GRANT USAGE ON SCHEMA columns_places, columns_out TO PUBLIC;
CREATE TABLE parts (part_id int PRIMARY KEY, colour text NOT NULL, amount int NOT NULL);
INSERT INTO parts SELECT i, CASE WHEN i % 2 = 0 THEN 'red' ELSE 'blue' END, i FROM generate_series(1, 10) AS i;
ANALYZE parts;
GRANT SELECT ON parts TO regress_places_owner, regress_places_asker;

-- The same statement, written otherwise.
SELECT ALL * FROM llm_ask('how many parts');
SELECT * FROM ROWS FROM (llm_ask('how many parts')) AS r;
SELECT/* a star * in a comment */*/**/FROM llm_ask(U&'how m\0061ny parts');
VALUES (1); SELECT * FROM llm_ask($$how many parts$$);
SELECT * FROM llm_ask('how many parts'::varchar);
SELECT * FROM llm_ask(lower('HOW MANY PARTS'), jsonb_build_object());

-- Inside of another query it is a call.
WITH w AS (SELECT * FROM llm_ask('how many parts')) SELECT * FROM w;
WITH w AS MATERIALIZED (SELECT * FROM llm_ask('amount by colour')) SELECT llm_ask ->> 'colour' AS colour FROM w ORDER BY 1;
SELECT part_id FROM parts WHERE part_id = (SELECT (llm_ask ->> 'number_of_parts')::int FROM llm_ask('how many parts'));
SELECT part_id FROM parts WHERE EXISTS (SELECT * FROM llm_ask('how many parts')) ORDER BY part_id LIMIT 1;
SELECT part_id, asked FROM parts, LATERAL (SELECT * FROM llm_ask('how many parts')) AS s (asked) ORDER BY part_id LIMIT 2;
SELECT ARRAY(SELECT * FROM llm_ask('how many parts'));
SELECT * FROM llm_ask('how many parts') UNION ALL SELECT * FROM llm_ask('how many parts');
(SELECT * FROM llm_ask('how many parts'));
\set VERBOSITY sqlstate
(SELECT * FROM llm_ask('amount by colour') LIMIT 1) LIMIT 2;
\set VERBOSITY default
SELECT * FROM llm_ask('how many parts') FOR UPDATE;
SELECT * FROM parts JOIN llm_ask('how many parts') ON part_id = 1;
SELECT * FROM llm_ask('how many parts') TABLESAMPLE SYSTEM (1);
SELECT * FROM llm_ask('how many parts') GROUP BY ();
SELECT * FROM llm_ask('how many parts') HAVING true;
SELECT * FROM llm_ask('how many parts') WINDOW w AS ();
SELECT * FROM llm_ask((SELECT 'how many parts'));
SELECT * FROM llm_ask('amount by colour') LIMIT (SELECT 1) OFFSET (SELECT min(part_id) FROM parts);
SELECT * FROM llm_ask(CASE WHEN random() < 2 THEN 'how many parts' END);
WITH d AS (DELETE FROM parts WHERE part_id > 100 RETURNING 1) SELECT * FROM llm_ask('how many parts');

-- As the source of what is written.
CREATE TABLE columns_out.kept (said json);
INSERT INTO columns_out.kept SELECT * FROM llm_ask('how many parts');
INSERT INTO columns_out.kept SELECT * FROM llm_ask('how many parts') RETURNING said;
MERGE INTO columns_out.kept USING (SELECT * FROM llm_ask('how many parts')) AS s (asked) ON said::text = asked::text
 WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (asked);
SELECT count(*) FROM columns_out.kept;
-- Of a table whose first column takes JSON as a text, it is said.
CREATE TABLE columns_out.typed (colour text, amount bigint);
INSERT INTO columns_out.typed SELECT * FROM llm_ask('amount by colour');
INSERT INTO columns_out.typed SELECT * FROM llm_rows('amount by colour') AS t (colour text, amount bigint);
SELECT * FROM columns_out.typed ORDER BY colour;

-- EXPLAIN of each kind, but for its NOTICE of the request.  Rows are counted in
-- hundredths since 18.
CREATE FUNCTION plan_of(statement text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE statement
	LOOP
		RETURN NEXT replace(line, '.00', '');
	END LOOP;
END
$$;
SET client_min_messages = warning;
EXPLAIN (COSTS OFF, VERBOSE) SELECT * FROM llm_ask('how many parts') AS r LIMIT 3;
SELECT plan_of('EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) SELECT * FROM llm_ask(''how many parts'') LIMIT 1');
EXPLAIN (COSTS OFF) CREATE TABLE columns_out.never AS SELECT * FROM llm_ask('how many parts');
EXPLAIN (COSTS OFF) CREATE MATERIALIZED VIEW columns_out.never AS SELECT * FROM llm_ask('how many parts');
EXPLAIN (COSTS OFF) DECLARE c CURSOR FOR SELECT * FROM llm_ask('how many parts');
\o /dev/null
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) CREATE TABLE columns_out.made AS SELECT * FROM llm_ask('how many parts');
\o
SELECT * FROM columns_out.made;
DROP TABLE columns_out.made;


-- In a READ ONLY transaction nothing is made, and what is read is read.
BEGIN READ ONLY;
EXPLAIN (COSTS OFF) CREATE TABLE columns_out.made AS SELECT * FROM llm_ask('how many parts');
RESET client_min_messages;
SAVEPOINT s;
CREATE TABLE columns_out.made AS SELECT * FROM llm_ask('how many parts');
ROLLBACK TO s;
CREATE TEMP TABLE made AS SELECT * FROM llm_ask('how many parts');
ROLLBACK TO s;
CREATE VIEW columns_out.made AS SELECT * FROM llm_ask('how many parts');
ROLLBACK TO s;
CREATE MATERIALIZED VIEW columns_out.made AS SELECT * FROM llm_ask('how many parts');
ROLLBACK TO s;
SELECT * FROM llm_ask('how many parts');
DECLARE c CURSOR WITH HOLD FOR SELECT * FROM llm_ask('how many parts');
COMMIT;
FETCH ALL FROM c;
CLOSE c;

-- Views of another role: frozen ones are its query, the others its call.
SET ROLE regress_places_owner;
CREATE VIEW columns_out.frozen AS SELECT * FROM llm_ask('amount by colour');
CREATE VIEW columns_out.frozen_invoker WITH (security_invoker) AS SELECT * FROM llm_ask('amount by colour');
CREATE VIEW columns_out.calls AS SELECT t.* FROM llm_ask('amount by colour') AS t;
CREATE VIEW columns_out.calls_invoker WITH (security_invoker) AS SELECT t.* FROM llm_ask('amount by colour') AS t;
CREATE VIEW columns_out.checked AS SELECT * FROM llm_ask('how many parts') WITH CHECK OPTION;
CREATE RECURSIVE VIEW columns_out.recursive (said) AS SELECT * FROM llm_ask('how many parts');
CREATE TABLE columns_out.ruled (said json);
DO $$
BEGIN
	CREATE RULE "_RETURN" AS ON SELECT TO columns_out.ruled DO INSTEAD SELECT * FROM llm_ask('how many parts');
EXCEPTION WHEN invalid_object_definition OR wrong_object_type THEN
	RAISE NOTICE 'not made';	-- a table becomes no view, since 16
END
$$;
RESET ROLE;
GRANT SELECT ON ALL TABLES IN SCHEMA columns_out TO regress_places_asker, regress_places_shut;
REVOKE SELECT ON parts FROM regress_places_shut;
SET ROLE regress_places_asker;
SELECT * FROM columns_out.frozen ORDER BY colour;
SELECT * FROM columns_out.frozen_invoker ORDER BY colour;
SELECT * FROM columns_out.calls;
SELECT * FROM columns_out.recursive;
INSERT INTO columns_out.frozen VALUES ('green', 1);
SET ROLE regress_places_shut;
SELECT * FROM columns_out.frozen ORDER BY colour;
SELECT * FROM columns_out.frozen_invoker ORDER BY colour;
SELECT * FROM columns_out.calls;
SELECT * FROM columns_out.calls_invoker;
RESET ROLE;

-- SECURITY DEFINER lends rights while the function runs, and no longer.
SET ROLE regress_places_owner;
CREATE FUNCTION columns_out.lent() RETURNS TABLE (c text, a bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = columns_places, public, pg_temp AS
	$$ BEGIN RETURN QUERY SELECT * FROM llm_ask('amount by colour'); END $$;
CREATE FUNCTION columns_out.borrowed() RETURNS TABLE (c text, a bigint) LANGUAGE plpgsql AS
	$$ BEGIN RETURN QUERY SELECT * FROM llm_ask('amount by colour'); END $$;
SELECT * FROM columns_out.lent() ORDER BY c;
SELECT * FROM columns_out.borrowed() ORDER BY c;
SET ROLE regress_places_shut;
SELECT * FROM columns_out.lent() ORDER BY c;
SELECT * FROM columns_out.borrowed() ORDER BY c;
SELECT * FROM llm_ask('amount by colour');
RESET ROLE;
REVOKE EXECUTE ON FUNCTION llm_ask(text, jsonb) FROM PUBLIC;
SET ROLE regress_places_shut;
SELECT * FROM columns_out.lent() ORDER BY c;
RESET ROLE;
GRANT EXECUTE ON FUNCTION llm_ask(text, jsonb) TO regress_places_owner;
SET ROLE regress_places_shut;
SELECT * FROM columns_out.lent() ORDER BY c;
SELECT * FROM columns_out.borrowed() ORDER BY c;
RESET ROLE;
REVOKE EXECUTE ON FUNCTION llm_ask(text, jsonb) FROM regress_places_owner;
GRANT EXECUTE ON FUNCTION llm_ask(text, jsonb) TO PUBLIC;

-- In a policy it is a call for each who reads; in the query of a question, none.
CREATE TABLE guarded (guarded_id int PRIMARY KEY, amount int NOT NULL);
INSERT INTO guarded VALUES (1, 1), (2, 2);
ANALYZE guarded;
CREATE POLICY asking ON guarded USING (guarded_id <= (SELECT count(*) FROM (SELECT * FROM llm_ask('how many parts')) AS s));
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON guarded TO regress_places_asker;
SET ROLE regress_places_asker;
SELECT * FROM guarded;
SELECT * FROM llm_ask('how many guarded');
SELECT * FROM llm_ask('how many parts');
RESET ROLE;
DROP TABLE guarded;

-- In a trigger, with real columns.
CREATE TABLE columns_out.watched (watched_id int PRIMARY KEY, seen text);
CREATE FUNCTION columns_out.watch() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT * FROM llm_ask('amount by colour') LOOP
		NEW.seen := concat_ws(', ', NEW.seen, r.colour || ' ' || r.amount);
	END LOOP;
	INSERT INTO columns_out.kept VALUES (to_json(NEW.seen));
	RETURN NEW;
END
$$;
CREATE TRIGGER watch BEFORE INSERT ON columns_out.watched FOR EACH ROW EXECUTE FUNCTION columns_out.watch();
INSERT INTO columns_out.watched SELECT i FROM generate_series(1, 2) AS i;
COPY columns_out.watched (watched_id) FROM stdin;
3
\.
SELECT * FROM columns_out.watched ORDER BY watched_id;
CREATE TABLE columns_out.watched_too AS SELECT * FROM llm_ask('amount by colour');
CREATE FUNCTION columns_out.tell() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	SELECT * INTO r FROM llm_ask('how many parts');
	RAISE NOTICE '% %', tg_tag, r;
END
$$;
CREATE EVENT TRIGGER regress_places_tell ON ddl_command_end EXECUTE FUNCTION columns_out.tell();
CREATE TABLE columns_out.watched_also AS SELECT * FROM llm_ask('amount by colour');
DROP EVENT TRIGGER regress_places_tell;

-- Cursors that are read in turns; one that a question's own query tries to read.
DO $$
DECLARE
	a CURSOR FOR SELECT * FROM llm_ask('amount by colour');
	b refcursor := 'b';
	x record;
BEGIN
	OPEN a;
	OPEN b FOR SELECT * FROM llm_ask('list parts') LIMIT 4;
	FOR i IN 1 .. 2 LOOP
		FETCH a INTO x;
		RAISE NOTICE 'a %', x;
		FETCH b INTO x;
		RAISE NOTICE 'b %', x;
	END LOOP;
	BEGIN
		PERFORM 1 / 0;
	EXCEPTION WHEN division_by_zero THEN
		FETCH b INTO x;
		RAISE NOTICE 'b %', x;
	END;
END
$$;
CREATE FUNCTION columns_out.fetches(i int) RETURNS int LANGUAGE plpgsql AS
	$$ DECLARE c refcursor := 'outer_cursor'; r record; BEGIN FETCH c INTO r; RETURN i; END $$;
INSERT INTO analytics_llm.allowed_function (signature, reason) VALUES ('columns_out.fetches(int)', 'test');
INSERT INTO analytics_llm.example (name, question, sql) VALUES
	('places_fetch', 'fetch a part', 'SELECT columns_out.fetches(part_id) AS part FROM parts ORDER BY part_id LIMIT 2');
BEGIN;
DECLARE outer_cursor CURSOR FOR SELECT * FROM llm_ask('list parts');
FETCH 1 FROM outer_cursor;
SAVEPOINT s;
SELECT * FROM llm_ask('fetch a part');
ROLLBACK TO s;
FETCH 1 FROM outer_cursor;
ROLLBACK;
-- Itself.
BEGIN;
DECLARE outer_cursor CURSOR FOR SELECT * FROM llm_ask('fetch a part');
FETCH 1 FROM outer_cursor;
ROLLBACK;
BEGIN;
DECLARE outer_cursor CURSOR FOR SELECT part_id FROM parts;
SELECT * FROM llm_ask('fetch a part');
COMMIT;
-- A row of it cannot be written through.
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM llm_ask('list parts');
FETCH 1 FROM c;
UPDATE parts SET amount = amount + 100 WHERE CURRENT OF c;
ROLLBACK;
-- A doubt that is an error is one where the cursor is held.
SET analytics_llm.on_doubt = error;
SET analytics_llm.row_limit = 1;
BEGIN;
DECLARE c CURSOR WITH HOLD FOR SELECT * FROM llm_ask('list parts');
INSERT INTO parts VALUES (99, 'lost', 0);
COMMIT;
SELECT count(*) FROM parts WHERE part_id = 99;
FETCH 1 FROM c;
RESET analytics_llm.row_limit;
RESET analytics_llm.on_doubt;

-- Statements inside of an SQL function: up to 17, only what makes a view is
-- analysed anew.
CREATE FUNCTION columns_out.sql_table() RETURNS void LANGUAGE sql AS
	$$ CREATE TEMP TABLE by_function AS SELECT * FROM llm_ask('amount by colour') $$;
SELECT columns_out.sql_table();
SELECT string_agg(attname, ', ' ORDER BY attnum) IN ('llm_ask', 'colour, amount') AS as_wanted,
	   (current_setting('server_version_num')::int < 180000) = (count(*) = 1) AS one_up_to_17
  FROM pg_attribute WHERE attrelid = 'by_function'::regclass AND attnum > 0;
CREATE FUNCTION columns_out.sql_view() RETURNS void LANGUAGE sql AS
	$$ CREATE TEMP VIEW view_by_function AS SELECT * FROM llm_ask('amount by colour') $$;
SELECT columns_out.sql_view();
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'view_by_function'::regclass AND attnum > 0 ORDER BY attnum;
DROP VIEW view_by_function;
DROP TABLE by_function;

-- Names: a search_path that hides the tables, the function, or both; and a
-- function in front of it.
SET search_path = pg_catalog;
SELECT * FROM public.llm_ask('how many parts');
SELECT * FROM llm_ask('how many parts');
SET search_path = '';
SELECT * FROM public.llm_ask('how many parts');
SET search_path = columns_places, public;
SELECT * FROM public.llm_ask('how many parts');
CREATE FUNCTION columns_places.llm_ask(question text) RETURNS SETOF json LANGUAGE sql AS
	$$ SELECT '{"mine":1}'::json $$;
SELECT * FROM llm_ask('how many parts');
SELECT * FROM public.llm_ask('how many parts');
PREPARE p AS SELECT * FROM llm_ask('how many parts');
EXECUTE p;
DROP FUNCTION columns_places.llm_ask(text);
EXECUTE p;
DEALLOCATE p;
PREPARE p AS SELECT * FROM llm_ask('how many parts');
EXECUTE p;
CREATE FUNCTION columns_places.llm_ask(question text, options jsonb DEFAULT '{}') RETURNS SETOF json LANGUAGE sql AS
	$$ SELECT '{"mine":1}'::json $$;
EXECUTE p;
DROP FUNCTION columns_places.llm_ask(text, jsonb);
EXECUTE p;
DEALLOCATE p;

RESET search_path;
SET client_min_messages = warning;
DELETE FROM analytics_llm.example WHERE name LIKE 'places_%';
DELETE FROM analytics_llm.allowed_function WHERE signature LIKE 'columns_out.%';
DROP SCHEMA columns_out, columns_places CASCADE;
DROP OWNED BY regress_places_owner, regress_places_asker, regress_places_shut;
DROP ROLE regress_places_owner, regress_places_asker, regress_places_shut;
RESET client_min_messages;
