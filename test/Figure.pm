# Figures: what a run measured, against what it has to reach.
#
#	use Figure;
#	figure_at_least('demo_questions_right', $right, 'questions', 20);
#	figure_at_most('hidden_names_seen', $seen, 'names', 0);
#	figure_all_passed('dump_and_restore');
#
# Each is an assertion of the test, and a line of the form
#
#	figure NAME VALUE UNIT (limit LIMIT) ok|SHORT
#
# which the test runner prints at its end (the file is named by ALLM_FIGURES).
# doc/figures.md keeps the lines of the last full run.
package Figure;

use strict;
use warnings;

use Exporter 'import';
use Test::More;

our @EXPORT = qw(figure_at_least figure_at_most figure_all_passed);

# The value must reach the limit.
sub figure_at_least
{
	my ($name, $value, $unit, $limit) = @_;
	return report($name, $value, $unit, ">= $limit", $value >= $limit);
}

# The value must not go over the limit.
sub figure_at_most
{
	my ($name, $value, $unit, $limit) = @_;
	return report($name, $value, $unit, "<= $limit", $value <= $limit);
}

# All assertions of the file so far have passed.
sub figure_all_passed
{
	my ($name) = @_;
	my @results = Test::More->builder->summary;
	my $passed = grep { $_ } @results;
	return report($name, $passed, 'checks', '>= ' . @results,
		$passed == @results);
}

# The assertion and the line.
sub report
{
	my ($name, $value, $unit, $limit, $reached) = @_;
	my $line = "figure $name $value $unit (limit $limit) "
	  . ($reached ? 'ok' : 'SHORT');

	local $Test::Builder::Level = $Test::Builder::Level + 2;
	if (my $file = $ENV{ALLM_FIGURES})
	{
		open my $out, '>>', $file or die "cannot write \"$file\": $!";
		print $out "$line\n";
		close $out or die "cannot write \"$file\": $!";
	}
	return ok($reached, $line);
}

1;
