# Keys of model servers: whose is used, which files are taken, and that a key
# is in no message and in no log.  And: what a DBA configured survives a dump.
use strict;
use warnings;
use JSON::PP;
use ModelProbe;
use ModelStub;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('keys');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\nlog_min_messages = debug1\n");
$node->start;
my $stub = ModelStub->new;
$node->safe_psql('postgres', 'CREATE EXTENSION analytics_llm');
my $probe = ModelProbe->load($node);
my $http = $stub->http;
$node->safe_psql('postgres', qq{
	CREATE SERVER anthropic FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic', endpoint '$http');
	CREATE FOREIGN DATA WRAPPER other;
	CREATE SERVER other FOREIGN DATA WRAPPER other OPTIONS (api 'anthropic');
	CREATE ROLE analyst LOGIN;
	CREATE ROLE bi LOGIN;
});

sub access
{
	my ($role, $server) = @_;
	return decode_json($node->safe_psql('postgres',
			"SET ROLE $role; SELECT probe_access('" . ($server || 'anthropic') . "')"));
}
is(access('analyst', 'nowhere')->{access}, 'no_server', 'a server that is not there');
is(access('analyst', 'other')->{access}, 'no_server', 'a server of another wrapper');
is(access('analyst')->{access}, 'no_usage', 'no USAGE');
$node->safe_psql('postgres', 'GRANT USAGE ON FOREIGN SERVER anthropic TO analyst, bi');
is(access('analyst')->{access}, 'no_key', 'no mapping');
$node->safe_psql('postgres', q{
	CREATE USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS (api_key 'sk-secret-of-all');
	CREATE USER MAPPING FOR analyst SERVER anthropic OPTIONS (api_key 'sk-secret-of-analyst')});
is(access('analyst')->{key_length}, 20, 'the key of the role');
is(access('bi')->{key_length}, 16, 'else that of all');
$node->safe_psql('postgres', 'REVOKE USAGE ON FOREIGN SERVER anthropic FROM bi');
is(access('bi')->{access}, 'no_usage', 'a key for all does not replace USAGE');
$node->safe_psql('postgres', 'GRANT USAGE ON FOREIGN SERVER anthropic TO bi');

