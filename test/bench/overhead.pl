# What the extension adds to a model call.  One session asks a server that answers
# at once, and in turns with it posts the same body from a bare C function over a
# connection that it keeps: the difference is all that happens between the
# question and the checked query.  What an answer waits for the commit of its
# record is not part of it, and is printed beside it.
#
# And what the prompt costs: over eleven tables, and over ten thousand with
# 200,000 columns; with the first one of a new session.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use ModelProbe;
use Tiers;

use constant ROUNDS => 1000;

my $tiers = Tiers->new('overhead', <<'CONF');
log_statement = none
log_min_duration_statement = -1
autovacuum = off
max_locks_per_transaction = 2048
shared_buffers = 256MB
CONF
my ($node, $stub) = @{$tiers}{qw(node stub)};
$node->safe_psql('postgres', join '', map { "CREATE TABLE $_;\n" }
	'customer (customer_id int PRIMARY KEY, name text NOT NULL, city text, country text, joined_on date)',
	'product (product_id int PRIMARY KEY, title text NOT NULL, category_id int, price numeric(10,2), weight real)',
	'category (category_id int PRIMARY KEY, title text NOT NULL)',
	'purchase (purchase_id int PRIMARY KEY, customer_id int REFERENCES customer, placed_at timestamptz, shipped_on date, freight numeric)',
	'line (purchase_id int REFERENCES purchase, product_id int REFERENCES product, quantity int, price numeric(10,2), PRIMARY KEY (purchase_id, product_id))',
	'employee (employee_id int PRIMARY KEY, name text, hired_on date, manager_id int REFERENCES employee)',
	'store (store_id int PRIMARY KEY, city text, opened_on date)',
	'stock (store_id int REFERENCES store, product_id int REFERENCES product, units int, PRIMARY KEY (store_id, product_id))',
	'refund (refund_id int PRIMARY KEY, purchase_id int REFERENCES purchase, amount numeric, reason text)');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace}), 11, 'eleven tables');
$stub->script({ sql => 'SELECT city, count(*) AS customers FROM customer GROUP BY city ORDER BY city', times => 0 });

# The body that the extension sends, and the headers with it.
my $question = 'how many customers are there in each city';
my $body = $node->safe_psql('postgres', "SELECT request FROM llm_prompt('$question', '{\"tier\": 1}') WHERE tier = 1");
my $post = ModelProbe::http_sql($stub->http . '/v1/messages', $body, allow_plaintext => 1);
$post =~ s/^SELECT //;

# In turns: the question, and the post.  Then questions that the built-in rules
# answer: they have no call, and nothing to wait for (but the next call would wait
# for their records, so they are not asked in between).
my $options = q('{"tier": 1}');
my $free = q('{"tier": 3}');
sub rounds
{
	my ($n) = @_;
	return $node->safe_psql('postgres', <<"SQL");
CREATE TEMP TABLE t (round int PRIMARY KEY, asked float8, posted float8, ruled float8);
DO \$\$
DECLARE
	at timestamptz;
	asked float8;
	posted float8;
BEGIN
	FOR i IN 1 .. $n LOOP
		at := clock_timestamp();
		PERFORM llm_sql('$question', $options);
		asked := extract(epoch FROM clock_timestamp() - at) * 1000;
		posted := ($post ->> 'elapsed_ms')::float8;
		INSERT INTO t VALUES (i, asked, posted);
	END LOOP;
	FOR i IN 1 .. $n LOOP
		at := clock_timestamp();
		PERFORM llm_sql('revenue by region', $free);
		UPDATE t SET ruled = extract(epoch FROM clock_timestamp() - at) * 1000 WHERE round = i;
	END LOOP;
END
\$\$;
SELECT llm_flush();
SELECT 'times ' || json_agg(json_build_object('asked', t.asked, 'posted', t.posted, 'ruled', t.ruled, 'inside', m.latency_ms, 'ruled_inside', r.latency_ms) ORDER BY round)
  FROM t
  JOIN (SELECT latency_ms, row_number() OVER (ORDER BY asked_at) AS n FROM analytics_llm.request WHERE tier = 1) AS m ON m.n = t.round
  JOIN (SELECT latency_ms, row_number() OVER (ORDER BY asked_at) AS n FROM analytics_llm.request WHERE tier = 3) AS r ON r.n = t.round;
SELECT 'prompt ' || json_agg(duration_ms) FROM (SELECT duration_ms FROM analytics_llm.span WHERE name = 'prompt' ORDER BY start_time OFFSET 1) AS s;
SELECT 'own ' || json_agg(duration_ms) FROM (SELECT r.duration_ms - c.duration_ms AS duration_ms FROM analytics_llm.span AS r
  JOIN analytics_llm.span AS c USING (request_id) WHERE r.parent_span_id IS NULL AND c.name LIKE 'chat %') AS s;
TRUNCATE analytics_llm.request, analytics_llm.log;
SQL
}

