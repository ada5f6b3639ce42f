#!/usr/bin/perl
# Shows each gate a small tree that keeps its rule, and trees that break it.  A
# gate that cannot fail says nothing.
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp;
use FindBin;
use Test::More;

# tree(path => text, ...): a small source tree.
sub tree
{
	my %file = @_;
	my $root = File::Temp->newdir();
	for my $path (keys %file)
	{
		make_path(dirname("$root/$path"));
		open my $out, '>', "$root/$path" or die "cannot write \"$path\": $!\n";
		print $out $file{$path};
		close $out;
	}
	return $root;
}

sub run_gate
{
	my ($gate, $root) = @_;
	my ($script, @options) = split / /, $gate;
	my $said = `'$FindBin::Bin/$script' @options '$root' 2>&1`;
	return ($?, $said);
}

sub passes
{
	my ($gate, $name, %file) = @_;
	my ($status, $said) = run_gate($gate, tree(%file));
	ok($status == 0, "$gate: $name passes") or diag($said);
	return;
}

# The gate has to fail, and for the right reason.
sub fails
{
	my ($gate, $name, $reason, %file) = @_;
	my ($status, $said) = run_gate($gate, tree(%file));
	ok($status != 0 && $said =~ $reason, "$gate: $name fails") or diag($said);
	return;
}

