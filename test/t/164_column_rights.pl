# Rights, form by form: a role without EXECUTE on llm_ask gets nothing of an
# answer, by whatever statement; and a view that one role has frozen shows
# another what that one may read, and nothing else.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('rights');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\nlog_statement = none\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE ROLE shut;
CREATE ROLE maker;
CREATE SCHEMA reports;
GRANT ALL ON SCHEMA reports TO maker, shut;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE sales (sale_id int PRIMARY KEY, region_id int NOT NULL REFERENCES regions, revenue numeric NOT NULL, owner text NOT NULL);
INSERT INTO regions VALUES (1, 'West'), (2, 'East');
INSERT INTO sales SELECT i, 1 + i % 2, 1000 + i, CASE WHEN i % 3 = 0 THEN 'maker' ELSE 'reader1' END FROM generate_series(1, 30) AS i;
GRANT SELECT ON regions, sales TO shut, maker;
REVOKE EXECUTE ON FUNCTION llm_ask(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_ask(text, jsonb) TO maker;
ANALYZE;
SQL
my $call = "SELECT * FROM llm_ask('revenue by region')";

# Each as the role, in a session that has asked the same with the right to.
my @forms = (
	$call, "$call LIMIT 1", "SELECT llm_ask('revenue by region')", "SELECT * FROM llm_ask('revenue by region') AS t (e)",
	"EXPLAIN $call", "EXPLAIN (VERBOSE) $call", "EXPLAIN ANALYZE $call", "EXPLAIN EXECUTE p", 'EXECUTE p',
	"PREPARE q AS $call; EXECUTE q", "BEGIN; DECLARE c CURSOR FOR $call; FETCH ALL FROM c", "BEGIN; DECLARE c SCROLL CURSOR FOR $call; FETCH LAST FROM c",
	"BEGIN; DECLARE c CURSOR WITH HOLD FOR $call; COMMIT; FETCH ALL FROM c", "COPY ($call) TO STDOUT", "CREATE TABLE reports.t AS $call; TABLE reports.t",
	"CREATE TABLE reports.t AS EXECUTE p; TABLE reports.t", "SELECT * INTO reports.t FROM llm_ask('revenue by region')",
	"CREATE VIEW reports.v AS $call; TABLE reports.v", "CREATE MATERIALIZED VIEW reports.m AS $call; TABLE reports.m",
	"CREATE VIEW reports.w AS SELECT e FROM llm_ask('revenue by region') AS t (e); TABLE reports.w",
	"SELECT llm_create_view('reports.v', 'revenue by region'); TABLE reports.v", "$call \\gdesc",
	"DO \$\$ DECLARE r record; BEGIN FOR r IN $call LOOP RAISE NOTICE '%', r; END LOOP; END \$\$",
	"DO \$\$ DECLARE r record; BEGIN EXECUTE '" . ($call =~ s/'/''/gr) . "' INTO r; RAISE NOTICE '%', r; END \$\$",
	"CREATE FUNCTION reports.f() RETURNS TABLE (r text, v numeric) LANGUAGE plpgsql AS \$\$ BEGIN RETURN QUERY $call; END \$\$; SELECT * FROM reports.f()",
	"CREATE FUNCTION reports.g() RETURNS SETOF json LANGUAGE sql AS \$\$ $call \$\$; SELECT * FROM reports.g()",
	"CREATE FUNCTION reports.h() RETURNS SETOF json LANGUAGE sql BEGIN ATOMIC $call; END; SELECT * FROM reports.h()",
	"SELECT query_to_xml('" . ($call =~ s/'/''/gr) . "', true, false, '')", "SELECT * FROM (SELECT * FROM llm_ask('revenue by region')) AS s",
	"WITH w AS ($call) SELECT * FROM w", "INSERT INTO reports.kept $call", "VALUES ((SELECT count(*) FROM llm_ask('revenue by region')))");
my $open = 0;
for my $form (@forms)
{
	my ($out, $err) = ('', '');
	$node->psql('postgres', <<"SQL", stdout => \$out, stderr => \$err, on_error_stop => 0);
CREATE TEMP TABLE none ();
PREPARE p AS $call;
EXECUTE p \\g /dev/null
CREATE TABLE reports.kept (e json); GRANT ALL ON reports.kept TO shut;
SET ROLE shut;
$form;
ROLLBACK;
RESET ROLE;
TABLE reports.kept;
SET client_min_messages = warning;
DROP SCHEMA reports CASCADE;
CREATE SCHEMA reports;
GRANT ALL ON SCHEMA reports TO maker, shut;
SQL
	my $seen = ($out . $err) =~ /1[56]\d\d\d|\d\.5|revenue\|numeric|Scan on/;
	like($err, qr/permission denied for function llm_ask/, "refused: $form");
	ok(!$seen, "and nothing of the answer is seen");
	$open++ if $seen;
}
# What is looked for is there for a role that may.
my $shown = $node->safe_psql('postgres', "SET ROLE maker; $call");
like($shown, qr/1[56]\d\d\d/, 'a role with the right sees it');
figure_at_most('forms_open_to_a_role_without_execute', $open, 'of ' . @forms . ' statements', 0);

# A frozen view, and readers with more and less rights.
$node->safe_psql('postgres', <<'SQL');
ALTER TABLE sales ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sales USING (owner = CURRENT_USER);
CREATE ROLE reader1;
CREATE ROLE reader2;
CREATE ROLE reader3;
CREATE ROLE reader4 BYPASSRLS;
GRANT USAGE ON SCHEMA reports TO PUBLIC;
GRANT SELECT ON sales, regions TO reader1, reader2, reader4;
GRANT SELECT (sale_id, region_id) ON sales TO reader3;
SET ROLE maker;
SELECT llm_create_view('reports.' || replace(q, ' ', '_'), q) FROM unnest(ARRAY['revenue by region', 'how many sales', 'number of sales by owner']) AS q;
GRANT SELECT ON ALL TABLES IN SCHEMA reports TO PUBLIC;
SQL
my ($wrong, $looks) = (0, 0);
for my $role ('reader1', 'reader2', 'reader3', 'reader4', 'maker')
{
	for my $view ('revenue_by_region', 'how_many_sales', 'number_of_sales_by_owner')
	{
		my ($sql) = $node->safe_psql('postgres', "SELECT pg_get_viewdef('reports.$view')");
		my ($through, $direct, $err) = ('', '', '');
		$node->psql('postgres', "SET ROLE $role; TABLE reports.$view", stdout => \$through, stderr => \$err, on_error_stop => 0);
		$node->psql('postgres', "SET ROLE $role; $sql", stdout => \$direct, stderr => \$err, on_error_stop => 0);
		is($through, $direct, "$role sees of $view what it sees without it");
		$wrong++ if $through ne $direct;
		$looks++;
	}
}
is($node->safe_psql('postgres', 'SET ROLE reader1; TABLE reports.how_many_sales'), '20', 'its own rows');
is($node->safe_psql('postgres', 'SET ROLE reader2; TABLE reports.how_many_sales'), '0', 'which are none of another');
is($node->safe_psql('postgres', 'SET ROLE maker; TABLE reports.how_many_sales'), '10', 'those of the maker');
figure_at_most('frozen_views_that_show_more', $wrong, "of $looks looks of other roles", 0);

$node->stop;
done_testing();
