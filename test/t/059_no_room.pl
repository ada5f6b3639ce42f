# What cannot be recorded is not bought: with a full queue no model is called,
# the third tier goes on, and an error says why where it cannot.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Tiers;

my $tiers = Tiers->new('no_room', "analytics_llm.queue_memory = '1MB'\nlog_statement = none\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
$tiers->models($Tiers::PRIMARY => { sql => $Tiers::REVENUE });
is($tiers->ask($Tiers::NOT_UNDERSTOOD)->{answer}{status}, 'ok', 'with room, a model answers');

# The writer cannot write, so the queue fills up.
my $locker = $node->background_psql('postgres');
$locker->query_safe('BEGIN; LOCK TABLE analytics_llm.log, analytics_llm.request');
my $fill = "SELECT count(llm_answer(repeat('churn ', 600) || i, '{\"tier\": 3}')) FROM generate_series(1, 150) AS i";
$node->safe_psql('postgres', $fill);

$tiers->models($Tiers::PRIMARY => { sql => $Tiers::REVENUE });
my ($out, $err) = $tiers->rows($Tiers::UNDERSTOOD);
is(scalar(() = $out =~ /"revenue"/g), 3, 'without room, the rules answer');
($out, $err) = $tiers->rows($Tiers::NOT_UNDERSTOOD);
is($err, <<'TEXT', 'without room, an error says so');
ERROR:  53400: no room is left to record a call of a model
DETAIL:  Built-in rules: did not understand "churn", "cohort".
HINT:  llm_status() shows the queue of records and its writers.
TEXT
is(scalar($stub->requests), 0, 'no model was called');

# With room again, models are called again.
$locker->query_safe('COMMIT');
$locker->quit;
$node->poll_query_until('postgres', q{SELECT (detail ->> 'bytes')::bigint = 0 FROM llm_status() WHERE component = 'queue'})
  or die 'the queue does not empty';
is($tiers->ask($Tiers::NOT_UNDERSTOOD)->{answer}{status}, 'ok', 'with room again, a model answers');
$tiers->stop;
done_testing();
