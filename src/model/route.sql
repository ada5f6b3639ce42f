
--
-- Which tier a question starts at, by its complexity and class.  The bands of
-- a class, and those for any class, do not overlap.
--
CREATE TABLE analytics_llm.route
(
	min_complexity real NOT NULL CHECK (min_complexity >= 0),
	max_complexity real NOT NULL DEFAULT 'Infinity',
	question_class text
		CHECK (question_class IN ('metric', 'breakdown', 'ranking', 'trend',
			'comparison', 'list', 'multi_step', 'ambiguous', 'other')),
	start_tier smallint NOT NULL CHECK (start_tier BETWEEN 1 AND 3),
	effort text CHECK (effort IN ('low', 'medium', 'high', 'xhigh', 'max')),
	thinking text CHECK (thinking IN ('off', 'on')),
	verify text CHECK (verify IN ('on', 'off')),
	timeout_ms integer CHECK (timeout_ms BETWEEN 100 AND 600000),
	max_output_tokens integer
		CHECK (max_output_tokens BETWEEN 256 AND 21333),
	enabled boolean NOT NULL DEFAULT true,
	builtin boolean NOT NULL DEFAULT false,
	UNIQUE NULLS NOT DISTINCT (min_complexity, question_class),
	CONSTRAINT route_band_is_not_empty
		CHECK (min_complexity < max_complexity)
);
COMMENT ON TABLE analytics_llm.route IS
'the tier that a question starts at, by its complexity and class; a row for its class goes before one for any class';
COMMENT ON COLUMN analytics_llm.route.min_complexity IS
'the band begins here, from 0 to 10';
COMMENT ON COLUMN analytics_llm.route.max_complexity IS
'the band ends below this';
COMMENT ON COLUMN analytics_llm.route.question_class IS
'null: any';
COMMENT ON COLUMN analytics_llm.route.start_tier IS
'the others follow from tier 1 on, when it has no answer';
COMMENT ON COLUMN analytics_llm.route.effort IS
'of the models of the starting tier; null: as their rows say';
COMMENT ON COLUMN analytics_llm.route.thinking IS
'of the models of the starting tier: on (adaptive, where the model takes that) or off; null: as their rows say';
COMMENT ON COLUMN analytics_llm.route.verify IS
'off: a model''s answer is not compared with the one that the built-in rules give';
COMMENT ON COLUMN analytics_llm.route.timeout_ms IS
'of the starting tier, within analytics_llm.request_timeout; null: as its rows say';
COMMENT ON COLUMN analytics_llm.route.max_output_tokens IS
'of the models of the starting tier, thinking included; null: as their rows say';
COMMENT ON COLUMN analytics_llm.route.enabled IS
'false: as if the row were not there';
COMMENT ON COLUMN analytics_llm.route.builtin IS
'brought by the extension and not changed since';
REVOKE ALL ON TABLE analytics_llm.route FROM PUBLIC;
GRANT SELECT ON TABLE analytics_llm.route TO PUBLIC;

CREATE TRIGGER rows_changed AFTER INSERT OR UPDATE OR DELETE
	ON analytics_llm.route
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.rows_changed();
ALTER TABLE analytics_llm.route ENABLE ALWAYS TRIGGER rows_changed;
COMMENT ON TRIGGER rows_changed ON analytics_llm.route IS
'tells all sessions';

-- Thinking counts as output: the hard questions get room for it.
INSERT INTO analytics_llm.route
	(min_complexity, max_complexity, question_class, start_tier, effort,
	 thinking, timeout_ms, max_output_tokens, builtin)
VALUES
	(0, 3, NULL, 2, NULL, NULL, NULL, NULL, true),
	(3, 7, NULL, 1, NULL, NULL, NULL, NULL, true),
	(7, 'Infinity', NULL, 1, 'high', 'on', 20000, 16000, true),
	(0, 7, 'ambiguous', 1, NULL, NULL, NULL, NULL, true);

CREATE TRIGGER config_guard BEFORE INSERT OR UPDATE OR DELETE
	ON analytics_llm.route
	FOR EACH ROW EXECUTE FUNCTION @extschema@.llm_config_guard('min_complexity', 'question_class');
COMMENT ON TRIGGER config_guard ON analytics_llm.route IS
'keeps the mark builtin: see llm_config_guard';
CREATE TRIGGER config_guard_truncate BEFORE TRUNCATE
	ON analytics_llm.route
	FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.llm_config_guard();
COMMENT ON TRIGGER config_guard_truncate ON analytics_llm.route IS
'refuses TRUNCATE, which would take built-in rows away';

--
-- Looked at when the transaction ends, so that several rows can be changed
-- together, and under a lock, so that two transactions do not each miss the
-- other's row.  With its owner's rights: who may insert a row may not lock all.
--
CREATE FUNCTION analytics_llm.route_overlap() RETURNS trigger
LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	other analytics_llm.route;
BEGIN
	LOCK TABLE analytics_llm.route IN SHARE ROW EXCLUSIVE MODE;
	SELECT b.* INTO other
	  FROM analytics_llm.route AS a
	  JOIN analytics_llm.route AS b
		ON b.enabled AND b.min_complexity <> a.min_complexity
	   AND b.question_class IS NOT DISTINCT FROM a.question_class
	   AND b.min_complexity < a.max_complexity
	   AND a.min_complexity < b.max_complexity
	 WHERE a.enabled AND a.min_complexity = NEW.min_complexity
	   AND a.question_class IS NOT DISTINCT FROM NEW.question_class
	 LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING
			ERRCODE = 'exclusion_violation',
			MESSAGE = format('a row of table "route" overlaps another one of %s',
							 CASE WHEN NEW.question_class IS NULL THEN 'any class'
								  ELSE format('class "%s"', NEW.question_class) END),
			DETAIL = format('The row from complexity %s on meets the row from %s to %s.',
							NEW.min_complexity, other.min_complexity,
							other.max_complexity),
			HINT = 'Change or disable one of them in the same transaction.';
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION analytics_llm.route_overlap() IS
'trigger: refuses bands that overlap, when the transaction ends';
REVOKE ALL ON FUNCTION analytics_llm.route_overlap() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER route_overlap AFTER INSERT OR UPDATE
	ON analytics_llm.route DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.route_overlap();
COMMENT ON TRIGGER route_overlap ON analytics_llm.route IS
'refuses bands that overlap';

SELECT pg_catalog.pg_extension_config_dump('analytics_llm.route', 'WHERE NOT builtin');
