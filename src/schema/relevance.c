/*
 * relevance.c
 *		How much each part of a schema has to do with a question.
 *
 * The score of a column is the sum of the signs below, each with its weight:
 *
 * - The question's words, without those of the language, are compared with the
 *   words of names, comments, labels and shown values.  A rare word says more
 *   than a common one, and a name that is matched as a whole more than a part.
 * - A relation scores by its name and by its three best columns, and passes a
 *   third of that on to the relations that it can be joined with.
 * - Keys and labels of relations that score are wanted, times where the
 *   question speaks of time, figures where it has a number, texts where it has
 *   a word that nothing explains and that may be a value.
 * - Verified examples say what questions like this one have needed, and which
 *   columns questions need here at all.
 *
 * The weights were found on one half of the questions of public sets, by how
 * often all columns of the verified query were among the best; test/data
 * reports the other half.  All is deterministic: ties go by the order of the
 * snapshot.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "schema/precedent.h"
#include "schema/relevance.h"

/* Relations whose columns are looked at: far more than fit into a prompt. */
#define MAX_CANDIDATES	64

/* Verified examples that speak for what a question needs. */
#define MAX_PRECEDENTS	30

/* How a relation's score is made. */
#define NAME_SHARE		1.5
#define PASSED_ON		0.35
#define BEST_COLUMNS	3		/* each counts half of the one before */

/* What a match in a place counts beside one in a name. */
#define COMMENT_SHARE	0.4
#define VALUE_SHARE		0.8

/* A match that is not exact, where another word of the schema is. */
#define BESIDE_EXACT	0.6

/* The rank that a relation without a score has. */
#define NO_RANK			30

/* What speaks for a column; each is about 0 to 1. */
typedef enum Sign
{
	SIGN_MATCH,					/* how much of its name is in the question */
	SIGN_RARE,					/* and how much that says */
	SIGN_WHOLE,					/* all of its name is */
	SIGN_RELATION,				/* how much of the relation's name is */
	SIGN_OWN_SCORE,				/* the relation's, without its neighbours */
	SIGN_SCORE,					/* the relation's, beside the best one */
	SIGN_RANK,					/* the relation's place: 1, 1/2, 1/3 ... */
	SIGN_KEY,
	SIGN_LABEL,
	SIGN_TIME,					/* a time, and the question is about time */
	SIGN_MATCH_SCORE,			/* products of the above */
	SIGN_TEXT_SCORE,			/* a text, and a word may be a value */
	SIGN_NUMBER_SCORE,			/* a figure, and a number is asked about */
	SIGN_TIME_SCORE,
	SIGN_SMALL,					/* of a relation with few columns */
	SIGN_SMALL_SCORE,
	SIGN_HUB,					/* of a relation with many neighbours */
	SIGN_KEY_RANK,
	SIGN_LABEL_RANK,
	SIGN_LABEL_RELATION,
	SIGN_SCORE_RANK,
	SIGN_NEAR,					/* share of the near examples that use it */
	SIGN_NEAR_ANY,				/* any of them does */
	SIGN_USED,					/* share of all examples that use it */
	NSIGNS
} Sign;

static const float weights[NSIGNS] =
{
	[SIGN_MATCH] = -2.9,[SIGN_RARE] = 4.0,[SIGN_WHOLE] = -0.7,
	[SIGN_RELATION] = 2.9,[SIGN_OWN_SCORE] = 0.4,[SIGN_SCORE] = -1.5,
	[SIGN_RANK] = 1.2,[SIGN_KEY] = 1.5,[SIGN_LABEL] = 1.6,[SIGN_TIME] = 1.6,
	[SIGN_MATCH_SCORE] = 3.8,[SIGN_TEXT_SCORE] = -0.4,
	[SIGN_NUMBER_SCORE] = 1.0,[SIGN_TIME_SCORE] = 0.5,[SIGN_SMALL] = -0.9,
	[SIGN_SMALL_SCORE] = -0.3,[SIGN_HUB] = 1.1,[SIGN_KEY_RANK] = 1.5,
	[SIGN_LABEL_RANK] = 0.4,[SIGN_LABEL_RELATION] = 2.0,
	[SIGN_SCORE_RANK] = 0.8,
	[SIGN_NEAR] = 4.5,[SIGN_NEAR_ANY] = 3.0,[SIGN_USED] = 2.0,
};

