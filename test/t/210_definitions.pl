# What data engineers define: every session knows it at the next question, a
# model is told in the part of the prompt that stays the same, a query that
# ignores it is in doubt, and it survives a dump and a restore.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Tiers;

my $tiers = Tiers->new('definitions', "log_statement = none\nanalytics_llm.cache_ttl = '5min'\n");
my $node = $tiers->{node};
my $question = 'net revenue by region';

sub prompt
{
	my ($asked, $setup) = @_;
	my $text = $node->safe_psql('postgres',
		($setup || 'SELECT') . ";\nSELECT request FROM llm_prompt(" . Tiers::literal($asked) . ') WHERE tier = 1');
	$text =~ s/^\n+//;
	return decode_json($text);
}

# A session that has asked, and keeps its answers, hears of a definition.
my $other = $node->background_psql('postgres');
$other->query_safe(q{SET analytics_llm.request_timeout = '10s'});
my $ask = sub { return $other->query_safe("SELECT string_agg(r::text, ' ') FROM llm_ask('$question', '{\"tier\": 3}') AS r"); };
my $refused = $node->safe_psql('postgres', "SELECT error_code FROM llm_answer('$question', '{\"tier\": 3}')");
is($refused, 'LLM08', 'nobody knows the word');
$node->safe_psql('postgres', q{INSERT INTO analytics_llm.metric (name, expression, base, filter, unit)
	VALUES ('net revenue', 'sum(revenue) * 2', 'sales', 'sale_id <= 3', 'EUR')});
is($ask->(), '{"region":"North","net_revenue":7.50} {"region":"South","net_revenue":2.50} {"region":"West","net_revenue":5.00}', 'it is known at once');
is($ask->(), '{"region":"North","net_revenue":7.50} {"region":"South","net_revenue":2.50} {"region":"West","net_revenue":5.00}', 'and kept');
$node->safe_psql('postgres', q{UPDATE analytics_llm.metric SET expression = 'sum(revenue) * 4'});
is($ask->(), '{"region":"North","net_revenue":15.00} {"region":"South","net_revenue":5.00} {"region":"West","net_revenue":10.00}', 'a change ends what was kept');
$node->safe_psql('postgres', q{INSERT INTO analytics_llm.synonym (word, means) VALUES ('territory', 'regions'), ('turnover', 'net revenue'), ('the west', 'regions.name = ''West''')});
$question = 'turnover by territory';
like($ask->(), qr/"net_revenue":15.00/, 'a synonym too');
$node->safe_psql('postgres', 'ALTER TABLE sales RENAME COLUMN revenue TO amount');
is($node->safe_psql('postgres', 'SELECT status FROM analytics_llm.metric'), 'broken', 'after DDL it is broken');
my ($out, $err) = ('', '');
$out = $other->query_safe("SELECT coalesce(sql, split_part(message, E'\\n', 2)) FROM llm_answer('$question', '{\"tier\": 3}')");
is($out, 'Built-in rules: The definition of "turnover" is broken; its table says why.', 'and not used, in a session that knew it');
$node->safe_psql('postgres', 'ALTER TABLE sales RENAME COLUMN amount TO revenue');
like($ask->(), qr/"net_revenue":15.00/, 'it is whole again');

# DDL of who may not write definitions, and in a failed transaction.
$node->safe_psql('postgres', q{CREATE ROLE owner; GRANT CREATE ON SCHEMA public TO owner; ALTER TABLE sales OWNER TO owner;
	SET ROLE owner; ALTER TABLE sales RENAME COLUMN revenue TO amount});
is($node->safe_psql('postgres', 'SELECT status FROM analytics_llm.metric'), 'broken', 'after the DDL of a role that may not write it');
$node->safe_psql('postgres', 'ALTER TABLE sales RENAME COLUMN amount TO revenue');
$node->safe_psql('postgres', 'BEGIN; ALTER TABLE sales RENAME COLUMN revenue TO amount; ROLLBACK');
is($node->safe_psql('postgres', 'SELECT status FROM analytics_llm.metric'), 'ok', 'a DDL that was rolled back changes nothing');

# A row that somebody is writing does not hold up DDL.
my $writer = $node->background_psql('postgres');
$writer->query_safe(q{BEGIN; UPDATE analytics_llm.metric SET description = 'x'});
$node->safe_psql('postgres', q{SET statement_timeout = '60s'; ALTER TABLE sales RENAME COLUMN revenue TO amount});
pass('DDL does not wait for who writes a definition');
$writer->query_safe('ROLLBACK');
$writer->quit;
$node->safe_psql('postgres', 'ALTER TABLE sales RENAME COLUMN amount TO revenue');
$node->safe_psql('postgres', q{UPDATE analytics_llm.metric SET description = 'as booked'});

# A model is told, with the part that stays the same.
my $tree = prompt('how many regions');
my $told = $tree->{system}[1]{text};
like($told, qr/<definitions>\n- net revenue: .*sum\(sales\.revenue\).* over the rows of sales where \(sales\.sale_id &lt;= 3\), in EUR \(as booked\)\n- /, 'a metric is told');
like($told, qr/^- turnover: means net revenue$/m, 'a synonym is told');
like($told, qr/^- the west: means regions\.name = 'West'$/m, 'with its value');
is($tree->{system}[1]{cache_control}{type}, 'ephemeral', 'in what the provider keeps');
is(prompt('revenue by month')->{system}[1]{text}, $told, 'the same for every question');

