# Real columns in company: other libraries that hook the same places, before and
# after; parallel plans; row security and changes of role; a hot standby.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm, pg_stat_statements, auto_explain'
pg_stat_statements.track = all
auto_explain.log_min_duration = 0
auto_explain.log_nested_statements = on
auto_explain.log_analyze = on
compute_query_id = on
autovacuum = off
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE EXTENSION pg_stat_statements;
CREATE ROLE ann;
CREATE ROLE bob;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE sales (sale_id int PRIMARY KEY, region_id int NOT NULL REFERENCES regions,
	revenue numeric NOT NULL, owner text NOT NULL);
INSERT INTO regions VALUES (1, 'West'), (2, 'East');
INSERT INTO sales SELECT i, 1 + i % 2, 10, CASE WHEN i <= 10 THEN 'ann' ELSE 'bob' END FROM generate_series(1, 30) AS i;
ALTER TABLE sales ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sales USING (owner = CURRENT_USER);
GRANT SELECT ON sales, regions TO ann, bob;
ANALYZE;
SQL
my $statement = "SELECT * FROM llm_ask('revenue by region')";
my $rows = "East|150\nWest|150";

# Each of the two orders in which hooks can be called.
for my $libraries ('analytics_llm, pg_stat_statements, auto_explain', 'auto_explain, pg_stat_statements, analytics_llm')
{
	$node->append_conf('postgresql.conf', "shared_preload_libraries = '$libraries'");
	$node->restart;
	$node->safe_psql('postgres', 'SELECT pg_stat_statements_reset()');
	my $from = -s $node->logfile;
	is($node->safe_psql('postgres', "$statement; $statement LIMIT 5; PREPARE p AS $statement; EXECUTE p; EXECUTE p"), join("\n", ($rows) x 4), "$libraries: rows");
	is($node->safe_psql('postgres', q{SELECT query, sum(calls) FROM pg_stat_statements WHERE query LIKE '%llm_ask%' AND toplevel GROUP BY query ORDER BY query COLLATE "C"}),
		q{SELECT * FROM llm_ask($1)|3} . "\n" . q{SELECT * FROM llm_ask($1) LIMIT $2|1}, "$libraries: statements as they were sent");
	is($node->safe_psql('postgres', "$statement; SELECT count(DISTINCT query_id) FROM pg_stat_activity WHERE pid = pg_backend_pid()"), "$rows\n1", "$libraries: a query has one id");
	like(slurp_file($node->logfile, $from), qr/Limit.*Seq Scan on (sales|regions)/s, "$libraries: plans are logged");
}

# The plan of it may be parallel, and run by workers alone.
my $parallel = <<'SQL';
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
ALTER TABLE sales SET (parallel_workers = 2); ALTER TABLE regions SET (parallel_workers = 2);
SQL
is($node->safe_psql('postgres', "$parallel $statement; SET parallel_leader_participation = off; $statement"), "$rows\n$rows", 'parallel plans');
# It has another name since 16.
my $debug_parallel = $node->pg_version >= 16 ? 'debug_parallel_query' : 'force_parallel_mode';
for my $mode ('on', 'regress')
{
	my ($out, $err) = ('', '');
	$node->psql('postgres', "SET $debug_parallel = $mode; $statement; SET analytics_llm.row_limit = 1; $statement", stdout => \$out, stderr => \$err);
	is($out, "$rows\nEast|150", "a worker runs all of it ($mode)");
	like($err, qr/WARNING:  the answer may be wrong: the answer was cut off at 1 rows/, 'and its rows are counted');
}

# One prepared statement, and a role each time: its rows, by a plan of its own.
is($node->safe_psql('postgres', <<"SQL"), "$rows\nEast|50\nWest|50\nEast|100\nWest|100\nEast|50\nWest|50\n$rows", 'row security follows the role');
SET client_min_messages = error;
PREPARE p AS $statement;
EXECUTE p;
SET ROLE ann;
EXECUTE p;
SET ROLE bob;
EXECUTE p;
SET ROLE ann;
EXECUTE p;
RESET ROLE;
EXECUTE p;
SQL
# Under another search_path, names are others; under the first one, it is as it was.
is($node->safe_psql('postgres', <<"SQL"), "$rows\nNorth|7\n$rows", 'the search_path that is in force counts');
CREATE SCHEMA other;
CREATE TABLE other.regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE other.sales (sale_id int PRIMARY KEY, region_id int NOT NULL REFERENCES other.regions, revenue numeric NOT NULL);
INSERT INTO other.regions VALUES (1, 'North');
INSERT INTO other.sales VALUES (1, 1, 7);
PREPARE p AS SELECT * FROM public.llm_ask('revenue by region');
EXECUTE p;
SET search_path = other;
EXECUTE p;
RESET search_path;
EXECUTE p;
SQL

# A session keeps a bounded number of queries; those of before are found again.
is($node->safe_psql('postgres', <<"SQL"), "600\n$rows", 'many questions of one session');
PREPARE p AS $statement;
CREATE TEMP TABLE said (n int);
DO \$\$
BEGIN
	FOR i IN 1 .. 300 LOOP
		EXECUTE format('INSERT INTO said SELECT \$1') USING i;
		EXECUTE format('CREATE TEMP TABLE t%s AS SELECT * FROM llm_ask(%L)', i, 'revenue by region' || repeat(' ', i));
		EXECUTE format('INSERT INTO said SELECT count(*) FROM t%s', i);
		EXECUTE format('DROP TABLE t%s', i);
	END LOOP;
END
\$\$;
SELECT count(*) FROM said;
ALTER TABLE sales ALTER COLUMN revenue SET STATISTICS 10;
EXECUTE p;
SQL

# A hot standby.
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', "$statement; PREPARE p AS $statement; EXECUTE p; BEGIN; DECLARE c CURSOR FOR $statement; FETCH ALL FROM c; COMMIT; COPY ($statement) TO stdout WITH (DELIMITER '|')"), join("\n", ($rows) x 4), 'a standby');
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'nobody has crashed');
unlike(slurp_file($_->logfile), qr/terminated by signal|PANIC|resource was not closed|leak/, $_->name . ' has a clean log') for $node, $standby;
$standby->stop;
$node->stop;
done_testing();
