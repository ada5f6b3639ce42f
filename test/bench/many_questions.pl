# The test of many questions of one backend, with all of them.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;    # has to be compiled before anything runs

$ENV{ALLM_ROUNDS} = 10000;
my $test = dirname(dirname(abs_path(__FILE__))) . '/t/056_many_questions.pl';
do $test or die $@ || "cannot read \"$test\": $!";
