
--
-- Who changed what of the configuration, and when.  All changes of one
-- transaction are one version; versions are in the order of their commits,
-- since the trigger holds a lock on the table until then.
--
-- What a restore brings (check_function_bodies and row_security are off in it) is
-- version 0: it changes nothing that was in force here, and the numbers of the
-- history that it restores stay free.
--
CREATE TABLE analytics_llm.config_history
(
	version bigint NOT NULL,
	changed_at timestamptz NOT NULL,
	user_name text NOT NULL,
	relation text NOT NULL,
	action text NOT NULL CHECK (action IN ('INSERT', 'UPDATE', 'DELETE')),
	old_row jsonb,
	new_row jsonb,
	entry integer NOT NULL,
	session_user_name text NOT NULL,
	reason text,
	restored bigint,
	xact xid8
);
COMMENT ON TABLE analytics_llm.config_history IS
'changes of model, price, tier, route and rollout: one version for each transaction, one row for each row that it changed';
COMMENT ON COLUMN analytics_llm.config_history.version IS
'counts from 1; 0: brought by a restore';
COMMENT ON COLUMN analytics_llm.config_history.user_name IS
'current_user of the session that made the change';
COMMENT ON COLUMN analytics_llm.config_history.relation IS
'table of schema analytics_llm';
COMMENT ON COLUMN analytics_llm.config_history.entry IS
'order within the version';
COMMENT ON COLUMN analytics_llm.config_history.reason IS
'what llm_rollback was told, or why a rollout was changed; else null';
COMMENT ON COLUMN analytics_llm.config_history.restored IS
'for a rollback, the version that it put back; 0: the built-in rows';
COMMENT ON COLUMN analytics_llm.config_history.xact IS
'transaction that made the change';
CREATE UNIQUE INDEX config_history_version_idx
	ON analytics_llm.config_history (version, entry) WHERE version > 0;
COMMENT ON INDEX analytics_llm.config_history_version_idx IS
'the latest version, and the changes since one';
REVOKE ALL ON TABLE analytics_llm.config_history FROM PUBLIC;
GRANT SELECT ON TABLE analytics_llm.config_history TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.config_history', '');

--
-- Written with the rights of the table's owner, by whoever changes a row.  The
-- settings are those that change how values are written.
--
CREATE FUNCTION analytics_llm.config_history_keep() RETURNS trigger
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
SET extra_float_digits = 1
SET intervalstyle = 'postgres'
AS 'MODULE_PATHNAME', 'analytics_llm_config_history';
COMMENT ON FUNCTION analytics_llm.config_history_keep() IS
'trigger: keeps a change of the configuration in config_history';
REVOKE ALL ON FUNCTION analytics_llm.config_history_keep() FROM PUBLIC;

CREATE TRIGGER config_history AFTER INSERT OR UPDATE OR DELETE
	ON analytics_llm.model
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.config_history_keep();
COMMENT ON TRIGGER config_history ON analytics_llm.model IS
'keeps changes in config_history';
ALTER TABLE analytics_llm.model ENABLE ALWAYS TRIGGER config_history;
CREATE TRIGGER config_history AFTER INSERT OR UPDATE OR DELETE
	ON analytics_llm.price
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.config_history_keep();
COMMENT ON TRIGGER config_history ON analytics_llm.price IS
'keeps changes in config_history';
ALTER TABLE analytics_llm.price ENABLE ALWAYS TRIGGER config_history;
CREATE TRIGGER config_history AFTER INSERT OR UPDATE OR DELETE
	ON analytics_llm.tier
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.config_history_keep();
COMMENT ON TRIGGER config_history ON analytics_llm.tier IS
'keeps changes in config_history';
ALTER TABLE analytics_llm.tier ENABLE ALWAYS TRIGGER config_history;
CREATE TRIGGER config_history AFTER INSERT OR UPDATE OR DELETE
	ON analytics_llm.route
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.config_history_keep();
COMMENT ON TRIGGER config_history ON analytics_llm.route IS
'keeps changes in config_history';
ALTER TABLE analytics_llm.route ENABLE ALWAYS TRIGGER config_history;
CREATE TRIGGER config_history AFTER INSERT OR UPDATE OR DELETE
	ON analytics_llm.rollout
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.config_history_keep();
COMMENT ON TRIGGER config_history ON analytics_llm.rollout IS
'keeps changes in config_history';
ALTER TABLE analytics_llm.rollout ENABLE ALWAYS TRIGGER config_history;
CREATE TRIGGER config_history_truncate BEFORE TRUNCATE
	ON analytics_llm.rollout
	FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.llm_config_guard();
