# What calls cost: a table of usages as a provider tells them, with the price of
# each worked out by hand; and that every place which counts them agrees.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('cost');
my $node = $tiers->{node};
$tiers->tier(0, max_retries => 0, timeout_ms => 20000);
$tiers->tier(2, enabled => 'false');

# Models of our own, beside the built-in ones, under names that the server knows:
# one is dearer from prompts of 1001 tokens on, one is about as dear as can be,
# and one has no price.
my ($stepped, $dear, $free) = qw(claude-haiku-4-5 claude-opus-4-5 claude-sonnet-4-5);
$node->safe_psql('postgres', <<"SQL");
INSERT INTO analytics_llm.model (name, family, context_tokens)
SELECT n, 'claude-4-5', 200000 FROM unnest(ARRAY['$stepped', '$dear', '$free']) AS n;
INSERT INTO analytics_llm.price (model, min_prompt_tokens, input, output, cache_write_5m, cache_write_1h, cache_read) VALUES
	('$stepped', 0, 1, 10, 2, 3, 0.1),
	('$stepped', 1001, 2, 20, 4, 6, 0.2),
	('$dear', 0, 9000, 9000, 9000, 9000, 9000),
	('cheap', 0, 0.000001, 0.000001, 0, 0, 0),
	('other', 0, 100, 1000, 0, 0, 0);
SQL

# The model that is asked, what the provider says, and what that costs.
my $none = { input_tokens => 0, output_tokens => 0, cache_creation_input_tokens => 0, cache_read_input_tokens => 0, cache_creation => undef };
my @cases = (
	[ 'the example of the price list: 350 * 5 + 2400 * 6.25 + 52000 * 0.50 + 900 * 25', 'claude-opus-4-7',
		{ input_tokens => 350, cache_creation_input_tokens => 2400, cache_read_input_tokens => 52000, output_tokens => 900,
			cache_creation => { ephemeral_5m_input_tokens => 2400, ephemeral_1h_input_tokens => 0 } }, '0.06525' ],
	[ 'writes of which nothing more is said cost what those for 5 minutes do', 'claude-opus-4-7',
		{ input_tokens => 350, cache_creation_input_tokens => 2400, cache_read_input_tokens => 52000, output_tokens => 900 }, '0.06525' ],
	[ 'writes for an hour: 350 * 5 + 2400 * 10 + 900 * 25', 'claude-opus-4-7',
		{ input_tokens => 350, cache_creation_input_tokens => 2400, output_tokens => 900,
			cache_creation => { ephemeral_5m_input_tokens => 0, ephemeral_1h_input_tokens => 2400 } }, '0.04825' ],
	[ 'writes of both kinds are counted once: 1000 * 6.25 + 1400 * 10', 'claude-opus-4-7',
		{ cache_creation_input_tokens => 2400,
			cache_creation => { ephemeral_5m_input_tokens => 1000, ephemeral_1h_input_tokens => 1400 } }, '0.02025' ],
	[ 'a sum that leaves writes out is no discount: 1000 * 6.25 + 1400 * 10', 'claude-opus-4-7',
		{ cache_creation => { ephemeral_5m_input_tokens => 1000, ephemeral_1h_input_tokens => 1400 } }, '0.02025' ],
	[ 'below the step: 1000 * 1 + 10 * 10', $stepped, { input_tokens => 1000, output_tokens => 10 }, '0.0011' ],
	[ 'on the step, all of the prompt is dearer: 1001 * 2 + 10 * 20', $stepped, { input_tokens => 1001, output_tokens => 10 }, '0.002202' ],
	[ 'what came from the cache is a part of the prompt: 500 * 2 + 501 * 0.2', $stepped,
		{ input_tokens => 500, cache_read_input_tokens => 501 }, '0.0011' ],
	[ 'and so is what went into it: 500 * 2 + 501 * 4', $stepped, { input_tokens => 500, cache_creation_input_tokens => 501 }, '0.003004' ],
	[ 'the answer is not: 1000 * 1 + 2000 * 10', $stepped, { input_tokens => 1000, output_tokens => 2000 }, '0.021' ],
	[ 'a built-in step: 100000 * 0.10', 'claude-haiku-5-5', { input_tokens => 100000 }, '0.01' ],
	[ 'and beyond it: 1 * 0.50 + 100000 * 0.05', 'claude-haiku-5-5', { input_tokens => 1, cache_read_input_tokens => 100000 }, '0.005001' ],
	[ 'half a micro-dollar is one: 5 * 0.1', $stepped, { cache_read_input_tokens => 5 }, '0.000001' ],
	[ 'less is nothing: 4 * 0.1', $stepped, { cache_read_input_tokens => 4 }, '0' ],
	[ 'parts are added before they are rounded: 4 * 0.1 + 1 * 1 + 1 * 2', $stepped,
		{ input_tokens => 1, cache_read_input_tokens => 4, cache_creation_input_tokens => 1 }, '0.000003' ],
	[ 'very cheap: 499999 * 0.000001', $stepped, { input_tokens => 499999 }, '0', 'cheap' ],
	[ 'the price of the model that answered: 10 * 100 + 10 * 1000', $stepped, { input_tokens => 10, output_tokens => 10 }, '0.011', 'other' ],
	[ 'one without a price costs what the model that was asked does: 10 * 1 + 10 * 10', $stepped, { input_tokens => 10, output_tokens => 10 }, '0.00011', 'an-unknown-name' ],
	[ 'no price at all', $free, { input_tokens => 1000000, output_tokens => 1000000 }, '0' ],
	[ 'more tokens than can be', $dear, { map { $_ => 9e15 } qw(input_tokens output_tokens cache_read_input_tokens cache_creation_input_tokens) }, '3600000' ],
	[ 'numbers that are none', $dear, { input_tokens => -5, output_tokens => 10, cache_read_input_tokens => undef }, '0.09' ],
);
my $right = 0;
for (@cases)
{
	my ($name, $model, $usage, $cost, $served) = @$_;
	$tiers->tier(1, model => $model);
	$tiers->models($model => { sql => $Tiers::REVENUE, usage => { %$none, %$usage }, $served ? (model => $served) : () });
	my $got = $tiers->ask($Tiers::NOT_UNDERSTOOD, options => '{"feature": "cost"}');
	my ($logged, $asked) = ($got->{log}[0]{cost}, $got->{answer}{cost});
	is($logged + 0, $cost + 0, $name);
	$right++ if $logged == $cost && $asked == $cost;
	diag "logged $logged, answered $asked" unless $logged == $cost && $asked == $cost;
}
figure_at_least('costs_as_worked_out', $right, 'of ' . @cases, scalar @cases);

