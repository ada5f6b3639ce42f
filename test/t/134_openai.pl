# Chat completions, the protocol of OpenAI: what is sent, what the replies and
# errors of each server mean, and a question over it from end to end.
use strict;
use warnings;

use JSON::PP;
use ModelProbe;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('openai', "analytics_llm.request_timeout = '60s'\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
my ($primary, $secondary) = ($Tiers::PRIMARY, $Tiers::SECONDARY);
my ($understood, $question) = ($Tiers::UNDERSTOOD, $Tiers::NOT_UNDERSTOOD);
my $good = { sql => $Tiers::REVENUE };

# What is sent.
sub built
{
	my ($model, $schema) = @_;
	return $node->safe_psql('postgres', sprintf q{SELECT probe_build(%s, ARRAY['You write SQL.', '*Tables ...'], 'revenue "by" region', %s)},
		ModelProbe::literal(encode_json({ api => 'openai', name => 'm', %$model })), ModelProbe::literal($schema));
}
my $messages = '"messages":[{"role":"system","content":"You write SQL.\nTables ..."},{"role":"user","content":"revenue \"by\" region"}]';
is(built({ family => 'openai-json' }, '{"type":"object"}'),
	"{\"model\":\"m\",$messages,\"max_tokens\":4096,\"temperature\":0,\"stream\":false,"
	  . '"response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object"}}}}', 'sent: with a schema');
is(built({ family => 'openai-reasoning', effort => 'high' }, '{"type":"object"}'),
	"{\"model\":\"m\",$messages,\"max_completion_tokens\":4096,\"reasoning_effort\":\"high\",\"stream\":false,"
	  . '"response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object"}}}}', 'sent: to a model that thinks');
is(built({ family => 'openai-words' }, '{"type":"object"}'),
	'{"model":"m","messages":[{"role":"system","content":"You write SQL.\nTables ...\nAnswer with one JSON object of this JSON schema, and with nothing else:\n{\"type\":\"object\"}\n"},'
	  . '{"role":"user","content":"revenue \"by\" region"}],"max_tokens":4096,"temperature":0,"stream":false}', 'sent: the form in words');
my ($ret, $out, $err) = $node->psql('postgres', q{SELECT probe_build('{"api":"openai","name":"m","family":"claude-4-7"}', '{a}', 'b')});
like($err, qr/model "m" has an unknown family "claude-4-7"/, 'a family of another protocol');

# What errors mean, as each server words them: "failure retryable counts scope".
my $of = sub { my ($status, %error) = @_; return [ { status => $status }, encode_json({ error => { param => undef, code => undef, %error } }) ]; };
my $behind = sub { return "litellm.$_[0]\n\nLiteLLM: model group 'm' failed with the error above. No fallback was attempted."; };
my @failures = (
	# Seen of the server of llama.cpp, in autumn 2026.
	[ 'llama.cpp: a key, 2026', $of->(401, code => 401, message => 'Invalid API Key', type => 'authentication_error'), 'credential no no credential' ],
	[ 'llama.cpp: too long, 2026', $of->(400, code => 400, message => 'request (3020 tokens) exceeds the available context size (512 tokens), try increasing it', type => 'exceed_context_size_error', n_prompt_tokens => 3020, n_ctx => 512), 'prompt_too_long no no call' ],
	[ 'llama.cpp: a schema that it does not take', $of->(400, code => 400, message => 'Unable to generate parser for this template. Automatic parser generation failed: JSON schema error at #: unrecognized type objekt', type => 'invalid_request_error'), 'bad_request no no call' ],
	[ 'llama.cpp: loading', $of->(503, code => 503, message => 'Loading model', type => 'unavailable_error'), 'overloaded yes yes model' ],
	[ 'llama.cpp: a key', $of->(401, code => 401, message => 'Invalid API Key', type => 'authentication_error'), 'credential no no credential' ],
	[ 'llama.cpp: no permission', $of->(403, code => 403, message => 'x', type => 'permission_error'), 'permission no no access' ],
	[ 'llama.cpp: no such path', $of->(404, code => 404, message => 'File Not Found', type => 'not_found_error'), 'model_gone no no model' ],
	[ 'llama.cpp: too long', $of->(400, code => 400, message => 'the request exceeds the available context size, try increasing it', type => 'exceed_context_size_error', n_prompt_tokens => 9000, n_ctx => 4096), 'prompt_too_long no no call' ],
	[ 'llama.cpp: too long, older', $of->(500, code => 500, message => 'the request exceeds the available context size. try increasing the context size or enable context shift', type => 'server_error'), 'prompt_too_long no no call' ],
	[ 'llama.cpp: a bad request', $of->(400, code => 400, message => '"messages" is required', type => 'invalid_request_error'), 'bad_request no no call' ],
	[ 'llama.cpp: not supported', $of->(501, code => 501, message => 'This server does not support completions.', type => 'not_supported_error'), 'unsupported no no model' ],
	[ 'llama.cpp: broken', $of->(500, code => 500, message => 'x', type => 'server_error'), 'server_error yes yes call' ],
	[ 'vLLM: too long', $of->(400, code => 400, message => "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens", type => 'BadRequestError'), 'prompt_too_long no no call' ],
	[ 'vLLM: no such model', $of->(404, code => 404, message => 'The model `x` does not exist.', type => 'NotFoundError'), 'model_gone no no model' ],
	[ 'vLLM: an older form', [ { status => 400 }, '{"object":"error","message":"This model\'s maximum context length is 1 tokens.","type":"BadRequestError","param":null,"code":400}' ], 'prompt_too_long no no call' ],
	[ 'vLLM: a key', [ { status => 401 }, '{"error":"Unauthorized"}' ], 'credential no no credential' ],
	[ 'vLLM: no such path', [ { status => 404 }, '{"detail":"Not Found"}' ], 'model_gone no no model' ],
	[ 'vLLM: not understood', [ { status => 422 }, '{"detail":[{"loc":["body"],"msg":"field required"}]}' ], 'bad_request no no call' ],
	[ 'vLLM: broken', $of->(500, code => 500, message => 'Internal server error', type => 'InternalServerError'), 'server_error yes yes call' ],
	[ 'Ollama: no such model', $of->(404, message => 'model "x" not found, try pulling it first', type => 'not_found_error'), 'model_gone no no model' ],
	[ 'Ollama: a bad request', $of->(400, message => 'invalid format', type => 'invalid_request_error'), 'bad_request no no call' ],
	[ 'Ollama: busy', $of->(503, message => 'server busy, please try again.  maximum pending requests exceeded', type => 'api_error'), 'overloaded yes yes model' ],
	[ 'Ollama: broken', $of->(500, message => 'llama runner process has terminated: exit status 2', type => 'api_error'), 'server_error yes yes call' ],
	[ 'LiteLLM: a limit of the rate', $of->(429, code => '429', message => 'litellm.RateLimitError: x', type => 'throttling_error'), 'rate_limit yes no access' ],
	[ 'LiteLLM: a budget', $of->(400, code => '400', message => 'Budget has been exceeded! Current cost: 1, Max budget: 1', type => 'budget_exceeded'), 'unpaid no no credential' ],
	[ 'LiteLLM: an unknown model', $of->(400, code => '400', message => "/chat/completions: Invalid model name passed in model=x. Call `/v1/models` to view available models for your key.", type => 'None'), 'model_gone no no model' ],
	[ 'LiteLLM: too long', $of->(400, code => '400', message => 'litellm.ContextWindowExceededError: x', type => undef), 'prompt_too_long no no call' ],
	[ 'LiteLLM: a key', $of->(401, code => '401', message => 'Authentication Error, Invalid proxy server token passed.', type => 'auth_error'), 'credential no no credential' ],
	[ 'LiteLLM: its provider is down', $of->(503, code => '503', message => 'litellm.ServiceUnavailableError: Overloaded', type => undef), 'server_error yes yes call' ],
	[ 'LiteLLM: it waited in vain', $of->(408, code => '408', message => 'litellm.Timeout: x', type => undef), 'server_error yes yes call' ],
	# Seen of LiteLLM 1.108, by itself and of the providers behind it.
	[ 'LiteLLM: a key, without a database', $of->(400, code => '400', message => 'No connected db.', type => 'no_db_connection'), 'credential no no credential' ],
	[ 'LiteLLM: its own key is refused', $of->(401, code => '401', message => $behind->('AuthenticationError: AuthenticationError: OpenAIException - Invalid API Key'), type => 'authentication_error'), 'credential no no access' ],
	[ 'LiteLLM: its own account is empty', $of->(402, code => '402', message => $behind->('APIError: APIError: OpenAIException - pay'), type => 'invalid_request_error'), 'unpaid no no access' ],
	[ 'LiteLLM: its own credit is used up', $of->(400, code => '400', message => $behind->('BadRequestError: AnthropicException - {"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low to access the Anthropic API."}}'), type => 'invalid_request_error'), 'unpaid no no access' ],
	[ 'LiteLLM: it may not use the model', $of->(403, code => '403', message => $behind->('PermissionDeniedError: AnthropicException - no'), type => 'permission_error'), 'permission no no access' ],
	[ 'LiteLLM: the model is retired behind it', $of->(404, code => '404', message => $behind->('NotFoundError: AnthropicException - model: x'), type => 'invalid_request_error'), 'model_gone no no model' ],
	[ 'LiteLLM: overloaded behind it', $of->(500, code => '500', message => $behind->('InternalServerError: AnthropicError - {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}'), type => 'internal_server_error'), 'overloaded yes yes model' ],
	[ 'LiteLLM: 529 behind it', $of->(529, code => '529', message => $behind->('APIError: APIError: OpenAIException - Overloaded'), type => 'internal_server_error'), 'overloaded yes yes model' ],
	[ 'LiteLLM: nobody behind it', $of->(500, code => '500', message => $behind->('InternalServerError: InternalServerError: OpenAIException - Connection error.'), type => 'internal_server_error'), 'server_error yes yes call' ],
	[ 'LiteLLM: a page behind it', $of->(503, code => '503', message => $behind->('ServiceUnavailableError: AnthropicException - <html><h1>503</h1></html>'), type => 'internal_server_error'), 'server_error yes yes call' ],
	[ 'LiteLLM: too long behind it', $of->(400, code => '400', message => $behind->('ContextWindowExceededError: litellm.BadRequestError: AnthropicError - {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 2 tokens > 1 maximum"}}'), type => 'invalid_request_error'), 'prompt_too_long no no call' ],
	[ 'LiteLLM: no temperature', $of->(400, code => '400', message => $behind->('UnsupportedParamsError: claude-opus-4-7 does not support temperature=0. Only temperature=1 is supported.'), type => 'invalid_request_error'), 'unsupported no no model' ],
	[ 'LiteLLM: an unknown model, 1.108', $of->(400, code => '400', message => '/chat/completions: Invalid model name passed in model=x.', type => 'invalid_request_error', provider_specific_fields => { error => 'x' }), 'model_gone no no model' ],
	[ 'OpenAI: no quota', $of->(429, code => 'insufficient_quota', message => 'You exceeded your current quota, please check your plan and billing details.', type => 'insufficient_quota'), 'unpaid no no credential' ],
	[ 'OpenAI: a limit of the rate', $of->(429, code => 'rate_limit_exceeded', message => 'Rate limit reached for x', type => 'tokens'), 'rate_limit yes no access' ],
	[ 'OpenAI: too long', $of->(400, code => 'context_length_exceeded', message => 'x', type => 'invalid_request_error'), 'prompt_too_long no no call' ],
	[ 'OpenAI: no such model', $of->(404, code => 'model_not_found', message => 'The model `x` does not exist or you do not have access to it.', type => 'invalid_request_error'), 'model_gone no no model' ],
	[ 'OpenAI: a parameter', $of->(400, code => 'unsupported_parameter', message => "Unsupported parameter: 'max_tokens' is not supported with this model.", type => 'invalid_request_error'), 'unsupported no no model' ],
	[ 'no credit', $of->(402, message => 'x', type => 'x'), 'unpaid no no credential' ],
	[ 'too large', [ { status => 413 }, '<html>' ], 'prompt_too_long no no call' ],
	[ 'an edge', [ { status => 502 }, '<html>502</html>' ], 'server_error yes yes call' ],
	[ 'nothing', [ { status => 503 }, '' ], 'server_error yes yes call' ],
	[ 'a redirect', [ { status => 307 }, '' ], 'config no no account' ],
	[ 'an error that says 200', [ { status => 200 }, '{"error":{"message":"x","type":"server_error","code":500}}' ], 'server_error yes yes call' ],
	[ 'an unknown error that says 200', [ { status => 200 }, '{"error":"x"}' ], 'garbled no yes call' ],
	[ 'a page', [ { status => 200 }, '<html>hello</html>' ], 'garbled no yes call' ],
	[ 'no choices', [ { status => 200 }, '{"choices":[]}' ], 'garbled no yes call' ],
	[ 'choices that are none', [ { status => 200 }, '{"choices":{"message":{"content":"x"}}}' ], 'garbled no yes call' ],
	[ 'a choice that is none', [ { status => 200 }, '{"choices":[7]}' ], 'garbled no yes call' ],
	[ 'a lost connection', [ { status => 200, outcome => 'reset' }, '{"choices":[' ], 'network yes yes call' ],
);

sub read_reply
{
	my ($response, $body) = @_;
	return decode_json($node->safe_psql('postgres', sprintf q{SELECT probe_read(%s, '\\x%s')},
			ModelProbe::literal(encode_json({ api => 'openai', %$response })), unpack('H*', $body)));
}
my $as_wanted = 0;
for (@failures)
{
	my ($name, $shape, $expected) = @$_;
	my $got = read_reply(@$shape);
	$as_wanted += is(join(' ', $got->{failure}, (map { $got->{$_} ? 'yes' : 'no' } qw(retryable counts)), $got->{scope}), $expected, "error of $name") || 0;
}
figure_at_least('openai_errors_understood', $as_wanted, 'of ' . @failures, scalar @failures);

# What replies say, as each server writes them.
sub completion
{
	my ($message, %what) = @_;
	my $finish = delete $what{finish_reason} // 'stop';
	return encode_json({ id => 'chatcmpl-1', object => 'chat.completion', created => 1, model => 'm',
		choices => [ { index => 0, message => { role => 'assistant', ref $message ? %$message : (content => $message) }, finish_reason => $finish, logprobs => undef } ],
		usage => { prompt_tokens => 100, completion_tokens => 20, total_tokens => 120 }, %what });
}
my @replies = (
	[ 'an answer', completion('hello'), { failure => 'ok', text => 'hello', stop => 'done', model => 'm', known => 1, input => 100, output => 20, cache_read => 0 } ],
	[ 'vLLM: with what it kept', completion('hello', usage => { prompt_tokens => 100, completion_tokens => 20, prompt_tokens_details => { cached_tokens => 64 } }), { input => 36, cache_read => 64, output => 20 } ],
	[ 'vLLM: details that are null', completion('hello', usage => { prompt_tokens => 100, completion_tokens => 20, prompt_tokens_details => undef }), { input => 100, cache_read => 0 } ],
	[ 'more kept than sent', completion('hello', usage => { prompt_tokens => 10, completion_tokens => 20, prompt_tokens_details => { cached_tokens => 64 } }), { input => 0, cache_read => 10 } ],
	[ 'vLLM: what it thought', completion({ content => 'hello', reasoning_content => 'hm', tool_calls => [] }), { failure => 'ok', text => 'hello' } ],
	[ 'llama.cpp: with its timings', completion('hello', timings => { prompt_n => 1 }, system_fingerprint => 'b1'), { failure => 'ok', text => 'hello' } ],
	[ 'Ollama: no content', completion({ content => '' }), { failure => 'empty' } ],
	[ 'content that is null', completion({ content => undef }), { failure => 'empty', text => '' } ],
	[ 'content in parts', completion({ content => [ { type => 'text', text => 'a' }, { type => 'image' }, { type => 'text', text => 'b' }, 7 ] }), { failure => 'ok', text => 'ab' } ],
	[ 'cut off', completion('{"a', finish_reason => 'length'), { failure => 'truncated', output => 20 } ],
	[ 'filtered', completion('', finish_reason => 'content_filter'), { failure => 'refused', refusal => 'content_filter' } ],
	[ 'OpenAI: refused', completion({ content => undef, refusal => 'I cannot.' }), { failure => 'refused' } ],
	[ 'a tool', completion(undef, finish_reason => 'tool_calls'), { failure => 'truncated', stop => 'unknown' } ],
	[ 'an unknown reason', completion('hello', finish_reason => 'tired'), { failure => 'truncated', stop => 'unknown', stop_reason => 'tired' } ],
	[ 'llama.cpp, 2026', completion('hello', model => 'tiny.gguf', system_fingerprint => 'b0', usage => { prompt_tokens => 1385, completion_tokens => 17, total_tokens => 1402, prompt_tokens_details => { cached_tokens => 1012 } }, timings => { cache_n => 1012, prompt_n => 373, predicted_ms => 2.4 }), { failure => 'ok', input => 373, cache_read => 1012, output => 17, model => 'tiny.gguf' } ],
	[ 'LiteLLM: a provider with a cache of two prices', completion('hello', usage => { prompt_tokens => 100, completion_tokens => 20, total_tokens => 120, completion_tokens_details => { reasoning_tokens => 0, text_tokens => 20 },
		prompt_tokens_details => { cache_write_tokens => 40, cached_tokens => 30, text_tokens => 30, cache_creation_tokens => 40, cache_creation_token_details => { ephemeral_5m_input_tokens => 25, ephemeral_1h_input_tokens => 15 } }, cache_creation_input_tokens => 40, cache_read_input_tokens => 30 }),
		{ failure => 'ok', input => 30, cache_read => 30, cache_write_5m => 25, cache_write_1h => 15, output => 20 } ],
	[ 'more kept from now on than sent', completion('hello', usage => { prompt_tokens => 10, completion_tokens => 20, prompt_tokens_details => { cached_tokens => 4, cache_creation_tokens => 64, cache_creation_token_details => { ephemeral_1h_input_tokens => 99 } } }), { input => 0, cache_read => 4, cache_write_5m => 0, cache_write_1h => 6 } ],
	[ 'LiteLLM: a refusal behind it', completion({ content => '{"a":1}', provider_specific_fields => { citations => undef, stop_reason => 'refusal', stop_details => { type => 'refusal', category => 'cyber' } } }, finish_reason => 'content_filter'), { failure => 'refused' } ],
	[ 'LiteLLM: what it thought behind it', completion({ content => 'hello', reasoning_content => 'hm', thinking_blocks => [ { type => 'thinking', thinking => 'hm', signature => 'x' } ] }), { failure => 'ok', text => 'hello' } ],
	[ 'LiteLLM: nothing said behind it', completion({ content => undef, provider_specific_fields => { citations => undef, thinking_blocks => undef } }), { failure => 'empty' } ],
	[ 'no usage', completion('hello', usage => undef), { failure => 'ok', known => 0 } ],
	[ 'absurd usage', completion('hello', usage => { prompt_tokens => -1, completion_tokens => 1e40 }), { known => 1, input => 0, output => 100000000 } ],
	[ 'a lost character', completion("a\0b"), { text => "a\x7Fb", altered => 1 } ],
	[ 'raw UTF-8', completion("\x{e9}"), { text => "\x{e9}", altered => 0 } ],
);
for (@replies)
{
	my ($name, $body, $expected) = @$_;
	my $got = read_reply({ status => 200 }, $body);
	my %part = map { $_ => ref $got->{$_} ? $got->{$_} + 0 : $got->{$_} } keys %$expected;
	is_deeply(\%part, $expected, "reply: $name") or diag explain $got;
}
is(read_reply({ status => 429, retry_after => '2' }, '')->{retry_after_ms}, 2000, 'when to come back');
is(read_reply({ status => 400 }, '{"error":{"message":"x","code":400}}')->{error_code}, '400', 'a code that is a number');

# A question over it, from end to end, with either form of the endpoint.
$node->safe_psql('postgres', sprintf <<'SQL', $stub->http);
CREATE SERVER local FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'openai', endpoint '%s/v1');
CREATE USER MAPPING FOR PUBLIC SERVER local OPTIONS (api_key 'none');
INSERT INTO analytics_llm.model (name, server, family, context_tokens, effort) VALUES
	('local-model', 'local', 'openai-json', 32000, NULL), ('qwen2.5-coder:7b', 'local', 'openai-words', 32000, NULL),
	('org/model-8b', 'local', 'openai-json', 32000, NULL), ('gateway-model', 'local', 'openai-reasoning', 200000, 'low');
