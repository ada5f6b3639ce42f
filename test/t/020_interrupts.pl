# Every wait can be cancelled, for its true reason, and the question is
# recorded whatever ended it.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('interrupts');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
analytics_llm.cache_ttl = 0
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
INSERT INTO analytics_llm.example (name, question, sql)
VALUES ('endless', 'count without end',
		'SELECT count(*) FROM generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS b'),
	   ('one', 'what is one', 'SELECT 1 AS one');
SQL

my $endless = "SELECT llm_ask('count without end')";

# Starts the endless question in the background; returns the session and the
# pid of its backend once the query is under way.
sub start_endless
{
	my ($setup) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	$session->query_safe($setup) if $setup;
	$session->query_until(qr/started/, "\\echo started\n$endless;\n");
	$node->poll_query_until('postgres',
		"SELECT state = 'active' AND query LIKE '%without end%' FROM pg_stat_activity WHERE pid = $pid")
	  or die 'the question did not start';
	return ($session, $pid);
}

# The request that ended last, once the writer has it.
sub last_request
{
	my ($code) = @_;
	$node->poll_query_until('postgres',
		"SELECT count(*) > 0 FROM analytics_llm.request WHERE error_code = '$code'")
	  or return 'none';
	return $node->safe_psql('postgres', <<SQL);
SELECT DISTINCT r.status, r.error_code, l.status, l.error_code
  FROM analytics_llm.request AS r JOIN analytics_llm.log AS l USING (request_id)
 WHERE r.error_code = '$code' AND l.model_used = 'example'
SQL
}

# pg_cancel_backend.
my ($session, $pid) = start_endless();
$node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)");
$session->query('SELECT 1');
like($session->{stderr}, qr/canceling statement due to user request/, 'a cancel says why');
$session->{stderr} = '';
is($session->query_safe("SELECT llm_ask('what is one')"), '{"one":1}',
	'the next question of the session is answered');
is(last_request('57014'), 'degraded|57014|error|57014', 'the cancelled question is recorded');
$session->quit;

# statement_timeout.
my ($rc, $out, $err) = $node->psql('postgres',
	"SET statement_timeout = '100ms';\n$endless;\n");
like($err, qr/canceling statement due to statement timeout/, 'statement_timeout says why');

# Our own deadline is an answer like any other, and does not poison the
# transaction.
is( $node->safe_psql('postgres', <<'SQL'),
SET analytics_llm.query_timeout = '50ms';
BEGIN;
SELECT error_code FROM llm_answer('count without end');
SELECT llm_ask('what is one');
COMMIT;
SQL
	"LLM01\n{\"one\":1}", 'query_timeout ends the query, not the transaction');

# pg_terminate_backend: recorded although the backend is gone.
($session, $pid) = start_endless();
$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
is(last_request('57P01'), 'degraded|57P01|error|57P01', 'the terminated question is recorded');
eval { $session->quit };

# In a cursor, in a plpgsql loop, in a subtransaction that is rolled back.
is( $node->safe_psql('postgres', <<'SQL'),
BEGIN;
DECLARE c CURSOR FOR SELECT llm_ask('what is one') FROM generate_series(1, 3);
FETCH 2 FROM c;
CLOSE c;
COMMIT;
SQL
	"{\"one\":1}\n{\"one\":1}", 'a cursor');
is( $node->safe_psql('postgres', <<'SQL'),
CREATE TABLE got (n int, v text);
DO $$
BEGIN
	FOR i IN 1 .. 5 LOOP
		BEGIN
			INSERT INTO got SELECT i, a::text FROM llm_ask('what is one') AS a;
			IF i % 2 = 0 THEN
				RAISE EXCEPTION 'undone';
			END IF;
		EXCEPTION WHEN raise_exception THEN
			NULL;
		END;
	END LOOP;
END $$;
SELECT string_agg(n::text || v, ' ' ORDER BY n) FROM got;
SQL
	'1{"one":1} 3{"one":1} 5{"one":1}', 'a plpgsql loop with exceptions');
is( $node->safe_psql('postgres', <<'SQL'),
SELECT llm_flush();
SELECT count(*) FROM analytics_llm.request WHERE question = 'what is one' AND status = 'templated';
SQL
	"\n9", 'each of them is recorded, rolled back or not');

# The writes of the caller go on after a question.
is( $node->safe_psql('postgres', <<'SQL'),
BEGIN;
CREATE TABLE written (a int);
SELECT llm_ask('what is one');
INSERT INTO written VALUES (1);
COMMIT;
SELECT count(*), current_setting('transaction_read_only') FROM written;
SQL
	"{\"one\":1}\n1|off", 'the fence is gone after the answer');

# A fast shutdown ends the question, and the record is either in the table or,
# where no writer was left, in the server log.
($session, $pid) = start_endless();
$node->stop('fast');
eval { $session->quit };
$node->start;
my $in_table = $node->safe_psql('postgres',
	"SELECT count(*) FROM analytics_llm.request WHERE error_code = '57P01'");
my $in_log = () = slurp_file($node->logfile) =~ /record of "request".*57P01/g;
is($in_table + $in_log, 2, 'the question that a fast shutdown ended is not lost');

$node->stop;
figure_all_passed('interrupts');
done_testing();
