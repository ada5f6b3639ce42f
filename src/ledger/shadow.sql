
--
-- What became of questions that a second model was asked beside the one that
-- answered.  Neither its query nor its rows are here.
--
CREATE TABLE analytics_llm.shadow_answer (
	request_id uuid,
	rollout text,
	answered_at timestamptz,
	user_name text,
	user_id oid,
	model text,
	shown_model text,
	verdict text
		CHECK (verdict IN ('same', 'other', 'not_comparable', 'no_answer', 'not_asked')),
	latency_ms double precision,
	cost numeric
);
COMMENT ON TABLE analytics_llm.shadow_answer IS 'answers of shadows, compared with those that were shown; see rollout';
COMMENT ON COLUMN analytics_llm.shadow_answer.request_id IS 'the question; its calls for the shadow have query_type shadow in the log';
COMMENT ON COLUMN analytics_llm.shadow_answer.verdict IS
'same: both queries gave the same rows; not_comparable: none, too many, or one of them failed; no_answer: the shadow had no query that passed; not_asked: a quota was used up';
CREATE INDEX shadow_answer_answered_at_idx ON analytics_llm.shadow_answer (answered_at);
COMMENT ON INDEX analytics_llm.shadow_answer_answered_at_idx IS 'those that are old enough to go';
ALTER TABLE analytics_llm.shadow_answer ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON analytics_llm.shadow_answer FROM PUBLIC;
GRANT SELECT ON analytics_llm.shadow_answer TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.shadow_answer', '');

CREATE POLICY own_rows ON analytics_llm.shadow_answer FOR SELECT
	USING (user_name = CURRENT_USER::text
		AND user_id = (SELECT pg_catalog.to_regrole(
			pg_catalog.quote_ident(CURRENT_USER::text))::oid));
COMMENT ON POLICY own_rows ON analytics_llm.shadow_answer IS 'a role sees the rows of its own questions';
CREATE POLICY all_rows ON analytics_llm.shadow_answer FOR SELECT
	TO pg_read_all_stats USING (true);
COMMENT ON POLICY all_rows ON analytics_llm.shadow_answer IS 'monitoring sees all rows';
