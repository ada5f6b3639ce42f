/*
 * vocabulary.c
 *		The English of whole sentences: marks, adjectives, verbs, other names.
 *
 * Tables of rows and the searches in them.  The words are those of the
 * language: an entry that some schema uses as a name is there because it is
 * common English, which a lint holds.
 */
#include "postgres.h"

#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "base/text.h"
#include "semantic/vocabulary.h"

/* More than the longest phrase of the marks. */
#define MAX_MARK_BYTES	64

/* A mark, and the phrases that it is, "|" between; articles are left out. */
typedef struct MarkPhrases
{
	AllmMark	mark;
	int			argument;
	const char *phrases;
} MarkPhrases;

static const MarkPhrases marks[] =
{
	{ALLM_MARK_AND, 0,
		"&|,|, along with|, and|, as well as|, their|along with|and|"
		"and also|and corresponding|and each|and its|and their|"
	"as well as|in addition to|plus|together with"},
	{ALLM_MARK_OR, 0,
	",|, and|, or|and|either|nor|or"},
	{ALLM_MARK_EACH, 0,
		", for each|about each|about every|across all|across different|across each|"
		"along with each|associated with each|at each|at every|"
		"broken down by|by|by each|by every|corresponding to each|"
		"did each|do each|does each|each|every|for all|for different|"
		"for each|for each different|for each distinct|for each of|"
		"for each possible|for each unique|for every|for various|"
		"from different|from each|from every|group by|grouped by|"
		"has each|in all different|in different|in each|in each of|"
		"in every|of all different|of different|of each|"
		"of each different|of every|on each|on every|per|per each|"
	"to each|to every|with each|within each"},
	{ALLM_MARK_ALPHA, 0,
		", in alphabetical order|alphabetical|alphabetical order|"
		"alphabetical order of|alphabetically|in alphabetic order|"
		"in alphabetical ascending order|in alphabetical order|"
		"in alphabetical order by|in alphabetical order of|"
		"in ascending alphabetical order|in ascending lexical order|"
		"in lexicographic order|in lexicographical order|"
	"lexicographically"},
	{ALLM_MARK_ASC, 0,
		", in ascending order|, in ascending order of|ascending|"
		"ascendingly|"
		"ascending order|ascending order of|"
		"from cheapest to most expensive|from earliest to latest|"
		"from early to late|from first to last|from least|"
		"from least to greatest|from least to largest|"
		"from least to most|from low|from low to high|from lowest|"
		"from lowest to highest|from oldest|from short to long|"
		"from shortest to longest|from small to large|from smallest|"
		"from smallest to largest|from youngest to oldest|in ascending|"
		"in ascending order|in ascending order by|"
		"in ascending order of|in increasing order|"
		"in increasing order of|in order|increasing|low to high|"
	"lowest to highest"},
	{ALLM_MARK_DESC, 0,
		", in descending order|, in descending order of|decreasing|"
		"descending|descendingly|descending order|descending order of|"
		"from big to small|from biggest to smallest|from greatest|"
		"from greatest to least|from greatest to smallest|"
		"from high to low|from highest|from highest to lowest|"
		"from large to small|from largest|from largest to smallest|"
		"from late to early|from latest to earliest|from long to short|"
		"from longest to shortest|from most expensive to cheapest|"
		"from most to least|from newest to oldest|from old to young|"
		"from oldest|from oldest to youngest|high to low|"
		"highest to lowest|in decreasing order|in decreasing order of|"
		"in descending|in descending alphabetical order|"
		"in descending order|in descending order by|"
		"in descending order of|in reverse alphabetical order|"
	"in reverse order|in reverse order of|in reversed order"},
	{ALLM_MARK_ORDER, 0,
		", and list them in|, and show results in|"
		", and show results in order of|, and sort|"
		", and sort by|, and sort result by|, and sort results by|"
		", and sort them|, and sort them by|, sort|, sort them|"
		". list them in|. order result by|. order results by|"
		". order them by|. sort|. sort list by|. sort result|"
		". sort result by|. sort results|. sort results by|. sort them|"
		". sort them by|? sort|? sort result by|? sort results by|"
		"? sort them by|and list them in|and show results in|"
		"and show results in order of|and sort|"
		"and sort list|and sort list by|and sort result|"
		"and sort results|and sort them|"
		", in order of|, listed in|, ordered by|, ordered in|, sort by|"
		", sorted by|, sorted in|and order by|and order them by|"
		"and sort by|and sort result by|and sort results by|"
		"and sort them by|arranged by|arranged in|in order by|"
		"in order of|listed|listed by|listed in|listed in order of|"
		"order by|order records by|order result by|order results by|"
		"order them by|ordered|ordered according to|ordered based on|"
		"ordered by|ordered from|ordered in|ranked by|sort by|"
		"sort list by|sort result by|sort results by|sort them by|"
		"sorted|sorted according to|sorted based on|sorted by|"
	"sorted from|sorted in|sorted in order of|starting from"},
	{ALLM_MARK_ORWORD, 0,
	", or|nor|or"},
	{ALLM_MARK_REL, 0,
		", that|, where|, which|, who|and that|and which|and who|that|"
	"when|where|which|who|whom"},
	{ALLM_MARK_WHOSE, 0,
		", whose|and whose|for which|for whom|in which|of which|where|"
	"where his|where its|where their|whose|with which|with whose"},
	{ALLM_MARK_HAVE, 0,
		", with|and has|and have|and with|contain|containing|contains|"
		"did have|do have|had|has|have|have got|having|include|"
		"includes|including|own|owning|owns|possess|possesses|"
		"possessing|that contain|that had|that has|that have|"
		"that include|which had|which has|which have|who had|who has|"
		"who have|with|has had|have had|that has had|that have had|"
		"which has had|which have had|who has had|who have had|"
	"which contain|which contains|that contains"},
	{ALLM_MARK_CMP, ALLM_COMPARE_LT,
		"<|before|below|cost less than|costs less than|earlier than|"
	"fewer than|less than|lower than|prior to|smaller than|under"},
	{ALLM_MARK_CMP, ALLM_COMPARE_LE,
		"< =|at most|less than or equal to|maximum of|no more than|"
	"not more than|of at most|up to"},
	{ALLM_MARK_CMP, ALLM_COMPARE_EQ,
	"=|equal|equal to|equals|exactly|is exactly|only"},
	{ALLM_MARK_CMP, ALLM_COMPARE_GT,
		">|above|after|beyond|bigger than|cost more than|"
		"costs more than|exceed|exceeding|exceeds|greater than|"
		"higher than|in excess of|larger than|later than|more than|"
	"over"},
	{ALLM_MARK_CMP, ALLM_COMPARE_GE,
		"> =|at least|greater than or equal to|minimum of|"
		"more than or equal to|no fewer than|no less than|"
	"not less than|of at least"},
	{ALLM_MARK_OF, 0,
		"about|across|among|amongst|at|belonging to|corresponding to|for|"
	"from|in|in terms of|of|on|regarding|within"},
	{ALLM_MARK_PREP, 0,
		"about|across|against|along|among|amongst|around|as|at|by|"
		"during|for|from|in|inside|into|near|of|on|over|through|"
	"throughout|to|towards|under|using|via|with|within"},
	{ALLM_MARK_BY, 0,
	"according to|based on|by|in terms of"},
	{ALLM_MARK_ALL, 0,
		"all|all of|any|available|complete list of|entire|"
		"entire list of|every|existing|full list of|list of|listed|"
	"overall|records of|set of|such|these|those"},
	{ALLM_MARK_ANYALL, 0,
		"all attributes|all available information|all columns|all data|"
		"all details|all fields|all info|all information|"
		"complete information|data|detail|detailed information|details|"
		"everything|full details|full information|info|information|"
	"records"},
	{ALLM_MARK_DISTINCT, 0,
		"all different|all distinct|all unique|different|differing|"
	"distinct|unique|various"},
	{ALLM_MARK_AUX, 0,
		"also|are|be|been|being|can|could|did|do|does|ever|"
		"get|gets|got|had|had been|has|has been|has ever|have|"
		"have been|have ever|having been|is|may|must|should|was|were|"
	"will|would"},
	{ALLM_MARK_FRAME, 0,
		"also|and also|calculate|can you|can you tell me|compute|"
		"could you|could you tell me|could you tell me what is|"
		"display|enumerate|fetch|find|find me|find out|get|"
		"get me|give|give me|give me list of|give us|i want to know|"
		"i want to see|i would like to know|identify|is|let me know|"
		"list|list down|list of|list out|name|output|please|"
		"please find|please give me|please list|please return|"
		"please show|please tell me|present|print|provide|provide me|"
		"provide me with|pull|report|retrieve|return|return me|see|"
		"select|show|show me|show us|sort|state|tell me|tell us|what|"
		"what are|what can you tell me about|what is|what was|what were|"
		"what's|whats|which|"
	"which are|which is|who|who are|who is|who was|who were"},
	{ALLM_MARK_THERE, 0,
		"altogether|are available|are in database|are in our database|"
		"are in records|are in total|are listed|are on record|"
		"are recorded|are registered|are shown|are stored|"
		"are there|are there altogether|are there in total|"
		"are there on record|are there overall|available|"
		"do i have|do we have|"
		"do you have|does database have|exist|exists|found|"
		"have been recorded|have there been|have we got|in all|in database|"
		"in our database|in record|in records|in system|in table|"
		"in total|is there|listed|on record|overall|"
		"recorded|stored|that are there|that exist|"
		"that we have|there|there are|there have been|there is|"
	"total|we have"},
	{ALLM_MARK_COUNT, 0,
		"count|count number of|count of|count total number of|"
		"counts of|find how many|find number of|find out how many|"
		"how many|number of|number of total|numbers of|total count of|"
	"total number of|what is number of|what number of"},
	{ALLM_MARK_ELSE, 0,
	"another|other"},
	{ALLM_MARK_SOME, 0,
	"any|any of|at least one|one or more|some"},
	{ALLM_MARK_POSS, 0,
	"associated|corresponding|her|his|its|respective|their"},
	{ALLM_MARK_AGG, ALLM_FUNCTION_AVG,
	"average|average of|averages of|avg|mean|mean of"},
	{ALLM_MARK_AVERAGE, 0,
	"average|average value|mean|overall average|that of average"},
	{ALLM_MARK_STARTTEXT, 0,
		"begin with|begin with letter|beginning with|"
		"beginning with letter|begins with|begins with letter|"
		"prefixed by|prefixed with|start with|start with letter|"
		"starting with|starting with letter|starting with prefix|"
		"starts with|starts with letter|starts with prefix|"
		"that begin with|that begins with|that start with|"
	"that starts with"},
	{ALLM_MARK_BETWEEN, 0,
		"between|from|in between|in range from|in range of|is between|"
	"range from|ranges from|ranging from"},
	{ALLM_MARK_BEST, 1,
	"biggest|greatest|highest|largest|max|maximum|most|top"},
	{ALLM_MARK_MOST, 1,
		"biggest number of|greatest amount of|greatest number of|"
		"highest number of|largest amount of|largest number of|"
	"maximum number of|most|most number of"},
	{ALLM_MARK_BOTH, 0,
	"both"},
	{ALLM_MARK_BEST, 0,
	"bottom|fewest|least|lowest|min|minimum|smallest|sparsest"},
	{ALLM_MARK_NAMED, 0,
		"by name of|called|entitled|is called|is named|known as|named|"
		"titled|under name|whose name is|with name|with name of|"
	"with names"},
	{ALLM_MARK_NOT, 0,
		"aren't|cannot|didn't|doesn't|don't|hasn't|haven't|isn't|n't|never|"
	"never been|not|not been|wasn't|weren't"},
	{ALLM_MARK_AGG, ALLM_FUNCTION_SUM,
		"combined|overall|sum|sum of|summed|total|total of|"
	"total sum of"},
	{ALLM_MARK_SUM, ALLM_FUNCTION_SUM,
		"combined|cumulative|overall|sum|sum of|summed|total|"
	"total amount of|total of|total sum of"},
	{ALLM_MARK_COMMON, 1,
		"commonest|most common|most commonly occurring|"
		"most commonly used|most frequent|most frequently|"
		"most frequently occurring|most frequently used|"
	"most often|most often used|most popular|most prevalent|most used"},
	{ALLM_MARK_ANYNAME, 0,
	"complete name|full name|full names|name|names"},
	{ALLM_MARK_CONTAINTEXT, 0,
		"contain|contain letter|contain phrase|contain string|"
		"contain substring|contain word|containing|containing letter|"
		"containing phrase|containing string|containing substring|"
		"containing text|containing word|contains|contains letter|"
		"contains phrase|contains string|contains substring|"
		"contains word|has letter|has substring|has word|have letter|"
		"have letters|have substring|have word|include|include string|"
		"include word|includes|includes string|includes word|including|"
		"including word|that contain|that contains|that include word|"
		"which contain|which contains|with letter|with string|"
	"with substring|with text|with word"},
	{ALLM_MARK_NOTHAVE, 0,
		"did not have|did not have any|didn't have|do not contain|"
		"do not contain any|do not have|do not have any|do not own|"
		"do not own any|does not contain|does not contain any|"
		"does not have|does not have any|does not own|does not own any|"
		"doesn't have|doesn't have any|don't have|don't have any|"
		"had no|has had no|has never had|has no|has zero|have had no|"
		"have never|that have had no|which have had no|who have had no|"
		"have never had|have no|have not any|have not had any|"
		"have zero|having no|lack|lacking|lacks|not have|not have any|"
		"not having|not having any|not with|that lack|which lack|"
	"with no|without|without any|without single"},
	{ALLM_MARK_EITHER, 0,
	"either"},
	{ALLM_MARK_ENDTEXT, 0,
		"end in|end with|end with letter|ending in|ending in letter|"
		"ending with|ending with letter|ends in|ends with|"
	"ends with letter|that end with|that ends with"},
	{ALLM_MARK_MOST, 0,
		"fewest|fewest number of|least|least number of|"
	"lowest number of|minimum number of|smallest number of"},
	{ALLM_MARK_WHICH, 0,
	"how many|what|which"},
	{ALLM_MARK_ANYID, 0,
		"id|id number|id numbers|identification number|"
	"identification numbers|identifier|identifiers|ids|ids of"},
	{ALLM_MARK_YEAR, 0,
	"in year|in year of|in years|of year|year|year of|years"},
	{ALLM_MARK_AGG, ALLM_FUNCTION_MAX,
	"largest value of|max|maximal|maximum|maximum of"},
	{ALLM_MARK_COMMON, 0,
		"least common|least commonly used|least frequent|"
		"least frequently|least frequently used|least often|"
		"least often used|"
	"least popular|least used|rarest"},
	{ALLM_MARK_AGG, ALLM_FUNCTION_MIN,
	"min|minimal|minimum|minimum of"},
	{ALLM_MARK_NO, 0,
	"no|not any|zero"},
	{ALLM_MARK_THAN, 0,
	"than"},
	{ALLM_MARK_TIMES, 0,
	"time|times"},
	{ALLM_MARK_INVERSE, 0,
	"to"},
	{ALLM_MARK_BUT, 0,
	", but|, but also|, yet|but|but also|yet"},
	{ALLM_MARK_EXCEPT, 0,
		", apart from|, except|, except for|, excluding|, other than|"
		"apart from|aside from|except|except for|excluding|leaving out|"
	"other than|with exception of"},
};

