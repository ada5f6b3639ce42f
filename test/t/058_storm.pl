# Many sessions ask at once, while cancels, terminates and the kill switch strike
# at random: no call is lost from the log, none costs more than is recorded, and
# nothing crashes.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use Figure;
use Tiers;

use constant SESSIONS => 6;
use constant QUESTIONS => 160;
use constant QUESTIONS_A_STRIKE => 4;

my $tiers = Tiers->new('storm', "log_statement = none\nanalytics_llm.request_timeout = '60s'\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
$tiers->tier(0, timeout_ms => 30000, max_retries => 1);
$stub->script(
	{ match => { contains => 'slow' }, delay_ms => 40, sql => $Tiers::REVENUE, times => 0 },
	{ match => { contains => 'stuck' }, stall_ms => 400, sql => $Tiers::REVENUE, times => 0 },
	{ match => { contains => 'refused' }, sql => 'DELETE FROM sales', times => 0 },
	{ sql => $Tiers::REVENUE, times => 0 });
my @questions = ('what is slow', 'what is stuck', 'what is refused', $Tiers::UNDERSTOOD, $Tiers::NOT_UNDERSTOOD, 'and what is slow');

my $script = PostgreSQL::Test::Utils::tempdir() . '/script';
append_to_file($script, join '', map { "SELECT count(*) FROM llm_answer('" . $questions[ $_ % @questions ] . "');\n" } 1 .. QUESTIONS);
my @sessions = map {
	my ($out, $errors) = ('', '');
	{ out => \$out, errors => \$errors, run => IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-f', $script ],
			'<', \undef, '>', \$out, '2>', \$errors) }
} 1 .. SESSIONS;

# How many questions of all sessions have ended: each prints a line, or an error.
sub count_ended
{
	eval { $_->{run}->pump_nb } for @sessions;
	my $lines = join '', map { ${ $_->{out} } . ${ $_->{errors} } } @sessions;
	return scalar(() = $lines =~ /^(?:\d+$|.*ERROR)/mg);
}

# Strikes at whoever asks, until nobody does: one strike for so many questions
# that have ended, so that a quick striker leaves some to be answered.
my $asking = q{pg_stat_activity WHERE query LIKE '%llm_answer%' AND state = 'active' AND pid <> pg_backend_pid()};
my ($strikes, $terminated) = (0, 0);
while (grep { $_->{run}->pumpable } @sessions)
{
	if (count_ended() < $strikes * QUESTIONS_A_STRIKE)
	{
		usleep(10_000);
		next;
	}
	$strikes++;
	$node->safe_psql('postgres', "SELECT pg_cancel_backend(pid) FROM $asking ORDER BY random() LIMIT 2");
	if ($strikes % 25 == 0 && $terminated < SESSIONS - 2)
	{
		$terminated++;
		$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM $asking ORDER BY random() LIMIT 1");
	}
	$tiers->set('analytics_llm.model_calls', $strikes % 20 < 10 ? 'always' : 'off') if $strikes % 10 == 0;
}
$_->{run}->finish for @sessions;
my $errors = join '', map { ${ $_->{errors} } } @sessions;
cmp_ok(scalar(() = $errors =~ /canceling statement due to user request/g), '>', 10, 'questions were cancelled');
unlike($errors =~ s/^.*canceling statement due to user request$//mgr =~ s/^.*(?:terminating connection|server closed|before or while|connection to server was lost).*$//mgr,
	qr/ERROR|FATAL|PANIC/, 'and nothing else went wrong');

# The log of all sessions, once it is written.
$node->poll_query_until('postgres', q{SELECT (detail ->> 'bytes')::bigint = 0 FROM llm_status() WHERE component = 'queue'})
  or die 'the queue does not empty';
my ($calls, $tokens, $cost) = split /\|/, $node->safe_psql('postgres',
	q{SELECT count(*), sum(input_tokens + output_tokens), sum(cost) FROM analytics_llm.log WHERE model_used LIKE 'claude%' AND status <> 'skipped'});
my @requests = $stub->requests;
my ($bill, $bill_cost) = (0, 0);
for (grep { $_->{usage} } @requests)
{
	$bill += $_->{usage}{input_tokens} + $_->{usage}{output_tokens};
	my ($n, $d) = split m{/}, $_->{cost};
	$bill_cost += $n / ($d || 1);
}
cmp_ok(scalar @requests, '>', 100, scalar(@requests) . ' calls were made');
figure_at_most('calls_lost_from_the_log', @requests > $calls ? @requests - $calls : 0, 'of ' . @requests, 0);
cmp_ok($tokens, '>=', $bill, "tokens recorded: $tokens, billed: $bill");
cmp_ok($cost, '>=', $bill_cost - 1e-9, "cost recorded: $cost, billed: $bill_cost");
is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'no process crashed');

# Everybody is well afterwards.
$tiers->set('analytics_llm.model_calls', 'primary');
$node->poll_query_until('postgres', q{SELECT bool_and(state = 'ready') FROM llm_status() WHERE component = 'model'});
is($tiers->ask($Tiers::NOT_UNDERSTOOD)->{answer}{status}, 'ok', 'and the next question is answered');
$tiers->stop;
done_testing();
