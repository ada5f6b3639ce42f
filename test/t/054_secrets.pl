# Keys and rights: a key is seen nowhere, whatever goes wrong with a call; whose
# key is used is the current role's; and a role that may not spend money makes
# no call.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('secrets', "log_statement = none\nlog_min_messages = debug1\nlog_error_verbosity = verbose\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
my ($primary, $secondary) = ($Tiers::PRIMARY, $Tiers::SECONDARY);
my ($understood, $not_understood) = ($Tiers::UNDERSTOOD, $Tiers::NOT_UNDERSTOOD);
my $good = { sql => $Tiers::REVENUE };
$tiers->tier(0, max_retries => 0, timeout_ms => 1000);

# One key in a mapping, one in a file: both models fail and answer in turn.
my %key = (mapping => 'zzkey-in-a-mapping-0123456789', file => 'zzkey-in-a-file-9876543210');
my $file = PostgreSQL::Test::Utils::tempdir() . '/key';
append_to_file($file, "$key{file}\n");
chmod 0600, $file;
$node->safe_psql('postgres', sprintf q{
	ALTER USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS (SET api_key '%s');
	CREATE SERVER second FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic', endpoint '%s');
	CREATE USER MAPPING FOR PUBLIC SERVER second OPTIONS (api_key_file '%s');
	UPDATE analytics_llm.model SET server = 'second' WHERE name = '%s'}, $key{mapping}, $stub->http, $file, $secondary);

# What the servers do; some of it quotes the key that was sent, everywhere that
# an answer has a place for it.
my ($seen, %sent) = ('');

sub quoting
{
	my ($k) = @_;
	return ({ do => 'error', status => 401, message => "Incorrect API key provided: $k. Find yours at $k." },
				{ do => 'error', status => 400, type => $k, details => { error_code => $k } },
				{ do => 'error', status => 500, headers => { 'request-id' => $k } },
				{ do => 'html', status => 200, headers => { 'x-echo' => $k } }, { do => 'body', status => 401, text => "bad key $k" },
				{ stop_reason => $k }, { %$good, model => $k }, { sql => "SELECT '$k' AS k" }, { sql => "SELECT $k FROM sales" },
				{ %$good, assumptions => ["The key is $k."] }, { text => $k }, { do => 'redirect', location => "/$k" });
}
my @faults = (
	(map { { do => 'error', status => $_ } } 400, 401, 402, 403, 404, 413, 429, 500, 529),
	{ do => 'stall' }, { stall_ms => 60000 }, { do => 'garbage' }, { do => 'html' }, { do => 'reset' }, { do => 'read_close' },
	{ cut => 60 }, { stop_reason => 'refusal' }, { text => '{' }, { sql => 'DELETE FROM sales' }, $good);
