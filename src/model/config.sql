--
-- Which models there are, what they cost, and in which order they are asked.
--
-- Rows that the extension brings are marked builtin, and are not dumped: a new
-- server gets them from its own CREATE EXTENSION.  What a DBA changes loses the
-- mark, is dumped, and takes the place of the builtin row when it is restored.
--
CREATE TABLE analytics_llm.model
(
	name text PRIMARY KEY
		CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}$'),
	server text NOT NULL DEFAULT 'anthropic' CHECK (server <> ''),
	enabled boolean NOT NULL DEFAULT true,
	family text NOT NULL
		CHECK (family IN ('claude-4-5', 'claude-opus-4-5', 'claude-4-6',
						  'claude-4-7', 'claude-opus-5', 'claude-sonnet-5',
						  'claude-haiku-5-5', 'claude-sonnet-5-5',
						  'claude-always-thinking', 'openai-json',
						  'openai-reasoning', 'openai-words', 'plain')),
	max_output_tokens integer NOT NULL DEFAULT 4096
		CHECK (max_output_tokens BETWEEN 256 AND 21333),
	context_tokens integer NOT NULL CHECK (context_tokens > 0),
	effort text CHECK (effort IN ('low', 'medium', 'high', 'xhigh', 'max')),
	thinking text CHECK (thinking IN ('off', 'on')),
	retires_on date,
	builtin boolean NOT NULL DEFAULT false,
	CONSTRAINT model_effort_has_effect
		CHECK (effort IS NULL OR
			   family NOT IN ('claude-4-5', 'openai-json', 'openai-words',
							  'plain')),
	CONSTRAINT model_thinking_has_effect
		CHECK (thinking IS NULL OR
			   family NOT IN ('openai-json', 'openai-reasoning', 'openai-words',
							  'plain'))
);
COMMENT ON TABLE analytics_llm.model IS
'models that may be asked; enabled = false acts at the next question';
COMMENT ON COLUMN analytics_llm.model.name IS
'as the provider calls it';
COMMENT ON COLUMN analytics_llm.model.server IS
'foreign server of llm_provider that is called';
COMMENT ON COLUMN analytics_llm.model.enabled IS
'false: the model is never called';
COMMENT ON COLUMN analytics_llm.model.family IS
'how a request is built: models of a family accept the same. openai-... for servers of api openai, the others for api anthropic, plain among them for local ones';
COMMENT ON COLUMN analytics_llm.model.max_output_tokens IS
'tokens that one answer may have, thinking included; more than 21333 cannot be asked for at once';
COMMENT ON COLUMN analytics_llm.model.context_tokens IS
'tokens that a prompt and its answer may have together';
COMMENT ON COLUMN analytics_llm.model.effort IS
'null: the model''s default; a level that the family does not take becomes the next lower one';
COMMENT ON COLUMN analytics_llm.model.thinking IS
'null: the model''s default; off, for a model that cannot stop thinking, is the lowest effort';
COMMENT ON COLUMN analytics_llm.model.retires_on IS
'day on which the provider ends the model, if known';
COMMENT ON COLUMN analytics_llm.model.builtin IS
'brought by the extension and not changed since';
REVOKE ALL ON TABLE analytics_llm.model FROM PUBLIC;
GRANT SELECT ON TABLE analytics_llm.model TO PUBLIC;

CREATE TRIGGER rows_changed AFTER INSERT OR UPDATE OR DELETE
	ON analytics_llm.model
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.rows_changed();
ALTER TABLE analytics_llm.model ENABLE ALWAYS TRIGGER rows_changed;
COMMENT ON TRIGGER rows_changed ON analytics_llm.model IS
'tells all sessions';

INSERT INTO analytics_llm.model
	(name, family, max_output_tokens, context_tokens, effort, thinking,
	 retires_on, enabled, builtin)
