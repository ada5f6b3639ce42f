# The kill switch: analytics_llm.model_calls ends calls that are under way and
# lets no other begin, in every backend at once, on a primary and on a standby.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('switch', "restart_after_crash = on\nanalytics_llm.request_timeout = '300s'\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
my ($primary, $secondary) = ($Tiers::PRIMARY, $Tiers::SECONDARY);
my ($understood, $not_understood) = ($Tiers::UNDERSTOOD, $Tiers::NOT_UNDERSTOOD);
my $good = { sql => $Tiers::REVENUE };
$tiers->tier(0, timeout_ms => 300000);

sub states
{
	my ($on) = @_;
	return ($on || $node)->safe_psql('postgres',
		"SELECT string_agg(DISTINCT state, ',') FROM llm_status() WHERE component = 'model'");
}

# Turns the switch, and waits until it acts.
sub turn
{
	my ($value, $state, $on) = @_;
	$tiers->set('analytics_llm.model_calls', $value, $on);
	($on || $node)->poll_query_until('postgres',
		"SELECT bool_and(state = '$state') FROM llm_status() WHERE component = 'model'")
	  or die 'the switch does not act';
	return;
}

is(states(), 'ready', 'models can be called');

# Each place where a call can be when the switch is turned: what the primary
# model does, and what the log says of it afterwards.
my @places = (
	[ 'before headers', { do => 'stall' }, 1, 'error model_calls_off t' ],
	[ 'in the body', { stall_ms => 300000 }, 1, 'error model_calls_off t' ],
	[ 'between retries', { do => 'error', status => 529, headers => { 'retry-after' => '100' } }, 0, 'error overloaded f' ],
);
my $after = 0;
for (@places)
{
	my ($name, $step, $closes, $said) = @$_;
	$tiers->models($primary => $step, $secondary => $good);

	# Three questions of one statement, which reads no configuration meanwhile.
	my $session = $tiers->start([
		"SELECT (a).status || ' ' || (a).tier FROM (SELECT llm_answer(q) AS a"
		  . " FROM unnest(ARRAY['$understood', '$understood?', 'how many sales']) AS q OFFSET 0) AS s",
		'SELECT llm_flush()' ]);
	ok($stub->wait_for(requests => 1), "$name: a call is under way");
	$tiers->wait_for_call;
	turn('off', 'model_calls_off');
	my ($out, $err) = $tiers->finish($session);
	is($out, "templated 3\n" x 3 . "\n", "$name: the call ends, and the rules answer") or diag $err;
	ok($stub->wait_for(closed => 1), "$name: its connection is closed") if $closes;
	is(scalar($stub->requests), 1, "$name: no other call follows");
	is($node->safe_psql('postgres', <<SQL), $said, "$name: the log says so");
SELECT string_agg(concat_ws(' ', status, fallback_reason, estimated AND input_tokens > 0 AND output_tokens > 0 AND cost > 0), ',')
  FROM analytics_llm.log WHERE model_used LIKE 'claude%';
DELETE FROM analytics_llm.log;
SQL
	my $got = $tiers->ask($not_understood);
	is_deeply([ $got->{answer}{error_code}, map { $_->{model_used} } @{ $got->{log} } ], [ 'LLM08', 'semantic' ],
		"$name: the next question makes no call");
	is(scalar($stub->requests), 1, "$name: really none");
	$after += $stub->requests - 1;
	is(states(), 'model_calls_off', "$name: llm_status says so");
	turn('primary', 'ready');
	$tiers->models($primary => $good);
	is($tiers->ask($not_understood)->{answer}{status}, 'ok', "$name: and it can be turned on again");
	$node->safe_psql('postgres', 'DELETE FROM analytics_llm.log');
}

# Without an answer by anybody, the DETAIL says why.
$tiers->models($primary => { do => 'stall' });
my $session = $tiers->start("SELECT llm_ask('$not_understood');\n");
$stub->wait_for(requests => 1);
turn('off', 'model_calls_off');
my ($out, $err) = $tiers->finish($session);
like($err, qr/ERROR:  LLM01: the question cannot be answered right now\nDETAIL:  \Q$primary\E: model calls were turned off\.\n/,
	'an error says why');

# A server that starts with calls turned off makes none.
$node->restart;
$tiers->models($primary => $good);
is($tiers->ask($not_understood)->{answer}{error_code}, 'LLM08', 'off at the start of the server');
turn('primary', 'ready');
is($tiers->ask($not_understood)->{answer}{status}, 'ok', 'and turned on later');

# After a crash the switch stands as before.
turn('off', 'model_calls_off');
my $victim = $node->background_psql('postgres');
my $pid = $victim->query_safe('SELECT pg_backend_pid()');
kill 'KILL', $pid;
$node->poll_query_until('postgres', "SELECT pg_postmaster_start_time() IS NOT NULL AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $pid)");
eval { $victim->quit };
is(states(), 'model_calls_off', 'after a crash it stands as before');
turn('primary', 'ready');
is(states(), 'ready', 'and can be turned');

# On a standby, "primary" means no calls, "always" means calls, and "off" ends
# those that are under way there.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('switch_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
my $ask = "SELECT (a).status, (a).tier, (a).error_code FROM (SELECT llm_answer('$not_understood') AS a OFFSET 0) AS s";
$tiers->models($primary => $good);
is(states($standby), 'model_calls_off', 'a standby: no calls by default');
is($standby->safe_psql('postgres', $ask), 'degraded|4|LLM08', 'a standby: and none is made');
is(scalar($stub->requests), 0, 'a standby: really none');
$after += $stub->requests;
figure_at_most('calls_after_the_kill_switch', $after, 'calls', 0);
turn('always', 'ready', $standby);
is($standby->safe_psql('postgres', $ask), 'ok|1|', 'a standby: "always" makes calls');
$tiers->models($primary => { do => 'stall' });
$session = $tiers->start("$ask;\n", $standby);
ok($stub->wait_for(requests => 1), 'a standby: a call is under way');
turn('off', 'model_calls_off', $standby);
($out, $err) = $tiers->finish($session);
is($out, "degraded|4|LLM01\n", 'a standby: and ends');
$tiers->set('analytics_llm.model_calls', 'primary', $standby);
$tiers->models($primary => $good);
is($standby->safe_psql('postgres', $ask), 'degraded|4|LLM08', 'a standby: no calls again');
$standby->promote;
$standby->poll_query_until('postgres', "SELECT bool_and(state = 'ready') FROM llm_status() WHERE component = 'model'");
is($standby->safe_psql('postgres', $ask), 'ok|1|', 'after a promotion it is a primary');

is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
$standby->stop;
$tiers->stop;
done_testing();
