/*
 * describe.c
 *		A schema in words: for whoever has to write a query over it.
 *
 * A schema that fits into a prompt is written out as DDL, the same bytes for
 * every question, and kept with the snapshot.  The form of a part of one is
 * outline.c's.
 *
 * All names are quoted as a query has to.  Comments and values are data: they
 * stay on their line.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "schema/describe.h"
#include "schema/sample.h"

static void write_relation(StringInfo out, const AllmRelation *relation);
static void write_column(StringInfo out, const AllmRelation *relation,
						 const AllmColumn *column);
static bool write_enums(StringInfo out, const AllmSnapshot *snapshot,
						Size max_bytes);

/*
 * All that the role may read, as compact DDL; NULL when that is longer than
 * max_bytes.  The text is kept with the snapshot, and is the same to the byte
 * while that is.
 */
const char *
allm_describe_schema(const AllmSnapshot *snapshot, Size max_bytes)
{
	AllmDerived *derived = snapshot->derived;
	StringInfoData out;
	bool		fits;

	if (derived == NULL)
		return "Schema:\n";
	if (derived->text != NULL)
		return strlen(derived->text) <= max_bytes ? derived->text : NULL;
	if (max_bytes <= derived->text_over)
		return NULL;

	initStringInfo(&out);
	appendStringInfoString(&out, "Schema:\n");
	fits = write_enums(&out, snapshot, max_bytes);
	for (int i = 0; fits && i < list_length(snapshot->relations); i++)
	{
		write_relation(&out, list_nth(snapshot->relations, i));
		fits = out.len <= max_bytes;
	}
	if (!fits)
	{
		derived->text_over = max_bytes;
		pfree(out.data);
		return NULL;
	}
	derived->text = MemoryContextStrdup(derived->context, out.data);
	pfree(out.data);
	return derived->text;
}

/* One relation: its columns, keys and comments. */
static void
write_relation(StringInfo out, const AllmRelation *relation)
{
	bool		is_view = (relation->kind == RELKIND_VIEW ||
						   relation->kind == RELKIND_MATVIEW);
	ListCell   *cell;

	CHECK_FOR_INTERRUPTS();
	appendStringInfo(out, "CREATE %s %s (", is_view ? "VIEW" : "TABLE",
					 relation->sql_name);
	if (relation->comment != NULL)
		appendStringInfo(out, " -- %s", relation->comment);
	foreach(cell, relation->columns)
		write_column(out, relation, lfirst(cell));
	if (list_length(relation->primary_key) > 1)
	{
		appendStringInfoString(out, "\n PRIMARY KEY (");
		allm_describe_names(out, relation->primary_key);
		appendStringInfoString(out, "),");
	}
	foreach(cell, relation->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);

		appendStringInfoString(out, "\n FOREIGN KEY (");
		allm_describe_names(out, key->from_columns);
		appendStringInfo(out, ") REFERENCES %s (", key->to->sql_name);
		allm_describe_names(out, key->to_columns);
		appendStringInfoString(out, "),");
	}
	appendStringInfoString(out, "\n);\n");
}

/* One column: name, type, what the keys say of it, comment, values. */
static void
write_column(StringInfo out, const AllmRelation *relation,
			 const AllmColumn *column)
{
	/* The type below a domain, whose definition is not in the prompt. */
	appendStringInfo(out, "\n %s %s", quote_identifier(column->name),
					 format_type_with_typemod(column->type, column->typmod));
	if (list_length(relation->primary_key) == 1 && column->in_key)
		appendStringInfoString(out, " PRIMARY KEY");
	else if (column->unique)
		appendStringInfoString(out, " UNIQUE");
	if (column->not_null && !column->in_key)
		appendStringInfoString(out, " NOT NULL");
	appendStringInfoChar(out, ',');
	if (column->comment != NULL)
		appendStringInfo(out, " -- %s", column->comment);
	allm_describe_values(out, column->comment != NULL ? "; values " : " -- values ",
						 column, "");
}

/* Column names, with commas. */
void
allm_describe_names(StringInfo out, const List *columns)
{
	ListCell   *cell;

	foreach(cell, columns)
	{
		AllmColumn *column = lfirst(cell);

		appendStringInfo(out, "%s%s", cell == list_head(columns) ? "" : ", ",
						 quote_identifier(column->name));
	}
}

/*
 * The enums that readable columns have, each once.  Returns false when they
 * are longer than max_bytes, before the end.
 */
static bool
write_enums(StringInfo out, const AllmSnapshot *snapshot, Size max_bytes)
{
	List	   *seen = NIL;
	ListCell   *rel_cell;
	ListCell   *cell;

	foreach(rel_cell, snapshot->relations)
	{
		foreach(cell, ((AllmRelation *) lfirst(rel_cell))->columns)
		{
			AllmColumn *column = lfirst(cell);

			if (column->category != TYPCATEGORY_ENUM ||
				list_member_oid(seen, column->type))
				continue;
			seen = lappend_oid(seen, column->type);
			allm_describe_enum(out, column);
			if (out->len > max_bytes)
				return false;
		}
	}
	list_free(seen);
	return true;
}

/* The enum of a column; one with too many labels is left out. */
void
allm_describe_enum(StringInfo out, const AllmColumn *column)
{
	List	   *labels = allm_sample_labels(column);
	ListCell   *cell;

	if (labels == NIL)
		return;
	appendStringInfo(out, "CREATE TYPE %s AS ENUM (",
					 format_type_be(column->type));
	foreach(cell, labels)
		appendStringInfo(out, "%s%s", cell == list_head(labels) ? "" : ", ",
						 quote_literal_cstr(lfirst(cell)));
	appendStringInfoString(out, ");\n");
}

/* Common values of a column, where they may be shown, as literals. */
void
allm_describe_values(StringInfo out, const char *before, const AllmColumn *column,
					 const char *after)
{
	List	   *values = allm_sample_values(column);
	ListCell   *cell;

	foreach(cell, values)
		appendStringInfo(out, "%s%s", cell == list_head(values) ? before : ", ",
						 quote_literal_cstr(lfirst(cell)));
	if (values != NIL)
		appendStringInfoString(out, after);
}
