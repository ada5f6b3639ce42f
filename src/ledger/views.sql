
--
-- The questions of dashboards, answered.  Days and months are in UTC.  Who reads
-- a view sees what the rows of its tables allow: a role its own, members of
-- pg_read_all_stats all.
--

--
-- One row for each row of analytics_llm.usage that is of a day: nothing is summed
-- here, so that any condition reaches the table.
--
-- What a day adds to the projected cost of its month is its cost, times the
-- length of the month over the part of it that has passed, but at least an hour.
-- So the sum over the days of a month, of whatever rows, is their projection.
--
CREATE VIEW analytics_llm.token_usage WITH (security_invoker = true) AS
SELECT (d.period_start AT TIME ZONE 'UTC')::date AS day,
	   pg_catalog.pg_get_userbyid(d.user_id)::text AS user_name,
	   pg_catalog.pg_get_userbyid(d.session_user_id)::text AS session_user_name,
	   d.end_user,
	   d.model,
	   d.query_type,
	   d.question_class,
	   d.feature,
	   d.requests AS calls,
	   d.questions AS queries,
	   d.input_tokens,
	   d.output_tokens,
	   d.cache_read_tokens,
	   d.cache_write_tokens,
	   t.tokens,
	   d.estimated_tokens,
	   pg_catalog.round(t.tokens::numeric / NULLIF(d.questions, 0), 1) AS tokens_per_query,
	   d.cost,
	   pg_catalog.round(d.cost
			* extract(epoch FROM m.next - m.month)
			/ extract(epoch FROM LEAST(m.next, GREATEST(
				pg_catalog.now() AT TIME ZONE 'UTC', m.month + interval '1 hour')) - m.month),
			9) AS projected_month_cost
  FROM analytics_llm.usage AS d
 CROSS JOIN LATERAL (
	SELECT d.input_tokens + d.output_tokens
			+ d.cache_read_tokens + d.cache_write_tokens AS tokens
	) AS t
 CROSS JOIN LATERAL (
	SELECT b.month, b.month + interval '1 month' AS next
	  FROM (SELECT pg_catalog.date_trunc('month',
				d.period_start AT TIME ZONE 'UTC') AS month) AS b
	) AS m
 WHERE d.period = 'day';
COMMENT ON VIEW analytics_llm.token_usage IS 'calls of models by day, role, end user, model, purpose, class of question and feature, with their projected cost';
COMMENT ON COLUMN analytics_llm.token_usage.day IS 'in UTC';
COMMENT ON COLUMN analytics_llm.token_usage.user_name IS 'the role as which questions were answered';
COMMENT ON COLUMN analytics_llm.token_usage.session_user_name IS 'the role that had logged in';
COMMENT ON COLUMN analytics_llm.token_usage.end_user IS 'whom a pooled connection spoke for; else empty';
COMMENT ON COLUMN analytics_llm.token_usage.query_type IS 'what the calls were for';
COMMENT ON COLUMN analytics_llm.token_usage.question_class IS 'of the questions; empty where it is not known';
COMMENT ON COLUMN analytics_llm.token_usage.feature IS 'the option of that name; else empty';
COMMENT ON COLUMN analytics_llm.token_usage.calls IS 'that left the machine';
COMMENT ON COLUMN analytics_llm.token_usage.queries IS 'questions, each in the row of its first call: sums count it once';
COMMENT ON COLUMN analytics_llm.token_usage.input_tokens IS 'neither read from nor written to a provider''s cache';
COMMENT ON COLUMN analytics_llm.token_usage.tokens IS 'of all kinds, each once';
COMMENT ON COLUMN analytics_llm.token_usage.estimated_tokens IS 'the part of the tokens that is an upper bound';
COMMENT ON COLUMN analytics_llm.token_usage.tokens_per_query IS 'of the calls in this row; null where it has no first call of a question';
COMMENT ON COLUMN analytics_llm.token_usage.cost IS 'in USD';
COMMENT ON COLUMN analytics_llm.token_usage.projected_month_cost IS 'in USD: what this row adds to the cost of its month, if that goes on as so far; to be summed over the days of the month';
REVOKE ALL ON analytics_llm.token_usage FROM PUBLIC;
GRANT SELECT ON analytics_llm.token_usage TO PUBLIC;

