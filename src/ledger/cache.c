/*
 * cache.c
 *		Answers that are kept for whoever asks the same again, in shared memory.
 *
 * Owns the memory, its bound, and who makes room for whom.  What the bytes of
 * an answer say, and whether they may still be used, others decide.
 *
 * The memory is cut into pages; an answer is a chain of them, so that no room
 * is lost in pieces.  When there is none, the answers that were not used since
 * the hand of a clock came by last make room.  Nobody waits for room.
 *
 * Locking.  One LWLock, the cache lock, guards all but the counters.  It is
 * held shared to find an answer and to copy it out, and exclusively for a few
 * assignments.  An answer is copied in without the lock: until it is in a
 * chain, entry and pages are its process's alone, with interrupts held.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"

#include "base/json.h"
#include "base/settings.h"
#include "base/shmem.h"
#include "ledger/cache.h"

/* Small enough that little is lost behind the end of an answer. */
#define PAGE_BYTES		1024

/* One entry for so much memory: what a small answer with its key takes. */
#define BYTES_PER_ENTRY 4096

/* One answer takes at most this part of the memory. */
#define LARGEST_PART	4

/* Turns of the clock's hand that an answer survives without being used. */
#define MOST_USES		2

/* The seeds of the two halves of a hash. */
#define FIRST_SEED		UINT64CONST(0x616E616C79746963)
#define SECOND_SEED		UINT64CONST(0x735F6C6C6D2E6B65)

/* One answer.  All fields: cache lock, but for "uses". */
typedef struct CacheEntry
{
	uint64		hash[2];
	uint64		number;			/* 0: free */
	bool		linked;			/* in its chain, and complete */
	Oid			database;
	Oid			role;			/* whose answer it is */
	int			next;			/* of the chain, or of the free ones; -1 */
	int			first_page;
	Size		length;
	pg_atomic_uint32 uses;		/* atomic; since the hand came by */
} CacheEntry;

/* The head of the area; the arrays lie behind it. */
typedef struct CacheHead
{
	uint64		numbers;		/* cache lock; the last one given */
	int			free_entry;		/* cache lock; or -1 */
	int			free_page;		/* cache lock; or -1 */
	int			free_pages;		/* cache lock; how many */
	int			used_entries;	/* cache lock */
	int			hand;			/* cache lock; of the clock */
	pg_atomic_uint64 epoch;		/* atomic; counts the clearings */
	pg_atomic_uint64 hits;		/* atomic, as all that follow */
	pg_atomic_uint64 misses;
	pg_atomic_uint64 evictions; /* made room for others */
	pg_atomic_uint64 ended;		/* what they were of has changed */
	pg_atomic_uint64 dropped;	/* found no room, here or on the way to the
								 * table */
} CacheHead;

/* How the area is divided; the same in every process. */
typedef struct CacheShape
{
	int			nentry;
	int			nchain;			/* a power of two */
	int			npage;
} CacheShape;

static CacheHead *head = NULL;
static LWLock *lock = NULL;
static CacheShape shape;
static CacheEntry *entries;
static int *chains;				/* first entry of each, or -1 */
static int *next_page;			/* behind each page, or -1 */
static char *pages;

static Size area_size(void);
static void shape_area(void);
static void attach_area(void *area, bool found);
static void link_free(void);
static bool has_key(const CacheEntry *entry, const AllmCacheKey *key);
static int	find_entry(const AllmCacheKey *key);
static bool make_room(int npage);
static int	take_entry(const AllmCacheKey *key, Oid role, Size length);
static void unlink_entry(int i);
static void free_entry(int i);
static void copy_in(const CacheEntry *entry, const char *data);
static void copy_out(const CacheEntry *entry, char *data);
static int	pages_for(Size length);

static const AllmShmemArea cache_area =
{
	"analytics_llm cache", 1, area_size, attach_area
};

/* Registers the shared memory.  Called once, from _PG_init. */
void
allm_cache_install(void)
{
	allm_shmem_register(&cache_area);
}

/* The bytes of the area: what the setting says. */
static Size
area_size(void)
{
	return mul_size(allm_cache_memory, 1024);
}

