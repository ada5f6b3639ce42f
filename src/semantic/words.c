/*
 * words.c
 *		What the rules know of a language: English words, as tables of rows.
 *
 * Another language is another file of this form.  Negations ("not",
 * "without", "except") and words of comparison ("growth", "versus") are absent
 * on purpose: a question that has one is not understood, rather than read as
 * if the word were not there.
 */
#include "postgres.h"

#include "base/stem.h"
#include "semantic/words.h"

/* Sorted by text, byte by byte. */
static const AllmPhrase phrases[] =
{
	{"!", ALLM_ROLE_FREE, 0},
	{"&", ALLM_ROLE_AND, 0},
	{",", ALLM_ROLE_AND, 0},
	{", and", ALLM_ROLE_AND, 0},
	{", or", ALLM_ROLE_AND, 1},
	{".", ALLM_ROLE_FREE, 0},
	{":", ALLM_ROLE_FREE, 0},
	{"<", ALLM_ROLE_COMPARE, ALLM_COMPARE_LT},
	{"< =", ALLM_ROLE_COMPARE, ALLM_COMPARE_LE},
	{"=", ALLM_ROLE_COMPARE, ALLM_COMPARE_EQ},
	{">", ALLM_ROLE_COMPARE, ALLM_COMPARE_GT},
	{"> =", ALLM_ROLE_COMPARE, ALLM_COMPARE_GE},
	{"?", ALLM_ROLE_FREE, 0},
	{"a", ALLM_ROLE_FREE, 0},
	{"above", ALLM_ROLE_COMPARE, ALLM_COMPARE_GT},
	{"across", ALLM_ROLE_PLACE, 0},
	{"all", ALLM_ROLE_FREE, 0},
	{"altogether", ALLM_ROLE_FREE, 0},
	{"an", ALLM_ROLE_FREE, 0},
	{"and", ALLM_ROLE_AND, 0},
	{"and also", ALLM_ROLE_AND, 0},
	{"annual", ALLM_ROLE_EACH_GRAIN, ALLM_GRAIN_YEAR},
	{"annually", ALLM_ROLE_EACH_GRAIN, ALLM_GRAIN_YEAR},
	{"any", ALLM_ROLE_FREE, 0},
	{"are", ALLM_ROLE_FREE, 0},
	{"as well as", ALLM_ROLE_AND, 0},
	{"at", ALLM_ROLE_PLACE, 0},
	{"at each", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"at least", ALLM_ROLE_COMPARE, ALLM_COMPARE_GE},
	{"at most", ALLM_ROLE_COMPARE, ALLM_COMPARE_LE},
	{"average", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_AVG},
	{"avg", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_AVG},
	{"be", ALLM_ROLE_FREE, 0},
	{"been", ALLM_ROLE_FREE, 0},
	{"below", ALLM_ROLE_COMPARE, ALLM_COMPARE_LT},
	{"between", ALLM_ROLE_COMPARE, ALLM_COMPARE_BETWEEN},
	{"bigger than", ALLM_ROLE_COMPARE, ALLM_COMPARE_GT},
	{"biggest", ALLM_ROLE_SUPERLATIVE, ALLM_FUNCTION_MAX},
	{"bottom", ALLM_ROLE_TOP, 0},
	{"broken down by", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"by", ALLM_ROLE_BY, ALLM_BY_PLAIN},
	{"by each", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"by every", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"can", ALLM_ROLE_FREE, 0},
	{"combined", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_SUM},
	{"could", ALLM_ROLE_FREE, 0},
	{"count", ALLM_ROLE_COUNT, 0},
	{"count all", ALLM_ROLE_COUNT, 0},
	{"count of", ALLM_ROLE_COUNT, 0},
	{"count the", ALLM_ROLE_COUNT, 0},
	{"count the number of", ALLM_ROLE_COUNT, 0},
	{"daily", ALLM_ROLE_EACH_GRAIN, ALLM_GRAIN_DAY},
	{"day", ALLM_ROLE_GRAIN, ALLM_GRAIN_DAY},
	{"did", ALLM_ROLE_FREE, 0},
	{"different", ALLM_ROLE_DISTINCT, 0},
	{"display", ALLM_ROLE_LIST, 0},
	{"distinct", ALLM_ROLE_DISTINCT, 0},
	{"do", ALLM_ROLE_FREE, 0},
	{"does", ALLM_ROLE_FREE, 0},
	{"during", ALLM_ROLE_PLACE, 0},
	{"each", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"equal to", ALLM_ROLE_COMPARE, ALLM_COMPARE_EQ},
	{"equals", ALLM_ROLE_COMPARE, ALLM_COMPARE_EQ},
	{"every", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"exactly", ALLM_ROLE_COMPARE, ALLM_COMPARE_EQ},
	{"exceed", ALLM_ROLE_COMPARE, ALLM_COMPARE_GT},
	{"exceeding", ALLM_ROLE_COMPARE, ALLM_COMPARE_GT},
	{"exceeds", ALLM_ROLE_COMPARE, ALLM_COMPARE_GT},
	{"exist", ALLM_ROLE_FREE, 0},
	{"fewer than", ALLM_ROLE_COMPARE, ALLM_COMPARE_LT},
	{"fewest", ALLM_ROLE_SUPERLATIVE, ALLM_FUNCTION_MIN | ALLM_MOST_OF},
	{"find", ALLM_ROLE_LIST, 0},
	{"find me", ALLM_ROLE_LIST, 0},
	{"for", ALLM_ROLE_PLACE, 0},
	{"for each", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"for each of", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"for every", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"from", ALLM_ROLE_PLACE, 0},
	{"from each", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"get", ALLM_ROLE_LIST, 0},
	{"get me", ALLM_ROLE_LIST, 0},
	{"give", ALLM_ROLE_LIST, 0},
	{"give me", ALLM_ROLE_LIST, 0},
	{"give us", ALLM_ROLE_LIST, 0},
	{"greater than", ALLM_ROLE_COMPARE, ALLM_COMPARE_GT},
	{"greatest", ALLM_ROLE_SUPERLATIVE, ALLM_FUNCTION_MAX},
	{"group by", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"grouped by", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"had", ALLM_ROLE_WITH, 0},
	{"has", ALLM_ROLE_WITH, 0},
	{"have", ALLM_ROLE_WITH, 0},
	{"having", ALLM_ROLE_WITH, 0},
	{"higher than", ALLM_ROLE_COMPARE, ALLM_COMPARE_GT},
	{"highest", ALLM_ROLE_SUPERLATIVE, ALLM_FUNCTION_MAX},
	{"how many", ALLM_ROLE_COUNT, 0},
	{"how much", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_SUM},
	{"i", ALLM_ROLE_FREE, 0},
	{"in", ALLM_ROLE_PLACE, 0},
	{"in all", ALLM_ROLE_FREE, 0},
	{"in each", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"in every", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"in total", ALLM_ROLE_FREE, 0},
	{"is", ALLM_ROLE_FREE, 0},
	{"is exactly", ALLM_ROLE_COMPARE, ALLM_COMPARE_EQ},
	{"its", ALLM_ROLE_FREE, 0},
	{"larger than", ALLM_ROLE_COMPARE, ALLM_COMPARE_GT},
	{"largest", ALLM_ROLE_SUPERLATIVE, ALLM_FUNCTION_MAX},
	{"least", ALLM_ROLE_SUPERLATIVE, ALLM_FUNCTION_MIN},
	{"less than", ALLM_ROLE_COMPARE, ALLM_COMPARE_LT},
	{"let", ALLM_ROLE_FREE, 0},
	{"list", ALLM_ROLE_LIST, 0},
	{"located", ALLM_ROLE_FREE, 0},
	{"lower than", ALLM_ROLE_COMPARE, ALLM_COMPARE_LT},
	{"lowest", ALLM_ROLE_SUPERLATIVE, ALLM_FUNCTION_MIN},
	{"max", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_MAX},
	{"maximum", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_MAX},
	{"mean", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_AVG},
	{"min", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_MIN},
	{"minimum", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_MIN},
	{"month", ALLM_ROLE_GRAIN, ALLM_GRAIN_MONTH},
	{"monthly", ALLM_ROLE_EACH_GRAIN, ALLM_GRAIN_MONTH},
	{"more than", ALLM_ROLE_COMPARE, ALLM_COMPARE_GT},
	{"most", ALLM_ROLE_SUPERLATIVE, ALLM_FUNCTION_MAX | ALLM_MOST_OF},
	{"my", ALLM_ROLE_FREE, 0},
	{"need", ALLM_ROLE_FREE, 0},
	{"no fewer than", ALLM_ROLE_COMPARE, ALLM_COMPARE_GE},
	{"no less than", ALLM_ROLE_COMPARE, ALLM_COMPARE_GE},
	{"no more than", ALLM_ROLE_COMPARE, ALLM_COMPARE_LE},
	{"not less than", ALLM_ROLE_COMPARE, ALLM_COMPARE_GE},
	{"not more than", ALLM_ROLE_COMPARE, ALLM_COMPARE_LE},
	{"number of", ALLM_ROLE_COUNT, 0},
	{"of", ALLM_ROLE_OF, 0},
	{"of at least", ALLM_ROLE_COMPARE, ALLM_COMPARE_GE},
	{"of at most", ALLM_ROLE_COMPARE, ALLM_COMPARE_LE},
	{"of each", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"of every", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"on", ALLM_ROLE_PLACE, 0},
	{"or", ALLM_ROLE_AND, 1},
	{"or in", ALLM_ROLE_AND, 1},
	{"our", ALLM_ROLE_FREE, 0},
	{"over", ALLM_ROLE_COMPARE, ALLM_COMPARE_GT},
	{"overall", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_SUM},
	{"per", ALLM_ROLE_BY, ALLM_BY_PER},
	{"please", ALLM_ROLE_FREE, 0},
	{"provide", ALLM_ROLE_LIST, 0},
	{"quarter", ALLM_ROLE_GRAIN, ALLM_GRAIN_QUARTER},
	{"quarterly", ALLM_ROLE_EACH_GRAIN, ALLM_GRAIN_QUARTER},
	{"recorded", ALLM_ROLE_FREE, 0},
	{"return", ALLM_ROLE_LIST, 0},
	{"see", ALLM_ROLE_LIST, 0},
	{"show", ALLM_ROLE_LIST, 0},
	{"show me", ALLM_ROLE_LIST, 0},
	{"show us", ALLM_ROLE_LIST, 0},
	{"smaller than", ALLM_ROLE_COMPARE, ALLM_COMPARE_LT},
	{"smallest", ALLM_ROLE_SUPERLATIVE, ALLM_FUNCTION_MIN},
	{"split by", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"sum", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_SUM},
	{"sum total", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_SUM},
	{"tell", ALLM_ROLE_LIST, 0},
	{"tell me", ALLM_ROLE_LIST, 0},
	{"tell us", ALLM_ROLE_LIST, 0},
	{"that", ALLM_ROLE_WITH, 0},
	{"the", ALLM_ROLE_FREE, 0},
	{"the count of", ALLM_ROLE_COUNT, 0},
	{"their", ALLM_ROLE_FREE, 0},
	{"them", ALLM_ROLE_FREE, 0},
	{"there", ALLM_ROLE_FREE, 0},
	{"these", ALLM_ROLE_FREE, 0},
	{"they", ALLM_ROLE_FREE, 0},
	{"this is", ALLM_ROLE_FREE, 0},
	{"those", ALLM_ROLE_FREE, 0},
	{"to know", ALLM_ROLE_FREE, 0},
	{"to see", ALLM_ROLE_FREE, 0},
	{"top", ALLM_ROLE_TOP, 1},
	{"total", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_SUM},
	{"total count", ALLM_ROLE_COUNT, 0},
	{"total count of", ALLM_ROLE_COUNT, 0},
	{"total number of", ALLM_ROLE_COUNT, 0},
	{"total sum", ALLM_ROLE_AGGREGATE, ALLM_FUNCTION_SUM},
	{"under", ALLM_ROLE_COMPARE, ALLM_COMPARE_LT},
	{"unique", ALLM_ROLE_DISTINCT, 0},
	{"up to", ALLM_ROLE_COMPARE, ALLM_COMPARE_LE},
	{"want", ALLM_ROLE_FREE, 0},
	{"was", ALLM_ROLE_FREE, 0},
	{"we", ALLM_ROLE_FREE, 0},
	{"week", ALLM_ROLE_GRAIN, ALLM_GRAIN_WEEK},
	{"weekly", ALLM_ROLE_EACH_GRAIN, ALLM_GRAIN_WEEK},
	{"were", ALLM_ROLE_FREE, 0},
	{"what", ALLM_ROLE_FREE, 0},
	{"what's", ALLM_ROLE_FREE, 0},
	{"whats", ALLM_ROLE_FREE, 0},
	{"where", ALLM_ROLE_WITH, 0},
	{"which", ALLM_ROLE_LIST, 0},
	{"who", ALLM_ROLE_LIST, 0},
	{"whose", ALLM_ROLE_WITH, 0},
	{"with", ALLM_ROLE_WITH, 0},
	{"within", ALLM_ROLE_PLACE, 0},
	{"within each", ALLM_ROLE_BY, ALLM_BY_EACH},
	{"would", ALLM_ROLE_FREE, 0},
	{"would like", ALLM_ROLE_FREE, 0},
	{"year", ALLM_ROLE_GRAIN, ALLM_GRAIN_YEAR},
	{"yearly", ALLM_ROLE_EACH_GRAIN, ALLM_GRAIN_YEAR},
	{"you", ALLM_ROLE_FREE, 0},
	{"your", ALLM_ROLE_FREE, 0},
};

