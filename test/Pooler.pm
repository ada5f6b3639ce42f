# PgBouncer in transaction mode over a server, on loopback and a Unix socket.
#
#	my $pooler = Pooler->new($node, [ 'bi', 'analyst' ], 'default_pool_size = 1');
#	$pooler->dsn('bi', 'postgres');
#	$pooler->host, $pooler->port, $pooler->version;
#	$pooler->stop;
#
# Whoever is named may come in, without a password.  It ends with the object.
package Pooler;

use strict;
use warnings;

use IO::Socket::INET;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Time::HiRes qw(sleep);

my $program = -x '/usr/sbin/pgbouncer' ? '/usr/sbin/pgbouncer' : 'pgbouncer';

# It is ready when this returns.
sub new
{
	my ($class, $node, $users, @settings) = @_;
	my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1');
	my $self = bless { host => PostgreSQL::Test::Utils::tempdir_short(), port => $socket->sockport }, $class;
	close $socket;
	append_to_file("$self->{host}/users", join '', map { "\"$_\" \"\"\n" } @$users);
	append_to_file("$self->{host}/ini", sprintf(<<'INI', $node->host, $node->port, @{$self}{qw(port host host host)}) . join '', map { "$_\n" } @settings);
[databases]
* = host=%s port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir = %s
auth_type = trust
auth_file = %s/users
pool_mode = transaction
max_client_conn = 100
ignore_startup_parameters = extra_float_digits
logfile = %s/log
INI
	my $said = '';
	$self->{process} = IPC::Run::start([ $program, "$self->{host}/ini" ], '<', \undef, '>', \$said, '2>&1');
	for (1 .. 600)
	{
		return $self if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port});
		sleep 0.1;
	}
	die "PgBouncer lets nobody in: $said" . slurp_file("$self->{host}/log");
}

sub host { return $_[0]->{host}; }
sub port { return $_[0]->{port}; }

# Where a role finds a database through it.
sub dsn
{
	my ($self, $role, $database, $name) = @_;
	return "host=$self->{host} port=$self->{port} user=$role dbname=" . ($database || 'postgres') . ($name ? " application_name=$name" : '');
}

# As a number: 1.18.
sub version
{
	my ($out) = ('');
	IPC::Run::run([ $program, '--version' ], '>', \$out);
	return $out =~ /PgBouncer (\d+)\.(\d+)/i ? $1 + $2 / 100 : 0;
}

sub stop
{
	my ($self) = @_;
	my $process = delete $self->{process} or return;
	$process->signal('INT');
	$process->finish;
	return;
}

sub DESTROY
{
	my ($self) = @_;
	$self->{process}->kill_kill if $self->{process};
	return;
}

1;
