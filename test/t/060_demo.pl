# The demo's questions answer as hand-written SQL does, for the role that may
# read its four tables.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('demo');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
fsync = off
CONF
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE demo');
$node->command_ok(
	[
		'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('demo'),
		'-f', 'demo/data.sql'
	],
	'the data are loaded');
$node->safe_psql('demo', 'CREATE EXTENSION analytics_llm');

# Each question with the query that an analyst writes; rows are compared in
# order where the question asks for one.
my @asked = (
	[
		'revenue by region', <<'SQL', 0 ],
SELECT r.name, sum(s.revenue) FROM sales s JOIN regions r USING (region_id) GROUP BY r.name
SQL
	[
		'top 3 products by revenue', <<'SQL', 1 ],
SELECT p.name, sum(s.revenue) FROM sales s JOIN products p USING (product_id)
 GROUP BY p.name ORDER BY 2 DESC LIMIT 3
SQL
	[
		'how many customers', <<'SQL', 0 ],
SELECT count(*) FROM customers
SQL
	[
		'revenue by month in 2024', <<'SQL', 1 ],
SELECT date_trunc('month', sold_on)::date, sum(revenue) FROM sales
 WHERE sold_on BETWEEN '2024-01-01' AND '2024-12-31' GROUP BY 1 ORDER BY 1
SQL
	[
		'revenue in West', <<'SQL', 0 ],
SELECT sum(s.revenue) FROM sales s, regions r WHERE s.region_id = r.region_id AND r.name = 'West'
SQL
	[
		'number of sales by category', <<'SQL', 0 ],
SELECT p.category, count(*) FROM sales s JOIN products p ON s.product_id = p.product_id GROUP BY p.category
SQL
	[
		'average revenue by segment', <<'SQL', 0 ],
SELECT c.segment, avg(s.revenue) FROM sales s JOIN customers c USING (customer_id) GROUP BY c.segment
SQL
	[
		'revenue by quarter since 2024', <<'SQL', 1 ],
SELECT date_trunc('quarter', sold_on)::date, sum(revenue) FROM sales
 WHERE sold_on >= '2024-01-01' GROUP BY 1 ORDER BY 1
SQL
);

my $right = 0;
for my $case (@asked)
{
	my ($question, $sql, $ordered) = @$case;
	my $rows = decode_json($node->safe_psql('demo',
		"SET ROLE analyst; SELECT coalesce(json_agg(q), '[]') FROM (SELECT llm_ask('$question') AS q) AS a"));
	my @got = map { join '|', sort map { value($_) } values %$_ } @$rows;
	my @wanted = map { join '|', sort map { value($_) } split /\|/, $_ }
	  split /\n/, $node->safe_psql('demo', $sql);
	unless ($ordered)
	{
		@got = sort @got;
		@wanted = sort @wanted;
	}
	my $same = "@got" eq "@wanted" && @got > 0;
	ok($same, $question) or diag "got: @got\nwanted: @wanted";
	$right++ if $same;
}
figure_at_least('demo_questions_right', $right, 'questions', scalar @asked);

# A number with as many digits as both ways to print it have.
sub value
{
	my ($v) = @_;
	return $v =~ /^-?\d+(\.\d+)?$/ ? sprintf('%.6f', $v) : $v;
}

my ($rc, $out, $err) = $node->psql('demo', "SET ROLE analyst;\nSELECT llm_ask('churn by cohort');");
like($err, qr/did not understand "churn", "cohort"/, 'what is not understood is refused with its words');
like($err, qr/HINT:  Questions that work here: "/, 'and with questions that work');

# What is suggested can be answered.
my @suggested = split /\n/, $node->safe_psql('demo', 'SET ROLE analyst; SELECT llm_suggest(20)');
cmp_ok(scalar @suggested, '>=', 10, 'there are suggestions');
for my $question (@suggested)
{
	(my $literal = $question) =~ s/'/''/g;
	is( $node->safe_psql('demo', "SET ROLE analyst; SELECT status FROM llm_answer('$literal', '{\"cache\": false}')"),
		'templated', "suggested: $question");
}

$node->stop;
done_testing();
