# Real columns and an extension that goes, comes back, is half there, or is of
# another version than the library: an answer, or an error that says why, and no
# session that ends.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Wire;

my $node = PostgreSQL::Test::Cluster->new('extension');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\nfsync = off\nlog_statement = none\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE ROLE ann LOGIN;
CREATE TABLE parts (part_id int PRIMARY KEY, colour text NOT NULL);
INSERT INTO parts SELECT i, CASE WHEN i % 2 = 0 THEN 'red' ELSE 'blue' END FROM generate_series(1, 10) AS i;
GRANT SELECT ON parts TO ann;
ANALYZE;
SQL
my $real = "SELECT * FROM llm_ask('number of parts by colour')";
my $rows = 'blue|5 red|5';
my $gone = qr/^42883 (?:function llm_ask\(unknown\) does not exist|the function that this statement was prepared with does not exist any more)$/;

sub shown { return $_[0]->{error} || "@{ $_[0]->{rows} }"; }

# What sessions of two roles hold when it goes, and what they get afterwards.
my @sessions = map { Wire->new($node, 'postgres', $_) } undef, 'ann';
for (@sessions)
{
	$_->parse('s', $real);
	$_->query("PREPARE p AS $real");
	is(shown($_->again('s')), $rows, 'before');
	is(shown($_->query('EXECUTE p')), $rows, 'before, in SQL');
}
$node->safe_psql('postgres', 'DROP EXTENSION analytics_llm CASCADE');
for (@sessions)
{
	like(shown($_->query($real)), $gone, 'without it: a statement');
	like(shown($_->again('s')), $gone, 'without it: a prepared one');
	like(shown($_->query('EXECUTE p')), $gone, 'without it: in SQL');
	like(shown($_->query('EXPLAIN EXECUTE p')), $gone, 'without it: explained');
}
$node->safe_psql('postgres', 'CREATE EXTENSION analytics_llm');
for (@sessions)
{
	is(shown($_->query($real)), $rows, 'again: a statement');
	like(shown($_->again('s')), qr/^(?:\Q$rows\E|42883 the function .* any more)$/, 'again: what was prepared with the other');
	like(shown($_->query('EXECUTE p')), qr/^(?:\Q$rows\E|42883 the function .* any more)$/, 'again: in SQL');
	$_->query('DEALLOCATE ALL');
	$_->parse('s', $real);
	is(shown($_->again('s')), $rows, 'again: prepared anew');
}

# In one transaction, with a cursor that is open, and undone.
{
	my $wire = $sessions[0];
	$wire->query("BEGIN; DECLARE c CURSOR FOR $real");
	is(shown($wire->query('FETCH 1 FROM c')), 'blue|5', 'a cursor');
	is(shown($wire->query('DROP EXTENSION analytics_llm CASCADE')), '', 'the extension goes');
	is(shown($wire->query('FETCH 1 FROM c')), 'red|5', 'the cursor is read to its end');
	$wire->query('SAVEPOINT s');
	like(shown($wire->query($real)), $gone, 'no question any more');
	$wire->query('ROLLBACK TO s');
	is(shown($wire->query('CREATE SCHEMA other; CREATE EXTENSION analytics_llm SCHEMA other')), '', 'it comes back elsewhere');
	is(shown($wire->query($real =~ s/llm_ask/other.llm_ask/r)), $rows, 'and answers there');
	$wire->query('ROLLBACK');
	is(shown($wire->query($real)), $rows, 'undone, it is as it was');
}

# A library that expects more than is there, as that of another version would.
my ($broken, $tried) = (0, 0);
my $wire = $sessions[0];
my @columns = split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT c.relname || ' ' || coalesce(quote_ident(a.attname), '')
  FROM pg_class AS c LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
 WHERE c.relnamespace = 'analytics_llm'::regnamespace AND c.relkind = 'r'
   AND c.relname IN ('example', 'metric', 'synonym', 'allowed_function', 'model', 'price', 'tier', 'route', 'rollout', 'quota')
 UNION ALL
SELECT relname || ' ' FROM pg_class
 WHERE relnamespace = 'analytics_llm'::regnamespace AND relkind = 'r'
   AND relname IN ('example', 'metric', 'synonym', 'allowed_function', 'model', 'price', 'tier', 'route', 'rollout', 'quota')
SQL
for my $what (@columns)
{
	my ($table, $column) = split / /, $what;
	$wire->query('BEGIN');
	$wire->query("ALTER EXTENSION analytics_llm DROP TABLE analytics_llm.$table");
	my $done = $wire->query($column ? "ALTER TABLE analytics_llm.$table DROP COLUMN $column CASCADE" : "DROP TABLE analytics_llm.$table CASCADE");
	my $got = shown($wire->query("SELECT * FROM llm_ask('number of parts by colour', '{\"cache\": false}')"));
	$wire->query('ROLLBACK');
	next if $done->{error};
	$tried++;
	next if $got eq $rows || $got =~ /^(?:LLM\d\d|[1-9A-W][0-9A-Z]{4}) /;
	$broken++;
	diag "without $what: $got";
}
cmp_ok($tried, '>', 80, "$tried tables and columns were taken away");
is($broken, 0, 'and each time there was an answer, or an error that says why');
is(shown($wire->query($real)), $rows, 'with all of them, it is as it was');
$_->stop for @sessions;

# The files say one version, the catalog another: what is in the catalog counts.
$node->safe_psql('postgres', "UPDATE pg_extension SET extversion = '0.0.9' WHERE extname = 'analytics_llm'");
is($node->safe_psql('postgres', $real), $rows =~ s/ /\n/r, 'another version in the catalog');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'no process crashed');
$node->stop;
done_testing();
