/*
 * naming.c
 *		All that the relations and columns of a schema may be called.
 *
 * A name has several forms: its words, without the words of its relation,
 * without an ending that says nothing, turned round with "of", and with words
 * that mean the same.  Each form has a cost: what is further from the name as
 * it is written loses against what is nearer.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "semantic/called.h"
#include "semantic/column.h"
#include "semantic/inflect.h"
#include "semantic/names.h"
#include "semantic/naming.h"
#include "semantic/thesaurus.h"
#include "semantic/vocabulary.h"

/* What the ways to shorten a name cost. */
#define COST_UNIT		1
#define COST_SUFFIX		1
#define COST_OTHER		1
#define COST_TURNED		1
#define COST_KEY		2		/* what its key is called */

/* One form of a name. */
typedef struct Form
{
	List	   *words;
	int			cost;
	bool		exchanged;		/* has a word that only means the same */
} Form;

/* The forms of one name, and what they stand for. */
typedef struct Forms
{
	List	   *forms;			/* of Form */
} Forms;

static List *split_joined(const char *word, const List *context);
static void add_form(Forms *forms, List *words, int cost);
static void add_derived(Forms *forms, List *words, int cost, bool exchanged);
static void add_shortened(Forms *forms);
static void add_others(const AllmLexicon *lexicon, Forms *forms);
static void add_relation(AllmLexicon *lexicon, const AllmRelation *relation,
						 const List *words);
static void add_column(AllmLexicon *lexicon, const AllmColumn *column,
					   const List *relation_words);
static void add_forms(AllmLexicon *lexicon, const Forms *forms,
					  const AllmSense *sense);

/* Adds the items of all names.  What is built on the way is given back. */
void
allm_naming_add(AllmLexicon *lexicon)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext work = AllocSetContextCreate(caller, "analytics_llm naming",
											   ALLOCSET_DEFAULT_SIZES);
	ListCell   *cell;
	ListCell   *inner;

	lexicon->items_context = caller;
	lexicon->thesaurus = allm_thesaurus_make(lexicon->tokens,
											 lexicon->ntokens);
	foreach(cell, allm_names_find(lexicon->snapshot,
								  list_concat(allm_lexicon_words(lexicon),
											  allm_thesaurus_words(lexicon->thesaurus))))
	{
		AllmNamed  *named = lfirst(cell);
		List	   *words;

		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(work);
		words = allm_naming_without_prefix(allm_naming_relation_words(named->relation));
		add_relation(lexicon, named->relation, words);
		foreach(inner, named->columns)
			add_column(lexicon, lfirst(inner), words);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(work);
	}
	MemoryContextDelete(work);
	allm_called_keep_own(lexicon);
}

/*
 * The words of a name as stems: short forms are written out, and what is
 * written in one word is taken apart where its parts are known.
 */
List *
allm_naming_words(const char *name, const List *context)
{
	List	   *words = NIL;
	ListCell   *cell;

	foreach(cell, allm_lexicon_split(name))
	{
		List	   *parts = split_joined(lfirst(cell), context);
		ListCell   *part;

		foreach(part, parts)
		{
			const char *long_form = allm_vocabulary_expand(lfirst(part));

			if (long_form != NULL)
				words = list_concat(words, allm_lexicon_split(long_form));
			else
				words = lappend(words, lfirst(part));
		}
	}
	return words;
}

/* The words of a column, as above.  They are kept: nobody changes the list. */
List *
allm_naming_column_words(const AllmColumn *column)
{
	AllmNameWords *kept = allm_names_column(column);
	List	   *words;

	if (kept != NULL && kept->words != NIL)
		return kept->words;
	words = allm_naming_words(column->name + column->prefix,
							  allm_naming_relation_words(column->relation));
	if (kept != NULL)
		words = kept->words = allm_names_keep(column->relation, words);
	return words;
}

/* The same of a relation. */
List *
allm_naming_relation_words(const AllmRelation *relation)
{
	AllmKeptRelation *kept = allm_names_relation(relation);

	if (kept->name.words == NIL)
		kept->name.words = allm_names_keep(relation,
										   allm_naming_words(relation->name + relation->prefix,
															 NIL));
	return kept->name.words;
}

