# What each tier does when the one before it fails: the fault table.  Each way
# in which a model can fail is met by the second model, by the built-in rules,
# or by a clear error; each call is a row of the log, and the log agrees with
# the provider's bill.
use strict;
use warnings;

use JSON::PP;
use Math::BigFloat;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('tiers');
my ($node, $stub) = @{$tiers}{qw(node stub)};
my ($primary, $secondary) = ($Tiers::PRIMARY, $Tiers::SECONDARY);
$tiers->tier(0, max_retries => 0, timeout_ms => 1000);
$tiers->own_key($secondary);
$node->safe_psql('postgres', 'ALTER SYSTEM SET analytics_llm.max_repairs = 0; SELECT pg_reload_conf()');

# How a model fails: the step of the model server, and of the row of the log
# status, fallback_reason and http_status.  What is charged is "bill" (what the
# provider says), "estimate" (a call was sent, and nobody knows), or "nothing".
my @faults = (
	[ 'overloaded', { do => 'error', status => 529 }, 'error overloaded 529', 'nothing' ],
	[ 'an error of the server', { do => 'error', status => 500 }, 'error server_error 500', 'nothing' ],
	[ 'a rate limit', { do => 'error', status => 429 }, 'error rate_limit 429', 'nothing' ],
	[ 'a bad key', { do => 'error', status => 401 }, 'error credential 401', 'nothing' ],
	[ 'no credit', { do => 'error', status => 402 }, 'error unpaid 402', 'nothing' ],
	[ 'no permission', { do => 'error', status => 403 }, 'error permission 403', 'nothing' ],
	[ 'a retired model', { do => 'error', status => 404 }, 'error model_gone 404', 'nothing' ],
	[ 'a prompt too long', { do => 'error', status => 400, message => 'prompt is too long: 9 > 1' }, 'error prompt_too_long 400', 'nothing' ],
	[ 'a request not accepted', { do => 'error', status => 400 }, 'error bad_request 400', 'nothing' ],
	[ 'an error cut off', { do => 'error', status => 500, cut => 10 }, 'error server_error 500', 'nothing' ],
	[ 'a page of an edge', { do => 'html' }, 'error server_error 502', 'nothing' ],
	[ 'a redirect', { do => 'redirect', location => '/elsewhere' }, 'error config 302', 'nothing' ],
	[ 'no headers in time', { do => 'stall' }, 'timeout timeout -', 'estimate' ],
	[ 'no body in time', { stall_ms => 60000 }, 'timeout timeout 200', 'estimate' ],
	[ 'no HTTP', { do => 'garbage' }, 'error garbled -', 'estimate' ],
	[ 'a page that says 200', { do => 'html', status => 200 }, 'error garbled 200', 'estimate' ],
	[ 'an empty body', { do => 'body', text => '' }, 'error garbled 200', 'estimate' ],
	[ 'JSON that is no message', { do => 'body', text => '[{"content":7}]' }, 'error garbled 200', 'estimate' ],
	[ 'a cut body', { cut => 60 }, 'error network 200', 'estimate' ],
	[ 'a reset', { do => 'reset' }, 'error network -', 'estimate' ],
	[ 'a closed connection', { do => 'read_close' }, 'error network -', 'estimate' ],
	[ 'headers without end', { do => 'many_headers' }, 'error too_large 200', 'estimate' ],
	[ 'a refusal', { stop_reason => 'refusal', stop_details => { category => 'cyber' } }, 'refused refused 200', 'bill' ],
	[ 'a truncated answer', { stop_reason => 'max_tokens' }, 'invalid truncated 200', 'bill' ],
	[ 'an unknown stop reason', { stop_reason => 'tired' }, 'invalid truncated 200', 'bill' ],
	[ 'no content', { content => [] }, 'invalid empty 200', 'bill' ],
	[ 'prose', { text => 'Here is your query: SELECT 1' }, 'invalid odd_form 200', 'bill' ],
	[ 'odd JSON', { text => '{"answerable":"yes","sql":["SELECT 1"]}' }, 'invalid odd_form 200', 'bill' ],
	[ 'a lost character', { text => '{"answerable":true,"sql":"SELECT \'a\\u0000b\'"}' }, 'invalid odd_form 200', 'bill' ],
	[ 'no SQL', { sql => '   ' }, 'invalid odd_form 200', 'bill' ],
);

