# A table that somebody else has locked: a question about it ends with its own
# deadline and its own reason, can be cancelled before, and leaves nothing
# behind.  Tables of the extension that are locked stop no question for long.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('locked');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE TABLE parts (part_id int PRIMARY KEY, weight int NOT NULL);
INSERT INTO parts SELECT i, i FROM generate_series(1, 10) AS i;
CREATE TABLE boxes (box_id int PRIMARY KEY);
ANALYZE;
INSERT INTO analytics_llm.example (name, question, sql)
VALUES ('heavy', 'how many heavy parts', 'SELECT count(*) AS heavy FROM parts WHERE weight > 5');
CREATE ROLE analyst LOGIN;
GRANT SELECT ON parts, boxes TO analyst;
SQL

my $dba = $node->background_psql('postgres');
my $short = 'SET analytics_llm.request_timeout = 300';

# Runs statements as the analyst; returns what was said and what was raised.
sub ask
{
	my ($sql) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', $sql, extra_params => [ '-U', 'analyst' ]);
	return ($out, $err);
}

# The locks that backends of the analyst hold on relations between statements.
sub locks_held
{
	my ($pid) = @_;
	return $node->safe_psql('postgres',
		"SELECT count(*) FROM pg_locks WHERE pid = $pid AND locktype IN ('relation', 'transactionid')");
}

# An ALTER TABLE in an open transaction, for instance.
$dba->query_safe('BEGIN; LOCK TABLE parts');

my ($out, $err) = ask("$short; SELECT llm_ask('how many parts')");
like($err, qr/the question cannot be answered right now/, 'llm_ask ends');
like($err, qr/the query was not checked within 300 ms/, 'llm_ask says what it waited for');

($out, $err) = ask("$short; SELECT llm_sql('how many parts')");
like($err, qr/the query was not checked within 300 ms/, 'llm_sql ends by request_timeout as well');

($out, $err) = ask("$short; SELECT status, error_code FROM llm_answer('how many parts')");
is($out, 'degraded|LLM01', 'llm_answer has a row');

($out, $err) = ask("SELECT status, message ~ 'within 200 ms' FROM llm_answer('how many parts', '{\"timeout_ms\": 200}')");
is($out, 'degraded|t', 'option timeout_ms holds for the check');

($out, $err) = ask("$short; SELECT * FROM llm_check('SELECT count(*) FROM parts')");
like($err, qr/the query took longer than/, 'llm_check ends');

($out, $err) = ask("$short; SELECT llm_ask('how many boxes')");
is($out, '{"number_of_boxes":0}', 'a question about another table is answered');

($out, $err) = ask("SET statement_timeout = 200; SELECT llm_ask('how many parts')");
like($err, qr/canceling statement due to statement timeout/, 'statement_timeout keeps its name');

($out, $err) = ask("SET lock_timeout = 200; SELECT llm_ask('how many parts')");
like($err, qr/canceling statement due to lock timeout/, 'lock_timeout keeps its name');

# In one session: its transaction can go on, and holds nothing of the question.
my $session = $node->background_psql('postgres', on_error_stop => 0);
my $pid = $session->query_safe('SELECT pg_backend_pid()');
$session->query_safe($short);
is( $session->query_safe("BEGIN; SELECT status FROM llm_answer('how many parts')"),
	'degraded', 'in a transaction');
is($session->query_safe("SELECT count(*) FROM boxes"), '0', 'the transaction goes on');
is( $node->safe_psql('postgres',
		"SELECT count(*) FROM pg_locks WHERE pid = $pid AND relation = 'parts'::regclass"),
	'0', 'and waits for nothing');
$session->query_safe('COMMIT');
is(locks_held($pid), '0', 'no lock is left');

# A cancel while it waits for the lock.
$session->query_safe("SET analytics_llm.request_timeout = '5min'");
$session->query_until(qr/started/, "\\echo started\nSELECT llm_ask('how many parts');\n");
$node->poll_query_until('postgres',
	"SELECT count(*) > 0 FROM pg_locks WHERE pid = $pid AND NOT granted") or die 'it does not wait';
$node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)");
$session->query('SELECT 1');
like($session->{stderr}, qr/canceling statement due to user request/, 'a cancel ends the wait');
$session->{stderr} = '';
is(locks_held($pid), '0', 'and no lock is left');

# The lock goes while it waits: the answer is the one after the change.
$session->query_until(qr/started/, "\\echo started\nSELECT llm_ask('how many parts');\n");
$node->poll_query_until('postgres',
	"SELECT count(*) > 0 FROM pg_locks WHERE pid = $pid AND NOT granted") or die 'it does not wait';
