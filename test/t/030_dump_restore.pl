# A dump and restore keeps what a person wrote, twice over; DROP EXTENSION and
# a second database are nothing special.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('dump');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE source');
$node->safe_psql('source', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE TABLE parts (part_id int PRIMARY KEY, weight int NOT NULL);
INSERT INTO parts SELECT i, i FROM generate_series(1, 10) AS i;
INSERT INTO analytics_llm.example (name, question, sql)
VALUES ('heavy', 'how many heavy parts', 'SELECT count(*) AS heavy FROM parts WHERE weight > 5');
UPDATE analytics_llm.example SET enabled = true WHERE name = 'heavy';
SQL
is($node->safe_psql('source', "SELECT llm_ask('how many heavy parts')"), '{"heavy":5}', 'before');

my $from = 'source';
for my $round (1, 2)
{
	my $to = "copy$round";
	my $file = $node->basedir . "/dump$round";
	$node->command_ok([ 'pg_dump', '-Fc', '-f', $file, '-d', $node->connstr($from) ],
		"round $round: pg_dump");
	$node->safe_psql('postgres', "CREATE DATABASE $to");
	my ($stdout, $stderr) = run_command(
		[ 'pg_restore', '--exit-on-error', '-d', $node->connstr($to), $file ]);
	is($stderr, '', "round $round: pg_restore says nothing");
	is( $node->safe_psql($to, 'SELECT name, question, enabled FROM analytics_llm.example'),
		'heavy|how many heavy parts|t', "round $round: the definition is there");
	# A restore has no search path, so it cannot tell, and must not say that
	# the definition is broken.
	is( $node->safe_psql($to, 'SELECT status, problem FROM analytics_llm.example'),
		'unchecked|', "round $round: the definition is not called broken");
	is($node->safe_psql($to, "SELECT llm_ask('how many heavy parts')"),
		'{"heavy":5}', "round $round: and answers");
	$from = $to;
}

# Two databases at once: each has its own records.
$node->safe_psql($_, 'SELECT llm_flush()') for qw(source copy1);
$node->safe_psql('copy1', "SELECT llm_ask('how many parts'), llm_flush()");
is( $node->safe_psql('copy1', "SELECT DISTINCT database FROM analytics_llm.request WHERE question = 'how many parts'"),
	'copy1', 'a record is written in the database of its question');
is( $node->safe_psql('source', "SELECT count(*) FROM analytics_llm.request WHERE question = 'how many parts'"),
	'0', 'and not in another');

# DROP EXTENSION leaves nothing, and can be undone.
$node->safe_psql('copy1', 'DROP EXTENSION analytics_llm; CREATE EXTENSION analytics_llm;');
is($node->safe_psql('copy1', 'SELECT count(*) FROM analytics_llm.example'), '0', 'dropped and made again');
$node->safe_psql('copy1', 'DROP EXTENSION analytics_llm');
is( $node->safe_psql('copy1', "SELECT count(*) FROM pg_namespace WHERE nspname = 'analytics_llm'"),
	'0', 'the schema goes with it');

# In a schema of the DBA's choice.
$node->safe_psql('copy1', 'CREATE SCHEMA tools; CREATE EXTENSION analytics_llm SCHEMA tools');
is($node->safe_psql('copy1', "SELECT tools.llm_ask('how many parts')"), '{"number_of_parts":10}', 'another schema');

# A restart.
$node->restart;
is($node->safe_psql('source', "SELECT llm_ask('how many heavy parts')"), '{"heavy":5}', 'after a restart');

$node->stop;
figure_all_passed('dump_and_restore');
done_testing();