/* Divides the area: as many pages as entries and chains leave room for. */
static void
shape_area(void)
{
	Size		left = area_size() - MAXALIGN(sizeof(CacheHead));

	shape.nentry = area_size() / BYTES_PER_ENTRY;
	shape.nchain = pg_nextpower2_32(shape.nentry);
	left -= MAXALIGN(shape.nentry * sizeof(CacheEntry));
	left -= MAXALIGN(shape.nchain * sizeof(int));
	shape.npage = (left - MAXIMUM_ALIGNOF) / (PAGE_BYTES + sizeof(int));
}

/* Makes the area, or finds it made, in each process that has not forked. */
static void
attach_area(void *area, bool found)
{
	char	   *at = (char *) area + MAXALIGN(sizeof(CacheHead));

	shape_area();
	head = area;
	lock = &GetNamedLWLockTranche(cache_area.name)[0].lock;
	entries = (CacheEntry *) at;
	at += MAXALIGN(shape.nentry * sizeof(CacheEntry));
	chains = (int *) at;
	at += MAXALIGN(shape.nchain * sizeof(int));
	next_page = (int *) at;
	pages = at + MAXALIGN(shape.npage * sizeof(int));
	if (!found)
		link_free();
}

/* Begins with nothing but free entries and pages. */
static void
link_free(void)
{
	memset(head, 0, sizeof(CacheHead));
	pg_atomic_init_u64(&head->epoch, 0);
	pg_atomic_init_u64(&head->hits, 0);
	pg_atomic_init_u64(&head->misses, 0);
	pg_atomic_init_u64(&head->evictions, 0);
	pg_atomic_init_u64(&head->ended, 0);
	pg_atomic_init_u64(&head->dropped, 0);
	head->free_pages = shape.npage;
	for (int i = 0; i < shape.nchain; i++)
		chains[i] = -1;
	for (int i = 0; i < shape.nentry; i++)
	{
		memset(&entries[i], 0, sizeof(CacheEntry));
		pg_atomic_init_u32(&entries[i].uses, 0);
		entries[i].next = i + 1 < shape.nentry ? i + 1 : -1;
	}
	for (int i = 0; i < shape.npage; i++)
		next_page[i] = i + 1 < shape.npage ? i + 1 : -1;
}

/* Fills in the hash of a key's text. */
void
allm_cache_hash(AllmCacheKey *key)
{
	const unsigned char *text = (const unsigned char *) key->text;
	int			length = strlen(key->text);

	key->hash[0] = hash_bytes_extended(text, length, FIRST_SEED);
	key->hash[1] = hash_bytes_extended(text, length, SECOND_SEED);
}

/* Where the answer of a key is; false when it is not in shared memory. */
bool
allm_cache_find(const AllmCacheKey *key, AllmCacheRef *ref)
{
	int			i;

	LWLockAcquire(lock, LW_SHARED);
	i = find_entry(key);
	if (i >= 0)
	{
		ref->entry = i;
		ref->number = entries[i].number;
		ref->length = entries[i].length;
	}
	LWLockRelease(lock);
	return i >= 0;
}

/*
 * Copies the bytes of an answer, as many as the reference says; false when it
 * is no longer there.
 */
bool
allm_cache_read(const AllmCacheRef *ref, char *data)
{
	CacheEntry *entry = &entries[ref->entry];
	bool		there;

	LWLockAcquire(lock, LW_SHARED);
	there = entry->number == ref->number && entry->linked;
	if (there)
	{
		copy_out(entry, data);
		if (pg_atomic_read_u32(&entry->uses) < MOST_USES)
			pg_atomic_write_u32(&entry->uses, MOST_USES);
	}
	LWLockRelease(lock);
	return there;
}

/*
 * A number that every clearing changes.  An answer that was being made before
 * one is not kept after it.
 */
uint64
allm_cache_epoch(void)
{
	return pg_atomic_read_u64(&head->epoch);
}

/* Lets a record pass while the cache was not cleared since that epoch. */
AllmGuard
allm_cache_guard(uint64 epoch)
{
	AllmGuard	guard = {&head->epoch, epoch};

	return guard;
}

/*
 * Keeps an answer, in the place of the one that had this key.  The bytes begin
 * with the key's text and a zero byte.  False, and counted, when there is no
 * room for it; false as well when the cache was cleared since that epoch.
 */
