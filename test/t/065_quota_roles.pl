# Quotas follow their role: renamed, dropped, dumped and restored, by name.
# And the days and months that they are for.
use strict;
use warnings;

use ModelProbe;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use Quota;

my $quota = Quota->new('roles', qw(analyst bi gone));
my $node = $quota->{node};
$quota->answers(input => 300, output => 50);
$quota->ask($_) for qw(analyst bi gone);

# Renamed: the same quota, the same budget, also after a restart.
$quota->limit('analyst', 'month', token_limit => 351);
is($quota->ask('analyst')->{status}, 'blocked', 'used up');
$quota->sql('ALTER ROLE analyst RENAME TO researcher');
my $said = $quota->ask('researcher');
is($said->{status}, 'blocked', 'a renamed role has the same budget');
like($said->{message}, qr/^quota of role "researcher"/, 'under its new name');
$node->restart;
is($quota->ask('researcher')->{status}, 'blocked', 'also after a restart');
is($quota->sql('SELECT grantee, grantee_name FROM analytics_llm.quota'), 'researcher|analyst', 'the old name stays beside it');
$quota->sql('CREATE ROLE analyst LOGIN');
is($quota->ask('analyst')->{status}, 'ok', 'who has the old name now is free');
$quota->sql('UPDATE analytics_llm.quota SET hard = true');
is($quota->sql('SELECT grantee, grantee_name FROM analytics_llm.quota'), 'researcher|researcher', 'until the row is written');
$quota->sql('ALTER ROLE researcher RENAME TO scientist');

# Dropped: a bare number, that concerns nobody and can be changed and deleted.
$quota->limit('gone', 'month', token_limit => 1);
my $oid = $quota->sql(q{SELECT 'gone'::regrole::oid});
$quota->sql('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM gone; DROP ROLE gone');
is($quota->sql("SELECT grantee, grantee_name FROM analytics_llm.quota WHERE grantee = $oid"), "$oid|gone", 'a dropped role leaves a number and a name');
$quota->sql("UPDATE analytics_llm.quota SET token_limit = 2 WHERE grantee = $oid");
is($quota->ask('bi')->{status}, 'ok', 'others go on');
is($quota->sql("SELECT grantee, tokens_used FROM analytics_llm.quota_status WHERE grantee = $oid"), "$oid|350", 'it is shown as it is');
$quota->sql('CREATE ROLE gone LOGIN');
is($quota->ask('gone')->{status}, 'ok', 'a later role of that name is free');

# Dumped and restored: by name, with what was used, without who is gone.
$quota->limit('-', 'day', token_limit => 1000000, cost_limit => 2.5, requests_per_minute => 60, hard => 'false');
$quota->limit('bi', 'day', token_limit => 1400, shadow => 'true');
$quota->sql('INSERT INTO analytics_llm.alert (raised_at, kind, subject, message, occasion) VALUES (now(), \'quota\', \'bi\', \'a message\', \'an occasion\')');
my $file = $node->basedir . '/dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $file, '-d', $node->connstr('postgres') ], 'pg_dump');
my $rows = 'SELECT grantee, period, token_limit, cost_limit, requests_per_minute, hard, shadow FROM analytics_llm.quota ORDER BY grantee::text COLLATE "C", period';
my $spent = q{SELECT user_id, period, requests, input_tokens, cost FROM analytics_llm.usage ORDER BY user_id::text COLLATE "C", period};
my $quotas = $quota->sql($rows);
like($quotas, qr/^\Q$oid\E\|/m, 'the number is there before');
(my $kept = $quotas) =~ s/^\Q$oid\E\|.*\n//m;
(my $kept_spent = $quota->sql($spent)) =~ s/^\Q$oid\E\|.*\n//mg;

# Into a cluster where the same names are other numbers.
my $other = PostgreSQL::Test::Cluster->new('other');
$other->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$other->append_conf('postgresql.conf', "shared_preload_libraries = 'analytics_llm'");
$other->start;
$other->safe_psql('postgres', 'CREATE ROLE zero; CREATE ROLE one; CREATE ROLE gone LOGIN; CREATE ROLE bi LOGIN; CREATE ROLE scientist LOGIN; CREATE ROLE analyst LOGIN; CREATE DATABASE copy');
my ($stdout, $stderr) = run_command([ 'pg_restore', '--exit-on-error', '-d', $other->connstr('copy'), $file ]);
is($stderr, '', 'pg_restore says nothing');
is($other->safe_psql('copy', $rows), $kept, 'the quotas are there, by name');
is($other->safe_psql('copy', $spent), $kept_spent, 'so is what was used');
is($other->safe_psql('copy', q{SELECT grantee_name FROM analytics_llm.quota WHERE grantee = 'scientist'::regrole}), 'scientist', 'and the name that a role had by then');
is($other->safe_psql('copy', 'SELECT subject, occasion FROM analytics_llm.alert'), 'bi|an occasion', 'and the alerts');
like($other->safe_psql('copy', "SELECT error_code, message FROM llm_answer('$Quota::QUESTION')", connstr => $other->connstr('copy') . ' user=scientist'),
	qr/^LLM02\|quota of role "scientist"/, 'what was used there is used here');

# A number is refused.
my ($ret, $out, $err) = $other->psql('copy', q{COPY analytics_llm.quota (grantee, grantee_name, period, token_limit) FROM STDIN;
4000000000	gone	month	5
\.
});
like($err, qr/ERROR:  role with OID 4000000000 does not exist/, 'the number of a role that is not there is refused');

# A database of its own has budgets of its own.
$node->safe_psql('postgres', 'CREATE DATABASE second');
$quota->{db} = 'second';
$quota->prepare('second');
is($quota->ask('scientist')->{status}, 'ok', 'another database has other budgets');
$quota->limit('scientist', 'month', token_limit => 1000000);
is($quota->ask('scientist')->{status}, 'ok', 'and they are counted');
is($quota->status('scientist', 'month', 'tokens_used'), 700, 'there');
$quota->{db} = 'postgres';
is($quota->status('scientist', 'month', 'tokens_used'), 350, 'and not here');
$quota->sql('DROP EXTENSION analytics_llm CASCADE');
$node->safe_psql('postgres', 'DROP DATABASE second');
is($quota->sql('SELECT 1'), 1, 'the extension and the database go');

# Days and months, against the server's own.  Boundaries, leap years, and
# sessions with a time zone of their own.
my $probe = ModelProbe->load($node);
for my $zone ('UTC', 'Pacific/Kiritimati', 'America/St_Johns')
{
	for ([ 'day', 'false' ], [ 'month', 'true' ])
	{
		my ($unit, $is_month) = @$_;
		is($node->safe_psql('postgres', qq{SET TimeZone = '$zone';
			SELECT count(*), count(*) FILTER (WHERE
				probe_period($is_month, at, false) <> date_trunc('$unit', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' OR
				probe_period($is_month, at, true) <> (date_trunc('$unit', at AT TIME ZONE 'UTC') + interval '1 $unit') AT TIME ZONE 'UTC')
			  FROM generate_series('2023-12-01 00:00+00'::timestamptz, '2028-04-01 00:00+00', interval '6 hours') AS t,
				   (VALUES (interval '-1 microsecond'), (interval '0'), (interval '1 microsecond')) AS v (d),
				   LATERAL (SELECT t + d AS at) AS x}),
			'18999|0', "each $unit begins and ends in UTC ($zone)");
	}
}

$node->stop;
$other->stop;
figure_all_passed('quota_roles_and_restore');
done_testing();
