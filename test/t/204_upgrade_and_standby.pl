# pg_upgrade keeps definitions and records, whose owners still see them; a
# dump that goes to a cluster with other role OIDs shows nobody another's
# records.  A standby answers under every setting, and lets nothing be written.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $old = PostgreSQL::Test::Cluster->new('old');
$old->init(allows_streaming => 1);
$old->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\nfsync = off");
$old->start;
$old->safe_psql('postgres', 'CREATE ROLE filler; CREATE ROLE analyst LOGIN; CREATE ROLE seller LOGIN');
$old->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE TABLE parts (part_id int PRIMARY KEY, name text NOT NULL);
INSERT INTO parts VALUES (1, 'bolt'), (2, 'nut');
ANALYZE parts;
GRANT SELECT ON parts TO PUBLIC;
INSERT INTO analytics_llm.example (name, question, sql) VALUES ('first', 'what comes first', 'SELECT min(name) AS first FROM parts');
SQL

# Runs statements as a role; what was said, or what was raised.
sub as_role
{
	my ($node, $role, $sql) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', $sql, extra_params => [ '-U', $role ]);
	return $rc == 0 ? $out : $err;
}

as_role($old, $_, "SELECT llm_ask('how many parts', '{\"feature\": \"of $_\"}'); SELECT llm_flush()") for qw(analyst seller);
my $mine = "SELECT string_agg(feature, ',') FROM analytics_llm.request";
is(as_role($old, 'analyst', $mine), 'of analyst', 'a role sees its own records');

# A standby: the same answers, also with what would make a schema or a file.
$old->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($old, 'base', has_streaming => 1);
$standby->start;
is(as_role($standby, 'analyst', "SELECT llm_ask('what comes first')"), '{"first":"bolt"}', 'standby: a definition');
is(as_role($standby, 'analyst', "SET search_path = pg_temp, public; SELECT llm_ask('how many parts')"),
	'{"number_of_parts":2}', 'standby: a search path that begins with pg_temp');
is(as_role($standby, 'analyst', "SELECT row_count FROM llm_answer('list parts \"nut\"')"), '1', 'standby: a value is looked up');
is(as_role($standby, 'analyst', "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT llm_ask('how many parts'); COMMIT"),
	'{"number_of_parts":2}', 'standby: REPEATABLE READ');
is(as_role($standby, 'analyst', 'SELECT count(*) > 0 FROM llm_suggest(3)'), 't', 'standby: suggestions');
is(as_role($standby, 'analyst', "SELECT code FROM llm_check('DELETE FROM parts')"), 'policy_statement', 'standby: llm_check');
is(as_role($standby, 'analyst', $mine), 'of analyst', 'standby: records, by role');
is(as_role($standby, 'postgres', "SELECT state FROM llm_status() WHERE name = 'launcher'"), 'idle', 'standby: no launcher is missed')
  if $standby->safe_psql('postgres', "SELECT 1 FROM pg_roles WHERE rolname = 'postgres'");

# What the primary changes, the standby's sessions see at once.
my $session = $standby->background_psql('postgres', on_error_stop => 0);
is($session->query_safe("SELECT llm_ask('how many parts')"), '{"number_of_parts":2}', 'standby: before');
$old->safe_psql('postgres', 'ALTER TABLE parts RENAME TO bolts; INSERT INTO bolts VALUES (3, \'washer\')');
$old->wait_for_catchup($standby);
is($session->query_safe("SELECT llm_ask('how many bolts')"), '{"number_of_bolts":3}', 'standby: after DDL on the primary');
is($session->query_safe("SELECT error_code FROM llm_answer('how many parts')"), 'LLM08', 'standby: the old name is gone');
$standby->promote;
is($session->query_safe("SELECT llm_ask('how many bolts', '{\"feature\": \"promoted\"}')"), '{"number_of_bolts":3}', 'a session of the standby goes on after promotion');
# It says once that the records from before are in the server log.
$session->query('SELECT llm_flush()');
like($session->{stderr}, qr/WARNING:  \d+ records of this session went to the server log/, 'llm_flush says where the records from before are');
$session->{stderr} = '';
is($session->query_safe("SELECT count(*) FROM analytics_llm.request WHERE feature = 'promoted'"), '1', 'and its records are written from then on');
$session->quit;
$standby->stop;
$old->safe_psql('postgres', 'ALTER TABLE bolts RENAME TO parts; DELETE FROM parts WHERE part_id = 3');

# A dump into a cluster where the same OID is another role's.
my $dump = $old->basedir . '/dump.sql';
$old->command_ok([ 'pg_dump', '-f', $dump, '-d', $old->connstr('postgres') ], 'pg_dump');
my $else = PostgreSQL::Test::Cluster->new('elsewhere');
$else->init;
$else->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'");
$else->start;
# The first two roles of the new cluster, in another order.
$else->safe_psql('postgres', 'CREATE ROLE filler; CREATE ROLE seller LOGIN; CREATE ROLE analyst LOGIN');
$else->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, '-d', $else->connstr('postgres') ], 'restored elsewhere');
is(as_role($else, $_, $mine), '', "elsewhere: $_ sees no record of a role that is not the same") for qw(analyst seller);
is( $else->safe_psql('postgres', "SELECT string_agg(feature, ',' ORDER BY feature) FROM analytics_llm.request"),
	'of analyst,of seller', 'elsewhere: the records are there');
is(as_role($else, 'analyst', "SELECT llm_ask('what comes first')"), '{"first":"bolt"}', 'elsewhere: definitions answer');
$else->stop;

# pg_upgrade, from this version to itself: what counts is what it refuses.
$old->stop;
my $new = PostgreSQL::Test::Cluster->new('new');
$new->init;
$new->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\nfsync = off");
chomp(my $bindir = qx(dirname "\$(command -v initdb)"));
my ($here) = ($new->basedir);
chdir $here or die "cannot change to $here: $!";
command_ok(
	[ 'pg_upgrade', '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir, '-b', $bindir, '-B', $bindir,
		'-s', $new->host, '-p', $old->port, '-P', $new->port ],
	'pg_upgrade');
$new->start;
is(as_role($new, 'analyst', "SELECT llm_ask('what comes first')"), '{"first":"bolt"}', 'upgraded: definitions answer');
is(as_role($new, 'analyst', $mine), 'of analyst', 'upgraded: a role sees its own records');
is( as_role($new, 'analyst', "SELECT llm_ask('how many parts', '{\"feature\": \"after\"}'); SELECT llm_flush(); $mine WHERE feature = 'after'"),
	"{\"number_of_parts\":2}\n\nafter", 'upgraded: and new ones are written');
is( $new->safe_psql('postgres', "INSERT INTO analytics_llm.example (name, question, sql) VALUES ('last', 'what comes last', 'SELECT max(name) AS last FROM parts'); SELECT status FROM analytics_llm.example WHERE name = 'last'"),
	'ok', 'upgraded: and definitions checked');
$new->stop;

figure_all_passed('upgrade_and_standby');
done_testing();