bool
allm_cache_put(const AllmCacheKey *key, Oid role, const char *data,
			   Size length, uint64 epoch, AllmCacheRef *ref)
{
	bool		kept = false;
	int			i;

	HOLD_INTERRUPTS();
	LWLockAcquire(lock, LW_EXCLUSIVE);
	i = take_entry(key, role, length);
	LWLockRelease(lock);
	if (i >= 0)
	{
		int		   *chain = &chains[key->hash[0] & (shape.nchain - 1)];
		int			old;

		copy_in(&entries[i], data);
		LWLockAcquire(lock, LW_EXCLUSIVE);
		kept = (pg_atomic_read_u64(&head->epoch) == epoch);
		if (kept)
		{
			old = find_entry(key);
			if (old >= 0)
				unlink_entry(old);
			entries[i].linked = true;
			entries[i].next = *chain;
			*chain = i;
			ref->entry = i;
			ref->number = entries[i].number;
			ref->length = length;
		}
		else
			free_entry(i);
		LWLockRelease(lock);
	}
	else
		pg_atomic_fetch_add_u64(&head->dropped, 1);
	RESUME_INTERRUPTS();
	return kept;
}

/* Ends an answer that must not be given any more, if it is still there. */
void
allm_cache_drop(const AllmCacheRef *ref)
{
	CacheEntry *entry = &entries[ref->entry];

	LWLockAcquire(lock, LW_EXCLUSIVE);
	if (entry->number == ref->number && entry->linked)
	{
		unlink_entry(ref->entry);
		pg_atomic_fetch_add_u64(&head->ended, 1);
	}
	LWLockRelease(lock);
}

/* Counts a question that was looked for. */
void
allm_cache_count(bool hit)
{
	pg_atomic_fetch_add_u64(hit ? &head->hits : &head->misses, 1);
}

/* Counts an answer that did not get into the table. */
void
allm_cache_count_dropped(void)
{
	pg_atomic_fetch_add_u64(&head->dropped, 1);
}

/*
 * Ends the answers of a role in this database, or of all with an invalid OID.
 * Returns how many there were.
 */
int64
allm_cache_clear(Oid role)
{
	int64		count = 0;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	pg_atomic_fetch_add_u64(&head->epoch, 1);
	for (int i = 0; i < shape.nentry; i++)
	{
		if (!entries[i].linked || entries[i].database != MyDatabaseId ||
			(OidIsValid(role) && entries[i].role != role))
			continue;
		unlink_entry(i);
		count++;
	}
	LWLockRelease(lock);
	return count;
}

/* One line of llm_status: how full it is, and how well it serves. */
void
allm_cache_status(AllmStatusLine line, void *state)
{
	AllmJsonWriter detail;
	int			used;
	int			free_pages;

	LWLockAcquire(lock, LW_SHARED);
	used = head->used_entries;
	free_pages = head->free_pages;
	LWLockRelease(lock);

	allm_json_start(&detail);
	allm_json_open(&detail, NULL, '{');
	allm_json_int(&detail, "entries", used);
	allm_json_int(&detail, "bytes",
				  (int64) (shape.npage - free_pages) * PAGE_BYTES);
	allm_json_int(&detail, "limit", (int64) shape.npage * PAGE_BYTES);
	allm_json_int(&detail, "hits", pg_atomic_read_u64(&head->hits));
	allm_json_int(&detail, "misses", pg_atomic_read_u64(&head->misses));
	allm_json_int(&detail, "evictions", pg_atomic_read_u64(&head->evictions));
	allm_json_int(&detail, "ended", pg_atomic_read_u64(&head->ended));
	allm_json_int(&detail, "dropped", pg_atomic_read_u64(&head->dropped));
	allm_json_close(&detail, '}');
	line(state, "cache", "answers",
		 RecoveryInProgress() ? "standby: in shared memory only" : "open",
		 detail.buf.data);
}

/* The linked entry of a key, or -1.  Under the lock. */
static int
find_entry(const AllmCacheKey *key)
{
	int			i = chains[key->hash[0] & (shape.nchain - 1)];

	while (i >= 0 && !has_key(&entries[i], key))
		i = entries[i].next;
	return i;
}

