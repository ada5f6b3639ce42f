
--
-- A share of the questions goes to another model: step by step for a rollout,
-- by a fixed weight for an experiment; or is given to it as well, for a shadow.
--
CREATE TABLE analytics_llm.rollout
(
	name text PRIMARY KEY
		CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
	tier smallint NOT NULL DEFAULT 1 CHECK (tier IN (1, 2)),
	model text NOT NULL,
	instead_of text NOT NULL,
	share real NOT NULL CHECK (share BETWEEN 0 AND 100),
	steps real[],
	step_duration interval CHECK (step_duration > interval '0'),
	guard jsonb NOT NULL DEFAULT
		'{"min_sample": 100, "error_rate": 0.05, "validation_failures": 0.05, "latency": 1.5, "cost": 2, "negative_feedback": 0.1}'
		CHECK (jsonb_typeof(guard) = 'object'),
	sticky_by text NOT NULL DEFAULT 'end_user'
		CHECK (sticky_by IN ('end_user', 'role', 'request')),
	kind text NOT NULL DEFAULT 'rollout'
		CHECK (kind IN ('rollout', 'experiment', 'shadow')),
	state text NOT NULL DEFAULT 'running'
		CHECK (state IN ('running', 'paused', 'done', 'stopped', 'rolled_back')),
	started_at timestamptz NOT NULL,
	changed_at timestamptz NOT NULL,
	CONSTRAINT rollout_two_models CHECK (model <> instead_of),
	CONSTRAINT rollout_steps_of_a_rollout
		CHECK ((kind = 'rollout') = (steps IS NOT NULL)
			   AND (kind = 'rollout') = (step_duration IS NOT NULL))
);
COMMENT ON TABLE analytics_llm.rollout IS
'questions of which a share goes to another model, in steps or for an experiment';
COMMENT ON COLUMN analytics_llm.rollout.name IS
'also decides who is in which arm: the same name deals in the same way';
COMMENT ON COLUMN analytics_llm.rollout.model IS
'that the treatment arm is asked; when it has no answer, the other one follows';
COMMENT ON COLUMN analytics_llm.rollout.instead_of IS
'that the control arm is asked: a model of the tier; default: the first one';
COMMENT ON COLUMN analytics_llm.rollout.share IS
'of the treatment arm, or of the questions that a shadow is asked, in percent; default: the first step, 50 for an experiment, 10 for a shadow';
COMMENT ON COLUMN analytics_llm.rollout.steps IS
'shares in percent, growing; null for an experiment and a shadow';
COMMENT ON COLUMN analytics_llm.rollout.step_duration IS
'how long a step lasts at least, while questions are asked';
COMMENT ON COLUMN analytics_llm.rollout.guard IS
'how much worse than the control arm ends it: error_rate, validation_failures and negative_feedback (of the answers that people spoke of) as differences, latency and cost as ratios, each arm with min_sample of them';
COMMENT ON COLUMN analytics_llm.rollout.sticky_by IS
'who stays in an arm: an end user (without one, the role), a role, or nobody, but each request';
COMMENT ON COLUMN analytics_llm.rollout.state IS
'running; paused: the share stays; done: the last step has lasted; stopped, by a person, and rolled_back, by the guard: without effect';
COMMENT ON COLUMN analytics_llm.rollout.started_at IS
'what is measured begins here; other models, or another way to deal, begin anew';
COMMENT ON COLUMN analytics_llm.rollout.changed_at IS
'of share, state or arms';
CREATE UNIQUE INDEX rollout_one_at_a_time
	ON analytics_llm.rollout (tier, instead_of)
	WHERE state IN ('running', 'paused', 'done') AND kind <> 'shadow';
COMMENT ON INDEX analytics_llm.rollout_one_at_a_time IS
'a model of a tier is replaced by one other at a time';
REVOKE ALL ON TABLE analytics_llm.rollout FROM PUBLIC;
GRANT SELECT ON TABLE analytics_llm.rollout TO PUBLIC;

CREATE TRIGGER rows_changed AFTER INSERT OR UPDATE OR DELETE
	ON analytics_llm.rollout
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.rows_changed();
ALTER TABLE analytics_llm.rollout ENABLE ALWAYS TRIGGER rows_changed;
COMMENT ON TRIGGER rows_changed ON analytics_llm.rollout IS
'tells all sessions';

SELECT pg_catalog.pg_extension_config_dump('analytics_llm.rollout', '');

--
-- Fills in what was not said, and refuses what would have no effect.
--
CREATE FUNCTION analytics_llm.rollout_check() RETURNS trigger
LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	known CONSTANT text[] := ARRAY['min_sample', 'error_rate', 'validation_failures', 'latency', 'cost', 'negative_feedback'];
	wrong text;
