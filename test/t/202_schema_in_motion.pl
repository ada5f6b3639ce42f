# Questions while somebody makes, drops and renames tables, schemas, types and
# grants: none fails for it, and none crashes the server.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $rounds = 60;

my $node = PostgreSQL::Test::Cluster->new('motion');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
fsync = off
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE ROLE analyst LOGIN;
CREATE ROLE other;
CREATE TABLE parts (part_id int PRIMARY KEY, weight int NOT NULL);
INSERT INTO parts SELECT i, i FROM generate_series(1, 10) AS i;
GRANT SELECT ON parts TO analyst;
-- Enough of them that reading the catalogs takes a while.
DO $$
BEGIN
	FOR i IN 1..300 LOOP
		EXECUTE format('CREATE TABLE t%s (a int, b text)', i);
		EXECUTE format('GRANT SELECT (a) ON t%s TO PUBLIC', i);
	END LOOP;
END
$$;
SQL

# A job that builds a schema anew again and again.  Commands are transactions.
my $motion = $node->basedir . '/motion.sql';
append_to_file($motion, <<'SQL' x $rounds);
DROP SCHEMA IF EXISTS stage CASCADE;
CREATE SCHEMA stage;
GRANT USAGE ON SCHEMA stage TO PUBLIC;
CREATE TYPE stage.size AS ENUM ('small', 'large');
CREATE DOMAIN stage.weight AS int CHECK (VALUE > 0);
CREATE TABLE stage.loads (load_id int PRIMARY KEY, size stage.size, weight stage.weight);
CREATE TABLE stage.items (item_id int PRIMARY KEY, load_id int REFERENCES stage.loads);
GRANT SELECT ON ALL TABLES IN SCHEMA stage TO PUBLIC;
CREATE VIEW stage.heavy AS SELECT * FROM stage.loads WHERE weight > 5;
GRANT SELECT (load_id) ON stage.heavy TO PUBLIC;
ALTER TABLE stage.items RENAME TO things;
ALTER TABLE stage.things ADD COLUMN note text;
DROP VIEW stage.heavy;
ALTER TABLE stage.loads DROP COLUMN size;
DROP TYPE stage.size;
REVOKE SELECT ON stage.things FROM PUBLIC;
GRANT other TO analyst;
REVOKE other FROM analyst;
SQL
my ($said, $complained) = ('', '');
my $job = IPC::Run::start(
	[ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-f', $motion, '-v', 'ON_ERROR_STOP=1' ],
	'>', \$said, '2>', \$complained);

# Meanwhile, questions: about a table that stands still, and suggestions.
my $questions = join "\n", 'SET client_min_messages = error;', 'SET search_path = stage, public;',
	("SELECT llm_ask('how many parts');", "SELECT count(*) < 0 FROM llm_suggest(20);") x 100;
my ($answered, $wrong, $failed, $batches) = (0, 0, '', 0);
do
{
	my ($rc, $out, $err) = $node->psql('postgres', $questions,
		on_error_stop => 0, extra_params => [ '-U', 'analyst' ]);
	$answered += () = $out =~ /^\{"number_of_parts":10\}$/mg;
	$wrong += () = $out =~ /^(?!\{"number_of_parts":10\}$|f$).+$/mg;
	$failed .= $err;
	$batches++;
	$job->pump_nb;
} while ($job->pumpable && $batches < 100);
$job->finish;
unlike($complained, qr/ERROR/, 'the job was not disturbed');
is($failed, '', 'no question failed');
is($answered, 100 * $batches, "each of the questions was answered ($batches times 100)");
is($wrong, 0, 'and answered right');

# A question about what moves has an answer or a reason, and never another
# table's rows.
$said = $complained = '';
$job = IPC::Run::start(
	[ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-f', $motion, '-v', 'ON_ERROR_STOP=1' ],
	'>', \$said, '2>', \$complained);
my %codes;
$batches = 0;
do
{
	my ($rc, $out, $err) = $node->psql('postgres', join("\n",
			'SET search_path = stage, public;',
			("SELECT COALESCE(error_code, rows::text) FROM llm_answer('how many loads');") x 50),
		on_error_stop => 0, extra_params => [ '-U', 'analyst' ]);
	$codes{$_}++ for split /\n/, $out . $err;
	$batches++;
	$job->pump_nb;
} while ($job->pumpable && $batches < 100);
$job->finish;
is(join(' ', grep { !/^(LLM01|LLM08|\[\{"number_of_loads":0\}\])$/ } sort keys %codes), '',
	'a table that comes and goes: rows, LLM01 or LLM08');
unlike($complained, qr/ERROR/, 'the job was not disturbed by that either');

# The server has not crashed meanwhile, and nothing was lost.
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'no crash');
is( $node->safe_psql('postgres', "SELECT detail ->> 'printed_to_server_log' FROM llm_status() WHERE component = 'queue'"),
	'0', 'all records went to their tables');

# Right after the last change, the first question knows it.
$node->safe_psql('postgres', 'CREATE TABLE crates (crate_id int PRIMARY KEY); GRANT SELECT ON crates TO analyst');
my $session = $node->background_psql('postgres', extra_params => [ '-U', 'analyst' ], on_error_stop => 0);
$session->query_safe('SET client_min_messages = warning');
is($session->query_safe("SELECT llm_ask('how many crates')"), '{"number_of_crates":0}', 'a table');
for my $change (
	[ 'ALTER TABLE crates RENAME TO pallets', 'LLM08', 'renamed' ],
	[ 'ALTER TABLE pallets RENAME TO crates', undef, 'renamed back' ],
	[ 'REVOKE SELECT ON crates FROM analyst', 'LLM08', 'revoked' ],
	[ 'GRANT SELECT ON crates TO other', 'LLM08', 'granted to a role that it is no member of' ],
	[ 'GRANT other TO analyst', undef, 'made a member' ],
	[ 'REVOKE other FROM analyst', 'LLM08', 'a member no more' ],
	[ 'GRANT SELECT (crate_id) ON crates TO analyst', undef, 'granted a column' ],
	[ 'ALTER TABLE crates SET SCHEMA stage', 'LLM08', 'moved to a schema that is not searched' ],
	[ 'ALTER ROLE analyst SET search_path = stage', 'LLM08', 'a setting of the role, which the session does not have yet' ],
	[ 'ALTER TABLE stage.crates SET SCHEMA public', undef, 'moved back' ],
	[ 'ALTER ROLE analyst NOINHERIT', undef, 'a role changed' ],
	[ 'DROP TABLE crates', 'LLM08', 'dropped' ])
{
	my ($sql, $code, $name) = @$change;
	$node->safe_psql('postgres', $sql);
	is( $session->query_safe("SELECT COALESCE(error_code, rows::text) FROM llm_answer('how many crates')"),
		$code // '[{"number_of_crates":0}]', "at once: $name");
}
$session->quit;

$node->stop;
figure_all_passed('schema_in_motion');
done_testing();
