# Records and the life of databases: several at once, DROP EXTENSION, DROP
# DATABASE, CREATE DATABASE ... TEMPLATE, dump and restore, a standby.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
log_min_messages = log
CONF
$node->start;
my $customers = <<'SQL';
CREATE EXTENSION analytics_llm;
CREATE TABLE customers (customer_id int PRIMARY KEY);
INSERT INTO customers SELECT generate_series(1, 7);
SQL
$node->safe_psql('postgres', 'CREATE DATABASE one; CREATE DATABASE two');
$node->safe_psql($_, $customers) for qw(postgres one two);

sub printed
{
	my ($server, $question) = @_;
	my $n = () = slurp_file($server->logfile) =~ /analytics_llm: record of "request": \{[^\n]*\Q$question\E/g;
	return $n;
}

sub requests
{
	my ($database, $question) = @_;
	return $node->safe_psql($database, "SELECT count(*) FROM analytics_llm.request WHERE question = '$question'");
}

# Two databases at once, each with its own records.
my %session = map { $_ => $node->background_psql($_) } qw(one two);
for my $i (1 .. 30)
{
	$session{$_}->query_safe("SELECT status FROM llm_answer('how many customers in $_')") for qw(one two);
}
for my $database (qw(one two))
{
	$session{$database}->query_safe('SELECT llm_flush()');
	is(requests($database, "how many customers in $database"), '30', "two databases: $database has its records");
	is( $node->safe_psql($database, 'SELECT DISTINCT database FROM analytics_llm.request'),
		$database, "two databases: $database has no others");
	$session{$database}->quit;
}

# DROP EXTENSION while records wait for a lock that the same transaction has.
my $dba = $node->background_psql('one');
$dba->query_safe('BEGIN; LOCK TABLE analytics_llm.request');
$node->safe_psql('one', "SELECT status FROM llm_answer('how many customers before the drop')");
$dba->query_safe('DROP EXTENSION analytics_llm; COMMIT');
$node->wait_for_log(qr/record of "request": \{[^\n]*how many customers before the drop/);
is(printed($node, 'how many customers before the drop'), 1, 'DROP EXTENSION: a queued record goes to the server log');
$node->safe_psql('one', 'CREATE EXTENSION analytics_llm');
$node->safe_psql('one', "SELECT status FROM llm_answer('how many customers'); SELECT llm_flush()");
is(requests('one', 'how many customers'), '1', 'DROP EXTENSION: made again, it records again');

# Tables of somebody else that bear the names get nothing.
$dba->query_safe('BEGIN; LOCK TABLE analytics_llm.request');
$node->safe_psql('one', "SELECT status FROM llm_answer('how many customers before the fraud')");
$dba->query_safe(<<'SQL');
CREATE TABLE request_shape AS SELECT * FROM analytics_llm.request WHERE false;
CREATE TABLE log_shape AS SELECT * FROM analytics_llm.log WHERE false;
DROP EXTENSION analytics_llm;
CREATE SCHEMA analytics_llm;
ALTER TABLE request_shape SET SCHEMA analytics_llm;
ALTER TABLE log_shape SET SCHEMA analytics_llm;
ALTER TABLE analytics_llm.request_shape RENAME TO request;
ALTER TABLE analytics_llm.log_shape RENAME TO log;
COMMIT;
SQL
$node->wait_for_log(qr/record of "request": \{[^\n]*how many customers before the fraud/);
is(requests('one', 'how many customers before the fraud'), '0', 'tables that only bear the names get nothing');
$dba->quit;

# A writer leaves by itself, so neither of these fails for want of the database.
$node->safe_psql('two', "SELECT status FROM llm_answer('how many customers before a copy')");
$node->safe_psql('postgres', 'CREATE DATABASE copy TEMPLATE two');
is(requests('copy', 'how many customers before a copy'), requests('two', 'how many customers before a copy'),
	'CREATE DATABASE ... TEMPLATE right after a question');
$node->safe_psql('copy', "SELECT status FROM llm_answer('how many customers before the end')");
$node->safe_psql('postgres', 'DROP DATABASE copy');
pass('DROP DATABASE right after a question');
$node->safe_psql('two', "SELECT status FROM llm_answer('how many customers before force')");
$node->safe_psql('postgres', 'DROP DATABASE two WITH (FORCE)');
pass('DROP DATABASE ... WITH (FORCE) right after a question');
$node->safe_psql('postgres', "SELECT status FROM llm_answer('how many customers'); SELECT llm_flush()");
is(requests('postgres', 'how many customers'), '1', 'other databases go on');

# The records are data of the database: a dump has them, and restores.
my $file = $node->basedir . '/dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $file, '-d', $node->connstr('postgres') ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('restored'), $file ], 'pg_restore');
is(requests('restored', 'how many customers'), '1', 'a restored database has its records');
cmp_ok($node->safe_psql('restored', 'SELECT count(*) FROM analytics_llm.log'), '>', 0, 'of both kinds');

# A standby answers, and its records are in its server log.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
is($standby->safe_psql('postgres', "SELECT status IS NOT NULL FROM llm_answer('how many customers on a standby'); SELECT llm_flush()"),
	"t\n", 'standby: a question is answered, and there is nothing to wait for');
is(printed($standby, 'how many customers on a standby'), 1, 'standby: its record is in the server log');
like($standby->safe_psql('postgres', "SELECT state FROM llm_status() WHERE component = 'queue'"),
	qr/standby/, 'standby: llm_status says so');
$standby->promote;
$standby->safe_psql('postgres', "SELECT status FROM llm_answer('how many customers after promotion'); SELECT llm_flush()");
is( $standby->safe_psql('postgres', "SELECT count(*) FROM analytics_llm.request WHERE question = 'how many customers after promotion'"),
	'1', 'standby: once promoted it writes its records');
$standby->stop;
$node->stop;

figure_all_passed('databases_and_standby');
done_testing();
