/*
 * frame.h
 *		What the frames of questions share.
 */
#ifndef ALLM_SEMANTIC_FRAME_H
#define ALLM_SEMANTIC_FRAME_H

#include "postgres.h"

#include "semantic/question.h"

/* What a frame works on. */
typedef struct AllmBody
{
	AllmChart  *chart;
	int			from;
	int			to;
	int			start;			/* where the words that open it begin */
	int			depth;			/* it is a part of so many parts */
	List	   *queries;		/* of AllmQuery: found so far */
} AllmBody;

extern void allm_frame_add(AllmBody *body, List *queries, int cost);
extern List *allm_frame_part(AllmBody *body, int from, int to);
extern bool allm_frame_has_figures(const AllmQuery *query);
extern bool allm_frame_has_totals(const AllmQuery *query);
extern List *allm_frame_owners(const AllmAttribute *attribute);
extern bool allm_frame_names_relation(const AllmAttribute *attribute);
extern void allm_owned_read(AllmBody *body);
extern void allm_owned_clause(AllmBody *body);
extern void allm_owned_text(AllmBody *body);
extern void allm_grouping_each(AllmBody *body);
extern void allm_grouping_common(AllmBody *body);
extern void allm_grouping_entity(AllmBody *body);
extern void allm_grouping_listed(AllmBody *body, const List *attributes);
extern void allm_ordering_read(AllmBody *body);
extern void allm_stored_read(AllmBody *body);
extern void allm_asked_property(AllmBody *body);
extern void allm_asked_amount(AllmBody *body);
extern void allm_asked_place(AllmBody *body);
extern void allm_asked_owner(AllmBody *body);
extern void allm_sequel_read(AllmBody *body);
extern bool allm_sequel_is_break(const AllmChart *chart, int at);
extern void allm_sharing_read(AllmBody *body);
extern int	allm_sharing_link(const AllmChart *chart, int at);
extern void allm_tally_read(AllmBody *body);

#endif							/* ALLM_SEMANTIC_FRAME_H */