VALUES
	('claude-opus-4-7', 'claude-4-7', 4096, 1000000, 'medium', 'off', '2027-04-16', true, true),
	('claude-sonnet-5', 'claude-sonnet-5', 4096, 1000000, 'low', 'off', '2027-06-30', true, true),
	('claude-opus-5-5', 'claude-always-thinking', 16000, 1000000, 'low', 'off', NULL, true, true),
	('claude-sonnet-5-5', 'claude-sonnet-5-5', 16000, 1000000, 'low', 'off', NULL, true, true),
	('claude-haiku-5-5', 'claude-haiku-5-5', 4096, 1000000, 'low', 'off', NULL, true, true),
	('claude-fable-5-1', 'claude-always-thinking', 16000, 1000000, 'low', 'off', NULL, true, true),
	('claude-opus-5', 'claude-opus-5', 4096, 1000000, 'medium', 'off', '2027-07-24', true, true),
	('claude-opus-4-8', 'claude-4-7', 4096, 1000000, 'medium', 'off', '2027-05-28', true, true),
	('claude-opus-4-6', 'claude-4-6', 4096, 1000000, 'medium', 'off', '2027-02-05', true, true),
	('claude-sonnet-4-6', 'claude-4-6', 4096, 1000000, 'low', 'off', '2027-02-17', true, true),
	('claude-opus-4-5-20251101', 'claude-opus-4-5', 4096, 200000, 'medium', 'off', '2026-11-24', true, true),
	('claude-sonnet-4-5-20250929', 'claude-4-5', 4096, 200000, NULL, 'off', '2026-11-30', true, true),
	('claude-haiku-4-5-20251001', 'claude-4-5', 4096, 200000, NULL, 'off', NULL, true, true),
	-- Gone: kept, so that its name says why it cannot be asked.
	('claude-3-5-sonnet', 'claude-4-5', 4096, 200000, NULL, NULL, '2025-10-28', false, true);

CREATE TABLE analytics_llm.price
(
	model text NOT NULL CHECK (model <> ''),
	min_prompt_tokens integer NOT NULL DEFAULT 0 CHECK (min_prompt_tokens >= 0),
	input numeric(10, 6) NOT NULL CHECK (input BETWEEN 0 AND 10000),
	output numeric(10, 6) NOT NULL CHECK (output BETWEEN 0 AND 10000),
	cache_write_5m numeric(10, 6) NOT NULL CHECK (cache_write_5m BETWEEN 0 AND 10000),
	cache_write_1h numeric(10, 6) NOT NULL CHECK (cache_write_1h BETWEEN 0 AND 10000),
	cache_read numeric(10, 6) NOT NULL CHECK (cache_read BETWEEN 0 AND 10000),
	builtin boolean NOT NULL DEFAULT false,
	PRIMARY KEY (model, min_prompt_tokens)
);
COMMENT ON TABLE analytics_llm.price IS
'USD for a million tokens, by the model that answered; of several rows that with the highest min_prompt_tokens that the prompt reaches';
COMMENT ON COLUMN analytics_llm.price.min_prompt_tokens IS
'length of the prompt, cached parts included, from which on the row applies';
COMMENT ON COLUMN analytics_llm.price.builtin IS
'brought by the extension and not changed since';
REVOKE ALL ON TABLE analytics_llm.price FROM PUBLIC;
GRANT SELECT ON TABLE analytics_llm.price TO PUBLIC;

CREATE TRIGGER rows_changed AFTER INSERT OR UPDATE OR DELETE
	ON analytics_llm.price
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.rows_changed();
ALTER TABLE analytics_llm.price ENABLE ALWAYS TRIGGER rows_changed;
COMMENT ON TRIGGER rows_changed ON analytics_llm.price IS
'tells all sessions';

INSERT INTO analytics_llm.price
	(model, min_prompt_tokens, input, output, cache_write_5m, cache_write_1h,
	 cache_read, builtin)
VALUES
	('claude-opus-4-7', 0, 5, 25, 6.25, 10, 0.50, true),
	('claude-opus-4-8', 0, 5, 25, 6.25, 10, 0.50, true),
	('claude-opus-5', 0, 5, 25, 6.25, 10, 0.50, true),
	('claude-opus-5-5', 0, 4, 20, 5, 8, 0.20, true),
	('claude-opus-4-6', 0, 5, 25, 6.25, 10, 0.50, true),
	('claude-opus-4-5-20251101', 0, 5, 25, 6.25, 10, 0.50, true),
	('claude-sonnet-4-5-20250929', 0, 3, 15, 3.75, 6, 0.30, true),
	('claude-sonnet-4-6', 0, 3, 15, 3.75, 6, 0.30, true),
	('claude-sonnet-5', 0, 2, 10, 2.50, 4, 0.20, true),
	('claude-sonnet-5-5', 0, 2, 10, 2.50, 4, 0.20, true),
	('claude-haiku-4-5-20251001', 0, 1, 5, 1.25, 2, 0.10, true),
	-- Its prices for writing to the cache are those that the ratios of the
	-- other models give.
	('claude-haiku-5-5', 0, 0.10, 0.50, 0.125, 0.20, 0.01, true),
	('claude-haiku-5-5', 100001, 0.50, 2.50, 0.625, 1, 0.05, true),
	('claude-fable-5-1', 0, 10, 50, 12.50, 20, 0.25, true);

