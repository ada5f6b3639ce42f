# Leaving a provider alone: when breakers open and close, whom they shut out, and
# what a person, the log and llm_status say of it.  No test waits for a rest to
# end: the breakers are told that time has passed.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('breaker', "analytics_llm.request_timeout = '60s'\n");
my ($node, $stub, $probe) = @{$tiers}{qw(node stub probe)};
my ($primary, $secondary) = ($Tiers::PRIMARY, $Tiers::SECONDARY);
my $question = $Tiers::NOT_UNDERSTOOD;
my $good = { sql => $Tiers::REVENUE };
my $busy = { do => 'error', status => 529 };
my $clock = qr/\d\d:\d\d:\d\d/;
$tiers->tier(0, timeout_ms => 20000, max_retries => 0);

# One breaker by itself: steps, and what must come of each.  A time is what is
# left of a rest, in milliseconds.
my @decisions = (
	[ 'three faults in a row', '0 failed; 1 failed; 2 failed', 'closed, closed, open 30000' ],
	[ 'two faults and a success', '0 failed; 1 failed; 2 works; 3 failed; 4 works; 5 judge', 'closed, closed, closed, closed, closed, go' ],
	[ 'half of five calls', '0 works; 1 works; 2 works; 3 failed; 4 failed; 5 works; 6 failed; 7 works; 8 failed', join(', ', ('closed') x 9) ],
	[ 'half of six calls', '0 works; 1 works; 2 works; 3 failed; 4 failed; 5 works; 6 failed; 7 failed', 'closed, closed, closed, closed, closed, closed, closed, open 30000' ],
	[ 'faults that are a minute old', '0 failed; 1 works; 2 failed; 3 works; 70000 failed; 70001 works; 70002 failed', join(', ', ('closed') x 7) ],
	[ 'more than twenty calls ago', join('; ', (map { "$_ works" } 0 .. 20), '21 failed', '22 works', '23 failed'), join(', ', ('closed') x 24) ],
	[ 'what is no fault', '0 failed; 1 responds; 2 failed; 3 nothing; 4 responds; 5 failed', 'closed, closed, closed, closed, closed, open 30000' ],
	[ 'nothing but responses', join('; ', map { "$_ responds" } 0 .. 9), join(', ', ('closed') x 10) ],
	[ 'a fault that lasts', '0 broken; 1 judge', 'open 300000, rests 299999' ],
	[ 'a rest', '0 failed; 0 failed; 0 failed; 29999 judge; 30000 judge', 'closed, closed, open 30000, rests 1, probe' ],
	[ 'one probe at a time', '0 broken; 300000 judge; 300000 probe 7; 300001 judge; 309999 judge; 310000 judge', 'open 300000, probe, half_open 10000, probed 9999, probed 1, probe' ],
	[ 'a probe that works', '0 broken; 300000 probe 7; 300001 works 7; 300002 judge; 300003 failed; 300004 failed', 'open 300000, half_open 10000, closed, go, closed, closed' ],
	[ 'a probe that is refused', '0 broken; 300000 probe 7; 300001 responds 7', 'open 300000, half_open 10000, closed' ],
	[ 'a probe that is cancelled', '0 broken; 300000 probe 7; 300001 nothing 7; 300001 judge', 'open 300000, half_open 10000, open, probe' ],
	[ 'a probe that comes too late', '0 broken; 300000 probe 7; 311000 probe 8; 311001 works 7; 311002 failed 7; 311003 works 8', 'open 300000, half_open 10000, half_open 10000, half_open 9999, half_open 9998, closed' ],
	[ 'calls that were under way', '0 failed; 0 failed; 0 failed; 5 works; 6 failed; 30000 probe 7; 30001 works; 30002 failed; 30003 works 7', 'closed, closed, open 30000, open 29995, open 29994, half_open 10000, half_open 9999, half_open 9998, closed' ],
	[ 'rests are doubled up to five minutes', join('; ', '0 failed', '0 failed', '0 failed', map { ("@{[$_ * 1000000]} probe $_", "@{[$_ * 1000000]} failed $_") } 1 .. 5),
		'closed, closed, open 30000, half_open 10000, open 60000, half_open 10000, open 120000, half_open 10000, open 240000, half_open 10000, open 300000, half_open 10000, open 300000' ],
	[ 'long rests up to ten minutes', '0 broken; 300000 probe 1; 300000 broken 1; 900000 probe 2; 900000 broken 2', 'open 300000, half_open 10000, open 600000, half_open 10000, open 600000' ],
	[ 'after it closed, the first rest again', '0 failed; 0 failed; 0 failed; 30000 probe 1; 30000 failed 1; 90000 probe 2; 90000 works 2; 90001 failed; 90001 failed; 90001 failed',
		'closed, closed, open 30000, half_open 10000, open 60000, half_open 10000, closed, closed, closed, open 30000' ],
	[ 'a quarter less at random', '0 random 100; 0 failed; 0 failed; 0 failed', 'closed, closed, closed, open 22500' ],
	[ 'not before', '0 hold 2000; 1 judge; 1999 judge; 2000 judge', 'closed, waits 1999, waits 1, go' ],
	[ 'not before a day', '0 hold 86400000; 1 judge', 'closed, waits 3599999' ],
	[ 'the later of two', '0 hold 5000; 1 hold 10; 100 judge', 'closed, closed, waits 4900' ],
	[ 'a clock that is set back while it is open', '7200000 broken; 0 judge; 7200000 judge', 'open 300000, probe, rests 300000' ],
	[ 'a clock that is set back before a pause is over', '7200000 hold 2000; 0 judge', 'closed, go 7202000' ],
	[ 'open and not before', '0 broken; 0 hold 400000; 1 judge; 300000 judge; 400000 judge', 'open 300000, open 300000, rests 299999, waits 100000, probe' ],
);
my $as_wanted = 0;
for (@decisions)
{
	my ($name, $steps, $expected) = @$_;
	$as_wanted += is($node->safe_psql('postgres', sprintf 'SELECT probe_breaker(ARRAY[%s])', join ', ', map { "'$_'" } split /; /, $steps),
		$expected, "decided: $name");
}
figure_at_least('breaker_decisions', $as_wanted, 'of ' . @decisions, scalar @decisions);

