# What a person sees in psql: columns, one line for a doubt or for information,
# and nothing when all is well; the recipes of doc/psql.md, as they stand there.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('psql');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE SCHEMA reports;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE sales (sale_id int PRIMARY KEY, region_id int NOT NULL REFERENCES regions, revenue numeric NOT NULL);
INSERT INTO regions VALUES (1, 'West'), (2, 'O''Hare');
INSERT INTO sales VALUES (1, 1, 10), (2, 2, 30);
INSERT INTO analytics_llm.example (name, question, sql) VALUES
	('none', 'sales of nobody', 'SELECT sale_id FROM sales WHERE revenue < 0'),
	('worst', 'revenue of nobody', 'SELECT sum(revenue) AS revenue FROM sales WHERE revenue < 0');
ANALYZE;
SQL

# The blocks of the page: the file for .psqlrc, a cursor, a function.
my $page = slurp_file('doc/psql.md');
my @blocks = $page =~ /^```\w*\n(.*?)^```$/msg;
my ($file) = grep { /^\\set ask/m } @blocks;
my ($function) = grep { /^CREATE FUNCTION answer/ } @blocks;
my ($cursor) = grep { /^DECLARE c/m } @blocks;
ok($file && $function && $cursor, 'the page has its recipes');
# Runs commands after that file; what came, and what was said.
sub told
{
	my ($commands) = @_;
	my ($out, $err) = ('', '');
	$node->psql('postgres', "$file\n$commands\n", stdout => \$out, stderr => \$err, on_error_stop => 0);
	$err =~ s/^psql:\S+ //mg;
	return ($out, $err);
}

sub is_told
{
	my ($commands, $out, $err, $name) = @_;
	my ($got_out, $got_err) = told($commands);
	is($got_out, $out, "$name: rows");
	is($got_err, $err, "$name: said");
	return;
}

my $rows = "O'Hare|30\nWest|10";
is_told("\\set q 'revenue by region'\n:ask", $rows, '', 'all is well');
is_told("\\set q 'sales of nobody'\n:ask", '', 'NOTICE:  no row matched', 'information');
is_told("\\set q 'revenue of nobody'\n:ask", '', 'WARNING:  the answer may be wrong: the aggregate ran over no rows or no values; please review', 'a doubt');
is_told("\\set q 'how many sales for \"O''Hare\"'\n:ask", '1', '', 'quotes in a question');
is_told("\\set FETCH_COUNT 1\n\\set q 'revenue by region'\n:ask", $rows, '', 'in pieces');
is_told("SELECT * FROM llm_ask('revenue by region') \\gdesc", "region|text\nrevenue|numeric", '', 'described');
is_told("\\set q 'revenue by region'\n:run", $rows, '', 'run by hand');

my ($out, $err) = told("\\set q 'revenue by region'\n:sure\n:sql\n:why\n\\set v reports.by_region\n:freeze\nSELECT region FROM reports.by_region;\n:frozen\nSELECT llm_flush() AS flushed \\gset\n:asked\n:suggest");
is($err, '', 'each recipe runs');
like($out, qr/^status\|templated$/m, ':sure');
like($out, qr/^confidence_band\|high$/m, ':sure');
like($out, qr/^FROM sales/m, ':sql');
like($out, qr/^tiers\|1\|tier /m, ':why');
like($out, qr/^reports\|by_region\|revenue by region\|0\.95$/m, ':freeze and :frozen');
like($out, qr/^20\S+ \S+\|revenue by region\|templated\|semantic\|0\.95\|/m, ':asked');
like($out, qr/^how many/m, ':suggest');

# The cursors of the page; the month is another question here.
$cursor =~ s/revenue by month/revenue by region/;
$cursor =~ s/FETCH 20/FETCH 1/g;
is_told($cursor, $rows, '', 'page by page');
is_told("${function}BEGIN;\nSELECT answer('revenue by region');\nFETCH ALL FROM answer;\nCOMMIT;\nSELECT proname FROM pg_proc WHERE proname = 'answer';", "answer\n$rows\nanswer", '', 'a cursor of a function');

$node->stop;
done_testing();
