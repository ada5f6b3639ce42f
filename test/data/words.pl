# The words that the built-in rules know are English, and not those of the
# material: an entry of a word list that is a word of some table or column name
# there has to be in a general word list, or in common_words with its reason.
#
# The lists are the literal strings of src/semantic, whose words of two letters
# and fewer say nothing; the names are those of all tables and columns, with
# their words and, where a name is written in one word, as it is.
use strict;
use warnings;

use FindBin;
use Test::More;

use Figure;
use Material;

my $data = $ENV{ALLM_DATA};
plan(skip_all => 'ALLM_DATA names no directory') unless $data && -d $data;
plan(skip_all => 'there is no word list (package wamerican-small)') unless -r dictionary();

sub dictionary { return '/usr/share/dict/american-english-small' }

# The lines of a file.
sub lines_of
{
	my ($name) = @_;
	open my $file, '<', $name or die "$name: $!";
	my @lines = <$file>;
	close $file;
	return @lines;
}

# The words of the literal strings of our files, each with a file it is in.
sub listed_words
{
	my %words;

	for my $name (glob "$FindBin::RealBin/../../src/semantic/*.c")
	{
		my $text = join '', lines_of($name);
		$text =~ s{/\*.*?\*/}{}gs;
		$text =~ s/^#.*$//gm;
		while ($text =~ /"((?:[^"\\]|\\.)*)"/g)
		{
			my $string = lc $1;
			next if $string =~ /[%\\(){}]/;
			$words{$_} = $name =~ s{.*/}{}r for grep { length > 2 } $string =~ /[a-z']+/g;
		}
	}
	return \%words;
}

# The words of all names of tables and columns.
sub named_words
{
	my %words;

	for my $name (glob "$data/*/dbs/*.sql $data/*/*.sql")
	{
		my $inside = 0;
		for my $line (lines_of($name))
		{
			my $found;
			if ($line =~ /^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(?:"?\w+"?\.)?"?(\w+)"?/i) { $inside = 1; $found = $1 }
			elsif ($inside && $line =~ /^\s+"?(\w+)"? /) { $found = $1 }
			elsif ($line =~ /^\)/) { $inside = 0 }
			next unless defined $found;
			$found =~ s/([a-z])([A-Z])/$1_$2/g;
			$words{$_} = 1 for lc $found =~ s/_//gr, grep { length > 2 } split /_+|\d+/, lc $found;
		}
	}
	return \%words;
}

my %common = map { $_ => 1 } map { lc s/'s$//r } map { chomp; $_ } lines_of(dictionary());
my %reasons = map { /^([a-z]\S*) (\S.*)$/ ? ($1 => $2) : () } lines_of("$FindBin::RealBin/common_words");
my $listed = listed_words();
my $named = named_words();
my @shared = grep { $named->{$_} } sort keys %$listed;
my @uncommon = grep { !$common{$_} && !$reasons{$_} } @shared;

# Otherwise the test looks at nothing.
cmp_ok(scalar keys %$listed, '>', 1500, 'words are found in our lists');
cmp_ok(scalar keys %$named, '>', 1500, 'words are found in the names of the material');
cmp_ok(scalar @shared, '>', 300, 'both have common words');
diag "\"$_\" ($listed->{$_}) is a name of the material, and no common English" for @uncommon;
diag "common_words: \"$_\" is not needed" for grep { !$named->{$_} || !$listed->{$_} } sort keys %reasons;
figure_at_most('word_lists_uncommon_words_shared_with_the_data', scalar @uncommon, 'words', 0);
done_testing();
