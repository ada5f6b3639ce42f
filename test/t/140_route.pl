# Where a question starts, and what follows: by its complexity and class, by the
# rows of analytics_llm.route, by the caller's options.  A cheap start does not
# cost the strong model; a change acts at the next question of any session.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('route', '', routed => 1);
my ($node, $stub) = @{$tiers}{qw(node stub)};
my ($primary, $secondary) = ($Tiers::PRIMARY, $Tiers::SECONDARY);
$tiers->tier(0, max_retries => 0);
$node->safe_psql('postgres', 'ALTER SYSTEM SET analytics_llm.max_repairs = 0; SELECT pg_reload_conf()');

my $simple = $Tiers::UNDERSTOOD;
my $hard = 'month over month growth of rolling revenue per region without returning customers';
my $medium = 'revenue by region and year, compared with the previous one';
my $vague = 'the best regions';
my $right = { sql => $Tiers::REVENUE };
my $overloaded = { do => 'error', status => 529 };

# Which tiers and models a question went through, with what came of each.
sub path_of
{
	my ($got) = @_;
	return join ', ', map { "$_->{tier} $_->{model_used} $_->{status}" }
	  grep { $_->{status} ne 'skipped' } @{ $got->{log} };
}

# What the model server was asked for, of the last question.
sub body { return ($stub->requests)[ $_[0] || 0 ]->{body}; }

my $violations = 0;

sub ask
{
	my $got = $tiers->ask(@_);
	$violations += $tiers->violations;
	return $got;
}

# What is simple goes to the secondary model, which need not be the last.
$tiers->models($primary => $right, $secondary => $right);
my $got = ask($simple);
is(path_of($got), "2 $secondary success", 'a simple question starts at the secondary model');
is($node->safe_psql('postgres', "SELECT complexity, question_class FROM analytics_llm.request WHERE request_id = '$got->{answer}{request_id}'"),
	'1.5|breakdown', 'its complexity and its class are on record');
$tiers->models($primary => $right, $secondary => $overloaded);
$got = ask($simple);
is(path_of($got), "2 $secondary error, 1 $primary success", 'the primary model follows a secondary one that failed');
is($got->{log}[1]{fallback_used}, JSON::PP::true, 'and is a fallback');
$tiers->models($primary => $overloaded, $secondary => $overloaded);
is(path_of(ask($simple)), "2 $secondary error, 1 $primary error, 3 semantic success", 'then the built-in rules');

# What only the weaker model cannot see in the tables is asked of the stronger.
my $cannot = { answerable => JSON::PP::false, sql => '' };
$tiers->models($primary => $right, $secondary => $cannot);
$got = ask($simple);
is(path_of($got), "2 $secondary success, 1 $primary success", 'the primary model is asked, too, whether the tables can answer it');
is_deeply($got->{answer}{warnings}, ['a model found that the tables cannot answer it'], 'two models that disagree are a doubt');
$tiers->models($primary => $cannot, $secondary => $right);
is(path_of(ask($medium)), "1 $primary success", 'the primary model speaks for the secondary');

# What is harder goes to the primary model; what is hard is thought about.
$tiers->models($primary => $right, $secondary => $right);
is(path_of(ask($medium)), "1 $primary success", 'a question of medium complexity starts at the primary model');
my $plain = body();
is_deeply([ $plain->{output_config}{effort}, $plain->{thinking}, $plain->{max_tokens} ], [ 'medium', undef, 4096 ], 'asked as its row says');
is(path_of(ask($vague)), "1 $primary success", 'a question that leaves things open starts at the primary model');
is($node->safe_psql('postgres', "SELECT question_class FROM analytics_llm.request WHERE question = '$vague'"), 'ambiguous', 'by its class');
$tiers->models($primary => $overloaded, $secondary => $right);
is(path_of(ask($hard)), "1 $primary error, 2 $secondary success", 'a hard question starts at the primary model');
my ($first, $second) = (body(0), body(1));
is_deeply([ $first->{output_config}{effort}, $first->{thinking}{type}, $first->{max_tokens} ], [ 'high', 'adaptive', 16000 ], 'which thinks, with effort');
is_deeply([ $second->{output_config}{effort}, $second->{max_tokens} ], [ 'low', 4096 ], 'the one after it is asked as its row says');

# Each family takes what it knows of a route's wishes.
my @models = split /\n/, $node->safe_psql('postgres', 'SELECT name FROM analytics_llm.model WHERE enabled ORDER BY name COLLATE "C"');
my $before = $violations;
for my $model (@models)
{
	$tiers->tier(1, model => $model);
	$tiers->models($model => $right);
	is(ask($hard)->{answer}{model}, $model, "$model answers a hard question");
}
is($violations, $before, 'no request was against the rules of its model');
$tiers->tier(1, model => $primary);

