# What was spent survives every crash: after recovery the log, the table of
# usage and the budgets say the same, and agree with what was billed.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use Figure;
use Quota;

use constant { ROUNDS => 6, CLIENTS => 6, EACH => 350 };

my $quota = Quota->new('crash', qw(bi member));
my ($node, $stub) = @{$quota}{qw(node stub)};
my $script = $node->basedir . '/ask.sql';
append_to_file($script, "SELECT status FROM llm_answer('$Quota::QUESTION');\n");
$quota->sql('CREATE ROLE team NOLOGIN; GRANT team TO bi; GRANT team TO member');
$quota->limit($_, 'month', token_limit => 1000000000) for qw(bi team);
$quota->limit('-', 'day', token_limit => 1000000000);
$quota->answers(input => 300, output => 50);

# What the log and the table have: "requests tokens cost" each.
sub logged
{
	return $quota->sql(q{SELECT count(*) || ' ' || sum(input_tokens + output_tokens) || ' ' || sum(cost) FROM analytics_llm.log WHERE http_status = 200 OR estimated});
}

sub used
{
	my ($period) = @_;
	return $quota->sql(qq{SELECT sum(requests) || ' ' || sum(input_tokens + output_tokens) || ' ' || sum(cost) FROM analytics_llm.usage WHERE period = '$period'});
}

sub is_up
{
	for (1 .. 1800)
	{
		my ($ret) = $node->psql('postgres', 'SELECT 1');
		return if defined $ret && $ret == 0;
		sleep 0.1;
	}
	die 'the server did not come back';
}

# One question whose record is there when its session has ended.
is($quota->ask('member')->{status}, 'ok', 'answered');
my ($twice, $lost, $apart, $wrong_budget) = (0, 0, 0, 0);
my $flushed = 1;
my $has_ended = q{SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = 'bi'};
for my $round (1 .. ROUNDS)
{
	my $victim = (qw(backend writer postmaster))[ $round % 3 ];
	$stub->reset;
	$stub->script({ sql => $Quota::SQL, times => 0, usage => { input_tokens => 300, output_tokens => 50 } });
	my ($out, $err) = ('', '');
	my $load = IPC::Run::start(
		[ 'pgbench', '-n', '-c', CLIENTS, '-j', 2, '-t', 100000, '-f', $script,
			'-h', $node->host, '-p', $node->port, '-U', 'bi', 'postgres' ],
		'<', \undef, '>', \$out, '2>', \$err);
	$stub->wait_for(requests => 20 + 10 * $round);
	is($quota->ask('member')->{status}, 'ok', "round $round: answered and waited for");
	$flushed++;
	my $known = (split / /, logged())[0];
	if ($victim eq 'postmaster')
	{
		my @old = split /\n/, $quota->sql('SELECT pid FROM pg_stat_activity');
		$node->kill9;
		eval { $load->finish };
		# The old processes have to be gone before another server starts.
		for (1 .. 1800)
		{
			last unless grep { kill 0, $_ } @old;
			sleep 0.1;
		}
		$node->start;
	}
	else
	{
		my $pid = $quota->sql($victim eq 'backend'
			? q{SELECT pid FROM pg_stat_activity WHERE usename = 'bi' LIMIT 1}
			: q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'analytics_llm writer'});
		my $offset = -s $node->logfile;
		kill 'KILL', $pid;
		$node->wait_for_log(qr/all server processes terminated; reinitializing/, $offset);
		eval { $load->finish };
	}
	is_up();
	$node->poll_query_until('postgres', $has_ended);

	# Nothing that was committed is lost, nothing is there twice.
	$lost++ unless cmp_ok((split / /, logged())[0], '>=', $known, "$victim: nothing that was committed is lost");
	$twice++ unless is($quota->sql(q{SELECT count(*) - count(DISTINCT (request_id, attempt)) FROM analytics_llm.log}), 0, "$victim: nothing is there twice");
	for my $period (qw(day month))
	{
		$apart++ unless is(used($period), logged(), "$victim: log and usage agree for the $period");
	}
	# The first question after it finds what was used.
	is($quota->ask('member')->{status}, 'ok', "$victim: answered after it");
	$flushed++;
	my %of = (bi => "user_id = 'bi'::regrole", team => 'true');
	for my $role (sort keys %of)
	{
		$wrong_budget++ unless is($quota->status($role, 'month', 'tokens_used || \' \' || tokens_reserved'),
			$quota->sql("SELECT sum(input_tokens + output_tokens) || ' 0' FROM analytics_llm.usage WHERE period = 'month' AND $of{$role}"),
			"$victim: the budget of $role is what was used");
	}
	is($quota->sql(q{SELECT count(*) FROM analytics_llm.request WHERE user_name = 'member'}), $flushed, "$victim: what was waited for is there");
}
figure_at_most('quota_crash_records_lost_or_twice', $lost + $twice, 'of ' . ROUNDS, 0);
figure_at_most('quota_crash_log_and_usage_apart', $apart, 'of ' . 2 * ROUNDS, 0);
figure_at_most('quota_crash_budgets_wrong', $wrong_budget, 'of ' . 2 * ROUNDS, 0);
is($quota->sql(q{SELECT count(*) FROM analytics_llm.log WHERE http_status = 200 AND NOT estimated AND input_tokens + output_tokens <> } . EACH),
	0, 'each call is what was billed for it');

# A quota that is used up is used up after a crash, and a writer that cannot
# write leaves no way around it: what is used is not known then.
my $offset = -s $node->logfile;
my $now = $quota->status('bi', 'month', 'tokens_used');
$quota->limit('bi', 'month', token_limit => $now);
my $session = $node->background_psql('postgres', on_error_stop => 0);
my $pid = $session->query_safe('SELECT pg_backend_pid()');
kill 'KILL', $pid;
$node->wait_for_log(qr/all server processes terminated; reinitializing/, $offset);
eval { $session->quit };
is_up();
is($quota->ask('bi')->{error_code}, 'LLM02', 'used up after a crash');
$quota->no_limits;
my $lock = $node->background_psql('postgres', on_error_stop => 0);
$lock->query_safe('BEGIN; LOCK TABLE analytics_llm.log IN SHARE MODE');
my $ask = "SELECT error_code, message FROM llm_answer('$Quota::QUESTION')";
my @as_member = (connstr => $node->connstr('postgres') . ' user=member');
$node->safe_psql('postgres', $ask, @as_member);
$quota->limit('member', 'day', token_limit => 1000000);
like($node->safe_psql('postgres', $ask, @as_member), qr/^LLM01\|.*what is used of its quota could not be found out/s, 'not known while records wait for their table');
$lock->query_safe('COMMIT');
$lock->quit;
is($quota->ask('member')->{status}, 'ok', 'and known when they are written');
is($quota->status('member', 'day', 'tokens_used'),
	$quota->sql(q{SELECT sum(input_tokens + output_tokens) FROM analytics_llm.usage WHERE period = 'day' AND user_id = 'member'::regrole}), 'to the token');

$node->stop;
done_testing();
