# One flight: the same asked by many at once is one call of a model.  The others
# wait, as long as they want to; when the one that asks ends, one of them takes
# over.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use Figure;
use Tiers;

use constant MANY => 100;
use constant SOME => 12;

my $tiers = Tiers->new('flight', <<"CONF");
analytics_llm.cache_ttl = '5min'
analytics_llm.sql_cache_ttl = '1d'
analytics_llm.request_timeout = '120s'
max_connections = 130
log_statement = none
CONF
my ($node, $stub) = @{$tiers}{qw(node stub)};
my $primary = $Tiers::PRIMARY;
$tiers->tier(0, max_retries => 0, timeout_ms => 100000);
$node->safe_psql('postgres', <<'SQL');
UPDATE analytics_llm.tier SET enabled = false WHERE tier = 2;
CREATE VIEW mine AS SELECT * FROM sales WHERE region_id = current_setting('app.tenant')::int;
CREATE ROLE other LOGIN;
GRANT SELECT ON sales, regions TO other;
GRANT USAGE ON FOREIGN SERVER anthropic TO other;
SQL
my $good = 'SELECT region_id, count(*) AS n FROM sales GROUP BY region_id ORDER BY region_id';
my $dir = PostgreSQL::Test::Utils::tempdir();
my $n = 0;

# Starts sessions that run some commands each, by pgbench; all of them stop at
# the first error.
sub sessions
{
	my ($count, $commands) = @_;
	my $file = "$dir/script" . $n++;
	append_to_file($file, $commands);
	my ($out, $err) = ('', '');
	my $run = IPC::Run::start(
		[ 'pgbench', '-n', '-c', $count, '-j', 1, '-t', 1, '-f', $file, '-d', $node->connstr('postgres') ],
		'<', \undef, '>', \$out, '2>', \$err);
	return { run => $run, out => \$out, err => \$err };
}

sub finished
{
	my ($sessions) = @_;
	$sessions->{run}->finish;
	return ${ $sessions->{out} } =~ m{number of transactions actually processed: (\d+)/} ? $1 : ${ $sessions->{err} };
}

# Waits until so many sessions wait, for the model or for the one that asks it.
sub wait_for
{
	my ($count) = @_;
	$node->poll_query_until('postgres',
		"SELECT count(*) = $count FROM pg_stat_activity WHERE wait_event_type = 'Extension' AND state = 'active' AND query LIKE '%llm_a%' AND pid <> pg_backend_pid()")
	  or die "not $count sessions wait: " . $node->safe_psql('postgres', 'SELECT wait_event_type, wait_event, state, left(query, 40), count(*) FROM pg_stat_activity GROUP BY 1, 2, 3, 4');
	return;
}

sub calls { return scalar $stub->requests; }

# A question that the model answers when it is released, and the session that
# asks it first.
sub leader
{
	my ($question, $sql, $setup) = @_;
	$tiers->models($primary => [ { do => 'stall', sql => $sql }, { sql => $sql } ]);
	my $session = $tiers->start([ $setup || 'SELECT 1', "SELECT llm_ask('$question')" ]);
	$stub->wait_for(requests => 1) or die 'no call';
	wait_for(1);
	return $session;
}

sub pid_of_leader
{
	return $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Extension' AND query LIKE '%llm_ask%' AND pid <> pg_backend_pid()");
}

# What a session does that wants these rows and no others.
sub wants
{
	my ($question, $options) = @_;
	$options ||= '{}';
	return "SELECT 1 / (count(*) = 3 AND sum((r ->> 'n')::int) = 60)::int FROM llm_ask('$question', '$options') AS r;\n";
}

# Many at once.
$tiers->models($primary => [ { do => 'stall', sql => $good }, { sql => $good } ]);
my $all = sessions(MANY, wants('one for all'));
wait_for(MANY);
$stub->release;
is(finished($all), MANY, MANY . ' sessions are answered');
figure_at_most('single_flight_calls', calls(), 'calls', 1);
$node->poll_query_until('postgres', q{SELECT (detail ->> 'bytes')::bigint = 0 FROM llm_status() WHERE component = 'queue'})
  or die 'the queue does not empty';
is($node->safe_psql('postgres', q{SELECT count(*), sum(input_tokens) > 0, count(*) FILTER (WHERE input_tokens > 0) FROM analytics_llm.request WHERE question = 'one for all' AND status = 'ok' AND row_count = 3}),
	MANY . '|t|1', 'each is recorded, and one has spent');

# Many at once with real columns, and some who want rows of JSON.
$tiers->models($primary => [ { do => 'stall', sql => $good }, { sql => $good } ]);
my $columns = sessions(SOME, <<'SQL');
DO $$DECLARE r record; s int := 0; BEGIN FOR r IN SELECT * FROM llm_ask('columns for all') LOOP s := s + r.n; END LOOP; IF s <> 60 THEN RAISE 'wrong'; END IF; END$$;
SQL
my $json = sessions(SOME, wants('columns for all'));
wait_for(2 * SOME);
$stub->release;
is(finished($columns), SOME, SOME . ' sessions are answered with real columns');
is(finished($json), SOME, 'and as many with JSON');
figure_at_most('single_flight_calls_with_real_columns', calls(), 'calls', 1);

# The leader is terminated.
for my $case ([ 'terminate', 'single_flight_calls_leader_terminated' ], [ 'cancel', 'single_flight_calls_leader_cancelled' ])
{
	my ($how, $figure) = @$case;
	my $leader = leader("$how the first", $good);
	my $pid = pid_of_leader();
	my $followers = sessions(MANY - 1, wants("$how the first"));
	wait_for(MANY);
	$node->safe_psql('postgres', "SELECT pg_${how}_backend($pid)");
	is(finished($followers), MANY - 1, "$how: the others are answered");
	$tiers->finish($leader);
	figure_at_most($figure, calls(), 'calls', 2);
}

