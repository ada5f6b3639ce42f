
--
-- What is recorded of questions.  Only the writer inserts, and nobody but the
-- tables' owner and superusers changes a row.  The rows are data of the
-- database, and are dumped with it.
--
-- A role sees its own rows, members of pg_read_all_stats see all.  A row is a
-- role's own when name and OID are both the role's: a later role of the same
-- name does not see them, nor does, in a database that was restored elsewhere,
-- a role that happens to have the same OID.  After ALTER ROLE ... RENAME the
-- older rows are seen by members of pg_read_all_stats only.
--
CREATE TABLE analytics_llm.request (
	request_id uuid PRIMARY KEY,
	asked_at timestamptz,
	database text,
	user_name text,
	session_user_name text,
	end_user text,
	application_name text,
	question text,
	question_class text
		CHECK (question_class IN ('metric', 'breakdown', 'ranking', 'trend',
			'comparison', 'list', 'multi_step', 'ambiguous', 'other')),
	complexity real,
	options jsonb,
	tier integer,
	model text,
	status text
		CHECK (status IN ('ok', 'cached', 'templated', 'degraded', 'blocked',
			'needs_review', 'running')),
	error_code text,
	confidence real,
	confidence_band text
		CHECK (confidence_band IN ('high', 'medium', 'low')),
	sql text,
	interpretation text,
	row_count bigint,
	truncated boolean,
	warnings text[],
	input_tokens bigint,
	output_tokens bigint,
	cost numeric,
	latency_ms real,
	trace_id text,
	spans jsonb CHECK (pg_catalog.jsonb_typeof(spans) = 'array'),
	feature text,
	hits bigint,
	user_id oid,
	arms jsonb CHECK (pg_catalog.jsonb_typeof(arms) = 'object')
);
COMMENT ON TABLE analytics_llm.request IS 'questions that were asked, one row each';
COMMENT ON COLUMN analytics_llm.request.database IS 'name of the database, for those who collect the rows of several';
COMMENT ON COLUMN analytics_llm.request.user_name IS 'the role as which the question was answered';
COMMENT ON COLUMN analytics_llm.request.end_user IS 'whom a pooled connection spoke for: analytics_llm.end_user';
COMMENT ON COLUMN analytics_llm.request.complexity IS 'estimated, from 0 to 10';
COMMENT ON COLUMN analytics_llm.request.cost IS 'in USD';
COMMENT ON COLUMN analytics_llm.request.spans IS 'array of objects, shown by the view analytics_llm.span';
COMMENT ON COLUMN analytics_llm.request.hits IS 'how many answers from the cache this row stands for';
COMMENT ON COLUMN analytics_llm.request.arms IS 'the arm, control or treatment, of each rollout that the question took part in; whichever model has answered';
COMMENT ON COLUMN analytics_llm.request.user_id IS 'OID of the role user_name';
CREATE INDEX request_asked_at_idx ON analytics_llm.request (asked_at);
COMMENT ON INDEX analytics_llm.request_asked_at_idx IS 'the latest questions, and those that are old enough to go';
ALTER TABLE analytics_llm.request ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON analytics_llm.request FROM PUBLIC;
GRANT SELECT ON analytics_llm.request TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.request', '');

CREATE TABLE analytics_llm.log (
	logged_at timestamptz,
	request_id uuid,
	attempt integer,
	tier integer,
	user_name text,
	end_user text,
	model_used text,
	model_served text,
	input_tokens bigint,
	output_tokens bigint,
	cache_read_tokens bigint,
	cache_write_tokens bigint,
	estimated boolean,
	latency_ms real,
	status text
		CHECK (status IN ('success', 'error', 'timeout', 'refused', 'invalid',
			'low_confidence', 'skipped')),
	http_status integer,
	query_type text
		CHECK (query_type IN ('sql_generation', 'verification', 'repair',
			'interpretation', 'chart', 'plan', 'evaluation', 'shadow')),
	feature text,
	user_input text,
	generated_query text,
	validation_passed boolean,
	fallback_used boolean,
	fallback_reason text,
	confidence real,
	cost numeric,
	error_code text,
	error_message text,
	trace_id text,
	user_id oid
);
COMMENT ON TABLE analytics_llm.log IS 'attempts to answer a question: calls that left the machine, and tiers that were skipped or answered without one';
COMMENT ON COLUMN analytics_llm.log.attempt IS 'number of the attempt within its question, from 1';
COMMENT ON COLUMN analytics_llm.log.model_used IS 'the model that was asked for; else cache, example, template or semantic';
COMMENT ON COLUMN analytics_llm.log.model_served IS 'the model that the provider says has answered';
COMMENT ON COLUMN analytics_llm.log.estimated IS 'the tokens are an upper bound, since no complete answer came';
COMMENT ON COLUMN analytics_llm.log.query_type IS 'what the call was for';
COMMENT ON COLUMN analytics_llm.log.cost IS 'in USD';
COMMENT ON COLUMN analytics_llm.log.user_id IS 'OID of the role user_name';
CREATE INDEX log_logged_at_idx ON analytics_llm.log (logged_at);
COMMENT ON INDEX analytics_llm.log_logged_at_idx IS 'the latest attempts, and those that are old enough to go';
CREATE INDEX log_request_id_idx ON analytics_llm.log (request_id);
COMMENT ON INDEX analytics_llm.log_request_id_idx IS 'the attempts of one question';
ALTER TABLE analytics_llm.log ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON analytics_llm.log FROM PUBLIC;
GRANT SELECT ON analytics_llm.log TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.log', '');

