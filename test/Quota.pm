# Servers with one model and quotas, for the TAP tests of quotas.
#
#	my $quota = Quota->new('quota', 'analyst', 'bi');
#	$quota->limit('analyst', 'month', token_limit => 5000);
#	$quota->answers(times => 0, input => 100, output => 10);
#	my $said = $quota->ask('analyst');      # a row of llm_answer() as a hash
#
# The model may write 1000 tokens, so that a call reserves those and its prompt;
# Quota->reserved says how many.
package Quota;

use strict;
use warnings;
use JSON::PP;
use ModelStub;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our $MODEL = 'claude-opus-4-7';
our $QUESTION = 'churn of cohorts';
our $SQL = 'SELECT count(*) AS n FROM public.sales';

sub new
{
	my ($class, $name, @roles) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
	$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
max_connections = 120
analytics_llm.cache_ttl = 0
analytics_llm.sql_cache_ttl = 0
restart_after_crash = on
CONF
	$node->start;
	my $self = bless { node => $node, stub => ModelStub->new, db => 'postgres' }, $class;
	$node->safe_psql('postgres', "CREATE ROLE $_ LOGIN") for @roles;
	$self->prepare('postgres');
	return $self;
}

# The extension, a table that all may read, and the one model.
sub prepare
{
	my ($self, $db) = @_;
	$self->{node}->safe_psql($db, qq{CREATE EXTENSION analytics_llm;
	CREATE SERVER anthropic FOREIGN DATA WRAPPER llm_provider
		OPTIONS (api 'anthropic', endpoint '} . $self->{stub}->http . qq{/');
	CREATE USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS (api_key 'sk-of-the-tests');
	GRANT USAGE ON FOREIGN SERVER anthropic TO PUBLIC;
	CREATE TABLE sales (sale_id int PRIMARY KEY);
	INSERT INTO sales VALUES (1);
	GRANT SELECT ON sales TO PUBLIC;
	UPDATE analytics_llm.model SET max_output_tokens = 1000 WHERE name = '$MODEL';
	UPDATE analytics_llm.tier SET enabled = false WHERE tier = 2;
	UPDATE analytics_llm.tier SET timeout_ms = 10000, max_retries = 0 WHERE tier = 1;});
	return;
}

sub sql
{
	my ($self, $sql) = @_;
	return $self->{node}->safe_psql($self->{db}, $sql);
}

# A row of the table of quotas, in the place of those of that role and period.
sub limit
{
	my ($self, $role, $period, %columns) = @_;
	my @names = sort keys %columns;
	$self->sql("DELETE FROM analytics_llm.quota WHERE grantee = '$role'::regrole AND period = '$period'");
	$self->sql('INSERT INTO analytics_llm.quota (' . join(', ', 'grantee', 'period', @names)
		  . ") VALUES ('$role', '$period', " . join(', ', map { $columns{$_} } @names) . ')');
	return;
}

sub no_limits { $_[0]->sql('DELETE FROM analytics_llm.quota'); return; }

# The model's answers from here on, each billed at so many tokens.
sub answers
{
	my ($self, %how) = @_;
	my %step = (
		sql => $SQL, times => $how{times} || 0,
		usage => { input_tokens => $how{input} || 0, output_tokens => $how{output} || 0,
			cache_read_input_tokens => 0, cache_creation_input_tokens => 0 });
	delete @how{qw(times input output)};
	$self->{stub}->reset;
	$self->{stub}->script({ %step, %how });
	return;
}

# One question of a role in a session of its own: llm_answer() as a hash, with
# what came before it in the same session.
sub ask
{
	my ($self, $role, $before) = @_;
	my $out = $self->{node}->safe_psql($self->{db},
		($before || '') . "; SELECT row_to_json(a) FROM llm_answer('$QUESTION') AS a; SELECT llm_flush()",
		connstr => $self->{node}->connstr($self->{db}) . " user=$role");
	my ($line) = grep { /^\{/ } split /\n/, $out;
	return decode_json($line);
}

# A column of quota_status, as the superuser sees it.
sub status
{
	my ($self, $role, $period, $column) = @_;
	return $self->sql("SELECT $column FROM analytics_llm.quota_status WHERE grantee = '$role'::regrole AND period = '$period'");
}

# What a call of that role reserves, from the error of one that does not fit.
sub reserved
{
	my ($self, $role) = @_;
	my $said = $self->ask($role)->{message};
	return $said =~ /the call may need (\d+)/ ? $1 : die "not refused: $said";
}

1;
