/*
 * inflect.c
 *		Other forms of the words of a name: "opening year" and "year opened" for
 *		open_year, "number of floors" for floors.
 */
#include "postgres.h"

#include "semantic/column.h"
#include "semantic/inflect.h"
#include "semantic/names.h"
#include "semantic/naming.h"
#include "semantic/vocabulary.h"

/* The form of a verb that ends so: "opening", "opened". */
static char *
inflect(const char *verb, const char *ending)
{
	int			len = strlen(verb);

	if (len > 1 && verb[len - 1] == 'e')
		len--;
	return psprintf("%.*s%s", len, verb, ending);
}

/* Does the word only say that the name is that of a time? */
static bool
is_time_word(const char *word)
{
	static const char *const words[] = {"date", "day", "month", "time", "year"};

	for (int i = 0; i < lengthof(words); i++)
	{
		if (strcmp(words[i], word) == 0)
			return true;
	}
	return false;
}

/* What the time of a deed may be called. */
static List *
list_deed_forms(const char *verb, const char *time)
{
	char	   *doing = inflect(verb, "ing");
	char	   *done = inflect(verb, "ed");
	List	   *forms = NIL;

	forms = lappend(forms, list_make2(doing, pstrdup(time)));
	forms = lappend(forms, list_make2(done, pstrdup(time)));
	forms = lappend(forms, list_make2(pstrdup(time), done));
	return lappend(forms, list_make3(pstrdup(time), pstrdup("of"), doing));
}

/* Is it the one date of its relation? */
static bool
is_only_date(const AllmColumn *column)
{
	ListCell   *cell;

	foreach(cell, column->relation->columns)
	{
		const AllmColumn *other = lfirst(cell);

		if (other != column && allm_column_is_date(other))
			return false;
	}
	return true;
}

/*
 * Other words by which a person may mean a column of these words, as a list of
 * lists of char *.
 */
List *
allm_inflect_forms(const AllmColumn *column, const List *words)
{
	const char *first = linitial(words);
	char	   *verb = allm_vocabulary_verb(first);
	bool		is_year = allm_column_is_year(column);
	int			len = strlen(column->name);

	if ((is_year || allm_column_is_date(column)) && verb != NULL)
	{
		if (list_length(words) == 2 && is_time_word(lsecond(words)))
			return list_deed_forms(verb, lsecond(words));
		if (list_length(words) == 1)
			return list_deed_forms(verb, is_year ? "year" : "date");
	}

	/* "date_of_notes", where there is no other date */
	if (list_length(words) > 1 && allm_column_is_date(column) &&
		strcmp(first, "date") == 0 && is_only_date(column))
		return list_make1(list_make1(pstrdup("date")));

	/* What is called by the name of many things is their number. */
	if (list_length(words) == 1 && !is_year && allm_column_is_integer(column) &&
		allm_column_is_measure(column) && len > 3 &&
		pg_strcasecmp(column->name + len - 1, "s") == 0 &&
		pg_strcasecmp(column->name + len - 2, "ss") != 0 &&
		verb == NULL)
		return list_make1(list_make3(pstrdup("number"), pstrdup("of"),
									 linitial(words)));
	return NIL;
}

/*
 * Is it the name of something that has no relation of its own?  Then it may be
 * called as that is: "country" for country_name.
 */
bool
allm_inflect_names_other(const AllmSnapshot *snapshot,
						 const AllmColumn *column, const List *words)
{
	ListCell   *cell;
	int			count = list_length(words) - 1;

	if (count < 1 || strcmp(llast(words), "name") != 0 ||
		!allm_column_is_text(column) || column->in_foreign_key ||
		strstr("first last middle family personal given full nick user login",
			   list_nth(words, count - 1)) != NULL)
		return false;
	foreach(cell, allm_names_find(snapshot,
								  list_make1(list_nth(words, count - 1))))
	{
		const List *own = allm_naming_relation_words(((AllmNamed *) lfirst(cell))->relation);

		if (strcmp(llast(own), list_nth(words, count - 1)) == 0)
			return false;
	}
	return true;
}
