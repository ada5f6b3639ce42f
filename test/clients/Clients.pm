# The clients of the table of clients, and how each of them asks.
#
#	my @results = Clients::ask($client, $protocol, $place, $port, @cases);
#
# A case is a hash: sql, in which {q} stands for the argument; argument; then,
# true where the text that comes back is a query to be run in its turn.  A result
# is { columns => [ [ name, type ] ], rows => [ [ text ] ] } or { error => text }.
# Types are in the words of the client: they compare with those of another
# statement over the same client and protocol, and with nothing else.
package Clients;

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Spec;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Utils;

my $here = File::Spec->rel2abs(dirname(__FILE__));
my $json = JSON::PP->new->allow_nonref;

# Who takes part, with the protocols that each of them has.
our @CLIENTS = (
	[ psql => '`psql -c`' => 'simple' ],
	[ psql => '`\set`, `:\'q\'`, `\gexec`' => 'variable' ],
	[ psql => '`FETCH_COUNT`' => 'cursor' ],
	[ psql => '`PREPARE`, `EXECUTE`' => 'prepared' ],
	[ psycopg => 'simple (`ClientCursor`)' => 'simple' ],
	[ psycopg => 'extended' => 'extended' ],
	[ psycopg => 'prepared (`prepare=True`)' => 'prepared' ],
	[ psycopg => 'server-side cursor' => 'cursor' ],
	[ pgjdbc => 'simple (`preferQueryMode=simple`)' => 'simple' ],
	[ pgjdbc => 'extended' => 'extended' ],
	[ pgjdbc => 'prepared (`prepareThreshold=1`)' => 'prepared' ],
	[ pgjdbc => 'extended, `fetchSize` 2' => 'fetch' ],
	[ 'node-postgres' => 'simple (text)' => 'simple' ],
	[ 'node-postgres' => 'extended (values)' => 'extended' ],
	[ 'node-postgres' => 'prepared (named)' => 'prepared' ],
	[ pgcli => 'simple' => 'simple' ],
	[ pgcli => '`PREPARE`, `EXECUTE`' => 'prepared' ]);

# Clients with a program of ours that speaks lines, and how it starts.
my %program = (
	psycopg => [ '/usr/bin/python3', "$here/psycopg_client.py" ],
	pgjdbc => [ 'java', '-cp', "/usr/share/java/postgresql.jar:$here", 'JdbcClient' ],
	'node-postgres' => [ 'node', "$here/node_pg_client.js" ]);

our $DATABASE = 'postgres';
our $ROLE = 'analyst';

# Compiles what has to be; dies with the compiler's words.
sub prepare
{
	my ($said, $complained) = ('', '');
	IPC::Run::run([ 'javac', '-cp', '/usr/share/java/postgresql.jar', "$here/JdbcClient.java" ],
		'>', \$said, '2>', \$complained)
	  or die "javac: $said$complained";
	return;
}

# The results of cases, in their order.
sub ask
{
	my ($client, $protocol, $place, $port, @cases) = @_;
	return map { psql($protocol, $place, $port, $_) } @cases if $client eq 'psql';
	return pgcli($protocol, $place, $port, @cases) if $client eq 'pgcli';
	my ($said, $complained) = ('', '');
	my $lines = join '', map { join("\t", @{$_}{qw(argument then sql)}) . "\n" } @cases;
	IPC::Run::run([ @{ $program{$client} }, $port, $DATABASE, $protocol, $place ],
		'<', \$lines, '>', \$said, '2>', \$complained, IPC::Run::timeout(600));
	my @results = map { $json->decode($_) } split /\n/, $said;
	die "$client $protocol $place: $said$complained" if @results != @cases;
	return @results;
}

# The statement with its argument as this place of ours writes it.
sub filled
{
	my ($sql, $with) = @_;
	$sql =~ s/\{q\}/$with/;
	return $sql;
}

sub literal
{
	my ($text) = @_;
	$text =~ s/'/''/g;
	return "'$text'";
}

# One case in sessions of psql: its rows in one, its types in another.
sub psql
{
	my ($protocol, $place, $port, $case) = @_;
	my $rows = psql_session($protocol, $place, $port, $case, $case->{then} && $protocol ne 'simple' ? ' \gexec' : ';');
	return $rows if $rows->{error};
	if ($case->{then} && $protocol eq 'simple')
	{
		return psql($protocol, $place, $port, { sql => $rows->{rows}[0][0], argument => '' });
	}
	$case = { sql => psql_session($protocol, $place, $port, $case, ';')->{rows}[0][0], argument => '' } if $case->{then};
	my $types = psql_session($protocol eq 'simple' ? 'variable' : $protocol, $place, $port, $case, ' \gdesc');
	return $types if $types->{error};
	return { columns => $types->{rows}, rows => $rows->{rows} };
}

