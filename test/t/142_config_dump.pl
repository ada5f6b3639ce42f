# The configuration of models and its history survive a dump and a restore, in
# parallel too, and go on in the copy; changes at the same time are versions one
# after the other; a rollback acts in sessions that are open, and does not wait
# for ever.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('config');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE source');
$node->safe_psql('source', <<'SQL');
CREATE EXTENSION analytics_llm;
INSERT INTO analytics_llm.model (name, family, context_tokens) VALUES ('own', 'plain', 8000);
UPDATE analytics_llm.tier SET model = 'own' WHERE tier = 1;
UPDATE analytics_llm.route SET start_tier = 1 WHERE min_complexity = 0;
UPDATE analytics_llm.route SET max_complexity = 6 WHERE min_complexity = 3;
INSERT INTO analytics_llm.price (model, input, output, cache_write_5m, cache_write_1h, cache_read)
VALUES ('claude-opus-5', 4, 20, 5, 8, 0.4);
INSERT INTO analytics_llm.rollout (name, model, state) VALUES ('over', 'claude-opus-5', 'stopped');
INSERT INTO analytics_llm.rollout (name, model, share) VALUES ('live', 'claude-opus-5', 25);
SQL

# All of the configuration, and the history without what a restore adds.
my $config = q{SELECT md5(string_agg(c, E'\n' ORDER BY c COLLATE "C")) FROM (
	SELECT to_jsonb(t)::text FROM analytics_llm.model AS t UNION ALL SELECT to_jsonb(t)::text FROM analytics_llm.price AS t
	UNION ALL SELECT to_jsonb(t)::text FROM analytics_llm.tier AS t UNION ALL SELECT to_jsonb(t)::text FROM analytics_llm.route AS t
	UNION ALL SELECT to_jsonb(t)::text FROM analytics_llm.rollout AS t) AS x(c)};
my $history = q{SELECT md5(string_agg((to_jsonb(h) - 'changed_at')::text, E'\n' ORDER BY version, entry)), max(version), count(*)
	FROM analytics_llm.config_history AS h WHERE version > 0};

# Jobs come to the tables in any order: some restores, each of the copy before.
my $restores = 6;
my $last = "copy$restores";
my $from = 'source';
for my $to (map { "copy$_" } 1 .. $restores)
{
	my $file = $node->basedir . "/dump_$to";
	$node->command_ok([ 'pg_dump', '-Fc', '-f', $file, '-d', $node->connstr($from) ], "$to: pg_dump");
	$node->safe_psql('postgres', "CREATE DATABASE $to");
	my ($stdout, $stderr) = run_command(
		[ 'pg_restore', '-j', '3', '--exit-on-error', '-d', $node->connstr($to), $file ]);
	is($stderr, '', "$to: pg_restore says nothing");
	is($node->safe_psql($to, $config), $node->safe_psql($from, $config), "$to: the configuration is there");
	is($node->safe_psql($to, $history), $node->safe_psql('source', $history), "$to: and its history");
	$from = $to;
}
is($node->safe_psql($last, "UPDATE analytics_llm.tier SET max_retries = 0 WHERE tier = 2; SELECT max(version) FROM analytics_llm.config_history"),
	8, 'the history goes on');
is($node->safe_psql($last, "SELECT relation, action FROM llm_rollback('back', 7)"), 'tier|UPDATE', 'and back');
is($node->safe_psql($last, "SELECT count(*) > 0 FROM llm_rollback('to the built-in rows', 0)"), 't', 'also to the built-in rows');
$node->safe_psql('postgres', 'CREATE DATABASE fresh');
$node->safe_psql('fresh', 'CREATE EXTENSION analytics_llm');
is($node->safe_psql($last, $config), $node->safe_psql('fresh', $config), 'which are those of a new database');

