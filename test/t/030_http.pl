# One HTTP exchange from a backend: every way in which it can end has its
# outcome, nothing is sent twice, and every wait can be cancelled.
use strict;
use warnings;
use IO::Socket::INET;
use ModelProbe;
use ModelStub;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('http');
$node->init;
$node->append_conf('postgresql.conf', "max_connections = 20\n");
$node->start;
my $stub = ModelStub->new;
my $probe = ModelProbe->load($node);
my $url = $stub->http . '/v1/messages';
my $tls_url = $stub->https . '/v1/messages';
my $body = ModelProbe::body();

# Each behaviour of a server: the step, options of the request, what must come
# of it.  "sent" tells whether the server may have acted on the request.
my @behaviours = (
	[ 'an answer', {}, {}, { outcome => 'ok', status => 200, sent => 1 } ],
	[ 'an answer in chunks', { chunked => 1 }, {}, { outcome => 'ok', status => 200 } ],
	[ 'an answer ended by the connection', { until_close => 1 }, {}, { outcome => 'ok', status => 200 } ],
	[ 'an answer byte by byte', { drip_bytes => 40, drip_ms => 1 }, {}, { outcome => 'ok', status => 200 } ],
	[ 'an error', { do => 'error', status => 529 }, {}, { outcome => 'ok', status => 529 } ],
	[ 'a page of an edge', { do => 'html' }, {}, { outcome => 'ok', status => 502, request_id => undef, content_type => 'text/html' } ],
	[ 'an empty body', { do => 'body', status => 503 }, {}, { outcome => 'ok', status => 503, body_len => 0 } ],
	[ 'a time that a gateway passes on', { do => 'error', status => 429, headers => { 'llm_provider-retry-after' => '7' } }, {}, { status => 429, retry_after => '7' } ],
	[ 'its own time goes before', { do => 'error', status => 429, headers => { 'llm_provider-retry-after' => '7', 'retry-after' => '2' } }, {}, { status => 429, retry_after => '2' } ],
	[ 'a number of the request, as others call it', { do => 'html', headers => { 'x-request-id' => 'abc' } }, {}, { status => 502, request_id => 'abc' } ],
	[ 'and as a gateway does', { do => 'html', headers => { 'x-litellm-call-id' => 'def' } }, {}, { status => 502, request_id => 'def' } ],
	[ 'retry-after', { do => 'error', status => 429, headers => { 'retry-after' => '2' } }, {}, { status => 429, retry_after => '2' } ],
	[ 'a redirect', { do => 'redirect', location => '/_stub/record' }, {}, { outcome => 'ok', status => 302, body_len => 0 } ],
	[ 'no HTTP', { do => 'garbage' }, {}, { outcome => 'garbled', status => 0, sent => 1 } ],
	[ 'a cut body', { cut => 50 }, {}, { outcome => 'reset', status => 200, body_len => 50, sent => 1 } ],
	[ 'a cut body in chunks', { cut => 50, chunked => 1 }, {}, { outcome => 'reset', status => 200, sent => 1 } ],
	[ 'a connection closed at once', { do => 'accept_close' }, {}, { outcome => 'reset', status => 0 } ],
	[ 'a request read and dropped', { do => 'read_close' }, {}, { outcome => 'reset', status => 0, sent => 1 } ],
	[ 'a reset before headers', { do => 'reset' }, {}, { outcome => 'reset', status => 0, sent => 1 } ],
	[ 'a reset in the body', { do => 'reset', bytes => 500 }, {}, { outcome => 'reset', sent => 1 } ],
	[ 'no headers in time', { do => 'stall' }, { timeout => 300 }, { outcome => 'timeout', status => 0, sent => 1 } ],
	[ 'no body in time', { stall_ms => 60000 }, { timeout => 300 }, { outcome => 'timeout', status => 200, sent => 1 } ],
	[ 'a body too slow', { drip_bytes => 1, drip_ms => 100 }, { timeout => 300 }, { outcome => 'timeout', status => 200 } ],
	[ 'a body of an honest length over the cap', { do => 'body', text => 'x', repeat => 2000 }, { max_response => 1000 }, { outcome => 'too_large', status => 200 } ],
	[ 'a body in chunks over the cap', { do => 'body', text => 'x', repeat => 2000, chunked => 1 }, { max_response => 1000 }, { outcome => 'too_large', status => 200 } ],
	[ 'a body at the cap', { do => 'body', text => 'x', repeat => 1000, chunked => 1 }, { max_response => 1000 }, { outcome => 'ok', body_len => 1000 } ],
	[ 'a body over the general cap', { do => 'body', text => 'x' x 1000, repeat => 9000, chunked => 1 }, {}, { outcome => 'too_large' } ],
	[ 'a large body', { do => 'body', text => 'x' x 1000, repeat => 8000 }, {}, { outcome => 'ok', body_len => 8000000 } ],
	[ 'headers without end', { do => 'many_headers', bytes => 400000 }, {}, { outcome => 'too_large' } ],
	[ 'a header with bytes that are no text', { headers => { 'retry-after' => "\x{e9}\x01" } }, {}, { outcome => 'ok', retry_after => '??' } ],
);

