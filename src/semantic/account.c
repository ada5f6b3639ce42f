/*
 * account.c
 *		How a reading came about, for a person who asks: the words and what
 *		each may mean, the readings with their ranks, the way of the joins.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "schema/graph.h"
#include "schema/layer.h"
#include "semantic/account.h"
#include "semantic/weekday.h"

/* More readings tell a person nothing. */
#define MAX_READINGS	20

/* Adds a line. */
static void
add_note(AllmAccount *account, const char *section, const char *item,
		 const char *value, const char *detail)
{
	AllmNote   *note = palloc(sizeof(AllmNote));

	note->section = section;
	note->item = item;
	note->value = value;
	note->detail = detail;
	account->notes = lappend(account->notes, note);
}

/* What a sense of a name or a value is. */
static char *
say_sense(const AllmSense *sense)
{
	const char *by = sense->defined ? ", as defined" : "";

	if (sense->column != NULL && sense->column->metric != NULL)
		return psprintf("metric over %s", sense->relation->name);
	switch (sense->kind)
	{
		case ALLM_SENSE_RELATION:
			return psprintf("%s%s", sense->relation->name, by);
		case ALLM_SENSE_ROLE:
			return psprintf("%s over %s", sense->relation->name,
							allm_graph_describe(list_make1(sense->key)));
		case ALLM_SENSE_VALUE:
			return psprintf("value of %s.%s%s", sense->relation->name,
							sense->column->name, by);
		default:
			break;
	}
	return sense->column == NULL ? pstrdup("nothing that can be used") :
		psprintf("%s.%s%s", sense->relation->name, sense->column->name, by);
}

/* What an item of the question is. */
static char *
say_item(const AllmItem *item)
{
	StringInfoData out;
	ListCell   *cell;

	switch (item->kind)
	{
		case ALLM_ITEM_PHRASE:
			return pstrdup(item->phrase->role == ALLM_ROLE_FREE ?
						   "says nothing" : "word of the language");
		case ALLM_ITEM_NUMBER:
			return pstrdup("number");
		case ALLM_ITEM_TIME:
			if (item->period.weekdays != 0)
				return psprintf("time on %s",
								allm_weekday_names(item->period.weekdays));
			return psprintf("time%s%s%s%s",
							item->period.has_from ? " from " : "",
							item->period.has_from ?
							allm_period_date(item->period.from) : "",
							item->period.has_to ? " before " : "",
							item->period.has_to ?
							allm_period_date(item->period.to) : "");
		default:
			break;
	}
	initStringInfo(&out);
	foreach(cell, item->senses)
		appendStringInfo(&out, "%s%s", out.len > 0 ? "; " : "",
						 say_sense(lfirst(cell)));
	return out.len > 0 ? out.data : pstrdup("found nowhere");
}

/* Each word of the question, and all that it may mean. */
void
allm_account_words(AllmAccount *account, const AllmLexicon *lexicon)
{
	if (account == NULL)
		return;
	for (int at = 0; at < lexicon->ntokens; at++)
	{
		ListCell   *cell;

		foreach(cell, lexicon->items[at])
		{
			AllmItem   *item = lfirst(cell);

			add_note(account, "words",
					 allm_lexicon_text(lexicon, at, item->length),
					 say_item(item), NULL);
		}
		if (!allm_lexicon_explains(lexicon, at))
			add_note(account, "words", allm_lexicon_text(lexicon, at, 1),
					 "not understood", NULL);
	}
}

/* A question before, and what it came to together with those before it. */
void
allm_account_turn(AllmAccount *account, int turn, const char *question,
				  const char *words)
{
	if (account != NULL)
		add_note(account, "conversation", psprintf("question %d", turn),
				 question, words);
}

/* One reading; the lower its rank, the nearer it is to the words. */
void
allm_account_reading(AllmAccount *account, const char *kind, int cost,
					 const char *words, const char *problem)
{
	if (account == NULL || account->readings++ >= MAX_READINGS)
		return;
	add_note(account, "readings", kind,
			 problem != NULL ? problem : words,
			 psprintf("rank %d%s", cost, problem != NULL ? ", not possible" : ""));
}

/* The keys that lead to a column, unless they were told already. */
static void
note_way(AllmAccount *account, const AllmRef *ref, List **told)
{
	char	   *way;
	ListCell   *cell;

	if (ref == NULL || ref->keys == NIL)
		return;
	way = allm_graph_describe(ref->keys);
	foreach(cell, *told)
	{
		if (strcmp(lfirst(cell), way) == 0)
			return;
	}
	*told = lappend(*told, way);
	add_note(account, "join path", ref->column->relation->name, way, NULL);
}

/* From what the figures are, and the ways from there. */
void
allm_account_path(AllmAccount *account, const AllmPlan *plan)
{
	List	   *told = NIL;
	ListCell   *cell;

	if (account == NULL || plan == NULL)
		return;
	add_note(account, "join path", "base", plan->base->name,
			 "each of its rows counts once");
	foreach(cell, plan->groups)
		note_way(account, ((AllmOutput *) lfirst(cell))->ref, &told);
	foreach(cell, plan->conditions)
		note_way(account, ((AllmCondition *) lfirst(cell))->ref, &told);
}
