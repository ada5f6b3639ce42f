# Many at once never spend more than a quota has, and what they gave up is free
# again, whatever ended them.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use Figure;
use Quota;

use constant { BACKENDS => 64, INPUT => 300, OUTPUT => 50 };

my $quota = Quota->new('burst', qw(bi other));
my $node = $quota->{node};
my $script = $node->basedir . '/ask.sql';
append_to_file($script, "SELECT status FROM llm_answer('$Quota::QUESTION');\n");

# That many sessions of a role ask at once; a handle on the program.
sub ask_together
{
	my ($n) = @_;
	my ($out, $err) = ('', '');
	my $handle = IPC::Run::start(
		[ 'pgbench', '-n', '-c', $n, '-j', 2, '-t', 1, '-f', $script,
			'-h', $node->host, '-p', $node->port, '-U', 'bi', 'postgres' ],
		'<', \undef, '>', \$out, '2>', \$err);
	return { handle => $handle, out => \$out, err => \$err };
}

# The most that is used and held, while the condition does not hold.
sub watch_until
{
	my ($condition) = @_;
	my $most = 0;
	for (1 .. 1800)
	{
		my $now = $quota->status('bi', 'month', 'tokens_used + tokens_reserved') || 0;
		$most = $now if $now > $most;
		last if $quota->sql("SELECT $condition") eq 't';
		sleep 0.1;
	}
	return $most;
}

sub statuses
{
	return $quota->sql(q{SELECT string_agg(s, ', ' ORDER BY s) FROM
		(SELECT status || ' ' || count(*) AS s FROM analytics_llm.request GROUP BY status) AS c});
}

my $nobody_asks = q{NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'bi')};

$quota->limit('bi', 'month', token_limit => 1);
my $reserve = $quota->reserved('bi');
my $each = INPUT + OUTPUT;
my $limit = 10 * $each + $reserve - $each;
$quota->limit('bi', 'month', token_limit => $limit);
$quota->sql('TRUNCATE analytics_llm.request');
$quota->answers(input => INPUT, output => OUTPUT, delay_ms => 100);
my $run = ask_together(BACKENDS);
my $most = watch_until("(SELECT count(*) FROM analytics_llm.request) = @{[BACKENDS]}");
$run->{handle}->finish;

my $used = $quota->status('bi', 'month', 'tokens_used');
my $answered = $quota->sql(q{SELECT count(*) FROM analytics_llm.request WHERE status = 'ok'});
figure_at_most('quota_burst_charged', $used, 'tokens', $limit);
figure_at_most('quota_burst_charged_and_held', $most, 'tokens', $limit);
figure_at_least('quota_burst_answered', $answered, 'questions', 9);
is(statuses(), "blocked @{[BACKENDS - $answered]}, ok $answered", 'all others were told');
is($used, $answered * $each, 'what was used is charged');
is(scalar $quota->{stub}->requests, $answered, 'no call went beside it');
is($quota->status('bi', 'month', 'tokens_reserved || \' \' || cost_reserved'), '0 0.000000', 'and nothing is held');
is($quota->sql(q{SELECT sum(input_tokens + output_tokens) FROM analytics_llm.usage WHERE period = 'month'}), $used, 'the table says the same');

