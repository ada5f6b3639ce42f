/*
 * thesaurus.c
 *		Words and phrases that mean the same.
 *
 * The groups are those of the language, as a thesaurus of everyday and
 * business English has them; another language is another table.  A name of
 * the schema is never expanded into all that it may be called: only the words
 * that stand in the question are looked for, so that the size of the table
 * costs a large schema nothing.
 */
#include "postgres.h"

#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "semantic/thesaurus.h"

/* Longer words are not in the table. */
#define MAX_WORD_BYTES	32

/* "|" between what means the same. */
static const char *const groups[] = {
	/* People */
	"author|writer",
	"actor|performer",
	"artist|performer",
	"athlete|sportsman|sportsperson",
	"baby|infant",
	"boss|manager|supervisor",
	"chauffeur|driver|motorist",
	"chief|head|leader",
	"child|kid",
	"citizen|inhabitant|number of citizen|number of inhabitant|number of person|"
	"number of resident|person|populace|population|resident",
	"client|customer|buyer|purchaser",
	"colleague|coworker|co worker",
	"competitor|contestant|contender",
	"composer|songwriter",
	"consultant|adviser|advisor",
	"contributor|donor|giver",
	"creator|founder|establisher",
	"doctor|physician",
	"editor|redactor",
	"educator|instructor|teacher|tutor",
	"employee|personnel|staff|staff member|worker",
	"enterpriser|entrepreneur|businessman|businessperson",
	"friend|companion|pal",
	"guest|visitor",
	"gymnast|gymnastic athlete",
	"individual|person|human",
	"investor|backer|financier",
	"attorney|lawyer",
	"learner|pupil|student",
	"lecturer|professor",
	"maker|manufacturer|producer",
	"aviator|flyer|pilot",
	"attendee|entrant|participant|participator",
	"player|participant",
	"owner|proprietor|possessor",
	"policeman|police officer|policewoman",
	"provider|seller|supplier|vendor",
	"lessee|renter|tenant",
	"scientist|researcher",
	"singer|vocalist",
	"spouse|partner",

	/* Organizations */
	"academy|school",
	"air carrier|airline",
	"airfield|airport",
	"alliance|association|club|society",
	"arena|stadium",
	"business|company|corporation|enterprise|firm",
	"cinema|theater|theatre|movie theater",
	"clinic|hospital",
	"college|university",
	"department|division",
	"diner|eatery|restaurant",
	"establishment|institute|institution",
	"factory|plant|works",
	"gallery|museum",
	"hotel|inn",
	"institution|organization|organisation",
	"outlet|shop|store",
	"crew|group|squad|team",
	"station|terminal|stop",
	"studio|workshop",

	/* Things */
	"airplane|aeroplane|aircraft|plane",
	"album|record",
	"apartment|flat",
	"apparatus|appliance|device|equipment|gadget",
	"article|essay|paper",
	"article|commodity|goods|item|merchandise|product",
	"auto|automobile|car|vehicle",
	"bathroom|washroom",
	"beverage|drink",
	"bicycle|bike",
	"boat|ship|vessel",
	"body builder|bodybuilder",
	"book|publication|volume",
	"building|edifice",
	"cellphone|mobile|phone|telephone",
	"chamber|room",
	"chapter|section",
	"class room|classroom|schoolroom",
	"clothes|clothing|garment",
	"component|part|piece",
	"content|text",
	"document|file",
	"drama|play",
	"dwelling|home|house",
	"engine|motor",
	"film|motion picture|movie",
	"flag|banner",
	"food|meal|dish",
	"hardware|equipment",
	"illness|disease|sickness",
	"image|photo|photograph|picture",
	"medication|medicine|drug",
	"message|note",
	"song|tune|track",
	"lorry|truck",
	"package|parcel",
	"seat|chair",
	"tool|instrument",
	"tweet|post",

	/* Places */
	"area|district|region|territory|zone",
	"avenue|road|street",
	"birth place|birthplace|place of birth",
	"birthplace|home town|hometown|native place",
	"capital|capital city",
	"city|town",
	"country|nation|nationality",
	"head office|headquarter|headquarters|main office",
	"isle|island",
	"address|location",
	"location|place|site|venue",
	"origin|source",
	"path|route|way",
	"point|spot",
	"river|stream",

	/* Schools and contests */
	"accident|incident|event",
	"award|prize",
	"challenge|competition|contest|match|tournament",
	"class|course|lesson",
	"course|curriculum",
	"exam|examination|test",
	"contest|race|competition",
	"game|match",
	"concert|performance|recital|show",
	"display|exhibit|exhibition",
	"grade|mark|score",
	"major|specialization|specialisation|field of study",
	"marriage|wedding",
	"outcome|result",
	"point|score",
	"subject|theme|topic",

	/* Money and amounts */
	"amount|quantity",
	"amount|sum|total",
	"average|avg|mean",
	"bill|invoice",
	"charge|cost|price",
	"charge|fee",
	"compensation|earnings|income|pay|payment|salary|wage",
	"credit|loan",
	"deal|transaction",
	"earnings|gain|profit",
	"earnings|income|proceeds|revenue",
	"fine|penalty",
	"gdp|gross domestic product",
	"order|purchase",
	"percent|percentage|proportion|share|rate",
	"quantity|quantity ordered",
	"saving|savings",
	"share|stock",
	"tax|duty|levy",

	/* Properties */
	"address line 1|first line of address|address line one",
	"area|size",
	"altitude|elevation",
	"attendance|attendee|number of attendee|audience",
	"attribute|characteristic|feature|property|trait",
	"birth date|birthday|birthdate|date of birth|dob|birth day|day of birth",
	"capacity|number of seat|seating|seating capacity|seat",
	"category|class|kind|sort|type",
	"category|genre|style",
	"cause|reason",
	"cell mobile phone number|cell phone|cell phone number|mobile phone|"
	"mobile phone number|cellphone number|mobile number",
	"citizenship|nationality",
	"color|colour",
	"comment|note|remark",
	"condition|status",
	"date|day",
	"density|population density",
	"description|explanation",
	"data|detail|info|information",
	"duration|length",
	"e mail|email|email address|mail address|e mail address",
	"end date|ending date|end day|finish date",
	"enrollment|enrolment|number of student",
	"fate|destiny",
	"first name|firstname|forename|given name|personal name",
	"family name|last name|lastname|surname",
	"formal|official",
	"gender|sex",
	"home page|homepage",
	"issue|problem|trouble",
	"job|occupation|profession|work",
	"job|position|post",
	"language|tongue",
	"mass|weight",
	"means|method|way",
	"model|type",
	"name|title",
	"opening|start",
	"opening year|open year|start year|starting year",
	"phone|phone number|tel|telephone|telephone number",
	"place|position|rank|ranking",
	"rating|score|grade",
	"religion|faith",
	"begin date|beginning date|start date|starting date|start day|begin day",
	"postal code|post code|postcode|zip|zip code|zip postcode|zip post code",
	"speed|velocity",
	"web page|webpage|web site|website",
};

