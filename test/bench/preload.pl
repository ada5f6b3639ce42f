# What the library costs statements that do not use it: pgbench's select-only
# script against a server that has it preloaded and one that has not, in turns,
# with the order changed each time.  A round is made of short turns, so that what
# else runs on the machine is shared out evenly; and the instructions of the
# processor that one statement takes, under valgrind, do not depend on it at all.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

use constant ROUNDS => 20;
use constant TURNS => 6;
use constant TRANSACTIONS => 4000;

my %servers;
for my $name ('with', 'without')
{
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
	$node->append_conf('postgresql.conf', <<'CONF');
log_statement = none
log_min_duration_statement = -1
autovacuum = off
CONF
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\n") if $name eq 'with';
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION analytics_llm') if $name eq 'with';
	$node->command_ok([ 'pgbench', '-i', '-q', '-s', '1', 'postgres' ], "tables of the server $name it");
	$servers{$name} = $node;
}

# The seconds that one turn takes, without the start of its session.
sub turn
{
	my ($name, @how) = @_;
	my ($out, $err) = run_command([ 'pgbench', '-n', '-S', '-c', '1', '-t', TRANSACTIONS, @how, $servers{$name}->connstr('postgres') ]);
	$out =~ /^tps = ([0-9.]+)/m or die "$out $err";
	return TRANSACTIONS / $1;
}

# The middle one of some values.
sub median
{
	my @values = sort { $a <=> $b } @_;
	return ($values[ $#values / 2 ] + $values[ @values / 2 ]) / 2;
}

for my $protocol ('simple', 'prepared')
{
	my @ratios;
	for my $round (1 .. ROUNDS)
	{
		my %seconds;
		for my $turn (1 .. TURNS)
		{
			$seconds{$_} += turn($_, '-M', $protocol) for ($round + $turn) % 2 ? ('with', 'without') : ('without', 'with');
		}
		push @ratios, $seconds{without} / $seconds{with};
	}
	note "$protocol: " . join ' ', map { sprintf '%.3f', $_ } @ratios;
	figure_at_least("select_only_preloaded_$protocol", sprintf('%.3f', median(@ratios)), 'of the transactions without it, median of 20 rounds', 0.98);
}

$_->stop for values %servers;

# Instructions of a thousand statements in a single-user server, without its start.
sub instructions
{
	my ($name) = @_;
	my @collected;
	for my $n (10, 1010)
	{
		my $file = PostgreSQL::Test::Utils::tempdir() . "/$n.sql";
		append_to_file($file, join '', map { 'SELECT abalance FROM pgbench_accounts WHERE aid = ' . ($_ * 7) . ";\n" } 1 .. $n) unless -f $file;
		my $err = '';
		IPC::Run::run([ 'valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', 'postgres', '--single', '-D', $servers{$name}->data_dir, 'postgres' ],
			'<', $file, '>', '/dev/null', '2>', \$err) or die $err;
		$err =~ /Collected : (\d+)/ or die $err;
		push @collected, $1;
	}
	return ($collected[1] - $collected[0]) / 1000;
}

SKIP:
{
	skip 'there is no valgrind', 1 unless grep { -x "$_/valgrind" } split /:/, $ENV{PATH};
	my %count = map { $_ => instructions($_) } keys %servers;
	figure_at_least('select_only_preloaded_instructions', sprintf('%.4f', $count{without} / $count{with}), 'of the instructions of a statement, without it to with it', 0.98);
}
done_testing();
