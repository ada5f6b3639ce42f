# The deterministic tier over questions that nobody on this project wrote, with
# no model and no definition: what it answers is right, or it says why it does
# not answer.
#
# An answer is right when its rows are those of the given query as a multiset,
# under some choice and order of the answer's columns, and in the order of the
# query where the question asks for one; rows that the query's order does not
# tell apart may stand either way.  Some of the given queries are wrong:
# gold_disputes lists those that were looked at, with the reason, and they are
# counted apart; known_wrong has the other wrong answers, each looked at.  Where
# the reason is that the query repeats rows, that nothing else differs is held
# here, and these are counted by themselves.  All disagreements go to
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
# right, wrong, repeated (the query's own rows; GeoQuery has a table with a row
# for each state of a river), disputed, unanswerable ones that were answered.
my %sets = (
	geoquery => { files => ['geoquery/questions.jsonl'], right => 80, wrong => 0.34, repeated => 5 },
	spider => { files => ['spider/questions.jsonl'], right => 45, wrong => 0.3 },
	synonyms => { set => 'spider', files => ['spider/syn.jsonl'], right => 36.5, wrong => 0.5 },
	defog => { files => ['defog/questions.jsonl'], right => 6, wrong => 0 });
use constant MAX_DISPUTED => 3;

my %disputed = read_reasons('gold_disputes');
my %known = read_reasons('known_wrong');
my %unstable = map { $_->{id} => 1 }
  grep { $_->{unstable_answer} || ($_->{sqlite_reference} || '') eq 'differs' } Material::read_lines('spider/questions.jsonl');
my %loaded;

# What was found of answers that were looked at, by the question's id.
sub read_reasons
{
	my ($name) = @_;
	my %rows;
	open my $file, '<', "$FindBin::RealBin/$name" or die "cannot read $name: $!";
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

# Are the rows in the wanted order?  "ranks" has the place of each wanted row,
# equal where it does not matter.
sub same_order
{
	my ($wanted, $got, $ranks, @chosen) = @_;
	my $from = 0;

	while ($from < @$wanted)
	{
		my $to = $from;
		$to++ while $to < $#$wanted && $ranks->[ $to + 1 ] == $ranks->[$from];
		return 0 unless bag([ @$wanted[ $from .. $to ] ], 0 .. $#{ $wanted->[0] })
		  eq bag([ @$got[ $from .. $to ] ], @chosen);
		$from = $to + 1;
	}
	return 1;
}

# Is there a choice of the answer's columns that gives the wanted rows?
sub same_rows
{
	my ($wanted, $got, $ranks, @chosen) = @_;

	return 0 unless @$wanted == @$got;
	return 1 unless @$wanted;
	my $next = @chosen;
	my $width = @{ $wanted->[0] };
	return bag($wanted, 0 .. $width - 1) eq bag($got, @chosen)
	  && (!$ranks || same_order($wanted, $got, $ranks, @chosen)) if $next == $width;
	my $column = bag($wanted, $next);
	for my $try (0 .. $#{ $got->[0] })
	{
		next if grep { $_ == $try } @chosen;
		next unless bag($got, $try) eq $column;
		return 1 if same_rows($wanted, $got, $ranks, @chosen, $try);
	}
	return 0;
}

# Are they the same rows but for those that the query repeats?
sub same_distinct
{
	my ($wanted, $got) = @_;
	my %seen;
	my @once = grep { !$seen{ join "\t", @$_ }++ } @$wanted;

	return @once < @$wanted && same_rows(\@once, $got);
}

# Does the question ask for an order?  Then the keys of the query's, or undef.
sub order_keys
{
	my ($row) = @_;

	return unless $row->{question} =~ /\b(sort|order|ascend|descend|alphabetic|lexicographic)/i;
	return unless $row->{gold_sql} =~ /\bORDER BY ((?:[^()]|\([^()]*\))+?)(?:\s+LIMIT \d+)?;?\s*$/i;
	return $1;
}

# The values of each row of a query or of a JSON array, in their order.
my $values = q{SELECT coalesce(json_agg((SELECT json_agg(e.value ORDER BY e.n)
	FROM json_each_text(r.row) WITH ORDINALITY AS e (key, value, n))), '[]')};

# Asks the questions of one database, and compares what comes back.
sub measure_database
{
	my ($set, $database, $rows, $count, $file) = @_;
	my %question = map { $_->{id} => $_->{question} } @$rows;
	my %gold = map { $_->{id} => with_ranks($_) } grep { comparable($_) } @$rows;

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
		else
		{
			my $wanted = rows_of($queries->{$id});
			my $got = [ map { [ map { plain($_) } @$_ ] } @{ $answer->{rows} } ];
			my $ranks = order_keys($row) ? [ map { shift @$_ } @$wanted ] : undef;
			my $seen = $disputed{$id} || $disputed{ $row->{base_id} || "" };

			if (same_rows($wanted, $got, $ranks)) { $count->{right}++; next }
			if ($seen && $seen =~ /^the query repeats/ && same_distinct($wanted, $got)) { $count->{repeated}++; next }
			$count->{ $seen ? "disputed" : "wrong" }++;
			if (!$seen && !$known{$id}) { $count->{unseen}++; diag "$id is wrong, and was not looked at" }
			print $file "$id $row->{question}\n\t$row->{gold_sql}\n\t"
			  . ($answer->{sql} =~ s/\n/ /gr) . "\n";
		}
	}
	return;
}

# Can the rows of the given query be compared at all?  A variant of a question
# has its query, and with it what is known of that.
sub comparable
{
	my ($row) = @_;
	return $row->{gold_sql} && $row->{pg15_ok} && !$row->{unstable_answer}
	  && ($row->{sqlite_reference} || '') ne 'differs' && !$unstable{ $row->{base_id} || '' };
}

# The given query, with the place of each row in front where the order counts.
sub with_ranks
{
	my ($row) = @_;
	my $query = $row->{gold_sql} =~ s/;\s*$//r;
	my $keys = order_keys($row);

	$query =~ s/^\s*SELECT (DISTINCT )?/'SELECT ' . ($1 || '') . "dense_rank() OVER (ORDER BY $keys) AS rank_of_row, "/ie
	  if $keys;
	return $query;
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
	my %count = map { $_ => 0 } qw(asked right wrong unseen disputed repeated refused failed invented uncompared);
	my %rows;

	push @{ $rows{ $_->{db} } }, $_ for map { Material::read_lines($_) } @{ $set->{files} };
	measure_database($set->{set} || $name, $_, $rows{$_}, \%count, $file) for sort keys %rows;
	my $share = sub { sprintf '%.2f', 100 * $count{ $_[0] } / $count{asked} };
	note "$name: " . join ', ', map { "$count{$_} $_" } sort keys %count;
	figure_at_least("${name}_right", $share->('right'), 'percent', $set->{right});
	figure_at_most("${name}_wrong", $share->('wrong'), 'percent', $set->{wrong});
	figure_at_most("${name}_wrong_not_looked_at", $count{unseen}, 'questions', 0);
	figure_at_most("${name}_repeated", $share->('repeated'), 'percent', $set->{repeated} || MAX_DISPUTED);
	figure_at_most("${name}_disputed", $share->('disputed'), 'percent', MAX_DISPUTED);
	figure_at_most("${name}_failed", $count{failed}, 'questions', 0);
	figure_at_most("${name}_unanswerable_answered", $count{invented}, 'questions', 0);
}
close $file;

$node->stop;
done_testing();