for my $tls (0, 1)
{
	for (@behaviours)
	{
		my ($name, $step, $how, $expected) = @$_;
		my $over = $tls ? 'TLS' : 'HTTP';
		next if $tls && ($step->{do} || '') =~ /accept_close/;
		$stub->reset;
		$stub->script($step);
		my $got = $probe->http($tls ? $tls_url : $url, $body,
			ca_file => $tls ? $stub->ca_file : undef, %$how);
		my %part = map { $_ => ref $got->{$_} ? $got->{$_} + 0 : $got->{$_} } keys %$expected;
		is_deeply(\%part, $expected, "$over: $name")
		  or diag explain $got;
		cmp_ok(scalar($stub->requests), '<=', 1, "$over: $name: sent once");
	}
}

# What cannot be sent, or not there.
my $closed = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1');
my $closed_port = $closed->sockport;
close $closed;
my @refusals = (
	[ 'nobody listens', "http://127.0.0.1:$closed_port/", {}, 'connect' ],
	[ 'an unknown certificate', $tls_url, {}, 'tls' ],
	[ 'a certificate for another name', $tls_url =~ s/127\.0\.0\.1/localhost/r, { ca_file => $stub->ca_file }, 'tls' ],
	[ 'TLS to a server without', $url =~ s/http:/https:/r, {}, 'tls' ],
	[ 'a file with certificates that is not there', $tls_url, { ca_file => '/nonexistent' }, 'tls' ],
	[ 'an unknown host', 'https://host.invalid/', {}, 'connect' ],
	[ 'plain http elsewhere', 'http://192.0.2.1/', {}, 'config' ],
	[ 'plain http to a name that looks like loopback', 'http://127.0.0.1.example.com/', {}, 'config' ],
	[ 'a user in the URL', 'https://user:word@127.0.0.1/', {}, 'config' ],
	[ 'a file', 'file:///etc/passwd', {}, 'config' ],
	[ 'another protocol', 'gopher://127.0.0.1/', {}, 'config' ],
	[ 'a line break in the URL', "https://127.0.0.1/\r\nx: y", {}, 'config' ],
	[ 'an empty URL', '', {}, 'config' ],
	[ 'a line break in a header', $url, { headers => [ 'x-api-key', "k\r\nx-evil: 1" ] }, 'config' ],
	[ 'a line break in a header name', $url, { headers => [ "a: b\nc", 'd' ] }, 'config' ],
	[ 'a proxy where none is', $url, { proxy => "http://127.0.0.1:$closed_port" }, 'connect' ],
	[ 'no time left', $url, { timeout => -1 }, 'timeout' ],
);
$stub->reset;
for (@refusals)
{
	my ($name, $to, $how, $outcome) = @$_;
	my $got = $probe->http($to, $body, %$how);
	is($got->{outcome}, $outcome, "refused: $name") or diag explain $got;
	ok(!$got->{sent}, "refused: $name: nothing was sent");
}
is(scalar($stub->requests), 0, 'no server saw any of these');

