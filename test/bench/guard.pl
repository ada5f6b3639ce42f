# What a full check costs beside the server's own parse and analysis of the
# same text: both are timed in turns, in one session that has its caches warm,
# with the locks of the relations taken anew each time.  The cost gate is off.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Material ();

use constant RUNS => 1000;

my $node = PostgreSQL::Test::Cluster->new('bench_guard');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION analytics_llm;
CREATE TABLE region (region_id int PRIMARY KEY, name text);
CREATE TABLE nation (nation_id int PRIMARY KEY, name text, region_id int REFERENCES region);
CREATE TABLE customer (customer_id int PRIMARY KEY, name text, segment text, nation_id int REFERENCES nation);
CREATE TABLE orders (order_id int PRIMARY KEY, customer_id int REFERENCES customer, ordered_on date, status text, total numeric(12,2), priority text);
CREATE TABLE part (part_id int PRIMARY KEY, name text, brand text, size int);
CREATE TABLE line (order_id int REFERENCES orders, part_id int REFERENCES part, quantity int, price numeric(12,2), discount numeric(4,2), shipped_on date, flag text);
CREATE VIEW revenue AS SELECT o.order_id, sum(l.price * (1 - l.discount)) AS amount FROM orders o JOIN line l USING (order_id) GROUP BY 1;
SQL
Material::load_probe($node, 'postgres');

my %queries = (
	'01 one table' => 'SELECT count(*) FROM orders',
	'02 filter and group' => "SELECT status, count(*) AS n, sum(total) AS total FROM orders WHERE ordered_on >= date '2024-01-01' GROUP BY status ORDER BY total DESC",
	'03 pricing summary' => "SELECT flag, sum(quantity) AS quantity, sum(price) AS base, sum(price * (1 - discount)) AS discounted, avg(quantity) AS average, count(*) AS lines FROM line WHERE shipped_on <= date '2024-12-01' - interval '90 days' GROUP BY flag ORDER BY flag",
	'04 shipping priority' => "SELECT l.order_id, sum(l.price * (1 - l.discount)) AS revenue, o.ordered_on FROM customer c JOIN orders o ON o.customer_id = c.customer_id JOIN line l ON l.order_id = o.order_id WHERE c.segment = 'BUILDING' AND o.ordered_on < date '2024-03-15' GROUP BY l.order_id, o.ordered_on ORDER BY revenue DESC, o.ordered_on LIMIT 10",
	'05 local revenue' => "SELECT n.name, sum(l.price * (1 - l.discount)) AS revenue FROM customer c JOIN orders o USING (customer_id) JOIN line l USING (order_id) JOIN nation n USING (nation_id) JOIN region r USING (region_id) WHERE r.name = 'ASIA' AND o.ordered_on >= date '2024-01-01' GROUP BY n.name ORDER BY revenue DESC",
	'06 cte' => "WITH monthly AS (SELECT date_trunc('month', ordered_on) AS month, sum(total) AS total FROM orders GROUP BY 1) SELECT month, total, total - lag(total) OVER (ORDER BY month) AS change FROM monthly ORDER BY month",
	'07 sub-select' => 'SELECT c.name FROM customer c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.customer_id AND o.total > (SELECT avg(total) FROM orders)) ORDER BY c.name',
	'08 case' => "SELECT o.priority, sum(CASE WHEN o.status = 'F' THEN 1 ELSE 0 END) AS done, sum(CASE WHEN o.status <> 'F' THEN 1 ELSE 0 END) AS open FROM orders o JOIN line l ON l.order_id = o.order_id WHERE l.flag IN ('A', 'R') GROUP BY o.priority ORDER BY o.priority",
	'09 union' => "SELECT 'part' AS kind, name FROM part WHERE size > 10 UNION ALL SELECT 'customer', name FROM customer WHERE segment = 'AUTO' ORDER BY 1, 2",
	'10 view and window' => 'SELECT c.name, r.amount, rank() OVER (PARTITION BY c.nation_id ORDER BY r.amount DESC) FROM revenue r JOIN orders o USING (order_id) JOIN customer c USING (customer_id) ORDER BY r.amount DESC LIMIT 20');

# One session warms up, and measures all.
my $script = '';
for my $round ('warm up', 'measure')
{
	for my $name (sort keys %queries)
	{
		my $runs = $round eq 'measure' ? RUNS : 50;
		$script .= "SELECT '$round', '$name', check_us, server_us FROM probe_cost(" . Material::quoted($queries{$name}) . ", $runs);\n";
	}
}
my (@checks, @servers, @ratios);
for my $line (split /\n/, $node->safe_psql('postgres', $script))
{
	my ($round, $name, $check, $server) = split /\|/, $line;
	next unless $round eq 'measure';
	note sprintf '%-22s check %6.1f us, server %6.1f us, %.2f times', $name, $check, $server, $check / $server;
	push @checks, $check;
	push @servers, $server;
	push @ratios, $check / $server;
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return $sorted[ @sorted / 2 ];
}

is(scalar @ratios, scalar keys %queries, 'all queries pass and are timed');
figure_at_most('check_time_median', sprintf('%.1f', median(@checks)), 'us', 1000);
figure_at_most('check_time_beside_servers_analysis', sprintf('%.2f', median(@ratios)), 'times', 3);
$node->stop;
done_testing();