CREATE TABLE analytics_llm.tier
(
	tier smallint NOT NULL CHECK (tier IN (1, 2)),
	position smallint NOT NULL DEFAULT 1 CHECK (position > 0),
	model text NOT NULL,
	timeout_ms integer NOT NULL CHECK (timeout_ms BETWEEN 100 AND 600000),
	min_confidence real NOT NULL CHECK (min_confidence BETWEEN 0 AND 1),
	max_retries smallint NOT NULL DEFAULT 1 CHECK (max_retries BETWEEN 0 AND 5),
	enabled boolean NOT NULL DEFAULT true,
	builtin boolean NOT NULL DEFAULT false,
	PRIMARY KEY (tier, position)
);
COMMENT ON TABLE analytics_llm.tier IS
'the models of tiers 1 and 2, in the order in which they are tried';
COMMENT ON COLUMN analytics_llm.tier.position IS
'order within the tier';
COMMENT ON COLUMN analytics_llm.tier.timeout_ms IS
'time for all calls, waits and repairs of the model in this tier';
COMMENT ON COLUMN analytics_llm.tier.min_confidence IS
'an answer below it goes on to the next model';
COMMENT ON COLUMN analytics_llm.tier.max_retries IS
'calls beyond the first one that may follow a passing failure';
COMMENT ON COLUMN analytics_llm.tier.builtin IS
'brought by the extension and not changed since';
REVOKE ALL ON TABLE analytics_llm.tier FROM PUBLIC;
GRANT SELECT ON TABLE analytics_llm.tier TO PUBLIC;

CREATE TRIGGER rows_changed AFTER INSERT OR UPDATE OR DELETE
	ON analytics_llm.tier
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.rows_changed();
ALTER TABLE analytics_llm.tier ENABLE ALWAYS TRIGGER rows_changed;
COMMENT ON TRIGGER rows_changed ON analytics_llm.tier IS
'tells all sessions';

INSERT INTO analytics_llm.tier
	(tier, position, model, timeout_ms, min_confidence, max_retries, builtin)
VALUES
	(1, 1, 'claude-opus-4-7', 5000, 0.8, 2, true),
	(2, 1, 'claude-sonnet-5', 3000, 0.7, 1, true);

--
-- Keeps the mark honest.  The arguments are the key columns of the table.  The
-- triggers are made after the builtin rows, which they would take the mark off.
--
CREATE FUNCTION llm_config_guard() RETURNS trigger
LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	same_key text;
	clash boolean;
BEGIN
	IF TG_OP = 'TRUNCATE' THEN
		RAISE EXCEPTION USING
			ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('table "%s" cannot be truncated', TG_TABLE_NAME),
			DETAIL = 'Its history is kept row by row, and it may have built-in rows.';
	END IF;
	IF TG_OP = 'DELETE' THEN
		-- An INSERT that replaces the row deletes it from inside this trigger.
		IF OLD.builtin AND pg_trigger_depth() = 1 THEN
			RAISE EXCEPTION USING
				ERRCODE = 'object_not_in_prerequisite_state',
				MESSAGE = format('a built-in row of table "%s" cannot be deleted',
								 TG_TABLE_NAME),
				DETAIL = 'It would be there again after a dump and a restore.',
				HINT = 'Change it instead; a model, a tier or a route can be disabled.';
		END IF;
		RETURN OLD;
	END IF;

	-- What is again as the extension brought it has its mark again.
	IF TG_OP = 'UPDATE' AND NEW.builtin AND NOT OLD.builtin
		AND EXISTS (SELECT FROM analytics_llm.config_history AS h
					 WHERE h.relation = TG_TABLE_NAME AND h.old_row = to_jsonb(NEW)) THEN
		RETURN NEW;
	END IF;
	NEW.builtin := false;
	SELECT string_agg(format('($1).%1$I IS NOT DISTINCT FROM t.%1$I', k), ' AND ')
	  INTO same_key
	  FROM unnest(TG_ARGV) AS k;
	IF TG_OP = 'UPDATE' THEN
		IF OLD.builtin THEN
			EXECUTE format('SELECT NOT (%s) FROM (SELECT ($2).*) AS t', same_key)
			   INTO clash USING NEW, OLD;
			IF clash THEN
				RAISE EXCEPTION USING
					ERRCODE = 'object_not_in_prerequisite_state',
					MESSAGE = format('the key of a built-in row of table "%s" cannot be changed',
									 TG_TABLE_NAME),
					HINT = 'Insert a row of your own, and disable this one.';
			END IF;
		END IF;
	ELSE
		-- Who inserts a row of their own needs no privilege to delete.
		EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I AS t WHERE t.builtin AND %s)',
					   TG_TABLE_SCHEMA, TG_TABLE_NAME, same_key)
		   INTO clash USING NEW;
		IF clash THEN
			EXECUTE format('DELETE FROM %I.%I AS t WHERE t.builtin AND %s',
						   TG_TABLE_SCHEMA, TG_TABLE_NAME, same_key)
			  USING NEW;
		END IF;
	END IF;
	RETURN NEW;