/* One phrase of a group, for the life of the session. */
typedef struct Member
{
	List	   *words;			/* of char *: stems */
	int			group;
} Member;

/* What begins with a word. */
typedef struct Entry
{
	char		word[MAX_WORD_BYTES];	/* hash key; MUST BE FIRST */
	List	   *rows;
} Entry;

/* What a name has in place of what the question has. */
typedef struct Exchange
{
	List	   *have;			/* of char * */
	List	   *want;
} Exchange;

struct AllmThesaurus
{
	HTAB	   *exchanges;		/* Entry: rows of Exchange */
};

static HTAB *member_table = NULL;	/* Entry: rows of Member */
static List *group_members[lengthof(groups)];	/* of Member */

/* An empty table by first word. */
static HTAB *
make_table(MemoryContext context, long size)
{
	HASHCTL		control = {0};

	control.keysize = MAX_WORD_BYTES;
	control.entrysize = sizeof(Entry);
	control.hcxt = context;
	return hash_create("analytics_llm thesaurus", size, &control,
					   HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
}

/* The entry of a word, made when it is wanted; or NULL. */
static Entry *
find_entry(HTAB *table, const char *word, bool make)
{
	char		key[MAX_WORD_BYTES] = {0};
	Entry	   *entry;
	bool		found;

	if (strlen(word) >= MAX_WORD_BYTES)
		return NULL;
	strlcpy(key, word, MAX_WORD_BYTES);
	entry = hash_search(table, key, make ? HASH_ENTER : HASH_FIND, &found);
	if (entry != NULL && !found)
		entry->rows = NIL;
	return entry;
}

/* Takes the groups apart, once in a session. */
static void
make_members(void)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	HTAB	   *table = make_table(TopMemoryContext, 1024);

	for (int i = 0; i < lengthof(groups); i++)
	{
		char	   *rest = pstrdup(groups[i]);

		for (char *phrase = strtok_r(rest, "|", &rest); phrase != NULL;
			 phrase = strtok_r(NULL, "|", &rest))
		{
			Member	   *member = palloc0(sizeof(Member));
			Entry	   *entry;

			member->words = allm_lexicon_split(phrase);
			member->group = i;
			group_members[i] = lappend(group_members[i], member);
			entry = find_entry(table, linitial(member->words), true);
			if (entry != NULL)
				entry->rows = lappend(entry->rows, member);
		}
	}
	member_table = table;
	MemoryContextSwitchTo(caller);
}

