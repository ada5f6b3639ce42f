# Columns that a caller declares: models are told, their queries are checked for
# them and go back when they have others, and nothing is called by a probe.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Tiers;

my $tiers = Tiers->new('typed', "log_statement = none\n");
my ($node, $stub) = @{$tiers}{qw(node stub)};
my $typed = "SELECT * FROM llm_rows('churn by cohort') AS t (cohort text, churn int)";
my $right = { sql => 'SELECT region_id AS churn, name AS cohort FROM regions ORDER BY region_id' };
my $wrong = { sql => 'SELECT name, region_id FROM regions ORDER BY region_id' };
my $lacks = { sql => 'SELECT name AS cohort FROM regions' };

sub told
{
	my ($commands) = @_;
	my ($out, $err) = ('', '');
	$node->psql('postgres', "\\set VERBOSITY verbose\n$commands", stdout => \$out, stderr => \$err, on_error_stop => 0);
	$err =~ s/^LOCATION:.*\n?//mg;
	$err =~ s/^psql:\S+ //mg;
	return ($out, $err);
}

# What was written to the models for the user.
sub prompts
{
	return map { $_->{body}{messages}[0]{content} } $stub->requests;
}

# The columns go into the prompt, by names and types.
$tiers->models($Tiers::PRIMARY => $right);
my ($out, $err) = told($typed);
is($out, "North|1\nSouth|2\nWest|3", 'by name, in the order that is declared');
is($err, '', 'and nothing is said');
my ($prompt) = prompts();
like($prompt, qr{<columns>\ncohort text, churn integer\n</columns>}, 'the model was told');
is($node->safe_psql('postgres', q{SELECT count(*) FROM llm_prompt('churn by cohort', '{"tier": 1, "columns": [["cohort", "text"]]}') WHERE strpos(request::text, '<columns>\ncohort text\n</columns>') > 0}), 2, 'as llm_prompt shows');
unlike($node->safe_psql('postgres', q{SELECT string_agg(request::text, '') FROM llm_prompt('churn by cohort', '{"tier": 1}')}), qr/<columns>/, 'and none without');

# Other columns go back to the model, with both lists.
$tiers->models($Tiers::PRIMARY => [ $lacks, $right ]);
($out, $err) = told($typed);
is($out, "North|1\nSouth|2\nWest|3", 'repaired');
is(scalar $stub->requests, 2, 'by a second call');
($prompt) = reverse prompts();
like($prompt, qr{datatype_mismatch: the columns are cohort text, but these are wanted: cohort text, churn integer}, 'that says what is wrong');

# None of the names, and types that tell the columns apart.
$tiers->models($Tiers::PRIMARY => $wrong);
($out, $err) = told($typed);
is($out, "North|1\nSouth|2\nWest|3", 'by place');

# A model that insists.
$tiers->models($Tiers::PRIMARY => $lacks, $Tiers::SECONDARY => $lacks);
($out, $err) = told($typed);
is($out, '', 'no rows of other columns');
like($err, qr/^ERROR:  LLM07: the answer has other columns than those asked for$/m, 'LLM07');
like($err, qr/^DETAIL:  Asked for: cohort text, churn integer\.\n$Tiers::PRIMARY: the answer has cohort text\.\n$Tiers::SECONDARY: the answer has cohort text\.$/m, 'with both lists');
($out, $err) = told("SELECT llm_flush(); SELECT status, error_code FROM analytics_llm.request ORDER BY asked_at DESC LIMIT 1");
like($out, qr/degraded\|LLM07/, 'as it is recorded');

# A value that would not come back.
$tiers->models($Tiers::PRIMARY => { sql => 'SELECT name AS cohort, region_id + 0.5 AS churn FROM regions' });
($out, $err) = told($typed);
like($err, qr/^ERROR:  LLM07: .*Column "churn": a value would be changed\./ms, 'a lossy cast');

# Probes.
$tiers->models($Tiers::PRIMARY => $right);
$node->safe_psql('postgres', 'CREATE TYPE cohort_churn AS (cohort text, churn int)');
for my $form ($typed, "SELECT * FROM llm_ask_as(NULL::cohort_churn, 'churn by cohort')")
{
	($out, $err) = told("$form LIMIT 0; SELECT * FROM ($form) AS s WHERE false; EXPLAIN $form; PREPARE p AS $form; DEALLOCATE p;\n$form \\gdesc\nSELECT * FROM ($form) AS s LIMIT 0; CREATE TEMP VIEW v AS $form");
	is($err, '', 'probes');
	is(scalar $stub->requests, 0, 'call nothing');
}

# Rows are kept for those who ask with the same columns, and no others.
my $keep = 'SET analytics_llm.cache_ttl = 300; SET analytics_llm.sql_cache_ttl = 86400;';
$tiers->models($Tiers::PRIMARY => [ $right, $right, { sql => 'SELECT 1 AS one' } ]);
told("$keep $typed; $typed; $typed");
is(scalar $stub->requests, 1, 'kept');
told("$keep SELECT * FROM llm_ask_as(NULL::cohort_churn, 'churn by cohort')");
is(scalar $stub->requests, 1, 'for the same columns, however they are declared');
($out, $err) = told("$keep SELECT * FROM llm_rows('churn by cohort') AS t (cohort text, churn bigint)");
is($out, "North|1\nSouth|2\nWest|3", 'other types');
is(scalar $stub->requests, 2, 'are another question');
($out) = told("$keep SELECT llm_ask('churn by cohort')");
is($out, '{"one":1}', 'as is one without');

is(scalar $tiers->violations, 0, 'the model server was asked by its rules');
$tiers->stop;
done_testing();
