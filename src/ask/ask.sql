
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

CREATE FUNCTION llm_ask(question text, options jsonb DEFAULT '{}')
RETURNS SETOF json
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_ask';
COMMENT ON FUNCTION llm_ask(text, jsonb) IS 'answers a question: one JSON object for each row; a doubt is a WARNING, no answer is an ERROR';

CREATE FUNCTION llm_answer(question text, options jsonb DEFAULT '{}')
RETURNS analytics_llm.answer
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_answer';
COMMENT ON FUNCTION llm_answer(text, jsonb) IS 'answers a question: rows, SQL, confidence, warnings; never an error for want of an answer';

CREATE FUNCTION llm_sql(question text, options jsonb DEFAULT '{}')
RETURNS text
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_sql';
COMMENT ON FUNCTION llm_sql(text, jsonb) IS 'writes and checks the query of a question, and does not run it';

CREATE FUNCTION llm_suggest(n int DEFAULT 5)
RETURNS SETOF text
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_suggest';
COMMENT ON FUNCTION llm_suggest(int) IS 'questions that can be answered here, for this role, without a model';

CREATE FUNCTION llm_status(OUT component text, OUT name text, OUT state text, OUT detail json)
RETURNS SETOF record
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_status';
COMMENT ON FUNCTION llm_status() IS 'the state of tiers, queue and writers';

--
-- A verified example is checked when it is written.
--
CREATE FUNCTION analytics_llm.example_check() RETURNS trigger
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_example_check';
COMMENT ON FUNCTION analytics_llm.example_check() IS 'sets status and problem of a verified example';
REVOKE ALL ON FUNCTION analytics_llm.example_check() FROM PUBLIC;

CREATE TRIGGER example_check
	BEFORE INSERT OR UPDATE ON analytics_llm.example
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.example_check();
COMMENT ON TRIGGER example_check ON analytics_llm.example IS 'checks the query when it is written';
