# A session runs out of memory while a model answers it: at whatever it fails,
# what was spent is in the log and in the usage, and is charged to the quota.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

# Requests of these sizes and larger ones fail.
my @sizes = (1, 500, 1024, 2048, 4096, 8192, 8200, 16384, 65536, 262144);

my $dir = PostgreSQL::Test::Utils::tempdir();
my $source = dirname(dirname(abs_path($0))) . '/modules/no_memory/no_memory.c';
plan skip_all => 'there is no compiler' if system("cc -shared -fPIC -o $dir/no_memory.so $source 2> $dir/cc.log") != 0;

# Whose requests fail from now on.
sub refuse
{
	my ($pid, $from) = @_;
	open my $out, '+<', "$dir/victim" or die "victim: $!";
	syswrite $out, pack('ii', $pid, $from);
	close $out or die "victim: $!";
	return;
}

append_to_file("$dir/victim", pack('ii', 0, 0));
my $tiers;
{
	local @ENV{qw(LD_PRELOAD NO_MEMORY_FILE)} = ("$dir/no_memory.so", "$dir/victim");
	$tiers = Tiers->new('memory', "analytics_llm.request_timeout = '60s'\n");
}
my ($node, $stub) = @{$tiers}{qw(node stub)};
$tiers->tier(0, timeout_ms => 60000, max_retries => 0);
$tiers->tier(2, enabled => 'false');
$node->safe_psql('postgres', q{INSERT INTO analytics_llm.quota (grantee, period, token_limit) VALUES ('postgres', 'month', 100000000)});

my ($failed, $lost, $charged) = (0, 0, 0);
my $call = Tiers::literal('churn by cohort ' . 'and more ' x 200);
for my $size (@sizes)
{
	$tiers->models($Tiers::PRIMARY => { delay_ms => 400, sql => $Tiers::REVENUE, usage => { input_tokens => 1000, output_tokens => 50 } });
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	# Caches are warm, and there is not much room in what the session has.
	my $pid = $session->query_safe("SET client_min_messages = error; SELECT count(*) FROM llm_answer($call, '{\"cache\": false, \"tier\": 3}') \\gset\nSELECT pg_backend_pid()");
	$session->query_until(qr/asking/, "\\echo asking\nSELECT status FROM llm_answer($call);\n\\echo over\n");
	$stub->wait_for(requests => 1) or die 'no call came';
	refuse($pid, $size);
	$session->query_until(qr/over/, '');
	refuse(0, 0);
	my $said = $session->{stderr};
	$failed++ if $said =~ /out of memory/;
	$session->{stderr} = '';
	is($session->query_safe('SELECT 1'), 1, "without $size bytes: the session lives on");
	$session->query_safe('SELECT llm_flush()');
	my ($rows, $tokens, $status) = split /\|/, $node->safe_psql('postgres', <<'SQL');
SELECT count(*), sum(input_tokens + output_tokens), min(status)
  FROM analytics_llm.log WHERE model_used = 'claude-opus-4-7' AND (input_tokens > 0 OR output_tokens > 0)
SQL
	is($rows, 1, 'its call is in the log') or $lost++;
	my ($used, $questions) = split /\|/, $node->safe_psql('postgres', q{SELECT sum(input_tokens + output_tokens), sum(questions) FROM analytics_llm.usage WHERE period = 'month'});
	is("$used|$questions", "$tokens|1", 'and in the usage') or $lost++;
	$charged += $tokens || 0;
	is($node->safe_psql('postgres', 'SELECT tokens_used, tokens_reserved FROM analytics_llm.quota_status'), "$charged|0", 'and is charged to the quota');
	$node->safe_psql('postgres', 'DELETE FROM analytics_llm.log; DELETE FROM analytics_llm.usage');
	$session->quit;
}
cmp_ok($failed, '>=', 3, "$failed questions failed for want of memory");

# However full the memory is that the session has: a failure is the question's, and
# leaves no transaction behind that the client did not begin.
my ($whole, $lengths, $ended) = (0, 0, 0);
for (my $more = 200; $more < 230; $more += 2)
{
	my $long = Tiers::literal('churn by cohort ' . 'and more ' x $more);
	$tiers->models($Tiers::PRIMARY => { delay_ms => 100, sql => $Tiers::REVENUE, usage => { input_tokens => 1000, output_tokens => 50 } });
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $session->query_safe("SET client_min_messages = error; SELECT count(*) FROM llm_answer($long, '{\"cache\": false, \"tier\": 3}') \\gset\nSELECT pg_backend_pid()");
	$session->query_until(qr/asking/, "\\echo asking\nSELECT status FROM llm_answer($long);\n\\echo over\n");
	$stub->wait_for(requests => 1) or die 'no call came';
	refuse($pid, 1);
	$session->query_until(qr/over/, '');
	refuse(0, 0);
	$ended++ if $session->{stderr} =~ /out of memory/;
	$session->{stderr} = '';
	$lengths++;
	$whole++ if ($session->query('SELECT 1') || '') =~ /^1$/m;
	$session->quit;
}
is($whole, $lengths, "the session is whole after each of them ($ended of $lengths failed)");
my $cut = () = slurp_file($node->logfile) =~ /are without their texts: out of memory/g;
cmp_ok($cut, '>=', 1, "$cut have records without their texts");
figure_at_most('records_lost_without_memory', $lost, 'of ' . @sizes . ' questions', 0);
$tiers->stop;
done_testing();
