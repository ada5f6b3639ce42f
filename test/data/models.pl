# The whole walk of a question with a model, over material that nobody on this
# project wrote.  A model that writes the verified query of a question gets its
# rows through; of the queries that real models wrote, nothing passes that the
# server itself would refuse.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $data = $ENV{ALLM_DATA};
plan skip_all => 'ALLM_DATA names no directory' unless $data && -d $data;

my $tiers = Tiers->new('model_data', <<'CONF');
fsync = off
log_statement = none
analytics_llm.max_repairs = 0
analytics_llm.request_timeout = '300s'
CONF
my ($node, $stub) = @{$tiers}{qw(node stub)};

# The rows of a file with one JSON object a line.
sub read_lines
{
	my ($name) = @_;
	open my $file, '<:raw', "$data/$name" or die "$data/$name: $!";
	my @rows = map { decode_json($_) } <$file>;
	close $file;
	return @rows;
}

# Loads a database whose only model answers whatever the model server says, and
# whose questions are the rows given.
sub load
{
	my ($set, $database, @questions) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE \"$database\" TEMPLATE template0 ENCODING 'UTF8'");
	$node->command_ok(
		[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database), '-f', "$data/$set/dbs/$database.sql" ],
		"$database is loaded");
	my $script = 'CREATE EXTENSION analytics_llm;' . $tiers->server_sql . <<'SQL';
UPDATE analytics_llm.tier SET enabled = tier = 1, min_confidence = 0, max_retries = 0, timeout_ms = 60000;
CREATE SCHEMA trial;
CREATE TABLE trial.question (n int PRIMARY KEY, id text, question text, sql text, verdict text, code text);
SQL
	my $n = 0;
	for (@questions)
	{
		$n++;
		$script .= sprintf "INSERT INTO trial.question VALUES (%d, %s, %s, %s);\n", $n,
		  map { Tiers::literal($_) } @{$_}{qw(id question sql)};
	}
	utf8::encode($script);
	$node->safe_psql($database, $script);
	$stub->reset;
	$stub->script(map { { sql => $_->{sql} } } @questions);
	return;
}

# The rows of a verified query, by hand and through llm_ask, as a multiset of
# rows of values: names are the writer's taste.
my $compare = <<'SQL';
CREATE FUNCTION trial.cells(row_ json) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT json_agg(value ORDER BY n)::text FROM json_each(row_) WITH ORDINALITY AS e (key, value, n) $$;
DO $$
DECLARE
	q record;
	a analytics_llm.answer;
	by_hand text[];
	through text[];
BEGIN
	FOR q IN SELECT * FROM trial.question ORDER BY n LOOP
		EXECUTE format('SELECT array_agg(c ORDER BY c) FROM (SELECT trial.cells(row_to_json(t)) AS c FROM (%s) AS t) AS s',
					   rtrim(q.sql, E'; \n')) INTO by_hand;
		SELECT * INTO a FROM llm_answer(q.question);
		SELECT array_agg(c ORDER BY c) INTO through
		  FROM (SELECT trial.cells(r) AS c FROM json_array_elements(a.rows) AS r) AS s;
		UPDATE trial.question SET code = a.error_code,
			verdict = CASE WHEN a.error_code IS NOT NULL THEN 'none'
						   WHEN a.sql <> q.sql THEN 'another query'
						   WHEN through IS NOT DISTINCT FROM by_hand THEN 'same'
						   ELSE 'other rows' END
		 WHERE n = q.n;
	END LOOP;
END
$$;
SQL

