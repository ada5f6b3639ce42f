/*
 * tree.c
 *		A parsed statement as the parser library gives it.
 *
 * Owns the call of the parser: encoding, release of what the library
 * allocated, and the findings for text that is no SQL.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "base/json.h"
#include "base/settings.h"
#include "guard/finding.h"
#include "guard/pgq.h"
#include "guard/reader.h"
#include "guard/tree.h"

static const char *to_utf8(const char *sql);
static char *parse_to_json(const char *text, List **findings);
static AllmFinding *make_refusal(const AllmPgqResult *result);

/*
 * Does the parser library take a text in the database encoding for SQL?
 * Returns the findings, and the number of statements that it sees.  It makes
 * no tree: that is dear, and of no use for a query that nothing is wrong with.
 */
List *
allm_tree_accept(const char *sql, int *statements)
{
	AllmPgqResult result;
	List	   *volatile findings = NIL;

	allm_pgq_accept(to_utf8(sql), allm_max_sql_length, &result);
	*statements = result.statements;
	if (result.status == ALLM_PGQ_OK)
		return NIL;
	PG_TRY();
	{
		findings = list_make1(make_refusal(&result));
	}
	PG_FINALLY();
	{
		allm_pgq_free(&result);
	}
	PG_END_TRY();
	return findings;
}

/*
 * Parses a text in the database encoding.  Returns the findings; when there
 * are none the tree has statements, perhaps no one.  Raises "stack depth limit
 * exceeded" for a tree that the server's JSON reader cannot take, and an
 * encoding error for what the database encoding does not have.
 */
List *
allm_tree_parse(const char *sql, AllmTree *tree)
{
	List	   *findings = NIL;
	bool		convert = GetDatabaseEncoding() != PG_SQL_ASCII;
	char	   *json;
	AllmJson   *root;

	tree->text = to_utf8(sql);
	tree->statements = NULL;
	json = parse_to_json(tree->text, &findings);
	if (findings != NIL)
		return findings;

	if (convert)
		json = pg_any_to_server(json, strlen(json), PG_UTF8);
	root = allm_reader_parse(json);
	if (root == NULL)
	{
		json = parse_to_json(tree->text, &findings);
		if (convert)
			json = pg_any_to_server(json, strlen(json), PG_UTF8);
		root = allm_json_parse(json, strlen(json));
	}
	tree->statements = allm_json_get(root, "stmts");
	if (tree->statements == NULL)
		elog(ERROR, "the parser gave no tree");
	return NIL;
}

/* The library takes its text for UTF-8, whatever the database has. */
static const char *
to_utf8(const char *sql)
{
	if (GetDatabaseEncoding() == PG_SQL_ASCII)
		return sql;
	return pg_server_to_any(sql, strlen(sql), PG_UTF8);
}

/*
 * The tree as JSON in the current context.  The library's memory is not the
 * server's, so it is released on the way out, also when the copy fails.
 */
static char *
parse_to_json(const char *text, List **findings)
{
	AllmPgqResult result;
	char	   *volatile json = NULL;

	allm_pgq_parse(text, allm_max_sql_length, &result);
	PG_TRY();
	{
		if (result.status == ALLM_PGQ_OK)
			json = pstrdup(result.tree);
		else
			*findings = list_make1(make_refusal(&result));
	}
	PG_FINALLY();
	{
		allm_pgq_free(&result);
	}
	PG_END_TRY();
	return json;
}

/* The finding for a text that was not parsed. */
static AllmFinding *
make_refusal(const AllmPgqResult *result)
{
	switch (result->status)
	{
		case ALLM_PGQ_TOO_LONG:
			return allm_finding_make(true, "policy_limit", 0,
									 "the query is longer than %d bytes",
									 allm_max_sql_length);
		case ALLM_PGQ_TOO_DEEP:
			return allm_finding_make(true, "statement_too_complex", 0,
									 "the query is nested too deeply");
		default:
			return allm_finding_make(true, "syntax_error", result->cursor,
									 "%s", result->message != NULL ?
									 result->message : "syntax error");
	}
}

/* The node of that type that is wrapped here, or NULL when it is another. */
AllmJson *
allm_tree_unwrap(const AllmJson *node, const char *type)
{
	return allm_json_get(node, type);
}

/* The type of the node that is wrapped here; empty for none. */
const char *
allm_tree_type(const AllmJson *node)
{
	if (node == NULL || node->kind != ALLM_JSON_OBJECT || node->first == NULL)
		return "";
	return node->first->key;
}

/*
 * The names of a list of them, as char *.  What is no name, like a star or a
 * subscript, is NULL in the list.
 */
List *
allm_tree_names(const AllmJson *array)
{
	List	   *names = NIL;

	if (array == NULL || array->kind != ALLM_JSON_ARRAY)
		return NIL;
	for (AllmJson *e = array->first; e != NULL; e = e->next)
		names = lappend(names,
						unconstify(char *,
								   allm_json_get_text(allm_json_get(e, "String"),
													  "sval")));
	return names;
}

/* The number of elements. */
int
allm_tree_length(const AllmJson *array)
{
	int			n = 0;

	if (array == NULL || array->kind != ALLM_JSON_ARRAY)
		return 0;
	for (AllmJson *e = array->first; e != NULL; e = e->next)
		n++;
	return n;
}

/* Where a node stands, in characters from 1; 0 when it is not known. */
int
allm_tree_pos(const AllmTree *tree, const AllmJson *node)
{
	int64		location = allm_json_get_int(node, "location", 0);
	int			pos = 1;

	if (location <= 0 || location > strlen(tree->text))
		return 0;
	for (int64 i = 0; i < location; i++)
	{
		/* A byte that goes on with a character of UTF-8 is none by itself. */
		if (((unsigned char) tree->text[i] & 0xC0) != 0x80)
			pos++;
	}
	return pos;
}
