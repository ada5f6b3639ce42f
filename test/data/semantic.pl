# The deterministic tier over questions that nobody on this project wrote, with
# no model and no definition: what it answers is right, or it says why it does
# not answer.
#
# An answer is right when its rows are those of the given query as a multiset,
# under some choice and order of the answer's columns.  Some of the given
# queries are wrong: gold_disputes lists those that were looked at, with the
# reason, and they are counted apart.  All disagreements go to
# tmp_check/disagreements, to be looked at.
#
# Each figure is held against what was reached; a change that loses more than
# a little is seen here.
use strict;
use warnings;

use FindBin;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Material;

my $data = $ENV{ALLM_DATA};
my $node = material_node('semantic', "timezone = 'UTC'\nautovacuum = off\n");
my $json = JSON::PP->new->allow_nonref;

# What each set has to reach, in percent of all questions but the last two:
# right, wrong, disputed, unanswerable ones that were answered.
my %sets = (
	geoquery => { files => ['geoquery/questions.jsonl'], right => 58, wrong => 4.5 },
	spider => { files => ['spider/questions.jsonl'], right => 33, wrong => 1.5 },
	synonyms => { set => 'spider', files => ['spider/syn.jsonl'], right => 8, wrong => 1.5 },
	defog => { files => ['defog/questions.jsonl'], right => 1, wrong => 1 });
use constant MAX_DISPUTED => 3;

my %disputed = read_disputes();
my %loaded;

sub read_disputes
{
	my %rows;
	open my $file, '<', "$FindBin::RealBin/gold_disputes" or die "cannot read gold_disputes: $!";
	while (my $line = <$file>)
	{
		$rows{$1} = $2 if $line =~ /^([a-z]\S+) (.+)$/;
	}
	close $file;
	return %rows;
}

# A value as it is compared: numbers by six digits, all else as text.
sub plain
{
	my ($value) = @_;

	return 'null' unless defined $value;
	return $value ? 'true' : 'false' if JSON::PP::is_bool($value);
	return $json->encode($value) if ref $value;
	return sprintf '%.6g', $value if $value =~ /^\s*[-+]?\d+(\.\d*)?(e[-+]?\d+)?\s*$/i;
	return "$value";
}

# Rows as the queries below print them: lists of values in the order of columns.
sub rows_of
{
	my ($text) = @_;
	return [ map { [ map { plain($_) } @$_ ] } @{ $json->decode(Material::text_of($text)) } ];
}

# Some columns of rows, as a text that two multisets share.
sub bag
{
	my ($rows, @columns) = @_;
	return join "\n", sort map { my $row = $_; join "\t", map { $row->[$_] } @columns } @$rows;
}