SQL
$tiers->tier(0, timeout_ms => 20000, max_retries => 0);
my $violations = 0;
for my $model ('local-model', 'qwen2.5-coder:7b', 'org/model-8b', 'gateway-model')
{
	$tiers->tier(1, model => $model);
	$tiers->models($model => [ { sql => 'SELECT nothing FROM nowhere' }, { %$good, usage => { input_tokens => 90, cache_read_input_tokens => 10, output_tokens => 5 } } ]);
	my $got = $tiers->ask($understood);
	is_deeply([ @{ $got->{answer} }{qw(status tier model confidence row_count)}, map { "$_->{query_type} $_->{status} $_->{http_status}" } @{ $got->{log} } ],
		[ 'ok', 1, $model, 0.87, 3, 'sql_generation invalid 200', 'repair success 200' ], "$model answers, and repairs");
	is_deeply([ @{ $got->{log}[1] }{qw(input_tokens cache_read_tokens output_tokens cost model_served)} ], [ 90, 10, 5, 0, $model ], "$model: its tokens");
	$violations += my @found = $tiers->violations;
	is_deeply(\@found, [], "$model: requests keep the rules");
}
figure_at_most('openai_requests_against_the_protocol', $violations, 'requests', 0);
is(($stub->requests)[0]{headers}{authorization}{length}, length('Bearer none'), 'the key is a bearer token');
is(($stub->requests)[0]{path}, '/v1/chat/completions', 'the version is once in the path');
$tiers->tier(1, model => 'local-model');

