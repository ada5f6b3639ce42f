# A minute of the fuzzers that are guided by coverage, with sanitizers: parser
# gate and names pass meet no text that crashes, leaks, hangs, or makes them
# tell what is hidden.  FUZZ_S seconds, 60 by default; "make fuzz" runs longer.
# They need clang, which not every machine has.
use strict;
use warnings;

use FindBin;
use IPC::Run;
use Test::More;

my $out = '';
plan skip_all => 'clang is not installed'
  unless grep { -x "$_/clang" } split /:/, $ENV{PATH};
plan skip_all => 'the run-time library of clang is not installed'
  unless glob '/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a';

IPC::Run::run([ "$FindBin::Bin/../fuzz/guided" ], '<', \undef, '>', \$out, '2>&1');
is($? >> 8, 0, 'nothing was found') or diag $out;
for my $target (qw(parse names))
{
	my ($texts) = $out =~ /^figure fuzz_${target}_findings 0 in_(\d+)_texts/m;
	cmp_ok($texts // 0, '>', 0, "texts went through the target $target");
}
done_testing();
