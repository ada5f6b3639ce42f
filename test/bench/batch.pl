# How long a batch takes beside its slowest call: sixteen questions of a model that
# answers after a second, against the longest of their calls as the log has it.
# The whole statement is measured, with the checks, the sixteen queries, and the
# wait for the commit of what was paid.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

use constant { MANY => 16, ROUNDS => 7 };

my $tiers = Tiers->new('batch', "log_statement = none\nlog_min_duration_statement = -1\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
$tiers->tier(1, timeout_ms => 15000, max_retries => 0);
$tiers->models($Tiers::PRIMARY => { sql => $Tiers::REVENUE, delay_ms => 1000 });

# In one session: what it takes to start is no matter of the batch.
my $rounds = ROUNDS;
my $many = MANY;
my @got = split /\n/, $node->safe_psql('postgres', <<"SQL");
CREATE TEMP TABLE t (round int, took float8, answered int, slowest float8);
SELECT count(*) FROM llm_answer('churn of the first cohort');
DO \$\$
DECLARE
	at timestamptz;
	answered int;
	took float8;
BEGIN
	FOR i IN 1 .. $rounds LOOP
		at := clock_timestamp();
		SELECT count(*) FILTER (WHERE (answer).status = 'ok') INTO answered
		  FROM llm_ask_batch(ARRAY(SELECT format('churn of cohort %s in %s', n, i) FROM generate_series(1, $many) AS n));
		took := extract(epoch FROM clock_timestamp() - at) * 1000;
		PERFORM llm_flush();
		INSERT INTO t SELECT i, took, answered, max(latency_ms) FROM analytics_llm.log
		 WHERE model_used LIKE 'claude%' AND user_input LIKE '% in ' || i;
	END LOOP;
END
\$\$;
SELECT min(answered) FROM t;
SELECT round((took / slowest)::numeric, 3) FROM t ORDER BY took / slowest;
SELECT round(avg(took)) || ' ms, the slowest call ' || round(avg(slowest)) || ' ms' FROM t;
SQL
my ($one, $answered, @ratios) = @got;
my $said = pop @ratios;
note "a batch of $many took $said; ratios: @ratios";
is($answered, MANY, 'all are answered');
is(scalar @ratios, ROUNDS, 'each round was measured');
is($stub->record->{most_held}, MANY, 'all calls were under way at once');
figure_at_most('batch_of_16_to_slowest_call', $ratios[ ROUNDS / 2 ], 'times, median of ' . ROUNDS, 1.15);

$tiers->stop;
done_testing();
