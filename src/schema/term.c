/*
 * term.c
 *		Words of questions and of names, as they are compared for linking.
 *
 * Linking only ranks what goes into a prompt, so its comparison is loose: parts
 * of words, abbreviations and common beginnings count, less than whole words.
 * The built-in rules, whose reading of a word is an answer, do not use it.
 *
 * The words here are those of the language and of how people name columns
 * anywhere; none belongs to a subject.
 */
#include "postgres.h"

#include <ctype.h>

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "base/stem.h"
#include "base/text.h"
#include "schema/term.h"

/* Longer words are no names, and are compared by their beginning. */
#define MAX_WORD	48

/* Each sorted byte by byte. */
static const char *const silent_words[] = {
	"a", "about", "above", "after", "again", "all", "also", "am", "an",
	"and", "any", "are", "as", "at", "average", "be", "been", "being",
	"below", "between", "both", "bottom", "but", "by", "can", "could",
	"count", "d", "did", "display", "do", "does", "done", "down", "each",
	"eight", "every", "few", "fewer", "find", "five", "for", "four", "from",
	"get", "give", "had", "has", "have", "having", "he", "her", "here",
	"highest", "him", "his", "how", "i", "if", "in", "into", "is", "it",
	"its", "just", "know", "least", "less", "let", "like", "list", "ll",
	"lowest", "m", "many", "max", "maximum", "may", "me", "mean", "might",
	"min", "minimum", "more", "most", "much", "must", "my", "need", "nine",
	"no", "nor", "not", "now", "number", "of", "off", "on", "one", "only",
	"onto", "or", "our", "out", "over", "own", "per", "please", "provide",
	"re", "return", "s", "same", "see", "seven", "shall", "she", "should",
	"show", "six", "so", "some", "such", "sum", "t", "tell", "ten", "than",
	"that", "the", "their", "them", "then", "there", "these", "they",
	"this", "those", "three", "to", "top", "total", "two", "under", "up",
	"us", "ve", "want", "was", "we", "were", "what", "when", "where",
	"which", "who", "whom", "whose", "why", "will", "with", "within",
	"without", "would", "you", "your"
};

static const char *const time_words[] = {
	"after", "afternoon", "ago", "april", "august", "before", "current",
	"currently", "date", "day", "december", "duration", "during", "earlier",
	"earliest", "early", "evening", "ever", "february", "first", "friday",
	"hour", "january", "july", "june", "last", "late", "later", "latest",
	"long", "march", "may", "minute", "monday", "month", "morning", "new",
	"newest", "next", "night", "noon", "november", "now", "october", "often",
	"old", "oldest", "past", "period", "pm", "previous", "previously", "prior",
	"recent", "recently", "saturday", "schedule", "season", "september",
	"since", "soon", "spring", "summer", "sunday", "this", "thursday", "time",
	"today", "tomorrow", "tonight", "tuesday", "until", "wednesday", "week",
	"weekday", "weekend", "when", "winter", "year", "yesterday", "young",
	"youngest"
};

static const char *const amount_words[] = {
	"above", "average", "below", "between", "big", "biggest", "cheap",
	"cheapest", "fewer", "fewest", "highest", "increase", "large", "largest",
	"least", "less", "longest", "lowest", "max", "maximum", "mean", "median",
	"min", "minimum", "more", "most", "much", "over", "percentage", "range",
	"shortest", "size", "small", "smallest", "sum", "than", "total", "under"
};

static const char *const identifier_words[] = {
	"cd", "code", "guid", "id", "key", "no", "nr", "uuid"
};

static const char *const label_words[] = {
	"caption", "description", "fullname", "label", "name", "title"
};

static const char *const date_words[] = {
	"at", "date", "datetime", "day", "dt", "friday", "hour", "minute",
	"monday", "month", "on", "period", "quarter", "saturday", "season",
	"sunday", "thursday", "time", "timestamp", "tuesday", "wednesday", "week",
	"year"
};

static const char *const prefix_words[] = {
	"d", "dim", "fact", "t", "tb", "tbl"
};

/* In the order of AllmTermClass. */
static const struct
{
	const char *const *words;
	int			count;
}			classes[] =

