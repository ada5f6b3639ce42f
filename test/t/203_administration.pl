# What an administrator does to a server, a database and its roles while
# people ask: nothing stops for it, and each refusal says what it is.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('admin');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
max_connections = 20
CONF
$node->start;
my $parts = <<'SQL';
CREATE TABLE parts (part_id int PRIMARY KEY, weight int NOT NULL);
INSERT INTO parts SELECT i, i FROM generate_series(1, 10) AS i;
ANALYZE parts;
GRANT SELECT ON parts TO PUBLIC;
SQL
$node->safe_psql('postgres', "CREATE ROLE analyst LOGIN; CREATE DATABASE work");
$node->safe_psql('work', "CREATE EXTENSION analytics_llm; $parts");

# Runs statements as a role; what was said and what was raised.
sub as_role
{
	my ($role, $sql, $database) = @_;
	my ($rc, $out, $err) = $node->psql($database // 'work', $sql, extra_params => [ '-U', $role ]);
	return $rc == 0 ? $out : $err;
}

my $ask = "SELECT llm_ask('how many parts')";
my $ten = '{"number_of_parts":10}';

# The extension's place is fixed when it is made.
my ($rc, $out, $err) = $node->psql('work', 'CREATE SCHEMA tools; ALTER EXTENSION analytics_llm SET SCHEMA tools');
like($err, qr/extension "analytics_llm" does not support SET SCHEMA/, 'SET SCHEMA is refused');
($rc, $out, $err) = $node->psql('work', 'ALTER SCHEMA analytics_llm RENAME TO x; SELECT llm_ask(\'how many parts\')');
is($out, $ten, 'its schema renamed: questions are answered');
$node->safe_psql('work', 'ALTER SCHEMA x RENAME TO analytics_llm');
($rc, $out, $err) = $node->psql('work', 'DROP SCHEMA analytics_llm CASCADE');
like($err, qr/cannot drop schema analytics_llm because extension analytics_llm requires it/, 'its schema cannot be dropped alone');
($rc, $out, $err) = $node->psql('work', 'DROP TABLE analytics_llm.request');
like($err, qr/because extension analytics_llm requires it/, 'nor its tables');
$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', "CREATE SCHEMA tools; CREATE EXTENSION analytics_llm SCHEMA tools; $parts");
like(as_role('analyst', $ask, 'other'), qr/function llm_ask\(unknown\) does not exist/, 'in another schema: not on the search path');
like(as_role('analyst', "SELECT tools.llm_ask('how many parts')", 'other'), qr/permission denied for schema tools/, 'in another schema: the schema has rights of its own');
$node->safe_psql('other', 'GRANT USAGE ON SCHEMA tools TO PUBLIC');
is(as_role('analyst', "SELECT tools.llm_ask('how many parts')", 'other'), $ten, 'in another schema: asked');

# Hardened defaults: nothing for PUBLIC by itself.
$node->safe_psql('postgres', 'CREATE DATABASE hard');
$node->safe_psql('hard', <<SQL);
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC;
CREATE EXTENSION analytics_llm;
$parts
SQL
is(as_role('analyst', "SELECT rows FROM llm_answer('how many parts')", 'hard'), "[$ten]", 'hardened defaults: PUBLIC may ask');
like(as_role('analyst', "INSERT INTO analytics_llm.example (name, question, sql) VALUES ('x', 'y', 'SELECT 1')", 'hard'),
	qr/permission denied for table example/, 'generous defaults: PUBLIC may not define');
like(as_role('analyst', 'DELETE FROM analytics_llm.request', 'hard'), qr/permission denied for table request/, 'nor delete records');

# Settings of a role and of a database.
$node->safe_psql('work', 'ALTER ROLE analyst SET analytics_llm.row_limit = 2; ALTER DATABASE work SET analytics_llm.on_doubt = error');
like(as_role('analyst', "SELECT llm_ask('list parts')"), qr/the answer is not certain enough.*cut off at 2 rows/s, 'ALTER ROLE and ALTER DATABASE hold for a new session');
is(as_role('analyst', "DISCARD ALL; SELECT row_count FROM llm_answer('list parts')"), '2', 'and after DISCARD ALL');
$node->safe_psql('work', 'ALTER ROLE analyst RESET ALL; ALTER DATABASE work RESET ALL');

# A reload reaches a session that is there; a value that is wrong changes nothing.
my $session = $node->background_psql('work', on_error_stop => 0);
$node->safe_psql('postgres', "ALTER SYSTEM SET analytics_llm.support_url = 'https://help.example.com'");
$node->reload;
$session->query_until(qr/ready/, "SELECT pg_sleep(0.05), 'ready';\n");
$session->query("SELECT llm_ask('how many unicorns')");
like($session->{stderr}, qr{Support: https://help\.example\.com}, 'support_url after a reload');
$session->{stderr} = '';
($rc, $out, $err) = $node->psql('postgres', "ALTER SYSTEM SET analytics_llm.query_timeout = '1ms'");
like($err, qr/is outside the valid range/, 'a value out of range is refused');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET analytics_llm.support_url');

# A role that is renamed, dropped and made again while it has a session.
my $analyst = $node->background_psql('work', extra_params => [ '-U', 'analyst' ], on_error_stop => 0);
is($analyst->query_safe($ask), $ten, 'before the rename');
$node->safe_psql('postgres', 'ALTER ROLE analyst RENAME TO planner');
is($analyst->query_safe($ask), $ten, 'a renamed role asks on');
$analyst->query_safe('SELECT llm_flush()');
is( $node->safe_psql('work', "SELECT user_name FROM analytics_llm.request WHERE user_name IN ('analyst', 'planner') ORDER BY asked_at DESC LIMIT 1"),
	'planner', 'under its new name');
is($analyst->query_safe('SELECT count(DISTINCT user_name) FROM analytics_llm.request'), '1', 'and sees the records under it');
$node->safe_psql('work', 'DROP OWNED BY planner; DROP ROLE planner');
$analyst->query($ask);
like($analyst->{stderr}, qr/role with OID \d+ does not exist|permission denied|invalid role OID/, 'a dropped role gets an error');
$analyst->{stderr} = '';
$analyst->query('ROLLBACK');
is($session->query_safe($ask), $ten, 'which is nobody else\'s trouble');
$analyst->quit;
$node->safe_psql('postgres', 'CREATE ROLE analyst LOGIN');
is(as_role('analyst', 'SELECT count(*) FROM analytics_llm.request'), '0', 'a new role of the old name sees no records');

# DROP OWNED and REASSIGN OWNED of a role that has defined examples.
$node->safe_psql('work', <<'SQL');
CREATE ROLE engineer;
GRANT INSERT, UPDATE ON analytics_llm.example TO engineer;
SET ROLE engineer;
INSERT INTO analytics_llm.example (name, question, sql) VALUES ('heaviest', 'what is heaviest', 'SELECT max(weight) AS w FROM parts');
RESET ROLE;
REASSIGN OWNED BY engineer TO CURRENT_USER;
DROP OWNED BY engineer;
DROP ROLE engineer;
SQL
is(as_role('analyst', "SELECT llm_ask('what is heaviest')"), '{"w":10}', 'a definition outlives who made it');

# A definition is checked as who asks, not as who wrote it.
$node->safe_psql('work', <<'SQL');
CREATE TABLE salaries (id int PRIMARY KEY, amount int);
INSERT INTO salaries VALUES (1, 100);
INSERT INTO analytics_llm.example (name, question, sql) VALUES ('pay', 'what do we pay', 'SELECT sum(amount) AS pay FROM salaries');
SQL
like(as_role('analyst', "SELECT llm_ask('what do we pay')"), qr/Verified examples: the query was refused by the check/, 'a definition lends no rights');
unlike(as_role('analyst', "SELECT llm_ask('what do we pay')"), qr/salaries|amount/, 'and names nothing');

# All connections taken: records are written all the same.
$node->safe_psql('postgres', 'ALTER ROLE analyst CONNECTION LIMIT 1');
my $only = $node->background_psql('work', extra_params => [ '-U', 'analyst' ], on_error_stop => 0);
is($only->query_safe($ask), $ten, 'with a connection limit');
$only->query_safe('SELECT llm_flush()');
pass('the writer needs none of the role\'s connections');
$node->safe_psql('work', 'ALTER DATABASE work CONNECTION LIMIT 3');
$only->query_safe($ask);
$only->query_safe('SELECT llm_flush()');
pass('nor of the database\'s');
$only->quit;
$node->safe_psql('postgres', 'ALTER DATABASE work CONNECTION LIMIT -1');

# A transaction that is ended for being idle, after a question.
my $idle = $node->background_psql('work', on_error_stop => 0);
my $pid = $idle->query_safe('SELECT pg_backend_pid()');
$idle->query_safe("SET idle_in_transaction_session_timeout = '100ms'; BEGIN; SELECT llm_ask('how many parts', '{\"feature\": \"idle\"}')");
$node->poll_query_until('work', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid");
$node->poll_query_until('work', "SELECT count(*) = 1 FROM analytics_llm.request WHERE feature = 'idle'")
  or die 'the record is lost';
pass('a session that is ended in a transaction leaves its record');
eval { $idle->quit };

# In two-phase commit and with temporary tables of other sessions.
$session->query_safe('CREATE TEMP TABLE others (other_id int PRIMARY KEY)');
is(as_role('analyst', "SELECT error_code FROM llm_answer('how many others')"), 'LLM08', 'a temporary table of another session is not there');
$session->query_safe('SET client_min_messages = warning');
is($session->query_safe("SELECT llm_ask('how many others')"), '{"number_of_others":0}', 'and is for its own');

# The extension is dropped under a session, and made again.
$node->safe_psql('work', 'DROP EXTENSION analytics_llm');
$session->query($ask);
like($session->{stderr}, qr/function llm_ask\(unknown\) does not exist/, 'dropped under a session');
$session->{stderr} = '';
$node->safe_psql('work', 'CREATE EXTENSION analytics_llm');
is($session->query_safe($ask), $ten, 'made again under the same session');

# An answer type with a column more, as a later version has.
$node->safe_psql('work', 'ALTER TYPE analytics_llm.answer ADD ATTRIBUTE later int');
$session->query("SELECT * FROM llm_answer('how many parts')");
like($session->{stderr}, qr/type analytics_llm\.answer has 22 columns, but the library gives 21/, 'an answer type of another version');
$session->{stderr} = '';
is($session->query_safe($ask), $ten, 'and the session lives');
$node->safe_psql('work', 'ALTER TYPE analytics_llm.answer DROP ATTRIBUTE later');
$session->quit;

# Restarts: fast with sessions, immediate, and with one that asks.
my $busy = $node->background_psql('work', on_error_stop => 0);
$busy->query_safe($ask);
$node->restart;
is(as_role('analyst', $ask), $ten, 'after a fast restart with a session');
eval { $busy->quit };
$node->stop('immediate');
$node->start;
is(as_role('analyst', $ask), $ten, 'after an immediate shutdown');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'no crash');

$node->stop;
figure_all_passed('administration');
done_testing();
