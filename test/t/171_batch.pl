# Many questions in one statement: their calls go out at once, as many as there
# may be; each question ends as it would end alone, and is recorded, charged and
# cached so; whatever ends the statement ends all calls, and charges those that
# have left.
use strict;
use warnings;

use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

use constant { MANY => 16, INPUT => 300, OUTPUT => 50 };

my $tiers = Tiers->new('batch', "analytics_llm.request_timeout = '300s'\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
my ($primary, $secondary, $sql) = ($Tiers::PRIMARY, $Tiers::SECONDARY, $Tiers::REVENUE);
$tiers->tier(0, timeout_ms => 300000, max_retries => 0);
$tiers->tier(2, enabled => 'false');

# Words that the built-in rules do not know, so that a model is asked.
my @letters = map { chr(ord('a') + $_ % 26) . ($_ < 26 ? '' : int($_ / 26)) } 0 .. 99;
sub asks { my ($n, $what) = @_; $what ||= 'churn of cohort'; return map { "$what $_" } @letters[ 0 .. $n - 1 ]; }

sub call_of
{
	my ($questions, $options) = @_;
	return 'llm_ask_batch(ARRAY[' . join(', ', map { Tiers::literal($_) } @$questions)
	  . "]::text[], '" . ($options || '{}') . "')";
}

# The envelopes of some questions that are asked together, by their place.
sub batch
{
	my ($questions, %how) = @_;
	my $out = $node->safe_psql('postgres', ($how{setup} || '') . ';'
		  . 'SELECT row_to_json(b) FROM ' . call_of($questions, $how{options}) . ' AS b; SELECT llm_flush()',
		connstr => $node->connstr('postgres') . ($how{user} ? " user=$how{user}" : ''));
	my @rows = map { decode_json($_) } grep { /^\{/ } split /\n/, $out;
	is_deeply([ map { $_->{n} } @rows ], [ 1 .. @$questions ], 'one row for each question, in their order');
	is_deeply([ map { $_->{question} } @rows ], $questions, 'with the question') ;
	return map { $_->{answer} } @rows;
}

# The same in the background.
sub start_batch
{
	my ($questions, %how) = @_;
	return $tiers->start([ $how{setup} || 'SELECT', 'SELECT (answer).status FROM ' . call_of($questions, $how{options}) ]);
}

sub count
{
	my ($what) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM $what");
}

sub clear
{
	$node->poll_query_until('postgres', q{SELECT (detail ->> 'bytes')::bigint = 0 FROM llm_status() WHERE component = 'queue'});
	$node->safe_psql('postgres', 'TRUNCATE analytics_llm.request, analytics_llm.log');
	return;
}

# All calls of sixteen questions are under way before one is answered.
$tiers->models($primary => { do => 'stall', sql => $sql });
my $session = start_batch([ asks(MANY) ]);
ok($stub->wait_for(requests => MANY), 'all have called');
figure_at_least('batch_calls_at_once', $stub->record->{most_held}, 'calls', MANY);
$stub->release;
my ($out, $err) = $tiers->finish($session);
is($out, "ok\n" x MANY, 'all are answered');
is($err, '', 'and nothing else is said');

# No more at once than there may be, and none is left out.
for my $most (16, 3, 1)
{
	$tiers->models($primary => { sql => $sql, delay_ms => 20 });
	my @got = batch([ asks(40) ], setup => "SET analytics_llm.max_parallel_calls = $most");
	is(scalar(grep { $_->{status} eq 'ok' } @got), 40, "with $most calls at once, 40 questions are answered");
	cmp_ok($stub->record->{most_held}, '<=', $most, "and no more than $most were under way");
	is(scalar $stub->requests, 40, 'with one call each');
}

# Each fails or succeeds alone, in the way in which it would if it were asked
# alone.
my @faults = (
	[ 'fine', {} ],
	[ 'forbidden', { sql => 'DELETE FROM sales' } ],
	[ 'wrong', { sql => 'SELECT nothing FROM sales' } ],
	[ 'unanswerable', { answerable => JSON::PP::false } ],
	[ 'odd', { text => 'no JSON' } ],
	[ 'malformed', { do => 'error', status => 400 } ],
	[ 'truncated', { stop_reason => 'max_tokens' } ],
	[ 'refused', { stop_reason => 'refusal' } ],
	[ 'garbled', { do => 'garbage' } ],
	[ 'good', { stall_ms => 0 } ],
	[ 'dividing', { sql => 'SELECT 1 / (count(*) - count(*)) AS x FROM sales' } ],
	[ 'dripping', { drip_bytes => 50, drip_ms => 1 } ],
	[ 'cut', { cut => 40 } ],
	[ 'silent', { do => 'stall', ms => 300000 } ],
	[ 'well', {} ],
);
sub misbehave
{
	$tiers->models();
	$stub->script(map { { match => { contains => "what is $_->[0]" }, sql => $sql, times => 0, %{ $_->[1] } } } @faults);
	return;
}
$tiers->tier(1, timeout_ms => 3000);
my @questions = map { "what is $_->[0]" } @faults;
misbehave();
my @together = batch([ @questions, $Tiers::UNDERSTOOD ]);
is((pop @together)->{status}, 'templated', 'a question that the built-in rules answer better than the model');
my $same = 0;
for my $i (0 .. $#faults)
{
	misbehave();
	my $alone = $tiers->ask($questions[$i])->{answer};
	my @both = map { my $a = $_; join ' ', map { $a->{$_} // '-' } qw(status error_code tier model confidence_band row_count) } $together[$i], $alone;
	$same++ if is($both[0], $both[1], "$faults[$i][0]: as alone");
}
figure_at_least('batch_faults_as_alone', $same, 'of ' . @faults, scalar @faults);
$tiers->tier(1, timeout_ms => 300000);

# What is recorded is what the model server billed, question by question.
clear();
$tiers->models($primary => { sql => $sql, delay_ms => 5 });
$stub->script({ match => { contains => 'cohort d' }, sql => 'DELETE FROM sales', times => 1 });
my @got = batch([ asks(30) ]);
my ($calls, $tokens, $cost) = split /\|/, $node->safe_psql('postgres',
	q{SELECT count(*), sum(input_tokens + cache_read_tokens + cache_write_tokens + output_tokens), sum(cost) FROM analytics_llm.log WHERE status <> 'skipped'});
my ($billed, $bill) = (0, 0);
for ($stub->requests)
{
	my $u = $_->{usage};
	$billed += $u->{$_} || 0 for qw(input_tokens output_tokens cache_read_input_tokens cache_creation_input_tokens);
	my ($n, $d) = split m{/}, $_->{cost};
	$bill += $n / ($d || 1);
}
is($calls, scalar $stub->requests, 'a row of the log for each call');
figure_at_most('batch_tokens_not_billed_right', abs($tokens - $billed), "of $billed", 0);
cmp_ok(abs($cost - $bill), '<', 1e-9, "cost $cost");
is(count('analytics_llm.request'), 30, 'a request for each question');
my $sum = 0;
$sum += $_->{cost} for @got;
cmp_ok(abs($sum - $bill), '<', 1e-9, 'the envelopes say the same');
is(count(q{analytics_llm.request WHERE jsonb_array_length(spans::jsonb) > 5}), 30, 'each has its trace');
is(count(q{(SELECT DISTINCT trace_id FROM analytics_llm.request) AS t}), 30, 'of its own');

# What goes wrong about one of them, and is not its query's fault, is its answer,
# is paid for and recorded, and ends no other one: here a disk that is full.
clear();
$tiers->models();
$stub->script({ match => { contains => 'cohort b' }, times => 0, sql => 'SELECT count(*) AS n FROM sales, generate_series(1, 100000) AS g' },
	{ sql => $sql, times => 0, delay_ms => 20 });
@got = batch([ asks(4) ], setup => "SET temp_file_limit = '64kB'; SET work_mem = '64kB'; SET analytics_llm.query_timeout = '60s'");
is(join(' ', map { $_->{status} . ($_->{error_code} ? ":$_->{error_code}" : '') } @got), 'ok degraded:53400 ok ok', 'one of four has no room on disk');
like($got[1]{message}, qr/temporary file size exceeds "?temp_file_limit/, 'and says so');
is(count("analytics_llm.request WHERE error_code = '53400' AND output_tokens > 0"), 1, 'with what it cost');
is(count('analytics_llm.request'), 4, 'and each has its record');

# Whatever ends the statement ends all calls, and charges those that had left.
my $ended = 0;
my %why = (
	pg_cancel_backend => [ qr/57014: canceling statement due to user request/, '57014' ],
	pg_terminate_backend => [ qr/57P01: terminating connection/, '57P01' ],
	statement_timeout => [ qr/57014: canceling statement due to statement timeout/, '57014' ]);
for my $how (sort keys %why)
{
	clear();
	$tiers->models($primary => { do => 'stall', sql => $sql });
	$session = start_batch([ asks(20) ], setup => $how eq 'statement_timeout' ? "SET statement_timeout = '5s'" : undef);
	ok($stub->wait_for(requests => MANY), "$how: as many calls as may be are under way");
	$node->safe_psql('postgres', "SELECT $how(pid) FROM pg_stat_activity WHERE query LIKE '%llm_ask_batch%' AND pid <> pg_backend_pid()")
	  unless $how eq 'statement_timeout';
	($out, $err) = $tiers->finish($session);
	like($err, $why{$how}[0], "$how: the error");
	ok($stub->wait_for(requests => MANY, closed => MANY), "$how: all connections are closed");
	$node->poll_query_until('postgres', "SELECT count(*) = @{[MANY]} FROM analytics_llm.log WHERE estimated AND output_tokens > 0 AND error_code = '$why{$how}[1]'")
	  or next;
	$ended++;
	# Questions that waited for a place were not asked yet, and cost nothing.
	is(count("analytics_llm.log WHERE status <> 'skipped' AND estimated"), MANY, "$how: and are charged, no others");
}
figure_at_least('batch_ended_and_charged', $ended, 'of 3', 3);

# The kill switch ends them, and the questions end without a model.
$tiers->models($primary => { do => 'stall', sql => $sql });
$session = start_batch([ asks(4), $Tiers::UNDERSTOOD ]);
ok($stub->wait_for(requests => 5), 'five calls are under way');
$tiers->set('analytics_llm.model_calls', 'off');
($out, $err) = $tiers->finish($session);
is($out, "degraded\n" x 4 . "templated\n", 'the kill switch ends them all');
$tiers->set('analytics_llm.model_calls', 'primary');
$node->poll_query_until('postgres', q{SELECT bool_and(state = 'ready') FROM llm_status() WHERE component = 'model' AND name = 'claude-opus-4-7'});

# All of them end within request_timeout, models that never answer and queries
# that run on among them.
$tiers->models();
$stub->script({ match => { contains => 'forever' }, times => 0,
		sql => 'SELECT count(*) FROM sales a, sales b, sales c, sales d, sales e, sales f, sales g' },
	{ do => 'stall', sql => $sql, ms => 300000, times => 0 });
@got = batch([ 'what takes forever', asks(3) ], setup => "SET analytics_llm.request_timeout = '3s'; SET analytics_llm.query_timeout = '300s'");
is(scalar(grep { $_->{status} eq 'degraded' && $_->{error_code} eq 'LLM01' } @got), 4, 'each is degraded');
like($got[0]{message}, qr/the time of all questions that are asked together was over/, 'the query was stopped');
like($got[1]{message}, qr/no answer within/, 'and so were the calls');

# A question that has to rest lets the others go on, even with one call at once.
$tiers->tier(1, max_retries => 1);
$tiers->models();
$stub->script({ match => { contains => 'cohort a' }, do => 'error', status => 500 }, { sql => $sql, times => 0 });
@got = batch([ asks(5) ], setup => 'SET analytics_llm.max_parallel_calls = 1');
is(join(' ', map { $_->{status} } @got), 'ok ok ok ok ok', 'all are answered');
is(join(' ', map { $_->{body}{messages}[-1]{content} =~ /cohort (\w)/ } $stub->requests), 'a b c d e a', 'the one that rested last');
$tiers->tier(1, max_retries => 0);

# A refused query is written anew while others are under way.
$tiers->models();
$stub->script((map { { match => { contains => "cohort $_" }, sql => 'DELETE FROM sales' } } 'a', 'c'), { sql => $sql, times => 0, delay_ms => 50 });
@got = batch([ asks(4) ]);
is(join(' ', map { $_->{status} } @got), 'ok ok ok ok', 'repaired');
is(scalar $stub->requests, 6, 'with two calls more');

# The same text is one question whatever the options; what is the same but for
# its form is one call, as from two sessions.
clear();
$tiers->models($primary => { sql => $sql, delay_ms => 50 });
@got = batch([ ('churn of cohort a') x 5 ], options => '{"cache": false}');
is(scalar $stub->requests, 1, 'equal questions: one call');
is(count('analytics_llm.request'), 1, 'and one request');
my $kept = "SET analytics_llm.cache_ttl = '1h'; SET analytics_llm.sql_cache_ttl = '1h'";
$tiers->models($primary => { sql => $sql, delay_ms => 50 });
@got = batch([ 'churn of cohort a', 'Churn of cohort A?', '  churn of  cohort a', 'churn of cohort b' ], setup => $kept);
is(join(' ', map { $_->{status} } @got), 'ok ok ok ok', 'all have the answer');
figure_at_most('batch_calls_for_equal_questions', scalar $stub->requests, 'calls for 2 questions', 2);
@got = batch([ 'CHURN of cohort b', 'churn of cohort c' ], setup => $kept);
is(scalar $stub->requests, 3, 'what is kept is not asked again');
is($got[0]{tier}, 0, 'it comes from the cache');

# A batch waits for another session that asks the same, while it asks the rest.
$tiers->models($primary => { do => 'stall', sql => $sql });
my $alone = $tiers->start([ $kept, q{SELECT status FROM llm_answer('churn of cohort e')} ]);
$stub->wait_for(requests => 1);
$session = start_batch([ 'churn of cohort e', 'churn of cohort f' ], setup => $kept);
my $other = start_batch([ 'churn of cohort f', 'churn of cohort g', 'churn of cohort e' ], setup => $kept);
ok($stub->wait_for(requests => 3), 'three questions are asked');
$node->poll_query_until('postgres', q{SELECT count(*) = 3 FROM pg_stat_activity WHERE query LIKE '%churn of cohort%' AND state = 'active' AND wait_event_type = 'Extension'});
$stub->release;
is(join('', map { ($tiers->finish($_))[0] } $alone, $session, $other), "ok\n" x 6, 'all six have an answer');
is(scalar $stub->requests, 3, 'with three calls');

# A quota that does not do for all at once is used to its end, and no further.
$node->safe_psql('postgres', q{CREATE ROLE bi LOGIN; GRANT SELECT ON sales, regions TO bi; GRANT USAGE ON FOREIGN SERVER anthropic TO bi;
	UPDATE analytics_llm.model SET max_output_tokens = 1000 WHERE name = 'claude-opus-4-7'});
sub limit
{
	my ($tokens) = @_;
	$node->safe_psql('postgres', "DELETE FROM analytics_llm.quota; INSERT INTO analytics_llm.quota (grantee, period, token_limit, hard) VALUES ('bi', 'month', $tokens, true)");
	return;
}
sub used { return $node->safe_psql('postgres', "SELECT tokens_used || ' ' || tokens_reserved FROM analytics_llm.quota_status WHERE grantee = 'bi'::regrole"); }
limit(1);
my ($reserve) = (batch([ asks(1) ], user => 'bi'))[0]->{message} =~ /the call may need (\d+)/;
my $each = INPUT + OUTPUT;
limit(5 * $each + $reserve - 1);
$tiers->models($primary => { sql => $sql, delay_ms => 30,
	usage => { input_tokens => INPUT, output_tokens => OUTPUT, cache_read_input_tokens => 0, cache_creation_input_tokens => 0 } });
@got = batch([ asks(MANY) ], user => 'bi');
my $answered = grep { $_->{status} eq 'ok' } @got;
figure_at_least('batch_quota_answered', $answered, 'questions', 5);
is(scalar(grep { $_->{status} eq 'blocked' && $_->{error_code} eq 'LLM02' } @got), MANY - $answered, 'the others are told');
is(used(), $answered * $each . ' 0', 'what was used is charged, and nothing is held');
figure_at_most('batch_quota_charged', $answered * $each, 'tokens', 5 * $each + $reserve - 1);
is(scalar $stub->requests, $answered, 'no call went beside it');
# Cut short, each call that had left is charged its bound.
my ($before) = used() =~ /^(\d+)/;
limit(1000000);
$tiers->models($primary => { do => 'stall', sql => $sql });
$session = $tiers->start([ 'SET ROLE bi', 'SELECT (answer).status FROM ' . call_of([ asks(4) ]) ]);
$stub->wait_for(requests => 4);
my ($held) = used() =~ /^$before (\d+)$/;
cmp_ok($held, '>=', 4 * $reserve, 'calls under way hold what they may need');
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%llm_ask_batch%' AND pid <> pg_backend_pid()});
$tiers->finish($session);
is(used(), $before + $held . ' 0', 'and are charged that when they are cancelled');
$node->safe_psql('postgres', 'DELETE FROM analytics_llm.quota');

# Connections of a batch are not left behind: four are kept, for what comes.
$tiers->models($primary => { sql => $sql, delay_ms => 50 });
my $batch = call_of([ asks(MANY) ]);
my $sockets = q{SELECT count(*) FROM pg_ls_dir('/proc/self/fd') AS f};
my @open = split /\n/, $node->safe_psql('postgres', join ';', map { ("SELECT 'answered' FROM $batch WHERE (answer).status <> 'ok'", $sockets) } 1 .. 4);
is($open[3], $open[0], "as many descriptors after four batches as after one: @open");
cmp_ok(scalar(grep { $_->{reused} } $stub->requests), '>=', 3 * 4, 'kept connections are used again');

is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'no process crashed');
$tiers->stop;
done_testing();
