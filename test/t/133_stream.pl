# Streamed answers: whatever the pieces, the answer is that of the same message
# unstreamed; a stream that ends too early, stands still or is cancelled is
# recorded as what it is, and charged what is known of it.
use strict;
use warnings;

use JSON::PP;
use ModelProbe;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('stream', "analytics_llm.request_timeout = '300s'\n");
my ($node, $stub, $probe) = @{$tiers}{qw(node stub probe)};
my ($primary, $secondary) = ($Tiers::PRIMARY, $Tiers::SECONDARY);
my $question = $Tiers::NOT_UNDERSTOOD;
my $good = { sql => $Tiers::REVENUE };
$tiers->tier(0, timeout_ms => 20000, max_retries => 0);

sub bytes { return "'\\x" . unpack('H*', $_[0]) . "'"; }

# The reader of events, in pieces of every size.
my @streams = (
	[ "data: a\n\ndata: b\n\n", [ 'a', 'b' ] ],
	[ "data: a\r\n\r\ndata: b\r\n\r\n", [ 'a', 'b' ] ],
	[ "data: a\r\rdata: b\r\r", [ 'a', 'b' ] ],
	[ "\xEF\xBB\xBFdata: a\n\n", ['a'] ],
	[ ": comment\n\nevent: x\ndata:a\nid: 7\ndata:  b\nretry: 1\n\n\n\nevent: y\n\n", ["a\n b"] ],
	[ "data\n\ndata:\n\ndatax: no\ndat: no\n\n", [ '', '' ] ],
	[ "data: \xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80 \xE2\x80\xA8\n\n", ["\x{e9}\x{4e2d}\x{1F600} \x{2028}"] ],
	[ "data: a\n\ndata: cut", ['a'] ],
	[ "data: a\n", [] ],
	[ '', [] ],
);
my ($pieces, $wrong) = (0, 0);
for (@streams)
{
	my ($stream, $events) = @$_;
	for my $piece (1 .. length($stream) + 1)
	{
		$pieces++;
		my $got = decode_json($node->safe_psql('postgres', 'SELECT probe_sse(' . bytes($stream) . ", $piece)"));
		$wrong++ unless is_deeply($got, $events, "events of " . (length $stream) . " bytes in pieces of $piece");
	}
}

# The same message, in every dress.
my $sql = "SELECT 'Z\x{fc}rich \x{1F600}' AS \"stra\x{df}e\"";
my @dresses = (
	{}, { crlf => 1 }, { cr => 1 }, { pings => 1, comments => 1 }, { unknown => 1 }, { nameless => 1 }, { split_data => 1 },
	{ null_usage => 1 }, { twice => 1 }, { crlf => 1, pings => 1, unknown => 1, split_data => 1, twice => 1, null_usage => 1 },
	{ without => [ 'content_block_stop', 'ping' ] }, { late_usage => 1 }, { bom => 1 }, { unended => 1 }, { unended => 1, crlf => 1, bom => 1 },
);
my @sizes = ([], [ drip_bytes => 1 ], [ drip_bytes => 7 ], [ until_close => 1 ]);
my $same = 0;
for my $dress (@dresses)
{
	for my $size (@sizes)
	{
		$tiers->models($primary => { sql => $sql, stream => $dress, thinking => 'hm', @$size });
		my $got = $tiers->ask($question);
		my $request = ($stub->requests)[0];
		$same += is_deeply(
			[ @{ $got->{answer} }{qw(status sql model rows)}, @{ $got->{log}[0] }{qw(input_tokens output_tokens cost estimated)} ],
			[ 'ok', $sql, $primary, [ { "stra\x{df}e" => "Z\x{fc}rich \x{1F600}" } ],
				$request->{usage}{input_tokens}, $request->{usage}{output_tokens}, eval(($request->{cost} || 0) . ' + 0'), JSON::PP::false ],
			'streamed: ' . encode_json($dress) . " @$size") || 0;
	}
}
figure_at_least('streams_as_unstreamed', $same, 'streams', @dresses * @sizes);
is($node->safe_psql('postgres', q{SELECT count(*) > 0 AND bool_and((attributes ->> 'gen_ai.response.time_to_first_chunk')::float8 > 0) FROM analytics_llm.span WHERE attributes ? 'gen_ai.usage.output_tokens'}),
	't', 'the time to the first of it is an attribute of its span');

# A server that does not stream is understood as well.
$tiers->models($primary => { do => 'body', text => encode_json({ type => 'message', content => [ { type => 'text', text => encode_json({ answerable => JSON::PP::true, sql => 'SELECT 7 AS n' }) } ],
	stop_reason => 'end_turn', usage => { input_tokens => 5, output_tokens => 6 } }) });
