--
-- The views of what was used, on rows whose sums are known.
--
CREATE ROLE regress_views_ann;
CREATE ROLE regress_views_bob;
CREATE ROLE regress_views_watcher;
GRANT pg_read_all_stats TO regress_views_watcher;
-- Days and months are in UTC, wherever the reader is.
SET timezone = 'America/Los_Angeles';

-- Two models on three days of two months: 2025-03-31 23:00 in Los Angeles is
-- the first of April.
CREATE TEMPORARY TABLE used (LIKE analytics_llm.usage);
INSERT INTO used VALUES
	('regress_views_ann', 'regress_views_ann', '', 'day', '2025-03-30 00:00Z', 'views-a', 'sql_generation', 'bi', 3, 1000, 200, 50, 30, 0, 0.012500, 'metric', 2),
	('regress_views_ann', 'regress_views_ann', '', 'day', '2025-03-30 00:00Z', 'views-a', 'repair', 'bi', 1, 500, 100, 0, 0, 600, 0.004000, 'metric', 0),
	('regress_views_ann', 'regress_views_ann', '', 'day', '2025-03-31 00:00Z', 'views-a', 'sql_generation', 'bi', 1, 10, 20, 30, 40, 0, 0.000100, 'metric', 1),
	('regress_views_ann', 'regress_views_ann', 'eve', 'day', '2025-03-31 00:00Z', 'views-b', 'sql_generation', '', 2, 70, 30, 0, 0, 0, 0.000050, '', 1),
	('regress_views_ann', 'regress_views_ann', '', 'day', '2025-04-01 00:00Z', 'views-a', 'sql_generation', 'bi', 5, 5000, 500, 0, 0, 0, 0.037500, 'metric', 5),
	('regress_views_bob', 'regress_views_ann', '', 'day', '2025-03-30 00:00Z', 'views-a', 'sql_generation', 'bi', 1, 400, 0, 0, 0, 0, 0.002000, 'trend', 1);
INSERT INTO analytics_llm.usage SELECT * FROM used;
INSERT INTO analytics_llm.usage
SELECT user_id, session_user_id, end_user, 'month', date_trunc('month', period_start, 'UTC'), model, query_type, feature,
	   sum(requests), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens), sum(estimated_tokens),
	   sum(cost), question_class, sum(questions)
  FROM used GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, question_class;

-- Tokens are those of all kinds, each once: 1000 + 200 + 50 + 30 = 1280, and of
-- two queries 640 each.  The row of repairs has no query of its own.  A month that
-- is over will have cost what it did.
SELECT day, user_name, session_user_name, end_user, model, query_type, question_class, feature, calls, queries
  FROM analytics_llm.token_usage WHERE model LIKE 'views-%' ORDER BY 1, 2, 5, 6;
SELECT day, model, query_type, user_name, tokens, estimated_tokens, tokens_per_query, cost, projected_month_cost
  FROM analytics_llm.token_usage WHERE model LIKE 'views-%' ORDER BY 1, 4, 2, 3;

-- What a question needs, by role and month: (1280 + 600 + 100 + 100) / 4.
SELECT user_name, sum(tokens) / sum(queries) AS tokens_per_query, sum(queries) AS queries, sum(cost) AS cost
  FROM analytics_llm.token_usage WHERE model LIKE 'views-%' AND day BETWEEN '2025-03-01' AND '2025-03-31'
 GROUP BY 1 ORDER BY 1;

SELECT * FROM analytics_llm.cost_daily WHERE model LIKE 'views-%' ORDER BY day, model;

-- A role sees its own use, and monitoring all of it.
SET ROLE regress_views_bob;
SELECT day, user_name, model, cost FROM analytics_llm.token_usage WHERE model LIKE 'views-%';
SELECT day, model, calls, cost, users FROM analytics_llm.cost_daily WHERE model LIKE 'views-%';
SET ROLE regress_views_watcher;
SELECT count(*), count(DISTINCT user_name) FROM analytics_llm.token_usage WHERE model LIKE 'views-%';
RESET ROLE;