# The errors that a person meets.
my $model = ModelProbe::literal('{"name":"claude-opus-4-7","family":"claude-4-7"}');
my ($ret, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSET ROLE bi; SELECT probe_call('nowhere', $model, 'q')");
like($err, qr/LLM05: role "bi" has no key for server "nowhere"\nDETAIL:  Server "nowhere" of foreign-data wrapper "llm_provider" does not exist\.\nHINT:  Create it with: CREATE SERVER nowhere FOREIGN DATA WRAPPER llm_provider/, 'error: no server');
$node->safe_psql('postgres', 'REVOKE USAGE ON FOREIGN SERVER anthropic FROM bi');
($ret, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSET ROLE bi; SELECT probe_call('anthropic', $model, 'q')");
like($err, qr/LLM05: role "bi" may not use server "anthropic".*GRANT USAGE ON FOREIGN SERVER anthropic TO bi/s, 'error: no USAGE');
$node->safe_psql('postgres', 'GRANT USAGE ON FOREIGN SERVER anthropic TO bi');

# Which key files are taken.
my $file = PostgreSQL::Test::Utils::tempdir() . '/key';
my $key = 'sk-secret-in-a-file';
$node->safe_psql('postgres', "DROP USER MAPPING FOR PUBLIC SERVER anthropic;"
	  . "CREATE USER MAPPING FOR bi SERVER anthropic OPTIONS (api_key_file '$file')");
is(access('bi')->{access}, 'bad_key_file', 'no file');
my @files = (
	[ 'a key and a line end', "$key\n", 0600, 'ok' ],
	[ 'blanks around', " \t$key \r\n\n", 0400, 'ok' ],
	[ 'readable by the group', $key, 0640, 'bad_key_file' ],
	[ 'readable by all', $key, 0604, 'bad_key_file' ],
	[ 'empty', '', 0600, 'bad_key_file' ],
	[ 'nothing but blanks', " \n\n", 0600, 'bad_key_file' ],
	[ 'two lines', "$key\n$key\n", 0600, 'bad_key_file' ],
	[ 'a control byte', "$key\x01", 0600, 'bad_key_file' ],
	[ 'a NUL', "$key\0x", 0600, 'bad_key_file' ],
	[ 'not ASCII', "$key\xe9", 0600, 'bad_key_file' ],
	[ 'far too long', 'k' x 100000, 0600, 'bad_key_file' ],
	[ 'as long as can be', 'k' x 4096, 0600, 'ok' ],
	[ 'one more', 'k' x 4097, 0600, 'bad_key_file' ],
);
for (@files)
{
	my ($name, $content, $mode, $expected) = @$_;
	unlink $file;
	open my $fh, '>:raw', $file or die $!;
	print $fh $content;
	close $fh;
	chmod $mode, $file;
	is(access('bi')->{access}, $expected, "key file: $name");
}
unlink $file;
mkdir $file;
is(access('bi')->{access}, 'bad_key_file', 'key file: a directory');
rmdir $file;
system('mkfifo', '-m', '600', $file);
is(access('bi')->{access}, 'bad_key_file', 'key file: a pipe that nobody writes to');
($ret, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSET ROLE bi; SELECT probe_call('anthropic', $model, 'q')");
like($err, qr/LLM05: key file of role "bi" for server "anthropic" cannot be used/, 'error: key file');
unlike($err, qr/\Q$file\E/, 'the asker does not learn where it is');
unlink $file;

# A file that changes is read anew.
append_to_file($file, "$key\n");
chmod 0600, $file;
$stub->reset;
my $call = "SET ROLE bi; SELECT probe_call('anthropic', $model, 'q')";
is(decode_json($node->safe_psql('postgres', $call))->{failure}, 'ok', 'a call with the key of a file');
is((($stub->requests)[0]{headers}{'x-api-key'}{length}), length $key, 'and with that key');

# No key is in any log, whatever goes wrong.
$stub->reset;
$stub->script({ do => 'error', status => 401, message => 'invalid x-api-key' }, { do => 'read_close' },
	{ do => 'garbage' }, { do => 'stall' });
$node->safe_psql('postgres', $call) for 1 .. 3;
$node->psql('postgres', "SET statement_timeout = 200; $call");
for my $option (q{api_key E'sk-secret\nbad'}, q{api_key 'sk-secret', colour 'red'}, q{api_key 'sk-secret', api_key_file '/x'}, q{api_key_file 'sk-secret'})
{
	($ret, $out, $err) = $node->psql('postgres', "CREATE USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS ($option)");
	isnt($ret, 0, "refused: $option");
	unlike($err =~ s/^LINE.*//mr, qr/sk-secret/, 'and not quoted');
}
$node->stop;
unlike(slurp_file($node->logfile), qr/sk-secret-in|STATEMENT:[^\n]*sk-secret/, 'no key in the server log');
$node->start;

# What a DBA changed survives a dump and a restore; what the extension brings
# does not stand in the way.
$node->safe_psql('postgres', q{
	CREATE DATABASE source; CREATE DATABASE target});
$node->safe_psql('source', q{
	CREATE EXTENSION analytics_llm;
	UPDATE analytics_llm.model SET enabled = false WHERE name = 'claude-opus-4-7';
	INSERT INTO analytics_llm.model (name, server, family, context_tokens) VALUES ('a-local-model', 'local', 'plain', 32000);
	UPDATE analytics_llm.tier SET model = 'a-local-model', timeout_ms = 9000 WHERE tier = 2;
	INSERT INTO analytics_llm.price (model, input, output, cache_write_5m, cache_write_1h, cache_read) VALUES ('a-local-model', 0, 0, 0, 0, 0);
	UPDATE analytics_llm.price SET input = 7 WHERE model = 'claude-opus-4-7'});
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('source') ], 'dump');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('target'), $dump ], 'restore');
for my $table (qw(model price tier))
{
	my $rows = "SELECT t::text FROM analytics_llm.$table t ORDER BY 1";
	is($node->safe_psql('target', $rows), $node->safe_psql('source', $rows), "$table is the same");
}

$stub->stop;
$node->stop;
done_testing();
