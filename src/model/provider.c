/*
 * provider.c
 *		Servers of models, and who may call them with which key.
 *
 * A server is a foreign server of the wrapper llm_provider; a key is an option
 * of a user mapping, or in a file that one names.  USAGE on the server decides
 * who may call; the mapping is that of the current role, else PUBLIC's.
 *
 * A key is read for each call and wiped after it.  It is in no message: an
 * error about a mapping does not quote values, and keeps the statement that
 * had them out of the server log.
 *
 * Whoever may alter a server can send the keys of its mappings elsewhere, as
 * with every foreign-data wrapper.
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/htup_details.h"
#include "access/reloptions.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_type.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/errcodes.h"
#include "model/provider.h"
#include "net/url.h"

/* The wrapper that provider.sql creates. */
#define WRAPPER_NAME		"llm_provider"

/* Keys have a hundred bytes, tokens of clouds a few thousand. */
#define MAX_KEY_BYTES		4096

/* A key, in a memory context of its own that wipes it when it goes. */
typedef struct KeyHolder
{
	MemoryContextCallback wipe;
	Size		len;
	char		key[FLEXIBLE_ARRAY_MEMBER];
} KeyHolder;

/* One option. */
typedef struct ProviderOption
{
	const char *name;
	Oid			catalog;		/* of what it is an option */
	bool		superuser_only; /* it makes the server read a file, or weaker */
	const char *(*find_problem) (const char *value);
} ProviderOption;

static const char *find_api_problem(const char *value);
static const char *find_bool_problem(const char *value);
static const char *find_endpoint_problem(const char *value);
static const char *find_key_problem(const char *value);
static const char *find_path_problem(const char *value);
static const ProviderOption *find_option(const char *name, Oid catalog);
static void check_option(const DefElem *def, Oid catalog);
static void check_server(List *options);
static void check_mapping(List *options);
static char *list_options(Oid catalog);
static const char *get_option(List *options, const char *name);
static bool is_true(const char *value);
static HeapTuple find_mapping(Oid user, Oid server);
static bool copy_option(Datum options, const char *name, char **key);
static char *keep_key(const char *key, Size len);
static void wipe_key(void *arg);
static bool read_key_file(const char *path, char **key);
static const char *read_descriptor(int fd, char **key);
static bool has_safe_mode(const struct stat *st);

/* Sorted by catalog and name. */
static const ProviderOption known_options[] =
{
	{"allow_plaintext", ForeignServerRelationId, true, find_bool_problem},
	{"api", ForeignServerRelationId, false, find_api_problem},
	{"ca_file", ForeignServerRelationId, true, find_path_problem},
	{"endpoint", ForeignServerRelationId, false, find_endpoint_problem},
	{"api_key", UserMappingRelationId, false, find_key_problem},
	{"api_key_file", UserMappingRelationId, true, find_path_problem},
};

extern PGDLLEXPORT Datum analytics_llm_provider_validator(PG_FUNCTION_ARGS);

/*
 * Looks up a server for the current role, and whether that may call it with
 * some key; whether the key can be read is seen when it is read.  "provider"
 * is filled as far as was found.
 */
AllmAccess
allm_provider_find(const char *server_name, AllmProvider *provider)
{
	Oid			server_id = get_foreign_server_oid(server_name, true);
	ForeignServer *server;
	ForeignDataWrapper *wrapper;
	const char *api;
	HeapTuple	mapping;

	memset(provider, 0, sizeof(AllmProvider));
	if (!OidIsValid(server_id))
		return ALLM_ACCESS_NO_SERVER;
	/* Nothing is locked: it may be dropped between one look and the next. */
	server = GetForeignServerExtended(server_id, FSV_MISSING_OK);
	wrapper = server == NULL ? NULL :
		GetForeignDataWrapperExtended(server->fdwid, FDW_MISSING_OK);
	if (wrapper == NULL || strcmp(wrapper->fdwname, WRAPPER_NAME) != 0)
		return ALLM_ACCESS_NO_SERVER;
	api = get_option(server->options, "api");
	if (api == NULL)
		return ALLM_ACCESS_NO_SERVER;

	provider->server_id = server->serverid;
	provider->name = server->servername;
	provider->wire = allm_wire_find(api);
	if (provider->wire == NULL)
		return ALLM_ACCESS_NO_SERVER;
	provider->url = pstrdup(provider->wire->default_url);
	if (get_option(server->options, "endpoint") != NULL)
		provider->url = pstrdup(get_option(server->options, "endpoint"));
	if (get_option(server->options, "ca_file") != NULL)
		provider->ca_file = pstrdup(get_option(server->options, "ca_file"));
	provider->allow_plaintext =
		is_true(get_option(server->options, "allow_plaintext"));

	if (allm_server_aclcheck(server->serverid, GetUserId()) != ACLCHECK_OK)
		return ALLM_ACCESS_NO_USAGE;

	provider->mapping_user = GetUserId();
	mapping = find_mapping(provider->mapping_user, server->serverid);
	if (mapping == NULL)
	{
		provider->mapping_user = InvalidOid;
		mapping = find_mapping(provider->mapping_user, server->serverid);
	}
	if (mapping == NULL)
		return ALLM_ACCESS_NO_KEY;
	ReleaseSysCache(mapping);
	return ALLM_ACCESS_OK;
}

