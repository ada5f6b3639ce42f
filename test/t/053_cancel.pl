# A question that hangs in a call ends at once and for its true reason, in each
# phase of the call; what may be billed of the call is recorded; and the session
# can ask again.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('cancel', "analytics_llm.request_timeout = '300s'\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
my ($primary, $secondary, $question) = ($Tiers::PRIMARY, $Tiers::SECONDARY, $Tiers::NOT_UNDERSTOOD);
my $good = { sql => $Tiers::REVENUE };
$tiers->tier(0, timeout_ms => 300000);

# The primary model is at a place of its own.
$node->safe_psql('postgres', sprintf q{
	CREATE SERVER hanging FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic', endpoint '%s');
	CREATE USER MAPPING FOR PUBLIC SERVER hanging OPTIONS (api_key 'sk-of-the-tests');
	UPDATE analytics_llm.model SET server = 'hanging' WHERE name = '%s'}, $stub->http, $primary);

my $terminated = '57P01: terminating connection due to administrator command';
my @reasons = (
	[ 'pg_cancel_backend', '57014: canceling statement due to user request', '57014' ],
	[ 'statement_timeout', '57014: canceling statement due to statement timeout', '57014' ],
	[ 'pg_terminate_backend', $terminated, '57P01' ],
	[ 'a fast shutdown', $terminated, '57P01' ],
);

# The rows of the log, as they are in the table and, where no writer was left,
# in the server log; then none are left.
my $log_from = 0;

sub take_log
{
	my ($n) = @_;
	my @rows;
	for (1 .. 400)
	{
		@rows = map { decode_json($_) } split /\n/,
		  $node->safe_psql('postgres', 'SELECT row_to_json(t) FROM analytics_llm.log AS t ORDER BY logged_at, attempt');
		my $text = substr slurp_file($node->logfile), $log_from;
		push @rows, map { decode_json($_) } $text =~ /record of "log".*?(\{.*\})$/mg;
		last if @rows >= $n;
		select undef, undef, undef, 0.05;
	}
	$node->safe_psql('postgres', 'DELETE FROM analytics_llm.log');
	$log_from = length slurp_file($node->logfile);
	return @rows;
}

my ($ended, $recorded) = (0, 0);
for ($tiers->hanging_places)
{
	my ($phase, $endpoint, $step) = @$_;

	# Before that, nothing can have left.
	my $left = $step ? 1 : 0;
	$node->safe_psql('postgres', "ALTER SERVER hanging OPTIONS (SET endpoint '$endpoint')");
	for (@reasons)
	{
		my ($reason, $words, $code) = @$_;
		my $name = "$phase: $reason";
		$tiers->models($step ? ($primary => $step) : (), $secondary => $good);
		my $session = $tiers->start([
				$reason eq 'statement_timeout' ? q{SET statement_timeout = '700ms'} : 'SELECT 1 WHERE false',
				"SELECT llm_ask('$question')",
				'RESET statement_timeout',
				"SELECT llm_ask('$question', '{\"tier\": 2}')" ]);
		if ($reason ne 'statement_timeout')
		{
			$stub->wait_for(requests => 1) if $step;
			$tiers->wait_for_call;
		}
		if ($reason =~ /^pg_/)
		{
			$node->safe_psql('postgres',
				"SELECT $reason(pid) FROM pg_stat_activity WHERE query LIKE '%llm_ask%' AND pid <> pg_backend_pid()");
		}
		$node->stop('fast') if $reason eq 'a fast shutdown';
		my ($out, $err) = $tiers->finish($session);
		$node->start if $reason eq 'a fast shutdown';
		$ended += like($err, qr/^(?:ERROR|FATAL):  \Q$words\E$/m, "$name: says why");
		ok($stub->wait_for(closed => 1), "$name: the connection is closed") if $step;

		my $goes_on = $code eq '57014';
		my @rows = take_log($goes_on ? 2 : 1);
		my ($row) = @rows;
		$recorded++ if is_deeply(
			[ @{$row}{qw(tier model_used status error_code)}, $row->{estimated} ? 1 : 0,
				$row->{input_tokens} > 0 && $row->{output_tokens} > 0 && $row->{cost} > 0 ? 1 : 0,
				$row->{latency_ms} > 0 ? 1 : 0 ],
			[ 1, $primary, 'error', $code, $left, $left, 1 ],
			"$name: the call is recorded, " . ($left ? 'with its estimate' : 'and was not sent'))
		  or diag explain \@rows;
		next unless $goes_on;
		is(() = $out =~ /"revenue"/g, 3, "$name: the session asks again");
	}
}
figure_at_least('hanging_calls_ended', $ended, 'of 16', 16);
figure_at_least('ended_calls_recorded', $recorded, 'of 16', 16);
$node->safe_psql('postgres', sprintf q{ALTER SERVER hanging OPTIONS (SET endpoint '%s')}, $stub->http);

# While it waits to try again, the call is over: what it cost is known.
$tiers->models($primary => { do => 'error', status => 529, headers => { 'retry-after' => '100' } });
my ($rc, $out, $err) = $node->psql('postgres', "SET statement_timeout = '500ms'; SELECT llm_ask('$question')");
like($err, qr/canceling statement due to statement timeout/, 'between retries: says why');
my ($row) = take_log(1);
is_deeply([ @{$row}{qw(status fallback_reason input_tokens)} ], [ 'error', 'overloaded', 0 ], 'between retries: the call was over');

# While the model's query runs, the call is over, and was billed.
$tiers->models($primary => { sql => 'SELECT count(*) FROM generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS b' });
($rc, $out, $err) = $node->psql('postgres', "SET statement_timeout = '500ms'; SELECT llm_ask('$question')");
like($err, qr/canceling statement due to statement timeout/, 'in the query: says why');
($row) = take_log(1);
is_deeply([ @{$row}{qw(status error_code input_tokens estimated)} ],
	[ 'error', '57014', ($stub->requests)[0]{usage}{input_tokens}, JSON::PP::false ], 'in the query: with its bill');

# Caught in a function, and asked again there.
$tiers->models($primary => [ { do => 'stall' }, $good ]);
is( $node->safe_psql('postgres', <<"SQL"), '3 rows after a cancel', 'a function that catches the cancel asks again');
SET statement_timeout = '700ms';
CREATE FUNCTION ask_twice() RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE
	n int;
BEGIN
	PERFORM llm_ask('$question');
	RETURN 'not cancelled';
EXCEPTION WHEN query_canceled THEN
	SELECT count(*) INTO n FROM llm_ask('$question');
	RETURN n || ' rows after a cancel';
END
\$\$;
SELECT ask_twice();
SQL
is(scalar(() = take_log(2)), 2, 'and both are recorded');

# A client that goes away while it waits.
$tiers->models($primary => { do => 'stall' });
$tiers->set('client_connection_check_interval', '50ms');
my $session = $tiers->start("SELECT llm_ask('$question')");
$stub->wait_for(requests => 1);
$session->{psql}->kill_kill(grace => 0);
ok($stub->wait_for(closed => 1), 'a client that goes away ends its call');
($row) = take_log(1);
is_deeply([ @{$row}{qw(status error_code estimated)} ], [ 'error', '57P01', JSON::PP::true ], 'which is recorded');

is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC/, 'no process crashed');
$tiers->stop;
done_testing();
