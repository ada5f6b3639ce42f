# The twelve dialogues of doc/conversations.md, of three turns each, for the role
# that may read the demo's four tables: what a turn gives is what the query
# below it gives.  Each dialogue is held over several connections, as a pooler
# would have it.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Demo;
use Figure;

my $TURNS = 3;

my $node = demo_node('dialogues');

# Asks one turn, in a session of its own.
sub ask
{
	my ($question, $conversation) = @_;
	my $literal = $question =~ s/'/''/gr;
	return decode_json($node->safe_psql('demo',
		"SET ROLE analyst; SELECT row_to_json(a) FROM llm_answer('$literal', '{\"conversation\": \"$conversation\"}') AS a"));
}

my ($text) = slurp_file('doc/conversations.md') =~ /^## Twelve dialogues\n(.+)/ms;
my @dialogues = grep { /\*\*/ } split /^### \d+\n/m, $text;
my $right = 0;
for my $n (1 .. @dialogues)
{
	my @turns;
	push @turns, [ $1, $2 ] while $dialogues[ $n - 1 ] =~ /^\*\*(.+?)\*\*\n\n```sql\n(.+?)\n```$/msg;
	is(scalar @turns, $TURNS, "dialogue $n has $TURNS turns");
	my $good = @turns == $TURNS;
	for (@turns)
	{
		my ($question, $sql) = @$_;
		my $answer = ask($question, sprintf('00000000-0000-4000-8000-%012d', $n));
		my @got = map { demo_row(values %$_) } @{ $answer->{rows} || [] };
		my @wanted = demo_lines($node, $sql);
		my $ordered = $sql =~ /ORDER BY [^()]*$/;
		my $same = @wanted && join("\n", $ordered ? @got : sort @got) eq join("\n", $ordered ? @wanted : sort @wanted);
		my $turn = is($answer->{model}, 'semantic', "$n: $question: understood") && ok($same, "$n: $question: right");
		diag(join "\n", $answer->{interpretation} || $answer->{message} || '', $answer->{sql} || '',
			@got[ 0 .. ($#got < 4 ? $#got : 4) ], '--', @wanted[ 0 .. ($#wanted < 4 ? $#wanted : 4) ])
		  unless $turn;
		$good &&= $turn;
	}
	$right++ if $good;
}
figure_at_least('dialogues_right', $right, 'dialogues', 12);
done_testing();
