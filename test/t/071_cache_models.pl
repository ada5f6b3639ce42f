# What is kept of a model's answer: its rows for a short time, and its query for
# longer, which is run again without the model.  Where models fail, a query that
# is too old stands in, and says so.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $KEPT = "analytics_llm.cache_ttl = '5min'\nanalytics_llm.sql_cache_ttl = '1d'\n";
my $tiers = Tiers->new('cache_models', $KEPT);
my ($node, $stub) = @{$tiers}{qw(node stub)};
my $primary = $Tiers::PRIMARY;
$tiers->tier(0, max_retries => 0, timeout_ms => 2000);
$node->safe_psql('postgres', <<'SQL');
UPDATE analytics_llm.tier SET enabled = false WHERE tier = 2;
CREATE ROLE tenant LOGIN;
CREATE ROLE other LOGIN;
GRANT SELECT ON sales, regions TO tenant, other;
GRANT USAGE ON FOREIGN SERVER anthropic TO tenant, other;
CREATE VIEW mine AS SELECT * FROM sales WHERE region_id = current_setting('app.tenant')::int;
CREATE TABLE notes (note_id int PRIMARY KEY, owner text, words text);
INSERT INTO notes VALUES (1, 'tenant', 'of the tenant'), (2, 'other', 'of the other');
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (owner = CURRENT_USER);
GRANT SELECT ON mine, notes TO tenant, other;
SQL
my $Q = $Tiers::NOT_UNDERSTOOD;

# One question by one role in a session of its own.
sub ask
{
	my ($question, %how) = @_;
	my $options = $how{options} || '{}';
	my $setup = $how{setup} || '';
	my ($out, $err) = ('', '');
	$node->psql('postgres', "$setup;\nSELECT concat_ws(' ', status, tier, model, rows::text, error_code), warnings::text FROM llm_answer('$question', '$options')",
		stdout => \$out, stderr => \$err, extra_params => [ '-U', $how{role} || 'tenant' ]);
	return $err ? "$out $err" : $out;
}

sub calls { return scalar $stub->requests; }

my $rows = qr/\[\{"n":60\}\]/;
$tiers->models($primary => { sql => 'SELECT count(*) AS n FROM sales' });
like(ask($Q), qr/^ok 1 $primary $rows/, 'a model is asked');
like(ask($Q), qr/^ok 0 $primary $rows/, 'its rows are kept');
is(calls(), 1, 'and it is not asked again');

# Rows that are too old are read again by the kept query.
$node->safe_psql('postgres', "INSERT INTO sales VALUES (61, 1, '2024-01-01', 1)");
like(ask($Q), qr/^ok 0 $primary $rows/, 'within its time, an answer is of then');
my $no_rows = 'SET analytics_llm.cache_ttl = 0';
like(ask($Q, setup => $no_rows), qr/^ok 0 $primary \[\{"n":61\}\]/, 'after it, the query is run again');
like(ask($Q, setup => 'BEGIN ISOLATION LEVEL REPEATABLE READ'), qr/^ok 0 $primary \[\{"n":61\}\]/, 'and where rows must not be shared');
is(calls(), 1, 'without the model');
is($node->safe_psql('postgres', <<'SQL'), 'cache|0|success|0|t', 'which is a row of the log');
DO 'BEGIN PERFORM llm_flush(); END';
SELECT DISTINCT model_used, tier, status, input_tokens, validation_passed
  FROM analytics_llm.log WHERE model_used = 'cache'
SQL
like($node->safe_psql('postgres', "$no_rows; SELECT llm_sql('$Q')", extra_params => [ '-U', 'tenant' ]), qr/^SELECT count/, 'llm_sql has it, too');
is(calls(), 1, 'and asks nobody');
like(ask($Q, options => '{"cache": false}'), qr/^ok 1 $primary \[\{"n":61\}\]/, 'option cache asks anew');
like(ask($Q, setup => "$no_rows; SET analytics_llm.sql_cache_ttl = 0"), qr/^ok 1 /, 'so do times of zero');
like(ask($Q, role => 'other'), qr/^ok 1 /, 'another role has its own');
like(ask($Q, setup => "SET analytics_llm.end_user = 'ann'"), qr/^ok 1 /, 'and so has an end user');
is(calls(), 5, 'each by a call');

