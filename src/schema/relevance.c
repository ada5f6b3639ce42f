/*
 * relevance.c
 *		How much each part of a schema has to do with a question.
 *
 * The question's words, without those of the language, are compared with the
 * words of names, comments, labels and shown values.  A rare word says more than
 * a common one, and a name that is matched as a whole more than a part.  A
 * relation scores by its name and by its three best columns, and passes a third of
 * that on to the relations that it can be joined with.  Verified examples say what
 * questions like this one have needed.  What follows for each column is in
 * signs.c.
 *
 * All is deterministic: ties go by the order of the snapshot.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "schema/precedent.h"
#include "schema/relevance.h"
#include "schema/signs.h"

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

/* Relations further from the best one are all as far, a step more. */
#define MAX_DISTANCE	3

/* A word that means what another one does, by the table of term.c. */
#define KIN_LIKENESS	0.6f

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
static void match_silent(AllmRelevance *relevance, const char *word);
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
static void measure_distances(AllmRelevance *relevance);

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
	relevance->silent = palloc0(index->ncolumns * sizeof(float));
	foreach(cell, relevance->asked->silent)
		match_silent(relevance, lfirst(cell));
	score_relations(relevance);
	add_precedents(relevance, snapshot, question);
	choose_candidates(relevance);
	measure_distances(relevance);
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
	AllmKin		kin = allm_term_kin(word);
	float	   *likeness = palloc(index->nterms * sizeof(float));
	int		   *found = palloc(index->nterms * sizeof(int));
	int			n = 0;
	bool		is_exact = false;

	for (int i = 0; i < index->nterms; i++)
	{
		const AllmTerm *term = &index->terms[i];
		float		like = allm_term_are_kin(term->kin, kin) ?
		KIN_LIKENESS : 0;

		if (like == 0 && (term->letters & ~letters) != 0 &&
			(letters & ~term->letters) != 0 &&
			strncmp(term->text, word, 4) != 0)
			continue;
		like = Max(like, allm_term_likeness(word, term->text));
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

		/* Whoever means a value writes it as it is. */
		if (posting->place == ALLM_PLACE_VALUE && likeness < 1.0)
			continue;
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

/*
 * A word that in most questions means nothing of the schema: it counts for the
 * columns that are called so, and says nothing of their relation.
 */
static void
match_silent(AllmRelevance *relevance, const char *word)
{
	const AllmIndex *index = relevance->index;

	for (int i = 0; i < index->nterms; i++)
	{
		const AllmTerm *term = &index->terms[i];

		if (strcmp(term->text, word) != 0)
			continue;
		for (int j = term->first; j < term->first + term->count; j++)
		{
			const AllmPosting *posting = &index->postings[j];

			if (posting->place == ALLM_PLACE_COLUMN)
				relevance->silent[posting->column] += 1.0f / posting->width;
		}
		return;
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

/* How many steps each relation is from the best one. */
static void
measure_distances(AllmRelevance *relevance)
{
	const AllmIndex *index = relevance->index;
	uint8	   *distance = palloc(index->nrelations * sizeof(uint8));

	memset(distance, MAX_DISTANCE + 1, index->nrelations);
	relevance->distance = distance;
	if (relevance->ncandidates == 0)
		return;
	distance[relevance->candidates[0]] = 0;
	for (int step = 0; step < MAX_DISTANCE; step++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < index->nrelations; i++)
		{
			const AllmIndexRelation *from = &index->relations[i];

			for (int j = 0; distance[i] == step && j < from->nedges; j++)
				distance[from->edges[j].relation] =
					Min(distance[from->edges[j].relation], step + 1);
		}
	}
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

/* The columns of a candidate, with how much speaks for each. */
AllmWish *
allm_relevance_wishes(const AllmRelevance *relevance, int candidate,
					  int *nwishes)
{
	const AllmIndexRelation *of =
	&relevance->index->relations[relevance->candidates[candidate]];
	AllmWish   *wishes = palloc(of->ncolumns * sizeof(AllmWish));
	AllmFacts	facts;

	allm_signs_read(relevance, relevance->candidates[candidate],
					candidate < relevance->nranked ? candidate : NO_RANK,
					&facts);
	for (int i = 0; i < of->ncolumns; i++)
	{
		const AllmIndexColumn *entry =
		&relevance->index->columns[of->first + i];

		wishes[i].column = entry->column;
		wishes[i].score = allm_signs_score(relevance, &facts, entry);
	}
	*nwishes = of->ncolumns;
	return wishes;
}
