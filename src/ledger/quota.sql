
--
-- Who may spend how much.  A row is for a role, for a group, whose members
-- share it, or for every role without a row of its own: grantee '-'.
--
-- A role sees its own rows, those of its groups and the default; members of
-- pg_read_all_stats, and who was granted to change rows, see all.
--
CREATE TABLE analytics_llm.quota
(
	grantee regrole NOT NULL,
	grantee_name text NOT NULL,
	period text NOT NULL CHECK (period IN ('day', 'month')),
	token_limit bigint
		CHECK (token_limit BETWEEN 0 AND 1000000000000000),
	cost_limit numeric(16, 6)
		CHECK (cost_limit BETWEEN 0 AND 1000000000),
	requests_per_minute integer
		CHECK (requests_per_minute BETWEEN 1 AND 60000),
	hard boolean NOT NULL DEFAULT true,
	shadow boolean NOT NULL DEFAULT false,
	PRIMARY KEY (grantee, period),
	CONSTRAINT quota_limits_something
		CHECK (token_limit IS NOT NULL OR cost_limit IS NOT NULL
			OR requests_per_minute IS NOT NULL)
);
COMMENT ON TABLE analytics_llm.quota IS 'what a role, or the members of a group together, may spend on models; acts at the next call';
COMMENT ON COLUMN analytics_llm.quota.grantee IS 'a role or a group; ''-'': every role without a row of its own, each by itself';
COMMENT ON COLUMN analytics_llm.quota.grantee_name IS 'its name when the row was written; kept by a trigger';
COMMENT ON COLUMN analytics_llm.quota.period IS 'day or month, in UTC';
COMMENT ON COLUMN analytics_llm.quota.token_limit IS 'tokens of all kinds in a period; null: no limit';
COMMENT ON COLUMN analytics_llm.quota.cost_limit IS 'USD in a period; null: no limit';
COMMENT ON COLUMN analytics_llm.quota.requests_per_minute IS 'calls of models within any minute; null: no limit';
COMMENT ON COLUMN analytics_llm.quota.hard IS 'false: calls go on, with a NOTICE';
COMMENT ON COLUMN analytics_llm.quota.shadow IS 'true: calls go on, and the log says which would not have';
ALTER TABLE analytics_llm.quota ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON analytics_llm.quota FROM PUBLIC;
GRANT SELECT ON analytics_llm.quota TO PUBLIC;

CREATE TRIGGER rows_changed AFTER INSERT OR UPDATE OR DELETE
	ON analytics_llm.quota
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.rows_changed();
ALTER TABLE analytics_llm.quota ENABLE ALWAYS TRIGGER rows_changed;
COMMENT ON TRIGGER rows_changed ON analytics_llm.quota IS
'tells all sessions';

-- The row of a dropped role names it by number, which is another role's, or
-- nobody's, where it is restored.
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.quota',
	'WHERE grantee = 0::oid OR grantee IN (SELECT oid FROM pg_catalog.pg_roles)');

CREATE POLICY own_rows ON analytics_llm.quota FOR SELECT
	USING (grantee = 0::oid OR pg_catalog.pg_has_role(grantee, 'MEMBER'));
COMMENT ON POLICY own_rows ON analytics_llm.quota IS 'a role sees what applies to it';
CREATE POLICY all_rows ON analytics_llm.quota FOR SELECT
	TO pg_read_all_stats USING (true);
COMMENT ON POLICY all_rows ON analytics_llm.quota IS 'monitoring sees all rows';
CREATE POLICY granted ON analytics_llm.quota
	USING (pg_catalog.has_table_privilege('analytics_llm.quota', 'INSERT, UPDATE, DELETE'));
COMMENT ON POLICY granted ON analytics_llm.quota IS 'who was granted to change rows';

CREATE FUNCTION analytics_llm.quota_name() RETURNS trigger
LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- What concerns a role that is gone can be changed, and deleted.
	IF TG_OP = 'UPDATE' AND NEW.grantee = OLD.grantee THEN
		NEW.grantee_name := COALESCE((SELECT rolname FROM pg_roles
									   WHERE oid = NEW.grantee),
									 OLD.grantee_name);
		RETURN NEW;
	END IF;
	NEW.grantee_name := CASE WHEN NEW.grantee = 0::oid THEN '-'
							 ELSE (SELECT rolname FROM pg_roles
									WHERE oid = NEW.grantee) END;
	IF NEW.grantee_name IS NULL THEN
		RAISE EXCEPTION USING
			ERRCODE = 'undefined_object',
			MESSAGE = format('role with OID %s does not exist',
							 NEW.grantee::oid),
			HINT = 'Name the role that the quota is for.';
	END IF;
	RETURN NEW;
END
$$;
COMMENT ON FUNCTION analytics_llm.quota_name() IS 'trigger: keeps grantee_name, and refuses the number of a role that is gone';
REVOKE ALL ON FUNCTION analytics_llm.quota_name() FROM PUBLIC;

CREATE TRIGGER quota_name BEFORE INSERT OR UPDATE ON analytics_llm.quota
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.quota_name();
COMMENT ON TRIGGER quota_name ON analytics_llm.quota IS 'keeps grantee_name';

