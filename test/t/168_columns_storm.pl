# Sessions with real columns in all their forms, while cancels, time-outs, ended
# sessions and changes of the tables strike at random: no crash, no row that is
# not the answer's, no call that is not in the log and the bill, and nothing left
# of those that were struck: reservations, locks, transactions that cannot write.
# A strike comes for so many statements that have ended, whatever the clock says.
use strict;
use warnings;

use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use Figure;
use Tiers;

use constant { SESSIONS => 4, BLOCKS => 70, BLOCKS_A_STRIKE => 2, TERMINATED => 12 };

srand(my $seed = $ENV{TORTURE_SEED} || 20261126);
note "seed $seed";
my $tiers = Tiers->new('columns_storm', "log_statement = none\nlog_min_duration_statement = -1\nanalytics_llm.request_timeout = '60s'\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
$tiers->tier(0, timeout_ms => 30000, max_retries => 1);
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE bi LOGIN;
CREATE SCHEMA bi AUTHORIZATION bi;
GRANT CREATE ON DATABASE postgres TO bi;
GRANT SELECT ON regions, sales TO bi;
GRANT USAGE ON FOREIGN SERVER anthropic TO bi;
CREATE TABLE bi.written (session int, block int);
ALTER TABLE bi.written OWNER TO bi;
INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES ('bi', 'month', 1000000000000), ('-', 'day', 1000000000000);
SQL
my %sql = (
	few => 'SELECT name AS cohort, region_id AS churn FROM regions ORDER BY region_id',
	many => 'SELECT a.sale_id AS cohort, b.sale_id AS churn FROM sales a, sales b ORDER BY a.sale_id, b.sale_id',
	long => 'SELECT count(*) AS churn FROM sales a, sales b, sales c, regions d, regions e');
$stub->script(
	{ match => { contains => 'stuck' }, stall_ms => 200, sql => $sql{few}, times => 0 },
	{ match => { contains => 'refused' }, sql => 'DELETE FROM sales', times => 0 },
	(map { { match => { contains => $_ }, delay_ms => 10, sql => $sql{$_}, times => 0 } } qw(many long)),
	{ sql => $sql{few}, times => 0 });

# What a client does in a block; %s is a statement with real columns.  Each
# question is a new one, so that each is paid.
my @forms = (
	'%s;', '%s LIMIT 2;', 'EXPLAIN (COSTS OFF) %s \g /dev/null', 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) %s \g /dev/null', 'COPY (%s) TO STDOUT WITH (DELIMITER \'|\');',
	"PREPARE p AS %s;\nEXECUTE p;\nEXECUTE p;\nDEALLOCATE ALL;",
	"BEGIN;\nDECLARE c CURSOR FOR %s;\nFETCH 1 FROM c;\n%w;\nFETCH 2 FROM c;\nFETCH ALL FROM c;\nCOMMIT;",
	"BEGIN;\nDECLARE c SCROLL CURSOR FOR %s;\nFETCH LAST FROM c;\nFETCH FIRST FROM c;\nSAVEPOINT s;\nFETCH 2 FROM c;\nROLLBACK TO s;\n%w;\nFETCH ALL FROM c;\nCOMMIT;",
	"BEGIN;\nDECLARE c CURSOR WITH HOLD FOR %s;\n%w;\nCOMMIT;\nFETCH 2 FROM c;\nCLOSE ALL;",
	"BEGIN;\nSAVEPOINT s;\n%s;\nROLLBACK TO s;\n%w;\nCOMMIT;", "BEGIN READ ONLY;\n%s;\nROLLBACK;\n%w;",
	"CREATE TEMP TABLE made AS %s;\nTABLE made;\nDROP TABLE IF EXISTS made;",
	"CREATE VIEW bi.seen%n AS %s;\nTABLE bi.seen%n;\nDROP VIEW IF EXISTS bi.seen%n;",
	"DO \$\$ DECLARE r record; BEGIN FOR r IN %s LOOP %w; EXIT WHEN random() < 0.2; END LOOP; END \$\$;",
	"DO \$\$ DECLARE r record; BEGIN SELECT * INTO r FROM (SELECT 1) AS s; BEGIN FOR r IN %s LOOP NULL; END LOOP; EXCEPTION WHEN query_canceled THEN NULL; END; %w; END \$\$;",
	"SET statement_timeout = %t;\n%s;\nPREPARE p AS %s;\nEXECUTE p;\nRESET statement_timeout;\nDEALLOCATE ALL;",
	"SET analytics_llm.on_doubt = error;\n%s;\nRESET analytics_llm.on_doubt;");
my @words = (('few') x 6, 'many', 'many', 'long', 'stuck', 'refused');

# What would be left of a statement in its session, after each block.
my $left = q{SELECT 'a lock is left' FROM pg_locks WHERE pid = pg_backend_pid() AND relation IN ('sales'::regclass, 'regions'::regclass);
SELECT 'it cannot write' WHERE current_setting('transaction_read_only') = 'on';
SELECT 'a cursor is left' FROM pg_cursors WHERE is_holdable = false AND name <> '';
};

sub block
{
	my ($session, $n) = @_;
	my $text = $forms[ rand @forms ];
	my $which = $words[ rand @words ];
	my $asked = 0;
	$text =~ s/%s/"SELECT * FROM llm_ask('churn of cohort ${session}x${n}x" . $asked++ . " $which')"/ge;
	$text =~ s/%w/INSERT INTO bi.written VALUES ($session, $n)/g;
	$text =~ s/%n/${session}_$n/g;
	$text =~ s/%t/1 + int rand 80/ge;
	return "$text\n$left\\echo ended $n\n";
}

my @sessions = map { my $s = $_; { number => $s, next => 1, blocks => [ map { block($s, $_) } 1 .. BLOCKS ], said => '', errors => '' } } 1 .. SESSIONS;

# Goes on where the session has ended.
sub start
{
	my ($session) = @_;
	my ($out, $err) = ('', '');
	my $file = PostgreSQL::Test::Utils::tempdir() . "/session_$session->{number}_$session->{next}";
	append_to_file($file, "SET client_min_messages = error;\n\\set VERBOSITY sqlstate\n\\pset null NULL\n" . join '', @{ $session->{blocks} }[ $session->{next} - 1 .. BLOCKS - 1 ]);
	@{$session}{qw(out err)} = (\$out, \$err);
	$session->{run} = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres') . ' user=bi', '-f', $file ], '<', \undef, '>', \$out, '2>', \$err);
	return;
}

# How many blocks have ended; sessions that were ended begin anew.
sub count_ended
{
	my $ended = 0;
	for my $session (@sessions)
	{
		if ($session->{run})
		{
			eval { $session->{run}->pump_nb };
			my ($last) = ${ $session->{out} } =~ /.*^ended (\d+)$/ms;
			my $goes_on = $session->{run}->pumpable;
			if (!$goes_on)
			{
				eval { $session->{run}->finish };
				($last) = ${ $session->{out} } =~ /.*^ended (\d+)$/ms;
				# The block that was under way when it ended is not tried again.
				$last ||= $session->{next} - 1;
				$last++
				  if $last < BLOCKS && (delete $session->{gone} || ${ $session->{err} } =~ /57P01|server closed|connection to server was lost|terminating/);
			}
			$session->{ended} = $last || $session->{next} - 1;
			if (!$goes_on)
			{
				$session->{said} .= ${ $session->{out} };
				$session->{errors} .= ${ $session->{err} };
				$session->{next} = $session->{ended} + 1;
				delete $session->{run};
				start($session) if $session->{next} <= BLOCKS;
			}
		}
		$ended += $session->{ended} || 0;
	}
	return $ended;
}

# What changes of the tables meanwhile; what waits too long is left.
my @changes = (
	'ALTER TABLE regions ADD COLUMN extra int; ALTER TABLE regions DROP COLUMN extra', 'ANALYZE regions, sales', 'CREATE INDEX ON sales (revenue)',
	'ALTER TABLE sales ENABLE ROW LEVEL SECURITY; ALTER TABLE sales DISABLE ROW LEVEL SECURITY', 'REVOKE SELECT ON regions FROM bi; GRANT SELECT ON regions TO bi',
	'CREATE OR REPLACE VIEW seen AS SELECT name FROM regions', 'BEGIN; ALTER TABLE regions RENAME TO places; ROLLBACK', 'COMMENT ON TABLE regions IS \'places\'',
	'REVOKE EXECUTE ON FUNCTION llm_ask(text, jsonb) FROM PUBLIC; GRANT EXECUTE ON FUNCTION llm_ask(text, jsonb) TO PUBLIC', 'VACUUM sales');
my $asking = q{pg_stat_activity WHERE usename = 'bi' AND state = 'active'};
my ($strikes, $terminated, $gone) = (0, 0, 0);
my $striker = $node->background_psql('postgres', on_error_stop => 0);
$striker->query(q{SET client_min_messages = error; SET lock_timeout = '100ms'});
start($_) for @sessions;
while (1)
{
	my $ended = count_ended();
	last unless grep { $_->{run} } @sessions;
	if ($ended < $strikes * BLOCKS_A_STRIKE)
	{
		usleep(5_000);
		next;
	}
	$strikes++;
	$striker->query("SELECT pg_cancel_backend(pid) FROM $asking ORDER BY random() LIMIT 1");
	$striker->query($changes[ rand @changes ]) if $strikes % 3 == 0;
	if ($strikes % 11 == 0)
	{
		# A client that goes away without a word.
		my ($session) = grep { $_->{run} && !$_->{gone} } @sessions[ map { ($_ + $strikes) % SESSIONS } 1 .. SESSIONS ];
		$session->{run}->signal('KILL');
		$session->{gone} = 1;
		$gone++;
	}
	if ($strikes % 7 == 0 && $terminated < TERMINATED)
	{
		$terminated += $striker->query("SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM $asking ORDER BY random() LIMIT 1) AS s");
	}
}
$striker->query('GRANT SELECT ON regions TO bi');
$striker->quit;

# What clients were told: rows of the answers, and errors that they can expect.
my $errors = join '', map { $_->{errors} } @sessions;
my %codes;
$codes{$1}++ while $errors =~ /(?:ERROR|FATAL):\s+(\w{5})$/mg;
note join ', ', map { "$_ $codes{$_}" } sort keys %codes;
# 42P07: a strike at the DROP of a table or a view leaves it for the next CREATE.
my %expected = map { $_ => 1 } qw(57014 57P01 25P02 34000 26000 3B001 42P01 42P07 42501 LLM03);
is(join(' ', grep { !$expected{$_} } sort keys %codes), '', 'no error but those of the strikes');
note "$strikes strikes, $terminated sessions ended, $gone clients gone";
cmp_ok($codes{'57014'} || 0, '>=', 3, 'statements were cancelled');
cmp_ok($terminated, '>=', 1, 'sessions were ended');
cmp_ok($gone, '>=', 1, 'clients went away');
is($_->{ended}, BLOCKS, "session $_->{number} came to its end") for @sessions;
my @strange = grep { !/^(?:ended \d+|(?:North|South|West)\|[123]|\d+\|\d+|1944000|)$/ } map { split /\n/, $_->{said} } @sessions;
is(join("\n", @strange[ 0 .. ($#strange < 9 ? $#strange : 9) ]), '', 'no row that is of no answer');
my $rows = () = join('', map { $_->{said} } @sessions) =~ /^(?:North|South|West)\|/mg;
cmp_ok($rows, '>', 100, "$rows rows of answers");
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM bi.written'), '>', 10, 'what was written between them is there');

# The log of all sessions, once they have ended and it is written.
$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = 'bi'}) or die 'a session does not end';
$node->poll_query_until('postgres', q{SELECT (detail ->> 'bytes')::bigint = 0 FROM llm_status() WHERE component = 'queue'})
  or die 'the queue does not empty';
my ($calls, $tokens, $cost) = split /\|/, $node->safe_psql('postgres',
	q{SELECT count(*), sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens), sum(cost) FROM analytics_llm.log WHERE model_used LIKE 'claude%' AND status <> 'skipped'});
my @requests = $stub->requests;
my ($bill, $bill_cost) = (0, 0);
for (grep { $_->{usage} } @requests)
{
	$bill += $_ || 0 for @{ $_->{usage} }{qw(input_tokens output_tokens cache_read_input_tokens cache_creation_input_tokens)};
	my ($n, $d) = split m{/}, $_->{cost};
	$bill_cost += $n / ($d || 1);
}
cmp_ok(scalar @requests, '>', 150, scalar(@requests) . ' calls were made');

# Question by question: what a call that never arrived is charged does not stand in for another.
my %logged = map { split /\|/ } split /\n/, $node->safe_psql('postgres', q{SELECT user_input, count(*) FROM analytics_llm.log WHERE model_used LIKE 'claude%' AND status <> 'skipped' GROUP BY 1});
my %made;
for (@requests)
{
	my ($question) = encode_json($_) =~ /(churn of cohort \d+x\d+x\d+ [a-z]+)/ or die 'a call without its question';
	$made{$question}++;
}
my @lost = grep { $made{$_} > ($logged{$_} || 0) } sort keys %made;
figure_at_most('real_columns_calls_lost', scalar @lost, 'of ' . @requests, 0) or diag join "\n", @lost;
figure_at_most('real_columns_tokens_unrecorded', $bill > $tokens ? $bill - $tokens : 0, "of $bill", 0);
cmp_ok($cost, '>=', $bill_cost - 1e-6, "cost recorded: $cost, billed: $bill_cost");
is($node->safe_psql('postgres', q{SELECT sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens) FROM analytics_llm.usage WHERE period = 'month'}), $tokens, 'what was used is what is in the log');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT tokens_used || '|' || tokens_reserved, ' ') FROM analytics_llm.quota_status WHERE grantee IN ('bi'::regrole, '-'::regrole)}),
	"$tokens|0", 'nothing is reserved any more');
is($node->safe_psql('postgres', q{SELECT count(*) FROM analytics_llm.log WHERE request_id NOT IN (SELECT request_id FROM analytics_llm.request)}), '0', 'each call is of a request');

# Nothing is left of those who were struck.
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'}), '0', 'no temporary table is left');
my $log = slurp_file($node->logfile);
unlike($log, qr/terminated by signal|PANIC|TRAP|reference leak|refcount|still referenced|(?:leaked|not closed)|AbortTransaction|WARNING:\s+(?:relcache|buffer|snapshot|cached plan|TupleDesc)/, 'no process crashed, and none has leaked');
is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
$node->poll_query_until('postgres', q{SELECT bool_and(state = 'ready') FROM llm_status() WHERE component = 'model'});
is($node->safe_psql('postgres', "SET ROLE bi; BEGIN; SELECT * FROM llm_ask('churn of cohort few'); INSERT INTO bi.written VALUES (0, 0); COMMIT"), "North|1\nSouth|2\nWest|3", 'and the next question is answered');
figure_all_passed('real_columns_in_a_storm');
$tiers->stop;
done_testing();
