# A cluster that asks the model server of test/stub, for TAP tests.
#
#	my $tiers = Tiers->new('name', "setting = value\n");
#	my $got = $tiers->ask('revenue by region', '{"tier": 2}');
#	$got->{answer}{status}, $got->{log}[0]{status}, $got->{notices}
#
# The schema is that of a small shop: "revenue by region" is a question that the
# built-in rules understand, "churn by cohort" one that they do not.
package Tiers;

use strict;
use warnings;

use IO::Socket::INET;
use IPC::Run;
use JSON::PP;
use ModelProbe;
use ModelStub;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our $UNDERSTOOD = 'revenue by region';
our $NOT_UNDERSTOOD = 'churn by cohort';

# What the built-in rules give for the question that they understand, and a
# model's query for the same.
our $REVENUE = 'SELECT r.name AS region, sum(s.revenue) AS revenue FROM sales s JOIN regions r USING (region_id) GROUP BY r.name ORDER BY r.name';

# Each question is asked anew, unless a test says otherwise.
our $NOTHING_KEPT = "analytics_llm.cache_ttl = 0\nanalytics_llm.sql_cache_ttl = 0\n";

our $PRIMARY = 'claude-opus-4-7';
our $SECONDARY = 'claude-sonnet-5';

my $schema = <<'SQL';
CREATE EXTENSION analytics_llm;
CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE sales (sale_id int PRIMARY KEY,
	region_id int NOT NULL REFERENCES regions, sold_on date NOT NULL,
	revenue numeric(12,2) NOT NULL);
INSERT INTO regions VALUES (1, 'North'), (2, 'South'), (3, 'West');
INSERT INTO sales
SELECT i, 1 + i % 3, date '2024-01-01' + i * 10, i * 1.25
  FROM generate_series(1, 60) AS i;
ANALYZE;
SQL

sub new
{
	my ($class, $name, $conf, %how) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C' ]);
	$node->append_conf('postgresql.conf',
		"shared_preload_libraries = 'analytics_llm'\ntimezone = 'UTC'\n$NOTHING_KEPT" . ($conf || ''));
	$node->start;
	my $self = bless { node => $node, stub => ModelStub->new, routed => $how{routed} }, $class;
	$node->safe_psql('postgres', $schema . $self->server_sql);
	$self->{probe} = ModelProbe->load($node);
	return $self;
}

# The server that all models have, and a key for everybody.  Each question goes
# to the primary model first, and is asked plainly: which one starts is a matter
# of its own, see 140_route.pl.
sub server_sql
{
	my ($self) = @_;
	my $routes = $self->{routed} ? '' : 'UPDATE analytics_llm.route SET start_tier = 1,
		effort = NULL, thinking = NULL, timeout_ms = NULL, max_output_tokens = NULL;';
	return $routes . sprintf q{CREATE SERVER anthropic FOREIGN DATA WRAPPER llm_provider
		OPTIONS (api 'anthropic', endpoint '%s');
	CREATE USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS (api_key 'sk-of-the-tests');
	}, $self->{stub}->http;
}

# Gives a model a server and a key of its own, at the same endpoint: what happens
# to the key of another one is not its matter.
sub own_key
{
	my ($self, $model) = @_;
	$self->{node}->safe_psql('postgres', sprintf q{
		CREATE SERVER "of %1$s" FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic', endpoint '%2$s');
		CREATE USER MAPPING FOR PUBLIC SERVER "of %1$s" OPTIONS (api_key 'sk-of-%1$s');
		UPDATE analytics_llm.model SET server = 'of %1$s' WHERE name = '%1$s'}, $model, $self->{stub}->http);
	return;
}

# Sets columns of the rows of a tier, or of both.
sub tier
{
	my ($self, $tier, %what) = @_;
	my $set = join ', ', map { "$_ = '$what{$_}'" } sort keys %what;
	$self->{node}->safe_psql('postgres',
		"UPDATE analytics_llm.tier SET $set" . ($tier ? " WHERE tier = $tier" : ''));
	return;
}

# Forgets what was, the state of the breakers included, and says what the models
# do from now on: a step, or a list of steps, for each.  The last one goes on for
# ever.
sub models
{
	my ($self, %steps) = @_;
	$self->{probe}->clear_gate;
	return $self->steps(%steps);
}

# The same with the breakers as they are.
sub steps
{
	my ($self, %steps) = @_;
	my @script;
	for my $model (sort keys %steps)
	{
		my @list = ref $steps{$model} eq 'ARRAY' ? @{ $steps{$model} } : $steps{$model};
		$list[-1] = { times => 0, %{ $list[-1] } } if @list;
		push @script, map { { match => { model => $model }, %$_ } } @list;
	}
	$self->{stub}->reset;
	$self->{stub}->script(@script);
	return;
}

# Asks a question, as an envelope; the rows of the log come with it.
sub ask
{
	my ($self, $question, %how) = @_;
	my $q = literal($question);
	my $options = literal($how{options} || '{}');
	my $setup = $how{setup} || '';
	my ($out, $err);
	$self->{node}->psql('postgres', <<"SQL", stdout => \$out, stderr => \$err, on_error_stop => 0);
$setup
SELECT row_to_json(a) AS answer, request_id FROM llm_answer($q, $options) AS a
\\gset
\\echo :answer
RESET ROLE;
SELECT llm_flush() AS flushed \\gset
SELECT json_agg(l ORDER BY attempt) FROM analytics_llm.log AS l WHERE request_id = :'request_id';
SQL
	my ($answer, $log) = split /\n/, $out, 2;
	die "no answer: $out $err" unless $log;
	return { answer => decode_json($answer), log => decode_json($log), said => $err };
}

