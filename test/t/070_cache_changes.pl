# What ends a kept answer.  Each change is made by another session than the one
# that asks, which trusts what it has looked at once, and is looked for twice:
# by that session, and by one that knows nothing.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('cache_changes');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\ntimezone = 'UTC'\nlog_min_messages = warning\nmax_prepared_transactions = 4\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE ROLE reader LOGIN;
CREATE ROLE readers;
CREATE ROLE other LOGIN;
SQL

my $QUESTION = 'how many sales';

# A schema of its own for each case, and what the case adds to it.
sub schema
{
	my ($name, $more) = @_;
	return <<"SQL";
CREATE SCHEMA $name;
CREATE SCHEMA ${name}_front;
GRANT USAGE ON SCHEMA $name, ${name}_front TO PUBLIC;
SET search_path = $name, public;
CREATE TABLE sales (sale_id int PRIMARY KEY, region text, amount int);
INSERT INTO sales SELECT i, 'r' || i % 2, i FROM generate_series(1, 10) AS i;
GRANT SELECT ON sales TO reader;
ANALYZE sales;
DELETE FROM analytics_llm.example;
$more
SQL
}

sub example
{
	my ($sql) = @_;
	$sql =~ s/'/''/g;
	return "INSERT INTO analytics_llm.example (name, question, sql) VALUES ('e', '$QUESTION', '$sql');";
}

# One session's view: status, tier, and rows or SQLSTATE.
sub asked
{
	return "SELECT concat_ws(' ', status, tier, coalesce(rows::text, error_code)) FROM llm_answer('$QUESTION')";
}

my $NOT_THERE = qr/^degraded 4 LLM08$/;
my $SAME_ANEW = qr/^templated 3 \[\{"number_of_sales":10\}\]$/;

# A property of each grant since 16.
my $no_inheritance = $node->pg_version >= 16 ? 'GRANT readers TO reader WITH INHERIT FALSE' : 'ALTER ROLE reader NOINHERIT';