$dba->query_safe('INSERT INTO parts VALUES (11, 11); COMMIT');
like($session->query('SELECT 1'), qr/"number_of_parts":11/, 'the answer counts what the owner of the lock wrote');

# A table that is rewritten looks empty to whoever looks with older eyes.
$dba->query_safe('BEGIN; ALTER TABLE parts ALTER weight TYPE bigint');
$session->query_until(qr/started/, "\\echo started\nSELECT llm_ask('how many parts');\n");
$node->poll_query_until('postgres',
	"SELECT count(*) > 0 FROM pg_locks WHERE pid = $pid AND NOT granted") or die 'it does not wait';
$dba->query_safe('COMMIT');
like($session->query('SELECT 1'), qr/"number_of_parts":11/, 'a rewrite while it waits does not make the table empty');

# The column that the question is about goes while it waits.
$dba->query_safe('BEGIN; ALTER TABLE parts RENAME COLUMN weight TO mass');
$session->query_until(qr/started/, "\\echo started\nSELECT llm_ask('total weight');\n");
$node->poll_query_until('postgres',
	"SELECT count(*) > 0 FROM pg_locks WHERE pid = $pid AND NOT granted") or die 'it does not wait';
$dba->query_safe('COMMIT');
$session->query('SELECT 1');
like($session->{stderr}, qr/the question cannot be answered/, 'no answer from a column that is gone');
$session->{stderr} = '';
$node->safe_psql('postgres', 'ALTER TABLE parts RENAME COLUMN mass TO weight');
is($session->query_safe("SELECT llm_ask('total weight')"), '{"weight":66}', 'and one when it is back');

# The table is dropped while it waits.
$dba->query_safe('BEGIN; DROP TABLE boxes');
$session->query_until(qr/started/, "\\echo started\nSELECT llm_ask('how many boxes');\n");
$node->poll_query_until('postgres',
	"SELECT count(*) > 0 FROM pg_locks WHERE pid = $pid AND NOT granted") or die 'it does not wait';
$dba->query_safe('COMMIT');
$session->query('SELECT 1');
like($session->{stderr}, qr/the question cannot be answered/, 'no answer from a table that is gone');
$session->{stderr} = '';

# The verified examples are locked: the next tier answers, within its time.
$dba->query_safe('BEGIN; LOCK TABLE analytics_llm.example');
is( $session->query_safe("SELECT status, rows::text FROM llm_answer('how many parts')"),
	'templated|[{"number_of_parts":11}]', 'locked examples do not stop the rules');
$session->query_safe($short);
is( $session->query_safe("SELECT error_code FROM llm_answer('how many heavy parts')"),
	'LLM01', 'nor outlast the deadline');
$dba->query_safe('COMMIT');
is($session->query_safe("SELECT llm_ask('how many heavy parts')"), '{"heavy":6}', 'and are there when the lock is gone');
$session->query_safe('RESET analytics_llm.request_timeout; SELECT llm_flush()');
is( $session->query_safe("SELECT DISTINCT status, error_code, fallback_reason FROM analytics_llm.log WHERE model_used = 'example' AND status <> 'success'"),
	'skipped|57014|they could not be read in time.', 'the log has what happened to them');

# The tables of records are locked: questions do not notice, llm_flush says it.
$dba->query_safe('BEGIN; LOCK TABLE analytics_llm.request, analytics_llm.log');
is($session->query_safe("SELECT llm_ask('how many parts', '{\"feature\": \"behind a lock\"}')"),
	'{"number_of_parts":11}', 'locked tables of records stop nothing');
$session->query_safe($short);
$session->query('SELECT llm_flush()');
like($session->{stderr}, qr/records of this session are not written yet/, 'llm_flush ends, too');
$session->{stderr} = '';
$dba->query_safe('COMMIT');
$session->query_safe("SET analytics_llm.request_timeout = '1min'; SELECT llm_flush()");
is( $session->query_safe("SELECT count(*) FROM analytics_llm.request WHERE feature = 'behind a lock'"),
	'1', 'the record is there when the lock is gone');

# Every question of this file is on record, none is left open.
is( $node->safe_psql('postgres', "SELECT count(*) FROM analytics_llm.request WHERE status IS NULL OR latency_ms IS NULL"),
	'0', 'each record is complete');

$_->quit for $session, $dba;
$node->stop;
figure_all_passed('locked_tables');
done_testing();
