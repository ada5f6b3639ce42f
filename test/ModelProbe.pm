# The test module of test/modules/model_probe, for TAP tests: built once for a
# run, in a scratch directory, from the sources of this tree.
#
#	my $probe = ModelProbe->load($node);            # in database postgres
#	$probe->http($url, $body, timeout => 5000, headers => [...])->{outcome}
#	$probe->call('probe_read', '...sql arguments...')->{failure}
package ModelProbe;

use strict;
use warnings;
use Cwd qw(abs_path);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use JSON::PP;

my $top = dirname(dirname(abs_path(__FILE__)));

# The path of the library without its suffix.
sub build
{
	my $dir = ($ENV{TESTDIR} || $top) . '/tmp_check/model_probe';
	system('mkdir', '-p', $dir) == 0 or die "could not make $dir";
	open my $lock, '>', "$dir/lock" or die "could not lock $dir: $!";
	flock $lock, LOCK_EX or die "could not lock $dir: $!";
	# Tests run side by side: nobody replaces a library that another one uses.
	return "$dir/model_probe" if $ENV{TESTDIR} && -f "$dir/built";
	my $log = "$dir/build.log";
	system("cp -p $top/test/modules/model_probe/* '$dir'/ && "
		  . "make -C '$dir' TOP='$top' > '$log' 2>&1") == 0
	  or die "could not build the test module: see $log\n" . `tail -n 20 '$log'`;
	open my $stamp, '>', "$dir/built" or die "could not write to $dir: $!";
	close $stamp;
	return "$dir/model_probe";
}

# Creates the functions in a database, and returns an object to call them.
sub load
{
	my ($class, $node, $db) = @_;
	my $self = bless { node => $node, db => $db || 'postgres' }, $class;
	my $path = build();
	my $script = "$top/test/modules/model_probe/model_probe.sql";
	open my $fh, '<', $script or die "could not read $script: $!";
	local $/;
	my $sql = <$fh>;
	close $fh;
	$sql =~ s/:'module'/'$path'/g;
	$node->safe_psql($self->{db}, $sql);
	return $self;
}

# All breakers begin anew, or so much time has passed for them.
sub clear_gate
{
	my ($self) = @_;
	$self->{node}->safe_psql($self->{db}, 'SELECT probe_gate_clear()');
	return;
}

sub pass_time
{
	my ($self, $seconds) = @_;
	$self->{node}->safe_psql($self->{db}, 'SELECT probe_gate_pass_time(' . int($seconds * 1000) . ')');
	return;
}

# The result of a function that gives JSON.
sub call
{
	my ($self, $function, $arguments) = @_;
	return decode_json(
		$self->{node}->safe_psql($self->{db}, "SELECT $function($arguments)"));
}

# The SQL of a call of probe_http.
sub http_sql
{
	my ($url, $body, %how) = @_;
	my $headers = join ', ', map { literal($_) } @{ $how{headers} || headers() };
	return sprintf 'SELECT probe_http(%s, %s, %d, ARRAY[%s]::text[], %d, %s, %s, %s, %d)',
	  literal($url), literal($body), $how{timeout} || 20000, $headers,
	  $how{max_response} || 0, literal($how{ca_file}), literal($how{proxy}),
	  $how{allow_plaintext} ? 'true' : 'false', $how{idle_ms} || 0;
}

sub http
{
	my ($self, @arguments) = @_;
	return decode_json(
		$self->{node}->safe_psql($self->{db}, http_sql(@arguments)));
}

# The headers of a valid request.
sub headers
{
	return [
		'x-api-key', 'key-of-the-tests', 'anthropic-version', '2023-06-01',
		'content-type', 'application/json' ];
}

# The body of a valid request.
sub body
{
	my ($question) = @_;
	return encode_json(
		{
			model => 'claude-opus-4-7',
			max_tokens => 100,
			messages => [ { role => 'user', content => $question || 'revenue' } ]
		});
}

sub literal
{
	my ($text) = @_;
	return 'NULL' unless defined $text;
	$text =~ s/'/''/g;
	$text =~ s/\\/\\\\/g;
	return "E'$text'";
}

1;
