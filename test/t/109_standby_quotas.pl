# A standby that may call models: its records are lines of JSON in its server
# log, which the primary's tables take, and its quotas are held in its own memory
# over what the primary's table says.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('primary');
my ($node, $stub) = @{$tiers}{qw(node stub)};
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE analyst LOGIN;
CREATE ROLE team NOLOGIN;
GRANT team TO analyst;
GRANT USAGE ON FOREIGN SERVER anthropic TO analyst;
GRANT SELECT ON sales, regions TO analyst;
UPDATE analytics_llm.tier SET enabled = false WHERE tier = 2;
UPDATE analytics_llm.model SET max_output_tokens = 1000;
INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES ('team', 'month', 1000000000);
SQL
$tiers->models($Tiers::PRIMARY => { sql => $Tiers::REVENUE, usage => { input_tokens => 300, output_tokens => 50 } });
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "analytics_llm.model_calls = always\n");
$standby->start;

# Asks as the analyst; status and error code.
sub ask
{
	my ($server, $question) = @_;
	return $server->safe_psql('postgres', "SELECT status, coalesce(error_code, '') FROM llm_answer('$question')",
		connstr => $server->connstr('postgres') . ' user=analyst');
}

sub used
{
	my ($server) = @_;
	return $server->safe_psql('postgres', q{SELECT tokens_used FROM analytics_llm.quota_status WHERE grantee = 'team'::regrole});
}

# What the standby has printed of a kind of record, for a question.
sub printed
{
	my ($kind) = @_;
	return map { decode_json($_) } slurp_file($standby->logfile) =~ /LOG:  analytics_llm: record of "$kind": (\{.*\})$/mg;
}

is(ask($node, 'churn on the primary'), 'ok|', 'the primary answers');
$node->wait_for_catchup($standby);
is(ask($standby, 'churn on the standby'), 'ok|', 'so does the standby');
is(scalar $stub->requests, 2, 'each with a call of its own');
my ($log) = grep { $_->{user_input} eq 'churn on the standby' && $_->{model_used} eq $Tiers::PRIMARY } printed('log');
is_deeply([ @{$log}{qw(status input_tokens output_tokens user_name http_status)} ], [ 'success', 300, 50, 'analyst', 200 ], 'a row of the log as JSON');
is(scalar(printed('request')), 1, 'and one of the questions');
is_deeply([ sort map { "$_->{period} $_->{requests} $_->{input_tokens}" } printed('usage') ], [ 'day 1 300', 'month 1 300' ], 'and what was used');
like($standby->safe_psql('postgres', q{SELECT state FROM llm_status() WHERE component = 'queue'}), qr/standby: records go to the server log/, 'llm_status() says so');

# In transactions of every kind, and after an error.
for my $how ('BEGIN READ ONLY', 'BEGIN ISOLATION LEVEL REPEATABLE READ')
{
	$standby->safe_psql('postgres', "$how; SELECT status FROM llm_answer('churn: $how'); ROLLBACK");
	is(scalar(grep { $_->{question} eq "churn: $how" } printed('request')), 1, "$how, and ROLLBACK: recorded");
}
$standby->psql('postgres', q{SELECT 1 / length(substr(status, 1, 0)) FROM llm_answer('churn with an error')});
is(scalar(grep { $_->{question} eq 'churn with an error' } printed('request')), 1, 'an error after the answer: recorded');

# The quota: what the primary had used, and what was used here.
is(used($standby), 700, 'the standby counts its own calls over the primary\'s');
is(used($node), 350, 'the primary does not know of them');
$node->safe_psql('postgres', q{UPDATE analytics_llm.quota SET token_limit = 701});
$node->wait_for_catchup($standby);
is(ask($standby, 'churn again'), 'blocked|LLM02', 'a limit that was changed on the primary holds on the standby');
like($standby->safe_psql('postgres', q{SELECT message FROM llm_answer('churn')}, connstr => $standby->connstr('postgres') . ' user=analyst'),
	qr/^quota of role "team" is used up until .*has used 700 of its 701 tokens/s, 'in words');