CREATE VIEW analytics_llm.cost_daily WITH (security_invoker = true) AS
SELECT u.day,
	   u.model,
	   pg_catalog.sum(u.calls)::bigint AS calls,
	   pg_catalog.sum(u.queries)::bigint AS queries,
	   pg_catalog.sum(u.tokens)::bigint AS tokens,
	   pg_catalog.sum(u.estimated_tokens)::bigint AS estimated_tokens,
	   pg_catalog.sum(u.cost) AS cost,
	   pg_catalog.sum(u.projected_month_cost) AS projected_month_cost,
	   pg_catalog.count(DISTINCT u.user_name) AS users
  FROM analytics_llm.token_usage AS u
 GROUP BY 1, 2;
COMMENT ON VIEW analytics_llm.cost_daily IS 'what each model has cost on each day';
COMMENT ON COLUMN analytics_llm.cost_daily.day IS 'in UTC';
COMMENT ON COLUMN analytics_llm.cost_daily.calls IS 'that left the machine';
COMMENT ON COLUMN analytics_llm.cost_daily.queries IS 'questions, each at the model of its first call: sums count it once';
COMMENT ON COLUMN analytics_llm.cost_daily.tokens IS 'of all kinds, each once';
COMMENT ON COLUMN analytics_llm.cost_daily.estimated_tokens IS 'the part of the tokens that is an upper bound';
COMMENT ON COLUMN analytics_llm.cost_daily.cost IS 'in USD';
COMMENT ON COLUMN analytics_llm.cost_daily.projected_month_cost IS 'in USD: what the day adds to the cost of its month, if that goes on as so far; to be summed over the days of the month';
COMMENT ON COLUMN analytics_llm.cost_daily.users IS 'roles that asked';
REVOKE ALL ON analytics_llm.cost_daily FROM PUBLIC;
GRANT SELECT ON analytics_llm.cost_daily TO PUBLIC;

--
-- The last day is read, by the index on logged_at; a row of the last hour counts
-- for both.
--
CREATE VIEW analytics_llm.tier_health WITH (security_invoker = true) AS
WITH attempt AS (
	SELECT w.period, l.tier, l.model_used AS model, l.status, l.latency_ms,
		   l.logged_at, l.fallback_used, l.cost,
		   CASE WHEN l.status IN ('success', 'skipped') THEN NULL
				WHEN l.fallback_reason ~ '^[a-z_]+$' THEN l.fallback_reason
				ELSE l.status END AS error
	  FROM analytics_llm.log AS l
	  JOIN (VALUES ('hour', interval '1 hour'), ('day', interval '1 day'))
			AS w (period, length) ON l.logged_at > pg_catalog.now() - w.length
	 WHERE l.logged_at > pg_catalog.now() - interval '1 day'
), error AS (
	SELECT e.period, e.tier, e.model,
		   pg_catalog.jsonb_object_agg(e.error, e.n) AS errors
	  FROM (SELECT a.period, a.tier, a.model, a.error, pg_catalog.count(*) AS n
			  FROM attempt AS a
			 WHERE a.error IS NOT NULL
			 GROUP BY 1, 2, 3, 4) AS e
	 GROUP BY 1, 2, 3
)
SELECT a.period,
	   a.tier,
	   a.model,
	   a.attempts,
	   a.successes,
	   a.successes::double precision / NULLIF(a.attempts, 0) AS success_rate,
	   COALESCE(error.errors, '{}') AS errors,
	   a.skipped,
	   a.fallbacks,
	   a.percentiles[1] AS p50_ms,
	   a.percentiles[2] AS p95_ms,
	   a.last_success_at,
	   a.last_error_at,
	   a.cost
  FROM (SELECT attempt.period, attempt.tier, attempt.model,
			   pg_catalog.count(*) FILTER (WHERE attempt.status <> 'skipped') AS attempts,
			   pg_catalog.count(*) FILTER (WHERE attempt.status = 'success') AS successes,
			   pg_catalog.count(*) FILTER (WHERE attempt.status = 'skipped') AS skipped,
			   pg_catalog.count(*) FILTER (WHERE attempt.fallback_used
					AND attempt.status <> 'skipped') AS fallbacks,
			   pg_catalog.percentile_cont(ARRAY[0.5, 0.95])
					WITHIN GROUP (ORDER BY attempt.latency_ms::double precision)
					FILTER (WHERE attempt.status <> 'skipped') AS percentiles,
			   pg_catalog.max(attempt.logged_at) FILTER (WHERE attempt.status = 'success') AS last_success_at,
			   pg_catalog.max(attempt.logged_at) FILTER (WHERE attempt.error IS NOT NULL) AS last_error_at,
			   pg_catalog.sum(attempt.cost) AS cost
		  FROM attempt
		 GROUP BY 1, 2, 3) AS a
  LEFT JOIN error ON error.period = a.period AND error.tier = a.tier AND error.model = a.model;
