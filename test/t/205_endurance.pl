# Thousands of questions in one session, many of them cut short at any moment:
# memory does not grow, no promised room stays taken, every question that was
# admitted is on record, and the next one is answered.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('endurance');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
fsync = off
log_statement = none
log_min_error_statement = panic
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE DATABASE gone;
CREATE EXTENSION analytics_llm;
CREATE TABLE parts (part_id int PRIMARY KEY, label text NOT NULL, amount int NOT NULL);
INSERT INTO parts SELECT i, 'kind' || i % 50, i FROM generate_series(1, 10000) AS i;
ANALYZE parts;
CREATE TABLE boxes (box_id int PRIMARY KEY, tenant int NOT NULL);
ALTER TABLE boxes ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON boxes USING (tenant = current_setting('app.tenant')::int);
CREATE ROLE analyst LOGIN IN ROLE pg_read_all_stats;
GRANT SELECT ON parts, boxes TO analyst;
GRANT EXECUTE ON FUNCTION pg_get_backend_memory_contexts() TO analyst;
GRANT SELECT ON pg_backend_memory_contexts TO analyst;
SQL

# Time-outs of a millisecond and more, which hit the reading, the look-up of
# values, the check, the run and the settling alike, and kept answers.
my $cancels = '';
for my $i (0 .. 399)
{
	my $ms = 1 + $i % 9;
	my $kind = $i % 50;
	my $ttl = $i % 4 ? 0 : 300;
	$cancels .= <<SQL;
SET analytics_llm.cache_ttl = $ttl;
SET statement_timeout = $ms;
SELECT count(*) < 0 FROM llm_ask('total amount for "kind$kind"');
SELECT (llm_answer('total amount by label')).row_count < 0;
SELECT llm_sql('top 5 label by amount') = '';
SQL
}
my ($rc, $out, $err) = $node->psql('postgres',
	"$cancels RESET statement_timeout; SELECT llm_ask('how many parts'); SELECT llm_flush();",
	on_error_stop => 0);
# A time-out that comes as the server stops its clock for a statement is reported
# by the server as a request of the user.
my @other = grep { /ERROR|WARNING|FATAL|PANIC/ && !/canceling statement due to (?:statement timeout|user request)/ }
  split /\n/, $err;
is("@other", '', 'a question is answered or cancelled');
like($out, qr/^\{"number_of_parts":10000\}$/m, 'the last one is answered');
my $cancelled = () = $err =~ /canceling statement/g;
note "$cancelled of 1200 questions were cancelled";
is( $node->safe_psql('postgres', "SELECT detail ->> 'reserved', detail ->> 'printed_to_server_log' FROM llm_status() WHERE component = 'queue'"),
	'0|0', 'no room is left promised, no record was printed');
is( $node->safe_psql('postgres', "SELECT string_agg(DISTINCT status || ':' || COALESCE(error_code, 'none'), ' ') FROM analytics_llm.request WHERE error_code IS DISTINCT FROM '57014'"),
	'ok:none templated:none', 'a question has an answer or was cancelled');
is( $node->safe_psql('postgres', "SELECT count(*) FROM analytics_llm.request AS r WHERE status = 'templated' AND NOT EXISTS (SELECT FROM analytics_llm.log AS l WHERE l.request_id = r.request_id AND l.status = 'success')"),
	'0', 'an answered question has its try on record');
cmp_ok($node->safe_psql('postgres', 'SELECT sum(greatest(hits, 1)) FROM analytics_llm.request'), '>=', 1201 - $cancelled,
	'each question that was answered is on record');

# The memory of a session, between statements and inside one, for every way
# that a question can go.
my $memory = <<'SQL';
SET client_min_messages = error;
SET app.tenant = '1';
CREATE FUNCTION pg_temp.ask_all(rounds int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..rounds LOOP
		PERFORM set_config('analytics_llm.cache_ttl', (i % 2 * 300)::text, false);
		PERFORM llm_ask('how many parts');
		PERFORM (llm_answer('how many parts', jsonb_build_object('row_limit', 1 + i % 100))).rows;
		PERFORM (llm_answer('how many boxes')).*;
		PERFORM llm_sql('top 5 label by amount');
		PERFORM llm_suggest(5);
		PERFORM llm_check('SELECT nothing FROM nowhere');
		PERFORM state FROM llm_status();
		BEGIN
			PERFORM llm_ask('how many unicorns ' || i);
		EXCEPTION WHEN OTHERS THEN
			NULL;
		END;
		BEGIN
			PERFORM llm_ask('how many parts', '{"tier": 9}');
		EXCEPTION WHEN OTHERS THEN
			NULL;
		END;
	END LOOP;
END
$$;
CREATE FUNCTION pg_temp.kilobytes() RETURNS bigint LANGUAGE sql AS
	$$ SELECT sum(total_bytes)::bigint / 1024 FROM pg_backend_memory_contexts $$;
SQL
my $session = $node->background_psql('postgres', extra_params => [ '-U', 'analyst' ], on_error_stop => 0);
$session->query_safe($memory);
$session->query_safe('SELECT pg_temp.ask_all(50)');
my $before = $session->query_safe('SELECT pg_temp.kilobytes()');
$session->query_safe('SELECT pg_temp.ask_all(400)');
my $after = $session->query_safe('SELECT pg_temp.kilobytes()');
figure_at_most('memory_kept_by_3600_calls', $after - $before, 'kB', 512);

# Inside one statement, where nothing is released at its end.
my ($early, $late) = split /\|/, $session->query_safe(<<'SQL');
CREATE TEMP TABLE seen (at text, kb bigint);
DO $$
BEGIN
	PERFORM pg_temp.ask_all(50);
	INSERT INTO seen SELECT 'early', pg_temp.kilobytes();
	PERFORM pg_temp.ask_all(400);
	INSERT INTO seen SELECT 'late', pg_temp.kilobytes();
END
$$;
SELECT (SELECT kb FROM seen WHERE at = 'early'), (SELECT kb FROM seen WHERE at = 'late');
SQL
figure_at_most('memory_kept_within_a_statement', $late - $early, 'kB', 1024);
$session->quit;

# A database that is gone has no line in llm_status, once nothing is left of it.
$node->safe_psql('gone', "CREATE EXTENSION analytics_llm; SELECT status FROM llm_answer('how many parts'); SELECT llm_flush()");
is( $node->safe_psql('postgres', "SELECT count(*) FROM llm_status() WHERE component = 'writer' AND name = 'gone'"),
	'1', 'llm_status: a database with records');
$node->safe_psql('postgres', 'DROP DATABASE gone');
is( $node->safe_psql('postgres', "SELECT count(*) FROM llm_status() WHERE component = 'writer' AND name ~ '^\\d+\$'"),
	'0', 'llm_status: none when it has been dropped');

unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'no crash');
$node->stop;
figure_all_passed('endurance');
done_testing();