/* Without a first word that says only that it is a table. */
List *
allm_naming_without_prefix(List *words)
{
	if (list_length(words) > 1 &&
		allm_words_has(ALLM_WORDS_TABLE_PREFIX, linitial(words)))
		return list_copy_tail(words, 1);
	return words;
}

/*
 * The words of a column beside these words of its relation, of which a prefix
 * may have been left out.
 */
static List *
get_words(const AllmColumn *column, const List *relation_words)
{
	if (relation_words == allm_naming_relation_words(column->relation))
		return allm_naming_column_words(column);
	return allm_naming_words(column->name + column->prefix, relation_words);
}

/*
 * "clubname" is club and name, "stuid" is stu and id: the end is a word that
 * often ends names, the beginning a word of the relation or a short form.
 */
static List *
split_joined(const char *word, const List *context)
{
	int			len = strlen(word);

	if (allm_vocabulary_expand(word) != NULL)
		return list_make1(pstrdup(word));
	for (int at = 1; at < len - 1; at++)
	{
		char	   *first = pnstrdup(word, at);
		char	   *last = allm_words_stem(word + at);
		bool		known = allm_vocabulary_expand(first) != NULL ||
		allm_vocabulary_is_head(first);
		ListCell   *cell;

		if (!allm_vocabulary_is_head(last) &&
			(at < 3 || allm_vocabulary_expand(last) == NULL))
			continue;
		/* "bname" of a bank */
		if (at == 1)
		{
			if (strcmp(last, "name") != 0 && strcmp(last, "type") != 0)
				continue;
			foreach(cell, context)
			{
				if (((char *) lfirst(cell))[0] == word[0])
					return list_make1(last);
			}
			continue;
		}
		foreach(cell, context)
			known |= strcmp(first, lfirst(cell)) == 0 ||
			strcmp(allm_words_stem(first), lfirst(cell)) == 0;
		if (known || (at >= 3 && (strcmp(last, "name") == 0 ||
								  strcmp(last, "date") == 0 ||
								  strcmp(last, "code") == 0 ||
								  strcmp(last, "type") == 0)))
			return list_make2(allm_words_stem(first), last);
	}
	return list_make1(pstrdup(word));
}

/* Adds a form, unless there is one with the same words. */
static void
add_form(Forms *forms, List *words, int cost)
{
	Form	   *form;
	ListCell   *cell;

	if (words == NIL)
		return;
	foreach(cell, forms->forms)
	{
		form = lfirst(cell);
		if (allm_text_equal_words(form->words, words))
		{
			form->cost = Min(form->cost, cost);
			return;
		}
	}
	form = palloc0(sizeof(Form));
	form->words = words;
	form->cost = cost;
	forms->forms = lappend(forms->forms, form);
}

/* Adds a form that is made of another one. */
static void
add_derived(Forms *forms, List *words, int cost, bool exchanged)
{
	int			known = list_length(forms->forms);

	add_form(forms, words, cost);
	if (list_length(forms->forms) > known)
		((Form *) llast(forms->forms))->exchanged = exchanged;
}

/* Adds the forms without an ending that says nothing, and those turned round. */
static void
add_shortened(Forms *forms)
{
	/* The list grows: what was shortened may be shortened again. */
	for (int i = 0; i < list_length(forms->forms); i++)
	{
		Form	   *form = list_nth(forms->forms, i);
		int			count = list_length(form->words);
		const char *last = llast(form->words);

		if (count < 2)
			continue;
		if (allm_vocabulary_is_unit(last))
			add_form(forms, list_truncate(list_copy(form->words), count - 1),
					 form->cost + COST_UNIT);
		else if (allm_vocabulary_is_suffix(last))
			add_form(forms, list_truncate(list_copy(form->words), count - 1),
					 form->cost + COST_SUFFIX);
		if (strcmp(last, "1") == 0)
			add_form(forms, list_truncate(list_copy(form->words), count - 1),
					 form->cost + COST_UNIT);
		if (count == 2 && strcmp(linitial(form->words), "of") != 0)
			add_form(forms, list_make3(pstrdup(last), pstrdup("of"),
									   linitial(form->words)),
					 form->cost + COST_TURNED);
		else if (count == 3 && strcmp(lsecond(form->words), "of") == 0)
			add_form(forms, list_make2(pstrdup(last), linitial(form->words)),
					 form->cost + COST_TURNED);
	}
}

