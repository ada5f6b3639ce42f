# Databases in other encodings than UTF-8, and without a known one: questions,
# values, names and records keep their bytes, and no record is lost.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('encodings');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
analytics_llm.cache_ttl = 0
analytics_llm.sql_cache_ttl = 0
CONF
$node->start;

# The same two words in each: a name of a table, and a value.  Bytes are given
# in hex, so that neither this file nor psql has to know the encoding.
my %words = (
	LATIN1 => { table => 'st\xe4dte', value => 'K\xf6ln' },
	SQL_ASCII => { table => 'st\xe4dte', value => 'K\xf6ln' },
	EUC_JP => { table => '\xc5\xd4\xbb\xd4', value => '\xc5\xec\xb5\xfe' },
	EUC_KR => { table => '\xb5\xb5\xbd\xc3', value => '\xbc\xad\xbf\xef' },
	WIN1251 => { table => '\xe3\xee\xf0\xee\xe4', value => '\xcc\xee\xf1\xea\xe2\xe0' },
	UTF8 => { table => 'st\xc3\xa4dte', value => 'K\xc3\xb6ln' });

for my $encoding (sort keys %words)
{
	my $database = lc $encoding;
	my %hex = map { ($_ => to_hex($words{$encoding}{$_})) } qw(table value);

	$node->safe_psql('postgres',
		"CREATE DATABASE $database TEMPLATE template0 ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C'");
	# Everything is made in the server: the client sees ASCII only.
	$node->safe_psql($database, <<SQL);
CREATE EXTENSION analytics_llm;
CREATE FUNCTION word(hex text) RETURNS text LANGUAGE sql AS
	\$\$ SELECT convert_from(decode(hex, 'hex'), getdatabaseencoding()) \$\$;
DO \$\$
BEGIN
	EXECUTE format('CREATE TABLE %I (id int PRIMARY KEY, name text NOT NULL)', word('$hex{table}'));
	EXECUTE format('INSERT INTO %I VALUES (1, word(''$hex{value}'')), (2, ''North'')', word('$hex{table}'));
	EXECUTE format('ANALYZE %I', word('$hex{table}'));
END
\$\$;
CREATE FUNCTION ask(question text, feature text) RETURNS analytics_llm.answer LANGUAGE sql AS
	\$\$ SELECT llm_answer(question, jsonb_build_object('feature', feature)) \$\$;
SQL

	my ($table, $value) = map { "word('$hex{$_}')" } qw(table value);
	is( $node->safe_psql($database, "SELECT status, rows -> 0 ->> ('number_of_' || $table) FROM ask('how many ' || $table, 'name')"),
		'templated|2', "$encoding: a name");
	is( $node->safe_psql($database, "SELECT status, row_count, rows -> 0 ->> 'name' = $value FROM ask('list ' || $table || ' \"' || $value || '\"', 'value')"),
		'templated|1|t', "$encoding: a value");
	is( $node->safe_psql($database, "SELECT error_code, message LIKE '%' || $value || '%' FROM ask('how many zork ' || $value || $value, 'unknown')"),
		'LLM08|t', "$encoding: a word that is not known");

	# The bytes of the records.
	is( $node->safe_psql($database, "SELECT status FROM ask('list ' || $table || ' \"' || $value || '\"', 'bytes'); SELECT llm_flush(); SELECT question = 'list ' || $table || ' \"' || $value || '\"', sql LIKE '%' || $value || '%' FROM analytics_llm.request WHERE feature = 'bytes'"),
		"templated\n\nt|t", "$encoding: the record has the question and the query");

	# Masking goes through the parser library, which reads UTF-8 alone.
	$node->safe_psql($database, <<SQL);
SET analytics_llm.log_text = normalized;
SELECT status FROM ask('list ' || $table || ' "' || $value || '"', 'masked');
SELECT status FROM ask('how many zork "' || $value || '"', 'masked');
SET analytics_llm.log_text = none;
SELECT status FROM ask('list ' || $table || ' "' || $value || '"', 'hashed');
SELECT llm_flush();
SQL
	is( $node->safe_psql($database, "SELECT count(*), count(*) FILTER (WHERE r::text LIKE '%' || $value || '%') FROM analytics_llm.request AS r WHERE feature IN ('masked', 'hashed')"),
		'3|0', "$encoding: masked records are there, without the value");
	is( $node->safe_psql($database, "SELECT count(*) > 2, count(*) FILTER (WHERE l::text LIKE '%' || $value || '%') FROM analytics_llm.log AS l WHERE feature IN ('masked', 'hashed')"),
		't|0', "$encoding: so are those of the tries");

	# A kept answer has them, in memory and in the table.
	is( $node->safe_psql($database, "SET analytics_llm.cache_ttl = '5min'; SELECT tier, row_count, rows -> 0 ->> 'name' = $value FROM ask('list ' || $table || ' \"' || $value || '\"', 'kept');\n" x 2),
		join("\n", "3|1|t", "0|1|t"), "$encoding: a kept answer");
	is( $node->safe_psql($database, "SELECT llm_flush() IS NOT NULL; SELECT bool_and(question LIKE '%' || $value || '%' AND sql LIKE '%' || $value || '%') FROM analytics_llm.cache"),
		"t\nt", "$encoding: and so has the table of them");

	# A definition with such a question is found again.
	$node->safe_psql($database, "INSERT INTO analytics_llm.example (name, question, sql) VALUES ('e', 'show ' || $value, 'SELECT 1 AS one')");
	is( $node->safe_psql($database, "SELECT rows FROM ask('Show  ' || $value || '?', 'example')"),
		'[{"one":1}]', "$encoding: a verified example");
	is( $node->safe_psql($database, "SELECT count(*) FROM llm_check('SELECT * FROM ' || quote_ident($table) || ' WHERE name = ' || quote_literal($value))"),
		'0', "$encoding: llm_check") unless $encoding eq 'SQL_ASCII';
}