/* Has an entry that key, to the last byte?  Under the lock. */
static bool
has_key(const CacheEntry *entry, const AllmCacheKey *key)
{
	Size		left = strlen(key->text) + 1;
	const char *text = key->text;

	if (entry->hash[0] != key->hash[0] || entry->hash[1] != key->hash[1] ||
		entry->database != MyDatabaseId || entry->length < left)
		return false;
	for (int page = entry->first_page; left > 0; page = next_page[page])
	{
		Size		part = Min(left, PAGE_BYTES);

		if (memcmp(pages + (Size) page * PAGE_BYTES, text, part) != 0)
			return false;
		text += part;
		left -= part;
	}
	return true;
}

/*
 * Takes an entry and pages for an answer, out of any chain; -1 when there is
 * no room.  Under the exclusive lock.
 */
static int
take_entry(const AllmCacheKey *key, Oid role, Size length)
{
	int			npage = pages_for(length);
	CacheEntry *entry;
	int			last;
	int			i;

	if (npage > shape.npage / LARGEST_PART || !make_room(npage))
		return -1;
	i = head->free_entry;
	entry = &entries[i];
	head->free_entry = entry->next;
	head->used_entries++;
	entry->first_page = last = head->free_page;
	for (int n = 1; n < npage; n++)
		last = next_page[last];
	head->free_page = next_page[last];
	head->free_pages -= npage;
	next_page[last] = -1;

	entry->hash[0] = key->hash[0];
	entry->hash[1] = key->hash[1];
	entry->number = ++head->numbers;
	entry->linked = false;
	entry->database = MyDatabaseId;
	entry->role = role;
	entry->length = length;
	pg_atomic_write_u32(&entry->uses, 1);
	return i;
}

/*
 * Lets answers go until there are that many pages and an entry; false when
 * those that are left are being written.  Under the exclusive lock.
 */
static bool
make_room(int npage)
{
	int			steps = (MOST_USES + 1) * shape.nentry;

	while (head->free_pages < npage || head->free_entry < 0)
	{
		CacheEntry *entry = &entries[head->hand];
		uint32		uses = pg_atomic_read_u32(&entry->uses);

		if (steps-- == 0)
			return false;
		if (entry->linked && uses > 0)
			pg_atomic_write_u32(&entry->uses, uses - 1);
		else if (entry->linked)
		{
			unlink_entry(head->hand);
			pg_atomic_fetch_add_u64(&head->evictions, 1);
		}
		head->hand = (head->hand + 1) % shape.nentry;
	}
	return true;
}

/* Takes an entry out of its chain, and frees it.  Under the exclusive lock. */
static void
unlink_entry(int i)
{
	int		   *link = &chains[entries[i].hash[0] & (shape.nchain - 1)];

	while (*link != i)
		link = &entries[*link].next;
	*link = entries[i].next;
	free_entry(i);
}

/* Frees an entry that is in no chain.  Under the exclusive lock. */
static void
free_entry(int i)
{
	CacheEntry *entry = &entries[i];
	int			last = entry->first_page;

	while (next_page[last] >= 0)
		last = next_page[last];
	next_page[last] = head->free_page;
	head->free_page = entry->first_page;
	head->free_pages += pages_for(entry->length);
	head->used_entries--;
	entry->number = 0;
	entry->linked = false;
	entry->next = head->free_entry;
	head->free_entry = i;
}

/* Copies the bytes of an answer to the pages of its entry. */
static void
copy_in(const CacheEntry *entry, const char *data)
{
	Size		left = entry->length;

	for (int page = entry->first_page; left > 0; page = next_page[page])
	{
		Size		part = Min(left, PAGE_BYTES);

		memcpy(pages + (Size) page * PAGE_BYTES, data, part);
		data += part;
		left -= part;
	}
}

/* Copies them out again.  Under the lock. */
static void
copy_out(const CacheEntry *entry, char *data)
{
	Size		left = entry->length;

	for (int page = entry->first_page; left > 0; page = next_page[page])
	{
		Size		part = Min(left, PAGE_BYTES);

		memcpy(data, pages + (Size) page * PAGE_BYTES, part);
		data += part;
		left -= part;
	}
}

/* Pages that so many bytes take; at least one. */
static int
pages_for(Size length)
{
	return Max(1, (length + PAGE_BYTES - 1) / PAGE_BYTES);
}
