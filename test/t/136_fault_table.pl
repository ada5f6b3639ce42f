# The table of doc/operations.md that says what each failure of a model does,
# held against what happens: each row, for the first and for the second model.
use strict;
use warnings;

use JSON::PP;
use Math::BigFloat;
use POSIX qw(strftime);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('fault_table', "analytics_llm.request_timeout = '60s'\nanalytics_llm.max_repairs = 0\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
my ($primary, $secondary) = ($Tiers::PRIMARY, $Tiers::SECONDARY);
$tiers->tier(0, timeout_ms => 1500, max_retries => 1);
$tiers->own_key($secondary);

# What the model server does for each row.
my $good = { sql => $Tiers::REVENUE };
my %soon = (headers => { 'retry-after-ms' => '1' });
my $in_an_hour = strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime(time + 3600));
my %steps = (
	q{`end_turn`} => $good,
	q{`stop_sequence`} => { %$good, stop_reason => 'stop_sequence' },
	q{thinking before the answer} => { %$good, thinking => 'hm' },
	q{pings, CRLF, unknown events in the stream} => { %$good, stream => { pings => 1, crlf => 1, unknown => 1 } },
	q{`max_tokens`} => { %$good, stop_reason => 'max_tokens' },
	q{`model_context_window_exceeded`} => { %$good, stop_reason => 'model_context_window_exceeded' },
	q{`tool_use`} => { %$good, stop_reason => 'tool_use' },
	q{`pause_turn`} => { %$good, stop_reason => 'pause_turn' },
	q{an unknown reason to stop} => { %$good, stop_reason => 'tired' },
	q{`refusal` with a category} => { %$good, stop_reason => 'refusal', stop_details => { type => 'refusal', category => 'cyber' } },
	q{`refusal` without one} => { %$good, stop_reason => 'refusal', stop_details => { type => 'refusal', category => undef } },
	q{`end_turn` with no text} => { content => [] },
	q{prose instead of the form} => { text => 'Here is your query: SELECT 1' },
	q{a zero character in the query} => { text => '{"answerable":true,"sql":"SELECT \'a\\u0000b\'"}' },
	q{half a surrogate pair in the query} => { text => '{"answerable":true,"sql":"SELECT \'a\\ud800b\'"}' },
	q{400 `invalid_request_error`} => { do => 'error', status => 400 },
	q{400 with `x-should-retry: true`} => { do => 'error', status => 400, headers => { 'x-should-retry' => 'true' } },
	q{400 "prompt is too long"} => { do => 'error', status => 400, message => 'prompt is too long: 210000 tokens > 200000 maximum' },
	q{400 "deprecated for this model" (sampling)} => { do => 'error', status => 400, message => '`temperature` is deprecated for this model.' },
	q{400 "not supported" (thinking)} => { do => 'error', status => 400, message => '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.' },
	q{400 "does not support" (prefill)} => { do => 'error', status => 400, message => 'This model does not support assistant message prefill. The conversation must end with a user message.' },
	q{400 "credit balance is too low"} => { do => 'error', status => 400, message => 'Your credit balance is too low to access the Anthropic API.' },
	q{400 "API usage limits" (set by the organisation)} => { do => 'error', status => 400, message => 'You have reached your specified API usage limits.' },
	q{401 `authentication_error`} => { do => 'error', status => 401 },
	q{402 `billing_error`} => { do => 'error', status => 402 },
	q{403 `permission_error`} => { do => 'error', status => 403 },
	q{404 `not_found_error`} => { do => 'error', status => 404, message => 'model: claude-3-5-sonnet' },
	q{408} => { do => 'error', status => 408, %soon },
	q{409 `conflict_error`} => { do => 'error', status => 409, %soon },
	q{413, a page of the edge} => { do => 'html', status => 413 },
	q{422} => { do => 'error', status => 422 },
	q{429 with a short `retry-after-ms`} => { do => 'error', status => 429, %soon },
	q{429 without a time} => { do => 'error', status => 429 },
	q{429 with `retry-after: 3600`} => { do => 'error', status => 429, headers => { 'retry-after' => '3600' } },
	q{429 with an HTTP date as `retry-after`} => { do => 'error', status => 429, headers => { 'retry-after' => $in_an_hour } },
	q{429 `enforced_spend_limit_reached`} => { do => 'error', status => 429, message => 'You have reached your API usage limits', details => { error_code => 'enforced_spend_limit_reached' } },
	q{500 `api_error`} => { do => 'error', status => 500, %soon },
	q{500 with `x-should-retry: false`} => { do => 'error', status => 500, headers => { 'x-should-retry' => 'false' } },
	q{500, cut off} => { do => 'error', status => 500, cut => 10, %soon },
	q{502, a page of the edge} => { do => 'html', %soon },
	q{503, empty} => { do => 'body', status => 503, text => '', %soon },
	q{503 `unavailable_error` (a local server loads)} => { do => 'error', status => 503, type => 'unavailable_error', %soon },
	q{504 `timeout_error`} => { do => 'error', status => 504, %soon },
	q{529 `overloaded_error`} => { do => 'error', status => 529, details => undef, %soon },
	q{529 with `retry-after: 3600`} => { do => 'error', status => 529, headers => { 'retry-after' => '3600' } },
	q{302} => { do => 'redirect', location => '/elsewhere' },
	q{no response in time} => { do => 'stall' },
	q{headers, and no body in time} => { stall_ms => 60000 },
	q{a closed connection} => { do => 'read_close' },
	q{a reset connection} => { do => 'reset' },
	q{a body that is cut off} => { %$good, cut => 60 },
	q{no HTTP} => { do => 'garbage' },
	q{more than 128 kB of headers} => { do => 'many_headers' },
	q{more than 8 MB of body} => { text => 'x' x 9_000_000, replace => {}, usage => { output_tokens => 100 } },
	q{200 with a page} => { do => 'html', status => 200 },
	q{200 with nothing} => { do => 'body', text => '' },
	q{200 with JSON that is no message} => { do => 'body', text => '[{"content":7}]' },
	q{200 with an error in it} => { do => 'body', text => '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}' },
	q{a stream with `overloaded_error` in it} => { %$good, stream => { error => 'overloaded_error' } },
	q{a stream that ends before its message} => { %$good, stream => { without => ['message_stop'] } },
	q{a stream that ends before its bill} => { %$good, stream => { without => [ 'message_delta', 'message_stop' ] } },
	q{a query that the check refuses} => { sql => 'DELETE FROM sales' },
	q{a query that fails} => { sql => 'SELECT 1 / (count(*) - 60) FROM sales' });

