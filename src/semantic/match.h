/*
 * match.h
 *		The built-in rules: from a question to one reading, or to the reasons
 *		why there is none.
 *
 * A pure function of the question, the snapshot, the date and what the probe
 * finds.  It answers only when every content word belongs to the one reading.
 */
#ifndef ALLM_SEMANTIC_MATCH_H
#define ALLM_SEMANTIC_MATCH_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "utils/date.h"

#include "schema/snapshot.h"

/*
 * A query of two text columns.  Its words stand, as an array, between its
 * halves: the same query is asked again and again with others.  Without words
 * it is the first half alone.
 */
typedef struct AllmProbeQuery
{
	const char *before;
	const List *words;			/* of char * */
	const char *after;
} AllmProbeQuery;

/*
 * Looks values up in the data, as the asking role.  The rows come back as a
 * list of char *[2].  False when the query may not run, or fails.  The caller
 * of the rules supplies it, so that no query runs from here.
 */
typedef bool (*AllmProbe) (void *state, const AllmProbeQuery *query,
						   List **rows);

struct AllmAccount;
struct AllmLooked;

typedef struct AllmReadInput
{
	const char *question;
	const AllmSnapshot *snapshot;
	const List *definitions;	/* of AllmDefinition */
	const AllmRelation *about;	/* what was asked about before; or NULL */
	DateADT		today;
	AllmProbe	probe;
	void	   *probe_state;
	struct AllmLooked *looked;	/* what the probe found so far */
	struct AllmAccount *account;	/* what to tell of it; or NULL */
} AllmReadInput;

struct AllmPlan;
struct AllmSketch;

/* What the rules made of a question.  sql is NULL when they are silent. */
typedef struct AllmReading
{
	char	   *sql;
	char	   *interpretation; /* in words: "total revenue, by region" */
	List	   *unknown;		/* of char *: words that nothing explains */
	char	   *problem;		/* a sentence, when it is not the words */
	char	   *remark;			/* why the rows are in doubt, or NULL */
	bool		doubtful;		/* the problem is that it can mean two things */
	bool		senseless;		/* it is that the figures would mean nothing */
	bool		assumed;		/* a total, which the question does not say */
	bool		single;			/* of one thing, by its name */
	bool		near;			/* all that is tested is in the rows
								 * themselves */
	const struct AllmPlan *plan;	/* of figures; NULL for a sentence */
	const AllmRelation *counted;	/* a sentence gives their number alone */
	const struct AllmSketch *sketch;	/* the form that it is of */
	bool		follows;		/* it goes on from the questions before */
	bool		settles;		/* it says what would be a doubt of figures */
	bool		guessed;		/* figures over keys that no constraint
								 * declares */
} AllmReading;

extern AllmReading *allm_match_read(const AllmReadInput *input);
extern AllmReading *allm_match_part(const AllmReadInput *input);
extern AllmReading *allm_match_figures(const AllmReadInput *input);
extern List *allm_match_suggest(const AllmSnapshot *snapshot,
								const List *definitions, int n);

#endif							/* ALLM_SEMANTIC_MATCH_H */
