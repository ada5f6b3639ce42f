# Apache Superset against the demo's data: a chart on a frozen view, one on a
# virtual dataset with a typed contract, SQL Lab with real columns.  What it
# shows is what hand-written SQL gives, and what it asked is in the log.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Copy qw(copy);
use FindBin;
use IO::Socket::INET;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use Figure;

my $venv = "$ENV{ALLM_CLIENTS}/superset";
my $node = PostgreSQL::Test::Cluster->new('demo');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
listen_addresses = '127.0.0.1'
timezone = 'UTC'
fsync = off
CONF
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE demo');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('demo'), '-f', 'demo/data.sql' ], 'the data are loaded');

# What a data engineer does for those who look at dashboards, as doc/bi.md says.
$node->safe_psql('demo', <<'SQL');
CREATE EXTENSION analytics_llm;
ALTER ROLE analyst SET analytics_llm.on_doubt = error;
CREATE SCHEMA reports;
GRANT USAGE ON SCHEMA reports TO analyst;
SELECT llm_create_view('reports.revenue_by_region', 'revenue by region');
GRANT SELECT ON reports.revenue_by_region TO analyst;
CREATE TYPE month_revenue AS (month date, revenue numeric);
SQL

# Superset, with a copy of the empty database of its own that was made with it.
my $home = PostgreSQL::Test::Utils::tempdir_short();
copy("$ENV{ALLM_CLIENTS}/superset.db", "$home/superset.db") or die "superset.db: $!";
my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1');
my $port = $socket->sockport;
close $socket;
@ENV{qw(HOME SUPERSET_HOME SUPERSET_CONFIG_PATH)} = ($home, $home, abs_path("$FindBin::Bin/superset_config.py"));
my ($said, $complained) = ('', '');
my $superset = IPC::Run::start([ "$venv/bin/gunicorn", '-w', 1, '-k', 'gthread', '--threads', 4, '--timeout', 300,
		'-b', "127.0.0.1:$port", 'superset.app:create_app()' ], '<', \undef, '>', "$home/log", '2>&1');
END { $superset->kill_kill if $superset; }
my $up = 0;
for (1 .. 600)
{
	$up = IPC::Run::run([ "$venv/bin/python", '-c', "import sys, requests; requests.get('http://127.0.0.1:$port/health').raise_for_status()" ],
		'<', \undef, '>', \$said, '2>', \$complained);
	last if $up;
	sleep 0.5;
}
ok($up, 'Superset runs') or diag slurp_file("$home/log");

my $picture = "$home/dashboard.png";
IPC::Run::run([ "$venv/bin/python", "$FindBin::Bin/superset_client.py", "http://127.0.0.1:$port",
		'postgresql+psycopg2://analyst@127.0.0.1:' . $node->port . '/demo',
		"SELECT * FROM llm_ask_as(NULL::month_revenue, 'revenue by month in 2024')", $picture ],
	'<', \undef, '>', \$said, '2>', \$complained);
my $came = eval { decode_json($said) } or BAIL_OUT("Superset: $said$complained" . slurp_file("$home/log"));

# The chart on the frozen view.
is_deeply($came->{frozen}{columns}, { region => 'TEXT', revenue => 'NUMERIC' }, 'the columns of a frozen view');
is(rows($came->{frozen}{data}, 'region', 'Revenue in euros'), by_hand('SELECT r.name, sum(s.revenue) FROM sales s JOIN regions r USING (region_id)
	GROUP BY r.name ORDER BY 2 DESC'), 'the data of the chart on it');
is(questions('revenue by region'), 1, 'nothing was asked anew for it');

# The chart on the virtual dataset, which Superset wraps.
is_deeply($came->{typed}{columns}, { month => 'DATE', revenue => 'DECIMAL' }, 'the columns of a typed contract');
$_->{month} /= 1000 for @{ $came->{typed}{data} };
is(rows($came->{typed}{data}, 'month', 'Revenue in euros'), by_hand(q{SELECT extract(epoch FROM date_trunc('month', sold_on))::bigint, sum(revenue) FROM sales
	WHERE sold_on BETWEEN '2024-01-01' AND '2024-12-31' GROUP BY 1 ORDER BY 1}), 'the data of the chart on it');
like($came->{typed}{sql}, qr/FROM \(SELECT \* FROM llm_ask_as\(.*\) AS virtual_table/s, 'Superset has wrapped it');

# SQL Lab writes the statement anew, with a LIMIT of its own.
is_deeply($came->{lab}{columns}, { product => 'STRING', revenue => 'DECIMAL' }, 'real columns in SQL Lab');
is(rows($came->{lab}{data}, 'product', 'revenue'), by_hand('SELECT p.name, sum(s.revenue) FROM sales s JOIN products p USING (product_id)
	GROUP BY p.name ORDER BY 2 DESC LIMIT 3'), 'and their rows');
like($came->{lab}{sql}, qr/^SELECT\s+\*\s+FROM LLM_ASK\('top 3 products by revenue'\)\s+LIMIT 1001$/, 'Superset has written it anew');

# What doc/bi.md says of what Superset sends.
my $log = slurp_file($node->logfile);
my @probes = $log =~ /statement: SELECT\s+\*\s+FROM LLM_ASK_AS\(.*?\)\s+LIMIT 1$/gms;
is(scalar @probes, 2, 'a virtual dataset is run twice to learn its columns');
unlike($log, qr/execute|READ ONLY/, 'by the simple protocol alone, and not in READ ONLY transactions');

# The picture that doc/bi.md shows is one like this.
for my $file ($picture, "$FindBin::Bin/../../doc/superset.png")
{
	my $png = slurp_file($file);
	ok($png =~ /^\x89PNG/ && length $png > 20_000 && length $png < 200_000, "a picture of the dashboard, $file");
}
copy($picture, $ENV{ALLM_SCREENSHOT}) or die "$ENV{ALLM_SCREENSHOT}: $!" if $ENV{ALLM_SCREENSHOT};

$superset->signal('TERM');
$superset->finish;
undef $superset;
$node->stop;
figure_all_passed('superset');
done_testing();

# Rows of Superset as psql would print them.
sub rows
{
	my ($data, @columns) = @_;
	return join "\n", map { my $row = $_; join '|', map { $row->{$_} =~ /^[\d.]+$/ ? 0 + $row->{$_} : $row->{$_} } @columns } @$data;
}

sub by_hand
{
	my ($sql) = @_;
	return join "\n", map { join '|', map { /^[\d.]+$/ ? 0 + $_ : $_ } split /\|/ } split /\n/, $node->safe_psql('demo', $sql);
}

sub questions
{
	my ($question) = @_;
	return $node->safe_psql('demo', "SELECT llm_flush(); SELECT count(*) FROM analytics_llm.request WHERE question = '$question'") =~ s/^\n//r;
}
