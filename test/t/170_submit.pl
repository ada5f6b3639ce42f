# Submitted questions: answered in the background as the role that asked, with
# its session's settings; in order within a role, while roles take turns; they
# can be watched, cancelled and fetched by their role alone.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('submit',
	"analytics_llm.background_workers = 4\nmax_worker_processes = 20\nanalytics_llm.request_timeout = '300s'\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
my $primary = $Tiers::PRIMARY;
my $example = q('{"tier": 3}');	# options: no model is asked
my $unknown = '00000000-0000-4000-8000-000000000000';
$tiers->tier(0, timeout_ms => 300000);
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE ann NOLOGIN;
CREATE ROLE ben NOLOGIN;
CREATE ROLE login_ann LOGIN IN ROLE ann;
GRANT USAGE ON FOREIGN SERVER anthropic TO PUBLIC;
GRANT SELECT ON regions, sales TO ann, ben;
CREATE TABLE tenants (tenant text, secret text);
INSERT INTO tenants VALUES ('a', 'of a'), ('b', 'of b');
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (tenant = current_setting('app.tenant', true));
GRANT SELECT ON tenants TO ann;
GRANT SELECT ON analytics_llm.example TO PUBLIC;
INSERT INTO analytics_llm.example (name, question, sql) VALUES
	('tenants', 'which secrets', 'SELECT secret FROM tenants'),
	('who', 'who asks', 'SELECT current_user AS c, session_user AS s'),
	('fail', 'divide by nothing', 'SELECT 1 / (count(*) - count(*)) AS x FROM regions'),
	('regions', 'which regions', 'SELECT name FROM regions ORDER BY name');
SQL

# What psql gives for some commands as a role.
sub as
{
	my ($role, $sql, %how) = @_;
	my $setup = $how{setup} || '';
	return $node->safe_psql('postgres', "$setup; SET ROLE $role; $sql");
}

# The envelope, once it is there.
sub result
{
	my ($role, $id, %how) = @_;
	my $setup = $how{setup} || '';
	for (1 .. 600)
	{
		my $got = decode_json(as($role, "SELECT row_to_json(llm_result('$id'))", %how));
		return $got if $got->{status} ne 'running';
		select(undef, undef, undef, 0.05);
	}
	die 'no answer came';
}

sub submit
{
	my ($role, $question, %how) = @_;
	my $options = $how{model} ? "'{}'" : $example;
	return as($role, 'SELECT llm_submit(' . Tiers::literal($question) . ", $options)", %how);
}

# As the asker, whatever becomes of the transaction, and in a read-only one.
$tiers->models($primary => { sql => $Tiers::REVENUE });
my $id = submit('ann', 'revenue by region', model => 1);
my $got = result('ann', $id);
is($got->{status}, 'ok', 'a model answers');
is($got->{request_id}, $id, 'under the id that was given');
is(scalar @{ $got->{rows} }, 3, 'with its rows');
$node->poll_query_until('postgres',
	"SELECT count(*) = 1 FROM analytics_llm.request WHERE request_id = '$id' AND user_name = 'ann'")
  or fail('the request is recorded');
my ($said, $err);
$id = (split /\n/, as('ann', "BEGIN READ ONLY; SELECT llm_submit('which regions', $example); ROLLBACK"))[-1];
is_deeply(result('ann', $id)->{rows}, [ map { { name => $_ } } qw(North South West) ],
	'a read-only transaction that rolled back has submitted one');

# Whose rights hold, and who had logged in.
my $who = result('ann', submit('ann', 'who asks'));
my $session_user = $node->safe_psql('postgres', 'SELECT session_user');
is_deeply($who->{rows}, [ { c => 'ann', s => $session_user } ], 'current_user and session_user are those of the asker');
is_deeply(result('ann', submit('ann', 'which secrets', setup => "SET app.tenant = 'a'"), setup => "SET app.tenant = 'a'")->{rows}, [ { secret => 'of a' } ],
	'a policy reads the setting of the session');
is_deeply(result('ann', submit('ann', 'which secrets'))->{rows}, [], 'which the next one has not');
is(result('ben', submit('ben', 'which secrets'))->{error_code}, 'LLM01', 'a role without the right gets nothing');

