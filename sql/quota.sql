--
-- Quotas are rows: what a row may say, who may see and write it, and how it
-- stands without any call of a model.
--
CREATE ROLE quota_member LOGIN;
CREATE ROLE quota_group;
CREATE ROLE quota_admin;
CREATE ROLE quota_watch;
CREATE ROLE quota_stranger;
GRANT quota_group TO quota_member;
GRANT pg_monitor TO quota_watch;
GRANT INSERT, UPDATE, DELETE ON analytics_llm.quota TO quota_admin;

INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES
	('quota_member', 'month', 1000), ('quota_stranger', 'day', 10);
INSERT INTO analytics_llm.quota (grantee, period, cost_limit, hard) VALUES
	('quota_group', 'month', 2.5, false);
INSERT INTO analytics_llm.quota (grantee, grantee_name, period, requests_per_minute, shadow) VALUES
	('-', 'whatever', 'day', 60, true);

-- The name is kept beside the role, whatever was said.
SELECT grantee, grantee_name, period, token_limit, cost_limit, requests_per_minute, hard, shadow
  FROM analytics_llm.quota ORDER BY grantee_name COLLATE "C", period;

-- A number that is no role is refused; so is what limits nothing, or makes no
-- sense.
\set VERBOSITY terse
INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES (4000000000, 'day', 1);
INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES ('no_such_role', 'day', 1);
UPDATE analytics_llm.quota SET grantee = 4000000000 WHERE grantee = 'quota_stranger'::regrole;
INSERT INTO analytics_llm.quota (grantee, period) VALUES ('quota_watch', 'day');
INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES ('quota_member', 'month', 5);
INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES ('quota_watch', 'week', 1);
INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES ('quota_watch', 'day', -1);
INSERT INTO analytics_llm.quota (grantee, period, cost_limit) VALUES ('quota_watch', 'day', 'NaN');
INSERT INTO analytics_llm.quota (grantee, period, requests_per_minute) VALUES ('quota_watch', 'day', 0);
\set VERBOSITY default

-- A role sees its own rows, its groups' and the default, and what of each is
-- used; it writes nothing.
SET ROLE quota_member;
SELECT grantee, period FROM analytics_llm.quota ORDER BY grantee_name COLLATE "C";
-- The default does not apply to it, which has a row of its own.
SELECT grantee, period, token_limit, tokens_used, tokens_reserved, tokens_remaining,
	   fraction_used, projected_tokens, projected_overage, cost_limit, cost_used,
	   cost_reserved, requests_last_minute, resets_at > now() AS resets_later
  FROM analytics_llm.quota_status ORDER BY grantee::text COLLATE "C";
INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES ('quota_member', 'day', 1000000);
UPDATE analytics_llm.quota SET token_limit = 1000000;
DELETE FROM analytics_llm.quota;
SELECT count(*) FROM analytics_llm.usage;
SELECT count(*) FROM analytics_llm.alert;
INSERT INTO analytics_llm.usage SELECT * FROM analytics_llm.usage;
RESET ROLE;
SET ROLE quota_stranger;
SELECT grantee FROM analytics_llm.quota_status ORDER BY 1;
RESET ROLE;

-- Who has none has the default; monitoring sees all rows.
CREATE ROLE quota_other;
SET ROLE quota_other;
SELECT grantee, period, token_limit IS NULL AS unlimited, fraction_used, requests_last_minute
  FROM analytics_llm.quota_status;
RESET ROLE;
SET ROLE quota_watch;
SELECT count(*) FROM analytics_llm.quota;
SELECT grantee, period FROM analytics_llm.quota_status ORDER BY grantee::text COLLATE "C";
SELECT count(*) FROM analytics_llm.alert;
UPDATE analytics_llm.quota SET token_limit = 1;
RESET ROLE;

-- Who was granted to write sees what there is to change.
SET ROLE quota_admin;
UPDATE analytics_llm.quota SET token_limit = 2000 WHERE grantee = 'quota_member'::regrole
	RETURNING grantee, grantee_name, token_limit;
INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES ('quota_watch', 'day', 7)
	RETURNING grantee_name;
DELETE FROM analytics_llm.quota WHERE grantee = 'quota_watch'::regrole RETURNING grantee_name;
RESET ROLE;

-- A limit of 0 is used up before anything was used; one near its end is a line
-- of llm_status().
INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES ('quota_group', 'day', 0);
SELECT grantee, tokens_remaining, fraction_used, projected_overage FROM analytics_llm.quota_status
 WHERE period = 'day' AND grantee = 'quota_group'::regrole;
INSERT INTO analytics_llm.usage
SELECT 'quota_member', 'quota_member', '', p, date_trunc(p, now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC',
	   'm', 'sql_generation', '', 1, 1000, 400, 300, 200, 0, 1.25, '', 1
  FROM unnest(ARRAY['day', 'month']) AS p;
SET ROLE quota_member;
SELECT grantee, period, tokens_used, tokens_remaining, fraction_used, cost_used
  FROM analytics_llm.quota_status ORDER BY grantee::text COLLATE "C", period;
SELECT name, state, detail->>'period' AS period, detail->>'fraction_used' AS fraction_used, detail->>'hard' AS hard
  FROM llm_status() WHERE component = 'quota' ORDER BY name COLLATE "C";
SELECT user_id, period, input_tokens FROM analytics_llm.usage ORDER BY period;
RESET ROLE;
SET ROLE quota_stranger;
SELECT count(*) FROM analytics_llm.usage;
SELECT count(*) FROM llm_status() WHERE component = 'quota';
RESET ROLE;

-- Read-only is no matter.
BEGIN READ ONLY;
SELECT count(*) FROM analytics_llm.quota_status WHERE grantee = 'quota_member'::regrole;
COMMIT;

DELETE FROM analytics_llm.quota;
DELETE FROM analytics_llm.usage WHERE model = 'm';
REVOKE ALL ON analytics_llm.quota FROM quota_admin;
DROP ROLE quota_member, quota_group, quota_admin, quota_watch, quota_stranger, quota_other;
