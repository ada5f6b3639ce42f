/*
 * provider.h
 *		Servers of models, and who may call them with which key.
 */
#ifndef ALLM_MODEL_PROVIDER_H
#define ALLM_MODEL_PROVIDER_H

#include "postgres.h"

#include "base/compat.h"
#include "model/wire.h"

/* Can the current role call a server? */
typedef enum AllmAccess
{
	ALLM_ACCESS_OK,
	ALLM_ACCESS_NO_SERVER,		/* no such server of llm_provider */
	ALLM_ACCESS_NO_USAGE,		/* not granted */
	ALLM_ACCESS_NO_KEY,			/* no user mapping with a key */
	ALLM_ACCESS_BAD_KEY_FILE	/* the server log says why */
} AllmAccess;

/* A server as its options describe it. */
typedef struct AllmProvider
{
	Oid			server_id;
	char	   *name;
	const AllmWire *wire;
	char	   *url;
	char	   *ca_file;		/* or NULL */
	bool		allow_plaintext;
	Oid			mapping_user;	/* whose mapping it is; InvalidOid: PUBLIC's */
} AllmProvider;

extern AllmAccess allm_provider_find(const char *server_name,
									 AllmProvider *provider);
extern AllmAccess allm_provider_read_key(const AllmProvider *provider,
										 char **key);
extern const char *allm_provider_why(AllmAccess access);
extern void allm_provider_forget_key(char *key);
pg_noreturn extern void allm_provider_raise(AllmAccess access,
											const char *server_name);

#endif							/* ALLM_MODEL_PROVIDER_H */
