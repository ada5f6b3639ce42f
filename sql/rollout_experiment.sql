--
-- What an experiment has shown: each arm with its figures and intervals, and a
-- recommendation in words, or how many questions are missing.
--
DROP EXTENSION analytics_llm;
CREATE EXTENSION analytics_llm;
SET jit = off;

-- An interval of a share is within 0 and 1, for every share of up to 300.
SELECT count(*) FROM generate_series(1, 300) AS n, generate_series(0, n) AS k,
	   analytics_llm.wilson(k::float8 / n, n) AS w
 WHERE low < 0 OR high > 1 OR NOT k::float8 / n BETWEEN low AND high;
-- A guard sees a difference where nothing varies, and where there was nothing.
SELECT analytics_llm.guard_verdict('{"cost": 2}', ARRAY[0,0,0, 0,0,0, 0,0,0, 100,c[1],c[2], 0,0,0], ARRAY[0,0,0, 0,0,0, 0,0,0, 100,t[1],t[2], 0,0,0])
  FROM (VALUES (1, '{1,0}'::float8[], '{10,0}'::float8[]), (2, '{0,0}', '{1,0.01}'), (3, '{1,0}', '{1.9,0}'), (4, '{0,0}', '{0,0}')) AS v(n, c, t)
 ORDER BY n;

INSERT INTO analytics_llm.rollout (name, model, kind, sticky_by)
VALUES ('e', 'claude-opus-5', 'experiment', 'request');

-- So many questions in an arm, of which so many were answered by its model.
CREATE FUNCTION pg_temp.ask(arm text, n int, answered int, cost numeric, refused int DEFAULT 0)
RETURNS void LANGUAGE sql AS $$
WITH r AS (
	INSERT INTO analytics_llm.request (request_id, asked_at, status, tier, model, latency_ms, cost, arms)
	SELECT gen_random_uuid(), now() + interval '1 second', 'ok', 1,
		   CASE WHEN i <= $3 THEN CASE $1 WHEN 'treatment' THEN o.model ELSE o.instead_of END ELSE 'claude-sonnet-5' END,
		   10 * i, $4, jsonb_build_object('e', $1, 'other', 'control')
	  FROM generate_series(1, $2) AS i, analytics_llm.rollout AS o WHERE o.name = 'e'
	RETURNING request_id)
INSERT INTO analytics_llm.log (request_id, tier, model_used, validation_passed)
SELECT r.request_id, o.tier, CASE $1 WHEN 'treatment' THEN o.model ELSE o.instead_of END, row_number() OVER () > $5
  FROM r, analytics_llm.rollout AS o WHERE o.name = 'e'
$$;
CREATE FUNCTION pg_temp.forget() RETURNS void LANGUAGE sql AS
$$ DELETE FROM analytics_llm.request; DELETE FROM analytics_llm.log $$;
CREATE FUNCTION pg_temp.advice() RETURNS SETOF text LANGUAGE sql AS
$$ SELECT DISTINCT recommendation FROM analytics_llm.experiment_result $$;

-- Nobody was asked; one arm was; too few were.
SELECT * FROM analytics_llm.experiment_result;
SELECT pg_temp.ask('control', 10, 9, 0.01);
SELECT pg_temp.advice();
SELECT pg_temp.ask('treatment', 100, 99, 0.01);
SELECT pg_temp.advice();
SELECT pg_temp.forget();

-- All columns.  Wilson's interval of 81 of 263 is 0.255 to 0.366, and Newcombe's
-- of the difference between 56 of 70 and 48 of 80 is 0.052 to 0.334.
SELECT pg_temp.ask('control', 263, 81, 0.01, 10), pg_temp.ask('treatment', 20, 20, 0.02, 1);
SELECT arm, model, n, round(success_rate::numeric, 3) AS success_rate,
	   round(success_low::numeric, 3) AS low, round(success_high::numeric, 3) AS high,
	   round(validation_rate::numeric, 3) AS validation_rate, latency_p50, round(latency_p95::numeric, 1) AS latency_p95,
	   round(cost_per_query, 4) AS cost_per_query
  FROM analytics_llm.experiment_result ORDER BY arm;
SELECT pg_temp.forget();
SELECT pg_temp.ask('control', 80, 48, 0.01), pg_temp.ask('treatment', 70, 56, 0.01);
SELECT DISTINCT name, kind, state, round(difference::numeric, 3) AS difference, round(difference_low::numeric, 3) AS low,
	   round(difference_high::numeric, 3) AS high, recommendation
  FROM analytics_llm.experiment_result;
SELECT pg_temp.forget();