{
	{silent_words, lengthof(silent_words)},
	{time_words, lengthof(time_words)},
	{amount_words, lengthof(amount_words)},
	{identifier_words, lengthof(identifier_words)},
	{label_words, lengthof(label_words)},
	{date_words, lengthof(date_words)},
	{prefix_words, lengthof(prefix_words)},
};

/*
 * Words that people use for the same thing, or for what is asked of it.  A group
 * is a bit of an AllmKin; a word may be in several.
 */
static const char *const kin_groups[] = {
	"cheap cheaper cheapest expensive inexpensive dollar cost price fare fee amount charge",
	"pay payment salary wage earn earning income",
	"class course lecture",
	"teach taught teacher professor prof instructor lecturer faculty",
	"student pupil undergrad graduate",
	"take taken took enroll enrollment attend registration",
	"degree major program", "semester term", "paper publication article",
	"author writer write wrote written", "cite citation reference",
	"movie film", "song track", "singer artist musician",
	"customer client buyer shopper", "employee staff worker personnel",
	"manager boss supervisor head", "company firm business corporation",
	"vendor supplier seller", "buy bought purchase order", "sell sold sale",
	"product item good merchandise", "shop store", "fly flew flight",
	"plane airplane aircraft jet", "airline carrier",
	"leave left depart departure", "arrive arrival land", "travel trip journey way",
	"ticket fare", "stop stopover layover", "car vehicle auto automobile",
	"doctor physician", "drug medication medicine prescription prescribed",
	"illness disease diagnosis diagnosed condition",
	"hospital admission admitted visit stay encounter", "test lab exam examination",
	"measure measurement value", "operation surgery procedure",
	"patient subject", "gender sex male female man woman",
	"monday tuesday wednesday thursday friday saturday sunday weekday day week",
	"january february march april may june july august september october november december month",
	"winter spring summer autumn fall season semester term quarter",
	"born birth birthday", "die died death dead", "old older oldest young younger youngest age",
	"tall taller tallest height", "heavy heavier heaviest weight", "long longer longest length duration",
	"big bigger biggest large larger largest size area capacity", "nation country", "town city province state",
	"address street", "place location venue", "phone telephone",
	"mail email", "begin beginning start starting", "end finish", "happen occur event", "require required requirement prerequisite need mandatory allow permit eligible qualify",
	"meal food breakfast lunch dinner snack", "money cost amount budget",
	"team club game match", "player athlete", "win winner won victory",
	"school college university institution",
	"website homepage url web rate rating score comment review"
};

StaticAssertDecl(lengthof(kin_groups) <= 128, "a group is a bit");

/* A word of a group, as a stem. */
typedef struct Kin
{
	const char *stem;
	AllmKin		groups;
} Kin;

/* Sorted by stem; made when it is first wanted, for the backend's life. */
static Kin *kin = NULL;
static int	nkin = 0;

/* Endings of forms of verbs, and what replaces them. */
static const char *const verb_endings[][2] =
{
	{"ing", ""}, {"ing", "e"}, {"ed", ""}, {"ed", "e"},
};

static bool tells_time_of_day(const char *question);
static void read_word(AllmAsked *asked, const char *word);
static char *cut_word(const char *name, int from, int to);
static bool begins_word(const char *name, int at);
static bool is_abbreviation(const char *word, const char *shorter);
static void read_kin(void);
static int	compare_kin(const void *a, const void *b);
static int	compare_word(const void *key, const void *row);

/* Reads a question, in the current memory context. */
AllmAsked *
allm_term_read(const char *question)
{
	AllmAsked  *asked = palloc0(sizeof(AllmAsked));
	List	   *words = allm_text_words(question);
	ListCell   *cell;

	foreach(cell, words)
	{
		AllmWord   *word = lfirst(cell);

		if (word->kind != ALLM_WORD_PUNCTUATION)
			read_word(asked, word->text);
	}
	asked->of_time |= tells_time_of_day(question);
	return asked;
}

