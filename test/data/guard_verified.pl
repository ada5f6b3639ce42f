# No false alarm: every verified query of the public question sets passes, and
# runs in its fence.  And no hallucination runs: of each query (of every tenth,
# or with ALLM_FULL of all) one name is changed in several ways; what the
# server would refuse is refused before it runs, with the right name among the
# suggestions.
use strict;
use warnings;

use Test::More;

use Figure;
use Material;

my $node = material_node('guard_verified');
my $sets = verified_sets();
my $step = $ENV{ALLM_FULL} ? 1 : 10;

# Queries that the server passes and that fail when they run, whoever runs
# them: "id" => the reason.
my %fails_for_all = ();

# Mutations that change a letter or the number of a name, and must suggest it.
my %suggests = map { $_ => 1 } qw(table_letter table_plural column_letter column_plural function_letter);

my (%count, @alarms, @failed, @ran_wrong, @silent, @alarms_of_mutants, %suggested, %asked, @unsuggested);
$count{$_} = 0 for qw(verified ran mutants refused);
for my $set (sort keys %$sets)
{
	for my $database (sort keys %{ $sets->{$set} })
	{
		my $queries = $sets->{$set}{$database};
		load_database($node, $set, $database);
		load_probe($node, $database);
		measure_verified($database, $queries);
		measure_mutants($database, every_nth($step, $queries));
		$node->safe_psql('postgres', "DROP DATABASE \"$database\"");
	}
}

sub measure_verified
{
	my ($database, $queries) = @_;
	my $found = findings($node, $database, $queries);
	$count{verified} += keys %$queries;
	for my $id (sort keys %$found)
	{
		push @alarms, "$id: $queries->{$id}\n  " . errors_of($found->{$id})
		  if errors_of($found->{$id});
	}
	my ($ran) = ask_each($node, $database, $queries, 'SELECT probe_run(QUERY)');
	for my $id (sort keys %$ran)
	{
		if (defined $ran->{$id} && $ran->{$id} ne '') { $count{ran}++ }
		else { push @failed, "$id: $queries->{$id}" }
	}
	return;
}

# The mutants of the queries of one database, and what is said of them.
sub measure_mutants
{
	my ($database, $queries) = @_;
	my %names = (table => [], column => []);
	for my $line (split /\n/, $node->safe_psql($database, <<'SQL'))
SELECT 'table ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
UNION SELECT 'column ' || attname FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 ORDER BY 1
SQL
	{
		push @{ $names{$1} }, $2 if $line =~ /^(\w+) ([a-z_][a-z0-9_]*)$/;
	}
	my (%mutants, %original);
	for my $id (sort keys %$queries)
	{
		my %made = mutants($queries->{$id}, \%names);
		for my $kind (sort keys %made)
		{
			$mutants{"$id $kind"} = $made{$kind}[0];
			$original{"$id $kind"} = $made{$kind}[1];
		}
	}
	return unless %mutants;
	my ($servers) = ask_each($node, $database, \%mutants, 'SELECT to_json(probe_server(QUERY))');
	my $found = findings($node, $database, \%mutants);
	for my $id (sort keys %mutants)
	{
		my ($kind) = $id =~ /(\w+)$/;
		my $errors = errors_of($found->{$id});
		my $accepted = !defined $servers->{$id} || $servers->{$id} eq '';
		$count{mutants}++;
		if ($accepted)
		{
			push @alarms_of_mutants, "$id: $mutants{$id}\n  $errors" if $errors;
			next;
		}
		$count{refused}++;
		push @silent, "$id: $mutants{$id}\n  $servers->{$id}" unless $errors;
		next unless $suggests{$kind} && $servers->{$id} =~ /"code":"(?:42P01|42703|42883)"/;
		$asked{$kind}++;
		if (grep { ($_->{hint} || '') =~ /\b\Q$original{$id}\E\b/i } @{ $found->{$id} }) { $suggested{$kind}++ }
		else { push @unsuggested, "$id ($original{$id}): $mutants{$id}\n  $errors " . join ' ', map { $_->{hint} || '' } @{ $found->{$id} } }
	}
	return;
}

