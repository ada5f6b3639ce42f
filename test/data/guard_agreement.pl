# The guard beside the server, over the SELECT statements of PostgreSQL's own
# regression suite: what the server accepts passes, unless a rule of the policy
# forbids it, and what it refuses for a wrong name is a finding of the same
# kind at the same position.  And over what real models wrote: the verdict is
# the server's.
use strict;
use warnings;

use Test::More;

use Figure;
use Material;

# What the server refuses that has to do with names, and the finding's code.
my %name_codes = (
	'42P01' => 'undefined_table',
	'42703' => 'undefined_column',
	'42883' => 'undefined_function',
	'42702' => 'ambiguous_column',
	'42725' => 'ambiguous_function',
	'42P09' => 'ambiguous_alias');

# Statements of which the server's verdict and ours differ, with the reason.
my %differs = (
	'reg-13351' => 'two things are wrong, and the server stops at an operator after it has passed over the other',
);

my $node = material_node('guard_agreement');
load_regression($node, 'regression');
load_probe($node, 'regression');
my $open = 'SET analytics_llm.allow_system_catalogs = on;';
my %rows = map { $_->{id} => $_ } read_lines('pg_regress/select_statements.jsonl');
my %sql = map { $_ => $rows{$_}{sql} } keys %rows;

my $ours = findings($node, 'regression', \%sql, before => $open);
my $alone = findings($node, 'regression', \%sql, before => $open, function => 'probe_names');
my %refused = map { $_ => $sql{$_} }
  grep { exists $name_codes{ $rows{$_}{final_parse} } } keys %sql;
my $servers = ask_each($node, 'regression', \%refused, 'SELECT to_json(probe_server(QUERY))');

# Does a list of findings have one of a code, and of a position?
sub has
{
	my ($findings, $code, $pos) = @_;
	return scalar grep { $_->{code} eq $code && (!$pos || ($_->{pos} || 0) == $pos) } @$findings;
}

my ($accepted, %by_rule, @false_alarms, @unsafe, @left, @misplaced) = (0);
for my $id (sort keys %sql)
{
	my @errors = grep { $_->{severity} eq 'error' } @{ $ours->{$id} };
	my $verdict = $rows{$id}{final_parse};
	if ($verdict eq '00000')
	{
		$accepted++;
		my ($other) = grep { $_->{code} !~ /^policy_/ } @errors;
		if ($other) { push @false_alarms, $id }
		elsif (@errors) { $by_rule{ $errors[0]{code} }++ }
		next;
	}
	if (!@errors) { push @unsafe, $id }
	next unless exists $refused{$id};

	# A statement that is no query, or that writes, is not looked up.
	next if grep { $_->{code} =~ /^policy_(?:statement|write)$/ } @errors;
	my $server = JSON::PP->new->decode(Material::text_of($servers->{$id} || 'null'));
	my $code = $name_codes{$verdict};
	if (!has(\@errors, $code)) { push @left, $id }
	elsif ($server && $server->{pos} && !has(\@errors, $code, $server->{pos})) { push @misplaced, $id }
}

sub show
{
	my @ids = @_;
	return join "\n", map { "$_: $sql{$_}\n  server: " . ($servers->{$_} || $rows{$_}{final_parse_message} || 'accepts')
		  . "\n  ours: " . errors_of($ours->{$_}) . ' @' . join(',', map { $_->{pos} // '' } @{ $ours->{$_} }) } @ids;
}

my @unexplained = grep { !$differs{$_} } @left, @misplaced;
figure_at_most('agreement_statements_left', @left + @misplaced + @false_alarms + @unsafe,
	'of ' . keys(%sql), 20);
is(scalar @unexplained, 0, 'each of them has its reason') or diag show(@unexplained);
is(scalar @false_alarms, 0, 'what the server accepts has no finding about names') or diag show(@false_alarms);
is(scalar @unsafe, 0, 'nothing passes that the server refuses') or diag show(@unsafe);

my $by_policy = 0;
$by_policy += $_ for values %by_rule;
note join ', ', map { "$_ $by_rule{$_}" } sort keys %by_rule;
figure_at_most('accepted_refused_by_policy', sprintf('%.1f', 100 * $by_policy / $accepted), '%', 15);
figure_at_most("accepted_refused_by_$_", $by_rule{$_}, "of $accepted", int(0.15 * $accepted))
  for sort keys %by_rule;

# The names pass alone: undefined tables and columns that it finds, and what it
# finds wrong in what the server accepts.
my ($missing, $found, @missed, @alarms) = (0, 0);
for my $id (sort keys %sql)
{
	my $verdict = $rows{$id}{final_parse};
	my @errors = @{ $alone->{$id} };
	if ($verdict eq '00000')
	{
		push @alarms, $id if grep { $_->{code} !~ /^policy_/ } @errors;
	}
	elsif ($verdict eq '42P01' || $verdict eq '42703')
	{
		next if grep { $_->{code} =~ /^policy_(?:statement|write)$/ } @{ $ours->{$id} };
		# A name in a string, where a catalog's object is expected.
		next if $servers->{$id} && $servers->{$id} =~ /"pos": ?(\d+)/
		  && substr($sql{$id}, $1 - 1, 2) =~ /'/;
		next if $servers->{$id} && $servers->{$id} =~ /"pos":0/;
		$missing++;
		if (has(\@errors, $name_codes{$verdict})) { $found++ }
		else { push @missed, $id }
	}
}
figure_at_least('names_pass_alone_found', sprintf('%.2f', 100 * $found / ($missing || 1)), "% of $missing", 99)
  or diag show(@missed);
note show(@missed);
figure_at_most('names_pass_alone_false_alarms', scalar @alarms, "of $accepted", 0)
  or diag join "\n", map { "$_: $sql{$_}\n  " . errors_of($alone->{$_}) } @alarms;

# What real models wrote.
my %by_database;
my %verdict;
for my $row (read_lines('llm_outputs/bird_mini_dev_predictions.jsonl'))
{
	$by_database{ $row->{db} }{ $row->{id} } = $row->{sql};
	$verdict{ $row->{id} } = $row->{server};
}
my ($same, @other, $n) = (0);
for my $database (sort keys %by_database)
{
	load_database($node, 'bird_mini_dev', $database);
	my $said = findings($node, $database, $by_database{$database});
	for my $id (sort keys %$said)
	{
		$n++;
		my $errors = errors_of($said->{$id});
		# Two queries in one text are two queries, whatever each of them is.
		my $expected = $verdict{$id} eq '00000' ? qr/^(?:policy_statement: only one statement may be run at a time)?$/ : qr/./;
		if ($errors =~ $expected) { $same++ }
		else { push @other, "$id: $by_database{$database}{$id}\n  server: $verdict{$id}, ours: $errors" }
	}
}
figure_at_least('model_queries_verdict_is_servers', $same, "of $n", $n) or diag join "\n", @other;
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/terminated by signal|PANIC/, 'no process crashed');
$node->stop;
done_testing();