/* What one word matches. */
typedef struct Matches
{
	float	   *score;			/* of things */
	float	   *match;
	int		   *things;			/* those that have any */
	int			nthings;
} Matches;

static void match_word(AllmRelevance *relevance, Matches *matches, const char *word);
static void match_term(AllmRelevance *relevance, Matches *matches,
					   const AllmTerm *term, float likeness);
static void add_matches(AllmRelevance *relevance, Matches *matches);
static void score_relations(AllmRelevance *relevance);
static float score_relation(const AllmRelevance *relevance, int relation);
static void pass_on(AllmRelevance *relevance);
static void add_precedents(AllmRelevance *relevance, const AllmSnapshot *snapshot,
						   const char *question);
static void choose_candidates(AllmRelevance *relevance);
static void add_candidate(AllmRelevance *relevance, int first, int relation);
static int	compare_candidates(const AllmRelevance *relevance, int left,
							   int right);
static float score_column(const AllmRelevance *relevance, const AllmIndexColumn *entry,
						  int rank);
static void sign_examples(const AllmRelevance *relevance, int column, float *signs);
static int	compare_wishes(const void *a, const void *b);

/*
 * Scores the relations of a schema, and chooses those whose columns are worth a
 * look.  All is made in the current memory context; index and examples belong
 * to their files.
 */
AllmRelevance *
allm_relevance_find(const AllmSnapshot *snapshot, const char *question)
{
	AllmRelevance *relevance = palloc0(sizeof(AllmRelevance));
	const AllmIndex *index = allm_index_get(snapshot);
	int			nthings = index->ncolumns + index->nrelations;
	Matches		matches = {0};
	ListCell   *cell;

	relevance->index = index;
	relevance->asked = allm_term_read(question);
	relevance->score = palloc0(nthings * sizeof(float));
	relevance->match = palloc0(nthings * sizeof(float));
	relevance->own = palloc0(index->nrelations * sizeof(float));
	relevance->whole = palloc0(index->nrelations * sizeof(float));
	relevance->touched = palloc0(index->nrelations * sizeof(bool));
	matches.score = palloc0(nthings * sizeof(float));
	matches.match = palloc0(nthings * sizeof(float));
	matches.things = palloc(nthings * sizeof(int));

	foreach(cell, relevance->asked->terms)
	{
		match_word(relevance, &matches, lfirst(cell));
		if (matches.nthings == 0)
			relevance->unexplained++;
		add_matches(relevance, &matches);
	}
	score_relations(relevance);
	add_precedents(relevance, snapshot, question);
	choose_candidates(relevance);
	return relevance;
}

/*
 * What one word of the question matches.  Only words that share their letters,
 * or their beginning, can be alike; the rest of the vocabulary is passed over
 * at the cost of two comparisons each.
 */
static void
match_word(AllmRelevance *relevance, Matches *matches, const char *word)
{
	const AllmIndex *index = relevance->index;
	uint32		letters = allm_index_letters(word);
	float	   *likeness = palloc(index->nterms * sizeof(float));
	int		   *found = palloc(index->nterms * sizeof(int));
	int			n = 0;
	bool		is_exact = false;

	for (int i = 0; i < index->nterms; i++)
	{
		const AllmTerm *term = &index->terms[i];
		float		like;

		if ((term->letters & ~letters) != 0 &&
			(letters & ~term->letters) != 0 &&
			strncmp(term->text, word, 4) != 0)
			continue;
		like = allm_term_likeness(word, term->text);
		if (like <= 0)
			continue;
		is_exact |= like >= 1.0;
		likeness[n] = like;
		found[n++] = i;
	}
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		match_term(relevance, matches, &index->terms[found[i]],
				   is_exact && likeness[i] < 1.0 ?
				   likeness[i] * BESIDE_EXACT : likeness[i]);
	}
	pfree(likeness);
	pfree(found);
}

