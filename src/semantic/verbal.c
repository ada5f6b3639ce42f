/*
 * verbal.c
 *		Things that are told by what they do: "neighboring states", "the rivers
 *		running through it".
 */
#include "postgres.h"

#include "semantic/clause.h"
#include "semantic/resolve.h"
#include "semantic/tally.h"
#include "semantic/verbal.h"
#include "semantic/way.h"

/* The verb of a participle that stands before a noun, or NULL. */
char *
allm_verbal_before(const AllmChart *chart, int at)
{
	const char *text = allm_chart_text(chart, at);
	size_t		bytes = strlen(text);

	if (strcmp(text, "adjacent") != 0 &&
		(bytes < 6 || strcmp(text + bytes - 3, "ing") != 0))
		return NULL;
	return allm_vocabulary_verb(text);
}

/* Does it point back to what was said: "through it"? */
static bool
is_pronoun(const char *text)
{
	return strcmp(text, "it") == 0 || strcmp(text, "them") == 0;
}

/*
 * Where a noun ends whose tail only says what it does with what was said
 * before: in front of "running through it".  The verb in "verb".
 */
int
allm_verbal_end(const AllmChart *chart, int from, int to, char **verb)
{
	int			at = to - 1;

	if (at <= from + 1 || !is_pronoun(allm_chart_text(chart, at)))
		return to;
	at--;
	if (allm_chart_is(chart, at, at + 1, ALLM_MARK_PREP, NULL))
		at--;
	if (at <= from)
		return to;
	if (allm_chart_is(chart, at, at + 1, ALLM_MARK_PREP, NULL))
		at--;
	*verb = allm_vocabulary_verb(allm_chart_text(chart, at));
	if (*verb == NULL || at <= from)
		return to;
	while (at > from + 1 &&
		   (allm_chart_is(chart, at - 1, at, ALLM_MARK_REL, NULL) ||
			allm_chart_is(chart, at - 1, at, ALLM_MARK_AUX, NULL)))
		at--;
	return at;
}

/* "neighboring states of x" */
void
allm_verbal_add(AllmChart *chart, AllmCell *cell, int from, int to)
{
	AllmLead	lead = {.verb = allm_verbal_before(chart, from)};

	if (lead.verb == NULL)
		return;
	for (int at = from + 2; at < to && !chart->too_many; at++)
	{
		int			of = allm_chart_mark(chart, at, ALLM_MARK_OF, NULL);
		AllmCell	objects = {0};
		ListCell   *inner;
		ListCell   *other;
		ListCell   *result;

		if (of == 0 || at + of >= to)
			continue;
		allm_clause_add_objects(chart, &objects, at + of, to, &lead);
		foreach(inner, objects.pieces == NIL ? NIL :
				allm_noun_bare(chart, from + 1, at))
		{
			foreach(other, objects.pieces)
			{
				foreach(result, allm_attach_clause(chart, lfirst(inner),
												   lfirst(other)))
				{
					((AllmSet *) lfirst(result))->clauses++;
					allm_chart_add(chart, cell, lfirst(result));
				}
			}
		}
	}
}