# An answer that cannot be kept is one that says so.
$node->safe_psql('postgres', "ALTER TABLE analytics_llm.result ADD CONSTRAINT \"full\" CHECK (answer ->> 'status' <> 'templated') NOT VALID");
$got = result('ann', submit('ann', 'which regions'));
is_deeply([ @{$got}{qw(status error_code message rows)} ], [ 'degraded', '23514', 'the answer could not be kept', undef ], 'no answer vanishes');
$node->safe_psql('postgres', 'ALTER TABLE analytics_llm.result DROP CONSTRAINT "full"');

# A failure is an answer, too.
is(result('ann', submit('ann', 'divide by nothing'))->{error_code}, 'LLM01', 'a query that fails is a degraded answer');

# What is not admitted is refused at once.
for ([ "SELECT llm_submit('')", qr/the question has no words/ ],
	[ "SELECT llm_submit('x', '{\"wrong\": 1}')", qr/unknown option "wrong"/ ],
	[ "SELECT llm_result('$unknown')", qr/role "ann" has no submitted question/ ])
{
	$node->psql('postgres', "SET ROLE ann; $_->[0]", stderr => \$err);
	like($err, $_->[1], $_->[0]);
}
is(as('ann', "SELECT llm_cancel('$unknown')"), 'f', 'nothing to cancel');

# Its role alone fetches it, for the same end user, and while it may read.
$id = submit('ann', 'which regions', setup => "SET analytics_llm.end_user = 'eve'");
$got = result('ann', $id, setup => "SET analytics_llm.end_user = 'eve'");
is(scalar @{ $got->{rows} }, 3, 'the end user gets the rows');
for ([ 'ben', "SET analytics_llm.end_user = 'eve'" ], [ 'ann', "SET analytics_llm.end_user = 'mallory'" ], [ 'pg_monitor', "SET analytics_llm.end_user = 'eve'" ])
{
	$node->psql('postgres', "$_->[1]; SET ROLE $_->[0]; SELECT llm_result('$id')", stderr => \$err);
	like($err, qr/has no submitted question/, "$_->[0] after $_->[1] does not");
	$node->psql('postgres', "SET ROLE $_->[0]; SELECT count(*) FROM analytics_llm.result", stderr => \$err);
	like($err, qr/permission denied for table result/, "nor from the table");
}
$node->safe_psql('postgres', <<'SQL');
REVOKE SELECT ON regions FROM ann;
CREATE SCHEMA other;
CREATE TABLE other.regions (name text);
GRANT USAGE ON SCHEMA other TO ann;
GRANT SELECT ON other.regions TO ann;
SQL
$got = result('ann', $id, setup => "SET analytics_llm.end_user = 'eve'; SET search_path = other, public");
is_deeply([ @{$got}{qw(status error_code rows sql)} ], [ 'blocked', '42501', undef, undef ], 'a right that is gone withholds the rows');
$node->safe_psql('postgres', 'GRANT SELECT ON regions TO ann');

# A role that is renamed is the same role.
$node->safe_psql('postgres', 'ALTER ROLE ann RENAME TO anne');
is(scalar @{ result('anne', $id, setup => "SET analytics_llm.end_user = 'eve'")->{rows} }, 3, 'a renamed role gets its rows');
$node->safe_psql('postgres', 'ALTER ROLE anne RENAME TO ann');

