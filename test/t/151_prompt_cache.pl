# The provider keeps the beginning of a prompt: of many questions over one schema
# nearly all are served from it, also from other sessions, by the accounts of a
# server that keeps nothing which differs in a byte, in the model or in how it
# thinks, nor what is below the model's least length.  What it read and wrote is
# in the log, and in the cost.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my $tiers = Tiers->new('prompt_cache', "log_statement = none\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};

# A shop of sixty tables, some 14 kB of schema.
my @things = qw(account address agent batch branch brand budget campaign carrier cart basket channel claim client contact
  contract coupon course crate dealer delivery deposit device driver employee event factory fee fleet gift
  guest hotel invoice item journey key lease ledger licence loan machine meeting member notice offer
  outlet parcel payment pension pallet plan policy product project quote rebate refund region_code repair route);
$node->safe_psql('postgres', join '', map {
	"CREATE TABLE $_ (${_}_id int PRIMARY KEY, label text NOT NULL, started_on date NOT NULL, ended_on date, amount numeric(12,2), state text, note text, "
	  . ($_ eq $things[0] ? 'parent int' : "$things[0]_id int REFERENCES $things[0]") . ");\n" } @things);

# Asks, some in one session and some in their own, as a role; the requests that
# the provider saw.
sub ask_all
{
	my ($role, $options, @questions) = @_;
	$stub->reset;
	$stub->script({ sql => 'SELECT 1 AS one', times => 0 });
	my @sql = map { 'SELECT llm_sql(' . Tiers::literal($_) . ', ' . Tiers::literal($options) . ');' } @questions;
	my $before = $role ? "SET ROLE $role;\n" : '';
	my @together = splice @sql, 0, @sql / 2;
	$node->safe_psql('postgres', $before . join "\n", @together);
	$node->safe_psql('postgres', $before . $_) for @sql;
	$node->safe_psql('postgres', 'SELECT llm_flush()');
	return $stub->requests;
}

# The requests of which the beginning came from the provider's cache.
sub served { return scalar grep { $_->{usage}{cache_read_input_tokens} > 0 } @_ }

# What is kept is long enough for every model.
my @first = ask_all(undef, '{"tier": 1}', 'what is the total amount of orders');
cmp_ok($first[0]{usage}{cache_creation_input_tokens}, '>=', 4096, 'rules and schema are 4096 tokens and more');
is($first[0]{usage}{cache_creation}{ephemeral_5m_input_tokens}, $first[0]{usage}{cache_creation_input_tokens}, 'which are kept for five minutes');

# A hundred questions, one model.
my @questions = map { "what is the average amount of $_ by state" } @things;
push @questions, map { "how many rows of $_ ended in 2024" } @things[ 0 .. 39 ];
is(scalar @questions, 100, 'a hundred questions');
my %seen = map { $_ => 1 } @questions;
is(scalar keys %seen, 100, 'all of them different');
my @requests = ask_all(undef, '{"tier": 1}', @questions);
is(scalar @requests, 100, 'each went to the model once');
figure_at_least('questions_served_from_the_providers_cache', served(@requests), 'of 100, one model', 98);

# The same, sent where the routes send them: each model has a cache of its own.
@requests = ask_all(undef, '{}', @questions);
my %models = map { $_->{body}{model} => 1 } @requests;
figure_at_least('questions_served_from_the_providers_caches', served(@requests), 'of 100, as routed', 98);
note join ', ', sort keys %models;

# What was read and written is in the log; so is the cost.
my $sums = decode_json($node->safe_psql('postgres', q{SELECT json_build_object('read', sum(cache_read_tokens), 'written', sum(cache_write_tokens),
	'input', sum(input_tokens), 'cost', sum(cost)) FROM (SELECT * FROM analytics_llm.log WHERE query_type = 'sql_generation' ORDER BY logged_at DESC LIMIT 100) AS l}));