# Too many to be told: those that the question names.
my $few = 'SET analytics_llm.prompt_schema_tokens = 300';
$node->safe_psql('postgres', q{INSERT INTO analytics_llm.synonym (word, means) SELECT 'word' || i, 'sales.revenue' FROM generate_series(1, 40) AS i});
$tree = prompt('turnover of word17', $few);
unlike(join('', map { $_->{text} } @{ $tree->{system} }[ 0, 1 ]), qr/word/, 'nothing in the part that stays');
is(join(' ', $tree->{system}[2]{text} =~ /^- (\S+): /mg), 'turnover word17', 'what is named, in the part that changes');
$node->safe_psql('postgres', q{DELETE FROM analytics_llm.synonym WHERE word LIKE 'word%'});

# What a role may not read is not told to its model.
$node->safe_psql('postgres', q{CREATE ROLE asker; GRANT SELECT (sale_id, region_id, sold_on) ON sales TO asker; GRANT SELECT ON regions TO asker;
	GRANT USAGE ON FOREIGN SERVER } . $node->safe_psql('postgres', q{SELECT quote_ident(srvname) FROM pg_foreign_server ORDER BY 1 LIMIT 1}) . q{ TO asker});
$told = join "\n", map { $_->{text} } @{ prompt('how many regions', 'SET ROLE asker')->{system} };
unlike($told, qr/net revenue:|turnover/, 'a metric over a closed column is not told');
like($told, qr/^- territory: means regions$/m, 'the rest is');

# A query that ignores a definition is in doubt.
sub heard
{
	my ($asked, $sql) = @_;
	$tiers->models($Tiers::PRIMARY => { sql => $sql });
	my $got = $tiers->ask($asked, options => '{"tier": 1, "verify": "off", "cache": false}');
	return "$got->{answer}{status} $got->{answer}{confidence_band}: " . join('; ', @{ $got->{answer}{warnings} || [] });
}
my $by = 'JOIN regions r USING (region_id) GROUP BY 1 ORDER BY 1';
my @queries = (
	[ 'net revenue by region please', "SELECT r.name, 4 * sum(revenue) FILTER (WHERE sale_id <= 3) AS net FROM sales $by", 'ok high: ' ],
	[ 'net revenue by region please', "SELECT name, 4 * sum(x) AS net FROM (SELECT r.name, s.revenue AS x FROM sales s JOIN regions r USING (region_id) WHERE s.sale_id <= 3) AS t GROUP BY 1", 'ok high: ' ],
	[ 'net revenue by region please', "SELECT r.name, sum(revenue) AS net FROM sales $by", 'ok medium: the query does not use the definition of "net revenue"' ],
	[ 'net revenue by region please', "SELECT r.name, max(revenue) AS net FROM sales $by", 'ok medium: the query does not use the definition of "net revenue"' ],
	[ 'revenue please', 'SELECT sum(revenue) AS revenue FROM sales', 'ok high: ' ],
	[ 'something about the west please', "SELECT count(*) AS n FROM regions WHERE name = 'West'", 'ok high: ' ],
	[ 'something about the west please', "SELECT count(*) AS n FROM regions WHERE name = 'East'", 'ok medium: the query does not use the definition of "the west"' ],
	[ 'something about each territory please', 'SELECT count(*) AS n FROM sales', 'ok medium: the query does not use the definition of "territory"' ],
);
is(heard($_->[0], $_->[1]), $_->[2], "$_->[0]: $_->[1]") for @queries;
$tiers->models($Tiers::PRIMARY => { sql => "SELECT r.name, sum(revenue) AS net FROM sales $by" });
($out, $err) = $tiers->rows('net revenue by region at once', setup => "SET analytics_llm.on_doubt = 'error'", options => '{"tier": 1, "verify": "off"}');
like($err, qr/LLM04/, 'such a doubt is an error where doubts are');

# A dump and a restore keep them; there they are checked at the next use.
$tiers->models($Tiers::PRIMARY => []);
$node->command_ok([ 'pg_dump', '-Fc', '-f', $node->basedir . '/dump', '-d', $node->connstr('postgres') ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE copy');
my ($stdout, $stderr) = run_command([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('copy'), $node->basedir . '/dump' ]);
is($stderr, '', 'pg_restore says nothing');
is($node->safe_psql('copy', "SELECT string_agg(word || ' ' || means, ', ' ORDER BY word) FROM analytics_llm.synonym"),
	"territory regions, the west regions.name = 'West', turnover net revenue", 'synonyms are there');
is($node->safe_psql('copy', 'SELECT name, base, defined_by = current_user, search_path FROM analytics_llm.metric'),
	'net revenue|sales|t|"$user", public', 'metrics too');
like($node->safe_psql('copy', q{SELECT llm_ask('turnover by territory', '{"tier": 3}')}), qr/"net_revenue":15.00/, 'and are used');
$node->safe_psql('copy', 'ALTER TABLE sales RENAME COLUMN revenue TO amount');
is($node->safe_psql('copy', 'SELECT status FROM analytics_llm.metric'), 'broken', 'and checked after DDL');
$node->safe_psql('copy', 'DROP EXTENSION analytics_llm CASCADE');
pass('the extension can be dropped');

$other->quit;
$tiers->stop;
done_testing();