/* Adds forms with words that mean the same, one or two of them. */
static void
add_others(const AllmLexicon *lexicon, Forms *forms)
{
	int			first = 0;

	for (int pass = 0; pass < 2; pass++)
	{
		int			count = list_length(forms->forms);

		for (int i = first; i < count; i++)
		{
			Form	   *form = list_nth(forms->forms, i);
			ListCell   *cell;

			foreach(cell, allm_thesaurus_others(lexicon->thesaurus,
												form->words))
				add_derived(forms, lfirst(cell), form->cost + COST_OTHER,
							true);
		}
		first = count;
	}
}

/* Adds the last words alone. */
static void
add_heads(Forms *forms, const List *words)
{
	for (int from = 1; from < list_length(words); from++)
	{
		const char *last = llast(words);

		if (from == list_length(words) - 1 &&
			(allm_vocabulary_is_suffix(last) ||
			 allm_words_has(ALLM_WORDS_IDENTIFIER, last) ||
			 allm_words_has(ALLM_WORDS_LABEL, last) ||
			 strcmp(last, "type") == 0))
			continue;
		add_form(forms, list_copy_tail(words, from), ALLM_CALLED_END);
	}
}

/*
 * What the key of a relation says its things are: "county_id" of
 * county_statistics.  NIL when the key does not, or the relation's name begins
 * with something else.
 */
static List *
get_key_name(const AllmRelation *relation)
{
	List	   *words;
	List	   *own;

	if (list_length(relation->primary_key) != 1 ||
		((AllmColumn *) linitial(relation->primary_key))->in_foreign_key)
		return NIL;
	words = allm_lexicon_column_words(linitial(relation->primary_key));
	own = allm_lexicon_relation_words(relation);
	if (list_length(words) < 2 ||
		!allm_words_has(ALLM_WORDS_IDENTIFIER, llast(words)))
		return NIL;
	words = list_truncate(list_copy(words), list_length(words) - 1);
	return allm_lexicon_begins(own, words) ? words : NIL;
}

/* Adds the items of a relation. */
static void
add_relation(AllmLexicon *lexicon, const AllmRelation *relation,
			 const List *words)
{
	Forms		forms = {0};
	AllmSense	sense = {.kind = ALLM_SENSE_RELATION,.relation = relation};

	add_form(&forms, list_copy(words), 0);

	/* "member_of_club" holds the members. */
	if (list_length(words) == 3 && strcmp(lsecond(words), "of") == 0)
		add_form(&forms, list_make1(linitial(words)), ALLM_CALLED_END);
	if (get_key_name(relation) != NIL)
		add_form(&forms, get_key_name(relation), COST_KEY);
	/* "sales records" are its rows. */
	add_form(&forms, lappend(list_copy(words), pstrdup("record")), COST_SUFFIX);
	add_others(lexicon, &forms);
	add_heads(&forms, words);
	add_forms(lexicon, &forms, &sense);
}

/*
 * Is the column the key by which a person would number the things of its
 * relation?  Not where another one is called a number.
 */
static bool
is_only_number(const AllmColumn *column, const List *words)
{
	ListCell   *cell;

	if (list_length(column->relation->primary_key) != 1 ||
		linitial(column->relation->primary_key) != column ||
		column->in_foreign_key || strcmp(llast(words), "id") != 0)
		return false;
	foreach(cell, column->relation->columns)
	{
		if (strcmp(llast(allm_lexicon_column_words(lfirst(cell))),
				   "number") == 0)
			return false;
	}
	return true;
}

/*
 * Adds the items of a column: of its relation's name, any words may stand in
 * front or be left out.
 */
