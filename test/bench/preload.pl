# What the library costs statements that do not use it: pgbench's select-only
# script against a server that has it preloaded and one that has not, in turns,
# with the order changed each round.  Transactions per second are noisy where other
# things run; the time of the processor that a transaction takes is less so.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

use constant ROUNDS => 20;
use constant SECONDS => 2;

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

# Transactions per second of one round.
sub round
{
	my ($name, @how) = @_;
	my ($out, $err) = run_command([ 'pgbench', '-n', '-S', '-c', '1', '-T', SECONDS, @how, $servers{$name}->connstr('postgres') ]);
	$out =~ /^tps = ([0-9.]+)/m or die "$out $err";
	my $tps = $1;
	$out =~ /actually processed: (\d+)/ or die "$out $err";
	return ($tps, $1);
}

# Ticks of the processor that the sessions of a server have used which have ended.
sub ticks
{
	my ($name) = @_;
	my ($pid) = slurp_file($servers{$name}->data_dir . '/postmaster.pid') =~ /^(\d+)/;
	my @stat = split ' ', slurp_file("/proc/$pid/stat") =~ s/^.*\)//sr;
	return $stat[13] + $stat[14];
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
	my %ticks = map { $_ => -ticks($_) } keys %servers;
	my %transactions;
	for my $round (1 .. ROUNDS)
	{
		my %tps;
		for my $name ($round % 2 ? ('with', 'without') : ('without', 'with'))
		{
			($tps{$name}, my $n) = round($name, '-M', $protocol);
			$transactions{$name} += $n;
		}
		push @ratios, $tps{with} / $tps{without};
	}
	note "$protocol: " . join ' ', map { sprintf '%.3f', $_ } @ratios;
	$ticks{$_} += ticks($_) for keys %servers;
	my %cost = map { $_ => $ticks{$_} / $transactions{$_} } keys %servers;
	figure_at_least("select_only_preloaded_cpu_$protocol", sprintf('%.3f', $cost{without} / $cost{with}), 'of the time of the processor, without it to with it', 0.98);
	figure_at_least("select_only_preloaded_$protocol", sprintf('%.3f', median(@ratios)), 'of the transactions without it, median of 20 rounds', 0.98);
}

$_->stop for values %servers;
done_testing();
