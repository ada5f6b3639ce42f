# A rollout at work: who is asked which model, what is recorded of it, how the
# writers take it from step to step, and how its guard ends it, for good.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('rollout');
my ($node, $stub) = @{$tiers}{qw(node stub)};
my ($old, $secondary, $new) = ($Tiers::PRIMARY, $Tiers::SECONDARY, 'claude-opus-5');
$tiers->tier(0, max_retries => 0);
$node->safe_psql('postgres', 'ALTER SYSTEM SET analytics_llm.max_repairs = 0; SELECT pg_reload_conf()');
my $right = { sql => $Tiers::REVENUE };
# A failure that says nothing of the model's health: no breaker opens.
my $refused = { sql => 'DELETE FROM sales' };

sub sql { return $node->safe_psql('postgres', $_[0]); }

sub path_of
{
	my ($got) = @_;
	return join ', ', map { "$_->{tier} $_->{model_used} $_->{status}" }
	  grep { $_->{status} ne 'skipped' } @{ $got->{log} };
}

sub arms_of
{
	my ($got) = @_;
	return sql("SELECT arms FROM analytics_llm.request WHERE request_id = '$got->{answer}{request_id}'");
}

sub rollout { return sql("SELECT share, state FROM analytics_llm.rollout WHERE name = '$_[0]'"); }

# All of the questions go to the new model, and are on record with their arm.
$tiers->models($old => $right, $new => $right, $secondary => $right);
is(arms_of($tiers->ask($Tiers::NOT_UNDERSTOOD)), '', 'without a rollout there are no arms');
sql("INSERT INTO analytics_llm.rollout (name, model, share, step_duration) VALUES ('all', '$new', 100, '1 day')");
my $got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
is(path_of($got), "1 $new success", 'the new model is asked');
is(arms_of($got), '{"all": "treatment"}', 'the question is in its arm');
$tiers->models($old => $right, $new => $refused, $secondary => $right);
$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
is(path_of($got), "1 $new invalid, 1 $old success", 'the model that it stands in for answers when it does not');
is(arms_of($got), '{"all": "treatment"}', 'the question stays in its arm');
is(path_of($tiers->ask($Tiers::NOT_UNDERSTOOD, options => '{"tier": 2}')), "2 $secondary success", 'another tier is not concerned');
is(arms_of($tiers->ask($Tiers::NOT_UNDERSTOOD, options => '{"tier": 2}')), '', 'nor is a question that does not come there');
is(path_of($tiers->ask($Tiers::NOT_UNDERSTOOD, options => qq({"model": "$old"}))), "1 $old success", 'a model that is named is asked itself');
sql("UPDATE analytics_llm.model SET enabled = false WHERE name = '$new'");
$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
is(path_of($got), "1 $old success", 'a model that is not enabled is not asked');
is(arms_of($got), '{"all": "treatment"}', 'which changes nobody\'s arm');
sql("UPDATE analytics_llm.model SET enabled = true WHERE name = '$new'");
is(sql("SELECT value || ': ' || detail FROM llm_explain('$Tiers::UNDERSTOOD') WHERE item = '1.1 rollout'"),
	qq(all: treatment arm; 100 % are asked "$new" instead of "$old", by end_user), 'llm_explain shows it');
is(sql("SELECT string_agg(model, ', ') FROM llm_prompt('$Tiers::UNDERSTOOD')"), "$new, $old, $secondary", 'and llm_prompt');

# Half of the end users, each always in the same arm, in any session.
sql("UPDATE analytics_llm.rollout SET share = 50 WHERE name = 'all'");
$tiers->models($old => $right, $new => $right, $secondary => $right);
my (%model, $changed);
for my $round (1, 2)
{
	my @lines = split /\n/, sql(join '', map {
		"SET analytics_llm.end_user = 'person $_'; SELECT '$_ ' || model FROM llm_answer('$Tiers::NOT_UNDERSTOOD');" } 1 .. 20);
	for (@lines)
	{
		my ($who, $model) = split / /;
		$changed++ if defined $model{$who} && $model{$who} ne $model;
		$model{$who} = $model;
	}
}
my $treated = grep { $_ eq $new } values %model;
is($changed, undef, 'an end user stays with a model');
ok($treated > 0 && $treated < 20, "some are asked the one, some the other: $treated of 20");
sql("UPDATE analytics_llm.rollout SET share = 80 WHERE name = 'all'");
my @moved = grep { $model{$_} eq $new && sql("SET analytics_llm.end_user = 'person $_'; SELECT model FROM llm_answer('$Tiers::NOT_UNDERSTOOD')") ne $new } keys %model;
is("@moved", '', 'as the share grows, nobody leaves the new model');
sql("UPDATE analytics_llm.rollout SET state = 'stopped' WHERE name = 'all'");
is(path_of($tiers->ask($Tiers::NOT_UNDERSTOOD)), "1 $old success", 'stopped: the old model, at the next question');

