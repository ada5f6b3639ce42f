/*
 * outputs.c
 *		How much models write, by model and purpose: what a call can be held to
 *		when there is no room for the most that its model may write.
 *
 * A histogram for each in shared memory, for all databases, which begins anew
 * with the server.  It is a guess, and is used as a limit that is sent along:
 * no budget relies on its being right.
 *
 * Locking: all fields are atomic.  A place is taken for good by who is first to
 * write its key; when all are taken, what is new is not noted.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "port/atomics.h"
#include "port/pg_bitutils.h"

#include "base/shmem.h"
#include "ledger/outputs.h"

/* Models times purposes; 8 kB. */
#define PLACES		32

/* By the power of two that an output does not exceed. */
#define BUCKETS		28

/* Fewer outputs say nothing of the rare long ones. */
#define MIN_OUTPUTS	50

/* An output is usual when at most one of so many is longer. */
#define RARE		100

/* What is usual is doubled by the buckets' width already; never held to less. */
#define MIN_USUAL	256

typedef struct Histogram
{
	pg_atomic_uint64 key;		/* 0: free */
	pg_atomic_uint32 count[BUCKETS];
} Histogram;

static Histogram *histograms = NULL;

static Size area_size(void);
static void attach_area(void *area, bool found);
static Histogram *find_histogram(const char *model, const char *query_type,
								 bool make);

static const AllmShmemArea outputs_area =
{
	"analytics_llm outputs", 0, area_size, attach_area
};

/* Registers the shared memory.  Called once, from _PG_init. */
void
allm_outputs_install(void)
{
	allm_shmem_register(&outputs_area);
}

/* The bytes of the area. */
static Size
area_size(void)
{
	return sizeof(Histogram) * PLACES;
}

/* Makes the area, or finds it made, in each process that has not forked. */
static void
attach_area(void *area, bool found)
{
	histograms = area;
	if (found)
		return;
	for (int i = 0; i < PLACES; i++)
	{
		pg_atomic_init_u64(&histograms[i].key, 0);
		for (int j = 0; j < BUCKETS; j++)
			pg_atomic_init_u32(&histograms[i].count[j], 0);
	}
}

/* Notes what a complete answer had. */
void
allm_outputs_note(const char *model, const char *query_type, int64 tokens)
{
	Histogram  *histogram = find_histogram(model, query_type, true);
	int			bucket = tokens <= 1 ? 0 : pg_ceil_log2_64(tokens);

	if (histogram != NULL)
		pg_atomic_fetch_add_u32(&histogram->count[Min(bucket, BUCKETS - 1)], 1);
}

/* What nearly all answers stay within; 0 when too few are known. */
int64
allm_outputs_usual(const char *model, const char *query_type)
{
	Histogram  *histogram = find_histogram(model, query_type, false);
	uint64		all = 0;
	uint64		longer = 0;
	int			bucket = BUCKETS;

	if (histogram == NULL)
		return 0;
	for (int i = 0; i < BUCKETS; i++)
		all += pg_atomic_read_u32(&histogram->count[i]);
	if (all < MIN_OUTPUTS)
		return 0;
	while (bucket > 0 && longer * RARE <= all)
		longer += pg_atomic_read_u32(&histogram->count[--bucket]);
	return Max(INT64CONST(1) << bucket, MIN_USUAL);
}

/* The histogram of a model and a purpose; NULL when there is none. */
static Histogram *
find_histogram(const char *model, const char *query_type, bool make)
{
	uint64		hash = hash_bytes_extended((const unsigned char *) model,
										   strlen(model), 0);
	uint64		key = hash_bytes_extended((const unsigned char *) query_type,
										  strlen(query_type), hash) | 1;

	for (int i = 0; i < PLACES; i++)
	{
		Histogram  *histogram = &histograms[i];
		uint64		there = pg_atomic_read_u64(&histogram->key);

		if (there == 0 && make)
			(void) pg_atomic_compare_exchange_u64(&histogram->key, &there, key);
		if (there == key || (there == 0 && make))
			return histogram;
		if (there == 0)
			break;
	}
	return NULL;
}
