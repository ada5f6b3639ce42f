# Shadows: a second model is asked in the background, as the role that asked; its
# answer is compared with the one that was shown, recorded, and shown to nobody.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('shadow', "analytics_llm.background_workers = 2\nanalytics_llm.request_timeout = '300s'\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
my ($primary, $secondary, $other) = ($Tiers::PRIMARY, $Tiers::SECONDARY, 'claude-opus-5');
$tiers->tier(0, max_retries => 0, timeout_ms => 300000);
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE ann NOLOGIN;
GRANT USAGE ON FOREIGN SERVER anthropic TO ann;
GRANT SELECT ON regions, sales TO ann;
CREATE TABLE notes (note text);
GRANT INSERT ON notes TO ann;
SQL

# The same rows in another order, with one more column; and other rows.
my $right = { sql => $Tiers::REVENUE };
my $same = { sql => 'SELECT r.region_id, r.name, sum(s.revenue) AS total FROM regions r JOIN sales s USING (region_id) GROUP BY r.region_id, r.name ORDER BY total DESC' };
my $wrong = { sql => 'SELECT r.name AS region, sum(s.revenue) * 2 AS revenue FROM sales s JOIN regions r USING (region_id) GROUP BY r.name' };

sub sql { return $node->safe_psql('postgres', $_[0]); }

# Asks as ann; the request_id and the model of the answer.
sub ask
{
	my ($before, $after) = @_;
	my $out = sql('SET ROLE ann; ' . ($before || '') . "SELECT request_id || ' ' || model || ' ' || status FROM llm_answer('$Tiers::NOT_UNDERSTOOD'); " . ($after || ''));
	return split / /, (grep { / / } split /\n/, $out)[0];
}

# What became of the shadow of a question, once that is known.
sub verdict
{
	my ($id) = @_;
	$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM analytics_llm.shadow_answer WHERE request_id = '$id'")
	  or die 'no record of the shadow came';
	return sql("SELECT string_agg(verdict, ', ') FROM analytics_llm.shadow_answer WHERE request_id = '$id'");
}

# No shadow is waiting or under way.
sub idle
{
	return $node->poll_query_until('postgres', "SELECT detail ->> 'running' = '0' AND detail ->> 'waiting' = '0' FROM llm_status() WHERE component = 'background'");
}

# Without a shadow, nobody else is asked.
$tiers->models($primary => $right, $other => $same, $secondary => $right);
ask();
sql("INSERT INTO analytics_llm.rollout (name, model, kind, share) VALUES ('dark', '$other', 'shadow', 100)");
is(sql("SELECT instead_of || ' ' || guard || ' ' || coalesce(steps::text, 'no steps') FROM analytics_llm.rollout"), "$primary {} no steps", 'a shadow has no guard and no steps');

# The same rows; and who is told what.
my ($id, $model, $status) = ask();
is("$model $status", "$primary ok", 'the answer is that of the model of the tier');
is(verdict($id), 'same', 'the same rows in another order, with one more column, are the same answer');
is(sql("SELECT string_agg(model_used || ' ' || query_type || ' ' || user_name || ' ' || status, ', ' ORDER BY logged_at) FROM analytics_llm.log WHERE request_id = '$id'"),
	"$primary sql_generation ann success, $other shadow ann success", 'the call is in the log of the question, as the role that asked');
is(sql("SELECT count(*), bool_and(model = '$primary') FROM analytics_llm.request WHERE question = '$Tiers::NOT_UNDERSTOOD'"), '2|t', 'there is no question more, and none of another model');
is(sql("SELECT (SELECT cost > 0 AND input_tokens > 0 FROM analytics_llm.log WHERE request_id = '$id' AND query_type = 'shadow'), questions, requests FROM analytics_llm.usage WHERE query_type = 'shadow' AND period = 'day'"),
	't|0|1', 'it is priced, and counted as a call and as no question');
