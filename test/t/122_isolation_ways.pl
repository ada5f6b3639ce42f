# Ways to another's rows that go through one session, one transaction or one
# statement: in each, the question and the same query of one's own are put in
# turn, and have to give the same.  Each is asked of a model, and again of the
# verified examples.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('ways', "log_statement = none\nanalytics_llm.cache_ttl = '5min'\nanalytics_llm.sql_cache_ttl = '1d'\n");
my $node = $tiers->{node};
$tiers->tier(0, max_retries => 0, timeout_ms => 20000);
$tiers->tier(2, enabled => 'false');
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE w_owner;
CREATE ROLE w_ann LOGIN;
CREATE ROLE w_bob LOGIN;
CREATE ROLE w_group;
CREATE ROLE w_pool LOGIN IN ROLE w_ann, w_bob;
CREATE ROLE w_pool2 LOGIN IN ROLE w_ann, w_bob;
CREATE SCHEMA shop AUTHORIZATION w_owner;
GRANT USAGE ON SCHEMA shop TO PUBLIC;
GRANT USAGE ON FOREIGN SERVER anthropic TO PUBLIC;
GRANT CREATE ON DATABASE postgres TO w_bob;
SET ROLE w_owner;
CREATE TABLE shop.plain (id int, who text, word text);
CREATE TABLE shop.mine (LIKE shop.plain);
CREATE TABLE shop.tenants (LIKE shop.plain);
CREATE TABLE shop.sessions (LIKE shop.plain);
CREATE TABLE shop.people (LIKE shop.plain);
CREATE TABLE shop.members (LIKE shop.plain);
INSERT INTO shop.plain VALUES (1, 'w_ann', 'word_1'), (2, 'w_bob', 'word_2'), (3, 'w_pool', 'word_3'), (4, 'w_pool2', 'word_4');
INSERT INTO shop.mine SELECT * FROM shop.plain;
INSERT INTO shop.tenants SELECT * FROM shop.plain;
INSERT INTO shop.sessions SELECT * FROM shop.plain;
INSERT INTO shop.people SELECT * FROM shop.plain;
INSERT INTO shop.members SELECT * FROM shop.plain;
ALTER TABLE shop.mine ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.people ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.members ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON shop.mine USING (who = current_user);
CREATE POLICY p ON shop.sessions USING (who = session_user);
CREATE POLICY p ON shop.people USING (who = current_setting('analytics_llm.end_user'));
CREATE POLICY p ON shop.members USING (pg_has_role('w_group', 'MEMBER'));
CREATE VIEW shop.by_tenant AS SELECT * FROM shop.tenants WHERE who = current_setting('app.tenant', true);
CREATE VIEW shop.by_session AS SELECT * FROM shop.tenants WHERE who = session_user;
CREATE FUNCTION shop.tenant() RETURNS text LANGUAGE plpgsql STABLE AS 'BEGIN RETURN current_setting(''app.tenant'', true); END';
CREATE VIEW shop.by_function AS SELECT * FROM shop.tenants WHERE who = shop.tenant();
CREATE MATERIALIZED VIEW shop.frozen AS SELECT * FROM shop.plain;
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO w_ann, w_bob;
RESET ROLE;
INSERT INTO analytics_llm.example (name, question, sql)
SELECT t, 'all of ' || t, format('SELECT id, who, word FROM shop.%I ORDER BY id', t)
  FROM unnest(ARRAY['plain', 'mine', 'tenants', 'sessions', 'people', 'members', 'by_tenant', 'by_session', 'by_function', 'frozen']) AS t;
SET search_path = shop, public;
INSERT INTO analytics_llm.example (name, question, sql) VALUES
	('unqualified', 'all without a schema', 'SELECT id, who, word FROM plain ORDER BY id'),
	('counted', 'how many of mine', 'SELECT count(*) AS n FROM shop.mine');