/* In the order in which they are tried. */
static const AllmAdjective adjectives[] =
{
	{"big", "bigger", "biggest", true, false,
	"area size population capacity length"},
	{"large", "larger", "largest", true, false,
	"area size population capacity length"},
	{"small", "smaller", "smallest", false, false,
	"area size population capacity length"},
	{"long", "longer", "longest", true, false,
	"length duration distance"},
	{"lengthy", "lengthier", "lengthiest", true, false,
	"length duration"},
	{"short", "shorter", "shortest", false, false,
	"length height duration distance"},
	{"tall", "taller", "tallest", true, false,
	"height altitude"},
	{"high", "higher", "highest", true, false,
	"elevation altitude height"},
	{"low", "lower", "lowest", false, false,
	"elevation altitude height"},
	{"deep", "deeper", "deepest", true, false,
	"depth"},
	{"shallow", "shallower", "shallowest", false, false,
	"depth"},
	{"heavy", "heavier", "heaviest", true, false,
	"weight"},
	{"light", "lighter", "lightest", false, false,
	"weight"},
	{"wide", "wider", "widest", true, false,
	"width"},
	{"fast", "faster", "fastest", true, false,
	"speed"},
	{"slow", "slower", "slowest", false, false,
	"speed"},
	{"old", "older", "oldest", true, false,
	"age"},
	{"young", "younger", "youngest", false, false,
	"age"},
	{"old", "older", "oldest", false, true,
	"birth birthday birthdate dob founded formed built opened"},
	{"young", "younger", "youngest", true, true,
	"birth birthday birthdate dob founded formed"},
	{"recent", "more recent", "most recent", true, true,
	"date year time"},
	{"recent", "later", "latest", true, true,
	"date year time"},
	{"recently", "more recently", "most recently", true, true,
	"date year time"},
	{"new", "newer", "newest", true, true,
	"date year time"},
	{"early", "earlier", "earliest", false, true,
	"date year time"},
	{"expensive", "more expensive", "most expensive", true, false,
	"price cost"},
	{"costly", "costlier", "costliest", true, false,
	"price cost"},
	{"expensive", "less expensive", "least expensive", false, false,
	"price cost"},
	{"cheap", "cheaper", "cheapest", false, false,
	"price cost"},
	{"populous", "more populous", "most populous", true, false,
	"population"},
	{"populated", "more populated", "most populated", true, false,
	"population"},
	{"populous", "less populous", "least populous", false, false,
	"population"},
	{"populated", "less populated", "least populated", false, false,
	"population"},
	{"dense", "denser", "densest", true, false,
	"density"},
	{"dense", "more dense", "most dense", true, false,
	"density"},
	{"densely", "less dense", "least dense", false, false,
	"density"},
	{"spacious", "more spacious", "most spacious", true, false,
	"area size"},
	{"rich", "richer", "richest", true, false,
	"wealth income gdp"},
	{"poor", "poorer", "poorest", false, false,
	"wealth income gdp"},
};