# Asks a question for its rows; what psql says of it, with SQLSTATEs.
sub rows
{
	my ($self, $question, %how) = @_;
	my $setup = $how{setup} || '';
	my ($out, $err);
	$self->{node}->psql('postgres',
		"\\set VERBOSITY verbose\n$setup;\nSELECT llm_ask("
		  . literal($question) . ', ' . literal($how{options} || '{}') . ');',
		stdout => \$out, stderr => \$err, on_error_stop => 0);
	$err =~ s/^LOCATION:.*\n?//mg;
	$err =~ s/^psql:\S+ //mg;
	return ($out, $err);
}

# Starts psql with some commands in the background, on this node or another.
sub start
{
	my ($self, $commands, $node) = @_;
	my ($out, $err) = ('', '');
	my $psql = IPC::Run::start(
		[
			'psql', '-XAtq', '-d', ($node || $self->{node})->connstr('postgres'),
			map { ('-c', $_) } '\set VERBOSITY verbose', ref $commands ? @$commands : $commands
		],
		'<', \undef, '>', \$out, '2>', \$err);
	return { psql => $psql, out => \$out, err => \$err };
}

# Waits until it ends; what it wrote, and its errors.
sub finish
{
	my ($self, $session) = @_;
	$session->{psql}->finish;
	return (${ $session->{out} }, ${ $session->{err} });
}

# Places where a call hangs, by the phase that it hangs in: the endpoint, and
# the step of the model server.  A connection that nobody takes, since the queue
# is full; TLS that nobody answers; headers; body.
sub hanging_places
{
	my ($self) = @_;
	my %here = (LocalAddr => '127.0.0.1');
	my $silent = IO::Socket::INET->new(Listen => 100, %here);
	my $full = IO::Socket::INET->new(Listen => 1, %here);
	my @fill = map {
		IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $full->sockport, Blocking => 0)
	} 1 .. 4;
	$self->{kept} = [ $silent, $full, @fill ];
	return (
		[ 'connect', 'http://127.0.0.1:' . $full->sockport, undef ],
		[ 'tls', 'https://127.0.0.1:' . $silent->sockport, undef ],
		[ 'headers', $self->{stub}->http, { do => 'stall' } ],
		[ 'body', $self->{stub}->http, { stall_ms => 300000 } ]);
}

# Waits until a question is waiting for a model.
sub wait_for_call
{
	my ($self, $node) = @_;
	($node || $self->{node})->poll_query_until('postgres', <<'SQL') or die 'no backend waits';
SELECT count(*) = 1 FROM pg_stat_activity
 WHERE state = 'active' AND wait_event_type = 'Extension' AND query LIKE '%llm_a%' AND pid <> pg_backend_pid()
SQL
	return;
}

# Reloads the configuration with a setting changed.
sub set
{
	my ($self, $setting, $value, $node) = @_;
	$node ||= $self->{node};
	$node->safe_psql('postgres', "ALTER SYSTEM SET $setting = '$value'");
	$node->safe_psql('postgres', 'SELECT pg_reload_conf()');
	return;
}

# The rows of the log that are calls.
sub calls
{
	my ($got) = @_;
	return grep { $_->{model_used} =~ /^claude/ && $_->{status} ne 'skipped' } @{ $got->{log} };
}

# What became of the breakers of a model, in the words of the table of
# doc/operations.md.
sub breaker_of
{
	my ($self, $model) = @_;
	my @lines = map { decode_json($_) } split /\n/, $self->{node}->safe_psql('postgres',
		q{SELECT json_build_object('name', name, 'state', state, 'of', detail ->> 'of', 'failures', detail ->> 'failures') FROM llm_status() WHERE component = 'breaker'});
	my @said;
	my %of = (model => "the model's", key => "the key's", 'model with key' => "the model's with that key");
	for (@lines)
	{
		next unless $_->{name} eq $model || $_->{of} eq 'key';
		push @said, 'counts' if $_->{failures};
		push @said, "opens $of{ $_->{of} }" if $_->{state} eq 'open';
		push @said, 'the model waits' . ($_->{of} eq 'model' ? '' : ', with that key') if $_->{state} eq 'waits';
	}
	return @said ? join '; ', @said : '–';
}

# What a call of the log was charged, beside the usage that the model server has
# on its bill, if it has one.
sub charged
{
	my ($call, $usage) = @_;
	return 'estimate' if $call->{estimated};
	my $tokens = $call->{input_tokens} + $call->{output_tokens} + $call->{cache_read_tokens} + $call->{cache_write_tokens};
	return 'nothing' if $tokens == 0;
	return $usage && $tokens == $usage->{input_tokens} + $usage->{output_tokens} + $usage->{cache_read_input_tokens} + $usage->{cache_creation_input_tokens} ? 'bill' : 'wrong';
}

sub literal
{
	my ($text) = @_;
	$text =~ s/'/''/g;
	return "'$text'";
}

# What was wrong with the requests, by the model server's rules.
sub violations
{
	my ($self) = @_;
	return map { @{ $_->{violations} } } $self->{stub}->requests;
}

sub stop
{
	my ($self) = @_;
	$self->{node}->stop;
	$self->{stub}->stop;
	return;
}

1;
