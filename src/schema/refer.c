/*
 * refer.c
 *		Which columns of a schema the text of a query refers to.
 *
 * For queries that people verified, of which it is wanted what they use, fast
 * and without an error: the text is taken apart into names, and these are
 * looked for in the snapshot.  Names that are not in it are passed over.  Scopes
 * are not told apart, so a name may be found in more relations than are meant;
 * whoever needs the truth asks the guard.
 */
#include "postgres.h"

#include <ctype.h>

#include "nodes/bitmapset.h"
#include "parser/scansup.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "schema/refer.h"

/* Deeper sub-selects are read as if they were of this depth. */
#define MAX_DEPTH	32

/* Words after which a list of relations begins, goes on, or is over. */
static const char *const from_words[] = {"from", "join"};
static const char *const over_words[] = {
	"except", "group", "having", "intersect", "limit", "order", "select",
	"union", "where", "window"
};

/* Words that may follow a relation and are no alias. */
static const char *const after_words[] = {
	"cross", "except", "fetch", "full", "group", "having", "inner",
	"intersect", "join", "left", "limit", "natural", "offset", "on", "order",
	"right", "tablesample", "union", "using", "where", "window"
};

/* A name, or a character that is none. */
typedef struct Token
{
	bool		is_name;
	bool		is_quoted;
	char		text[NAMEDATALEN];
} Token;

/* The relations of one name. */
typedef struct NameEntry
{
	char		name[NAMEDATALEN];	/* hash key; MUST BE FIRST */
	List	   *relations;		/* of AllmRelation */
} NameEntry;

/* A relation of the query, and what it is called there. */
typedef struct Range
{
	const AllmRelation *relation;
	const char *alias;
} Range;

struct AllmReferences
{
	MemoryContext context;		/* reset for each query */
	HTAB	   *names;			/* of NameEntry */
};

static Token *read_tokens(const char *sql, int *ntokens);
static const char *skip_noise(const char *sql);
static const char *skip_quoted(const char *sql, char quote, bool escapes);
static const char *read_name(const char *sql, Token *token);
static List *find_ranges(AllmReferences *references, const Token *tokens,
						 int n);
static void add_ranges(AllmReferences *references, List **ranges,
					   const Token *tokens, int n, int at);
static const char *find_alias(const Token *tokens, int n, int at);
static Bitmapset *add_columns(Bitmapset *columns, const List *ranges,
							  const Token *tokens, int n, int at);
static Bitmapset *add_bare_relations(Bitmapset *columns, const List *ranges);
static bool is_mark(const Token *tokens, int n, int at, char mark);
static bool is_word(const Token *tokens, int n, int at,
					const char *const *words, int nwords);

#define IS_WORD(tokens, n, at, words) \
	is_word(tokens, n, at, words, lengthof(words))