static const char *const statistic_words[] = {
	"average", "avg", "cumulative", "max", "maximum", "mean", "median",
	"min", "minimum", "pct", "per", "percent", "percentage", "rank", "ratio",
	"running", "std", "stddev", "ytd"
};

static const char *const not_additive_words[] = {
	"age", "altitude", "average", "avg", "code", "day", "degree", "density",
	"depth", "discount", "duration", "elevation", "factor", "fraction",
	"gpa", "grade", "height", "hour", "index", "lat", "latitude", "length",
	"level", "lifespan", "limit", "lng", "lon", "longitude", "margin", "max",
	"maximum", "mean", "median", "min", "minimum", "minute", "month", "no",
	"number", "order", "pct", "per", "percent", "percentage", "position",
	"price", "priority", "probability", "rank", "ranking", "rate", "rating",
	"ratio", "salary", "score", "sequence", "share", "size", "speed",
	"stars", "status", "temp", "temperature", "tenure", "threshold", "type",
	"unit", "version", "wage", "week", "weight", "width", "year", "zip"
};

static const char *const label_words[] = {
	"caption", "description", "fullname", "label", "name", "title"
};

static const char *const technical_words[] = {
	"changed", "loaded", "modified", "synced", "ts", "update", "updated"
};

static const char *const creation_words[] = {
	"added", "create", "created", "inserted", "registered"
};

