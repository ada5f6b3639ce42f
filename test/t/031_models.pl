# The Messages protocol: requests that every model accepts, responses of every
# kind, what failures mean, and what it all costs.
use strict;
use warnings;
use JSON::PP;
use ModelProbe;
use ModelStub;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('models');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\n");
$node->start;
my $stub = ModelStub->new;
$node->safe_psql('postgres', 'CREATE EXTENSION analytics_llm');
my $probe = ModelProbe->load($node);
$node->safe_psql('postgres', q{CREATE SERVER anthropic FOREIGN DATA WRAPPER llm_provider
	OPTIONS (api 'anthropic', endpoint '} . $stub->http . q{/v1/');
	CREATE USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS (api_key 'sk-of-the-tests')});

# Whatever a row of the table of models says, the model accepts the request.
my @models = split /\n/, $node->safe_psql('postgres',
	q{SELECT json_build_object('name', name, 'family', family) FROM analytics_llm.model
	   WHERE enabled ORDER BY name COLLATE "C"});
cmp_ok(scalar(@models), '>=', 13, 'there are models');
for my $row (map { decode_json($_) } @models)
{
	my @calls;
	for my $effort (undef, qw(low medium high xhigh max))
	{
		for my $thinking (undef, qw(off on))
		{
			for my $tokens (256, 4096, 21333)
			{
				my %model = (%$row, max_output_tokens => $tokens);
				$model{effort} = $effort if $effort;
				$model{thinking} = $thinking if $thinking;
				push @calls, 'SELECT probe_call(\'anthropic\', '
				  . ModelProbe::literal(encode_json(\%model)) . ", 'revenue')";
			}
		}
	}
	$stub->reset;
	my @replies = map { decode_json($_) } split /\n/,
	  $node->safe_psql('postgres', join ";\n", @calls);
	is(scalar(@replies), 54, "$row->{name}: all calls were made");
	is_deeply([ grep { $_->{failure} ne 'ok' } @replies ], [],
		"$row->{name}: every request is accepted");
	is_deeply([ map { @{ $_->{violations} } } $stub->requests ], [],
		"$row->{name}: and in order");
}

# What is sent.
sub built
{
	my ($model, $system, $schema) = @_;
	return $node->safe_psql('postgres', sprintf q{SELECT probe_build(%s, %s, 'revenue "by" region', %s)},
		ModelProbe::literal(encode_json($model)), $system, ModelProbe::literal($schema));
}
my $opus = { name => 'claude-opus-4-7', family => 'claude-4-7', effort => 'medium', thinking => 'off' };
is( built($opus, q{ARRAY['You write SQL.', '*Tables ...']}, '{"type":"object"}'),
	'{"model":"claude-opus-4-7","max_tokens":4096,"stream":true,"system":[{"type":"text","text":"You write SQL."},'
	  . '{"type":"text","text":"Tables ...","cache_control":{"type":"ephemeral"}}],'
	  . '"messages":[{"role":"user","content":"revenue \"by\" region"}],'
	  . '"output_config":{"effort":"medium","format":{"type":"json_schema","schema":{"type":"object"}}}}',
	'the bytes of a request');