# What a session of psql writes for a case, as rows without their heading.
sub psql_session
{
	my ($protocol, $place, $port, $case, $end) = @_;
	my @command = ('psql', '-Xq', '--csv', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', $port, '-U', $ROLE, '-d', $DATABASE);
	my ($script, $said, $complained) = ('', '', '');
	my ($begin, $commit) = $place eq 'read_only' ? ('BEGIN READ ONLY', 'COMMIT') : ();
	# \gdesc sends two messages, and behind a pooler only a transaction keeps them together.
	($begin, $commit) = ('BEGIN', 'COMMIT') if $place eq 'pgbouncer' && $end =~ /gdesc/;
	if ($protocol eq 'simple')
	{
		push @command, map { ('-c', $_) } grep { defined } $begin, filled($case->{sql}, literal($case->{argument})), $commit;
	}
	else
	{
		push @command, '-v', 'FETCH_COUNT=2' if $protocol eq 'cursor';
		my $sql = filled($case->{sql}, q{:'q'}) . $end;
		$sql = prepared($case, q{:'q'}, $end) if $protocol eq 'prepared';
		$script = join "\n", '\set q ' . literal($case->{argument}), map { /\\|;$/ ? $_ : "$_;" } grep { defined } $begin, $sql, $commit;
	}
	IPC::Run::run(\@command, '<', \"$script\n", '>', \$said, '2>', \$complained, IPC::Run::timeout(600));
	return { error => $1 } if $complained =~ /ERROR:\s+(.*)/;
	my (undef, @rows) = csv($said);
	return { rows => \@rows };
}

# PREPARE, and EXECUTE so that a statement is used again; what the first one
# writes goes nowhere.
sub prepared
{
	my ($case, $argument, $end) = @_;
	my $has = $case->{sql} =~ /\{q\}/;
	my $execute = 'EXECUTE asked' . ($has ? "($argument)" : '');
	return 'PREPARE asked' . ($has ? '(text)' : '') . ' AS ' . filled($case->{sql}, '$1') . ";\n\\o /dev/null\n$execute;\n\\o\n$execute$end";
}

# Cases in one session of pgcli, which writes the results of each to a file.
sub pgcli
{
	my ($protocol, $place, $port, @cases) = @_;
	my @results = pgcli_session($protocol, $place, $port, @cases);
	my @then = grep { $cases[$_]{then} && !$results[$_]{error} } 0 .. $#cases;
	my @second = map { { sql => $results[$_]{rows}[0][0] =~ s/\s+/ /gr, argument => '' } } @then;
	@results[@then] = pgcli_session($protocol, $place, $port, @second) if @then;
	return @results;
}

sub pgcli_session
{
	my ($protocol, $place, $port, @cases) = @_;
	my $dir = PostgreSQL::Test::Utils::tempdir_short();
	append_to_file("$dir/rc", "[main]\ntable_format = csv\non_error = RESUME\nkeyring = False\nenable_pager = False\n");
	my @statements = map { [ pgcli_statements($protocol, $place, $_) ] } @cases;
	my $script = join '', map { join "\n", "\\o $dir/$_", @{ $statements[$_] }, "\\o\n" } 0 .. $#cases;
	my ($said, $complained) = ('', '');
	local @ENV{qw(HOME XDG_CONFIG_HOME)} = ($dir, $dir);
	IPC::Run::run([ 'pgcli', '--pgclirc', "$dir/rc", '--less-chatty', '--single-connection',
			'-h', '127.0.0.1', '-p', $port, '-U', $ROLE, '-d', $DATABASE ],
		'<', \$script, '>', \$said, '2>', \$complained, IPC::Run::timeout(600));
	return map { pgcli_result("$dir/$_", @{ $statements[$_] }) } 0 .. $#cases;
}

# The statements of a case, a line each.
sub pgcli_statements
{
	my ($protocol, $place, $case) = @_;
	my $argument = literal($case->{argument});
	my @sql = filled($case->{sql}, $argument);
	@sql = (grep({ !/^\\/ } split /;?\n/, prepared($case, $argument, '')), 'DEALLOCATE asked') if $protocol eq 'prepared';
	@sql = ('BEGIN READ ONLY', @sql, 'COMMIT') if $place eq 'read_only';
	return map { "$_;" } @sql;
}

# The last table in the file of a case; else what stands after the first
# statement that has no command tag.  This client shows no types.
sub pgcli_result
{
	my ($file, @statements) = @_;
	my $text = -f $file ? slurp_file($file) : '';
	my @tables = $text =~ /((?:^".*\n)+)/mg;
	if (@tables)
	{
		my ($names, @rows) = csv($tables[-1]);
		return { columns => [ map { [ $_, '' ] } @$names ], rows => \@rows };
	}
	# A notice stands before the tag.
	for my $i (0 .. $#statements)
	{
		my $end = $i < $#statements ? qr/^\Q$statements[$i + 1]\E\n/m : qr/\z/;
		next unless $text =~ /^\Q$statements[$i]\E\n(.*?)(?=$end)/ms;
		my $output = $1;
		return { error => (split /\n/, $output)[0] } unless $output =~ /^[A-Z]+(?: [A-Z]+)*(?: \d+)?$/m;
	}
	return { error => 'nothing came back' };
}

# The rows of CSV, quotes taken off.
sub csv
{
	my ($text) = @_;
	my (@rows, @row);
	while ($text =~ /\G(?:"((?:[^"]|"")*)"|([^,"\n]*))(,|\n)/g)
	{
		my ($quoted, $plain, $end) = ($1, $2, $3);
		push @row, defined $quoted ? $quoted =~ s/""/"/gr : $plain;
		next if $end eq ',';
		push @rows, [@row];
		@row = ();
	}
	return @rows;
}

1;
