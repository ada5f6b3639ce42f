# What is older than it is to be kept is deleted by the writer: in steps, with
# no help of autovacuum, past rows that somebody has locked, and visibly.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('retention');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'
analytics_llm.cache_ttl = 0\nautovacuum = off\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE TABLE customers (customer_id int PRIMARY KEY);
SQL

# One question, recorded.
sub ask
{
	my ($database) = @_;
	return $node->safe_psql($database || 'postgres', "SELECT status IS NOT NULL FROM llm_answer('how many customers'); SELECT llm_flush()");
}

# What llm_status() says of the deletion in a database.
sub sweep
{
	my ($database) = @_;
	my ($state, $detail) = split /\|/, $node->safe_psql('postgres',
		"SELECT state, detail FROM llm_status() WHERE component = 'retention' AND name = '" . ($database || 'postgres') . "'"), 2;
	return ($state, decode_json($detail));
}

sub wait_for_sweep
{
	my ($condition, $database) = @_;
	$database ||= 'postgres';
	return $node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM llm_status() WHERE component = 'retention' AND name = '$database' AND ($condition)");
}

# Old and new rows of every table, in the days that a row is old; and how many
# there are by that age.
my %tables = (
	request => [ 'asked_at', 'request_id, asked_at', 'gen_random_uuid(), t' ],
	log => [ 'logged_at', 'logged_at', 't' ],
	usage => [ 'period_start', 'user_id, session_user_id, end_user, period, period_start, model, query_type, feature, requests, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, estimated_tokens, cost, question_class, questions',
		"current_user::regrole, current_user::regrole, i::text, 'day', t, '', '', '', 1, 1, 1, 0, 0, 0, 0, '', 1" ],
	alert => [ 'resolved_at', 'raised_at, kind, subject, message, occasion, resolved_at', "t, 'quota', '', '', i || 'old' || t, t" ]);

