# What the library costs statements that do not use it: pgbench's select-only
# script against a server that has it preloaded and one that has not, in turns,
# with the order changed each time.  The client has a processor of its own, so
# that the two do not chase each other over all of them.  A round is made of short
# turns, of which the fastest counts: what else runs on the machine makes a turn
# slower, and none faster.  A second server without the library shows how far
# apart two equal ones are measured.  And the instructions of the processor that
# one statement takes, under valgrind, do not depend on any of this.
use strict;
use warnings;

use IPC::Run;
use List::Util qw(min);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

use constant ROUNDS => 20;
use constant TURNS => 6;
use constant TRANSACTIONS => 4000;

# The servers run on the other processors, if there are others.
my ($processors) = run_command(['nproc']);
my @beside = $processors > 1 ? ('taskset', '-c', '0') : ();
system_or_bail('taskset', '-cp', '1-' . ($processors - 1), $$) if @beside;

my %servers;
for my $name ('with', 'without', 'again')
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
	my ($out, $err) = run_command([ @beside, 'pgbench', '-n', '-S', '-c', '1', '-t', TRANSACTIONS, @how, $servers{$name}->connstr('postgres') ]);
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
	my (@ratios, @between_equals);
	for my $round (1 .. ROUNDS)
	{
		my %seconds;
		for my $turn (1 .. TURNS)
		{
			my @order = ('with', 'without', 'again');
			push @order, shift @order for 1 .. ($round + $turn) % @order;
			push @{ $seconds{$_} }, turn($_, '-M', $protocol) for @order;
		}
		my %fastest = map { $_ => min(@{ $seconds{$_} }) } keys %seconds;
		push @ratios, $fastest{without} / $fastest{with};
		push @between_equals, $fastest{without} / $fastest{again};
	}
	note "$protocol: " . join ' ', map { sprintf '%.3f', $_ } @ratios;
	diag sprintf '%s, between two servers without it: %.3f', $protocol, median(@between_equals);
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
	my %count = map { $_ => instructions($_) } 'with', 'without';
	figure_at_least('select_only_preloaded_instructions', sprintf('%.4f', $count{without} / $count{with}), 'of the instructions of a statement, without it to with it', 0.98);
}
done_testing();