# The environment of the server does not choose a proxy.
{
	local $ENV{http_proxy} = "http://127.0.0.1:$closed_port";
	local $ENV{ALL_PROXY} = "http://127.0.0.1:$closed_port";
	$node->restart;
	is($probe->http($url, $body)->{outcome}, 'ok', 'proxy variables are not read');
}
$node->restart;

# A proxy that is given is used.
$stub->reset;
is( $probe->http('http://models.example/v1/messages', $body,
		proxy => $stub->http, allow_plaintext => 1)->{outcome},
	'ok', 'a call by way of a proxy');
is(($stub->requests)[0]{via}, 'http://models.example/v1/messages', 'has gone there');

# A connection is kept, and a request on one that died is not sent again: the
# model server may have been paid for it.
$stub->reset;
$stub->script({}, {}, { do => 'read_close' }, {});
my $sql = join ";\n", (ModelProbe::http_sql($url, $body)) x 4;
my @got = map { JSON::PP::decode_json($_) } split /\n/,
  $node->safe_psql('postgres', $sql);
is_deeply([ map { $_->{outcome} } @got ], [qw(ok ok reset ok)],
	'the loss of a kept connection is reported');
is_deeply([ map { $_->{new_connection} ? 1 : 0 } @got ], [ 1, 0, 0, 1 ],
	'connections are kept');
is(scalar($stub->requests), 4, 'and no request was sent twice');

# A kept connection is trusted by those alone who would have made it.
@got = map { JSON::PP::decode_json($_) } split /\n/, $node->safe_psql('postgres',
	ModelProbe::http_sql($tls_url, $body, ca_file => $stub->ca_file) . ';'
	  . ModelProbe::http_sql($tls_url, $body) . ';'
	  . ModelProbe::http_sql($tls_url, $body, ca_file => $stub->ca_file));
is_deeply([ map { $_->{outcome} } @got ], [qw(ok tls ok)],
	'a kept connection is not used with other certificates');
ok(!$got[2]{new_connection}, 'and is still there');

# A large body goes at once, without waiting for "100 Continue".
$stub->reset;
my $large = ModelProbe::body('x' x 2_000_000);
my $got = $probe->http($url, $large);
is($got->{outcome}, 'ok', 'a large request is sent');
is(($stub->requests)[0]{headers}{expect}, undef, 'without "Expect"');

# Starts psql in the background; returns it and where its errors go.
sub start_psql
{
	my ($err, @commands) = ('', @_);
	my $psql = IPC::Run::start(
		[ 'psql', '-X', '-d', $node->connstr('postgres'), map { ('-c', $_) } @commands ],
		'<', \undef, '>', '/dev/null', '2>', \$err);
	return ($psql, \$err);
}