sub fill
{
	my ($table, $days, $rows, $database) = @_;
	my ($time, $columns, $values) = @{ $tables{$table} };
	$node->safe_psql($database || 'postgres', "INSERT INTO analytics_llm.$table ($columns)
		SELECT $values FROM generate_series(1, $rows) AS i, LATERAL (SELECT now() - interval '$days days' - i * interval '1 second' AS t) AS x");
	return;
}

sub rows_older_than
{
	my ($table, $age) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM analytics_llm.$table WHERE $tables{$table}[0] < now() - interval '$age'");
}

# A database in which nothing was recorded yet has no sweep.
my ($state, $detail) = sweep();
is($state, 'not yet', 'before the first record nothing has run');
is($node->safe_psql('postgres', 'SHOW analytics_llm.log_retention'), '30d', 'rows are kept for 30 days');

fill('request', 31, 3500);
fill('request', 29, 10);
fill('log', 31, 4200);
fill('log', 29, 10);
fill('usage', 401, 1500);
fill('usage', 399, 10);
fill('alert', 31, 20);
fill('alert', 29, 10);
$node->safe_psql('postgres', "INSERT INTO analytics_llm.alert (raised_at, kind, subject, message, occasion) VALUES (now() - interval '1 year', 'quota', '', '', 'open')");
$node->safe_psql('postgres', "INSERT INTO analytics_llm.alert (raised_at, kind, subject, message, occasion, over_at) VALUES (now() - interval '2 days', 'quota', '', '', 'over', date_trunc('day', now())), (now(), 'quota', '', '', 'not over', now() + interval '1 day')");

# Somebody holds an old row; nobody waits for it.
my $holder = $node->background_psql('postgres');
$holder->query_safe(q{BEGIN; SELECT count(*) FROM (SELECT FROM analytics_llm.log WHERE logged_at < now() - interval '31 days' ORDER BY logged_at LIMIT 5 FOR UPDATE) AS s});
is(ask(), "t\n", 'a question is recorded');
ok(wait_for_sweep(q{state = 'done'}), 'a sweep has run');
is(rows_older_than('request', '30 days'), 0, 'request: what is older than 30 days is gone');
is(rows_older_than('log', '30 days'), 5, 'log: too, but for what somebody has locked');
is(rows_older_than('usage', '400 days'), 0, 'usage: what is older than 400 days is gone');
is(rows_older_than('alert', '30 days'), 0, 'alert: what was resolved 30 days ago is gone');
is($node->safe_psql('postgres', q{SELECT string_agg(occasion, ',' ORDER BY occasion) FROM analytics_llm.alert WHERE resolved_at IS NULL}), 'not over,open', 'alert: what is not resolved stays');
is($node->safe_psql('postgres', q{SELECT resolved_at = over_at FROM analytics_llm.alert WHERE occasion = 'over'}), 't', 'alert: what is over by itself is resolved');
is(rows_older_than('request', '29 days') + rows_older_than('log', '29 days') + rows_older_than('usage', '399 days') + rows_older_than('alert', '29 days'), 45, 'what is younger stays');
($state, $detail) = sweep();
is($detail->{rows}, 3500 + 4195 + 1500 + 20, 'llm_status() has the number of rows');
cmp_ok($detail->{steps}, '>=', 9, 'that it took many steps');
like($detail->{last_run}, qr/^20\d\d-/, 'and when it was');
$holder->query_safe('COMMIT');
$holder->quit;

# What cannot be deleted is left alone for a minute, and records go on.
$node->safe_psql('postgres', 'CREATE DATABASE second TEMPLATE postgres');
$node->safe_psql('second', <<'SQL');
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'kept by law'; END $$;
CREATE TRIGGER keep BEFORE DELETE ON analytics_llm.request FOR EACH ROW EXECUTE FUNCTION keep();
ALTER TABLE analytics_llm.request ENABLE ALWAYS TRIGGER keep;
SQL
fill('request', 31, 10, 'second');
my $offset = -s $node->logfile;
ask('second') for 1 .. 3;
$node->wait_for_log(qr/LOG:  analytics_llm could not delete old records: kept by law/, $offset);
ask('second') for 1 .. 3;
is(scalar(() = slurp_file($node->logfile, $offset) =~ /could not delete old records/g), 1, 'what cannot be deleted is said, and not tried all the time');
is($node->safe_psql('second', q{SELECT count(*) FROM analytics_llm.request WHERE question = 'how many customers' AND asked_at > now() - interval '1 hour'}),
	$node->safe_psql('postgres', q{SELECT count(*) FROM analytics_llm.request WHERE question = 'how many customers'}) + 6, 'and records are written');

# The setting is read at a reload, also by a writer that runs.
sub keep
{
	my ($value) = @_;
	$node->safe_psql('postgres', "ALTER SYSTEM SET analytics_llm.log_retention = '$value'");
	$node->reload;
	return;
}
keep('1s');
$node->poll_query_until('postgres', q{SELECT max(logged_at) < now() - interval '2 seconds' FROM analytics_llm.log});
# Asks until something is so.
sub ask_until
{
	my ($condition) = @_;
	for (1 .. 600)
	{
		return 1 if $node->safe_psql('postgres', "SELECT $condition") eq 't';
		ask();
	}
	return 0;
}
ok(ask_until(q{(SELECT min(asked_at) > now() - interval '30 seconds' FROM analytics_llm.request)}), 'a second: what is older goes');
is(rows_older_than('usage', '399 days'), 10, 'a second: what counts stays');
keep('0');
fill('request', 1000, 10);
fill('usage', 401, 1);
$node->restart;
ask();
ok(wait_for_sweep(q{state = 'done'}), 'zero: a sweep runs');
is(rows_older_than('usage', '400 days'), 0, 'zero: what counts is deleted after 400 days');
is(rows_older_than('request', '999 days'), 10, 'zero: questions are kept for ever');
my ($ret, $out, $err) = $node->psql('postgres', q{SET analytics_llm.log_retention = '1s'});
like($err, qr/cannot be changed now/, 'a session cannot set it');

# Nobody has to wait for the table: DDL on it gets its lock between two steps.
keep('30d');
fill('log', 31, 20000);
$node->restart;
ask();
is($node->psql('postgres', q{SET lock_timeout = '5s'; ALTER TABLE analytics_llm.log ADD COLUMN note text; ALTER TABLE analytics_llm.log DROP COLUMN note}), 0, 'DDL on a table that is being swept');
ok(ask_until(q{(SELECT min(logged_at) > now() - interval '30 days' FROM analytics_llm.log)}), 'a large backlog goes in the end');

# A database in which nobody asks anything is swept as well, one after the other;
# one without the extension is left as it is, and none is in anybody's way after.
$node->safe_psql('postgres', "CREATE DATABASE $_") for qw(quiet1 quiet2 without);
for my $database (qw(quiet1 quiet2))
{
	$node->safe_psql($database, 'CREATE EXTENSION analytics_llm');
	fill('request', 31, 1500, $database);
	fill('request', 29, 10, $database);
}
is($node->safe_psql('quiet1', 'SELECT count(*) FROM analytics_llm.request'), 1510, 'nobody asks: there are old rows');
$offset = -s $node->logfile;
# A round comes as often as rows may get old.
keep('2s');
ok($node->poll_query_until($_, 'SELECT count(*) = 0 FROM analytics_llm.request'), "$_ is swept") for qw(quiet1 quiet2);
keep('30d');
unlike(slurp_file($node->logfile, $offset), qr/(?:ERROR|FATAL|could not(?!.*kept by law))/, 'without a word in the server log');
ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'analytics_llm writer'"), 'no writer stays');
is($node->safe_psql('postgres', "SELECT string_agg(state, ',') FROM llm_status() WHERE component = 'writer' AND name LIKE 'quiet_'"), 'idle,idle', 'nor is one waited for');

# Where no worker is to be had, that is left for the next round, without a word:
# no record waits.
fill('request', 31, 10, 'quiet1');
$node->append_conf('postgresql.conf', 'max_worker_processes = 2');	# the launchers
$node->restart;
$offset = -s $node->logfile;
keep('1s');
$node->poll_query_until('postgres', "SELECT pg_sleep(2.5) IS NOT NULL");
keep('30d');
unlike(slurp_file($node->logfile, $offset), qr/could not write/, 'without a worker nothing is said');
is($node->safe_psql('quiet1', q{SELECT count(*) FROM analytics_llm.request}) . $node->safe_psql('postgres', "SELECT string_agg(state, ',') FROM llm_status() WHERE component = 'writer' AND name = 'quiet1'"), '10idle', 'nothing is deleted, and nothing waits');
$node->append_conf('postgresql.conf', 'max_worker_processes = 8');

# Nor does a writer come while pg_upgrade has the server.
keep('1s');
$node->stop;
PostgreSQL::Test::Utils::system_or_bail('pg_ctl', '-w', '-D', $node->data_dir, '-l', $node->logfile, '-o', '-b', 'start');
$node->poll_query_until('quiet1', "SELECT pg_sleep(2.5) IS NOT NULL");
is($node->safe_psql('quiet1', q{SELECT count(*) FROM analytics_llm.request}), 10, 'nothing is deleted under pg_upgrade');
PostgreSQL::Test::Utils::system_or_bail('pg_ctl', '-w', '-D', $node->data_dir, '-m', 'fast', 'stop');
$node->start;
ok($node->poll_query_until('quiet1', 'SELECT count(*) = 0 FROM analytics_llm.request'), 'but afterwards');
keep('30d');
$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'analytics_llm writer'");
$node->safe_psql('postgres', "DROP DATABASE $_") for qw(quiet1 quiet2 without);

$node->stop;
figure_all_passed('retention');
done_testing();