/* Notes where a word of the schema stands; of several, the best counts. */
static void
match_term(AllmRelevance *relevance, Matches *matches, const AllmTerm *term,
		   float likeness)
{
	static const float shares[] = {
		[ALLM_PLACE_RELATION] = 1.0,[ALLM_PLACE_COLUMN] = 1.0,
		[ALLM_PLACE_COMMENT] = COMMENT_SHARE,[ALLM_PLACE_VALUE] = VALUE_SHARE
	};

	for (int i = term->first; i < term->first + term->count; i++)
	{
		const AllmPosting *posting = &relevance->index->postings[i];
		int			thing = posting->column >= 0 ? posting->column :
		relevance->index->ncolumns + posting->relation;
		float		score = likeness * term->weight * shares[posting->place];

		/* A comment of many words is no name that must be matched whole. */
		if (posting->place != ALLM_PLACE_COMMENT)
			score /= sqrtf(posting->width);
		if (matches->score[thing] == 0 && matches->match[thing] == 0)
			matches->things[matches->nthings++] = thing;
		matches->score[thing] = Max(matches->score[thing], score);
		if (posting->place <= ALLM_PLACE_COLUMN)
			matches->match[thing] = Max(matches->match[thing],
										likeness / posting->width);
		relevance->touched[posting->relation] = true;
	}
}

/* Adds what one word matched, and makes room for the next one. */
static void
add_matches(AllmRelevance *relevance, Matches *matches)
{
	for (int i = 0; i < matches->nthings; i++)
	{
		int			thing = matches->things[i];

		relevance->score[thing] += matches->score[thing];
		relevance->match[thing] += matches->match[thing];
		matches->score[thing] = 0;
		matches->match[thing] = 0;
	}
	matches->nthings = 0;
}

/* Scores relations, by their own words and by their neighbours'. */
static void
score_relations(AllmRelevance *relevance)
{
	int			n = relevance->index->nrelations;

	for (int i = 0; i < n; i++)
	{
		if (relevance->touched[i])
			relevance->own[i] = score_relation(relevance, i);
		relevance->whole[i] = relevance->own[i];
	}
	/* A relation between two that are meant is two steps from neither. */
	pass_on(relevance);
	pass_on(relevance);
	relevance->best = 0;
	for (int i = 0; i < n; i++)
		relevance->best = Max(relevance->best, relevance->whole[i]);
	if (relevance->best == 0)
		relevance->best = 1;
}

/* The score of a relation's name and of its best columns, each counting half. */
static float
score_relation(const AllmRelevance *relevance, int relation)
{
	const AllmIndexRelation *of = &relevance->index->relations[relation];
	float		best[BEST_COLUMNS] = {0};
	float		score;
	float		share = 1.0;

	for (int column = of->first; column < of->first + of->ncolumns; column++)
	{
		float		value = relevance->score[column];

		for (int i = 0; i < BEST_COLUMNS && value > 0; i++)
		{
			float		other = best[i];

			if (value <= other)
				continue;
			best[i] = value;
			value = other;
		}
	}
	score = NAME_SHARE * relevance->score[relevance->index->ncolumns + relation];
	for (int i = 0; i < BEST_COLUMNS; i++, share /= 2)
		score += share * best[i];
	return score;
}

/* Each relation passes a part of its score on; of several, the best counts. */
static void
pass_on(AllmRelevance *relevance)
{
	int			n = relevance->index->nrelations;
	float	   *before = palloc(n * sizeof(float));

	memcpy(before, relevance->whole, n * sizeof(float));
	for (int i = 0; i < n; i++)
	{
		const AllmIndexRelation *entry = &relevance->index->relations[i];

		if (before[i] <= 0)
			continue;
		for (int j = 0; j < entry->nedges; j++)
		{
			int			to = entry->edges[j].relation;
			float		passed = before[i] * entry->edges[j].strength *
			PASSED_ON / (1 + 0.1 * entry->nedges);

			relevance->whole[to] = Max(relevance->whole[to],
									   relevance->own[to] + passed);
		}
	}
	pfree(before);
}

