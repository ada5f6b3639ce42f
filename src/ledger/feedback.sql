
--
-- What people say of answers.  A person writes here, in a transaction of their
-- own; the trigger fills in whose answer it was, and lets nobody speak of another's.
--
-- The columns that a person gives are granted, the others are not: a row that
-- has them comes from a restore, or from the owner of the table, and is kept as
-- it is.
--
CREATE TABLE analytics_llm.feedback (
	request_id uuid PRIMARY KEY,
	correct boolean NOT NULL,
	corrected_sql text,
	comment text CHECK (pg_catalog.char_length(comment) <= 4000),
	given_at timestamptz NOT NULL,
	user_name text NOT NULL,
	user_id oid NOT NULL,
	tier integer,
	model text,
	question_class text,
	search_path text NOT NULL DEFAULT pg_catalog.current_setting('search_path')
);
COMMENT ON TABLE analytics_llm.feedback IS 'what people say of answers to their questions; see llm_feedback';
COMMENT ON COLUMN analytics_llm.feedback.correct IS 'false: the answer was wrong';
COMMENT ON COLUMN analytics_llm.feedback.corrected_sql IS 'the query that would have been right; it has passed the check, as that person';
COMMENT ON COLUMN analytics_llm.feedback.user_id IS 'OID of the role user_name';
COMMENT ON COLUMN analytics_llm.feedback.tier IS 'that answered';
COMMENT ON COLUMN analytics_llm.feedback.model IS 'that answered';
COMMENT ON COLUMN analytics_llm.feedback.search_path IS 'under which the corrected query has its names';
CREATE INDEX feedback_model_idx ON analytics_llm.feedback (model, given_at);
COMMENT ON INDEX analytics_llm.feedback_model_idx IS 'what was said of a model lately';
ALTER TABLE analytics_llm.feedback ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON analytics_llm.feedback FROM PUBLIC;
GRANT SELECT,
	INSERT (request_id, correct, corrected_sql, comment, search_path),
	UPDATE (correct, corrected_sql, comment, search_path)
	ON analytics_llm.feedback TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.feedback', '');

CREATE POLICY own_rows ON analytics_llm.feedback
	USING (user_name = CURRENT_USER::text
		AND user_id = (SELECT pg_catalog.to_regrole(
			pg_catalog.quote_ident(CURRENT_USER::text))::oid));
COMMENT ON POLICY own_rows ON analytics_llm.feedback IS 'a role speaks of its own questions, and sees what it said';
CREATE POLICY all_rows ON analytics_llm.feedback FOR SELECT
	TO pg_read_all_stats USING (true);
COMMENT ON POLICY all_rows ON analytics_llm.feedback IS 'monitoring sees all rows';
