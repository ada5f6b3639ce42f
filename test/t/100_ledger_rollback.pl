# A question is recorded whatever becomes of the transaction that asks it: one
# request row and at least one log row each, no more and no fewer.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('rollback');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE TABLE customers (customer_id int PRIMARY KEY);
INSERT INTO customers SELECT generate_series(1, 7);
SQL

# Each question has a text of its own by which its rows are found.
my $n = 0;

sub question
{
	$n++;
	return "how many customers in case $n,";
}

# Runs a script in which %s is a question, and says how many request rows and
# distinct requests in the log there are for those that begin with it.
sub recorded
{
	my ($script, %options) = @_;
	my $question = question();
	$script =~ s/%s/$question/g;
	my ($rc, $out, $err) =
	  $node->psql('postgres', "$script\nROLLBACK;\nSELECT llm_flush();\n", on_error_stop => 0);
	like($err, $options{error}, 'the error of the caller is its own') if $options{error};
	return $node->safe_psql('postgres', <<SQL);
SELECT count(DISTINCT r.request_id), count(DISTINCT l.request_id)
  FROM analytics_llm.request AS r LEFT JOIN analytics_llm.log AS l USING (request_id)
 WHERE r.question LIKE '$question%'
SQL
}

is(recorded("SELECT status FROM llm_answer('%s');"), '1|1', 'a statement of its own');
is(recorded("BEGIN; SELECT status FROM llm_answer('%s'); COMMIT;"), '1|1', 'a transaction that commits');
is(recorded("BEGIN; SELECT status FROM llm_answer('%s'); ROLLBACK;"), '1|1', 'ROLLBACK');
is( recorded("SELECT status FROM llm_answer('%s'), (SELECT 1) AS one; SELECT 1 / 0;"),
	'1|1', 'an error in the next statement');
is( recorded(
		"BEGIN; SELECT status, 1 / length(substr(status, 1, 0)) FROM llm_answer('%s');",
		error => qr/division by zero/),
	'1|1', 'an error in the same statement, after the answer');
is( recorded(
		"BEGIN; SELECT status FROM llm_answer('%s'); SELECT * FROM nowhere; SELECT 1;",
		error => qr/relation "nowhere" does not exist/),
	'1|1', 'an error after it in the same transaction');
is(recorded("BEGIN READ ONLY; SELECT status FROM llm_answer('%s'); COMMIT;"), '1|1', 'READ ONLY');
is( recorded(
		"BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE; SELECT status FROM llm_answer('%s'); COMMIT;"
	),
	'1|1', 'SERIALIZABLE READ ONLY DEFERRABLE');
is( recorded("SET default_transaction_read_only = on; SELECT status FROM llm_answer('%s');"),
	'1|1', 'default_transaction_read_only of the session');
is( recorded(<<'SQL'), '1|1', 'a cursor that is closed early');
BEGIN;
DECLARE c CURSOR FOR SELECT a.status, i FROM llm_answer('%s') AS a, generate_series(1, 10) AS i;
FETCH 2 FROM c;
CLOSE c;
ROLLBACK;
SQL
is( recorded(<<'SQL'), '1|1', 'a savepoint that is rolled back');
BEGIN;
SAVEPOINT s;
SELECT status FROM llm_answer('%s');
ROLLBACK TO s;
COMMIT;
SQL
is( recorded(<<'SQL'), '10|10', 'a plpgsql loop in which every other block is undone');
DO $$
BEGIN
	FOR i IN 1 .. 10 LOOP
		BEGIN
			PERFORM llm_answer('%s number ' || i);
			IF i % 2 = 0 THEN
				RAISE EXCEPTION 'undone';
			END IF;
		EXCEPTION WHEN raise_exception THEN
			NULL;
		END;
	END LOOP;
END $$;
SQL

# Settings of the database are not the writer's.
$node->safe_psql('postgres', <<'SQL');
ALTER DATABASE postgres SET default_transaction_read_only = on;
ALTER DATABASE postgres SET search_path = nowhere;
ALTER DATABASE postgres SET default_transaction_isolation = 'serializable';
SQL
# The writer that runs had the former ones: wait until it has left.
$node->poll_query_until('postgres',
	"SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'analytics_llm writer'");
is( recorded("SET search_path = public; SELECT status FROM llm_answer('%s');\nSET default_transaction_read_only = off;"),
	'1|1', 'settings of the database')
  if $node->psql('postgres', 'SET search_path = public; SELECT llm_flush()') == 0;
$node->safe_psql('postgres', <<'SQL');
SET default_transaction_read_only = off;
ALTER DATABASE postgres RESET ALL;
SQL

# A trigger on the table is not fired, since nobody's code may decide over
# records, and one that is to fire always does.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE fired (name text);
CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO public.fired VALUES (TG_NAME); RETURN NEW; END $$;
CREATE TRIGGER ordinary BEFORE INSERT ON analytics_llm.request
   FOR EACH ROW EXECUTE FUNCTION fire();
CREATE TRIGGER wanted BEFORE INSERT ON analytics_llm.request
   FOR EACH ROW EXECUTE FUNCTION fire();
ALTER TABLE analytics_llm.request ENABLE ALWAYS TRIGGER wanted;
SQL
is(recorded("SELECT status FROM llm_answer('%s');"), '1|1', 'triggers on the table');
is($node->safe_psql('postgres', 'SELECT string_agg(name, \',\') FROM fired'), 'wanted', 'only the one that is enabled always fires');

# A record that a constraint of the DBA refuses is printed, and holds up nothing.
$node->safe_psql('postgres', <<'SQL');
DROP TRIGGER ordinary ON analytics_llm.request;
DROP TRIGGER wanted ON analytics_llm.request;
ALTER TABLE analytics_llm.request ADD CHECK (question NOT LIKE '%unwanted%') NOT VALID;
SQL
is( recorded("SELECT FROM llm_answer('%s before') AS a, llm_answer('an unwanted question') AS b, llm_answer('%s after') AS c;"),
	'2|2', 'the records before and after one that is refused');
my $printed = () = slurp_file($node->logfile) =~ /analytics_llm: record of "request": \{[^\n]*an unwanted question/g;
is($printed, 1, 'the one that is refused is in the server log');

$node->stop;
figure_all_passed('records_survive_rollback');
done_testing();
