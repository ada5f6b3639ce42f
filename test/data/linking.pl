# Schema linking over the schemas and verified questions of public sets: does the
# part of a schema that a prompt gets hold every table and column of the query
# that a person verified, in a quarter of the room (of wide schemas), or in a
# tenth (of 80 schemas at once)?
#
# What a query uses is the server's own list: what a function with the query as
# its body depends on.  Half of the queries, by a hash of their text, are for
# tuning, and are the verified examples of the second measurement; the other
# half is reported.  No query is in both halves.  The databases are analyzed, as
# autovacuum has them; most of the wide ones hold a few rows only.
use strict;
use warnings;

use Digest::MD5 qw(md5);
use Encode qw(encode_utf8);
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Material;

# Questions of one database that are asked, at most; ALLM_FULL asks all.
my $most = $ENV{ALLM_FULL} ? 1e9 : 400;

# The wide databases: those with 15 tables and more.
my %wide = (
	defog => [qw(defog_academic defog_atis)],
	ehrsql => [qw(ehrsql_mimic_iii)],
	text2sql_small => [qw(t2s_academic t2s_advising t2s_atis)]);

my $node = material_node('linking', <<'CONF');
autovacuum = off
analytics_llm.model_calls = off
max_locks_per_transaction = 1024
CONF
my %files = (
	defog => ['questions.jsonl'],
	ehrsql => ['questions.jsonl'],
	spider => ['questions.jsonl'],
	text2sql_small => [ map { "questions_$_.jsonl" } qw(academic advising atis) ]);
my $json = JSON::PP->new->allow_nonref;

# The verified questions of a set, by database; "half" is 0 or 1.
sub questions
{
	my ($set) = @_;
	my %by_database;
	for my $row (map { read_lines("$set/$_") } @{ $files{$set} })
	{
		next unless defined $row->{gold_sql} && $row->{pg15_ok};
		(my $sql = $row->{gold_sql}) =~ s/;\s*$//;
		push @{ $by_database{ $row->{db} } }, {
			id => $row->{id}, question => $row->{question}, sql => $sql,
			half => ord(md5(encode_utf8(lc $sql))) & 1,
			order => md5(encode_utf8($row->{question} . $row->{id})) };
	}
	# In no order, but the same one in each run.
	$_ = [ sort { $a->{order} cmp $b->{order} } @$_ ] for values %by_database;
	return \%by_database;
}

