# lib.sh: what the scripts that build, start and test have in common.
#
# To be sourced by a POSIX shell with $top set to the root of the checkout.
# PostgreSQL refuses to run as root, and a checkout may lie where no other user
# can look.  So when root calls, clusters belong to the user "postgres" (or
# ALLM_USER), and what they need is copied to a directory of that user's.

# Nothing of the caller's session may point our programs at another server.
unset PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGPASSWORD PGSERVICE PGOPTIONS
unset PGDATA MAKEFLAGS MAKELEVEL MFLAGS

PG_CONFIG=${PG_CONFIG:-pg_config}
export PG_CONFIG

# die STEP WHAT-TO-DO: every failure says both.
die()
{
	# A script that reports its steps may have left a line open.
	[ -z "${midline:-}" ] || echo
	echo "FAILED: $1" >&2
	shift
	for line in "$@"; do echo "  $line" >&2; done
	exit 1
}

# logged LOG STEP COMMAND...: runs a step with its output in a log file.
logged()
{
	log=$1 step=$2
	shift 2
	echo "== $step" >> "$log"
	"$@" >> "$log" 2>&1 < /dev/null || {
		tail -n 25 "$log" >&2
		die "$step" "The whole log is $log."
	}
}

# Installs what is missing, and sets the paths of this PostgreSQL.  A pg_config
# that was named must work: to fall back on another version would hide a mistake.
prepare()
{
	"$top/test/install-deps.sh" "$@" || exit 1
	pgxs=$("$PG_CONFIG" --pgxs 2> /dev/null) && [ -f "$pgxs" ] ||
		die "finding PostgreSQL's development files" \
			"\"$PG_CONFIG --pgxs\" names no file; set PG_CONFIG to the pg_config of a server."
	bindir=$("$PG_CONFIG" --bindir)
	pgtest=$(dirname "$pgxs")/../test
}

# Builds in the checkout, with warnings as errors for what is compiled now.
build()
{
	logged "$1" "build" make -C "$top" -j2 WERROR=1 PG_CONFIG="$PG_CONFIG" all
}

# Installs into this PostgreSQL: by ourselves where we may write, else by sudo.
install_module()
{
	as_admin=
	if ! { [ -w "$("$PG_CONFIG" --pkglibdir)" ] && [ -w "$("$PG_CONFIG" --sharedir)/extension" ]; }; then
		command -v sudo > /dev/null ||
			die "install" "\"$("$PG_CONFIG" --pkglibdir)\" is not writable; run this as root, or install sudo."
		as_admin=sudo
	fi
	logged "$1" "install" $as_admin make -C "$top" PG_CONFIG="$PG_CONFIG" install
}

# The user that clusters run as.
cluster_user()
{
	if [ "$(id -u)" -ne 0 ]; then
		id -un
	elif [ -n "${ALLM_USER:-}" ]; then
		echo "$ALLM_USER"
	elif id postgres > /dev/null 2>&1; then
		echo postgres
	else
		echo nobody
	fi
}

# as_user DIRECTORY COMMAND...: runs a command as that user, with DIRECTORY as
# its home and current directory.
as_user()
{
	dir=$1
	shift
	if [ "$(id -u)" -ne 0 ]; then
		(cd "$dir" && HOME=$dir exec "$@")
	else
		(cd "$dir" && HOME=$dir exec setpriv --reuid="$(cluster_user)" \
			--regid="$(id -g "$(cluster_user)")" --init-groups -- "$@")
	fi
}

# A new directory of that user's.  Its path is short, since the path of a Unix
# socket must fit into 107 bytes.
private_directory()
{
	made=$(mktemp -d "${TMPDIR:-/tmp}/allm.XXXXXX") || return 1
	chmod 700 "$made"
	give "$made"
	echo "$made"
}

give()
{
	[ "$(id -u)" -ne 0 ] || chown -R "$(cluster_user)": "$1"
}

# stage DIRECTORY: copies the tree there, without history and build products.
stage()
{
	mkdir -p "$1" &&
		tar -C "$top" --exclude=./.git --exclude='*.o' --exclude='*.so' \
			--exclude=./results --exclude='tmp_check*' -cf - . | tar -C "$1" -xf - &&
		give "$1"
}

# Stops what runs below a directory of tests; for those that are interrupted,
# since otherwise each server is stopped by what started it.
stop_servers()
{
	for file in "$1"/*/cluster/data/postmaster.pid "$1"/cluster/data/postmaster.pid \
		"$1"/*/tmp_check/*/pgdata/postmaster.pid; do
		[ ! -f "$file" ] || kill -QUIT "$(head -n 1 "$file")"
	done
}

# total PASSED FAILED: for a caller that adds several runs up, into the file that
# it names in ALLM_TOTAL.
total()
{
	[ -z "${ALLM_TOTAL:-}" ] || echo "$1 $2" >> "$ALLM_TOTAL"
}
