# Chaos: models that fail at random, three times in ten, in all their ways.  Every
# question ends within its time, answered or with LLM01; nothing is billed that
# is not recorded; no session grows, none leaks a descriptor.  ALLM_CHAOS says
# how many questions; the bench asks more.
use strict;
use warnings;

use IPC::Run;
use List::Util qw(max min);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

use constant SESSIONS => 4;

# Of a session's questions; memory is measured after each.
use constant PARTS => 16;

plan skip_all => 'there is no /proc' unless -r '/proc/self/status';
my $part = int(($ENV{ALLM_CHAOS} || 400) / SESSIONS / PARTS);
my $timeout_ms = 10000;
my $tiers = Tiers->new('chaos', "log_statement = none\nlog_min_duration_statement = -1\nanalytics_llm.request_timeout = '${timeout_ms}ms'\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
$tiers->tier(0, timeout_ms => 1000, max_retries => 1);
$tiers->own_key($Tiers::SECONDARY);

# The ways, with waits short enough that a question meets several.
my %soon = (headers => { 'retry-after-ms' => '5' });
my @ways = (
	(map { { do => 'error', status => $_, %soon } } 400, 401, 402, 403, 404, 408, 409, 422, 429, 500, 503, 504, 529),
	{ do => 'error', status => 429, headers => { 'retry-after' => '3600' } },
	{ do => 'error', status => 500, headers => { 'x-should-retry' => 'false' } },
	{ do => 'error', status => 529, cut => 20, %soon },
	{ do => 'html', %soon }, { do => 'html', status => 413 }, { do => 'html', status => 200 },
	{ do => 'redirect', location => '/elsewhere' },
	{ do => 'stall', ms => 1500 }, { stall_ms => 1500 }, { drip_bytes => 200, drip_ms => 400 },
	{ do => 'garbage' }, { do => 'read_close' }, { do => 'reset' }, { do => 'reset', bytes => 60 },
	{ do => 'body', text => '' }, { do => 'body', text => '[7]' }, { do => 'body', text => '{"type":"error","error":{"type":"overloaded_error","message":"x"}}' },
	{ do => 'many_headers' },
	(map { { cut => $_ } } 10, 100, 700, 900),
	(map { { stream => { error => $_ } } } qw(overloaded_error api_error strange_error)),
	(map { { stream => { without => [$_] } } } qw(message_start content_block_start message_delta message_stop)),
	(map { { stop_reason => $_ } } qw(max_tokens refusal tool_use pause_turn model_context_window_exceeded tired)),
	{ content => [] }, { text => 'prose' }, { text => '{"answerable":true,"sql":"SELECT \'\\u0000\'"}' }, { usage => { output_tokens => undef } },
	{ sql => 'SELECT 1 / (count(*) - 60) FROM sales' },
);
$stub->script({ do => 'chaos', share => 0.3, ways => [ map { { sql => $Tiers::REVENUE, %$_ } } @ways ], sql => $Tiers::REVENUE, times => 0 });

# The private memory of a session, what of it is in use, both in kB, and its
# descriptors that are no files.
my $measure = q{SELECT 'measured ' || substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s*(\d+)') || ' ' || probe_memory_in_use() / 1024 || ' ' || probe_descriptors();} . "\n";

# Rests end soon, so that models are tried all the time.
my $ask = sub { join '', map { ($_ % 3 ? '' : "SELECT probe_gate_pass_time(700000);\n") . "SELECT count(*) FROM llm_answer('" . ($_ % 2 ? $Tiers::UNDERSTOOD : $Tiers::NOT_UNDERSTOOD) . "');\n" } 1 .. $_[0] };
my $script = PostgreSQL::Test::Utils::tempdir() . '/script';
append_to_file($script, join "", ($ask->($part) . $measure) x PARTS);
my @sessions = map {
	my ($out, $err) = ('', '');
	{ out => \$out, err => \$err, run => IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-f', $script ], '<', \undef, '>', \$out, '2>', \$err) }
} 1 .. SESSIONS;
$_->{run}->finish for @sessions;
is(join('', map { ${ $_->{err} } } @sessions), '', 'nothing went wrong');
$node->poll_query_until('postgres', q{SELECT (detail ->> 'bytes')::bigint = 0 FROM llm_status() WHERE component = 'queue'})
  or die 'the queue does not empty';

# How the questions ended.
my $asked = $part * PARTS * SESSIONS;
my ($ended, $fine, $longest) = split /\|/, $node->safe_psql('postgres', <<'SQL');
SELECT count(*), count(*) FILTER (WHERE status IN ('ok', 'templated') OR error_code = 'LLM01'), round(max(latency_ms)) FROM analytics_llm.request
SQL
figure_at_least('chaos_questions_ended', $ended, "of $asked", $asked);
figure_at_least('chaos_questions_answered_templated_or_llm01', $fine, "of $asked", $asked)
  or diag $node->safe_psql('postgres', 'SELECT status, error_code, count(*) FROM analytics_llm.request GROUP BY 1, 2');
figure_at_most('chaos_longest_question', $longest, 'ms', $timeout_ms + 1000);
note $node->safe_psql('postgres', 'SELECT status, error_code, tier, count(*) FROM analytics_llm.request GROUP BY 1, 2, 3 ORDER BY 4 DESC');
cmp_ok($node->safe_psql('postgres', q{SELECT count(DISTINCT fallback_reason) FROM analytics_llm.log WHERE tier < 3}), '>', 12, 'in many ways');

# Nothing is billed that is not recorded, call by call and in sum.
my ($calls, $tokens, $cost) = split /\|/, $node->safe_psql('postgres',
	q{SELECT count(*), sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens), sum(cost) FROM analytics_llm.log WHERE model_used LIKE 'claude%' AND status <> 'skipped'});
my @requests = $stub->requests;
my ($bill, $bill_cost) = (0, 0);
for my $usage (grep { $_ } map { $_->{usage} } @requests)
{
	$bill += $_ || 0 for @{$usage}{qw(input_tokens output_tokens cache_read_input_tokens cache_creation_input_tokens)};
}
for (map { $_->{cost} || '0' } @requests)
{
	my ($n, $d) = split m{/}, $_;
	$bill_cost += $n / ($d || 1);
}
figure_at_most('chaos_calls_lost_from_the_log', @requests > $calls ? @requests - $calls : 0, 'of ' . @requests, 0);
figure_at_most('chaos_tokens_below_the_bill', $bill > $tokens ? $bill - $tokens : 0, "of $bill", 0);
cmp_ok($cost, '>=', $bill_cost - 1e-6, "cost recorded: $cost, billed: $bill_cost");

# No session grows after its warm-up: the last look is held against one before.
# What is in use is the same after a quarter of the questions.  What malloc holds
# besides goes up when an answer needs more at once than any before it, ever more
# seldom, and is looked at from the middle on.
my ($memory, $in_use, $descriptors) = (0, 0, 0);
for (@sessions)
{
	my @measured = map { [ split / / ] } ${ $_->{out} } =~ /^measured (\d+ \d+ \d+)$/mg;
	is(scalar @measured, PARTS, 'a session was measured');
	for my $what ([ 'kB', 0 ], [ 'kB in use', 1 ], [ 'descriptors', 2 ])
	{
		note "$what->[0]: " . join ' ', map { $_->[ $what->[1] ] } @measured;
	}
	$memory = max($memory, $measured[-1][0] - $measured[ PARTS / 2 - 1 ][0]);
	$in_use = max($in_use, $measured[-1][1] - $measured[ PARTS / 4 - 1 ][1]);
	$descriptors = max($descriptors, min(map { $_->[2] } @measured[ PARTS / 2 .. PARTS - 1 ]) - min(map { $_->[2] } @measured[ 1 .. PARTS / 2 - 1 ]));
}
# What is met for the first time makes a short run grow: the bench is the judge.
if ($part * PARTS >= 1000)
{
	figure_at_most('chaos_memory_growth', $memory, 'kB after half of the questions', 64);
	figure_at_most('chaos_memory_in_use_growth', $in_use, 'kB after a quarter of the questions', 64);
}
else
{
	cmp_ok($memory, '<', 1024, 'memory does not grow much');
	cmp_ok($in_use, '<', 256, 'nor does what is in use');
}
figure_at_most('chaos_descriptors_left', $descriptors, 'descriptors', 2);
is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'no process crashed');
$tiers->stop;
done_testing();

1;
