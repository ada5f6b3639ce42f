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
 * - What the schema itself says: keys, and what they join; what names a row;
 *   which relations most others lead to; the first columns of a relation before
 *   its last ones.  Times count where the question speaks of time.
 * - Verified examples say what questions like this one have needed, and which
 *   columns questions need here at all.
 *
 * The weights were fitted to one half of the questions of public sets, over some
 * ninety schemas, so that all columns of the verified query are among those that
 * fit in; test/data reports the other half.  All is deterministic: ties go by
 * the order of the snapshot.
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

/* A relation of so few columns holds little but its key and its name. */
#define NARROW			3

/* Relations further from the best one are all as far, a step more. */
#define MAX_DISTANCE	3

/* A word that means what another one does, by the table of term.c. */
#define KIN_LIKENESS	0.6f

/*
 * What speaks for a column, or against it; each is about 0 to 1.  A sign that
 * stands here twice, alone and beside another one, says more with it.
 */
typedef enum Sign
{
	SIGN_MATCH,					/* how much of its name is in the question */
	SIGN_RARE,					/* and how much that says */
	SIGN_WORDS,					/* how many words its name has */
	SIGN_LABEL,					/* names the row, by its own name */
	SIGN_TIME,					/* a time */
	SIGN_TIME_ASKED,			/* and the question is about time */
	SIGN_NAMES,					/* the relation's first label or text */
	SIGN_KEY,					/* relations are joined by it */
	SIGN_KEY_WAYS,				/* and how many */
	SIGN_LONELY,				/* a key that nothing refers to */
	SIGN_PLACE,					/* its place among the columns */
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
	SIGN_REFERS,				/* foreign keys of the relation */
	SIGN_JOINS_OWN,				/* the best own score that it joins */
	SIGN_JOINS_SCORE,			/* the best score */
	SIGN_JOINS_CENTRAL,			/* the most central relation */
	SIGN_MATCH_SCORE,			/* products of the above */
	SIGN_RARE_SCORE,
	SIGN_SMALL_SCORE,			/* small: few columns in the relation */
	SIGN_SCORE_RANK,
	SIGN_CENTRAL_SCORE,
	SIGN_JOINS_OWN_SCORE,
	SIGN_JOINS_SCORE_SCORE,
	SIGN_KEY_SCORE_2,
	SIGN_KEY_RANK,
	SIGN_KEY_NEAR,
	SIGN_KEY_RELATION,
	SIGN_KEY_CENTRAL,
	SIGN_KEY_CENTRAL_UNKNOWN,	/* and words that nothing explains */
	SIGN_KEY_SMALL_TIME,		/* of a relation that has a time */
	SIGN_CENTRAL_SMALL,
	SIGN_CENTRAL_FIRST,
	SIGN_CENTRAL_PLACE,
	SIGN_CENTRAL_JOINS,
	SIGN_CENTRAL_JOINS_CENTRAL,
	SIGN_NARROW_NEAR,
	SIGN_NAMES_REFERRED,		/* how many foreign keys lead to it */
	SIGN_NAMES_UNKNOWN_SMALL,
	SIGN_EXAMPLE,				/* share of the near examples that use it */
	SIGN_EXAMPLE_ANY,			/* any of them does */
	SIGN_USED,					/* share of all examples that use it */
	NSIGNS
} Sign;

static const float weights[NSIGNS] =
{
	[SIGN_MATCH] = -0.40,[SIGN_RARE] = 0.84,[SIGN_WORDS] = -2.10,
	[SIGN_LABEL] = 0.79,[SIGN_TIME] = -0.56,[SIGN_TIME_ASKED] = 2.09,
	[SIGN_NAMES] = -0.47,[SIGN_KEY] = 1.14,[SIGN_KEY_WAYS] = 1.20,
	[SIGN_LONELY] = -1.16,[SIGN_PLACE] = -3.01,[SIGN_FIRST] = -1.18,
	[SIGN_RANK] = 3.25,[SIGN_OWN_SCORE] = -1.95,[SIGN_SCORE] = -0.60,
	[SIGN_RELATION] = 1.25,[SIGN_NEIGHBOUR] = -0.78,[SIGN_NEAR] = 0.44,
	[SIGN_CENTRAL] = 0.82,[SIGN_CENTRAL_2] = -1.23,[SIGN_NARROW] = -1.00,
	[SIGN_REFERS] = -0.83,[SIGN_JOINS_OWN] = 1.06,
	[SIGN_JOINS_SCORE] = -2.49,[SIGN_JOINS_CENTRAL] = 0.19,
	[SIGN_MATCH_SCORE] = 2.59,[SIGN_RARE_SCORE] = 2.38,
	[SIGN_SMALL_SCORE] = 5.54,[SIGN_SCORE_RANK] = -3.15,
	[SIGN_CENTRAL_SCORE] = 1.43,[SIGN_JOINS_OWN_SCORE] = 1.91,
	[SIGN_JOINS_SCORE_SCORE] = 1.22,[SIGN_KEY_SCORE_2] = -0.56,
	[SIGN_KEY_RANK] = -0.48,[SIGN_KEY_NEAR] = 0.37,
	[SIGN_KEY_RELATION] = 0.37,[SIGN_KEY_CENTRAL] = -1.36,
	[SIGN_KEY_CENTRAL_UNKNOWN] = 0.43,[SIGN_KEY_SMALL_TIME] = 1.80,
	[SIGN_CENTRAL_SMALL] = -2.10,[SIGN_CENTRAL_FIRST] = 0.91,
	[SIGN_CENTRAL_PLACE] = 1.90,[SIGN_CENTRAL_JOINS] = 0.58,
	[SIGN_CENTRAL_JOINS_CENTRAL] = 0.93,[SIGN_NARROW_NEAR] = 0.90,
	[SIGN_NAMES_REFERRED] = 2.01,[SIGN_NAMES_UNKNOWN_SMALL] = 0.99,
	[SIGN_EXAMPLE] = 7.0,[SIGN_EXAMPLE_ANY] = 4.0,[SIGN_USED] = 7.0,
};

