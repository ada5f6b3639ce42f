/*
 * outline.c
 *		A part of a schema in few words.
 *
 * What a question was linked to is another part each time, which no provider
 * keeps: it is written as one line a relation, with the columns grouped by type,
 * in less than half the room that DDL takes.  Columns without a type are text,
 * as most are; of names that begin alike the beginning is written once:
 *
 *		sale: note; int id* customer_id>customer; date sold_on
 *		shipment? id* to_{street city zip} weight
 *
 * The second one is brief, as "?" says: names, but no type, comment or value,
 * and references only to columns of another name.  So much is enough to know
 * that a column is there.
 *
 * All names are quoted as a query has to.  Comments and values are data: they
 * stay on their line.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "schema/describe.h"
#include "schema/outline.h"
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

/* Columns of a line of one type, whose names begin alike. */
typedef struct Group
{
	const char *type;
	const char *name;			/* of one of them */
	int			prefix;			/* bytes that are alike, or 0 */
	int			count;
} Group;

static Size measure_relation(const AllmLine *line, const AllmRelation *relation);
static Size measure_column(const AllmLine *line, const AllmColumn *column,
						   Group **group);
static int	find_prefix(const AllmColumn *column, bool brief);
static int	spare_bytes(int prefix, int count);
static void write_enums(StringInfo out, const AllmLinked *linked);
static void write_line(StringInfo out, const AllmLinked *linked,
					   const AllmLinkedRelation *part);
static void write_columns(StringInfo out, const AllmLinked *linked, bool brief,
						  const AllmColumn **columns, const char **types,
						  int n, const char *type);
static List *find_family(const AllmColumn **columns, const char **types, int n,
						 int first, int prefix, bool brief);
static void write_family(StringInfo out, const AllmColumn **columns,
						 const List *family, int prefix);
static void write_column(StringInfo out, const AllmLinked *linked, bool brief,
						 const AllmColumn *column);
static void write_reference(StringInfo out, const AllmForeignKey *key);
static void write_keys(StringInfo out, const AllmLinked *linked,
					   const AllmLinkedRelation *part);
static void write_comment(StringInfo out, const char *comment);
static const AllmForeignKey *find_told_key(const AllmColumn *column, bool brief);
static bool joins_namesakes(const AllmForeignKey *key);
static const AllmLinkedRelation *find_part(const AllmLinked *linked,
										   const AllmRelation *relation);
static const char *name_type(const AllmColumn *column, bool brief);

/*
 * Adds a column to a line, if the line does not become longer by more than is
 * left.  The column must not be in it.
 */
bool
allm_outline_take(AllmLine *line, const AllmColumn *column, Size *left)
{
	Group	   *group;
	Size		bytes = measure_column(line, column, &group);

	if (line->part.relation == NULL)
		bytes += measure_relation(line, column->relation);
	if (bytes > *left)
		return false;
	*left -= bytes;
	line->bytes += bytes;
	line->part.relation = column->relation;
	line->part.columns = bms_add_member(line->part.columns, column->attnum);
	if (group == NULL)
	{
		group = palloc0(sizeof(Group));
		group->type = name_type(column, line->part.brief);
		group->name = column->name;
		group->prefix = find_prefix(column, line->part.brief);
		line->groups = lappend(line->groups, group);
	}
	group->count++;
	return true;
}

/* Writes a brief line out in full, if there is room for that. */
bool
allm_outline_expand(AllmLine *line, Size *left)
{
	AllmLine	full = {{NULL}};
	Size		room = line->bytes + *left;
	ListCell   *cell;

	foreach(cell, line->part.relation->columns)
	{
		const AllmColumn *column = lfirst(cell);

		if (bms_is_member(column->attnum, line->part.columns) &&
			!allm_outline_take(&full, column, &room))
			return false;
	}
	*left = room;
	*line = full;
	return true;
}