# Several calls of one question are summed; more than an int holds is cut off.
$tiers->tier(1, model => $dear);
$node->safe_psql('postgres', "ALTER SYSTEM SET analytics_llm.max_repairs = 10");
$node->safe_psql('postgres', 'SELECT pg_reload_conf()');
$tiers->models($dear => { sql => 'SELECT * FROM nowhere', usage => { map { $_ => 9e15 } qw(input_tokens output_tokens cache_read_input_tokens cache_creation_input_tokens) } });
my $got = $tiers->ask($Tiers::UNDERSTOOD, options => '{"feature": "cost"}');
is(scalar Tiers::calls($got), 11, 'eleven calls');
is($got->{answer}{cost}, 39600000, 'their costs are summed');
is($got->{answer}{input_tokens}, 2147483647, 'more tokens than llm_answer has room for');
is($node->safe_psql('postgres', "SELECT input_tokens FROM analytics_llm.request WHERE request_id = '$got->{answer}{request_id}'"),
	3300000000, 'the table has room');

# Each place that counts has the same: the log, the questions, the use by day and
# by month, and the views over it.
is($node->safe_psql('postgres', <<'SQL'), 't|t|t|t', 'log, request, usage and views agree on the cost');
SELECT l = (SELECT sum(cost) FROM analytics_llm.request), l = (SELECT sum(cost) FROM analytics_llm.usage WHERE period = 'month'),
	   l = (SELECT sum(cost) FROM analytics_llm.token_usage), l = (SELECT sum(cost) FROM analytics_llm.cost_daily)
  FROM (SELECT sum(cost) AS l FROM analytics_llm.log) AS l
SQL
is($node->safe_psql('postgres', <<'SQL'), 't|t|t', 'and on tokens, calls and questions');
SELECT l.tokens = u.tokens, l.calls = u.calls, l.questions = u.queries
  FROM (SELECT sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens) AS tokens,
			   count(*) FILTER (WHERE http_status IS NOT NULL) AS calls,
			   count(DISTINCT request_id) AS questions FROM analytics_llm.log) AS l,
	   (SELECT sum(tokens) AS tokens, sum(calls) AS calls, sum(queries) AS queries FROM analytics_llm.token_usage) AS u
SQL
is($node->safe_psql('postgres', "SELECT query_type, sum(calls), sum(queries) FROM analytics_llm.token_usage WHERE model = '$dear' GROUP BY 1 ORDER BY 1"),
	"repair|10|0\nsql_generation|3|3", 'a question counts once, at its first call');

# A session that has seen a price sees the next one, and that it was taken back.
$tiers->tier(1, model => $stepped);
$tiers->models($stepped => { sql => $Tiers::REVENUE, usage => { %$none, output_tokens => 1000 } });
my $cost = "SELECT trim_scale(cost) FROM llm_answer('$Tiers::NOT_UNDERSTOOD', '{\"feature\": \"price\"}')";
is($node->safe_psql('postgres', join '', map { "$_;\n" } $cost,
	"UPDATE analytics_llm.price SET output = output * 3 WHERE model = '$stepped'", $cost,
	'BEGIN', "DELETE FROM analytics_llm.price WHERE model = '$stepped'", $cost, 'ROLLBACK', $cost,
	"UPDATE analytics_llm.price SET output = output / 3 WHERE model = '$stepped'", $cost),
	join("\n", '0.01', '0.03', '0', '0.03', '0.01'), 'a change of a price acts at the next question');

$tiers->stop;
done_testing();