# It fails like any other, has breakers like any other, and is charged like any
# other: what comes, the log, breakers, and what is charged.
my $gateway = sub { return (do => 'error', status => $_[0], message => "litellm.$_[1]"); };
my @falls = (
	[ { do => 'error', status => 503, type => 'unavailable_error', message => 'Loading model' }, 'error overloaded 503', 'counts', 'nothing' ],
	[ { do => 'error', status => 429, code => '429' }, 'error rate_limit 429', '–', 'nothing' ],
	[ { $gateway->(429, 'RateLimitError: x'), headers => { 'llm_provider-retry-after' => '3600' } }, 'error rate_limit 429', 'the model waits, with that key', 'nothing' ],
	[ { do => 'error', status => 429, type => 'insufficient_quota', code => 'insufficient_quota' }, 'error unpaid 429', "opens the key's", 'nothing' ],
	[ { do => 'error', status => 500, code => undef }, 'error server_error 500', 'counts', 'nothing' ],
	[ { do => 'error', status => 404, type => 'not_found_error' }, 'error model_gone 404', "opens the model's", 'nothing' ],
	[ { do => 'error', status => 400, message => '/chat/completions: Invalid model name passed in model=x.' }, 'error model_gone 400', "opens the model's", 'nothing' ],
	[ { do => 'error', status => 400, type => 'no_db_connection', message => 'No connected db.' }, 'error credential 400', "opens the key's", 'nothing' ],
	[ { do => 'error', status => 401, type => 'authentication_error', message => 'Invalid API Key' }, 'error credential 401', "opens the key's", 'nothing' ],
	[ { $gateway->(401, 'AuthenticationError: AnthropicException - invalid x-api-key') }, 'error credential 401', "opens the model's with that key", 'nothing' ],
	[ { do => 'error', status => 403, type => 'permission_error' }, 'error permission 403', "opens the model's with that key", 'nothing' ],
	[ { do => 'error', status => 400, type => 'exceed_context_size_error', message => 'request (9 tokens) exceeds the available context size (5 tokens), try increasing it' }, 'error prompt_too_long 400', '–', 'nothing' ],
	[ { $gateway->(400, 'UnsupportedParamsError: m does not support temperature=0.') }, 'error unsupported 400', '–', 'nothing' ],
	[ { do => 'body', status => 422, text => '{"detail":[{"msg":"field required"}]}' }, 'error bad_request 422', '–', 'nothing' ],
	[ { do => 'body', text => '{"error":{"message":"x","type":"server_error","code":500}}' }, 'error server_error 200', 'counts', 'estimate' ],
	[ { do => 'html', status => 200 }, 'error garbled 200', 'counts', 'estimate' ],
	[ { do => 'read_close' }, 'error network -', 'counts', 'estimate' ],
	[ { do => 'stall' }, 'timeout timeout -', 'counts', 'estimate' ],
	[ { cut => 60 }, 'error network 200', 'counts', 'estimate' ],
	[ { stop_reason => 'max_tokens' }, 'invalid truncated 200', '–', 'bill' ],
	[ { stop_reason => 'refusal' }, 'refused refused 200', '–', 'bill' ],
	[ { text => 'prose' }, 'invalid odd_form 200', '–', 'bill' ],
	[ { content => [] }, 'invalid empty 200', '–', 'bill' ],
);
$tiers->tier(1, timeout_ms => 1500);
my $fell = 0;
for (@falls)
{
	my ($step, $said, $breaker, $charged) = @$_;
	$tiers->models('local-model' => $step, $secondary => $good);
	my $got = $tiers->ask($question);
	my $call = $got->{log}[0];
	$fell += is_deeply([ $got->{answer}{tier}, (join ' ', map { $_ // '-' } @{$call}{qw(status fallback_reason http_status)}), $tiers->breaker_of('local-model'), Tiers::charged($call, ($stub->requests)[0]{usage}) ],
		[ 2, $said, $breaker, $charged ], "then the next model: $said") || 0;
}
figure_at_least('openai_faults', $fell, 'of ' . @falls, scalar @falls);
$tiers->models('local-model' => { do => 'error', status => 503, type => 'unavailable_error', message => 'Loading model' }, $secondary => $good);
$tiers->ask($question) for 1 .. 3;
is($tiers->ask($question)->{log}[0]{fallback_reason}, 'breaker_open', 'a model that is being loaded is left alone for a while');

# Behind a model of the other protocol, and in the previews.
$tiers->tier(1, model => $primary);
$tiers->tier(2, model => 'local-model');
$tiers->models($primary => { do => 'error', status => 529 }, 'local-model' => $good);
is($tiers->ask($question)->{answer}{model}, 'local-model', 'the second tier is a local model');
is($node->safe_psql('postgres', "SELECT request ->> 'model', request -> 'messages' -> 1 ->> 'role' FROM llm_prompt('$question') WHERE tier = 2"), 'local-model|user', 'llm_prompt shows its request');

# A row that does not fit its server is said, and skipped.
$node->safe_psql('postgres', "UPDATE analytics_llm.model SET family = 'plain' WHERE name = 'local-model'");
$tiers->models($primary => { do => 'error', status => 529 });
my $got = $tiers->ask($question);
is_deeply([ @{ $got->{log}[1] }{qw(model_used status fallback_reason)} ], [ 'local-model', 'skipped', 'wrong_family' ], 'a family of the other protocol');
like($got->{answer}{message}, qr/^local-model: its family is not one of its server's api\.$/m, 'in words');
is($node->safe_psql('postgres', "SELECT state FROM llm_status() WHERE component = 'model' AND name = 'local-model'"), 'wrong_family', 'and llm_status says so');

$tiers->stop;
done_testing();
