
--
-- The steps of questions: the array analytics_llm.request.spans, in the order
-- in which they began.  Who sees the question sees its steps.
--
CREATE VIEW analytics_llm.span WITH (security_invoker = true) AS
SELECT r.trace_id,
	   s.span_id,
	   s.parent_span_id,
	   s.name,
	   s.start_time,
	   s.duration_ms,
	   s.attributes,
	   s.status,
	   r.request_id,
	   s.tier,
	   s.model
  FROM analytics_llm.request r
 CROSS JOIN LATERAL pg_catalog.jsonb_to_recordset(r.spans) AS s(
		span_id text, parent_span_id text, name text, start_time timestamptz,
		duration_ms double precision, attributes jsonb, status text,
		tier integer, model text);
COMMENT ON VIEW analytics_llm.span IS 'steps of the questions in analytics_llm.request, with their times';
COMMENT ON COLUMN analytics_llm.span.trace_id IS 'of the question; several have the same when a caller gave it';
COMMENT ON COLUMN analytics_llm.span.parent_span_id IS 'the step that this one is a part of; for the first one, the caller''s, if that is known';
COMMENT ON COLUMN analytics_llm.span.duration_ms IS 'parts included';
COMMENT ON COLUMN analytics_llm.span.status IS 'ok, error, or unset: there was nothing to do';
COMMENT ON COLUMN analytics_llm.span.tier IS 'in which the step was; of the first one, the tier that answered';
COMMENT ON COLUMN analytics_llm.span.model IS 'for which the step was; of the first one, the model that answered';
REVOKE ALL ON analytics_llm.span FROM PUBLIC;
GRANT SELECT ON analytics_llm.span TO PUBLIC;

--
-- The order of the array is the order of the tree, so that a part comes after its
-- whole; how deep a step lies is found from its parent.
--
CREATE VIEW analytics_llm.trace_tree WITH (security_invoker = true) AS
SELECT r.request_id,
	   r.trace_id,
	   t.n,
	   t.depth,
	   pg_catalog.repeat('  ', t.depth)
		|| CASE t.name
				WHEN 'tier' THEN pg_catalog.format('tier %s (%s)', t.tier,
					t.attributes ->> 'analytics_llm.name')
				WHEN 'attempt' THEN pg_catalog.format('attempt %s (%s)',
					t.attributes ->> 'analytics_llm.attempt', t.model)
				ELSE t.name
			END
		|| COALESCE(': ' || NULLIF(pg_catalog.concat_ws(', ',
			t.attributes ->> 'analytics_llm.status',
			t.attributes ->> 'analytics_llm.reason',
			t.attributes ->> 'analytics_llm.verdict',
			t.attributes ->> 'http.response.status_code',
			t.attributes ->> 'error.type'), ''), '') AS line,
	   pg_catalog.date_part('epoch', t.start_time - r.asked_at) * 1000 AS start_ms,
	   t.duration_ms,
	   t.status,
	   t.attributes,
	   t.span_id,
	   t.tier,
	   t.model
  FROM analytics_llm.request r
 CROSS JOIN LATERAL (
	WITH RECURSIVE step AS (
		SELECT s.span_id, s.parent_span_id, s.name, s.start_time,
			   s.duration_ms, s.attributes, s.status, s.tier, s.model, s.n
		  FROM ROWS FROM (pg_catalog.jsonb_to_recordset(r.spans) AS (
				span_id text, parent_span_id text, name text,
				start_time timestamptz, duration_ms double precision,
				attributes jsonb, status text, tier integer,
				model text)) WITH ORDINALITY AS s(
				span_id, parent_span_id, name, start_time, duration_ms,
				attributes, status, tier, model, n)
	), tree AS (
		SELECT step.*, 0 AS depth FROM step WHERE step.n = 1
		UNION ALL
		SELECT step.*, tree.depth + 1
		  FROM tree JOIN step ON step.parent_span_id = tree.span_id
			AND step.n > tree.n
	)
	SELECT tree.* FROM tree) AS t;
COMMENT ON VIEW analytics_llm.trace_tree IS 'the steps of a question as an indented tree: WHERE request_id = ... ORDER BY n';
COMMENT ON COLUMN analytics_llm.trace_tree.n IS 'the order of the tree, from 1';
COMMENT ON COLUMN analytics_llm.trace_tree.line IS 'the step and what came of it, indented';
COMMENT ON COLUMN analytics_llm.trace_tree.start_ms IS 'since the question was asked';
COMMENT ON COLUMN analytics_llm.trace_tree.duration_ms IS 'parts included';
REVOKE ALL ON analytics_llm.trace_tree FROM PUBLIC;
GRANT SELECT ON analytics_llm.trace_tree TO PUBLIC;

