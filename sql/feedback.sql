--
-- What a person says of an answer.
--
CREATE SCHEMA feedback;
GRANT USAGE ON SCHEMA feedback TO PUBLIC;
SET search_path = feedback, public;
CREATE TABLE ships (ship_id int PRIMARY KEY, flag text NOT NULL, crew int NOT NULL);
CREATE TABLE secrets (secret_id int);
CREATE ROLE regress_feedback_ann;
CREATE ROLE regress_feedback_bob;
CREATE ROLE regress_feedback_watcher;
GRANT pg_read_all_stats TO regress_feedback_watcher;
GRANT SELECT ON ships TO regress_feedback_ann, regress_feedback_bob;

-- The records need not be there yet.
SET ROLE regress_feedback_ann;
SELECT request_id AS mine FROM llm_answer('how many ships', '{"tier": 3}') \gset
SELECT llm_feedback(:'mine', true);
SELECT correct, corrected_sql, comment, user_name, tier, model, question_class IS NOT NULL AS has_class, given_at <= now() AS is_dated
  FROM analytics_llm.feedback;

-- The last word counts.  A corrected query is checked as that person, with the
-- names that this person sees.
SELECT llm_feedback(:'mine', false, 'SELECT sum(crew) FROM ships', 'crew was meant');
SELECT correct, corrected_sql, comment FROM analytics_llm.feedback;
SELECT llm_feedback(:'mine', false, 'SELECT secret_id FROM secrets');
SELECT llm_feedback(:'mine', false, 'DELETE FROM ships');
SELECT llm_feedback(:'mine', false, 'SELECT pg_sleep(1)');
SELECT llm_feedback(:'mine', false, 'SELECT');
SELECT llm_feedback(:'mine', NULL);
SELECT llm_feedback(NULL, true);
SELECT llm_feedback('00000000-0000-0000-0000-000000000000', true);
SELECT correct, corrected_sql, comment FROM analytics_llm.feedback;

-- Only of one's own questions: not even a superuser, nor who sees them all,
-- speaks for somebody else, by the function or past it.
SET ROLE regress_feedback_bob;
CREATE FUNCTION pg_temp.say(request uuid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM public.llm_feedback(request, false);
	RETURN 'said';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate || ' ' || replace(sqlerrm, request::text, 'ID');
END $$;
SELECT pg_temp.say(:'mine');
INSERT INTO analytics_llm.feedback (request_id, correct, user_name, user_id, given_at) VALUES (:'mine', false, 'regress_feedback_ann', 1, now());
UPDATE analytics_llm.feedback SET correct = true;
DELETE FROM analytics_llm.feedback;
SELECT count(*) FROM analytics_llm.feedback;
SET ROLE regress_feedback_watcher;
SELECT user_name, correct FROM analytics_llm.feedback;
RESET ROLE;
SELECT pg_temp.say(:'mine') LIKE '22023 %' AS refused;
DROP FUNCTION pg_temp.say;

-- Past the function, the same is checked.
SET ROLE regress_feedback_ann;
UPDATE analytics_llm.feedback SET corrected_sql = 'DROP TABLE ships';
UPDATE analytics_llm.feedback SET model = 'another';

-- Operators of one's own make no difference.
RESET ROLE;
CREATE SCHEMA feedback_ann AUTHORIZATION regress_feedback_ann;
SET ROLE regress_feedback_ann;
CREATE FUNCTION feedback_ann.never(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
CREATE OPERATOR feedback_ann.= (LEFTARG = text, RIGHTARG = text, FUNCTION = feedback_ann.never);
SET search_path = feedback_ann, pg_catalog, feedback, public;
SELECT llm_feedback(:'mine', false, 'DROP TABLE ships');
SET search_path = feedback, public;

-- A wrong answer is not given again: what is kept for that role is forgotten.
SELECT llm_cache_clear() >= 0 AS cleared;
SELECT request_id FROM llm_answer('how many ships', '{"tier": 3}') \gset
SELECT llm_cache_clear() AS kept;
SELECT request_id FROM llm_answer('how many ships', '{"tier": 3}') \gset
SELECT llm_feedback(:'mine', true);
SELECT llm_cache_clear() AS kept;
SELECT request_id FROM llm_answer('how many ships', '{"tier": 3}') \gset
SELECT llm_feedback(:'mine', false);
SELECT llm_cache_clear() AS kept;

-- It is a part of the person's transaction.
BEGIN;
SELECT llm_feedback(:'mine', true);
ROLLBACK;
SELECT correct FROM analytics_llm.feedback;
BEGIN READ ONLY;
SELECT llm_feedback(:'mine', true);
ROLLBACK;
RESET ROLE;

RESET search_path;
SET client_min_messages = warning;
DELETE FROM analytics_llm.feedback WHERE user_name LIKE 'regress_feedback%';
DROP SCHEMA feedback CASCADE;
DROP SCHEMA feedback_ann CASCADE;
DROP ROLE regress_feedback_ann, regress_feedback_bob, regress_feedback_watcher;
