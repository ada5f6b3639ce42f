/*
 * names.c
 *		Fuzz target: any text through the parser library, and its tree through
 *		the names pass, against a small catalog.
 *
 * What must hold, whatever the text: no crash, no overflow, no leak and no
 * hang; no error but that of a tree which is too deep for the stack.  The two
 * ways to ask the library agree whether a text is SQL.  Each finding has a
 * code and a message and points into the text.  And no finding names what is
 * hidden from the role, unless the text named it first.
 */
#include "postgres.h"

#include "nodes/pg_list.h"

#include "fuzz/mock_catalog.h"
#include "fuzz/mock_server.h"
#include "guard/finding.h"
#include "guard/names.h"
#include "guard/tree.h"

#undef free
#undef malloc

/* More than allm_finding_add lets through. */
#define MAX_FINDINGS	50

extern int	LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Does a text name something hidden, or could it by an escape? */
static bool
names_hidden(const char *text)
{
	for (; *text != '\0'; text++)
	{
		if (*text == '\\' || strncasecmp(text, "u&", 2) == 0 ||
			strncasecmp(text, MOCK_HIDDEN, strlen(MOCK_HIDDEN)) == 0)
			return true;
	}
	return false;
}

/* One finding, for a text that names nothing hidden by itself or does. */
static void
judge_finding(const AllmFinding *finding, const char *sql, bool hidden)
{
	if (finding->code == NULL || finding->message == NULL ||
		finding->pos < 0 || finding->pos > (int) strlen(sql) + 1)
		abort();
	if (!hidden &&
		(strstr(finding->message, MOCK_HIDDEN) != NULL ||
		 (finding->detail != NULL && strstr(finding->detail, MOCK_HIDDEN) != NULL) ||
		 (finding->hint != NULL && strstr(finding->hint, MOCK_HIDDEN) != NULL)))
		abort();
}

/* What a check does with a text as far as its names go. */
static void
read_names(const char *sql)
{
	AllmTree	tree;
	int			statements;
	List	   *refused = allm_tree_accept(sql, &statements);
	List	   *findings = allm_tree_parse(sql, &tree);
	bool		hidden = names_hidden(sql);
	ListCell   *cell;

	if ((refused == NIL) != (findings == NIL))
		abort();
	if (findings == NIL)
	{
		if (allm_tree_length(tree.statements) != statements)
			abort();
		findings = allm_names_check(&tree);
	}
	if (list_length(findings) > MAX_FINDINGS)
		abort();
	foreach(cell, findings)
		judge_finding(lfirst(cell), sql, hidden);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char	   *sql = malloc(size + 1);

	memcpy(sql, data, size);
	sql[size] = '\0';
	mock_server_run(read_names, sql);
	free(sql);
	return 0;
}
