# What a check records of a query that passed, for caches and for the answer:
# whether its rows depend on the clock, the session, the user, chance or what
# lies outside; foreign tables; privileges on columns; row security.
#
# And the locks of a check: none beyond ACCESS SHARE, and none left.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Material ();

# The bits of AllmDepends.
my ($time, $session, $user, $chance, $outside) = (1, 2, 4, 8, 16);

my $node = PostgreSQL::Test::Cluster->new('guard_records');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE ROLE analyst;
CREATE TABLE sales (id int, region text, sold_on date, at timestamptz);
CREATE TABLE people (id int, name text, salary numeric);
CREATE TABLE filtered (id int, owner name);
ALTER TABLE filtered ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON filtered USING (owner = current_user);
GRANT SELECT ON sales, filtered TO analyst;
GRANT SELECT (id, name) ON people TO analyst;
CREATE VIEW recent AS SELECT id FROM sales WHERE sold_on > current_date - 7;
CREATE VIEW frozen AS SELECT id FROM sales WHERE sold_on > date 'today';
GRANT SELECT ON recent, frozen TO analyst;
CREATE FUNCTION pure(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION reads() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM public.sales';
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE remote (id int) SERVER elsewhere;
CREATE TABLE parted (id int) PARTITION BY LIST (id);
CREATE FOREIGN TABLE parted_remote PARTITION OF parted FOR VALUES IN (1) SERVER elsewhere;
GRANT SELECT ON remote, parted TO analyst;
-- The strongest lock that this session holds on a table; listed, so that a query may ask it.
CREATE FUNCTION strongest_lock() RETURNS text LANGUAGE sql STABLE AS
	$$SELECT string_agg(DISTINCT mode, ',' ORDER BY mode) FROM pg_catalog.pg_locks
	   WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation'$$;
INSERT INTO analytics_llm.example (name, question, sql)
	VALUES ('locks', 'which locks are there', 'SELECT count(*) AS n, strongest_lock() AS mode FROM sales, people');
SQL
Material::load_probe($node, 'postgres');

sub checked
{
	my ($sql) = @_;
	my $said = $node->safe_psql('postgres',
		"SET ROLE analyst; CREATE TEMP TABLE mine (id int); SELECT probe_checked(" . Material::quoted($sql) . ')');
	return $said eq '' ? {} : decode_json($said);
}

for my $case (
	[ 'SELECT region, count(*) FROM sales GROUP BY region', 0 ],
	[ "SELECT id FROM sales WHERE sold_on >= date '2024-01-01'", 0 ],
	[ "SELECT id FROM sales WHERE sold_on >= '2024-01-01'", 0 ],
	[ 'SELECT upper(region), pure(id), avg(avg(id)) OVER () FROM sales GROUP BY region, id', 0 ],
	[ "SELECT id FROM sales WHERE sold_on >= date 'today'", $time | $session ],
	[ "SELECT id FROM sales WHERE sold_on >= 'yesterday'", $time | $session ],
	[ "SELECT id FROM sales WHERE sold_on >= E'to\\x64ay'", $time | $session ],
	[ 'SELECT id FROM sales WHERE sold_on >= current_date', $time | $session ],
	[ 'SELECT count(*) FROM sales WHERE at > now()', $time ],
	[ 'SELECT count(*) FROM sales WHERE region::date IS NULL', $time | $session ],
	[ 'SELECT id FROM recent', $time | $session ],
	# A view's own 'today' is that of the day on which it was made.
	[ 'SELECT id FROM frozen', 0 ],
	[ "SELECT to_char(at, 'YYYY') FROM sales", $session ],
	[ 'SELECT at FROM sales', $session ],
	[ 'SELECT id FROM mine', $session ],
	[ 'SELECT current_user', $user ],
	[ 'SELECT session_user, id FROM sales', $user ],
	[ 'SELECT id FROM filtered', $user ],
	[ 'SELECT random()', $chance ],
	[ 'SELECT id FROM sales TABLESAMPLE bernoulli (50)', $chance ],
	[ 'SELECT id FROM remote', $outside ],
	[ 'SELECT id FROM parted', $outside ],
	[ 'SELECT id FROM ONLY parted', 0 ],
	[ 'SELECT reads()', $time | $session | $user | $outside ])
{
	my ($sql, $depends) = @$case;
	is(checked($sql)->{depends}, $depends, "depends: $sql");
}

my $record = checked('SELECT p.name, r.id FROM people p, remote r, sales s');
is($record->{relations}, 3, 'relations are recorded');
is($record->{foreign_tables}, 1, 'foreign tables are');
is(checked('SELECT id FROM parted')->{foreign_tables}, 1, 'also a foreign partition');
ok($record->{column_privileges}, 'privileges on columns are');
ok(!checked('SELECT id FROM sales')->{column_privileges}, 'and are not when the relation may be read');
ok(checked('SELECT id FROM filtered')->{row_security}, 'row security is');
ok(!checked('SELECT id FROM sales')->{row_security}, 'and is not when there is none');
is_deeply(checked('SELECT salary FROM people'), {}, 'nothing of a query that is refused');

# Locks: seen from inside of a query that runs in its fence, and afterwards.
like($node->safe_psql('postgres', "SELECT llm_ask('which locks are there')"),
	qr/"mode":"AccessShareLock"/, 'no lock is stronger than ACCESS SHARE');
is($node->safe_psql('postgres', <<'SQL'), 0, 'no lock is left in the transaction');
BEGIN;
SELECT FROM llm_check('SELECT * FROM sales, people WHERE no_such = 1');
SELECT FROM llm_check('SELECT count(*) FROM sales, people');
SELECT count(*) FROM pg_locks WHERE relation IN ('sales'::regclass, 'people'::regclass);
COMMIT;
SQL

figure_all_passed('guard_records');
$node->stop;
done_testing();
