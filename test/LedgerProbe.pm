# The test module of test/modules/ledger_probe, for benchmarks: built in a
# scratch directory from the sources of this tree.
#
#	LedgerProbe::load($node, 'postgres');
package LedgerProbe;

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use PostgreSQL::Test::Utils;

my $top = dirname(dirname(abs_path(__FILE__)));

sub load
{
	my ($node, $database) = @_;
	my $dir = ($ENV{TESTDIR} || $top) . '/tmp_check/ledger_probe';
	system("mkdir -p '$dir' && cp -p $top/test/modules/ledger_probe/* '$dir'/ && "
		  . "make -C '$dir' TOP='$top' > '$dir/build.log' 2>&1") == 0
	  or die "could not build the test module\n" . `tail -n 20 '$dir/build.log'`;
	my $sql = slurp_file("$dir/ledger_probe.sql");
	$sql =~ s/:'module'/'$dir\/ledger_probe'/g;
	$node->safe_psql($database, $sql);
	return;
}

1;