# The value below which that share of a list lies.
sub quantile
{
	my ($share, @values) = @_;
	@values = sort { $a <=> $b } @values;
	return $values[ int($share * $#values) ];
}

rounds(50);
$stub->reset;
$stub->script({ sql => 'SELECT city, count(*) AS customers FROM customer GROUP BY city ORDER BY city', times => 0 });
my $out = rounds(ROUNDS);
my %said = $out =~ /^(times|prompt|own) (\[.*\])$/mg;
my @times = @{ decode_json($said{times}) };
is(scalar @times, ROUNDS, 'every round was measured');

# What is outside of a question's own clock: the call of the function, and the
# hand-over of its records; taken from questions that wait for no commit.
my @outside = map { $_->{ruled} - $_->{ruled_inside} } @times;
my @commit = map { $_->{asked} - $_->{inside} } @times;
for my $share (0.5, 0.99)
{
	my $name = $share == 0.5 ? 'p50' : 'p99';
	my $added = quantile($share, map { $_->{inside} } @times) + quantile(0.5, @outside) - quantile($share, map { $_->{posted} } @times);
	note sprintf '%s: inside %.3f, outside %.3f, post %.3f ms; the wait for the commit %.3f ms', $name,
	  quantile($share, map { $_->{inside} } @times), quantile(0.5, @outside), quantile($share, map { $_->{posted} } @times), quantile($share, @commit) - quantile(0.5, @outside);
	figure_at_most("overhead_${name}_ms", sprintf('%.3f', $added), 'ms over a bare POST', $share == 0.5 ? 0.5 : 1.5);
	figure_at_most("overhead_commit_wait_${name}_ms", sprintf('%.3f', quantile($share, @commit) - quantile(0.5, @outside)), 'ms beside it', 1000);
}
# A question's time less that of its own exchange: the same, whatever else delays
# one exchange or another.
my @own = @{ decode_json($said{own}) };
is(scalar @own, ROUNDS, 'every question has one exchange');
figure_at_most('overhead_beside_its_own_exchange_p50_ms', sprintf('%.3f', quantile(0.5, @own) + quantile(0.5, @outside)), 'ms', 1.0);
my @prompts = @{ decode_json($said{prompt}) };
figure_at_most('prompt_of_11_tables_ms', sprintf('%.3f', quantile(0.5, @prompts)), 'ms, median', 0.1);

# All calls of the extension went over one connection.
my %connections;
$connections{ $_->{connection} }++ for $stub->requests;
is(scalar keys %connections, 2, 'two connections: the extension\'s and the bare function\'s');
my ($most) = sort { $b <=> $a } values %connections;
figure_at_least('questions_over_one_connection', $most, 'questions', ROUNDS);

# The same in time of the processor, which other work on the machine does not
# lengthen much: all of the question, its records included.
my $used = q{SELECT 10 * (split_part(s, ' ', 14)::int + split_part(s, ' ', 15)::int) FROM regexp_replace(pg_read_file('/proc/self/stat'), '\(.*\)', 'x') AS s};
my $many = 'DO $$ BEGIN FOR i IN 1 .. 1000 LOOP PERFORM %s; END LOOP; END $$';
my @cpu = split /\n/, $node->safe_psql('postgres', join '', map { "$_;\n" }
	"SELECT count(llm_sql('$question', $options))", "SELECT count($post)", $used, sprintf($many, "llm_sql('$question', $options)"), $used, sprintf($many, $post), $used);
note sprintf 'processor: a question %.3f ms, a post %.3f ms', ($cpu[3] - $cpu[2]) / 1000, ($cpu[4] - $cpu[3]) / 1000;
figure_at_most('overhead_cpu_ms', sprintf('%.3f', (2 * $cpu[3] - $cpu[2] - $cpu[4]) / 1000), 'ms of the processor over a bare POST', 1.0);

# Ten thousand tables, 200,000 columns.
$node->safe_psql('postgres', 'CREATE DATABASE wide TEMPLATE template0');
$node->safe_psql('wide', "CREATE EXTENSION analytics_llm;" . $tiers->server_sql . <<'SQL');
CREATE PROCEDURE make() LANGUAGE plpgsql AS $$
DECLARE
	nouns text[] := ARRAY['account', 'address', 'agent', 'batch', 'branch', 'brand', 'budget', 'campaign', 'carrier', 'cart', 'channel', 'claim', 'client', 'contact', 'contract', 'coupon', 'course', 'crate', 'dealer', 'delivery', 'deposit', 'device', 'driver', 'employee', 'event', 'factory', 'fee', 'fleet', 'gift', 'guest', 'hotel', 'invoice', 'item', 'journey', 'key', 'lease', 'ledger', 'licence', 'loan', 'machine', 'meeting', 'member', 'notice', 'offer', 'outlet', 'parcel', 'payment', 'pension', 'pallet', 'plan', 'policy', 'product', 'project', 'quote', 'rebate', 'refund', 'region', 'repair', 'route', 'ticket'];
	attrs text[] := ARRAY['status', 'amount', 'price', 'started_on', 'ended_on', 'note', 'label', 'city', 'country', 'quantity', 'weight', 'height', 'rating', 'created_at', 'updated_at', 'kind', 'colour', 'currency'];
BEGIN
	FOR i IN 1 .. 10000 LOOP
		EXECUTE format('CREATE TABLE %s_%s_%s (id int PRIMARY KEY, %s_id int, ', nouns[1 + i % 60], nouns[1 + (i / 60) % 60], i, nouns[1 + (i * 3) % 60])
		  || (SELECT string_agg(nouns[1 + (i * 7 + j * 13) % 60] || '_' || attrs[j] || ' ' || (ARRAY['text', 'numeric', 'date', 'int'])[1 + j % 4], ', ') FROM generate_series(1, 18) AS j) || ')';
		IF i % 500 = 0 THEN
			COMMIT;
		END IF;
	END LOOP;
END
$$;
CALL make();
ANALYZE pg_class, pg_attribute;
SQL
my $asked = q{SELECT md5(request -> 'system' ->> 1) FROM llm_prompt('what is the average price of invoices by country of clients', '{"tier": 2}')};
my $cpu = q{SELECT 10 * (split_part(s, ' ', 14)::int + split_part(s, ' ', 15)::int) FROM regexp_replace(pg_read_file('/proc/self/stat'), '\(.*\)', 'x') AS s};
my @got = split /\n/, $node->safe_psql('wide', join '', map { "$_;\n" } $cpu, $asked, $cpu, ($asked) x 100, $cpu,
	q{SELECT sum(total_bytes) / 1048576 FROM pg_backend_memory_contexts WHERE name LIKE 'analytics_llm%'});
figure_at_most('first_prompt_of_10000_tables_ms', $got[2] - $got[0], 'ms of the processor', 1000);
figure_at_most('prompt_of_10000_tables_ms', sprintf('%.1f', ($got[103] - $got[2]) / 100), 'ms of the processor', 10);
figure_at_most('memory_of_10000_tables', sprintf('%.0f', $got[104]), 'MB in a session', 8);
my %same = map { $_ => 1 } @got[ 1, 3 .. 102 ];
is(scalar keys %same, 1, 'the same bytes each time');

# Another session finds that made, for prompts and for the built-in rules; without
# sharing it has all of it to itself.
my $ruled = q{SELECT length(llm_sql('how many account account 3600', '{"tier": 3, "cache": false}'))};
my $bytes = q{SELECT sum(total_bytes) / 1048576 FROM pg_backend_memory_contexts WHERE name LIKE 'analytics_llm%'};
$node->safe_psql('wide', $ruled);
my @next = split /\n/, $node->safe_psql('wide', join '', map { "$_;\n" } $cpu, $asked, $cpu, $ruled, $cpu);
is($next[1], $got[1], 'the same bytes in another session');
figure_at_most('first_prompt_of_10000_tables_in_another_session_ms', $next[2] - $next[0], 'ms of the processor', 100);
figure_at_most('first_rules_of_10000_tables_in_another_session_ms', $next[4] - $next[2], 'ms of the processor', 250);
my @alone = split /\n/, $node->safe_psql('wide', join '', map { "$_;\n" } 'CREATE TEMP TABLE t (i int)', $cpu, $asked, $ruled, $cpu, $bytes);
note sprintf 'alone: %d ms, %.0f MB', $alone[3] - $alone[0], $alone[4];

# A schema of many tables that fits: the stable part is the same between
# questions, and is made once.
@got = split /\n/, $node->safe_psql('wide', "SET analytics_llm.prompt_schema_tokens = 1000000; CREATE SCHEMA few; SET search_path = few, public, pg_temp;\n"
	. join '', map { "SELECT md5((request -> 'system' ->> 0) || (request -> 'system' ->> 1)) FROM llm_prompt('question $_', '{\"tier\": 2}');\n" } 1 .. 3);
%same = map { $_ => 1 } @got;
is(scalar keys %same, 1, 'what comes before the question is the same for each');

$tiers->stop;
done_testing();
