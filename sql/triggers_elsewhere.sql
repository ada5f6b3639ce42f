--
-- The trigger functions of the extension on tables, and at times, that they are
-- not made for: an error, and never a look at columns of other types.
--
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.metric (name int, enabled point, expression bytea, status int, problem int);
CREATE TABLE elsewhere.model (server int, name int);
CREATE TABLE elsewhere.allowed_function (signature int);

CREATE FUNCTION elsewhere.try_trigger(tab text, timing text, events text, each text, func text)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TRIGGER zz_tried %s %s ON %s FOR EACH %s EXECUTE FUNCTION %s()', timing, events, tab, each, func);
	BEGIN
		EXECUTE format('INSERT INTO %s DEFAULT VALUES', tab);
		EXECUTE format('UPDATE %s SET %s', tab, (SELECT format('%1$I = %1$I', attname) FROM pg_attribute
			WHERE attrelid = tab::regclass AND attnum = 1));
	EXCEPTION WHEN OTHERS THEN
		EXECUTE format('DROP TRIGGER zz_tried ON %s', tab);
		RETURN SQLSTATE || ' ' || SQLERRM;
	END;
	EXECUTE format('DROP TRIGGER zz_tried ON %s', tab);
	RETURN 'done';
END
$$;

SELECT f.func, concat_ws(' ', m.timing, m.events, m.each) AS fires,
	   string_agg(DISTINCT elsewhere.try_trigger(t.tab, m.timing, m.events, m.each, f.func), E'\n') AS result
  FROM (SELECT p.oid::regproc::text AS func
		  FROM pg_proc AS p
		  JOIN pg_depend AS d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
		  JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'analytics_llm'
		  JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'c'
		 WHERE p.prorettype = 'trigger'::regtype) AS f
 CROSS JOIN unnest(ARRAY['elsewhere.metric', 'elsewhere.model', 'elsewhere.allowed_function']) AS t(tab)
 CROSS JOIN (VALUES ('BEFORE', 'INSERT', 'ROW'), ('AFTER', 'INSERT OR UPDATE', 'ROW'), ('BEFORE', 'UPDATE', 'STATEMENT'),
					('AFTER', 'INSERT', 'STATEMENT')) AS m(timing, events, each)
 GROUP BY f.func, m.timing, m.events, m.each
 ORDER BY f.func COLLATE "C", m.timing COLLATE "C", m.each COLLATE "C";

-- On a table of the extension that is another one.
SELECT elsewhere.try_trigger('analytics_llm.route', 'BEFORE', 'INSERT', 'ROW', 'analytics_llm.allowed_function_check');
SELECT elsewhere.try_trigger('analytics_llm.route', 'BEFORE', 'INSERT', 'ROW', 'analytics_llm.definition_check');

-- As no trigger at all.
SELECT analytics_llm.definition_check();
SET client_min_messages = warning;
DROP SCHEMA elsewhere CASCADE;