# Rows that depend on the session are for one that is like it; what keeps them
# back is named.  Those that depend on the data alone are for any.
$id = submit('ann', 'which secrets', setup => "SET app.tenant = 'a'; SET analytics_llm.request_timeout = '200s'");
is_deeply(result('ann', $id, setup => "SET app.tenant = 'a'")->{rows}, [ { secret => 'of a' } ], 'another session with the same settings gets the rows');
for ([ "SET app.tenant = 'b'", qr/differs from this one in setting "app\.tenant"/ ],
	[ '', qr/in setting "app\.tenant"/ ],
	[ "SET app.tenant = 'a'; SET application_name = 'other'", qr/in setting "application_name"/ ],
	[ "SET app.tenant = 'a'; SET app.other = 'a'", qr/in setting "app\.other"/ ],
	[ "SET app.tenant = 'a'; SET SESSION AUTHORIZATION login_ann", qr/in session_user/ ])
{
	$got = result('ann', $id, setup => $_->[0]);
	is_deeply([ @{$got}{qw(status error_code rows sql)} ], [ 'blocked', '55000', undef, undef ], "not after \"$_->[0]\"");
	like($got->{message}, $_->[1], 'and it is said why');
}
$node->safe_psql('postgres', 'CREATE ROLE crew; GRANT crew TO ann');
like(result('ann', $id, setup => "SET app.tenant = 'a'")->{message}, qr/in the memberships of the role/, 'nor as a member of one more role');
$node->safe_psql('postgres', 'REVOKE crew FROM ann');
is(scalar @{ result('ann', $id, setup => "SET app.tenant = 'a'")->{rows} }, 1, 'and when it is none, again');
$node->safe_psql('postgres', "ALTER POLICY own ON tenants USING (tenant = current_setting('app.tenant', true) AND secret <> 'of a')");
$got = result('ann', $id, setup => "SET app.tenant = 'a'");
is_deeply([ @{$got}{qw(status error_code rows)} ], [ 'blocked', '55000', undef ], 'another policy keeps them back');
like($got->{message}, qr/a view or a policy has changed/, 'which is said');
$node->safe_psql('postgres', "ALTER POLICY own ON tenants USING (tenant = current_setting('app.tenant', true))");
$id = submit('ann', 'which regions', setup => "SET app.tenant = 'a'");
is(scalar @{ result('ann', $id, setup => 'SET SESSION AUTHORIZATION login_ann')->{rows} }, 3, 'rows of the data alone need no setting');
$node->safe_psql('postgres', 'ANALYZE regions; VACUUM FULL regions');
is(scalar @{ result('ann', $id)->{rows} }, 3, 'and a table that is written anew keeps none back');

# The worker cannot be made to become anybody else.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION become() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN PERFORM set_config('session_authorization', 'postgres', false); RETURN session_user; END $$;
CREATE FUNCTION become_role() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN PERFORM set_config('role', 'none', false); RETURN current_user; END $$;
GRANT CREATE ON SCHEMA public TO ann;
INSERT INTO analytics_llm.example (name, question, sql) VALUES
	('become', 'become another', 'SELECT become() AS b'), ('role', 'become none', 'SELECT become_role() AS b');
SQL
$node->safe_psql('postgres', 'SELECT llm_flush(); DELETE FROM analytics_llm.log');
for my $question ('become another', 'become none')
{
	$got = result('ann', submit('ann', $question));
	is_deeply([ @{$got}{qw(status error_code rows)} ], [ 'degraded', 'LLM01', undef ], "\"$question\" fails");
}
ok($node->poll_query_until('postgres', <<'SQL'), 'for that reason');
SELECT count(*) = 2 FROM analytics_llm.log WHERE error_message ~ '^cannot set parameter "(role|session_authorization)" within security-'
SQL

# While it waits for a model it is seen, pins no snapshot, and can be cancelled.
$tiers->models($primary => { do => 'stall' });
$id = submit('ann', 'churn by cohort', model => 1);
ok($stub->wait_for(requests => 1), 'a call is under way');
is(decode_json(as('ann', "SELECT row_to_json(llm_result('$id'))"))->{status}, 'running', 'it is said to be running');
is($node->safe_psql('postgres', <<'SQL'), '1|t', 'its worker is shown, and holds no snapshot');
SELECT count(*), bool_and(backend_xmin IS NULL AND wait_event_type = 'Extension')
  FROM pg_stat_activity WHERE backend_type = 'analytics_llm question'
SQL
is($node->safe_psql('postgres', "SELECT state, detail->>'running' FROM llm_status() WHERE component = 'background'"),
	'answering|1', 'llm_status() counts it');
$node->psql('postgres', "SET ROLE ben; SELECT llm_cancel('$id')", stdout => \$said);
is($said, 'f', 'another role cannot cancel it');
is(as('ann', "SELECT llm_cancel('$id')"), 't', 'its own can');
$got = result('ann', $id);
is_deeply([ @{$got}{qw(status error_code)} ], [ 'degraded', '57014' ], 'the answer says that it was cancelled');
ok($stub->wait_for(closed => 1), 'and nobody waits for the model any more');
is(as('ann', "SELECT llm_cancel('$id')"), 'f', 'once');

