/*
 * column.c
 *		What a column is good for in an answer.
 *
 * Decided by type, keys and the words of the name alone: the same schema gives
 * the same answers, whatever the data.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"

#include "schema/layer.h"
#include "semantic/column.h"
#include "semantic/lexicon.h"
#include "semantic/names.h"
#include "semantic/words.h"

static List *find_labels(const AllmRelation *relation);
static AllmColumn *find_by_words(const AllmRelation *relation,
								 const char *words);
static AllmColumn *find_ending_in(const AllmRelation *relation,
								  const char *const *endings, int count);
static char *join_words(const List *words);

/* A type that can be added up and compared with a number. */
bool
allm_column_is_number(const AllmColumn *column)
{
	return allm_column_is_integer(column) || column->type == NUMERICOID ||
		column->type == FLOAT4OID || column->type == FLOAT8OID;
}

/* A whole number. */
bool
allm_column_is_integer(const AllmColumn *column)
{
	return column->type == INT2OID || column->type == INT4OID ||
		column->type == INT8OID;
}

/* A number that is not part of a key, nor named like one. */
bool
allm_column_is_measure(const AllmColumn *column)
{
	if (column->metric != NULL)
		return true;
	return allm_column_is_number(column) && !column->in_key &&
		!column->in_foreign_key &&
		strcmp(llast(allm_lexicon_column_words(column)), "id") != 0;
}

/* Does the sum over many rows mean something? */
bool
allm_column_is_additive(const AllmColumn *column)
{
	List	   *words = allm_lexicon_column_words(column);
	ListCell   *cell;

	if (column->metric != NULL)
		return column->metric->additive;
	foreach(cell, words)
	{
		if (allm_words_has(ALLM_WORDS_STATISTIC, lfirst(cell)))
			return false;
	}
	return allm_column_is_measure(column) &&
		!allm_words_has(ALLM_WORDS_NOT_ADDITIVE, llast(words));
}

/* Text, or an enum. */
bool
allm_column_is_text(const AllmColumn *column)
{
	return column->category == TYPCATEGORY_STRING ||
		column->category == TYPCATEGORY_ENUM;
}

/* A type that has a day. */
bool
allm_column_is_date(const AllmColumn *column)
{
	return column->type == DATEOID || column->type == TIMESTAMPOID ||
		column->type == TIMESTAMPTZOID;
}

/* A whole number that is called a year. */
bool
allm_column_is_year(const AllmColumn *column)
{
	return allm_column_is_integer(column) && !column->in_foreign_key &&
		strcmp(llast(allm_lexicon_column_words(column)), "year") == 0;
}

/* How well a date stands for when the row happened. */
AllmDateRank
allm_column_date_rank(const AllmColumn *column)
{
	List	   *words = allm_lexicon_column_words(column);
	List	   *own = allm_lexicon_own_words(column);
	ListCell   *cell;

	if (!allm_column_is_date(column))
		return ALLM_DATE_NEVER;
	foreach(cell, words)
	{
		if (allm_words_has(ALLM_WORDS_TECHNICAL, lfirst(cell)) ||
			allm_words_has(ALLM_WORDS_ATTRIBUTE_DATE, lfirst(cell)))
			return ALLM_DATE_NEVER;
	}
	foreach(cell, words)
	{
		if (allm_words_has(ALLM_WORDS_CREATION, lfirst(cell)))
			return ALLM_DATE_CREATION;
	}
	if (list_length(own) == 1 &&
		allm_words_has(ALLM_WORDS_DATE_SUFFIX, linitial(own)))
		return ALLM_DATE_PRINCIPAL;
	return ALLM_DATE_PLAIN;
}

/* Does a relation say how many there are in each of its rows? */
bool
allm_column_has_quantity(const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		const AllmColumn *column = lfirst(cell);
		ListCell   *word;

		foreach(word, column->in_foreign_key ? NIL :
				allm_lexicon_column_words(column))
		{
			if (strcmp(lfirst(word), "quantity") == 0 ||
				strcmp(lfirst(word), "qty") == 0)
				return true;
		}
	}
	return false;
}

/* Is the first the highest, though its number is the lowest? */
bool
allm_column_is_rank(const AllmColumn *column)
{
	static const char *const ranks[] = {"priority", "rank", "ranking"};
	const char *last = llast(allm_lexicon_column_words(column));

	for (int i = 0; i < lengthof(ranks); i++)
	{
		if (strcmp(last, ranks[i]) == 0)
			return true;
	}
	return false;
}

/*
 * Is the name that of something which the row only tells of: the ship_name of an
 * order that has a ship_address too?
 */
