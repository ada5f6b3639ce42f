# The guard over material that nobody on this project wrote: what must be
# refused is, what must be allowed is but for a list with reasons, and no
# verified query of a public question set is refused.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $data = $ENV{ALLM_DATA};
plan skip_all => 'ALLM_DATA names no directory' unless $data && -d $data;

# Refused on purpose, by the first words of the statement.
my @refused_on_purpose = (
	qr/^\s*(SHOW|EXPLAIN)\b/,    # not a query
	qr/^\s*WITH \w+ AS \((DELETE|UPDATE|INSERT)/,    # a write
	qr/\b(pg_index|pg_tables|pg_proc|pg_class|pg_namespace|pg_extension|pg_indexes|information_schema)\b/
	,    # catalogs, closed by a setting
	qr/\b(pg_blocking_pids|pg_current_logfile|hypopg_\w+|pg_stat_statements)\(/
	,    # other sessions, files, or an extension that is not there
	qr/to_date\('2023-01-01'\)/,    # the server has no such function
);

my $node = PostgreSQL::Test::Cluster->new('guard');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
analytics_llm.max_sql_length = '32kB'
fsync = off
CONF
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION analytics_llm');

# The rows of a file with one JSON object a line.
sub read_lines
{
	my ($name) = @_;
	open my $file, '<:raw', "$data/$name" or die "$data/$name: $!";
	my @rows = map { decode_json($_) } <$file>;
	close $file;
	return @rows;
}

# Checks queries, given as a hash by id; the findings by id, for those that
# have an error.
sub refused
{
	my ($database, $queries) = @_;
	my $script = "CREATE TEMP TABLE query (id text, sql text);\n";
	for my $id (sort keys %$queries)
	{
		(my $sql = $queries->{$id}) =~ s/'/''/g;
		$script .= "INSERT INTO query VALUES ('$id', '$sql');\n";
	}
	utf8::encode($script);
	$script .= <<'SQL';
SELECT id || E'\t' || replace(string_agg(code || ': ' || message, '; '), E'\n', ' ')
  FROM query, llm_check(sql) WHERE severity = 'error' GROUP BY id ORDER BY id;
SQL
	my %found = map { split /\t/, $_, 2 }
	  split /\n/, $node->safe_psql($database, $script);
	return \%found;
}

# Loads one database.
sub load
{
	my ($set, $database) = @_;
	$node->safe_psql('postgres',
		"CREATE DATABASE \"$database\" TEMPLATE template0 ENCODING 'UTF8'");
	$node->command_ok(
		[
			'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d',
			$node->connstr($database), '-f', "$data/$set/dbs/$database.sql"
		],
		"$database is loaded");
	$node->safe_psql($database, 'CREATE EXTENSION analytics_llm');
	return;
}

# Everything that a read-only guard must refuse.
my %hostile = map { $_->{id} => $_->{sql} } read_lines('adversarial/must_refuse.jsonl');
my $found = refused('postgres', \%hostile);
my @passed = grep { !exists $found->{$_} } sort keys %hostile;
figure_at_least('hostile_statements_refused', keys(%hostile) - @passed, 'statements', scalar keys %hostile)
  or diag join "\n", map { "$_: $hostile{$_}" } @passed;

# What other guards allow.  Their tables are not here, which is no refusal.
my %friendly = map { $_->{id} => $_->{sql} } read_lines('adversarial/must_allow.jsonl');
$found = refused('postgres', \%friendly);
my @refused = grep {
	my $sql = $friendly{$_};
	$found->{$_} !~ /^undefined_(table|column)/
	  && !grep { $sql =~ $_ } @refused_on_purpose
} sort keys %$found;
figure_at_most('friendly_statements_refused', scalar @refused, 'statements', 0)
  or diag join "\n", map { "$friendly{$_}\n  $found->{$_}" } @refused;

# No hostile or broken text ends the server.
my %fragments = map { $_->{id} => $_->{text} } read_lines('adversarial/injection_fragments.jsonl');
delete @fragments{ grep { $fragments{$_} =~ /\0/ } keys %fragments };
refused('postgres', \%fragments);
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server is there after fragments');

# Verified queries over their own databases.
my ($verified, $false_alarms) = (0, 0);
for my $set (qw(geoquery defog spider))
{
	my %by_database;
	for my $row (read_lines("$set/questions.jsonl"))
	{
		next unless defined $row->{gold_sql} && $row->{pg15_ok};
		$by_database{ $row->{db} }{ $row->{id} } = $row->{gold_sql};
	}
	my @databases = sort keys %by_database;
	splice @databases, 12;
	for my $database (@databases)
	{
		load($set, $database);
		my $queries = $by_database{$database};
		$found = refused($database, $queries);
		$verified += keys %$queries;
		$false_alarms += keys %$found;
		is(scalar keys %$found, 0, scalar(keys %$queries) . " queries over $database are not refused")
		  or diag join "\n", map { "$queries->{$_}\n  $found->{$_}" } sort keys %$found;
	}
}

figure_at_most('verified_queries_refused', $false_alarms, "of $verified queries", 0);
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC/, 'no process crashed');
$node->stop;
done_testing();