/* Is a time of the day in a question: "11:30", "5 am"? */
static bool
tells_time_of_day(const char *question)
{
	for (const char *c = question; *c != '\0'; c++)
	{
		const char *after = c + 1;

		if (!isdigit((unsigned char) *c))
			continue;
		if (after[0] == ':' && isdigit((unsigned char) after[1]) &&
			isdigit((unsigned char) after[2]))
			return true;
		after += *after == ' ';
		if ((pg_strncasecmp(after, "am", 2) == 0 ||
			 pg_strncasecmp(after, "pm", 2) == 0) &&
			!isalnum((unsigned char) after[2]))
			return true;
	}
	return false;
}

/* Reads what stands between blanks, or between quotes. */
static void
read_word(AllmAsked *asked, const char *word)
{
	ListCell   *cell;
	ListCell   *known;

	foreach(cell, allm_term_split(word))
	{
		char	   *term = lfirst(cell);
		bool		is_number =
		strspn(term, "0123456789") == strlen(term);
		bool		is_known = false;
		List	  **into;

		/* Two small numbers in a row are a date: "on 9 15". */
		bool		is_day = is_number && strlen(term) <= 2 &&
		atoi(term) >= 1 && atoi(term) <= 31;

		asked->has_number |= is_number;
		asked->of_time |= (is_day && asked->after_day) ||
			allm_term_is(ALLM_TERM_TIME, term) ||
			(is_number && strlen(term) == 4 &&
			 (strncmp(term, "19", 2) == 0 || strncmp(term, "20", 2) == 0));
		asked->after_day = is_day;
		asked->of_amount |= allm_term_is(ALLM_TERM_AMOUNT, term);
		if (is_number)
			continue;
		into = allm_term_is(ALLM_TERM_SILENT, term) ?
			&asked->silent : &asked->terms;
		foreach(known, *into)
			is_known |= strcmp(lfirst(known), term) == 0;
		if (!is_known)
			*into = lappend(*into, term);
	}
}

/*
 * The words of a name, as stems: it is taken apart where it is neither letter
 * nor digit, where a capital begins a word, and between letters and digits.
 * There is always one.
 */
List *
allm_term_split(const char *name)
{
	List	   *words = NIL;
	int			from = 0;
	int			len = strlen(name);

	for (int at = 0; at <= len; at++)
	{
		unsigned char c = name[at];
		bool		inside = isalnum(c) || IS_HIGHBIT_SET(c);

		if (inside && !(at > from && begins_word(name, at)))
			continue;
		if (at > from)
			words = lappend(words, cut_word(name, from, at));
		from = inside ? at : at + 1;
	}
	return words != NIL ? words : list_make1(pstrdup(name));
}

/* One word of a name, as its stem.  Most names are ASCII, which is cheap. */
static char *
cut_word(const char *name, int from, int to)
{
	char	   *word = pnstrdup(name + from,
								pg_mbcliplen(name + from, to - from,
											 MAX_WORD));
	bool		is_ascii = true;

	for (char *c = word; *c != '\0'; c++)
	{
		is_ascii &= !IS_HIGHBIT_SET(*c);
		*c = pg_ascii_tolower((unsigned char) *c);
	}
	return allm_stem_make(is_ascii ? word : allm_text_lower(word));
}

/* Does a word begin here: "unitPrice", "HTTPServer", "line2"? */
static bool
begins_word(const char *name, int at)
{
	unsigned char before = name[at - 1];
	unsigned char here = name[at];

	if (isdigit(here) != isdigit(before))
		return true;
	return isupper(here) &&
		(islower(before) ||
		 (isupper(before) && islower((unsigned char) name[at + 1])));
}

/* Is the word one of that class? */
bool
allm_term_is(AllmTermClass class, const char *word)
{
	return bsearch(word, classes[class].words, classes[class].count,
				   sizeof(char *), compare_word) != NULL;
}

/*
 * How likely it is that a word of a question means a word of a name, both
 * stems: 1 when they are the same, 0 when nothing speaks for it.
 */