/*
 * The key for a server that was found.  It lies in a memory context of its
 * own under the current one, and is wiped when that goes, also on an error;
 * the caller lets it go as soon as the call is over.
 */
AllmAccess
allm_provider_read_key(const AllmProvider *provider, char **key)
{
	HeapTuple	mapping = find_mapping(provider->mapping_user,
									   provider->server_id);
	AllmAccess	access = ALLM_ACCESS_NO_KEY;
	Datum		options;
	bool		isnull;
	char	   *path;

	if (mapping == NULL)
		return ALLM_ACCESS_NO_KEY;
	options = SysCacheGetAttr(USERMAPPINGUSERSERVER, mapping,
							  Anum_pg_user_mapping_umoptions, &isnull);
	if (!isnull && copy_option(options, "api_key", key))
		access = ALLM_ACCESS_OK;
	else if (!isnull && copy_option(options, "api_key_file", &path))
		access = read_key_file(path, key) ?
			ALLM_ACCESS_OK : ALLM_ACCESS_BAD_KEY_FILE;
	ReleaseSysCache(mapping);
	return access;
}

/* Wipes a key and frees it. */
void
allm_provider_forget_key(char *key)
{
	MemoryContextDelete(GetMemoryChunkContext(key - offsetof(KeyHolder, key)));
}

/* The outcome of a look-up in one word, for the log and llm_status. */
const char *
allm_provider_why(AllmAccess access)
{
	static const char *const words[] =
	{
		[ALLM_ACCESS_OK] = "ready",
		[ALLM_ACCESS_NO_SERVER] = "no_server",
		[ALLM_ACCESS_NO_USAGE] = "no_usage",
		[ALLM_ACCESS_NO_KEY] = "no_key",
		[ALLM_ACCESS_BAD_KEY_FILE] = "bad_key_file",
	};

	return words[access];
}

/* Raises the error for an access that is not ALLM_ACCESS_OK. */
void
allm_provider_raise(AllmAccess access, const char *server_name)
{
	const char *role = GetUserNameFromId(GetUserId(), false);

	if (access == ALLM_ACCESS_NO_SERVER)
		ereport(ERROR,
				(errcode(ERRCODE_ALLM_NO_CREDENTIALS),
				 errmsg("role \"%s\" has no key for server \"%s\"",
						role, server_name),
				 errdetail("Server \"%s\" of foreign-data wrapper \"%s\" does not exist.",
						   server_name, WRAPPER_NAME),
				 errhint("Create it with: CREATE SERVER %s FOREIGN DATA WRAPPER %s OPTIONS (api 'anthropic').",
						 quote_identifier(server_name), WRAPPER_NAME)));
	if (access == ALLM_ACCESS_NO_USAGE)
		ereport(ERROR,
				(errcode(ERRCODE_ALLM_NO_CREDENTIALS),
				 errmsg("role \"%s\" may not use server \"%s\"",
						role, server_name),
				 errhint("Grant it with: GRANT USAGE ON FOREIGN SERVER %s TO %s.",
						 quote_identifier(server_name),
						 quote_identifier(role))));
	if (access == ALLM_ACCESS_BAD_KEY_FILE)
		ereport(ERROR,
				(errcode(ERRCODE_ALLM_NO_CREDENTIALS),
				 errmsg("key file of role \"%s\" for server \"%s\" cannot be used",
						role, server_name),
				 errhint("The server log has the reason.")));
	ereport(ERROR,
			(errcode(ERRCODE_ALLM_NO_CREDENTIALS),
			 errmsg("role \"%s\" has no key for server \"%s\"",
					role, server_name),
			 errhint("Create a user mapping for %s with the option api_key_file.",
					 quote_identifier(role))));
}

