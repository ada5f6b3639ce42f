/*
 * outline.c
 *		A part of a schema in few words.
 *
 * What a question was linked to is another part each time, which no provider
 * keeps: it is written as one line a relation, with the columns grouped by type,
 * in less than half the room that DDL takes.  Columns without a type are text,
 * as most are.  Of names that begin or end alike that is written once, and "~"
 * stands for the name of the relation:
 *
 *		sale: note; int ~id* customer_id>customer; date sold_on
 *		shipment? ~id* to_{street city zip} {sent paid}_on weight
 *
 * The second one is brief, as "?" says: names, but no type, comment or value,
 * and references only to columns of another name.  So much is enough to know
 * that a column is there.
 *
 * What columns could share is settled for all of a relation, before any is
 * taken: so what one takes more does not depend on the order.
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

/* For fewer bytes than these names are not taken apart: they are easier read. */
#define MIN_SPARED		3

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

/* How the name of a column is written. */
typedef enum Manner
{
	MANNER_WHOLE,
	MANNER_OWN,					/* it begins with its relation's */
	MANNER_PREFIX,				/* its first word once, for several */
	MANNER_SUFFIX				/* its last one */
} Manner;

/* A column of a line, taken or not. */
typedef struct Form
{
	const AllmColumn *column;
	const char *quoted;			/* its name as a query has it */
	const char *type;
	int			type_number;	/* among those of the line */
	int			words[MANNER_SUFFIX + 1];	/* bytes that each manner shares */
	Manner		manner;
	int			bytes;			/* of its name that are shared */
	int			family;			/* with whom; a place in "taken" */
	int			spared;			/* bytes, if all of the family are taken */
	Size		alone;			/* bytes of it, if it shares nothing */
	Size		type_bytes;		/* and of its type, for the first of one */
	bool		is_written;
} Form;

/* All columns of a relation, in their order. */
typedef struct AllmForms
{
	Form	   *columns;
	int			ncolumns;
	int		   *taken;			/* columns of each family */
	int		   *typed;			/* columns of each type */
	Size		head;			/* bytes of the line without its columns */
} AllmForms;

static Size measure_relation(const AllmRelation *relation, bool brief);
static void measure_line(AllmLine *line, const AllmRelation *relation);
static void measure_form(StringInfo text, Form *form, bool brief);
static AllmForms *find_forms(const AllmRelation *relation, bool brief);
static Form *find_form(const AllmForms *forms, const AllmColumn *column);
static void share_words(AllmForms *forms, Form **able, int n, Manner manner);
static void count_shared(Form *form);
static int	compare_prefixes(const void *a, const void *b);
static int	compare_suffixes(const void *a, const void *b);
static bool may_share(const Form *form, bool brief);
static int	spare_bytes(int shared, int count);
static void write_enums(StringInfo out, const AllmLinked *linked);
static void write_line(StringInfo out, const AllmLinked *linked,
					   const AllmLinkedRelation *part);
static void write_columns(StringInfo out, const AllmLinked *linked,
						  const AllmLinkedRelation *part, AllmForms *forms,
						  const char *type);
static bool write_family(StringInfo out, AllmForms *forms, int first);
static void write_column(StringInfo out, const AllmLinked *linked, bool brief,
						 const Form *form);
static void write_name(StringInfo out, const Form *form);
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
 * At most so many bytes does a line become longer with another column, which
 * must not be in it.  It is less, the more of what it shares with others is
 * there.
 */
Size
allm_outline_measure(AllmLine *line, const AllmColumn *column)
{
	const AllmForms *forms;
	const Form *form;
	Size		bytes;

	if (line->forms == NULL)
		measure_line(line, column->relation);
	forms = line->forms;
	form = find_form(forms, column);
	bytes = form->alone;
	if (forms->typed[form->type_number] == 0)
		bytes += form->type_bytes;
	if (form->manner == MANNER_PREFIX || form->manner == MANNER_SUFFIX)
	{
		int			others = forms->taken[form->family];

		bytes -= spare_bytes(form->bytes, others + 1) -
			spare_bytes(form->bytes, others);
	}
	return line->part.relation == NULL ? bytes + forms->head : bytes;
}

/* Adds a column to a line, if that is not longer by more than is left. */
bool
allm_outline_take(AllmLine *line, const AllmColumn *column, Size *left)
{
	Size		bytes = allm_outline_measure(line, column);
	Form	   *form = find_form(line->forms, column);

	if (bytes > *left)
		return false;
	*left -= bytes;
	line->bytes += bytes;
	line->part.relation = column->relation;
	line->part.columns = bms_add_member(line->part.columns, column->attnum);
	line->forms->taken[form->family]++;
	line->forms->typed[form->type_number]++;
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
measure_relation(const AllmRelation *relation, bool brief)
{
	Size		bytes = strlen(relation->sql_name) + strlen(":\n");
	ListCell   *cell;
	ListCell   *inner;

	if (relation->comment != NULL && !brief)
		bytes += Min(strlen(relation->comment), MAX_LINKED_COMMENT) + 3;
	foreach(cell, relation->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);

		if (list_length(key->from_columns) == 1 ||
			(brief && joins_namesakes(key)))
			continue;
		bytes += strlen("; ()>()") + strlen(key->to->sql_name);
		foreach(inner, key->from_columns)
			bytes += strlen(quote_identifier(((AllmColumn *) lfirst(inner))->name)) + 2;
		foreach(inner, key->to_columns)
			bytes += strlen(quote_identifier(((AllmColumn *) lfirst(inner))->name)) + 2;
	}
	return bytes;
}

