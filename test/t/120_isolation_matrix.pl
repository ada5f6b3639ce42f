# No path shows a role what a direct query would not: rows, values, names.
#
# The cells are the product of roles, grants, policies and paths.  In each the
# same question was asked before by who may see more (the owner, a superuser, the
# same role with another setting or before a REVOKE), and then by the role of the
# cell.  What it gets is compared with what the same query gives that role at
# that moment by itself: the rows have to be the same, and an error means none.
#
# Every value of the tables is a word of its own, so that it is found wherever it
# turns up: in what a role is answered, told, or shown of the records.
use strict;
use warnings;

use IPC::Open2;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Tiers;

my @roles = qw(owner member other superuser set_role definer);
my @grants = qw(table column none revoked);
my @policies = qw(none user setting view);
# test/mutants tries one path at a time.
my @all_paths = qw(cache flight log prompt error result feedback);
my @paths = $ENV{ISOLATION_PATHS} ? split(' ', $ENV{ISOLATION_PATHS}) : @all_paths;

# Who a session is, and what it does before it asks.
my %session = (
	owner => { login => 'iso_owner' },
	member => { login => 'iso_member' },
	other => { login => 'iso_other' },
	superuser => { login => 'iso_super' },
	# The owner has asked in the same session; now it is somebody else.
	set_role => { login => 'iso_pooler', before => 'SET ROLE iso_owner', become => 'SET ROLE iso_member' },
	# A function of the owner asks, for somebody who may read nothing.
	definer => { login => 'iso_other', ask => 'iso_ask', direct => 'iso_direct', submit => 'iso_submit', result => 'iso_result' });

my $tiers = Tiers->new('isolation', <<'CONF');
analytics_llm.request_timeout = '60s'
log_statement = none
analytics_llm.cache_ttl = '5min'
analytics_llm.sql_cache_ttl = '1d'
max_connections = 60
analytics_llm.background_workers = 8
max_worker_processes = 24
CONF
my ($node, $stub) = @{$tiers}{qw(node stub)};
$tiers->tier(0, timeout_ms => 60000, max_retries => 0);
$tiers->tier(2, enabled => 'false');
$tiers->set('analytics_llm.max_repairs', 0);

