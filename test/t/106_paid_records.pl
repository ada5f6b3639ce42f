# An answer that was paid for goes out when its records are committed; many
# share a commit.  Where the writer cannot commit, the answer does not wait for
# good, and the server log has a copy.  What cost nothing waits for nothing.
use strict;
use warnings;

use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use Figure;
use Quota;

use constant BACKENDS => 64;

my $quota = Quota->new('paid', qw(bi));
my ($node, $stub) = @{$quota}{qw(node stub)};
$quota->answers(input => 300, output => 50);
my $offset = 0;

# Copies of rows of the log in the server log, since the last look.
sub copies
{
	my $text = slurp_file($node->logfile, $offset);
	$offset += length $text;
	return map { decode_json($_) } $text =~ /LOG:  analytics_llm: not committed yet: record of "log": (\{.*\})$/mg;
}

sub rows_of
{
	my ($question) = @_;
	return $quota->sql("SELECT count(*) FROM analytics_llm.log WHERE user_input = '$question' AND status = 'success'");
}

sub wait_for_calm
{
	return $node->poll_query_until('postgres',
		q{SELECT count(*) = 1 FROM llm_status() WHERE component = 'writer' AND name = 'postgres' AND (detail ->> 'pending')::int = 0});
}

# Nobody has to wait for the record: it is there when the answer is.
for my $i (1 .. 5)
{
	is( $node->safe_psql('postgres', "SELECT a.status, (SELECT count(*) FROM analytics_llm.log WHERE request_id = a.request_id) FROM (SELECT (llm_answer('churn $i')).* OFFSET 0) AS a"),
		'ok|0', "answer $i: the statement itself sees what was there before it");
	is(rows_of("churn $i"), 1, "answer $i: the next one sees its record");
}
is(scalar copies(), 0, 'none was copied');

# A session that holds the lock that the writer waits for gets its answer.
my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_safe('BEGIN; LOCK TABLE analytics_llm.log');
is($session->query_safe(q{SELECT status FROM llm_answer('churn behind a lock')}), 'ok', 'own lock: answered');
my @copies = copies();
is_deeply([ map { [ @{$_}{qw(user_input status input_tokens output_tokens)} ] } grep { $_->{model_used} eq $Quota::MODEL } @copies ],
	[ [ 'churn behind a lock', 'success', 300, 50 ] ], 'own lock: the server log has a copy');
is($session->query_safe(q{SELECT status FROM llm_answer('churn again behind a lock')}), 'ok', 'own lock: the next one, too');
is(scalar(grep { $_->{user_input} eq 'churn again behind a lock' } copies()), 1, 'own lock: with a copy of its own');
is($session->query_safe(q{SELECT status FROM llm_answer('how many sales', '{"tier": 3}')}), 'templated', 'own lock: one that cost nothing');
is(scalar copies(), 0, 'own lock: is not copied');
cmp_ok($session->query_safe(q{SELECT detail ->> 'copied_to_server_log' FROM llm_status() WHERE component = 'queue'}), '>=', 8, 'llm_status() counts the copies');
$session->query_safe('COMMIT');
wait_for_calm();
is(rows_of($_), 1, "own lock: afterwards \"$_\" is in the table once") for 'churn behind a lock', 'churn again behind a lock';
is($quota->sql(q{SELECT sum(requests), sum(input_tokens + output_tokens) FROM analytics_llm.usage WHERE period = 'day'}),
	$quota->sql(q{SELECT count(*), sum(input_tokens + output_tokens) FROM analytics_llm.log WHERE http_status = 200}), 'own lock: and counted once');

# The wait can be cancelled; the record is written all the same.
$session->query_safe('SELECT llm_flush()');
$session->query_safe('BEGIN; LOCK TABLE analytics_llm.log');
my ($ret, $out, $err) = $node->psql('postgres', q{SET statement_timeout = '500ms'; SELECT status FROM llm_answer('churn with a time-out')});
$session->query_safe('COMMIT');
like($err, qr/canceling statement due to statement timeout/, 'the wait for the commit can be cancelled');
wait_for_calm();
is(rows_of('churn with a time-out'), 1, 'and what was paid is recorded');

# Many at once share a commit: a writer that was away for a moment finds their
# records, and commits them together.
my $script = $node->basedir . '/ask.sql';
append_to_file($script, "SELECT status FROM llm_answer('churn of many');\n");
my $writer = '';
while ($writer eq '')
{
	$quota->ask('bi');
	$writer = $quota->sql(q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'analytics_llm writer'});
}
kill 'STOP', $writer;
my $many = IPC::Run::start(
	[ 'pgbench', '-n', '-c', BACKENDS, '-j', 2, '-t', 1, '-f', $script, '-h', $node->host, '-p', $node->port, '-U', 'bi', 'postgres' ],
	'<', \undef, '>', \$out, '2>', \$err);
$node->poll_query_until('postgres', q{SELECT (detail ->> 'pending')::int >= 4 * } . BACKENDS . q{ FROM llm_status() WHERE component = 'writer' AND name = 'postgres'});
is(rows_of('churn of many'), 0, 'all wait for a commit');
kill 'CONT', $writer;
$many->finish;
is(rows_of('churn of many'), BACKENDS, 'all have it');
figure_at_most('commits_of_64_paid_answers', $quota->sql(q{SELECT count(DISTINCT xmin::text) FROM analytics_llm.log WHERE user_input = 'churn of many'}), 'commits', 3);

$session->quit;
$node->stop;
figure_all_passed('paid_records');
done_testing();
