# What quotas hold, and for whom: own row, default, group, both roles of a
# session; hard, soft, shadow; tokens, cost, calls in a minute; alerts.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Quota;

my $quota = Quota->new('quota', qw(analyst bi boss outsider));
my $node = $quota->{node};
$quota->sql('CREATE ROLE team NOLOGIN; GRANT team TO analyst; GRANT team TO bi; ALTER ROLE bi NOINHERIT; GRANT bi TO boss');
$quota->answers(input => 300, output => 50);

sub spent { return $quota->sql("SELECT coalesce(sum(input_tokens + output_tokens), 0) FROM analytics_llm.usage WHERE period = 'month'"); }

# Without quotas, what is used is recorded all the same.
is($quota->ask('analyst')->{status}, 'ok', 'no quotas: answered');
is(spent(), 350, 'and counted');
is($quota->sql(q{SELECT string_agg(format('%s %s %s %s %s', user_id, session_user_id, period, requests, cost), ', ' ORDER BY period) FROM analytics_llm.usage}),
	'analyst analyst day 1 0.00275, analyst analyst month 1 0.00275', 'by role, day and month');

# What was used before the row was there counts.
$quota->limit('analyst', 'month', token_limit => 351);
my $said = $quota->ask('analyst');
is_deeply([ @{$said}{qw(status error_code tier)} ], [ 'blocked', 'LLM02', 4 ], 'a hard quota blocks');
my $month = $quota->sql(q{SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month', 'YYYY-MM-DD HH24:MI')});
like($said->{message}, qr/^quota of role "analyst" is used up until $month UTC\n$Quota::MODEL: role "analyst" has used 350 of its 351 tokens for the month, and the call may need \d+\.\n/, 'in words');
like($said->{message}, qr/\nThe view analytics_llm\.quota_status shows/, 'with a hint');
is($quota->sql(q{SELECT status || ' ' || fallback_reason FROM analytics_llm.log WHERE tier = 1 ORDER BY logged_at DESC LIMIT 1}), 'skipped quota', 'and a row of the log');
is($quota->sql(q{SELECT status || ' ' || error_code FROM analytics_llm.request ORDER BY asked_at DESC LIMIT 1}), 'blocked LLM02', 'and of the questions');
is(scalar $quota->{stub}->requests, 1, 'nothing was sent');
my $reserve = $quota->reserved('analyst');
cmp_ok($reserve, '>', 1000, 'the output bound and the prompt are reserved');

# The error of llm_ask.
my ($ret, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT llm_ask('$Quota::QUESTION')",
	connstr => $node->connstr('postgres') . ' user=analyst');
like($err, qr/ERROR:  LLM02: quota of role "analyst" is used up until $month UTC\nDETAIL:  .*\nHINT:  /s, 'LLM02');

# What costs nothing goes on.
$said = decode_json($node->safe_psql('postgres', "SELECT row_to_json(a) FROM llm_answer('how many sales') AS a", connstr => $node->connstr('postgres') . ' user=analyst'));
is_deeply([ @{$said}{qw(status tier)} ], [ 'templated', 3 ], 'the built-in rules go on');

# A change acts at the next question; no other role is held by it.
$quota->sql("UPDATE analytics_llm.quota SET token_limit = 350 + $reserve");
is($quota->ask('analyst')->{status}, 'ok', 'a raised limit acts at once');
is($quota->status('analyst', 'month', 'tokens_used || \' \' || tokens_reserved || \' \' || tokens_remaining'), '700 0 ' . ($reserve - 350), 'what was really used is charged');
is($quota->ask('bi')->{status}, 'ok', 'another role is free');
is($quota->ask('analyst')->{status}, 'blocked', 'one token short');

# Both the day and the month hold.
$quota->limit('analyst', 'month', token_limit => 1000000);
$quota->limit('analyst', 'day', token_limit => 700 + $reserve - 1);
$said = $quota->ask('analyst');
my $tomorrow = $quota->sql(q{SELECT to_char(date_trunc('day', now() AT TIME ZONE 'UTC') + interval '1 day', 'YYYY-MM-DD HH24:MI')});
like($said->{message}, qr/until $tomorrow UTC/, 'the day is used up until tomorrow');
is($quota->status('analyst', 'month', 'tokens_used || \' \' || tokens_reserved'), '700 0', 'and nothing is held in the month');

# A quota that was away is made anew from what was used meanwhile.
$quota->no_limits;
is($quota->ask('analyst')->{status}, 'ok', 'no quota, no limit');
$quota->limit('analyst', 'month', token_limit => 1050 + $reserve - 1);
is($quota->ask('analyst')->{status}, 'blocked', 'what was used without one counts when it comes back');
$quota->sql("UPDATE analytics_llm.quota SET token_limit = token_limit + 1");
is($quota->ask('analyst')->{status}, 'ok', 'to the token');

# Cost.
$quota->no_limits;
my $cost = $quota->sql(q{SELECT sum(cost) FROM analytics_llm.usage WHERE user_id = 'analyst'::regrole AND period = 'month'});
$quota->limit('analyst', 'month', cost_limit => $cost);
$said = $quota->ask('analyst');
like($said->{message}, qr/role "analyst" has used 0\.0110 of its 0\.0110 USD for the month, and the call may cost 0\.0\d+\./, 'a limit of cost');
is($quota->status('analyst', 'month', 'cost_used = cost_limit AND tokens_remaining IS NULL'), 't', 'and how it stands');

# A model without a price costs nothing that is known; its tokens are counted.
$quota->sql(qq{INSERT INTO analytics_llm.model (name, family, max_output_tokens, context_tokens) VALUES ('unpriced', 'claude-4-7', 1000, 100000);
	INSERT INTO analytics_llm.tier (tier, position, model, timeout_ms, min_confidence) VALUES (1, 2, 'unpriced', 5000, 0.5)});
$quota->limit('analyst', 'month', token_limit => 1400 + 400, cost_limit => $cost);
$said = $quota->ask('analyst');
like($said->{message}, qr/\nunpriced: role "analyst" has used 1400 of its 1800 tokens/, 'both are limits');
$quota->sql("DELETE FROM analytics_llm.tier WHERE model = 'unpriced'");

# Groups: what members use is used by all of them, with or without INHERIT.
$quota->no_limits;
my $used = $quota->sql(q{SELECT sum(input_tokens + output_tokens) FROM analytics_llm.usage WHERE period = 'month' AND user_id IN ('analyst'::regrole, 'bi'::regrole)});
is($used, 1750, 'used by both');
$quota->limit('team', 'month', token_limit => $used + $reserve);
is($quota->ask('bi')->{status}, 'ok', 'a group has room for one');
$said = $quota->ask('analyst');
like($said->{message}, qr/^quota of role "team" is used up until/, 'and not for one of another member');
is($quota->ask('outsider')->{status}, 'ok', 'who is no member is free');
is($quota->ask('boss')->{status}, 'blocked', 'a member of a member is held');

# The group and an own row at once: both are charged, the first to be used up holds.
$quota->limit('analyst', 'month', token_limit => 1000000);
$quota->limit('team', 'month', token_limit => 1000000);
is($quota->ask('analyst')->{status}, 'ok', 'room in both');
is($quota->status('team', 'month', 'tokens_used'), $used + 700, 'the group is charged');
is($quota->status('analyst', 'month', 'tokens_used'), 1750, 'and the role');
$quota->limit('analyst', 'month', token_limit => 1750);
like($quota->ask('analyst')->{message}, qr/^quota of role "analyst"/, 'the own row holds');
is($quota->ask('bi')->{status}, 'ok', 'another member goes on');

# The default: for each role without a row by itself, in whatever period.
$quota->limit('-', 'day', token_limit => $reserve);
is($quota->ask('outsider')->{status}, 'blocked', 'the default holds a role that has used something');
$quota->sql('CREATE ROLE fresh LOGIN');
is($quota->ask('fresh')->{status}, 'ok', 'and not one that has not');
like($quota->ask('fresh')->{message}, qr/^quota of role "fresh" is used up/, 'each by itself');
$quota->limit('fresh', 'month', token_limit => 1000000);
is($quota->ask('fresh')->{status}, 'ok', 'a row of its own takes its place');
$quota->no_limits;

# Both roles of a session pay.
$quota->sql('GRANT outsider TO fresh');
$quota->limit('fresh', 'month', token_limit => 1000000);
$quota->limit('outsider', 'month', token_limit => 1000000);
my @before = map { $quota->sql("SELECT coalesce(sum(input_tokens + output_tokens), 0) FROM analytics_llm.usage WHERE period = 'month' AND $_") }
  ("user_id = 'fresh'::regrole", "user_id IN ('fresh'::regrole, 'outsider'::regrole)");
is($quota->ask('fresh', 'SET ROLE outsider')->{status}, 'ok', 'SET ROLE');
is($quota->status($_, 'month', 'tokens_used'), shift(@before) + 350, "$_ is charged") for qw(fresh outsider);
$quota->limit('outsider', 'month', token_limit => 1);
like($quota->ask('fresh', 'SET ROLE outsider')->{message}, qr/^quota of role "outsider"/, 'the role that was set holds');
$quota->limit('outsider', 'month', token_limit => 1000000);
$quota->limit('fresh', 'month', token_limit => 1);
like($quota->ask('fresh', 'SET ROLE outsider')->{message}, qr/^quota of role "fresh"/, 'the role that logged in holds');
$quota->sql(qq{CREATE FUNCTION ask_as_owner() RETURNS SETOF json LANGUAGE sql SECURITY DEFINER
	AS 'SELECT llm_ask(''$Quota::QUESTION'')'});
($ret, $out, $err) = $node->psql('postgres', 'SELECT ask_as_owner()', connstr => $node->connstr('postgres') . ' user=fresh');
like($err, qr/quota of role "fresh" is used up/, 'a function of another role is no way around');

# Soft, and shadow.
$quota->no_limits;
$quota->limit('bi', 'month', token_limit => 1, hard => 'false');
$said = $quota->ask('bi');
is_deeply([ $said->{status}, $said->{message} ], [ 'ok', "quota of role \"bi\" is used up until $month UTC; calls go on" ], 'a soft quota says so, and goes on');
$quota->limit('bi', 'month', token_limit => 1, shadow => 'true');
$said = $quota->ask('bi');
is_deeply([ @{$said}{qw(status message)} ], [ 'ok', undef ], 'a shadow quota says nothing');
is($quota->sql(q{SELECT status || ' ' || fallback_reason FROM analytics_llm.log WHERE tier = 1 ORDER BY logged_at DESC LIMIT 1}), 'success quota_shadow', 'and is a word of the log');
$quota->limit('bi', 'month', token_limit => 1, shadow => 'true', hard => 'false');
is($quota->ask('bi')->{message}, undef, 'so is a soft one in shadow');

# Calls in a minute.
$quota->no_limits;
$quota->limit('outsider', 'day', requests_per_minute => 3);
is($quota->ask('outsider')->{status}, 'ok', "call $_") for 1 .. 3;
my $until = $quota->sql(q{SELECT to_char(date_trunc('minute', now() AT TIME ZONE 'UTC' + interval '2 min'), 'YYYY-MM-DD HH24:MI')});
$said = $quota->ask('outsider');
is($said->{status}, 'blocked', 'the fourth in a minute is blocked');
like($said->{message}, qr/role "outsider" has made the 3 calls that it may make in a minute\./, 'in words');
my ($when) = $said->{message} =~ /until (.*) UTC/;
cmp_ok($when, 'le', $until, 'for less than two minutes');
is($quota->status('outsider', 'day', 'requests_last_minute'), 3, 'three were made');
is($quota->status('outsider', 'day', 'fraction_used IS NULL AND token_limit IS NULL'), 't', 'and nothing else is limited');

# An error of the provider gives everything back but the call; what was not
# sent gives that back, too; what nobody knows is charged its bound.
$quota->no_limits;
$quota->limit('bi', 'month', token_limit => 1000000);
$quota->ask('bi');
my $before = $quota->status('bi', 'month', 'tokens_used');
$quota->{stub}->reset;
$quota->{stub}->script({ do => 'error', status => 529 });
is($quota->ask('bi')->{error_code}, 'LLM01', 'an error of the provider');
is($quota->status('bi', 'month', 'tokens_used || \' \' || tokens_reserved'), "$before 0", 'is not charged');
$quota->{stub}->script({ do => 'read_close' });
is($quota->ask('bi')->{error_code}, 'LLM01', 'a call that was cut off');
is($quota->status('bi', 'month', 'tokens_used || \' \' || tokens_reserved'), ($before + $reserve) . ' 0', 'is charged its bound');
is($quota->sql(q{SELECT estimated_tokens FROM analytics_llm.usage WHERE estimated_tokens > 0 AND period = 'month' AND user_id = 'bi'::regrole}), $reserve, 'and marked');
my $calls = $quota->status('bi', 'month', 'requests_last_minute');
$quota->sql("ALTER SERVER anthropic OPTIONS (SET endpoint 'http://127.0.0.1:1/')");
is($quota->ask('bi')->{error_code}, 'LLM01', 'nobody there');
is($quota->status('bi', 'month', 'tokens_used || \' \' || requests_last_minute'), ($before + $reserve) . " $calls", 'is no call');
$quota->sql("ALTER SERVER anthropic OPTIONS (SET endpoint '" . $quota->{stub}->http . "/')");
$quota->answers(input => 300, output => 50);

# The log and the usage agree, by day and by month.
for my $period (qw(day month))
{
	is($quota->sql(qq{SELECT u = l FROM
		(SELECT (count(*), sum(input_tokens), sum(output_tokens), sum(cost), sum(input_tokens + output_tokens) FILTER (WHERE estimated))::text AS l FROM analytics_llm.log WHERE http_status IS NOT NULL OR estimated) AS l,
		(SELECT (sum(requests), sum(input_tokens), sum(output_tokens), sum(cost), sum(estimated_tokens))::text AS u FROM analytics_llm.usage WHERE period = '$period') AS u}),
		't', "log and usage agree for the $period");
}

# An alert at nine tenths: once in a period, as a row, a notification, a line.
$quota->no_limits;
$quota->sql('TRUNCATE analytics_llm.alert; CREATE ROLE alarm LOGIN');
my $offset = -s $node->logfile;
my $listener = $node->background_psql('postgres', on_error_stop => 0);
$listener->query_safe('LISTEN analytics_llm_alert');
$quota->limit('alarm', 'month', token_limit => 1000, hard => 'false');
$quota->ask('alarm') for 1 .. 2;
is($quota->sql('SELECT count(*) FROM analytics_llm.alert'), 0, 'no alert at seven tenths');
$quota->ask('alarm') for 1 .. 2;
is($quota->sql(q{SELECT kind || ' ' || subject || ' ' || value || ' ' || threshold || ' ' || message FROM analytics_llm.alert}),
	'quota alarm 1.05 0.9 105 percent of the quota of role "alarm" for the month are used', 'one alert');
like($listener->query('SELECT 1;'), qr/Asynchronous notification "analytics_llm_alert" with payload "\{.*"subject":"alarm"/, 'a notification');
is($quota->sql(q{SELECT state FROM llm_status() WHERE component = 'quota' AND name = 'alarm'}), 'used up', 'llm_status() shows it');
is($quota->sql(q{SELECT resolved_at IS NULL AND over_at = date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '1 month' FROM analytics_llm.alert}), 't', 'it is over with the month at the latest');
$quota->sql('CREATE ROLE calm LOGIN');
$quota->limit('calm', 'month', token_limit => 350, hard => 'false');
$quota->ask('calm');
is($quota->sql(q{SELECT count(*) FROM analytics_llm.alert WHERE subject = 'calm' AND resolved_at IS NULL}), 1, 'another alert');
$quota->sql(q{UPDATE analytics_llm.quota SET token_limit = 10000 WHERE grantee = 'calm'::regrole});
$quota->ask('calm');
is($quota->sql(q{SELECT resolved_at >= raised_at FROM analytics_llm.alert WHERE subject = 'calm'}), 't', 'a higher limit ends it');
$quota->sql(q{UPDATE analytics_llm.quota SET token_limit = 1000 WHERE grantee = 'calm'::regrole});
$quota->ask('calm');
is($quota->sql(q{SELECT value || ' ' || (resolved_at IS NULL) FROM analytics_llm.alert WHERE subject = 'calm'}), '1.05 true', 'it is raised again, as the same row');
like($listener->query('SELECT 1;'), qr/"subject":"calm".*"subject":"calm"/s, 'with a notification each time');
$quota->sql(q{DELETE FROM analytics_llm.alert WHERE subject = 'calm'});
$listener->quit;
$node->restart;
is($quota->status('alarm', 'month', 'tokens_used'), 1400, 'what was used is known after a restart');
$quota->ask('alarm');
is($quota->status('alarm', 'month', 'tokens_used'), 1750, 'and is gone on from');
is($quota->sql('SELECT count(*) FROM analytics_llm.alert'), 1, 'after a restart it is the same alert');
my $lines = () = slurp_file($node->logfile, $offset) =~ /LOG:  analytics_llm alert: 105 percent of the quota of role "alarm" for the month are used/g;
is($lines, 1, 'in the server log once');

# An end user is no way around being counted.
$quota->sql('CREATE ROLE sly LOGIN');
is($quota->ask('sly', q{SELECT set_config('analytics_llm.end_user', string_agg(md5(i::text), ''), false) FROM generate_series(1, 8) AS i})->{status}, 'ok', 'the longest end user');
is($quota->sql(q{SELECT sum(input_tokens + output_tokens) || ' ' || max(length(end_user)) FROM analytics_llm.usage WHERE user_id = 'sly'::regrole AND period = 'day'}), '350 256', 'is counted');

# What is older than 400 days goes.
$quota->sql(q{INSERT INTO analytics_llm.usage SELECT user_id, session_user_id, end_user, period, p, model, query_type, feature, 1, 1, 1, 0, 0, 0, 0, question_class, 1
	FROM analytics_llm.usage, (VALUES (now() - interval '399 days'), (now() - interval '401 days')) AS v (p)
	WHERE user_id = 'alarm'::regrole AND period = 'day' LIMIT 2});
$node->restart;
$quota->ask('alarm');
is($quota->sql(q{SELECT count(*) FROM analytics_llm.usage WHERE period_start < now() - interval '390 days'}), 1, 'use is kept for 400 days');

$node->stop;
figure_all_passed('quotas_hold');
done_testing();
