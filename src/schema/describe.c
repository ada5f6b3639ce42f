/*
 * describe.c
 *		A schema in words: for whoever has to write a query over it.
 *
 * There are two forms.  A schema that fits is written out as DDL, the same
 * bytes for every question, and kept with the snapshot.  What a question was
 * linked to is another part each time, which no provider keeps: it is written
 * as one line a relation, with the columns grouped by type, in less than half the
 * room.  Columns without a type are text, as most are:
 *
 *		sale: note; int id* customer_id>customer; date sold_on
 *
 * All names are quoted as a query has to.  Comments and values are data: they
 * stay on their line.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "schema/describe.h"
#include "schema/sample.h"

/* A comment beside a linked column: its beginning. */
#define MAX_LINKED_COMMENT	80

/* A linked column without a type is of this one. */
#define UNSAID_TYPE			"text"

/* Types by the short names that the server takes as well. */
static const char *const short_types[][2] =
{
	{"bigint", "int"}, {"boolean", "bool"}, {"character varying", "text"},
	{"character", "text"}, {"double precision", "float"}, {"integer", "int"},
	{"real", "float"}, {"smallint", "int"},
	{"time with time zone", "timetz"}, {"time without time zone", "time"},
	{"timestamp with time zone", "timestamptz"},
	{"timestamp without time zone", "timestamp"},
};

static void write_relation(StringInfo out, const AllmRelation *relation);
static void write_column(StringInfo out, const AllmRelation *relation,
						 const AllmColumn *column);
static void write_names(StringInfo out, const List *columns);
static bool write_enums(StringInfo out, const AllmSnapshot *snapshot,
						Size max_bytes);
static void write_enum(StringInfo out, const AllmColumn *column);
static void write_values(StringInfo out, const char *before,
						 const AllmColumn *column, const char *after);
static void write_linked(StringInfo out, const AllmLinked *linked,
						 const AllmLinkedRelation *part);
static void write_linked_type(StringInfo out, const AllmLinked *linked,
							  AllmColumn **columns, const char **types, int n,
							  const char *type);
static void write_linked_column(StringInfo out, const AllmLinked *linked,
								const AllmColumn *column);
static void write_reference(StringInfo out, const AllmForeignKey *key);
static void write_linked_keys(StringInfo out, const AllmLinked *linked,
							  const AllmLinkedRelation *part);
static void write_comment(StringInfo out, const char *comment);
static const AllmForeignKey *find_single_key(const AllmColumn *column);
static const AllmLinkedRelation *find_part(const AllmLinked *linked,
										   const AllmRelation *relation);
static const char *name_type(const AllmColumn *column);

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
		write_names(out, relation->primary_key);
		appendStringInfoString(out, "),");
	}
	foreach(cell, relation->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);

		appendStringInfoString(out, "\n FOREIGN KEY (");
		write_names(out, key->from_columns);
		appendStringInfo(out, ") REFERENCES %s (", key->to->sql_name);
		write_names(out, key->to_columns);
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
	write_values(out, column->comment != NULL ? "; values " : " -- values ",
				 column, "");
}

/* Column names, with commas. */
static void
write_names(StringInfo out, const List *columns)
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
			write_enum(out, column);
			if (out->len > max_bytes)
				return false;
		}
	}
	list_free(seen);
	return true;
}

/* The enum of a column; one with too many labels is left out. */
static void
write_enum(StringInfo out, const AllmColumn *column)
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
static void
write_values(StringInfo out, const char *before, const AllmColumn *column,
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

/* What a question was linked to, one line a relation. */
char *
allm_describe_linked(const AllmLinked *linked)
{
	StringInfoData out;
	List	   *seen = NIL;
	ListCell   *cell;

	initStringInfo(&out);
	appendStringInfoString(&out, "Schema:\n");
	foreach(cell, linked->relations)
	{
		AllmLinkedRelation *part = lfirst(cell);
		ListCell   *inner;

		foreach(inner, part->relation->columns)
		{
			AllmColumn *column = lfirst(inner);

			if (column->category != TYPCATEGORY_ENUM ||
				!bms_is_member(column->attnum, part->columns) ||
				list_member_oid(seen, column->type))
				continue;
			seen = lappend_oid(seen, column->type);
			write_enum(&out, column);
		}
	}
	foreach(cell, linked->relations)
		write_linked(&out, linked, lfirst(cell));
	return out.data;
}

/* One line: the texts, then the others by type, in the order of the types. */
static void
write_linked(StringInfo out, const AllmLinked *linked,
			 const AllmLinkedRelation *part)
{
	int			n = 0;
	AllmColumn **columns = palloc(bms_num_members(part->columns) *
								  sizeof(AllmColumn *));
	const char **types = palloc(bms_num_members(part->columns) *
								sizeof(char *));
	ListCell   *cell;

	foreach(cell, part->relation->columns)
	{
		AllmColumn *column = lfirst(cell);

		if (!bms_is_member(column->attnum, part->columns))
			continue;
		columns[n] = column;
		types[n++] = name_type(column);
	}

	appendStringInfoString(out, part->relation->sql_name);
	write_comment(out, part->relation->comment);
	appendStringInfoChar(out, ':');
	write_linked_type(out, linked, columns, types, n, UNSAID_TYPE);
	for (int i = 0; i < n; i++)
	{
		if (columns[i] == NULL)
			continue;
		appendStringInfo(out, "; %s", types[i]);
		write_linked_type(out, linked, columns, types, n, types[i]);
	}
	write_linked_keys(out, linked, part);
	appendStringInfoChar(out, '\n');
}

/* The columns of one type; each is taken out of the array. */
static void
write_linked_type(StringInfo out, const AllmLinked *linked,
				  AllmColumn **columns, const char **types, int n,
				  const char *type)
{
	for (int i = 0; i < n; i++)
	{
		if (columns[i] == NULL || strcmp(types[i], type) != 0)
			continue;
		write_linked_column(out, linked, columns[i]);
		columns[i] = NULL;
	}
}

/* One column: name, key, what it refers to, comment, values. */
static void
write_linked_column(StringInfo out, const AllmLinked *linked,
					const AllmColumn *column)
{
	const AllmForeignKey *key = find_single_key(column);

	appendStringInfo(out, " %s%s", quote_identifier(column->name),
					 column->in_key ? "*" : "");
	if (key != NULL && find_part(linked, key->to) != NULL)
		write_reference(out, key);
	write_comment(out, column->comment);
	write_values(out, " (values ", column, ")");
}

/* What a foreign key of one column leads to; the key of it goes without saying. */
static void
write_reference(StringInfo out, const AllmForeignKey *key)
{
	AllmColumn *to = linitial(key->to_columns);

	appendStringInfo(out, ">%s", key->to->sql_name);
	if (!to->in_key)
		appendStringInfo(out, ".%s", quote_identifier(to->name));
}

/* Foreign keys of more columns, where all of them are there. */
static void
write_linked_keys(StringInfo out, const AllmLinked *linked,
				  const AllmLinkedRelation *part)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, part->relation->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);
		bool		all = find_part(linked, key->to) != NULL;

		foreach(inner, key->from_columns)
			all &= bms_is_member(((AllmColumn *) lfirst(inner))->attnum,
								 part->columns);
		if (!all || list_length(key->from_columns) == 1)
			continue;
		appendStringInfoString(out, "; (");
		write_names(out, key->from_columns);
		appendStringInfo(out, ")>%s(", key->to->sql_name);
		write_names(out, key->to_columns);
		appendStringInfoChar(out, ')');
	}
}

