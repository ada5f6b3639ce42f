# What llm_flush() has waited for survives any crash.  After a crash recording
# goes on by itself; at a fast shutdown no record is lost.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('crash');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
restart_after_crash = on
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE TABLE customers (customer_id int PRIMARY KEY);
INSERT INTO customers SELECT generate_series(1, 7);
SQL

my $flushed = 0;

# One question that is waited for, in a session of its own.
sub ask_and_flush
{
	$flushed++;
	return $node->safe_psql('postgres',
		"SELECT status IS NOT NULL FROM llm_answer('how many customers', '{\"cache\": false}'); SELECT llm_flush()");
}

sub requests
{
	return $node->safe_psql('postgres', "SELECT count(*) FROM analytics_llm.request WHERE question = 'how many customers'");
}

# Record lines in the server log for questions like this one.
sub printed
{
	my ($question) = @_;
	my $n = () = slurp_file($node->logfile) =~ /analytics_llm: record of "request": \{[^\n]*\Q$question\E/g;
	return $n;
}

sub pid_of
{
	my ($type) = @_;
	return $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = '$type'");
}

# Kills a process as no handler can, and waits for the server to be back.
sub kill_hard
{
	my ($pid) = @_;
	my $offset = -s $node->logfile;
	kill 'KILL', $pid;
	$node->wait_for_log(qr/all server processes terminated; reinitializing/, $offset);
	# Not by asking: a psql that is turned away at once breaks the pipe to it.
	$node->wait_for_log(qr/database system is ready to accept connections/, $offset);
	return;
}

ask_and_flush();
$node->restart;
is(requests(), $flushed, 'a restart loses nothing');
ask_and_flush();
is(requests(), $flushed, 'and recording goes on');

my $session = $node->background_psql('postgres', on_error_stop => 0);
kill_hard($session->query_safe('SELECT pg_backend_pid()'));
eval { $session->quit };
is(requests(), $flushed, 'kill -9 of a backend loses nothing that was waited for');
ask_and_flush();
is(requests(), $flushed, 'and recording goes on');

# A writer stays for a moment after its last record.
ask_and_flush();
my $writer = pid_of('analytics_llm writer');
like($writer, qr/^\d+$/, 'there is one writer');
kill_hard($writer);
is(requests(), $flushed, 'kill -9 of the writer loses nothing that was waited for');
ask_and_flush();
is(requests(), $flushed, 'and recording goes on');

my $launcher = pid_of('analytics_llm launcher');
kill_hard($launcher);
ask_and_flush();
is(requests(), $flushed, 'after kill -9 of the launcher recording goes on');

# An orderly end of one worker is not an end of recording.
$launcher = pid_of('analytics_llm launcher');
$node->safe_psql('postgres', "SELECT pg_terminate_backend($launcher)");
ask_and_flush() for 1 .. 3;
isnt(pid_of('analytics_llm launcher'), $launcher, 'a terminated launcher is started again');
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'analytics_llm writer'");
ask_and_flush();
is(requests(), $flushed, 'terminated workers have lost nothing');

# A session that is terminated or cancelled in the middle of a question gives
# back the room that was promised to it.
$node->safe_psql('postgres', <<'SQL');
INSERT INTO analytics_llm.example (name, question, sql)
VALUES ('endless', 'count without end',
		'SELECT count(*) FROM generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS b');
SQL
for my $end (qw(pg_cancel_backend pg_terminate_backend))
{
	my $endless = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $endless->query_safe('SELECT pg_backend_pid()');
	$endless->query_until(qr/started/, "\\echo started\nSELECT llm_ask('count without end');\n");
	$node->poll_query_until('postgres', "SELECT state = 'active' AND query LIKE '%without end%' FROM pg_stat_activity WHERE pid = $pid");
	cmp_ok($node->safe_psql('postgres', "SELECT detail ->> 'reserved' FROM llm_status() WHERE component = 'queue'"),
		'>', 0, "$end: room is promised while a question runs");
	$node->safe_psql('postgres', "SELECT $end($pid)");
	ok( $node->poll_query_until('postgres', "SELECT (detail ->> 'bytes')::int = 0 FROM llm_status() WHERE component = 'queue'"),
		"$end: and given back");
	eval { $endless->quit };
}
is( $node->safe_psql('postgres', "SELECT count(*) FROM analytics_llm.request WHERE question = 'count without end'"),
	'2', 'both questions are recorded');

# Many sessions that are asking while a fast shutdown comes.  Each says how many
# answers it has had; at most one more each was under way.
my $script = $node->basedir . '/script';
append_to_file($script, "SELECT status IS NOT NULL FROM llm_answer('how many customers at the end');\n" x 20000);
my @clients;
for my $i (1 .. 4)
{
	my $out = $node->basedir . "/client$i";
	push @clients, {
		out => $out,
		handle => IPC::Run::start(
			[ 'psql', '-X', '-A', '-t', '-q', '-d', $node->connstr('postgres'), '-f', $script ],
			'<', '/dev/null', '>', $out, '2>', "$out.err"),
	};
}
$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM analytics_llm.request WHERE question LIKE '%at the end'");
$node->stop('fast');
my $answers = 0;
for my $client (@clients)
{
	eval { $client->{handle}->finish };
	my @had = slurp_file($client->{out}) =~ /^t$/mg;
	$answers += @had;
}
$node->start;
my $kept = $node->safe_psql('postgres', "SELECT count(*) FROM analytics_llm.request WHERE question LIKE '%at the end'")
  + printed('how many customers at the end');
cmp_ok($answers, '>', 0, 'questions were answered before the shutdown');
cmp_ok($kept, '>=', $answers, 'fast shutdown: each answered question is in the table or in the server log');
cmp_ok($kept, '<=', $answers + @clients, 'fast shutdown: and none is there twice');

# The same when nothing can be written any more.
my $dba = $node->background_psql('postgres', on_error_stop => 0);
$dba->query_safe('BEGIN; LOCK TABLE analytics_llm.log');
$node->safe_psql('postgres', "SELECT status FROM llm_answer('how many customers behind a lock');\n" x 20);
$node->stop('fast');
eval { $dba->quit };
$node->start;
is( $node->safe_psql('postgres', "SELECT count(*) FROM analytics_llm.request WHERE question LIKE '%behind a lock'")
	  + printed('how many customers behind a lock'),
	20, 'fast shutdown: records behind a lock are in the table or in the server log');
is($node->safe_psql('postgres', 'SELECT count(*) - count(DISTINCT request_id) FROM analytics_llm.request'),
	'0', 'no request is there twice');

$node->stop;
figure_all_passed('records_after_crash');
done_testing();
