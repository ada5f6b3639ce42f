# A role with SELECT on one table sees no other name anywhere: not in an
# answer, a finding, a suggestion, a status line, a log row or an error.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $node = PostgreSQL::Test::Cluster->new('hidden');
$node->init;
# What would be sent is looked at; nothing is.
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\nanalytics_llm.model_calls = off\n");
$node->start;

my $setup = <<'SQL';
CREATE EXTENSION analytics_llm;
CREATE ROLE reader LOGIN;
CREATE TABLE item (item_id int PRIMARY KEY, label text NOT NULL,
	zzsecret_margin numeric, amount int NOT NULL);
INSERT INTO item SELECT i, 'label ' || i % 3, i, i FROM generate_series(1, 30) AS i;
GRANT SELECT (item_id, label, amount) ON item TO reader;
CREATE TABLE plain (plain_id int PRIMARY KEY, item_id int REFERENCES item, note text);
GRANT SELECT ON plain TO reader;
INSERT INTO plain SELECT i, i, 'note' FROM generate_series(1, 30) AS i;
CREATE SCHEMA zzsecret_schema;
CREATE TABLE zzsecret_schema.inner_table (a int);
CREATE SCHEMA open_schema;
GRANT USAGE ON SCHEMA open_schema TO reader;
CREATE TABLE open_schema.zzsecret_open (a int);
CREATE TYPE zzsecret_enum AS ENUM ('zzsecret_one', 'zzsecret_two');
CREATE VIEW zzsecret_view AS SELECT * FROM item;
CREATE MATERIALIZED VIEW zzsecret_matview AS SELECT 1 AS a;
CREATE FUNCTION zzsecret_function(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
REVOKE ALL ON FUNCTION zzsecret_function(int) FROM PUBLIC;
CREATE SERVER anthropic FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic');
CREATE USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS (api_key 'zzsecret-key');
GRANT USAGE ON FOREIGN SERVER anthropic TO reader;
CREATE TABLE item_parent (a int) PARTITION BY RANGE (a);
CREATE TABLE zzsecret_partition PARTITION OF item_parent DEFAULT;
SQL
$setup .= join "\n", map {
	"CREATE TABLE zzsecret_$_ (zzsecret_id int PRIMARY KEY, zzsecret_amount$_ numeric, item_id int REFERENCES item);"
	. "COMMENT ON TABLE zzsecret_$_ IS 'zzsecret comment';"
} 1 .. 20;
$node->safe_psql('postgres', $setup);
$node->safe_psql('postgres', 'ANALYZE');

my @questions = (
	'how many item', 'amount by label', 'total amount', 'churn by cohort',
	'total zzs ecret amount', 'how many z z secret', 'margin by label',
	'top 3 label by amount', 'how many plain', 'plain by item',
	'secret amount by item', 'how many inner table', 'count of open',
	'how many item in zz', 'amount in label 1', 'matview by view',
	'how many partition', 'note by label', "amount by label'; SELECT 1 --");
my @queries = (
	'SELECT * FROM item', 'SELECT item FROM item', 'SELECT i FROM item i',
	'SELECT i.* FROM item i', 'SELECT count(item) FROM item',
	'SELECT label FROM item GROUP BY item_id', 'SELECT * FROM item GROUP BY label',
	'SELECT margin FROM item', 'SELECT zzsecre FROM item', 'SELECT secret_margin FROM item',
	'SELECT zz_secret_margin FROM item', 'SELECT i.amoun FROM item i',
	'SELECT * FROM item NATURAL JOIN plain', 'SELECT * FROM plain JOIN item USING (item_id)',
	'SELECT * FROM plain JOIN item USING (label)', 'SELECT * FROM zz', 'SELECT * FROM secret_1',
	'SELECT * FROM zz_secret_1', 'SELECT * FROM zsecret_1', 'SELECT * FROM item_paren',
	'SELECT * FROM item_parent', 'SELECT * FROM secret_schema.inner_table',
	'SELECT * FROM open_schema.secret_open', 'SELECT * FROM open_schema.x', 'SELECT function(1)',
	'SELECT zsecret_function(1)', "SELECT 'x'::zsecret_enum", "SELECT 'x'::secret_enum",
	'SELECT (item).zz FROM item', 'SELECT (i).* FROM item i', 'SELECT row_to_json(item) FROM item',
	'SELECT to_jsonb(i) FROM item i', 'SELECT i::text FROM item i', 'TABLE item',
	'SELECT * FROM (SELECT * FROM item) q', 'WITH w AS (TABLE item) SELECT * FROM w',
	'SELECT 1 FROM item WHERE item IS NOT NULL', 'SELECT max(item) FROM item',
	'SELECT x.y FROM item', 'SELECT item.y FROM item', 'SELECT y FROM item, plain',
	'SELECT item_id FROM item, plain', 'SELECT * FROM pg_class', 'SELECT * FROM pg_catalog.pg_attribute',
	'SELECT * FROM information_schema.columns', "SELECT 'item'::regclass", "SELECT to_regclass('x')",
	"SELECT has_table_privilege('x', 'select')", "SELECT table_to_xml('item', true, true, '')",
	"SELECT query_to_xml('select 1', true, true, '')", 'SELECT * FROM analytics_llm.example',
	'SELECT pg_get_viewdef(1)', 'SELECT obj_description(1)', 'SELECT col_description(1, 1)',
	'SELECT jsonb_populate_record(NULL::item, NULL)', 'SELECT ROW(1, 2)::item', 'SELECT NULL::item',
	"SELECT '(1,2,3,4)'::item", 'SELECT * FROM json_populate_record(NULL::item, NULL)',
	'SELECT 1 +', 'DELETE FROM item', 'SELECT 1; SELECT 2', 'SELECT label, sum(amount) FROM item',
	'SELECT * FROM item ORDER BY zz', 'SELECT amount/0 FROM item', 'SELECT label::int FROM item');

my $script = "\\set ON_ERROR_STOP 0\n\\set VERBOSITY verbose\n";
sub literal { my $s = shift; $s =~ s/'/''/g; return "'$s'"; }
for my $q (@questions)
{
	my $l = literal($q);
	$script .= "SELECT llm_ask($l);\nSELECT llm_answer($l);\nSELECT llm_sql($l);\n";
	$script .= "SELECT llm_ask($l, '{\"tier\": 3, \"row_limit\": 1}');\n";
	$script .= "SELECT * FROM llm_prompt($l);\n";
}
for my $q (@queries)
{
	my $l = literal($q);
	$script .= "SELECT * FROM llm_check($l);\nSELECT llm_ask($l);\n";
}
$script .= "SELECT llm_suggest(100);\nSELECT * FROM llm_status();\nSELECT llm_flush();\n";
$script .= "SELECT * FROM analytics_llm.$_;\n" for qw(request log log_json span example);

my ($out, $err) = ('', '');
$node->psql('postgres', $script, stdout => \$out, stderr => \$err,
	extra_params => [ '-U', 'reader' ], on_error_stop => 0);
my $all = "$out\n$err";

# What a role writes itself is echoed: no probe may contain the hidden word.
my @typed = grep { /zzsecret/ } @questions, @queries;
is(scalar @typed, 0, 'no probe contains the hidden word itself');
my @leaks = grep { /zzsecret/i } split /\n/, $all;
figure_at_most('hidden_names_seen', scalar @leaks, 'lines', 0)
  or diag join "\n", @leaks[ 0 .. ($#leaks > 9 ? 9 : $#leaks) ];

# The test would see one: the superuser meets them.
my ($rc, $sout, $serr) = $node->psql('postgres', "SELECT llm_suggest(100);\nSELECT * FROM llm_check('SELECT zzsecre_margin FROM item');");
like("$sout$serr", qr/zzsecret/, 'a superuser is shown the names');
like($all, qr/CREATE TABLE item \(/, 'the role is shown what would be sent to a model');
like($node->safe_psql('postgres', "SELECT * FROM llm_prompt('how many item')"), qr/zzsecret_margin/,
	'a superuser is shown the names there, too');

# And the role does get answers.
is( $node->safe_psql('postgres', "SELECT llm_ask('how many item')", extra_params => [ '-U', 'reader' ]),
	'{"number_of_item":30}', 'what the role may read is answered');

$node->stop;
done_testing();
