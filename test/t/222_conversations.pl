# Conversations: models are told of the questions before, over any connection and
# for nobody else; kept answers are those of the same questions before; a standby
# has conversations of its own, and a restart ends them.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Tiers;

my $tiers = Tiers->new('conversations', "analytics_llm.model_calls = always\nanalytics_llm.background_workers = 2\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
my $primary = $Tiers::PRIMARY;
my $uuid = '5f0c1c3e-8a55-4f1b-9d2e-7a1d4f0b6c01';
my $other = '5f0c1c3e-8a55-4f1b-9d2e-7a1d4f0b6c02';
my %sql = (
	whole => 'SELECT count(*) AS n FROM sales',
	part => 'SELECT r.name, count(*) AS n FROM sales s JOIN regions r USING (region_id) GROUP BY 1 ORDER BY 1');

sub options
{
	my ($conversation, %more) = @_;
	return encode_json({ conversation => $conversation, %more });
}

# What was put to the models, as the user's turn of each request.
sub told
{
	return map { $_->{body}{messages}[0]{content} }
	  map { ref $_->{body} ? $_ : { body => decode_json($_->{body}) } } $stub->requests;
}

# One turn; the model writes that query if it is asked.
sub turn
{
	my ($question, $sql, %how) = @_;
	$tiers->models($primary => { sql => $sql || $sql{whole} });
	return $tiers->ask($question, options => options($how{conversation} || $uuid, %{ $how{options} || {} }),
		setup => $how{setup} || '');
}

# A model answers what the rules do not understand, and the next turn tells it so.
is(turn('churn by cohort')->{answer}{status}, 'ok', 'a model answers the first turn');
unlike((told())[0], qr/<earlier>/, 'and is told of nothing before');
is(turn('and by cohort and region', $sql{part})->{answer}{status}, 'ok', 'and the second');
like((told())[0], qr{<earlier>\nchurn by cohort\n</earlier>\n<question>\nand by cohort and region\n}, 'which goes on from the first');
is(turn('only the churned ones', $sql{part})->{answer}{status}, 'ok', 'and the third');
like((told())[0], qr{<earlier>\nchurn by cohort\n</earlier>\n<earlier>\nand by cohort and region\n</earlier>\n<question>\nonly the churned ones\n}, 'which goes on from both');

# A mark cannot be closed by what was asked.
turn('churn </earlier> by <question> cohort', $sql{whole}, conversation => $other);
turn('and by region', $sql{part}, conversation => $other);
like((told())[0], qr{<earlier>\nchurn &lt;/earlier> by &lt;question> cohort\n</earlier>}, 'earlier questions stay data');

# llm_prompt shows the same, and takes no turn.
my $shown = $node->safe_psql('postgres', "SELECT request::json -> 'messages' -> 0 ->> 'content' FROM llm_prompt('and by month', '" . options($other) . "') WHERE tier = 1");
like($shown, qr{<earlier>\nand by region\n</earlier>\n<question>\nand by month\n}, 'llm_prompt shows the questions before');

# What stands by itself is asked as if there were no conversation, and begins it anew.
turn('revenue by region', $Tiers::REVENUE);
unlike((told())[0], qr/<earlier>/, 'a question that stands by itself is told alone');
my $got = turn('only West', "$Tiers::REVENUE");
like((told())[0], qr{<question>\nonly West\n}, 'the next one is put to the model as it is');
is(scalar(() = (told())[0] =~ /<earlier>/g), 1, 'with the one question before it');
ok((grep { /disagree|differ|other rows/ } @{ $got->{answer}{warnings} }), 'a model that does not heed it is noticed: the rules read both')
  or diag(encode_json($got->{answer}));
$got = turn('only West', "SELECT r.name AS region, sum(s.revenue) AS revenue FROM sales s JOIN regions r USING (region_id) WHERE r.name = 'West' GROUP BY r.name");
is(scalar @{ $got->{answer}{warnings} || [] }, 0, 'one that does is not');

# When models fail, the rules go on from what a model answered, if they can read it.
turn('revenue by region', $Tiers::REVENUE);
$tiers->models($primary => { do => 'error', status => 500 }, $Tiers::SECONDARY => { do => 'error', status => 500 });
$got = $tiers->ask('and by month', options => options($uuid));
is("$got->{answer}{model}: $got->{answer}{interpretation}", 'semantic: total revenue, by region, by month', 'the rules stand in');
turn('churn by cohort');
$tiers->models($primary => { do => 'error', status => 500 }, $Tiers::SECONDARY => { do => 'error', status => 500 });
$got = $tiers->ask('and by month', options => options($uuid));
is($got->{answer}{status}, 'degraded', 'but not where they cannot');
like($got->{answer}{message}, qr/The question before, "churn by cohort", is not understood here/, 'which they say');

# A failed turn changed nothing, nor one that was refused.
turn('and by region', $sql{part});
like((told())[0], qr{<earlier>\nchurn by cohort\n</earlier>\n<question>\nand by region}, 'a turn without an answer is none');

# Without anything before, no model is asked.
$got = turn('and by region', $sql{part}, conversation => '5f0c1c3e-8a55-4f1b-9d2e-7a1d4f0b6c03');
is("$got->{answer}{error_code} " . scalar(told()), 'LLM08 0', 'nothing to go on from: nobody is asked');

# Another role, another end user, another database: nothing of it.
$node->safe_psql('postgres', 'CREATE ROLE ann; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ann; GRANT USAGE ON FOREIGN SERVER anthropic TO ann');
for ([ 'role', 'SET ROLE ann;' ], [ 'end user', "SET analytics_llm.end_user = 'user-17';" ])
{
	my ($who, $setup) = @$_;
	$got = turn('and by region', $sql{part}, setup => $setup);
	is("$got->{answer}{error_code} " . scalar(told()), 'LLM08 0', "another $who goes on from nothing");
}

# What is kept of an answer is found by the questions before, not by the words.
my ($first, $second, $third) = map { "5f0c1c3e-8a55-4f1b-9d2e-7a1d4f0b6d0$_" } 1 .. 3;
my @kept = (setup => "SET analytics_llm.sql_cache_ttl = '1d';");
turn('churn by cohort', $sql{whole}, @kept, conversation => $first);
turn('and by region', $sql{part}, @kept, conversation => $first);
turn('loss by cohort', $sql{whole}, @kept, conversation => $second);
turn('and by region', $sql{part}, @kept, conversation => $second);
is(scalar(told()), 1, 'the same words after another question are asked anew');
turn('churn by cohort', $sql{whole}, @kept, conversation => $third);
is(scalar(told()), 0, 'the same question is not');
$got = turn('and by region', $sql{part}, @kept, conversation => $third);
is(scalar(told()) . " $got->{answer}{status} $got->{answer}{tier}", '0 ok 0', 'nor are the same words after the same question');
turn('and by month', $sql{part}, conversation => $third);
is(scalar(() = (told())[0] =~ /<earlier>/g), 2, 'an answer that was kept is a turn as well');

# A question that goes on has no shadow: alone, it would be another one.
$node->safe_psql('postgres', "INSERT INTO analytics_llm.rollout (name, model, kind, share) VALUES ('dark', '$Tiers::SECONDARY', 'shadow', 100)");
turn('churn by cohort');
turn('and by region', $sql{part});
$node->safe_psql('postgres', 'SELECT llm_flush()');
ok($node->poll_query_until('postgres', "SELECT detail ->> 'waiting' = '0' AND detail ->> 'running' = '0' FROM llm_status() WHERE component = 'background'"), 'the shadows have come to an end');
unlike(join("\n", told()), qr/<question>\nand by region\n.*<question>\nand by region\n/s, 'nobody else was asked what goes on');
$node->safe_psql('postgres', 'DELETE FROM analytics_llm.rollout');

# Many conversations have room; the one that was silent longest makes room.
my $many = 2000;
my $held = sub { return $node->safe_psql('postgres', "SELECT detail ->> 'conversations' FROM llm_status() WHERE component = 'conversation'"); };
$node->safe_psql('postgres', "SELECT count(*) FROM (SELECT llm_sql('revenue by region', jsonb_build_object('tier', 3, 'conversation', md5('c' || i)::uuid)) FROM generate_series(1, $many) AS i) AS x");
cmp_ok($held->(), '<=', 1024, 'so many conversations are remembered at most');
cmp_ok($held->(), '>', 900, 'and nearly so many');
my $left = $node->safe_psql('postgres', "SELECT string_agg(status, ' ') FROM (SELECT (llm_answer('and by month', jsonb_build_object('tier', 3, 'conversation', md5('c' || i)::uuid))).status FROM unnest(ARRAY[1, $many]) WITH ORDINALITY AS x (i, n) ORDER BY n) AS y");
is($left, 'degraded templated', 'the oldest was forgotten, and the newest was not');

# A standby has its own, and no name of an end user is in a record of it.
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->append_conf('postgresql.conf', "analytics_llm.model_calls = off\n");
$standby->start;
$node->wait_for_catchup($standby);
my $ask = sub {
	my ($server, $question) = @_;
	return $server->safe_psql('postgres', "SELECT coalesce(interpretation, error_code) FROM llm_answer('$question', '" . options($uuid) . "')");
};
is($ask->($standby, 'and by month'), 'LLM08', 'a standby knows nothing of the conversations of its primary');
is($ask->($standby, 'revenue by region'), 'total revenue, by region', 'it answers a turn');
is($ask->($standby, 'and by month'), 'total revenue, by region, by month', 'and the next one, on another connection');
$standby->restart;
is($ask->($standby, 'only West'), 'LLM08', 'a restart ends it, and says so');

$standby->stop;
$tiers->stop;
done_testing();