# Every wait can be cancelled, and says why.  The phases: a connection that
# nobody takes (its queue is full), TLS that nobody answers, headers, body.
my $silent = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1');
my $full = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1');
my @fill = map {
	IO::Socket::INET->new(
		PeerAddr => '127.0.0.1',
		PeerPort => $full->sockport,
		Blocking => 0)
} 1 .. 4;
my %phases = (
	connecting => [ 'http://127.0.0.1:' . $full->sockport . '/', undef ],
	'TLS' => [ 'https://127.0.0.1:' . $silent->sockport . '/', undef ],
	headers => [ $url, { do => 'stall' } ],
	body => [ $url, { stall_ms => 60000 } ],
);
my %reasons = (
	pg_cancel_backend => qr/57014: canceling statement due to user request/,
	pg_terminate_backend => qr/57P01: terminating connection due to administrator command/,
	statement_timeout => qr/57014: canceling statement due to statement timeout/,
);
for my $phase (sort keys %phases)
{
	my ($to, $step) = @{ $phases{$phase} };
	for my $reason (sort keys %reasons)
	{
		$stub->reset;
		$stub->script($step) if $step;
		my $limit = $reason eq 'statement_timeout' ? 'SET statement_timeout = 400' : 'SELECT 1';
		my ($psql, $err) = start_psql('\set VERBOSITY verbose', $limit,
			ModelProbe::http_sql($to, $body, timeout => 100000));
		$stub->wait_for(requests => 1) if $step;
		if ($reason ne 'statement_timeout')
		{
			$node->poll_query_until('postgres',
				"SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%probe_http%'"
				  . " AND state = 'active' AND wait_event_type = 'Extension'"
				  . ' AND pid <> pg_backend_pid()')
			  or die 'the backend does not wait';
			$node->safe_psql('postgres',
				"SELECT $reason(pid) FROM pg_stat_activity WHERE query LIKE '%probe_http%'"
				  . ' AND pid <> pg_backend_pid()');
		}
		$psql->finish;
		like($$err, $reasons{$reason}, "$phase: $reason");
		ok($stub->wait_for(closed => 1), "$phase: $reason: the connection is closed")
		  if $step;
	}
}
undef @fill;

# A fast shutdown does not wait for a model.
$stub->reset;
$stub->script({ do => 'stall' });
my ($psql, $err) = start_psql(ModelProbe::http_sql($url, $body, timeout => 100000));
$stub->wait_for(requests => 1);
$node->stop('fast');
$psql->finish;
like($$err, qr/terminating connection due to administrator command/,
	'a fast shutdown ends a call');
$node->start;

# Nothing is left behind by exchanges that fail or are cancelled, whether their
# transaction goes on or not: no descriptor, no memory context.
SKIP:
{
	skip 'there is no /proc', 2 unless -d '/proc/self/fd';
	$node->safe_psql('postgres', q{
		CREATE FUNCTION descriptors() RETURNS bigint LANGUAGE sql VOLATILE AS
		$$ SELECT count(*) FROM pg_ls_dir('/proc/self/fd') $$;
		CREATE FUNCTION contexts() RETURNS bigint LANGUAGE sql VOLATILE AS
		$$ SELECT count(*) FROM pg_backend_memory_contexts WHERE name LIKE 'analytics_llm%' $$;
	});
	$stub->reset;
	$stub->script(
		{ match => { contains => 'stall' }, do => 'stall', times => 0 },
		{ match => { contains => 'cut' }, cut => 20, times => 0 },
		{ match => { contains => 'large' }, do => 'body', text => 'x', repeat => 5000, times => 0 });
	my $stalled = ModelProbe::http_sql($url, ModelProbe::body('stall'), timeout => 5);
	my $cut = ModelProbe::http_sql($url, ModelProbe::body('cut'));
	my $over = ModelProbe::http_sql($url, ModelProbe::body('large'), max_response => 9);
	my $caught = ModelProbe::http_sql($url, ModelProbe::body('stall'), timeout => 60000);
	s/^SELECT/PERFORM/ for ($stalled, $cut, $over, $caught);
	my $result = $node->safe_psql('postgres', qq{
		DO \$do\$ BEGIN FOR i IN 1..10 LOOP $stalled; $cut; $over; END LOOP; END \$do\$;
		-- Files of relations are opened meanwhile, but not nearly as many.
		CREATE TEMP TABLE before AS SELECT descriptors() AS d;
		DO \$do\$ BEGIN FOR i IN 1..60 LOOP $stalled; $cut; $over; END LOOP; END \$do\$;
		SET statement_timeout = 100;
		DO \$do\$ BEGIN $caught; EXCEPTION WHEN query_canceled THEN NULL; END \$do\$;
		DO \$do\$ BEGIN $caught; EXCEPTION WHEN query_canceled THEN NULL; END \$do\$;
		RESET statement_timeout;
		SELECT descriptors() < d + 20, contexts() FROM before;
	});
	is($result, 't|0', 'nothing is left of exchanges that failed');
}

$stub->stop;
$node->stop;
done_testing();