# The roles.  iso_pooler may be owner and member; iso_group has the grants.
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE iso_owner LOGIN;
CREATE ROLE iso_group;
CREATE ROLE iso_member LOGIN IN ROLE iso_group;
CREATE ROLE iso_other LOGIN;
CREATE ROLE iso_super LOGIN SUPERUSER;
CREATE ROLE iso_pooler LOGIN NOINHERIT IN ROLE iso_owner, iso_member;
GRANT USAGE ON FOREIGN SERVER anthropic TO PUBLIC;
GRANT CREATE ON DATABASE postgres TO iso_owner;
SET ROLE iso_owner;
CREATE SCHEMA iso_tools;
GRANT USAGE ON SCHEMA iso_tools TO PUBLIC;
CREATE FUNCTION iso_tools.iso_ask(question text, options jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER AS
$$ DECLARE a analytics_llm.answer; BEGIN a := public.llm_answer(question, options); RETURN row_to_json(a); END $$;
CREATE FUNCTION iso_tools.iso_submit(question text, options jsonb) RETURNS uuid
LANGUAGE sql SECURITY DEFINER AS
$$ SELECT public.llm_submit(question, options) $$;
CREATE FUNCTION iso_tools.iso_result(id uuid) RETURNS json
LANGUAGE sql SECURITY DEFINER AS
$$ SELECT row_to_json(public.llm_result(id)) $$;
CREATE FUNCTION iso_tools.iso_prompt(question text) RETURNS SETOF json
LANGUAGE sql SECURITY DEFINER AS
$$ SELECT request FROM public.llm_prompt(question) $$;
CREATE FUNCTION iso_tools.iso_direct(query text) RETURNS SETOF json
LANGUAGE plpgsql SECURITY DEFINER AS
$$ BEGIN RETURN QUERY EXECUTE format('SELECT row_to_json(q) FROM (%s) AS q', query); END $$;
SQL

# One set of tables for each grant and policy.
my (%set, $rows);
for my $grant (@grants)
{
	for my $policy (@policies)
	{
		my $name = "${grant}_$policy";
		my $object = $policy eq 'view' ? "view_$name" : "accounts_$name";
		my $word = sub { "canary_${name}_$_[0]" };
		my $columns = "id, tenant, holder, amount, note_$name";
		my @sql = (
			"CREATE SCHEMA iso_$name", "GRANT USAGE ON SCHEMA iso_$name TO PUBLIC",
			"SET search_path = iso_$name",
			"CREATE TABLE accounts_$name (id int PRIMARY KEY, tenant text, holder text, amount int, note_$name text)",
			map { "INSERT INTO accounts_$name VALUES ($_->[0], '$_->[1]', '$_->[2]', $_->[0] * 10, '" . $word->($_->[0]) . "')" }
			  [ 1, 't1', 'iso_owner' ], [ 2, 't1', 'iso_member' ], [ 3, 't2', 'iso_member' ], [ 4, 't2', 'iso_other' ]);
		push @sql, "ALTER TABLE accounts_$name ENABLE ROW LEVEL SECURITY", "ALTER TABLE accounts_$name FORCE ROW LEVEL SECURITY"
		  if $policy =~ /user|setting/;
		push @sql, "CREATE POLICY p ON accounts_$name USING (holder = current_user)" if $policy eq 'user';
		push @sql, "CREATE POLICY p ON accounts_$name USING (tenant = current_setting('app.tenant', true))" if $policy eq 'setting';
		push @sql, "CREATE VIEW view_$name AS SELECT * FROM accounts_$name WHERE tenant = current_setting('app.tenant', true)"
		  if $policy eq 'view';
		push @sql, "GRANT SELECT ON $object TO iso_group" if $grant =~ /table|revoked/;
		push @sql, "GRANT SELECT (id, tenant, holder, amount) ON $object TO iso_group" if $grant eq 'column';
		$node->safe_psql('postgres', join(";\n", 'SET ROLE iso_owner', @sql));
		$set{$name} = {
			name => $name, grant => $grant, object => $object, schema => "iso_$name",
						all => "SELECT $columns FROM iso_$name.$object ORDER BY id",
			part => "SELECT id, tenant, amount FROM iso_$name.$object ORDER BY id",
			cast => "SELECT sum(note_${name}::int) AS total FROM iso_$name.$object",
			column_typo => "SELECT notes_$name FROM iso_$name.$object",
			table_typo => 'SELECT id FROM ' . "iso_$name.$object" =~ s/(accounts|view)_/$1x_/r };
	}
}

# Each query is the verified example of a question, and what the model answers
# to another one.
my @script;
for my $set (values %set)
{
	for my $kind (qw(all part))
	{
		$node->safe_psql('postgres', 'INSERT INTO analytics_llm.example (name, question, sql) VALUES ('
			  . join(', ', map { Tiers::literal($_) } "$kind $set->{name}", question('example', $kind, $set), $set->{$kind}) . ')');
		push @script, { match => { contains => question('model', $kind, $set) }, times => 0, sql => $set->{$kind} };
	}
	push @script, { match => { contains => question('slow', 'all', $set) }, times => 0, delay_ms => 100, sql => $set->{all} };
	# Queries that fail with a value in the message, and ones with wrong names.
	push @script, map { { match => { contains => question('model', $_->[0], $set) }, times => 0, sql => $_->[1] } }
	  map { [ $_ => $set->{$_} ] } qw(cast column_typo table_typo);
}
$stub->reset;
$stub->script(@script);

# The question for a query.  It has no name of a table or a column in it.
sub question
{
	my ($source, $kind, $set) = @_;
	return "$source $kind of " . join(' and ', split /_/, $set->{name});
}

# A session: psql at the other end of a pipe.  What it is told comes with what it
# is given, in order; a line of its own says that a statement is over.
sub connect_as
{
	my ($login) = @_;
	my $pid = open2(my $from, my $to,
		'exec psql -XAtq -v VERBOSITY=verbose -d ' . "'" . $node->connstr('postgres') . " user=$login' 2>&1");
	return { pid => $pid, from => $from, to => $to };
}

# Sends statements; their end is awaited later.
sub send_to
{
	my ($psql, $sql) = @_;
	print { $psql->{to} } "$sql;\n\\echo =end=\n";
	$psql->{to}->flush;
	return;
}

sub receive
{
	my ($psql) = @_;
	my $text = '';
	while (defined(my $line = readline $psql->{from}))
	{
		return $text if $line eq "=end=\n";
		$text .= $line;
	}
	die "the session ended: $text";
}

sub query
{
	my ($psql, $sql) = @_;
	send_to($psql, $sql);
	return receive($psql);
}

# A session as a role over a set, kept from cell to cell or opened anew.  It asks,
# and queries by itself.
my %kept;

sub open_session
{
	my ($role, $set, $tenant, $new) = @_;
	my $how = $session{$role};
	my $psql = $new ? connect_as($how->{login}) : ($kept{$role} ||= connect_as($how->{login}));
	query($psql, "RESET ROLE; SET search_path = $set->{schema}, public, iso_tools; SET app.tenant = '$tenant'");
	return { psql => $psql, how => $how, new => $new };
}

sub become { my ($s) = @_; query($s->{psql}, $s->{how}{become}) if $s->{how}{become}; return; }

sub leave
{
	my ($s) = @_;
	return unless $s->{new};
	close $s->{psql}{to};
	waitpid $s->{psql}{pid}, 0;
	return;
}

# The statement with which a session asks, and the envelope in what came back.
sub call_of
{
	my ($s, $question, $options) = @_;
	my $q = Tiers::literal($question) . ', ' . Tiers::literal($options || '{}');
	return 'SELECT ' . ($s->{how}{ask} ? "$s->{how}{ask}($q)" : "row_to_json(llm_answer($q))");
}

sub envelope
{
	my ($text) = @_;
	my ($json) = $text =~ /^(\{.*\})$/m;
	return $json ? decode_json($json) : undef;
}

# What the same query gives the same session by itself; undef for an error.
sub direct
{
	my ($s, $sql) = @_;
	my $text = query($s->{psql},
		$s->{how}{direct} ? "SELECT iso_direct(" . Tiers::literal($sql) . ')' : "SELECT row_to_json(q) FROM ($sql) AS q");
	return undef if $text =~ /ERROR/;
	return [ map { decode_json($_) } split /\n/, $text ];
}

# The words of the tables that a session can read by itself now.
sub readable
{
	my ($s, $set) = @_;
	my $rows = direct($s, $set->{all});
	return map { $_->{"note_$set->{name}"} => 1 } @{ $rows || [] };
}

my $canonical = JSON::PP->new->canonical;
my (%cells, @leaks, $compared);

# A cell is done; and what is wrong in it.
sub cell
{
	my ($path, $role, $set, @wrong) = @_;
	$cells{"$role $set->{name} $path"}++;
	push @leaks, map { "$path, $role, $set->{name}: $_" } grep { defined } @wrong;
	return;
}

# The words in a text that are none of those.
sub strange_words
{
	my ($text, %known) = @_;
	my %found = map { $_ => 1 } $text =~ /(canary_[a-z]+_[a-z]+_\d)/g;
	return map { "shows $_" } grep { !$known{$_} } sort keys %found;
}

# Compares what a session was answered with the direct query, and with what it
# may read.
sub compare_text
{
	my ($s, $set, $kind, $text) = @_;
	my $rows = direct($s, $set->{$kind});
	my @wrong = strange_words($text, map { ($_->{"note_$set->{name}"} || '') => 1 } @{ $rows || [] });
	my ($got, $wanted) = map { $_ && @$_ ? $canonical->encode($_) : '' } (envelope($text) || {})->{rows}, $rows;
	push @wrong, "is given $got, a query gives $wanted: $text" if $got ne $wanted;
	$compared++ if $wanted ne '';
	return @wrong;
}

sub compare
{
	my ($s, $set, $source, $kind) = @_;
	my $options = $source eq 'example' ? '{"tier": 3}' : '{}';
	return map { "$source $kind: $_" }
	  compare_text($s, $set, $kind, query($s->{psql}, call_of($s, question($source, $kind, $set), $options)));
}

# Statements of the administrator, in a session that is there.
sub sql
{
	my $text = query($kept{admin} ||= connect_as('postgres'), $_[0]);
	die "$_[0]: $text" if $text =~ /ERROR/;
	return $text;
}

# What the sets that lose their grant have between two questions.
sub grant_to_group { my ($set) = @_; sql("GRANT SELECT ON $set->{schema}.$set->{object} TO iso_group") if $set->{grant} eq 'revoked'; return; }
sub revoke_from_group { my ($set) = @_; sql("REVOKE SELECT ON $set->{schema}.$set->{object} FROM iso_group") if $set->{grant} eq 'revoked'; return; }

# The cache, and asking again in general: first who may see more asks the same,
# then this role with the other tenant, then it is the cell's turn, twice, and
# with the tenant changed in between.
sub try_cache
{
	my ($role, $set) = @_;
	my @wrong;
	grant_to_group($set);
	for my $first (qw(owner superuser))
	{
		my $s = open_session($first, $set, 't1');
		push @wrong, compare($s, $set, $_, 'all') for qw(example model);
		leave($s);
	}
	my $s = open_session($role, $set, 't2');
	if ($s->{how}{before})
	{
		query($s->{psql}, $s->{how}{before});
		push @wrong, compare($s, $set, $_, 'all') for qw(example model);
	}
	become($s);
	push @wrong, compare($s, $set, @$_) for [ qw(example all) ], [ qw(model all) ], [ qw(example part) ];
	query($s->{psql}, "SET app.tenant = 't1'");
	push @wrong, compare($s, $set, @$_) for [ qw(example all) ], [ qw(model all) ];
	if ($set->{grant} eq 'revoked')
	{
		revoke_from_group($set);
		push @wrong, compare($s, $set, @$_) for [ qw(example all) ], [ qw(model all) ], [ qw(example part) ];
	}
	leave($s);
	# Whoever may see nothing asks at last, in a session of its own.
	my $last = open_session('other', $set, 't1');
	push @wrong, compare($last, $set, $_, 'all') for qw(example model);
	leave($last);
	cell('cache', $role, $set, @wrong);
	return;
}

# One flight: somebody who may see more asks first and waits for the model, and
# the role asks the same meanwhile; then the same role with another tenant.
my $flights = 0;

sub try_flight
{
	my ($role, $set) = @_;
	my @wrong;
	for my $leader ('superuser', $role)
	{
		grant_to_group($set);
		my ($first, $second) = (open_session($leader, $set, 't1', 1), open_session($role, $set, 't2'));
		become($_) for $first, $second;
		revoke_from_group($set) if $leader ne $role;
		my $question = question('slow', 'all', $set) . ', flight ' . ++$flights;
		send_to($first->{psql}, call_of($first, $question));
		revoke_from_group($set) if $leader eq $role;
		send_to($second->{psql}, call_of($second, $question));
		my @told = map { receive($_->{psql}) } $first, $second;
		push @wrong, map { "a follower of $leader: $_" } compare_text($second, $set, 'all', $told[1]);
		push @wrong, map { "a leader: $_" } compare_text($first, $set, 'all', $told[0]) if $set->{grant} ne 'revoked';
		push @wrong, map { "$leader, once more: $_" } compare_text($second, $set, 'all', query($second->{psql}, call_of($second, $question)));
		leave($_) for $first, $second;
	}
	cell('flight', $role, $set, @wrong);
	return;
}

# May the session read the object, or its last column?  Without the names of both,
# it does not hear of them.
sub hidden_names
{
	my ($s, $set, $text) = @_;
	my ($some, $note) = split /[|\n]/, query($s->{psql}, <<"SQL");
SELECT has_any_column_privilege('$set->{schema}.$set->{object}', 'SELECT'),
	   has_column_privilege('$set->{schema}.$set->{object}', 'note_$set->{name}', 'SELECT')
SQL
	my @wrong;
	push @wrong, "names $set->{object}" if $some ne 't' && $text =~ /\b$set->{object}\b/;
	push @wrong, "names note_$set->{name}" if $note ne 't' && $text =~ /\bnote_$set->{name}\b/;
	return (\@wrong, $some eq 't', $note eq 't');
}

# What a model is told: no value at all, and no name that the role may not read.
sub try_prompt
{
	my ($role, $set) = @_;
	grant_to_group($set);
	my $s = open_session($role, $set, 't1');
	become($s);
	my $call = $s->{how}{ask} ? 'SELECT iso_prompt' : 'SELECT request FROM llm_prompt';
	my $before = query($s->{psql}, "$call('churn of $set->{name}')");
	revoke_from_group($set);
	my $text = query($s->{psql}, "$call('churn')");
	my $as = $s->{how}{ask} ? open_session('owner', $set, 't1') : $s;
	my ($wrong, $some, $note) = hidden_names($as, $set, $text);
	leave($as) if $as != $s;
	my @wrong = (@$wrong, strange_words("$before$text"));
	push @wrong, "does not name $set->{object}, which may be read: $text" if $some && $text !~ /\b$set->{object}\b/;
	push @wrong, "does not name note_$set->{name}, which may be read" if $note && $text !~ /\bnote_$set->{name}\b/;
	leave($s);
	cell('prompt', $role, $set, @wrong);
	return;
}

# What is said when a query fails, or has names that are nearly right: no value
# and no name that the role may not read.
sub try_error
{
	my ($role, $set) = @_;
	my @wrong;
	grant_to_group($set);
	my $s = open_session($role, $set, 't1');
	become($s);
	push @wrong, compare($s, $set, 'model', 'part');
	revoke_from_group($set);
	my %known = readable($s, $set);
	for my $kind (qw(cast column_typo table_typo))
	{
		my $text = query($s->{psql}, call_of($s, question('model', $kind, $set)));
		push @wrong, 'a query that fails gives rows' if !envelope($text) || envelope($text)->{rows};
		push @wrong, strange_words($text, %known);
	}
	my $caller = { psql => $s->{psql}, how => {} };
	%known = readable($caller, $set);
	my $q = Tiers::literal(question('model', 'cast', $set));
	my $said = join "\n", map { query($s->{psql}, $_) } "SELECT llm_ask($q)", "SELECT llm_sql($q)", 'SELECT llm_suggest(50)',
	  "SELECT e::text FROM llm_explain('amount of $set->{schema}') AS e",
	  map { 'SELECT f::text FROM llm_check(' . Tiers::literal($_) . ') AS f' } $set->{cast}, "SELECT 1 / (note_$set->{name} = '')::int FROM $set->{object}";
	push @wrong, strange_words($said, %known);
	# Nor is a hidden name told to who comes near it.
	for ([ table_typo => qr/./ ], [ column_typo => qr/note_/ ])
	{
		my ($kind, $which) = @$_;
		$said = query($s->{psql}, 'SELECT f::text FROM llm_check(' . Tiers::literal($set->{$kind}) . ') AS f');
		push @wrong, grep { $_ =~ $which } @{ (hidden_names($caller, $set, $said))[0] };
	}
	leave($s);
	cell('error', $role, $set, @wrong);
	return;
}

# What is recorded: every relation of the schema that can be read, and the
# functions that tell of it.  It has nobody else's questions, and no value that
# may not be read.
my @relations = split /\n/, sql("SELECT oid::regclass FROM pg_class WHERE relnamespace = 'analytics_llm'::regnamespace AND relkind IN ('r', 'v', 'm', 'p') ORDER BY 1");

my %recorded;

sub try_log
{
	my ($role, $set) = @_;
	$recorded{$role} ||= record_all($role);
	my $s = open_session($role, $set, 't1');
	become($s);
	my $caller = { psql => $s->{psql}, how => {} };
	my %known = readable($caller, $set);
	query($s->{psql}, "SET app.tenant = 't2'");
	%known = (%known, readable($caller, $set));
	my ($text, $others) = @{ $recorded{$role} };
	my @wrong = grep { /canary_$set->{name}_/ } strange_words($text, %known);
	push @wrong, "sees rows of others: $others" if $others ne "0\n" && $role ne 'superuser';
	leave($s);
	cell('log', $role, $set, @wrong);
	return;
}

# Asks over all sets as one role, and looks at all that is recorded then.
sub record_all
{
	my ($role) = @_;
	my $s;
	for my $set (map { $set{$_} } sort keys %set)
	{
		grant_to_group($set);
		$s = open_session($role, $set, 't1');
		become($s);
		query($s->{psql}, call_of($s, question('model', 'all', $set)));
		revoke_from_group($set);
		query($s->{psql}, call_of($s, question('model', 'cast', $set)));
	}
	query($s->{psql}, 'SELECT llm_flush()');
	my $text = '';
	for my $relation (@relations)
	{
		# Of some, a role may read a part of the columns.
		my $columns = query($s->{psql}, "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = '$relation'::regclass AND attnum > 0 AND NOT attisdropped AND has_column_privilege(attrelid, attnum, 'SELECT')");
		chomp $columns;
		$text .= query($s->{psql}, "SELECT t::text FROM (SELECT $columns FROM $relation) AS t WHERE t::text LIKE '%canary_%'") if $columns ne '';
	}
	$text .= query($s->{psql}, 'SELECT s::text FROM llm_status() AS s');
	return [ $text, query($s->{psql}, <<'SQL') ];
SELECT (SELECT count(*) FROM analytics_llm.request WHERE user_name <> current_user)
	 + (SELECT count(*) FROM analytics_llm.log WHERE user_name <> current_user)
	 + (SELECT count(*) FROM analytics_llm.token_usage WHERE user_name <> current_user)
	 + (SELECT count(*) FROM analytics_llm.span WHERE request_id NOT IN (SELECT request_id FROM analytics_llm.request))
	 + (SELECT count(*) FROM analytics_llm.trace_tree WHERE request_id NOT IN (SELECT request_id FROM analytics_llm.request))
SQL
}

# An answer that was submitted, and is fetched when it is there: in the session
# that asked, with another tenant, by everybody else who has come by the id, and
# after a REVOKE.  Rows are those of a direct query at that moment, or none; and
# where nothing has changed they have to come.
my $fetched = 0;

sub try_result
{
	my ($role, $set) = @_;
	my @wrong;
	grant_to_group($set);
	my $s = open_session($role, $set, 't1');
	become($s);
	my $submit = $s->{how}{submit} || 'llm_submit';
	my %id = map {
		chomp(my $id = query($s->{psql}, "SELECT $submit(" . Tiers::literal(question($_, 'all', $set)) . ', '
			  . Tiers::literal($_ eq 'example' ? '{"tier": 3}' : '{}') . ')'));
		$_ => $id
	} qw(example model);
	for my $source (sort keys %id)
	{
		my $text;
		for (1 .. 1200)
		{
			$text = fetch($s, $id{$source});
			last if (envelope($text) || {})->{status} ne 'running';
			select undef, undef, undef, 0.02;
		}
		push @wrong, map { "$source, at once: $_" } compare_text($s, $set, 'all', $text);
		$fetched++ if $text =~ /canary/;
		for my $tenant (qw(t2 t1))
		{
			query($s->{psql}, "SET app.tenant = '$tenant'");
			push @wrong, map { "$source, with $tenant: $_" } no_more_than_direct($s, $set, fetch($s, $id{$source}));
			for my $who (qw(owner member other superuser))
			{
				my $other = open_session($who, $set, $tenant, $who eq $role);
				push @wrong, map { "$source, fetched by $who with $tenant: $_" } no_more_than_direct($other, $set, fetch($other, $id{$source}));
				leave($other);
			}
		}
		if ($set->{grant} eq 'revoked')
		{
			revoke_from_group($set);
			push @wrong, map { "$source, after REVOKE: $_" } no_more_than_direct($s, $set, fetch($s, $id{$source}));
			grant_to_group($set);
		}
	}
	revoke_from_group($set);
	leave($s);
	cell('result', $role, $set, @wrong);
	return;
}

# What a session is told when it fetches an answer.
sub fetch
{
	my ($s, $id) = @_;
	return query($s->{psql}, 'SELECT ' . ($s->{how}{result} ? "$s->{how}{result}('$id')" : "row_to_json(llm_result('$id'))"));
}

# An answer has all the rows of a direct query, or none.
sub no_more_than_direct
{
	my ($s, $set, $text) = @_;
	my $rows = (envelope($text) || {})->{rows};
	return compare_text($s, $set, 'all', $text) if $rows;
	return strange_words($text);
}

# What people say of answers: of nobody else's, and to nobody else.  A corrected
# query is checked, and what is said of it names nothing that may not be read.
sub try_feedback
{
	my ($role, $set) = @_;
	my @wrong;
	my $about = sub { 'SELECT llm_feedback(' . Tiers::literal($_[0]) . ', false, ' . Tiers::literal($_[1]) . ", 'a remark')" };
	grant_to_group($set);
	my $owner = open_session('owner', $set, 't1', 1);
	my $owners = (envelope(query($owner->{psql}, call_of($owner, question('model', 'all', $set)))) || {})->{request_id};
	my $said = query($owner->{psql}, "SELECT llm_feedback('$owners', true, NULL, 'canary_$set->{name}_9 said the owner')");
	push @wrong, "the owner cannot speak: $said" if $said =~ /ERROR/;
	leave($owner);

	my $s = open_session($role, $set, 't1');
	become($s);
	my $own = (envelope(query($s->{psql}, call_of($s, question('model', 'all', $set)))) || {})->{request_id};
	my $caller = { psql => $s->{psql}, how => {} };
	my %known = readable($caller, $set);
	$said = join "\n", map { my $kind = $_; map { query($s->{psql}, $about->($_, $set->{$kind})) } $own, $owners } qw(all cast column_typo table_typo);
	push @wrong, 'speaks of a question of the owner' if $role ne 'owner' && query($s->{psql}, $about->($owners, 'SELECT 1')) !~ /is no question of role/;
	revoke_from_group($set);
	%known = readable($caller, $set);
	my $later = query($s->{psql}, $about->($own, $set->{all}));
	push @wrong, strange_words("$said$later", %known);
	for ([ table_typo => qr/./ ], [ column_typo => qr/note_/ ])
	{
		my ($kind, $which) = @$_;
		push @wrong, grep { $_ =~ $which } @{ (hidden_names($caller, $set, query($s->{psql}, $about->($own, $set->{$kind}))))[0] };
	}
	my $seen = query($s->{psql}, 'SELECT f::text FROM analytics_llm.feedback AS f');
	push @wrong, map { "feedback: $_" } strange_words($seen, %known, map { $_ => 1 } $role =~ /owner|superuser/ ? map { "canary_${_}_9" } keys %set : ());
	push @wrong, map { "once more: $_" } compare($s, $set, 'model', 'all');
	leave($s);
	cell('feedback', $role, $set, @wrong);
	return;
}

my %try = (cache => \&try_cache, flight => \&try_flight, log => \&try_log, prompt => \&try_prompt, error => \&try_error,
	result => \&try_result, feedback => \&try_feedback);
for my $path (@paths)
{
	note "path: $path";
	for my $name (sort keys %set)
	{
		$try{$path}->($_, $set{$name}) for @roles;
	}
}

my $wanted = @roles * @grants * @policies * @paths;
is_deeply([ grep { $cells{$_} != 1 } keys %cells ], [], 'each cell was tried once');
figure_at_least('isolation_cells', scalar keys %cells, "of $wanted", $wanted);
if (@paths == @all_paths)
{
	cmp_ok($fetched, '>', 100, "$fetched submitted answers had rows");
	cmp_ok($compared, '>', 500, "$compared answers had rows to compare");
	my $hits = sql("SELECT sum((detail ->> 'hits')::int) FROM llm_status() WHERE component = 'cache'") =~ s/\n//r;
	cmp_ok($hits, '>', 50, "$hits of them were kept ones") if $hits ne '';
}
diag $_ for @leaks[ 0 .. ($#leaks > 30 ? 30 : $#leaks) ];
figure_at_most('isolation_leaks', scalar @leaks, 'leaks', 0);

%kept = ();
$tiers->stop;
done_testing();
