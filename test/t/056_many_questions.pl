# Many questions of one backend: one connection to the model server, and no
# memory that grows with them.  ALLM_ROUNDS says how many; the bench asks more.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $rounds = $ENV{ALLM_ROUNDS} || 2000;
plan skip_all => 'there is no /proc' unless -r '/proc/self/status';

my $tiers = Tiers->new('many', "log_statement = none\nlog_min_duration_statement = -1\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};

# What the questions are: answered by a model alone, with the rules' agreement,
# after a repair, by the rules, and not at all.
$tiers->tier(0, max_retries => 0, min_confidence => 0);
$node->safe_psql('postgres', q{UPDATE analytics_llm.tier SET enabled = false WHERE tier = 2});
$stub->script(
	{ match => { contains => '<findings>' }, sql => 'SELECT 1 AS one', times => 0 },
	{ match => { contains => 'repaired' }, sql => 'SELECT nothing', times => 0 },
	{ match => { contains => 'overloaded' }, do => 'error', status => 529, times => 0 },
	{ sql => $Tiers::REVENUE, assumptions => [ 'a', 'b' ], times => 0 });
my @questions = ($Tiers::NOT_UNDERSTOOD, $Tiers::UNDERSTOOD, 'what is repaired', 'what is overloaded');

# The private memory of the backend, in kB, all of it: what the server's memory
# contexts hold and what libraries take with malloc.
my $memory = q{SELECT 'memory ' || substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s*(\d+)');};

sub ask_often
{
	my ($n) = @_;
	return map { "SELECT count(*) FROM llm_answer('" . $questions[ $_ % @questions ] . "');" } 1 .. $n;
}
my $script = join "\n", ask_often(1000), $memory,
  (map { (ask_often($rounds / 4), $memory) } 1 .. 4), '';
my ($out, $err) = ('', '');
$node->psql('postgres', $script, stdout => \$out, stderr => \$err);
is($err, '', 'nothing is said');
my @memory = $out =~ /^memory (\d+)$/mg;
is(scalar @memory, 5, 'memory was measured');
note "kB: @memory";
my $record = $stub->record;
cmp_ok(scalar @{ $record->{requests} }, '>=', 1000 + $rounds, 'the models were asked');
my %connections = map { $_->{connection} => 1 } @{ $record->{requests} };
figure_at_most('connections_of_a_backend', scalar keys %connections, 'connections for ' . @{ $record->{requests} } . ' calls', 1);
figure_at_most('memory_growth', $memory[-1] - $memory[0], "kB in $rounds questions", 64);
is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
$tiers->stop;
done_testing();

1;
