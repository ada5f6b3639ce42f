# When records cannot be written, questions are still answered, llm_status()
# and llm_flush() name the cause, and no record is lost: afterwards each one is
# in its table or in the server log.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

# More than any wait here can take: what hangs fails instead.
my $guard = "SET statement_timeout = '60s';";
my $customers = <<'SQL';
CREATE EXTENSION analytics_llm;
CREATE TABLE customers (customer_id int PRIMARY KEY);
INSERT INTO customers SELECT generate_series(1, 7);
SQL

sub new_node
{
	my ($name, @conf) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init;
	$node->append_conf('postgresql.conf', join "\n", "shared_preload_libraries = 'analytics_llm'", @conf);
	return $node;
}

# Asks a question that is found again by its number.
sub ask
{
	my ($node, $database, $number) = @_;
	return $node->safe_psql($database,
		"$guard SELECT status IS NOT NULL FROM llm_answer('how many customers in case $number')");
}

# What llm_flush() of a session says that has just asked and has little time.
sub failing_flush
{
	my ($node, $database, $number) = @_;
	my ($rc, $out, $err) = $node->psql($database, <<SQL);
$guard
\\set VERBOSITY verbose
SELECT status IS NOT NULL FROM llm_answer('how many customers in case $number');
SET analytics_llm.request_timeout = '200ms';
SELECT llm_flush();
SQL
	return "$out\n$err";
}

sub wait_for_state
{
	my ($node, $database, $state) = @_;
	return $node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM llm_status() WHERE component = 'writer' AND name = '$database' AND state = '$state'");
}

sub requests
{
	my ($node, $database) = @_;
	return $node->safe_psql($database, 'SELECT count(*) FROM analytics_llm.request');
}