/* Makes a schema ready; the result is to be ended. */
AllmReferences *
allm_refer_begin(const AllmSnapshot *snapshot)
{
	AllmReferences *references = palloc0(sizeof(AllmReferences));
	HASHCTL		control = {0};
	ListCell   *cell;

	references->context = AllocSetContextCreate(CurrentMemoryContext,
												"analytics_llm references",
												ALLOCSET_DEFAULT_SIZES);
	control.keysize = NAMEDATALEN;
	control.entrysize = sizeof(NameEntry);
	control.hcxt = CurrentMemoryContext;
	references->names = hash_create("analytics_llm names of relations", 256,
									&control,
									HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	foreach(cell, snapshot->relations)
	{
		AllmRelation *relation = lfirst(cell);
		bool		found;
		NameEntry  *entry = hash_search(references->names, relation->name,
										HASH_ENTER, &found);

		if (!found)
			entry->relations = NIL;
		entry->relations = lappend(entry->relations, relation);
	}
	return references;
}

/* Gives back what allm_refer_begin made. */
void
allm_refer_end(AllmReferences *references)
{
	hash_destroy(references->names);
	MemoryContextDelete(references->context);
	pfree(references);
}

/*
 * The numbers of the columns that a query refers to, sorted.  A relation of
 * which no column is named is there with one of them.
 */
List *
allm_refer_columns(AllmReferences *references, const char *sql)
{
	MemoryContext caller = MemoryContextSwitchTo(references->context);
	Bitmapset  *columns = NULL;
	List	   *result = NIL;
	List	   *ranges;
	Token	   *tokens;
	int			n;
	int			column = -1;

	tokens = read_tokens(sql, &n);
	ranges = find_ranges(references, tokens, n);
	for (int at = 0; at < n; at++)
		columns = add_columns(columns, ranges, tokens, n, at);
	columns = add_bare_relations(columns, ranges);

	MemoryContextSwitchTo(caller);
	while ((column = bms_next_member(columns, column)) >= 0)
		result = lappend_int(result, column);
	MemoryContextReset(references->context);
	return result;
}

/* Takes a text apart into names and marks; literals and comments are left out. */
static Token *
read_tokens(const char *sql, int *ntokens)
{
	Token	   *tokens = palloc((strlen(sql) + 1) * sizeof(Token));
	int			n = 0;

	for (sql = skip_noise(sql); *sql != '\0'; sql = skip_noise(sql))
	{
		Token	   *token = &tokens[n];
		unsigned char c = *sql;

		token->is_quoted = false;
		if (isalpha(c) || c == '_' || c == '"' || IS_HIGHBIT_SET(c))
		{
			sql = read_name(sql, token);
			n++;
		}
		else if (isdigit(c))
		{
			while (isalnum((unsigned char) *sql) || *sql == '.')
				sql++;
		}
		else
		{
			token->is_name = false;
			token->text[0] = c;
			token->text[1] = '\0';
			n++;
			sql++;
		}
	}
	*ntokens = n;
	return tokens;
}

/* Blanks, comments and literals, all that stand here. */
static const char *
skip_noise(const char *sql)
{
	for (;;)
	{
		if (isspace((unsigned char) *sql))
			sql++;
		else if (sql[0] == '-' && sql[1] == '-')
			sql += strcspn(sql, "\n");
		else if (sql[0] == '/' && sql[1] == '*')
		{
			const char *end = strstr(sql + 2, "*/");

			sql = end != NULL ? end + 2 : sql + strlen(sql);
		}
		else if (*sql == '\'')
			sql = skip_quoted(sql, '\'', false);
		else if ((*sql == 'e' || *sql == 'E') && sql[1] == '\'')
			sql = skip_quoted(sql + 1, '\'', true);
		else
			return sql;
	}
}

/* Past what stands between quotes, which are doubled inside. */
static const char *
skip_quoted(const char *sql, char quote, bool escapes)
{
	for (sql++; *sql != '\0'; sql++)
	{
		if (escapes && *sql == '\\' && sql[1] != '\0')
			sql++;
		else if (*sql == quote && sql[1] == quote)
			sql++;
		else if (*sql == quote)
			return sql + 1;
	}
	return sql;
}

/* A name, folded as the server folds it. */
static const char *
read_name(const char *sql, Token *token)
{
	const char *end;
	int			len = 0;

	token->is_name = true;
	if (*sql == '"')
	{
		end = skip_quoted(sql, '"', false);
		token->is_quoted = true;
		for (const char *c = sql + 1; c < end - 1 && len < NAMEDATALEN - 1; c++)
		{
			token->text[len++] = *c;
			if (*c == '"')
				c++;
		}
		token->text[len] = '\0';
		return end;
	}
	for (end = sql; isalnum((unsigned char) *end) || *end == '_' ||
		 *end == '$' || IS_HIGHBIT_SET(*end); end++)
	{
		if (len < NAMEDATALEN - 1)
			token->text[len++] = IS_HIGHBIT_SET(*end) ? *end :
				pg_ascii_tolower((unsigned char) *end);
	}
	token->text[len] = '\0';
	return end;
}

/* The relations in lists of relations, at whatever depth. */
static List *
find_ranges(AllmReferences *references, const Token *tokens, int n)
{
	bool		in_from[MAX_DEPTH] = {false};
	int			depth = 0;
	List	   *ranges = NIL;

	for (int at = 0; at < n; at++)
	{
		if (is_mark(tokens, n, at, '('))
		{
			bool		goes_on = in_from[depth] && at > 0 &&
			(IS_WORD(tokens, n, at - 1, from_words) ||
			 is_mark(tokens, n, at - 1, ','));

			depth = Min(depth + 1, MAX_DEPTH - 1);
			in_from[depth] = goes_on;
		}
		else if (is_mark(tokens, n, at, ')'))
			depth = Max(depth - 1, 0);
		else if (IS_WORD(tokens, n, at, from_words))
			in_from[depth] = true;
		else if (IS_WORD(tokens, n, at, over_words))
			in_from[depth] = false;
		else if (in_from[depth] && tokens[at].is_name && at > 0 &&
				 !is_mark(tokens, n, at + 1, '.') &&
				 (IS_WORD(tokens, n, at - 1, from_words) ||
				  is_mark(tokens, n, at - 1, ',') ||
				  is_mark(tokens, n, at - 1, '(') ||
				  is_mark(tokens, n, at - 1, '.')))
			add_ranges(references, &ranges, tokens, n, at);
	}
	return ranges;
}

/* Adds the relations that a name in such a list may mean. */
static void
add_ranges(AllmReferences *references, List **ranges, const Token *tokens,
		   int n, int at)
{
	NameEntry  *entry = hash_search(references->names, tokens[at].text,
									HASH_FIND, NULL);
	bool		is_qualified = is_mark(tokens, n, at - 1, '.') && at > 1;
	ListCell   *cell;

	if (entry == NULL)
		return;
	foreach(cell, entry->relations)
	{
		AllmRelation *relation = lfirst(cell);
		Range	   *range;

		/* Unqualified, it is the one that is visible so. */
		if (is_qualified ?
			strcmp(tokens[at - 2].text, relation->schema) != 0 :
			list_length(entry->relations) > 1 &&
			strchr(relation->sql_name, '.') != NULL)
			continue;
		range = palloc(sizeof(Range));
		range->relation = relation;
		range->alias = find_alias(tokens, n, at + 1);
		*ranges = lappend(*ranges, range);
	}
}

/* The alias that stands here, or NULL. */
static const char *
find_alias(const Token *tokens, int n, int at)
{
	static const char *const as[] = {"as"};

	if (IS_WORD(tokens, n, at, as))
		at++;
	if (at >= n || !tokens[at].is_name ||
		IS_WORD(tokens, n, at, after_words))
		return NULL;
	return tokens[at].text;
}

/* Adds the columns that a name, or a star, may mean. */
static Bitmapset *
add_columns(Bitmapset *columns, const List *ranges, const Token *tokens,
			int n, int at)
{
	static const char *const select[] = {"all", "distinct", "select"};
	const char *qualifier = is_mark(tokens, n, at - 1, '.') && at > 1 ?
	tokens[at - 2].text : NULL;
	bool		is_star = is_mark(tokens, n, at, '*') &&
	(qualifier != NULL || IS_WORD(tokens, n, at - 1, select));
	ListCell   *cell;
	ListCell   *inner;

	if (!is_star && (!tokens[at].is_name || is_mark(tokens, n, at + 1, '.') ||
					 is_mark(tokens, n, at + 1, '(')))
		return columns;
	foreach(cell, ranges)
	{
		Range	   *range = lfirst(cell);

		if (qualifier != NULL &&
			(range->alias == NULL || strcmp(range->alias, qualifier) != 0) &&
			strcmp(range->relation->name, qualifier) != 0)
			continue;
		foreach(inner, range->relation->columns)
		{
			AllmColumn *column = lfirst(inner);

			if (is_star || strcmp(column->name, tokens[at].text) == 0)
				columns = bms_add_member(columns, column->number);
		}
	}
	return columns;
}

/* A relation of which no column is there gets its key, or its first column. */
static Bitmapset *
add_bare_relations(Bitmapset *columns, const List *ranges)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, ranges)
	{
		const AllmRelation *relation = ((Range *) lfirst(cell))->relation;
		List	   *keys = relation->primary_key != NIL ?
		relation->primary_key : relation->columns;
		bool		any = false;

		foreach(inner, relation->columns)
			any |= bms_is_member(((AllmColumn *) lfirst(inner))->number,
								 columns);
		if (!any)
			columns = bms_add_member(columns,
									 ((AllmColumn *) linitial(keys))->number);
	}
	return columns;
}

/* Is there that character? */
static bool
is_mark(const Token *tokens, int n, int at, char mark)
{
	return at >= 0 && at < n && !tokens[at].is_name &&
		tokens[at].text[0] == mark;
}

/* Is there one of these words? */
static bool
is_word(const Token *tokens, int n, int at, const char *const *words,
		int nwords)
{
	if (at < 0 || at >= n || !tokens[at].is_name || tokens[at].is_quoted)
		return false;
	for (int i = 0; i < nwords; i++)
	{
		if (strcmp(tokens[at].text, words[i]) == 0)
			return true;
	}
	return false;
}
