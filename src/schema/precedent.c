/*
 * precedent.c
 *		Verified examples whose question is near to another one.
 *
 * Two questions are near when they share words, rare ones above all: the cosine
 * of the vectors of their words, weighted by rareness; a number counts as any
 * number.  It is the same for the same words, and knows no meaning: a near
 * example is shown to a model, or says which columns to show; it is never an
 * answer.
 *
 * What an example's SQL uses is read from its text by names alone, without
 * parsing it, and only names of the snapshot are recognised.
 *
 * The examples are kept in this backend, by role, until the table or the
 * snapshot changes.  A trigger tells of the former by an invalidation of the
 * table, which reaches every backend, a standby's as well.
 */
#include "postgres.h"

#include <ctype.h>
#include <math.h>

#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/qunique.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/table.h"
#include "base/text.h"
#include "schema/refer.h"
#include "schema/precedent.h"
#include "schema/term.h"

/*
 * No more examples are read: they take about a kilobyte each, in every backend
 * that asks.
 */
#define MAX_EXAMPLES	5000

/* Questions further apart have nothing but everyday words in common. */
#define MIN_NEARNESS	0.05

/* Of how many examples a word is in the question. */
typedef struct WordEntry
{
	uint32		word;			/* hash key; MUST BE FIRST */
	int			count;
} WordEntry;

/* All examples that the role may read. */
typedef struct Kept
{
	MemoryContext context;
	Oid			role;
	uint64		serial;			/* of the snapshot */
	AllmPrecedent *rows;		/* by name */
	int			nrows;
	HTAB	   *words;			/* of WordEntry */
	int		   *uses;			/* of columns, by number */
} Kept;

static Kept *kept = NULL;

/* Raised by the callback. */
static Oid	table_oid = InvalidOid;
static bool is_stale = true;

static void get_kept(const AllmSnapshot *snapshot);
static void watch_table(void);
static void note_relation(Datum arg, Oid relid);
static void read_examples(Kept *build);
static void read_words(Kept *build, AllmPrecedent *row);
static void note_uses(Kept *build, const AllmSnapshot *snapshot);
static uint32 *hash_words(const char *question, int *nwords);
static float weigh(uint32 word);
static float measure(const AllmPrecedent *row, const uint32 *words,
					 const float *word_weights, int nwords);
static int	compare_rows(const void *a, const void *b);
static int	compare_words(const void *a, const void *b);
static int	compare_near(const ListCell *a, const ListCell *b);

/*
 * The examples that are nearest to a question, the nearest first, at most
 * "max": a list of AllmNear, in the current memory context.  What they point
 * at stays as it is until the next question.
 */
List *
allm_precedent_find(const AllmSnapshot *snapshot, const char *question,
					int max)
{
	List	   *found = NIL;
	int			nwords;
	uint32	   *words;
	float	   *word_weights;
	float		length = 0;

	get_kept(snapshot);
	if (kept->nrows == 0)
		return NIL;
	words = hash_words(question, &nwords);
	word_weights = palloc(Max(nwords, 1) * sizeof(float));
	for (int i = 0; i < nwords; i++)
	{
		word_weights[i] = weigh(words[i]);
		length += word_weights[i] * word_weights[i];
	}
	for (int i = 0; i < kept->nrows && length > 0; i++)
	{
		float		nearness = measure(&kept->rows[i], words, word_weights,
									   nwords) / sqrtf(length);
		AllmNear   *near;

		if (nearness < MIN_NEARNESS)
			continue;
		near = palloc(sizeof(AllmNear));
		near->precedent = &kept->rows[i];
		near->nearness = nearness;
		found = lappend(found, near);
	}
	list_sort(found, compare_near);
	return list_truncate(found, max);
}

/*
 * How many examples use each column, by its number; returns how many examples
 * there are.  They are those of the last search: looking again could replace
 * what that one gave.
 */
