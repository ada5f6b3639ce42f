# On a hot standby the rules and the verified examples answer as on the
# primary, and follow what is replayed: rows, grants, examples, keys.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
autovacuum = off
CONF
$primary->start;
$primary->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE ROLE reader;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE sales (sale_id int PRIMARY KEY, region_id int NOT NULL REFERENCES regions,
	revenue numeric NOT NULL, margin numeric NOT NULL);
INSERT INTO regions VALUES (1, 'West'), (2, 'East');
INSERT INTO sales VALUES (1, 1, 10, 1), (2, 2, 30, 2);
GRANT SELECT (sale_id, region_id, revenue) ON sales TO reader;
GRANT SELECT ON regions TO reader;
INSERT INTO analytics_llm.example (name, question, sql)
VALUES ('churn', 'churn by cohort', 'SELECT 1 AS churn');
ANALYZE;
SQL
$primary->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'copy', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby);

# The rows, or the error code.
sub told
{
	my ($node, $question) = @_;

	return $node->safe_psql('postgres', "SET ROLE reader;
		SELECT coalesce(rows::text, error_code) FROM llm_answer('$question')");
}

my @questions = (
	'revenue by region', 'revenue in West', 'how many sales', 'churn by cohort',
	'total margin', 'growth by cohort');
is(told($standby, $_), told($primary, $_), "the standby answers alike: $_") for @questions;
is(told($standby, 'revenue in West'), '[{"revenue":10}]', 'a value is looked up');
is(told($standby, 'churn by cohort'), '[{"churn":1}]', 'an example is found');
is(told($standby, 'total margin'), 'LLM08', 'what may not be read is not there');

$primary->safe_psql('postgres', <<'SQL');
GRANT SELECT (margin) ON sales TO reader;
UPDATE analytics_llm.example SET sql = 'SELECT 2 AS churn';
INSERT INTO sales VALUES (3, 1, 5, 5);
SQL
$primary->wait_for_catchup($standby);
is(told($standby, 'total margin'), '[{"margin":8}]', 'a grant is followed');
is(told($standby, 'churn by cohort'), '[{"churn":2}]', 'an example is followed');

$primary->safe_psql('postgres', 'DROP EXTENSION analytics_llm; DROP TABLE sales');
$primary->wait_for_catchup($standby);
isnt($standby->psql('postgres', "SELECT llm_ask('churn by cohort')"), 0, 'nothing is left');

$standby->stop;
$primary->stop;
done_testing();