# Bytes that are no text of any encoding, where the server does not mind.
my $bytes = "word('" . to_hex('\xff\xfe\x80') . "')";
for my $level (qw(full normalized none))
{
	is( $node->safe_psql('sql_ascii', "SET analytics_llm.log_text = $level; SELECT error_code FROM ask('how many zork ' || $bytes, 'stray_$level'); SELECT llm_flush()"),
		"LLM08\n", "SQL_ASCII: stray bytes are words that are not known, log_text = $level");
}
is( $node->safe_psql('sql_ascii', "SELECT count(*) FROM analytics_llm.request WHERE feature LIKE 'stray!_%' ESCAPE '!'"),
	'3', 'SQL_ASCII: and such a question is recorded');

# A client in another encoding than the database gets its own.
is( $node->safe_psql('latin1', "SET client_encoding = 'UTF8'; SELECT encode(convert_to(rows -> 0 ->> 'name', 'UTF8'), 'hex') FROM ask('list ' || word('" . to_hex($words{LATIN1}{table}) . "') || ' \"' || word('" . to_hex($words{LATIN1}{value}) . "') || '\"', 'client')"),
	to_hex('K\xc3\xb6ln'), 'LATIN1: a client that reads UTF-8');

# What a writer could not do is said in whole letters, and in those of who asks:
# a cause that is too long, in its own database, in another one and to a client.
for my $database (qw(utf8 latin1))
{
	my $letter = "word('" . to_hex($database eq 'utf8' ? '\xc3\xa4' : '\xe4') . "')";
	$node->safe_psql($database, <<SQL);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
	\$\$ BEGIN RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = repeat($letter, 400); END \$\$;
ALTER FUNCTION refuse() SET search_path = public;
CREATE TRIGGER refuse BEFORE INSERT ON analytics_llm.request FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE analytics_llm.request ENABLE ALWAYS TRIGGER refuse;
SQL
	$node->safe_psql($database, "SELECT error_code FROM ask('how many zork', 'refused')");
}
for ([ 'utf8', 'utf8', 127, 0 ], [ 'utf8', 'latin1', 0, 255 ], [ 'latin1', 'latin1', 255, 0 ], [ 'latin1', 'utf8', 0, 254 ])
{
	my ($where, $of, $letters, $marks) = @$_;
	ok($node->poll_query_until($where, "SELECT count(*) = 1 FROM llm_status() WHERE component = 'writer' AND name = '$of' AND detail ->> 'last_error' IS NOT NULL"), "$of: a writer has a cause");
	is( $node->safe_psql($where, "SET client_encoding = 'LATIN1'; SELECT length(replace(e, '?', '')), length(e) - length(replace(e, '?', '')), octet_length(convert_to(e, 'LATIN1')) FROM (SELECT detail ->> 'last_error' FROM llm_status() WHERE component = 'writer' AND name = '$of') AS s(e)"),
		"$letters|$marks|" . ($letters + $marks), "as seen from $where");
}
$node->safe_psql($_, 'DROP TRIGGER refuse ON analytics_llm.request; SELECT llm_flush()') for qw(utf8 latin1);

$node->stop;
figure_all_passed('encodings');
done_testing();

# "a\xe4" to "61e4".
sub to_hex
{
	my ($text) = @_;
	$text =~ s/\\x([0-9a-f]{2})/chr hex $1/ge;
	return unpack 'H*', $text;
}