# Who listens is told.
$said = $node->safe_psql('postgres', <<'SQL');
LISTEN analytics_llm_result;
SELECT llm_submit('which regions', '{"tier": 3}') AS id \gset
DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM analytics_llm.result AS r WHERE r.answer->>'sql' IS NOT NULL
	AND r.user_name = current_user) LOOP PERFORM pg_sleep(0.05); END LOOP; END $$;
\echo :id
SQL
like($said, qr/with payload "(\S+)" received from server process with PID \d+\.\n\1\z/, 'who listens is told');

# So is everybody else who listens: of the id, and nothing more, which is not
# enough to fetch, to cancel or to see anything.
my $listener = $node->background_psql('postgres', on_error_stop => 0);
$listener->query_safe('SET ROLE ben; LISTEN analytics_llm_result');
$id = submit('ann', 'which secrets', setup => "SET app.tenant = 'a'; SET analytics_llm.end_user = 'eve'");
result('ann', $id, setup => "SET app.tenant = 'a'; SET analytics_llm.end_user = 'eve'");
$said = $listener->query('SELECT 1');
like($said, qr/Asynchronous notification "analytics_llm_result" with payload "$id" received from server process with PID \d+\.$/m, 'another role hears of it');
unlike($said, qr/ann|eve|tenant|secret|of a/, 'of the id alone');
for my $try ("llm_result('$id')", "llm_feedback('$id', true)")
{
	$listener->{stderr} = '';
	$listener->query("SET app.tenant = 'a'; SET analytics_llm.end_user = 'eve'; SELECT $try");
	like($listener->{stderr}, qr/role "ben" has no submitted question|is no question of role "ben"/, "$try is refused");
	unlike($listener->{stderr}, qr/ann|which|of a/, 'without a word of it');
}
is($listener->query("SELECT llm_cancel('$id')"), 'f', 'nor is there anything to cancel');
is($listener->query("SELECT (SELECT count(*) FROM analytics_llm.request WHERE request_id = '$id') + (SELECT count(*) FROM analytics_llm.log WHERE request_id = '$id')"), '0', 'or to see');
$listener->quit;

# Two hundred questions of two roles: each role's start in order of submission,
# and the second role does not wait for the first one's hundred.
$node->safe_psql('postgres', 'DELETE FROM analytics_llm.result');
$stub->reset;
as('ann', "SELECT count(llm_submit('which regions', $example)) FROM generate_series(1, 150)");
as('ben', "SELECT count(llm_submit('which regions', $example)) FROM generate_series(1, 50)");
$node->poll_query_until('postgres', 'SELECT count(*) = 200 FROM analytics_llm.result') or fail('200 are answered');
my ($out_of_order) = $node->safe_psql('postgres', <<'SQL');
SELECT count(*) FROM (SELECT started_at < lag(started_at) OVER (PARTITION BY user_name ORDER BY submitted_at) AS before_another
	FROM analytics_llm.result) AS s WHERE before_another
SQL
my ($longest_run) = $node->safe_psql('postgres', <<'SQL');
SELECT max(n) FROM (SELECT count(*) AS n FROM (SELECT started_at, user_name, row_number() OVER (ORDER BY started_at)
		- row_number() OVER (PARTITION BY user_name ORDER BY started_at) AS run
	FROM analytics_llm.result
	WHERE started_at BETWEEN (SELECT min(started_at) FROM analytics_llm.result WHERE user_name = 'ben')
		AND (SELECT max(started_at) FROM analytics_llm.result WHERE user_name = 'ben')) AS s GROUP BY user_name, run) AS r
SQL
figure_at_most('submitted_out_of_order', $out_of_order, 'of 200', 0);
figure_at_most('submitted_turns_taken_twice', $longest_run, 'starts of one role in a row', 1);
is($node->safe_psql('postgres', "SELECT bool_and((answer->>'status') = 'templated') FROM analytics_llm.result"), 't', 'all are answered');

# What is older than a day goes.
$tiers->set('analytics_llm.log_retention', '1s');
$node->safe_psql('postgres', "UPDATE analytics_llm.result SET finished_at = finished_at - interval '25 hours' WHERE user_name = 'ann'");
ok($node->poll_query_until('postgres', <<'SQL'), 'old answers go, and no others');
SELECT llm_submit('which regions', '{"tier": 3}') IS NOT NULL
	AND count(*) FILTER (WHERE user_name = 'ben') = 50
	AND count(*) FILTER (WHERE user_name = 'ann') = 0 FROM analytics_llm.result
