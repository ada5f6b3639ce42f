# Between two steps of one session another one does something.  The build waits
# there, so that it always comes in between.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Mutant;
use Tiers;

my $mutant = Mutant->new;
$mutant->change('src/ask/recall.c', 'store(request, kept, data, length);' =>
	'{ pg_usleep(2000000L); store(request, kept, data, length); }');
$mutant->build;
local $ENV{PATH} = $mutant->path;
my $tiers = Tiers->new('windows', "analytics_llm.cache_ttl = '5min'\nanalytics_llm.sql_cache_ttl = '1d'\n");
my $node = $tiers->{node};
$tiers->models($Tiers::PRIMARY => { sql => $Tiers::REVENUE });

# An answer is in shared memory and not yet on its way to the table, when the
# cache is cleared: it must not come into the table after that.
my $before = q{SELECT count(*) FROM llm_ask('churn by cohort')};
my $asker = $tiers->start($before);
$node->poll_query_until('postgres', q{SELECT (detail ->> 'entries')::int = 1 FROM llm_status() WHERE component = 'cache'}) or die 'nothing is kept';
is($node->safe_psql('postgres', q{SELECT llm_cache_clear('-')}), 1, 'an answer is cleared');
my ($out, $err) = $tiers->finish($asker);
is($out, "3\n", 'while its session is at work');
$node->safe_psql('postgres', 'SELECT llm_flush()');
is($node->safe_psql('postgres', 'SELECT count(*) FROM analytics_llm.cache'), 0, 'it is in no table');
is($node->safe_psql('postgres', q{SELECT status, tier FROM llm_answer('churn by cohort')}), 'ok|1', 'and is asked anew');
$node->safe_psql('postgres', 'SELECT llm_flush()');
is($node->safe_psql('postgres', 'SELECT count(*) FROM analytics_llm.cache'), 1, 'one that was not cleared is');

figure_all_passed('windows');
$tiers->stop;
done_testing();
