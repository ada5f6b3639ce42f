# The fifty questions of doc/questions.md, for the role that may read the demo's
# four tables: what the built-in rules give is what the query below each gives.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Demo;
use Figure;

my $node = demo_node('questions');

my $text = slurp_file('doc/questions.md');
my @asked;
push @asked, [ $1, $2 ] while $text =~ /^\*\*(.+?)\*\*\n\n```sql\n(.+?)\n```$/msg;
is(scalar(() = $text =~ /^\*\*/mg), scalar @asked, 'each question has its query');
cmp_ok(scalar(() = $text =~ /^## /mg), '>=', 10, 'of many kinds');

my $right = 0;
for (@asked)
{
	my ($question, $sql) = @$_;
	my $literal = $question =~ s/'/''/gr;
	my $answer = decode_json($node->safe_psql('demo',
		"SET ROLE analyst; SELECT row_to_json(a) FROM llm_answer('$literal', '{\"cache\": false}') AS a"));
	my @got = map { demo_row(values %$_) } @{ $answer->{rows} || [] };
	my @wanted = demo_lines($node, $sql);
	my $ordered = $sql =~ /ORDER BY [^()]*$/;
	my $same = join("\n", $ordered ? @got : sort @got) eq join("\n", $ordered ? @wanted : sort @wanted);
	my $good = is($answer->{model}, 'semantic', "$question: understood") && ok($same, "$question: right")
	  && ok(length($answer->{interpretation} || ''), "$question: it says what was understood");
	$right++ if $good;
	diag(join "\n", $answer->{message} || '', $answer->{sql} || '', @got[ 0 .. ($#got < 4 ? $#got : 4) ], '--', @wanted[ 0 .. ($#wanted < 4 ? $#wanted : 4) ])
	  unless $good;
}
figure_at_least('demo_questions_right', $right, 'of ' . scalar(@asked), 50);
done_testing();