/*
 * What verified examples say: those that are near speak for what they use, the
 * nearer the more; the nearest tells how much they all count.
 */
static void
add_precedents(AllmRelevance *relevance, const AllmSnapshot *snapshot,
			   const char *question)
{
	List	   *found = allm_precedent_find(snapshot, question, MAX_PRECEDENTS);
	float		sum = 0;
	ListCell   *cell;
	ListCell   *inner;

	relevance->nexamples = allm_precedent_uses(&relevance->uses);
	if (found == NIL)
		return;
	relevance->near = palloc0(relevance->index->ncolumns * sizeof(float));
	relevance->near_share =
		Min(1.5 * ((AllmNear *) linitial(found))->nearness, 1.0);
	foreach(cell, found)
	{
		AllmNear   *near = lfirst(cell);
		float		weight = near->nearness * near->nearness * near->nearness;

		sum += weight;
		foreach(inner, near->precedent->columns)
			relevance->near[lfirst_int(inner)] += weight;
	}
	for (int i = 0; sum > 0 && i < relevance->index->ncolumns; i++)
		relevance->near[i] /= sum;
}

/*
 * The relations whose columns are looked at: those with the best scores, those
 * that near examples use, and, of a small schema, all.
 */
static void
choose_candidates(AllmRelevance *relevance)
{
	int			n = relevance->index->nrelations;
	bool	   *wanted = palloc0(n * sizeof(bool));

	relevance->candidates = palloc(2 * MAX_CANDIDATES * sizeof(int));
	for (int i = 0; i < n; i++)
	{
		if (relevance->whole[i] > 0)
			add_candidate(relevance, 0, i);
	}
	relevance->nranked = relevance->ncandidates;

	for (int i = 0; relevance->near != NULL && i < relevance->index->ncolumns; i++)
	{
		if (relevance->near[i] > 0)
			wanted[relevance->index->columns[i].column->relation->number] = true;
	}
	/* Where no word says anything, as much as fits in is as good a guess. */
	for (int i = 0; (n <= MAX_CANDIDATES || relevance->nranked == 0) && i < n; i++)
		wanted[i] = true;
	for (int i = 0; i < relevance->nranked; i++)
		wanted[relevance->candidates[i]] = false;
	for (int i = 0; i < n; i++)
	{
		if (wanted[i])
			add_candidate(relevance, relevance->nranked, i);
	}
}

/*
 * Puts a relation in its place among the candidates from "first" on, of which
 * the best are kept.  Nearly all of many relations fail at the first comparison.
 */
static void
add_candidate(AllmRelevance *relevance, int first, int relation)
{
	int		   *candidates = relevance->candidates;
	int			at = relevance->ncandidates;

	if (at - first == MAX_CANDIDATES)
	{
		if (compare_candidates(relevance, relation, candidates[at - 1]) > 0)
			return;
		at--;
	}
	else
		relevance->ncandidates++;
	for (; at > first &&
		 compare_candidates(relevance, relation, candidates[at - 1]) < 0; at--)
		candidates[at] = candidates[at - 1];
	candidates[at] = relation;
}

/* By score, then by the number of neighbours, then by the snapshot. */
static int
compare_candidates(const AllmRelevance *relevance, int left, int right)
{
	if (relevance->whole[left] != relevance->whole[right])
		return relevance->whole[left] > relevance->whole[right] ? -1 : 1;
	if (relevance->index->relations[left].nedges !=
		relevance->index->relations[right].nedges)
		return relevance->index->relations[left].nedges >
			relevance->index->relations[right].nedges ? -1 : 1;
	return left - right;
}

