/*
 * flat.c
 *		A snapshot, and the index of one, in one piece of memory.
 *
 * Relations and columns become arrays by their numbers, so that it is known
 * where each will be before it is written.  An index refers to relations and
 * columns of its snapshot where they are, which has to be on the shelf already.
 */
#include "postgres.h"

#include "schema/flat.h"
#include "schema/index.h"
#include "schema/snapshot.h"

/* Where the arrays will be. */
typedef struct Places
{
	AllmRelation *relations;
	AllmColumn *columns;
	AllmImage  *image;
} Places;

static void write_relation(Places *places, const AllmRelation *relation);
static void write_column(Places *places, const AllmColumn *column);
static void *place_relation(const void *element, const void *arg);
static void *place_column(const void *element, const void *arg);
static void *write_key(const void *element, const void *arg);
static List *write_columns(const Places *places, const List *columns);

/* Writes a snapshot (an AllmSnapshot); what was made of it is not copied. */
void *
allm_flat_snapshot(AllmImage *image, const void *what)
{
	const AllmSnapshot *snapshot = what;
	AllmSnapshot copy = *snapshot;
	Places		places = {.image = image};
	ListCell   *cell;
	ListCell   *inner;

	places.relations =
		allm_image_reserve(image, list_length(snapshot->relations) *
						   sizeof(AllmRelation));
	places.columns = allm_image_reserve(image, snapshot->ncolumns *
										sizeof(AllmColumn));
	foreach(cell, snapshot->relations)
	{
		const AllmRelation *relation = lfirst(cell);

		write_relation(&places, relation);
		foreach(inner, relation->columns)
			write_column(&places, lfirst(inner));
	}
	copy.relations = allm_image_list(image, snapshot->relations, place_relation,
									 &places);
	copy.used.relations = allm_image_add(image, snapshot->used.relations,
										 snapshot->used.nrelations * sizeof(Oid));
	copy.used.rows = allm_image_add(image, snapshot->used.rows,
									snapshot->used.nrows * sizeof(uint32));
	copy.derived = NULL;
	return allm_image_add(image, &copy, sizeof(copy));
}

/* Writes a relation, with its texts, its lists and its keys. */
static void
write_relation(Places *places, const AllmRelation *relation)
{
	AllmImage  *image = places->image;
	AllmRelation copy = *relation;

	copy.schema = allm_image_text(image, relation->schema);
	copy.name = allm_image_text(image, relation->name);
	copy.comment = allm_image_text(image, relation->comment);
	copy.sql_name = allm_image_text(image, relation->sql_name);
	copy.columns = write_columns(places, relation->columns);
	copy.primary_key = write_columns(places, relation->primary_key);
	copy.foreign_keys = allm_image_list(image, relation->foreign_keys,
										write_key, places);
	copy.likely_keys = allm_image_list(image, relation->likely_keys,
									   write_key, places);
	allm_image_store(image, &places->relations[relation->number], &copy,
					 sizeof(copy));
}

/* Writes a column, with its texts. */
static void
write_column(Places *places, const AllmColumn *column)
{
	AllmImage  *image = places->image;
	AllmColumn	copy = *column;

	copy.relation = place_relation(column->relation, places);
	copy.name = allm_image_text(image, column->name);
	copy.comment = allm_image_text(image, column->comment);
	allm_image_store(image, &places->columns[column->number], &copy,
					 sizeof(copy));
}

/* Where a relation will be. */
static void *
place_relation(const void *element, const void *arg)
{
	const AllmRelation *relation = element;
	const Places *places = arg;

	return &places->relations[relation->number];
}

/* Where a column will be. */
static void *
place_column(const void *element, const void *arg)
{
	const AllmColumn *column = element;
	const Places *places = arg;

	return &places->columns[column->number];
}

/* Writes a key; it is in one list only. */
static void *
write_key(const void *element, const void *arg)
{
	const AllmForeignKey *key = element;
	const Places *places = arg;
	AllmForeignKey copy = *key;

	copy.from = place_relation(key->from, places);
	copy.to = place_relation(key->to, places);
	copy.from_columns = write_columns(places, key->from_columns);
	copy.to_columns = write_columns(places, key->to_columns);
	return allm_image_add(places->image, &copy, sizeof(copy));
}

/* Writes a list of columns. */
static List *
write_columns(const Places *places, const List *columns)
{
	return allm_image_list(places->image, columns, place_column, places);
}

/* Writes the index (an AllmIndex) of a snapshot on the shelf. */
void *
allm_flat_index(AllmImage *image, const void *what)
{
	const AllmIndex *index = what;
	AllmIndex	copy = *index;
	int			npostings = 0;

	copy.relations = allm_image_reserve(image, index->nrelations *
										sizeof(AllmIndexRelation));
	for (int i = 0; i < index->nrelations; i++)
	{
		AllmIndexRelation relation = index->relations[i];

		relation.edges = allm_image_add(image, relation.edges,
										relation.nedges * sizeof(AllmEdge));
		allm_image_store(image, &copy.relations[i], &relation,
						 sizeof(relation));
	}
	copy.columns = allm_image_reserve(image, index->ncolumns *
									  sizeof(AllmIndexColumn));
	for (int i = 0; i < index->ncolumns; i++)
	{
		AllmIndexColumn column = index->columns[i];

		column.joins = allm_image_add(image, column.joins,
									  column.njoins * sizeof(int));
		allm_image_store(image, &copy.columns[i], &column, sizeof(column));
	}
	copy.terms = allm_image_reserve(image, index->nterms * sizeof(AllmTerm));
	for (int i = 0; i < index->nterms; i++)
	{
		AllmTerm	term = index->terms[i];

		term.text = allm_image_text(image, term.text);
		npostings += term.count;
		allm_image_store(image, &copy.terms[i], &term, sizeof(term));
	}
	copy.postings = allm_image_add(image, index->postings,
								   npostings * sizeof(AllmPosting));
	return allm_image_add(image, &copy, sizeof(copy));
}