COMMENT ON TRIGGER config_history_truncate ON analytics_llm.rollout IS
'refuses TRUNCATE, which would leave no history';

--
-- The key of a row of a table of the configuration.
--
CREATE FUNCTION analytics_llm.config_key(relation text, config_row jsonb)
RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT jsonb_agg(config_row -> k.name ORDER BY k.n)
  FROM unnest(CASE relation
			  WHEN 'model' THEN ARRAY['name']
			  WHEN 'price' THEN ARRAY['model', 'min_prompt_tokens']
			  WHEN 'tier' THEN ARRAY['tier', 'position']
			  WHEN 'route' THEN ARRAY['min_complexity', 'question_class']
			  WHEN 'rollout' THEN ARRAY['name']
			  END) WITH ORDINALITY AS k(name, n)
$$;
COMMENT ON FUNCTION analytics_llm.config_key(text, jsonb) IS
'the values of a row''s key, in order';
REVOKE ALL ON FUNCTION analytics_llm.config_key(text, jsonb) FROM PUBLIC;

--
-- The version to go back to: the newest before the present one that was in
-- force for ten minutes and answered 20 questions by a model, without a guard
-- that tripped, and that no rollback has undone; 0 when there is none.
--
CREATE FUNCTION analytics_llm.config_good_version()
RETURNS bigint
LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
WITH kept AS (
	SELECT h.version, max(h.changed_at) AS since,
		   bool_or(h.relation = 'rollout' AND h.new_row ->> 'state' = 'rolled_back'
				   AND COALESCE(h.old_row ->> 'state', '') <> 'rolled_back') AS trips
	  FROM analytics_llm.config_history AS h
	 WHERE h.version > 0
	 GROUP BY h.version
), period AS (
	SELECT version, since,
		   lead(since) OVER (ORDER BY version) AS until,
		   lead(trips) OVER (ORDER BY version) AS tripped
	  FROM kept
)
SELECT COALESCE((
	SELECT p.version
	  FROM period AS p
	 WHERE p.until - p.since >= interval '10 minutes' AND NOT p.tripped
	   -- After a rollback, what it put back is what there is.
	   AND p.version < (SELECT COALESCE(l.restored, l.version)
						  FROM analytics_llm.config_history AS l
						 ORDER BY l.version DESC LIMIT 1)
	   AND NOT EXISTS (SELECT FROM analytics_llm.config_history AS u
						WHERE u.restored < p.version AND u.version > p.version)
	   AND 20 <= (SELECT count(*)
					FROM (SELECT FROM analytics_llm.request AS r
						   WHERE r.asked_at >= p.since AND r.asked_at < p.until
							 AND r.status = 'ok'
						   LIMIT 20) AS answered)
	 ORDER BY p.version DESC
	 LIMIT 1), 0)
$$;
COMMENT ON FUNCTION analytics_llm.config_good_version() IS
'the version that llm_rollback puts back when none is given; 0: the built-in rows';
REVOKE ALL ON FUNCTION analytics_llm.config_good_version() FROM PUBLIC;

--
-- What the rows of a table have to become, for all that may differ from it: the
-- row as it was, or null where there was none.
--
CREATE FUNCTION analytics_llm.config_wanted(relation text, version bigint,
	OUT key jsonb, OUT wanted jsonb)