sub function
{
	my ($name, %as) = @_;
	my $comment = $as{comment} // "/* Gives the number that callers ask for. */";
	return ($comment ? "$comment\n" : '')
	  . ($as{public} ? "int\n" : "static int\n")
	  . "$name(int x)\n{\n"
	  . "\tx++;\n" x ($as{lines} // 1)
	  . "\treturn x;\n}\n\n";
}

# format
my $list = "AllmThing\nint32\n";
my $well = "/* A thing. */\n#include \"x.h\"\n\nstatic AllmThing *thing;\n\n"
  . (function("grow") =~ s!\n\n\z!\n!r);
passes('indent --check', 'formatted code', 'src/a.c' => $well, 'typedefs.list' => $list);
fails('indent --check', 'a space too many', qr/would change/,
	'src/a.c' => $well =~ s/x\+\+/x  ++/r, 'typedefs.list' => $list);
fails('indent --check', 'a line comment', qr/would change/,
	'src/a.c' => $well =~ s!/\* A thing. \*/!// A thing.!r, 'typedefs.list' => $list);
fails('indent --check', 'an unlisted type', qr/would change/,
	'src/a.c' => $well, 'typedefs.list' => "int32\n");
fails('indent --check', 'no list of types', qr/typedefs\.list/, 'src/a.c' => $well);

# typedefs
my $types = "typedef struct AllmA\n{\n\tint\t\tx;\n} AllmA;\ntypedef enum\n{\n\tONE\n} AllmB;\n"
  . "typedef int (*AllmC) (int x);\n";
passes('typedefs --check', 'a full list', 'src/a.h' => $types, 'typedefs.list' => "AllmA\nAllmB\nAllmC\n");
for my $type (qw(AllmA AllmB AllmC))
{
	fails('typedefs --check', "a list without $type", qr/type $type is not/,
		'src/a.h' => $types,
		'typedefs.list' => join "\n", grep { $_ ne $type } qw(AllmA AllmB AllmC));
}

# functions
passes('functions', 'short code', 'src/a.c' => function('one') . function('two'));
fails('functions', 'a long function', qr/two has 12\d lines/,
	'src/a.c' => function('one') . function('two', lines => 118));
fails('functions', 'a high median', qr/the median is/,
	'src/a.c' => join '', map { function("f$_", lines => 25) } 1 .. 9);
fails('functions', 'a high 95th percentile', qr/95th percentile is/,
	'src/a.c' => join '', map { function("f$_", lines => $_ > 17 ? 90 : 1) } 1 .. 20);
fails('functions', 'a function without comment', qr/0\.0 % have a comment/,
	'src/a.c' => function('one', comment => ''));
fails('functions', 'a comment that repeats the name', qr/0\.0 % have a comment/,
	'src/a.c' => function('get_thing', comment => '/* Get thing. */'));
fails('functions', 'mostly public functions', qr/% are static/,
	'src/a.c' => function('one', public => 1) . function('two'));
fails('functions', 'an empty tree', qr/no function/, 'src/a.c' => '');

# files
passes('files', 'a short file', 'src/a.c' => "\n" x 700);
passes('files', 'a table of rows', 'src/a.c' => "static const int rows[] =\n{\n" . "\t1,\n" x 900 . "};\n");
passes('files', 'a table of rows without a named type',
	'src/a.c' => "static const struct\n{\n\tint\t\tx;\n}			rows[] =\n\n{\n" . "\t{1},\n" x 900 . "};\n");
fails('files', 'a long function', qr/src\/a\.c has 90/, 'src/a.c' => "int\nf(void)\n{\n" . "\tx[1] = 1;\n" x 900 . "}\n");
fails('files', 'a long source', qr/src\/a\.c has 701/, 'src/a.c' => "\n" x 701);
fails('files', 'a long test', qr/sql\/a\.sql has 701/, 'sql/a.sql' => "\n" x 701);

# layers
my $up = "#include \"postgres.h\"\n\n#include \"base/text.h\"\n";
passes('layers', 'includes downwards', 'src/net/a.c' => $up, 'src/guard/pgq.c' => "#include <pg_query.h>\n#include \"guard/pgq.h\"\n");
fails('layers', 'an include upwards', qr/base \(rank 0\) includes net/, 'src/base/a.c' => "#include \"net/http.h\"\n");
fails('layers', 'an include sideways', qr/model \(rank 3\) includes guard/, 'src/model/a.h' => "#include \"guard/x.h\"\n");
fails('layers', 'an unknown room', qr/not a room/, 'src/attic/a.c' => $up);
fails('layers', 'the parser elsewhere', qr/pg_query\.h belongs/, 'src/guard/names.c' => "#include <pg_query.h>\n");
fails('layers', 'the server in the parser file', qr/postgres\.h in the file of the parser/,
	'src/guard/pgq.c' => "#include \"postgres.h\"\n#include \"pg_query.h\"\n");
fails('layers', 'the server in the parser header', qr/in the header of the parser/,
	'src/guard/pgq.h' => "#include \"base/text.h\"\n");
fails('layers', 'a version elsewhere', qr/PG_VERSION_NUM belongs/,
	'src/net/a.c' => $up . "#if PG_VERSION_NUM >= 160000\n#endif\n");

# exports
sub module
{
	my $root = tree('a.c' => shift);
	system("gcc -shared -fPIC -o '$root/analytics_llm.so' '$root/a.c'") == 0 or die "gcc failed\n";
	return $root;
}
for ([ 'the four patterns', 0, qr/ok/, '' ],
	[ 'a name of ours that is not an entry point', 1, qr/allm_helper is exported/, 'void allm_helper(void) {}' ],
	[ "a name of the server's", 1, qr/palloc is a name of the server/, 'void palloc(void) {}' ],
	[ 'a variable', 1, qr/CurrentMemoryContext/, 'int CurrentMemoryContext = 1;' ])
{
	my ($name, $bad, $reason, $code) = @$_;
	my ($status, $said) = run_gate('exports', module("void _PG_init(void) {} void Pg_magic_func(void) {} $code\n"));
	ok(($status != 0) == $bad && $said =~ $reason, "exports: $name " . ($bad ? 'fails' : 'passes')) or diag($said);
}
my ($status, $said) = run_gate('exports', module("static int x;\n"));
ok($status != 0 && $said =~ /_PG_init is not exported/, 'exports: a module without entry points fails') or diag($said);

# errors
sub report
{
	return "static void\nf(void)\n{\n\tereport($_[0]);\n}\n";
}
my $good = 'ERROR, (errcode(ERRCODE_X), errmsg("model \"x\" is (still) missing"), errdetail("It was dropped."), errhint("Add it."))';
passes('errors', 'a message in form', 'src/a.c' => report($good) . report('LOG, (errmsg("SQL was skipped"))'));
fails('errors', 'no SQLSTATE', qr/without an SQLSTATE/, 'src/a.c' => report($good =~ s/errcode\(ERRCODE_X\), //r));
fails('errors', 'a computed level without SQLSTATE', qr/without an SQLSTATE/, 'src/a.c' => report('elevel, (errmsg("x"))'));
fails('errors', 'an SQLSTATE in a comment only', qr/without an SQLSTATE/,
	'src/a.c' => report($good =~ s!errcode\(ERRCODE_X\)!/* errcode(X) */ 0!r));
fails('errors', 'a capital', qr/capital letter/, 'src/a.c' => report($good =~ s/model/Model/r));
fails('errors', 'a period', qr/ends with a period/, 'src/a.c' => report($good =~ s/missing/missing./r));
fails('errors', 'a function name', qr/names a function/, 'src/a.c' => report($good =~ s/model/allm_model_find: model/r));
fails('errors', '__func__', qr/C function/, 'src/a.c' => report('WARNING, (errmsg("x: %s", __func__))'));
fails('errors', 'a detail that is no sentence', qr/errdetail/, 'src/a.c' => report($good =~ s/It was dropped\./dropped/r));

# sql
my $f = <<'SQL';
CREATE FUNCTION llm_one(a text DEFAULT ';') RETURNS int
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT 1; $$;
REVOKE ALL ON FUNCTION llm_one(text) FROM PUBLIC;
COMMENT ON FUNCTION llm_one(text) IS 'gives one; no more';
SQL
my $t = "CREATE TABLE analytics_llm.price (a int);\nCOMMENT ON TABLE analytics_llm.price IS 'x';\n";
my $g = "GRANT SELECT ON analytics_llm.price TO PUBLIC;\n";
sub script { return ('analytics_llm--0.1.0.sql' => "\\echo Use ... \\quit\n-- text; text\n" . join '', @_) }
passes('sql', 'a complete script', script($f, $t, $g));
fails('sql', 'a function without comment', qr/function llm_one has no comment/, script($f =~ s/^COMMENT.*\n//mr));
fails('sql', 'a table without comment', qr/has no comment/, script($t =~ s/^COMMENT.*\n//mr, $g));
fails('sql', 'a table without privileges', qr/has no GRANT or REVOKE/, script($t));
fails('sql', 'privileges far away', qr/not right after it/, script($t, $f, $g));
fails('sql', 'no volatility', qr/volatility/, script($f =~ s/STABLE //r));
fails('sql', 'no strictness', qr/strictness/, script($f =~ s/STRICT //r));
fails('sql', 'no parallel class', qr/parallel class/, script($f =~ s/PARALLEL SAFE //r));
fails('sql', 'no search_path', qr/no SET search_path/, script($f =~ s/^SET.*\n//mr));
fails('sql', 'a search_path open to temporary objects', qr/must end in pg_temp/, script($f =~ s/, pg_temp//r));
fails('sql', 'a function without privileges', qr/function llm_one has no GRANT or REVOKE/, script($f =~ s/^REVOKE.*\n//mr));
my $for_all = "GRANT EXECUTE ON FUNCTION llm_one(text) TO PUBLIC;\n";
fails('sql', 'SECURITY DEFINER for all', qr/not for PUBLIC/, script($f, $for_all));
fails('sql', 'a monitoring function for all', qr/not for PUBLIC/,
	script(map { s/ SECURITY DEFINER//r =~ s/llm_one/llm_report/gr } $f, $for_all));
fails('sql', 'a trigger without comment', qr/trigger t on analytics_llm\.price has no comment/,
	script($t, $g, "CREATE TRIGGER t BEFORE UPDATE ON analytics_llm.price FOR EACH ROW EXECUTE FUNCTION f();\n"));
fails('sql', 'an open statement', qr/no final semicolon/, script($f, 'SELECT 1'));

# settings
sub settings
{
	return "static const AllmIntSetting int_settings[] =\n{\n"
	  . join('', map { "\t{\n\t\t\"analytics_llm.$_\", PGC_USERSET, 0,\n\t\t\"Sets it.\", NULL\n\t},\n" } @_) . "};\n";
}
my $test_of = "SET analytics_llm.a = 1;\nSET analytics_llm.b = 1;\n";
passes('settings', 'sorted rows', 'src/base/settings.c' => settings('a', 'b'), 'sql/s.sql' => $test_of);
fails('settings', 'unsorted rows', qr/a stands after/, 'src/base/settings.c' => settings('b', 'a'), 'sql/s.sql' => $test_of);
fails('settings', 'a setting without test', qr/no test names analytics_llm\.b/,
	'src/base/settings.c' => settings('a', 'b'), 'sql/s.sql' => "SET analytics_llm.a = 1;\n");
fails('settings', 'a longer name in a test', qr/no test names analytics_llm\.b\n/,
	'src/base/settings.c' => settings('b', 'bb'), 'sql/s.sql' => "SET analytics_llm.bb = 1;\n");
fails('settings', 'no table', qr/no settings table/, 'src/base/settings.c' => "int x;\n");

# tests
my %code = ('src/a.c' => "\n" x 10);
passes('tests', 'enough tests', %code, 'sql/a.sql' => "\n" x 4, 'expected/a.out' => '', 'expected/a_1.out' => '');
fails('tests', 'too few tests', qr/30 % of the lines/, %code, 'sql/a.sql' => "\n" x 3, 'expected/a.out' => '');
fails('tests', 'a test without output', qr/has no expected/, %code, 'sql/a.sql' => "\n" x 4);
fails('tests', 'output without a test', qr/has no sql/, %code,
	'sql/a.sql' => "\n" x 4, 'expected/a.out' => '', 'expected/b.out' => '');
fails('tests', 'a specification without output', qr/a\.spec has no test\/expected/, %code,
	'sql/a.sql' => "\n" x 4, 'expected/a.out' => '', 'test/specs/a.spec' => '');

# words: the bad ones are put together here, or this file would break the rule
passes('words', 'plain words', 'a' => "a fixed method; mktemp x.XXXXXX; network/ro" . "ot; /usr/bin\n");
for (
	[ 'an open end', 'TO' . 'DO: later' ],
	[ 'a repair to come', 'FIX' . 'ME' ],
	[ 'a mark', 'XX' . 'X' ],
	[ 'a trick', 'HA' . 'CK' ],
	[ 'a work directory', 'see /wo' . 'rk/main' ],
	[ 'a home directory', '"/ro' . 'ot/x"' ],
	[ 'a package host', 'http://deb.deb' . 'ian.org/x' ])
{
	fails('words', $_->[0], qr/words: a:1: /, 'a' => "$_->[1]\n");
}

done_testing();
