
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

--
-- The corrected query is checked with the search_path of the person, as the row
-- says it.  The setting ends with the function.
--
CREATE FUNCTION analytics_llm.feedback_check() RETURNS trigger
LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	about analytics_llm.request;
	refused analytics_llm.finding;
BEGIN
	IF TG_OP = 'INSERT' AND NEW.user_id IS NOT NULL THEN
		RETURN NEW;
	END IF;
	SELECT r.* INTO about
	  FROM analytics_llm.request AS r
	 WHERE r.request_id = NEW.request_id
	   AND r.user_name = CURRENT_USER::text
	   AND r.user_id = pg_catalog.to_regrole(
			pg_catalog.quote_ident(CURRENT_USER::text))::oid;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING
			ERRCODE = 'invalid_parameter_value',
			MESSAGE = pg_catalog.format('"%s" is no question of role "%s"',
										NEW.request_id, CURRENT_USER),
			HINT = 'The request_id of llm_answer() is meant; feedback is for one''s own questions.';
	END IF;
	IF NEW.corrected_sql IS NOT NULL THEN
		PERFORM set_config('search_path', NEW.search_path, true);
		SELECT f.* INTO refused
		  FROM @extschema@.llm_check(NEW.corrected_sql) AS f
		 WHERE f.severity OPERATOR(pg_catalog.=) 'error'
		 LIMIT 1;
		PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
		IF refused.code IS NOT NULL THEN
			RAISE EXCEPTION USING
				ERRCODE = 'invalid_parameter_value',
				MESSAGE = 'the corrected query was refused by the check',
				DETAIL = pg_catalog.format('%s: %s', refused.code, refused.message),
				HINT = 'llm_check() shows all findings.';
		END IF;
	END IF;
	NEW.given_at := pg_catalog.now();
	NEW.user_name := about.user_name;
	NEW.user_id := about.user_id;
	NEW.tier := about.tier;
	NEW.model := about.model;
	NEW.question_class := about.question_class;
	RETURN NEW;
END
$$;
COMMENT ON FUNCTION analytics_llm.feedback_check() IS 'trigger: whose question it is, and whether the corrected query may run';
REVOKE ALL ON FUNCTION analytics_llm.feedback_check() FROM PUBLIC;

CREATE TRIGGER feedback_check BEFORE INSERT OR UPDATE ON analytics_llm.feedback
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.feedback_check();
COMMENT ON TRIGGER feedback_check ON analytics_llm.feedback IS 'checks what is said when it is written';

--
-- The records of a question may be on their way to their table.  A wrong answer
-- is not given again.
--
CREATE FUNCTION llm_feedback(request_id uuid, correct boolean, corrected_sql text DEFAULT NULL, comment text DEFAULT NULL)
RETURNS void
LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT @extschema@.llm_flush()
	 WHERE NOT EXISTS (SELECT FROM analytics_llm.request AS r
						WHERE r.request_id = llm_feedback.request_id);
	INSERT INTO analytics_llm.feedback (request_id, correct, corrected_sql, comment)
	VALUES (llm_feedback.request_id, llm_feedback.correct,
			llm_feedback.corrected_sql, llm_feedback.comment)
		ON CONFLICT (request_id) DO UPDATE
	   SET correct = excluded.correct,
		   corrected_sql = excluded.corrected_sql,
		   comment = excluded.comment,
		   search_path = excluded.search_path;
	SELECT @extschema@.llm_cache_clear() WHERE NOT llm_feedback.correct;
END;
COMMENT ON FUNCTION llm_feedback(uuid, boolean, text, text) IS 'says whether an answer was right, and what would have been; the last word counts';
REVOKE ALL ON FUNCTION llm_feedback(uuid, boolean, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_feedback(uuid, boolean, text, text) TO PUBLIC;