bool
allm_column_names_part(const AllmColumn *column)
{
	const char *first = linitial(allm_lexicon_column_words(column));
	ListCell   *cell;

	foreach(cell, allm_lexicon_relation_words(column->relation))
	{
		if (strcmp(lfirst(cell), first) == 0)
			return false;
	}
	foreach(cell, column->relation->columns)
	{
		List	   *words = allm_lexicon_column_words(lfirst(cell));

		if (list_length(words) > 1 && strcmp(linitial(words), first) == 0 &&
			!allm_words_has(ALLM_WORDS_LABEL, llast(words)))
			return true;
	}
	return false;
}

/*
 * Are the rows things that are there all the time, and not what happens on one
 * day?  The customers in 2023 are not said to be those who signed up then.
 */
bool
allm_column_lasts(const AllmRelation *relation)
{
	return allm_words_has(ALLM_WORDS_LASTING,
						  llast(allm_lexicon_relation_words(relation)));
}

/*
 * Is what has the key a part of what it refers to, as an order's lines are of the
 * order?  Then the whole's date is the part's as well.
 */
bool
allm_column_is_part_of(const AllmForeignKey *key)
{
	List	   *whole = allm_lexicon_relation_words(key->to);
	List	   *part = allm_lexicon_relation_words(key->from);
	ListCell   *cell;

	if (!key->mandatory)
		return false;
	if (list_length(part) > list_length(whole))
	{
		bool		prefix = true;

		for (int i = 0; i < list_length(whole); i++)
			prefix &= strcmp(list_nth(whole, i), list_nth(part, i)) == 0;
		if (prefix)
			return true;
	}
	foreach(cell, key->from_columns)
	{
		if (!((AllmColumn *) lfirst(cell))->in_key)
			return false;
	}
	return true;
}

/*
 * The columns that name a row to a person: one, or first and last name; NIL
 * when there is none.  They are kept.
 */
List *
allm_column_labels(const AllmRelation *relation)
{
	AllmKeptRelation *kept = allm_names_relation(relation);

	if (!kept->has_plain_labels)
	{
		kept->plain_labels = allm_names_keep_columns(relation,
													 find_labels(relation));
		kept->has_plain_labels = true;
	}
	return kept->plain_labels;
}

/* Looks for the columns that name a row. */
static List *
find_labels(const AllmRelation *relation)
{
	static const char *const plain[] = {"title", "label", "caption"};
	static const char *const endings[] = {"name", "title", "description"};
	AllmColumn *first = find_by_words(relation, "first name");
	AllmColumn *last = find_by_words(relation, "last name");
	AllmColumn *label = find_by_words(relation, "name");

	if (label == NULL)
		label = find_by_words(relation, "full name");
	if (label == NULL && first != NULL && last != NULL)
		return list_make2(first, last);
	for (int i = 0; label == NULL && i < lengthof(plain); i++)
		label = find_by_words(relation, plain[i]);
	if (label == NULL)
		label = find_by_words(relation,
							  join_words(allm_lexicon_relation_words(relation)));
	if (label == NULL)
		label = find_ending_in(relation, endings, lengthof(endings));
	return label != NULL ? list_make1(label) : NIL;
}

/* The text column whose own words are these, or NULL. */
static AllmColumn *
find_by_words(const AllmRelation *relation, const char *words)
{
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);

		if (allm_column_is_text(column) &&
			strcmp(join_words(allm_lexicon_own_words(column)), words) == 0)
			return column;
	}
	return NULL;
}

/* The first text column that ends in the first such word that any ends in. */
static AllmColumn *
find_ending_in(const AllmRelation *relation, const char *const *endings,
			   int count)
{
	for (int i = 0; i < count; i++)
	{
		ListCell   *cell;

		foreach(cell, relation->columns)
		{
			AllmColumn *column = lfirst(cell);

			if (allm_column_is_text(column) && !column->in_foreign_key &&
				!allm_column_names_part(column) &&
				strcmp(llast(allm_lexicon_column_words(column)),
					   endings[i]) == 0)
				return column;
		}
	}
	return NULL;
}

/* Words with blanks between them. */
static char *
join_words(const List *words)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, words)
		appendStringInfo(&text, "%s%s", text.len > 0 ? " " : "",
						 (char *) lfirst(cell));
	return text.data;
}

/* A column's name as a person would say it. */
char *
allm_column_words(const AllmColumn *column)
{
	char	   *words = pstrdup(column->name);

	for (char *c = words; *c != '\0'; c++)
	{
		if (*c == '_')
			*c = ' ';
	}
	return words;
}

/* A relation's name as a person would say it, in the singular if it can. */
char *
allm_column_entity(const AllmRelation *relation)
{
	char	   *words = pstrdup(relation->name);
	char	   *stem;

	for (char *c = words; *c != '\0'; c++)
	{
		if (*c == '_')
			*c = ' ';
	}
	stem = allm_words_stem(words);

	/* A stem is a word where only the plural's end was taken away. */
	if (strncmp(stem, words, strlen(stem)) == 0)
		return stem;
	return words;
}