static void
add_column(AllmLexicon *lexicon, const AllmColumn *column,
		   const List *relation_words)
{
	Forms		forms = {0};
	AllmSense	sense = {
		.kind = ALLM_SENSE_COLUMN,
		.relation = column->relation,
		.column = column
	};
	List	   *words = get_words(column, relation_words);
	List	   *own = words;
	ListCell   *cell;

	add_form(&forms, words, 0);
	for (int i = 0; i < list_length(relation_words); i++)
	{
		List	   *tail = list_copy_tail(relation_words, i);

		if (allm_lexicon_begins(words, tail))
		{
			own = list_copy_tail(words, list_length(tail));
			add_form(&forms, own, 0);
			break;
		}
	}
	add_shortened(&forms);
	if (own == words &&
		allm_inflect_names_other(lexicon->snapshot, column, words))
		add_form(&forms, list_truncate(list_copy(words),
									   list_length(words) - 1), ALLM_CALLED_END);
	foreach(cell, allm_inflect_forms(column, own))
		add_form(&forms, lfirst(cell), COST_UNIT);
	add_others(lexicon, &forms);
	add_heads(&forms, own);
	if (own == words)
	{
		int			count = list_length(forms.forms);

		for (int i = 0; i < count; i++)
		{
			Form	   *form = list_nth(forms.forms, i);

			add_derived(&forms,
						list_concat_copy(relation_words, form->words),
						form->cost, form->exchanged);
			if (list_length(relation_words) > 1)
				add_derived(&forms, lcons(llast(relation_words),
										  list_copy(form->words)),
							form->cost + COST_OTHER, form->exchanged);
		}
	}

	/* "employee number" is how a person says employee_id. */
	if (is_only_number(column, words))
	{
		List	   *number = list_make1(pstrdup("number"));

		add_form(&forms, list_concat_copy(relation_words, number), COST_KEY);
		if (list_length(words) > 1)
			add_form(&forms,
					 list_concat(list_truncate(list_copy(words),
											   list_length(words) - 1), number),
					 COST_KEY);
	}
	add_forms(lexicon, &forms, &sense);
}

/* Adds the sense for each form that stands in the question. */
static void
add_forms(AllmLexicon *lexicon, const Forms *forms, const AllmSense *sense)
{
	ListCell   *cell;

	foreach(cell, forms->forms)
	{
		Form	   *form = lfirst(cell);
		AllmSense	said = *sense;

		said.exchanged = form->exchanged;
		allm_lexicon_add_sense(lexicon, form->words, &said, form->cost);
	}
}

/* The words of a column without those of its relation in front. */
static List *
own_words(const AllmColumn *column, const List *relation_words)
{
	List	   *words = get_words(column, relation_words);

	for (int i = 0; i < list_length(relation_words); i++)
	{
		List	   *tail = list_copy_tail(relation_words, i);

		if (allm_lexicon_begins(words, tail))
			return list_copy_tail(words, list_length(tail));
	}
	return words;
}

/* The first text column whose own words, or whose last word, are these. */
static AllmColumn *
find_text(const AllmRelation *relation, const List *relation_words,
		  const List *wanted, bool last)
{
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);
		List	   *words = own_words(column, relation_words);

		if (!allm_column_is_text(column))
			continue;
		if (allm_text_equal_words(words, wanted))
			return column;
		if (last && !column->in_foreign_key && list_length(words) > 1 &&
			!allm_column_names_part(column) &&
			strcmp(llast(words), linitial(wanted)) == 0)
			return column;
	}
	return NULL;
}

