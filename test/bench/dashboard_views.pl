# The views of dashboards over a million rows of the log, with their questions and
# what they used, of 30 days: the time of each for its last day or hours, beside
# the time that it takes to read the table once.
use strict;
use warnings;

use List::Util qw(min);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use Figure;

use constant ROWS => 1_000_000;
use constant TRIES => 3;

my $node = PostgreSQL::Test::Cluster->new('views_bench');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\nshared_buffers = 1GB\nmax_wal_size = 8GB\nfsync = off\nlog_statement = none\njit = off\n");
$node->start;
my $rows = ROWS;
$node->safe_psql('postgres', <<"SQL", timeout => 600);
CREATE EXTENSION analytics_llm;
CREATE ROLE asker;
INSERT INTO analytics_llm.log (logged_at, request_id, attempt, tier, user_name, user_id, model_used, input_tokens, output_tokens,
	cache_read_tokens, cache_write_tokens, estimated, latency_ms, status, query_type, user_input, fallback_used, fallback_reason, cost)
SELECT now() - i * interval '30 days' / $rows, md5(i::text)::uuid, 1, 1 + i % 2, 'asker', 'asker'::regrole,
	   'model-' || i % 4, 1000, 100, 0, 0, false, 10 + i % 997, (ARRAY['success', 'error', 'timeout', 'success'])[1 + i % 4], 'sql_generation',
	   'revenue by region and month', false, CASE i % 4 WHEN 1 THEN 'overloaded' WHEN 2 THEN 'timeout' END, 0.001
  FROM generate_series(1, $rows) AS i;
INSERT INTO analytics_llm.request (request_id, asked_at, user_name, user_id, question, spans)
SELECT md5(i::text)::uuid, now() - i * interval '30 days' / $rows, 'asker', 'asker'::regrole, 'revenue by region and month', s.spans
  FROM generate_series(1, $rows) AS i,
	   (SELECT jsonb_agg(jsonb_build_object('span_id', lpad(to_hex(n), 16, '0'), 'parent_span_id', lpad('1', 16, '0'), 'name', 'step' || n, 'start_time', now(), 'duration_ms', n, 'status', 'ok', 'tier', 1, 'model', 'model-1')) AS spans
		  FROM generate_series(1, 14) AS n) AS s;
INSERT INTO analytics_llm.usage
SELECT 'asker', 'asker', 'person ' || i / 120, p, date_trunc(p, now() - d * interval '1 day', 'UTC'), 'model-' || i % 4, 'sql_generation', 'feature ' || i % 30, 3, 1000, 100, 0, 0, 0, 0.01, '', 1
  FROM generate_series(1, $rows / 62) AS i, unnest(ARRAY['day', 'month']) AS p, generate_series(0, 30) AS d
    ON CONFLICT DO NOTHING;
VACUUM ANALYZE;
SQL

# The shortest of some tries, in milliseconds.
sub ms
{
	my ($sql) = @_;
	my $psql = $node->background_psql('postgres');
	my @took = map {
		my $began = time;
		$psql->query_safe($sql);
		1000 * (time - $began);
	} 0 .. TRIES;
	$psql->quit;
	return min(@took);
}

my %whole = map { $_ => ms("SELECT count(*), max(ctid) FROM analytics_llm.$_") } qw(log request usage);
diag sprintf '%s: %.0f ms to read once', $_, $whole{$_} for sort keys %whole;
my $request = $node->safe_psql('postgres', 'SELECT request_id FROM analytics_llm.request ORDER BY asked_at LIMIT 1');
for (
	[ token_usage => 'usage', 5, q{SELECT count(*), sum(tokens), sum(projected_month_cost) FROM (SELECT * FROM analytics_llm.token_usage WHERE day = (now() AT TIME ZONE 'UTC')::date OFFSET 0) AS v} ],
	[ cost_daily => 'usage', 2, q{SELECT count(*), sum(cost) FROM analytics_llm.cost_daily WHERE day = (now() AT TIME ZONE 'UTC')::date} ],
	[ tier_health => 'log', 2, 'SELECT count(*) FROM (SELECT * FROM analytics_llm.tier_health OFFSET 0) AS v' ],
	[ latency => 'request', 6, 'SELECT count(*) FROM (SELECT * FROM analytics_llm.latency OFFSET 0) AS v' ],
	[ trace_tree => 'request', 0.5, "SELECT count(*) FROM (SELECT * FROM analytics_llm.trace_tree WHERE request_id = '$request' ORDER BY n OFFSET 0) AS v" ])
{
	my ($view, $table, $limit, $sql) = @$_;
	my $ms = ms($sql);
	figure_at_most("view_$view", sprintf('%.2f', $ms / $whole{$table}), sprintf('of the %.0f ms that reading %s takes (%.0f ms)', $whole{$table}, $table, $ms), $limit);
}
$node->stop;
done_testing();
