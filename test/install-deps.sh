#!/bin/sh
# Installs the Debian packages that building and testing need and that are not
# there yet.  Asks dpkg first: with everything in place it is silent, changes
# nothing and needs no network.  The cluster "main" that the server package may
# make when it is new is left alone: ours have directories and sockets of their
# own.  So is the service of PgBouncer; the tests start one of their own.
#
# usage: test/install-deps.sh [fuzz] [http2] [valgrind] [clients] [node] [superset]
set -u

packages="gcc libc6-dev binutils make perl python3 git libpg-query-dev
	libcurl4-openssl-dev libipc-run-perl pg-bsd-indent pgbouncer wamerican-small"

# A server that was chosen with PG_CONFIG, and that has what building and testing
# need, makes the distribution's unnecessary.  Debian's server package alone
# brings the makefiles of PGXS, and no headers.
pg=${PG_CONFIG:-pg_config}
[ -f "$("$pg" --pgxs 2> /dev/null)" ] &&
	[ -f "$("$pg" --includedir-server)/postgres.h" ] &&
	[ -x "$("$pg" --bindir)/postgres" ] ||
	packages="$packages postgresql-15 postgresql-server-dev-15"

for extra in "$@"; do
	case $extra in
		fuzz) packages="$packages clang libclang-rt-14-dev" ;;
		# libc6-dbg: without it valgrind cannot replace the dynamic linker's
		# functions, and refuses to start.
		valgrind) packages="$packages valgrind libc6-dbg" ;;
		http2) packages="$packages nghttp2-proxy" ;;
		clients) packages="$packages python3-psycopg libpostgresql-jdbc-java default-jdk-headless pgcli" ;;
		node) packages="$packages nodejs node-pg" ;;
		superset) packages="$packages python3-venv chromium chromium-driver fonts-dejavu-core" ;;
		*) echo "usage: $0 [fuzz] [http2] [valgrind] [clients] [node] [superset]" >&2; exit 2 ;;
	esac
done

if ! command -v dpkg-query > /dev/null; then
	echo "note: this is not a Debian system; these must be there:" $packages
	exit 0
fi

missing=
for package in $packages; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)
	[ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

log=$(mktemp "${TMPDIR:-/tmp}/allm-packages.XXXXXX")
echo "installing packages:$missing (log: $log)"

# fail STEP WHAT-TO-DO
fail()
{
	tail -n 15 "$log" >&2
	echo "FAILED: $1" >&2
	echo "  $2" >&2
	echo "  The whole log is $log." >&2
	exit 1
}

admin=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo > /dev/null ||
		fail "installing packages" "Run this as root: apt-get install$missing"
	admin=sudo
fi

$admin apt-get update >> "$log" 2>&1 < /dev/null ||
	fail "apt-get update" "Check the network and /etc/apt/sources.list, then run this again."
$admin env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing \
	>> "$log" 2>&1 < /dev/null ||
	fail "apt-get install$missing" "Install them by hand, then run this again."