# The time of a question, over tiers: left, own, what later ones want.
for ([ 15000, 5000, 3000, 5000 ], [ 8000, 5000, 3000, 5000 ], [ 4000, 5000, 3000, 2500 ], [ 1500, 3000, 0, 1500 ], [ 0, 5000, 3000, 0 ],
	[ 15000, 20000, 3000, 13043 ], [ 100, 0, 3000, 0 ], [ 600000, 600000, 600000, 300000 ])
{
	my ($left, $own, $later, $share) = @$_;
	is($node->safe_psql('postgres', "SELECT probe_share($left, $own, $later)"), $share, "of $left ms, for $own now and $later later: $share");
}

# What llm_status says of the breakers: "name of state failures/calls".
sub breakers
{
	my (%how) = @_;
	my $setup = $how{role} ? "SET ROLE $how{role};" : '';
	return $node->safe_psql($how{db} || 'postgres', "$setup " . <<'SQL');
SELECT string_agg(concat_ws(' ', name, detail ->> 'of', detail ->> 'key_of', state, detail ->> 'cause', (detail ->> 'failures') || '/' || (detail ->> 'calls')), ', '
	ORDER BY name COLLATE "C", detail ->> 'of', detail ->> 'key_of')
  FROM llm_status() WHERE component = 'breaker';
SQL
}

sub calls_of
{
	my ($got) = @_;
	return join ', ', map { join ' ', $_->{tier}, $_->{status}, $_->{fallback_reason} || () } grep { $_->{tier} < 3 } @{ $got->{log} };
}

# Asks so many times.
sub ask
{
	my ($times, %how) = @_;
	my $got;
	$got = $tiers->ask($question, %how) for 1 .. $times;
	return $got;
}