BEGIN
	IF NEW.kind = 'rollout' THEN
		NEW.steps := COALESCE(NEW.steps, '{1,5,10,25,50,100}');
		NEW.step_duration := COALESCE(NEW.step_duration, interval '1 hour');
		IF array_ndims(NEW.steps) IS DISTINCT FROM 1
			OR EXISTS (SELECT FROM (SELECT s, lag(s, 1, 0::real) OVER (ORDER BY n) AS before
									  FROM unnest(NEW.steps) WITH ORDINALITY AS u(s, n)) AS x
						WHERE s IS NULL OR s <= before OR s > 100) THEN
			RAISE EXCEPTION USING
				ERRCODE = 'check_violation',
				MESSAGE = format('the steps of rollout "%s" do not grow from above 0 to at most 100', NEW.name);
		END IF;
	END IF;
	-- A shadow ends nothing: what it says is shown to nobody.
	IF NEW.kind = 'shadow' THEN
		NEW.guard := '{}';
	END IF;
	SELECT format('%I: %s', g.key, g.value) INTO wrong
	  FROM jsonb_each(NEW.guard) AS g
	 WHERE g.key <> ALL (known) OR jsonb_typeof(g.value) <> 'number'
		OR g.value::text::numeric <= CASE WHEN g.key IN ('latency', 'cost') THEN 1 ELSE 0 END
		OR g.key = 'min_sample' AND (g.value::text::numeric NOT BETWEEN 10 AND 10000
									 OR g.value::text::numeric % 1 <> 0)
	 ORDER BY 1 LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING
			ERRCODE = 'check_violation',
			MESSAGE = format('the guard of rollout "%s" cannot have %s', NEW.name, wrong),
			DETAIL = 'Differences are above 0, ratios above 1, and min_sample is a whole number from 10 to 10000.',
			HINT = format('The keys are: %s.', array_to_string(known, ', '));
	END IF;
	IF NEW.instead_of IS NULL THEN
		SELECT t.model INTO NEW.instead_of
		  FROM analytics_llm.tier AS t
		 WHERE t.tier = NEW.tier AND t.enabled ORDER BY t.position LIMIT 1;
	ELSIF NEW.state NOT IN ('stopped', 'rolled_back')
		AND (TG_OP = 'INSERT' OR NEW.tier <> OLD.tier OR NEW.instead_of <> OLD.instead_of
			 OR OLD.state IN ('stopped', 'rolled_back'))
		-- Not in a restore, where the tiers come later, and not for what has ended.
		AND NOT (current_setting('check_function_bodies') = 'off' AND current_setting('row_security') = 'off')
		AND NOT EXISTS (SELECT FROM analytics_llm.tier AS t
						 WHERE t.tier = NEW.tier AND t.model = NEW.instead_of) THEN
		RAISE EXCEPTION USING
			ERRCODE = 'check_violation',
			MESSAGE = format('model "%s" is not in tier %s', NEW.instead_of, NEW.tier),
			HINT = 'A rollout takes the place of a model that the tier has.';
	END IF;

	IF TG_OP = 'INSERT' THEN
		NEW.started_at := COALESCE(NEW.started_at, now());
		NEW.changed_at := COALESCE(NEW.changed_at, now());
	ELSIF NEW.state IN ('running', 'paused') AND OLD.state IN ('stopped', 'rolled_back', 'done') THEN
		-- Begun anew: with a share of its own, or the first step.
		NEW.started_at := now();
		IF NEW.share = OLD.share THEN
			NEW.share := NULL;
		END IF;
	ELSIF (NEW.tier, NEW.model, NEW.instead_of, NEW.sticky_by, NEW.kind)
		IS DISTINCT FROM (OLD.tier, OLD.model, OLD.instead_of, OLD.sticky_by, OLD.kind) THEN
		-- Other arms: what was seen of those before says nothing of these.
		NEW.started_at := now();
		NEW.changed_at := now();
	END IF;
	NEW.share := CASE WHEN NEW.state IN ('stopped', 'rolled_back') THEN 0
					  ELSE COALESCE(NEW.share, (SELECT min(s) FROM unnest(NEW.steps) AS s),
									CASE NEW.kind WHEN 'shadow' THEN 10 ELSE 50 END) END;
	IF TG_OP = 'UPDATE' AND (NEW.share <> OLD.share OR NEW.state <> OLD.state) THEN
		NEW.changed_at := now();
	END IF;
	RETURN NEW;
END
$$;
COMMENT ON FUNCTION analytics_llm.rollout_check() IS
'trigger: defaults of a rollout, and what makes sense of it';
REVOKE ALL ON FUNCTION analytics_llm.rollout_check() FROM PUBLIC;

CREATE TRIGGER rollout_check BEFORE INSERT OR UPDATE ON analytics_llm.rollout
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.rollout_check();
COMMENT ON TRIGGER rollout_check ON analytics_llm.rollout IS
'fills in and checks: see rollout_check';
CREATE CONSTRAINT TRIGGER model_check AFTER INSERT OR UPDATE OF model
	ON analytics_llm.rollout DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.config_model_check('model');
COMMENT ON TRIGGER model_check ON analytics_llm.rollout IS
'refuses a model that there is not: see config_model_check';
CREATE CONSTRAINT TRIGGER model_check_instead AFTER INSERT OR UPDATE OF instead_of
	ON analytics_llm.rollout DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.config_model_check('instead_of');
COMMENT ON TRIGGER model_check_instead ON analytics_llm.rollout IS
'refuses a model that there is not: see config_model_check';
