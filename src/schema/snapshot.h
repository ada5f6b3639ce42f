/*
 * snapshot.h
 *		What the current role may read: relations, columns, keys.
 *
 * A snapshot holds the relations (tables, partitioned tables, views,
 * materialised views, foreign tables) of the schemas on the search_path of
 * which the role may SELECT at least one column, and only those columns.
 * System schemas, the extension's own schema, members of extensions,
 * temporary relations of others and partition children are not in it.
 * Nothing that the role may not read is in it, so whoever works from a
 * snapshot cannot give a name away.
 *
 * What others make of a whole snapshot (its text, its indexes of words) is kept
 * with it, and made when it is first wanted.
 *
 * The snapshot of a large schema lies in shared memory, where many sessions use
 * it: whoever has one reads it, and changes nothing.
 */
#ifndef ALLM_SCHEMA_SNAPSHOT_H
#define ALLM_SCHEMA_SNAPSHOT_H

#include "postgres.h"

#include "access/attnum.h"
#include "nodes/pg_list.h"

struct AllmRelation;
struct AllmIndex;
struct AllmMetric;
struct AllmNames;

/* One readable column. */
typedef struct AllmColumn
{
	struct AllmRelation *relation;
	int			number;			/* of the snapshot's columns, from 0 */
	AttrNumber	attnum;
	char	   *name;
	char	   *comment;		/* the beginning, on one line; or NULL */
	Oid			type;			/* domains are looked through */
	Oid			declared_type;
	int32		typmod;
	char		category;		/* pg_type.typcategory of type */
	bool		not_null;
	bool		in_key;			/* in the primary key */
	bool		in_foreign_key; /* in a foreign key of this relation */
	bool		unique;			/* alone in a unique index, total, immediate */
	int			prefix;			/* so many bytes of it say nothing */
	const struct AllmMetric *metric;	/* it stands for; NULL in a snapshot */
} AllmColumn;

/* A foreign key all of whose columns, on both sides, are readable. */
typedef struct AllmForeignKey
{
	Oid			oid;			/* of the constraint */
	struct AllmRelation *from;	/* the referencing side, "many" */
	struct AllmRelation *to;	/* the referenced side, "one" */
	List	   *from_columns;	/* of AllmColumn */
	List	   *to_columns;		/* of AllmColumn, in the same order */
	bool		mandatory;		/* each row here has its row there */
} AllmForeignKey;

typedef struct AllmRelation
{
	Oid			oid;
	int			number;			/* of the snapshot's relations, from 0 */
	Oid			namespace;
	char	   *schema;
	char	   *name;
	int			prefix;			/* as of a column; see prefix.c */
	char	   *comment;		/* as of a column */
	char	   *sql_name;		/* quoted, and qualified where it must be */
	char		kind;			/* pg_class.relkind */
	double		rows;			/* estimate, -1 when unknown */
	List	   *columns;		/* of AllmColumn, by attnum */
	List	   *primary_key;	/* of AllmColumn, NIL if none or not readable */
	List	   *foreign_keys;	/* of AllmForeignKey, from here */
	uint64		serial;			/* of the snapshot */
	List	   *likely_keys;	/* the same by their names; see likely.c */
} AllmRelation;

/*
 * What is made of a snapshot, in its memory; see describe.c, index.c, graph.c
 * and the names of the deterministic tier.
 */
typedef struct AllmDerived
{
	MemoryContext context;
	const struct AllmSnapshot *snapshot;
	int			place;			/* of the snapshot on the shelf, or
								 * ALLM_SHELF_NONE */
	const char *text;			/* of the whole schema, or NULL */
	Size		text_over;		/* it is longer than so many bytes */
	const struct AllmIndex *index;	/* or NULL */
	List	  **referrers;		/* of AllmForeignKey, by relation; or NULL */
	struct AllmNames *names;	/* or NULL */
} AllmDerived;

/*
 * What a snapshot was made of, sorted: OIDs of its relations; hash values of its
 * types and foreign keys in the server's caches.
 */
typedef struct AllmUsed
{
	Oid		   *relations;
	int			nrelations;
	uint32	   *rows;
	int			nrows;
} AllmUsed;

typedef struct AllmSnapshot
{
	uint64		serial;			/* another one for each */
	List	   *relations;		/* of AllmRelation, by schema and name */
	int			ncolumns;		/* of all of them */
	AllmUsed	used;
	AllmDerived *derived;		/* NULL: there is nothing to make it of */
} AllmSnapshot;

extern const AllmSnapshot *allm_snapshot_get(void);
extern AllmDerived *allm_snapshot_derived(const AllmRelation *relation);

#endif							/* ALLM_SCHEMA_SNAPSHOT_H */