# Three faults in a row open it; the secondary model has one of its own.
$tiers->models($primary => $busy, $secondary => $good);
is(breakers(), "$primary model closed 0/0, $secondary model closed 0/0", 'before any call');
is(calls_of(ask(1)), '1 error overloaded, 2 success', 'the first fault');
is(breakers(), "$primary model closed 1/1, $secondary model closed 0/1", 'is counted');
is(calls_of(ask(2)), '1 error overloaded, 2 success', 'the third fault');
is(breakers(), "$primary model open overloaded 3/3, $secondary model closed 0/3", 'opens it');
is(calls_of(ask(2)), '1 skipped breaker_open, 2 success', 'then the model is skipped');
is(scalar(grep { $_->{body}{model} eq $primary } $stub->requests), 3, 'and not called');
is($node->safe_psql('postgres', q{SELECT (detail ->> 'next_try_at')::timestamptz - (detail ->> 'since')::timestamptz BETWEEN '22 s' AND '30 s' FROM llm_status() WHERE component = 'breaker' AND state = 'open'}),
	't', 'for half a minute, less a quarter at most');

# Without anybody else, the error says when to ask again.
my ($out, $err) = $tiers->rows($question, options => '{"tier": 1}', setup => qq{BEGIN; UPDATE analytics_llm.tier SET enabled = false WHERE tier = 2});
like($err, qr/^ERROR:  LLM01: the question cannot be answered right now\nDETAIL:  \Q$primary\E: it failed, and is not tried again before ($clock)\.\nBuilt-in rules: did not understand "churn", "cohort"\.\nHINT:  Try again after \1\.$/m,
	'an open breaker in words');
$tiers->models($primary => $busy, $secondary => $busy);
ask(3);
my $got = ask(1);
is(calls_of($got), '1 skipped breaker_open, 2 skipped breaker_open', 'all open: no call is made');
like($got->{answer}{message}, qr/^Try again after $clock\.$/m, 'all open: and the earliest moment is told');
my ($first, $last) = sort { $a cmp $b } $got->{answer}{message} =~ /before ($clock)/g;
like($got->{answer}{message}, qr/Try again after \Q$first\E\./, 'all open: really the earliest') or diag $got->{answer}{message};
is($got->{log}[0]{error_message}, 'the breaker of the model is open after "overloaded"', 'all open: and the log knows why');

# After the rest, one call finds out.
$tiers->steps($primary => $good, $secondary => $good);
$probe->pass_time(31);
is(calls_of(ask(1)), '1 success', 'after the rest it is tried');
is(breakers(), "$primary model closed 0/0, $secondary model open overloaded 3/3", 'and closed');

# A probe that fails makes the next rest longer.
$tiers->models($primary => $busy, $secondary => $good);
ask(3);
for my $rest (60, 120, 240, 300, 300)
{
	$probe->pass_time(301);
	is(calls_of(ask(1)), '1 error overloaded, 2 success', 'the probe fails');
	is($node->safe_psql('postgres', qq{SELECT (detail ->> 'next_try_at')::timestamptz - (detail ->> 'since')::timestamptz BETWEEN '$rest s'::interval * 0.75 AND '$rest s' FROM llm_status() WHERE component = 'breaker' AND state = 'open'}),
		't', "and the rest is of $rest s");
}

# Who writes the model's row gives it a fresh start; a rollback is good enough.
$node->safe_psql('postgres', "UPDATE analytics_llm.model SET enabled = enabled WHERE name = '$primary'");
is(calls_of(ask(1)), '1 error overloaded, 2 success', 'a changed row closes its breaker');
ask(2);
is(calls_of(ask(1)), '1 skipped breaker_open, 2 success', 'until it opens again');

# All databases of the server share the breakers, and see them.
$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', 'CREATE EXTENSION analytics_llm; ' . $tiers->server_sql);
like(breakers(db => 'other'), qr/^\Q$primary\E model open overloaded/, 'another database knows');
$node->safe_psql('other', sprintf q{ALTER SERVER anthropic OPTIONS (SET endpoint '%s/elsewhere')}, $stub->http);
like(breakers(db => 'other'), qr/^\Q$primary\E model closed 0\/0/, 'another place is another breaker');

