/*
 * signs.c
 *		What speaks for a column of a relation.
 *
 * The score of a column is the sum of the signs below, each with its weight:
 * what the question's words say of it and of its relation (see relevance.c), and
 * what the schema itself says: keys, and what they join; what names a row; which
 * relations most others lead to; the first columns of a relation before its last
 * ones.  Times count where the question speaks of time, and figures where it
 * speaks of amounts.  Verified examples say which columns questions like this one
 * need, and any.
 *
 * The weights were fitted to one half of the questions of public sets, over some
 * ninety schemas, so that all columns of the verified query are among those that
 * fit in; test/data reports the other half.
 */
#include "postgres.h"

#include <math.h>

#include "schema/signs.h"

/* A relation of so few columns holds little but its key and its name. */
#define NARROW			3

/*
 * What speaks for a column, or against it; each is about 0 to 1.  A sign that
 * stands here twice, alone and beside another one, says more with it.
 */
typedef enum Sign
{
	SIGN_RARE,					/* how much what its name matches says */
	SIGN_SILENT,				/* share of its name that is everyday words */
	SIGN_WORDS,					/* how many words its name has */
	SIGN_LABEL,					/* names the row, by its own name */
	SIGN_LABEL_UNKNOWN,			/* and words that nothing explains */
	SIGN_TEXT,					/* a text, and no label */
	SIGN_NUMBER,				/* a figure */
	SIGN_NUMBER_ASKED,			/* and the question is about figures */
	SIGN_TIME,					/* a time */
	SIGN_TIME_ASKED,			/* and the question is about time */
	SIGN_TIME_NUMBER,			/* and has a number */
	SIGN_KEY,					/* relations are joined by it */
	SIGN_KEY_WAYS,				/* and how many */
	SIGN_LONELY,				/* a key that nothing refers to */
	SIGN_BRIDGE,				/* joins two that are meant: the lesser score */
	SIGN_PLACE,					/* its place among the columns; a key has none */
	SIGN_FIRST,					/* 1, 1/2, 1/3 ... */
	SIGN_RANK,					/* the relation's place: 1, 1/2, 1/3 ... */
	SIGN_OWN_SCORE,				/* the relation's, without its neighbours */
	SIGN_SCORE,					/* the relation's, beside the best one */
	SIGN_RELATION,				/* how much of the relation's name is asked
								 * for */
	SIGN_NEIGHBOUR,				/* the best own score beside the relation */
	SIGN_NEAR,					/* how near to the best relation */
	SIGN_CENTRAL,				/* how much leads to the relation */
	SIGN_CENTRAL_2,				/* its square */
	SIGN_NARROW,				/* of a relation of up to three columns */
	SIGN_JOINS_OWN,				/* the best own score that it joins */
	SIGN_JOINS_SCORE,			/* the best score */
	SIGN_JOINS_CENTRAL,			/* the most central relation */
	SIGN_MATCH_SCORE,			/* products of the above; match: how much of
								 * its name is in the question */
	SIGN_RARE_SCORE,
	SIGN_SMALL_SCORE,			/* small: few columns in the relation */
	SIGN_SCORE_RANK,
	SIGN_SUBJECT,				/* of the relation that comes first, as far as
								 * it is named: any of its columns may be
								 * meant */
	SIGN_CENTRAL_SCORE,
	SIGN_JOINS_OWN_SCORE,
	SIGN_JOINS_SCORE_SCORE,
	SIGN_KEY_RANK,
	SIGN_KEY_RELATION,
	SIGN_KEY_CENTRAL,
	SIGN_KEY_SMALL_TIME,		/* of a relation that has a time */
	SIGN_CENTRAL_SMALL,
	SIGN_CENTRAL_FIRST,
	SIGN_CENTRAL_PLACE,
	SIGN_CENTRAL_JOINS,
	SIGN_CENTRAL_JOINS_CENTRAL,
	SIGN_NAMES_REFERRED,		/* the relation's first label or text, and how
								 * many foreign keys lead to it */
	SIGN_NAMES_UNKNOWN_SMALL,
	SIGN_EXAMPLE,				/* share of the near examples that use it */
	SIGN_EXAMPLE_ANY,			/* any of them does */
	SIGN_USED,					/* share of all examples that use it */
	NSIGNS
} Sign;