static const char *const attribute_date_words[] = {
	"birth", "birthday", "born", "deadline", "death", "died", "dob", "due",
	"effective", "end", "ended", "expected", "expiration", "expire",
	"expires", "expiry", "founded", "hire", "hired", "last", "opened",
	"required", "until", "valid"
};

static const char *const date_suffix_words[] = {
	"at", "date", "datetime", "day", "dt", "on", "time", "timestamp"
};

static const char *const table_prefix_words[] = {
	"dim", "dimension", "fact", "mv", "stg", "t", "tb", "tbl", "v", "vw"
};

static const char *const identifier_words[] = {
	"code", "guid", "id", "key", "no", "nr", "number", "uuid"
};

static const char *const money_words[] = {
	"amount", "amt", "arpu", "arr", "balance", "bill", "bonus", "budget",
	"charge", "commission", "compensation", "cost", "credit", "debit",
	"deposit", "due", "earning", "expenditure", "expense", "fare", "fee",
	"fine", "freight", "gmv", "gross", "income", "interest", "loan", "ltv",
	"money", "mrr", "net", "paid", "pay", "payment", "payout", "premium",
	"price", "proceed", "profit", "refund", "rent", "revenue", "royalty",
	"salary", "sale", "spend", "spending", "spent", "subtotal", "tax", "tip",
	"toll", "total", "turnover", "value", "wage"
};

