# The test of chaos, with all of its questions.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;    # has to be compiled before anything runs

$ENV{ALLM_CHAOS} = 10000;
my $test = dirname(dirname(abs_path(__FILE__))) . '/t/131_chaos.pl';
do $test or die $@ || "cannot read \"$test\": $!";
