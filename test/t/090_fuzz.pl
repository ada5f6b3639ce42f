# Generated queries through the whole check, beside the server's own verdict:
# what the server refuses never passes, what it accepts is refused by policy
# alone, and no text crashes or hangs.  FUZZ_S seconds, 60 by default; FUZZ_SEED
# repeats a run.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use Figure;
use Material ();

my $seconds = $ENV{FUZZ_S} || 60;
my $seed = $ENV{FUZZ_SEED} || time;
srand $seed;
note "seed $seed";

my $node = PostgreSQL::Test::Cluster->new('fuzz');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\nmax_stack_depth = 2MB\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE TYPE pair AS (a int, b text);
CREATE TABLE t (id int PRIMARY KEY, a int, name text, price numeric, d date, tags text[], p pair);
CREATE TABLE u (id int, t_id int REFERENCES t, name text, at timestamptz, j jsonb);
CREATE VIEW v AS SELECT t.id, u.name AS label FROM t JOIN u ON u.t_id = t.id;
CREATE TABLE part (id int, d date) PARTITION BY RANGE (d);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE FUNCTION pairs() RETURNS TABLE (x int, y text) LANGUAGE sql STABLE AS 'SELECT 1, ''a''';
SQL
Material::load_probe($node, 'postgres');

sub pick { return $_[ int rand @_ ] }

# Names, of which some are wrong.
sub table { return pick(qw(t u v part t u), rand() < 0.08 ? qw(tt nothing public.t other.t pg_class) : ()) }
sub column { return pick(qw(id a name price d tags p t_id at j label), rand() < 0.08 ? qw(idd nme x ctid "Name") : ()) }
sub name { return pick(qw(t u x y q w)) }
sub colref { return pick(column(), name() . '.' . column(), name() . '.' . column(), rand() < 0.05 ? name() . '.*' : column()) }
sub function { return pick(qw(upper length abs round sum count max min avg coalesce lower twice to_char date_trunc array_agg string_agg), rand() < 0.08 ? qw(uper lenght pg_sleep no_such now) : ()) }

sub expr
{
	my ($depth) = @_;
	return pick('1', "'x'", 'NULL', '2.5', "date '2024-02-03'", colref(), colref(), colref()) if $depth <= 0;
	my $n = $depth - 1;
	return pick(
		sub { colref() },
		sub { expr($n) . pick(' + ', ' - ', ' * ', ' || ', ' = ', ' < ', ' <> ', ' AND ', ' OR ', ' LIKE ', ' IS DISTINCT FROM ') . expr($n) },
		sub { function() . '(' . join(', ', map { expr($n) } 1 .. pick(1, 1, 2)) . ')' },
		sub { 'count(*)' },
		sub { '(' . expr($n) . ')' },
		sub { 'CASE WHEN ' . expr($n) . ' THEN ' . expr($n) . ' ELSE ' . expr($n) . ' END' },
		sub { expr($n) . '::' . pick(qw(int text numeric date pair text[]), rand() < 0.1 ? qw(nothing regclass t) : ()) },
		sub { '(' . query($n) . ')' },
		sub { pick('EXISTS ', 'ARRAY') . '(' . query($n) . ')' },
		sub { expr($n) . ' IN (' . pick(query($n), '1, 2') . ')' },
		sub { expr($n) . pick(' IS NULL', ' IS NOT NULL', ' BETWEEN 1 AND 2') },
		sub { '(' . colref() . ').' . pick(qw(a b id name)) },
		sub { colref() . pick('[1]', '[1:2]') },
		sub { pick('rank()', 'sum(' . colref() . ')') . ' OVER (' . pick('', 'PARTITION BY ' . colref()) . ' ORDER BY ' . expr($n) . ')' },
		sub { 'NOT ' . expr($n) })->();
}

sub item
{
	my ($depth) = @_;
	my $n = $depth - 1;
	my $alias = pick('', ' ' . name(), ' AS ' . name(), ' ' . name() . ' (' . join(', ', map { pick(qw(a b c id)) } 1 .. pick(1, 2)) . ')');
	return table() . $alias if $depth <= 0;
	return pick(
		sub { table() . $alias },
		sub { table() . $alias },
		sub { pick('', 'LATERAL ') . '(' . query($n) . ') ' . name() },
		sub { item($n) . pick(' JOIN ', ' LEFT JOIN ', ' FULL JOIN ') . item($n) . pick(' ON ' . expr($n), ' USING (id)', ' USING (' . column() . ')') },
		sub { item($n) . pick(' CROSS JOIN ', ' NATURAL JOIN ') . item($n) },
		sub { '(' . item($n) . ' JOIN ' . item($n) . ' USING (id)) AS ' . name() },
		sub { pick('generate_series(1, 3)', 'pairs()', 'unnest(ARRAY[1, 2])', 'jsonb_each(\'{}\')', 'no_such()') . pick('', ' WITH ORDINALITY') . $alias },
		sub { '(VALUES (1, \'a\'), (2, \'b\')) AS ' . name() . pick('', ' (a, b)') })->();
}