-- The advice weighs the price.
SELECT pg_temp.ask('control', 2000, 1800, 0.01), pg_temp.ask('treatment', 2000, 1700, 0.01), pg_temp.advice(), pg_temp.forget();
SELECT pg_temp.ask('control', 2000, 1700, 0.01), pg_temp.ask('treatment', 2000, 1800, 0.01), pg_temp.advice(), pg_temp.forget();
SELECT pg_temp.ask('control', 2000, 1700, 0.01), pg_temp.ask('treatment', 2000, 1800, 0.03), pg_temp.advice(), pg_temp.forget();
SELECT pg_temp.ask('control', 2000, 1800, 0.01), pg_temp.ask('treatment', 2000, 1801, 0.004), pg_temp.advice(), pg_temp.forget();
SELECT pg_temp.ask('control', 2000, 1800, 0.01), pg_temp.ask('treatment', 2000, 1799, 0.03), pg_temp.advice(), pg_temp.forget();
SELECT pg_temp.ask('control', 2000, 1800, 0.01), pg_temp.ask('treatment', 2000, 1740, 0.002), pg_temp.advice(), pg_temp.forget();
-- Where what was seen allows for a great loss, nothing is claimed.
SELECT pg_temp.ask('control', 1600, 800, 0.01), pg_temp.ask('treatment', 1600, 768, 0.001), pg_temp.advice(), pg_temp.forget();
SELECT pg_temp.ask('control', 2000, 1800, 0), pg_temp.ask('treatment', 2000, 1900, 0.01), pg_temp.advice(), pg_temp.forget();
-- What no price is known of is not called cheap, and not called dear.
BEGIN;
INSERT INTO analytics_llm.model (name, family, context_tokens) VALUES ('own', 'plain', 8000);
UPDATE analytics_llm.rollout SET model = 'own', started_at = now() WHERE name = 'e';
SELECT pg_temp.ask('control', 2000, 1800, 0.01), pg_temp.ask('treatment', 2000, 1801, 0), pg_temp.advice(), pg_temp.forget();
SELECT pg_temp.ask('control', 2000, 1700, 0.01), pg_temp.ask('treatment', 2000, 1800, 0), pg_temp.advice(), pg_temp.forget();
INSERT INTO analytics_llm.price (model, input, output, cache_write_5m, cache_write_1h, cache_read) VALUES ('own', 0, 0, 0, 0, 0);
SELECT pg_temp.ask('control', 2000, 1700, 0.01), pg_temp.ask('treatment', 2000, 1800, 0), pg_temp.advice(), pg_temp.forget();
ROLLBACK;
-- A model without a price is not cheaper.
SELECT pg_temp.ask('control', 2000, 1800, 0), pg_temp.ask('treatment', 2000, 1799, 0), pg_temp.advice(), pg_temp.forget();

-- So does what people say: not what fewer than both arms need to differ beyond
-- chance, and not of answers that nobody spoke of.
CREATE FUNCTION pg_temp.say(arm text, n int, wrong int) RETURNS void LANGUAGE sql AS $$
INSERT INTO analytics_llm.feedback (request_id, correct, given_at, user_name, user_id)
SELECT request_id, row_number() OVER (ORDER BY latency_ms, request_id) > $3, now(), 'ann', 1
  FROM (SELECT * FROM analytics_llm.request WHERE arms ->> 'e' = $1 ORDER BY latency_ms LIMIT $2) AS r
$$;
SELECT pg_temp.ask('control', 2000, 1700, 0.01), pg_temp.ask('treatment', 2000, 1800, 0.01);
SELECT pg_temp.say('control', 80, 4), pg_temp.say('treatment', 70, 5);
SELECT arm, rated, round(called_wrong_rate::numeric, 3) AS called_wrong, round(called_wrong_low::numeric, 3) AS low,
	   round(called_wrong_high::numeric, 3) AS high, recommendation
  FROM analytics_llm.experiment_result ORDER BY arm;
DELETE FROM analytics_llm.feedback;
SELECT pg_temp.say('control', 80, 4), pg_temp.say('treatment', 70, 30);
SELECT arm, rated, round(called_wrong_rate::numeric, 3) AS called_wrong, round(called_wrong_low::numeric, 3) AS low,
	   round(called_wrong_high::numeric, 3) AS high, recommendation
  FROM analytics_llm.experiment_result ORDER BY arm;
DELETE FROM analytics_llm.feedback;
SELECT pg_temp.forget();

-- What was asked before it began does not count; a role sees its own questions.
SELECT pg_temp.ask('control', 20, 20, 0.01), pg_temp.ask('treatment', 20, 20, 0.01);
UPDATE analytics_llm.request SET asked_at = asked_at - interval '1 hour' WHERE arms ->> 'e' = 'control';
SELECT arm, n FROM analytics_llm.experiment_result;
CREATE ROLE allm_curious;
SET ROLE allm_curious;
SELECT count(*) FROM analytics_llm.experiment_result;
RESET ROLE;
DROP ROLE allm_curious;

-- Of many questions a guard looks at the latest, and reads no others.
INSERT INTO analytics_llm.request (request_id, asked_at, status, tier, model, latency_ms, cost, arms)
SELECT gen_random_uuid(), now() + i * interval '1 ms', 'ok', 1, CASE i % 2 WHEN 0 THEN 'claude-opus-5' ELSE 'claude-opus-4-7' END, 1, 0,
	   jsonb_build_object('e', CASE i % 2 WHEN 0 THEN 'treatment' ELSE 'control' END)
  FROM generate_series(1, 60000) AS i;
ANALYZE analytics_llm.request;
BEGIN;
SELECT analytics_llm.rollout_watch();
SELECT seq_tup_read + idx_tup_fetch BETWEEN 20000 AND 50000 AS some
  FROM pg_stat_xact_user_tables WHERE relid = 'analytics_llm.request'::regclass;
COMMIT;

DROP EXTENSION analytics_llm;
CREATE EXTENSION analytics_llm;