-- A month that is under way goes on as so far, as if at least an hour of it had
-- passed.
BEGIN;
INSERT INTO analytics_llm.usage
SELECT 'regress_views_ann', 'regress_views_ann', '', p, date_trunc(p, now(), 'UTC'), 'views-now', 'sql_generation', '', 1, 1, 1, 0, 0, 0, 2, '', 1
  FROM unnest(ARRAY['day', 'month']) AS p;
SELECT u.projected_month_cost = round((2 * extract(epoch FROM b.next - b.month)
		/ greatest(3600, extract(epoch FROM now() - b.month)))::numeric, 9) AS goes_on,
	   u.projected_month_cost >= 2 AND u.projected_month_cost <= 2 * 31 * 24 AS within_bounds,
	   c.projected_month_cost = u.projected_month_cost AS by_day_too
  FROM analytics_llm.token_usage AS u JOIN analytics_llm.cost_daily AS c USING (day, model),
	   (SELECT date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS month,
			   (date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC' AS next) AS b
 WHERE model = 'views-now';
ROLLBACK;

-- The health of tiers.  In the last hour, views-a had four attempts, of which
-- three took 100, 200 and 300 ms and were answers or not, and one 1000 ms; 2 of
-- 4 were a success.  Half took no longer than 250 ms (between 200 and 300), and
-- 95 % no longer than 300 + 0.85 * 700 = 895 ms.  What was skipped is no attempt.
INSERT INTO analytics_llm.log (logged_at, request_id, attempt, tier, user_name, user_id, model_used, status, fallback_used, fallback_reason, latency_ms, cost)
SELECT now() - ago, gen_random_uuid(), 1, tier, role, role::regrole, model, status, fallback, reason, ms, cost
  FROM (VALUES
	(interval '10 min', 1, 'regress_views_ann', 'views-a', 'success', false, NULL, 100, 0.5),
	(interval '20 min', 1, 'regress_views_ann', 'views-a', 'success', false, NULL, 200, 0.25),
	(interval '30 min', 1, 'regress_views_ann', 'views-a', 'timeout', false, 'timeout', 1000, 0),
	(interval '40 min', 1, 'regress_views_bob', 'views-a', 'error', false, 'overloaded', 300, 0),
	(interval '41 min', 1, 'regress_views_bob', 'views-a', 'skipped', false, 'too_slow', 0, 0),
	(interval '2 hours', 1, 'regress_views_ann', 'views-a', 'error', false, 'overloaded', 300, 0),
	(interval '3 hours', 1, 'regress_views_ann', 'views-a', 'low_confidence', false, 'low_confidence', 400, 1),
	(interval '4 hours', 1, 'regress_views_ann', 'views-a', 'invalid', false, 'the answer has words: 42', 500, 1),
	(interval '2 days', 1, 'regress_views_ann', 'views-a', 'success', false, NULL, 9999, 7),
	(interval '5 hours', 2, 'regress_views_ann', 'views-b', 'success', true, NULL, 50, 0.125),
	(interval '6 hours', 2, 'regress_views_ann', 'views-b', 'skipped', true, 'quota', 0, 0))
	AS v (ago, tier, role, model, status, fallback, reason, ms, cost);
SELECT period, tier, model, attempts, successes, round(success_rate::numeric, 4) AS rate, skipped, fallbacks, p50_ms, round(p95_ms::numeric, 4) AS p95_ms, cost
  FROM analytics_llm.tier_health WHERE model LIKE 'views-%' ORDER BY period, tier, model;
SELECT period, model, errors FROM analytics_llm.tier_health WHERE model LIKE 'views-%' ORDER BY period, tier, model;
SELECT period, model, last_success_at > last_error_at AS success_is_later, last_success_at < now() - interval '4 hours' AS long_ago
  FROM analytics_llm.tier_health WHERE model LIKE 'views-%' ORDER BY period, tier, model;
SET ROLE regress_views_bob;
SELECT period, model, attempts, errors FROM analytics_llm.tier_health WHERE model LIKE 'views-%' ORDER BY period, model;
RESET ROLE;

-- Latency: of the calls of the last hour that took 1 to 100 ms, half took no
-- longer than 50.5 ms, 95 % no longer than 95.05 ms, 99 % no longer than 99.01.
INSERT INTO analytics_llm.request (request_id, asked_at, user_name, user_id, spans)
SELECT gen_random_uuid(), now() - interval '30 min', 'regress_views_ann', 'regress_views_ann'::regrole,
	   jsonb_build_array(
		jsonb_build_object('name', 'llm_request', 'duration_ms', ms * 10, 'tier', 1, 'model', 'views-a'),
		jsonb_build_object('name', 'admit', 'duration_ms', 1),
		jsonb_build_object('name', 'chat views-a', 'duration_ms', ms, 'tier', 1, 'model', 'views-a'))
  FROM generate_series(1, 100) AS ms;
INSERT INTO analytics_llm.request (request_id, asked_at, user_name, user_id, spans) VALUES
	(gen_random_uuid(), now() - interval '3 hours', 'regress_views_bob', 'regress_views_bob'::regrole,
	 '[{"name": "chat views-a", "duration_ms": 1000, "tier": 1, "model": "views-a"}]'),
	(gen_random_uuid(), now() - interval '3 hours', 'regress_views_bob', 'regress_views_bob'::regrole, NULL),
	(gen_random_uuid(), now() - interval '3 days', 'regress_views_bob', 'regress_views_bob'::regrole,
	 '[{"name": "chat views-a", "duration_ms": 5000, "tier": 1, "model": "views-a"}]');
SELECT period, phase, tier, model, n, round(p50_ms::numeric, 4) AS p50, round(p95_ms::numeric, 4) AS p95,
	   round(p99_ms::numeric, 4) AS p99, max_ms
  FROM analytics_llm.latency WHERE model = 'views-a' ORDER BY period, phase COLLATE "C";
SET ROLE regress_views_bob;
SELECT period, phase, n, p99_ms FROM analytics_llm.latency WHERE model = 'views-a';
RESET ROLE;

-- Steps that somebody wrote by hand: a step is no part of itself, nor of a later one.
INSERT INTO analytics_llm.request (request_id, asked_at, user_name, user_id, spans) VALUES
	('00000000-0000-0000-0000-00000000abcd', now() - interval '3 days', 'regress_views_bob', 'regress_views_bob'::regrole,
	 '[{"name": "a", "span_id": "1", "parent_span_id": "1"}, {"name": "b", "span_id": "2", "parent_span_id": "3"}, {"name": "c", "span_id": "3", "parent_span_id": "1"}]');
SELECT n, depth, line FROM analytics_llm.trace_tree WHERE request_id = '00000000-0000-0000-0000-00000000abcd' ORDER BY n;

-- The indexes that conditions on time reach.
SET enable_seqscan = off;
CREATE FUNCTION index_used(query text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'Index.*Scan' THEN
			RETURN NEXT substring(line FROM '(?:using|on) (\w+_(?:idx|pkey))');
		END IF;
	END LOOP;
END $$;
SELECT DISTINCT i FROM index_used('SELECT * FROM analytics_llm.token_usage WHERE day = ''2025-03-30''') AS i ORDER BY i;
SELECT DISTINCT i FROM index_used('SELECT sum(cost) FROM analytics_llm.token_usage WHERE day > ''2025-03-30''') AS i ORDER BY i;
SELECT DISTINCT i FROM index_used('SELECT * FROM analytics_llm.cost_daily WHERE day > ''2025-03-30''') AS i ORDER BY i;
SELECT DISTINCT i FROM index_used('SELECT * FROM analytics_llm.tier_health') AS i ORDER BY i;
SELECT DISTINCT i FROM index_used('SELECT * FROM analytics_llm.latency') AS i ORDER BY i;
SELECT DISTINCT i FROM index_used('SELECT * FROM analytics_llm.trace_tree WHERE request_id = ''00000000-0000-0000-0000-000000000000''') AS i WHERE i IS NOT NULL ORDER BY i;
RESET enable_seqscan;
DROP FUNCTION index_used;

DELETE FROM analytics_llm.usage WHERE model LIKE 'views-%';
DELETE FROM analytics_llm.log WHERE model_used LIKE 'views-%';
DELETE FROM analytics_llm.request WHERE user_name LIKE 'regress_views_%';
DROP ROLE regress_views_ann, regress_views_bob, regress_views_watcher;
