# Without preloading, CREATE EXTENSION works, and every function says what to
# do.  A definition can be written, so that a restore works there too.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('plain');
$node->init;
$node->start;

$node->safe_psql('postgres', 'CREATE EXTENSION analytics_llm');
pass('the extension is created without preloading');

my @calls = (
	"llm_ask('how many x')", "llm_answer('how many x')",
	"llm_sql('how many x')", "llm_check('SELECT 1')",
	"llm_suggest()", "llm_status()", "llm_flush()");
for my $call (@calls)
{
	my ($rc, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT $call");
	isnt($rc, 0, "$call is refused");
	like($err, qr/LLM06: analytics_llm is not loaded/, "$call: code and message");
	like($err, qr/shared_preload_libraries = 'analytics_llm'/, "$call: the line that is missing");
}

$node->safe_psql('postgres',
	"INSERT INTO analytics_llm.example (name, question, sql) VALUES ('one', 'what is one', 'SELECT 1 AS one')");
is( $node->safe_psql('postgres', "SELECT status FROM analytics_llm.example"),
	'unchecked', 'a definition is kept, unchecked');

$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'");
$node->restart;
is( $node->safe_psql('postgres', "SELECT llm_ask('what is one')"),
	'{"one":1}', 'preloaded, it answers');

# A setting that is out of range stops nobody from starting: the server says so.
$node->stop;
figure_all_passed('not_loaded');
done_testing();
