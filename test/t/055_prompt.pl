# What is sent to a model: the same bytes for the same schema, all that the role
# may read and nothing else, in UTF-8 whatever the database is in; and what comes
# back is in the encoding of the database.
use strict;
use warnings;
use utf8;

use Encode qw(decode_utf8 encode_utf8);
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('prompt', "log_statement = none\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
my ($primary, $secondary) = ($Tiers::PRIMARY, $Tiers::SECONDARY);

# The request for a question, as text and as a tree.
sub prompt
{
	my ($question, %how) = @_;
	my $setup = $how{setup} || 'SELECT';
	my $text = $node->safe_psql($how{db} || 'postgres',
		encode_utf8("$setup;\nSELECT request FROM llm_prompt(" . Tiers::literal($question) . ") WHERE tier = 1"));
	$text =~ s/^\n+//;
	return wantarray ? ($text, decode_json($text)) : $text;
}

# Schemas of all kinds, with odd names, and what must be said of each.
$node->safe_psql('postgres', encode_utf8(<<'SQL'));
CREATE SCHEMA shapes;
SET search_path = shapes;
CREATE TYPE size AS ENUM ('small', 'medium', 'large', 'it''s huge');
ALTER TYPE size ADD VALUE 'tiny' BEFORE 'small';
CREATE DOMAIN price AS numeric(10,2) CHECK (VALUE >= 0);
CREATE TABLE "Odd ""Name""" ("a b" int PRIMARY KEY, "select" text UNIQUE, "größe" size NOT NULL, "line
break" int, plain price);
CREATE TABLE pairs (a int, b int, c varchar(10) NOT NULL, PRIMARY KEY (a, b));
CREATE TABLE part (id bigint PRIMARY KEY, a int, b int, tags text[], at timestamp(3) with time zone,
	FOREIGN KEY (a, b) REFERENCES pairs);
CREATE VIEW seen AS SELECT a, c FROM pairs;
CREATE MATERIALIZED VIEW kept AS SELECT count(*) AS n FROM pairs;
COMMENT ON TABLE pairs IS E'Pairs of things.\nSecond line, "quoted", \\ and\ttab.';
COMMENT ON COLUMN pairs.c IS E'It ends here.\n);\nDROP TABLE pairs; --';
COMMENT ON VIEW seen IS 'Ein Überblick';
SQL
$node->safe_psql('postgres', encode_utf8("COMMENT ON TABLE shapes.part IS '" . 'ü' x 400 . "'"));
my $odd = "SET search_path = shapes, public";
my ($text, $tree) = prompt('how many pairs', setup => $odd);
my $schema = $tree->{system}[1]{text};
my @parts = (
	[ 'an enum, in its order', qr/^CREATE TYPE size AS ENUM \('tiny', 'small', 'medium', 'large', 'it''s huge'\);$/m ],
	[ 'odd names', qr/^CREATE TABLE "Odd ""Name""" \(\n "a b" integer PRIMARY KEY,\n "select" text UNIQUE,\n "größe" size NOT NULL,\n "line\nbreak" integer,\n plain numeric\(10,2\),\n\);$/m ],
	[ 'a key of two columns, and comments on one line each', qr/^CREATE TABLE pairs \( -- Pairs of things\. Second line, "quoted", \\ and tab\.\n a integer,\n b integer,\n c character varying\(10\) NOT NULL, -- It ends here\. \); DROP TABLE pairs; --\n PRIMARY KEY \(a, b\),\n\);$/m ],
	[ 'a foreign key of two columns', qr/^ FOREIGN KEY \(a, b\) REFERENCES pairs \(a, b\),$/m ],
	[ 'arrays and times', qr/^ tags text\[\],\n at timestamp\(3\) with time zone,$/m ],
	[ 'a view', qr/^CREATE VIEW seen \( -- Ein Überblick\n a integer,\n c character varying\(10\),\n\);$/m ],
	[ 'a materialised view', qr/^CREATE VIEW kept \(\n n bigint,\n\);$/m ],
	[ 'a long comment, cut between characters', qr/^CREATE TABLE part \( -- ü{150}\n id bigint PRIMARY KEY,$/m ],
	[ 'the rest of the search_path', qr/^CREATE TABLE sales \(/m ],
);
like($schema, $_->[1], "the schema: $_->[0]") for @parts;
unlike($text, qr/analytics_llm\.|pg_catalog|zzz/, 'nothing of the extension or of the system');
is_deeply([ sort keys %$tree ], [ sort qw(model max_tokens stream system messages output_config) ], 'the parts of a request');
is($tree->{system}[1]{cache_control}{type}, 'ephemeral', 'the schema may be kept by the provider');

# Byte for byte: in one session, in another, after what changes nothing, and for
# another question all but the user's turn.
my $same = 0;
$same += is(prompt('how many pairs', setup => $odd), $text, 'the same bytes in another session');
my $twice = $node->safe_psql('postgres', "$odd; SELECT count(DISTINCT request::text) FROM (SELECT request FROM llm_prompt('how many pairs') WHERE tier = 1"
	  . " UNION ALL SELECT request FROM llm_prompt('how many pairs') WHERE tier = 1) AS s");
$same += is($twice, '1', 'the same bytes in one session');
$node->safe_psql('postgres', "ANALYZE; CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.t (a int); INSERT INTO shapes.pairs VALUES (1, 2, 'zzz'); VACUUM FULL pg_class");
$same += is(prompt('how many pairs', setup => $odd), $text, 'the same bytes after changes elsewhere');
$same += is(prompt('how many pairs', setup => "$odd; SET DateStyle = 'German, DMY'; SET lc_messages = 'C'; SET TimeZone = 'UTC'; SET quote_all_identifiers = off; SET extra_float_digits = 0"),
	$text, 'the same bytes under other settings');
my ($other, $other_tree) = prompt('top 3 "seen" by a \\ <b>', setup => $odd);
my ($user, $other_user) = map { delete $_->{messages} } $tree, $other_tree;
is_deeply($other_tree, $tree, 'another question: the same but for the user\'s turn');
is($other_user->[0]{content}, qq{<question>\ntop 3 "seen" by a \\ &lt;b>\n</question>\n}, 'which has the question');
my $head = index $text, '"messages":';
$same += is(substr($text, 0, $head), substr($other, 0, $head), 'all before it is the same to the byte');
figure_at_least('prompts_the_same_to_the_byte', $same, 'of 5', 5);

# What is shown is what is sent.
$tiers->models($primary => { sql => 'SELECT 1 AS one' });
$node->safe_psql('postgres', "$odd; SELECT llm_ask('churn by cohort')");
is_deeply(($stub->requests)[0]{body}, (prompt('churn by cohort', setup => $odd))[1], 'what is shown is what is sent');

# No value of a cell goes along.
unlike($text, qr/North|South|West|zzz/, 'no value of a cell is in it');

# A role with few rights.
$node->safe_psql('postgres', q{
	CREATE ROLE reader;
	GRANT USAGE ON FOREIGN SERVER anthropic TO reader;
	GRANT USAGE ON SCHEMA shapes TO reader;
	GRANT SELECT (a, b) ON shapes.pairs TO reader;
	GRANT SELECT ON shapes.part TO reader});
my (undef, $few) = prompt('how many pairs', setup => "$odd; SET ROLE reader");
$few = $few->{system}[1]{text};
is_deeply([ $few =~ /^CREATE (.*) \(/mg ], [ 'TABLE pairs', 'TABLE part' ], 'few rights: only these tables');
like($few, qr/^CREATE TABLE pairs \( -- [^\n]*\n a integer,\n b integer,\n PRIMARY KEY \(a, b\),\n\);$/m, 'few rights: only these columns');

# Databases in other encodings: what is sent is UTF-8; what comes back is in
# their own; what they have no character for is refused, and no error.
$node->safe_psql('postgres', "CREATE DATABASE $_->[0] TEMPLATE template0 ENCODING '$_->[1]' LOCALE 'C'")
  for ([ latin => 'LATIN1' ], [ ascii => 'SQL_ASCII' ]);
for my $db (qw(latin ascii))
{
	$node->safe_psql($db, encode_utf8("SET client_encoding = 'UTF8'; CREATE EXTENSION analytics_llm; CREATE TABLE \"straße\" (\"größe\" int); COMMENT ON TABLE \"straße\" IS 'Länge';")
		  . $tiers->server_sql . 'UPDATE analytics_llm.tier SET max_retries = 0');
}
my @answers = (
	[ 'latin', 'SELECT \'über\' AS "größe"', 0, 'ok 1 |{"größe":"über"}' ],
	[ 'latin', 'SELECT \'über\' AS "größe"', 1, 'ok 1 |{"größe":"über"}' ],
	[ 'latin', "SELECT '中' AS a", 0, 'degraded 4 LLM01|' ],
	[ 'latin', "SELECT '中' AS a", 1, 'degraded 4 LLM01|' ],
	[ 'latin', "SELECT '\x{1F600}' AS a", 1, 'degraded 4 LLM01|' ],
	[ 'latin', 'SELECT "größe" FROM "straße"', 0, 'ok 1 |' ],
	[ 'latin', 'SELECT "größen" FROM "straße"', 0, 'degraded 4 LLM03|' ],
	[ 'ascii', 'SELECT "größe" FROM "straße"', 0, 'ok 1 |' ],
	[ 'ascii', "SELECT '中' AS a", 0, 'ok 1 |{"a":"中"}' ],
);
for (@answers)
{
	my ($db, $sql, $escaped, $expected) = @$_;
	$stub->reset;
	$stub->script({ sql => $sql, $escaped ? (ascii => JSON::PP::true) : (), times => 0 });
	my $got = $node->safe_psql($db, encode_utf8(<<'SQL'));
SET client_encoding = 'UTF8';
SELECT status || ' ' || tier || ' ' || coalesce(error_code, ''), (SELECT string_agg(r::text, ' ') FROM json_array_elements(rows) AS r)
  FROM llm_answer('wie groß <ist> die Straße');
SQL
	is(decode_utf8($got), $expected, encode_utf8("$db: $sql" . ($escaped ? ', escaped' : '')));
	my $body = ($stub->requests)[0]{body};
	is($body->{messages}[0]{content} =~ /wie groß/ ? 'UTF-8' : $body->{messages}[0]{content}, 'UTF-8', "$db: the question is sent in UTF-8");
	like($body->{system}[1]{text}, qr/^CREATE TABLE "straße" \( -- Länge\n "größe" integer,/m, "$db: and so is the schema");
}
is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
unlike(slurp_file($node->logfile), qr/PANIC|terminated by signal/, 'no process crashed');
$tiers->stop;
done_testing();
