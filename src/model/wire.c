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

/*
 * The address of a path of a protocol.  The documents of some servers name the
 * endpoint with the version that the path begins with, those of others without.
 */
char *
allm_wire_url(const char *endpoint, const char *path)
{
	int			len = strlen(endpoint);

	while (len > 0 && endpoint[len - 1] == '/')
		len--;
	if (len > 3 && strncmp(endpoint + len - 3, "/v1", 3) == 0)
		len -= 3;
	return psprintf("%.*s/v1/%s", len, endpoint, path);
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
