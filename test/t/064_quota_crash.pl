# A quota that is used up is used up after a crash, and a writer that cannot
# write leaves no way around it: what is used is not known then.  What survives
# a crash is the matter of 105_torture.pl.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Quota;

my $quota = Quota->new('crash', qw(bi member));
my $node = $quota->{node};
$quota->answers(input => 300, output => 50);
is($quota->ask($_)->{status}, 'ok', 'answered') for qw(bi member);
my $offset = -s $node->logfile;
$quota->limit('bi', 'month', token_limit => 350);
my $session = $node->background_psql('postgres', on_error_stop => 0);
my $pid = $session->query_safe('SELECT pg_backend_pid()');
kill 'KILL', $pid;
$node->wait_for_log(qr/all server processes terminated; reinitializing/, $offset);
eval { $session->quit };
$node->wait_for_log(qr/database system is ready to accept connections/, $offset);
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
figure_all_passed('quota_after_a_crash');
done_testing();