my $marks = () = built($opus, q{ARRAY['*a', '*b', '*c', '*d', '*e', '*f']}, undef) =~ /cache_control/g;
is($marks, 4, 'no more marks for the cache than are accepted');
my %parts = (
	'no thinking on a model that does by default' =>
	  [ { name => 'm', family => 'claude-sonnet-5', thinking => 'off' }, qr/"thinking":\{"type":"disabled"\}/ ],
	'thinking with a budget' =>
	  [ { name => 'm', family => 'claude-4-5', thinking => 'on' }, qr/"thinking":\{"type":"enabled","budget_tokens":2048\}/ ],
	'a level that is not there' =>
	  [ { name => 'm', family => 'claude-4-6', effort => 'xhigh' }, qr/"effort":"high"/ ],
	'a level that needs thinking' =>
	  [ { name => 'm', family => 'claude-opus-5', effort => 'max', thinking => 'off' }, qr/"effort":"high"/ ],
	'a model that cannot stop thinking' =>
	  [ { name => 'm', family => 'claude-always-thinking', thinking => 'off' }, qr/^(?!.*"thinking").*"effort":"low"/ ],
	'the form in words, to a server that would ignore a schema' =>
	  [ { name => 'm', family => 'plain' }, qr/^(?!.*output_config).*\{"type":"text","text":"\\nAnswer with one JSON object of this JSON schema, and with nothing else:\\n\{\\"type\\":\\"object\\"\}\\n"\}\]/, '{"type":"object"}' ],
	'more tokens than can be asked for at once' =>
	  [ { name => 'm', family => 'plain', max_output_tokens => 64000 }, qr/"max_tokens":21333/ ],
);
for (sort keys %parts)
{
	like(built($parts{$_}[0], q{ARRAY['*a']}, $parts{$_}[2]), $parts{$_}[1], "sent: $_");
}
for ([ { name => 'm', family => 'gpt' }, 'family' ], [ { %$opus, effort => 'huge' }, 'effort' ], [ { %$opus, thinking => 'x' }, 'value of thinking' ])
{
	my ($ret, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT probe_build("
		. ModelProbe::literal(encode_json($_->[0])) . ", ARRAY['a'], 'b')");
	like($err, qr/22023: model "[^"]+" has an unknown $_->[1]/, "refused: an unknown $_->[1]");
}

# What failures mean: response, body, and what must come of it as
# "failure retryable counts scope".
my $envelope = sub { return encode_json({ type => 'error', error => { type => $_[0], message => $_[1], $_[2] ? (details => { error_code => $_[2] }) : () }, request_id => 'req_1' }); };
my @failures = (
	[ { status => 400 }, $envelope->('invalid_request_error', 'messages: bad'), 'bad_request no no call' ],
	[ { status => 400 }, $envelope->('invalid_request_error', '`temperature` is deprecated for this model.'), 'unsupported no no model' ],
	[ { status => 400 }, $envelope->('invalid_request_error', 'adaptive thinking is not supported on this model'), 'unsupported no no model' ],
	[ { status => 400 }, $envelope->('invalid_request_error', 'This model does not support assistant message prefill.'), 'unsupported no no model' ],
	[ { status => 400 }, $envelope->('invalid_request_error', 'prompt is too long: 1 > 0'), 'prompt_too_long no no call' ],
	[ { status => 400 }, '{"error":{"code":400,"type":"exceed_context_size_error","message":"x"}}', 'prompt_too_long no no call' ],
	[ { status => 400 }, $envelope->('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'), 'unpaid no no credential' ],
	[ { status => 400 }, $envelope->('invalid_request_error', 'You have reached your specified API usage limits.'), 'unpaid no no credential' ],
	[ { status => 400, should_retry => 'true' }, $envelope->('invalid_request_error', 'x'), 'bad_request yes no call' ],
	[ { status => 400 }, '', 'bad_request no no call' ],
	[ { status => 401 }, $envelope->('authentication_error', 'invalid x-api-key'), 'credential no no credential' ],
	[ { status => 401, should_retry => 'true' }, '', 'credential no no credential' ],
	[ { status => 402 }, $envelope->('billing_error', 'x'), 'unpaid no no credential' ],
	[ { status => 403 }, $envelope->('permission_error', 'x'), 'permission no no access' ],
	[ { status => 404 }, $envelope->('not_found_error', 'model: claude-3-5-sonnet'), 'model_gone no no model' ],
	[ { status => 404 }, '<html>', 'model_gone no no model' ],
	[ { status => 408 }, '', 'server_error yes yes call' ],
	[ { status => 409 }, $envelope->('conflict_error', 'x'), 'server_error yes yes call' ],
	[ { status => 413 }, '<html>', 'prompt_too_long no no call' ],
	[ { status => 422 }, '', 'bad_request no no call' ],
	[ { status => 429, retry_after => '2' }, $envelope->('rate_limit_error', 'x'), 'rate_limit yes no access' ],
	[ { status => 429 }, $envelope->('rate_limit_error', 'You have reached your API usage limits', 'enforced_spend_limit_reached'), 'unpaid no no credential' ],
	[ { status => 429 }, $envelope->('rate_limit_error', 'x', 'enforced_spend_limit_reached'), 'unpaid no no credential' ],
	[ { status => 500 }, $envelope->('api_error', 'x'), 'server_error yes yes call' ],
	[ { status => 500, should_retry => 'false' }, $envelope->('api_error', 'x'), 'server_error no yes call' ],
	[ { status => 502 }, '<html><h1>502</h1></html>', 'server_error yes yes call' ],
	[ { status => 503 }, '', 'server_error yes yes call' ],
	[ { status => 503 }, '{"error":{"code":503,"type":"unavailable_error","message":"Loading model"}}', 'overloaded yes yes model' ],
	[ { status => 504 }, $envelope->('timeout_error', 'x'), 'server_error yes yes call' ],
	[ { status => 529 }, $envelope->('overloaded_error', 'Overloaded'), 'overloaded yes yes model' ],
	[ { status => 529 }, '', 'overloaded yes yes model' ],
	[ { status => 302 }, '', 'config no no account' ],
	[ { status => 200 }, $envelope->('overloaded_error', 'Overloaded'), 'overloaded yes yes model' ],
	[ { status => 200 }, '<html>hello</html>', 'garbled no yes call' ],
	[ { status => 200 }, '', 'garbled no yes call' ],
	[ { status => 200 }, '{}', 'garbled no yes call' ],
	[ { status => 200 }, '[]', 'garbled no yes call' ],
	[ { status => 200 }, 'null', 'garbled no yes call' ],
	[ { status => 200 }, '{"error":"what"}', 'garbled no yes call' ],
	# Seen of LiteLLM 1.108 and of the server of llama.cpp, at this protocol.
	[ { status => 400 }, '{"error":{"message":"No connected db.","type":"no_db_connection","param":null,"code":"400"}}', 'credential no no credential' ],
	[ { status => 400 }, $envelope->('invalid_request_error', 'anthropic_messages: Invalid model name passed in model=x. Call `/v1/models` to view available models for your key.'), 'model_gone no no model' ],
	[ { status => 400 }, $envelope->('invalid_request_error', "litellm.ContextWindowExceededError: litellm.BadRequestError: x"), 'prompt_too_long no no call' ],
	[ { status => 400 }, $envelope->('invalid_request_error', 'litellm.BadRequestError: AnthropicException - {"error": {"message": "Your credit balance is too low to access the Anthropic API."}}'), 'unpaid no no access' ],
	[ { status => 400 }, $envelope->('invalid_request_error', 'Budget has been exceeded! Current cost: 1, Max budget: 1'), 'unpaid no no credential' ],
	[ { status => 401 }, $envelope->('authentication_error', 'litellm.AuthenticationError: AnthropicException - {"error": {"message": "invalid x-api-key"}}'), 'credential no no access' ],
	[ { status => 402 }, $envelope->('api_error', 'litellm.PaymentRequiredError: AnthropicException - pay'), 'unpaid no no access' ],
	[ { status => 500 }, $envelope->('api_error', 'litellm.InternalServerError: AnthropicError - {"error": {"type": "overloaded_error", "message": "Overloaded"}}'), 'overloaded yes yes model' ],
	[ { status => 500 }, $envelope->('api_error', "Response payload is not completed: <TransferEncodingError: 400, message='Not enough data'>"), 'server_error yes yes call' ],
	[ { status => 401 }, '{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}', 'credential no no credential' ],
	[ { status => 404 }, '{"error":{"message":"File Not Found","type":"not_found_error","code":404}}', 'model_gone no no model' ],
	[ { status => 400 }, '{"error":{"code":400,"message":"request (3020 tokens) exceeds the available context size (512 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":3020,"n_ctx":512}}', 'prompt_too_long no no call' ],
	[ { outcome => 'timeout', status => 0 }, '', 'timeout no yes call' ],
	[ { outcome => 'connect', status => 0 }, '', 'network yes yes call' ],
	[ { outcome => 'reset', status => 0 }, '', 'network yes yes call' ],
	[ { outcome => 'reset', status => 200 }, '{"type":"message","content":[]', 'network yes yes call' ],
	[ { outcome => 'reset', status => 429 }, '{', 'rate_limit yes no access' ],
	[ { outcome => 'tls', status => 0 }, '', 'tls no yes account' ],
	[ { outcome => 'garbled', status => 0 }, '', 'garbled no yes call' ],
	[ { outcome => 'too_large', status => 200 }, '', 'too_large no no call' ],
	[ { outcome => 'config', status => 0 }, '', 'config no no account' ],
);

sub read_reply
{
	my ($response, $body, $db) = @_;
	my $sql = sprintf q{SELECT probe_read(%s, '\\x%s')},
	  ModelProbe::literal(encode_json($response)), unpack('H*', $body);
	return decode_json($node->safe_psql($db || 'postgres', $sql));
}
for (@failures)
{
	my ($response, $body, $expected) = @$_;
	my $got = read_reply($response, $body);
	is( join(' ', $got->{failure}, (map { $got->{$_} ? 'yes' : 'no' } qw(retryable counts)), $got->{scope}),
		$expected, 'failure: ' . join(' ', map { "$_=$response->{$_}" } sort keys %$response) . ' ' . substr($body, 0, 60));
}

# When to come back.
my @waits = (
	[ { retry_after => '2' }, 2000 ], [ { retry_after => '0.5' }, 500 ], [ { retry_after => '3600' }, 3600000 ],
	[ { retry_after => 'Mon, 23 Nov 2026 12:00:07 GMT' }, 7000 ], [ { retry_after => 'Mon, 23 Nov 2026 11:00:00 GMT' }, 0 ],
	[ { retry_after => '2', retry_after_ms => '1500' }, 1500 ], [ { retry_after_ms => 'x', retry_after => '1' }, 1000 ],
	[ { retry_after => 'soon' }, -1 ], [ { retry_after => '-1' }, -1 ], [ { retry_after => 'nan' }, -1 ], [ { retry_after => '' }, -1 ],
	[ { retry_after => '1e300' }, 86400000 ], [ { retry_after => 'Mon, 99 Nov 2026 12:00:07 GMT' }, -1 ],
	[ { retry_after => 'Mon, 23 ovD 2026 12:00:07 GMT' }, -1 ], [ { retry_after => 'Mon, 31 Feb 9999 12:00:07 GMT' }, 86400000 ], [ {}, -1 ],
);
is(read_reply({ status => 429, %{ $_->[0] } }, '')->{retry_after_ms}, $_->[1], 'retry after: ' . encode_json($_->[0])) for @waits;

# Answers, whole and odd.
sub message
{
	my (%what) = @_;
	return encode_json({ id => 'msg_1', type => 'message', role => 'assistant', model => 'claude-opus-4-7',
		content => [ { type => 'text', text => 'hello' } ], stop_reason => 'end_turn',
		usage => { input_tokens => 350, output_tokens => 900, cache_creation_input_tokens => 2400, cache_read_input_tokens => 52000,
			cache_creation => { ephemeral_5m_input_tokens => 400, ephemeral_1h_input_tokens => 2000 } }, %what });
}
my @replies = (
	[ 'an answer', message(), { failure => 'ok', text => 'hello', stop => 'done', model => 'claude-opus-4-7', input => 350, output => 900, cache_read => 52000, cache_write_5m => 400, cache_write_1h => 2000 } ],
	[ 'thinking first', message(content => [ { type => 'thinking', thinking => 'hm', signature => 'x' }, { type => 'text', text => 'a' }, { type => 'tool_use', input => { text => 'no' } }, { type => 'text', text => 'b' }, 7, undef, { type => 'text', text => undef } ]), { failure => 'ok', text => 'ab' } ],
	[ 'a NUL', message(content => [ { type => 'text', text => "a\0b" } ]), { failure => 'ok', text => "a\x7Fb", altered => 1, input => 350 } ],
	[ 'text that speaks of a NUL', message(content => [ { type => 'text', text => 'a\u0000b' } ]), { text => 'a\u0000b', altered => 0 } ],
	[ 'half a surrogate pair', message() =~ s/hello/a\\ud83db/r, { text => "a\x7Fb", altered => 1, known => 1 } ],
	[ 'the other half', message() =~ s/hello/a\\ude00b/r, { text => "a\x7Fb", altered => 1 } ],
	[ 'two first halves and a second', message() =~ s/hello/\\ud83d\\ud83d\\ude00/r, { text => "\x7F\x{1F600}", altered => 1 } ],
	[ 'a surrogate pair', message() =~ s/hello/\\ud83d\\ude00/r, { text => "\x{1F600}", altered => 0 } ],
	[ 'an escape', message() =~ s/hello/\\u00e9\\u0041\\n\\u000a/r, { text => "\x{e9}A\n\n", altered => 0 } ],
	[ 'raw UTF-8', message() =~ s/hello/\xc3\xa9/r, { text => "\x{e9}", altered => 0 } ],
	[ 'bytes that are no UTF-8', message() =~ s/hello/a\xff\xc3/r, { text => "a\x7F\x7F", altered => 1, output => 900 } ],
	[ 'a raw NUL', message() =~ s/hello/a\0b/r, { text => "a\x7Fb", altered => 1 } ],
	[ 'no text', message(content => []), { failure => 'empty', text => '', input => 350 } ],
	[ 'a refusal', message(stop_reason => 'refusal', stop_details => { type => 'refusal', category => 'cyber' }), { failure => 'refused', refusal => 'cyber', known => 1, retryable => 0 } ],
	[ 'a refusal without a category', message(stop_reason => 'refusal', stop_details => { category => undef }), { failure => 'refused', refusal => undef } ],
	[ 'a truncated answer', message(stop_reason => 'max_tokens'), { failure => 'truncated', text => 'hello', output => 900 } ],
	[ 'a full window', message(stop_reason => 'model_context_window_exceeded'), { failure => 'truncated' } ],
	[ 'a tool', message(stop_reason => 'tool_use'), { failure => 'truncated', stop => 'unknown' } ],
	[ 'an unknown reason', message(stop_reason => 'tired'), { failure => 'truncated', stop => 'unknown', stop_reason => 'tired', text => 'hello' } ],
	[ 'no reason', message(stop_reason => undef), { failure => 'truncated', stop => 'unknown' } ],
	[ 'a strange reason', message(stop_reason => { a => 1 }), { failure => 'truncated' } ],
	[ 'no usage', message(usage => undef), { failure => 'ok', known => 0, input => 0 } ],
	[ 'usage with nulls', message(usage => { input_tokens => 5, output_tokens => 6, cache_creation => undef, cache_creation_input_tokens => 7, cache_read_input_tokens => undef }), { known => 1, input => 5, cache_write_5m => 7, cache_write_1h => 0, cache_read => 0 } ],
	[ 'usage that is absurd', message(usage => { input_tokens => -5, output_tokens => 1e40, cache_read_input_tokens => 'many' }), { known => 1, input => 0, output => 100000000, cache_read => 0 } ],
	[ 'content that is absurd', message(content => 'hello'), { failure => 'garbled', input => 350 } ],
	[ 'a cut answer', substr(message(), 0, 40), { failure => 'garbled', known => 0 } ],
	[ 'a cut answer with its usage', '{"usage": {"input_tokens":3,"output_tokens":4,"x":"}"},"content":[{"type":"te', { failure => 'garbled', known => 1, input => 3, output => 4 } ],
	[ 'a cut answer that speaks of usage', '{"content":[{"type":"text","text":"\"usage\":{\"input_tokens\":9}', { known => 0, input => 0 } ],
	[ 'something after the answer', message() . 'x', { failure => 'garbled', input => 350, output => 900 } ],
	[ 'many brackets', '[' x 200000, { failure => 'garbled' } ],
	[ 'deep objects', '{"a":' x 100000, { failure => 'garbled' } ],
	[ 'many values', '[' . '0,' x 1000000 . '0]', { failure => 'garbled' } ],
	[ 'a lone backslash', '{"a":"\\', { failure => 'garbled' } ],
	[ 'an escape that ends early', '{"a":"\\u00', { failure => 'garbled' } ],
);
for (@replies)
{
	my ($name, $body, $expected) = @$_;
	my $got = read_reply({ status => 200 }, $body);
	my %part = map { $_ => ref $got->{$_} ? $got->{$_} + 0 : $got->{$_} } keys %$expected;
	is_deeply(\%part, $expected, "reply: $name") or diag explain $got;
}

# In other encodings: what the database has no character for is marked as lost.
$node->safe_psql('postgres', "CREATE DATABASE $_->[0] TEMPLATE template0 ENCODING '$_->[1]' LOCALE 'C'")
  for ([ latin => 'LATIN1' ], [ ascii => 'SQL_ASCII' ]);
ModelProbe->load($node, $_) for qw(latin ascii);
my $mixed = message() =~ s/hello/\\u00e9\xc3\xa9\\u4e2d/r;
is($node->safe_psql('latin', sprintf q{SET client_encoding = 'SQL_ASCII'; SELECT encode(convert_to(probe_read('{"status":200}', '\\x%s')->>'text', 'LATIN1'), 'hex')}, unpack('H*', $mixed)),
	'e9e97f', 'a database in LATIN1');
is($node->safe_psql('ascii', sprintf q{SELECT encode((probe_read('{"status":200}', '\\x%s')->>'text')::bytea, 'escape')}, unpack('H*', $mixed)),
	'\303\251\303\251\344\270\255', 'a database without an encoding');
is($node->safe_psql('latin', q{SELECT encode(probe_build('{"name":"m","family":"plain"}', '{}', chr(233))::bytea, 'escape') ~ '\\\\303\\\\251'}),
	't', 'what is sent is in UTF-8');
is($node->safe_psql('ascii', q{SELECT probe_build('{"name":"m","family":"plain"}', '{}', E'a\\377b') ~ E'a\\177b'}),
	't', 'also where a name is not');

# The model's own words.
my @answers = (
	[ '{"answerable":true,"tables":["sales"],"assumptions":["a"],"sql":"SELECT 1"}', { answerable => 1, sql => 'SELECT 1', tables => ['sales'], assumptions => ['a'] } ],
	[ '{"answerable":false,"tables":[],"assumptions":[],"sql":""}', { answerable => 0, sql => '', tables => [], assumptions => [] } ],
	[ '{"answerable":true,"sql":"SELECT 1"}', { answerable => 1, sql => 'SELECT 1', tables => [], assumptions => [] } ],
	[ '{"answerable":true,"sql":" \n"}', undef ], [ '{"answerable":true}', undef ], [ '{"sql":"SELECT 1"}', undef ],
	[ '{"answerable":"true","sql":"SELECT 1"}', undef ], [ '{"answerable":true,"sql":"SELECT 1","tables":"sales"}', undef ],
	[ '{"answerable":true,"sql":"SELECT 1","tables":[1]}', undef ], [ '{"answerable":true,"sql":["SELECT 1"]}', undef ],
	[ '{"answerable":true,"sql":"SELECT \'a\\u0000\'"}', undef ], [ '{"answerable":true,"sql":"SELECT \'\\ud800\'"}', undef ],
	[ "\n```json\n{\"answerable\":true,\"sql\":\"SELECT 1\"}\n```\n", { answerable => 1, sql => 'SELECT 1', tables => [], assumptions => [] } ],
	[ "```json\n{\"answerable\":true,\"sql\":\"SELECT 1\"}\n``` and more", undef ], [ '```', undef ], [ '``` {"answerable":true,"sql":"SELECT 1"}', undef ],
	[ 'SELECT 1', undef ], [ '', undef ], [ '{"answerable":true,"sql":"SEL', undef ], [ "```json\n{}\n```", undef ],
);
for (@answers)
{
	my $out = $node->safe_psql('postgres', 'SELECT probe_answer(' . ModelProbe::literal($_->[0]) . ')');
	my $got = $out eq '' ? undef : decode_json($out);
	$got->{answerable} += 0 if $got;
	is_deeply($got, $_->[1], "answer: $_->[0]");
}

# Money, by the example of the provider's documentation; and no overflow.
is($node->safe_psql('postgres', q{SELECT probe_cost('{350,900,52000,2400,0}', '{5000000,25000000,500000,6250000,10000000}')}),
	'0.065250', 'the cost of a call');
is($node->safe_psql('postgres', q{SELECT probe_cost('{100000000,100000000,100000000,100000000,100000000}', '{10000000000,10000000000,10000000000,10000000000,10000000000}')}),
	'5000000.000000', 'the highest cost that can be');

# As the provider counts it: what was written to the cache is read from it.
$stub->reset;
my $question = 'q' x 9000;
my $call = 'probe_call(\'anthropic\', ' . ModelProbe::literal(encode_json($opus)) . ", '$question')";
my $reply = decode_json($node->safe_psql('postgres', "SELECT $call"));
is($reply->{input}, (($stub->requests)[0]{usage}{input_tokens}), 'tokens are those of the bill');
is_deeply(($stub->requests)[0]{headers}{'x-api-key'}{length}, length('sk-of-the-tests'), 'the key is sent');

$stub->stop;
$node->stop;
done_testing();