RESET search_path;
-- What is asked, and what a query gives, as texts; an error is its SQLSTATE.
CREATE FUNCTION asked(question text, options jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE a analytics_llm.answer;
BEGIN
	a := llm_answer(question, options);
	RETURN COALESCE((SELECT string_agg(r ->> 'word', ' ' ORDER BY n) FROM json_array_elements(a.rows) WITH ORDINALITY AS e (r, n)),
					CASE WHEN a.rows IS NULL THEN 'nothing' ELSE '' END);
END $$;
CREATE FUNCTION queried(question text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE sql text := (SELECT e.sql FROM analytics_llm.example AS e WHERE e.question = $1); t text;
BEGIN
	EXECUTE format('SELECT COALESCE(string_agg(word, '' ''), '''') FROM (%s) AS q', sql) INTO t;
	RETURN t;
EXCEPTION WHEN insufficient_privilege OR undefined_table OR undefined_column THEN
	RETURN 'nothing';
END $$;
SQL

# Each way is a list of statements; "?x" asks the question "all of x", and does the
# same by hand.  What they give is told with "a|b".
my $tries = 0;
my $leaks = 0;

sub way
{
	my ($name, $login, @steps) = @_;
	my @sql;
	for (@steps)
	{
		push @sql, !/^\?(.*)/ ? "$_;" :
		  map { "SELECT 'pair|' || asked('all of $1', '$_') || '|' || queried('all of $1');" } '{}', '{"tier": 3}';
	}
	my ($out, $err);
	$node->psql('postgres', join("\n", @sql), stdout => \$out, stderr => \$err, on_error_stop => 0,
		extra_params => [ '-U', $login ]);
	my @pairs = $out =~ /^pair\|(.*)$/mg;
	my $wanted = 2 * grep { /^\?/ } @steps;
	my @wrong = grep { my ($a, $b) = split /\|/, $_, -1; $a ne $b } @pairs;
	is(scalar @pairs, $wanted, "$name: each question was put") or diag "$out\n$err";
	is_deeply(\@wrong, [], $name);
	$tries += @pairs;
	$leaks += @wrong;
	return @pairs;
}

$tiers->{stub}->script(
	map { { match => { contains => "all of $_" }, times => 0, sql => "SELECT id, who, word FROM shop.$_ ORDER BY id" } }
	  qw(plain mine tenants sessions people members by_tenant by_session by_function frozen));
$tiers->{stub}->script({ match => { contains => 'without a schema' }, times => 0, sql => 'SELECT id, who, word FROM plain ORDER BY id' });

# A way that has to show something, and different things.
sub differs
{
	my ($name, @pairs) = @_;
	my %seen = map { $_ => 1 } @pairs;
	cmp_ok(scalar keys %seen, '>', 1, "$name: there is a difference to see");
	return;
}

differs('SET ROLE', way('SET ROLE in one session', 'w_pool',
	'SET ROLE w_ann', '?mine', '?sessions', 'SET ROLE w_bob', '?mine', '?sessions', 'RESET ROLE', '?mine', 'SET ROLE w_ann', '?mine'));
differs('SET ROLE in a transaction', way('SET LOCAL ROLE in one transaction', 'w_pool',
	'BEGIN', 'SET LOCAL ROLE w_ann', '?mine', 'SET LOCAL ROLE w_bob', '?mine', 'COMMIT', '?mine'));
way('the same role by another login', $_, 'SET ROLE w_ann', '?sessions', '?by_session', '?mine') for qw(w_pool w_pool2 w_ann w_pool);
differs('SET SESSION AUTHORIZATION', way('SET SESSION AUTHORIZATION', 'postgres',
	map { ("SET SESSION AUTHORIZATION $_", '?mine', '?sessions', '?by_session') } qw(w_ann w_bob w_pool)));
differs('a tenant', way('a setting that changes between two questions', 'w_ann',
	map { ("SET app.tenant = '$_'", '?by_tenant', '?by_function') } qw(w_ann w_bob w_ann)));
differs('a tenant in a transaction', way('a setting that is local to a transaction', 'w_ann',
	"SET app.tenant = 'w_bob'", '?by_tenant', 'BEGIN', "SET LOCAL app.tenant = 'w_ann'", '?by_tenant', '?by_function', 'ROLLBACK', '?by_tenant', '?by_function'));
differs('an end user', way('an end user that changes', 'w_ann',
	map { ("SET analytics_llm.end_user = '$_'", '?people') } qw(w_ann w_bob w_ann)));
way('another end user in another session', 'w_ann', "SET analytics_llm.end_user = '$_'", '?people', '?people') for qw(w_bob w_ann w_pool);
differs('an owner', way('the owner and a superuser, who see all', 'postgres',
	'?mine', 'SET ROLE w_owner', '?mine', 'SET ROLE w_ann', '?mine', 'RESET ROLE', 'SET row_security = off', '?mine'));
differs('REVOKE', way('REVOKE and GRANT between two questions', 'postgres',
	'SET ROLE w_ann', '?plain', 'RESET ROLE', 'REVOKE SELECT ON shop.plain FROM w_ann', 'SET ROLE w_ann', '?plain',
	'RESET ROLE', 'GRANT SELECT (id) ON shop.plain TO w_ann', 'SET ROLE w_ann', '?plain',
	'RESET ROLE', 'GRANT SELECT ON shop.plain TO w_ann', 'SET ROLE w_ann', '?plain'));
differs('REVOKE in a transaction', way('REVOKE in the same transaction', 'postgres',
	'BEGIN', 'SET LOCAL ROLE w_ann', '?plain', 'RESET ROLE', 'REVOKE SELECT ON shop.plain FROM w_ann', 'SET LOCAL ROLE w_ann', '?plain', 'ROLLBACK',
	'SET ROLE w_ann', '?plain'));
differs('the schema', way('USAGE of the schema is taken away', 'postgres',
	'SET ROLE w_ann', '?plain', 'RESET ROLE', 'REVOKE USAGE ON SCHEMA shop FROM PUBLIC', 'SET ROLE w_ann', '?plain',
	'RESET ROLE', 'GRANT USAGE ON SCHEMA shop TO PUBLIC', 'SET ROLE w_ann', '?plain'));
differs('a policy', way('a policy comes and goes', 'postgres',
	'SET ROLE w_ann', '?plain', 'RESET ROLE', 'ALTER TABLE shop.plain ENABLE ROW LEVEL SECURITY', 'SET ROLE w_ann', '?plain',
	'RESET ROLE', q{CREATE POLICY p ON shop.plain USING (who = 'w_bob')}, 'SET ROLE w_ann', '?plain',
	'RESET ROLE', q{ALTER POLICY p ON shop.plain USING (who = 'w_pool')}, 'SET ROLE w_ann', '?plain',
	'RESET ROLE', q{ALTER POLICY p ON shop.plain TO w_bob}, 'SET ROLE w_ann', '?plain',
	'RESET ROLE', 'DROP POLICY p ON shop.plain', 'ALTER TABLE shop.plain DISABLE ROW LEVEL SECURITY', 'SET ROLE w_ann', '?plain'));
differs('BYPASSRLS', way('BYPASSRLS is given and taken', 'postgres',
	'SET ROLE w_ann', '?mine', 'RESET ROLE', 'ALTER ROLE w_ann BYPASSRLS', 'SET ROLE w_ann', '?mine',
	'RESET ROLE', 'ALTER ROLE w_ann NOBYPASSRLS', 'SET ROLE w_ann', '?mine'));
differs('a membership', way('a membership that a policy asks for', 'postgres',
	'SET ROLE w_ann', '?members', 'RESET ROLE', 'GRANT w_group TO w_ann', 'SET ROLE w_ann', '?members',
	'RESET ROLE', 'REVOKE w_group FROM w_ann', 'SET ROLE w_ann', '?members'));
differs('a right by membership', way('a right that comes by a membership', 'postgres',
	'REVOKE SELECT ON shop.plain FROM w_ann', 'GRANT SELECT ON shop.plain TO w_group', 'GRANT w_group TO w_ann',
	'SET ROLE w_ann', '?plain', 'RESET ROLE', 'REVOKE w_group FROM w_ann', 'SET ROLE w_ann', '?plain',
	'RESET ROLE', 'GRANT w_group TO w_ann', 'ALTER ROLE w_ann NOINHERIT', 'SET ROLE w_ann', '?plain',
	'RESET ROLE', 'ALTER ROLE w_ann INHERIT', 'REVOKE w_group FROM w_ann', 'GRANT SELECT ON shop.plain TO w_ann'));
differs('a view', way('a view that changes', 'postgres',
	"SET app.tenant = 'w_bob'", 'SET ROLE w_ann', '?by_tenant', 'RESET ROLE',
	q{CREATE OR REPLACE VIEW shop.by_tenant AS SELECT * FROM shop.tenants WHERE who = 'w_ann'}, 'SET ROLE w_ann', '?by_tenant', 'RESET ROLE',
	'REVOKE SELECT ON shop.tenants FROM w_ann', 'ALTER VIEW shop.by_tenant SET (security_invoker = true)', 'SET ROLE w_ann', '?by_tenant', 'RESET ROLE',
	'ALTER VIEW shop.by_tenant RESET (security_invoker)', 'SET ROLE w_ann', '?by_tenant', 'RESET ROLE',
	'ALTER VIEW shop.by_tenant OWNER TO w_bob', 'REVOKE SELECT ON shop.tenants FROM w_bob', 'SET ROLE w_ann', '?by_tenant', 'RESET ROLE',
	q{ALTER VIEW shop.by_tenant OWNER TO w_owner}, q{CREATE OR REPLACE VIEW shop.by_tenant AS SELECT * FROM shop.tenants WHERE who = current_setting('app.tenant', true)},
	'GRANT SELECT ON shop.tenants TO w_ann, w_bob', 'SET ROLE w_ann', '?by_tenant'));
differs('a function', way('a function that a view calls', 'postgres',
	"SET app.tenant = 'w_bob'", 'SET ROLE w_ann', '?by_function', 'RESET ROLE',
	q{CREATE OR REPLACE FUNCTION shop.tenant() RETURNS text LANGUAGE sql STABLE AS 'SELECT ''w_ann''::text'}, 'SET ROLE w_ann', '?by_function'));
differs('data', way('rows that are deleted, and a table made anew', 'postgres',
	'SET ROLE w_ann', '?frozen', 'RESET ROLE', 'DELETE FROM shop.plain WHERE id = 1', 'REFRESH MATERIALIZED VIEW shop.frozen', 'SET ROLE w_ann', '?frozen', 'RESET ROLE',
	'DROP MATERIALIZED VIEW shop.frozen', 'CREATE MATERIALIZED VIEW shop.frozen AS SELECT * FROM shop.plain WHERE id = 2', 'SET ROLE w_ann', '?frozen', 'RESET ROLE',
	'GRANT SELECT ON shop.frozen TO w_ann', 'SET ROLE w_ann', '?frozen'));

# Names that mean something else to somebody else.
sub unqualified { my ($a) = @_; return "SELECT 'pair|' || asked('all without a schema') || '|' || queried('all without a schema')" }
$node->safe_psql('postgres', q{SET ROLE w_bob; CREATE SCHEMA w_bob; CREATE TABLE w_bob.plain AS SELECT 9 AS id, 'x' AS who, 'word_bob'::text AS word; GRANT USAGE ON SCHEMA w_bob TO w_ann; GRANT SELECT ON w_bob.plain TO w_ann});
for (
	[ 'search_path', map { ("SET search_path = $_, public", unqualified()) } qw(shop w_bob shop) ],
	[ 'a temporary table', 'SET search_path = shop, public', unqualified(), q{CREATE TEMP TABLE plain AS SELECT 8 AS id, 'x' AS who, 'word_temp'::text AS word}, unqualified(),
		'DROP TABLE pg_temp.plain', unqualified() ],
	[ 'a schema of the own name', 'SET search_path = "$user", shop, public', unqualified() ])
{
	my ($name, @sql) = @$_;
	my ($out, $err);
	for my $login (qw(w_ann w_bob))
	{
		$node->psql('postgres', join(";\n", @sql, ''), stdout => \$out, stderr => \$err, on_error_stop => 0, extra_params => [ '-U', $login ]);
		my @pairs = $out =~ /^pair\|(.*)$/mg;
		my @wrong = grep { my ($a, $b) = split /\|/, $_, -1; $a ne $b && $a ne 'nothing' } @pairs;
		cmp_ok(scalar @pairs, '>', 0, "$name, as $login: the questions were put") or diag $err;
		is_deeply(\@wrong, [], "$name, as $login");
		$tries += @pairs;
		$leaks += @wrong;
	}
}

# One statement: the role and the setting change between its columns.
for (
	[ 'one statement, two tenants', 'by_tenant', q{set_config('app.tenant', '%s', false)}, qw(w_bob w_pool) ],
	[ 'one statement, two end users', 'people', q{set_config('analytics_llm.end_user', '%s', false)}, qw(w_bob w_pool) ],
	[ 'one statement, two roles', 'mine', q{set_config('role', '%s', false)}, qw(w_ann w_bob) ])
{
	my ($name, $table, $change, @who) = @$_;
	my $words = q{(SELECT string_agg(r ->> 'word', ' ') FROM json_array_elements((llm_answer('all of %s', '{"tier": 3}')).rows) AS r)};
	my $out = $node->safe_psql('postgres', 'SELECT ' . join(', ', map { (sprintf($change, $_), sprintf($words, $table)) } @who, $who[0]),
		extra_params => [ '-U', 'w_pool' ]);
	my @fields = split /\|/, $out, -1;
	my $expected = $node->safe_psql('postgres', join("\n", map { (sprintf("SELECT $change \\g /dev/null", $_), "SELECT string_agg(word, ' ') FROM shop.$table;") } @who, $who[0]),
		extra_params => [ '-U', 'w_pool' ]);
	is_deeply([ @fields[ 1, 3, 5 ] ], [ split /\n/, $expected, -1 ], $name);
	$tries++;
	$leaks++ if join("\n", @fields[ 1, 3, 5 ]) ne $expected;
}

# A statement that was prepared as somebody else.
my $prepared = $node->safe_psql('postgres', <<'SQL', extra_params => [ '-U', 'w_pool' ]);
SET ROLE w_bob;
PREPARE q AS SELECT asked('all of mine') || '|' || queried('all of mine');
EXECUTE q; EXECUTE q; EXECUTE q; EXECUTE q; EXECUTE q; EXECUTE q;
SET ROLE w_ann;
EXECUTE q;
RESET ROLE;
EXECUTE q;
SQL
is($prepared, "word_2|word_2\n" x 6 . "word_1|word_1\nword_3|word_3", 'a prepared statement');
$tries += 8;

# Who comes under the name of somebody who is gone.
$node->safe_psql('postgres', 'CREATE ROLE w_gone LOGIN; GRANT SELECT ON shop.plain TO w_gone');
my @before = way('before a role goes', 'w_gone', '?plain', '?plain');
$node->safe_psql('postgres', 'DROP OWNED BY w_gone; DROP ROLE w_gone; CREATE ROLE w_gone LOGIN');
differs('a name', @before, way('after it, under its name', 'w_gone', '?plain', '?plain'));

figure_at_most('isolation_ways_leaks', $leaks, "of $tries questions", 0);
$tiers->stop;
done_testing();
