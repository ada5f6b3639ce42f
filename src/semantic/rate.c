/*
 * rate.c
 *		Numbers of things as parts of others: "percentage of customers who
 *		signed up in 2023", "ratio of orders without lines to orders".
 *
 * Each part is a question for one number of things, as figures or as a
 * sentence.  A part of a whole has to be of the same things, so that it is never
 * more than the whole; without any the result is null.
 */
#include "postgres.h"

#include "semantic/column.h"
#include "semantic/plan.h"
#include "semantic/rate.h"
#include "semantic/vocabulary.h"

/* One number of things. */
typedef struct Number
{
	char	   *sql;			/* a query of one row and column */
	const AllmRelation *counted;
	char	   *words;
	char	   *remark;			/* why it is in doubt, or NULL */
} Number;

/* Is it made of numbers of things? */
bool
allm_rate_is_form(AllmForm form)
{
	return form == ALLM_FORM_RATE || form == ALLM_FORM_DID ||
		form == ALLM_FORM_NUMBERS;
}

/* The relation whose rows figures count, or NULL if they do anything else. */
static const AllmRelation *
get_counted(const AllmPlan *plan)
{
	const AllmOutput *output = list_length(plan->measures) == 1 ?
	linitial(plan->measures) : NULL;

	if (output == NULL || plan->groups != NIL || plan->ranked ||
		output->function != ALLM_FUNCTION_COUNT || output->ref != NULL ||
		output->distinct)
		return NULL;
	return plan->base;
}

/*
 * Is what follows the things a verb in the past: "percentage of customers
 * signed up in 2023"?  The question for the part goes on from that for the whole.
 */
static bool
is_done(const AllmParts *parts)
{
	const char *rest = parts->first + strlen(parts->second) + 1;
	char	   *word = allm_text_lower(pnstrdup(rest, strcspn(rest, " ")));
	char	   *verb = allm_vocabulary_verb(word);

	return verb != NULL && strcmp(verb, word) != 0 &&
		word[strlen(word) - 1] != 's' && word[strlen(word) - 1] != 'g';
}

/* Do people who say "sales" mean their amount as often as their number? */
static bool
may_be_amount(const AllmRelation *relation)
{
	static const char *const money[] = {
		"cost", "earning", "expense", "income", "payment", "purchase",
		"revenue", "sale", "spending"
	};
	const char *last = llast(allm_lexicon_relation_words(relation));
	ListCell   *cell;

	for (int i = 0; i < lengthof(money); i++)
	{
		if (strcmp(allm_words_stem(last), money[i]) != 0)
			continue;
		foreach(cell, relation->columns)
		{
			if (allm_column_is_additive(lfirst(cell)))
				return true;
		}
	}
	return false;
}

/* Reads a question for one number of things. */
static bool
read_number(const AllmReadInput *input, const char *question, Number *number)
{
	AllmReadInput part = *input;
	AllmReading *reading;

	part.question = question;
	part.account = NULL;
	reading = allm_match_part(&part);
	if (reading->sql == NULL)
		return false;
	number->sql = reading->sql;
	number->words = reading->interpretation;
	number->remark = reading->remark;
	number->counted = reading->plan != NULL ? get_counted(reading->plan) :
		reading->counted;
	return number->counted != NULL;
}

/*
 * Both parts.  What would be counted once for each thing or each time is clear
 * in a part of the things.
 */
static bool
read_both(const AllmReadInput *input, const AllmParts *parts, Number *part,
		  Number *whole)
{
	static const char many[] = "how many ";
	bool		ratio = parts->form == ALLM_FORM_NUMBERS;

	if (!read_number(input, parts->second, whole))
		return false;
	if (!read_number(input, parts->first, part) &&
		(ratio ||
		 !read_number(input, psprintf("how many different %s",
									  parts->first + strlen(many)), part)))
		return false;
	if (strcmp(part->sql, whole->sql) == 0)
		return false;
	return ratio || part->counted == whole->counted;
}

/*
 * The query of a part of a whole, or of one number by another; NULL when the
 * parts are not understood as numbers of things, and then a problem or none.
 */
char *
allm_rate_read(const AllmReadInput *input, const AllmParts *parts,
			   char **words, char **remark, char **problem)
{
	bool		ratio = parts->form == ALLM_FORM_NUMBERS;
	const char *name = ratio ? "ratio" : parts->percent ? "percentage" :
	"share";
	Number		part;
	Number		whole;

	if ((parts->form == ALLM_FORM_DID && !is_done(parts)) ||
		!read_both(input, parts, &part, &whole))
		return NULL;
	if (strncmp(parts->first, "number", strlen("number")) != 0 &&
		(may_be_amount(part.counted) || may_be_amount(whole.counted)))
	{
		*problem = psprintf("It is not said whether the number of %s is meant or their amount.",
							part.counted->name);
		return NULL;
	}
	*remark = part.remark != NULL ? part.remark : whole.remark;
	*words = psprintf(ratio ? "ratio of (%s) to (%s)" :
					  parts->percent ? "percentage of (%s) in (%s)" :
					  "share of (%s) in (%s)", part.words, whole.words);
	return psprintf("SELECT a.%s, b.%s, %sa.%s::numeric / nullif(b.%s, 0) AS %s\nFROM (\n%s\n) AS a (%s)\nCROSS JOIN (\n%s\n) AS b (%s)",
					ratio ? "number" : "part", ratio ? "by_number" : "total",
					parts->percent ? "100 * " : "",
					ratio ? "number" : "part", ratio ? "by_number" : "total",
					name, part.sql, ratio ? "number" : "part",
					whole.sql, ratio ? "by_number" : "total");
}
