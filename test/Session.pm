# A psql that stays, for what another session sees while others do something.
package Session;

use strict;
use warnings;

use IPC::Run;

# In the database "postgres" of a node.
sub new
{
	my ($class, $node) = @_;
	my $self = bless { in => '', out => '' }, $class;
	$self->{run} = IPC::Run::start([ 'psql', '-XqAt', '-d', $node->connstr('postgres') ],
		'<', \$self->{in}, '>', \$self->{out}, '2>&1');
	return $self;
}

# Runs statements, and returns what they printed.
sub say
{
	my ($self, $sql) = @_;
	my $end = 'end of ' . ++$self->{n};
	$self->{out} = '';
	$self->{in} .= "$sql;\n\\echo $end\n";
	my $timer = IPC::Run::timer(180);
	$timer->start;
	until ($self->{out} =~ /^$end$/m)
	{
		$self->{run}->pump_nb;
		die "no answer to: $sql\n$self->{out}" if $timer->is_expired || !$self->{run}->pumpable;
		select undef, undef, undef, 0.01;
	}
	return $self->{out} =~ s/^$end\n//mr;
}

sub finish { my ($self) = @_; $self->{in} .= "\\q\n"; $self->{run}->finish; return; }

1;
