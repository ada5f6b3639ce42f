# What the ledger costs: to reserve and settle a call in a quota, to hand a
# record over, and how fast a writer drains the queue.  Each beside the least that
# such a thing can cost, in the same run.
use strict;
use warnings;

use IPC::Run;
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use LedgerProbe;

use constant { BACKENDS => 16, PAIRS => 5000, RECORDS => 20000, BATCH => 500, TRIES => 5 };

my $node = PostgreSQL::Test::Cluster->new('bench_ledger');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
analytics_llm.queue_memory = '256MB'
track_commit_timestamp = on
autovacuum = off
fsync = on
shared_buffers = '256MB'
max_wal_size = '2GB'
log_statement = none
CONF
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION analytics_llm; CREATE ROLE bi LOGIN; CREATE ROLE team NOLOGIN; GRANT team TO bi');
LedgerProbe::load($node, 'postgres');
$node->safe_psql('postgres', 'CREATE UNLOGGED TABLE worked (us float8, at timestamptz); GRANT ALL ON worked TO bi');
$node->safe_psql('postgres', q{INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES ('bi', 'month', 1000000000000000)});

# What a process has worked so far, in seconds.
sub worked
{
	my ($pid) = @_;
	my @stat = split / /, slurp_file("/proc/$pid/stat") =~ s/.*\) //sr;
	return ($stat[11] + $stat[12]) / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

# The process of the writer; empty when there is none.
sub writer { return $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'analytics_llm writer'}); }

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return $sorted[ @sorted / 2 ];
}

# Microseconds for one, when so many sessions of a role call a function at once:
# from the first to the last of them, over all; and what a process has worked.
sub together
{
	my ($backends, $function, $n) = @_;
	my $script = $node->basedir . "/$function.sql";
	append_to_file($script, "INSERT INTO worked SELECT $function($n), clock_timestamp();\n") unless -f $script;
	$node->safe_psql('postgres', 'TRUNCATE worked');
	my ($out, $err);
	# The first transaction of each session attaches it, and warms it up.
	IPC::Run::run([ 'pgbench', '-n', '-c', $backends, '-j', 2, '-t', 4, '-f', $script,
			'-h', $node->host, '-p', $node->port, '-U', 'bi', 'postgres' ], '>', \$out, '2>', \$err)
	  or die "pgbench: $out $err";
	return split /\|/, $node->safe_psql('postgres', qq{SELECT extract(epoch FROM max(at) - min(at)) * 1e6 / (count(*) - 1) / $n,
		percentile_cont(0.5) WITHIN GROUP (ORDER BY us) FROM worked});
}

#
# To reserve and to settle.  What a process has worked does not depend on what
# else the machine does; the time over all does.
#
my (%wall, %work);
for (1 .. TRIES)
{
	for ([ pair => 'probe_pairs' ], [ lock => 'probe_locks' ], [ read => 'probe_quotas' ])
	{
		my ($name, $function) = @$_;
		my ($wall, $work) = together(BACKENDS, $function, PAIRS);
		push @{ $wall{$name} }, $wall;
		push @{ $work{$name} }, $work;
		note sprintf '%s: %.2f us over all, %.2f us worked', $name, $wall, $work;
	}
}
figure_at_most('quota_reserve_and_settle_at_16_backends', sprintf('%.2f', median(@{ $wall{pair} })), 'us', 2);
figure_at_most('quota_reserve_and_settle_worked', sprintf('%.2f', median(@{ $work{pair} })), 'us', 2);
figure_at_most('quota_reserve_and_settle_beside_its_locks', sprintf('%.1f', median(@{ $work{pair} }) / median(@{ $work{lock} })), 'times', 20);