sub query
{
	my ($depth) = @_;
	my $n = $depth - 1;
	return 'SELECT ' . expr(0) if $depth <= 0;
	my $sql = '';
	$sql = 'WITH ' . pick('', 'RECURSIVE ') . name() . pick('', ' (a, b)') . ' AS (' . query($n) . ') ' if rand() < 0.15;
	$sql .= 'SELECT ' . pick('', '', '', 'DISTINCT ') . join(', ', map { pick(expr($n), expr($n) . ' AS ' . name(), pick('*', colref())) } 1 .. pick(1, 1, 2, 3));
	$sql .= ' FROM ' . join(', ', map { item($n) } 1 .. pick(1, 1, 1, 2)) if rand() < 0.95;
	$sql .= ' WHERE ' . expr($n) if rand() < 0.4;
	$sql .= ' GROUP BY ' . join(', ', map { pick('1', colref(), expr($n)) } 1 .. pick(1, 2)) if rand() < 0.25;
	$sql .= ' HAVING ' . expr($n) if rand() < 0.05;
	$sql .= pick(' UNION ', ' UNION ALL ', ' EXCEPT ') . query($n) if rand() < 0.1;
	$sql .= ' ORDER BY ' . pick('1', colref(), expr($n)) if rand() < 0.25;
	$sql .= ' LIMIT 5' if rand() < 0.1;
	return $sql;
}

# Text that is hardly SQL: pieces of queries cut, doubled and spoilt.
sub spoil
{
	my ($sql) = @_;
	my $at = int rand length $sql;
	my $len = int rand 20;
	return pick(
		sub { substr $sql, 0, $at },
		sub { substr($sql, 0, $at) . pick("'", '"', '(', ')', '/*', '$$', ';', '--', "\\", ',', "E'\\") . substr($sql, $at) },
		sub { my $s = $sql; substr($s, $at, $len) = ''; $s },
		sub { substr($sql, 0, $at) . (substr($sql, $at, $len) x pick(2, 50)) . substr($sql, $at) },
		sub { my $s = substr($sql, 0, 15000); $s })->();
}

my ($n, $accepted, @unsafe, @alarms, @raised) = (0, 0);
my $end = time + $seconds;
while (time < $end)
{
	my %queries;
	for my $i (1 .. 400)
	{
		my $sql = query(pick(1, 2, 2, 3));
		$sql = spoil($sql) if rand() < 0.15;
		next if length $sql > 15000;
		$queries{ sprintf '%09d', ++$n } = $sql;
	}
	my $found = Material::findings($node, 'postgres', \%queries);
	my $servers = Material::ask_each($node, 'postgres', \%queries, 'SELECT coalesce(to_json(probe_server(QUERY))::text, \'ok\')');
	for my $id (sort keys %queries)
	{
		my $errors = Material::errors_of($found->{$id});
		my $server = $servers->{$id} // 'raised';
		if ($errors eq '' && $server ne 'ok') { push @unsafe, "$queries{$id}\n  $server" }
		elsif ($errors =~ /^raised/) { push @raised, $queries{$id} }
		elsif ($server eq 'ok' && $errors =~ /(?:^|; )(?!policy_)\w+: /) { push @alarms, "$queries{$id}\n  $errors" }
		$accepted++ if $server eq 'ok';
	}
	last if @unsafe + @alarms + @raised > 20;
}
note "$n queries, $accepted accepted by the server";
figure_at_most('fuzz_check_passed_though_refused', scalar @unsafe, "of $n", 0) or diag join "\n", map { substr $_, 0, 1500 } @unsafe;
figure_at_most('fuzz_check_false_alarms', scalar @alarms, "of $accepted", 0) or diag join "\n", map { substr $_, 0, 1500 } @alarms;
figure_at_most('fuzz_check_raised', scalar @raised, "of $n", 0) or diag join "\n", map { substr $_, 0, 1500 } @raised;
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'no process crashed');
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server is there');
$node->stop;
done_testing();
