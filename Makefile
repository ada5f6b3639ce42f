# analytics_llm: a PostgreSQL extension.  "make help" lists what can be done.

EXTENSION = analytics_llm
EXTVERSION = 0.1.0
MODULE_big = analytics_llm

PG_CONFIG ?= pg_config

# The rooms in order of rank: a file includes its own room and lower ones.
ROOMS = base net ledger schema watch model semantic guard ask flow

# The parser shim is not an ordinary object: it is linked with libpg_query into
# one relocatable object whose only global names are the shim's own.
PGQ_SHIM = src/guard/pgq.o
PGQ_OBJ = src/guard/pgq_isolated.o
PGQ_LIB ?= $(firstword $(wildcard $(addsuffix /libpg_query.a, \
	/usr/lib/$(shell $(CC) -dumpmachine 2> /dev/null) /usr/lib64 /usr/lib /usr/local/lib)))

SOURCES = src/analytics_llm.c \
	$(sort $(foreach room,$(ROOMS),$(wildcard src/$(room)/*.c)))
OBJS = $(filter-out $(PGQ_SHIM),$(SOURCES:.c=.o)) $(PGQ_OBJ)

# The install script: the rooms' SQL, in this order.
SQL_PARTS = $(shell cat src/install.order)

DATA_built = $(EXTENSION)--$(EXTVERSION).sql
EXTRA_CLEAN = $(DATA_built) $(PGQ_SHIM) $(PGQ_OBJ)

CURL_CONFIG ?= curl-config
PG_CPPFLAGS = -Isrc $(shell $(CURL_CONFIG) --cflags)
PG_CFLAGS = -std=gnu11 -Wall -Wextra -Wmissing-prototypes \
	-Wno-unused-parameter -Wno-missing-field-initializers -Wno-sign-compare \
	$(if $(WERROR),-Werror)
# The script, not -fvisibility=hidden: in version 15 PGDLLEXPORT says nothing, so
# that option would hide the entry points as well.
SHLIB_LINK = -Wl,--version-script=src/exports.map \
	$(shell $(CURL_CONFIG) --libs) -lpthread

# Bitcode of this module would let nothing be inlined that matters.
override with_llvm := no

REGRESS = $(basename $(notdir $(sort $(wildcard sql/*.sql))))
REGRESS_OPTS = --load-extension=$(EXTENSION)

# On a fresh machine there is no pg_config yet.  The targets that install what
# is missing have to work then, so the rest is left out until it is there.
PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2> /dev/null))
ifneq ($(PGXS),)
include $(PGXS)
else
all install:
	@echo "There are no PostgreSQL development files (PG_CONFIG=$(PG_CONFIG))." >&2
	@echo "Install them with: test/install-deps.sh" >&2
	@exit 1
clean:
endif

$(EXTENSION)--$(EXTVERSION).sql: $(SQL_PARTS) src/install.order Makefile
	{ printf '%s\n' '\echo Use "CREATE EXTENSION $(EXTENSION)" to load this file. \quit'; \
	  cat $(SQL_PARTS); } > $@

$(PGQ_OBJ): $(PGQ_SHIM) $(PGQ_LIB)
	$(if $(PGQ_LIB),,$(error libpg_query.a was not found: install libpg-query-dev, or give PGQ_LIB=...))
	$(LD) -r -o $@ $(PGQ_SHIM) --whole-archive $(PGQ_LIB)
	objcopy --wildcard --keep-global-symbol='allm_pgq_*' $@

# Every object depends on every header: the tree is small, and a stale object
# is dearer than a second of compilation.
$(OBJS) $(PGQ_SHIM): $(wildcard src/*/*.h)

# The scripts below install missing Debian packages, build, and install the
# module into the PostgreSQL of PG_CONFIG; they say so, and where their log is.
.PHONY: help demo demo-stop test test-data test-clients bench fuzz torture mutants lint indent valgrind

help:
	@echo "make             build"
	@echo "make install     install into the PostgreSQL of PG_CONFIG"
	@echo "make demo        start a private server with sample sales, and ask it questions"
	@echo "make demo-stop   stop that server and remove it"
	@echo "make test        run all tests"
	@echo "make test-data   run the tests that need ALLM_DATA (default ../shared/data)"
	@echo "make test-clients  run real clients against it, and install them if need be"
	@echo "make bench       run the benchmarks"
	@echo "make fuzz        fuzz parser gate, names pass and check for FUZZ_S=60 seconds each"
	@echo "make torture     kill servers under load, ROUNDS=10 times, and look for what is lost"
	@echo "make mutants     take fences down one by one: the isolation test has to notice"
	@echo "make lint        run the gates of style"
	@echo "make indent      format the C sources"
	@echo "make valgrind    run the regression tests under valgrind"
	@echo "make clean       remove what was built"
	@echo
	@echo "PG_CONFIG=/path/to/pg_config chooses the PostgreSQL (now: $(PG_CONFIG))."

demo:
	@PG_CONFIG='$(PG_CONFIG)' demo/run

demo-stop:
	@PG_CONFIG='$(PG_CONFIG)' demo/run stop

test:
	@PG_CONFIG='$(PG_CONFIG)' test/run

test-data:
	@PG_CONFIG='$(PG_CONFIG)' test/run data

test-clients:
	@PG_CONFIG='$(PG_CONFIG)' test/run clients

bench:
	@PG_CONFIG='$(PG_CONFIG)' test/bench/run

fuzz:
	@PG_CONFIG='$(PG_CONFIG)' FUZZ_S='$(or $(FUZZ_S),60)' test/fuzz/run

torture:
	@PG_CONFIG='$(PG_CONFIG)' TORTURE_ROUNDS='$(or $(ROUNDS),10)' test/run torture

mutants:
	@PG_CONFIG='$(PG_CONFIG)' test/run mutants

lint:
	@PG_CONFIG='$(PG_CONFIG)' test/lint/run

indent:
	@PG_CONFIG='$(PG_CONFIG)' test/lint/typedefs
	@test/lint/indent

valgrind:
	@PG_CONFIG='$(PG_CONFIG)' test/valgrind
