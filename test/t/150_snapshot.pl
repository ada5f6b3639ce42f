# What a session keeps of a schema is what its role may read now: rights by
# table, column, group and default, for any mixture of them, in a schema of few
# relations and of many; and what another session changes is in the next prompt.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Session;

my $node = PostgreSQL::Test::Cluster->new('snapshot');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
analytics_llm.model_calls = off
analytics_llm.prompt_schema_tokens = 1000000
max_locks_per_transaction = 512
fsync = off
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE SERVER anthropic FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic');
CREATE USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS (api_key 'none');
GRANT USAGE ON FOREIGN SERVER anthropic TO PUBLIC;
CREATE FUNCTION schema_of(question text) RETURNS text LANGUAGE sql AS $$
	SELECT request -> 'system' -> 1 ->> 'text' FROM llm_prompt(question, '{"tier": 2}')
$$;
-- What the server says that the current role may read, in the form of the prompt.
CREATE FUNCTION readable() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT c.oid::regclass || '.' || quote_ident(a.attname)
	  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
	 WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
	   AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, 'SELECT')
	   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
$$;
SQL

# The columns in a whole schema, "relation.column".
sub columns_in
{
	my ($schema) = @_;
	my ($relation, @columns);
	for (split /\n/, $schema)
	{
		if (/^CREATE (?:TABLE|VIEW) (\S+) \(/) { $relation = $1 }
		elsif (/^ ((?:"(?:[^"]|"")+"|[a-z_0-9]+)) / && !/^ (?:PRIMARY|FOREIGN) KEY/) { push @columns, "$relation.$1" }
	}
	return sort @columns;
}

# Does the prompt of a role have what the server lets it read?
sub is_what_may_be_read
{
	my ($role, $what, $setup) = @_;
	my $before = ($setup || 'SET search_path = s1, s2, public') . "; SET ROLE $role;\n";
	my $got = $node->safe_psql('postgres', "${before}SELECT to_json(schema_of('anything'))");
	my $wanted = $node->safe_psql('postgres', "${before}SELECT to_json(array_agg(r)) FROM readable() AS r");
	my @got = columns_in(JSON::PP->new->allow_nonref->decode($got));
	my @wanted = sort @{ $wanted eq '' ? [] : decode_json($wanted) };
	return is_deeply(\@got, \@wanted, "$what: " . @wanted . ' columns');
}

# Relations of all kinds in two schemas, and roles with rights of all kinds,
# mixed by chance, the same in each run.
sub make_relations
{
	my ($n) = @_;
	my $sql = join '', map { "CREATE SCHEMA s$_; GRANT USAGE ON SCHEMA s$_ TO PUBLIC;\n" } 1, 2;
	for my $i (1 .. $n)
	{
		my $schema = 's' . (1 + $i % 2);
		$sql .= "CREATE TABLE $schema.t$i (id int PRIMARY KEY, a text, b int DEFAULT 1, gone int, c date);\n"
		  . "ALTER TABLE $schema.t$i DROP COLUMN gone;\n";
		$sql .= "CREATE VIEW $schema.v$i AS SELECT id, a FROM $schema.t$i;\n" if $i % 7 == 0;
		$sql .= "CREATE TABLE $schema.p$i (id int, x int) PARTITION BY RANGE (id); CREATE TABLE $schema.p${i}_1 PARTITION OF $schema.p$i DEFAULT;\n" if $i % 11 == 0;
		$sql .= "CREATE TABLE s1.same$i (id int); CREATE TABLE s2.same$i (id int, b int);\n" if $i % 13 == 0;
	}
	$node->safe_psql('postgres', $sql);
	return;
}
make_relations(39);
srand 4711;
my @roles = qw(alone member reads_all owner everybody);
$node->safe_psql('postgres', 'CREATE ROLE crowd; CREATE ROLE alone; CREATE ROLE member IN ROLE crowd; CREATE ROLE reads_all IN ROLE pg_read_all_data;'
	  . 'CREATE ROLE owner; CREATE ROLE everybody; CREATE ROLE apart NOINHERIT IN ROLE crowd');
my @relations = split /\n/, $node->safe_psql('postgres',
	q{SELECT oid::regclass FROM pg_class WHERE relnamespace IN ('s1'::regnamespace, 's2'::regnamespace) AND relkind IN ('r', 'p', 'v') ORDER BY 1::text COLLATE "C"});

# One mixture of grants.
sub mix
{
	my $sql = '';
	for my $relation (@relations)
	{
		for my $role (qw(crowd alone everybody PUBLIC))
		{
			my $dice = int rand 12;
			next if $role eq 'PUBLIC' && $dice > 1;
			$sql .= $dice == 0 ? "GRANT SELECT ON $relation TO $role;\n"
			  : $dice == 1 ? "GRANT SELECT (id) ON $relation TO $role;\n"
			  : $dice == 2 ? "GRANT INSERT, UPDATE ON $relation TO $role;\n"
			  : $dice == 3 ? "REVOKE ALL ON $relation FROM $role;\n"
			  : $dice == 4 ? "GRANT SELECT (id), UPDATE ON $relation TO $role WITH GRANT OPTION;\n" : '';
		}
		$sql .= "ALTER TABLE $relation OWNER TO owner;\n" if rand() < 0.1;
	}
	$node->safe_psql('postgres', $sql);
	return;
}
my $right = 0;
for my $round (1 .. 4)
{
	mix();
	$right += is_what_may_be_read($_, "round $round, role $_") for @roles, 'apart';
	if ($round == 2)
	{
		# From here on the catalogs are read in long scans.
		$node->safe_psql('postgres', join '', map { "CREATE TABLE s2.more$_ (id int, note text, PRIMARY KEY (id));\n" } 1 .. 260);
		push @relations, map { "s2.more$_" } 1 .. 260;
	}
}
figure_at_least('snapshots_of_roles_right', $right, 'of 24', 24);

# Few relations and many: the same words for the same relations.
my $one = "SET search_path = s1, public";
my $few = $node->safe_psql('postgres', "$one; SELECT public.schema_of('anything')");
$node->safe_psql('postgres', join '', 'CREATE SCHEMA s3;', map { "CREATE TABLE s3.f$_ (id int);\n" } 1 .. 300);
my $many = $node->safe_psql('postgres', 'SET search_path = s1, s3, public; SELECT public.schema_of(\'anything\')');
my %blocks = map { $_ => 1 } split /^(?=CREATE )/m, $many;
is(scalar(grep { !/^Schema/ && !$blocks{$_} } split /^(?=CREATE )/m, $few), 0, 'the same words by short and by long scans');

# A session that keeps its schema, while others change it.
my $psql = Session->new($node);
$psql->say("SET search_path = s4, public");
$node->safe_psql('postgres', 'CREATE SCHEMA s4; CREATE TABLE s4.kept (id int PRIMARY KEY, a text); CREATE TYPE s4.mood AS ENUM (\'good\');'
	  . 'GRANT USAGE ON SCHEMA s4 TO alone; GRANT SELECT ON s4.kept TO alone');
my @changes = (
	[ 'a column', 'ALTER TABLE s4.kept ADD COLUMN b int', qr/ b integer,/ ],
	[ 'another name', 'ALTER TABLE s4.kept RENAME COLUMN b TO renamed', qr/ renamed integer,/ ],
	[ 'another type', 'ALTER TABLE s4.kept ALTER COLUMN renamed TYPE numeric(5,2)', qr/ renamed numeric\(5,2\),/ ],
	[ 'an enum', 'ALTER TABLE s4.kept ADD COLUMN m s4.mood', qr/CREATE TYPE mood AS ENUM \('good'\)/ ],
	[ 'a label', "ALTER TYPE s4.mood ADD VALUE 'bad'", qr/CREATE TYPE mood AS ENUM \('good', 'bad'\)/ ],
	[ 'a renamed label', "ALTER TYPE s4.mood RENAME VALUE 'bad' TO 'worse'", qr/ENUM \('good', 'worse'\)/ ],
	[ 'a renamed type', 'ALTER TYPE s4.mood RENAME TO temper', qr/ m temper,/ ],
	[ 'a table', 'CREATE TABLE s4.new (kept_id int)', qr/CREATE TABLE new \(/ ],
	[ 'a foreign key', 'ALTER TABLE s4.new ADD FOREIGN KEY (kept_id) REFERENCES s4.kept', qr/FOREIGN KEY \(kept_id\) REFERENCES kept/ ],
	[ 'no such key', 'ALTER TABLE s4.new DROP CONSTRAINT new_kept_id_fkey', qr/^(?!.*FOREIGN KEY)/s ],
	[ 'a unique index', 'CREATE UNIQUE INDEX ON s4.kept (a)', qr/ a text UNIQUE,/ ],
	[ 'a comment', "COMMENT ON TABLE s4.kept IS 'of old'", qr/kept \( -- of old/ ],
	[ 'a comment on a column', "COMMENT ON COLUMN s4.kept.a IS 'letters'", qr/ a text UNIQUE, -- letters/ ],
	[ 'no comment', 'COMMENT ON TABLE s4.kept IS NULL', qr/CREATE TABLE kept \(\n/ ],
	[ 'another schema of the name', 'ALTER SCHEMA s4 RENAME TO s5', qr/^Schema:\s*\z/ ],
	[ 'and back', 'ALTER SCHEMA s5 RENAME TO s4', qr/CREATE TABLE kept/ ],
	[ 'a domain', 'CREATE DOMAIN s4.d AS varchar(7); ALTER TABLE s4.new ADD COLUMN d s4.d', qr/ d character varying\(7\),/ ],
	[ 'a partition', 'CREATE TABLE s4.whole (i int) PARTITION BY LIST (i); CREATE TABLE s4.part (i int)', qr/TABLE part .*TABLE whole/s ],
	[ 'which is one no more a table', 'ALTER TABLE s4.whole ATTACH PARTITION s4.part DEFAULT', qr/^(?!.*TABLE part )/s ],
	[ 'and is again', 'ALTER TABLE s4.whole DETACH PARTITION s4.part', qr/TABLE part /s ],
	[ 'a table hidden by another', 'CREATE TABLE public.unseen (i int); CREATE TABLE s4.unseen (j int)', qr/TABLE public\.unseen.*TABLE unseen/s ],
	[ 'and not any more', 'DROP TABLE s4.unseen', qr/TABLE unseen \(\n i integer/s ],
	[ 'hidden by an index', 'CREATE TABLE public.token (i int); CREATE INDEX token ON s4.part (i)', qr/TABLE public\.token/ ],
	[ 'a table that is gone', 'DROP TABLE s4.new', qr/^(?!.*TABLE new)/s ],
);

# The schema, after another session did something.
sub schema_after
{
	my ($change) = @_;
	$node->safe_psql('postgres', $change) if $change;
	return $psql->say("SELECT public.schema_of('anything')");
}
schema_after();
like(schema_after($_->[1]), $_->[2], "another session's change is seen: $_->[0]") for @changes;

# Rights, in the session of a role that has few.
$psql->say('SET ROLE alone');
my @rights = (
	[ 'all columns', 'SELECT 1', qr/ a text.* renamed/s ],
	[ 'one column less', 'REVOKE SELECT ON s4.kept FROM alone; GRANT SELECT (id) ON s4.kept TO alone', qr/TABLE kept \(\n id integer PRIMARY KEY,\n\);/ ],
	[ 'none', 'REVOKE SELECT (id) ON s4.kept FROM alone', qr/^(?!.*TABLE kept)/s ],
	[ 'by a group', 'GRANT SELECT ON s4.kept TO crowd; GRANT crowd TO alone', qr/TABLE kept/ ],
	[ 'no member any more', 'REVOKE crowd FROM alone', qr/^(?!.*TABLE kept)/s ],
	[ 'a superuser', 'ALTER ROLE alone SUPERUSER', qr/TABLE kept/ ],
	[ 'none any more', 'ALTER ROLE alone NOSUPERUSER', qr/^(?!.*TABLE kept)/s ],
	[ 'the owner', 'ALTER TABLE s4.kept OWNER TO alone', qr/TABLE kept/ ],
	[ 'not of the schema', 'REVOKE USAGE ON SCHEMA s4 FROM alone', qr/^(?!.*TABLE kept)/s ],
);
like(schema_after($_->[1]), $_->[2], "another session's grant acts: $_->[0]") for @rights;

# Long names in any script are taken apart between characters.
my $long = "\xe8\xa1\xa8" x 20;
$node->safe_psql('postgres', "CREATE SCHEMA s6; CREATE TABLE s6.\"$long\" (\"a$long\" int, \"\xc3\x84\xc3\x96_B\" text);"
	  . join '', map { "CREATE TABLE s6.t$_ (a int, b text, c date, d numeric);" } 1 .. 30);
my $linked = $node->safe_psql('postgres', "SET search_path = s6, public; SET analytics_llm.prompt_schema_tokens = 200; SELECT public.schema_of('$long \xc3\xa4\xc3\xb6')");
like($linked, qr/"$long": /, 'a long name in another script is linked');

# Others' temporary tables change nothing, and nothing of them is shown.
$psql->say('RESET ROLE');
my $before = schema_after();
is(schema_after('CREATE TEMP TABLE passing (zztemp int PRIMARY KEY, t text); CREATE INDEX ON passing (t); ANALYZE passing; DROP TABLE passing'),
	$before, 'temporary tables of others are not seen');
$psql->say('CREATE TEMP TABLE mine (zzmine int)');
like(schema_after(), qr/CREATE TABLE mine \(\n zzmine integer/, 'its own are');
$psql->finish;

unlike(slurp_file($node->logfile), qr/PANIC|terminated by signal/, 'no process crashed');
figure_all_passed('schema_changes_seen');
$node->stop;
done_testing();