# What counts, and what does not: ten calls in each way, and the breaker of the
# model after them.
my @never = (
	[ 'a bad request', { do => 'error', status => 400 } ],
	[ 'a request too large', { do => 'html', status => 413 } ],
	[ 'what the model cannot do', { do => 'error', status => 400, message => '`temperature` is deprecated for this model.' } ],
	[ 'a refusal', { stop_reason => 'refusal' } ],
	[ 'a cut answer', { stop_reason => 'max_tokens' } ],
	[ 'an empty answer', { content => [] } ],
	[ 'no query', { text => 'prose' } ],
	[ 'a query that may not run', { sql => 'DELETE FROM sales' } ],
	[ 'a limit of the rate', { do => 'error', status => 429 } ],
	[ 'a redirect', { do => 'redirect', location => '/elsewhere' } ],
);
$tiers->set('analytics_llm.max_repairs', 0);
for (@never)
{
	my ($name, $step) = @$_;
	$tiers->models($primary => $step, $secondary => $good);
	unlike(calls_of(ask(6)), qr/skipped/, "$name: never opens it");
	like(breakers(), qr{^\Q$primary\E model closed 0/}, "$name: nor counts");
}

# A fault that somebody has to mend opens at once, and its breaker alone.
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE analyst; CREATE ROLE other_analyst; CREATE ROLE dba; GRANT pg_monitor TO dba;
GRANT SELECT ON sales, regions TO analyst, other_analyst;
GRANT USAGE ON FOREIGN SERVER anthropic TO analyst, other_analyst;
CREATE USER MAPPING FOR analyst SERVER anthropic OPTIONS (api_key 'sk-of-the-analyst');
SQL
my @broken = (
	[ 401, 'credential', 'key', "anthropic key analyst open credential 0/0, ", 'skipped', 'skipped' ],
	[ 402, 'unpaid', 'key', "anthropic key analyst open unpaid 0/0, ", 'skipped', 'skipped' ],
	[ 403, 'permission', 'key', '', 'skipped', 'success' ],
	[ 404, 'model_gone', 'model', '', 'skipped', 'success' ],
);
for (@broken)
{
	my ($status, $cause, $level, $said, $again, $next) = @$_;
	my %as = (setup => 'SET ROLE analyst;');
	$tiers->models($primary => { do => 'error', status => $status }, $secondary => $good);
	$got = ask(1, %as);
	is(calls_of($got), "1 error $cause, 2 " . ($next eq 'skipped' ? 'skipped breaker_open' : 'success'), "$status: the first call");
	$got = ask(1, %as);
	is(calls_of($got), '1 skipped breaker_open, 2 ' . ($next eq 'skipped' ? 'skipped breaker_open' : 'success'), "$status: no other one follows");
	is($got->{log}[0]{error_message}, qq{the breaker of the $level is open after "$cause"}, "$status: and why");
	$got = ask(1, setup => 'SET ROLE other_analyst;');
	like(calls_of($got), $status == 404 ? qr/^1 skipped breaker_open, 2 success/ : qr/^1 error $cause, 2 /,
		$status == 404 ? "$status: nor with another key" : "$status: another key has a breaker of its own");
}
my %as = (setup => 'SET ROLE analyst;');
$tiers->models($primary => { do => 'error', status => 401 }, $secondary => { do => 'error', status => 401 });
ask(1, %as);
ask(1);
my $models = "$primary model closed 0/0, $secondary model closed 0/0";
is(breakers(role => 'analyst'), "anthropic key analyst open credential 0/0, anthropic key public open credential 0/0, $models", 'a role sees its own key, and that of PUBLIC');
is(breakers(role => 'other_analyst'), "anthropic key public open credential 0/0, $models", 'but none of another role');
is(breakers(role => 'dba'), "anthropic key analyst open credential 0/0, anthropic key public open credential 0/0, $models", 'who monitors sees all');
unlike($node->safe_psql('postgres', 'SELECT * FROM llm_status()'), qr/sk-|[0-9a-f]{16}/, 'and nobody sees a key, or what could be its hash');

