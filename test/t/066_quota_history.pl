# When there is no room for the most that a model may write, the call is held to
# what its answers usually have: that is what is reserved, and what is sent, so
# that the limit holds whatever the model does.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Quota;

use constant { EACH => 350, USUAL => 256 };

my $quota = Quota->new('history', qw(bi));
my ($node, $stub) = @{$quota}{qw(node stub)};
my $script = $node->basedir . '/ask.sql';
append_to_file($script, "SELECT status FROM llm_answer('$Quota::QUESTION');\n");
$quota->answers(input => 300, output => 50);

# So many sessions ask so often.
sub ask_together
{
	my ($clients, $each) = @_;
	my ($out, $err);
	IPC::Run::run([ 'pgbench', '-n', '-c', $clients, '-j', 2, '-t', $each, '-f', $script,
			'-h', $node->host, '-p', $node->port, '-U', 'bi', 'postgres' ], '>', \$out, '2>', \$err)
	  or die "pgbench: $out $err";
	return;
}

# What the calls since the last look allowed the model to write.
sub sent
{
	my @sent = map { $_->{body}{max_tokens} } $stub->requests;
	$quota->answers(input => 300, output => 50);
	return join ' ', @sent;
}

$quota->limit('bi', 'month', token_limit => 1);
my $full = $quota->reserved('bi');
my $prompt = $full - 1000;
$quota->limit('bi', 'month', token_limit => $prompt + 999);
like($quota->ask('bi')->{message}, qr/the call may need $full\./, 'without a history, the most that the model may write is wanted');

# A history.
$quota->no_limits;
ask_together(4, 15);
like(sent(), qr/^1000( 1000){59}$/, 'with room, it may write that much');
my $used = 60 * EACH;
$quota->limit('bi', 'month', token_limit => $used + $full);
is($quota->ask('bi')->{status}, 'ok', 'just enough room');
is(sent(), '1000', 'for the most');
$used += EACH;
$quota->limit('bi', 'month', token_limit => $used + $full - 1);
is($quota->ask('bi')->{status}, 'ok', 'not enough for that, but for what is usual');
is(sent(), USUAL, 'which the model is held to');
$used += EACH;
is($quota->status('bi', 'month', q{tokens_used || ' ' || tokens_reserved}), "$used 0", 'what it used is charged');
$quota->limit('bi', 'month', token_limit => $used + $prompt + USUAL);
is($quota->ask('bi')->{status}, 'ok', 'room for just that');
is(sent(), USUAL, 'too');
$used += EACH;
$quota->limit('bi', 'month', token_limit => $used + $prompt + USUAL - 1);
my $said = $quota->ask('bi');
is($said->{status}, 'blocked', 'not even for that');
like($said->{message}, qr/the call may need @{[$prompt + USUAL]}\./, 'in words');
is(sent(), '', 'nothing was sent');

# The same for cost.
$quota->limit('bi', 'month', cost_limit => $quota->sql(qq{SELECT sum(u.cost) + ($prompt * greatest(p.input, p.cache_write_5m) + @{[USUAL]} * p.output) / 1000000
	FROM analytics_llm.usage AS u, analytics_llm.price AS p WHERE u.period = 'month' AND p.model = '$Quota::MODEL' AND p.min_prompt_tokens = 0 GROUP BY p.input, p.cache_write_5m, p.output}));
is($quota->ask('bi')->{status}, 'ok', 'a limit of cost has room for what is usual');
is(sent(), USUAL, 'and not for more');
$used += EACH;

# Many at once: never over the limit.
my $limit = $used + 10 * EACH + $prompt + USUAL - EACH;
$quota->limit('bi', 'month', token_limit => $limit);
$quota->answers(input => 300, output => 50, delay_ms => 50);
ask_together(32, 1);
my $charged = $quota->status('bi', 'month', 'tokens_used');
figure_at_most('quota_burst_charged_with_history', $charged, 'tokens', $limit);
figure_at_least('quota_burst_answered_with_history', ($charged - $used) / EACH, 'questions', 9);
is($quota->status('bi', 'month', 'tokens_reserved'), 0, 'and nothing is held');

$node->stop;
figure_all_passed('quota_history');
done_testing();
