# Behind PgBouncer in transaction mode, where a session is nobody's: questions
# are answered and recorded whatever becomes of the transaction, in READ ONLY
# too, with the name of the program and the end user that asked, in two
# databases at once.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Pooler;
use Quota;

my $quota = Quota->new('pooled', qw(bi analyst));
my ($node, $stub) = @{$quota}{qw(node stub)};
$node->safe_psql('postgres', 'CREATE DATABASE second');
$quota->prepare('second');
$quota->answers(input => 300, output => 50);

# A pooler with one server connection for each database and role, so that
# clients have to share it.
my $pooler = Pooler->new($node, [ 'bi', 'analyst' ], 'default_pool_size = 1');

sub dsn { return $pooler->dsn(@_); }

# Runs a script in which %s is a question of its own; how many rows of request
# and log it has left, and how often the model was billed.
my $n = 0;

sub recorded
{
	my ($script, %how) = @_;
	my $question = 'churn of case ' . ++$n . 'x';
	$script =~ s/%s/$question/g;
	my ($ret, $out, $err) = $node->psql('postgres', $script, connstr => dsn('bi'), on_error_stop => 0);
	like($err, $how{error}, 'the error of the caller is its own') if $how{error};
	return $quota->sql("SELECT count(DISTINCT r.request_id), count(*) FILTER (WHERE l.model_used = '$Quota::MODEL' AND l.status = 'success'), sum(l.input_tokens + l.output_tokens)
		FROM analytics_llm.request AS r JOIN analytics_llm.log AS l USING (request_id) WHERE r.question = '$question'");
}

is(recorded("SELECT status FROM llm_answer('%s');"), '1|1|350', 'a statement of its own');
is(recorded("BEGIN; SELECT status FROM llm_answer('%s'); ROLLBACK;"), '1|1|350', 'ROLLBACK');
is(recorded("BEGIN; SELECT status, 1 / length(substr(status, 1, 0)) FROM llm_answer('%s'); COMMIT;", error => qr/division by zero/), '1|1|350', 'an error in the same statement');
is(recorded("BEGIN; SELECT status FROM llm_answer('%s'); SELECT * FROM nowhere; COMMIT;", error => qr/relation "nowhere" does not exist/), '1|1|350', 'an error after it in the same transaction');
is(recorded("BEGIN READ ONLY; SELECT status FROM llm_answer('%s'); COMMIT;"), '1|1|350', 'READ ONLY');
is(recorded("BEGIN; SET LOCAL transaction_read_only = on; SELECT status FROM llm_answer('%s'); ROLLBACK;"), '1|1|350', 'transaction_read_only, and ROLLBACK');
is(recorded("BEGIN; SAVEPOINT s; SELECT status FROM llm_answer('%s'); ROLLBACK TO s; COMMIT;"), '1|1|350', 'a savepoint that is rolled back');
$quota->sql('ALTER ROLE bi SET default_transaction_read_only = on');
$node->psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'bi'});
$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = 'bi'});
like($node->safe_psql('postgres', q{SHOW default_transaction_read_only}, connstr => dsn('bi')), qr/on/, 'default_transaction_read_only holds in the pool');
is(recorded("SELECT status FROM llm_answer('%s');"), '1|1|350', 'default_transaction_read_only');
figure_all_passed('records_behind_pgbouncer');

