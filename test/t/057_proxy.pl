# analytics_llm.http_proxy: calls go by way of it from the next question on, and
# by no other way.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Tiers;

my $tiers = Tiers->new('proxy');
my ($node, $stub) = @{$tiers}{qw(node stub)};
my ($primary, $question) = ($Tiers::PRIMARY, $Tiers::NOT_UNDERSTOOD);
$tiers->tier(0, max_retries => 0);
$node->safe_psql('postgres', q{UPDATE analytics_llm.tier SET enabled = false WHERE tier = 2});
$tiers->models($primary => { sql => $Tiers::REVENUE });

# A server that only the proxy can reach: nobody has that name.
$node->safe_psql('postgres', q{ALTER SERVER anthropic OPTIONS (SET endpoint 'http://models.invalid/gateway', ADD allow_plaintext 'on')});
my $got = $tiers->ask($question);
is("$got->{answer}{error_code} $got->{log}[0]{fallback_reason}", 'LLM01 network', 'without a proxy');
is(scalar($stub->requests), 0, 'nothing is called');

$tiers->set('analytics_llm.http_proxy', $stub->http);
$node->poll_query_until('postgres', q{SELECT current_setting('analytics_llm.http_proxy') <> ''});
$tiers->ask($question);
is(scalar($stub->requests), 0, 'the proxy does not know the gateway');
$node->safe_psql('postgres', q{ALTER SERVER anthropic OPTIONS (SET endpoint 'http://models.invalid/')});
$got = $tiers->ask($question);
is($got->{answer}{status}, 'ok', 'with a proxy');
is(($stub->requests)[0]{via}, 'http://models.invalid/v1/messages', 'by way of it');

# A proxy that is not there is no reason to go around it.
$node->safe_psql('postgres', sprintf q{ALTER SERVER anthropic OPTIONS (SET endpoint '%s')}, $stub->http);
$tiers->set('analytics_llm.http_proxy', 'http://127.0.0.1:1');
$node->poll_query_until('postgres', q{SELECT current_setting('analytics_llm.http_proxy') LIKE '%:1'});
$tiers->models($primary => { sql => $Tiers::REVENUE });
$got = $tiers->ask($question);
is("$got->{answer}{error_code} $got->{log}[0]{fallback_reason}", 'LLM01 network', 'a proxy that is not there');
is(scalar($stub->requests), 0, 'nothing goes around it');

$tiers->stop;
done_testing();