# The same for queries that are refused or fail.
my @queries = (
	[ 'SQL that is none', 'SELEC revenue FRM sales', 'invalid syntax_error 200' ],
	[ 'a hallucinated table', 'SELECT sum(amount) FROM orders', 'invalid undefined_table 200' ],
	[ 'a hallucinated column', 'SELECT sum(turnover) FROM sales', 'invalid undefined_column 200' ],
	[ 'a hallucinated function', 'SELECT fiscal_year(sold_on) FROM sales', 'invalid undefined_function 200' ],
	[ 'a write', 'DELETE FROM sales', 'invalid policy_statement 200' ],
	[ 'a write in a CTE', 'WITH gone AS (DELETE FROM sales RETURNING revenue) SELECT sum(revenue) FROM gone', 'invalid policy_write 200' ],
	[ 'two statements', 'SELECT 1; DROP TABLE sales', 'invalid policy_statement 200' ],
	[ 'a function with effects', 'SELECT pg_sleep(100)', 'invalid policy_function 200' ],
	[ 'a file', "SELECT pg_read_file('/etc/passwd')", 'invalid policy_function 200' ],
	[ 'a catalog', 'SELECT rolname FROM pg_catalog.pg_authid', 'invalid policy_catalog 200' ],
	[ 'a group that is missing', 'SELECT region_id, sum(revenue) FROM sales', 'invalid grouping_error 200' ],
);
push @faults, map { [ $_->[0], { sql => $_->[1] }, $_->[2], 'bill', 'refused' ] } @queries;
push @faults, [ 'a query that fails', { sql => 'SELECT 1 / (count(*) - 60) FROM sales' }, 'error query_failed 200', 'bill' ];

my ($seen, $lost, $timeless, $violations) = (0, 0, 0, 0);
my ($billed, $logged) = (Math::BigFloat->new(0), Math::BigFloat->new(0));
my ($bill_tokens, $log_tokens) = (0, 0);

