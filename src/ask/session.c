/*
 * session.c
 *		What of a session the rows of an answer may depend on, where they do not
 *		depend on the data alone: who has logged in, what the role is a member
 *		of, and every setting that somebody can set.
 *
 * Nobody can tell which of them a policy's function reads, so all are compared.
 * A description has a line for each, with a hash in the place of the value: a
 * setting may be a secret.
 *
 * Reads catalogs and settings, shares nothing.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_auth_members.h"
#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/catcache.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/syscache.h"

#include "ask/session.h"
#include "base/compat.h"

/* Of the extension's own, one can be read by a policy to some purpose. */
#define OWN_SETTINGS		"analytics_llm."
#define END_USER			"analytics_llm.end_user"

static bool may_matter(const struct config_generic *setting);
static void add_line(StringInfo out, uint64 salt, const char *what,
					 const char *value);
static char *list_memberships(Oid role);
static const char *find_strange_line(const char *lines, const char *others,
									 Size *length);

/* The session as it is, in the current memory context. */
char *
allm_session_describe(const pg_uuid_t *salt)
{
	struct config_generic **settings;
	StringInfoData out;
	uint64		seed;
	int			n;

	memcpy(&seed, salt->data, sizeof(seed));
	initStringInfo(&out);
	add_line(&out, seed, "session_user",
			 GetUserNameFromId(GetSessionUserId(), false));
	add_line(&out, seed, "the memberships of the role",
			 list_memberships(GetUserId()));
	settings = allm_guc_variables(&n);
	for (int i = 0; i < n; i++)
	{
		const char *name = settings[i]->name;
		const char *value;

		if (!may_matter(settings[i]))
			continue;
		value = GetConfigOption(name, true, false);
		add_line(&out, seed, psprintf("setting \"%s\"", name),
				 value != NULL ? value : "");
	}
	return out.data;
}

/*
 * Can a setting make a difference between two sessions?  One that is at its
 * default is left out; what belongs to a transaction cannot be reset.
 */
static bool
may_matter(const struct config_generic *setting)
{
	if (setting->context != PGC_USERSET && setting->context != PGC_SUSET)
		return false;
	if (setting->source == PGC_S_DEFAULT ||
		(setting->flags & GUC_NO_RESET_ALL) != 0)
		return false;
	return strncmp(setting->name, OWN_SETTINGS, strlen(OWN_SETTINGS)) != 0 ||
		strcmp(setting->name, END_USER) == 0;
}

/* One line: the hash of a value, and what it is of. */
static void
add_line(StringInfo out, uint64 salt, const char *what, const char *value)
{
	uint64		hash = hash_bytes_extended((const unsigned char *) value,
										   strlen(value), salt);

	appendStringInfo(out, "%016llx %s\n", (unsigned long long) hash, what);
}

/* The roles that a role is a member of, also by way of others. */
static char *
list_memberships(Oid role)
{
	List	   *roles = list_make1_oid(role);
	StringInfoData out;
	ListCell   *cell;

	/* The list grows while it is walked. */
	foreach(cell, roles)
	{
		CatCList   *list = SearchSysCacheList1(AUTHMEMMEMROLE,
											   ObjectIdGetDatum(lfirst_oid(cell)));

		for (int i = 0; i < list->n_members; i++)
		{
			HeapTuple	tuple = &list->members[i]->tuple;

			roles = list_append_unique_oid(roles,
										   ((Form_pg_auth_members) GETSTRUCT(tuple))->roleid);
		}
		ReleaseCatCacheList(list);
	}
	list_sort(roles, list_oid_cmp);
	initStringInfo(&out);
	foreach(cell, roles)
		appendStringInfo(&out, "%u ", lfirst_oid(cell));
	return out.data;
}

/*
 * In what two descriptions with the same salt differ first; NULL when they are
 * the same.
 */
char *
allm_session_difference(const char *then, const char *now)
{
	Size		hash_length = 2 * sizeof(uint64) + 1;
	Size		length;
	const char *line = find_strange_line(then, now, &length);

	if (line == NULL)
		line = find_strange_line(now, then, &length);
	if (line == NULL)
		return NULL;
	return pnstrdup(line + hash_length, length - hash_length - 1);
}

/* The first of some lines that is not among others, with its newline. */
static const char *
find_strange_line(const char *lines, const char *others, Size *length)
{
	while (*lines != '\0')
	{
		const char *other = others;

		*length = strchr(lines, '\n') + 1 - lines;
		while (*other != '\0' && strncmp(lines, other, *length) != 0)
			other = strchr(other, '\n') + 1;
		if (*other == '\0')
			return lines;
		lines += *length;
	}
	return NULL;
}
