# A client of the server's protocol, for what psql cannot say: messages one by one.
#
#	my $wire = Wire->new($node, 'postgres');
#	$wire->parse('s', 'SELECT 1 AS one');
#	$wire->describe('S', 's');          # [ [ 'one', 23 ] ]
#	$wire->bind('', 's', @values);
#	$wire->describe('P', '');
#	$wire->execute('', 100);            # { rows, tag, notices, error }
#	$wire->query('SELECT 1');           # the simple protocol
#
# Each call ends with Sync, and waits for the server to be ready: what it returns
# has the columns, rows and notices that came, and the error, as "SQLSTATE text".
# An execute() that is to be followed by another one of the same portal stands
# between begin() and commit().
package Wire;

use strict;
use warnings;

use IO::Socket::UNIX;

sub new
{
	my ($class, $node, $database, $user) = @_;
	my $socket = IO::Socket::UNIX->new(Peer => $node->host . '/.s.PGSQL.' . $node->port)
	  or die "no connection: $!";
	my $self = bless { socket => $socket }, $class;
	$user ||= getpwuid($<);
	my $start = pack('N', 196608) . join('', map { "$_\0" } 'user', $user, 'database', $database, '');
	print $socket pack('N', length($start) + 4) . $start;
	$self->wait;
	return $self;
}

# Sends messages, each a letter and its body, and waits.
sub send
{
	my ($self, @messages) = @_;
	my $bytes = '';
	while (my ($letter, $body) = splice @messages, 0, 2)
	{
		$bytes .= $letter . pack('N', length($body) + 4) . $body;
	}
	$self->{socket}->print($bytes);
	$self->{socket}->flush;
	return $self->wait;
}

sub query { return $_[0]->send('Q', "$_[1]\0"); }
sub parse { return $_[0]->send('P', "$_[1]\0$_[2]\0" . pack('n', 0), 'S', ''); }
sub describe { return $_[0]->send('D', "$_[1]$_[2]\0", 'S', ''); }
sub execute { return $_[0]->send('E', "$_[1]\0" . pack('N', $_[2] || 0), 'S', ''); }
sub close_statement { return $_[0]->send('C', "S$_[1]\0", 'S', ''); }

sub bind
{
	my ($self, $portal, $statement, @values) = @_;
	return $self->send('B', bind_body($portal, $statement, @values), 'S', '');
}

# What most drivers send for one statement, in one go.
sub run
{
	my ($self, $statement, $sql, @values) = @_;
	return $self->send('P', "$statement\0$sql\0" . pack('n', 0), 'B', bind_body('', $statement, @values), 'D', "P\0", 'E', "\0" . pack('N', 0), 'S', '');
}

# The same of a statement that is prepared.
sub again
{
	my ($self, $statement, @values) = @_;
	return $self->send('B', bind_body('', $statement, @values), 'D', "P\0", 'E', "\0" . pack('N', 0), 'S', '');
}

# All values as text, and all columns.
sub bind_body
{
	my ($portal, $statement, @values) = @_;
	return "$portal\0$statement\0" . pack('n', 0) . pack('n', scalar @values)
	  . join('', map { pack('N', length) . $_ } @values) . pack('n', 0);
}

# Reads until the server is ready.
sub wait
{
	my ($self) = @_;
	my %got = (columns => undef, rows => [], notices => [], error => '', tag => '');
	while (1)
	{
		my $letter = $self->bytes(1);
		my $body = $self->bytes(unpack('N', $self->bytes(4)) - 4);
		last if $letter eq 'Z';
		if ($letter eq 'T') { $got{columns} = columns($body); }
		elsif ($letter eq 'n') { $got{columns} = []; }
		elsif ($letter eq 'D') { push @{ $got{rows} }, join '|', values_of($body); }
		elsif ($letter eq 'C') { $got{tag} = unpack 'Z*', $body; }
		elsif ($letter eq 's') { $got{tag} = 'suspended'; }
		elsif ($letter eq 'N') { push @{ $got{notices} }, fields($body, 'S', 'M'); }
		elsif ($letter eq 'E') { $got{error} = fields($body, 'C', 'M'); }
	}
	return \%got;
}

sub bytes
{
	my ($self, $n) = @_;
	my $bytes = '';
	while (length($bytes) < $n)
	{
		$self->{socket}->read($bytes, $n - length($bytes), length($bytes)) or die 'the connection has ended';
	}
	return $bytes;
}

# Names and types of columns, as "name:oid".
sub columns
{
	my ($body) = @_;
	my ($n, $rest) = unpack 'n a*', $body;
	my @columns;
	for (1 .. $n)
	{
		(my $name, my $table, my $number, my $type, my $length, my $typmod, my $format, $rest) = unpack 'Z* N n N n N n a*', $rest;
		push @columns, "$name:$type";
	}
	return join ' ', @columns;
}

sub values_of
{
	my ($body) = @_;
	my ($n, $rest) = unpack 'n a*', $body;
	my @values;
	for (1 .. $n)
	{
		(my $length, $rest) = unpack 'N a*', $rest;
		if ($length == 0xFFFFFFFF) { push @values, ''; next; }
		push @values, substr $rest, 0, $length, '';
	}
	return @values;
}

# Some fields of an error or a notice.
sub fields
{
	my ($body, @wanted) = @_;
	my %field = map { substr($_, 0, 1) => substr($_, 1) } split /\0/, $body;
	return join ' ', map { $field{$_} } @wanted;
}

sub stop
{
	my ($self) = @_;
	$self->{socket}->print('X' . pack('N', 4));
	$self->{socket}->close;
	return;
}

1;