# Calls that were cancelled, and terminated: those that had left are charged
# their bound, those that waited nothing, and the rest is free.
my $freed = 0;
for my $how ('cancel', 'terminate')
{
	$quota->limit('bi', 'month', token_limit => $used + 5 * $reserve);
	$quota->{stub}->reset;
	$quota->{stub}->script({ do => 'stall', times => 0 });
	my $stalled = ask_together(20);
	$quota->{stub}->wait_for(requests => 5);
	watch_until(q{(SELECT count(*) FROM pg_stat_activity WHERE usename = 'bi' AND state = 'active') = 20});
	is($quota->status('bi', 'month', 'tokens_reserved'), 5 * $reserve, "$how: calls under way hold what is left");
	$quota->sql("SELECT pg_${how}_backend(pid) FROM pg_stat_activity WHERE usename = 'bi' ORDER BY random()");
	# Room that comes free lets one that waits begin: until nobody is left.
	watch_until("$nobody_asks") if $how eq 'terminate';
	for (1 .. 200)
	{
		last if $quota->sql("SELECT $nobody_asks") eq 't';
		$quota->sql("SELECT pg_${how}_backend(pid) FROM pg_stat_activity WHERE usename = 'bi'");
		sleep 0.05;
	}
	eval { $stalled->{handle}->finish };
	$quota->{stub}->release;
	$quota->sql('SELECT llm_flush()');
	my $sent = $quota->{stub}->requests;
	$node->poll_query_until('postgres', qq{SELECT count(*) >= 20 FROM analytics_llm.request WHERE error_code IN ('57014', '57P01')})
	  if $how eq 'cancel';
	is($quota->status('bi', 'month', 'tokens_reserved'), 0, "$how: nothing is held when all have ended");
	my $now = $quota->status('bi', 'month', 'tokens_used');
	cmp_ok($now - $used, '<=', 5 * $reserve, "$how: calls that had left are charged their bound");
	is(($now - $used) % $reserve, 0, "$how: and no other");
	$node->poll_query_until('postgres', qq{SELECT sum(input_tokens + output_tokens) = $now FROM analytics_llm.usage WHERE period = 'month'});
	is($quota->sql(q{SELECT sum(input_tokens + output_tokens) FROM analytics_llm.usage WHERE period = 'month'}), $now, "$how: the table says the same");
	$used = $now;
	$quota->limit('bi', 'month', token_limit => $used + $reserve);
	$quota->answers(input => INPUT, output => OUTPUT);
	$freed++ if is($quota->ask('bi')->{status}, 'ok', "$how: what is left can be used");
	$used += $each;
}
figure_at_least('quota_free_after_cancel_and_terminate', $freed, 'of 2', 2);

# One that does not fit waits, and is let in when there is room.
$quota->limit('bi', 'month', token_limit => $used + $reserve + $each);
$quota->{stub}->reset;
$quota->{stub}->script({ do => 'stall', times => 1, usage => { input_tokens => INPUT, output_tokens => OUTPUT } },
	{ sql => $Quota::SQL, times => 0, usage => { input_tokens => INPUT, output_tokens => OUTPUT } });
$quota->sql('TRUNCATE analytics_llm.request');
$run = ask_together(2);
watch_until(q{(SELECT count(*) FROM pg_stat_activity WHERE usename = 'bi' AND wait_event_type = 'Extension') = 2});
is(scalar $quota->{stub}->requests, 1, 'the second one waits');
$quota->{stub}->release;
$run->{handle}->finish;
watch_until(q{(SELECT count(*) FROM analytics_llm.request) = 2});
is($quota->sql(q{SELECT count(*) FROM analytics_llm.log WHERE fallback_reason = 'quota' AND logged_at > (SELECT min(asked_at) FROM analytics_llm.request)}), 0, 'and was not refused');

# It waits no longer than the tier has time.
$used = $quota->status('bi', 'month', 'tokens_used');
$quota->limit('bi', 'month', token_limit => $used + $reserve);
$quota->sql("UPDATE analytics_llm.tier SET timeout_ms = 1000 WHERE tier = 1");
$quota->{stub}->reset;
$quota->{stub}->script({ do => 'stall', times => 0 });
$quota->sql('TRUNCATE analytics_llm.request');
$run = ask_together(2);
$run->{handle}->finish;
watch_until(q{(SELECT count(*) FROM analytics_llm.request) = 2});
is(statuses(), 'blocked 1, degraded 1', 'one timed out, and the other in waiting for it');
like($quota->sql(q{SELECT fallback_reason FROM analytics_llm.log WHERE status = 'skipped' AND model_used LIKE 'claude%' ORDER BY logged_at DESC LIMIT 1}), qr/^quota$/, 'which is a word of the log');

$node->stop;
done_testing();
