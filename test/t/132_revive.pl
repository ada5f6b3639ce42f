# Killing the provider and bringing it back: the next tier answers within the
# same question; then nobody knocks; and after the rest, of twenty questions at
# once, exactly one goes to the model.
use strict;
use warnings;

use IPC::Run;
use JSON::PP;
use ModelStub;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

use constant QUESTIONS => 20;

my $tiers = Tiers->new('revive', "analytics_llm.request_timeout = '300s'\nmax_connections = 60\nlog_statement = none\n");
my ($node, $stub, $probe) = @{$tiers}{qw(node stub probe)};
my ($primary, $secondary, $question) = ($Tiers::PRIMARY, $Tiers::SECONDARY, $Tiers::NOT_UNDERSTOOD);
$tiers->tier(0, timeout_ms => 60000, max_retries => 2);

# The primary model has a provider of its own, at a port that stays.
my $provider = ModelStub->new;
my ($port) = $provider->http =~ /:(\d+)$/;
$node->safe_psql('postgres', sprintf q{
	CREATE SERVER mortal FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic', endpoint '%s');
	CREATE USER MAPPING FOR PUBLIC SERVER mortal OPTIONS (api_key 'sk-of-the-mortal');
	UPDATE analytics_llm.model SET server = 'mortal' WHERE name = '%s'}, $provider->http, $primary);
$probe->clear_gate;
$provider->script({ sql => $Tiers::REVENUE, times => 0 });
$stub->script({ sql => $Tiers::REVENUE, times => 0 });

sub breaker
{
	return $node->safe_psql('postgres', "SELECT state, detail ->> 'cause', detail ->> 'failures' FROM llm_status() WHERE component = 'breaker' AND name = '$primary'");
}

sub calls_of
{
	my ($got) = @_;
	return join ', ', map { join ' ', $_->{tier}, $_->{status}, $_->{fallback_reason} || () } @{ $got->{log} };
}
is(calls_of($tiers->ask($question)), '1 success', 'the provider is there');
is(breaker(), 'closed||0', 'and its breaker is closed');

# It is killed.
$provider->stop;
my $got = $tiers->ask($question);
is(calls_of($got), '1 error network, 1 error network, 1 error network, 2 success', 'killed: the same question is answered by the next tier');
is("$got->{answer}{status} $got->{answer}{tier} $got->{answer}{model}", "ok 2 $secondary", 'killed: and says by whom');
figure_at_most('questions_lost_with_the_provider', $got->{answer}{status} eq 'ok' ? 0 : 1, 'questions', 0);
is(breaker(), 'open|network|3', 'killed: its breaker opens');
is(calls_of($tiers->ask($question)), '1 skipped breaker_open, 2 success', 'killed: nobody knocks any more');

# It does not come back by the end of the rest: one question finds that out.
$probe->pass_time(31);
is(calls_of($tiers->ask($question)), '1 error network, 2 success', 'still dead: one call finds that out');
is(breaker(), 'open|network|4', 'still dead: and the rest begins anew');

# It comes back, and holds the first call until all others have been answered.
$provider = ModelStub->new(port => $port);
$provider->script({ do => 'stall', ms => 120000, sql => $Tiers::REVENUE, times => 0 });
$stub->reset;
$stub->script({ sql => $Tiers::REVENUE, times => 0 });
is(calls_of($tiers->ask($question)), '1 skipped breaker_open, 2 success', 'back: but the rest is not over');
is(scalar($provider->requests), 0, 'back: it is not called');
$probe->pass_time(61);
$node->safe_psql('postgres', 'TRUNCATE analytics_llm.log');
my $gate = $node->background_psql('postgres');
$gate->query_safe('SELECT pg_advisory_lock(1)');
my @sessions = map {
	$tiers->start([ 'SELECT pg_advisory_lock_shared(1)', "SELECT (a).status FROM (SELECT llm_answer('$question') AS a OFFSET 0) AS s", 'SELECT llm_flush()' ])
} 1 .. QUESTIONS;
$node->poll_query_until('postgres', "SELECT count(*) = " . QUESTIONS . " FROM pg_stat_activity WHERE wait_event = 'advisory'") or die 'the sessions do not wait';
$gate->query_safe('SELECT pg_advisory_unlock(1)');
$gate->quit;
ok($stub->wait_for(requests => QUESTIONS), 'back: all others are answered by the second tier') or diag scalar $stub->requests;
is(breaker(), 'half_open|network|0', 'back: while one is finding out');
$provider->release;
my @ended = map { [ $tiers->finish($_) ] } @sessions;
is(scalar(grep { $_->[0] =~ /^ok$/m } @ended), QUESTIONS, 'back: every question is answered') or diag explain \@ended;
figure_at_most('probes_after_the_rest', scalar($provider->requests), 'of ' . QUESTIONS . ' questions at once', 1);
figure_at_least('probes_made', scalar($provider->requests), 'call', 1);
is($node->safe_psql('postgres', q{SELECT string_agg(x, ', ' ORDER BY x COLLATE "C") FROM (SELECT concat_ws(' ', tier, status, fallback_reason, count(*)) AS x FROM analytics_llm.log GROUP BY tier, status, fallback_reason) AS s}),
	'1 skipped breaker_open 19, 1 success 1, 2 success 19', 'back: the log knows all of it');
is(breaker(), 'closed||0', 'back: its breaker is closed');
$provider->reset;
$provider->script({ sql => $Tiers::REVENUE, times => 0 });
is(calls_of($tiers->ask($question)), '1 success', 'back: and it answers again');

is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
$provider->stop;
$tiers->stop;
done_testing();