static const float weights[NSIGNS] =
{
	[SIGN_RARE] = 2.74,[SIGN_SILENT] = 1.91,[SIGN_WORDS] = -2.21,
	[SIGN_LABEL] = 1.93,[SIGN_LABEL_UNKNOWN] = 0.65,[SIGN_TEXT] = 1.59,
	[SIGN_NUMBER] = 1.51,[SIGN_NUMBER_ASKED] = 0.76,[SIGN_TIME] = -1.01,
	[SIGN_TIME_ASKED] = 2.83,[SIGN_TIME_NUMBER] = 0.93,[SIGN_KEY] = 1.51,
	[SIGN_KEY_WAYS] = 2.53,[SIGN_LONELY] = -2.01,[SIGN_BRIDGE] = 1.41,
	[SIGN_PLACE] = -4.01,[SIGN_FIRST] = -1.06,[SIGN_RANK] = 3.51,
	[SIGN_OWN_SCORE] = -1.52,[SIGN_SCORE] = 0.14,[SIGN_RELATION] = 1.35,
	[SIGN_NEIGHBOUR] = -1.00,[SIGN_NEAR] = 1.18,[SIGN_CENTRAL] = 2.25,
	[SIGN_CENTRAL_2] = 0.05,[SIGN_NARROW] = -1.25,[SIGN_JOINS_OWN] = 0.77,
	[SIGN_JOINS_SCORE] = -2.01,[SIGN_JOINS_CENTRAL] = 1.78,
	[SIGN_MATCH_SCORE] = 3.24,[SIGN_RARE_SCORE] = 3.84,
	[SIGN_SMALL_SCORE] = 6.42,[SIGN_SCORE_RANK] = -3.50,
	[SIGN_SUBJECT] = 0.89,[SIGN_CENTRAL_SCORE] = 1.00,[SIGN_JOINS_OWN_SCORE] = 1.73,
	[SIGN_JOINS_SCORE_SCORE] = 1.39,[SIGN_KEY_RANK] = -1.14,
	[SIGN_KEY_RELATION] = 0.74,[SIGN_KEY_CENTRAL] = -1.11,
	[SIGN_KEY_SMALL_TIME] = 0.64,[SIGN_CENTRAL_SMALL] = -1.56,
	[SIGN_CENTRAL_FIRST] = 0.77,[SIGN_CENTRAL_PLACE] = 1.38,
	[SIGN_CENTRAL_JOINS] = 0.90,[SIGN_CENTRAL_JOINS_CENTRAL] = 1.62,
	[SIGN_NAMES_REFERRED] = 1.81,[SIGN_NAMES_UNKNOWN_SMALL] = 1.47,
	[SIGN_EXAMPLE] = 7.0,[SIGN_EXAMPLE_ANY] = 4.0,[SIGN_USED] = 7.0,
};

static void find_joined(const AllmRelevance *relevance,
						const AllmIndexColumn *entry, float *own,
						float *score, float *central);
static float find_bridge(const AllmRelevance *relevance,
						 const AllmIndexColumn *entry);
static void sign_examples(const AllmRelevance *relevance, int column, float *signs);

/* What holds for each column of a relation. */
void
allm_signs_read(const AllmRelevance *relevance, int relation, int rank,
				AllmFacts *facts)
{
	const AllmIndex *index = relevance->index;
	const AllmIndexRelation *of = &index->relations[relation];

	facts->own = relevance->own[relation] / relevance->best;
	facts->score = relevance->whole[relation] / relevance->best;
	facts->rank = 1.0f / (1 + rank);
	facts->named = Min(relevance->match[index->ncolumns + relation], 1.5f);
	facts->beside = 0;
	for (int i = 0; i < of->nedges; i++)
		facts->beside = Max(facts->beside,
							relevance->own[of->edges[i].relation] /
							relevance->best * of->edges[i].strength);
	facts->near = 1.0f / (1 + relevance->distance[relation]);
	facts->central = of->centrality;
	facts->small = 1.0f / sqrtf(of->ncolumns);
	facts->narrow = of->ncolumns <= NARROW;
	facts->referred = Min(of->nreferring, 5) / 5.0f;
	facts->has_time = of->has_time;
}

/* Has the column that trait? */
#define HAS(trait) ((entry->traits & ALLM_TRAIT_##trait) ? 1.0f : 0.0f)

