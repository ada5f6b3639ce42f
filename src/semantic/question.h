/*
 * question.h
 *		Whole questions: from a chart to queries.
 */
#ifndef ALLM_SEMANTIC_QUESTION_H
#define ALLM_SEMANTIC_QUESTION_H

#include "postgres.h"

#include "semantic/resolve.h"

extern List *allm_question_parse(AllmChart *chart);
extern List *allm_project_attributes(AllmChart *chart, const AllmSet *set,
									 const List *attributes);
extern List *allm_project_groups(AllmChart *chart, const AllmSet *set,
								 const List *groups, const List *attributes);
extern List *allm_project_each(AllmChart *chart, const AllmSet *set,
							   const List *attributes);
extern AllmQuery *allm_project_count(AllmChart *chart, const AllmSet *set);
extern AllmQuery *allm_project_default(const AllmSet *set);

#endif							/* ALLM_SEMANTIC_QUESTION_H */