is_deeply($tiers->ask($question)->{answer}{rows}, [ { n => 7 } ], 'not streamed after all');

# Events in an order that no server should send them in.
for ('event: error
data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

',
	'event: message_start
data: {"type":"message_start","message":{"type":"message","content":{},"usage":{"input_tokens":5,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: message_stop
data: {"type":"message_stop"}

')
{
	$tiers->models($primary => { do => 'body', text => $_, headers => { 'content-type' => 'text/event-stream' } }, $secondary => $good);
	is($tiers->ask($question)->{answer}{tier}, 2, 'events out of order end the call alone');
}

# Streams as they were seen, of the server of llama.cpp (autumn 2026) and of
# LiteLLM 1.108, which translates another protocol: what was counted is in the end.
my %seen = (
	'llama.cpp' => [ '{"id":"chatcmpl-0","type":"message","role":"assistant","content":[],"model":"tiny.gguf","stop_reason":null,"stop_sequence":null,"usage":{"cache_read_input_tokens":21,"input_tokens":1,"output_tokens":0}}',
		'{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":17}}', [ 1, 21, 17, 'tiny.gguf' ] ],
	'LiteLLM' => [ '{"id":"msg_0","type":"message","role":"assistant","content":[],"model":"via","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0}}',
		'{"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": {"input_tokens": 23, "output_tokens": 17, "cache_read_input_tokens": 10}}', [ 23, 10, 17, 'via' ] ]);
for my $server (sort keys %seen)
{
	my ($begin, $end, $expected) = @{ $seen{$server} };
	my $events = join '', map { "event: $_->[0]\ndata: $_->[1]\n\n" }
	  [ message_start => "{\"type\":\"message_start\",\"message\":$begin}" ],
	  [ content_block_start => '{"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}' ],
	  [ content_block_delta => '{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "{\"answ"}}' ],
	  [ content_block_delta => '{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "erable\":true}"}}' ],
	  [ content_block_stop => '{"type": "content_block_stop", "index": 0}' ], [ message_delta => $end ], [ message_stop => '{"type": "message_stop"}' ];
	my $got = decode_json($node->safe_psql('postgres', q{SELECT probe_read('{"status":200,"content_type":"text/event-stream; charset=utf-8"}', } . bytes($events) . ')'));
	is_deeply([ @{$got}{qw(failure text input cache_read output model)} ], [ 'ok', '{"answerable":true}', @$expected ], "streamed by $server");
}

# Ends that are none: what the log says, and what is charged: the prompt as it
# was reported, and the longest answer; or, once it was reported, the bill.
my $max = 4096;
my @ends = (
	[ 'no end', { stream => { without => ['message_stop'] } }, 'error network 200', 'bill' ],
	[ 'no end and no reason to stop', { stream => { without => [ 'message_delta', 'message_stop' ] } }, 'error network 200', 'prompt' ],
	[ 'cut after the beginning', { cut => 700 }, 'error network 200', 'prompt' ],
	[ 'cut in the beginning', { cut => 60 }, 'error network 200', 'estimate' ],
	[ 'cut before anything was counted', { cut => 700, stream => { late_usage => 1 } }, 'error network 200', 'estimate' ],
	[ 'cut in the last line', { cut => -3, stream => { unended => 1 } }, 'error network 200', 'bill' ],
	[ 'closed in the last line', { cut => -3, until_close => 1, stream => { unended => 1 } }, 'error network 200', 'bill' ],
	[ 'closed in the middle', { cut => 700, until_close => 1 }, 'error network 200', 'prompt' ],
	[ 'no beginning', { stream => { without => ['message_start'] } }, 'error network 200', 'estimate' ],
	[ 'an empty stream', { stream => { without => [qw(message_start content_block_start content_block_delta content_block_stop message_delta message_stop)] } }, 'error network 200', 'estimate' ],
	[ 'overloaded in the middle', { stream => { error => 'overloaded_error' } }, 'error overloaded 200', 'prompt' ],
	[ 'an error in the middle', { stream => { error => 'api_error' } }, 'error server_error 200', 'prompt' ],
	[ 'a limit of the rate in the middle', { stream => { error => 'rate_limit_error' } }, 'error rate_limit 200', 'prompt' ],
	[ 'an unknown error in the middle', { stream => { error => 'gloomy_error' } }, 'error garbled 200', 'prompt' ],
	[ 'no reason to stop', { stream => { without => ['message_delta'] } }, 'invalid truncated 200', 'prompt' ],
	[ 'a refusal', { stop_reason => 'refusal', stop_details => { category => 'bio' } }, 'refused refused 200', 'bill' ],
	[ 'a truncated answer', { stop_reason => 'max_tokens' }, 'invalid truncated 200', 'bill' ],
	[ 'nothing said', { content => [] }, 'invalid empty 200', 'bill' ],
);
my $as_wanted = 0;
for (@ends)
{
	my ($name, $step, $said, $charge) = @$_;
	$tiers->models($primary => { %$good, %$step }, $secondary => $good);
	my $got = $tiers->ask($question);
	my $call = $got->{log}[0];
	my $usage = ($stub->requests)[0]{usage};
	my $charged = $call->{estimated} ? ($call->{input_tokens} == $usage->{input_tokens} && $call->{output_tokens} == $max ? 'prompt' : 'estimate')
		: $call->{output_tokens} == $usage->{output_tokens} ? 'bill' : 'wrong';
	$as_wanted += is_deeply([ join(' ', @{$call}{qw(status fallback_reason http_status)}), $charged, $got->{answer}{tier} ],
		[ $said, $charge, 2 ], "ended: $name") || 0;
	ok($call->{$_} >= $usage->{$_}, "ended: $name: $_ not below the bill") for qw(input_tokens output_tokens);
}
figure_at_least('odd_ends_of_streams', $as_wanted, 'of ' . @ends, scalar @ends);

# A stream that ends too early may be tried again: nobody has seen it.
$tiers->tier(1, max_retries => 1);
$tiers->models($primary => [ { %$good, stream => { without => ['message_stop'] } }, $good ]);
is(join(',', map { $_->{status} } @{ $tiers->ask($question)->{log} }), 'error,success', 'and is tried again');
$tiers->tier(1, max_retries => 0);

# What is charged when a stream is cancelled, or runs out of time, half-way.
my %half = (%$good, drip_bytes => 400, drip_ms => 20000);
for my $how ('statement_timeout', 'the tier')
{
	$tiers->tier(1, timeout_ms => $how eq 'the tier' ? 1500 : 20000);
	$tiers->models($primary => { %half, drip_bytes => 900 }, $secondary => $good);
	my $timeout = $how eq 'the tier' ? 0 : '1500ms';
	$node->psql('postgres', "SET statement_timeout = '$timeout'; SELECT llm_ask('$question')");
	my $row;
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM analytics_llm.log WHERE model_used = 'claude-opus-4-7' AND logged_at > now() - interval '10 s' AND estimated AND NOT validation_passed IS TRUE AND status IN ('timeout', 'error') AND output_tokens = 4096 AND http_status IS NOT DISTINCT FROM } . ($how eq 'the tier' ? 200 : 'NULL'))
	  or diag $node->safe_psql('postgres', 'SELECT row_to_json(l) FROM analytics_llm.log l ORDER BY logged_at DESC LIMIT 3');
	$row = decode_json($node->safe_psql('postgres', q{SELECT row_to_json(l) FROM analytics_llm.log AS l WHERE model_used = 'claude-opus-4-7' ORDER BY logged_at DESC LIMIT 1}));
	is_deeply([ @{$row}{qw(input_tokens output_tokens)} ], [ ($stub->requests)[0]{usage}{input_tokens}, $max ],
		"cut short by $how: the prompt as it was counted, and the longest answer");
}
$tiers->tier(1, timeout_ms => 20000);

# A stream that stands still is not waited for; one that says something is.
my $got = $probe->http($stub->http . '/v1/messages', ModelProbe::body('x'), timeout => 20000);
is($got->{outcome}, 'ok', 'a whole response');
cmp_ok($got->{first_ms}, '>', 0, 'with the time of its first byte');
$tiers->models($primary => { %half, drip_bytes => 100 });
$got = $probe->http($stub->http . '/v1/messages', ModelProbe::body('x'), timeout => 20000, idle_ms => 400);
is("$got->{outcome} $got->{problem}", 'timeout the answer stood still', 'standing still');
$tiers->models($primary => { %$good, drip_bytes => 100, drip_ms => 100 });
$got = $probe->http($stub->http . '/v1/messages', ModelProbe::body('x'), timeout => 20000, idle_ms => 8000);
is($got->{outcome}, 'ok', 'a slow one goes on');
$tiers->models($primary => { delay_ms => 900, %$good });
$got = $probe->http($stub->http . '/v1/messages', ModelProbe::body('x'), timeout => 20000, idle_ms => 300);
is($got->{outcome}, 'ok', 'the time before it begins is another matter');

# More than the cap is not read.
$tiers->models($primary => { text => 'x' x 9_000_000, replace => {} }, $secondary => $good);
is(join(' ', @{ $tiers->ask($question)->{log}[0] }{qw(status fallback_reason)}), 'error too_large', 'a stream over the cap');

is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
$tiers->stop;
done_testing();
