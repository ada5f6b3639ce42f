# How long a question that hangs in a call takes to end when it is cancelled,
# in each phase of the call: the longest of some tries, from the moment of
# pg_cancel_backend to the error in the server log.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

use constant TRIES => 20;

my $tiers = Tiers->new('cancel_bench', "analytics_llm.request_timeout = '300s'\nlog_line_prefix = '%n '\nlog_statement = none\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
$tiers->tier(0, timeout_ms => 300000);

for ($tiers->hanging_places)
{
	my ($phase, $endpoint, $step) = @$_;
	$node->safe_psql('postgres', "ALTER SERVER anthropic OPTIONS (SET endpoint '$endpoint')");
	my $longest = 0;
	for (1 .. TRIES)
	{
		$tiers->models($step ? ($Tiers::PRIMARY => $step) : ());
		my $from = length slurp_file($node->logfile);
		my $session = $tiers->start("SELECT llm_ask('$Tiers::UNDERSTOOD')");
		$stub->wait_for(requests => 1) if $step;
		$tiers->wait_for_call;
		my $sent = $node->safe_psql('postgres',
			q{SELECT extract(epoch FROM clock_timestamp()), pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%llm_ask%' AND pid <> pg_backend_pid()});
		$tiers->finish($session);
		my ($ended) = substr(slurp_file($node->logfile), $from) =~ /^([\d.]+) ERROR:  canceling statement due to user request/m
		  or die 'it was not cancelled';
		my $took = 1000 * ($ended - (split /\|/, $sent)[0]);
		$longest = $took if $took > $longest;
	}
	figure_at_most("cancel_${phase}_ms", sprintf('%.1f', $longest), 'ms', 100);
}
$tiers->stop;
done_testing();