# The time of a route is that of its tier, and no more than the question has.
$node->safe_psql('postgres', 'UPDATE analytics_llm.route SET timeout_ms = 300 WHERE min_complexity = 7');
$tiers->models($primary => { do => 'stall' }, $secondary => $right);
$got = ask($hard);
is(path_of($got), "1 $primary timeout, 2 $secondary success", 'the time of a route ends its tier');
$node->safe_psql('postgres', 'UPDATE analytics_llm.route SET timeout_ms = 20000 WHERE min_complexity = 7');
$tiers->models($primary => { do => 'stall' }, $secondary => $right);
$got = ask($hard, options => '{"timeout_ms": 400}');
is($got->{log}[0]{status}, 'timeout', 'that of the question is not raised');

# A change acts in a session that is open.
my $session = $node->background_psql('postgres');
$tiers->models($primary => $right, $secondary => $right);
is($session->query_safe("SELECT model FROM llm_answer('$simple')"), $secondary, 'a session before a change');
$node->safe_psql('postgres', 'UPDATE analytics_llm.route SET start_tier = 3 WHERE min_complexity = 0 AND question_class IS NULL');
is($session->query_safe("SELECT model FROM llm_answer('$simple')"), 'semantic', 'and after it, at its next question');
$node->safe_psql('postgres', 'UPDATE analytics_llm.route SET start_tier = 1 WHERE min_complexity = 0 AND question_class IS NULL');
is($session->query_safe("SELECT model FROM llm_answer('$simple')"), $primary, 'and after another one');
$session->quit;

# Options go before routes.  A named model is the only one; then come the rules.
$tiers->models($primary => $right, $secondary => $right, 'claude-opus-5' => $right);
is(path_of(ask($hard, options => '{"tier": 2}')), "2 $secondary success", 'option tier');
$tiers->models($primary => $right, $secondary => $overloaded);
is(path_of(ask($hard, options => '{"tier": 2}')), "2 $secondary error", 'goes down from there');
$tiers->models($primary => $right, $secondary => $right, 'claude-opus-5' => $right);
is(path_of(ask($simple, options => '{"model": "claude-opus-5"}')), '1 claude-opus-5 success', 'option model, of a model without a tier');
is(path_of(ask($hard, options => qq({"model": "$secondary"}))), "2 $secondary success", 'and of one that has one');
$tiers->models($primary => $right, $secondary => $overloaded);
is(path_of(ask($simple, options => qq({"model": "$secondary"}))), "2 $secondary error, 3 semantic success", 'no other model is asked');
$node->safe_psql('postgres', "CREATE ROLE outsider; GRANT SELECT ON ALL TABLES IN SCHEMA public TO outsider");
my ($out, $err) = $tiers->rows($simple, options => qq({"model": "$primary"}), setup => 'SET ROLE outsider');
like($err, qr/^ERROR:  LLM05: role "outsider" may not use server "anthropic"/m, 'a role that cannot call it is told');
($out, $err) = $tiers->rows($simple, options => '{"model": "gpt-1"}');
like($err, qr/^ERROR:  22023: model "gpt-1" does not exist or is not enabled/m, 'so is who asks for one that is not there');

# Verification can be turned off: then nobody notices other rows.
my $other = { sql => 'SELECT r.name AS region, 1 AS revenue FROM regions r' };
$tiers->models($primary => $other, $secondary => $other);
$got = ask($simple, options => '{"tier": 2, "min_confidence": 0}');
is($got->{log}[0]{status}, 'low_confidence', 'other rows than the rules give');
$tiers->models($primary => $other, $secondary => $other);
$got = ask($simple, options => '{"tier": 2, "verify": "off"}');
is($got->{log}[0]{status}, 'success', 'and nobody looked');

# llm_prompt shows the requests in the order of the route.
is($node->safe_psql('postgres', "SELECT string_agg(tier || ' ' || model, ', ') FROM llm_prompt('$hard')"), "1 $primary, 2 $secondary", 'llm_prompt, in the order of the route');
is($node->safe_psql('postgres', "SELECT request->'output_config'->>'effort' FROM llm_prompt('$hard') LIMIT 1"), 'high', 'asked as the route says');

# A table that is locked stops nothing for long.
my $dba = $node->background_psql('postgres');
$dba->query_safe('BEGIN; LOCK TABLE analytics_llm.route');
$tiers->models($primary => $right, $secondary => $right);
$got = ask($simple);
is($got->{answer}{status}, 'templated', 'behind a locked table of routes, the rules answer');
is($got->{log}[0]{fallback_reason}, 'config_unreadable', 'and the log says why');
$dba->query_safe('COMMIT');
$dba->quit;

is($violations, 0, 'no request was against the rules');
$tiers->stop;
figure_all_passed('routing');
done_testing();
