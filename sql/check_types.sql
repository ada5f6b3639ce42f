--
-- What the owner of a type, a function or an operator has run in other
-- people's queries, where no node of the query calls it: constraints of domains
-- deep inside of a value, casts to json deep inside of a row, defaults of
-- arguments, negators.  All of it is judged, before it runs.
--
CREATE ROLE regress_types_owner;
CREATE SCHEMA check_types AUTHORIZATION regress_types_owner;
GRANT USAGE ON SCHEMA check_types TO PUBLIC;
SET search_path = check_types, public;
SET SESSION AUTHORIZATION regress_types_owner;

-- It would say so if it ran.
CREATE FUNCTION spy(int) RETURNS boolean LANGUAGE plpgsql VOLATILE AS
	$$ BEGIN RAISE WARNING 'code of % ran as %', 'the owner', current_user; RETURN true; END $$;
CREATE FUNCTION spy_number(int) RETURNS int LANGUAGE plpgsql VOLATILE AS
	$$ BEGIN RAISE WARNING 'code of the owner ran'; RETURN $1; END $$;
CREATE FUNCTION fair(int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
	$$ BEGIN RETURN $1 > 0; END $$;

CREATE FUNCTION catches(int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
	$$ BEGIN PERFORM spy($1); RETURN false; EXCEPTION WHEN OTHERS THEN RETURN true; END $$;

CREATE DOMAIN spied AS int CHECK (spy(VALUE));
CREATE DOMAIN slow AS int CHECK (pg_sleep(0) IS NOT NULL);
CREATE DOMAIN positive AS int CHECK (fair(VALUE));
CREATE DOMAIN caught AS int CHECK (catches(VALUE));
CREATE TYPE spied_row AS (a spied);
CREATE TYPE caught_row AS (a caught);
CREATE TYPE slow_row AS (a slow);
CREATE TYPE fair_row AS (a positive);
CREATE TYPE outer_row AS (r spied_row);
CREATE TYPE spied_range AS RANGE (subtype = spied);
CREATE TYPE catalog_row AS (a regclass);

CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TYPE colour AS ENUM ('red', 'blue');
CREATE FUNCTION mood_json(mood) RETURNS json LANGUAGE plpgsql VOLATILE AS
	$$ BEGIN RAISE WARNING 'code of the owner ran'; RETURN '1'; END $$;
CREATE FUNCTION colour_json(colour) RETURNS json LANGUAGE plpgsql IMMUTABLE AS
	$$ BEGIN RETURN '2'; END $$;
CREATE CAST (mood AS json) WITH FUNCTION mood_json(mood);
CREATE CAST (colour AS json) WITH FUNCTION colour_json(colour);
CREATE TYPE mood_row AS (m mood);
CREATE TABLE diary (id int, m mood, r mood_row, c colour, d positive, x spied[]);
INSERT INTO diary VALUES (1, 'good', ROW('bad'), 'red', 5, NULL);
GRANT SELECT ON diary TO PUBLIC;

CREATE FUNCTION spied_default(a int DEFAULT spy_number(3), b int DEFAULT 1) RETURNS int
	LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN a + b; END $$;
CREATE FUNCTION fair_default(a int DEFAULT 3, b int DEFAULT abs(-1)) RETURNS int
	LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN a + b; END $$;

CREATE FUNCTION same_row(mood_row, mood_row) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
	$$ BEGIN RETURN true; END $$;
CREATE FUNCTION spied_other(mood_row, mood_row) RETURNS boolean LANGUAGE plpgsql VOLATILE AS
	$$ BEGIN RAISE WARNING 'code of the owner ran'; RETURN true; END $$;
CREATE OPERATOR === (LEFTARG = mood_row, RIGHTARG = mood_row, FUNCTION = same_row, NEGATOR = OPERATOR(!==));
CREATE OPERATOR !== (LEFTARG = mood_row, RIGHTARG = mood_row, FUNCTION = spied_other, NEGATOR = OPERATOR(===));

CREATE FUNCTION first_state(spied_row, int) RETURNS spied_row LANGUAGE plpgsql IMMUTABLE AS
	$$ BEGIN RETURN $1; END $$;
SET client_min_messages = error;
CREATE AGGREGATE started(int) (SFUNC = first_state, STYPE = spied_row, INITCOND = '(5)');
RESET client_min_messages;
RESET SESSION AUTHORIZATION;

-- Refused, and nothing of the owner's has run.
SELECT n AS refused, f.code, f.message
  FROM (VALUES (1, 'SELECT ''5''::spied'),
               (2, 'SELECT ''(5)''::spied_row'),
               (3, 'SELECT ''(5)''::slow_row'),
               (4, 'SELECT ''("(5)")''::outer_row'),
               (5, 'SELECT ''{5}''::spied[]'),
               (6, 'SELECT ''[1,5)''::spied_range'),
               (7, 'SELECT id FROM diary WHERE x = ''{5}'''),
               (8, 'SELECT (''('' || id || '')'')::text::spied_row FROM diary'),
               (9, 'SELECT (''{'' || id || ''}'')::text::spied[] FROM diary'),
               (10, 'SELECT * FROM json_populate_record(NULL::spied_row, ''{"a": 5}'')'),
               (11, 'SELECT jsonb_populate_record(NULL::spied_row, jsonb_build_object(''a'', id)) FROM diary'),
               (12, 'SELECT * FROM json_to_record(''{"a": 5}'') AS x (a spied)'),
               (13, 'SELECT * FROM XMLTABLE(''/r'' PASSING CAST(''<r><a>5</a></r>'' AS xml) COLUMNS a spied)'),
               (14, 'SELECT * FROM XMLTABLE(''/r'' PASSING CAST(''<r><a>5</a></r>'' AS xml) COLUMNS a regclass)'),
               (15, 'SELECT json_populate_record(NULL::catalog_row, ''{"a": "diary"}'')'),
               (16, 'SELECT m FROM diary'),
               (17, 'SELECT r FROM diary'),
               (18, 'SELECT d FROM diary WHERE to_json(m)::text = ''1'''),
               (19, 'SELECT diary FROM diary'),
               (20, 'SELECT jsonb_agg(r) FROM diary'),
               (21, 'SELECT row_to_json(x)::text FROM (SELECT m AS a FROM diary) AS x'),
               (22, 'SELECT ROW(m) FROM diary'),
               (23, 'SELECT spied_default()'),
               (24, 'SELECT spied_default(b => 5)'),
               (25, 'SELECT * FROM spied_default()'),
               (26, 'SELECT count(*) FROM diary WHERE NOT (r === r)'),
               (27, 'SELECT started(id) FROM diary'),
               (28, 'SELECT ''(5)''::caught_row')) AS t (n, q)
  CROSS JOIN LATERAL llm_check(q) AS f
 ORDER BY n, f.code COLLATE "C", f.message COLLATE "C";

-- What is as it says passes.
SELECT n AS passes, f.code, f.message
  FROM (VALUES (1, 'SELECT ''(5)''::fair_row'),
               (2, 'SELECT ''{5}''::positive[]'),
               (3, 'SELECT * FROM json_populate_record(NULL::fair_row, ''{"a": 5}'')'),
               (4, 'SELECT * FROM json_to_record(''{"a": 5}'') AS x (a positive)'),
               (5, 'SELECT c, d, row_to_json(x) FROM (SELECT c, d FROM diary) AS x'),
               (6, 'SELECT id FROM diary WHERE m = ''good'' ORDER BY m'),
               (7, 'SELECT m::text, count(*) FROM diary GROUP BY m'),
               (8, 'SELECT m::text, (r).m::text FROM diary'),
               (9, 'SELECT fair_default(), fair_default(b => 2), spied_default(1, 2)')) AS t (n, q)
  LEFT JOIN LATERAL llm_check(q) AS f ON true
 ORDER BY n, f.code COLLATE "C";

-- A value that breaks a constraint is the query's fault.
SELECT code, message, pos FROM llm_check('SELECT ''(-5)''::fair_row');

-- Outside of a check, types work as ever.
SELECT '(5)'::spied_row, '(5)'::fair_row;

SET client_min_messages = warning;
DROP SCHEMA check_types CASCADE;
RESET client_min_messages;
RESET search_path;
DROP ROLE regress_types_owner;
