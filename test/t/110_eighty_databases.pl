# Eighty databases, two writers, and the eight worker processes that a server has
# by default: the writers take turns, no record is lost, and nothing that needs a
# database for itself has to wait for long.
use strict;
use warnings;

use IPC::Run;
use List::Util qw(max);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use Figure;

use constant { DATABASES => 80, CLIENTS => 4, ROUNDS => 2 };

my $node = PostgreSQL::Test::Cluster->new('eighty');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
max_worker_processes = 8
log_statement = none
CONF
$node->start;
is($node->safe_psql('postgres', 'SHOW analytics_llm.max_writers'), 2, 'two writers');
$node->safe_psql('postgres', 'CREATE DATABASE template');
$node->safe_psql('template', 'CREATE EXTENSION analytics_llm; CREATE TABLE customers (customer_id int PRIMARY KEY)');
my @databases = map { "db$_" } 1 .. DATABASES;
$node->safe_psql('postgres', join ";\n", map { "CREATE DATABASE $_ TEMPLATE template" } @databases);

# Runs a script of psql in the background.
sub start
{
	my ($name, $script) = @_;
	my $file = $node->basedir . "/$name";
	append_to_file($file, $script);
	return IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-f', $file ],
		'<', \undef, '>', \my $out, '2>', "$file.err");
}

# Several clients that go through all databases, each in another order.
my @clients;
for my $client (1 .. CLIENTS)
{
	my @order = map { $databases[ ($_ * (2 * $client + 1)) % DATABASES ] } 0 .. DATABASES - 1;
	@order = @databases if keys %{ { map { $_ => 1 } @order } } < DATABASES;
	push @clients, start("client$client", join '',
		map { "\\connect $_\nSELECT status FROM llm_answer('how many customers by $client');\n" } (@order) x ROUNDS);
}
# One that ends is seen for a moment more, beside the next one: those count that
# were there at the look before, too.
my $most = 0;
my %before;
for (1 .. 30)
{
	my %writers = map { $_ => 1 } split /\n/, $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'analytics_llm writer'});
	$most = max($most, scalar grep { $before{$_} } keys %writers);
	%before = %writers;
	sleep 0.1;
}
ok($_->finish, 'a client was answered in each database') for @clients;
my $waiting = q{FROM llm_status() WHERE component = 'writer' AND name <> 'launcher' AND (detail ->> 'pending')::int > 0};
for (1 .. 300)
{
	last if $node->safe_psql('db1', "SELECT count(*) $waiting") == 0;
	sleep 0.1;
}
is($node->safe_psql('db1', "SELECT name, state, detail $waiting"), '', 'no record waits');
my $complete = 0;
for my $line (split /\n/, $node->safe_psql('postgres', join '',
		map { "\\connect $_\nSELECT count(*), count(DISTINCT request_id), (SELECT count(DISTINCT request_id) FROM analytics_llm.log) FROM analytics_llm.request;\n" } @databases))
{
	my $wanted = CLIENTS * ROUNDS;
	$complete++ if $line eq "$wanted|$wanted|$wanted";
}
my $printed = () = slurp_file($node->logfile) =~ /analytics_llm: record of /g;
figure_at_least('databases_with_all_their_records', $complete, 'of ' . DATABASES, DATABASES);
figure_at_most('records_printed_with_80_databases', $printed, 'records', 0);
figure_at_most('writers_at_once', $most, 'writers', 2);

# What needs a database for itself, or a lock that no other has, right after a
# question in it, while others keep the writers busy.
my $load = start('load', join '', map { "\\connect $_\nSELECT status FROM llm_answer('how many customers');\n" } (@databases[ 0 .. 39 ]) x 10);

sub after_question
{
	my ($database, $where, $sql) = @_;
	$node->safe_psql($database, q{SELECT status FROM llm_answer('how many customers')});
	return $node->psql($where, "SET lock_timeout = '20s'; $sql") == 0;
}
ok(after_question('db61', 'postgres', 'CREATE DATABASE copied TEMPLATE db61'), 'CREATE DATABASE ... TEMPLATE');
ok(after_question('db62', 'postgres', 'DROP DATABASE db62'), 'DROP DATABASE');
ok(after_question('db63', 'postgres', 'ALTER DATABASE db63 RENAME TO renamed'), 'ALTER DATABASE ... RENAME');
ok(after_question('db64', 'db64', 'DROP EXTENSION analytics_llm'), 'DROP EXTENSION');
ok(after_question('db65', 'db65', 'ALTER EXTENSION analytics_llm UPDATE'), 'ALTER EXTENSION ... UPDATE');
ok(after_question('db66', 'db66', 'ALTER TABLE analytics_llm.log ADD COLUMN note text; ALTER TABLE analytics_llm.request ADD COLUMN note text'), 'what the script of an update does');
ok(after_question('db67', 'postgres', 'ALTER DATABASE db67 WITH ALLOW_CONNECTIONS false; ALTER DATABASE db67 WITH ALLOW_CONNECTIONS true'), 'ALLOW_CONNECTIONS');
ok($load->finish, 'others were served all the time');
is($node->safe_psql('renamed', q{SELECT status IS NOT NULL FROM llm_answer('how many customers'); SELECT llm_flush(); SELECT count(*) FROM analytics_llm.request WHERE question = 'how many customers'}), "t\n\n2", 'records follow a database that is renamed');
is($node->safe_psql('db66', q{SELECT status IS NOT NULL FROM llm_answer('how many customers'); SELECT llm_flush(); SELECT count(*) FROM analytics_llm.request WHERE question = 'how many customers'}), "t\n\n2", 'records are written into altered tables');

$node->stop;
figure_all_passed('eighty_databases');
done_testing();