# Mutants of a query: kind => [text, the original name].
sub mutants
{
	my ($sql, $names) = @_;
	my %made;
	my $tables = join '|', @{ $names->{table} };
	my $columns = join '|', sort { length $b <=> length $a } @{ $names->{column} };
	if ($tables && $sql =~ /\b(?:FROM|JOIN)\s+($tables)\b/i)
	{
		my ($from, $to, $name) = ($-[1], $+[1], $1);
		$made{table_letter} = [ spliced($sql, $from, $to, letter($name)), $name ];
		$made{table_plural} = [ spliced($sql, $from, $to, plural($name)), $name ];
	}
	# A column, not where it is made: after a dot, or before a comparison.
	if ($columns && $sql =~ /(?:\.($columns)\b|\b(?:WHERE|AND|SELECT|BY)\s+($columns)\b(?!\s*[.(]))/i)
	{
		my ($from, $to, $name) = defined $1 ? ($-[1], $+[1], $1) : ($-[2], $+[2], $2);
		$made{column_letter} = [ spliced($sql, $from, $to, letter($name)), $name ];
		$made{column_plural} = [ spliced($sql, $from, $to, plural($name)), $name ];
	}
	if ($sql =~ /\b(count|sum|avg|min|max|lower|upper|round|coalesce|extract|strftime|date_trunc|to_char|length|concat|abs)\s*\(/i
		&& lc $1 ne 'coalesce' && lc $1 ne 'extract')
	{
		$made{function_letter} = [ spliced($sql, $-[1], $+[1], letter($1)), $1 ];
	}
	if ($sql =~ /\b(?:$tables)(\s+AS\s+(\w+))\b/i && $tables)
	{
		my ($from, $to, $alias) = ($-[1], $+[1], $2);
		$made{alias_missing} = [ spliced($sql, $from, $to, ''), $alias ]
		  if $sql =~ /\b\Q$alias\E\./;
	}
	if ($sql =~ /(\bGROUP\s+BY\s+)([\w."]+)(\s*,\s*)?/i)
	{
		$made{group_missing} = defined $3 ? [ spliced($sql, $-[2], $+[3], ''), $2 ] : [ spliced($sql, $-[1], $+[2], ''), $2 ];
	}
	if ($columns && $sql =~ /\b\w+\.(\w+)\s*=\s*\w+\.\w+/i)
	{
		my ($from, $to, $name) = ($-[1], $+[1], $1);
		my ($other) = grep { lc $_ ne lc $name } @{ $names->{column} };
		$made{join_column} = [ spliced($sql, $from, $to, $other), $name ] if $other;
	}
	return %made;
}

sub spliced
{
	my ($sql, $from, $to, $text) = @_;
	substr($sql, $from, $to - $from) = $text;
	return $sql;
}

# One letter in the middle is another.
sub letter
{
	my ($name) = @_;
	my $at = int(length($name) / 2);
	substr($name, $at, 1) = substr($name, $at, 1) =~ /x/i ? 'w' : 'x';
	return $name;
}

# The other number.
sub plural
{
	my ($name) = @_;
	return $name =~ /^(...+)s$/i ? $1 : "${name}s";
}

figure_at_most('verified_queries_refused', scalar @alarms, "of $count{verified}", 0) or diag join "\n", @alarms;
@failed = grep { my ($id) = /^(\S+):/; !$fails_for_all{$id} } @failed;
figure_at_least('verified_queries_that_run', $count{ran}, "of $count{verified}", $count{verified}) or diag join "\n", @failed;
figure_at_most('mutants_that_pass_though_refused', scalar @silent, "of $count{refused}", 0) or diag join "\n", @silent;
is(scalar @alarms_of_mutants, 0, "none of " . ($count{mutants} - $count{refused}) . " mutants that the server accepts is refused")
  or diag join "\n", @alarms_of_mutants;
my ($asked, $suggested) = (0, 0);
for my $kind (sort keys %asked)
{
	note sprintf '%s: %d of %d suggest the name', $kind, $suggested{$kind} || 0, $asked{$kind};
	$asked += $asked{$kind};
	$suggested += $suggested{$kind} || 0;
}
figure_at_least('mutants_with_the_name_suggested', sprintf('%.1f', 100 * $suggested / ($asked || 1)), "% of $asked", 90);
my $n = 0;
note substr($_, 0, 300) for grep { $n++ % (1 + int(@unsuggested / 10)) == 0 } @unsuggested;
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/terminated by signal|PANIC/, 'no process crashed');
$node->stop;
done_testing();
