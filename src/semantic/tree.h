/*
 * tree.h
 *		What a question asks for, as a tree: sets of rows, their tests, terms.
 *
 * A set is one relation and the tests that its rows must pass.  Whatever else
 * the question names is a test of it (an EXISTS, a comparison, a first place)
 * or a term of its rows (a column over keys from many to one, a figure of the
 * rows that refer to it).  No join multiplies the rows of a set.
 */
#ifndef ALLM_SEMANTIC_TREE_H
#define ALLM_SEMANTIC_TREE_H

#include "postgres.h"

#include "semantic/lexicon.h"

/* One step over a foreign key. */
typedef struct AllmStep
{
	const AllmForeignKey *key;
	bool		up;				/* from the many to the one */
} AllmStep;

/* A value of each row of a set, or of all of them together. */
typedef struct AllmTerm
{
	List	   *steps;			/* of AllmStep, to where the column is */
	const AllmColumn *column;	/* NULL: the rows themselves are counted */
	AllmFunction function;		/* DEFAULT: the column as it is */
	struct AllmSet *related;	/* a figure of these, for each row; or NULL */
	bool		distinct;
	char	   *name;			/* as said */
} AllmTerm;

typedef enum AllmTestKind
{
	ALLM_TEST_VALUES,			/* the term is one of the values */
	ALLM_TEST_COMPARE,			/* with a number, a text or a term */
	ALLM_TEST_PERIOD,
	ALLM_TEST_EXISTS,			/* there are rows of a set */
	ALLM_TEST_ANY,				/* one of some tests */
	ALLM_TEST_NULL,				/* the term has no value */
	ALLM_TEST_TEXT,				/* the text is like the pattern */
	ALLM_TEST_COMMON			/* the value is one of the most common */
} AllmTestKind;

typedef struct AllmTest
{
	AllmTestKind kind;
	bool		negated;
	bool		rest;			/* negated, and true where it is not known */
	bool		whose;			/* said by "whose x", of one of many */
	bool		loose;			/* "in x": no verb says of whom */
	bool		passing;		/* "sold in x", "bought by x" */
	bool		deed;			/* said by a verb: what follows is said of it */
	bool		rivalled;		/* things belong together in other ways, too */
	AllmTerm   *term;
	List	   *values;			/* of char *, as stored */
	bool		listed;			/* said as "x and y" */
	AllmCompare compare;
	char	   *low;			/* numbers */
	char	   *high;
	AllmTerm   *other;			/* a figure over all rows of "over" */
	struct AllmSet *over;		/* NULL: of the same row */
	AllmPeriod	period;
	List	   *steps;			/* of AllmStep, to the set */
	struct AllmSet *set;
	List	   *tests;			/* of AllmTest */
} AllmTest;

typedef struct AllmSet
{
	const AllmRelation *relation;
	List	   *tests;			/* of AllmTest, all of which hold */
	AllmTerm   *best;			/* those that come first by this, or NULL */
	bool		descending;
	int			limit;			/* so many of them, and those that tie */
	bool		named;			/* one thing that is called by its name */
	bool		distinct;		/* "different", "unique" was said */
	bool		singular;		/* the noun was */
	bool		other;			/* not the row that they belong to */
	bool		every;			/* "all x", "x of all y": each single one */
	bool		theirs;			/* "their x" */
	bool		implied;		/* "largest": the column was not said */
	bool		role;			/* known by a name that others give it */
	bool		acts;			/* something else belongs to it, or it to that */
	AllmTest   *deed;			/* by this test, if there is some; else NULL */
	int			clauses;		/* that stood behind the noun */
	int			cost;
} AllmSet;

/* One more thing that rows are ordered by. */
typedef struct AllmSort
{
	AllmTerm   *term;
	bool		descending;
} AllmSort;

typedef struct AllmQuery
{
	AllmSet    *set;
	List	   *outputs;		/* of AllmTerm */
	int			groups;			/* so many of the outputs are grouped by */
	bool		distinct;
	bool		each_once;		/* distinct, though nobody said so */
	AllmTerm   *order;
	bool		descending;
	List	   *then;			/* of AllmSort, after the first */
	int			limit;			/* of groups or ordered rows; 0: all */
	List	   *having;			/* of AllmTest over the groups */
	bool		things;			/* themselves, and nothing of them, are asked
								 * for */
	const char *doubt;			/* why it is not answered though read, or NULL */
	int			cost;
} AllmQuery;

extern AllmSet *allm_tree_set(const AllmRelation *relation, int cost);
extern AllmSet *allm_tree_with(const AllmSet *set, AllmTest *test, int cost);
extern AllmTerm *allm_tree_column(const AllmColumn *column, List *steps);
extern AllmTest *allm_tree_exists(List *steps, AllmSet *set, bool negated);
extern List *allm_tree_paths(const AllmRelation *from,
							 const AllmRelation *to);
extern bool allm_tree_is_up(const List *steps);
extern bool allm_tree_is_listed(const AllmSet *set);
extern List *allm_tree_drop_last(const List *steps);
extern List *allm_tree_identity(const AllmRelation *relation);

#endif							/* ALLM_SEMANTIC_TREE_H */
