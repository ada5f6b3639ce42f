
--
-- Questions that are answered in the background.
--
-- An answer has rows in it, so nobody reads the table but through llm_result().
-- It is of no use elsewhere, and is not dumped.
--
CREATE TABLE analytics_llm.result (
	request_id uuid PRIMARY KEY,
	user_name text NOT NULL,
	user_id oid NOT NULL,
	end_user text NOT NULL,
	search_path text NOT NULL,
	submitted_at timestamptz NOT NULL,
	started_at timestamptz NOT NULL,
	finished_at timestamptz NOT NULL,
	answer json NOT NULL,
	query_hash bigint,
	session text
);
COMMENT ON TABLE analytics_llm.result IS 'answers to submitted questions, for 24 hours; see llm_result()';
COMMENT ON COLUMN analytics_llm.result.user_id IS 'OID of the role user_name, as which the question was answered';
COMMENT ON COLUMN analytics_llm.result.end_user IS 'whom a pooled connection spoke for: analytics_llm.end_user';
COMMENT ON COLUMN analytics_llm.result.search_path IS 'under which the query was checked, and is checked again';
COMMENT ON COLUMN analytics_llm.result.answer IS 'an analytics_llm.answer';
COMMENT ON COLUMN analytics_llm.result.query_hash IS 'of the query with the views and policies of then; null without rows';
COMMENT ON COLUMN analytics_llm.result.session IS 'hashes of what the session was like, where the rows depend on it';
CREATE INDEX result_finished_at_idx ON analytics_llm.result (finished_at);
COMMENT ON INDEX analytics_llm.result_finished_at_idx IS 'those that are old enough to go';
REVOKE ALL ON analytics_llm.result FROM PUBLIC;

CREATE FUNCTION llm_submit(question text, options jsonb DEFAULT '{}')
RETURNS uuid
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_submit';
COMMENT ON FUNCTION llm_submit(text, jsonb) IS 'asks a question in the background; returns the id of its answer, of which analytics_llm_result is notified';
REVOKE ALL ON FUNCTION llm_submit(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_submit(text, jsonb) TO PUBLIC;

CREATE FUNCTION llm_result(request_id uuid)
RETURNS analytics_llm.answer
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_result';
COMMENT ON FUNCTION llm_result(uuid) IS 'the answer to a submitted question of this role; status running while there is none';
REVOKE ALL ON FUNCTION llm_result(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_result(uuid) TO PUBLIC;

CREATE FUNCTION llm_cancel(request_id uuid)
RETURNS boolean
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_cancel';
COMMENT ON FUNCTION llm_cancel(uuid) IS 'cancels a submitted question of this role; false when there is none that is not answered';
REVOKE ALL ON FUNCTION llm_cancel(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_cancel(uuid) TO PUBLIC;
