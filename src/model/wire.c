/*
 * wire.c
 *		The table of protocols.
 *
 * Pure functions; no state.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "model/wire.h"
#include "model/wire_anthropic.h"
#include "model/wire_openai.h"

/* Sorted by name. */
static const AllmWire *const wires[] =
{
	&allm_wire_anthropic,
	&allm_wire_openai,
};

/* The protocol of that name, or NULL. */
const AllmWire *
allm_wire_find(const char *api)
{
	for (int i = 0; i < lengthof(wires); i++)
	{
		if (strcmp(wires[i]->api, api) == 0)
			return wires[i];
	}
	return NULL;
}

/* The names of all protocols, for a message. */
char *
allm_wire_list(void)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < lengthof(wires); i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", wires[i]->api);
	return list.data;
}
