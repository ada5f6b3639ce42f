# Answers from the cache are counted: all of them, in few rows, also when nobody
# asks again, at a shutdown, on a standby; and the memory for them has a bound.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('cache_hits');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
analytics_llm.cache_memory = '1MB'
timezone = 'UTC'
log_statement = none
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE TABLE customers (customer_id int PRIMARY KEY);
INSERT INTO customers SELECT generate_series(1, 7);
CREATE TABLE wide (wide_id int PRIMARY KEY, words text);
INSERT INTO wide SELECT i, repeat('x', 2000) FROM generate_series(1, 20) AS i;
INSERT INTO analytics_llm.example (name, question, sql)
SELECT 'wide' || i, 'the wide one ' || i, 'SELECT words, ' || i || ' AS n FROM wide ORDER BY wide_id'
  FROM generate_series(1, 200) AS i;
CREATE DATABASE second;
SQL
$node->safe_psql('second', 'CREATE EXTENSION analytics_llm; CREATE TABLE customers (customer_id int PRIMARY KEY)');

sub hits
{
	my ($db) = @_;
	return $node->safe_psql($db || 'postgres', 'SELECT COALESCE(sum(hits), 0) FROM analytics_llm.request');
}

# So many hits by some sessions; the first question of all is none.
my $script = PostgreSQL::Test::Utils::tempdir() . '/script';
append_to_file($script, "SELECT llm_ask('how many customers');\n");
sub hit
{
	my ($db, $clients, $each) = @_;
	$node->command_ok([ 'pgbench', '-n', '-c', $clients, '-j', 1, '-t', $each, '-f', $script, '-d', $node->connstr($db) ], "$clients sessions ask $each times");
	return $clients * $each;
}

$node->safe_psql($_, "SELECT llm_ask('how many customers')") for 'postgres', 'second';
my $given = hit('postgres', 3, 200);
my $second = hit('second', 2, 50);
$node->safe_psql('postgres', "SELECT llm_ask('how many customers'); SELECT llm_flush()");
is(hits(), $given + 1, 'llm_flush() waits for the counts of its database');
my $rows = $node->safe_psql('postgres', 'SELECT count(*) FROM analytics_llm.request WHERE hits > 0');
cmp_ok($rows, '<=', 2, "in $rows rows");

# Nobody asks in the second database any more.
ok($node->poll_query_until('second', "SELECT sum(hits) = $second FROM analytics_llm.request"), 'when the minute is over, its counts are added');

# At a shutdown, with sessions that are there and without.
$node->safe_psql('postgres', "SELECT llm_ask('how many customers')");
my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_safe("SELECT llm_ask('how many customers')") for 1 .. 5;
$second += hit('second', 1, 20);
$node->stop('fast');
eval { $session->quit };
$node->start;
# What no writer was there for is in the server log.
my $printed = 0;
$printed += $_ for slurp_file($node->logfile) =~ /analytics_llm: record of "request": \{"request_id":"[^"]+","hits":(\d+)\}/g;
my $counted = hits() + hits('second') + $printed;
my $all = $given + 1 + 6 + $second;
cmp_ok($counted, '>=', $all - 1, "a fast shutdown loses no count, in any database: $counted");
cmp_ok($counted, '<=', $all, 'and counts none twice');

# The memory has a bound, and what was used last stays.
$node->safe_psql('postgres', "SELECT llm_ask('how many customers')");
my ($answered, $kept) = (0, 0);
for my $i (1 .. 200)
{
	my $got = $node->safe_psql('postgres',
		"SELECT count(*) FROM llm_ask('the wide one $i'); SELECT tier FROM llm_answer('how many customers')");
	$answered++ if $got =~ /^20$/m;
	$kept++ if $got =~ /^0$/m;
}
is($answered, 200, 'all are answered');
cmp_ok($kept, '>=', 199, 'and the one that is used is kept');
my ($bytes, $limit, $evictions) = split /\|/, $node->safe_psql('postgres',
	q{SELECT detail ->> 'bytes', detail ->> 'limit', detail ->> 'evictions' FROM llm_status() WHERE component = 'cache'});
cmp_ok($evictions, '>', 150, 'others made room');
figure_at_most('cache_bytes_over_memory', $bytes > 1024 * 1024 ? $bytes - 1024 * 1024 : 0, 'bytes', 0);
cmp_ok($limit, '<=', 1024 * 1024, 'the limit is the setting');

# What has made room comes back from the table.
$node->safe_psql('postgres', 'SELECT llm_flush()');
is($node->safe_psql('postgres', q{SELECT tier FROM llm_answer('the wide one 1')}), '0', 'from the table');

# What is larger than a part of the memory is dropped, and counted.
$node->safe_psql('postgres', q{INSERT INTO analytics_llm.example (name, question, sql) VALUES ('huge', 'the huge one', 'SELECT repeat(words, 15) AS w FROM wide')});
$node->safe_psql('postgres', q{SET analytics_llm.cache_max_entry = '4MB'; SELECT count(*) FROM llm_ask('the huge one')});
is($node->safe_psql('postgres', q{SELECT (detail ->> 'dropped')::int > 0 FROM llm_status() WHERE component = 'cache'}), 't', 'an answer without room is dropped');

# A standby keeps answers in its own memory, and hears of what ends them.
$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('cache_standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;
my $asked = q{SELECT concat_ws(' ', tier, rows::text) FROM llm_answer('how many customers')};
my $reader = $standby->background_psql('postgres');
is($reader->query_safe($asked), '3 [{"number_of_customers":7}]', 'a standby asks');
is($reader->query_safe($asked), '0 [{"number_of_customers":7}]', 'and keeps');
is($standby->safe_psql('postgres', $asked), '0 [{"number_of_customers":7}]', 'for all its sessions');
for my $change ('CREATE TABLE another (a int)', 'UPDATE analytics_llm.tier SET max_retries = max_retries', 'TRUNCATE customers')
{
	$node->safe_psql('postgres', $change);
	$node->wait_for_catchup($standby);
	like($reader->query_safe($asked), qr/^3 /, "on the primary: $change");
}
like($standby->safe_psql('postgres', 'SELECT llm_cache_clear()'), qr/^[1-9]/, 'it can be cleared there');
like($reader->query_safe($asked), qr/^3 /, 'and is');
is($standby->safe_psql('postgres', q{SELECT state FROM llm_status() WHERE component = 'cache'}), 'standby: in shared memory only', 'llm_status() says so');
$reader->quit;
my $offset = -s $standby->logfile;
$standby->safe_psql('postgres', $asked) for 1 .. 3;
$standby->stop('fast');
like(slurp_file($standby->logfile, $offset) , qr/record of "request": \{[^\n]*"hits":\s*[12]/, 'hits of a standby are in its server log');
unlike(slurp_file($standby->logfile), qr/record of "cache"/, 'answers are not');

$node->stop;
figure_all_passed('cache_hits_counted');
done_testing();
