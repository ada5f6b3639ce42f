
--
-- The envelope of an answer.  Clients rely on these names and their order;
-- what a later version adds comes at the end.
--
CREATE TYPE analytics_llm.answer AS (
	request_id uuid,
	status text,
	tier int,
	model text,
	confidence real,
	confidence_band text,
	sql text,
	columns json,
	rows json,
	row_count bigint,
	truncated boolean,
	warnings text[],
	message text,
	input_tokens int,
	output_tokens int,
	cost numeric,
	latency_ms real,
	error_code text,
	answered_at timestamptz,
	interpretation text,
	trace_id text
);
COMMENT ON TYPE analytics_llm.answer IS 'an answer with all that is known about it; see llm_answer';
COMMENT ON COLUMN analytics_llm.answer.request_id IS 'the row of analytics_llm.request';
COMMENT ON COLUMN analytics_llm.answer.status IS 'ok, cached, templated, degraded, blocked, needs_review or running';
COMMENT ON COLUMN analytics_llm.answer.tier IS '0 a kept answer, 1 primary model, 2 secondary model, 3 verified examples and built-in rules, 4 no answer';
COMMENT ON COLUMN analytics_llm.answer.model IS 'what wrote the query: a model, else example or semantic; null without an answer';
COMMENT ON COLUMN analytics_llm.answer.confidence IS 'from 0 to 0.99';
COMMENT ON COLUMN analytics_llm.answer.confidence_band IS 'high from 0.85, medium from 0.70, else low';
COMMENT ON COLUMN analytics_llm.answer.sql IS 'the query, as it was checked and run';
COMMENT ON COLUMN analytics_llm.answer.columns IS 'array of objects with name and type, in the order of the query';
COMMENT ON COLUMN analytics_llm.answer.rows IS 'array of objects, one a row, keys in the order of columns';
COMMENT ON COLUMN analytics_llm.answer.truncated IS 'there were more rows than analytics_llm.row_limit or max_result_size allow';
COMMENT ON COLUMN analytics_llm.answer.warnings IS 'reasons to doubt the rows; empty when there are none';
COMMENT ON COLUMN analytics_llm.answer.message IS 'why there is no answer, else what is worth knowing';
COMMENT ON COLUMN analytics_llm.answer.cost IS 'in USD';
COMMENT ON COLUMN analytics_llm.answer.latency_ms IS 'from the question to the rows';
COMMENT ON COLUMN analytics_llm.answer.error_code IS 'the SQLSTATE that llm_ask would have raised; null when it would send rows';
COMMENT ON COLUMN analytics_llm.answer.interpretation IS 'how the question was read, in words';

CREATE FUNCTION llm_ask(question text, options jsonb DEFAULT '{}')
RETURNS SETOF json
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_ask';
COMMENT ON FUNCTION llm_ask(text, jsonb) IS 'answers a question: one JSON object for each row; a doubt is a WARNING, no answer is an ERROR';
REVOKE ALL ON FUNCTION llm_ask(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_ask(text, jsonb) TO PUBLIC;

CREATE FUNCTION llm_answer(question text, options jsonb DEFAULT '{}')
RETURNS analytics_llm.answer
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_answer';
COMMENT ON FUNCTION llm_answer(text, jsonb) IS 'answers a question: rows, SQL, confidence, warnings; never an error for want of an answer';
REVOKE ALL ON FUNCTION llm_answer(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_answer(text, jsonb) TO PUBLIC;

CREATE FUNCTION llm_ask_batch(questions text[], options jsonb DEFAULT '{}',
	OUT n int, OUT question text, OUT answer analytics_llm.answer)
RETURNS SETOF record
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_ask_batch';
COMMENT ON FUNCTION llm_ask_batch(text[], jsonb) IS 'answers many questions at once, each with its envelope, in their order';
REVOKE ALL ON FUNCTION llm_ask_batch(text[], jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_ask_batch(text[], jsonb) TO PUBLIC;

CREATE FUNCTION llm_sql(question text, options jsonb DEFAULT '{}')
RETURNS text
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_sql';
COMMENT ON FUNCTION llm_sql(text, jsonb) IS 'writes and checks the query of a question, and does not run it';
REVOKE ALL ON FUNCTION llm_sql(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_sql(text, jsonb) TO PUBLIC;

CREATE TYPE analytics_llm.prompt AS (
	tier int,
	model text,
	request json,
	estimated_tokens int
);
COMMENT ON TYPE analytics_llm.prompt IS 'a request to a model as it would be sent; see llm_prompt';

CREATE FUNCTION llm_prompt(question text, options jsonb DEFAULT '{}')
RETURNS SETOF analytics_llm.prompt
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_prompt';
COMMENT ON FUNCTION llm_prompt(text, jsonb) IS 'what would be sent to each model, without sending it';
REVOKE ALL ON FUNCTION llm_prompt(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_prompt(text, jsonb) TO PUBLIC;

CREATE FUNCTION llm_explain(question text, options jsonb DEFAULT '{}',
	OUT section text, OUT item text, OUT value text, OUT detail text)
RETURNS SETOF record
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_explain';
COMMENT ON FUNCTION llm_explain(text, jsonb) IS 'how a question would be read and routed, without a model';
REVOKE ALL ON FUNCTION llm_explain(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_explain(text, jsonb) TO PUBLIC;

CREATE FUNCTION llm_suggest(n int DEFAULT 5)
RETURNS SETOF text
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_suggest';
COMMENT ON FUNCTION llm_suggest(int) IS 'questions that can be answered here, for this role, without a model';
REVOKE ALL ON FUNCTION llm_suggest(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_suggest(int) TO PUBLIC;

CREATE FUNCTION llm_status(OUT component text, OUT name text, OUT state text, OUT detail json)
RETURNS SETOF record
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_status';
COMMENT ON FUNCTION llm_status() IS 'the state of tiers, queue and writers';
REVOKE ALL ON FUNCTION llm_status() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_status() TO PUBLIC;