is(sql("SELECT cost = (SELECT cost FROM analytics_llm.log WHERE request_id = '$id' AND query_type = 'sql_generation') FROM analytics_llm.request WHERE request_id = '$id'"), 't', 'the question costs what its own calls did');
is(sql("SET ROLE ann; SELECT count(*) FROM analytics_llm.shadow_answer"), '1', 'a role sees what became of its own questions');
is(sql("CREATE ROLE ben; SET ROLE ben; SELECT count(*) FROM analytics_llm.shadow_answer"), '0', 'and not of others');
is($node->psql('postgres', "SET ROLE ann; SELECT llm_result('$id')"), 3, 'its answer cannot be fetched');

# Other rows, no query that may run, rows that cannot be compared.
$tiers->models($primary => $right, $other => $wrong, $secondary => $right);
is(verdict((ask())[0]), 'other', 'other rows are another answer');
$tiers->models($primary => $right, $other => { sql => 'DELETE FROM sales' }, $secondary => $right);
is(verdict((ask())[0]), 'no_answer', 'a query that may not run is none');
$tiers->models($primary => $right, $other => { status => 529 }, $secondary => $right);
is(verdict((ask())[0]), 'no_answer', 'nor is one that did not come');
my ($texts, $others) = map { { sql => "SELECT name, $_ AS texts FROM regions" } } "ARRAY[name, 'b']", "ARRAY[name || ',''b']";
$tiers->models($primary => $texts, $other => $texts, $secondary => $right);
is(verdict((ask())[0]), 'same', 'arrays are compared');
$tiers->models($primary => $texts, $other => $others, $secondary => $right);
is(verdict((ask())[0]), 'other', 'by their elements, wherever commas are');
my ($sums, $near, $ids, $next) = map { { sql => "SELECT name, $_ AS figure FROM regions" } } '0.1::float8 + 0.2', '0.3::float8', '12345678901234567', '12345678901234568';
$tiers->models($primary => $sums, $other => $near, $secondary => $right);
is(verdict((ask())[0]), 'same', 'the last digit of a sum is no difference');
$tiers->models($primary => $ids, $other => $next, $secondary => $right);
is(verdict((ask())[0]), 'other', 'the last digit of a key is');
sql('DELETE FROM analytics_llm.shadow_answer WHERE request_id IN (SELECT request_id FROM analytics_llm.shadow_answer ORDER BY answered_at DESC LIMIT 4)');
$tiers->models($primary => { sql => 'SELECT name FROM regions WHERE region_id > 10' }, $other => { sql => 'SELECT name FROM regions WHERE region_id > 20' }, $secondary => $right);
is(verdict((ask())[0]), 'not_comparable', 'no rows say nothing');
idle();
is(sql("SELECT arm, n, compared, round(agreement_rate::numeric, 2), round(agreement_low::numeric, 2), round(agreement_high::numeric, 2), success_rate, recommendation FROM analytics_llm.experiment_result"),
	'shadow|5|2|0.50|0.09|0.91|0.6|not enough yet: 98 more that can be compared', 'the result of the experiment, with the interval');

# What another session would read differently is not compared; nor is an answer
# of another model, one that was not made, or one of the rules.
$tiers->models($primary => $right, $other => $same, $secondary => $right);
ask("BEGIN; INSERT INTO notes VALUES ('x');", 'COMMIT;');
ask('CREATE TEMP TABLE t (a int);');
ask("BEGIN; CREATE TEMP TABLE sales (region_id int, revenue numeric, sale_id int, sold_on date); INSERT INTO sales VALUES (1, 1, 1, now());", 'COMMIT;');
sql("SET ROLE ann; SELECT llm_answer('$Tiers::NOT_UNDERSTOOD', '{\"tier\": 2}')");
sql("SET ROLE ann; SELECT llm_answer('$Tiers::UNDERSTOOD', '{\"tier\": 3}')");
sql("SET ROLE ann; SELECT llm_sql('$Tiers::NOT_UNDERSTOOD')");
sql("SET ROLE ann; SET analytics_llm.cache_ttl = 100; SELECT llm_answer('$Tiers::NOT_UNDERSTOOD', '{\"model\": \"$primary\"}'); SELECT llm_answer('$Tiers::NOT_UNDERSTOOD', '{\"model\": \"$primary\"}')");
idle();
is(sql('SELECT count(*) FROM analytics_llm.shadow_answer'), '5', 'none of these has a shadow');

