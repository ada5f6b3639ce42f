/*
 * parse.c
 *		Fuzz target: any text through the gate, the parser library, and the
 *		reader of what that writes.
 *
 * What must hold: no crash, no overflow, no leak and no hang, whatever the
 * text; the reader understands all that the library writes, and finds as many
 * values in it as there are.
 */
#include "postgres.h"

#include "fuzz/mock_server.h"
#include "guard/pgq.h"
#include "guard/reader.h"

#undef malloc
#undef free

/* The longest text that the setting analytics_llm.max_sql_length allows. */
#define MAX_TEXT	(32 * 1024)

extern int	LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Values below a node, with itself. */
static int
count_values(const AllmJson *node)
{
	int			n = 1;

	for (const AllmJson *child = node->first; child != NULL;
		 child = child->next)
	{
		if (child->parent != node)
			abort();
		n += count_values(child);
	}
	return n;
}

/* One text by each way to the library. */
static void
read_text(const char *sql)
{
	AllmPgqResult result;

	allm_pgq_parse(sql, MAX_TEXT, &result);
	if (result.status == ALLM_PGQ_OK)
	{
		AllmJson   *root = allm_reader_parse(result.tree);

		if (root == NULL || root->kind != ALLM_JSON_OBJECT || count_values(root) < 2)
			abort();
	}
	allm_pgq_free(&result);
	allm_pgq_free(&result);

	allm_pgq_normalize(sql, MAX_TEXT, &result);
	allm_pgq_free(&result);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char	   *sql = malloc(size + 1);

	memcpy(sql, data, size);
	sql[size] = '\0';
	/* The gate bounds the depth, so no text may go too deep for the stack. */
	if (!mock_server_run(read_text, sql))
		abort();
	free(sql);
	return 0;
}