# The rows of the table: [ what comes, log, calls, breaker, charged ].
my ($table) = slurp_file('doc/operations.md') =~ /^\| what comes \|.*\n\|[-|]+\n((?:\|.*\n)+)/m;
my @rows = map { [ map { s/^ | $//gr } (split /\|/)[ 1 .. 5 ] ] } split /\n/, $table;
is_deeply([ sort map { $_->[0] } @rows ], [ sort keys %steps ], 'the table has a row for each, and no other one');

# What became of the breakers of a model, in the words of the table.
sub breaker_of
{
	my ($model) = @_;
	my @lines = map { decode_json($_) } split /\n/, $node->safe_psql('postgres',
		q{SELECT json_build_object('name', name, 'state', state, 'of', detail ->> 'of', 'failures', detail ->> 'failures') FROM llm_status() WHERE component = 'breaker'});
	my @said;
	my %of = (model => "the model's", key => "the key's", 'model with key' => "the model's with that key");
	for (@lines)
	{
		next unless $_->{name} eq $model || $_->{of} eq 'key';
		push @said, 'counts' if $_->{failures};
		push @said, "opens $of{ $_->{of} }" if $_->{state} eq 'open';
		push @said, 'the model waits' . ($_->{of} eq 'model' ? '' : ', with that key') if $_->{state} eq 'waits';
	}
	return @said ? join '; ', @said : '–';
}

sub charged
{
	my ($call, $usage) = @_;
	return 'estimate' if $call->{estimated};
	my $tokens = $call->{input_tokens} + $call->{output_tokens} + $call->{cache_read_tokens} + $call->{cache_write_tokens};
	return 'nothing' if $tokens == 0;
	return $usage && $tokens == $usage->{input_tokens} + $usage->{output_tokens} + $usage->{cache_read_input_tokens} + $usage->{cache_creation_input_tokens} ? 'bill' : 'wrong';
}

my ($violations, $right, $below) = (0, 0, 0);
for (@rows)
{
	my ($name, $log, $calls, $breaker, $charged) = @$_;
	my $step = $steps{$name};
	my $fine = $log eq 'success';
	for my $tier (1, 2)
	{
		my $model = $tier == 1 ? $primary : $secondary;
		$tiers->models($model => $step, $tier == 1 ? ($secondary => $good) : ($primary => { do => 'error', status => 400 }));
		my $got = $tiers->ask($Tiers::UNDERSTOOD);
		my @log = grep { $_->{model_used} eq $model } @{ $got->{log} };
		my @usages = map { $_->{usage} } grep { ($_->{body}{model} || '') eq $model } $stub->requests;
		my %charged = map { charged($log[$_], $usages[$_]) => 1 } 0 .. $#log;
		my $answers = $fine ? $tier : $tier + 1;
		$right += is_deeply(
			[ $got->{answer}{tier}, (map { join ' ', grep { defined } @{$_}{qw(status fallback_reason)} } @log), breaker_of($model), join(',', sort keys %charged) ],
			[ $answers, ($log) x $calls, $breaker, $charged ],
			"tier $tier: $name") || 0;
		for (0 .. $#log)
		{
			my $usage = $usages[$_] or next;
			$below++ if $log[$_]{estimated} && $log[$_]{input_tokens} + $log[$_]{output_tokens} < $usage->{input_tokens} + $usage->{output_tokens};
		}
		$violations += $tiers->violations;
	}
}
figure_at_least('fault_table_rows', $right, 'of ' . 2 * @rows, 2 * @rows);
figure_at_most('fault_table_below_the_bill', $below, 'calls', 0);
figure_at_most('fault_table_against_the_protocol', $violations, 'requests', 0);
$tiers->stop;
done_testing();
