# Where a provider speaks HTTP/2, the calls of a batch share one connection, as
# streams of their own: one that is cancelled leaves the others and the connection
# alone.  Without HTTP/2 each call has its own.  nghttpx stands before the model
# server and speaks HTTP/2 for it.
use strict;
use warnings;

use IO::Socket::INET;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use Figure;
use Tiers;

use constant MANY => 16;

my ($nghttpx) = grep { -x } map { "$_/nghttpx" } split(/:/, $ENV{PATH}), '/usr/sbin';
plan skip_all => 'there is no nghttpx' unless $nghttpx;
plan skip_all => 'there is no /proc' unless -r '/proc/self/status';

my $tiers = Tiers->new('http2', "analytics_llm.request_timeout = '300s'\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
$tiers->tier(0, timeout_ms => 300000, max_retries => 0);
$tiers->tier(2, enabled => 'false');

# A proxy that offers these protocols, with the model server's certificate.
my ($port) = $stub->http =~ /:(\d+)/;
my @proxies;
sub start_proxy
{
	my ($offers) = @_;
	my $probe = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1');
	my $front = $probe->sockport;
	close $probe;
	my $dir = PostgreSQL::Test::Utils::tempdir();
	append_to_file("$dir/conf", '');
	(my $key = $stub->ca_file) =~ s/crt$/key/;
	push @proxies, IPC::Run::start(
		[ $nghttpx, "--conf=$dir/conf", '--workers=1', "--frontend=127.0.0.1,$front", "--backend=127.0.0.1,$port",
			"--npn-list=$offers", '--errorlog-file=/dev/null', '--pid-file=', $key, $stub->ca_file ],
		'<', \undef, '>', '/dev/null', '2>', "$dir/said");
	for (1 .. 200)
	{
		last if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $front);
		sleep 0.05;
	}
	return $front;
}

sub set_endpoint
{
	my ($front) = @_;
	$node->safe_psql('postgres', sprintf q{ALTER SERVER anthropic OPTIONS (SET endpoint 'https://127.0.0.1:%s'%s)},
		$front, $node->safe_psql('postgres', q{SELECT count(*) FROM pg_foreign_server WHERE srvoptions::text LIKE '%ca_file%'}) ? ''
		: ", ADD ca_file '" . $stub->ca_file . "'");
	return;
}

my $call = 'llm_ask_batch(ARRAY[' . join(', ', map { "'churn of cohort " . chr(ord('a') + $_) . q(') } 0 .. MANY - 1) . '])';

# The connections of the backend that asks, while all its calls are under way.
sub connections
{
	my ($front) = @_;
	my $pid = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE query LIKE '%llm_ask_batch%' AND pid <> pg_backend_pid()});
	my %mine = map { (readlink $_ || '') =~ /^socket:\[(\d+)\]/ ? ($1 => 1) : () } glob "/proc/$pid/fd/*";
	my $hex = sprintf ':%04X', $front;
	my $n = 0;
	for (split /\n/, slurp_file('/proc/net/tcp'))
	{
		my @field = split;
		$n++ if ($field[2] || '') =~ /$hex$/ && $field[3] eq '01' && $mine{ $field[9] };
	}
	return $n;
}

my %offered = ('h2' => start_proxy('h2'), 'http/1.1' => start_proxy('http/1.1'));
for my $protocol (sort keys %offered)
{
	set_endpoint($offered{$protocol});
	$tiers->models($Tiers::PRIMARY => { do => 'stall', sql => $Tiers::REVENUE });
	my $session = $tiers->start("SELECT (answer).status FROM $call");
	ok($stub->wait_for(requests => MANY), "$protocol: all calls are under way");
	my $n = connections($offered{$protocol});
	$protocol eq 'h2' ? figure_at_most('http2_connections_of_16_calls', $n, 'connections', 1) : is($n, MANY, 'http/1.1: a connection each');
	$stub->release;
	my ($out, $err) = $tiers->finish($session);
	is($out . $err, "ok\n" x MANY, "$protocol: all are answered");
}

# A stream that ends, for its time is over, ends alone; a cancel ends all of them,
# and what follows in the session has the connection or a new one.
set_endpoint($offered{'h2'});
$tiers->tier(1, timeout_ms => 2000);
$tiers->models();
$stub->script({ match => { contains => 'cohort c' }, do => 'stall', ms => 300000, times => 0 }, { sql => $Tiers::REVENUE, times => 0, delay_ms => 100 });
my $got = $node->safe_psql('postgres', "SELECT string_agg((answer).status, ' ' ORDER BY n) FROM $call; SELECT status FROM llm_answer('churn of others')");
is($got, join(' ', map { $_ == 2 ? 'degraded' : 'ok' } 0 .. MANY - 1) . "\nok", 'a stream that is given up ends alone');
$tiers->tier(1, timeout_ms => 300000);
$tiers->models($Tiers::PRIMARY => { do => 'stall', sql => $Tiers::REVENUE });
my $session = $tiers->start([ "SELECT (answer).status FROM $call", q{SELECT status FROM llm_answer('churn of others')} ]);
ok($stub->wait_for(requests => MANY), 'all are under way again');
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%llm_ask_batch%' AND pid <> pg_backend_pid()});
ok($stub->wait_for(requests => MANY + 1, closed => MANY), 'a cancel ends all streams, and the next question is asked');
$stub->release;
my ($out, $err) = $tiers->finish($session);
is($out, "ok\n", 'and answered');
like($err, qr/57014/, 'after the error');

is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
$_->signal('TERM'), $_->finish for @proxies;
$tiers->stop;
done_testing();
