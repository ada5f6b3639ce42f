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
 */
#ifndef ALLM_SCHEMA_SNAPSHOT_H
#define ALLM_SCHEMA_SNAPSHOT_H

#include "postgres.h"

#include "access/attnum.h"
#include "nodes/pg_list.h"

struct AllmRelation;

/* One readable column. */
typedef struct AllmColumn
{
	struct AllmRelation *relation;
	AttrNumber	attnum;
	char	   *name;
	Oid			type;			/* domains are looked through */
	Oid			declared_type;
	int32		typmod;
	char		category;		/* pg_type.typcategory of type */
	bool		not_null;
	bool		in_key;			/* in the primary key */
	bool		in_foreign_key; /* in a foreign key of this relation */
	bool		unique;			/* alone in a unique index, total, immediate */
} AllmColumn;

/* A foreign key all of whose columns, on both sides, are readable. */
typedef struct AllmForeignKey
{
	struct AllmRelation *from;	/* the referencing side, "many" */
	struct AllmRelation *to;	/* the referenced side, "one" */
	List	   *from_columns;	/* of AllmColumn */
	List	   *to_columns;		/* of AllmColumn, in the same order */
	bool		mandatory;		/* each row here has its row there */
} AllmForeignKey;

typedef struct AllmRelation
{
	Oid			oid;
	char	   *schema;
	char	   *name;
	char	   *sql_name;		/* quoted, and qualified where it must be */
	char		kind;			/* pg_class.relkind */
	double		rows;			/* estimate, -1 when unknown */
	List	   *columns;		/* of AllmColumn, by attnum */
	List	   *primary_key;	/* of AllmColumn, NIL if none or not readable */
	List	   *foreign_keys;	/* of AllmForeignKey, from here */
} AllmRelation;

typedef struct AllmSnapshot
{
	List	   *relations;		/* of AllmRelation, by schema and name */
} AllmSnapshot;

extern const AllmSnapshot *allm_snapshot_get(void);

#endif							/* ALLM_SCHEMA_SNAPSHOT_H */
