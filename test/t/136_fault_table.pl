# The table of doc/operations.md that says what each failure of a model does,
# held against what happens: each row, for the first and for the second model.
use strict;
use warnings;

use IO::Compress::Gzip qw(gzip);
use JSON::PP;
use MIME::Base64 qw(encode_base64);
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
my ($in_an_hour, $an_hour_ago) = map { strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime(time + $_)) } 3600, -3600;
my $said = encode_json({ answerable => JSON::PP::true, tables => [], assumptions => [], sql => $Tiers::REVENUE });
my @halves = ({ type => 'text', text => substr($said, 0, 30) }, { type => 'text', text => substr($said, 30) });
my %strange = (type => 'hologram', text => 'no');
gzip(\encode_json({ type => 'message', content => [ { type => 'text', text => $said } ], stop_reason => 'end_turn', usage => { input_tokens => 1, output_tokens => 1 } }) => \my $zipped);
my $of_gateway = 'litellm.AuthenticationError: AnthropicException - invalid x-api-key';
my %steps = (
	q{`end_turn`} => $good,
	q{`stop_sequence`} => { %$good, stop_reason => 'stop_sequence' },
	q{thinking before the answer} => { %$good, thinking => 'hm' },
	q{pings, CRLF, unknown events in the stream} => { %$good, stream => { pings => 1, crlf => 1, unknown => 1 } },
	q{the answer in two blocks of text} => { %$good, content => \@halves },
	q{unknown blocks beside the answer} => { %$good, content => [ { type => 'redacted_thinking', data => 'x' }, \%strange, @halves, { type => 'server_tool_use', id => 't', name => 'n', input => {} } ] },
	q{a stream in pieces of a byte, a character cut in two} => { sql => "$Tiers::REVENUE -- \x{fc}\x{1F600}", drip_bytes => 1 },
	q{a byte order mark, and no end of the last line} => { %$good, stream => { bom => 1, unended => 1 } },
	q{the use at the end of the stream only} => { %$good, stream => { late_usage => 1 } },
	q{an answer that is not streamed} => { %$good, whole => JSON::PP::true },
	q{`Connection: close`} => { %$good, close => 1 },
	q{the end of the connection is that of the stream} => { %$good, until_close => 1 },
	q{an answer without its use} => { %$good, replace => { '"usage":' => '"used":' } },
	q{`max_tokens` in the middle of the form} => { text => '{"answerable":true,"sql":"SEL', stop_reason => 'max_tokens' },
	q{`max_tokens` in the middle of a tool's input} => { content => [ { type => 'tool_use', id => 't', name => 'n', input => {} } ], stop_reason => 'max_tokens' },
	q{no reason to stop} => { %$good, stop_reason => undef },
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
	q{400, empty} => { do => 'body', status => 400, text => '' },
	q{400, a page of the edge} => { do => 'html', status => 400 },
	q{400 "not supported" (adaptive thinking)} => { do => 'error', status => 400, message => 'adaptive thinking is not supported on this model' },
	q{400 "not supported" (no thinking)} => { do => 'error', status => 400, message => '"thinking.type.disabled" is not supported for this model.' },
	q{400 "Invalid model name" (a gateway)} => { do => 'error', status => 400, message => 'anthropic_messages: Invalid model name passed in model=m.' },
	q{401 with `x-should-retry: true`} => { do => 'error', status => 401, headers => { 'x-should-retry' => 'true' } },
	q{401 of a provider behind a gateway} => { do => 'error', status => 401, message => $of_gateway },
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
	q{413 `request_too_large`} => { do => 'error', status => 413 },
	q{another status below 500} => { do => 'error', status => 451 },
	q{422} => { do => 'error', status => 422 },
	q{429 with a short `retry-after-ms`} => { do => 'error', status => 429, %soon },
	q{429 with `retry-after: 0.001`} => { do => 'error', status => 429, headers => { 'retry-after' => '0.001' } },
	q{429 with `retry-after: 0`} => { do => 'error', status => 429, headers => { 'retry-after' => '0' } },
	q{429 with `retry-after: -5`} => { do => 'error', status => 429, headers => { 'retry-after' => '-5' } },
	q{429 with `retry-after: soon`} => { do => 'error', status => 429, headers => { 'retry-after' => 'soon' } },
	q{429 with `retry-after: 99999999999`} => { do => 'error', status => 429, headers => { 'retry-after' => '99999999999' } },
	q{429 with an HTTP date that is past} => { do => 'error', status => 429, headers => { 'retry-after' => $an_hour_ago } },
	q{429 without a time} => { do => 'error', status => 429 },
	q{429 with `retry-after: 3600`} => { do => 'error', status => 429, headers => { 'retry-after' => '3600' } },
	q{429 with an HTTP date as `retry-after`} => { do => 'error', status => 429, headers => { 'retry-after' => $in_an_hour } },
	q{429 `enforced_spend_limit_reached`} => { do => 'error', status => 429, message => 'You have reached your API usage limits', details => { error_code => 'enforced_spend_limit_reached' } },
	q{500 `api_error`} => { do => 'error', status => 500, %soon },
	q{500 with `x-should-retry: false`} => { do => 'error', status => 500, headers => { 'x-should-retry' => 'false' } },
	q{500, cut off} => { do => 'error', status => 500, cut => 10, %soon },
	q{500 "overloaded_error" (a gateway)} => { do => 'error', status => 500, message => 'litellm.InternalServerError: AnthropicError - {"error": {"type": "overloaded_error"}}', %soon },
	q{520, a page of the edge} => { do => 'html', status => 520, %soon },
	q{529, a page of the edge} => { do => 'html', status => 529, %soon },
	q{502, a page of the edge} => { do => 'html', %soon },
	q{503, empty} => { do => 'body', status => 503, text => '', %soon },
	q{503 `unavailable_error` (a local server loads)} => { do => 'error', status => 503, type => 'unavailable_error', %soon },
	q{504 `timeout_error`} => { do => 'error', status => 504, %soon },
	q{529 `overloaded_error`} => { do => 'error', status => 529, details => undef, %soon },
	q{529 with `retry-after: 3600`} => { do => 'error', status => 529, headers => { 'retry-after' => '3600' } },
	q{307} => { do => 'redirect', location => '/elsewhere', status => 307 },
	q{no connection} => { endpoint => 'http://127.0.0.1:1' },
	q{a certificate that is not accepted} => { endpoint => $stub->https },
	q{204} => { do => 'body', status => 204, text => '' },
	q{200, packed though nobody asked} => { do => 'body', base64 => encode_base64($zipped, ''), headers => { 'content-encoding' => 'gzip' } },
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
	q{a stream with `api_error` in it} => { %$good, stream => { error => 'api_error' } },
	q{a stream with `rate_limit_error` in it} => { %$good, stream => { error => 'rate_limit_error' } },
	q{a stream with `authentication_error` in it} => { %$good, stream => { error => 'authentication_error' } },
	q{a stream with an unknown error in it} => { %$good, stream => { error => 'gloomy_error' } },
	q{a stream that ends before its message} => { %$good, stream => { without => ['message_stop'] } },
	q{a stream that ends before its bill} => { %$good, stream => { without => [ 'message_delta', 'message_stop' ] } },
	q{a query that the check refuses} => { sql => 'DELETE FROM sales' },
	q{a query that fails} => { sql => 'SELECT 1 / (count(*) - 60) FROM sales' });

# The rows of the table: [ what comes, log, calls, breaker, charged ].
my ($table) = slurp_file('doc/operations.md') =~ /^\| what comes \|.*\n\|[-|]+\n((?:\|.*\n)+)/m;
my @rows = map { [ map { s/^ | $//gr } (split /\|/)[ 1 .. 5 ] ] } split /\n/, $table;
is_deeply([ sort map { $_->[0] } @rows ], [ sort keys %steps ], 'the table has a row for each, and no other one');

my %server = ($primary => 'anthropic', $secondary => qq{"of $secondary"});
sub move
{
	my ($model, $endpoint) = @_;
	$node->safe_psql('postgres', "ALTER SERVER $server{$model} OPTIONS (SET endpoint '$endpoint')");
	return;
}

my ($violations, $right, $below, $priced, $bills) = (0, 0, 0, 0, 0);
for (@rows)
{
	my ($name, $log, $calls, $breaker, $charged) = @$_;
	my $step = $steps{$name};
	my $fine = $log eq 'success';
	for my $tier (1, 2)
	{
		my $model = $tier == 1 ? $primary : $secondary;
		$tiers->models($model => $step, $tier == 1 ? ($secondary => $good) : ($primary => { do => 'error', status => 400 }));
		move($model, $step->{endpoint}) if $step->{endpoint};
		my $got = $tiers->ask($Tiers::UNDERSTOOD);
		my $breaker_is = $tiers->breaker_of($model);
		move($model, $stub->http) if $step->{endpoint};
		my @log = grep { $_->{model_used} eq $model } @{ $got->{log} };
		my @requests = grep { ($_->{body}{model} || '') eq $model } $stub->requests;
		my @usages = map { $_->{usage} } @requests;
		my %charged = map { Tiers::charged($log[$_], $usages[$_]) => 1 } 0 .. $#log;
		my $answers = $fine ? $tier : $tier + 1;
		$right += is_deeply(
			[ $got->{answer}{tier}, (map { join ' ', grep { defined } @{$_}{qw(status fallback_reason)} } @log), $breaker_is, join(',', sort keys %charged) ],
			[ $answers, ($log) x $calls, $breaker, $charged ],
			"tier $tier: $name") || 0;
		for (0 .. $#log)
		{
			my $usage = $usages[$_] or next;
			if (Tiers::charged($log[$_], $usage) eq 'bill')
			{
				$bills++;
				$priced++ if abs($log[$_]{cost} - eval("$requests[$_]{cost} + 0")) < 0.000001;
			}
			$below++ if $log[$_]{estimated} && $log[$_]{input_tokens} + $log[$_]{output_tokens} < $usage->{input_tokens} + $usage->{output_tokens};
		}
		$violations += $tiers->violations;
	}
}
figure_at_least('fault_table_rows', $right, 'of ' . 2 * @rows, 2 * @rows);
figure_at_least('fault_table_bills_priced_as_the_provider_does', $priced, "of $bills", $bills);
figure_at_most('fault_table_below_the_bill', $below, 'calls', 0);
figure_at_most('fault_table_against_the_protocol', $violations, 'requests', 0);
$tiers->stop;
done_testing();