/* What the columns of one relation have in common. */
typedef struct Facts
{
	float		own;			/* scores, beside the best one */
	float		score;
	float		rank;			/* 1, 1/2, 1/3 ... */
	float		named;			/* see SIGN_RELATION and on */
	float		beside;
	float		near;
	float		central;
	float		small;
	float		narrow;
	float		refers;
	float		referred;
	float		has_time;
} Facts;

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
static void measure_distances(AllmRelevance *relevance);
static void find_facts(const AllmRelevance *relevance, int relation, int rank,
					   Facts *facts);
static float score_column(const AllmRelevance *relevance, const Facts *of,
						  const AllmIndexColumn *entry);
static void find_joined(const AllmRelevance *relevance,
						const AllmIndexColumn *entry, float *own,
						float *score, float *central);
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
	uint64		kin = allm_term_kin(word);
	float	   *likeness = palloc(index->nterms * sizeof(float));
	int		   *found = palloc(index->nterms * sizeof(int));
	int			n = 0;
	bool		is_exact = false;

	for (int i = 0; i < index->nterms; i++)
	{
		const AllmTerm *term = &index->terms[i];
		float		like = (term->kin & kin) != 0 ? KIN_LIKENESS : 0;

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
		Facts		facts;
		ListCell   *cell;

		find_facts(relevance, relation->number,
				   i < relevance->nranked ? i : NO_RANK, &facts);
		foreach(cell, relation->columns)
		{
			AllmColumn *column = lfirst(cell);

			wishes[n].column = column;
			wishes[n++].score =
				score_column(relevance, &facts,
							 &relevance->index->columns[column->number]);
		}
	}
	qsort(wishes, n, sizeof(AllmWish), compare_wishes);
	*nwishes = n;
	return wishes;
}

/* What holds for each column of a relation. */
static void
find_facts(const AllmRelevance *relevance, int relation, int rank,
		   Facts *facts)
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
	facts->refers = Min(list_length(of->relation->foreign_keys), 5) / 5.0f;
	facts->referred = Min(of->nreferring, 5) / 5.0f;
	facts->has_time = of->has_time;
}

/* Has the column that trait? */
#define HAS(trait) ((entry->traits & ALLM_TRAIT_##trait) ? 1.0f : 0.0f)

/* The signs of a column, summed up. */
static float
score_column(const AllmRelevance *relevance, const Facts *of,
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
	float		place = Min(at, 10) / 10.0f;
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
	signs[SIGN_MATCH] = match;
	signs[SIGN_RARE] = rare;
	signs[SIGN_WORDS] = Min(entry->nwords, 4) / 4.0f;
	signs[SIGN_LABEL] = label;
	signs[SIGN_TIME] = time;
	signs[SIGN_TIME_ASKED] = time * asked_time;
	signs[SIGN_NAMES] = names;
	signs[SIGN_KEY] = key;
	signs[SIGN_KEY_WAYS] = ways;
	signs[SIGN_LONELY] = HAS(LONELY);
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
	signs[SIGN_REFERS] = of->refers;
	signs[SIGN_JOINS_OWN] = joins_own;
	signs[SIGN_JOINS_SCORE] = joins_score;
	signs[SIGN_JOINS_CENTRAL] = joins_central;
	signs[SIGN_MATCH_SCORE] = match * of->score;
	signs[SIGN_RARE_SCORE] = rare * of->score;
	signs[SIGN_SMALL_SCORE] = of->small * of->score;
	signs[SIGN_SCORE_RANK] = of->score * of->rank;
	signs[SIGN_CENTRAL_SCORE] = of->central * of->score;
	signs[SIGN_JOINS_OWN_SCORE] = joins_own * of->score;
	signs[SIGN_JOINS_SCORE_SCORE] = joins_score * of->score;
	signs[SIGN_KEY_SCORE_2] = key * of->score * of->score;
	signs[SIGN_KEY_RANK] = key * of->rank;
	signs[SIGN_KEY_NEAR] = key * of->near;
	signs[SIGN_KEY_RELATION] = key * of->named;
	signs[SIGN_KEY_CENTRAL] = key * of->central;
	signs[SIGN_KEY_CENTRAL_UNKNOWN] = key * of->central * unknown;
	signs[SIGN_KEY_SMALL_TIME] = key * asked_time * of->small * of->has_time;
	signs[SIGN_CENTRAL_SMALL] = of->central * of->small;
	signs[SIGN_CENTRAL_FIRST] = of->central * first;
	signs[SIGN_CENTRAL_PLACE] = of->central * place;
	signs[SIGN_CENTRAL_JOINS] = of->central * joins_score;
	signs[SIGN_CENTRAL_JOINS_CENTRAL] = of->central * joins_central;
	signs[SIGN_NARROW_NEAR] = of->narrow * of->near;
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
