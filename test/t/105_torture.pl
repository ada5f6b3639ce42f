# Rounds of load, cancels, terminated sessions and clients that go away; then a
# backend, the writer or the postmaster is killed as no handler can.  After each
# recovery: every call whose answer reached its client is in the log and in what
# was used, once, with the tokens that were billed for it; what is missing is at
# most what was in flight; the budgets are what was used.
#
# "make torture ROUNDS=50" runs more of them.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use Figure;
use Quota;

use constant { CLIENTS => 8, QUESTIONS => 2000, STEPS => 1500 };

my $rounds = $ENV{TORTURE_ROUNDS} || 3;
srand(my $seed = $ENV{TORTURE_SEED} || 20261126);
note "seed $seed";

my $quota = Quota->new('torture', qw(bi member));
my ($node, $stub) = @{$quota}{qw(node stub)};
$quota->sql('CREATE ROLE team NOLOGIN; GRANT team TO bi; GRANT team TO member');
$quota->limit($_, 'month', token_limit => 1000000000000) for qw(bi team);
$quota->limit('-', 'day', token_limit => 1000000000000);

# What the models do in a round: mostly they answer, sooner or later, billed by
# the length of what is said; some calls fail, some are cut off.  Those are
# further apart than there are clients, since after three in a row the model
# would be left alone for half a minute.
sub script_of_round
{
	my @steps = map { { sql => $Quota::SQL, delay_ms => int rand 60 } } 1 .. STEPS;
	for (my $n = 0; ($n += CLIENTS + 4 + int rand 12) < STEPS;)
	{
		$steps[$n] = rand() < 0.5 ? { do => 'error', status => 529 } : { do => 'read_close', delay_ms => int rand 40 };
	}
	$stub->reset;
	$stub->script(@steps);
	return;
}

# A client that asks one question after the other, and writes down each answer
# that has reached it.
sub start_client
{
	my ($round, $client) = @_;
	my $file = $node->basedir . "/client_${round}_$client";
	my $pool = $client % 4 == 1 ? "SET statement_timeout = '90ms';\n" : '';
	append_to_file("$file.sql", $pool . join '',
		map { "SELECT request_id, '$_', status, input_tokens + output_tokens FROM llm_answer('churn of cohort ${_}x');\n" }
		map { "r${round}c${client}i$_" } 1 .. QUESTIONS);
	my $psql = IPC::Run::start(
		[ 'stdbuf', '-oL', 'psql', '-XAtq', '-d', $node->connstr('postgres') . ' user=bi', '-f', "$file.sql" ],
		'<', \undef, '>', "$file.out", '2>', "$file.err");
	return { psql => $psql, out => "$file.out" };
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

# Sessions of the load, one of them at random.
my $one = q{FROM (SELECT pid FROM pg_stat_activity WHERE usename = 'bi' ORDER BY random() LIMIT 1) AS s};

# Cancels, ends of sessions, and a client that is gone.
sub make_trouble
{
	my (@clients) = @_;
	$quota->sql("SELECT pg_cancel_backend(pid) $one") for 1 .. 3;
	$quota->sql("SELECT pg_terminate_backend(pid) $one");
	my $gone = $clients[ rand @clients ]{psql};
	$gone->signal('KILL');
	return;
}

# Kills a process, and waits until the server has recovered.
sub kill_hard
{
	my ($victim) = @_;
	if ($victim eq 'postmaster')
	{
		my @old = split /\n/, $quota->sql('SELECT pid FROM pg_stat_activity');
		$node->kill9;
		# The old processes have to be gone before another server starts.
		for (1 .. 1800)
		{
			last unless grep { kill 0, $_ } @old;
			sleep 0.1;
		}
		$node->start;
		return is_up();
	}
	my $pid = '';
	for (1 .. 500)
	{
		last if $pid ne '';
		$pid = $quota->sql($victim eq 'backend' ? "SELECT pid $one"
			: q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'analytics_llm writer'});
	}
	die "there is no $victim" if $pid eq '';
	my $offset = -s $node->logfile;
	kill 'KILL', $pid;
	$node->wait_for_log(qr/all server processes terminated; reinitializing/, $offset);
	return is_up();
}

# What the model server has billed, by question.
sub billed
{
	my %billed;
	for my $request ($stub->requests)
	{
		my $usage = $request->{usage} or next;
		my ($question) = $request->{body}{messages}[-1]{content} =~ /(r\d+c\d+i\d+)x/
		  or next;
		$billed{$question} += $usage->{$_} || 0
		  for qw(input_tokens output_tokens cache_read_input_tokens cache_creation_input_tokens);
	}
	return %billed;
}