/* Finds the forms of a line, and how many bytes each takes. */
static void
measure_line(AllmLine *line, const AllmRelation *relation)
{
	bool		brief = line->part.brief;
	StringInfoData text;

	line->forms = find_forms(relation, brief);
	line->forms->head = measure_relation(relation, brief);
	initStringInfo(&text);
	for (int i = 0; i < line->forms->ncolumns; i++)
		measure_form(&text, &line->forms->columns[i], brief);
	pfree(text.data);
}

/* Notes how many bytes a column takes by itself, and its type. */
static void
measure_form(StringInfo text, Form *form, bool brief)
{
	const AllmColumn *column = form->column;
	const AllmForeignKey *key = find_told_key(column, brief);

	resetStringInfo(text);
	write_name(text, form);
	if (key != NULL)
		write_reference(text, key);
	if (!brief)
	{
		write_comment(text, column->comment);
		allm_describe_values(text, " (values ", column, ")");
	}
	form->alone = text->len;
	if (strcmp(form->type, UNSAID_TYPE) == 0)
		return;
	resetStringInfo(text);
	appendStringInfo(text, "; %s", form->type);
	if (column->category == TYPCATEGORY_ENUM)
		allm_describe_enum(text, column);
	form->type_bytes = text->len;
}

/* How each column of a relation is written, if it is. */
static AllmForms *
find_forms(const AllmRelation *relation, bool brief)
{
	AllmForms  *forms = palloc0(sizeof(AllmForms));
	int			n = list_length(relation->columns);
	Form	  **able = palloc(n * sizeof(Form *));
	int			nable = 0;
	bool		is_plain = quote_identifier(relation->name) == relation->name;
	int			own = strlen(relation->name);

	forms->ncolumns = n;
	forms->columns = palloc0(n * sizeof(Form));
	forms->taken = palloc0(2 * n * sizeof(int));
	forms->typed = palloc0(n * sizeof(int));
	for (int i = 0; i < n; i++)
	{
		Form	   *form = &forms->columns[i];
		const char *name;

		form->column = list_nth(relation->columns, i);
		form->type = name_type(form->column, brief);
		form->family = i;
		while (strcmp(forms->columns[form->type_number].type, form->type) != 0)
			form->type_number++;
		name = form->column->name;
		form->quoted = quote_identifier(name);
		if (!may_share(form, brief))
			continue;
		if (is_plain && strncmp(name, relation->name, own) == 0 &&
			name[own] == '_' && name[own + 1] != '\0')
		{
			form->manner = MANNER_OWN;
			form->bytes = own + 1;
		}
		else
		{
			count_shared(form);
			able[nable++] = form;
		}
	}
	share_words(forms, able, nable, MANNER_PREFIX);
	share_words(forms, able, nable, MANNER_SUFFIX);
	pfree(able);
	return forms;
}

/* The form of a column of the line's relation. */
static Form *
find_form(const AllmForms *forms, const AllmColumn *column)
{
	return &forms->columns[column->number - forms->columns[0].column->number];
}

/* Columns of one type share a word with whom most bytes are spared by that. */
static void
share_words(AllmForms *forms, Form **able, int n, Manner manner)
{
	int			(*compare) (const void *a, const void *b) =
	manner == MANNER_PREFIX ? compare_prefixes : compare_suffixes;
	int			next;

	qsort(able, n, sizeof(Form *), compare);
	for (int first = 0; first < n; first = next)
	{
		int			bytes = able[first]->words[manner];

		for (next = first + 1; next < n &&
			 compare(&able[first], &able[next]) == 0; next++)
			;
		for (int i = first; i < next; i++)
		{
			Form	   *form = able[i];

			/* A mark has to stand behind the whole name. */
			if (manner == MANNER_SUFFIX && form->column->in_key)
				continue;
			if (spare_bytes(bytes, next - first) <= form->spared)
				continue;
			form->spared = spare_bytes(bytes, next - first);
			form->manner = manner;
			form->bytes = bytes;
			form->family = able[first] - forms->columns;
			if (manner == MANNER_SUFFIX)
				form->family += forms->ncolumns;
		}
	}
}

/* How many bytes of a name are a word to share, with its underscore; or 0. */
static void
count_shared(Form *form)
{
	const char *name = form->column->name;
	const char *first = strchr(name, '_');
	const char *last = strrchr(name, '_');

	if (first == NULL || first == name || last[1] == '\0')
		return;
	form->words[MANNER_PREFIX] = first + 1 - name;
	form->words[MANNER_SUFFIX] = strlen(last);
}