# A conversation goes on over whatever connection, for the end user that each
# transaction says, and for no other.
my $turn = sub {
	my ($end_user, $asked) = @_;
	return $node->safe_psql('postgres', "BEGIN; SET LOCAL analytics_llm.end_user = '$end_user';
		SELECT coalesce(interpretation, error_code) FROM llm_answer('$asked',
			'{\"tier\": 3, \"conversation\": \"3d0f1c3e-8a55-4f1b-9d2e-7a1d4f0b6c01\"}'); COMMIT;", connstr => dsn('bi'));
};
$quota->sql("CREATE TABLE pooled_visits (visit_id int PRIMARY KEY, place text NOT NULL, visited_on date NOT NULL); GRANT SELECT ON pooled_visits TO bi; ANALYZE pooled_visits");
is($turn->('ann', 'number of pooled visits by place'), 'number of pooled visits, by place', 'a turn');
is($turn->('ben', 'and by month'), 'LLM08', 'another end user of the same connection has nothing to go on from');
is($turn->('ann', 'and by month'), 'number of pooled visits, by place, by month', 'the next turn, after somebody else');

# Sixteen clients over one server connection.
my $script = $node->basedir . '/ask.sql';
append_to_file($script, "BEGIN;\nSELECT status FROM llm_answer('churn of many');\nROLLBACK;\n");
my ($out, $err);
IPC::Run::run([ 'pgbench', '-n', '-c', 16, '-j', 2, '-t', 5, '-M', 'simple', '-f', $script, '-h', $pooler->host, '-p', $pooler->port, '-U', 'analyst', 'postgres' ],
	'>', \$out, '2>', \$err);
is($quota->sql(q{SELECT count(DISTINCT request_id), sum(input_tokens + output_tokens), count(DISTINCT user_name) FROM analytics_llm.log WHERE user_input = 'churn of many'}), '80|28000|1',
	'many clients over one connection: each call is there');
is($quota->sql(q{SELECT numbackends <= 3 FROM (SELECT count(*) AS numbackends FROM pg_stat_activity WHERE usename IN ('bi', 'analyst')) AS s}), 't', 'and there was one connection for each role');

# Who asked: the program's name is PgBouncer's to pass on; an end user belongs to
# the transaction that says so.
my ($one, $two) = map { $node->background_psql('postgres', extra_params => [ '-d', dsn('bi', 'postgres', $_) ], on_error_stop => 0) } qw(dashboard notebook);
$one->query_safe(q{BEGIN; SET LOCAL analytics_llm.end_user = 'ann'; SELECT status FROM llm_answer('churn of ann'); COMMIT});
$two->query_safe(q{SELECT status FROM llm_answer('churn of nobody')});
$one->query_safe(q{BEGIN; SET LOCAL analytics_llm.end_user = 'bob'; SELECT status FROM llm_answer('churn of bob'); ROLLBACK});
$two->query_safe(q{SELECT status FROM llm_answer('churn of nobody')});
is($quota->sql(q{SELECT string_agg(question || ':' || coalesce(end_user, '') || ':' || application_name, ' ' ORDER BY asked_at) FROM analytics_llm.request WHERE question ~ '(ann|bob|nobody)$'}),
	'churn of ann:ann:dashboard churn of nobody::notebook churn of bob:bob:dashboard churn of nobody::notebook', 'each question has its own end user and program');
is($quota->sql(q{SELECT string_agg(DISTINCT end_user, ',' ORDER BY end_user) FROM analytics_llm.usage WHERE user_id = 'bi'::regrole AND period = 'day'}), ',ann,bob', 'and so has what was used');

# A SET outside a transaction stays in the server connection, and is the next
# client's: that is the pooler's nature, and why SET LOCAL is asked for.
$one->query_safe(q{SET analytics_llm.end_user = 'left behind'});
is($two->query_safe('SHOW analytics_llm.end_user'), 'left behind', 'a SET without LOCAL goes to whoever comes next');
$two->query_safe('RESET analytics_llm.end_user');
$_->quit for $one, $two;

# A quota holds whoever comes through the pool, in each database its own.
$quota->limit('bi', 'month', token_limit => 1);
for (1 .. 3)
{
	is($node->safe_psql('postgres', q{SELECT error_code FROM llm_answer('churn')}, connstr => dsn('bi')), 'LLM02', 'a quota holds behind the pooler');
	is($node->safe_psql('second', q{SELECT status FROM llm_answer('churn')}, connstr => dsn('bi', 'second')), 'ok', 'another database has its own');
}
is($node->safe_psql('second', 'SELECT count(*), sum(input_tokens + output_tokens) FROM analytics_llm.log'), '3|1050', 'and its own records');

$pooler->stop;
$node->stop;
figure_all_passed('pgbouncer');
done_testing();
