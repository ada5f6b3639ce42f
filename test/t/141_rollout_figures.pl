# Who is in which arm, and when a guard trips: the pure functions, over
# simulated questions with fixed seeds.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;
use ModelProbe;

my $node = PostgreSQL::Test::Cluster->new('arms');
$node->init;
$node->start;
ModelProbe->load($node);

sub sql { return $node->safe_psql('postgres', $_[0]); }

# Others deal in the same way: their test vectors.
is(sql("SELECT probe_hash('exp-sonnet', 'tenant-42')"), '1306001337', 'the inner hash');
is(sql("SELECT probe_bucket('exp-sonnet', 'tenant-42')"), '8401', 'a bucket');
is(sql("SELECT probe_bucket('exp-sonnet', 'tenant-43')"), '1358', 'another one');
is(sql("SELECT probe_bucket('a', 'b')"), '6912', 'a short one');

# The bounds of a share are exact.
is(sql("SELECT probe_treated('exp-sonnet', 84.01, 'role', '', 'tenant-42', 'r'), probe_treated('exp-sonnet', 84.02, 'role', '', 'tenant-42', 'r')"),
	'f|t', 'a bucket belongs to the treatment from its own number on');
is(sql("SELECT count(*) FROM generate_series(1, 1000) AS i WHERE probe_treated('all', 100, 'role', '', 'u' || i, '') AND NOT probe_treated('none', 0, 'role', '', 'u' || i, '')"),
	'1000', '100 % are all, 0 % are none');

# Who stays in an arm.
is(sql("SELECT count(DISTINCT probe_treated('s', 50, 'end_user', 'ann', 'role' || i, 'r' || i)), count(DISTINCT probe_treated('s', 50, 'role', 'u' || i, 'bi', 'r' || i)), count(DISTINCT probe_treated('s', 50, 'request', 'ann', 'bi', 'r' || i)), count(DISTINCT probe_treated('s', 50, 'end_user', '', 'bi', 'r' || i)) FROM generate_series(1, 50) AS i"),
	'1|1|2|1', 'an end user, a role, nobody, and a role without an end user');

# 10,000 questions at each share; as it grows, nobody leaves the treatment.
my @shares = (1, 5, 10, 25, 50, 100);
my $worst = 0;
for my $share (@shares)
{
	my $off = sql("SELECT abs(100.0 * count(*) FILTER (WHERE probe_treated('steps', $share, 'end_user', 'user ' || i, '', '')) / count(*) - $share) FROM generate_series(1, 10000) AS i");
	$worst = $off if $off > $worst;
}
figure_at_most('rollout_share_off_by', $worst + 0, 'points', 1);
my $moved = sql('SELECT count(*) FROM generate_series(1, 10000) AS i, unnest(ARRAY[' . join(',', @shares) . ']) WITH ORDINALITY AS s(share, n), unnest(ARRAY[' . join(',', @shares) . ']) WITH ORDINALITY AS t(share, n)'
	  . " WHERE t.n = s.n + 1 AND probe_treated('steps', s.share::real, 'end_user', 'user ' || i, '', '') AND NOT probe_treated('steps', t.share::real, 'end_user', 'user ' || i, '', '')");
figure_at_most('rollout_changed_arms_as_it_grew', $moved, 'of 10000', 0);
# Two rollouts have nothing to do with each other: a quarter is in both halves.
my $both = sql("SELECT count(*) FROM generate_series(1, 10000) AS i WHERE probe_treated('one', 50, 'role', '', 'user ' || i, '') AND probe_treated('two', 50, 'role', '', 'user ' || i, '')");
cmp_ok(abs($both - 2500), '<', 150, "two rollouts deal independently: $both in both");

# Failures that are injected end a rollout as soon as the guard may speak.
my %faults = (
	errors => 'probe_guard_run(i, 10000, 50, 0.03, 0.4, 0.05, 0.05, 1, 1, 100)',
	'refused queries' => 'probe_guard_run(i, 10000, 50, 0.03, 0.03, 0.05, 0.4, 1, 1, 100)',
	latency => 'probe_guard_run(i, 10000, 50, 0.03, 0.03, 0.05, 0.05, 3, 1, 100)',
	cost => 'probe_guard_run(i, 10000, 50, 0.03, 0.03, 0.05, 0.05, 1, 4, 100)',
	'answers called wrong' => 'probe_feedback_run(i, 10000, 50, 0.3, 0.1, 0.6, 100)',
	'answers called wrong, at a share of 10 %, by few' => 'probe_feedback_run(i, 30000, 10, 0.1, 0.2, 0.7, 100)',
	'errors at a share of 5 %' => 'probe_guard_run(i, 10000, 5, 0.03, 0.4, 0.05, 0.05, 1, 1, 100)');
my $caught = 0;
for my $fault (sort keys %faults)
{
	my $within = sql("SELECT count(*) FROM generate_series(1, 100) AS i WHERE $faults{$fault} BETWEEN 1 AND 100");
	is($within, 100, "$fault: the guard trips within its sample, in 100 of 100 runs");
	$caught += $within;
}
figure_at_least('guard_trips_within_its_sample', $caught, 'of 700 runs', 700);

# Without a difference it hardly ever does, though it looks after each question.
my @same = (
	'probe_guard_run(i, 10000, 50, 0.03, 0.03, 0.05, 0.05, 1, 1, 100)',
	'probe_guard_run(i, 10000, 10, 0.2, 0.2, 0.3, 0.3, 1, 1, 100)',
	'probe_guard_run(i, 10000, 50, 0.5, 0.5, 0.5, 0.5, 1, 1, 100)',
	'probe_guard_run(i, 10000, 5, 0.01, 0.01, 0, 0, 1, 1, 100)',
	# A little better or worse than the guard minds is no difference, either.
	'probe_guard_run(i, 10000, 50, 0.05, 0.03, 0.05, 0.05, 1.1, 1.2, 100)',
	'probe_feedback_run(i, 10000, 50, 0.3, 0.1, 0.1, 100)',
	'probe_feedback_run(i, 10000, 50, 1, 0.5, 0.5, 100)',
	'probe_feedback_run(i, 10000, 10, 0.5, 0, 0, 100)',
	'probe_feedback_run(i, 10000, 50, 0.5, 0.2, 0.22, 100)');
my $most = 0;
for my $run (@same)
{
	my $trips = sql("SELECT count(*) FROM generate_series(1, 100) AS i WHERE $run > 0");
	cmp_ok($trips, '<=', 5, "$trips of 100 runs without a difference trip");
	$most = $trips if $trips > $most;
}
figure_at_most('guard_trips_without_a_difference', $most, 'of 100 runs', 5);

# A difference that is there, but small, is found later.
my ($found, $when) = split /\|/, sql("SELECT count(*) FILTER (WHERE n > 0), min(n) FILTER (WHERE n > 0) FROM (SELECT probe_guard_run(i, 10000, 50, 0.03, 0.12, 0.05, 0.05, 1, 1, 100) AS n FROM generate_series(1, 100) AS i) AS r");
cmp_ok($found, '>=', 95, "nine points more errors are found in $found of 100 runs");
cmp_ok($when, '>=', 100, "after $when questions at the soonest");

# One angry person is no sample: nothing is said of answers that few spoke of.
cmp_ok(sql("SELECT count(*) FROM generate_series(1, 100) AS i WHERE probe_feedback_run(i, 4000, 50, 0.02, 0, 1, 100) > 0"),
	'<=', 5, 'what few people say ends nothing');

$node->stop;
done_testing();