RETURNS SETOF record
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF version = 0 THEN
		-- Built-in rows cannot be deleted, and were kept when they were changed.
		RETURN QUERY EXECUTE format($sql$
			SELECT k.key, (
				SELECT h.old_row
				  FROM analytics_llm.config_history AS h
				 WHERE h.relation = $1 AND h.old_row ->> 'builtin' = 'true'
				   AND analytics_llm.config_key($1, h.old_row) = k.key
				 ORDER BY h.version, h.entry
				 LIMIT 1)
			  FROM (SELECT to_jsonb(t) AS present FROM analytics_llm.%I AS t) AS p
			 CROSS JOIN LATERAL analytics_llm.config_key($1, p.present) AS k(key)
			 WHERE p.present ->> 'builtin' IS DISTINCT FROM 'true'
			$sql$, relation) USING relation;
		RETURN;
	END IF;
	-- The first change after the version tells what was there before it.
	RETURN QUERY
	SELECT DISTINCT ON (c.k) c.k, c.before
	  FROM (SELECT h.version, h.entry, h.old_row AS before,
				   analytics_llm.config_key(h.relation, h.old_row) AS k
			  FROM analytics_llm.config_history AS h
			 WHERE h.version > config_wanted.version
			   AND h.relation = config_wanted.relation
			   AND h.old_row IS NOT NULL
			 UNION ALL
			SELECT h.version, h.entry, NULL,
				   analytics_llm.config_key(h.relation, h.new_row)
			  FROM analytics_llm.config_history AS h
			 WHERE h.version > config_wanted.version
			   AND h.relation = config_wanted.relation
			   AND h.new_row IS NOT NULL
			   AND analytics_llm.config_key(h.relation, h.old_row)
				   IS DISTINCT FROM analytics_llm.config_key(h.relation, h.new_row)) AS c
	 ORDER BY c.k, c.version, c.entry;
END
$$;
COMMENT ON FUNCTION analytics_llm.config_wanted(text, bigint) IS
'rows that may differ from a version, as they were in it';
REVOKE ALL ON FUNCTION analytics_llm.config_wanted(text, bigint) FROM PUBLIC;

