# A session that is ended while a model is asked leaves its record, with what the
# call may cost, whatever it has done before: a temporary table has the server
# abort the transaction early when the session ends.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('ended', "log_statement = none\nanalytics_llm.request_timeout = '60s'\n");
my $node = $tiers->{node};
$tiers->tier(0, timeout_ms => 50000, max_retries => 0);

my $temporary = 'CREATE TEMP TABLE IF NOT EXISTS mine (i int)';
my ($lost, $asked) = (0, 0);
my @before = ([], [$temporary], [ 'LISTEN something', $temporary ], [ "SELECT llm_ask('revenue by region', '{\"tier\": 3}')", $temporary ],
	[ "SELECT * FROM llm_ask('revenue by region', '{\"tier\": 3}')", $temporary, "SELECT llm_ask('revenue by region', '{\"tier\": 3}')", 'LISTEN something' ]);
for my $form ("SELECT llm_ask('%s')", "SELECT * FROM llm_ask('%s')", "PREPARE p AS SELECT * FROM llm_ask('%s')", "SELECT * FROM llm_answer('%s')", "BEGIN; SAVEPOINT s; SELECT llm_ask('%s')")
{
	for my $i (0 .. $#before)
	{
		my $question = 'churn of form ' . ++$asked . 'x';
		$tiers->models($Tiers::PRIMARY => { do => 'stall' });
		my $session = $tiers->start([ @{ $before[$i] }, sprintf $form, $question ]);
		$tiers->wait_for_call;
		$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%churn of form%' AND pid <> pg_backend_pid()});
		$tiers->finish($session);
		$node->poll_query_until('postgres', q{SELECT (detail ->> 'bytes')::bigint = 0 FROM llm_status() WHERE component = 'queue'}) or die 'the queue does not empty';
		my $got = $node->safe_psql('postgres', "SELECT r.error_code, count(*), bool_and(l.estimated AND l.input_tokens > 0) FROM analytics_llm.request AS r JOIN analytics_llm.log AS l USING (request_id)
			WHERE r.question = '$question' AND l.model_used = '$Tiers::PRIMARY' GROUP BY 1");
		is($got, '57P01|1|t', "$form after " . (join('; ', @{ $before[$i] }) || 'nothing')) or $lost++;
	}
}
figure_at_most('records_lost_by_ended_sessions', $lost, 'calls under way', 0);
$tiers->stop;
done_testing();
