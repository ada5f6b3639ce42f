--
-- The table of routes: bands of one class do not overlap, what a row says is
-- checked, and a row for a class goes before one for any class.
--
CREATE TABLE goods (good_id int PRIMARY KEY, price numeric NOT NULL);

CREATE FUNCTION pg_temp.route_of(question text) RETURNS text LANGUAGE sql AS $$
SELECT string_agg(value || COALESCE(' (' || detail || ')', ''), '; ')
  FROM llm_explain(question) WHERE item IN ('row', 'starting tier')
$$;

-- The built-in rows.
SELECT * FROM analytics_llm.route ORDER BY question_class NULLS FIRST, min_complexity;

DELETE FROM analytics_llm.route WHERE min_complexity = 7;

-- A row of one's own acts at the next question.
SELECT pg_temp.route_of('how many goods');
INSERT INTO analytics_llm.route (min_complexity, question_class, start_tier, effort, verify, timeout_ms)
VALUES (0, 'metric', 3, 'low', 'off', 900);
SELECT pg_temp.route_of('how many goods');
UPDATE analytics_llm.route SET enabled = false WHERE question_class = 'metric';
SELECT pg_temp.route_of('how many goods');

-- Bands that overlap are refused when the transaction ends, with the one that
-- is in the way; those that meet are fine.
INSERT INTO analytics_llm.route (min_complexity, max_complexity, start_tier) VALUES (2, 4, 1);
INSERT INTO analytics_llm.route (min_complexity, max_complexity, question_class, start_tier)
VALUES (1, 2, 'list', 1), (2, 3, 'list', 2);
UPDATE analytics_llm.route SET enabled = true, max_complexity = 5, question_class = 'list' WHERE question_class = 'metric';

-- Several rows together: only what they are at the end counts.
BEGIN;
UPDATE analytics_llm.route SET max_complexity = 4 WHERE min_complexity = 0 AND question_class IS NULL;
UPDATE analytics_llm.route SET enabled = false WHERE min_complexity = 3;
INSERT INTO analytics_llm.route (min_complexity, max_complexity, start_tier) VALUES (4, 7, 1);
COMMIT;
SELECT min_complexity, max_complexity, start_tier, enabled, builtin
  FROM analytics_llm.route WHERE question_class IS NULL ORDER BY min_complexity;

-- Without a route for it, a question starts at the first tier.
UPDATE analytics_llm.route SET enabled = false;
SELECT pg_temp.route_of('how many goods');

-- What makes no sense is refused.
INSERT INTO analytics_llm.route (min_complexity, max_complexity, start_tier) VALUES (5, 5, 1);
INSERT INTO analytics_llm.route (min_complexity, start_tier) VALUES (8, 4);
INSERT INTO analytics_llm.route (min_complexity, start_tier, effort) VALUES (8, 1, 'some');
INSERT INTO analytics_llm.route (min_complexity, start_tier, thinking) VALUES (8, 1, 'adaptive');
INSERT INTO analytics_llm.route (min_complexity, start_tier, question_class) VALUES (8, 1, 'riddle');
TRUNCATE analytics_llm.route;

-- By grant, without being able to lock the table; everybody may read it.
CREATE ROLE allm_router;
GRANT INSERT ON analytics_llm.route TO allm_router;
SET ROLE allm_router;
INSERT INTO analytics_llm.route (min_complexity, max_complexity, question_class, start_tier)
VALUES (0, 1, 'other', 1);
INSERT INTO analytics_llm.route (min_complexity, max_complexity, question_class, start_tier)
VALUES (0.5, 1, 'other', 1);
UPDATE analytics_llm.route SET start_tier = 1;
SELECT count(*) > 0 AS readable FROM analytics_llm.route;
RESET ROLE;
REVOKE INSERT ON analytics_llm.route FROM allm_router;
DROP ROLE allm_router;

DROP TABLE goods;
DROP EXTENSION analytics_llm;
CREATE EXTENSION analytics_llm;