/*
 * Verbs that say no more than that two things belong together.  Sorted.  A
 * verb that is not here, and no name either, is not understood.
 */
static const char *const verbs[] = {
	"accept", "achieve", "act", "adopt", "advise", "affect",
	"aim", "appear", "apply", "appoint", "appraise", "approve",
	"arrange", "arrive", "assess", "assign", "associate", "attack",
	"attain", "attend", "audit", "author", "award", "be",
	"bear", "become", "begin", "belong", "board", "book",
	"border", "borrow", "bring", "build", "buy", "carry",
	"cast", "categorize", "cause", "celebrate", "change", "charge",
	"check", "claim", "class", "classify", "close", "coach",
	"code", "collect", "come", "command", "commit", "compete",
	"complain", "complete", "compose", "conclude", "conduct", "connect",
	"consist", "contract", "contribute", "control", "cook", "correspond",
	"cover", "create", "cross", "cultivate", "cut", "deal",
	"debate", "defeat", "define", "deliver", "depart", "deploy",
	"deposit", "describe", "design", "detain", "develop", "die",
	"direct", "discover", "display", "distribute", "document", "drain",
	"drive", "earn", "edit", "elect", "eliminate", "employ",
	"enroll", "enter", "establish", "evaluate", "exhibit", "exist",
	"expose", "face", "fail", "feature", "feed", "fight",
	"file", "fill", "finish", "fix", "flow", "fly",
	"follow", "form", "fund", "gain", "give", "go",
	"graduate", "grow", "handle", "happen", "head", "hire",
	"hit", "hold", "host", "house", "impact", "implement",
	"import", "include", "influence", "inhabit", "injure", "inspect",
	"install", "introduce", "invent", "invest", "invite", "involve",
	"issue", "join", "judge", "keep", "kill", "lay",
	"lead", "learn", "leave", "lend", "license", "lie",
	"live", "locate", "lose", "maintain", "make", "manage",
	"manufacture", "market", "marry", "match", "measure", "meet",
	"mention", "miss", "move", "nominate", "note", "obtain",
	"occur", "offer", "open", "operate", "order", "organize",
	"originate", "own", "paint", "park", "participate", "pass",
	"pay", "perform", "pertain", "place", "plan", "plant",
	"play", "populate", "pose", "post", "prefer", "prepare",
	"present", "produce", "program", "promote", "propose", "provide",
	"publish", "purchase", "put", "quit", "raise", "rate",
	"reach", "read", "rear", "receive", "record", "refer",
	"register", "relate", "release", "rent", "repair", "report",
	"represent", "request", "require", "research", "reserve", "reside",
	"result", "return", "review", "ride", "run", "sail",
	"scan", "schedule", "score", "see", "sell", "send",
	"serve", "ship", "sign", "sing", "situate", "speak",
	"specialize", "sponsor", "stand", "star", "start", "stay",
	"steer", "stock", "store", "stretch", "study", "submit",
	"suffer", "supervise", "supply", "support", "surround", "swim",
	"take", "talk", "teach", "tend", "test", "track",
	"train", "transfer", "travel", "traverse", "treat", "try",
	"tutor", "tweet", "undergo", "use", "vary", "visit",
	"volunteer", "vote", "want", "watch", "wear", "weigh",
	"win", "wish", "withdraw", "work", "write",
};