--
-- The OID of the current role is looked up once in a query, as a subquery.
--
CREATE POLICY own_rows ON analytics_llm.request FOR SELECT
	USING (user_name = CURRENT_USER::text
		AND user_id = (SELECT pg_catalog.to_regrole(
			pg_catalog.quote_ident(CURRENT_USER::text))::oid));
COMMENT ON POLICY own_rows ON analytics_llm.request IS 'a role sees the rows of its own questions';
CREATE POLICY all_rows ON analytics_llm.request FOR SELECT
	TO pg_read_all_stats USING (true);
COMMENT ON POLICY all_rows ON analytics_llm.request IS 'monitoring sees all rows';

CREATE POLICY own_rows ON analytics_llm.log FOR SELECT
	USING (user_name = CURRENT_USER::text
		AND user_id = (SELECT pg_catalog.to_regrole(
			pg_catalog.quote_ident(CURRENT_USER::text))::oid));
COMMENT ON POLICY own_rows ON analytics_llm.log IS 'a role sees the attempts of its own questions';
CREATE POLICY all_rows ON analytics_llm.log FOR SELECT
	TO pg_read_all_stats USING (true);
COMMENT ON POLICY all_rows ON analytics_llm.log IS 'monitoring sees all rows';

--
-- The log as JSON documents.  The first fifteen keys, and their order, are
-- what collectors rely on.
--
CREATE VIEW analytics_llm.log_json WITH (security_invoker = true) AS
SELECT pg_catalog.json_build_object(
		'timestamp', pg_catalog.to_char(
			pg_catalog.timezone('UTC', l.logged_at),
			'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
		'requestId', l.request_id,
		'userId', COALESCE(NULLIF(l.end_user, ''), l.user_name),
		'modelUsed', l.model_used,
		'inputTokens', l.input_tokens,
		'outputTokens', l.output_tokens,
		'latencyMs', l.latency_ms,
		'status', l.status,
		'queryType', l.query_type,
		'userInput', l.user_input,
		'generatedQuery', l.generated_query,
		'validationPassed', l.validation_passed,
		'fallbackUsed', l.fallback_used,
		'cost', l.cost,
		'errorMessage', l.error_message,
		'attempt', l.attempt,
		'tier', l.tier,
		'userName', l.user_name,
		'endUser', l.end_user,
		'modelServed', l.model_served,
		'cacheReadTokens', l.cache_read_tokens,
		'cacheWriteTokens', l.cache_write_tokens,
		'estimated', l.estimated,
		'httpStatus', l.http_status,
		'feature', l.feature,
		'fallbackReason', l.fallback_reason,
		'confidence', l.confidence,
		'errorCode', l.error_code,
		'traceId', l.trace_id) AS entry
  FROM analytics_llm.log l;
COMMENT ON VIEW analytics_llm.log_json IS 'rows of analytics_llm.log as JSON documents, times in UTC';
REVOKE ALL ON analytics_llm.log_json FROM PUBLIC;
GRANT SELECT ON analytics_llm.log_json TO PUBLIC;

CREATE FUNCTION llm_flush()
RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'analytics_llm_flush';
COMMENT ON FUNCTION llm_flush() IS 'waits until all that this session has recorded is written';
REVOKE ALL ON FUNCTION llm_flush() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_flush() TO PUBLIC;
