# A build of this tree with some of its text changed, for tests that have to
# notice, or that need time to pass at a certain place.
#
#	my $mutant = Mutant->new;                  # the tree as it is
#	$mutant->change('src/ask/key.c', 'this text' => 'another');
#	$mutant->build;
#	local $ENV{PATH} = $mutant->path;          # its server
#	$mutant->restore;
#
# It is installed into a copy of the PostgreSQL at hand, which nothing else uses.
package Mutant;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use PostgreSQL::Test::Utils;

our $top = dirname(dirname(abs_path(__FILE__)));

sub new
{
	my ($class) = @_;
	my $self = bless { dir => PostgreSQL::Test::Utils::tempdir_short(), pg_config => $ENV{PG_CONFIG} || 'pg_config' }, $class;
	$self->{tree} = "$self->{dir}/tree";
	make_path($self->{tree});
	chmod 0755, $self->{dir};
	system("cp -Rp '$top/src' '$top/Makefile' '$top/analytics_llm.control' '$self->{tree}/'") == 0 or die 'could not copy the tree';

	# A server finds its files by where its program lies: a copy with the same
	# places to each other is one of its own.
	for my $what (qw(bindir pkglibdir sharedir))
	{
		chomp(my $place = `'$self->{pg_config}' --$what`);
		$self->{$what} = "$self->{dir}/pg$place";
		make_path(dirname($self->{$what}));
		system("cp -RLp '$place' '$self->{$what}'") == 0 or die "could not copy $place";
	}
	return $self;
}

# Builds the tree as it is now, and installs it into the copy.
sub build
{
	my ($self) = @_;
	my $log = "$self->{dir}/build.log";
	system("make -C '$self->{tree}' PG_CONFIG='$self->{pg_config}' > '$log' 2>&1") == 0
	  or die "could not build\n" . `tail -n 20 '$log'`;
	system("cp -f '$self->{tree}/analytics_llm.so' '$self->{pkglibdir}/' && "
		  . "cp -f '$self->{tree}'/analytics_llm--*.sql '$self->{tree}/analytics_llm.control' '$self->{sharedir}/extension/'") == 0
	  or die 'could not install';
	return;
}

# The search path with the copy's programs first.
sub path { my ($self) = @_; return "$self->{bindir}:$ENV{PATH}"; }

# Changes a file where a text is, which has to be there once; blanks in it are
# any white space.
sub change
{
	my ($self, $file, $old, $new) = @_;
	my $text = slurp_file("$self->{tree}/$file");
	$self->{whole}{$file} = $text unless defined $self->{whole}{$file};
	my $pattern = join '\s+', map { quotemeta } split / /, $old;
	my $n = ($text =~ s/$pattern/$new/g);
	die "\"$old\" is in $file $n times" if $n != 1;
	$self->write_to($file, $text);
	return;
}

# Takes all changes back.
sub restore
{
	my ($self) = @_;
	$self->write_to($_, $self->{whole}{$_}) for keys %{ $self->{whole} };
	$self->{whole} = {};
	return;
}

sub write_to
{
	my ($self, $file, $text) = @_;
	open my $out, '>', "$self->{tree}/$file" or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
	return;
}

1;