/* Forms of verbs that no rule makes. */
static const struct
{
	const char *form;
	const char *verb;
}			irregular_verbs[] =

{
	{"adjacent", "border"},
	{"adjoin", "border"},
	{"adjoining", "border"},
	{"became", "become"},
	{"began", "begin"},
	{"begun", "begin"},
	{"bore", "bear"},
	{"born", "bear"},
	{"bought", "buy"},
	{"brought", "bring"},
	{"built", "build"},
	{"came", "come"},
	{"chose", "choose"},
	{"chosen", "choose"},
	{"drawn", "draw"},
	{"drew", "draw"},
	{"driven", "drive"},
	{"drove", "drive"},
	{"dying", "die"},
	{"fed", "feed"},
	{"flew", "fly"},
	{"flown", "fly"},
	{"fought", "fight"},
	{"found", "locate"},
	{"gave", "give"},
	{"given", "give"},
	{"gone", "go"},
	{"grew", "grow"},
	{"grown", "grow"},
	{"held", "hold"},
	{"kept", "keep"},
	{"knew", "know"},
	{"known", "know"},
	{"laid", "lay"},
	{"lain", "lie"},
	{"led", "lead"},
	{"left", "leave"},
	{"lent", "lend"},
	{"lost", "lose"},
	{"lying", "lie"},
	{"made", "make"},
	{"met", "meet"},
	{"neighbor", "border"},
	{"neighboring", "border"},
	{"neighbors", "border"},
	{"next", "border"},
	{"paid", "pay"},
	{"put", "put"},
	{"ran", "run"},
	{"ridden", "ride"},
	{"rode", "ride"},
	{"sang", "sing"},
	{"saw", "see"},
	{"seen", "see"},
	{"sent", "send"},
	{"sold", "sell"},
	{"spent", "spend"},
	{"spoke", "speak"},
	{"spoken", "speak"},
	{"stood", "stand"},
	{"sung", "sing"},
	{"surround", "border"},
	{"surrounded", "border"},
	{"surrounding", "border"},
	{"surrounds", "border"},
	{"swam", "swim"},
	{"swum", "swim"},
	{"taken", "take"},
	{"taught", "teach"},
	{"took", "take"},
	{"undergone", "undergo"},
	{"underwent", "undergo"},
	{"went", "go"},
	{"won", "win"},
	{"wore", "wear"},
	{"worn", "wear"},
	{"written", "write"},
	{"wrote", "write"},
};