/* At most so many bytes does a line take without its columns. */
static Size
measure_relation(const AllmLine *line, const AllmRelation *relation)
{
	Size		bytes = strlen(relation->sql_name) + strlen(":\n");
	ListCell   *cell;
	ListCell   *inner;

	if (relation->comment != NULL && !line->part.brief)
		bytes += Min(strlen(relation->comment), MAX_LINKED_COMMENT) + 3;
	foreach(cell, relation->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);

		if (list_length(key->from_columns) == 1 ||
			(line->part.brief && joins_namesakes(key)))
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
 * At most so many bytes more does a line take with another column; sets the
 * group that the column belongs to, NULL for a new one.
 */
static Size
measure_column(const AllmLine *line, const AllmColumn *column, Group **group)
{
	bool		brief = line->part.brief;
	const AllmForeignKey *key = find_told_key(column, brief);
	const char *type = name_type(column, brief);
	int			prefix = find_prefix(column, brief);
	bool		is_new = true;
	StringInfoData text;
	Size		bytes;
	ListCell   *cell;

	*group = NULL;
	foreach(cell, line->groups)
	{
		Group	   *other = lfirst(cell);

		if (strcmp(other->type, type) != 0)
			continue;
		is_new = false;
		if (other->prefix == prefix &&
			strncmp(other->name, column->name, prefix) == 0)
			*group = other;
	}
	initStringInfo(&text);
	appendStringInfo(&text, " %s%s", quote_identifier(column->name),
					 column->in_key ? "*" : "");
	if (key != NULL)
		write_reference(&text, key);
	if (!brief)
	{
		write_comment(&text, column->comment);
		allm_describe_values(&text, " (values ", column, ")");
	}
	if (is_new && strcmp(type, UNSAID_TYPE) != 0)
	{
		appendStringInfo(&text, "; %s", type);
		if (column->category == TYPCATEGORY_ENUM)
			allm_describe_enum(&text, column);
	}
	bytes = text.len;
	pfree(text.data);
	if (*group != NULL)
		bytes -= spare_bytes(prefix, (*group)->count + 1) -
			spare_bytes(prefix, (*group)->count);
	return bytes;
}

/*
 * How much of a column's name may be shared with others: its first word and the
 * underscore after it.  0: none, or more would have to be said of it.
 */
static int
find_prefix(const AllmColumn *column, bool brief)
{
	const char *underscore = strchr(column->name, '_');

	if (underscore == NULL || underscore == column->name ||
		underscore[1] == '\0' || find_told_key(column, brief) != NULL ||
		quote_identifier(column->name) != column->name ||
		(!brief && (column->comment != NULL ||
					allm_sample_values(column) != NIL)))
		return 0;
	return underscore + 1 - column->name;
}

/* So many bytes fewer take columns that share a prefix; the braces take two. */
static int
spare_bytes(int prefix, int count)
{
	return Max(0, prefix * (count - 1) - 2);
}

/* What a question was linked to, one line a relation. */
char *
allm_outline_write(const AllmLinked *linked)
{
	StringInfoData out;
	ListCell   *cell;

	initStringInfo(&out);
	appendStringInfoString(&out, "Schema:\n");
	write_enums(&out, linked);
	foreach(cell, linked->relations)
	{
		CHECK_FOR_INTERRUPTS();
		write_line(&out, linked, lfirst(cell));
	}
	return out.data;
}

/* The enums that columns with a type are of, each once. */
static void
write_enums(StringInfo out, const AllmLinked *linked)
{
	List	   *seen = NIL;
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, linked->relations)
	{
		AllmLinkedRelation *part = lfirst(cell);

		foreach(inner, part->relation->columns)
		{
			AllmColumn *column = lfirst(inner);

			if (column->category != TYPCATEGORY_ENUM || part->brief ||
				!bms_is_member(column->attnum, part->columns) ||
				list_member_oid(seen, column->type))
				continue;
			seen = lappend_oid(seen, column->type);
			allm_describe_enum(out, column);
		}
	}
}

/* One line: the texts, then the others by type, in the order of the types. */
static void
write_line(StringInfo out, const AllmLinked *linked,
		   const AllmLinkedRelation *part)
{
	int			n = 0;
	const AllmColumn **columns = palloc(bms_num_members(part->columns) *
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
		types[n++] = name_type(column, part->brief);
	}

	appendStringInfoString(out, part->relation->sql_name);
	if (!part->brief)
		write_comment(out, part->relation->comment);
	appendStringInfoChar(out, part->brief ? '?' : ':');
	write_columns(out, linked, part->brief, columns, types, n, UNSAID_TYPE);
	for (int i = 0; i < n; i++)
	{
		if (columns[i] == NULL)
			continue;
		appendStringInfo(out, "; %s", types[i]);
		write_columns(out, linked, part->brief, columns, types, n, types[i]);
	}
	write_keys(out, linked, part);
	appendStringInfoChar(out, '\n');
}