# A new key starts afresh, and the old one goes on resting.
$tiers->steps($primary => $good);
$node->safe_psql('postgres', "ALTER USER MAPPING FOR analyst SERVER anthropic OPTIONS (SET api_key 'sk-of-the-analyst-2')");
is(calls_of(ask(1, %as)), '1 success', 'a new key is tried at once');
$node->safe_psql('postgres', "ALTER USER MAPPING FOR analyst SERVER anthropic OPTIONS (SET api_key 'sk-of-the-analyst')");
is(calls_of(ask(1, %as)), '1 skipped breaker_open, 2 skipped breaker_open', 'the old one still rests');
$probe->pass_time(301);
is(calls_of(ask(1, %as)), '1 success', 'for five minutes');
$tiers->models($primary => { do => 'error', status => 401 }, $secondary => $good);
ask(1, %as);
$node->safe_psql('postgres', "UPDATE analytics_llm.model SET enabled = enabled WHERE name = '$secondary'");
is(calls_of(ask(1, setup => 'SET ROLE analyst;')), '1 error credential, 2 skipped breaker_open', 'a changed row of a model closes those of its keys');

# A role that tries one bad key after another pushes out its own breakers alone.
$tiers->models($primary => { do => 'error', status => 401 }, $secondary => { do => 'error', status => 401 });
ask(1);
$node->safe_psql('postgres', <<"SQL");
SET ROLE analyst;
DO \$\$
BEGIN
	FOR i IN 1 .. 270 LOOP
		EXECUTE format('ALTER USER MAPPING FOR analyst SERVER anthropic OPTIONS (SET api_key %L)', 'sk-bad-' || i);
		PERFORM llm_answer('$question');
	END LOOP;
END
\$\$;
SQL
is(calls_of(ask(1)), '1 skipped breaker_open, 2 skipped breaker_open', 'after 270 bad keys of one role, that of PUBLIC still rests');
is($node->safe_psql('postgres', "SELECT count(*) FROM llm_status() WHERE component = 'breaker' AND detail ->> 'key_of' = 'analyst'"), 32, 'and of the role there are 32');
is(calls_of(ask(1, %as)), '1 skipped breaker_open, 2 skipped breaker_open', 'the last key is among them');

# "Not before": that model with that key, until then.
my $limited = { do => 'error', status => 429, headers => { 'retry-after' => '40' } };
$tiers->models($primary => $limited, $secondary => $good);
is(calls_of(ask(2)), '1 skipped rate_limited, 2 success', 'a limit of the rate that does not fit: the model waits');
is(breakers(), "$primary model closed 0/0, $primary model with key public waits 0/0, $secondary model closed 0/2", 'and llm_status says so');
is(calls_of(ask(1, %as)), '1 error rate_limit, 2 success', 'another key has another limit');
$tiers->steps($primary => $good, $secondary => $good);
$probe->pass_time(41);
is(calls_of(ask(1)), '1 success', 'then it is called again');
$tiers->models($primary => { do => 'error', status => 503, headers => { 'retry-after' => '40' } }, $secondary => $good);
ask(1);
is(calls_of(ask(1, %as)), '1 skipped rate_limited, 2 success', 'an overloaded provider waits for all keys');
(undef, $err) = $tiers->rows($question, setup => 'BEGIN; UPDATE analytics_llm.tier SET enabled = false WHERE tier = 2');
like($err, qr/DETAIL:  \Q$primary\E: the provider takes no call before ($clock)\..*\nHINT:  Try again after \1\.$/ms, 'in words');

# A retry does not knock where a breaker has opened.
$tiers->tier(0, max_retries => 5);
$tiers->models($primary => $busy, $secondary => $good);
is(calls_of(ask(1)), '1 error overloaded, 1 error overloaded, 1 error overloaded, 2 success', 'retries end when the breaker opens');
$tiers->tier(0, max_retries => 0);

# Who gives a model no time does not shut out the others.
$tiers->models($primary => { delay_ms => 3000, %$good }, $secondary => $good);
ask(5, options => '{"timeout_ms": 60}');
like(breakers(), qr/^\Q$primary\E model closed/, 'impatient questions open nothing');
$tiers->tier(0, timeout_ms => 300);
$tiers->models($primary => { do => 'stall' }, $secondary => $good);
ask(3);
is(breakers(), "$primary model open timeout 3/3, $secondary model closed 0/3", 'time-outs of patient ones do');