static const char *const rate_words[] = {
	"average", "avg", "density", "discount", "fraction", "gpa", "latitude",
	"longitude", "mean", "median", "occupancy", "pct", "percent", "percentage",
	"probability", "rate", "rating", "ratio", "share", "temp", "temperature"
};

static const char *const total_words[] = {
	"earning", "expenditure", "expense", "gmv", "income", "proceed",
	"profit", "revenue", "sale", "spend", "spending", "turnover"
};

static const char *const lasting_words[] = {
	"account", "agent", "buyer", "client", "company", "contact", "customer",
	"doctor", "driver", "employee", "engineer", "guest", "manager",
	"manufacturer", "member", "owner", "partner", "passenger", "patient",
	"person", "product", "salesperson", "seller", "shopper", "staff",
	"student", "subscriber", "supplier", "teacher", "tenant", "user",
	"vendor", "worker"
};

/* The words of each class, sorted; in the order of AllmWordClass. */
static const struct
{
	const char *const *words;
	int			count;
}			classes[] =

{
	{statistic_words, lengthof(statistic_words)},
	{not_additive_words, lengthof(not_additive_words)},
	{label_words, lengthof(label_words)},
	{technical_words, lengthof(technical_words)},
	{creation_words, lengthof(creation_words)},
	{attribute_date_words, lengthof(attribute_date_words)},
	{date_suffix_words, lengthof(date_suffix_words)},
	{table_prefix_words, lengthof(table_prefix_words)},
	{identifier_words, lengthof(identifier_words)},
	{money_words, lengthof(money_words)},
	{total_words, lengthof(total_words)},
	{lasting_words, lengthof(lasting_words)},
	{rate_words, lengthof(rate_words)},
};