/* The columns of the candidates, the best first. */
AllmWish *
allm_relevance_wishes(const AllmRelevance *relevance, int *nwishes)
{
	AllmWish   *wishes;
	int			n = 0;

	for (int i = 0; i < relevance->ncandidates; i++)
		n += list_length(relevance->index->relations[relevance->candidates[i]].relation->columns);
	wishes = palloc(Max(n, 1) * sizeof(AllmWish));
	n = 0;
	for (int i = 0; i < relevance->ncandidates; i++)
	{
		AllmRelation *relation =
		relevance->index->relations[relevance->candidates[i]].relation;
		ListCell   *cell;

		foreach(cell, relation->columns)
		{
			AllmColumn *column = lfirst(cell);

			wishes[n].column = column;
			wishes[n++].score =
				score_column(relevance, &relevance->index->columns[column->number],
							 i < relevance->nranked ? i : NO_RANK);
		}
	}
	qsort(wishes, n, sizeof(AllmWish), compare_wishes);
	*nwishes = n;
	return wishes;
}

/* The signs of a column, summed up. */
static float
score_column(const AllmRelevance *relevance, const AllmIndexColumn *entry, int rank)
{
	const AllmIndex *index = relevance->index;
	int			column = entry->column->number;
	int			relation = entry->column->relation->number;
	float		signs[NSIGNS] = {0};
	bool		joins = (entry->traits & ALLM_TRAIT_JOINS) != 0;
	bool		label = (entry->traits & ALLM_TRAIT_LABEL) != 0;
	bool		of_time = (entry->traits & ALLM_TRAIT_TIME) != 0 &&
	relevance->asked->of_time;
	float		score = relevance->whole[relation] / relevance->best;
	float		sum = 0;

	signs[SIGN_MATCH] = Min(relevance->match[column], 1.5);
	signs[SIGN_RARE] = Min(relevance->score[column], 6.0) / 3;
	signs[SIGN_WHOLE] = relevance->match[column] >= 0.99;
	signs[SIGN_RELATION] = Min(relevance->match[index->ncolumns + relation], 1.5);
	signs[SIGN_OWN_SCORE] = relevance->own[relation] / relevance->best;
	signs[SIGN_SCORE] = score;
	signs[SIGN_RANK] = 1.0 / (1 + rank);
	signs[SIGN_KEY] = joins;
	signs[SIGN_LABEL] = label;
	signs[SIGN_TIME] = of_time;
	signs[SIGN_MATCH_SCORE] = signs[SIGN_MATCH] * score;
	if (entry->traits & ALLM_TRAIT_TEXT)
		signs[SIGN_TEXT_SCORE] = Min(relevance->unexplained, 3) / 3.0 * score;
	if (relevance->asked->has_number && !joins &&
		(entry->traits & ALLM_TRAIT_NUMBER))
		signs[SIGN_NUMBER_SCORE] = score;
	signs[SIGN_TIME_SCORE] = of_time * score;
	signs[SIGN_SMALL] = 1.0 / sqrtf(list_length(entry->column->relation->columns));
	signs[SIGN_SMALL_SCORE] = signs[SIGN_SMALL] * score;
	signs[SIGN_HUB] = Min(index->relations[relation].nedges, 10) / 10.0;
	signs[SIGN_KEY_RANK] = joins * signs[SIGN_RANK];
	signs[SIGN_LABEL_RANK] = label * signs[SIGN_RANK];
	signs[SIGN_LABEL_RELATION] = label * signs[SIGN_RELATION];
	signs[SIGN_SCORE_RANK] = score * signs[SIGN_RANK];
	sign_examples(relevance, column, signs);
	for (int i = 0; i < NSIGNS; i++)
		sum += weights[i] * signs[i];
	return sum;
}

/* What the verified examples say of a column. */
static void
sign_examples(const AllmRelevance *relevance, int column, float *signs)
{
	if (relevance->near != NULL && relevance->near[column] > 0)
	{
		signs[SIGN_NEAR] = relevance->near[column] * relevance->near_share;
		signs[SIGN_NEAR_ANY] = relevance->near_share;
	}
	if (relevance->nexamples > 0)
		signs[SIGN_USED] = (float) relevance->uses[column] / relevance->nexamples;
}

/* By score, then by the snapshot. */
static int
compare_wishes(const void *a, const void *b)
{
	const AllmWish *left = a;
	const AllmWish *right = b;

	if (left->score != right->score)
		return left->score > right->score ? -1 : 1;
	return left->column->number - right->column->number;
}