# name, what is made first, the change, what is answered then, what undoes it.
my @cases = (
	[ 'revoked', '', 'REVOKE SELECT ON sales FROM reader', $NOT_THERE ],
	[ 'column_revoked', 'REVOKE SELECT ON sales FROM reader; GRANT SELECT (sale_id, amount) ON sales TO reader;' . example('SELECT sum(amount) AS total FROM sales'),
		'REVOKE SELECT (amount) ON sales FROM reader', $SAME_ANEW ],
	[ 'membership', 'REVOKE SELECT ON sales FROM reader; GRANT SELECT ON sales TO readers; GRANT readers TO reader;',
		'REVOKE readers FROM reader', $NOT_THERE ],
	[ 'schema_usage', '', 'REVOKE USAGE ON SCHEMA schema_usage FROM PUBLIC', $NOT_THERE ],
	[ 'inherit', 'REVOKE SELECT ON sales FROM reader; GRANT SELECT ON sales TO readers; GRANT readers TO reader;',
		$no_inheritance, $NOT_THERE, 'ALTER ROLE reader INHERIT; REVOKE readers FROM reader' ],
	[ 'superuser', 'REVOKE SELECT ON sales FROM reader; ALTER ROLE reader SUPERUSER;',
		'ALTER ROLE reader NOSUPERUSER', $NOT_THERE ],
	[ 'row_security', '', 'ALTER TABLE sales ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON sales USING (sale_id < 4)',
		qr/^templated 3 \[\{"number_of_sales":3\}\]$/ ],
	[ 'no_policy', '', 'ALTER TABLE sales ENABLE ROW LEVEL SECURITY', qr/^templated 3 \[\{"number_of_sales":0\}\]$/ ],
	[ 'view', 'ALTER TABLE sales RENAME TO base; CREATE VIEW sales AS SELECT * FROM base; GRANT SELECT ON sales TO reader;',
		'CREATE OR REPLACE VIEW sales AS SELECT * FROM base WHERE amount > 7', qr/^templated 3 \[\{"number_of_sales":3\}\]$/ ],
	[ 'view_below', 'ALTER TABLE sales RENAME TO base; CREATE VIEW middle AS SELECT * FROM base; CREATE VIEW sales AS SELECT * FROM middle; GRANT SELECT ON sales TO reader;',
		'CREATE OR REPLACE VIEW middle AS SELECT * FROM base WHERE amount > 7', qr/^templated 3 \[\{"number_of_sales":3\}\]$/ ],
	[ 'made_anew', '', 'DROP TABLE sales; CREATE TABLE sales (sale_id int PRIMARY KEY, region text, amount int); GRANT SELECT ON sales TO reader',
		qr/^templated 3 \[\{"number_of_sales":0\}\]$/ ],
	[ 'exchanged', 'CREATE TABLE later (LIKE sales INCLUDING ALL); GRANT SELECT ON later TO reader;',
		'ALTER TABLE sales RENAME TO earlier; ALTER TABLE later RENAME TO sales', qr/^templated 3 \[\{"number_of_sales":0\}\]$/ ],
	[ 'shadowed', example('SELECT count(*) AS number_of_sales FROM sales'), 'CREATE TABLE shadowed_front.sales (sale_id int PRIMARY KEY); GRANT SELECT ON shadowed_front.sales TO reader',
		qr/^templated 3 \[\{"number_of_sales":0\}\]$/ ],
	[ 'shadowed_hidden', example('SELECT count(*) AS counted FROM sales'), 'CREATE TABLE shadowed_hidden_front.sales (x int)', $SAME_ANEW ],
	[ 'truncated', '', 'TRUNCATE sales', qr/^templated 3 \[\{"number_of_sales":0\}\]$/ ],
	[ 'column_added', '', 'ALTER TABLE sales ADD COLUMN discount int', $SAME_ANEW ],
	[ 'column_renamed', example('SELECT sum(amount) AS total FROM sales'), 'ALTER TABLE sales RENAME amount TO amounts', $SAME_ANEW ],
	[ 'column_type', '', 'ALTER TABLE sales ALTER amount TYPE bigint', $SAME_ANEW ],
	[ 'key', '', 'ALTER TABLE sales DROP CONSTRAINT sales_pkey', $SAME_ANEW ],
	[ 'a_new_table', '', 'CREATE TABLE towns (town_id int); GRANT SELECT ON towns TO reader', $SAME_ANEW ],
	[ 'enum', q{CREATE TYPE mood AS ENUM ('sad', 'glad'); ALTER TABLE sales ADD mood mood DEFAULT 'sad';} . example('SELECT DISTINCT mood FROM sales'),
		q{ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'}, qr/^templated 3 \[\{"mood":"blue"\}\]$/ ],
	[ 'materialized', 'ALTER TABLE sales RENAME TO base; CREATE MATERIALIZED VIEW sales AS SELECT * FROM base; GRANT SELECT ON sales TO reader;',
		'DELETE FROM base WHERE amount > 2; REFRESH MATERIALIZED VIEW sales', qr/^templated 3 \[\{"number_of_sales":2\}\]$/ ],
	[ 'example', example('SELECT 1 AS one'), q{UPDATE analytics_llm.example SET sql = 'SELECT 2 AS two'}, qr/^templated 3 \[\{"two":2\}\]$/ ],
	[ 'example_off', example('SELECT 1 AS one'), 'UPDATE analytics_llm.example SET enabled = false', $SAME_ANEW ],
	[ 'example_gone', example('SELECT 1 AS one'), 'DELETE FROM analytics_llm.example', $SAME_ANEW ],
	[ 'example_new', '', example('SELECT 1 AS one'), qr/^templated 3 \[\{"one":1\}\]$/ ],
	[ 'tier', '', 'UPDATE analytics_llm.tier SET min_confidence = min_confidence', $SAME_ANEW ],
	[ 'model', '', 'UPDATE analytics_llm.model SET enabled = enabled', $SAME_ANEW ],
	[ 'route', '', 'UPDATE analytics_llm.route SET verify = verify', $SAME_ANEW ],
	[ 'allowed', '', q{INSERT INTO analytics_llm.allowed_function VALUES ('pg_catalog.pg_sleep(float8)', 'a test')}, $SAME_ANEW,
		'DELETE FROM analytics_llm.allowed_function' ],
	[ 'cleared', '', q{SELECT llm_cache_clear('reader')}, $SAME_ANEW ],
	[ 'role_renamed', '', 'ALTER ROLE reader RENAME TO reader_two', $SAME_ANEW, 'ALTER ROLE reader_two RENAME TO reader' ],
	[ 'function_revoked', example('SELECT count(abs(amount)) AS counted FROM sales'),
		'REVOKE EXECUTE ON FUNCTION pg_catalog.abs(int) FROM PUBLIC', $SAME_ANEW,
		'GRANT EXECUTE ON FUNCTION pg_catalog.abs(int) TO PUBLIC' ]);

my $ended = 0;
for my $who ('the session that has asked', 'a new session')
{
	for my $case (@cases)
	{
		my ($name, $more, $change, $then, $undo) = @$case;
		my $path = "SET search_path = ${name}_front, $name, public; SET client_min_messages = error";
		$node->safe_psql('postgres', schema($name, $more));
		my $session = $node->background_psql('postgres', extra_params => [ '-U', 'reader' ]);
		$session->query($path);
		like($session->query(asked()), qr/^templated 3 \[/, "$name: asked");
		my $kept = $session->query(asked());
		like($kept, qr/^ok 0 \[/, "$name: kept");
		is($session->query(asked()), $kept, "$name: and trusted");

		$node->safe_psql('postgres', "SET search_path = $name, public; $change");
		my $user = $name eq 'role_renamed' ? 'reader_two' : 'reader';
		my $got = $who =~ /new/
		  ? $node->safe_psql('postgres', "$path; " . asked(), extra_params => [ '-U', $user ])
		  : $session->query(asked());
		like($got, $then, "$name: ended for $who") and $ended++;
		$session->quit;
		$node->safe_psql('postgres', ($undo ? "$undo;" : '') . "SET client_min_messages = error; DROP SCHEMA $name, ${name}_front CASCADE");
	}
}
figure_at_least('cache_changes_seen', $ended, 'changes', 2 * @cases);

# A change that is not committed is for nobody, and one that is rolled back
# leaves the answer as it was.
$node->safe_psql('postgres', schema('rolled_back', ''));
my $path = 'SET search_path = rolled_back, public';
my $session = $node->background_psql('postgres', extra_params => [ '-U', 'reader' ]);
my $changes = $node->background_psql('postgres');
$session->query($path);
$session->query(asked());
$changes->query("BEGIN; INSERT INTO rolled_back.sales VALUES (11, 'r1', 1);");
like($session->query(asked()), qr/^ok 0 \[\{"number_of_sales":10\}\]$/, 'not while it is open');
$changes->query('ROLLBACK');
like($session->query(asked()), qr/^ok 0 \[\{"number_of_sales":10\}\]$/, 'nor when it was rolled back');

# Who locks a table of the answer keeps nobody from the rows of before; who
# locks the tables of definitions, from asking without the cache.
$changes->query('BEGIN; LOCK TABLE rolled_back.sales IN ACCESS EXCLUSIVE MODE');
like($session->query(asked()), qr/^ok 0 /, 'a locked table');
$changes->query('ROLLBACK; BEGIN; LOCK TABLE analytics_llm.cache IN ACCESS EXCLUSIVE MODE');
like($session->query(asked()), qr/^ok 0 /, 'a locked table of answers');
is($session->query('SELECT count(*) FROM llm_ask($$number of sales by region$$)'), 2, 'and a question that is not kept');
$changes->query('ROLLBACK; BEGIN; LOCK TABLE analytics_llm.tier IN ACCESS EXCLUSIVE MODE');
my $new = $node->background_psql('postgres', extra_params => [ '-U', 'reader' ]);
$new->query("$path; SET client_min_messages = error; SET analytics_llm.request_timeout = '1500ms'");
like($new->query(asked()), qr/^templated 3 \[\{"number_of_sales":10\}\]$/, 'a locked table of definitions');
$changes->query('ROLLBACK');
like($new->query(asked()), qr/^ok 0 /, 'which is free again');
$_->quit for $session, $changes, $new;

# What was prepared by one session and is committed by another counts for the one
# that commits: rows that another session has read meanwhile lack it.
$node->safe_psql('postgres', schema('prepared', '') . "BEGIN; INSERT INTO prepared.sales VALUES (11, 'r1', 11); PREPARE TRANSACTION 'p'");
my ($commits, $asks) = map { $node->background_psql('postgres') } 1, 2;
$_->query_safe('SET search_path = prepared, public; SET client_min_messages = error') for $commits, $asks;
like($commits->query(asked()), qr/"number_of_sales":10/, 'before COMMIT PREPARED');
# The rows of before come back into the cache after it, by one that has read them.
$asks->query_safe('BEGIN ISOLATION LEVEL READ COMMITTED');
like($asks->query(asked()), qr/^ok 0 .*"number_of_sales":10/, 'another session gets them');
$commits->query_safe("COMMIT PREPARED 'p'");
like($asks->query(asked()), qr/^ok 0 .*"number_of_sales":10/, 'and still does');
like($commits->query(asked()), qr/"number_of_sales":11/, 'but not the session that has committed');
$_->quit for $commits, $asks;

# A database that has the number of one that was dropped is another one.
for my $rows (3, 5)
{
	$node->safe_psql('postgres', 'CREATE DATABASE numbered OID 70000');
	$node->safe_psql('numbered', "CREATE EXTENSION analytics_llm; CREATE TABLE sales (sale_id int PRIMARY KEY); INSERT INTO sales SELECT generate_series(1, $rows); GRANT SELECT ON sales TO reader");
	for my $status ('templated 3', 'ok 0')
	{
		is($node->safe_psql('numbered', asked(), extra_params => [ '-U', 'reader' ]),
			qq{$status [{"number_of_sales":$rows}]}, "a database with $rows rows: $status");
	}
	$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = 'numbered'");
	$node->safe_psql('postgres', 'DROP DATABASE numbered (FORCE)');
}

# Another role of the same rights is another one.
$node->safe_psql('postgres', schema('roles', 'GRANT SELECT ON sales TO other;'));
for my $role ('reader', 'other')
{
	like($node->safe_psql('postgres', 'SET search_path = roles, public; ' . asked(), extra_params => [ '-U', $role ]),
		qr/^templated 3 /, "$role asks by itself");
}
$node->stop;
done_testing();
