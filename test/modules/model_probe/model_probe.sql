-- The functions of the test module; :module is the path of its library.

CREATE FUNCTION probe_http(url text, body text, timeout_ms int,
						   headers text[] DEFAULT '{}',
						   max_response int DEFAULT 0,
						   ca_file text DEFAULT NULL,
						   proxy text DEFAULT NULL,
						   allow_plaintext boolean DEFAULT false,
						   idle_ms int DEFAULT 0)
RETURNS json AS :'module', 'probe_http' LANGUAGE C VOLATILE;

-- model: {api, name, family, max_output_tokens, effort, thinking}; system: texts,
-- those that begin with "*" are cacheable
CREATE FUNCTION probe_build(model json, system text[], question text,
							schema text DEFAULT NULL)
RETURNS text AS :'module', 'probe_build' LANGUAGE C VOLATILE;

-- response: {api, outcome, status, content_type, retry_after, retry_after_ms,
-- should_retry}
CREATE FUNCTION probe_read(response json, body bytea,
						   now timestamptz DEFAULT '2026-11-23 12:00:00+00')
RETURNS json AS :'module', 'probe_read' LANGUAGE C VOLATILE;

-- the events of a stream that comes in pieces of so many bytes
CREATE FUNCTION probe_sse(stream bytea, piece int)
RETURNS json AS :'module', 'probe_sse' LANGUAGE C VOLATILE;

-- the input tokens that are known after so many bytes of a stream
CREATE FUNCTION probe_watch(stream bytea, bytes int)
RETURNS bigint AS :'module', 'probe_watch' LANGUAGE C VOLATILE;

-- What this backend has of malloc and has not given back, in bytes: memory
-- contexts, libcurl, the parser library and all others.
CREATE FUNCTION probe_memory_in_use()
RETURNS bigint AS :'module', 'probe_memory_in_use' LANGUAGE C VOLATILE;

-- How many descriptors this backend has open that are no files.
CREATE FUNCTION probe_descriptors()
RETURNS int AS :'module', 'probe_descriptors' LANGUAGE C VOLATILE;

-- A whole call: provider, key, build, perform, parse, classify.
CREATE FUNCTION probe_call(server text, model json, question text,
						   timeout_ms int DEFAULT 10000)
RETURNS json AS :'module', 'probe_call' LANGUAGE C VOLATILE;

CREATE FUNCTION probe_answer(reply text)
RETURNS json AS :'module', 'probe_answer' LANGUAGE C VOLATILE;

-- tokens and price: input, output, cache_read, cache_write_5m, cache_write_1h
CREATE FUNCTION probe_cost(tokens bigint[], price bigint[])
RETURNS numeric AS :'module', 'probe_cost' LANGUAGE C VOLATILE;

CREATE FUNCTION probe_access(server text)
RETURNS json AS :'module', 'probe_access' LANGUAGE C VOLATILE;

-- how often each signal was seen, in the order of AllmSignal
CREATE FUNCTION probe_confidence(tally int[])
RETURNS text AS :'module', 'probe_confidence' LANGUAGE C IMMUTABLE;

CREATE FUNCTION probe_delay(retries int, retry_after_ms bigint, random float8)
RETURNS bigint AS :'module', 'probe_delay' LANGUAGE C IMMUTABLE;

CREATE FUNCTION probe_period(is_month boolean, at timestamptz, is_end boolean)
RETURNS timestamptz AS :'module', 'probe_period' LANGUAGE C IMMUTABLE;

-- see gate_probe.c
CREATE FUNCTION probe_gate_clear()
RETURNS void AS :'module', 'probe_gate_clear' LANGUAGE C VOLATILE;

CREATE FUNCTION probe_gate_pass_time(ms bigint)
RETURNS void AS :'module', 'probe_gate_pass_time' LANGUAGE C VOLATILE;

CREATE FUNCTION probe_breaker(steps text[])
RETURNS text AS :'module', 'probe_breaker' LANGUAGE C IMMUTABLE;

-- of what is left: for who wants "own", when others later want "later"
CREATE FUNCTION probe_share(time_left bigint, own bigint, later bigint)
RETURNS bigint AS :'module', 'probe_share' LANGUAGE C IMMUTABLE;
CREATE FUNCTION probe_hash(first text, second text)
RETURNS bigint STRICT LANGUAGE c AS :'module', 'probe_hash';
CREATE FUNCTION probe_bucket(salt text, subject text)
RETURNS int STRICT LANGUAGE c AS :'module', 'probe_bucket';
CREATE FUNCTION probe_treated(name text, share real, sticky_by text, end_user text, role text, request text)
RETURNS boolean STRICT LANGUAGE c AS :'module', 'probe_treated';
CREATE FUNCTION probe_guard_run(seed int, questions int, share float8,
	errors_control float8, errors_treatment float8, refused_control float8, refused_treatment float8,
	slower float8, dearer float8, min_sample int)
RETURNS int STRICT LANGUAGE c AS :'module', 'probe_guard_run';
CREATE FUNCTION probe_feedback_run(seed int, questions int, share float8, spoken_of float8,
	wrong_control float8, wrong_treatment float8, min_sample int)
RETURNS int STRICT LANGUAGE c AS :'module', 'probe_feedback_run';
