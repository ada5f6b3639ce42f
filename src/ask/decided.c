/*
 * decided.c
 *		The queries that this session was given for its questions.
 *
 * A statement with real columns is analysed more than once: a client describes
 * it before it runs it, wraps it with LIMIT 0, and the server analyses a
 * prepared statement anew when something that it uses was changed.  All of
 * these are one question, and another query could have other columns.  So a
 * session keeps what it was given, whatever becomes of the shared cache.
 *
 * It is not given again on another day, to another role or end user, under
 * another search_path, or after a definition was changed or answers were
 * cleared, nor when its conversation has gone on, nor longer than a query is
 * kept anyhow.  Whoever gets it checks it.
 *
 * Memory of this backend only, no locks.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "ask/decided.h"
#include "ask/key.h"
#include "base/settings.h"
#include "ledger/cache.h"

/*
 * Statements that a session works with at once; drivers keep fewer prepared.
 * The one that was used longest ago makes room.
 */
#define MAX_DECISIONS	256

/*
 * So long a query is given again even where none is to be kept: from the
 * description of a statement to its run.
 */
#define PROBE_MS		60000

/* A question, with all that its query depends on. */
typedef struct Decision
{
	dlist_node	link;
	MemoryContext context;		/* of all that follows */
	AllmDecided decided;
	char	   *question;
	char	   *options;		/* bytes of the jsonb; NULL: none */
	Size		options_len;
	Oid			role;
	char	   *search_path;
	char	   *end_user;
	char	   *conversation;	/* where it was, once this was answered */
	char	   *definitions;	/* NULL: they could not be read */
	uint64		epoch;			/* of the cache */
	bool		use_cache;
	TimestampTz at;
} Decision;

/* The one that was used last is the first. */
static dlist_head decisions = DLIST_STATIC_INIT(decisions);
static int	ndecision = 0;

static bool is_of(const Decision *decision, const char *question,
				  Jsonb *options, const char *conversation);
static bool is_fresh(const Decision *decision);
static void drop(Decision *decision);
static List *copy_texts(const List *texts);

/*
 * What this session was given for this question under the same circumstances,
 * or NULL.  It lives until it is forgotten.  "conversation" is a text that is
 * another one when the conversation of the question has gone on.
 */
AllmDecided *
allm_decided_find(const char *question, Jsonb *options,
				  const char *conversation)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &decisions)
	{
		Decision   *decision = dlist_container(Decision, link, iter.cur);

		if (!is_of(decision, question, options, conversation))
			continue;
		if (!is_fresh(decision))
		{
			drop(decision);
			return NULL;
		}
		dlist_move_head(&decisions, &decision->link);
		return &decision->decided;
	}
	return NULL;
}

/* Was the same question asked by the same role, with the same names in sight? */
static bool
is_of(const Decision *decision, const char *question, Jsonb *options,
	  const char *conversation)
{
	if (decision->role != GetUserId() ||
		strcmp(decision->question, question) != 0 ||
		strcmp(decision->conversation, conversation) != 0 ||
		strcmp(decision->search_path, namespace_search_path) != 0 ||
		strcmp(decision->end_user, allm_end_user) != 0)
		return false;
	if (options == NULL || decision->options == NULL)
		return options == NULL && decision->options == NULL;
	return decision->options_len == VARSIZE(options) &&
		memcmp(decision->options, options, VARSIZE(options)) == 0;
}

/* May it be given again? */
static bool
is_fresh(const Decision *decision)
{
	char	   *definitions;
	int64		ms = PROBE_MS;

	if (decision->use_cache)
		ms = Max(ms, (int64) allm_sql_cache_ttl * 1000);
	if (decision->decided.day != GetSQLCurrentDate() ||
		decision->epoch != allm_cache_epoch() ||
		GetCurrentTimestamp() - decision->at > ms * 1000)
		return false;
	definitions = allm_key_definitions();
	return definitions == NULL || decision->definitions == NULL ||
		strcmp(definitions, decision->definitions) == 0;
}

/* Keeps the query of a request that has one, in place of an older one. */
AllmDecided *
allm_decided_keep(const AllmRequest *request, Jsonb *options,
				  const char *conversation)
{
	const AllmAnswer *answer = &request->answer;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "analytics_llm decision",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Decision   *decision = palloc0(sizeof(Decision));

	decision->context = context;
	decision->question = pstrdup(request->question);
	if (options != NULL)
	{
		decision->options_len = VARSIZE(options);
		decision->options = palloc(decision->options_len);
		memcpy(decision->options, options, decision->options_len);
	}
	decision->role = GetUserId();
	decision->search_path = pstrdup(namespace_search_path);
	decision->end_user = pstrdup(allm_end_user);
	decision->conversation = pstrdup(conversation);
	decision->definitions = allm_key_definitions();
	decision->epoch = allm_cache_epoch();
	decision->use_cache = request->options.use_cache || request->hits > 0;
	decision->at = GetCurrentTimestamp();
	decision->decided.sql = pstrdup(answer->sql);
	decision->decided.model = pstrdup(answer->model_used);
	decision->decided.request_id = request->id;
	decision->decided.confidence = answer->confidence;
	decision->decided.day = GetSQLCurrentDate();
	decision->decided.doubts = copy_texts(answer->warnings);
	decision->decided.notices = copy_texts(answer->notices);
	MemoryContextSwitchTo(caller);

	MemoryContextSetParent(context, TopMemoryContext);
	if (ndecision >= MAX_DECISIONS)
		drop(dlist_container(Decision, link, dlist_tail_node(&decisions)));
	dlist_push_head(&decisions, &decision->link);
	ndecision++;
	return &decision->decided;
}

/* One that is of no use any more. */
void
allm_decided_forget(const AllmDecided *decided)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &decisions)
	{
		Decision   *decision = dlist_container(Decision, link, iter.cur);

		if (&decision->decided == decided)
			drop(decision);
	}
}

/* All of them: the session's plans are discarded. */
void
allm_decided_forget_all(void)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &decisions)
		drop(dlist_container(Decision, link, iter.cur));
}

/* Its memory goes. */
static void
drop(Decision *decision)
{
	dlist_delete(&decision->link);
	ndecision--;
	MemoryContextDelete(decision->context);
}

/* Texts of one line each: they travel with a plan, line by line. */
static List *
copy_texts(const List *texts)
{
	List	   *copies = NIL;
	ListCell   *cell;

	foreach(cell, texts)
	{
		char	   *copy = pstrdup(lfirst(cell));

		for (char *c = copy; *c != '\0'; c++)
		{
			if (*c == '\n' || *c == '\r')
				*c = ' ';
		}
		copies = lappend(copies, copy);
	}
	return copies;
}
