# Lint.pm: what the gates under test/lint share.
#
# A gate is a script that takes the root of a source tree as its only argument
# (default: the tree that it lies in), prints one line for each breach on
# stderr, ends with one summary line on stdout, and exits with 1 if there was a
# breach.  The root is an argument so that test/lint/selftest.pl can show each
# gate a small bad tree and see it fail.
package Lint;

use strict;
use warnings;

use Exporter 'import';
use File::Basename qw(dirname);
use File::Find ();

our @EXPORT = qw(root files slurp breach finish c_without_comments
  blank_literals c_functions line_of sql_statements);

my @breaches;

# Changes into the tree to look at; all paths are relative to it from here on.
sub root
{
	my $dir = @ARGV ? $ARGV[0] : dirname(__FILE__) . '/../..';
	chdir $dir or die "cannot look at \"$dir\": $!\n";
	return;
}

# The files of the tree whose path matches, sorted.  Not asking git keeps a gate
# usable on an unpacked archive and on the small trees of the self-test; what is
# built and what tests leave behind is passed over by name.
sub files
{
	my ($pattern) = @_;
	my @found;
	File::Find::find(
		{
			no_chdir => 1,
			wanted => sub {
				(my $path = $_) =~ s{^\./}{};
				if (-d $_ && $path =~ m{(?:^|/)(?:\.git|results|tmp_check\w*|output_iso|log)$})
				{
					$File::Find::prune = 1;
					return;
				}
				# In a linked working tree, .git is a file.
				push @found, $path if -f $_ && $path ne '.git' && $path =~ $pattern;
			}
		},
		'.');
	@found = sort @found;
	return @found;
}

sub slurp
{
	my ($path) = @_;
	open my $in, '<', $path or die "cannot read \"$path\": $!\n";
	local $/ = undef;
	my $text = <$in>;
	close $in;
	return defined $text ? $text : '';
}

sub breach
{
	push @breaches, $_[0];
	return;
}

# Prints the verdict: "functions: median 12 lines (limit 22) ... ok".
sub finish
{
	my ($gate, $figures) = @_;
	print STDERR "$gate: $_\n" for @breaches;
	printf "%-10s %s: %s\n", $gate, $figures,
	  @breaches ? scalar(@breaches) . ' breaches' : 'ok';
	exit(@breaches ? 1 : 0);
}

# The number, from 1, of the line that holds an offset of a text.
sub line_of
{
	my ($text, $offset) = @_;
	return 1 + (substr($text, 0, $offset) =~ tr/\n//);
}

# C text with each comment made blank: offsets and lines stay what they were.
sub c_without_comments
{
	my ($text) = @_;
	$text =~ s{("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(/\*.*?\*/|//[^\n]*)}
	  {defined $1 ? $1 : blank($2)}gse;
	return $text;
}

# The same for what stands between quotes, so that brackets can be counted.
sub blank_literals
{
	my ($text) = @_;
	$text =~ s{(["'])((?:\\.|(?!\1)[^\\])*)\1}{$1 . blank($2) . $1}gse;
	return $text;
}

sub blank
{
	my ($text) = @_;
	$text =~ s/[^\n]/ /g;
	return $text;
}

# The functions of a C text in PostgreSQL's format: the name at the start of a
# line below the return type, "{" and "}" alone in column 0.  Each is a hash of
# name, line, lines (name to closing brace), static and comment (the text of the
# comment above, or undef).
sub c_functions
{
	my ($text) = @_;
	my @lines = split /\n/, $text;
	my @code = split /\n/, c_without_comments($text);
	my @functions;

	for my $open (0 .. $#code)
	{
		next unless $code[$open] =~ /^\{\s*$/;

		# The head: upwards from "{" to the line that begins with the name.
		my $head = $open - 1;
		$head-- while $head >= 0 && $code[$head] =~ /^\s+\S/;
		next unless $head > 0 && $code[$head] =~ /^([A-Za-z_]\w*)\(/;
		my $name = $1;

		# "Datum" or "static const char *" is a return type; a macro's
		# parenthesis or an initialiser's "=" is not.
		next unless $code[ $head - 1 ] =~ /^[A-Za-z_][\w \t*]*$/;

		my $close = $open;
		$close++ while $close < $#code && $code[$close] !~ /^\}/;
		push @functions,
		  {
			name => $name,
			line => $head + 1,
			lines => $close - $head + 1,
			static => scalar($code[ $head - 1 ] =~ /^(?:static|pg_noinline static)\b/),
			comment => comment_above(\@lines, $head - 2),
		  };
	}
	return @functions;
}

# The comment that ends at line $at (from 0), if one does.  The registration
# macro of an SQL-callable function may stand between the two.
sub comment_above
{
	my ($lines, $at) = @_;
	$at--
	  while $at >= 0
	  && $lines->[$at] =~ /^(?:\s*|PG_FUNCTION_INFO_V1\(\w+\);|#.*)$/;
	return undef unless $at >= 0 && $lines->[$at] =~ m{\*/\s*$};
	my $from = $at;
	$from-- while $from > 0 && $lines->[$from] !~ m{/\*};
	# A comment behind some code belongs to that code.
	return undef unless $lines->[$from] =~ m{^\s*/\*};
	return join "\n", @$lines[ $from .. $at ];
}

# The statements of an SQL script, each {line, text}, without comments.
sub sql_statements
{
	my ($text) = @_;
	my ($statement, $start, @statements) = ('', 0);
	while (
		$text =~ m{\G(?:
			(?<comment> --[^\n]* | /\*.*?\*/ )
		  | (?<meta> ^\\[^\n]* )
		  | (?<literal> '(?:[^']|'')*' | "[^"]*" | (?<tag>\$\w*\$).*?\k<tag> )
		  | (?<end> ; )
		  | (?<other> . )
		)}gsxm)
	{
		my $at = $-[0];
		next if defined $+{comment} || defined $+{meta};
		my $piece = $&;
		if (defined $+{end})
		{
			push @statements, { line => line_of($text, $start), text => $statement };
			$statement = '';
			next;
		}
		next if $statement eq '' && $piece =~ /^\s*$/;
		$start = $at if $statement eq '';
		$statement .= $piece;
	}
	breach("the text from line " . line_of($text, $start) . " on has no final semicolon")
	  if $statement =~ /\S/;
	return @statements;
}

1;