/* The columns of one type; each is taken out of the array. */
static void
write_columns(StringInfo out, const AllmLinked *linked, bool brief,
			  const AllmColumn **columns, const char **types, int n,
			  const char *type)
{
	for (int i = 0; i < n; i++)
	{
		int			prefix;
		List	   *family;

		if (columns[i] == NULL || strcmp(types[i], type) != 0)
			continue;
		prefix = find_prefix(columns[i], brief);
		family = find_family(columns, types, n, i, prefix, brief);
		if (spare_bytes(prefix, list_length(family)) > 0)
			write_family(out, columns, family, prefix);
		else
			write_column(out, linked, brief, columns[i]);
		columns[i] = NULL;
	}
}

/* Those from a column on that share its prefix and type, by their places. */
static List *
find_family(const AllmColumn **columns, const char **types, int n, int first,
			int prefix, bool brief)
{
	List	   *family = NIL;

	for (int i = first; prefix > 0 && i < n; i++)
	{
		if (columns[i] != NULL && strcmp(types[i], types[first]) == 0 &&
			strncmp(columns[i]->name, columns[first]->name, prefix) == 0 &&
			find_prefix(columns[i], brief) == prefix)
			family = lappend_int(family, i);
	}
	return family;
}

/* Columns that share a prefix; each is taken out of the array. */
static void
write_family(StringInfo out, const AllmColumn **columns, const List *family,
			 int prefix)
{
	ListCell   *cell;

	foreach(cell, family)
	{
		const AllmColumn *column = columns[lfirst_int(cell)];

		if (cell == list_head(family))
			appendStringInfo(out, " %.*s{", prefix, column->name);
		else
			appendStringInfoChar(out, ' ');
		appendStringInfo(out, "%s%s", column->name + prefix,
						 column->in_key ? "*" : "");
		columns[lfirst_int(cell)] = NULL;
	}
	appendStringInfoChar(out, '}');
}

/* One column: name, key, what it refers to, and in full comment and values. */
static void
write_column(StringInfo out, const AllmLinked *linked, bool brief,
			 const AllmColumn *column)
{
	const AllmForeignKey *key = find_told_key(column, brief);

	appendStringInfo(out, " %s%s", quote_identifier(column->name),
					 column->in_key ? "*" : "");
	if (key != NULL && find_part(linked, key->to) != NULL)
		write_reference(out, key);
	if (brief)
		return;
	write_comment(out, column->comment);
	allm_describe_values(out, " (values ", column, ")");
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
write_keys(StringInfo out, const AllmLinked *linked,
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
		if (!all || list_length(key->from_columns) == 1 ||
			(part->brief && joins_namesakes(key)))
			continue;
		appendStringInfoString(out, "; (");
		allm_describe_names(out, key->from_columns);
		appendStringInfo(out, ")>%s(", key->to->sql_name);
		allm_describe_names(out, key->to_columns);
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

/*
 * The first foreign key that is this column alone, or NULL.  In brief, that a
 * column refers to its namesake goes without saying.
 */
static const AllmForeignKey *
find_told_key(const AllmColumn *column, bool brief)
{
	ListCell   *cell;

	if (!column->in_foreign_key)
		return NULL;
	foreach(cell, column->relation->foreign_keys)
	{
		const AllmForeignKey *key = lfirst(cell);

		if (list_length(key->from_columns) > 1 ||
			linitial(key->from_columns) != column)
			continue;
		return brief && joins_namesakes(key) ? NULL : key;
	}
	return NULL;
}

/* Do columns refer to columns of the same names? */
static bool
joins_namesakes(const AllmForeignKey *key)
{
	ListCell   *from;
	ListCell   *to;

	forboth(from, key->from_columns, to, key->to_columns)
	{
		if (strcmp(((AllmColumn *) lfirst(from))->name,
				   ((AllmColumn *) lfirst(to))->name) != 0)
			return false;
	}
	return true;
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

/* The type of a column without its modifier, in short; brief names have none. */
static const char *
name_type(const AllmColumn *column, bool brief)
{
	const char *type;

	if (brief)
		return UNSAID_TYPE;
	type = format_type_be(column->type);
	for (int i = 0; i < lengthof(short_types); i++)
	{
		if (strcmp(short_types[i][0], type) == 0)
			return short_types[i][1];
	}
	return type;
}