# Is there a choice of the answer's columns that gives the wanted rows?
sub same_rows
{
	my ($wanted, $got, @chosen) = @_;

	return 0 unless @$wanted == @$got;
	return 1 unless @$wanted;
	my $next = @chosen;
	my $width = @{ $wanted->[0] };
	return bag($wanted, 0 .. $width - 1) eq bag($got, @chosen) if $next == $width;
	my $column = bag($wanted, $next);
	for my $try (0 .. $#{ $got->[0] })
	{
		next if grep { $_ == $try } @chosen;
		next unless bag($got, $try) eq $column;
		return 1 if same_rows($wanted, $got, @chosen, $try);
	}
	return 0;
}

# The values of each row of a query or of a JSON array, in their order.
my $values = q{SELECT coalesce(json_agg((SELECT json_agg(e.value ORDER BY e.n)
	FROM json_each_text(r.row) WITH ORDINALITY AS e (key, value, n))), '[]')};

# Asks the questions of one database, and compares what comes back.
sub measure_database
{
	my ($set, $database, $rows, $count, $file) = @_;
	my %question = map { $_->{id} => $_->{question} } @$rows;
	my %gold = map { $_->{id} => $_->{gold_sql} =~ s/;\s*$//r } grep { comparable($_) } @$rows;

	load_database($node, $set, $database) unless $loaded{$database}++;
	$node->safe_psql($database, 'ANALYZE');
	my $answers = ask_each($node, $database, \%question,
		"SELECT json_build_object('code', a.error_code, 'sql', a.sql, 'rows',
		   ($values FROM json_array_elements(a.rows) AS r (row)))::text FROM llm_answer(QUERY) AS a");
	my $queries = gold_rows($database, \%gold);
	for my $row (@$rows)
	{
		my $id = $row->{id};
		my $text = $answers->{$id};
		my $answer = defined $text ? $json->decode(Material::text_of($text)) : undef;

		$count->{asked}++;
		if (!defined $answer) { $count->{failed}++; diag "$id: no answer and no refusal" }
		elsif (defined $answer->{code}) { $count->{refused}++ }
		elsif (exists $row->{answerable} && !$row->{answerable}) { $count->{invented}++; diag "$id was answered" }
		elsif (!defined $queries->{$id}) { $count->{uncompared}++ }
		elsif (same_rows(rows_of($queries->{$id}),
				[ map { [ map { plain($_) } @$_ ] } @{ $answer->{rows} } ])) { $count->{right}++ }
		else
		{
			my $seen = $disputed{$id} || $disputed{ $row->{base_id} || "" };

			$count->{ $seen ? "disputed" : "wrong" }++;
			print $file "$id $row->{question}\n\t$row->{gold_sql}\n\t"
			  . ($answer->{sql} =~ s/\n/ /gr) . "\n";
		}
	}
	return;
}

# Can the rows of the given query be compared at all?
sub comparable
{
	my ($row) = @_;
	return $row->{gold_sql} && $row->{pg15_ok} && !$row->{unstable_answer}
	  && ($row->{sqlite_reference} || '') ne 'differs';
}

# The rows of given queries, by id.
sub gold_rows
{
	my ($database, $gold) = @_;
	my $script = '';
	for my $id (sort keys %$gold)
	{
		my $query = $gold->{$id} =~ s/\n/ /gr;
		$script .= "\\echo \@$id\n$values FROM (SELECT row_to_json(q) FROM ($query) AS q) AS r (row);\n";
	}
	utf8::encode($script);
	my ($out, %rows, $id) = ('');
	$node->psql($database, $script, stdout => \$out, on_error_stop => 0, timeout => 1800);
	for my $line (split /\n/, $out)
	{
		if ($line =~ /^\@(.*)/) { $id = $1 }
		elsif (defined $id) { $rows{$id} .= $line }
	}
	return \%rows;
}

open my $file, '>:utf8', "$ENV{TESTDATADIR}/disagreements" or die "cannot write the disagreements: $!";
for my $name (sort keys %sets)
{
	my $set = $sets{$name};
	my %count = map { $_ => 0 } qw(asked right wrong disputed refused failed invented uncompared);
	my %rows;

	push @{ $rows{ $_->{db} } }, $_ for map { Material::read_lines($_) } @{ $set->{files} };
	measure_database($set->{set} || $name, $_, $rows{$_}, \%count, $file) for sort keys %rows;
	my $share = sub { sprintf '%.2f', 100 * $count{ $_[0] } / $count{asked} };
	note "$name: " . join ', ', map { "$count{$_} $_" } sort keys %count;
	figure_at_least("${name}_right", $share->('right'), 'percent', $set->{right});
	figure_at_most("${name}_wrong", $share->('wrong'), 'percent', $set->{wrong});
	figure_at_most("${name}_disputed", $share->('disputed'), 'percent', MAX_DISPUTED);
	figure_at_most("${name}_failed", $count{failed}, 'questions', 0);
	figure_at_most("${name}_unanswerable_answered", $count{invented}, 'questions', 0);
}
close $file;

$node->stop;
done_testing();
