# A role sees its own records and no others; nobody but the writer makes any.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('rights');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
timezone = 'America/New_York'
datestyle = 'German'
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE TABLE customers (customer_id int PRIMARY KEY);
CREATE ROLE analyst LOGIN;
CREATE ROLE "Sales Team" LOGIN;
CREATE ROLE watcher LOGIN IN ROLE pg_monitor;
GRANT SELECT ON customers TO PUBLIC;
SQL

# Runs statements as a role.
sub as_role
{
	my ($role, $sql) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', $sql, extra_params => [ '-U', $role ]);
	return $rc == 0 ? $out : $err;
}

# The questions that a role sees in each of the relations.
sub seen
{
	my ($role) = @_;
	return as_role($role, <<'SQL');
SELECT (SELECT string_agg(question, ',' ORDER BY question) FROM analytics_llm.request),
	   (SELECT string_agg(DISTINCT user_name, ',' ORDER BY user_name) FROM analytics_llm.log),
	   (SELECT string_agg(DISTINCT entry ->> 'userName', ',') FROM analytics_llm.log_json)
SQL
}

is(as_role('analyst', "SELECT status IS NOT NULL FROM llm_answer('how many customers'); SELECT llm_flush()"),
	"t\n", 'a role without rights on the tables has its question recorded');
is(as_role('Sales Team', "SELECT status IS NOT NULL FROM llm_answer('customers'); SELECT llm_flush()"), "t\n", 'and another one');
is(seen('analyst'), 'how many customers|analyst|analyst', 'a role sees its own rows');
is(seen('Sales Team'), 'customers|Sales Team|Sales Team', 'whatever its name is');
like(seen('watcher'), qr/^customers,how many customers\|Sales Team,analyst\|/, 'pg_monitor sees all rows');
is( as_role('analyst', 'SELECT count(*) FROM analytics_llm.span AS s JOIN analytics_llm.request AS r USING (trace_id) WHERE r.user_name <> current_user'),
	'0', 'nor are there spans of others');

like(as_role('analyst', $_), qr/permission denied for table/, "not allowed: $_")
  for 'INSERT INTO analytics_llm.log (status) VALUES (NULL)',
  'DELETE FROM analytics_llm.request',
  'UPDATE analytics_llm.log SET cost = 0',
  'TRUNCATE analytics_llm.log';

# A role that has only the name of an earlier one.
$node->safe_psql('postgres', 'ALTER ROLE analyst RENAME TO former; CREATE ROLE analyst LOGIN');
is(seen('analyst'), '||', 'a later role of the same name sees nothing of the earlier one');

# The form that log collectors rely on.
is( $node->safe_psql('postgres', "SELECT string_agg(key, ' ' ORDER BY n) FROM (SELECT entry FROM analytics_llm.log_json LIMIT 1) AS e, json_object_keys(entry) WITH ORDINALITY AS k (key, n) WHERE n <= 15"),
	'timestamp requestId userId modelUsed inputTokens outputTokens latencyMs status queryType userInput generatedQuery validationPassed fallbackUsed cost errorMessage',
	'log_json: the keys and their order');
is( $node->safe_psql('postgres', "SET timezone = 'Asia/Kolkata'; SELECT bool_and(entry ->> 'timestamp' ~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d+Z\$' AND (entry ->> 'timestamp')::timestamptz = logged_at) FROM analytics_llm.log_json, analytics_llm.log WHERE (entry ->> 'requestId')::uuid = request_id AND (entry ->> 'attempt')::int IS NOT DISTINCT FROM attempt"),
	't', 'log_json: times are UTC with Z');

# Times are right wherever the server and the reader are.
is( $node->safe_psql('postgres', "SET timezone = 'Asia/Kolkata'; SELECT bool_and(asked_at BETWEEN now() - interval '5 min' AND now()) FROM analytics_llm.request"),
	't', 'request: times do not depend on the time zone of the server');
is( $node->safe_psql('postgres', "SET timezone = 'Asia/Kolkata'; SELECT bool_and(start_time BETWEEN asked_at AND asked_at + interval '5 min') FROM analytics_llm.span JOIN analytics_llm.request USING (trace_id)"),
	't', 'span: times do not depend on the time zone of the reader');

$node->stop;
figure_all_passed('records_by_role');
done_testing();
