# Real columns behind PgBouncer in transaction mode: each transaction may meet
# another server connection, with or without the queries that one was given.
# Within a transaction, what is described is what is run; between them, columns
# stay what they were as long as checked queries are kept; and a statement that
# was prepared by name elsewhere is an error.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Pooler;
use Tiers;
use Wire;

my $tiers = Tiers->new('pooled', "log_statement = none\nanalytics_llm.sql_cache_ttl = '1d'\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
$node->safe_psql('postgres', 'CREATE ROLE bi LOGIN; GRANT SELECT ON regions, sales TO bi; GRANT USAGE ON FOREIGN SERVER anthropic TO bi');
my $question = 'churn by cohort';
my $real = "SELECT * FROM llm_ask('$question')";
my $rows = 'North|1 South|2 West|3';
my $columns = 'cohort:25 churn:23';

# Each call of the model has other columns than the one before.
my @answers = map { { sql => $_ } } 'SELECT name AS cohort, region_id AS churn FROM regions ORDER BY region_id',
  'SELECT region_id AS other, name FROM regions ORDER BY region_id', 'SELECT name || name AS third FROM regions ORDER BY region_id';

# Two server connections, and two clients that hold one each while they choose
# which of them the next transaction of a third client will get.
my ($pooler, @holders, @server);

sub pool
{
	my (@settings) = @_;
	leave();
	$pooler = Pooler->new($node, ['bi'], 'default_pool_size = 2', @settings);
	@holders = map { client() } 0, 1;
	$_->query('BEGIN') for @holders;
	@server = map { $_->query('SELECT pg_backend_pid()')->{rows}[0] } @holders;
	return;
}

# It ends when nobody is in a transaction.
sub leave
{
	$_->stop for @holders;
	$pooler->stop if $pooler;
	return;
}

sub client { return Wire->new($pooler, 'postgres', 'bi'); }

# Only this server connection is free, while the code runs.
sub on
{
	my ($which, $code) = @_;
	$holders[$which]->query('ROLLBACK');
	my $got = $code->();
	die 'the holder of the other one has let it go' unless $holders[ 1 - $which ]->query('SELECT pg_backend_pid()')->{rows}[0] == $server[ 1 - $which ];
	$holders[$which]->query('BEGIN');
	$server[$which] = $holders[$which]->query('SELECT pg_backend_pid()')->{rows}[0];
	return $got;
}

# Asks anew, from the first answer on, whatever was kept.
sub begin
{
	$node->safe_psql('postgres', 'SELECT llm_cache_clear(oid::regrole) FROM pg_roles');
	$tiers->models($Tiers::PRIMARY => [@answers]);
	return client();
}

sub calls { return scalar $stub->requests; }

sub shown { return join ' ', $_[0]->{error} || (@{ $_[0]->{rows} }, $_[0]->{columns} // ''); }

my %resets = ('the connection is left as it is' => [], 'DISCARD ALL after each transaction' => ['server_reset_query_always = 1']);
for my $reset (sort keys %resets)
{
	pool(@{ $resets{$reset} });
	my $keeps = !@{ $resets{$reset} };

	# Statement by statement, from one connection to the other.
	my $wire = begin();
	for my $which (0, 1, 1, 0)
	{
		is(on($which, sub { $wire->query('SELECT pg_backend_pid()')->{rows}[0] }), $server[$which], "$reset: this connection") if $keeps;
		is(on($which, sub { shown($wire->query($real)) }), "$rows $columns", "$reset: simple, on $which");
		is(on($which, sub { shown($wire->run('', $real)) }), "$rows $columns", "$reset: extended, on $which");
		is(on($which, sub { shown($wire->run('', "$real LIMIT \$1", 1)) }), "North|1 $columns", "$reset: with a parameter, on $which");
	}
	is(calls(), 1, "$reset: one call for both connections");
	$wire->stop;

	# Described in one transaction, run in another.
	$wire = begin();
	on(0, sub { $wire->query("EXPLAIN $real") });
	is(on(1, sub { shown($wire->run('', "$real LIMIT 0")) }), $columns, "$reset: a probe, on the other");
	is(on(1, sub { shown($wire->run('', $real)) }), "$rows $columns", "$reset: the run, on the other");
	is(calls(), 1, "$reset: one call for probe and run");
	$wire->stop;

	# In a transaction, piece by piece; READ ONLY; what the client undoes is recorded.
	$wire = begin();
	for my $which (0, 1)
	{
		my $got = on($which, sub {
			$wire->query('BEGIN READ ONLY');
			$wire->parse('s', $real);
			$wire->bind('p', 's');
			my @pieces = map { "@{ $wire->execute('p', 2)->{rows} }" } 1, 2;
			$wire->close_statement('s');
			$wire->query("DECLARE c CURSOR FOR $real");
			push @pieces, "@{ $wire->query('FETCH 2 FROM c')->{rows} }", "@{ $wire->query('FETCH ALL FROM c')->{rows} }";
			push @pieces, "@{ $wire->query('SELECT 1 / 0')->{rows} }";
			$wire->query('ROLLBACK');
			return join ',', @pieces;
		});
		is($got, 'North|1 South|2,West|3,North|1 South|2,West|3,', "$reset: in pieces, on $which");
	}
	$wire->stop;
	$node->safe_psql('postgres', 'SELECT llm_flush()');
	is($node->safe_psql('postgres', "SELECT count(*), sum(input_tokens) > 0 FROM analytics_llm.log WHERE user_name = 'bi' AND model_used = '$Tiers::PRIMARY' AND status = 'success'
		AND request_id IN (SELECT request_id FROM analytics_llm.request ORDER BY asked_at DESC LIMIT " . ($keeps ? 2 : 4) . ')'), '1|t', "$reset: the one call is recorded");

	# Two batches of one client, the first of which prepares by name.
	$wire = begin();
	on(0, sub { $wire->parse('s', $real); });
	like(on(1, sub { shown($wire->again('s')) }), qr/^26000 prepared statement "s" does not exist/, "$reset: a name of another connection is an error");
	# That of the same connection is there, unless it was reset.
	like(on(0, sub { shown($wire->again('s')) }), $keeps ? qr/^\Q$rows $columns\E$/ : qr/^26000 /, "$reset: and of the same one");
	# What PgBouncer does by itself from 1.21 on: the statement is prepared on the other, too.
	is(on(1, sub { $wire->parse('t', $real)->{error} || shown($wire->describe('S', 't')) }), $columns, "$reset: prepared there as well") if $keeps;
	is(on(1, sub { shown($wire->again('t')) }), "$rows $columns", "$reset: it is the same") if $keeps;
	is(calls(), 1, "$reset: by one call");
	$wire->stop;

	# A name that somebody else has given there is theirs: the pooler's nature, which
	# is why doc/bi.md asks for a reset where clients prepare by name.
	my ($one, $other) = (begin(), client());
	on(0, sub { $one->parse('u', $real) });
	on(1, sub { $other->parse('u', "SELECT 'of another client' AS said") });
	like(on(1, sub { shown($one->again('u')) }), $keeps ? qr/^of another client said:25$/ : qr/^26000 /, "$reset: a name of somebody else");
	$_->stop for $one, $other;

	# Who asks has the end user and the search_path of the transaction.
	$wire = begin();
	on(0, sub { $wire->query("BEGIN; SET LOCAL analytics_llm.end_user = 'ann'"); $wire->query($real); $wire->query('COMMIT') });
	is(on(0, sub { $wire->query("BEGIN; SET LOCAL analytics_llm.end_user = 'bob'"); my $got = shown($wire->query($real)); $wire->query('COMMIT'); $got }),
		'1|North 2|South 3|West other:23 name:25', "$reset: another end user has a question of their own");
	is(on(1, sub { $wire->query("BEGIN; SET LOCAL analytics_llm.end_user = 'ann'"); my $got = shown($wire->query($real)); $wire->query('COMMIT'); $got }),
		"$rows $columns", "$reset: and each keeps theirs");
	is(calls(), 2, "$reset: a call each");
	$wire->stop;
}

# Where no query is kept, each connection asks for itself: what a batch describes
# is still what it runs.
$tiers->set('analytics_llm.sql_cache_ttl', 0);
pool('server_reset_query_always = 1');
my $wire = begin();
is(on(0, sub { shown($wire->run('', $real)) }), "$rows $columns", 'nothing kept: one batch');
is(on(1, sub { shown($wire->run('', $real)) }), '1|North 2|South 3|West other:23 name:25', 'nothing kept: another one');
is(calls(), 2, 'a call each');
$wire->stop;

# A pooler that follows names has the statement on each connection.
SKIP:
{
	skip 'this PgBouncer does not follow named statements', 3 if $pooler->version < 1.21;
	$tiers->set('analytics_llm.sql_cache_ttl', '1d');
	pool('max_prepared_statements = 100');
	$wire = begin();
	on(0, sub { $wire->parse('s', $real); });
	is(on($_, sub { shown($wire->again('s')) }), "$rows $columns", "followed to $_") for 0, 1;
	is(calls(), 1, 'by one call');
	$wire->stop;
}

is(scalar $tiers->violations, 0, 'the model server was asked by its rules');
leave();
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'no process crashed');
figure_all_passed('real_columns_behind_pgbouncer');
$tiers->stop;
done_testing();
