# Hostile strings as questions, and as values in questions: never an error other
# than a refusal, and the query of a value that looks like SQL is that of a
# harmless one with another literal in its place, byte for byte.
#
# Every third string is asked as a question and every sixth as a value, in the
# order of the file; ALLM_FULL takes all.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Material;

my $node = material_node('hostile', "analytics_llm.model_calls = off\nautovacuum = off\nanalytics_llm.log_retention = 0\n");
$node->safe_psql('postgres', 'CREATE DATABASE hostile');
my ($asked, $valued) = $ENV{ALLM_FULL} ? (1, 1) : (3, 6);
my @texts = map { $_->{text} } read_lines('adversarial/injection_fragments.jsonl');
my $rows = join "\n", map {
	(my $text = JSON::PP->new->ascii->allow_nonref->encode($texts[$_])) =~ s/\\/\\\\/g;
	"$_\t$text";
} grep { $texts[$_] !~ /\0/ } 0 .. $#texts;
my $file = $node->basedir . '/fragments';
open my $out, '>', $file or die "$file: $!";
print $out "$rows\n";
close $out or die "$file: $!";

$node->safe_psql('hostile', <<"SQL");
CREATE EXTENSION analytics_llm;
CREATE TABLE fragment (n int PRIMARY KEY, body jsonb NOT NULL);
\\copy fragment FROM '$file'
CREATE TABLE kinds (kind_id int PRIMARY KEY, label text NOT NULL UNIQUE);
CREATE TABLE things (thing_id int PRIMARY KEY, kind_id int NOT NULL REFERENCES kinds, amount int NOT NULL);
INSERT INTO kinds SELECT min(n), body #>> '{}' FROM fragment WHERE n % $valued = 0 AND length(body #>> '{}') <= 200 GROUP BY 2;
INSERT INTO kinds VALUES (-1, 'harmless');
INSERT INTO things SELECT kind_id, kind_id, abs(kind_id) + 1 FROM kinds;
REVOKE SELECT ON fragment FROM PUBLIC;
CREATE ROLE asker;
GRANT SELECT ON kinds, things TO asker;
ANALYZE;

-- What becomes of a question: its SQL, and its SQLSTATE.
CREATE FUNCTION asked(question text, OUT state text, OUT query text) LANGUAGE plpgsql AS \$\$
BEGIN
	SELECT COALESCE(error_code, '00000'), sql INTO state, query
	  FROM llm_answer(question, '{"cache": false, "row_limit": 5}');
EXCEPTION WHEN OTHERS THEN
	state := SQLSTATE || ' raised';
END \$\$;
CREATE TABLE got (n int, how text, question text, state text, query text);
GRANT SELECT ON fragment TO asker;
GRANT INSERT ON got TO asker;
SQL
my $path = 'SET search_path = public; SET ROLE asker;';

# As questions.
$node->safe_psql('hostile', "$path
INSERT INTO got SELECT n, 'question', q, (a).state, (a).query FROM (SELECT n, q, asked(q) AS a FROM (SELECT n, body #>> '{}' AS q FROM fragment WHERE n % $asked = 0) AS f OFFSET 0) AS g");

# As values that are there, in quotes that they do not have in them.
$node->safe_psql('hostile', "$path
INSERT INTO got SELECT kind_id, 'value', q, (a).state, (a).query FROM (SELECT kind_id, q, asked(q) AS a FROM (
	SELECT kind_id, 'total amount of kind ' || c || label || c AS q FROM kinds,
		LATERAL (SELECT CASE WHEN strpos(label, '\"') = 0 THEN '\"' WHEN strpos(label, '''') = 0 THEN '''' END) AS quote (c)
	 WHERE c IS NOT NULL) AS f OFFSET 0) AS g");

my $states = $node->safe_psql('hostile', "SELECT how, state, count(*) FROM got GROUP BY 1, 2 ORDER BY 1, 2");
note($states);
my $wrong = $node->safe_psql('hostile', "SELECT count(*) FROM got WHERE state NOT IN ('00000', 'LLM08', 'LLM04', '22023 raised')");
diag($node->safe_psql('hostile', "SELECT how, state, left(question, 200) FROM got WHERE state NOT IN ('00000', 'LLM08', 'LLM04', '22023 raised') LIMIT 5")) if $wrong;
my $questions = $node->safe_psql('hostile', "SELECT count(*) FROM got");
cmp_ok($questions, '>', 3000, "$questions questions were asked");
figure_at_most('hostile_strings_that_raise', $wrong, "of $questions strings", 0);

# The query of the harmless value, with another literal, is the query.
my $other = $node->safe_psql('hostile', q{
WITH plain AS (SELECT query FROM got WHERE how = 'value' AND n = -1)
SELECT count(*) FROM got, plain, kinds
 WHERE how = 'value' AND got.n = kind_id AND got.query IS NOT NULL
   AND got.query IS DISTINCT FROM replace(plain.query, quote_literal('harmless'), quote_literal(label))});
diag($node->safe_psql('hostile', "SELECT left(question, 150), left(query, 400) FROM got WHERE how = 'value' AND query IS NOT NULL AND query NOT LIKE '%k.label = %' LIMIT 3")) if $other;
my $read = $node->safe_psql('hostile', "SELECT count(*) FROM got WHERE how = 'value' AND query IS NOT NULL");
is($node->safe_psql('hostile', "SELECT count(*) FROM got WHERE how = 'value' AND n = -1 AND query IS NOT NULL"), '1', 'the harmless value is understood');
cmp_ok($read, '>', 500, "$read values were understood");
figure_at_most('hostile_values_with_another_query', $other, "of $read queries", 0);
done_testing();