# Adds what each query uses: "table" and "table.column", with their schemas.
sub add_uses
{
	my ($database, $questions, $before) = @_;
	my $script = $before || '';
	for my $i (0 .. $#$questions)
	{
		$script .= "BEGIN;\nCREATE FUNCTION pg_temp.q() RETURNS void LANGUAGE sql BEGIN ATOMIC $questions->[$i]{sql};\nEND;\n"
		  . "\\echo \@$i\n" . <<'SQL';
SELECT json_agg(DISTINCT n.nspname || '.' || c.relname || coalesce('.' || a.attname, ''))
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.refobjid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid AND a.attnum <> 0
 WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = 'pg_temp.q'::regproc
   AND d.refclassid = 'pg_catalog.pg_class'::regclass;
ROLLBACK;
SQL
	}
	my $out = run_script($database, $script);
	my $i;
	for my $line (split /\n/, $out)
	{
		if ($line =~ /^\@(\d+)$/) { $i = $1 }
		elsif (defined $i && $line =~ /^\[/) { $questions->[$i]{uses} = $json->decode($line); undef $i }
	}
	return;
}

sub run_script
{
	my ($database, $script) = @_;
	my ($out, $err);
	$node->psql($database, encode_utf8($script), stdout => \$out, stderr => \$err,
		on_error_stop => 1, timeout => 1800) == 0
	  or die "$database: $err";
	utf8::decode($out);
	return $out;
}

# The whole schema as a prompt has it.
sub whole_schema
{
	my ($database, $before) = @_;
	return (schemas($database, [ { question => 'anything' } ], 1_000_000, $before))[0];
}

# The schema of the prompt of each question, in so many tokens.
sub schemas
{
	my ($database, $questions, $tokens, $before) = @_;
	my $script = ($before || '') . "SET analytics_llm.prompt_schema_tokens = $tokens;\n"
	  . join '', map { "SELECT to_json(request->'system'->1->>'text') FROM llm_prompt(" . quoted($_->{question}) . ", '{\"tier\": 2}');\n" } @$questions;
	my @texts = map { $json->decode($_) } grep { /^"/ } split /\n/, run_script($database, $script);
	die "$database: " . @texts . ' schemas for ' . @$questions . ' questions' unless @texts == @$questions;
	return @texts;
}

# The tables and columns in a linked schema, with their schema where it is said:
# "table: column column*; type column>table column>table.column; (a, b)>table(a, b)",
# or "table? column column"; "a_{b c*}" stands for "a_b a_c*", "{a b}_c" for
# "a_c b_c", and "~a" in a line of "table" for "table_a".
sub parts_of
{
	my ($text) = @_;
	my $name = qr/"(?:[^"]|"")+"|[^\s",;:?.()*>{}]+/;
	my %parts;
	for my $line (split /\n/, $text)
	{
		my ($own) = $line =~ /^(?:$name\.)?($name)/;
		$line =~ s/ ~/ ${own}_/g;
		$line =~ s/ \{([^}]*)\}(_[a-z0-9_]+)/join '', map { " $_$2" } split m{ }, $1/ge;
		$line =~ s/ ([a-z0-9_]+)\{([^}]*)\}/join '', map { " $1$_" } split m{ }, $2/ge;
		next unless $line =~ /^((?:$name\.)?$name)[:?](.*)$/;
		my ($table, $columns) = ($1, $2);
		$table =~ s/"//g;
		$table = "public.$table" unless $table =~ /\./;
		$parts{$table} = 1;
		while ($columns =~ /\G(?:; (\([^)]*\)>\S+\([^)]*\))|; ((?:[^\s";]|"[^"]*")+)| ($name)\*?(?:>(?:$name)(?:\.$name){0,2})?)/gc)
		{
			next unless defined $3;
			(my $plain = $3) =~ s/^"(.*)"$/$1/s;
			$parts{"$table.$plain"} = 1;
		}
		die "cannot read the line: $line" if (pos($columns) || 0) < length $columns;
	}
	return \%parts;
}

