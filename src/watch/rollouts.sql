
--
-- What was seen of each arm of a rollout since it began.  A question belongs to
-- the arm that it was assigned to, whoever has answered it in the end.
--
CREATE VIEW analytics_llm.rollout_question WITH (security_invoker = true) AS
SELECT o.name AS rollout,
	   r.arms ->> o.name AS arm,
	   CASE r.arms ->> o.name WHEN 'treatment' THEN o.model
			ELSE o.instead_of END AS model,
	   r.request_id,
	   r.status = 'ok' AND r.model = CASE r.arms ->> o.name
			WHEN 'treatment' THEN o.model ELSE o.instead_of END AS answered,
	   EXISTS (SELECT FROM analytics_llm.log AS l
				WHERE l.request_id = r.request_id AND l.tier = o.tier
				  AND l.validation_passed IS FALSE AND l.query_type IS DISTINCT FROM 'shadow'
				  AND l.model_used = CASE r.arms ->> o.name
					  WHEN 'treatment' THEN o.model ELSE o.instead_of END) AS refused,
	   r.latency_ms,
	   r.cost,
	   r.asked_at,
	   NOT f.correct AS called_wrong
  FROM analytics_llm.rollout AS o
  JOIN analytics_llm.request AS r
	ON r.arms IS NOT NULL AND r.arms ->> o.name IN ('control', 'treatment')
   AND r.asked_at >= o.started_at
  LEFT JOIN analytics_llm.feedback AS f ON f.request_id = r.request_id;
COMMENT ON VIEW analytics_llm.rollout_question IS
'questions that take part in a rollout or an experiment, by the arm that they were assigned to';
REVOKE ALL ON analytics_llm.rollout_question FROM PUBLIC;
GRANT SELECT ON analytics_llm.rollout_question TO PUBLIC;

--
-- The verdict on two arms of a guard; pure arithmetic.
--
CREATE FUNCTION analytics_llm.guard_verdict(guard jsonb,
	control double precision[], treatment double precision[])
RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'analytics_llm_guard_verdict';
COMMENT ON FUNCTION analytics_llm.guard_verdict(jsonb, double precision[], double precision[]) IS
'in what the treatment is worse than the guard allows, or null; the arrays hold n, mean and variance of errors, refused queries, latency, cost and answers called wrong';
REVOKE ALL ON FUNCTION analytics_llm.guard_verdict(jsonb, double precision[], double precision[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analytics_llm.guard_verdict(jsonb, double precision[], double precision[]) TO PUBLIC;

--
-- Looks after the rollouts that are under way: what its guard has reason to
-- end, ends; what has lasted as long as its step, goes on.  A row that somebody
-- else is changing is left for the next time.  The table is locked as its change
-- will want it: llm_rollback() locks all tables, and must not come between the
-- lock of a row and its change.  Of many questions, the latest are looked at: the
-- writer has other things to do.  How far back these reach is found by the index
-- alone, so it takes no longer after a year than after a day.
--
CREATE FUNCTION analytics_llm.rollout_watch()
RETURNS void
LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET intervalstyle = 'postgres'
SET jit = off
AS $$
DECLARE
	o analytics_llm.rollout;
	control double precision[];
	treatment double precision[];
	since timestamptz;
	why text;
	next_step real;
BEGIN
	LOCK TABLE analytics_llm.rollout IN ROW EXCLUSIVE MODE;
	FOR o IN
		SELECT * FROM analytics_llm.rollout
		 WHERE state IN ('running', 'paused') ORDER BY name
		   FOR UPDATE SKIP LOCKED
	LOOP
		SELECT min(r.asked_at) INTO since
		  FROM (SELECT asked_at FROM analytics_llm.request
				 WHERE arms IS NOT NULL AND asked_at >= o.started_at
				 ORDER BY asked_at DESC LIMIT 20000) AS r;
		SELECT max(f.figures) FILTER (WHERE f.arm = 'control'),
			   max(f.figures) FILTER (WHERE f.arm = 'treatment')
		  INTO control, treatment
		  FROM (SELECT q.arm, ARRAY[
					count(*), 1 - avg(q.answered::int), NULL,
					count(*), avg(q.refused::int), NULL,
					count(q.latency_ms), avg(q.latency_ms), var_samp(q.latency_ms),
					count(q.cost), avg(q.cost), var_samp(q.cost),
					count(q.called_wrong), avg(q.called_wrong::int), NULL]::double precision[] AS figures
				  FROM analytics_llm.rollout_question AS q
				 WHERE q.rollout = o.name AND q.asked_at >= since
				 GROUP BY q.arm) AS f;
		why := analytics_llm.guard_verdict(o.guard, control, treatment);
		next_step := (SELECT min(s) FROM unnest(o.steps) AS s WHERE s > o.share);
		IF why IS NOT NULL THEN
			UPDATE analytics_llm.rollout
			   SET state = 'rolled_back', share = 0, changed_at = now()
			 WHERE name = o.name;
			why := format('the guard of %s "%s" has ended it: %s (model "%s" instead of "%s")',
						  o.kind, o.name, why, o.model, o.instead_of);
			PERFORM analytics_llm.alert_raise('rollout',
				format('%s, since %s', o.name, o.started_at), why);
		ELSIF o.kind = 'rollout' AND o.state = 'running'
			AND o.changed_at + o.step_duration <= now() THEN
			UPDATE analytics_llm.rollout
			   SET share = COALESCE(next_step, share),
				   state = CASE WHEN next_step IS NULL THEN 'done' ELSE 'running' END,
				   changed_at = now()
			 WHERE name = o.name;
			why := format('the step of %s %% has lasted for %s', o.share, o.step_duration);
		ELSE
			CONTINUE;
		END IF;
		UPDATE analytics_llm.config_history AS h
		   SET reason = why
		 WHERE h.relation = 'rollout' AND h.xact = pg_current_xact_id()
		   AND h.changed_at >= transaction_timestamp() AND h.new_row ->> 'name' = o.name;
	END LOOP;
END
$$;
COMMENT ON FUNCTION analytics_llm.rollout_watch() IS
'takes rollouts to their next step, and ends those whose guard has reason to; the writers call it';
REVOKE ALL ON FUNCTION analytics_llm.rollout_watch() FROM PUBLIC;

--
-- Wilson's interval of a share at 95 %; nulls for a share of nothing.  What
-- rounding puts outside, or the share out of it, is put right.
--
CREATE FUNCTION analytics_llm.wilson(share double precision, n bigint,
	OUT low double precision, OUT high double precision)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT LEAST(GREATEST((share + 1.9208 / d.n - w.half) / (1 + 3.8416 / d.n), 0), share),
	   GREATEST(LEAST((share + 1.9208 / d.n + w.half) / (1 + 3.8416 / d.n), 1), share)
  FROM (SELECT nullif(wilson.n, 0)::double precision AS n) AS d,
	   LATERAL (SELECT 1.96 * sqrt(share * (1 - share) / d.n + 0.9604 / (d.n * d.n)) AS half) AS w
$$;
COMMENT ON FUNCTION analytics_llm.wilson(double precision, bigint) IS
'the interval of a share of n at 95 %, by Wilson';
REVOKE ALL ON FUNCTION analytics_llm.wilson(double precision, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analytics_llm.wilson(double precision, bigint) TO PUBLIC;

--
-- The arms of rollouts and experiments, with what they say together.  Intervals
-- are at 95 %: Wilson's for a share, Newcombe's for a difference.  They hold for
-- a look at the end, so nothing is recommended before there are as many
-- questions as are needed to see a difference of five points in four of five
-- cases.
--
CREATE VIEW analytics_llm.experiment_result WITH (security_invoker = true) AS
WITH arm AS (
	SELECT q.rollout, q.arm, q.model, count(*) AS n,
		   avg(q.answered::int)::double precision AS success,
		   1 - avg(q.refused::int)::double precision AS valid,
		   percentile_cont(0.5) WITHIN GROUP (ORDER BY q.latency_ms) AS p50,
		   percentile_cont(0.95) WITHIN GROUP (ORDER BY q.latency_ms) AS p95,
		   avg(q.cost) AS cost,
		   count(q.called_wrong) AS rated,
		   avg(q.called_wrong::int)::double precision AS wrong
	  FROM analytics_llm.rollout_question AS q
	 GROUP BY q.rollout, q.arm, q.model
), wilson AS (
	SELECT a.*, s.low, s.high, w.low AS wrong_low, w.high AS wrong_high
	  FROM arm AS a
	 CROSS JOIN LATERAL analytics_llm.wilson(a.success, a.n) AS s
	 CROSS JOIN LATERAL analytics_llm.wilson(a.wrong, a.rated) AS w
), pair AS (
	SELECT c.rollout, t.success - c.success AS difference,
		   t.wrong - c.wrong AS wrong,
		   t.wrong - c.wrong - sqrt((t.wrong - t.wrong_low) ^ 2 + (c.wrong_high - c.wrong) ^ 2) AS wrong_low,
		   t.success - c.success - sqrt((t.success - t.low) ^ 2 + (c.high - c.success) ^ 2) AS low,
		   t.success - c.success + sqrt((t.high - t.success) ^ 2 + (c.success - c.low) ^ 2) AS high,
		   t.cost / NULLIF(c.cost, 0) AS price,
		   CASE WHEN NOT COALESCE((c.cost > 0 OR EXISTS (SELECT FROM analytics_llm.price WHERE model = c.model))
								  AND (t.cost > 0 OR EXISTS (SELECT FROM analytics_llm.price WHERE model = t.model)), false)
				THEN 'unknown'
				WHEN t.cost > 1.02 * c.cost THEN 'dearer'
				WHEN t.cost < 0.98 * c.cost THEN 'cheaper'
				ELSE 'same' END AS cost,
		   ceil(((1.96 * sqrt(2 * m.mean * (1 - m.mean))
				  + 0.8416 * sqrt(m.p * (1 - m.p) + (m.p - 0.05) * (1.05 - m.p))) / 0.05) ^ 2)::bigint
			   - LEAST(c.n, t.n) AS more
	  FROM wilson AS c
	  JOIN wilson AS t ON t.rollout = c.rollout AND t.arm = 'treatment'
	 CROSS JOIN LATERAL (SELECT LEAST(GREATEST(c.success, 0.1), 0.99) AS p,
								LEAST(GREATEST(c.success, 0.1), 0.99) - 0.025 AS mean) AS m
	 WHERE c.arm = 'control'
)
SELECT o.name, o.kind, o.state, w.arm, w.model, w.n,
	   w.success AS success_rate, w.low AS success_low, w.high AS success_high,
	   w.valid AS validation_rate,
	   w.p50 AS latency_p50, w.p95 AS latency_p95, w.cost AS cost_per_query,
	   p.difference, p.low AS difference_low, p.high AS difference_high,
	   CASE
		   WHEN p.rollout IS NULL THEN 'not enough yet: one arm has no questions'
		   WHEN p.more > 0 THEN format('not enough yet: %s more in the smaller arm', p.more)
		   WHEN p.wrong_low > 0 THEN format('keep "%s": people call %s points more of the answers of "%s" wrong',
				o.instead_of, round((100 * p.wrong)::numeric, 1), o.model)
		   WHEN p.high < 0 AND p.cost = 'cheaper' THEN format('keep "%s" unless %s points fewer answers are worth paying %s %% less',
				o.instead_of, round((-100 * p.difference)::numeric, 1), round((100 * (1 - p.price))::numeric))
		   WHEN p.high < 0 THEN format('keep "%s": "%s" answers %s points less often',
				o.instead_of, o.model, round((-100 * p.difference)::numeric, 1))
		   WHEN p.low > 0 THEN format('take "%s"', o.model) || CASE p.cost
				WHEN 'dearer' THEN format(' if %s points more answers are worth %s', round((100 * p.difference)::numeric, 1),
					COALESCE(round(p.price::numeric, 2) || ' times the cost', 'its cost, where there was none'))
				WHEN 'unknown' THEN format(': it answers %s points more often, at a cost that is not known: a price is missing',
					round((100 * p.difference)::numeric, 1))
				ELSE format(': it answers %s points more often, and costs no more', round((100 * p.difference)::numeric, 1)) END
		   WHEN p.low <= -0.05 THEN format('not clear yet: "%s" answers between %s points less and %s points more often',
				o.model, round((-100 * p.low)::numeric, 1), round((100 * p.high)::numeric, 1))
		   WHEN p.cost = 'cheaper' THEN format('take "%s": it answers about as often, and costs %s %% less',
				o.model, round((100 * (1 - p.price))::numeric))
		   ELSE format('keep "%s": "%s" answers about as often, and %s', o.instead_of, o.model,
				CASE p.cost WHEN 'unknown' THEN 'what it costs is not known: a price is missing' ELSE 'costs no less' END)
	   END AS recommendation,
	   w.rated, w.wrong AS called_wrong_rate,
	   w.wrong_low AS called_wrong_low, w.wrong_high AS called_wrong_high,
	   NULL::bigint AS compared, NULL::double precision AS agreement_rate,
	   NULL::double precision AS agreement_low, NULL::double precision AS agreement_high
  FROM wilson AS w
  JOIN analytics_llm.rollout AS o ON o.name = w.rollout
  LEFT JOIN pair AS p ON p.rollout = w.rollout
UNION ALL
SELECT o.name, o.kind, o.state, 'shadow', s.model, s.n,
	   s.success, a.low, a.high, NULL, s.p50, s.p95, s.cost, NULL, NULL, NULL,
	   CASE
		   WHEN s.compared < 100 THEN format('not enough yet: %s more that can be compared', 100 - s.compared)
		   ELSE format('"%s" and "%s" agree in %s of 100 answers: between %s and %s',
				s.model, o.instead_of, round((100 * s.agreed)::numeric),
				round((100 * w.low)::numeric), round((100 * w.high)::numeric))
	   END, NULL, NULL, NULL, NULL,
	   s.compared, s.agreed, w.low, w.high
  FROM analytics_llm.rollout AS o
  JOIN LATERAL (
	SELECT q.model, count(*) AS n,
		   avg((q.verdict <> 'no_answer')::int)::double precision AS success,
		   count(*) FILTER (WHERE q.verdict IN ('same', 'other')) AS compared,
		   avg((q.verdict = 'same')::int) FILTER (WHERE q.verdict IN ('same', 'other'))::double precision AS agreed,
		   percentile_cont(0.5) WITHIN GROUP (ORDER BY q.latency_ms) AS p50,
		   percentile_cont(0.95) WITHIN GROUP (ORDER BY q.latency_ms) AS p95,
		   avg(q.cost) AS cost
	  FROM analytics_llm.shadow_answer AS q
	 WHERE q.rollout = o.name AND q.answered_at >= o.started_at
	   AND q.verdict <> 'not_asked'
	 GROUP BY q.model) AS s ON true
  LEFT JOIN LATERAL analytics_llm.wilson(s.success, s.n) AS a ON true
  LEFT JOIN LATERAL analytics_llm.wilson(s.agreed, s.compared) AS w ON true
 WHERE o.kind = 'shadow';
COMMENT ON VIEW analytics_llm.experiment_result IS
'arms of rollouts and experiments: how often their model answered, how fast, at what cost, what people said, how often a shadow agrees, and what follows from it';
REVOKE ALL ON analytics_llm.experiment_result FROM PUBLIC;
GRANT SELECT ON analytics_llm.experiment_result TO PUBLIC;