sub printed
{
	my ($node) = @_;
	my $n = () = slurp_file($node->logfile) =~ /analytics_llm: record of "request": \{/g;
	return $n;
}

#
# A DBA locks the table.
#
my $node = new_node('locked');
$node->start;
$node->safe_psql('postgres', $customers);
my $dba = $node->background_psql('postgres');
$dba->query_safe('BEGIN; LOCK TABLE analytics_llm.log');
is(ask($node, 'postgres', 1), 't', 'locked table: a question is answered');
ok(wait_for_state($node, 'postgres', 'blocked'), 'locked table: the state of the writer is "blocked"');
like( $node->safe_psql('postgres', "SELECT detail FROM llm_status() WHERE name = 'postgres' AND component = 'writer'"),
	qr/"last_error":"canceling statement due to lock timeout","last_error_code":"55P03"/,
	'locked table: with its cause');
my $said = failing_flush($node, 'postgres', 2);
like($said, qr/ERROR:  55000: records of this session are not written yet/, 'locked table: llm_flush fails');
like($said, qr/DETAIL:  State of the writer: \w+ \(canceling statement due to lock timeout\)/,
	'locked table: llm_flush says why');
$dba->query_safe('COMMIT');
is($node->safe_psql('postgres', "SELECT status IS NOT NULL FROM llm_answer('how many customers in case 3'); SELECT llm_flush()"),
	"t\n", 'locked table: afterwards the writer goes on');
is(requests($node, 'postgres'), '3', 'locked table: nothing is missing');
is(printed($node), 0, 'locked table: and nothing in the server log');

# A wait in llm_flush() can be cancelled.
$dba->query_safe('BEGIN; LOCK TABLE analytics_llm.log');
my ($rc, $out, $err) = $node->psql('postgres',
	"SELECT status FROM llm_answer('how many customers in case 4'); SET statement_timeout = '50ms'; SELECT llm_flush()");
like($err, qr/canceling statement due to statement timeout/, 'llm_flush can be cancelled');
$dba->query_safe('COMMIT');

#
# A role with few rights sees the state of its own database, and of no other.
#
$node->safe_psql('postgres', 'CREATE DATABASE other; CREATE ROLE analyst LOGIN');
$node->safe_psql('other', $customers);
ask($node, 'other', 1);
is( $node->safe_psql('postgres', "SELECT string_agg(name, ',' ORDER BY name) FROM llm_status() WHERE component = 'writer' AND name IN ('other', 'postgres')"),
	'other,postgres', 'status: a superuser sees every database');
is( $node->safe_psql('postgres', "SELECT string_agg(name, ',' ORDER BY name) FROM llm_status() WHERE component = 'writer' AND name IN ('other', 'postgres')",
		extra_params => [ '-U', 'analyst' ]),
	'postgres', 'status: others see their own');

#
# A database that allows no connections.
#
$node->safe_psql('postgres', 'CREATE DATABASE shut');
$node->safe_psql('shut', $customers);
my $inside = $node->background_psql('shut', on_error_stop => 0);
$inside->query_safe('SELECT 1');
$node->safe_psql('postgres', 'ALTER DATABASE shut ALLOW_CONNECTIONS false');
is($inside->query_safe("SELECT status IS NOT NULL FROM llm_answer('how many customers in case 1')"),
	't', 'no connections: a question is answered');
ok(wait_for_state($node, 'shut', 'cannot connect'), 'no connections: the state of the writer is "cannot connect"');
$inside->query("SET analytics_llm.request_timeout = '200ms'");
$inside->query('SELECT llm_flush()');
like($inside->{stderr}, qr/State of the writer: cannot connect \(the database allows no connections\)/,
	'no connections: llm_flush says why');
$inside->{stderr} = '';
is(ask($node, 'postgres', 5), 't', 'no connections: another database goes on');
$node->safe_psql('postgres', 'ALTER DATABASE shut ALLOW_CONNECTIONS true');
$inside->query('RESET analytics_llm.request_timeout');
$inside->query_safe('SELECT llm_flush()');
is(requests($node, 'shut'), '1', 'no connections: written when they are allowed again');
$inside->quit;
$dba->quit;
$node->stop;

#
# The queue is full: records go to the server log, and are counted.
#
$node = new_node('full', 'analytics_llm.queue_memory = 1MB');
$node->start;
$node->safe_psql('postgres', $customers);
$dba = $node->background_psql('postgres');
$dba->query_safe('BEGIN; LOCK TABLE analytics_llm.log');
my $asker = $node->background_psql('postgres', on_error_stop => 0);
$asker->query_safe(<<"SQL");
$guard
DO \$\$
BEGIN
	FOR i IN 1 .. 150 LOOP
		PERFORM llm_answer(i || repeat(' how many customers', 150));
	END LOOP;
END \$\$;
SQL
cmp_ok(printed($node), '>', 0, 'full queue: records are in the server log');
is( $node->safe_psql('postgres', "SELECT (detail ->> 'printed_to_server_log')::int > 0 FROM llm_status() WHERE component = 'queue'"),
	't', 'full queue: llm_status counts them');
# A database whose writer can write is not starved by the one that is stuck.
$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', $customers);
is( $node->safe_psql('other', "SELECT status IS NOT NULL FROM llm_answer('how many customers'); SELECT llm_flush(); SELECT count(*) FROM analytics_llm.request"),
	"t\n\n1", 'full queue: another database goes on');
$dba->query_safe('COMMIT');
$node->poll_query_until('postgres',
	"SELECT (detail ->> 'pending')::int = 0 FROM llm_status() WHERE component = 'writer' AND name = 'postgres'");
$asker->query('SELECT llm_flush()');
like($asker->{stderr}, qr/WARNING:  \d+ records of this session went to the server log instead of their tables/,
	'full queue: llm_flush warns of it');
$asker->{stderr} = '';
is($asker->query('SELECT llm_flush()'), '', 'full queue: and once only');
is($asker->{stderr}, '', 'full queue: says nothing then');
is(requests($node, 'postgres') + printed($node), 150, 'full queue: each record is in the table or in the server log');
is( $node->safe_psql('postgres', "SELECT detail ->> 'bytes', detail ->> 'reserved' FROM llm_status() WHERE component = 'queue'"),
	'0|0', 'full queue: no room has leaked');
$dba->quit;
$asker->quit;
$node->stop;

#
# No background worker slot is free: the launcher and the one of logical
# replication have both.
#
$node = new_node('noworker', 'max_worker_processes = 2');
$node->start;
$node->safe_psql('postgres', $customers);
is(ask($node, 'postgres', 1), 't', 'no worker: a question is answered');
ok(wait_for_state($node, 'postgres', 'waiting: no worker slot'), 'no worker: llm_status says so');
like(failing_flush($node, 'postgres', 2), qr/no background worker slot is free; max_worker_processes may be too small/,
	'no worker: llm_flush says why');
$node->stop('fast');
is(printed($node), 2, 'no worker: what is queued at a shutdown is in the server log');

#
# Twelve databases share two writers.
#
$node->append_conf('postgresql.conf', "max_worker_processes = 8\nanalytics_llm.max_writers = 2");
$node->start;
$node->safe_psql('postgres', "CREATE DATABASE db$_ TEMPLATE postgres") for 1 .. 12;
ask($node, "db$_", $_) for 1 .. 12;
for my $i (1 .. 12)
{
	is( $node->safe_psql("db$i", "$guard SELECT status IS NOT NULL FROM llm_answer('how many customers'); SELECT llm_flush(); SELECT count(*) FROM analytics_llm.request"),
		"t\n\n2", "twelve databases: db$i");
}
$node->stop;

#
# The disk is full.  A limit on the size of files needs no mount, and a block
# that goes over it is written in part.  Since version 16 the server goes on to
# write the rest, and reports that as an internal error.
#
$node = new_node('diskfull', 'autovacuum = off');
my $limit = 40008;    # blocks of 512 bytes: 2500.5 pages of 8 kB
my @start = ('pg_ctl', '-w', '-D', $node->data_dir, '-l', $node->logfile,
	'-o', '--cluster-name=diskfull', 'start');
system_or_bail('sh', '-c', "ulimit -f $limit && exec \"\$@\"", 'sh', @start);
$node->_update_pid(1);
$node->safe_psql('postgres', $customers);
$node->safe_psql('postgres', <<'SQL');
DO $$
DECLARE
	width int := 60;
BEGIN
	WHILE width > 0 LOOP
		BEGIN
			INSERT INTO analytics_llm.log (user_input)
			SELECT (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, width) AS j)
			  FROM generate_series(1, CASE WHEN width = 60 THEN 300 ELSE 1 END) AS i;
		EXCEPTION WHEN disk_full OR internal_error THEN
			width := width / 2;
		END;
	END LOOP;
END $$;
SQL
is(ask($node, 'postgres', $_), 't', "full disk: question $_ is answered") for 1 .. 3;
ok(wait_for_state($node, 'postgres', 'blocked'), 'full disk: the state of the writer is "blocked"');
like($node->safe_psql('postgres', "SELECT detail ->> 'last_error_code' FROM llm_status() WHERE component = 'writer' AND name = 'postgres'"),
	qr/^(53100|XX000)$/, 'full disk: with its code');
like(failing_flush($node, 'postgres', 4), qr/State of the writer: \w+ \(could not extend file/, 'full disk: llm_flush says why');
$node->safe_psql('postgres', 'DELETE FROM analytics_llm.log; VACUUM analytics_llm.log');
is( $node->safe_psql('postgres', "SELECT status IS NOT NULL FROM llm_answer('how many customers'); SELECT llm_flush()"),
	"t\n", 'full disk: written when there is room again');
is(requests($node, 'postgres') + printed($node), 5, 'full disk: nothing is missing');
$node->stop;

figure_all_passed('trouble_without_hang');
done_testing();
