# What sessions know of a large schema lies in shared memory.  Whoever takes it
# from there sees what it would have read itself: after each change that another
# session made, in a storm of changes, beside transactions that are not over, in a
# role's own rights only.  The oracle is a session that never shares: one that has
# a temporary schema.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Session;

my $node = PostgreSQL::Test::Cluster->new('shared');
$node->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
analytics_llm.model_calls = off
analytics_llm.schema_memory = '4MB'
max_connections = 40
restart_after_crash = on
max_locks_per_transaction = 512
autovacuum = off
fsync = off
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE SERVER anthropic FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic');
CREATE USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS (api_key 'none');
GRANT USAGE ON FOREIGN SERVER anthropic TO PUBLIC;
CREATE SCHEMA big;
CREATE ROLE alone; CREATE ROLE crowd; CREATE ROLE other;
GRANT USAGE ON SCHEMA big TO alone, other;
GRANT SET ON PARAMETER analytics_llm.prompt_schema_tokens TO PUBLIC;
ALTER ROLE ALL SET search_path = big, public;
-- All that a session knows of its schema: the whole of it, the part that is about
-- a question, and what the built-in rules find in it.
CREATE FUNCTION told(tokens int, question text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('analytics_llm.prompt_schema_tokens', tokens::text, true);
	RETURN (SELECT request -> 'system' -> 1 ->> 'text' FROM llm_prompt(question, '{"tier": 2}'));
END
$$;
CREATE FUNCTION ruled(question text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN llm_sql(question, '{"tier": 3}');
EXCEPTION WHEN OTHERS THEN
	RETURN sqlerrm;
END
$$;
CREATE FUNCTION known() RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(E'\n', told(1000000, 'anything'), told(400, 'the amount of parcels by kept letters'), ruled('how many kept'), ruled('how many fresh'),
	                 ruled('number of parcel 7 by day of parcel 7'), ruled('list kept'))
$$;
SQL
$node->safe_psql('postgres', join '', map { "CREATE TABLE big.parcel_$_ (parcel_${_}_id int PRIMARY KEY, day_of_parcel_$_ date, amount numeric, city text);\n" } 1 .. 300);
$node->safe_psql('postgres', "CREATE TABLE big.kept (id int PRIMARY KEY, a text); CREATE TYPE big.mood AS ENUM ('good');"
	  . 'GRANT SELECT ON ALL TABLES IN SCHEMA big TO alone, other');

sub status
{
	my ($field) = @_;
	return $node->safe_psql('postgres', "SELECT detail ->> '$field' FROM llm_status() WHERE component = 'schemas'");
}

# The first session puts it there, the second has it from there.
is(status('snapshots'), 0, 'nobody has asked yet');
my $known = $node->safe_psql('postgres', 'SELECT known()');
is(status('snapshots'), 1, 'what the first one read is shared');
is($node->safe_psql('postgres', 'SELECT known()'), $known, 'the second session knows the same');
my $never = 'CREATE TEMP TABLE t (i int); DROP TABLE t';
is($node->safe_psql('postgres', "$never; SELECT known()"), $known, 'a session with a temporary schema knows the same');
my $own_bytes = "SELECT length(ruled('how many kept')); RESET ROLE; SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name = 'analytics_llm snapshot'";
cmp_ok($node->safe_psql('postgres', $own_bytes) =~ s/^.*\n//r, '<', 16 * 1024, 'who shares it has none of it in its own memory');
cmp_ok($node->safe_psql('postgres', "$never; $own_bytes") =~ s/^.*\n//r, '>', 64 * 1024, 'who does not has all of it');

# One that stays, one that stays and never shares, and new ones.
my $kept = Session->new($node);
my $oracle = Session->new($node);
$oracle->say($never);
$_->say('SET ROLE alone; SELECT known()') for $kept, $oracle;
my @changes = (
	'ALTER TABLE big.kept ADD COLUMN b int',
	'ALTER TABLE big.kept RENAME COLUMN b TO renamed',
	'ALTER TABLE big.kept ALTER COLUMN renamed TYPE numeric(5,2)',
	'ALTER TABLE big.kept ADD COLUMN m big.mood',
	"ALTER TYPE big.mood ADD VALUE 'bad'",
	'ALTER TYPE big.mood RENAME TO temper',
	'CREATE TABLE big.fresh (fresh_id int PRIMARY KEY, kept_id int); GRANT SELECT ON big.fresh TO alone',
	'ALTER TABLE big.fresh ADD FOREIGN KEY (kept_id) REFERENCES big.kept',
	'ALTER TABLE big.fresh DROP CONSTRAINT fresh_kept_id_fkey',
	'CREATE UNIQUE INDEX ON big.kept (a)',
	"COMMENT ON TABLE big.kept IS 'letters of old'",
	"COMMENT ON COLUMN big.kept.a IS 'letters'",
	'ALTER TABLE big.kept SET SCHEMA public',
	'ALTER TABLE public.kept SET SCHEMA big',
	'ALTER SCHEMA big RENAME TO small',
	'ALTER SCHEMA small RENAME TO big',
	'CREATE DOMAIN big.d AS varchar(7); ALTER TABLE big.fresh ADD COLUMN d big.d',
	'CREATE TABLE big.whole (LIKE big.fresh) PARTITION BY LIST (kept_id); GRANT SELECT ON big.whole TO alone; ALTER TABLE big.whole ATTACH PARTITION big.fresh DEFAULT',
	'CREATE TABLE public.kept (i int); GRANT SELECT ON public.kept TO alone',
	'DROP TABLE public.kept, big.whole',
	'REVOKE SELECT ON big.kept FROM alone; GRANT SELECT (id) ON big.kept TO alone',
	'REVOKE SELECT (id) ON big.kept FROM alone',
	'GRANT SELECT ON big.kept TO crowd; GRANT crowd TO alone',
	'REVOKE crowd FROM alone',
	'ALTER ROLE alone SUPERUSER',
	'ALTER ROLE alone NOSUPERUSER',
	'ALTER TABLE big.kept OWNER TO alone',
	'REVOKE USAGE ON SCHEMA big FROM alone',
	'GRANT USAGE ON SCHEMA big TO alone',
	'GRANT pg_read_all_data TO alone',
	'REVOKE pg_read_all_data FROM alone',
	'CREATE TEMP TABLE passing (i int PRIMARY KEY, t text)',
	'BEGIN; DROP TABLE big.kept; ROLLBACK',
	'DO $$ BEGIN FOR i IN 200 .. 299 LOOP EXECUTE format(\'REVOKE SELECT ON big.parcel_%s FROM alone\', i); END LOOP; END $$',
	'DO $$ BEGIN FOR i IN 200 .. 299 LOOP EXECUTE format(\'GRANT SELECT ON big.parcel_%s TO alone\', i); END LOOP; END $$',
	'ANALYZE');
my $same = 0;
my $differs = 0;
my $last = '';
for my $change (@changes)
{
	$node->safe_psql('postgres', $change);
	my $wanted = $oracle->say('SELECT known()');
	my $stays = $kept->say('SELECT known()');
	my $new = $node->safe_psql('postgres', 'SET ROLE alone; SELECT known()') . "\n";
	$same++ if is($stays, $wanted, "one that stays knows as much: $change") & is($new, $wanted, "and a new one: $change");
	$differs++ if $wanted ne $last;
	$last = $wanted;
}
figure_at_least('shared_schemas_right_after_changes', $same, 'of ' . @changes, scalar @changes);
cmp_ok($differs, '>', 25, "most of the changes are to be seen ($differs)");
is(status('snapshots') > 0 && status('bytes') <= status('limit'), 1, 'the memory is not overrun');

# Each role has what it may read: one that may read less, one that may read more.
$node->safe_psql('postgres', 'REVOKE SELECT ON big.parcel_7 FROM other');
my %sees = map { $_ => $node->safe_psql('postgres', "SET ROLE $_; SELECT known() ~ 'parcel_7 '") } qw(alone other);
is("$sees{alone} $sees{other}", 't f', 'a role is never given what another one may read');

# What is not committed is its own transaction's: it sees it, and nobody else does.
my $writer = Session->new($node);
$node->safe_psql('postgres', 'SET ROLE alone; SELECT known()');
$writer->say('BEGIN; CREATE TABLE big.secret (id int); GRANT SELECT ON big.secret TO alone; REVOKE SELECT ON big.parcel_8 FROM alone; SET LOCAL ROLE alone');
is($writer->say("SELECT known() ~ 'secret', known() ~ 'parcel_8 '"), "t|f\n", 'its own transaction sees what it did');
my $sees = "SET ROLE alone; SELECT known() ~ 'secret', known() ~ 'parcel_8 '";
is($node->safe_psql('postgres', $sees), 'f|t', 'no other does');
is($kept->say($sees), "f|t\n", 'also not one that stays');
$writer->say('COMMIT');
is($node->safe_psql('postgres', $sees), 't|f', 'when it is committed, all do');
is($kept->say($sees), "t|f\n", 'also one that stays');
$writer->say('BEGIN; SAVEPOINT s; DROP TABLE big.secret; ROLLBACK TO s; SET LOCAL ROLE alone');
is($writer->say("SELECT known() ~ 'secret'; ROLLBACK"), "t\n", 'what a savepoint took back is there');
$writer->finish;

# A storm: sessions that come and go take rights away and give them, each on a
# table of its own, while others make temporary tables and tables elsewhere.  What
# is shared changes all the time, and each has to see at once what it did.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE public.seen (client int, given bool, right_answer bool);
CREATE FUNCTION public.is_seen(client int) RETURNS bool LANGUAGE sql AS $$
	SELECT told(1000000, 'anything') ~ ('parcel_' || client || ' \(')
$$;
GRANT INSERT ON public.seen TO alone;
SQL
my $dir = PostgreSQL::Test::Utils::tempdir;
append_to_file("$dir/rights.sql", <<'SQL');
\set table 10 + :client_id
REVOKE SELECT ON big.parcel_:table FROM alone;
SET ROLE alone;
SELECT is_seen(:table)::int AS without \gset
RESET ROLE;
GRANT SELECT ON big.parcel_:table TO alone;
SET ROLE alone;
SELECT is_seen(:table)::int AS with \gset
INSERT INTO public.seen VALUES (:client_id, false, :without = 0), (:client_id, true, :with = 1);
SQL
append_to_file("$dir/elsewhere.sql", <<'SQL');
BEGIN;
CREATE TEMP TABLE passing (i int PRIMARY KEY, t text) ON COMMIT DROP;
COMMIT;
CREATE TABLE public.elsewhere_:client_id (i int);
DROP TABLE public.elsewhere_:client_id;
SQL
my @storm = map { [ 'pgbench', '-n', '-C', '-c', $_->[1], '-j', 2, '-t', $_->[2], '-f', "$dir/$_->[0].sql", '-d', $node->connstr('postgres') ] }
  [ 'rights', 6, 25 ], [ 'elsewhere', 2, 60 ];
my @runs = map { my ($out, $err) = ('', ''); { run => IPC::Run::start($_, '<', \undef, '>', \$out, '2>', \$err), err => \$err } } @storm;
for my $run (@runs)
{
	ok($run->{run}->finish, 'the storm passed') or diag ${ $run->{err} };
}
my $looks = $node->safe_psql('postgres', 'SELECT count(*) FROM public.seen');
is($looks, 300, 'all have looked');
figure_at_most('shared_schemas_seen_wrongly_in_a_storm', $node->safe_psql('postgres', 'SELECT count(*) FROM public.seen WHERE NOT right_answer'), "of $looks looks", 0);

# Questions that are cancelled anywhere, and sessions that are ended, hold nothing.
append_to_file("$dir/cancelled.sql", <<'SQL');
\set limit random(1, 20)
\set table 30 + :client_id
SET statement_timeout = :limit;
SET ROLE alone;
SELECT is_seen(:table);
SQL
my @cancelled = [ 'pgbench', '-n', '-C', '-c', 4, '-j', 2, '-t', 1, '-f', "$dir/cancelled.sql", '-d', $node->connstr('postgres') ];
for my $round (1 .. 15)
{
	IPC::Run::run(@cancelled, '>', \my $out, '2>', \my $err);
	$node->safe_psql('postgres', "COMMENT ON TABLE big.kept IS 'round $round'") if $round % 3 == 0;
}
my @cancels = slurp_file($node->logfile) =~ /canceling statement due to statement timeout/g;
cmp_ok(scalar @cancels, '>', 0, 'some were cancelled (' . @cancels . ')');
is(status('held'), 0, 'no transaction holds anything when it is over');

# Sessions that are ended hold nothing: there is room for many generations.
for my $round (1 .. 12)
{
	my $session = Session->new($node);
	$session->say("BEGIN; SET LOCAL ROLE alone; SELECT length(known())");
	$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'; ALTER TABLE big.kept ADD COLUMN more_$round int");
	eval { $session->finish };
}
$node->safe_psql('postgres', 'SET ROLE alone; SELECT known()');
cmp_ok(status('snapshots') - status('stale'), '>', 0, 'after many generations there is still room');
cmp_ok($node->safe_psql('postgres', "SET ROLE alone; $own_bytes") =~ s/^.*\n//r, '<', 16 * 1024, 'and it is used');

# After a crash there is none, and then a new one.
$kept->finish;
$oracle->finish;
my $pid = $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'");
kill 'KILL', $pid;
$node->poll_query_until('postgres', "SELECT pg_postmaster_start_time() < now() AND NOT pg_is_in_recovery()") or die 'no recovery';
is(status('snapshots'), 0, 'a crash leaves none');
$known = $node->safe_psql('postgres', 'SET ROLE alone; SELECT known()');
is($node->safe_psql('postgres', 'SET ROLE alone; SELECT known()'), $known, 'and they are made anew');
is(status('snapshots'), 1, 'and shared');

# A standby replays what no session commits: each session has its own.
sub state_of
{
	my ($server) = @_;
	return $server->safe_psql('postgres', "SELECT state FROM llm_status() WHERE component = 'schemas'");
}
is(state_of($node), 'shared', 'a primary shares');
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('reader');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
is(state_of($standby), 'each session has its own', 'a standby does not');
is($standby->safe_psql('postgres', 'SET ROLE alone; SELECT known()'), $known, 'and knows the same');
$node->safe_psql('postgres', 'REVOKE SELECT ON big.parcel_9 FROM alone');
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', "SET ROLE alone; SELECT known() ~ 'parcel_9 '"), 'f', 'also what was changed');
$standby->promote;
$standby->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()') or die 'no promotion';
is(state_of($standby), 'shared', 'when it is promoted it shares');
is($standby->safe_psql('postgres', "SET ROLE alone; SELECT known() ~ 'parcel_9 '") . $standby->safe_psql('postgres', "SET ROLE alone; SELECT known() ~ 'parcel_9 '"), 'ff', 'and knows what it knew');
$standby->stop;

# Nor with prepared transactions, which another session commits; nor without
# room for it.
for ([ 'max_prepared_transactions = 2', 'prepared transactions' ], [ "max_prepared_transactions = 0\nanalytics_llm.schema_memory = 0", 'no memory' ], [ "analytics_llm.schema_memory = '64kB'", 'too little memory' ])
{
	my ($conf, $what) = @$_;
	$node->append_conf('postgresql.conf', $conf);
	$node->restart;
	$node->safe_psql('postgres', 'SET ROLE alone; SELECT known()') for 1, 2;
	is(status('snapshots'), 0, "$what: nothing is shared");
	next unless $what eq 'prepared transactions';
	is(state_of($node), 'each session has its own', "$what: the status says so");
	$node->safe_psql('postgres', "BEGIN; REVOKE SELECT ON big.parcel_6 FROM alone; PREPARE TRANSACTION 'p'");
	$node->safe_psql('postgres', "COMMIT PREPARED 'p'");
	is($node->safe_psql('postgres', "SET ROLE alone; SELECT known() ~ 'parcel_6 '"), 'f', "$what: what they did is seen");
}

unlike(slurp_file($node->logfile), qr/PANIC|terminated by signal 11|terminated by signal 6/, 'no session crashed');
figure_all_passed('shared_schemas');
$node->stop;
done_testing();