# What depends on the session is kept as a query only: rows never cross.
$tiers->models($primary => { sql => 'SELECT sum(revenue) AS r FROM mine' });
my %seen;
for my $round (1, 2)
{
	for my $tenant (1 .. 3)
	{
		my $own = $node->safe_psql('postgres', "SET app.tenant = '$tenant'; SELECT sum(revenue) FROM mine");
		my $got = ask('churn of my own', setup => "SET app.tenant = '$tenant'");
		like($got, qr/^ok [01] $primary \[\{"r":$own\}\]/, "tenant $tenant sees its own rows");
		$seen{$got}++;
	}
}
is(calls(), 1, 'by one call');
$tiers->models($primary => { sql => 'SELECT words FROM notes' });
like(ask('which notes'), qr/of the tenant/, 'a policy');
unlike(ask('which notes', role => 'other'), qr/of the tenant/, 'is nobody else\'s');
like(ask('which notes', role => 'other'), qr/^ok 0 $primary .*of the other/, 'the query is kept for each');
is(calls(), 2, 'by a call for each role');
for my $never (
	[ 'the clock', "SELECT now() > '2000-01-01' AS later" ],
	[ 'today', "SELECT count(*) AS n FROM sales WHERE sold_on < 'today'::date" ],
	[ 'the role', 'SELECT CURRENT_USER AS me' ],
	[ 'chance', 'SELECT random() >= 0 AS chance' ],
	[ 'a zone', "SELECT timestamptz '2024-01-01 00:00+00' AS at" ])
{
	my ($what, $sql) = @$never;
	$tiers->models($primary => { sql => $sql });
	like(ask("about $what"), qr/^ok 1 /, "$what: asked");
	like(ask("about $what"), qr/^ok 0 /, "$what: kept as a query");
	is(calls(), 1, "$what: one call");
	is($node->safe_psql('postgres', "DO 'BEGIN PERFORM llm_flush(); END'; SELECT rows_at IS NULL FROM analytics_llm.cache WHERE question = 'about $what'"), 't', "$what: without rows");
}

# A function with a body can look at the session, whatever its mark says.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION tenant_of() RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN current_setting('app.tenant'); END $$;
SQL
$tiers->models($primary => { sql => 'SELECT tenant_of() AS tenant' });
like(ask('whose is it', setup => "SET app.tenant = '$_'"), qr/\{"tenant":"$_"\}/, "a function marked immutable, tenant $_") for 1, 2;
is(calls(), 1, 'one call');

# What is in doubt is not kept.
$tiers->models($primary => { sql => 'SELECT max(revenue) AS m FROM sales WHERE sale_id < 0' });
like(ask('the best of none'), qr/^ok 1 .*aggregate ran over no rows/, 'a doubt') for 1, 2;
is(calls(), 2, 'is asked about again');

# A kept query that fails, or that the check refuses, gives way.
$node->safe_psql('postgres', 'CREATE TABLE shares (share_id int, parts int); INSERT INTO shares VALUES (1, 2); GRANT SELECT ON shares TO tenant');
$tiers->models($primary => [ { sql => 'SELECT 10 / parts AS part FROM shares' }, { sql => 'SELECT count(*) AS n FROM shares' } ]);
like(ask('how are the shares'), qr/^ok 1 .*"part":5/, 'a query');
$node->safe_psql('postgres', 'UPDATE shares SET parts = 0');
like(ask('how are the shares', setup => $no_rows), qr/^ok 1 .*"n":1/, 'that fails is written anew');
is(calls(), 2, 'by a call');