float
allm_term_likeness(const char *asked, const char *known)
{
	int			asked_len = strlen(asked);
	int			known_len = strlen(known);
	int			same = 0;

	while (same < asked_len && asked[same] == known[same])
		same++;
	if (same == asked_len && same == known_len)
		return 1.0;
	/* Forms of one word: "departing" and "departure". */
	if (same >= 4 && same * 10 >= 6 * Max(asked_len, known_len))
		return 0.8;
	/* Cut off: "desc", "num"; or begun: "org" for "organization". */
	if (known_len >= 3 && same == known_len)
		return known_len < 5 ? 0.6 : 0.7;
	if (asked_len >= 3 && same == asked_len)
		return 0.6;
	if (same >= 5)
		return 0.5;
	/* Part of a compound word, either way. */
	if (asked_len >= 4 && strstr(known, asked) != NULL)
		return 0.6;
	if (known_len >= 4 && strstr(asked, known) != NULL)
		return 0.5;
	return is_abbreviation(asked, known) ? 0.5 : 0.0;
}

/* "qty" for "quantity": the first letter, and consonants in their order. */
static bool
is_abbreviation(const char *word, const char *shorter)
{
	int			len = strlen(shorter);
	int			at = 0;

	if (len < 3 || len > 5 || strlen(word) <= len + 1 ||
		word[0] != shorter[0] || strpbrk(shorter + 1, "aeiou") != NULL)
		return false;
	for (const char *c = word; *c != '\0' && at < len; c++)
	{
		if (*c == shorter[at])
			at++;
	}
	return at == len;
}

/*
 * The groups of words of one meaning that a stem is in, as bits.  Two stems that
 * share one may be meant by each other.
 */
AllmKin
allm_term_kin(const char *word)
{
	static const AllmKin none = {{0, 0}};
	Kin			key = {word};
	const Kin  *found;
	char		form[MAX_WORD + 2];
	int			len = strlen(word);

	if (kin == NULL)
		read_kin();
	found = bsearch(&key, kin, nkin, sizeof(Kin), compare_kin);
	/* "Teaching" is what to teach is, and "arrived" what to arrive is. */
	for (int i = 0; i < lengthof(verb_endings) && found == NULL; i++)
	{
		int			cut = strlen(verb_endings[i][0]);

		if (len < cut + 3 || len > MAX_WORD ||
			strcmp(word + len - cut, verb_endings[i][0]) != 0)
			continue;
		memcpy(form, word, len - cut);
		strcpy(form + len - cut, verb_endings[i][1]);
		key.stem = form;
		found = bsearch(&key, kin, nkin, sizeof(Kin), compare_kin);
	}
	return found != NULL ? found->groups : none;
}

/* May words of these groups be meant by each other? */
bool
allm_term_are_kin(AllmKin one, AllmKin other)
{
	return (one.bits[0] & other.bits[0]) != 0 ||
		(one.bits[1] & other.bits[1]) != 0;
}

/* Makes the table of words from their groups. */
static void
read_kin(void)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	int			nwords = 0;
	Kin		   *words;
	int			n = 0;

	for (int i = 0; i < lengthof(kin_groups); i++)
	{
		nwords++;
		for (const char *c = kin_groups[i]; *c != '\0'; c++)
			nwords += *c == ' ';
	}
	words = palloc(nwords * sizeof(Kin));
	for (int i = 0; i < lengthof(kin_groups); i++)
	{
		ListCell   *cell;

		foreach(cell, allm_term_split(kin_groups[i]))
		{
			words[n].stem = lfirst(cell);
			words[n].groups = (AllmKin)
			{
				{
					0, 0
				}
			};
			words[n++].groups.bits[i / 64] = UINT64CONST(1) << (i % 64);
		}
	}
	qsort(words, n, sizeof(Kin), compare_kin);
	nkin = 0;
	for (int i = 0; i < n; i++)
	{
		if (nkin > 0 && strcmp(words[nkin - 1].stem, words[i].stem) == 0)
		{
			words[nkin - 1].groups.bits[0] |= words[i].groups.bits[0];
			words[nkin - 1].groups.bits[1] |= words[i].groups.bits[1];
		}
		else
			words[nkin++] = words[i];
	}
	kin = words;
	MemoryContextSwitchTo(caller);
}

/* For qsort and bsearch: by stem. */
static int
compare_kin(const void *a, const void *b)
{
	return strcmp(((const Kin *) a)->stem, ((const Kin *) b)->stem);
}

/* For bsearch. */
static int
compare_word(const void *key, const void *row)
{
	return strcmp(key, *(const char *const *) row);
}
