/*
 * stem.c
 *		What words of English share with their plurals.
 *
 * One rule for all who compare words of questions with names: the built-in
 * rules, whose reading is an answer, and linking, which only ranks.
 *
 * Pure functions.
 */
#include "postgres.h"

#include "base/stem.h"

/* Plurals that no rule makes. */
static const char *const irregular[][2] =
{
	{"children", "child"}, {"feet", "foot"}, {"indices", "index"},
	{"men", "man"}, {"people", "person"}, {"series", "series"},
	{"wives", "wife"}, {"women", "woman"},
};

/* Endings of plurals, the longest first, and what replaces them. */
static const char *const endings[][2] =
{
	{"ches", "ch"}, {"shes", "sh"}, {"sses", "ss"}, {"uses", "us"},
	{"xes", "x"}, {"ies", "y"}, {"ie", "y"}, {"ss", "ss"}, {"us", "us"},
	{"is", "is"}, {"s", ""},
};

/*
 * The form that a word in lower case shares with its plural, in the place of the
 * word or anew.  It need not be a word: "movie" and "movies" both give "movy".
 */
char *
allm_stem_make(char *word)
{
	int			len = strlen(word);

	for (int i = 0; i < lengthof(irregular); i++)
	{
		if (strcmp(word, irregular[i][0]) == 0)
			return pstrdup(irregular[i][1]);
	}
	if (len <= 3)
		return word;
	for (int i = 0; i < lengthof(endings); i++)
	{
		int			at = len - strlen(endings[i][0]);

		if (at >= 0 && strcmp(word + at, endings[i][0]) == 0)
		{
			strcpy(word + at, endings[i][1]);
			break;
		}
	}
	return word;
}
