# Real clients, each with its protocols, in a plain session, in READ ONLY
# transactions, on a hot standby and behind PgBouncer: what comes back of each
# form of asking, beside what the same client gets from the query itself.
#
# The table is written from what came, and compared with expected/clients.md and
# with the one in doc/bi.md.  PgBouncer resets each server connection after every
# transaction here: what is lost by luck elsewhere is lost for certain.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Clients;
use Figure;
use Pooler;
use Tiers;

# A question that only the model understands, with values of four types.
my $question = 'how are the regions doing';
my $sql = 'SELECT r.name AS region, count(*) AS sales, sum(s.revenue) AS revenue, max(s.sold_on) AS last_sale'
  . ' FROM sales s JOIN regions r USING (region_id) GROUP BY r.name ORDER BY r.name';
my $columns = 'region text, sales bigint, revenue numeric, last_sale date';

# The forms of asking: heading, statement, and whether its text is run after it.
my @forms = (
	[ '`SELECT llm_ask(?)`', 'SELECT llm_ask({q})' ],
	[ "`SELECT * FROM llm_ask('…')`", 'SELECT * FROM llm_ask(' . Tiers::literal($question) . ')' ],
	[ '`SELECT * FROM llm_ask(?)`', 'SELECT * FROM llm_ask({q})' ],
	[ '`llm_answer(?)`', 'SELECT status, rows FROM llm_answer({q})' ],
	[ '`llm_rows(?)`', "SELECT * FROM llm_rows({q}) AS t($columns)" ],
	[ '`llm_ask_as(…, ?)`', 'SELECT * FROM llm_ask_as(NULL::region_sales, {q})' ],
	[ '`llm_sql(?)`', 'SELECT llm_sql({q})', 1 ],
	[ 'frozen view', 'SELECT * FROM sales_by_region' ]);

my $tiers = Tiers->new('primary', "listen_addresses = '127.0.0.1'\nanalytics_llm.model_calls = always\n");
my $node = $tiers->{node};
$node->safe_psql('postgres', <<"SQL");
CREATE ROLE analyst LOGIN;
GRANT USAGE ON FOREIGN SERVER anthropic TO analyst;
GRANT SELECT ON sales, regions TO analyst;
CREATE TYPE region_sales AS ($columns);
SQL
$tiers->models($Tiers::PRIMARY => { sql => $sql });
$node->safe_psql('postgres', "SELECT llm_create_view('sales_by_region', " . Tiers::literal($question) . ");
	GRANT SELECT ON sales_by_region TO analyst");
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;

my $pooler = Pooler->new($node, [ 'analyst' ], 'server_reset_query_always = 1');
my @places = (
	[ 'Plain session', 'plain', $node->port ],
	[ 'READ ONLY transaction', 'read_only', $node->port ],
	[ 'Hot standby', 'standby', $standby->port ],
	[ 'PgBouncer, transaction mode', 'pgbouncer', $pooler->port ]);
Clients::prepare();

# The table.
my ($table, $answered, $cells, @wrong) = ('', 0, 0);
for my $where (@places)
{
	my ($title, $place, $port) = @$where;
	$table .= "### $title\n\n| client | how it sends | " . join(' | ', map { $_->[0] } @forms) . " |\n" . '|---' x (2 + @forms) . "|\n";
	for my $who (@Clients::CLIENTS)
	{
		my ($client, $name, $protocol) = @$who;
		my ($direct, @got) = Clients::ask($client, $protocol, $place, $port,
			map { { argument => $question, then => $_->[2] // 0, sql => $_->[1] } } [ '', $sql ], @forms);
		my @verdicts = map { verdict($direct, $_) } @got;
		$table .= "| $client | $name | " . join(' | ', @verdicts) . " |\n";
		for my $i (grep { $verdicts[$_] =~ /^wrong/ } 0 .. $#forms)
		{
			push @wrong, "$title, $client, $name, $forms[$i][0]: " . encode_json([ $direct, $got[$i] ]);
		}
		$cells += @verdicts;
		$answered += grep { /^works/ } @verdicts;
	}
	$table .= "\n";
}
$table =~ s/\n\n\z/\n/;
is(join("\n", @wrong), '', 'what comes back is what the query gives, or an error');
append_to_file("$PostgreSQL::Test::Utils::log_path/clients.md", $table);
is($table, slurp_file("$FindBin::Bin/expected/clients.md"), 'the table is the expected one')
  or diag "the table of this run is $PostgreSQL::Test::Utils::log_path/clients.md\n$table";
my ($shown) = slurp_file("$FindBin::Bin/../../doc/bi.md") =~ /<!-- test\/clients\/expected\/clients.md -->\n(.*?)<!-- end -->/s;
is($shown, $table, 'and the one that doc/bi.md shows');
figure_at_most('client_cells_wrong', scalar @wrong, 'cells', 0);
figure_at_least('client_cells_that_answer', $answered, "of $cells", 0.9 * $cells);

$pooler->stop;
$standby->stop;
$tiers->stop;
figure_all_passed('clients');
done_testing();

# What a cell says: of what came back, and nothing else.
sub verdict
{
	my ($direct, $got) = @_;
	if ($got->{error})
	{
		# Names that the client makes up are no reason.
		return 'cannot: ' . $got->{error} =~ s/ "[^"]*"//gr;
	}
	return 'wrong' if $direct->{error};
	return 'works' if same($direct->{columns}, $got->{columns}) && same($direct->{rows}, $got->{rows});
	return 'works as JSON' if same_as_json($direct, $got);
	return 'wrong';
}

sub same
{
	my ($one, $other) = @_;
	my $json = JSON::PP->new->canonical;
	return $json->encode($one) eq $json->encode($other);
}

# Are the rows those of the query, one JSON object each, or an array of them?
sub same_as_json
{
	my ($direct, $got) = @_;
	my @names = map { $_->[0] } @{ $direct->{columns} };
	my @objects = eval { map { my $value = decode_json($_->[-1]); ref $value eq 'ARRAY' ? @$value : $value } @{ $got->{rows} } };
	return 0 if @objects != @{ $direct->{rows} };
	for my $i (0 .. $#objects)
	{
		return 0 if ref $objects[$i] ne 'HASH' || !same([ sort keys %{ $objects[$i] } ], [ sort @names ]);
		for my $c (0 .. $#names)
		{
			my ($value, $wanted) = ($objects[$i]{ $names[$c] }, $direct->{rows}[$i][$c]);
			return 0 if $wanted =~ /^[\d.]+$/ ? $value != $wanted : $value ne $wanted;
		}
	}
	return 1;
}