/* Words that are said of the same thing, one against the other. */
static const char *const opposites[][2] = {
	{"arrival", "departure"},
	{"begin", "end"},
	{"beginning", "ending"},
	{"billing", "shipping"},
	{"birth", "death"},
	{"check", "saving"},
	{"checking", "savings"},
	{"first", "family"},
	{"first", "last"},
	{"first", "middle"},
	{"forward", "backward"},
	{"given", "family"},
	{"given", "last"},
	{"home", "away"},
	{"input", "output"},
	{"inner", "outer"},
	{"left", "right"},
	{"middle", "last"},
	{"open", "close"},
	{"opening", "closing"},
	{"personal", "family"},
	{"source", "destination"},
	{"source", "target"},
	{"start", "end"},
	{"starting", "ending"},
	{"upper", "lower"},
	{"winner", "loser"},
	{"winning", "losing"},
};

/* Countries that have several names; NULL ends a group. */
static const char *const countries[] = {
	"us", "usa", "u.s.", "u.s.a.", "united states",
	"united states of america", "america", NULL,
	"uk", "u.k.", "united kingdom", "great britain", "britain", NULL,
};

/* Words for a thing in what it is to another one. */
static const struct
{
	const char *word;
	const char *kind;			/* blanks between */
}			kinds[] =

