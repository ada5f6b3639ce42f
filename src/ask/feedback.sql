
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
