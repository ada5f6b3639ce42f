# The trace of a question: which steps there are, what lies below what, and that
# it is whole whatever ends the question.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('trace');
my $node = $tiers->{node};
$tiers->tier(0, max_retries => 1);
my $sql = $Tiers::REVENUE;

# The lines of the tree of one question, with their status.  How often the rules
# look for a value is theirs to say.
sub tree
{
	my ($request) = @_;
	return $node->safe_psql('postgres',
		"SELECT line || ' [' || status || ']' FROM analytics_llm.trace_tree WHERE request_id = '$request' AND line !~ '^ *probe' ORDER BY n");
}

# The tree of the question with a label, which was asked in another session.
sub tree_of
{
	my ($feature) = @_;
	$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM analytics_llm.request WHERE feature = '$feature'")
	  or die "no record of \"$feature\"";
	return tree($node->safe_psql('postgres', "SELECT request_id FROM analytics_llm.request WHERE feature = '$feature'"));
}

# Asks, and compares the tree.
sub tree_is
{
	my ($name, $question, $expected, %how) = @_;
	my $got = $tiers->ask($question, %how);
	my $seen = tree($got->{answer}{request_id});
	is($seen, $expected =~ s/\n\z//r, $name);
	return $got;
}

# Everything in its place, on the shortest way.
$tiers->models($Tiers::PRIMARY => { sql => $sql });
tree_is('a model answers', $Tiers::UNDERSTOOD, <<'TREE');
llm_request: ok [ok]
  admit [ok]
  route [ok]
  tier 1 (primary model) [ok]
    prompt [ok]
    attempt 1 (claude-opus-4-7): success [ok]
      quota [ok]
      chat claude-opus-4-7: 200 [ok]
      check [ok]
      execute [ok]
      sanity [ok]
      verify: same [ok]
        read [ok]
        check [ok]
        execute [ok]
TREE

# A retry is an attempt, and so is a repair.
$tiers->models($Tiers::PRIMARY =>
	  [ { do => 'error', status => 529 }, { sql => 'SELECT nothing FROM nowhere' }, { sql => $sql } ]);
tree_is('a retry and a repair', $Tiers::NOT_UNDERSTOOD, <<'TREE');
llm_request: ok [ok]
  admit [ok]
  route [ok]
  tier 1 (primary model) [ok]
    prompt [ok]
    attempt 1 (claude-opus-4-7): error, overloaded [error]
      quota [ok]
      chat claude-opus-4-7: 529, overloaded [error]
    attempt 2 (claude-opus-4-7): invalid, undefined_table [error]
      quota [ok]
      chat claude-opus-4-7: 200 [ok]
      check: undefined_table [error]
    repair [ok]
      prompt [ok]
      attempt 3 (claude-opus-4-7): success [ok]
        quota [ok]
        chat claude-opus-4-7: 200 [ok]
        check [ok]
        execute [ok]
        sanity [ok]
        verify: none [unset]
          read [unset]
TREE

# Down all the tiers.
$tiers->models(
	$Tiers::PRIMARY => { do => 'error', status => 400 },
	$Tiers::SECONDARY => { sql => 'SELECT 1 / 0 AS revenue' });
tree_is('every tier is tried', $Tiers::UNDERSTOOD, <<'TREE', setup => 'SET analytics_llm.max_repairs = 0;');
llm_request: templated [ok]
  admit [ok]
  route [ok]
  tier 1 (primary model) [unset]
    prompt [ok]
    attempt 1 (claude-opus-4-7): error, bad_request [error]
      quota [ok]
      chat claude-opus-4-7: 400, bad_request [error]
  tier 2 (secondary model) [unset]
    prompt [ok]
    attempt 2 (claude-sonnet-5): error, query_failed, 22012 [error]
      quota [ok]
      chat claude-sonnet-5: 200 [ok]
      check [ok]
      execute: 22012 [error]
  tier 3 (verified examples) [unset]
  tier 3 (built-in rules) [ok]
    attempt 3 (semantic): success [ok]
      read [ok]
      check [ok]
      execute [ok]
      sanity [ok]
TREE

# Without rows there is no run.
my $request = $node->safe_psql('postgres', <<"SQL");
SELECT llm_sql('$Tiers::UNDERSTOOD', '{"tier": 3, "feature": "sql only"}') \\gset
SELECT llm_flush() \\gset
SELECT request_id FROM analytics_llm.request WHERE feature = 'sql only'
SQL
unlike(tree($request), qr/execute|sanity/, 'llm_sql: the query is not run');
like(tree($request), qr/check \[ok\]/, 'llm_sql: it is checked');

# A quota that is used up is where it says.
$node->safe_psql('postgres', 'CREATE ROLE poor; GRANT USAGE ON FOREIGN SERVER anthropic TO poor; GRANT SELECT ON ALL TABLES IN SCHEMA public TO poor');
$node->safe_psql('postgres', "INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES ('poor', 'day', 1)");
like(tree(($tiers->ask($Tiers::UNDERSTOOD, setup => 'SET ROLE poor;'))->{answer}{request_id}),
	qr/attempt 1 \(claude-opus-4-7\): skipped, quota \[unset\]\n {6}quota \[error\]\n  tier 2/,
	'a call that a quota does not allow');

# What ends a question leaves its trace whole: the step that it was in, and all
# above it, have ended with an error.
sub aborted
{
	my ($name, $feature, $how, $code) = @_;
	my $question = $tiers->start(qq{SELECT llm_ask('$Tiers::NOT_UNDERSTOOD', '{"feature": "$feature"}')});
	$tiers->wait_for_call;
	$node->safe_psql('postgres', <<"SQL");
SELECT $how(pid) FROM pg_stat_activity WHERE wait_event_type = 'Extension' AND query LIKE '%$feature%' AND pid <> pg_backend_pid()
SQL
	$tiers->finish($question);
	is(tree_of($feature), <<"TREE" =~ s/\n\z//r, $name);
llm_request: degraded, $code [error]
  admit [ok]
  route [ok]
  tier 1 (primary model) [error]
    prompt [ok]
    attempt 1 (claude-opus-4-7): error, $code [error]
      quota [ok]
      chat claude-opus-4-7: $code [error]
TREE
	return;
}
$tiers->models($Tiers::PRIMARY => { do => 'stall' });
$tiers->tier(1, timeout_ms => 100000);
$node->safe_psql('postgres', "ALTER SYSTEM SET analytics_llm.request_timeout = '100s'");
$node->safe_psql('postgres', 'SELECT pg_reload_conf()');
aborted('a cancel', 'cancelled', 'pg_cancel_backend', '57014');
aborted('the end of the session', 'terminated', 'pg_terminate_backend', '57P01');

# The same while the query runs.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION slow() RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN PERFORM pg_sleep(100); RETURN 1; END';
INSERT INTO analytics_llm.example (name, question, sql) VALUES ('slow', 'a slow one', 'SELECT slow()');
INSERT INTO analytics_llm.allowed_function (signature, reason) VALUES ('public.slow()', 'for the test');
SQL
my $slow = $tiers->start(q{SELECT llm_ask('a slow one', '{"tier": 3, "feature": "slow"}')});
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'") or die 'nobody sleeps';
$node->safe_psql('postgres', "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
$tiers->finish($slow);
is(tree_of('slow'), <<'TREE' =~ s/\n\z//r, 'a cancel while the query runs');
llm_request: degraded, 57014 [error]
  admit [ok]
  route [ok]
  tier 3 (verified examples) [error]
    attempt 1 (example): error, 57014 [error]
      check [ok]
      execute: 57014 [error]
TREE

# Whatever happened: one root, known parents, a part within its whole, ids that
# differ, every span ended, and in the order of the tree.
is($node->safe_psql('postgres', <<'SQL'), 't', 'the spans of every question are one tree');
WITH s AS (
	SELECT r.request_id, r.latency_ms, s.*, start_time + duration_ms * interval '1 ms' AS end_time
	  FROM analytics_llm.request AS r,
		   ROWS FROM (jsonb_to_recordset(r.spans) AS (span_id text, parent_span_id text, name text,
				start_time timestamptz, duration_ms float8, attributes jsonb, status text))
		   WITH ORDINALITY AS s (span_id, parent_span_id, name, start_time, duration_ms, attributes, status, n))
SELECT count(*) FILTER (WHERE s.n = 1 AND s.name = 'llm_request') = count(DISTINCT s.request_id)
   AND bool_and(s.n = 1 OR p.n < s.n AND s.start_time >= p.start_time
				AND s.end_time <= p.end_time + interval '2 us')
   AND bool_and(s.status IN ('ok', 'error', 'unset') AND s.span_id ~ '^[0-9a-f]{16}$')
   AND count(DISTINCT s.span_id) = count(*)
   AND count(*) = (SELECT count(*) FROM analytics_llm.trace_tree)
  FROM s LEFT JOIN s AS p ON p.request_id = s.request_id AND p.span_id = s.parent_span_id
SQL

# What an exporter reads: the names that OpenTelemetry gives.
$tiers->models($Tiers::PRIMARY => [ { do => 'error', status => 529 }, { sql => $sql } ]);
my $got = $tiers->ask($Tiers::UNDERSTOOD);
is($node->safe_psql('postgres', <<"SQL"), <<'CHAT' =~ s/\n\z//r, 'the attributes of a call');
SELECT string_agg(key || '=' || CASE WHEN key LIKE '%usage%' OR key LIKE '%first_chunk' THEN '#' ELSE value END, ' ' ORDER BY key COLLATE "C")
  FROM analytics_llm.span, jsonb_each_text(attributes)
 WHERE request_id = '$got->{answer}{request_id}' AND name LIKE 'chat%'
 GROUP BY start_time ORDER BY start_time
SQL
analytics_llm.server=anthropic error.type=overloaded gen_ai.operation.name=chat gen_ai.provider.name=anthropic gen_ai.request.max_tokens=4096 gen_ai.request.model=claude-opus-4-7 gen_ai.response.time_to_first_chunk=# http.response.status_code=529
analytics_llm.server=anthropic gen_ai.operation.name=chat gen_ai.provider.name=anthropic gen_ai.request.max_tokens=4096 gen_ai.request.model=claude-opus-4-7 gen_ai.response.model=claude-opus-4-7 gen_ai.response.time_to_first_chunk=# gen_ai.usage.cache_creation.input_tokens=# gen_ai.usage.cache_read.input_tokens=# gen_ai.usage.input_tokens=# gen_ai.usage.output_tokens=# http.request.resend_count=1 http.response.status_code=200
CHAT
is($node->safe_psql('postgres', <<"SQL"), 't', 'the tokens of a call are those of the log');
SELECT (s.attributes ->> 'gen_ai.usage.input_tokens')::int = l.input_tokens + l.cache_read_tokens + l.cache_write_tokens
   AND (s.attributes ->> 'gen_ai.usage.output_tokens')::int = l.output_tokens
  FROM analytics_llm.span AS s JOIN analytics_llm.log AS l USING (request_id)
 WHERE request_id = '$got->{answer}{request_id}' AND s.name LIKE 'chat%' AND l.status = 'success' AND s.status = 'ok'
SQL

# Each step is for a tier and a model, which those below it share.
is($node->safe_psql('postgres', <<"SQL"), <<'SCOPE' =~ s/\n\z//r, 'the tier and the model of each step');
SELECT DISTINCT concat_ws(' ', name, tier, model) COLLATE "C" FROM analytics_llm.span
 WHERE request_id = '$got->{answer}{request_id}' AND name NOT LIKE 'chat%' ORDER BY 1
SQL
admit
attempt 1 claude-opus-4-7
check 1 claude-opus-4-7
execute 1 claude-opus-4-7
llm_request 1 claude-opus-4-7
prompt 1 claude-opus-4-7
quota 1 claude-opus-4-7
read 1 claude-opus-4-7
route
sanity 1 claude-opus-4-7
tier 1
verify 1 claude-opus-4-7
SCOPE

# More steps than fit are counted.
$node->safe_psql('postgres', "UPDATE analytics_llm.tier SET max_retries = 0, timeout_ms = 100000");
$node->safe_psql('postgres', <<'SQL');
INSERT INTO analytics_llm.tier (tier, position, model, timeout_ms, min_confidence, max_retries)
SELECT 1, 1 + n, 'claude-opus-4-7', 100000, 0, 0 FROM generate_series(1, 40) AS n
SQL
$tiers->models($Tiers::PRIMARY => { do => 'error', status => 400 }, $Tiers::SECONDARY => { do => 'error', status => 400 });
$got = $tiers->ask($Tiers::UNDERSTOOD);
is(scalar @{ $got->{log} }, 43, 'a question with many attempts');
is($node->safe_psql('postgres', <<"SQL"), '100|100|80', 'its trace has a bound, and says how many steps it left out');
SELECT count(*), (SELECT count(*) FROM analytics_llm.trace_tree WHERE request_id = '$got->{answer}{request_id}'),
	   (array_agg(attributes ->> 'analytics_llm.spans_left_out' ORDER BY start_time))[1]
  FROM analytics_llm.span WHERE request_id = '$got->{answer}{request_id}'
SQL

$tiers->stop;
figure_all_passed('trace_of_a_question');
done_testing();