/* The mapping of a role, or of PUBLIC, on a server; to be released. */
static HeapTuple
find_mapping(Oid user, Oid server)
{
	HeapTuple	tuple = SearchSysCache2(USERMAPPINGUSERSERVER,
										ObjectIdGetDatum(user),
										ObjectIdGetDatum(server));

	return HeapTupleIsValid(tuple) ? tuple : NULL;
}

/*
 * The value of one option of a mapping, held as a key.  The server's own
 * reader would leave copies of all of them behind.
 */
static bool
copy_option(Datum options, const char *name, char **key)
{
	ArrayType  *array = DatumGetArrayTypePCopy(options);
	Size		name_len = strlen(name);
	bool		found = false;
	Datum	   *elements;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, NULL, &n);
	for (int i = 0; i < n && !found; i++)
	{
		text	   *element = (text *) DatumGetPointer(elements[i]);
		const char *data = VARDATA_ANY(element);
		Size		len = VARSIZE_ANY_EXHDR(element);

		if (len > name_len && data[name_len] == '=' &&
			memcmp(data, name, name_len) == 0)
		{
			*key = keep_key(data + name_len + 1, len - name_len - 1);
			found = true;
		}
	}
	explicit_bzero(array, VARSIZE(array));
	pfree(array);
	pfree(elements);
	return found;
}

/* A copy that is wiped when its memory context goes. */
static char *
keep_key(const char *key, Size len)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "analytics_llm key",
												  ALLOCSET_SMALL_SIZES);
	KeyHolder  *holder = MemoryContextAlloc(context,
											offsetof(KeyHolder, key) + len + 1);

	holder->len = len;
	memcpy(holder->key, key, len);
	holder->key[len] = '\0';
	holder->wipe.func = wipe_key;
	holder->wipe.arg = holder;
	MemoryContextRegisterResetCallback(context, &holder->wipe);
	return holder->key;
}

/* The reset callback of a key's memory context. */
static void
wipe_key(void *arg)
{
	KeyHolder  *holder = arg;

	explicit_bzero(holder->key, holder->len);
}

/*
 * The key in a file.  The server log says what is wrong with the file; the
 * asking role need not know where it is.
 */
static bool
read_key_file(const char *path, char **key)
{
	/* A pipe must not make us wait for a writer. */
	int			fd = OpenTransientFile(path, O_RDONLY | O_NONBLOCK | PG_BINARY);
	const char *problem;

	if (fd < 0)
	{
		ereport(LOG,
				(errcode_for_file_access(),
				 errmsg("could not open key file \"%s\": %m", path)));
		return false;
	}
	problem = read_descriptor(fd, key);
	CloseTransientFile(fd);
	if (problem != NULL)
		ereport(LOG,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("key file \"%s\" cannot be used", path),
				 errdetail_internal("%s", problem)));
	return problem == NULL;
}

/* The key in an open file, or what is wrong with it. */
static const char *
read_descriptor(int fd, char **key)
{
	char		buffer[MAX_KEY_BYTES + 2];
	char	   *start = buffer;
	const char *problem;
	struct stat st;
	ssize_t		len;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return "It is not a regular file.";
	if (!has_safe_mode(&st))
		return "It must be owned by the server's user with mode 0600 or less, or by root with mode 0640 or less.";
	len = read(fd, buffer, sizeof(buffer) - 1);
	if (len < 0)
		return "It could not be read.";
	buffer[len] = '\0';
	if (strlen(buffer) != len)
		problem = "It has a zero byte.";
	else
	{
		while (len > 0 && strchr(" \t\r\n", buffer[len - 1]) != NULL)
			buffer[--len] = '\0';
		start += strspn(buffer, " \t\r\n");
		problem = find_key_problem(start);
	}
	if (problem == NULL)
		*key = keep_key(start, strlen(start));
	explicit_bzero(buffer, sizeof(buffer));
	return problem;
}

/* The rule that the server has for the file of its own private key. */
static bool
has_safe_mode(const struct stat *st)
{
	if (st->st_uid == geteuid())
		return (st->st_mode & (S_IRWXG | S_IRWXO)) == 0;
	return st->st_uid == 0 &&
		(st->st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) == 0;
}

/* The text of an option, or NULL. */
static const char *
get_option(List *options, const char *name)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *def = lfirst(cell);

		if (strcmp(def->defname, name) == 0)
			return defGetString(def);
	}
	return NULL;
}

/* Does a boolean option say yes? */
static bool
is_true(const char *value)
{
	bool		result = false;

	return value != NULL && parse_bool(value, &result) && result;
}

