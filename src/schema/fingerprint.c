/*
 * fingerprint.c
 *		What a role may read, as one number of 128 bits.
 *
 * A pure function of a snapshot: of every relation, column and key in it, with
 * their names.  Estimates of rows are left out, which change without anybody's
 * doing.
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "schema/fingerprint.h"

/* The seeds of the two halves. */
static const uint64 seeds[2] = {
	UINT64CONST(0x736E617073686F74), UINT64CONST(0x66696E6765727072)
};

static void add_relation(uint64 *sum, const AllmRelation *relation);
static void add_column(uint64 *sum, const AllmColumn *column);
static void add_key(uint64 *sum, const AllmForeignKey *key);
static void add_text(uint64 *sum, const char *text);
static void add_number(uint64 *sum, uint64 number);

/* The fingerprint of a snapshot: two snapshots that differ have other ones. */
void
allm_fingerprint_snapshot(const AllmSnapshot *snapshot, uint64 *fingerprint)
{
	ListCell   *cell;

	memcpy(fingerprint, seeds, sizeof(seeds));
	foreach(cell, snapshot->relations)
		add_relation(fingerprint, lfirst(cell));
}

/* A relation with all that hangs on it. */
static void
add_relation(uint64 *sum, const AllmRelation *relation)
{
	ListCell   *cell;

	add_number(sum, relation->oid);
	add_number(sum, relation->kind);
	add_text(sum, relation->schema);
	add_text(sum, relation->name);
	add_text(sum, relation->sql_name);
	add_text(sum, relation->comment);
	add_number(sum, list_length(relation->columns));
	foreach(cell, relation->columns)
		add_column(sum, lfirst(cell));
	add_number(sum, list_length(relation->primary_key));
	add_number(sum, list_length(relation->foreign_keys));
	foreach(cell, relation->foreign_keys)
		add_key(sum, lfirst(cell));
}

/* A column. */
static void
add_column(uint64 *sum, const AllmColumn *column)
{
	add_number(sum, column->attnum);
	add_text(sum, column->name);
	add_text(sum, column->comment);
	add_number(sum, column->declared_type);
	add_number(sum, column->type);
	add_number(sum, column->typmod);
	add_number(sum, column->not_null | column->in_key << 1 |
			   column->in_foreign_key << 2 | column->unique << 3);
}

/* A foreign key; its columns are known by their numbers. */
static void
add_key(uint64 *sum, const AllmForeignKey *key)
{
	ListCell   *cell;

	add_number(sum, key->to->oid);
	add_number(sum, key->mandatory);
	foreach(cell, key->from_columns)
		add_number(sum, ((AllmColumn *) lfirst(cell))->attnum);
	foreach(cell, key->to_columns)
		add_number(sum, ((AllmColumn *) lfirst(cell))->attnum);
}

/* A text or NULL, with its length, so that two never run into one. */
static void
add_text(uint64 *sum, const char *text)
{
	int			length = text != NULL ? strlen(text) : 0;

	add_number(sum, text != NULL ? length + 1 : 0);
	for (int i = 0; i < 2; i++)
		sum[i] = hash_combine64(sum[i],
								hash_bytes_extended((const unsigned char *) text,
													length, seeds[i]));
}

/* A number. */
static void
add_number(uint64 *sum, uint64 number)
{
	for (int i = 0; i < 2; i++)
		sum[i] = hash_combine64(sum[i],
								hash_bytes_extended((const unsigned char *) &number,
													sizeof(number), seeds[i]));
}
