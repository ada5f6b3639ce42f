# The fifty questions of doc/questions.md, with real columns: names, types, rows
# and their order are those of llm_answer, and of llm_rows with those columns.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Demo;
use Figure;
use Wire;

my $node = demo_node('questions');
my @questions = slurp_file('doc/questions.md') =~ /^\*\*(.+?)\*\*$/mg;

# Each form asks anew, in one session and over both protocols.
my $wire = Wire->new($node, 'demo');
$wire->query('SET ROLE analyst');
my ($same, $types, $lines) = (0, 0, 0);
for my $question (@questions)
{
	my $call = literal($question) . q{, '{"cache": false}'};
	$wire->query("CREATE TEMP TABLE answered AS SELECT columns, rows FROM llm_answer($call)");
	my $columns = decode_json($wire->query('SELECT columns FROM answered')->{rows}[0]);
	my $list = join ', ', map { name($_->{name}) . " $_->{type}" } @$columns;
	my $answered = $wire->query("SELECT t.* FROM answered, json_to_recordset(rows) AS t($list)");
	my $listed = $wire->query("SELECT * FROM llm_rows($call) AS t($list)");
	my $simple = $wire->query("SELECT * FROM llm_ask($call)");
	my $extended = $wire->run('', "SELECT * FROM llm_ask($call)");

	my @good = map { is($_->{error}, '', "$question: no error") && is($_->{columns}, $answered->{columns}, "$question: names and types")
		  && is_deeply($_->{rows}, $answered->{rows}, "$question: rows in their order") } $listed, $simple, $extended;
	$same++ unless grep { !$_ } @good;
	$lines += @{ $simple->{rows} };
	$wire->query('DROP TABLE answered');
	$types++ if $simple->{columns} =~ /:(?!25\b)\d/;
}
$wire->stop;
cmp_ok($lines, '>', 300, "$lines rows were compared");
cmp_ok($types, '>', 30, "$types answers have more than texts");
figure_at_least('real_columns_rows_as_answered', $same, 'of ' . scalar(@questions), 50);
$node->stop;
done_testing();

sub literal
{
	my ($text) = @_;
	$text =~ s/'/''/g;
	return "'$text'";
}

sub name
{
	my ($text) = @_;
	$text =~ s/"/""/g;
	return "\"$text\"";
}
