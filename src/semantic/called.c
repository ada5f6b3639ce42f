/*
 * called.c
 *		Which of the names that words could be are worth a thought.
 */
#include "postgres.h"

#include "semantic/called.h"

/*
 * Without the senses that are only the end of a longer name, where a relation
 * is called so: beside a table of actors, an actor is no film_actor, and an
 * order no units_on_order.
 */
static List *
without_ends(List *senses)
{
	bool		whole = false;
	ListCell   *cell;

	foreach(cell, senses)
	{
		const AllmSense *sense = lfirst(cell);

		whole |= sense->kind == ALLM_SENSE_RELATION && sense->cost == 0;
	}
	foreach(cell, whole ? senses : NIL)
	{
		if (((AllmSense *) lfirst(cell))->cost >= ALLM_CALLED_END)
			senses = foreach_delete_current(senses, cell);
	}
	return senses;
}

/*
 * Words that are a name of this schema mean that, and nothing that is called
 * otherwise: beside a table of territories, a territory is no region.
 */
void
allm_called_keep_own(AllmLexicon *lexicon)
{
	for (int start = 0; start < lexicon->ntokens; start++)
	{
		ListCell   *cell;

		foreach(cell, lexicon->items[start])
		{
			AllmItem   *item = lfirst(cell);
			List	   *own = NIL;
			ListCell   *inner;

			if (item->kind != ALLM_ITEM_NAME)
				continue;
			foreach(inner, item->senses)
			{
				if (!((AllmSense *) lfirst(inner))->exchanged)
					own = lappend(own, lfirst(inner));
			}
			if (own != NIL)
				item->senses = without_ends(own);
		}
	}
}