is(scalar(grep { ($_->{fallback_reason} // '') eq 'quota' } printed('log')), 2, 'and the log says so');
is($standby->safe_psql('postgres', q{SELECT llm_ask('how many sales')}, connstr => $standby->connstr('postgres') . ' user=analyst'), '{"number_of_sales":60}', 'the built-in rules go on');

# What was printed is what the primary's tables take.
my $rows = encode_json([ printed('usage') ]);
$node->safe_psql('postgres', "INSERT INTO analytics_llm.log SELECT * FROM json_populate_recordset(NULL::analytics_llm.log, " . Tiers::literal(encode_json([$log])) . ')');
is($node->safe_psql('postgres', q{SELECT count(*) FROM analytics_llm.log WHERE user_input = 'churn on the standby' AND input_tokens = 300}), 1, 'a collector can load the lines into the primary');

# A provider that fails here rests here: its breaker is in this server's memory,
# and tells the primary nothing.
$node->safe_psql('postgres', 'UPDATE analytics_llm.quota SET token_limit = 1000000000; UPDATE analytics_llm.tier SET max_retries = 0');
$node->wait_for_catchup($standby);
sub breaker
{
	my ($server) = @_;
	return $server->safe_psql('postgres', q{SELECT string_agg(state || ' ' || (detail ->> 'cause'), ', ') FROM llm_status() WHERE component = 'breaker' AND state <> 'closed'});
}
my $works = { sql => $Tiers::REVENUE, usage => { input_tokens => 300, output_tokens => 50 } };
$tiers->models($Tiers::PRIMARY => { do => 'error', status => 529 });
is(join(', ', map { ask($standby, "churn in trouble $_") } 1 .. 3), join(', ', ('degraded|LLM01') x 3), 'a provider that fails, asked by the standby');
is(scalar $stub->requests, 3, 'with three calls');
is(breaker($standby), 'open overloaded', 'opens a breaker there');
is(ask($standby, 'churn in trouble 4'), 'degraded|LLM01', 'the next question fails at once');
is(scalar $stub->requests, 3, 'without a call');
my ($skipped) = grep { $_->{user_input} eq 'churn in trouble 4' && $_->{model_used} eq $Tiers::PRIMARY } printed('log');
is("$skipped->{status} $skipped->{fallback_reason}", 'skipped breaker_open', 'and the standby\'s records say why');
like($standby->safe_psql('postgres', q{SELECT message || ' ' || detail FROM (SELECT (llm_answer('churn in trouble 5')).message, detail FROM llm_status() WHERE component = 'breaker' AND state = 'open') AS s}),
	qr/cannot be answered right now/, 'in words');
is(breaker($node), '', 'the primary\'s breakers are its own');
$tiers->steps($Tiers::PRIMARY => $works);
is(ask($node, 'churn on the primary again'), 'ok|', 'it asks');
is(ask($standby, 'churn in trouble 6'), 'degraded|LLM01', 'while the standby\'s rest lasts, whatever the primary has seen');
$standby->restart;
is(breaker($standby), '', 'a restart begins with closed breakers');
is(ask($standby, 'churn on the standby again'), 'ok|', 'and a call');
$node->safe_psql('postgres', q{UPDATE analytics_llm.quota SET token_limit = 1051});
$node->wait_for_catchup($standby);

# A restart of the standby forgets its own calls, as its memory is all there is.
$standby->restart;
is(used($standby), 700, 'after a restart the standby knows what the table says');
$standby->promote;
is(ask($standby, 'churn after promotion'), 'blocked|LLM02', 'once promoted, its quota holds');
$node->safe_psql('postgres', 'SELECT 1');
$standby->safe_psql('postgres', q{UPDATE analytics_llm.quota SET token_limit = 1000000});
is(ask($standby, 'churn after promotion'), 'ok|', 'and can be changed');
is($standby->safe_psql('postgres', q{SELECT sum(input_tokens + output_tokens) FROM analytics_llm.usage WHERE period = 'month'}), 1050, 'what is used is in its table');

$standby->stop;
$tiers->stop;
figure_all_passed('standby_that_calls_models');
done_testing();