int
allm_precedent_uses(const int **uses)
{
	Assert(kept != NULL);
	*uses = kept->uses;
	return kept->nrows;
}

/* Makes "kept" fit the snapshot, the role and the table. */
static void
get_kept(const AllmSnapshot *snapshot)
{
	MemoryContext context;
	MemoryContext caller;
	HASHCTL		control = {0};
	Kept	   *build;

	watch_table();
	if (kept != NULL && !is_stale && kept->role == GetUserId() &&
		kept->serial == snapshot->serial)
		return;
	/* An error on the way leaves none, rather than old ones. */
	if (kept != NULL)
		MemoryContextDelete(kept->context);
	kept = NULL;
	context = AllocSetContextCreate(CurrentMemoryContext,
									"analytics_llm examples",
									ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);

	/*
	 * From here on a change may or may not be seen.  A transaction whose
	 * snapshot does not move keeps nothing for the next one.
	 */
	is_stale = IsolationUsesXactSnapshot();
	build = palloc0(sizeof(Kept));
	build->context = context;
	build->role = GetUserId();
	build->serial = snapshot->serial;
	control.keysize = sizeof(uint32);
	control.entrysize = sizeof(WordEntry);
	control.hcxt = context;
	build->words = hash_create("analytics_llm words of examples", 1024,
							   &control,
							   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	read_examples(build);
	note_uses(build, snapshot);

	MemoryContextSwitchTo(caller);
	MemoryContextSetParent(context, CacheMemoryContext);
	kept = build;
	for (int i = 0; i < kept->nrows; i++)
	{
		AllmPrecedent *row = &kept->rows[i];

		for (int j = 0; j < row->nwords; j++)
			row->length += weigh(row->words[j]) * weigh(row->words[j]);
		row->length = sqrtf(row->length);
	}
}

/* Registers the callback, and finds the table that it waits for. */
static void
watch_table(void)
{
	static bool is_watching = false;
	Oid			oid = get_relname_relid("example",
										get_namespace_oid("analytics_llm", true));

	if (oid != table_oid)
		is_stale = true;
	table_oid = oid;
	if (is_watching)
		return;
	CacheRegisterRelcacheCallback(note_relation, (Datum) 0);
	is_watching = true;
}

/* Did the table of examples change? */
static void
note_relation(Datum arg, Oid relid)
{
	if (!OidIsValid(relid) || relid == table_oid)
		is_stale = true;
}

/* Reads the enabled examples that are not known to be broken, by name. */
static void
read_examples(Kept *build)
{
	AllmTableScan scan;
	int			room = 64;

	build->rows = palloc(room * sizeof(AllmPrecedent));
	if (!allm_table_begin(&scan, "example", NULL, NULL, NULL))
		return;
	while (build->nrows < MAX_EXAMPLES && allm_table_next(&scan))
	{
		AllmPrecedent *row;
		char	   *status = allm_table_text(&scan, "status");

		CHECK_FOR_INTERRUPTS();
		if (!allm_table_bool(&scan, "enabled") || status == NULL ||
			strcmp(status, "broken") == 0)
			continue;
		if (build->nrows == room)
			build->rows = repalloc_huge(build->rows,
										(Size) (room *= 2) * sizeof(AllmPrecedent));
		row = &build->rows[build->nrows];
		memset(row, 0, sizeof(AllmPrecedent));
		row->name = allm_table_text(&scan, "name");
		row->question = allm_table_text(&scan, "question");
		row->sql = allm_table_text(&scan, "sql");
		row->is_ok = strcmp(status, "ok") == 0 &&
			allm_table_is_null(&scan, "parameters");
		if (row->name == NULL || row->question == NULL || row->sql == NULL)
			continue;
		read_words(build, row);
		build->nrows++;
	}
	allm_table_end(&scan);
	qsort(build->rows, build->nrows, sizeof(AllmPrecedent), compare_rows);
}

/* The words of an example's question, counted. */
static void
read_words(Kept *build, AllmPrecedent *row)
{
	row->words = hash_words(row->question, &row->nwords);
	for (int i = 0; i < row->nwords; i++)
	{
		bool		found;
		WordEntry  *entry = hash_search(build->words, &row->words[i],
										HASH_ENTER, &found);

		entry->count = found ? entry->count + 1 : 1;
	}
}

/* What the examples' queries use of the snapshot. */
static void
note_uses(Kept *build, const AllmSnapshot *snapshot)
{
	AllmReferences *references = allm_refer_begin(snapshot);

	build->uses = palloc0(Max(snapshot->ncolumns, 1) * sizeof(int));
	for (int i = 0; i < build->nrows; i++)
	{
		ListCell   *cell;

		CHECK_FOR_INTERRUPTS();
		build->rows[i].columns = allm_refer_columns(references,
													build->rows[i].sql);
		foreach(cell, build->rows[i].columns)
			build->uses[lfirst_int(cell)]++;
	}
	allm_refer_end(references);
}

/*
 * The words of a question as hash values, sorted, each once.  Everyday words
 * stay: "how many" and "which" tell kinds of questions apart.
 */
static uint32 *
hash_words(const char *question, int *nwords)
{
	List	   *words = allm_text_words(question);
	uint32	   *hashes = NULL;
	int			n = 0;
	int			room = 16;
	ListCell   *cell;
	ListCell   *inner;

	hashes = palloc(room * sizeof(uint32));
	foreach(cell, words)
	{
		AllmWord   *word = lfirst(cell);

		if (word->kind == ALLM_WORD_PUNCTUATION)
			continue;
		foreach(inner, allm_term_split(word->text))
		{
			const char *term = lfirst(inner);

			if (strspn(term, "0123456789") == strlen(term))
				term = "0";
			if (n == room)
				hashes = repalloc(hashes, (room *= 2) * sizeof(uint32));
			hashes[n++] = hash_bytes((const unsigned char *) term,
									 strlen(term));
		}
	}
	qsort(hashes, n, sizeof(uint32), compare_words);
	*nwords = qunique(hashes, n, sizeof(uint32), compare_words);
	return hashes;
}

/* How much a word says: the fewer examples have it, the more. */
static float
weigh(uint32 word)
{
	WordEntry  *entry = hash_search(kept->words, &word, HASH_FIND, NULL);

	return logf(1.0f + kept->nrows /
				(0.5f + (entry != NULL ? entry->count : 0)));
}

/* The product of two questions' vectors, for an example of length 1. */
static float
measure(const AllmPrecedent *row, const uint32 *words,
		const float *word_weights, int nwords)
{
	float		product = 0;
	int			i = 0;
	int			j = 0;

	while (i < row->nwords && j < nwords)
	{
		if (row->words[i] < words[j])
			i++;
		else if (row->words[i] > words[j])
			j++;
		else
		{
			product += word_weights[j] * word_weights[j];
			i++;
			j++;
		}
	}
	return row->length > 0 ? product / row->length : 0;
}

/* For qsort: by name. */
static int
compare_rows(const void *a, const void *b)
{
	return strcmp(((const AllmPrecedent *) a)->name,
				  ((const AllmPrecedent *) b)->name);
}

/* For qsort and qunique. */
static int
compare_words(const void *a, const void *b)
{
	uint32		left = *(const uint32 *) a;
	uint32		right = *(const uint32 *) b;

	return left < right ? -1 : left > right;
}

/* The nearest first; of those as near, by name. */
static int
compare_near(const ListCell *a, const ListCell *b)
{
	const AllmNear *left = lfirst(a);
	const AllmNear *right = lfirst(b);

	if (left->nearness != right->nearness)
		return left->nearness > right->nearness ? -1 : 1;
	return strcmp(left->precedent->name, right->precedent->name);
}