# Definitions: a model that is switched off answers nothing any more.
$tiers->models($primary => { sql => 'SELECT 1 AS one' });
like(ask('anything'), qr/^ok 1 /, 'a model');
like(ask('anything'), qr/^ok 0 /, 'kept');
$node->safe_psql('postgres', "UPDATE analytics_llm.model SET enabled = false WHERE name = '$primary'");
like(ask('anything'), qr/^degraded 4 LLM08/, 'a model that is off');
$node->safe_psql('postgres', "UPDATE analytics_llm.model SET enabled = true WHERE name = '$primary'");

# Over budget, what is kept costs nothing.
$tiers->models($primary => { sql => 'SELECT 2 AS two' });
like(ask('something'), qr/^ok 1 /, 'within budget');
$node->safe_psql('postgres', "INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES ('tenant', 'day', 1)");
like(ask('something'), qr/^ok 0 /, 'over budget: rows');
like(ask('something', setup => $no_rows), qr/^ok 0 /, 'over budget: the query');
like(ask('something else'), qr/^blocked 4 LLM02/, 'and nothing that is not kept');

# Where models fail, a query that is too old stands in.
my $old = 'SET analytics_llm.cache_ttl = 0; SET analytics_llm.sql_cache_ttl = 1';
sleep 2;
like(ask('something', setup => $old), qr/^cached 3 $primary \[\{"two":2\}\].*\|.*a query of 0 minutes ago stands in for a model/, 'over budget: an old query');
$node->safe_psql('postgres', 'DELETE FROM analytics_llm.quota');
$tiers->models($primary => { do => 'error', status => 529 });
like(ask('something', setup => $old), qr/^cached 3 $primary \[\{"two":2\}\]/, 'an overloaded provider');
like(ask('something', setup => "$old; SET analytics_llm.on_doubt = error"), qr/^needs_review 3 $primary \[\{"two":2\}\] LLM04/, 'it is a doubt');
is($node->safe_psql('postgres', "$old; SELECT confidence::numeric(3,2), confidence_band FROM llm_answer('something')", extra_params => [ '-U', 'tenant' ]), '0.75|medium', 'and less certain');
$node->safe_psql('postgres', "ALTER SYSTEM SET analytics_llm.stale_ttl = 0; SELECT pg_reload_conf()");
$node->poll_query_until('postgres', 'SHOW analytics_llm.stale_ttl', '0') or die 'not reloaded';
like(ask('something', setup => $old), qr/^degraded 4 LLM01/, 'unless stale_ttl is over');
$node->safe_psql('postgres', "ALTER SYSTEM RESET analytics_llm.stale_ttl; SELECT pg_reload_conf()");
$tiers->models($primary => { answerable => JSON::PP::false, sql => '' });
like(ask('something', setup => $old), qr/^degraded 4 LLM08/, 'nor where a model has understood the question');
$tiers->models($primary => { sql => 'SELECT 3 AS three' });
like(ask('something', setup => $old), qr/^ok 1 $primary \[\{"three":3\}\]/, 'and a model that answers goes first');

# The table outlives a restart, shared memory does not.
$tiers->models($primary => { sql => 'SELECT 4 AS four' });
like(ask('of the table'), qr/^ok 1 /, 'asked');
$node->safe_psql('postgres', "SET analytics_llm.log_text = $_; SELECT count(*) FROM llm_answer('what is $_')") for 'none', 'normalized';
is($node->safe_psql('postgres', q{DO 'BEGIN PERFORM llm_flush(); END'; SELECT count(*) FROM analytics_llm.cache WHERE question LIKE 'what is %'}), '0', 'without the text of questions, nothing is in the table');
$node->restart;
like(ask('of the table'), qr/^ok 0 $primary \[\{"four":4\}\]/, 'after a restart it is in the table');
is(calls(), 3, 'and no call is made');
is($node->safe_psql('postgres', q{SELECT (detail ->> 'entries')::int FROM llm_status() WHERE component = 'cache'}), '1', 'from where it comes back');