/* Does the phrase stand in the question, from "at" on? */
static bool
is_said(const AllmToken *tokens, int ntokens, int at, const List *words)
{
	ListCell   *cell;

	if (at + list_length(words) > ntokens)
		return false;
	foreach(cell, words)
	{
		if (strcmp(tokens[at++].stem, lfirst(cell)) != 0)
			return false;
	}
	return true;
}

/* What the words of a question may stand for, in the current context. */
AllmThesaurus *
allm_thesaurus_make(const AllmToken *tokens, int ntokens)
{
	AllmThesaurus *thesaurus = palloc0(sizeof(AllmThesaurus));

	if (member_table == NULL)
		make_members();
	thesaurus->exchanges = make_table(CurrentMemoryContext, 64);
	for (int at = 0; at < ntokens; at++)
	{
		Entry	   *entry = find_entry(member_table, tokens[at].stem, false);
		ListCell   *cell;
		ListCell   *inner;

		foreach(cell, entry != NULL ? entry->rows : NIL)
		{
			Member	   *said = lfirst(cell);

			if (!is_said(tokens, ntokens, at, said->words))
				continue;
			foreach(inner, group_members[said->group])
			{
				Member	   *other = lfirst(inner);
				Exchange   *exchange;
				Entry	   *by_word;

				if (other == said)
					continue;
				by_word = find_entry(thesaurus->exchanges,
									 linitial(other->words), true);
				if (by_word == NULL)
					continue;
				exchange = palloc(sizeof(Exchange));
				exchange->have = other->words;
				exchange->want = said->words;
				by_word->rows = lappend(by_word->rows, exchange);
			}
		}
	}
	return thesaurus;
}

/* The words with which a name begins what the question says otherwise. */
List *
allm_thesaurus_words(const AllmThesaurus *thesaurus)
{
	HASH_SEQ_STATUS status;
	Entry	   *entry;
	List	   *words = NIL;

	hash_seq_init(&status, thesaurus->exchanges);
	while ((entry = hash_seq_search(&status)) != NULL)
		words = lappend(words, entry->word);
	return words;
}

/* Do the words stand there, from "at" on? */
static bool
stands_at(const List *words, int at, const List *phrase)
{
	ListCell   *cell;

	if (at + list_length(phrase) > list_length(words))
		return false;
	foreach(cell, phrase)
	{
		if (strcmp(list_nth(words, at++), lfirst(cell)) != 0)
			return false;
	}
	return true;
}

/* Other names for the same thing: a list of lists of stems. */
List *
allm_thesaurus_others(const AllmThesaurus *thesaurus, const List *words)
{
	List	   *result = NIL;

	for (int at = 0; at < list_length(words); at++)
	{
		Entry	   *entry = find_entry(thesaurus->exchanges,
									   list_nth(words, at), false);
		ListCell   *cell;

		foreach(cell, entry != NULL ? entry->rows : NIL)
		{
			Exchange   *exchange = lfirst(cell);
			List	   *other;

			if (!stands_at(words, at, exchange->have))
				continue;
			other = list_truncate(list_copy(words), at);
			other = list_concat(other, list_copy(exchange->want));
			other = list_concat(other,
								list_copy_tail(words,
											   at + list_length(exchange->have)));
			result = lappend(result, other);
		}
	}
	return result;
}