{
	{"birthplace", "city town"},
	{"capital", "city town"},
	{"hometown", "city town"},
};

/* How a gender is written in one letter. */
static const char *const genders[][2] = {
	{"female", "f"},
	{"females", "f"},
	{"male", "m"},
	{"males", "m"},
};

/* Short forms in the names of a schema. */
static const struct
{
	const char *form;
	const char *words;
}			short_forms[] =

{
	{"acc", "account"},
	{"acct", "account"},
	{"addr", "address"},
	{"amt", "amount"},
	{"apt", "apartment"},
	{"attr", "attribute"},
	{"auth", "author"},
	{"avg", "average"},
	{"bldg", "building"},
	{"cat", "category"},
	{"ccy", "currency"},
	{"curr", "currency"},
	{"cust", "customer"},
	{"dep", "department"},
	{"dept", "department"},
	{"desc", "description"},
	{"descr", "description"},
	{"dob", "date of birth"},
	{"dt", "date"},
	{"emp", "employee"},
	{"fac", "faculty"},
	{"fname", "first name"},
	{"gov", "government"},
	{"govt", "government"},
	{"gpa", "grade point average"},
	{"hrs", "hours"},
	{"ht", "height"},
	{"img", "image"},
	{"inst", "institution"},
	{"inv", "invoice"},
	{"lang", "language"},
	{"lat", "latitude"},
	{"lname", "last name"},
	{"lng", "longitude"},
	{"loc", "location"},
	{"lon", "longitude"},
	{"max", "maximum"},
	{"mfr", "manufacturer"},
	{"mgr", "manager"},
	{"min", "minimum"},
	{"mname", "middle name"},
	{"mos", "months"},
	{"msg", "message"},
	{"nbr", "number"},
	{"no", "number"},
	{"nr", "number"},
	{"num", "number"},
	{"org", "organization"},
	{"pct", "percent"},
	{"pid", "person id"},
	{"pos", "position"},
	{"prod", "product"},
	{"prof", "professor"},
	{"pub", "publication"},
	{"qty", "quantity"},
	{"ref", "reference"},
	{"sec", "seconds"},
	{"ssn", "social security number"},
	{"std", "standard"},
	{"stu", "student"},
	{"tel", "telephone"},
	{"temp", "temperature"},
	{"uid", "user id"},
	{"univ", "university"},
	{"uom", "unit of measure"},
	{"vol", "volume"},
	{"wt", "weight"},
	{"yr", "year"},
};

/* Ends of names that say nothing more: "status_code". */
static const char *const suffixes[] = {
	"code", "detail", "flag", "indicator", "text", "value", "yn"
};

/* Units at the end of a name: "height_cm". */
static const char *const units[] = {
	"2", "billion", "celsius", "cm", "dollar", "eur", "feet", "foot", "gb", "hour", "inch", "kb", "kg", "kilogram", "kilometer", "km", "km2", "kmh", "lb", "m", "mb", "meter", "mib", "mile", "million", "millisecond", "minute", "mm", "mph", "ms", "mw", "pct", "percent", "pound", "second", "sqft", "sqm", "thousand", "usd"
};

/* Words that say "many" in the singular.  Sorted. */
static const char *const masses[] = {
	"data", "equipment", "fleet", "furniture", "inventory", "merchandise",
	"news", "personnel", "staff", "stock", "traffic", "workforce"
};

/* Words that often end a name without a mark between: "clubname". */
static const char *const heads[] = {
	"address", "age", "city", "code", "count", "country", "date", "day", "desc", "email", "id", "key", "location", "major", "name", "no", "num", "number", "phone", "price", "state", "status", "time", "title", "type", "year"
};

static char *find_verb(const char *word, int drop, const char *ending);

/* What the lists of single words say of one. */
#define WORD_VERB	0x01
#define WORD_SUFFIX	0x02
#define WORD_UNIT	0x04
#define WORD_HEAD	0x08

/* The longest of them are forms of adjectives. */
#define MAX_WORD_BYTES	32

/* What one word is, in a table that a session makes at its first use. */
typedef struct WordEntry
{
	char		text[MAX_WORD_BYTES];	/* hash key; MUST BE FIRST */
	int			lists;			/* bits as above */
	const char *verb;			/* that it is a form of, by no rule */
	const char *words;			/* that it is short for */
	const AllmAdjective *adjectives[ALLM_DEGREE_MOST + 1][2];	/* by degree, dates */
} WordEntry;

static HTAB *word_table = NULL;

/* The marks of one phrase, in a table that a session makes at its first use. */
typedef struct MarkEntry
{
	char		text[MAX_MARK_BYTES];	/* hash key; MUST BE FIRST */
	List	   *rows;			/* of AllmMarkRow */
} MarkEntry;

