/*
 * examples.c
 *		Verified examples that a model is shown beside a question.
 *
 * The nearest few whose query the asking role may run: each is checked as if it
 * had been asked, at each use, since a text that names what a role may not read
 * must not reach a prompt of that role.
 */
#include "postgres.h"

#include "ask/examples.h"
#include "guard/analyze.h"
#include "guard/execute.h"
#include "guard/finding.h"
#include "model/prompt.h"
#include "schema/precedent.h"
#include "schema/snapshot.h"

/* So many are shown, of so many that are looked at. */
#define MAX_SHOWN		3
#define MAX_LOOKED_AT	6

/* Below this, two questions share little more than their form. */
#define MIN_NEARNESS	0.25

/* A longer query is no example but a program. */
#define MAX_SQL_BYTES	2000

/* What is looked at, and what came of it. */
typedef struct Choice
{
	List	   *candidates;		/* of AllmShown */
	List	   *shown;			/* likewise */
} Choice;

static void check_candidates(void *arg);

/*
 * The examples to show, the nearest first, as a list of AllmShown in the
 * current memory context.  NIL when the checks fail, or take too long.
 */
List *
allm_examples_choose(const char *question, AllmDeadline deadline)
{
	Choice		choice = {0};
	ListCell   *cell;

	foreach(cell, allm_precedent_find(allm_snapshot_get(), question,
									  MAX_LOOKED_AT))
	{
		AllmNear   *near = lfirst(cell);
		AllmShown  *shown;

		if (near->nearness < MIN_NEARNESS || !near->precedent->is_ok ||
			strlen(near->precedent->sql) > MAX_SQL_BYTES)
			continue;
		shown = palloc(sizeof(AllmShown));
		shown->question = pstrdup(near->precedent->question);
		shown->sql = pstrdup(near->precedent->sql);
		choice.candidates = lappend(choice.candidates, shown);
	}
	if (choice.candidates == NIL ||
		allm_execute_fenced(check_candidates, &choice, deadline) != NULL)
		return NIL;
	foreach(cell, choice.candidates)
	{
		AllmShown  *candidate = lfirst(cell);

		if (candidate->sql != NULL &&
			list_length(choice.shown) < MAX_SHOWN)
			choice.shown = lappend(choice.shown, candidate);
	}
	return choice.shown;
}

/* Inside the fence: what may not be run has no query afterwards. */
static void
check_candidates(void *arg)
{
	Choice	   *choice = arg;
	ListCell   *cell;

	foreach(cell, choice->candidates)
	{
		AllmShown  *candidate = lfirst(cell);

		if (allm_finding_any_error(allm_analyze_check(candidate->sql)->findings))
			candidate->sql = NULL;
	}
}
