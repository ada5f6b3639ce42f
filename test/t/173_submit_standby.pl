# Submitted questions where servers change their part: answers are on a standby as
# well, which takes no questions until it is promoted; a launcher that is ended,
# and a shutdown, leave nothing half done.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('pool', "analytics_llm.request_timeout = '300s'\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
$tiers->tier(0, timeout_ms => 300000, max_retries => 0);
my $pool = "SELECT state || ' ' || (detail ->> 'running') || ' ' || (detail ->> 'waiting') FROM llm_status() WHERE component = 'background'";
my $local = q('{"tier": 3}');

# An answer of the primary is fetched on the standby.
my $id = $node->safe_psql('postgres', "SELECT llm_submit('$Tiers::UNDERSTOOD', $local)");
$node->poll_query_until('postgres', "SELECT status = 'templated' FROM llm_result('$id')") or fail('answered');
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', "SELECT status, row_count FROM llm_result('$id')"), 'templated|3', 'an answer is there on a standby');
my ($out, $err);
$standby->psql('postgres', "\\set VERBOSITY sqlstate\nSELECT llm_submit('$Tiers::UNDERSTOOD', $local)", stderr => \$err);
like($err, qr/25006/, 'which takes no questions');
is($standby->safe_psql('postgres', "SELECT llm_cancel('$id')"), 'f', 'and has none to cancel');

# A launcher that is ended leaves what runs, and what waits is answered by the next.
$tiers->models($Tiers::PRIMARY => { do => 'stall' });
my @ids = split /\n/, $node->safe_psql('postgres', "SELECT llm_submit('$Tiers::NOT_UNDERSTOOD ' || i) FROM generate_series(1, 3) AS i");
$stub->wait_for(requests => 2);
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'analytics_llm launcher'");
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'analytics_llm launcher'") or fail('a new launcher');
is($node->safe_psql('postgres', $pool), 'answering 2 1', 'what runs goes on without its launcher');
$node->safe_psql('postgres', "SELECT llm_cancel('$ids[0]')");
ok($stub->wait_for(requests => 3), 'and what waits is started by the next one');
is($node->safe_psql('postgres', "SELECT count(*) FROM unnest(ARRAY['" . join("','", @ids) . "']::uuid[]) AS i(id) WHERE (llm_result(i.id)).status = 'running'"), '2', 'each once');

# A fast shutdown ends it while workers wait for models.
$node->stop('fast');
$node->start;
is($node->safe_psql('postgres', $pool), 'idle 0 0', 'after a shutdown nothing waits');
is($node->safe_psql('postgres', "SELECT error_code FROM llm_result('$ids[0]')"), '57014', 'answers are still there');
is($node->safe_psql('postgres', "SELECT count(*) FROM analytics_llm.log WHERE request_id IN ('" . join("','", @ids) . "') AND estimated"), '3', 'and every call is charged');

# The standby, once it is promoted, answers.
$node->stop('immediate');
$standby->promote;
$standby->poll_query_until('postgres', "SELECT NOT pg_is_in_recovery()");
$id = $standby->safe_psql('postgres', "SELECT llm_submit('$Tiers::UNDERSTOOD', $local)");
ok($standby->poll_query_until('postgres', "SELECT status = 'templated' FROM llm_result('$id')"), 'a promoted standby answers');
$standby->stop;
$tiers->stop;
done_testing();
