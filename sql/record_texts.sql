--
-- What is recorded of a question is what was given, whatever bytes it has: each
-- character that JSON has to escape, at each place, with a long text behind it.
--
CREATE SCHEMA record_texts;
SET search_path = record_texts, public;
CREATE TABLE rooms (room_id int PRIMARY KEY, seats int NOT NULL);
INSERT INTO rooms SELECT i, i FROM generate_series(1, 4) AS i;
ANALYZE rooms;

CREATE TEMP TABLE label AS
SELECT n, chr(code) AS c, repeat('x', at) || chr(code) || repeat('y', 9) || 'é"' || chr(code) AS feature
  FROM (SELECT row_number() OVER (ORDER BY code, at) AS n, code, at
		  FROM generate_series(1, 130) AS code, generate_series(0, 8) AS at) AS x;
SELECT count(llm_answer('how many rooms', jsonb_build_object('feature', feature))) AS asked FROM label;
SELECT llm_flush();
SELECT count(*) AS as_given, count(DISTINCT c) AS characters
  FROM label WHERE EXISTS (SELECT FROM analytics_llm.request AS r WHERE r.feature = label.feature);

RESET search_path;
DROP SCHEMA record_texts CASCADE;
