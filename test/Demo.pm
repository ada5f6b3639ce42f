# The demo's data in a server of their own, and rows that can be compared.
#
#	my $node = demo_node('questions');
#	my @lines = demo_lines($node, $sql);
#	my $line = demo_row(values %$row);
package Demo;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Cluster;
use Test::More;

our @EXPORT = qw(demo_node demo_row demo_lines);

# A server whose database "demo" has the data and the extension.
sub demo_node
{
	my ($name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'\nfsync = off\n");
	$node->start;
	$node->safe_psql('postgres', 'CREATE DATABASE demo');
	$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('demo'), '-f', 'demo/data.sql' ],
		'the data are loaded');
	$node->safe_psql('demo', 'CREATE EXTENSION analytics_llm');
	return $node;
}

# A value as a text that is the same however it is computed.
sub value
{
	my ($value) = @_;
	return 'null' unless defined $value;
	return $value unless "$value" =~ /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
	return sprintf('%.6f', $value);
}

# A row as a text of its values whatever their order, since a question does not
# say which column comes first.
sub demo_row
{
	return join '|', sort map { value($_) } @_;
}

# The rows of a query, each as such a text.
sub demo_lines
{
	my ($node, $sql) = @_;
	return map { demo_row(split /\|/, $_, -1) } split /\n/, $node->safe_psql('demo', "\\pset null null\n$sql");
}

1;
