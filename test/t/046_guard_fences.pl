# The fences around a query that a tap test alone can show: no lock beyond
# ACCESS SHARE, the role's own limits on memory and temporary files, and triggers
# and rules that nothing reaches.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Material ();

my $node = PostgreSQL::Test::Cluster->new('guard_fences');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE ROLE analyst LOGIN;
CREATE TABLE sales (id int, region text);
CREATE TABLE others (id int, region text);
INSERT INTO sales SELECT n, repeat('x', 100) FROM generate_series(1, 50000) AS n;
CREATE VIEW regions AS SELECT region FROM sales;
GRANT SELECT ON sales, others, regions TO analyst;
-- The model: it answers with the SQL of the example.
INSERT INTO analytics_llm.example (name, question, sql) VALUES ('stub', 'stub', 'SELECT 1');
ALTER TABLE analytics_llm.example DISABLE TRIGGER definition_check;
SQL

# What the stub is to answer with, as whom it is asked.
sub ask
{
	my ($user, $sql) = @_;
	$node->safe_psql('postgres', 'UPDATE analytics_llm.example SET sql = ' . Material::quoted($sql));
	my ($out, $err) = ('', '');
	$node->psql('postgres', "SELECT llm_ask('stub')", extra_params => [ '-U', $user ], stdout => \$out, stderr => \$err);
	return $out . $err;
}

#
# Locks: another session holds the lock that ACCESS SHARE alone gets along with.
# A check that asks for more, for however short a time, has to wait, and fails.
#
my @texts = (
	'SELECT * FROM sales', 'SELECT count(*) FROM sales s JOIN others o USING (id)', 'TABLE sales', 'SELECT * FROM regions',
	'WITH s AS (SELECT * FROM sales) SELECT * FROM s', 'SELECT (SELECT max(id) FROM sales)', 'SELECT regoin FROM sales',
	'SELECT * FROM sales FOR UPDATE', 'SELECT * FROM sales FOR NO KEY UPDATE', 'SELECT * FROM sales FOR SHARE', 'SELECT * FROM sales FOR KEY SHARE',
	'SELECT * FROM (SELECT * FROM sales FOR UPDATE) AS s', 'SELECT * FROM others WHERE id IN (SELECT id FROM sales FOR SHARE)',
	'WITH s AS (SELECT * FROM sales FOR UPDATE) SELECT * FROM s', 'SELECT * FROM regions FOR UPDATE',
	'DELETE FROM sales', "INSERT INTO sales VALUES (1, 'a')", "UPDATE sales SET region = ''",
	'MERGE INTO sales USING others ON sales.id = others.id WHEN MATCHED THEN DELETE', 'TRUNCATE sales', 'LOCK TABLE sales',
	'WITH d AS (DELETE FROM sales RETURNING 1) SELECT count(*) FROM d', "WITH i AS (INSERT INTO sales VALUES (1, 'a') RETURNING 1) SELECT * FROM i",
	"WITH u AS (UPDATE sales SET region = '' RETURNING *) SELECT * FROM u", 'SELECT * FROM others WHERE EXISTS (WITH d AS (DELETE FROM sales RETURNING 1) SELECT * FROM d)',
	'SELECT * INTO copied FROM sales', 'CREATE INDEX ON sales (id)', 'ALTER TABLE sales ADD COLUMN x int', 'DROP TABLE sales', 'VACUUM sales',
	'ANALYZE sales', 'REINDEX TABLE sales', 'CLUSTER sales', 'COPY sales FROM stdin', 'EXPLAIN ANALYZE DELETE FROM sales', 'SELECT 1; DELETE FROM sales',
	'CREATE TRIGGER t BEFORE INSERT ON sales EXECUTE FUNCTION f()', 'COMMENT ON TABLE sales IS NULL', "SELECT 'sales'::regclass", 'DECLARE c CURSOR FOR SELECT * FROM sales FOR UPDATE');