my ($asked, $same) = (0, 0);
for my $set (qw(geoquery defog))
{
	my %by_database;
	for my $row (read_lines("$set/questions.jsonl"))
	{
		next unless defined $row->{gold_sql} && $row->{pg15_ok};
		next if exists $row->{answerable} && !$row->{answerable};
		# LIMIT over ties: the same query may give others the next time.
		next if $row->{unstable_answer};
		push @{ $by_database{ $row->{db} } },
		  { id => $row->{id}, question => $row->{question}, sql => $row->{gold_sql} };
	}
	my ($set_asked, $set_same) = (0, 0);
	for my $database (sort keys %by_database)
	{
		my @questions = @{ $by_database{$database} };
		load($set, $database, @questions);
		$node->safe_psql($database, $compare);
		my $good = $node->safe_psql($database, q{SELECT count(*) FROM trial.question WHERE verdict = 'same'});
		is($good, scalar @questions, "$database: the rows of all verified queries")
		  or diag $node->safe_psql($database, q{SELECT id, verdict, code, sql FROM trial.question WHERE verdict <> 'same' ORDER BY n LIMIT 20});
		is(scalar($stub->requests), scalar @questions, "$database: one call for each question");
		$set_asked += @questions;
		$set_same += $good;
	}
	figure_at_least("verified_rows_through_llm_$set", $set_same, "of $set_asked", $set_asked);
	$asked += $set_asked;
}
cmp_ok($asked, '>=', 598 + 150, "$asked questions were asked");

# What real models wrote, through llm_sql: the server's own verdict is that of
# PREPARE, where the text is one statement.
my $try = <<'SQL';
DO $$
DECLARE
	q record;
BEGIN
	FOR q IN SELECT * FROM trial.question ORDER BY n LOOP
		BEGIN
			PERFORM llm_sql(q.question);
			UPDATE trial.question SET code = 'passed' WHERE n = q.n;
		EXCEPTION WHEN OTHERS THEN
			UPDATE trial.question SET code = SQLSTATE WHERE n = q.n;
		END;
		BEGIN
			-- A name of its own: of several statements, the first is prepared.
			EXECUTE format('PREPARE tried_%s AS %s', q.n, q.sql);
			UPDATE trial.question SET verdict = '00000' WHERE n = q.n;
		EXCEPTION WHEN OTHERS THEN
			UPDATE trial.question SET verdict = SQLSTATE WHERE n = q.n;
		END;
	END LOOP;
END
$$;
SELECT llm_flush();
SQL
my %by_database;
my %kept;
for my $row (read_lines('llm_outputs/bird_mini_dev_predictions.jsonl'))
{
	push @{ $by_database{ $row->{db} } }, { id => $row->{id}, question => "output $row->{id}", sql => $row->{sql} };
	$kept{ $row->{id} } = $row->{server};
}
my ($tried, $wrongly, $passed, %refused) = (0, 0, 0);
for my $database (sort keys %by_database)
{
	my @questions = @{ $by_database{$database} };
	load('bird_mini_dev', $database, @questions);
	$node->safe_psql($database, $try);
	for (split /\n/, $node->safe_psql($database, <<'SQL'))
SELECT concat_ws(E'\t', id, q.code, verdict, coalesce(l.fallback_reason, '-'))
  FROM trial.question AS q
  LEFT JOIN analytics_llm.log AS l ON l.user_input = q.question AND l.model_used LIKE 'claude%'
SQL
	{
		my ($id, $code, $verdict, $why) = split /\t/;
		$tried++;
		$passed++ if $code eq 'passed';
		# Refused by the server here, or when the material was made.
		if ($code eq 'passed' && ($verdict ne '00000' || $kept{$id} ne '00000'))
		{
			$wrongly++;
			diag "wrongly passed: $id $verdict $kept{$id}";
		}
		$refused{$why}++ if $code ne 'passed' && $verdict eq '00000' && $kept{$id} eq '00000';
	}
}
is($tried, 1737, 'all outputs were tried');
figure_at_most('llm_outputs_wrongly_passed', $wrongly, "of $tried", 0);
note "$passed of $tried passed; accepted by the server and refused here: "
  . (join(', ', map { "$_ $refused{$_}" } sort keys %refused) || 'none');
is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC/, 'no process crashed');
$tiers->stop;
done_testing();
