# The model server of test/stub, for TAP tests: started, scripted, stopped.
#
#	my $stub = ModelStub->new();
#	$stub->script({ do => 'error', status => 529 }, { sql => 'SELECT 2' });
#	$stub->http, $stub->https, $stub->ca_file;
#	$stub->record->{requests};
#
# The server ends with the object, and with the test whatever happens to it.
package ModelStub;

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp;
use HTTP::Tiny;
use JSON::PP;
use Time::HiRes qw(sleep);

my $server = dirname(abs_path(__FILE__)) . '/stub/model_server.py';

sub new
{
	my ($class, %how) = @_;
	my $dir = File::Temp->newdir();
	chmod 0755, "$dir";
	my $pid = open(my $stdin, '|-', $ENV{PYTHON} || 'python3',
		$server, '--stdin', '--info', "$dir/info", '--tls-dir', "$dir", '--port', $how{port} || 0)
	  or die "could not start the model server: $!";
	for (1 .. 1200)
	{
		last if -f "$dir/info";
		sleep 0.05;
	}
	open my $fh, '<', "$dir/info" or die "the model server did not start";
	local $/;
	my $info = decode_json(<$fh>);
	close $fh;
	return bless {
		%$info,
		dir => $dir,
		stdin => $stdin,
		agent => HTTP::Tiny->new(timeout => 120, keep_alive => 0)
	}, $class;
}

sub http { return $_[0]->{http}; }
sub https { return $_[0]->{https}; }
sub ca_file { return $_[0]->{ca_file}; }

# Appends steps to the script.
sub script
{
	my ($self, @steps) = @_;
	return $self->call('POST', 'script', encode_json(\@steps));
}

# All that has happened so far.
sub record
{
	my ($self) = @_;
	return $self->call('GET', 'record');
}

# The requests of the record.
sub requests
{
	my ($self) = @_;
	return @{ $self->record->{requests} };
}

sub reset
{
	my ($self) = @_;
	return $self->call('POST', 'reset', '');
}

# Ends the stalls that are under way.
sub release
{
	my ($self) = @_;
	return $self->call('POST', 'release', '');
}

# Waits until so many requests have come, or clients left; false in vain.
sub wait_for
{
	my ($self, %what) = @_;
	my $query = join '&', map { "$_=$what{$_}" } sort keys %what;
	return $self->call('GET', "wait?seconds=90&$query")->{there};
}

sub call
{
	my ($self, $method, $what, $content) = @_;
	my $response = $self->{agent}->request($method, "$self->{http}/_stub/$what",
		defined $content ? { content => $content } : {});
	die "model server: $response->{status} $response->{content}"
	  unless $response->{success};
	return decode_json($response->{content});
}

sub stop
{
	my ($self) = @_;
	my $stdin = delete $self->{stdin} or return;
	local $?;
	close $stdin;
	return;
}

sub DESTROY { $_[0]->stop; return; }

1;
