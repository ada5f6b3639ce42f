# Material that nobody on this project wrote, for the tests of test/data: its
# rows, its databases, and what the guard says of many queries at once.
#
#	use Material;
#	my $node = material_node('guard');
#	load_database($node, 'spider', 'spider_flight_1');
#	my $found = findings($node, 'spider_flight_1', \%query_by_id);
#	    # id => list of findings, {severity, code, message, detail, hint, pos}
package Material;

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter 'import';
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(material_node read_lines load_database load_regression
  findings ask_each errors_of quoted load_probe verified_sets every_nth);

my $data = $ENV{ALLM_DATA};
my $top = dirname(dirname(abs_path(__FILE__)));

# A server with the library, or the end of the test where there is no material.
sub material_node
{
	my ($name, $conf) = @_;
	plan(skip_all => 'ALLM_DATA names no directory') unless $data && -d $data;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
	$node->append_conf('postgresql.conf', <<'CONF' . ($conf || ''));
shared_preload_libraries = 'analytics_llm'
analytics_llm.max_sql_length = '32kB'
fsync = off
CONF
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION analytics_llm');
	return $node;
}

# The rows of a file with one JSON object a line.
sub read_lines
{
	my ($name) = @_;
	open my $file, '<:raw', "$data/$name" or die "$data/$name: $!";
	my @rows = map { decode_json($_) } <$file>;
	close $file;
	return @rows;
}

# Loads one database of a set, with the extension.
sub load_database
{
	my ($node, $set, $database) = @_;
	create($node, $database);
	psql_file($node, $database, "$data/$set/dbs/$database.sql");
	$node->safe_psql($database, 'CREATE EXTENSION analytics_llm');
	return;
}

# PostgreSQL's own regression database.
sub load_regression
{
	my ($node, $database) = @_;
	create($node, $database);
	psql_file($node, 'postgres', "$data/pg_regress/roles.sql");
	$node->command_ok(
		[
			'pg_restore', '--no-owner', '--no-privileges', '-d',
			$node->connstr($database), "$data/pg_regress/regression.dump"
		],
		'the regression database is loaded');
	$node->safe_psql($database, 'CREATE EXTENSION analytics_llm');
	return;
}

sub create
{
	my ($node, $database) = @_;
	$node->safe_psql('postgres',
		"CREATE DATABASE \"$database\" TEMPLATE template0 ENCODING 'UTF8'");
	return;
}

sub psql_file
{
	my ($node, $database, $file) = @_;
	my ($out, $err);
	my $ok = IPC::Run::run(
		[
			'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d',
			$node->connstr($database), '-f', $file
		],
		'>', \$out, '2>', \$err);
	die "could not load $file: $err" unless $ok;
	return;
}

sub quoted
{
	my ($text) = @_;
	$text =~ s/'/''/g;
	return "'$text'";
}

# One statement for each query, in one session; what it printed by id, which is
# undef where it failed.  "template" has QUERY for the quoted text, and gives
# one column of one row.
sub ask_each
{
	my ($node, $database, $queries, $template, $before) = @_;
	my $script = ($before || '') . "\n";
	for my $id (sort keys %$queries)
	{
		my $literal = quoted($queries->{$id});
		(my $select = $template) =~ s/QUERY/$literal/g;
		$script .= "\\echo \@$id\n$select;\n";
	}
	utf8::encode($script);
	my ($out, $err) = ('', '');
	$node->psql($database, $script, stdout => \$out, stderr => \$err,
		on_error_stop => 0, timeout => 1800);
	my %said = map { $_ => undef } keys %$queries;
	my $id;
	for my $line (split /\n/, $out)
	{
		if ($line =~ /^\@(.*)/) { $id = $1 }
		elsif (defined $id) { $said{$id} = $line }
	}
	return wantarray ? (\%said, $err) : \%said;
}

# What llm_check says of queries, by id; a check that raised has the one
# finding "raised".
sub findings
{
	my ($node, $database, $queries, %how) = @_;
	my $function = $how{function} || 'llm_check';
	my ($said, $err) = ask_each($node, $database, $queries,
		"SELECT coalesce(jsonb_agg(f), '[]')::text FROM $function(QUERY) f", $how{before});
	my %found = map { $_ => defined $said->{$_} ? JSON::PP->new->decode(text_of($said->{$_}))
		: [ { severity => 'error', code => 'raised', message => 'the check raised an error' } ] }
	  keys %$said;
	diag $err if $err && $how{verbose};
	return \%found;
}

# Rows come as bytes or as characters; JSON wants characters.
sub text_of
{
	my ($line) = @_;
	utf8::decode($line) unless utf8::is_utf8($line);
	return $line;
}

# The findings that mean that a query may not run, in one line; empty for none.
sub errors_of
{
	my ($found) = @_;
	return join '; ',
	  map { "$_->{code}: $_->{message}" } grep { ($_->{severity} || 'error') eq 'error' } @$found;
}

# The functions of test/modules/guard_probe, in a database.  Built once a run.
sub load_probe
{
	my ($node, $database) = @_;
	my $dir = ($ENV{TESTDIR} || $top) . '/tmp_check/guard_probe';
	system('mkdir', '-p', $dir) == 0 or die "could not make $dir";
	open my $lock, '>', "$dir/lock" or die "could not lock $dir: $!";
	flock $lock, LOCK_EX or die "could not lock $dir: $!";
	my $log = "$dir/build.log";
	# A compiler cache may belong to the user who started the tests.
	local $ENV{CCACHE_DISABLE} = 1;
	system("cp $top/test/modules/guard_probe/* '$dir'/ && "
		  . "make -C '$dir' TOP='$top' > '$log' 2>&1") == 0
	  or die "could not build the test module\n" . `tail -n 20 '$log'`;
	my $sql = slurp_file("$dir/guard_probe.sql");
	$sql =~ s/:'module'/'$dir\/guard_probe'/g;
	$node->safe_psql($database, $sql);
	return;
}

# The sets with verified queries: set => {database => {id => query}}.
sub verified_sets
{
	my %files = (
		spider => ['questions.jsonl'],
		geoquery => ['questions.jsonl'],
		defog => ['questions.jsonl'],
		bird_mini_dev => ['questions.jsonl'],
		ehrsql => ['questions.jsonl'],
		text2sql_small => [ map { "questions_$_.jsonl" } qw(academic advising atis) ]);
	my %sets;
	for my $set (sort keys %files)
	{
		for my $row (map { read_lines("$set/$_") } @{ $files{$set} })
		{
			next unless defined $row->{gold_sql} && $row->{pg15_ok};
			$sets{$set}{ $row->{db} }{ $row->{id} } = $row->{gold_sql};
		}
	}
	return \%sets;
}

# Every nth of a hash by sorted key: a sample that is the same in each run.
sub every_nth
{
	my ($n, $hash) = @_;
	my @keys = sort keys %$hash;
	return { map { $keys[$_] => $hash->{ $keys[$_] } } grep { $_ % $n == 0 } 0 .. $#keys };
}

1;