my $holder = $node->background_psql('postgres');
$holder->query_safe('BEGIN; LOCK TABLE sales, others IN EXCLUSIVE MODE');
my ($blocked, $refused) = (0, 0);
for my $sql (@texts)
{
	my $found = '';
	my $rc = $node->psql('postgres',
		"SET lock_timeout = '1s'; SELECT count(*) FROM llm_check(" . Material::quoted($sql) . ") WHERE severity = 'error'", stdout => \$found);
	$blocked++ if $rc != 0;
	$refused++ if $found ne '0';
}
# That the lock would stop a check which asks for more.
my ($rc, $out, $err) = $node->psql('postgres', "SET lock_timeout = '100ms'; SELECT id FROM sales FOR SHARE");
like($err, qr/lock timeout/, 'the other session does hold the lock');
$holder->query_safe('ROLLBACK');
$holder->quit;
figure_at_most('checks_that_ask_for_a_strong_lock', $blocked, 'of ' . @texts, 0);
is($refused, @texts - 6, 'all but the first six are refused');

#
# Memory and temporary files: what the role has, and no more.
#
my $sort = "SELECT count(*) AS n FROM (SELECT region || id AS r FROM sales ORDER BY 1 OFFSET 0) AS s";
$node->safe_psql('postgres', "ALTER ROLE analyst SET work_mem = '64kB'; ALTER ROLE analyst SET temp_file_limit = '100kB'");
like(ask('analyst', $sort), qr/temporary file size exceeds "?temp_file_limit/, 'temp_file_limit of the role ends the query');
$node->safe_psql('postgres', "ALTER ROLE analyst SET temp_file_limit = '100MB'");
like(ask('analyst', $sort), qr/"n":50000/, 'the query runs where the limit allows it');
$node->safe_psql('postgres', "ALTER ROLE analyst SET work_mem = '64MB'; ALTER ROLE analyst SET temp_file_limit = '100kB'");
like(ask('analyst', $sort), qr/"n":50000/, 'and in the memory that work_mem gives');
$node->safe_psql('postgres', <<'SQL');
ALTER ROLE analyst RESET temp_file_limit;
ALTER ROLE analyst SET work_mem = '321kB';
CREATE FUNCTION limits() RETURNS text LANGUAGE sql STABLE AS
	$$SELECT current_setting('work_mem') || ' ' || current_setting('temp_file_limit') || ' ' || current_setting('transaction_read_only')$$;
SQL
like(ask('analyst', 'SELECT limits() AS l'), qr/"l":"321kB -1 on"/, 'in a query both are the role\'s, and it is read-only');

#
# Triggers and rules: each would write to "seen".
#
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE seen (what text);
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
	$$BEGIN INSERT INTO seen VALUES (tg_op); RETURN NULL; END$$;
CREATE TRIGGER each BEFORE INSERT OR UPDATE OR DELETE ON sales FOR EACH ROW EXECUTE FUNCTION tell();
CREATE TRIGGER whole BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON sales FOR EACH STATEMENT EXECUTE FUNCTION tell();
CREATE TRIGGER instead INSTEAD OF INSERT ON regions FOR EACH ROW EXECUTE FUNCTION tell();
CREATE RULE also AS ON DELETE TO others DO ALSO INSERT INTO seen VALUES ('rule');
CREATE RULE instead AS ON UPDATE TO regions DO INSTEAD INSERT INTO seen VALUES ('rule');
GRANT ALL ON sales, others, regions, seen TO analyst;
SQL
for my $sql ('SELECT count(*) AS n FROM sales', 'SELECT count(*) AS n FROM regions', 'DELETE FROM sales', "INSERT INTO regions VALUES ('a')",
	'DELETE FROM others', "UPDATE regions SET region = ''", 'WITH d AS (DELETE FROM sales RETURNING id) SELECT * FROM d',
	"WITH u AS (UPDATE regions SET region = '' RETURNING *) SELECT * FROM u", 'TRUNCATE sales')
{
	my $said = ask('postgres', $sql);
	if ($sql =~ /^SELECT/) { like($said, qr/"n":50000/, "answers: $sql") }
	else { like($said, qr/ERROR/, "refuses: $sql") }
}
is($node->safe_psql('postgres', 'SELECT count(*) FROM seen'), '0', 'no trigger and no rule was reached');

figure_all_passed('guard_fences');
$node->stop;
done_testing();