# The writers take a rollout from step to step, one at a time.
sql("INSERT INTO analytics_llm.rollout (name, model, steps, step_duration, sticky_by) VALUES ('steps', '$new', '{1, 50, 100}', '1 microsecond', 'request')");
my $asked = 0;
while (rollout('steps') ne '100|done' && $asked++ < 60)
{
	sql("SELECT llm_answer('$Tiers::NOT_UNDERSTOOD')");
	sql('SELECT pg_sleep(0.3)');
}
is(rollout('steps'), '100|done', 'a rollout has come to its end');
is(sql("SELECT string_agg(new_row ->> 'share' || ' ' || (new_row ->> 'state'), ', ' ORDER BY version) FROM analytics_llm.config_history WHERE new_row ->> 'name' = 'steps'"),
	'1 running, 50 running, 100 running, 100 done', 'by all of its steps, each a version');
is(path_of($tiers->ask($Tiers::NOT_UNDERSTOOD)), "1 $new success", 'done: the new model');
sql("DELETE FROM analytics_llm.rollout WHERE name = 'steps'");

# A guard ends a rollout by itself, and it stays ended.
sql("INSERT INTO analytics_llm.rollout (name, model, steps, share, sticky_by, guard) VALUES ('bad', '$new', '{50}', 50, 'request', '{\"min_sample\": 20, \"error_rate\": 0.1}')");
my $listener = $node->background_psql('postgres');
$listener->query_safe('LISTEN analytics_llm_alert');
$tiers->models($old => $right, $new => $refused, $secondary => $right);
my $last = sql("SELECT max(version) FROM analytics_llm.config_history");
sql("SELECT count(model) FROM (SELECT (llm_answer('$Tiers::NOT_UNDERSTOOD ' || i)).model FROM generate_series(1, 80) AS i OFFSET 0) AS a");
$node->poll_query_until('postgres', "SELECT state = 'rolled_back' FROM analytics_llm.rollout WHERE name = 'bad'");
is(rollout('bad'), '0|rolled_back', 'the guard has ended it');
like(sql("SELECT message FROM analytics_llm.alert WHERE kind = 'rollout'"),
	qr/^the guard of rollout "bad" has ended it: error_rate 1 against 0 \(model "\Q$new\E" instead of "\Q$old\E"\)$/, 'and raised an alert');
like(sql("SELECT reason FROM analytics_llm.config_history WHERE version > $last"), qr/^the guard of rollout "bad"/, 'which the history has as the reason');
like($listener->query('SELECT 1') . $listener->query('SELECT 2'), qr/"kind":"rollout"/, 'whoever listens is told');
$listener->quit;
ok($node->log_contains('analytics_llm alert: the guard of rollout "bad"'), 'the server log has it');
is(sql("SELECT count(*) FROM analytics_llm.request AS r WHERE arms ->> 'bad' = 'treatment' AND (status, model) IS DISTINCT FROM ('ok', '$old')"), '0', 'no answer was lost');
for (1 .. 5)
{
	$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
	is(path_of($got), "1 $old success", 'the old model is asked again');
	is(arms_of($got), '', 'in no arm');
}
sql('SELECT pg_sleep(1.5)');
is(rollout('bad'), '0|rolled_back', 'nothing starts it again');
is(sql("SELECT count(*) FROM analytics_llm.alert WHERE kind = 'rollout'"), '1', 'and there is one alert');
is(sql("SELECT count(*) FROM llm_rollback('go back', $last)"), '0', 'no rollback starts it, either');

# Arms as an experiment sees them.
is(sql("SELECT string_agg(arm || ' ' || model || ' ' || success_rate, ', ' ORDER BY arm) FROM analytics_llm.experiment_result WHERE name = 'bad'"),
	"control $old 1, treatment $new 0", 'the arms, each with what its own model has answered');

# A task that fails ends nothing else.
sql("INSERT INTO analytics_llm.rollout (name, model, kind) VALUES ('next', '$new', 'experiment')");
sql(q{CREATE OR REPLACE FUNCTION analytics_llm.rollout_watch() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken on purpose'; END $$});
$got = $tiers->ask($Tiers::NOT_UNDERSTOOD);
isnt(arms_of($got), '', 'records are written');
$node->wait_for_log(qr/task "rollouts" of analytics_llm failed: broken on purpose/);
isnt(arms_of($tiers->ask($Tiers::NOT_UNDERSTOOD)), '', 'also afterwards');

is(scalar $tiers->violations, 0, 'no request was against the rules');
$tiers->stop;
figure_all_passed('rollouts');
done_testing();