# Who has no key for the shadow, or no quota left, is not served worse.
sql("INSERT INTO analytics_llm.quota (grantee, period, requests_per_minute) VALUES ('ann', 'day', 1)");
($id, $model, $status) = ask();
is("$model $status", "$primary ok", 'a quota that is used up by the answer');
is(verdict($id), 'not_asked', 'keeps the shadow from being asked');
is(sql("SELECT n, success_rate FROM analytics_llm.experiment_result"), '5|0.6', 'which is no failure of its model');
is(sql("SELECT string_agg(model_used || ' ' || query_type, ', ' ORDER BY logged_at) FROM analytics_llm.log WHERE request_id = '$id' AND status <> 'skipped'"), "$primary sql_generation", 'no call was made');
sql('DELETE FROM analytics_llm.quota');

# The asker does not wait: the answer is there while the shadow is being asked.
$tiers->models($primary => $right, $other => { do => 'stall' }, $secondary => $right);
($id, $model, $status) = ask();
is("$model $status", "$primary ok", 'an answer comes while its shadow hangs');
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE query = 'asking a shadow model'"), 'which goes on for itself');
# Shadows leave half of the workers free: a submitted question does not wait for them.
my @hanging = map { (ask())[0] } 1 .. 3;
my $submitted = sql("SELECT llm_submit('$Tiers::UNDERSTOOD', '{\"tier\": 3}')");
ok($node->poll_query_until('postgres', "SELECT status <> 'running' FROM llm_result('$submitted')"), 'a submitted question is answered past shadows that hang');
is(sql("SELECT count(*) FROM pg_stat_activity WHERE query = 'asking a shadow model'"), '1', 'of two workers, one is for shadows');
is(sql("SET ROLE ann; SELECT llm_cancel('$id')"), 'f', 'a shadow is nobody\'s to cancel');
# The kill switch ends them.
sql("ALTER SYSTEM SET analytics_llm.model_calls = off; SELECT pg_reload_conf()");
ok(idle(), 'without models, no shadow goes on');
is(sql("SELECT string_agg(DISTINCT verdict, ', ') FROM analytics_llm.shadow_answer WHERE request_id IN (" . join(',', map { "'$_'" } $id, @hanging) . ')'), 'no_answer', 'and none has an answer');
sql("ALTER SYSTEM RESET analytics_llm.model_calls; SELECT pg_reload_conf()");
ok($node->poll_query_until('postgres', "SELECT current_setting('analytics_llm.model_calls') = 'primary'"), 'models may be called again');

# A model that is not enabled, or that the role cannot call, is not asked, and
# fails nowhere; nor is that of a shadow that was stopped.
$tiers->models($primary => $right, $other => $same, $secondary => $right);
my $before = sql('SELECT count(*) FROM analytics_llm.shadow_answer');
my $log_before = -s $node->logfile;
sql("UPDATE analytics_llm.model SET enabled = false WHERE name = '$other'");
ask();
sql("UPDATE analytics_llm.model SET enabled = true, server = 'nowhere' WHERE name = '$other'");
ask();
idle();
is(sql('SELECT count(*) FROM analytics_llm.shadow_answer'), $before, 'a model that cannot be called is no shadow');
unlike(substr(slurp_file($node->logfile), $log_before), qr/ERROR/, 'which is no error');
sql("UPDATE analytics_llm.model SET server = 'anthropic' WHERE name = '$other'");
is(verdict((ask())[0]), 'same', 'once it can be, it is');
$before++;
sql("UPDATE analytics_llm.rollout SET state = 'stopped' WHERE name = 'dark'");
ask();
idle();
is(sql('SELECT count(*) FROM analytics_llm.shadow_answer'), $before, 'a stopped shadow is not asked');

$node->stop;
done_testing();
