# Repairs: what the guard finds, and what the server raises while it plans or
# runs a query, goes back to the model that wrote it, within its tier's time and
# as often as the setting allows.  Values of the data go along only where
# analytics_llm.send_values lets them.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('repair', "analytics_llm.request_timeout = '60s'\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
my ($primary, $secondary) = ($Tiers::PRIMARY, $Tiers::SECONDARY);
my $question = $Tiers::NOT_UNDERSTOOD;
my $good = { sql => $Tiers::REVENUE };
$tiers->tier(0, timeout_ms => 20000, max_retries => 0, min_confidence => 0.5);
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE cards (card_id int PRIMARY KEY, number text NOT NULL, level int NOT NULL);
INSERT INTO cards VALUES (1, 'secret-4711', 0), (2, '17', 2000000000);
CREATE FUNCTION tell(t text) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'no card is called %', t; END$$;
INSERT INTO analytics_llm.allowed_function VALUES ('public.tell(text)', 'for the test');
SQL

sub asked
{
	my (%how) = @_;
	my $got = $tiers->ask($question, %how);
	return ($got, join(', ', map { "$_->{query_type} $_->{status}" . ($_->{fallback_reason} ? " $_->{fallback_reason}" : '') } grep { $_->{tier} < 3 } @{ $got->{log} }),
		map { $_->{body}{messages}[0]{content} =~ /<findings>\n(.*?)\n*<\/findings>/s ? $1 : '' } $stub->requests);
}

# Errors of a query that passed the check: the finding that the model gets, with
# send_values off and on.
my $withheld = ': a value does not fit';
my @errors = (
	[ 'a division by zero', 'SELECT 1 / level AS x FROM cards', qr/^division_by_zero\Q$withheld\E$/, qr/^division_by_zero: division by zero$/ ],
	[ 'an overflow', 'SELECT level * 2 AS x FROM cards', qr/^numeric_value_out_of_range\Q$withheld\E$/, qr/^numeric_value_out_of_range: integer out of range$/ ],
	[ 'a text that is no number', 'SELECT number::int AS x FROM cards', qr/^invalid_text_representation\Q$withheld\E$/, qr/^invalid_text_representation: invalid input syntax for type integer: "secret-4711"$/ ],
	[ 'a text that is no date', 'SELECT number::date AS x FROM cards', qr/^invalid_datetime_format\Q$withheld\E$/, qr/^invalid_datetime_format: invalid input syntax for type date: "secret-4711"$/ ],
	[ 'two rows for one', 'SELECT (SELECT level FROM cards) AS x', qr/^cardinality_violation: more than one row returned by a subquery used as an expression$/, qr/^cardinality_violation: more than one row/ ],
	[ 'a bad pattern', "SELECT number FROM cards WHERE number ~ ('(' || number)", qr/^invalid_regular_expression\Q$withheld\E$/, qr/^invalid_regular_expression: invalid regular expression/ ],
	[ 'what a function raises', 'SELECT tell(number) AS x FROM cards', qr/^sqlstate_p0001\Q$withheld\E$/, qr/^sqlstate_p0001: no card is called secret-4711$/ ],
	[ 'a constant, when it is planned', 'SELECT 1 / 0 AS x', qr/^division_by_zero\Q$withheld\E$/, qr/^division_by_zero: division by zero$/ ],
	[ 'a literal, when it is analysed', "SELECT date 'tomorrow or so' AS x", qr/^invalid_datetime_format at character 13\Q$withheld\E$/, qr/^invalid_datetime_format at character 13: invalid input syntax for type date: "tomorrow or so"$/ ],
	[ 'types that do not match', "SELECT CASE WHEN true THEN 1 ELSE current_date END AS x", qr/^datatype_mismatch at character \d+: CASE types date and integer cannot be matched$/, qr/^datatype_mismatch at/ ],
);
my $repaired = 0;
my $leaked = 0;
for (@errors)
{
	my ($name, $sql, $off, $on) = @$_;
	for my $send ('off', 'on')
	{
		$tiers->models($primary => [ { sql => $sql }, $good ]);
		my ($got, $calls, undef, $findings) = asked(setup => "SET analytics_llm.send_values = $send;");
		my $fine = like($calls, qr/^sql_generation (?:error query_failed|invalid \w+), repair success$/, "$name: goes back to the model ($send)");
		$fine = like($findings, $send eq 'off' ? $off : $on, "$name: and it is told ($send)") && $fine;
		$fine = is("$got->{answer}{status} $got->{answer}{tier} $got->{answer}{confidence}", 'ok 1 0.8', "$name: the repaired query answers ($send)") && $fine;
		$repaired++ if $fine;
		$leaked++ if $send eq 'off' && grep { encode_json($_->{body}) =~ /secret-4711|2000000000/ } $stub->requests;
	}
}
figure_at_least('failed_queries_repaired', $repaired, 'of ' . 2 * @errors, 2 * @errors);
figure_at_most('values_sent_without_leave', $leaked, 'requests', 0);

# As often as the setting allows, and then the next tier.
my $bad = { sql => 'SELECT 1 / level AS x FROM cards' };
for ([ 0, 'sql_generation error query_failed, sql_generation success' ],
	[ 1, 'sql_generation error query_failed, repair error query_failed, sql_generation success' ],
	[ 2, 'sql_generation error query_failed, repair error query_failed, repair error query_failed, sql_generation success' ])
{
	my ($max, $expected) = @$_;
	$tiers->models($primary => $bad, $secondary => $good);
	is((asked(setup => "SET analytics_llm.max_repairs = $max;"))[1], $expected, "max_repairs $max");
}

# Refused and failed share the number.
$tiers->models($primary => [ { sql => 'SELECT nothing FROM cards' }, $bad, $good ]);
is((asked())[1], 'sql_generation invalid undefined_column, repair error query_failed, repair success', 'refused, failed, repaired');

# What is not the query's fault does not go back to the model.
$tiers->models($primary => { sql => 'SELECT count(*) FROM generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS b' }, $secondary => $good);
is((asked(setup => "SET analytics_llm.query_timeout = '200ms';"))[1], 'sql_generation timeout query_timeout, sql_generation success', 'a query that takes too long');

# Nor does anything, when the time of the tier is over.
$tiers->tier(1, timeout_ms => 700);
$tiers->models($primary => [ { delay_ms => 600, sql => 'SELECT sum(1 / (a - 1000000)) AS x FROM generate_series(1, 1000000) AS a, generate_series(1, 10) AS b' }, $good ], $secondary => $good);
is((asked())[1], 'sql_generation error query_failed, sql_generation success', 'the time of the tier covers its repairs');
$tiers->tier(1, timeout_ms => 20000);

# Nobody answers: the reason is the query that failed, and its values stay here.
$tiers->models($primary => $bad, $secondary => { do => 'error', status => 400 });
my ($got) = asked();
is($got->{answer}{error_code}, 'LLM01', 'nobody repairs it');
like($got->{answer}{message}, qr/^\Q$primary\E: the query failed while it ran \(SQLSTATE 22012\)\.$/m, 'in words');

is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
$tiers->stop;
done_testing();