/* The signs of a column, summed up. */
float
allm_signs_score(const AllmRelevance *relevance, const AllmFacts *of,
				 const AllmIndexColumn *entry)
{
	int			column = entry->column->number;
	int			at = column - relevance->index->relations[entry->column->relation->number].first;
	float		match = Min(relevance->match[column], 1.5f);
	float		rare = Min(relevance->score[column], 6.0f) / 3;
	float		unknown = Min(relevance->unexplained, 3) / 3.0f;
	float		asked_time = relevance->asked->of_time ? 1.0f : 0.0f;
	float		key = HAS(JOINS);
	float		label = HAS(LABEL);
	float		names = HAS(NAMES);
	float		time = HAS(TIME);
	float		number = key > 0 ? 0 : HAS(NUMBER);
	float		place = entry->column->in_key ? 0 : Min(at, 10) / 10.0f;
	float		first = 1.0f / (1 + at);
	float		ways = 0;
	float		joins_own = 0;
	float		joins_score = 0;
	float		joins_central = 0;
	float		signs[NSIGNS] = {0};
	float		sum = 0;

	if (key > 0)
	{
		find_joined(relevance, entry, &joins_own, &joins_score,
					&joins_central);
		ways = Min(entry->njoins, 8) / 8.0f;
	}
	signs[SIGN_RARE] = rare;
	signs[SIGN_SILENT] = Min(relevance->silent[column], 1.0f);
	signs[SIGN_WORDS] = Min(entry->nwords, 4) / 4.0f;
	signs[SIGN_LABEL] = label;
	signs[SIGN_LABEL_UNKNOWN] = label * unknown;
	signs[SIGN_TEXT] = HAS(TEXT);
	signs[SIGN_NUMBER] = number;
	signs[SIGN_NUMBER_ASKED] = relevance->asked->of_amount ? number : 0;
	signs[SIGN_TIME] = time;
	signs[SIGN_TIME_ASKED] = time * asked_time;
	signs[SIGN_TIME_NUMBER] = relevance->asked->has_number ? time : 0;
	signs[SIGN_KEY] = key;
	signs[SIGN_KEY_WAYS] = ways;
	signs[SIGN_LONELY] = HAS(LONELY);
	signs[SIGN_BRIDGE] = key > 0 ? find_bridge(relevance, entry) : 0;
	signs[SIGN_PLACE] = place;
	signs[SIGN_FIRST] = first;
	signs[SIGN_RANK] = of->rank;
	signs[SIGN_OWN_SCORE] = of->own;
	signs[SIGN_SCORE] = of->score;
	signs[SIGN_RELATION] = of->named;
	signs[SIGN_NEIGHBOUR] = of->beside;
	signs[SIGN_NEAR] = of->near;
	signs[SIGN_CENTRAL] = of->central;
	signs[SIGN_CENTRAL_2] = of->central * of->central;
	signs[SIGN_NARROW] = of->narrow;
	signs[SIGN_JOINS_OWN] = joins_own;
	signs[SIGN_JOINS_SCORE] = joins_score;
	signs[SIGN_JOINS_CENTRAL] = joins_central;
	signs[SIGN_MATCH_SCORE] = match * of->score;
	signs[SIGN_RARE_SCORE] = rare * of->score;
	signs[SIGN_SMALL_SCORE] = of->small * of->score;
	signs[SIGN_SCORE_RANK] = of->score * of->rank;
	signs[SIGN_SUBJECT] = of->rank == 1 ? Min(of->named, 1.0f) : 0;
	signs[SIGN_CENTRAL_SCORE] = of->central * of->score;
	signs[SIGN_JOINS_OWN_SCORE] = joins_own * of->score;
	signs[SIGN_JOINS_SCORE_SCORE] = joins_score * of->score;
	signs[SIGN_KEY_RANK] = key * of->rank;
	signs[SIGN_KEY_RELATION] = key * of->named;
	signs[SIGN_KEY_CENTRAL] = key * of->central;
	signs[SIGN_KEY_SMALL_TIME] = key * asked_time * of->small * of->has_time;
	signs[SIGN_CENTRAL_SMALL] = of->central * of->small;
	signs[SIGN_CENTRAL_FIRST] = of->central * first;
	signs[SIGN_CENTRAL_PLACE] = of->central * place;
	signs[SIGN_CENTRAL_JOINS] = of->central * joins_score;
	signs[SIGN_CENTRAL_JOINS_CENTRAL] = of->central * joins_central;
	signs[SIGN_NAMES_REFERRED] = names * of->referred;
	signs[SIGN_NAMES_UNKNOWN_SMALL] = names * unknown * of->small;
	sign_examples(relevance, column, signs);
	for (int i = 0; i < NSIGNS; i++)
		sum += weights[i] * signs[i];
	return sum;
}

/* The best of the relations that a column joins, in each respect. */
static void
find_joined(const AllmRelevance *relevance, const AllmIndexColumn *entry,
			float *own, float *score, float *central)
{
	for (int i = 0; i < entry->njoins; i++)
	{
		int			to = entry->joins[i];

		*own = Max(*own, relevance->own[to] / relevance->best);
		*score = Max(*score, relevance->whole[to] / relevance->best);
		*central = Max(*central, relevance->index->relations[to].centrality);
	}
}

/*
 * How much a key connects what a question needs: its relation joins one relation
 * by it, and another one by another key.  The weaker of both sides counts.
 */
static float
find_bridge(const AllmRelevance *relevance, const AllmIndexColumn *entry)
{
	const AllmIndexRelation *of =
	&relevance->index->relations[entry->column->relation->number];
	float		best = 0;

	for (int i = 0; i < entry->njoins; i++)
	{
		float		here = relevance->whole[entry->joins[i]] / relevance->best;
		float		there = 0;

		for (int at = of->first; at < of->first + of->ncolumns && here > best; at++)
		{
			const AllmIndexColumn *other = &relevance->index->columns[at];

			for (int j = 0; other != entry && j < other->njoins; j++)
			{
				if (other->joins[j] != entry->joins[i])
					there = Max(there, relevance->whole[other->joins[j]] /
								relevance->best);
			}
		}
		best = Max(best, Min(here, there));
	}
	return best;
}

/* What the verified examples say of a column. */
static void
sign_examples(const AllmRelevance *relevance, int column, float *signs)
{
	if (relevance->near != NULL && relevance->near[column] > 0)
	{
		signs[SIGN_EXAMPLE] = relevance->near[column] * relevance->near_share;
		signs[SIGN_EXAMPLE_ANY] = relevance->near_share;
	}
	if (relevance->nexamples > 0)
		signs[SIGN_USED] = (float) relevance->uses[column] / relevance->nexamples;
}