# An open transaction holds others up; versions are in the order of commits.
my $first = $node->background_psql('fresh');
my $second = $node->background_psql('fresh', on_error_stop => 0);
$first->query_safe("BEGIN; UPDATE analytics_llm.tier SET max_retries = 0 WHERE tier = 1");
$second->query_until(qr/started/, "\\echo started\nUPDATE analytics_llm.model SET enabled = false WHERE name = 'claude-opus-5';\n");
$node->poll_query_until('fresh', 'SELECT count(*) > 0 FROM pg_locks WHERE NOT granted') or die 'it does not wait';
$first->query_safe('UPDATE analytics_llm.tier SET max_retries = 1 WHERE tier = 2; COMMIT');
$second->query('SELECT 1');
is($node->safe_psql('fresh', "SELECT string_agg(version || ' ' || relation, ', ' ORDER BY version, entry) FROM analytics_llm.config_history"),
	'1 tier, 1 tier, 2 model', 'versions are in the order of the commits');

# A snapshot that is older than the last version makes no second one of its number.
$first->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
$second->query_safe('UPDATE analytics_llm.tier SET max_retries = 3 WHERE tier = 1');
my ($rc, $out, $err) = (0);
$first->query_safe("\\set ON_ERROR_STOP off");
$first->query("UPDATE analytics_llm.tier SET max_retries = 2 WHERE tier = 2;");
like($first->{stderr}, qr/could not serialize access due to concurrent update/, 'not even with an old snapshot');
$first->{stderr} = '';
$first->query('ROLLBACK');

# A rollback waits for other changes for a while, not for ever, and not at all
# for questions; what it does is seen by sessions that are open.
$node->safe_psql('fresh', 'CREATE TABLE parts (part_id int PRIMARY KEY)');
is($second->query_safe("SELECT detail FROM llm_explain('how many parts') WHERE value = 'claude-opus-4-7'") =~ /(\d+ ms)/ ? $1 : '', '5000 ms', 'a session before');
$node->safe_psql('fresh', 'UPDATE analytics_llm.tier SET timeout_ms = 9000');
$first->query_safe('BEGIN; LOCK TABLE analytics_llm.tier IN ROW EXCLUSIVE MODE');
($rc, $out, $err) = $node->psql('fresh', "SELECT count(*) FROM llm_rollback('bad', 3)");
like($err, qr/canceling statement due to lock timeout/, 'behind an open transaction it gives up');
like($second->query_safe("SELECT detail FROM llm_explain('how many parts') WHERE value = 'claude-opus-4-7'"), qr/9000 ms/, 'and changes nothing');
$first->query_safe('COMMIT');
is($node->safe_psql('fresh', "LISTEN analytics_llm_alert; SELECT count(*) FROM llm_rollback('bad', 3)") =~ /^2$/m, 1, 'then it does');
like($second->query_safe("SELECT detail FROM llm_explain('how many parts') WHERE value = 'claude-opus-4-7'"), qr/5000 ms/, 'the open session sees it');
ok($node->log_contains('analytics_llm alert: configuration rolled back to version 3: bad'), 'the server log has it');
my $notified = $node->safe_psql('fresh', "LISTEN analytics_llm_alert; SELECT count(*) FROM llm_rollback('all', 0)");
like($notified, qr/notification "analytics_llm_alert" with payload .*"kind":"rollback"/, 'and whoever listens');

# A model does not go while a tier is being made to name it.
$first->query_safe("BEGIN; INSERT INTO analytics_llm.model (name, family, context_tokens) VALUES ('gone', 'plain', 8000); COMMIT; BEGIN");
$first->query_safe("UPDATE analytics_llm.tier SET model = 'gone' WHERE tier = 2");
$second->query_until(qr/started/, "\\echo started\nDELETE FROM analytics_llm.model WHERE name = 'gone';\n");
$node->poll_query_until('fresh', 'SELECT count(*) > 0 FROM pg_locks WHERE NOT granted') or die 'it does not wait';
$first->query_safe('COMMIT');
$second->query('SELECT 1');
like($second->{stderr}, qr/model "gone" does not exist\nDETAIL:  It is named by tier 2/, 'a model that a tier names since does not go');
$second->{stderr} = '';
$second->query_safe("BEGIN; UPDATE analytics_llm.tier SET model = 'claude-sonnet-5' WHERE tier = 2; DELETE FROM analytics_llm.model WHERE name = 'gone'; COMMIT");

$_->quit for $first, $second;
$node->stop;
figure_all_passed('config_history');
done_testing();