# A model that usually takes longer than is left is not asked.
$tiers->tier(0, timeout_ms => 20000);
$tiers->models($primary => { delay_ms => 700, %$good }, $secondary => $good);
ask(5);
$got = ask(1, options => '{"timeout_ms": 1000}');
is(calls_of($got), '1 skipped too_slow, 2 success', 'too slow for what is left');
like($got->{log}[0]{fallback_reason}, qr/^too_slow$/, 'and the log says so');
ok($node->safe_psql('postgres', qq{SELECT (detail ->> 'usual_ms')::int BETWEEN 700 AND 15000 FROM llm_status() WHERE component = 'breaker' AND name = '$primary'}) eq 't',
	'llm_status knows what it usually takes');
$probe->pass_time(301);
like(calls_of(ask(1, options => '{"timeout_ms": 1000}')), qr/^1 timeout/, 'what it took five minutes ago says nothing');

# The next tier has its time when the first one took all of its own.
$tiers->tier(1, timeout_ms => 60000);
$tiers->tier(2, timeout_ms => 20000);
$tiers->models($primary => { do => 'stall' }, $secondary => { delay_ms => 100, %$good });
$got = ask(1, options => '{"timeout_ms": 2000}');
is("$got->{answer}{status} $got->{answer}{tier}", 'ok 2', 'the second tier has its time');
$tiers->tier(0, timeout_ms => 20000);

# The probe's place is given back by whoever does not bring a result.
my @endings = (
	[ 'cancelled', 'pg_cancel_backend' ],
	[ 'terminated', 'pg_terminate_backend' ],
);
for (@endings)
{
	my ($name, $function) = @$_;
	$tiers->models($primary => $busy, $secondary => $good);
	ask(3);
	$tiers->steps($primary => [ { do => 'stall' }, $good ], $secondary => $good);
	$probe->pass_time(31);
	my $session = $tiers->start("SELECT llm_ask('$question')");
	ok($stub->wait_for(requests => 1), "$name: the probe is out");
	like(breakers(), qr/^\Q$primary\E model half_open overloaded/, "$name: llm_status says so");
	$got = ask(1);
	is(calls_of($got), '1 skipped breaker_open, 2 success', "$name: no other call meanwhile");
	$node->safe_psql('postgres', "SELECT $function(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT llm_ask%' AND state = 'active'");
	$tiers->finish($session);
	is(calls_of(ask(1)), '1 success', "$name: the next one is a probe");
	is(scalar(grep { $_->{body}{model} eq $primary } $stub->requests), 2, "$name: really");
}

# In a function that goes on after a cancel, too.
$tiers->models($primary => $busy, $secondary => $good);
ask(3);
$tiers->steps($primary => [ { do => 'stall' }, $good ], $secondary => $good);
$probe->pass_time(31);
is($node->safe_psql('postgres', <<SQL), 'ok 1', 'caught in a function: the next one is a probe');
CREATE FUNCTION ask_twice() RETURNS text LANGUAGE plpgsql AS \$\$
BEGIN
	PERFORM llm_answer('$question');
	RETURN 'no error';
EXCEPTION WHEN query_canceled THEN
	RETURN (SELECT (a).status || ' ' || (a).tier FROM (SELECT llm_answer('$question') AS a OFFSET 0) AS s);
END \$\$;
SET statement_timeout = '800ms';
SELECT ask_twice();
SQL

# A crash of a backend empties the shared memory: everything is closed.
$tiers->models($primary => $busy, $secondary => $good);
ask(3);
$node->append_conf('postgresql.conf', "restart_after_crash = on\n");
$node->reload;
my $victim = $node->background_psql('postgres');
my $pid = $victim->query_safe('SELECT pg_backend_pid()');
kill 'KILL', $pid;
$node->poll_query_until('postgres', "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $pid)");
eval { $victim->quit };
is(breakers(), "$primary model closed 0/0, $secondary model closed 0/0", 'after a crash they are closed');

is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
$tiers->stop;
done_testing();