/* A comment in brackets, cut to a few words. */
static void
write_comment(StringInfo out, const char *comment)
{
	if (comment != NULL)
		appendStringInfo(out, " (%.*s)",
						 pg_mbcliplen(comment, strlen(comment),
									  MAX_LINKED_COMMENT), comment);
}

/* At most so many bytes does a linked relation take without its columns. */
Size
allm_describe_relation_bytes(const AllmRelation *relation)
{
	Size		bytes = strlen(relation->sql_name) + strlen(":\n");
	ListCell   *cell;
	ListCell   *inner;

	if (relation->comment != NULL)
		bytes += Min(strlen(relation->comment), MAX_LINKED_COMMENT) + 3;
	foreach(cell, relation->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);

		if (list_length(key->from_columns) == 1)
			continue;
		bytes += strlen("; ()>()") + strlen(key->to->sql_name);
		foreach(inner, key->from_columns)
			bytes += strlen(quote_identifier(((AllmColumn *) lfirst(inner))->name)) + 2;
		foreach(inner, key->to_columns)
			bytes += strlen(quote_identifier(((AllmColumn *) lfirst(inner))->name)) + 2;
	}
	return bytes;
}

/*
 * At most so many bytes does a linked column take.  "types" are those that
 * columns of its relation have brought already; its own is added.
 */
Size
allm_describe_column_bytes(const AllmColumn *column, List **types)
{
	const AllmForeignKey *key = find_single_key(column);
	const char *type = name_type(column);
	bool		is_new = true;
	StringInfoData text;
	Size		bytes;
	ListCell   *cell;

	initStringInfo(&text);
	appendStringInfo(&text, " %s%s", quote_identifier(column->name),
					 column->in_key ? "*" : "");
	if (key != NULL)
		write_reference(&text, key);
	write_comment(&text, column->comment);
	write_values(&text, " (values ", column, ")");
	foreach(cell, *types)
		is_new &= strcmp(lfirst(cell), type) != 0;
	if (is_new)
	{
		*types = lappend(*types, unconstify(char *, type));
		if (strcmp(type, UNSAID_TYPE) != 0)
			appendStringInfo(&text, "; %s", type);
		if (column->category == TYPCATEGORY_ENUM)
			write_enum(&text, column);
	}
	bytes = text.len;
	pfree(text.data);
	return bytes;
}

/* The first foreign key that is this column alone, or NULL. */
static const AllmForeignKey *
find_single_key(const AllmColumn *column)
{
	ListCell   *cell;

	if (!column->in_foreign_key)
		return NULL;
	foreach(cell, column->relation->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);

		if (list_length(key->from_columns) == 1 &&
			linitial(key->from_columns) == column)
			return key;
	}
	return NULL;
}

/* The linked part of a relation, or NULL. */
static const AllmLinkedRelation *
find_part(const AllmLinked *linked, const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, linked->relations)
	{
		if (((AllmLinkedRelation *) lfirst(cell))->relation == relation)
			return lfirst(cell);
	}
	return NULL;
}

/* The type of a column without its modifier, in short. */
static const char *
name_type(const AllmColumn *column)
{
	const char *type = format_type_be(column->type);

	for (int i = 0; i < lengthof(short_types); i++)
	{
		if (strcmp(short_types[i][0], type) == 0)
			return short_types[i][1];
	}
	return type;
}