/* For qsort: those that could share their first word stand together. */
static int
compare_prefixes(const void *a, const void *b)
{
	const Form *left = *(Form *const *) a;
	const Form *right = *(Form *const *) b;
	int			bytes = left->words[MANNER_PREFIX];
	int			other = right->words[MANNER_PREFIX];

	if (left->type_number != right->type_number)
		return left->type_number - right->type_number;
	if (bytes != other)
		return bytes - other;
	return memcmp(left->column->name, right->column->name, bytes);
}

/* For qsort: those that could share their last word. */
static int
compare_suffixes(const void *a, const void *b)
{
	const Form *left = *(Form *const *) a;
	const Form *right = *(Form *const *) b;
	int			bytes = left->words[MANNER_SUFFIX];
	int			other = right->words[MANNER_SUFFIX];

	if (left->type_number != right->type_number)
		return left->type_number - right->type_number;
	if (bytes != other)
		return bytes - other;
	return strcmp(left->column->name + strlen(left->column->name) - bytes,
				  right->column->name + strlen(right->column->name) - bytes);
}

/*
 * May a part of the column's name be written elsewhere?  Not where more has to
 * be said of it, and not where the name has to be quoted.
 */
static bool
may_share(const Form *form, bool brief)
{
	const AllmColumn *column = form->column;

	return find_told_key(column, brief) == NULL &&
		form->quoted == column->name &&
		(brief || (column->comment == NULL &&
				   allm_sample_values(column) == NIL));
}

/* So many bytes fewer take columns that share a word; the braces take two. */
static int
spare_bytes(int shared, int count)
{
	int			spared = shared * (count - 1) - 2;

	return spared >= MIN_SPARED ? spared : 0;
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
	AllmForms  *forms = find_forms(part->relation, part->brief);

	appendStringInfoString(out, part->relation->sql_name);
	if (!part->brief)
		write_comment(out, part->relation->comment);
	appendStringInfoChar(out, part->brief ? '?' : ':');
	for (int i = 0; i < forms->ncolumns; i++)
	{
		Form	   *form = &forms->columns[i];

		form->is_written = !bms_is_member(form->column->attnum, part->columns);
	}
	write_columns(out, linked, part, forms, UNSAID_TYPE);
	for (int i = 0; i < forms->ncolumns; i++)
	{
		if (forms->columns[i].is_written)
			continue;
		appendStringInfo(out, "; %s", forms->columns[i].type);
		write_columns(out, linked, part, forms, forms->columns[i].type);
	}
	write_keys(out, linked, part);
	appendStringInfoChar(out, '\n');
}

/* The columns of one type that are not written yet. */
static void
write_columns(StringInfo out, const AllmLinked *linked,
			  const AllmLinkedRelation *part, AllmForms *forms,
			  const char *type)
{
	for (int i = 0; i < forms->ncolumns; i++)
	{
		Form	   *form = &forms->columns[i];

		if (form->is_written || strcmp(form->type, type) != 0)
			continue;
		if (!write_family(out, forms, i))
			write_column(out, linked, part->brief, form);
		form->is_written = true;
	}
}

/*
 * Writes a column with those from it on that share a word with it, if that
 * spares anything.
 */
static bool
write_family(StringInfo out, AllmForms *forms, int first)
{
	const Form *form = &forms->columns[first];
	int			rest = strlen(form->column->name) - form->bytes;
	bool		is_prefix = form->manner == MANNER_PREFIX;
	int			count = 0;

	if (!is_prefix && form->manner != MANNER_SUFFIX)
		return false;
	for (int i = first; i < forms->ncolumns; i++)
		count += !forms->columns[i].is_written &&
			forms->columns[i].family == form->family;
	if (spare_bytes(form->bytes, count) == 0)
		return false;
	appendStringInfo(out, " %.*s{", is_prefix ? form->bytes : 0,
					 form->column->name);
	for (int i = first; i < forms->ncolumns; i++)
	{
		Form	   *other = &forms->columns[i];
		const char *name = other->column->name;

		if (other->is_written || other->family != form->family)
			continue;
		if (i > first)
			appendStringInfoChar(out, ' ');
		if (is_prefix)
			appendStringInfoString(out, name + form->bytes);
		else
			appendBinaryStringInfo(out, name, strlen(name) - form->bytes);
		if (other->column->in_key)
			appendStringInfoChar(out, '*');
		other->is_written = true;
	}
	appendStringInfo(out, "}%s", is_prefix ? "" : form->column->name + rest);
	return true;
}

/* The name of a column by itself. */
static void
write_name(StringInfo out, const Form *form)
{
	const AllmColumn *column = form->column;

	appendStringInfoString(out, form->manner == MANNER_OWN ? " ~" : " ");
	appendStringInfoString(out, form->manner == MANNER_OWN ?
						   column->name + form->bytes : form->quoted);
	if (column->in_key)
		appendStringInfoChar(out, '*');
}

/* One column: name, key, what it refers to, and in full comment and values. */
static void
write_column(StringInfo out, const AllmLinked *linked, bool brief,
			 const Form *form)
{
	const AllmColumn *column = form->column;
	const AllmForeignKey *key = find_told_key(column, brief);

	write_name(out, form);
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