--
-- What was spent, of which the budgets in shared memory are made again after a
-- restart.  Every call is counted twice: in its day and in its month.
--
-- Roles are of type regrole, so that a dump names them.  Rows of roles that
-- are gone are not dumped: where they are restored, the number may be another
-- role's.
--
CREATE TABLE analytics_llm.usage
(
	user_id regrole NOT NULL,
	session_user_id regrole NOT NULL,
	end_user text NOT NULL,
	period text NOT NULL CHECK (period IN ('day', 'month')),
	period_start timestamptz NOT NULL,
	model text NOT NULL,
	query_type text NOT NULL,
	feature text NOT NULL,
	requests bigint NOT NULL,
	input_tokens bigint NOT NULL,
	output_tokens bigint NOT NULL,
	cache_read_tokens bigint NOT NULL,
	cache_write_tokens bigint NOT NULL,
	estimated_tokens bigint NOT NULL,
	cost numeric NOT NULL,
	question_class text NOT NULL,
	questions bigint NOT NULL,
	PRIMARY KEY (period_start, period, user_id, session_user_id, end_user,
				 model, query_type, feature, question_class)
);
CREATE INDEX usage_day_idx
	ON analytics_llm.usage (((period_start AT TIME ZONE 'UTC')::date))
	WHERE period = 'day';
COMMENT ON INDEX analytics_llm.usage_day_idx IS 'the days of token_usage and cost_daily';
COMMENT ON TABLE analytics_llm.usage IS 'calls of models by day and by month, in UTC; kept for 400 days';
COMMENT ON COLUMN analytics_llm.usage.user_id IS 'the role as which questions were answered';
COMMENT ON COLUMN analytics_llm.usage.session_user_id IS 'the role that had logged in';
COMMENT ON COLUMN analytics_llm.usage.end_user IS 'whom a pooled connection spoke for; else empty';
COMMENT ON COLUMN analytics_llm.usage.feature IS 'the option of that name; else empty';
COMMENT ON COLUMN analytics_llm.usage.requests IS 'calls that left the machine';
COMMENT ON COLUMN analytics_llm.usage.estimated_tokens IS 'the part of the tokens that is an upper bound, since no complete answer came';
COMMENT ON COLUMN analytics_llm.usage.cost IS 'in USD';
COMMENT ON COLUMN analytics_llm.usage.question_class IS 'as in analytics_llm.request; empty where it is not known';
COMMENT ON COLUMN analytics_llm.usage.questions IS 'of which the first call is in this row';
ALTER TABLE analytics_llm.usage ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON analytics_llm.usage FROM PUBLIC;
GRANT SELECT ON analytics_llm.usage TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.usage',
	'WHERE user_id IN (SELECT oid FROM pg_catalog.pg_roles)'
	' AND session_user_id IN (SELECT oid FROM pg_catalog.pg_roles)');

CREATE POLICY own_rows ON analytics_llm.usage FOR SELECT
	USING (user_id = (SELECT pg_catalog.to_regrole(
		pg_catalog.quote_ident(CURRENT_USER::text)))::oid);
COMMENT ON POLICY own_rows ON analytics_llm.usage IS 'a role sees what it has used itself';
CREATE POLICY all_rows ON analytics_llm.usage FOR SELECT
	TO pg_read_all_stats USING (true);
COMMENT ON POLICY all_rows ON analytics_llm.usage IS 'monitoring sees all rows';

CREATE TABLE analytics_llm.alert
(
	raised_at timestamptz NOT NULL,
	kind text NOT NULL,
	subject text NOT NULL,
	value double precision,
	threshold double precision,
	message text NOT NULL,
	resolved_at timestamptz,
	occasion text NOT NULL PRIMARY KEY,
	over_at timestamptz
);
COMMENT ON TABLE analytics_llm.alert IS 'what somebody should look at; also a notification of analytics_llm_alert and a line of the server log';
COMMENT ON COLUMN analytics_llm.alert.kind IS 'quota: a budget is nearly used up; rollback: the configuration of models was put back; rollout: a guard has ended one';
COMMENT ON COLUMN analytics_llm.alert.subject IS 'for a quota, the role';
COMMENT ON COLUMN analytics_llm.alert.value IS 'for a quota, the fraction that was used';
COMMENT ON COLUMN analytics_llm.alert.resolved_at IS 'when it was over: the limit was raised, or the period has ended';
COMMENT ON COLUMN analytics_llm.alert.occasion IS 'what there is one alert for';
COMMENT ON COLUMN analytics_llm.alert.over_at IS 'when it is over by itself; for a quota, the end of its period';
REVOKE ALL ON analytics_llm.alert FROM PUBLIC;
GRANT SELECT ON analytics_llm.alert TO pg_read_all_stats;
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.alert', '');

CREATE FUNCTION llm_quota_status(
	OUT grantee regrole, OUT period text,
	OUT token_limit bigint, OUT tokens_used bigint, OUT tokens_reserved bigint,
	OUT tokens_remaining bigint, OUT fraction_used double precision,
	OUT projected_tokens bigint, OUT projected_overage boolean,
	OUT cost_limit numeric, OUT cost_used numeric, OUT cost_reserved numeric,
	OUT requests_last_minute integer, OUT resets_at timestamptz)
RETURNS SETOF record
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'analytics_llm_quota_status';
COMMENT ON FUNCTION llm_quota_status() IS 'budgets of the current role and its groups; of all, for members of pg_read_all_stats';
REVOKE ALL ON FUNCTION llm_quota_status() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_quota_status() TO PUBLIC;

CREATE VIEW analytics_llm.quota_status WITH (security_invoker = true) AS
SELECT q.grantee, q.period, q.token_limit, q.tokens_used, q.tokens_reserved,
	   q.tokens_remaining, q.fraction_used, q.projected_tokens,
	   q.projected_overage, q.cost_limit, q.cost_used, q.cost_reserved,
	   q.requests_last_minute, q.resets_at
  FROM @extschema@.llm_quota_status() AS q;
COMMENT ON VIEW analytics_llm.quota_status IS 'how much of each quota is used, is held by calls under way, and will be used by the end of the period';
REVOKE ALL ON analytics_llm.quota_status FROM PUBLIC;
GRANT SELECT ON analytics_llm.quota_status TO PUBLIC;
