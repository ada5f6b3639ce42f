# A deep or long text gives an error or an answer, never a crash, through
# every function that takes SQL or a question.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('deep');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION analytics_llm');

# Each shape as an SQL expression of a repeat count.
my %shapes = (
	'terms'      => "'SELECT 1' || repeat('+1', %d)",
	'casts'      => "'SELECT 1' || repeat('::int', %d)",
	'parens'     => "'SELECT ' || repeat('(', %d) || '1' || repeat(')', %d)",
	'open'       => "'SELECT ' || repeat('(', %d)",
	'nots'       => "'SELECT ' || repeat('not ', %d) || 'true'",
	'minuses'    => "'SELECT ' || repeat('- ', %d) || '1'",
	'subselects' => "repeat('SELECT (', %d) || '1' || repeat(')', %d)",
	'from'       => "repeat('SELECT * FROM (', %d) || 'SELECT 1' || repeat(') AS q', %d)",
	'unions'     => "'SELECT 1' || repeat(' UNION SELECT 1', %d)",
	'cases'      => "'SELECT ' || repeat('CASE WHEN true THEN ', %d) || '1' || repeat(' END', %d)",
	'arrays'     => "'SELECT ' || repeat('ARRAY[', %d) || '1' || repeat(']', %d)",
	'concats'    => "'SELECT ''a''' || repeat('||''a''', %d)",
	'ands'       => "'SELECT true' || repeat(' AND true', %d)",
	'ors'        => "'SELECT true' || repeat(' OR true', %d)",
	'calls'      => "'SELECT ' || repeat('abs(', %d) || '1' || repeat(')', %d)",
	'joins'      => "'SELECT 1 FROM pg_class' || repeat(' JOIN pg_class USING (oid)', %d)",
	'subscripts' => "'SELECT a' || repeat('[1]', %d)",
	'fields'     => "'SELECT a' || repeat('.a', %d)",
	'comments'   => "repeat('/*', %d)",
	'ctes'       => "repeat('WITH a AS (', %d) || 'SELECT 1' || repeat(') SELECT 1', %d)",
	'collates'   => "'SELECT ''a''' || repeat(' COLLATE \"C\"', %d)",
	'isnulls'    => "'SELECT 1' || repeat(' IS NULL', %d)",
	'quotes'     => "repeat('''', %d)",
	'dollars'    => "repeat('\$a\$', %d)");

my $survived = 0;
my $counts = '10, 1000, 5000, 8000, 30000, 1000000';
for my $shape (sort keys %shapes)
{
	for my $n (split /, /, $counts)
	{
		my $text = $shapes{$shape};
		$text =~ s/%d/$n/g;
		my ($rc, $out, $err) = $node->psql('postgres', <<SQL, on_error_stop => 0);
SET client_min_messages = error;
SELECT count(*) FROM llm_check($text);
SELECT count(*) FROM llm_answer($text);
SELECT llm_ask($text);
SELECT llm_sql($text);
INSERT INTO analytics_llm.example (name, question, sql) VALUES ('$shape $n', 'deep $shape $n', $text);
SELECT count(*) FROM llm_answer('deep $shape $n');
SELECT 'alive';
SQL
		like($out, qr/alive/, "$shape x $n") or diag $err;
		$survived++ if $out =~ /alive/;
	}
}
my $tried = keys(%shapes) * split /, /, $counts;
my $crashes = () = slurp_file($node->logfile) =~ /terminated by signal|PANIC/g;
figure_at_least('deep_texts_survived', $survived, 'texts', $tried);
figure_at_most('deep_text_crashes', $crashes, 'processes', 0);

$node->stop;
done_testing();
