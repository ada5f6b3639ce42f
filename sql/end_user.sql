--
-- Whom a pooled connection speaks for is recorded, and nothing else changes.
--
CREATE SCHEMA end_user;
SET search_path = end_user, public;
CREATE TABLE rooms (room_id int PRIMARY KEY, seats int NOT NULL);
INSERT INTO rooms SELECT i, i FROM generate_series(1, 4) AS i;
ANALYZE rooms;

SET analytics_llm.end_user = 'user-17';
SELECT llm_ask('how many rooms', '{"feature": "end user"}');
RESET analytics_llm.end_user;
SELECT llm_ask('how many rooms', '{"feature": "end user"}');
SELECT llm_flush();
SELECT end_user, count(*) FROM analytics_llm.request
 WHERE feature = 'end user' GROUP BY end_user ORDER BY end_user;
SELECT end_user, count(*) FROM analytics_llm.log
 WHERE feature = 'end user' AND status = 'success' GROUP BY end_user ORDER BY end_user;
SELECT entry ->> 'userId' AS user_id, count(*) FROM analytics_llm.log_json
 WHERE entry ->> 'feature' = 'end user' GROUP BY 1 ORDER BY 1;

-- It goes into every record: one short line.
SET analytics_llm.end_user = E'two\nlines';
SELECT set_config('analytics_llm.end_user', repeat('x', 257), false);

RESET search_path;
DROP SCHEMA end_user CASCADE;
