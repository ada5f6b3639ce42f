--
-- Queries that look values up are kept with their plans, and run again with
-- other words.  What they find is what is there now, for this role.
--
CREATE SCHEMA looked_here;
CREATE SCHEMA looked_there;
SET search_path = looked_here, public;
CREATE TYPE looked_here.coat AS ENUM ('Tabby', 'Calico');
CREATE TABLE dogs (dog_id int PRIMARY KEY, name text NOT NULL, breed varchar(20), coat looked_here.coat);
CREATE TABLE keepers (keeper_id int PRIMARY KEY, name text NOT NULL, dog_id int REFERENCES dogs);
INSERT INTO dogs VALUES (1, 'Minka', 'Manx', 'Tabby'), (2, 'O''Hara', 'Korat', 'Calico');
INSERT INTO keepers VALUES (1, 'Wim', 1), (2, 'Yara', 2);
ANALYZE dogs, keepers;
CREATE FUNCTION public.told(VARIADIC questions text[]) RETURNS TABLE (question text, answer text) LANGUAGE sql AS $$
	SELECT q, coalesce(a.rows::text, split_part(a.message, E'\n', 2))
	  FROM unnest(questions) WITH ORDINALITY AS u (q, n), LATERAL public.llm_answer(q, '{"cache": false}') AS a
	 ORDER BY n $$;

-- Words of any look, found in any column of text.
SELECT * FROM told('how many dogs of breed Manx', 'how many dogs of breed korat', 'how many dogs with coat tabby',
	'how many dogs are named O''Hara', 'how many dogs are named "{Minka,\"}"',
	'how many dogs of breed NULL');
-- What is new is found, what has gone is not, in the middle of a transaction too.
INSERT INTO dogs VALUES (3, 'Pia', 'Sokoke', NULL);
SELECT * FROM told('how many dogs of breed Sokoke');
BEGIN;
UPDATE dogs SET breed = 'Ocicat' WHERE dog_id = 3;
SELECT * FROM told('how many dogs of breed Sokoke', 'how many dogs of breed Ocicat');
ROLLBACK;
SELECT * FROM told('how many dogs of breed Sokoke', 'how many dogs of breed Ocicat');
-- Other types, columns and names.
ALTER TABLE dogs ALTER breed TYPE text, DROP COLUMN coat;
SELECT * FROM told('how many dogs of breed Sokoke', 'how many dogs with coat tabby');
ALTER TABLE dogs ADD COLUMN mood text;
UPDATE dogs SET mood = 'Sokoke' WHERE dog_id = 1;
SELECT * FROM told('how many dogs with mood sokoke');
-- A table of that name elsewhere.
CREATE TABLE looked_there.dogs (dog_id int PRIMARY KEY, name text NOT NULL, breed text, mood text);
INSERT INTO looked_there.dogs VALUES (1, 'Zed', 'Sphynx', 'calm');
ANALYZE looked_there.dogs;
SET search_path = looked_there, public;
SELECT * FROM told('how many dogs of breed Sokoke', 'how many dogs of breed Sphynx');
SET search_path = looked_here, public;
SELECT * FROM told('how many dogs of breed Sokoke', 'how many dogs of breed Sphynx');

-- Each role finds what it may see.
CREATE ROLE regress_looked_reader;
GRANT USAGE ON SCHEMA looked_here TO regress_looked_reader;
GRANT SELECT ON dogs TO regress_looked_reader;
ALTER TABLE dogs ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON dogs TO regress_looked_reader USING (dog_id < 3);
SET ROLE regress_looked_reader;
SELECT * FROM told('how many dogs of breed Manx', 'how many dogs of breed Sokoke');
RESET ROLE;
SELECT * FROM told('how many dogs of breed Sokoke');
DROP POLICY few ON dogs;
SET ROLE regress_looked_reader;
SELECT * FROM told('how many dogs of breed Manx');
RESET ROLE;
ALTER TABLE dogs DISABLE ROW LEVEL SECURITY;
SET ROLE regress_looked_reader;
SELECT * FROM told('how many dogs of breed Manx');
RESET ROLE;
REVOKE SELECT ON dogs FROM regress_looked_reader;
GRANT SELECT (dog_id, name) ON dogs TO regress_looked_reader;
SET ROLE regress_looked_reader;
SELECT * FROM told('how many dogs of breed Manx', 'Which dogs are called Minka?');
RESET ROLE;

-- One table that cannot be read, or that has too much, hides nothing of another.
CREATE TABLE badges (badge_id int PRIMARY KEY, code text NOT NULL);
INSERT INTO badges SELECT i, (SELECT string_agg(CASE WHEN i >> n & 1 = 1 THEN 'W' ELSE 'w' END, '')
								FROM generate_series(0, 7) AS n) FROM generate_series(0, 255) AS i;
INSERT INTO keepers VALUES (3, 'Wwwwwwww', 3);
ANALYZE badges;
GRANT SELECT ON dogs, keepers, badges TO regress_looked_reader;
ALTER TABLE badges ENABLE ROW LEVEL SECURITY;
CREATE POLICY broken ON badges USING (1 / (badge_id - badge_id) = 1);
SET ROLE regress_looked_reader;
SELECT * FROM told('Which dogs belong to Wim?', 'Which dogs belong to Yara?');
RESET ROLE;
SELECT * FROM told('Which dogs belong to Wim?', 'Which dogs belong to Yara?');
SELECT * FROM told('Which dogs belong to Wwwwwwww?');
DROP TABLE badges;

-- A table of more columns than one query asks.
DO $$ BEGIN
	EXECUTE (SELECT 'CREATE TABLE charts (chart_id int PRIMARY KEY, ' ||
		string_agg(format('shade_%s text', i), ', ' ORDER BY i) || ')' FROM generate_series(1, 40) AS i);
END $$;
INSERT INTO charts (chart_id, shade_1, shade_17, shade_40) VALUES (1, 'ochre', 'umber', 'sienna');
ANALYZE charts;
SELECT * FROM told('how many charts with shade 1 ochre', 'how many charts with shade 17 umber',
	'how many charts with shade 40 sienna', 'how many charts with shade 40 umber');
DROP TABLE charts;

-- A plan that costs too much does not run, though it ran before.
SET analytics_llm.max_plan_cost = 0;
SELECT * FROM told('how many dogs of breed Manx');
RESET analytics_llm.max_plan_cost;
SELECT * FROM told('how many dogs of breed Manx');
DISCARD PLANS;
SELECT * FROM told('how many dogs of breed Manx');

-- They do not grow without end.
DO $$
BEGIN
	FOR i IN 1 .. 4 LOOP
		EXECUTE format('CREATE SCHEMA looked_%s', i);
		FOR j IN 1 .. 28 LOOP
			EXECUTE format('CREATE TABLE looked_%s.shelf_%s (name text)', i, j);
			EXECUTE format('ANALYZE looked_%s.shelf_%s', i, j);
		END LOOP;
		PERFORM set_config('search_path', format('looked_%s', i), true);
		PERFORM public.told('Which shelves are called Zulu?');
	END LOOP;
END $$;
SELECT count(*) BETWEEN 3 AND 64 AS is_bounded, sum(total_bytes) < 3 * 1048576 AS is_small
  FROM pg_backend_memory_contexts WHERE name = 'CachedPlanSource' AND ident LIKE 'SELECT DISTINCT v.name%';

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA looked_here, looked_there, looked_1, looked_2, looked_3, looked_4 CASCADE;
DROP FUNCTION told(text[]);
DROP ROLE regress_looked_reader;