SQL

# One role cannot take all the room, and what waits can be cancelled.
$tiers->models($primary => { do => 'stall' });
as('ann', "SELECT count(llm_submit('churn by cohort')) FROM generate_series(1, 256)");
$node->psql('postgres', "SET ROLE ann; SELECT llm_submit('churn by cohort')", stderr => \$err);
like($err, qr/role "ann" has 256 submitted questions/, 'a role has a bound');
$id = submit('ben', 'churn by cohort', model => 1);
like(decode_json(as('ben', "SELECT row_to_json(llm_result('$id'))"))->{message}, qr/waits for a worker, and so do 0 of the same role/,
	'another role has room, and is told where it stands');
is(as('ben', "SELECT llm_cancel('$id')"), 't', 'one that waits is cancelled');
$node->psql('postgres', "SET ROLE ben; SELECT llm_result('$id')", stderr => \$err);
like($err, qr/has no submitted question/, 'and is gone');

# So is one of another role by a superuser, who is also told how far it is.
my $busy = "FROM pg_stat_activity WHERE backend_type = 'analytics_llm question' AND query LIKE 'answering submitted question %' LIMIT 1";
$node->poll_query_until('postgres', "SELECT count(*) = 4 FROM (SELECT 1 " . ($busy =~ s/ LIMIT 1//r) . ") AS b") or fail('all workers have questions');
$id = $node->safe_psql('postgres', "SELECT split_part(query, ' ', 4) $busy");
is($node->safe_psql('postgres', "SELECT status FROM llm_result('$id')"), 'running', 'a superuser sees a question of another role');
is($node->safe_psql('postgres', "SELECT llm_cancel('$id')"), 't', 'and cancels it');
is(result('ann', $id)->{error_code}, '57014', 'which its asker is told');

# Who asks one question after the other does not keep out who asks many: a role
# that has had its turn comes after one that waited meanwhile.
sub wait_state
{
	my ($role, $which) = @_;
	return decode_json(as($role, "SELECT row_to_json(llm_result('$which'))"))->{message};
}
sub free_one
{
	my $which = $node->safe_psql('postgres', "SELECT split_part(query, ' ', 4) FROM (SELECT query, llm_cancel(split_part(query, ' ', 4)::uuid) AS c $busy) AS b WHERE c");
	$node->poll_query_until('postgres', "SELECT status <> 'running' FROM llm_result('$which')") or fail('cancelled');
	$node->poll_query_until('postgres', "SELECT count(*) = 4 FROM (SELECT 1 " . ($busy =~ s/ LIMIT 1//r) . ") AS b") or fail('its place is taken');
	return;
}
$node->safe_psql('postgres', 'CREATE ROLE cy; GRANT SELECT ON regions, sales TO cy');
my $of_ben = submit('ben', 'churn by cohort', model => 1);
free_one();
like(wait_state('ben', $of_ben), qr/is being answered/, 'a role that has had none comes next');
my $of_cy = submit('cy', 'churn by cohort', model => 1);
free_one();
like(wait_state('cy', $of_cy), qr/waits for a worker/, 'then the one that waits for longer');
free_one();
like(wait_state('cy', $of_cy), qr/is being answered/, 'and then the other');
as('ben', "SELECT llm_cancel('$of_ben')");
as('cy', "SELECT llm_cancel('$of_cy')");
result('ben', $of_ben);
result('cy', $of_cy);

# A worker that is terminated leaves its place, and an answer that says so.
$node->poll_query_until('postgres', "SELECT count(*) = 4 FROM (SELECT 1 " . ($busy =~ s/ LIMIT 1//r) . ") AS b") or fail('all workers have questions');
$id = $node->safe_psql('postgres', "SELECT split_part(query, ' ', 4) FROM (SELECT query, pg_terminate_backend(pid) $busy) AS b");
$got = result('ann', $id);
is_deeply([ @{$got}{qw(status error_code message)} ], [ 'degraded', '57P01', 'the worker that was answering the question has been terminated' ],
	'a terminated worker is an answer');
$node->poll_query_until('postgres', "SELECT detail->>'running' = '4' FROM llm_status() WHERE component = 'background'")
  or fail('another worker takes its place');

# Nor can it with a few that are large: half of two megabytes each.
my $large = "SELECT set_config('my.filler', repeat('x', 1000000), false) IS NULL";
$node->psql('postgres', "SET ROLE ben; $large; SELECT llm_submit('churn by cohort') FROM generate_series(1, 3)", stderr => \$err);
like($err, qr/submitted questions of role "ben" would take more than 2048 kB/, 'a role has a bound in memory');
$node->psql('postgres', "SET ROLE ben; SELECT set_config('my.filler', repeat('x', 3000000), false) IS NULL; SELECT llm_submit('churn by cohort')", stderr => \$err);
like($err, qr/submitted questions of role "ben" would take more than 2048 kB/, 'also for a single one');
ok(as('pg_monitor', "SELECT llm_submit('churn by cohort') IS NOT NULL"), 'which leaves room for others');

# A crash leaves nothing behind.
$node->stop('immediate');
$node->start;
is($node->safe_psql('postgres', "SELECT state, detail->>'waiting' FROM llm_status() WHERE component = 'background'"),
	'idle|0', 'after a crash nothing waits');
$tiers->models($primary => { sql => $Tiers::REVENUE });
is(result('ann', submit('ann', 'revenue by region', model => 1))->{status}, 'ok', 'and the pool answers again');

# A database can be dropped once its questions are answered.
$node->safe_psql('postgres', 'CREATE DATABASE gone');
$node->safe_psql('gone', "CREATE EXTENSION analytics_llm; SELECT llm_submit('what is one')");
$node->poll_query_until('gone', 'SELECT count(*) = 1 FROM analytics_llm.result') or fail('answered there');
$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = 'gone'");
$node->safe_psql('postgres', 'DROP DATABASE gone');

# Or with those that wait: they are given up, and no worker is started for them.
$node->safe_psql('postgres', 'CREATE DATABASE gone');
$tiers->models($primary => { do => 'stall' });
as('ann', "SELECT count(llm_submit('churn by cohort')) FROM generate_series(1, 4)");
$node->poll_query_until('postgres', "SELECT count(*) = 4 FROM (SELECT 1 " . ($busy =~ s/ LIMIT 1//r) . ") AS b") or fail('all workers have questions');
$node->safe_psql('gone', "CREATE EXTENSION analytics_llm; SELECT count(llm_submit('what is one')) FROM generate_series(1, 40)");
my $log_before = -s $node->logfile;
$node->safe_psql('postgres', 'DROP DATABASE gone');
$node->safe_psql('postgres', "SELECT llm_cancel(split_part(query, ' ', 4)::uuid) " . ($busy =~ s/ LIMIT 1//r));
$node->poll_query_until('postgres', "SELECT detail->>'waiting' = '0' FROM llm_status() WHERE component = 'background'") or fail('none waits');
my $lines = substr(slurp_file($node->logfile), $log_before);
is(scalar(() = $lines =~ /was given up: no worker could connect/g), 40, 'questions of a dropped database are given up');
unlike($lines, qr/FATAL/, 'without a worker for each');

# With one free worker slot for all, they still start in their order.
$node->append_conf('postgresql.conf', 'max_worker_processes = 3');
$node->restart;
$node->safe_psql('postgres', 'DELETE FROM analytics_llm.result');
as('ann', "SELECT count(llm_submit('which regions', $example)) FROM generate_series(1, 12)");
$node->poll_query_until('postgres', 'SELECT count(*) = 12 FROM analytics_llm.result') or fail('12 are answered');
is($node->safe_psql('postgres', <<'SQL'), '0', 'with no slot for a worker, order is kept');
SELECT count(*) FROM (SELECT started_at < lag(started_at) OVER (ORDER BY submitted_at) AS before_another
	FROM analytics_llm.result) AS s WHERE before_another
SQL

# Without a pool, and while settings do not allow it, that is said.
$node->append_conf('postgresql.conf', 'analytics_llm.background_workers = 0');
$node->restart;
$node->psql('postgres', "SELECT llm_submit('which regions')", stderr => \$err);
like($err, qr/this server answers no submitted questions/, 'a server without a pool says so');
is($node->safe_psql('postgres', "SELECT state FROM llm_status() WHERE component = 'background'"), 'off', 'also in llm_status()');

figure_all_passed('submitted_questions');
$tiers->stop;
done_testing();