/* A word that stands for a number. */
typedef struct WordValue
{
	const char *word;
	int			value;
} WordValue;

/* Short forms as well; "may" is a month only where a month may stand. */
static const WordValue months[] =
{
	{"apr", 4}, {"april", 4}, {"aug", 8}, {"august", 8}, {"dec", 12},
	{"december", 12}, {"feb", 2}, {"february", 2}, {"jan", 1},
	{"january", 1}, {"jul", 7}, {"july", 7}, {"jun", 6}, {"june", 6},
	{"mar", 3}, {"march", 3}, {"may", 5}, {"nov", 11}, {"november", 11},
	{"oct", 10}, {"october", 10}, {"sep", 9}, {"sept", 9}, {"september", 9},
};

/* "until 2024" and "by 2024" are absent: with that year, or before it? */
static const WordValue time_words[] =
{
	{"after", ALLM_TIME_AFTER}, {"before", ALLM_TIME_BEFORE},
	{"between", ALLM_TIME_BETWEEN}, {"during", ALLM_TIME_IN},
	{"for", ALLM_TIME_IN}, {"from", ALLM_TIME_FROM}, {"in", ALLM_TIME_IN},
	{"of", ALLM_TIME_IN}, {"on", ALLM_TIME_IN}, {"since", ALLM_TIME_SINCE},
	{"through", ALLM_TIME_THROUGH}, {"throughout", ALLM_TIME_IN},
	{"within", ALLM_TIME_IN},
};

static const WordValue numbers[] =
{
	{"eight", 8}, {"five", 5}, {"four", 4}, {"nine", 9}, {"one", 1},
	{"seven", 7}, {"six", 6}, {"ten", 10}, {"three", 3}, {"two", 2},
};

static int	compare_phrase(const void *key, const void *row);
static int	compare_word(const void *key, const void *row);
static int	find_value(const WordValue *rows, int count, const char *word);

/* The row of a phrase, or NULL. */
const AllmPhrase *
allm_words_find_phrase(const char *text)
{
	return bsearch(text, phrases, lengthof(phrases), sizeof(AllmPhrase),
				   compare_phrase);
}

/* Is the word one of that class? */
bool
allm_words_has(AllmWordClass class, const char *word)
{
	return bsearch(word, classes[class].words, classes[class].count,
				   sizeof(char *), compare_word) != NULL;
}

/* The number of a month, or -1. */
int
allm_words_month(const char *word)
{
	return find_value(months, lengthof(months), word);
}

/* The AllmTimeWord of a word, or -1. */
int
allm_words_time(const char *word)
{
	return find_value(time_words, lengthof(time_words), word);
}

/* What a number that is written in letters means, or -1. */
int
allm_words_number(const char *word)
{
	return find_value(numbers, lengthof(numbers), word);
}

/*
 * The form that a word shares with its plural and its genitive; see
 * allm_stem_make.
 */
char *
allm_words_stem(const char *word)
{
	char	   *stem = pstrdup(word);
	int			len = strlen(stem);

	if (len > 2 && strcmp(stem + len - 2, "'s") == 0)
		stem[len -= 2] = '\0';
	else if (len > 1 && stem[len - 1] == '\'')
		stem[len -= 1] = '\0';
	return allm_stem_make(stem);
}

static int
compare_phrase(const void *key, const void *row)
{
	return strcmp(key, ((const AllmPhrase *) row)->text);
}

static int
compare_word(const void *key, const void *row)
{
	return strcmp(key, *(const char *const *) row);
}

/* The value beside a word in a short table, or -1. */
static int
find_value(const WordValue *rows, int count, const char *word)
{
	for (int i = 0; i < count; i++)
	{
		if (strcmp(rows[i].word, word) == 0)
			return rows[i].value;
	}
	return -1;
}