# Asks, and counts: questions, those whose schema has all, the largest share of
# the whole schema's bytes; and what is missing from the others.
sub measure
{
	my ($database, $questions, $whole, $share, $before, $rename) = @_;
	my $room = int(length(encode_utf8($whole)) * $share / 2.5);
	my @texts = schemas($database, $questions, $room, $before);
	my %count = (asked => 0, found => 0, largest => 0);
	for my $i (0 .. $#texts)
	{
		my $parts = parts_of($texts[$i]);
		my @missing = grep { !$parts->{ $rename ? $rename->($_) : $_ } } @{ $questions->[$i]{uses} };
		my $size = length(encode_utf8($texts[$i])) / length(encode_utf8($whole));
		$count{largest} = $size if $size > $count{largest};
		$count{asked}++;
		if (@missing) { diag("$database: $questions->[$i]{question}\n  misses @missing") if $ENV{ALLM_VERBOSE} }
		else { $count{found}++ }
	}
	return \%count;
}

# Some of a list, from its beginning.
sub some { my ($n, @list) = @_; return @list > $n ? @list[ 0 .. $n - 1 ] : @list; }

# What a database needs so that a prompt can be shown; nothing is called.
my $server = <<'SQL';
CREATE SERVER anthropic FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic');
CREATE USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS (api_key 'none');
SQL

# Wide schemas: by words alone, with thirty verified examples, and with those of
# the other half.
my %total;
for my $set (sort keys %wide)
{
	my $questions = questions($set);
	for my $database (@{ $wide{$set} })
	{
		load_database($node, $set, $database);
		run_script($database, $server . 'ANALYZE;');
		my @all = @{ $questions->{$database} };
		my @asked = some($most, grep { $_->{half} == 1 } @all);
		add_uses($database, \@asked);
		my $whole = whole_schema($database);
		my @known = grep { $_->{half} == 0 } @all;
		for my $examples (0, 30, scalar @known)
		{
			my @new = some($examples, @known);
			run_script($database, join '', map { "INSERT INTO analytics_llm.example (name, question, sql) VALUES (" . quoted($_->{id}) . ', ' . quoted($_->{question}) . ', ' . quoted($_->{sql}) . ") ON CONFLICT DO NOTHING;\n" } @new)
			  if @new;
			my $count = measure($database, \@asked, $whole, 0.25);
			my $key = $examples == 0 ? 'none' : $examples == 30 ? 'thirty' : 'half';
			# Each question of a set counts the same, asked or not.
			my $weight = (grep { $_->{half} == 1 } @all) / $count->{asked};
			$total{$key}{asked} += $count->{asked} * $weight;
			$total{$key}{found} += $count->{found} * $weight;
			$total{$key}{largest} = $count->{largest} if $count->{largest} > ($total{$key}{largest} || 0);
			note sprintf '%s, %d examples: %d of %d, at most %.1f %% of the schema', $database, scalar @new,
			  $count->{found}, $count->{asked}, 100 * $count->{largest};
		}
		$node->safe_psql('postgres', "DROP DATABASE \"$database\"");
	}
}
sub percent { my ($count) = @_; return sprintf '%.1f', 100 * $count->{found} / $count->{asked}; }
figure_at_least('linking_wide_all_found', percent($total{half}), '% of questions, with the other half as verified examples', 97);
figure_at_most('linking_wide_room', sprintf('%.1f', 100 * $total{half}{largest}), '% of the tokens', 25);
figure_at_least('linking_wide_all_found_with_30_examples', percent($total{thirty}), '% of questions', 97.5);
figure_at_least('linking_wide_all_found_by_words_alone', percent($total{none}), '% of questions', 96.5);

# All schemas of one set in one database, by words alone.
my $questions = questions('spider');
my @schemas = sort keys %$questions;
create_merged();
my $path = 'SET search_path = ' . join(', ', map { "\"$_\"" } @schemas) . ", public;\n";
my $whole = whole_schema('merged', $path);
my $tables = () = $whole =~ /^CREATE TABLE/mg;
cmp_ok($tables, '>', 300, 'there are over 300 tables');
my %merged = (asked => 0, found => 0, largest => 0);
my @asked;
for my $schema (@schemas)
{
	my @test = some($ENV{ALLM_FULL} ? 1e9 : 10, grep { $_->{half} == 1 } @{ $questions->{$schema} });
	add_uses('merged', \@test, "SET search_path = \"$schema\";\n");
	push @asked, @test;
}
my %visible = visible_names();
my $count = measure('merged', \@asked, $whole, 0.10, $path,
	sub { my ($name) = @_; my ($schema, $table, $column) = split /\./, $name, 3;
		my $shown = $visible{"$schema.$table"} ? "public.$table" : "$schema.$table";
		return defined $column ? "$shown.$column" : $shown; });
figure_at_least('linking_merged_all_found', percent($count), "% of $count->{asked} questions over $tables tables", 90);
figure_at_most('linking_merged_room', sprintf('%.1f', 100 * $count->{largest}), '% of the tokens', 10);

$node->stop;
done_testing();

# Every database of the set becomes a schema of one.
sub create_merged
{
	$node->safe_psql('postgres', "CREATE DATABASE merged TEMPLATE template0 ENCODING 'UTF8'");
	for my $schema (@schemas)
	{
		my $dump = slurp_file("$ENV{ALLM_DATA}/spider/dbs/$schema.sql");
		$dump =~ s/\bpublic\./"$schema"./g;
		$node->safe_psql('merged', "CREATE SCHEMA \"$schema\"; SET client_min_messages = warning;\n$dump");
	}
	run_script('merged', "CREATE EXTENSION analytics_llm SCHEMA public;\n${server}ANALYZE;");
	return;
}

# The tables that need no schema in a query: those that come first in the path.
sub visible_names
{
	my $out = run_script('merged', $path . <<'SQL');
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE pg_table_is_visible(c.oid) AND c.relkind = 'r';
SQL
	return map { $_ => 1 } split /\n/, $out;
}