--
-- Makes the rows of a table what they were.  A rollout that a guard has ended
-- stays ended: it is started again by hand, or not at all.
--
CREATE FUNCTION analytics_llm.config_put_back(relation text, version bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found_row CONSTANT text := format('WHERE analytics_llm.config_key(%L, to_jsonb(t)) = $1', relation);
	columns text;
	k jsonb;
	w jsonb;
	present jsonb;
BEGIN
	SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
	  FROM pg_attribute
	 WHERE attrelid = format('analytics_llm.%I', relation)::regclass
	   AND attnum > 0 AND NOT attisdropped;
	-- What goes, and what ends, before what comes: some rows exclude others.
	FOR k, w IN
		SELECT c.key, c.wanted
		  FROM analytics_llm.config_wanted(relation, version) AS c
		 ORDER BY c.wanted IS NOT NULL, c.wanted ->> 'state' IN ('running', 'paused', 'done'), c.key
	LOOP
		EXECUTE format('SELECT to_jsonb(t) FROM analytics_llm.%I AS t ', relation) || found_row
		   INTO present USING k;
		IF relation = 'rollout' THEN
			CONTINUE WHEN present ->> 'state' = 'rolled_back';
			CONTINUE WHEN present - 'changed_at' IS NOT DISTINCT FROM w - 'changed_at';
			-- A step that is put back lasts as long as it should.
			w := w || jsonb_build_object('changed_at', now());
		END IF;
		CONTINUE WHEN present IS NOT DISTINCT FROM w;
		IF w IS NULL THEN
			EXECUTE format('DELETE FROM analytics_llm.%I AS t ', relation) || found_row USING k;
		ELSIF present IS NULL THEN
			EXECUTE format('INSERT INTO analytics_llm.%1$I SELECT r.* FROM jsonb_populate_record(NULL::analytics_llm.%1$I, $1) AS r',
						   relation) USING w;
		ELSE
			EXECUTE format('UPDATE analytics_llm.%I AS t SET (%s) = (SELECT %s FROM jsonb_populate_record(t, $2) AS r) ',
						   relation, columns, columns) || found_row USING k, w;
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION analytics_llm.config_put_back(text, bigint) IS
'makes the rows of a table what they were in a version; 0: the built-in ones';
REVOKE ALL ON FUNCTION analytics_llm.config_put_back(text, bigint) FROM PUBLIC;

CREATE FUNCTION analytics_llm.alert_raise(kind text, subject text, message text)
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	raised analytics_llm.alert;
BEGIN
	INSERT INTO analytics_llm.alert (raised_at, kind, subject, message, occasion)
	VALUES (clock_timestamp(), alert_raise.kind, alert_raise.subject,
			alert_raise.message, format('%s of %s', alert_raise.kind, alert_raise.subject))
	ON CONFLICT (occasion) DO NOTHING
	RETURNING * INTO raised;
	IF FOUND THEN
		-- A notification holds less than 8000 bytes; the row has all of it.
		IF octet_length(row_to_json(raised)::text) >= 8000 THEN
			raised.message := left(raised.message, 500) || '...';
		END IF;
		PERFORM pg_notify('analytics_llm_alert', row_to_json(raised)::text);
		RAISE LOG 'analytics_llm alert: %', alert_raise.message;
	END IF;
END
$$;
COMMENT ON FUNCTION analytics_llm.alert_raise(text, text, text) IS
'an alert of something that happens once: a row, a notification, a line of the server log';
REVOKE ALL ON FUNCTION analytics_llm.alert_raise(text, text, text) FROM PUBLIC;

--
-- Seconds, not hours.  Tables are locked against other changes, not against
-- questions; behind somebody's open transaction it gives up after five seconds,
-- and says so.
--
CREATE FUNCTION llm_rollback(reason text, version bigint DEFAULT NULL)
RETURNS SETOF analytics_llm.config_history
LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'
AS $$
DECLARE
	-- Rollouts last: they take the places of models that the tiers have.
	relations CONSTANT text[] := ARRAY['tier', 'route', 'price', 'model', 'rollout'];
	latest bigint;
	target bigint := version;
	note text;
BEGIN
	IF reason IS NULL OR btrim(reason) = '' THEN
		RAISE EXCEPTION USING
			ERRCODE = 'invalid_parameter_value',
			MESSAGE = 'a rollback needs a reason';
	END IF;
	-- What was committed while it waited must not be overlooked.
	IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
		RAISE EXCEPTION USING
			ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = 'a rollback needs the isolation level read committed',
			HINT = 'Run it after BEGIN ISOLATION LEVEL READ COMMITTED.';
	END IF;
	IF EXISTS (SELECT FROM analytics_llm.config_history AS h
				WHERE h.xact = pg_current_xact_id_if_assigned()
				  AND h.changed_at >= transaction_timestamp()) THEN
		RAISE EXCEPTION USING
			ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = 'a rollback cannot be in one transaction with other changes of the configuration',
			HINT = 'Commit or roll back those first.';
	END IF;
	LOCK TABLE analytics_llm.model, analytics_llm.price, analytics_llm.tier,
		analytics_llm.route, analytics_llm.rollout, analytics_llm.config_history
		IN SHARE ROW EXCLUSIVE MODE;
	SELECT COALESCE(max(h.version), 0) INTO latest
	  FROM analytics_llm.config_history AS h;
	IF target IS NULL THEN
		target := analytics_llm.config_good_version();
	ELSIF target NOT BETWEEN 0 AND latest THEN
		RAISE EXCEPTION USING
			ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('version %s of the configuration does not exist', target),
			DETAIL = format('The latest one is %s; 0 is that of the built-in rows.', latest);
	END IF;

	PERFORM analytics_llm.config_put_back(r, target)
	   FROM unnest(relations) AS r;
	IF NOT EXISTS (SELECT FROM analytics_llm.config_history AS h
					WHERE h.version > latest) THEN
		RAISE NOTICE USING
			MESSAGE = format('nothing to change: the configuration is %s',
							 CASE target WHEN 0 THEN 'that of the built-in rows'
							 ELSE format('that of version %s', target) END);
		RETURN;
	END IF;
	UPDATE analytics_llm.config_history AS h
	   SET reason = llm_rollback.reason, restored = target
	 WHERE h.version > latest;
	note := format('configuration rolled back to %s: %s',
				   CASE target WHEN 0 THEN 'the built-in rows'
				   ELSE format('version %s', target) END, reason);
	PERFORM analytics_llm.alert_raise('rollback', format('version %s', latest + 1), note);
	RETURN QUERY SELECT h.* FROM analytics_llm.config_history AS h
				  WHERE h.version > latest ORDER BY h.version, h.entry;
END
$$;
COMMENT ON FUNCTION llm_rollback(text, bigint) IS
'puts the configuration of models back to a version, else to the newest good one, and returns what changed';
REVOKE ALL ON FUNCTION llm_rollback(text, bigint) FROM PUBLIC;