my %billed = (read => 0, written => 0, input => 0);
for (@requests)
{
	$billed{read} += $_->{usage}{cache_read_input_tokens};
	$billed{written} += $_->{usage}{cache_creation_input_tokens};
	$billed{input} += $_->{usage}{input_tokens};
}
is($sums->{$_}, $billed{$_}, "tokens in the log: $_") for sort keys %billed;
my ($over, $under) = split m{/}, $stub->record->{billed};
cmp_ok(abs($sums->{cost} - $over / ($under || 1)), '<', 0.0005, 'and the cost is what is billed');
cmp_ok($billed{read}, '>', 20 * ($billed{input} + $billed{written}), 'most tokens were read from the cache');

# Another role with the same rights has the same beginning; one with others has
# its own; so has the role after DDL, and before the next change.
$node->safe_psql('postgres', 'CREATE ROLE twin IN ROLE pg_read_all_data; CREATE ROLE reader; GRANT USAGE ON FOREIGN SERVER anthropic TO twin, reader;'
	  . join '', map { "GRANT SELECT ON $_ TO reader;" } @things[ 0 .. 54 ]);
$stub->reset;
is(served(ask_all(undef, '{"tier": 1}', @questions[ 0, 1 ])), 1, 'one who asks first has it written');
sub again { my ($role, @q) = @_; my $n = @{ [ $stub->requests ] }; $stub->script({ sql => 'SELECT 1 AS one', times => 0 });
	$node->safe_psql('postgres', ($role ? "SET ROLE $role;\n" : '') . join '', map { 'SELECT llm_sql(' . Tiers::literal($_) . ", '{\"tier\": 1}');\n" } @q);
	my @all = $stub->requests; return served(@all[ $n .. $#all ]); }
is(again('twin', @questions[ 2, 3 ]), 2, 'a role with the same rights is served from it');
is(again('reader', @questions[ 4, 5 ]), 1, 'a role with fewer rights is not, the first time');
$node->safe_psql('postgres', 'ALTER TABLE outlet ADD COLUMN floor int');
is(again(undef, @questions[ 6, 7 ]), 1, 'nor is the first question after DDL');
$node->safe_psql('postgres', 'CREATE TEMP TABLE t (i int); ANALYZE; CREATE SCHEMA other; CREATE TABLE other.t (i int)');
is(again(undef, @questions[ 8, 9 ]), 2, 'what is no change of the schema changes nothing');

# Verified examples and a repair come after what is kept.
$node->safe_psql('postgres', 'INSERT INTO analytics_llm.example (name, question, sql) VALUES (\'one\', \'what is the average amount of orders by day\', \'SELECT 1\')');
is(again(undef, @questions[ 10, 11 ]), 2, 'an example is no part of it');
like((map { $_->{body}{system}[2]{text} } ($stub->requests)[-1])[0], qr/average amount of orders by day/, 'though it is shown');
my $n = @{ [ $stub->requests ] };
$stub->reset;
$stub->script({ sql => 'SELECT nothing FROM nowhere' }, { sql => 'SELECT 1 AS one', times => 0 });
$node->safe_psql('postgres', "SELECT llm_sql('what is the smallest amount of guests', '{\"tier\": 1}')");
my @repair = $stub->requests;
is(scalar @repair, 2, 'a query that was refused is written anew');
cmp_ok($repair[1]{usage}{cache_read_input_tokens}, '>', 0, 'over the same beginning');

# A part of a schema is not marked: it will not be asked for again.
$node->safe_psql('postgres', "ALTER SYSTEM SET analytics_llm.prompt_schema_tokens = 1000; SELECT pg_reload_conf()");
my @linked = ask_all(undef, '{"tier": 1}', @questions[ 0 .. 3 ]);
is(scalar(grep { $_->{body}{system}[1]{cache_control} } @linked), 0, 'a linked schema is not kept');
my %bodies = map { $_->{body}{system}[0]{text} => 1 } @linked;
is(scalar keys %bodies, 1, 'the rules before it are the same each time');
is_deeply([ $tiers->violations ], [], 'all requests keep the rules');
$tiers->stop;
done_testing();