my @quoting = map { [ quoting($_) ] } @key{qw(mapping file)};
for my $steps ((map { [ $_, $_ ] } @faults), map { [ $quoting[0][$_], $quoting[1][$_] ] } 0 .. $#{ $quoting[0] })
{
	for my $question ($understood, $not_understood)
	{
		$tiers->models($primary => $steps->[0], $secondary => $steps->[1]);
		my ($out, $err) = ('', '');
		$node->psql('postgres', <<"SQL", stdout => \$out, stderr => \$err, on_error_stop => 0);
\\set VERBOSITY verbose
SET client_min_messages = debug1;
SELECT llm_ask('$question');
SELECT llm_answer('$question');
SQL
		$seen .= "$out\n$err\n";
		$sent{ $_->{body}{model} }{ $_->{headers}{'x-api-key'}{sha256} } = 1 for $stub->requests;
	}
}
is_deeply(\%sent, { $primary => { sha256_hex($key{mapping}) => 1 }, $secondary => { sha256_hex($key{file}) => 1 } },
	'each key was sent to its server');

# A call that hangs, seen from another session; and one that is cancelled.
$tiers->models($primary => { do => 'stall' });
my $session = $tiers->start([ q{SET statement_timeout = '900ms'}, "SELECT llm_ask('$not_understood')" ]);
$stub->wait_for(requests => 1);
$seen .= $node->safe_psql('postgres', 'SELECT * FROM pg_stat_activity; SELECT * FROM pg_locks');
$seen .= join '', $tiers->finish($session);

# All that can be read, by a superuser, but for the catalog of mappings itself;
# and what the mapping's own errors say.
my ($out, $err) = ('', '');
$node->psql('postgres', <<"SQL", stdout => \$out, stderr => \$err, on_error_stop => 0);
SELECT llm_flush();
SELECT format('TABLE analytics_llm.%I', relname) FROM pg_class WHERE relnamespace = 'analytics_llm'::regnamespace AND relkind IN ('r', 'v', 'm') \\gexec
SELECT * FROM llm_status();
SELECT * FROM llm_prompt('$not_understood');
SELECT * FROM pg_settings;
SELECT * FROM pg_file_settings;
SELECT * FROM pg_backend_memory_contexts;
SELECT * FROM pg_foreign_server;
CREATE USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS (api_key '$key{mapping}');
ALTER USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS (SET api_key '$key{mapping}', ADD colour 'red');
SQL
$seen .= "$out\n$err\n";
cmp_ok(length $seen, '>', 100_000, 'there was much to see');
$node->safe_psql('postgres', 'SELECT llm_flush()');

# The last two statements are quoted to the client who wrote them, and nobody
# else: their own lines are left out.
my @lines = grep { !/^LINE \d+:|^(?:CREATE|ALTER) USER MAPPING/ } split /\n/, $seen;
my @log = grep { /zzkey/ } split /\n/, slurp_file($node->logfile);
# The rule of the core: a statement that fails for the core's own reasons is
# logged as it is.  Ours are hidden.
@log = grep { !/STATEMENT:  CREATE USER MAPPING FOR PUBLIC/ } @log;
my @leaks = (@log, grep { /zzkey/ } @lines);
figure_at_most('key_seen', scalar @leaks, 'lines', 0)
  or diag join "\n", map { substr $_, 0, 300 } @leaks[ 0 .. ($#leaks > 9 ? 9 : $#leaks) ];

# Rights.  analyst may call with a key of its own; bi may call, and has none;
# guest may not call.
$node->safe_psql('postgres', q{
	DROP USER MAPPING FOR PUBLIC SERVER anthropic;
	CREATE ROLE analyst LOGIN;
	CREATE ROLE bi LOGIN;
	CREATE ROLE guest LOGIN;
	GRANT SELECT ON sales, regions TO analyst, bi, guest;
	GRANT USAGE ON FOREIGN SERVER anthropic TO analyst, bi;
	CREATE USER MAPPING FOR analyst SERVER anthropic OPTIONS (api_key 'key-of-the-analyst');
	UPDATE analytics_llm.tier SET enabled = false WHERE tier = 2;
	CREATE FUNCTION ask_as_analyst(q text) RETURNS text LANGUAGE sql SECURITY DEFINER
		SET search_path = public AS $$ SELECT status || ' ' || coalesce(model, '') FROM llm_answer(q) $$;
	ALTER FUNCTION ask_as_analyst(text) OWNER TO analyst;
	CREATE FUNCTION ask_as_me(q text) RETURNS text LANGUAGE sql
		AS $$ SELECT status || ' ' || coalesce(model, '') FROM llm_answer(q) $$});
my $analyst = sha256_hex('key-of-the-analyst');
$tiers->models($primary => $good);

# Who asks, what must come of it, and whose key was used, if any.
my @askers = (
	[ 'analyst', "SELECT ask_as_me('$not_understood')", "ok $primary", [$analyst] ],
	[ 'bi', "SELECT ask_as_me('$not_understood')", 'degraded ', [] ],
	[ 'guest', "SELECT ask_as_me('$not_understood')", 'degraded ', [] ],
	[ 'guest', "SELECT ask_as_me('$understood')", 'templated semantic', [] ],
	[ 'guest', "SELECT ask_as_analyst('$not_understood')", "ok $primary", [$analyst] ],
	[ 'bi', "SELECT ask_as_analyst('$not_understood')", "ok $primary", [$analyst] ],
	[ 'postgres', "SET ROLE analyst; SELECT ask_as_me('$not_understood')", "ok $primary", [$analyst] ],
	[ 'postgres', "SET ROLE bi; SELECT ask_as_me('$not_understood')", 'degraded ', [] ],
	[ 'postgres', "SELECT ask_as_me('$not_understood')", 'degraded ', [] ],
	[ 'postgres', "SET SESSION AUTHORIZATION guest; SELECT ask_as_me('$not_understood')", 'degraded ', [] ],
);
my $wrong_keys = 0;
for (@askers)
{
	my ($role, $sql, $expected, $keys) = @$_;
	$tiers->models($primary => $good);
	# The test's own superuser may have another name than the role postgres.
	my @as = $role eq 'postgres' ? () : (extra_params => [ '-U', $role ]);
	is($node->safe_psql('postgres', $sql, @as), $expected, "$role: $sql");
	is_deeply([ map { $_->{headers}{'x-api-key'}{sha256} } $stub->requests ], $keys, "$role: whose key")
	  or $wrong_keys++;
}
figure_at_most('calls_without_right_or_key', $wrong_keys, 'of ' . @askers, 0);

# A role that may not call is not told of what it cannot have.
($out, $err) = $tiers->rows($not_understood, setup => 'SET ROLE guest');
like($err, qr/^ERROR:  LLM08: .*\nDETAIL:  Built-in rules: did not understand "churn", "cohort"\.\nHINT:  Questions that work here/m,
	'an answer says nothing of models');
unlike($err, qr/claude|anthropic|key/i, 'really nothing');

# llm_prompt says what is missing: role, server, and how to mend it.
sub prompt_error
{
	my ($role) = @_;
	my ($o, $e) = ('', '');
	$node->psql('postgres', "\\set VERBOSITY verbose\nSET ROLE $role; SELECT * FROM llm_prompt('$not_understood')",
		stdout => \$o, stderr => \$e, on_error_stop => 0);
	$e =~ s/^psql:\S+ |^LOCATION:.*\n?//mg;
	return $e;
}
is(prompt_error('guest'), <<'TEXT', 'llm_prompt without USAGE');
ERROR:  LLM05: role "guest" may not use server "anthropic"
HINT:  Grant it with: GRANT USAGE ON FOREIGN SERVER anthropic TO guest.
TEXT
is(prompt_error('bi'), <<'TEXT', 'llm_prompt without a key');
ERROR:  LLM05: role "bi" has no key for server "anthropic"
HINT:  Create a user mapping for bi with the option api_key_file.
TEXT
is(prompt_error('analyst'), '', 'llm_prompt with a key');
$node->safe_psql('postgres', 'DROP SERVER anthropic CASCADE');
is(prompt_error('analyst'), <<'TEXT', 'llm_prompt without a server');
ERROR:  LLM05: role "analyst" has no key for server "anthropic"
DETAIL:  Server "anthropic" of foreign-data wrapper "llm_provider" does not exist.
HINT:  Create it with: CREATE SERVER anthropic FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic').
TEXT

# A key file that cannot be read is a failure, and no reason to be silent.
$node->safe_psql('postgres', "UPDATE analytics_llm.model SET server = 'second' WHERE name = '$primary'");
chmod 0644, $file;
($out, $err) = $tiers->rows($not_understood);
like($err, qr/^ERROR:  LLM01: .*\nDETAIL:  \Q$primary\E: its key cannot be read\.\n/m, 'a key file that cannot be read');
unlike($err, qr/\Q$file\E/, 'and where it is stays unsaid');

$tiers->stop;
done_testing();