# Bytes in the table that are none of ours are no answer.
$node->safe_psql('postgres', q{CREATE TABLE saved AS SELECT * FROM analytics_llm.cache WHERE question = 'of the table'});
my $length = $node->safe_psql('postgres', 'SELECT length(data) FROM saved');
my $asked = 0;
for my $cut (0, 1, 100, map { $length - $_ } 400, 300, 250, 200, 150, 100, 60, 40, 20, 10, 5, 2, 1)
{
	$node->safe_psql('postgres', qq{SELECT llm_cache_clear('-');
		INSERT INTO analytics_llm.cache SELECT * FROM saved;
		UPDATE analytics_llm.cache SET data = substring(data FROM 1 FOR $cut) || } . ($cut % 2 ? q{'\x'} : q{'\xffffffffffffff7fffffff'}));
	$asked++ if ask('of the table') =~ /^ok 1 /;
}
is($asked, 16, 'whatever they are');

# A crash empties both, and nothing is lost with them.
$node->safe_psql('postgres', q{ALTER SYSTEM SET restart_after_crash = on; SELECT pg_reload_conf()});
like(ask('of the table'), qr/^ok 0 /, 'kept');
my $session = $node->background_psql('postgres', on_error_stop => 0);
my $pid = $session->query_safe('SELECT pg_backend_pid()');
kill 'KILL', $pid;
eval { $session->quit };
$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM analytics_llm.cache") or die 'no recovery';
like(ask('of the table'), qr/^ok 1 /, 'after a crash it is asked again');

# Clearing: one's own, another's by grant, everybody's.
sub clear
{
	my ($role, $argument) = @_;
	my ($out, $err) = ('', '');
	$node->psql('postgres', "SELECT llm_cache_clear($argument)", stdout => \$out, stderr => \$err, extra_params => [ '-U', $role ]);
	return $out . $err;
}
ask($_) for 'of the table', 'of more';
ask('of the table', role => 'other');
like(clear('tenant', q{'other'}), qr/permission denied to clear the kept answers of other roles.*GRANT DELETE ON analytics_llm.cache TO tenant/s, 'others\' are not mine to clear');
like(clear('tenant', q{'-'}), qr/permission denied/, 'nor everybody\'s');
is(clear('tenant', ''), '2', 'my own are');
is(clear('tenant', ''), '0', 'and are gone');
is($node->safe_psql('postgres', 'SELECT count(*) FROM analytics_llm.cache'), '1', 'in the table as well');
like(ask('of the table', role => 'other'), qr/^ok 0 /, 'others\' are there');
$node->safe_psql('postgres', 'GRANT DELETE ON analytics_llm.cache TO tenant');
is(clear('tenant', q{'other'}), '1', 'by grant');
ask('of the table');
ask('of the table', role => 'other');
is(clear('tenant', q{'-'}), '2', 'all');
$node->restart;
like(ask('of the table'), qr/^ok 1 /, 'nothing comes back');

# What a role sees of the table.
$node->safe_psql('postgres', 'REVOKE DELETE ON analytics_llm.cache FROM tenant; SELECT llm_flush()');
ask('of the table', role => 'other');
sub look
{
	my ($role, $columns) = @_;
	my ($out, $err) = ('', '');
	$node->psql('postgres', "DO 'BEGIN PERFORM llm_flush(); END'; SELECT $columns FROM analytics_llm.cache ORDER BY user_name", stdout => \$out, stderr => \$err, extra_params => [ '-U', $role ]);
	return $out . $err;
}
is(look('tenant', 'user_name, question, model, sql, row_count'), "tenant|of the table|$primary|SELECT 4 AS four|1", 'its own');
like(look('tenant', 'data'), qr/permission denied/, 'but not the rows, which it may have lost the right to');
$node->safe_psql('postgres', 'CREATE ROLE watcher LOGIN IN ROLE pg_monitor, pg_read_all_data');
is(look('watcher', 'user_name'), "other\ntenant", 'monitoring sees that there is something');
$node->safe_psql('postgres', 'REVOKE pg_read_all_data FROM watcher');
like(look('watcher', 'data'), qr/permission denied/, 'and not what it says');

figure_all_passed('cache_of_models');
$tiers->stop;
done_testing();