# Holds the calls of a question against the provider's record.
sub reconcile
{
	my ($name, $got) = @_;
	my @calls = Tiers::calls($got);
	my @requests = $stub->requests;
	$violations += $tiers->violations;
	is(scalar @calls, scalar @requests, "$name: a row for each call");
	for my $i (0 .. $#requests)
	{
		my ($call, $request) = ($calls[$i] || {}, $requests[$i]);
		my $usage = $request->{usage} || {};
		my $there = ($usage->{input_tokens} || 0) + ($usage->{output_tokens} || 0);
		my $here = ($call->{input_tokens} || 0) + ($call->{output_tokens} || 0);
		$seen++;
		$timeless++ unless $call->{latency_ms} > 0;
		if ($call->{estimated})
		{
			$lost++ if $here < $there || $here == 0 || $call->{cost} <= 0;
			next;
		}
		$bill_tokens += $there;
		$log_tokens += $here;
		$logged += $call->{cost};
		my ($n, $d) = split m{/}, $request->{cost} || '0';
		$billed += Math::BigFloat->new($n) / ($d || 1);
	}
	return;
}

# What a row of the log says of a call.
sub said_of
{
	my ($call) = @_;
	return join ' ', map { defined $call->{$_} ? $call->{$_} : '-' } qw(status fallback_reason http_status);
}

sub charged
{
	my ($call) = @_;
	return 'estimate' if $call->{estimated};
	return $call->{input_tokens} || $call->{output_tokens} ? 'bill' : 'nothing';
}

my ($second, $third, $degraded) = (0, 0, 0);
for (@faults)
{
	my ($name, $step, $said, $charge, $refused) = @$_;

	# The second model answers.
	$tiers->models($primary => $step, $secondary => { sql => $Tiers::REVENUE });
	my $got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
	my $answer = $got->{answer};
	my $fine = is_deeply(
		[ @{$answer}{qw(status tier model row_count error_code)}, $answer->{message} ],
		[ 'ok', 2, $secondary, 3, undef, "the secondary model \"$secondary\" answered" ],
		"$name: the secondary model answers");
	$fine = is_deeply(
		[ map { [ $_->{tier}, said_of($_), charged($_), $_->{fallback_used} ? 1 : 0 ] } Tiers::calls($got) ],
		[ [ 1, $said, $charge, 0 ], [ 2, 'success - 200', 'bill', 1 ] ],
		"$name: and the log says why") && $fine;
	$second += $fine ? 1 : 0;
	reconcile("$name, second tier", $got);

	# Both models fail: the built-in rules, where they understand.
	$tiers->models($primary => $step, $secondary => $step);
	$got = $tiers->ask($Tiers::UNDERSTOOD);
	$answer = $got->{answer};
	$third++ if is_deeply(
		[ @{$answer}{qw(status tier model row_count error_code)}, said_of(($got->{log}[1])) ],
		[ 'templated', 3, 'semantic', 3, undef, $said ],
		"$name: the built-in rules answer");
	reconcile("$name, third tier", $got);

	# Else an error with its code.
	$tiers->models($primary => $step, $secondary => $step);
	$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
	$answer = $got->{answer};
	$degraded++ if is_deeply(
		[ @{$answer}{qw(status tier model error_code)}, $answer->{message} =~ /^(.*)$/m ],
		[ 'degraded', 4, undef, $refused
			? ('LLM03', 'no safe query was found for the question')
			: ('LLM01', 'the question cannot be answered right now') ],
		"$name: an error with its code");
	like($answer->{message}, qr/^\Q$primary\E: .*\.\n\Q$secondary\E: .*\.\nBuilt-in rules: did not understand "churn", "cohort"\.$/m,
		"$name: one line for each tier");
	reconcile("$name, degraded", $got);
}
figure_at_least('faults_met_by_second_model', $second, 'of ' . @faults, scalar @faults);
figure_at_least('faults_met_by_rules', $third, 'of ' . @faults, scalar @faults);
figure_at_least('faults_met_by_error', $degraded, 'of ' . @faults, scalar @faults);

# Refused by one model, and out of reach the other: what was answered counts.
$tiers->models($primary => { sql => 'DELETE FROM sales' }, $secondary => { do => 'error', status => 529 });
my $got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
is($got->{answer}{error_code}, 'LLM03', 'refused and overloaded: no safe query');
reconcile('refused and overloaded', $got);
$tiers->models($primary => { do => 'error', status => 529 }, $secondary => { sql => 'DELETE FROM sales' });
$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
is($got->{answer}{error_code}, 'LLM03', 'overloaded and refused: no safe query');
reconcile('overloaded and refused', $got);

# The primary model answers: nothing else is asked, nothing is said.
$tiers->models($primary => { sql => $Tiers::REVENUE }, $secondary => { do => 'error', status => 500 });
$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
is_deeply([ @{ $got->{answer} }{qw(status tier model confidence confidence_band message)}, scalar Tiers::calls($got) ],
	[ 'ok', 1, $primary, 0.9, 'high', undef, 1 ], 'the primary model answers');
reconcile('the primary model', $got);

# Sooner an example that a person verified than the rules.
$node->safe_psql('postgres', "INSERT INTO analytics_llm.example (name, question, sql) VALUES ('churn', '$Tiers::NOT_UNDERSTOOD', 'SELECT 0.25 AS churn')");
$tiers->models($primary => { do => 'error', status => 529 }, $secondary => { do => 'error', status => 529 });
$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
is_deeply([ @{ $got->{answer} }{qw(status tier model rows)} ], [ 'templated', 3, 'example', [ { churn => 0.25 } ] ], 'a verified example');
reconcile('a verified example', $got);
$node->safe_psql('postgres', 'DELETE FROM analytics_llm.example');

# What the schema cannot answer is a matter for no other model, but for the
# third tier, whose answer is then in doubt.
$tiers->models($primary => { answerable => JSON::PP::false, sql => '' }, $secondary => { sql => $Tiers::REVENUE });
$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
is_deeply([ @{ $got->{answer} }{qw(status error_code)}, map { $_->{tier} } @{ $got->{log} } ],
	[ 'degraded', 'LLM08', 1, 3 ], 'unanswerable: no other model is asked');
reconcile('unanswerable', $got);
$got = $tiers->ask($Tiers::UNDERSTOOD);
is_deeply([ @{ $got->{answer} }{qw(status tier warnings)} ],
	[ 'templated', 3, ['a model found that the tables cannot answer it'] ], 'unanswerable: the rules may know better');
$tiers->models($primary => { do => 'error', status => 529 }, $secondary => { answerable => JSON::PP::false, sql => '' });
$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
is($got->{answer}{error_code}, 'LLM08', 'unanswerable in the view of the secondary model');
reconcile('unanswerable for the secondary model', $got);
my ($out, $err) = $tiers->rows($Tiers::NOT_UNDERSTOOD);
like($err, qr/^ERROR:  LLM08: the question cannot be answered from the tables that role "\w+" can read\nDETAIL:  \Q$primary\E: the provider is overloaded\.\n\Q$secondary\E: the tables cannot answer it\./m,
	'unanswerable, in words');

# Several models of a tier, in order of position, within the time of the tier.
$node->safe_psql('postgres', "INSERT INTO analytics_llm.tier (tier, position, model, timeout_ms, min_confidence, max_retries) VALUES (1, 2, 'claude-opus-5', 1000, 0.5, 0)");
$tiers->models($primary => { do => 'error', status => 529 }, 'claude-opus-5' => { sql => $Tiers::REVENUE });
$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
is_deeply([ @{ $got->{answer} }{qw(status tier model message)} ], [ 'ok', 1, 'claude-opus-5', undef ], 'the next model of the tier');
reconcile('the next model of the tier', $got);
$tiers->models($primary => { do => 'stall' }, $secondary => { sql => $Tiers::REVENUE });
$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
is_deeply([ map { "$_->{tier} $_->{model_used} " . said_of($_) } @{ $got->{log} } ],
	[ "1 $primary timeout timeout -", '1 claude-opus-5 skipped too_slow -', "2 $secondary success - 200" ],
	'its time is that of the tier');
reconcile('the time of the tier', $got);
$node->safe_psql('postgres', 'DELETE FROM analytics_llm.tier WHERE position = 2');

# A disabled model is as if it were not there, from the next question on.
$node->safe_psql('postgres', "UPDATE analytics_llm.model SET enabled = false WHERE name = '$primary'");
$tiers->models($secondary => { sql => $Tiers::REVENUE });
$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
is_deeply([ map { $_->{model_used} } @{ $got->{log} } ], [$secondary], 'a disabled model is not asked');
reconcile('a disabled model', $got);
$node->safe_psql('postgres', "UPDATE analytics_llm.model SET enabled = true WHERE name = '$primary'");

# The log agrees with the bill.
is($log_tokens, $bill_tokens, "tokens of the log are those of the bill: $bill_tokens");
ok($logged == $billed, "and so is the cost: $billed USD");
figure_at_most('bill_difference', ($logged - $billed)->babs()->bstr() + 0, 'USD', 0);
figure_at_most('estimates_below_the_bill', $lost, 'calls', 0);
cmp_ok($seen, '>', 200, "$seen calls were compared");
is($timeless, 0, 'each took some time');

# Every row of the table of models can be the first tier, cached prompts
# included: the requests keep the rules of the service, and the cost is that of
# its price list, to the micro-USD of each call.  The schema is large enough to be
# cached, and small enough to be sent whole.
$node->safe_psql('postgres', 'CREATE TABLE wide (' . join(', ', map { "a_column_with_a_long_name_$_ int" } 1 .. 700) . ')');
my @models = split /\n/, $node->safe_psql('postgres', 'SELECT name FROM analytics_llm.model WHERE enabled ORDER BY name COLLATE "C"');
my ($wrong, $cached) = (0, 0);
for my $model (@models)
{
	$tiers->tier(1, model => $model);
	$tiers->models($model => { sql => $Tiers::REVENUE });
	for (1, 2)
	{
		$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
		is("$got->{answer}{status} $got->{answer}{model}", "ok $model", "$model answers");
		my $call = $got->{log}[0];
		my $request = ($stub->requests)[ $_ - 1 ];
		my $usage = $request->{usage};
		my ($n, $d) = split m{/}, $request->{cost};
		my $cost = (Math::BigFloat->new($n) / ($d || 1))->bfround(-6, 'common');
		$cached += $usage->{cache_read_input_tokens} > 0;
		$wrong++ if $cost != $call->{cost}
		  || $call->{input_tokens} != $usage->{input_tokens}
		  || $call->{output_tokens} != $usage->{output_tokens}
		  || $call->{cache_read_tokens} != $usage->{cache_read_input_tokens}
		  || $call->{cache_write_tokens} != $usage->{cache_creation_input_tokens};
	}
	$violations += my @found = $tiers->violations;
	is_deeply(\@found, [], "$model: requests keep the rules");
}
is($wrong, 0, 'tokens and cost of each model are those of the bill');
is($cached, scalar @models, 'of the second call, the prompt was cached');
figure_at_least('models_asked', scalar @models, 'models', 13);
figure_at_most('requests_against_the_protocol', $violations, 'requests', 0);

$tiers->stop;
done_testing();
