# What the built-in rules take to read a question, without running the query:
# beside the server's own parse and analysis of the SQL that they write, over
# thirty tables, in a session that has its caches warm; and in itself over ten
# thousand tables.  The time is that of the span "read", which has the looks
# for values in it.
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Material ();

use constant RUNS => 15;
use constant LARGE_RUNS => 2;

my $node = PostgreSQL::Test::Cluster->new('bench_semantic');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
max_locks_per_transaction = 4096
fsync = off
autovacuum = off
CONF
$node->start;
$node->safe_psql('postgres', "CREATE DATABASE $_") for qw(small large);

my $tables = slurp_file("$FindBin::RealBin/../../sql/include/sentence_league.sql");

# Tables of other words, with a key to the one before.
my $fill = <<'SQL';
DO $$
DECLARE
	first constant text[] := ARRAY['account', 'branch', 'cargo', 'device', 'engine', 'folder', 'garden', 'handle', 'island', 'jacket'];
	last constant text[] := ARRAY['entry', 'batch', 'route', 'audit', 'shift', 'quota', 'panel', 'stage', 'track', 'label'];
BEGIN
	FOR i IN 1 .. COUNT LOOP
		EXECUTE format('CREATE TABLE %s_%s_%s (id int PRIMARY KEY, code text, amount numeric, made_on date, parent_id int %s)',
			first[i % 10 + 1], last[i / 10 % 10 + 1], i,
			CASE WHEN i % 10 > 0 AND i > 1 THEN format('REFERENCES %s_%s_%s', first[(i - 1) % 10 + 1], last[(i - 1) / 10 % 10 + 1], i - 1) END);
		IF i % 500 = 0 THEN COMMIT; END IF;
	END LOOP;
END $$;
SQL

my @questions = (
	'How many players are there?',
	'What are the names of all players?',
	'Show the name and age of each player.',
	'What is the average age of players of the team Rovers?',
	'Find the names of players from France or Spain.',
	'Find the names of players with age above the average.',
	'Find the names of teams that have players older than 30.',
	'Find the names of teams with more than 2 players.',
	'Show the names of players that do not have any appearances.',
	'How many players are there for each position?',
	'Which player has the most appearances?',
	'Which stadium has the most games?',
	'List the names of players sorted by age in descending order.',
	'Show the names of the players with the 3 highest ages',
	'What are the names of the sponsors of the team Comets?',
	'Show the titles of the games with attendance over 10000',
	'What is the title of the game with the highest attendance?',
	'attendance by stadium',
	'top 3 teams by budget',
	'What is the total budget of teams in Lyon?');

# How long each question was read, in microseconds: lists by question.
sub read_times
{
	my ($database, $runs) = @_;
	my $script = '';

	for my $run (0 .. $runs)
	{
		$script .= "SELECT (llm_sql(" . Material::quoted($_) . ", '{\"cache\": false}')) IS NULL;\n" for @questions;
		$script .= "SELECT llm_flush();\nDELETE FROM analytics_llm.request;\n" if $run == 0;
	}
	$script .= "SELECT llm_flush();\n";
	$node->safe_psql($database, $script);
	my %times;
	for my $line (split /\n/, $node->safe_psql($database, <<'SQL'))
SELECT r.question, round(1000 * s.duration_ms)
  FROM analytics_llm.request AS r
  JOIN analytics_llm.span AS s USING (trace_id)
 WHERE s.name = 'read';
SQL
	{
		my ($question, $time) = split /\|/, $line;
		push @{ $times{$question} }, $time;
	}
	return \%times;
}

sub quantile
{
	my ($share, @values) = @_;
	my @sorted = sort { $a <=> $b } @values;
	my $at = int($share * @sorted);
	return $sorted[ $at > $#sorted ? $#sorted : $at ];
}

# Makes a database with so many tables beside those of the questions.
sub fill_database
{
	my ($database, $count) = @_;
	(my $script = $fill) =~ s/COUNT/$count/;

	$node->safe_psql($database, "CREATE EXTENSION analytics_llm;\n$tables");
	$node->safe_psql($database, $script);
	$node->safe_psql($database, 'ANALYZE');
	return;
}

fill_database('small', 23);
Material::load_probe($node, 'small');
my $times = read_times('small', RUNS);
my @ratios;
for my $question (@questions)
{
	my $sql = $node->safe_psql('small', 'SELECT llm_sql(' . Material::quoted($question) . ')');
	my $server = $node->safe_psql('small',
		'SELECT server_us FROM probe_cost(' . Material::quoted($sql) . ', 200)');
	my @took = @{ $times->{$question} || [] };
	is(scalar @took, RUNS, "every reading of \"$question\" was timed");
	next unless @took;
	note sprintf '%8.0f us, server %6.1f us, %6.1f times: %s', quantile(0.5, @took), $server,
	  quantile(0.5, @took) / $server, $question;
	push @ratios, map { $_ / $server } @took;
}
figure_at_most('semantic_read_beside_analysis_median', sprintf('%.1f', quantile(0.5, @ratios)), 'times', 40);
figure_at_most('semantic_read_beside_analysis_p99', sprintf('%.1f', quantile(0.99, @ratios)), 'times', 400);

fill_database('large', 9993);
my @large = map { @$_ } values %{ read_times('large', LARGE_RUNS) };
figure_at_most('semantic_read_10000_tables_median', sprintf('%.1f', quantile(0.5, @large) / 1000), 'ms', 50);

$node->stop;
done_testing();