/* Looks for the columns that name a thing of a relation. */
static List *
find_labels(const AllmRelation *relation)
{
	static const char *const names[] = {"name", "full name"};
	static const char *const plain[] = {"title", "label", "caption"};
	static const char *const ends[] = {"name", "title", "description"};
	static const char *const first_names[] = {
		"first name", "personal name", "given name"
	};
	static const char *const last_names[] = {
		"last name", "family name", "surname"
	};
	List	   *relation_words = allm_naming_relation_words(relation);
	AllmColumn *first = NULL;
	AllmColumn *last = NULL;
	AllmColumn *label = NULL;

	for (int i = 0; i < lengthof(names) && label == NULL; i++)
		label = find_text(relation, relation_words,
						  allm_lexicon_split(names[i]), false);
	if (label != NULL)
		return list_make1(label);
	for (int i = 0; i < lengthof(first_names); i++)
	{
		if (first == NULL)
			first = find_text(relation, relation_words,
							  allm_lexicon_split(first_names[i]), false);
		if (last == NULL)
			last = find_text(relation, relation_words,
							 allm_lexicon_split(last_names[i]), false);
	}
	if (first != NULL && last != NULL)
		return list_make2(first, last);
	for (int i = 0; i < lengthof(plain) && label == NULL; i++)
		label = find_text(relation, relation_words,
						  allm_lexicon_split(plain[i]), false);
	if (label == NULL)
		label = find_text(relation, relation_words, relation_words, false);
	for (int i = 0; i < lengthof(ends) && label == NULL; i++)
		label = find_text(relation, relation_words,
						  list_make1(unconstify(char *, ends[i])), true);
	return label != NULL ? list_make1(label) : NIL;
}

/*
 * The columns that name a thing of a relation to a person: one, or first and
 * last name; NIL when there is none.  They are kept.
 */
List *
allm_naming_labels(const AllmRelation *relation)
{
	AllmKeptRelation *kept = allm_names_relation(relation);

	if (!kept->has_labels)
	{
		kept->labels = allm_names_keep_columns(relation,
											   find_labels(relation));
		kept->has_labels = true;
	}
	return kept->labels;
}

/* Do the words say how many of these things there are: "number of x", "x count"? */
static bool
say_number_of(const List *words, const List *name)
{
	List	   *rest = NIL;

	if (strcmp(linitial(words), "number") == 0 ||
		strcmp(linitial(words), "count") == 0)
	{
		rest = list_copy_tail(words, 1);
		if (rest != NIL && strcmp(linitial(rest), "of") == 0)
			rest = list_copy_tail(rest, 1);
	}
	else if (strcmp(llast(words), "count") == 0)
		rest = list_truncate(list_copy(words), list_length(words) - 1);
	return rest != NIL && allm_text_equal_words(rest, name);
}

/*
 * A column of another relation that holds how many things of this one there
 * are, or NULL.  Then "how many" may ask for either.
 */
const AllmColumn *
allm_naming_stored_number(const AllmRelation *relation)
{
	static const char *const marks[] = {"number", "count"};
	const AllmSnapshot *snapshot = allm_snapshot_derived(relation)->snapshot;
	List	   *name = allm_naming_relation_words(relation);

	for (int i = 0; i < lengthof(marks); i++)
	{
		List	   *mark = list_make1(unconstify(char *, marks[i]));
		ListCell   *cell;
		ListCell   *inner;

		foreach(cell, allm_names_find(snapshot, mark))
		{
			AllmNamed  *named = lfirst(cell);

			foreach(inner, named->relation == relation ? NIL : named->columns)
			{
				AllmColumn *column = lfirst(inner);

				if (allm_column_is_measure(column) &&
					say_number_of(allm_naming_column_words(column), name))
					return column;
			}
		}
	}
	return NULL;
}

/* Does any column have a name of these two words? */
bool
allm_naming_exists(const AllmSnapshot *snapshot, const char *first,
				   const char *second)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, allm_names_find(snapshot,
								  list_make1(unconstify(char *, second))))
	{
		foreach(inner, ((AllmNamed *) lfirst(cell))->columns)
		{
			List	   *words = allm_naming_column_words(lfirst(inner));
			int			count = list_length(words);

			if (count >= 2 && strcmp(list_nth(words, count - 2), first) == 0 &&
				strcmp(list_nth(words, count - 1), second) == 0)
				return true;
		}
	}
	return false;
}

/*
 * The key to what names the things of a relation that has no name of its own;
 * NULL when there is none or more than one.
 */
AllmForeignKey *
allm_naming_label_key(const AllmRelation *relation)
{
	AllmForeignKey *found = NULL;
	ListCell   *cell;

	if (allm_naming_labels(relation) != NIL)
		return NULL;
	foreach(cell, relation->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);

		if (allm_naming_labels(key->to) == NIL)
			continue;
		if (found != NULL)
			return NULL;
		found = key;
	}
	return found;
}