static HTAB *mark_table = NULL;

/* Adds a phrase to the table. */
static void
add_mark(HTAB *table, const char *text, int length, const MarkPhrases *row)
{
	char		key[MAX_MARK_BYTES] = {0};
	MarkEntry  *entry;
	AllmMarkRow *copy = palloc(sizeof(AllmMarkRow));
	bool		found;

	Assert(length < MAX_MARK_BYTES);
	memcpy(key, text, length);
	entry = hash_search(table, key, HASH_ENTER, &found);
	if (!found)
		entry->rows = NIL;
	copy->mark = row->mark;
	copy->argument = row->argument;
	entry->rows = lappend(entry->rows, copy);
}

/* Makes the table of all marks, for the life of the session. */
static void
make_mark_table(void)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	HASHCTL		control = {0};
	HTAB	   *table;

	control.keysize = MAX_MARK_BYTES;
	control.entrysize = sizeof(MarkEntry);
	control.hcxt = TopMemoryContext;
	table = hash_create("analytics_llm marks", 1024, &control,
						HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	for (int i = 0; i < lengthof(marks); i++)
	{
		const char *text = marks[i].phrases;

		while (*text != '\0')
		{
			int			length = strcspn(text, "|");

			add_mark(table, text, length, &marks[i]);
			text += length + (text[length] == '|');
		}
	}
	mark_table = table;
	MemoryContextSwitchTo(caller);
}

/* What a phrase may mark: a list of AllmMarkRow. */
List *
allm_vocabulary_marks(const char *text)
{
	MarkEntry  *entry;

	if (mark_table == NULL)
		make_mark_table();
	if (strlen(text) >= MAX_MARK_BYTES)
		return NIL;
	entry = hash_search(mark_table, text, HASH_FIND, NULL);
	return entry != NULL ? entry->rows : NIL;
}

/* Can the phrase be such a mark? */
bool
allm_vocabulary_has_mark(const char *text, AllmMark mark)
{
	ListCell   *cell;

	foreach(cell, allm_vocabulary_marks(text))
	{
		if (((AllmMarkRow *) lfirst(cell))->mark == mark)
			return true;
	}
	return false;
}

/* The entry of a word, made if there is none. */
static WordEntry *
enter_word(HTAB *table, const char *word)
{
	WordEntry  *entry;
	bool		found;

	Assert(strlen(word) < MAX_WORD_BYTES);
	entry = hash_search(table, word, HASH_ENTER, &found);
	if (!found)
		memset(entry->text + MAX_WORD_BYTES, 0,
			   sizeof(WordEntry) - MAX_WORD_BYTES);
	return entry;
}

/* Enters the words of a list. */
static void
enter_list(HTAB *table, const char *const *words, int count, int list)
{
	for (int i = 0; i < count; i++)
		enter_word(table, words[i])->lists |= list;
}

/* Enters the forms of an adjective; of two with one form, the first counts. */
static void
enter_adjective(HTAB *table, const AllmAdjective *adjective)
{
	const char *const forms[] = {
		[ALLM_DEGREE_PLAIN] = adjective->plain,
		[ALLM_DEGREE_MORE] = adjective->more,
		[ALLM_DEGREE_MOST] = adjective->most
	};

	for (int degree = 0; degree < lengthof(forms); degree++)
	{
		const AllmAdjective **place =
		&enter_word(table, forms[degree])->adjectives[degree][adjective->dates];

		if (*place == NULL)
			*place = adjective;
	}
}