COMMENT ON VIEW analytics_llm.tier_health IS 'how the models and the other ways to an answer did in the last hour and in the last day';
COMMENT ON COLUMN analytics_llm.tier_health.period IS 'hour or day: that before now';
COMMENT ON COLUMN analytics_llm.tier_health.model IS 'a model; else example, semantic and the like';
COMMENT ON COLUMN analytics_llm.tier_health.attempts IS 'that were made; a retry and a repair are attempts';
COMMENT ON COLUMN analytics_llm.tier_health.success_rate IS 'of the attempts, from 0 to 1';
COMMENT ON COLUMN analytics_llm.tier_health.errors IS 'attempts without success, by class';
COMMENT ON COLUMN analytics_llm.tier_health.skipped IS 'times that it was not tried';
COMMENT ON COLUMN analytics_llm.tier_health.fallbacks IS 'attempts that were made since something else had failed';
COMMENT ON COLUMN analytics_llm.tier_health.p50_ms IS 'half of the attempts took no longer';
COMMENT ON COLUMN analytics_llm.tier_health.p95_ms IS '95 % of the attempts took no longer';
COMMENT ON COLUMN analytics_llm.tier_health.cost IS 'in USD';
REVOKE ALL ON analytics_llm.tier_health FROM PUBLIC;
GRANT SELECT ON analytics_llm.tier_health TO PUBLIC;

--
-- The same by the index on asked_at.
--
CREATE VIEW analytics_llm.latency WITH (security_invoker = true) AS
SELECT l.period,
	   l.phase,
	   l.tier,
	   l.model,
	   l.n,
	   l.percentiles[1] AS p50_ms,
	   l.percentiles[2] AS p95_ms,
	   l.percentiles[3] AS p99_ms,
	   l.max_ms
  FROM (SELECT w.period,
			   pg_catalog.split_part(s.name, ' ', 1) AS phase,
			   s.tier,
			   s.model,
			   pg_catalog.count(*) AS n,
			   pg_catalog.percentile_cont(ARRAY[0.5, 0.95, 0.99])
					WITHIN GROUP (ORDER BY s.duration_ms) AS percentiles,
			   pg_catalog.max(s.duration_ms) AS max_ms
		  FROM analytics_llm.request AS r
		  JOIN (VALUES ('hour', interval '1 hour'), ('day', interval '1 day'))
				AS w (period, length) ON r.asked_at > pg_catalog.now() - w.length
		 CROSS JOIN LATERAL pg_catalog.jsonb_to_recordset(r.spans) AS s(
				name text, duration_ms double precision, tier integer, model text)
		 WHERE r.asked_at > pg_catalog.now() - interval '1 day'
		 GROUP BY 1, 2, 3, 4) AS l;
COMMENT ON VIEW analytics_llm.latency IS 'how long the steps of questions took in the last hour and in the last day';
COMMENT ON COLUMN analytics_llm.latency.period IS 'hour or day: that before now';
COMMENT ON COLUMN analytics_llm.latency.phase IS 'the name of the step; llm_request is the whole question, chat the call of a model';
COMMENT ON COLUMN analytics_llm.latency.tier IS 'in which the step was; of the whole question, the one that answered';
COMMENT ON COLUMN analytics_llm.latency.model IS 'for which the step was; of the whole question, the one that answered';
COMMENT ON COLUMN analytics_llm.latency.n IS 'steps';
COMMENT ON COLUMN analytics_llm.latency.p50_ms IS 'half of the steps took no longer';
COMMENT ON COLUMN analytics_llm.latency.p95_ms IS '95 % of the steps took no longer';
COMMENT ON COLUMN analytics_llm.latency.p99_ms IS '99 % of the steps took no longer';
REVOKE ALL ON analytics_llm.latency FROM PUBLIC;
GRANT SELECT ON analytics_llm.latency TO PUBLIC;