# A model that fails is asked again, for those who wait.
$tiers->models($primary => [ { do => 'stall' }, { sql => $good } ]);
my $first = $tiers->start([ "SELECT llm_ask('a slow one', '{\"timeout_ms\": 3000}')" ]);
$stub->wait_for(requests => 1);
my $followers = sessions(SOME, wants('a slow one'));
wait_for(SOME + 1);
is(finished($followers), SOME, 'a leader without an answer');
like(($tiers->finish($first))[1], qr/LLM01/, 'which has none itself');
is(calls(), 2, 'makes one of the others ask');

# A follower that is cancelled, or has less time, lets the others be.
my $leader = leader('a follower leaves', $good);
my $impatient = $tiers->start([ "SELECT llm_ask('a follower leaves', '{\"timeout_ms\": 1000}')" ]);
my $cancelled = $tiers->start([ "SELECT llm_answer('a follower leaves')" ]);
$followers = sessions(SOME, wants('a follower leaves'));
like(($tiers->finish($impatient))[1], qr/LLM01.*Another session: asks the same, and had no answer within 1 s/s, 'its own time is up');
wait_for(SOME + 2);
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%llm_answer%' AND pid <> pg_backend_pid()});
like(($tiers->finish($cancelled))[1], qr/57014.*canceling statement due to user request/, 'it is cancelled');
wait_for(SOME + 1);
$stub->release;
is(finished($followers), SOME, 'the others are answered');
like(($tiers->finish($leader))[0], qr/"n":20/, 'and the leader');
is(calls(), 1, 'by one call');

# statement_timeout ends the wait as well.
$leader = leader('a statement timeout', $good);
my $timed = $tiers->start([ "SET statement_timeout = '500ms'", "SELECT llm_ask('a statement timeout')" ]);
like(($tiers->finish($timed))[1], qr/57014.*statement timeout/, 'statement_timeout');
$stub->release;
$tiers->finish($leader);

# Rows that depend on the session are not shared: the query is.
$leader = leader('of my own', 'SELECT sum(revenue) AS r FROM mine', "SET app.tenant = '1'");
$followers = sessions(SOME, <<'SQL');
\set tenant random(1, 3)
SET app.tenant = :tenant;
SELECT 1 / ((SELECT (r ->> 'r')::numeric FROM llm_ask('of my own') AS r) = (SELECT sum(revenue) FROM mine))::int;
SQL
wait_for(SOME + 1);
$stub->release;
is(finished($followers), SOME, 'each has rows of its own');
$tiers->finish($leader);
is(calls(), 1, 'by one call');

# Nor is it shared with another role, another end user, or who asks anew.
$leader = leader('not with others', $good);
my @others = map { $tiers->start($_) }
  [ 'SET ROLE other', "SELECT llm_ask('not with others')" ],
  [ "SET analytics_llm.end_user = 'ann'", "SELECT llm_ask('not with others')" ],
  [ "SELECT llm_ask('not with others', '{\"cache\": false}')" ],
  [ 'CREATE TABLE written (a int)', 'BEGIN', 'INSERT INTO written VALUES (1)', "SELECT llm_ask('not with others')" ];
like(($tiers->finish($_))[0], qr/"n":20/, 'answered without the others') for @others;
$stub->release;
$tiers->finish($leader);
is(calls(), 5, 'by a call each');

# What no answer is kept of is shared by those who wait, and by nobody later.
for my $case (
	[ 'doubtful', { sql => 'SELECT max(revenue) AS m FROM sales WHERE sale_id < 0' }, 'ok|1', 'aggregate ran over no rows' ],
	[ 'uncertain', { sql => $good, assumptions => [ 'a', 'b', 'c' ] }, 'needs_review|0', 'LLM04' ],
	[ 'unanswerable', { answerable => JSON::PP::false, sql => '' }, 'degraded|0', 'LLM08' ],
	[ 'refused', { sql => 'DELETE FROM sales' }, 'degraded|0', 'LLM03' ])
{
	my ($what, $step, $status) = @$case;
	$tiers->tier(1, min_confidence => $what eq 'uncertain' ? 0.95 : 0);
	$node->safe_psql('postgres', 'ALTER SYSTEM SET analytics_llm.max_repairs = 0; SELECT pg_reload_conf()');
	$tiers->models($primary => [ { %$step, delay_ms => 3000 }, { %$step } ]);
	$leader = $tiers->start([ "SELECT llm_answer('a $what one')" ]);
	$stub->wait_for(requests => 1);
	my ($want, $rows) = split /\|/, $status;
	$followers = sessions(SOME, "SELECT 1 / (status = '$want')::int FROM llm_answer('a $what one');\n");
	is(finished($followers), SOME, "$what: all have the same");
	$tiers->finish($leader);
	is(calls(), 1, "$what: by one call");
	$node->safe_psql('postgres', "SELECT llm_answer('a $what one')");
	is(calls(), 2, "$what: and asked anew later");
}
$tiers->tier(1, min_confidence => 0);

# Questions without a model: one reads the rows for all.
my $rules = sessions(SOME, "SELECT 1 / (count(*) = 3)::int FROM llm_ask('$Tiers::UNDERSTOOD', '{\"tier\": 3}');\n" x 20);
is(finished($rules), SOME, 'the rules, too');

# No seat is left behind.
$tiers->models($primary => { sql => $good });
is($node->safe_psql('postgres', "SELECT count(*) FROM llm_ask('one for all', '{\"cache\": false}')"), 3, 'and all goes on');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'no process crashed');
figure_all_passed('flights');
$tiers->stop;
done_testing();