/* Makes the table of all single words, for the life of the session. */
static void
make_word_table(void)
{
	HASHCTL		control = {0};
	HTAB	   *table;

	control.keysize = MAX_WORD_BYTES;
	control.entrysize = sizeof(WordEntry);
	control.hcxt = TopMemoryContext;
	table = hash_create("analytics_llm vocabulary", 1024, &control,
						HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	enter_list(table, verbs, lengthof(verbs), WORD_VERB);
	enter_list(table, suffixes, lengthof(suffixes), WORD_SUFFIX);
	enter_list(table, units, lengthof(units), WORD_UNIT);
	enter_list(table, heads, lengthof(heads), WORD_HEAD);
	for (int i = 0; i < lengthof(irregular_verbs); i++)
		enter_word(table, irregular_verbs[i].form)->verb =
			irregular_verbs[i].verb;
	for (int i = 0; i < lengthof(short_forms); i++)
		enter_word(table, short_forms[i].form)->words = short_forms[i].words;
	for (int i = 0; i < lengthof(adjectives); i++)
		enter_adjective(table, &adjectives[i]);
	word_table = table;
}

/* What is known of a word, or NULL. */
static const WordEntry *
find_word(const char *word)
{
	if (word_table == NULL)
		make_word_table();
	if (strlen(word) >= MAX_WORD_BYTES)
		return NULL;
	return hash_search(word_table, word, HASH_FIND, NULL);
}

/* Is the word in a list? */
static bool
is_listed(const char *word, int list)
{
	const WordEntry *entry = find_word(word);

	return entry != NULL && (entry->lists & list) != 0;
}

/* The adjective that this is a form of, or NULL. */
const AllmAdjective *
allm_vocabulary_adjective(const char *word, AllmDegree degree, bool dates)
{
	const WordEntry *entry = find_word(word);

	return entry != NULL ? entry->adjectives[degree][dates] : NULL;
}

/* Is it one of the words of a phrase, which blanks are between? */
static bool
is_word_of(const char *phrase, const char *word)
{
	size_t		bytes = strlen(word);

	for (const char *at = phrase; *at != '\0'; at += at[0] == ' ')
	{
		size_t		length = strcspn(at, " ");

		if (length == bytes && strncmp(at, word, length) == 0)
			return true;
		at += length;
	}
	return false;
}

/* Is there an adjective that is about what either noun says? */
bool
allm_vocabulary_are_alike(const char *noun, const char *other)
{
	for (int i = 0; i < lengthof(adjectives); i++)
	{
		if (is_word_of(adjectives[i].names, noun) &&
			is_word_of(adjectives[i].names, other))
			return true;
	}
	return false;
}

/* The verb that this is a form of, or NULL when it is none of ours. */
char *
allm_vocabulary_verb(const char *word)
{
	static const char *const endings[] = {"", "s", "es", "ed", "ing", "d"};
	const WordEntry *entry = find_word(word);
	int			len = strlen(word);
	char	   *verb;

	if (entry != NULL && entry->verb != NULL)
		return pstrdup(entry->verb);
	for (int i = 0; i < lengthof(endings); i++)
	{
		int			drop = strlen(endings[i]);

		if (len <= drop + 1 || strcmp(word + len - drop, endings[i]) != 0)
			continue;
		verb = find_verb(word, drop, "");
		if (verb == NULL && drop > 1)
			verb = find_verb(word, drop, "e");
		if (verb == NULL && drop > 1 && word[len - drop - 1] == 'i')
			verb = find_verb(word, drop + 1, "y");
		/* "planned", "planning" */
		if (verb == NULL && drop > 1 && len > drop + 2 &&
			word[len - drop - 1] == word[len - drop - 2])
			verb = find_verb(word, drop + 1, "");
		if (verb != NULL)
			return verb;
	}
	return NULL;
}

/* The verb that is left when an ending is replaced, or NULL. */
static char *
find_verb(const char *word, int drop, const char *ending)
{
	char		verb[MAX_WORD_BYTES];
	int			len = strlen(word) - drop;

	if (len + strlen(ending) >= MAX_WORD_BYTES)
		return NULL;
	memcpy(verb, word, len);
	strcpy(verb + len, ending);
	return is_listed(verb, WORD_VERB) ? pstrdup(verb) : NULL;
}

/* Are the words opposite to each other? */
bool
allm_vocabulary_are_opposite(const char *first, const char *second)
{
	for (int i = 0; i < lengthof(opposites); i++)
	{
		if ((strcmp(opposites[i][0], first) == 0 &&
			 strcmp(opposites[i][1], second) == 0) ||
			(strcmp(opposites[i][1], first) == 0 &&
			 strcmp(opposites[i][0], second) == 0))
			return true;
	}
	return false;
}

/* All names of the country that is called so, ended by NULL; or NULL. */
const char *const *
allm_vocabulary_countries(const char *name)
{
	for (int group = 0; group < lengthof(countries); group++)
	{
		int			first = group;
		bool		found = false;

		for (; countries[group] != NULL; group++)
			found |= strcmp(countries[group], name) == 0;
		if (found)
			return &countries[first];
	}
	return NULL;
}

/* What kinds of things the word may name, blanks between; or NULL. */
const char *
allm_vocabulary_kind(const char *word)
{
	for (int i = 0; i < lengthof(kinds); i++)
	{
		if (strcmp(kinds[i].word, word) == 0)
			return kinds[i].kind;
	}
	return NULL;
}

/* The letter for a gender, or NULL. */
const char *
allm_vocabulary_gender(const char *word)
{
	for (int i = 0; i < lengthof(genders); i++)
	{
		if (strcmp(genders[i][0], word) == 0)
			return genders[i][1];
	}
	return NULL;
}

/* What a short form stands for, or NULL. */
const char *
allm_vocabulary_expand(const char *word)
{
	const WordEntry *entry = find_word(word);

	return entry != NULL ? entry->words : NULL;
}

/* Does it end names without saying more? */
bool
allm_vocabulary_is_suffix(const char *word)
{
	return is_listed(word, WORD_SUFFIX);
}

/* Is it a unit? */
bool
allm_vocabulary_is_unit(const char *word)
{
	return is_listed(word, WORD_UNIT);
}

/* Does the singular say that there are many? */
bool
allm_vocabulary_is_mass(const char *word)
{
	for (int i = 0; i < lengthof(masses); i++)
	{
		if (strcmp(masses[i], word) == 0)
			return true;
	}
	return false;
}

/* Does it often end a name that is written in one word? */
bool
allm_vocabulary_is_head(const char *word)
{
	return is_listed(word, WORD_HEAD);
}
