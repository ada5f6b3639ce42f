# Shows that the matrix of test/t/120_isolation_matrix.pl can fail.  Each mutant
# is this tree with one fence taken down: built, installed into a copy of the
# PostgreSQL at hand, which nothing else uses, and put through the path of the
# matrix that has to notice.  A mutant that leaks nothing is a hole in the test.
use strict;
use warnings;

use File::Path qw(make_path);
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Mutant;

# What is changed: a path, the file, what is there and what is put in its place.
# Some fences stand behind others, which have to go as well.
my @mutants = (
	[ 'keys without role and schema, and nobody looks at what is kept' => 'cache',
		'src/ask/key.c', 'add_version(out, AUTHOID, values->role);' => '',
		'src/ask/key.c', 'allm_fingerprint_snapshot(allm_snapshot_get(), schema);' => 'memset(schema, 0, sizeof(schema));',
		'src/ask/memory.c', 'sound = edata == NULL &&' => 'sound = true ||' ],
	[ 'rows that depend on the session are kept' => 'cache',
		'src/ask/origin.c', 'origin->shareable = repeatable && checked->depends == 0 && !checked->row_security &&' => 'origin->shareable = true ||' ],
	[ 'and shared in a flight' => 'flight',
		'src/ask/origin.c', 'origin->shareable = repeatable && checked->depends == 0 && !checked->row_security &&' => 'origin->shareable = true ||' ],
	[ 'a role sees the log of others' => 'log',
		'src/ledger/state.sql', 'CREATE POLICY own_rows ON analytics_llm.log FOR SELECT USING (user_name = CURRENT_USER::text' => 'CREATE POLICY own_rows ON analytics_llm.log FOR SELECT USING (true OR user_name = CURRENT_USER::text' ],
	[ 'a snapshot has what may not be read' => 'prompt',
		'src/schema/catalog.c', 'if (build->reads_all) return true;' => 'if (build != NULL) return true;' ],
	[ 'a hidden name is suggested' => 'error',
		'src/guard/visible.c', 'if (kind == \'\\0\' || strchr(READABLE_KINDS, kind) == NULL) return false;' => 'if (kind != \'\\0\') return true;' ],
	[ 'an answer is for any session of its role' => 'result',
		'src/ask/result.c', 'if (kept->session != NULL)' => 'if (false)' ],
	[ 'an answer is for who knows its id' => 'result',
		'src/ask/result.c', 'if (superuser()) return true;' => 'if (true) return true;',
		'src/ask/result.c', 'if (edata != NULL || !check.passed)' => 'if (false)',
		'src/ask/result.c', 'if ((int64) check.origin.tree != kept->query_hash)' => 'if (false)',
		'src/ask/result.c', 'if (kept->session != NULL)' => 'if (false)' ],
	[ 'a role sees what others have said' => 'feedback',
		'src/ledger/feedback.sql', 'CREATE POLICY own_rows ON analytics_llm.feedback USING (user_name = CURRENT_USER::text' => 'CREATE POLICY own_rows ON analytics_llm.feedback USING (true OR user_name = CURRENT_USER::text' ]);

my $mutant = Mutant->new;
local $ENV{PATH} = $mutant->path;

# Leaks that the matrix finds in one of its paths, with the copy's server.
my $runs = 0;

sub leaks_in
{
	my ($path) = @_;
	my $dir = "$ENV{TESTDIR}/tmp_check/run" . ++$runs;
	make_path("$dir/tmp_check/log");
	local @ENV{qw(ISOLATION_PATHS TESTDIR TESTDATADIR TESTLOGDIR ALLM_FIGURES)} =
	  ($path, $dir, "$dir/tmp_check", "$dir/tmp_check/log", '');
	my $said = `perl '$Mutant::top/test/t/120_isolation_matrix.pl' 2>&1`;
	my ($leaks) = $said =~ /figure isolation_leaks (\d+) leaks/;
	note $_ for grep { /^# $path, / } (split /\n/, $said)[ 0 .. 40 ];
	die "the matrix did not run:\n$said" unless defined $leaks;
	return $leaks;
}

$mutant->build;
is(leaks_in('result'), 0, 'the tree as it is leaks nothing');
my $found = 0;
for (@mutants)
{
	my ($name, $path, @changes) = @$_;
	while (my ($file, $old, $new) = splice @changes, 0, 3)
	{
		$mutant->change($file, $old, $new);
	}
	$mutant->build;
	my $leaks = leaks_in($path);
	cmp_ok($leaks, '>', 0, "$path: $name: $leaks leaks");
	$found++ if $leaks > 0;
	$mutant->restore;
}
figure_at_least('isolation_mutants_found', $found, 'of ' . @mutants, scalar @mutants);
done_testing();