my $tokens = 'input_tokens + output_tokens + cache_read_tokens + cache_write_tokens';
my %seen = map { $_ => 0 } qw(answers billed lost twice difference over most apart budgets);
for my $round (1 .. $rounds)
{
	my $victim = (qw(postmaster backend writer))[ $round % 3 ];
	script_of_round();
	my @clients = map { start_client($round, $_) } 1 .. CLIENTS;
	$stub->wait_for(requests => 20 + int rand 60);
	make_trouble(@clients);
	$stub->wait_for(requests => 90 + int rand 100);
	kill_hard($victim);
	eval { $_->{psql}->finish } for @clients;
	$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = 'bi'});

	# What is there of the round: by question, and by request.
	my (%logged, %requests);
	for (split /\n/, $quota->sql(qq{SELECT request_id, substring(user_input FROM '(r\\d+c\\d+i\\d+)x'), coalesce(sum($tokens) FILTER (WHERE NOT estimated), 0)
		FROM analytics_llm.log WHERE user_input ~ 'r${round}c' AND model_used = '$Quota::MODEL' GROUP BY 1, 2}))
	{
		my ($id, $question, $sum) = split /\|/;
		$requests{$id} = $sum;
		$logged{$question} += $sum;
	}
	my %billed = billed();
	my %count = map { $_ => 0 } qw(answers lost difference);
	for my $client (@clients)
	{
		for (slurp_file($client->{out}) =~ /^([^|\n]+\|[^|\n]+\|[^|\n]+\|\d+)$/mg)
		{
			my ($id, $question, $status, $said) = split /\|/;
			$count{answers}++;
			$count{lost}++ unless defined $requests{$id};
			$count{difference} += abs(($requests{$id} || 0) - ($billed{$question} || 0)) if $status eq 'ok';
			$count{difference} += abs(($requests{$id} || 0) - $said) if $status eq 'ok';
		}
	}
	# Whether or not the answer got through: what is there and not marked as an
	# estimate is what was billed.
	$count{difference} += abs($logged{$_} - ($billed{$_} || 0)) for grep { $logged{$_} > 0 } keys %logged;
	my $in_flight = grep { !exists $logged{$_} } keys %billed;
	my $twice = $quota->sql('SELECT count(*) - count(DISTINCT (request_id, attempt)) FROM analytics_llm.log');
	cmp_ok($count{answers}, '>', 0, "round $round ($victim): $count{answers} answers have reached their clients, of @{[scalar keys %billed]} billed");
	is("$count{lost} $count{difference} $twice", '0 0 0', "round $round: none is lost, wrong, or there twice");
	cmp_ok($in_flight, '<=', CLIENTS, "round $round: at most the calls in flight are missing");

	# What was used is what the log has, and so are the budgets.
	my $log = $quota->sql(qq{SELECT count(*), sum($tokens), sum(cost) FROM analytics_llm.log WHERE http_status IS NOT NULL OR estimated});
	for my $period (qw(day month))
	{
		$seen{apart}++ unless is($quota->sql(qq{SELECT sum(requests), sum($tokens), sum(cost) FROM analytics_llm.usage WHERE period = '$period'}), $log,
			"round $round: log and usage agree for the $period");
	}
	$quota->answers(input => 300, output => 50);
	is($quota->ask('member')->{status}, 'ok', "round $round: questions are answered after it");
	my %of = (bi => "user_id = 'bi'::regrole", team => 'true');
	for my $role (sort keys %of)
	{
		$seen{budgets}++ unless is($quota->status($role, 'month', 'tokens_used || \' \' || tokens_reserved'),
			$quota->sql("SELECT sum($tokens) || ' 0' FROM analytics_llm.usage WHERE period = 'month' AND $of{$role}"),
			"round $round: the budget of $role is what was used");
	}
	$seen{$_} += $count{$_} for keys %count;
	$seen{twice} += $twice;
	$seen{billed} += keys %billed;
	$seen{most} = $in_flight if $in_flight > $seen{most};
}

my $copies = () = slurp_file($node->logfile) =~ /analytics_llm: not committed yet: record of "log"/g;
note "$copies records were copied to the server log";
figure_at_least('torture_rounds', $rounds, 'rounds', $rounds);
figure_at_least('torture_answers_that_reached_their_client', $seen{answers}, "of $seen{billed} calls billed", $rounds);
figure_at_most('torture_calls_lost', $seen{lost}, "of $seen{answers}", 0);
figure_at_most('torture_calls_twice', $seen{twice}, "of $seen{billed}", 0);
figure_at_most('torture_tokens_difference', $seen{difference}, 'tokens', 0);
figure_at_most('torture_most_missing_in_a_round', $seen{most}, 'calls', CLIENTS);
figure_at_most('torture_log_and_usage_apart', $seen{apart}, 'of ' . 2 * $rounds, 0);
figure_at_most('torture_budgets_wrong', $seen{budgets}, 'of ' . 2 * $rounds, 0);
$node->stop;
done_testing();
