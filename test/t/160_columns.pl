# Real columns as clients see them: what is described is what is run, whatever
# comes first, and a model is called once for all of it; function forms call none
# until their rows are wanted.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;
use Wire;

my $tiers = Tiers->new('columns', "log_statement = none\nlog_min_duration_statement = -1\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
my $question = 'churn by cohort';
my $answer = 'SELECT name AS cohort, region_id AS churn FROM regions ORDER BY region_id';
my $other = 'SELECT name, 1.5 AS share, region_id FROM regions ORDER BY region_id';
my $columns = 'cohort:25 churn:23';

# The first call has one query, each later one another, with other columns.
sub begin
{
	$tiers->models($Tiers::PRIMARY => [ { sql => $answer }, { sql => $other } ]);
	return Wire->new($node, 'postgres');
}

sub calls { return scalar $stub->requests; }

# Probes: name, and what a client sends for a statement.
my @probes = (
	[ 'LIMIT 0', sub { $_[0]->query("$_[1] LIMIT 0") } ],
	[ 'EXPLAIN', sub { $_[0]->query("EXPLAIN $_[1]") } ],
	[ 'PREPARE', sub { $_[0]->query("PREPARE probe AS $_[1]"); $_[0]->query('DEALLOCATE probe') } ],
	[ 'describe a statement', sub { $_[0]->close_statement('d'); $_[0]->parse('d', $_[1]); $_[0]->describe('S', 'd') } ],
	[ 'describe a portal', sub { $_[0]->close_statement('e'); $_[0]->parse('e', $_[1]); $_[0]->query('BEGIN'); $_[0]->send('B', Wire::bind_body('', 'e'), 'D', "P\0", 'S', ''); $_[0]->query('COMMIT') } ],
	[ 'DECLARE', sub { $_[0]->query('BEGIN'); $_[0]->query("DECLARE c CURSOR FOR $_[1]"); $_[0]->query('COMMIT') } ],
	[ 'CREATE VIEW', sub { $_[0]->query('BEGIN'); $_[0]->query("CREATE VIEW probe AS $_[1]"); $_[0]->query('ROLLBACK') } ],
	[ 'a transaction that ends', sub { $_[0]->query('BEGIN'); $_[0]->query("EXPLAIN $_[1]"); $_[0]->query('ROLLBACK') } ]);

# Those that wrap the statement: the call is inside, and stays a function.
my @wraps = (
	[ 'WHERE false', sub { $_[0]->query("SELECT * FROM llm_ask('$question') WHERE false") } ],
	[ 'a sub-select', sub { $_[0]->query("SELECT * FROM ($_[1]) AS t LIMIT 0") } ],
	[ 'a sub-select, ODBC', sub { $_[0]->parse('w', "SELECT * FROM ($_[1]) AS t WHERE 1 = 0"); $_[0]->describe('S', 'w') } ],
	[ 'a sub-select, EXPLAIN', sub { $_[0]->query("EXPLAIN SELECT * FROM ($_[1]) AS t") } ]);

# Real columns: the probe alone, then all that a client may do afterwards.
my $real = "SELECT * FROM llm_ask('$question')";
my $most = 0;
for my $probe (@probes)
{
	my ($name, $send) = @$probe;
	my $wire = begin();
	my $got = $send->($wire, $real);
	is($got->{error}, '', "$name: no error");
	is(calls(), 1, "$name: one call");
	$got = $wire->parse('s', $real);
	is($wire->describe('S', 's')->{columns}, $columns, "$name: the same described");
	for my $i (1 .. 2)
	{
		$got = $wire->again('s');
		is("@{$got->{rows}} $got->{tag} $got->{columns}", "North|1 South|2 West|3 SELECT 3 $columns", "$name: run $i");
		$node->safe_psql('postgres', "ALTER TABLE regions ADD COLUMN extra$i int; ALTER TABLE regions DROP COLUMN extra$i; ANALYZE regions");
	}
	is("@{$wire->query($real)->{rows}}", 'North|1 South|2 West|3', "$name: as text");
	is("@{$wire->run('', qq{$real LIMIT 1})->{rows}}", 'North|1', "$name: with a limit");
	is($_->[1]->($wire, $real)->{error}, '', "$name, then $_->[0]") for @probes;
	$most = calls() if calls() > $most;
	$wire->stop;
}
figure_at_most('calls_of_a_statement_with_real_columns', $most, 'calls, whatever the client does', 1);

# Function forms: no call by a probe, of whatever kind.
my $by_functions = 0;
for my $form ("SELECT llm_ask('$question')", "SELECT * FROM llm_rows('$question') AS t (cohort text, churn int)", "SELECT llm_ask_as(NULL::bigint, '$question')", "SELECT * FROM llm_ask('$question') AS t (entry)", "SELECT * FROM llm_answer('$question')", "SELECT llm_sql('$question')")
{
	my $wire = begin();
	for my $probe (@probes, @wraps)
	{
		my $got = $probe->[1]->($wire, $form);
		is($got->{error}, '', "$form: $probe->[0]");
		my $now = calls();
		is($now, 0, "$form: $probe->[0] calls nothing");
		$by_functions += $now;
		$stub->reset if $now;
	}
	$wire->stop;
}
{
	my $wire = begin();
	for my $wrap (@wraps)
	{
		is($wrap->[1]->($wire, $real)->{error}, '', $wrap->[0]);
		$by_functions += calls();
	}
	$wire->stop;
}
figure_at_most('calls_of_probes_of_function_forms', $by_functions, 'calls', 0);

# Piece by piece, over the protocol.
{
	my $wire = begin();
	$wire->query('BEGIN');
	$wire->parse('s', $real);
	$wire->bind('p', 's');
	is("@{$wire->execute('p', 2)->{rows}}", 'North|1 South|2', 'two rows');
	my $got = $wire->execute('p', 2);
	is("@{$got->{rows}} $got->{tag}", 'West|3 SELECT 1', 'and the rest');
	$wire->query('COMMIT');
	is(calls(), 1, 'one call');

	# A limit that is a parameter, and an argument that is one.
	is("@{$wire->run('', qq{$real LIMIT \$1 OFFSET \$2}, 1, 1)->{rows}}", 'South|2', 'a limit of the client\'s');
	$got = $wire->run('', q(SELECT * FROM llm_ask($1, '{"tier": 3}')), $Tiers::UNDERSTOOD);
	like("@{$got->{rows}}", qr/^\{"region"/, 'a question of the client\'s is JSON');
	is("@{$got->{notices}}", 'NOTICE the rows of the answer are JSON, since the question is not a constant', 'which is said');
	$wire->stop;
}

# Option cache: shared by what belongs to one statement, and by no later one.
{
	my $wire = begin();
	my $anew = "SELECT * FROM llm_ask('$question', '{\"cache\": false}')";
	$wire->parse('s', $anew);
	is($wire->describe('S', 's')->{columns}, $columns, 'asked anew: described');
	is("@{$wire->again('s')->{rows}}", 'North|1 South|2 West|3', 'asked anew: run');
	is(calls(), 1, 'one call');
	$wire->query('DISCARD ALL');
	like($wire->query($anew)->{columns}, qr/share/, 'after DISCARD ALL it is another question');
	is(calls(), 2, 'by another call');
	is($wire->query("SELECT llm_cache_clear()")->{error}, '', 'cleared');
	$wire->query($anew);
	is(calls(), 3, 'and so after the cache was cleared');
	$wire->stop;
}

# EXPLAIN has the real plan, and says where the query is from.
{
	my $wire = begin();
	my $got = $wire->query("EXPLAIN (COSTS OFF) $real");
	like("@{$got->{rows}}", qr/Seq Scan on regions|Index Scan/, 'the real plan');
	unlike("@{$got->{rows}}", qr/Function Scan/, 'without the call');
	like("@{$got->{notices}}", qr/^NOTICE the query was written by "$Tiers::PRIMARY" for request [0-9a-f-]{36}, with confidence 0\.90$/, 'and whose query it is');
	$got = $wire->query("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) $real");
	like("@{$got->{rows}}", qr/actual rows=3/, 'with its run');
	my ($id) = "@{$got->{notices}}" =~ /request (\S+),/;
	$wire->query('SELECT llm_flush()');
	is("@{$wire->query(qq{SELECT question, status, tier, model, sql, confidence_band FROM analytics_llm.request WHERE request_id = '$id'})->{rows}}",
		"$question|ok|1|$Tiers::PRIMARY|$answer|high", 'which is recorded');
	is("@{$wire->query(qq{SELECT count(*), sum(input_tokens) > 0 FROM analytics_llm.log WHERE request_id = '$id' AND model_used = '$Tiers::PRIMARY'})->{rows}}", '1|t', 'with its call');
	$wire->stop;
}

# A doubt is said each time that rows are sent, and not when none are.
{
	$tiers->models($Tiers::PRIMARY => [ { sql => 'SELECT nam FROM regions' }, { sql => 'SELECT nme FROM regions' }, { sql => 'SELECT name AS cohort FROM regions ORDER BY name', assumptions => [ 'a', 'b' ] } ]);
	$tiers->tier(1, min_confidence => 0.5);
	my $wire = Wire->new($node, 'postgres');
	$wire->parse('s', $real);
	my $got = $wire->describe('S', 's');
	is("@{$got->{notices}}", '', 'a description says nothing');
	for (1 .. 2)
	{
		$got = $wire->again('s');
		is("@{$got->{rows}}", 'North South West', 'rows in doubt');
		like("@{$got->{notices}}", qr/^WARNING the answer may be wrong: its confidence is 0\.\d\d; please review NOTICE assumed: a NOTICE assumed: b$/, 'with their doubt');
	}
	$wire->query('SET analytics_llm.on_doubt = error');
	like($wire->again('s')->{error}, qr/^LLM04 /, 'or an error instead');
	is("@{$wire->again('s')->{rows}}", '', 'and no row');
	like($wire->query("CREATE VIEW doubtful AS $real")->{error}, qr/^LLM04 /, 'nor is it stored');
	$wire->query('SET analytics_llm.on_doubt = warning');
	like("@{$wire->query(qq{CREATE VIEW doubtful AS $real})->{notices}}", qr/^WARNING the answer may be wrong/, 'a view says it when it is made');
	$tiers->tier(1, min_confidence => 0.7);
	$wire->stop;
}

# A thousand times ten, amid changes elsewhere and of what it reads.
{
	my $wire = begin();
	$wire->parse('s', $real);
	my $ddl = $tiers->start(<<'SQL');
DO $$
BEGIN
	FOR i IN 1 .. 100000 LOOP
		EXIT WHEN EXISTS (SELECT FROM pg_tables WHERE tablename = 'enough');
		EXECUTE 'CREATE TABLE elsewhere (i int)';
		EXECUTE 'CREATE INDEX ON elsewhere (i)';
		IF i % 20 = 0 THEN	-- a table has room for 1600 columns, with those that are gone
			EXECUTE 'ALTER TABLE regions ADD COLUMN extra int';
			EXECUTE 'ALTER TABLE regions DROP COLUMN extra';
		END IF;
		EXECUTE 'CREATE OR REPLACE VIEW seen AS SELECT name FROM regions';
		COMMIT;
		EXECUTE 'DROP TABLE elsewhere';
		EXECUTE 'DROP VIEW seen';
		EXECUTE 'GRANT SELECT ON regions TO pg_monitor';
		EXECUTE 'REVOKE SELECT ON regions FROM pg_monitor';
		COMMIT;
	END LOOP;
END
$$;
SQL
	my %said;
	for my $i (1 .. 10000)
	{
		my $got = $wire->again('s');
		$said{ $got->{error} || "@{$got->{rows}} $got->{columns}" }++;
	}
	$node->safe_psql('postgres', 'CREATE TABLE enough ()');
	my ($out, $err) = $tiers->finish($ddl);
	is($err, '', 'changes went on meanwhile');
	is(join(', ', sort keys %said), "North|1 South|2 West|3 $columns", 'each run gave the same');
	figure_at_most('runs_that_raised_amid_changes', 10000 - $said{"North|1 South|2 West|3 $columns"}, 'of 10000 runs of a prepared statement', 0);
	is(calls(), 1, 'by one call');
	$wire->stop;
}

is(scalar $tiers->violations, 0, 'the model server was asked by its rules');
$tiers->stop;
done_testing();