END
$$;
COMMENT ON FUNCTION llm_config_guard() IS
'trigger: a change takes the mark builtin off, and an INSERT replaces a builtin row';
REVOKE ALL ON FUNCTION llm_config_guard() FROM PUBLIC;

CREATE TRIGGER config_guard BEFORE INSERT OR UPDATE OR DELETE
	ON analytics_llm.model
	FOR EACH ROW EXECUTE FUNCTION @extschema@.llm_config_guard('name');
COMMENT ON TRIGGER config_guard ON analytics_llm.model IS
'keeps the mark builtin: see llm_config_guard';
CREATE TRIGGER config_guard_truncate BEFORE TRUNCATE
	ON analytics_llm.model
	FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.llm_config_guard();
COMMENT ON TRIGGER config_guard_truncate ON analytics_llm.model IS
'refuses TRUNCATE, which would take built-in rows away';
CREATE TRIGGER config_guard BEFORE INSERT OR UPDATE OR DELETE
	ON analytics_llm.price
	FOR EACH ROW EXECUTE FUNCTION @extschema@.llm_config_guard('model', 'min_prompt_tokens');
COMMENT ON TRIGGER config_guard ON analytics_llm.price IS
'keeps the mark builtin: see llm_config_guard';
CREATE TRIGGER config_guard_truncate BEFORE TRUNCATE
	ON analytics_llm.price
	FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.llm_config_guard();
COMMENT ON TRIGGER config_guard_truncate ON analytics_llm.price IS
'refuses TRUNCATE, which would take built-in rows away';
CREATE TRIGGER config_guard BEFORE INSERT OR UPDATE OR DELETE
	ON analytics_llm.tier
	FOR EACH ROW EXECUTE FUNCTION @extschema@.llm_config_guard('tier', 'position');
COMMENT ON TRIGGER config_guard ON analytics_llm.tier IS
'keeps the mark builtin: see llm_config_guard';
CREATE TRIGGER config_guard_truncate BEFORE TRUNCATE
	ON analytics_llm.tier
	FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.llm_config_guard();
COMMENT ON TRIGGER config_guard_truncate ON analytics_llm.tier IS
'refuses TRUNCATE, which would take built-in rows away';

--
-- Tiers and rollouts name models that there are.  Foreign keys would not do:
-- pg_restore with several jobs loads the rows of an extension's tables in any
-- order, and would leave out those that come before their model.  So a restore
-- is taken at its word.  To look is enough otherwise: changes are made one after
-- the other, since the trigger that keeps their history has locked it by the
-- time that this one runs, and with a snapshot from before that they fail there.
--
CREATE FUNCTION analytics_llm.config_model_check() RETURNS trigger
LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	named text;
	names text;
BEGIN
	-- The name that goes, or the one that came into the column of the argument.
	IF TG_TABLE_NAME = 'model' THEN
		named := OLD.name;
	ELSE
		named := to_jsonb(NEW) ->> TG_ARGV[0];
	END IF;
	IF current_setting('check_function_bodies') = 'off' AND current_setting('row_security') = 'off'
		AND (SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE oid = TG_RELID)
		OR EXISTS (SELECT FROM analytics_llm.model AS m WHERE m.name = named) THEN
		RETURN NULL;
	END IF;
	-- The row may have changed since, or be gone.
	SELECT string_agg(n.name, ', ' ORDER BY n.name COLLATE "C") INTO names
	  FROM (SELECT format('tier %s', t.tier)
			  FROM analytics_llm.tier AS t WHERE t.model = named
			 UNION
			SELECT format('rollout "%s"', r.name)
			  FROM analytics_llm.rollout AS r WHERE named IN (r.model, r.instead_of)) AS n(name);
	IF names IS NOT NULL THEN
		RAISE EXCEPTION USING
			ERRCODE = 'foreign_key_violation',
			MESSAGE = format('model "%s" does not exist', named),
			DETAIL = format('It is named by %s.', names),
			SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION analytics_llm.config_model_check() IS
'trigger: at the end of a transaction, tiers and rollouts name models that there are';
REVOKE ALL ON FUNCTION analytics_llm.config_model_check() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER model_check AFTER DELETE OR UPDATE OF name
	ON analytics_llm.model DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.config_model_check();
COMMENT ON TRIGGER model_check ON analytics_llm.model IS
'refuses to take away a model that is named: see config_model_check';
CREATE CONSTRAINT TRIGGER model_check AFTER INSERT OR UPDATE OF model
	ON analytics_llm.tier DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.config_model_check('model');
COMMENT ON TRIGGER model_check ON analytics_llm.tier IS
'refuses a model that there is not: see config_model_check';

SELECT pg_catalog.pg_extension_config_dump('analytics_llm.model', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.price', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.tier', 'WHERE NOT builtin');