#
# To hand a record over, while nobody takes any.
#
my $record = q{'{"logged_at":"2026-11-26T04:00:00.000000Z","request_id":"6f0f8a52-9b1c-4c9a-9d3e-0a4c6f5f8f11","attempt":1,"tier":1,"user_name":"analyst","model_used":"claude-opus-4-7","model_served":"claude-opus-4-7","input_tokens":2345,"output_tokens":78,"cache_read_tokens":0,"cache_write_tokens":0,"estimated":false,"cost":0.013675,"latency_ms":1234.5,"status":"success","http_status":200,"query_type":"sql_generation","user_input":"revenue by region and month of last year","generated_query":"SELECT r.name AS region, date_trunc(''month'', s.sold_on) AS month, sum(s.revenue) AS revenue FROM sales s JOIN regions r USING (region_id) WHERE s.sold_on >= date ''2025-01-01'' GROUP BY 1, 2 ORDER BY 1, 2","validation_passed":true,"fallback_used":false,"confidence":0.9,"trace_id":"0af7651916cd43dd8448eb211c80319c","user_id":16384}'};
my (@over, @copy, @drained, @by_work, @inserted);
for my $try (1 .. TRIES)
{
	my $dba = $node->background_psql('postgres');
	$dba->query_safe('BEGIN; LOCK TABLE analytics_llm.log IN SHARE MODE');
	my ($over, $copy) = split /\n/, $node->safe_psql('postgres', "SELECT probe_copy(1000, $record) \\gset\n"
		  . "SELECT probe_hand_over(@{[RECORDS]}, $record);\nSELECT probe_copy(@{[RECORDS]}, $record);");
	push @over, $over;
	push @copy, $copy;
	# A writer that is there may have worked for the try before.
	my $early = writer();
	my $before = $early ne '' ? worked($early) : 0;
	$dba->query_safe('COMMIT');
	$dba->quit;

	# The writer drains what was handed over: from its first commit to its last.
	$node->poll_query_until('postgres', q{SELECT (detail ->> 'pending')::int = 0 FROM llm_status() WHERE component = 'writer' AND name = 'postgres'});
	# It stays for a second after that; to start it is in what it has worked.
	my $writer = writer();
	push @by_work, RECORDS / (worked($writer) - ($writer eq $early ? $before : 0)) if $writer ne '';
	push @drained, $node->safe_psql('postgres', q{SELECT sum(n) FILTER (WHERE at > first) / extract(epoch FROM max(at) - min(first))
		FROM (SELECT count(*) AS n, pg_xact_commit_timestamp(xmin) AS at, min(pg_xact_commit_timestamp(xmin)) OVER () AS first FROM analytics_llm.log GROUP BY xmin) AS t});

	# The same rows, inserted by a session in batches, with a commit each.
	push @inserted, $node->safe_psql('postgres', sprintf q{CREATE TABLE plain (LIKE analytics_llm.log INCLUDING ALL);
		SELECT clock_timestamp() AS began \gset
		DO $$ BEGIN FOR i IN 0 .. %d LOOP
			INSERT INTO plain SELECT * FROM analytics_llm.log LIMIT %d; COMMIT;
		END LOOP; END $$;
		SELECT count(*) / extract(epoch FROM clock_timestamp() - :'began'::timestamptz) FROM plain;
		DROP TABLE plain; TRUNCATE analytics_llm.log;}, RECORDS / BATCH - 1, BATCH);
	note sprintf 'hand-over %.2f us, copy %.2f us, drained %d/s (%d for a second of work), inserted %d/s', $over, $copy, $drained[-1], $by_work[-1] || 0, $inserted[-1];
}
figure_at_most('hand_over_of_a_record', sprintf('%.2f', median(@over)), 'us', 2);
figure_at_least('records_drained_in_a_second', int median(@drained), 'records', 20000);
figure_at_least('records_drained_in_a_second_of_work', int median(@by_work), 'records', 20000);
figure_at_least('records_drained_beside_plain_inserts', sprintf('%.2f', median(@drained) / median(@inserted)), 'times', 0.1);

$node->stop;
done_testing();
