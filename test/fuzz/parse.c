/*
 * parse.c
 *		Fuzz target: any text through the gate, the parser library, and the
 *		reader of what that writes.
 *
 * What must hold: no crash, no overflow, no leak and no hang, whatever the
 * text; the reader understands all that the library writes, and finds as many
 * values in it as there are.  The server's functions that the reader needs are
 * stood in for below; what they allocate is freed after each text.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "guard/pgq.h"
#include "guard/reader.h"

#undef fprintf
#undef malloc
#undef free

/* The longest text that the setting analytics_llm.max_sql_length allows. */
#define MAX_TEXT	(32 * 1024)

static void *chunks[4096];
static int	nchunks;

extern int	LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

void *
palloc(Size size)
{
	if (nchunks == lengthof(chunks))
		abort();
	return chunks[nchunks++] = malloc(size);
}

void
check_stack_depth(void)
{
	/* The gate bounds it, which is what is tried here. */
}

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

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char	   *sql = malloc(size + 1);
	AllmPgqResult result;

	memcpy(sql, data, size);
	sql[size] = '\0';

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

	while (nchunks > 0)
		free(chunks[--nchunks]);
	free(sql);
	return 0;
}
