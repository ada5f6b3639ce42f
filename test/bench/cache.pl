# What an answer from the cache costs beside the cheapest thing that a database
# does: a prepared look-up by primary key of an unlogged table that holds the
# same row.  Both are run in turns, as whole statements of pgbench, with logging
# on.  Hits are counted, and the count must be right at the end.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

use constant TURNS => 6;

my $node = PostgreSQL::Test::Cluster->new('bench_cache');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE TABLE customers (customer_id int PRIMARY KEY, name text);
INSERT INTO customers SELECT i, 'c' || i FROM generate_series(1, 1000) AS i;
CREATE UNLOGGED TABLE probe (id int PRIMARY KEY, answer json);
ANALYZE;
INSERT INTO probe SELECT i, llm_ask FROM llm_ask('how many customers', '{"cache": false}'), generate_series(1, 1000) AS i;
VACUUM ANALYZE probe;
SQL
my $dir = PostgreSQL::Test::Utils::tempdir();
my %scripts = (
	probe => "\\set id random(1, 1000)\nSELECT answer FROM probe WHERE id = :id;\n",
	hit => "\\set id random(1, 1000)\nSELECT llm_ask('how many customers');\n");
append_to_file("$dir/$_", $scripts{$_}) for keys %scripts;
is($node->safe_psql('postgres', q{SELECT answer::text = (SELECT a::text FROM llm_ask('how many customers') AS a) FROM probe WHERE id = 1}), 't', 'the same row');

my $hits = 0;
my @asked = ('SELECT count(*) FROM analytics_llm.request WHERE hits = 0', 'SELECT COALESCE(sum(hits), 0) FROM analytics_llm.request');

# Statements a second.
sub run
{
	my ($what, $clients, $seconds) = @_;
	my ($out, $err) = run_command([ 'pgbench', '-n', '-M', 'prepared', '-c', $clients, '-j', 2, '-T', $seconds, '-f', "$dir/$what", '-d', $node->connstr('postgres') ]);
	$out =~ /number of transactions actually processed: (\d+)/ or die "$out $err";
	$hits += $1 if $what eq 'hit';
	die "failed: $out" unless $out =~ /number of failed transactions: 0 /;
	$out =~ /tps = ([\d.]+) \(without/ or die $out;
	return $1;
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return $sorted[ @sorted / 2 ];
}

for my $case (
	[ 1, 3, sub { figure_at_most('cache_hit_beside_probe', sprintf('%.2f', 1 / $_[0]), 'times', 2) } ],
	[ 8, 10, sub { figure_at_least('cache_hit_throughput_8', sprintf('%.2f', $_[0]), 'of the probe', 0.5) } ])
{
	my ($clients, $seconds, $figure) = @$case;
	run($_, $clients, 1) for 'probe', 'hit';
	my @ratios;
	for (1 .. TURNS)
	{
		my ($probe, $hit) = map { run($_, $clients, $seconds) } 'probe', 'hit';
		note sprintf '%d clients: probe %.0f/s, hit %.0f/s, %.2f', $clients, $probe, $hit, $hit / $probe;
		push @ratios, $hit / $probe;
	}
	$figure->(median(@ratios));
}

# And for a minute on end.
my ($probe, $hit) = map { run($_, 8, 60) } 'probe', 'hit';
note sprintf '8 clients for a minute: probe %.0f/s, hit %.0f/s', $probe, $hit;
figure_at_least('cache_hit_throughput_8_for_60_s', sprintf('%.2f', $hit / $probe), 'of the probe', 0.5);

$node->safe_psql('postgres', 'SELECT llm_flush()');
my ($anew, $counted) = map { $node->safe_psql('postgres', $_) } @asked;
note "$hits questions, of which $anew were asked anew";
is($anew + $counted, $hits + 2, 'each is counted');
figure_at_most('cache_hit_rows', $node->safe_psql('postgres', 'SELECT count(*) FROM analytics_llm.request'), 'rows', 30);
$node->stop;
done_testing();