/* The row of an option, or NULL. */
static const ProviderOption *
find_option(const char *name, Oid catalog)
{
	for (int i = 0; i < lengthof(known_options); i++)
	{
		if (known_options[i].catalog == catalog &&
			strcmp(known_options[i].name, name) == 0)
			return &known_options[i];
	}
	return NULL;
}

/* The options that something may have, for a hint. */
static char *
list_options(Oid catalog)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < lengthof(known_options); i++)
	{
		if (known_options[i].catalog == catalog)
			appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "",
							 known_options[i].name);
	}
	return list.data;
}

/*
 * Raises for an option that is unknown, wrong, or not for this role.  The
 * statement may have a key in it: it stays out of the server log.
 */
static void
check_option(const DefElem *def, Oid catalog)
{
	const ProviderOption *option = find_option(def->defname, catalog);
	const char *problem;

	if (option == NULL)
	{
		char	   *list = list_options(catalog);

		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
				 errmsg("invalid option \"%s\"", def->defname),
				 list[0] != '\0' ?
				 errhint("Valid options here are: %s.", list) :
				 errhint("There are no valid options here."),
				 errhidestmt(true)));
	}
	if (option->superuser_only && !superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for option \"%s\"", option->name),
				 errdetail("Only a superuser may set it, or alter what has it."),
				 errhidestmt(true)));
	problem = option->find_problem(defGetString(unconstify(DefElem *, def)));
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value of option \"%s\"", option->name),
				 errdetail_internal("%s", problem),
				 errhidestmt(true)));
}

/* Raises for options of a server that do not go together. */
static void
check_server(List *options)
{
	const char *endpoint = get_option(options, "endpoint");
	const char *problem;

	if (get_option(options, "api") == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("a server of \"%s\" needs the option \"api\"",
						WRAPPER_NAME),
				 errhint("Known values are: %s.", allm_wire_list())));
	if (endpoint == NULL)
		return;
	problem = allm_url_problem(endpoint,
							   is_true(get_option(options,
												  "allow_plaintext")));
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value of option \"%s\"", "endpoint"),
				 errdetail_internal("%s", problem)));
}

/* Raises for options of a user mapping that do not go together. */
static void
check_mapping(List *options)
{
	if ((get_option(options, "api_key") != NULL) ==
		(get_option(options, "api_key_file") != NULL))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("a user mapping needs either the option \"api_key\" or \"api_key_file\""),
				 errhidestmt(true)));
}

/* Is it a protocol that we speak? */
static const char *
find_api_problem(const char *value)
{
	if (allm_wire_find(value) != NULL)
		return NULL;
	return psprintf("Known values are: %s.", allm_wire_list());
}

/* Is it a boolean? */
static const char *
find_bool_problem(const char *value)
{
	bool		result;

	return parse_bool(value, &result) ? NULL : "It is not a boolean.";
}

/* Is it a URL that a path can be put behind?  The rest is check_server's. */
static const char *
find_endpoint_problem(const char *value)
{
	if (strpbrk(value, "?#") != NULL)
		return "It has a query or a fragment.";
	return allm_url_problem(value, true);
}

/* Is it a key that can be sent in a header?  Never quotes it. */
static const char *
find_key_problem(const char *value)
{
	if (value[0] == '\0')
		return "The key is empty.";
	if (strlen(value) > MAX_KEY_BYTES)
		return "The key is too long.";
	for (const char *c = value; *c != '\0'; c++)
	{
		if (*c <= ' ' || *c >= 0x7F)
			return "The key has a character that is not printable ASCII.";
	}
	return NULL;
}

/* Is it a path that does not depend on where the server runs? */
static const char *
find_path_problem(const char *value)
{
	return is_absolute_path(value) ? NULL : "It is not an absolute path.";
}

PG_FUNCTION_INFO_V1(analytics_llm_provider_validator);

/*
 * analytics_llm_provider_validator
 *		Check the options of a server or a user mapping.
 *
 * SQL: llm_provider_validator(options text[], catalog oid) returns void
 *
 * The server calls it with all options that the object is to have.
 */
Datum
analytics_llm_provider_validator(PG_FUNCTION_ARGS)
{
	List	   *options = untransformRelOptions(PG_GETARG_DATUM(0));
	Oid			catalog = PG_GETARG_OID(1);
	ListCell   *cell;

	foreach(cell, options)
		check_option(lfirst(cell), catalog);
	if (catalog == ForeignServerRelationId)
		check_server(options);
	if (catalog == UserMappingRelationId)
		check_mapping(options);
	PG_RETURN_VOID();
}
