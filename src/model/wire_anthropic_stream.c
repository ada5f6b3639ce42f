/*
 * wire_anthropic_stream.c
 *		A streamed message of the Messages protocol, put together.
 *
 * What comes out is the document that would have come unstreamed, so that there
 * is one reader for both.  Each kind of event is a row of a table; unknown ones
 * are left out, as the protocol wants it.
 *
 * Pure functions.
 */
#include "postgres.h"

#include "model/wire_anthropic_stream.h"
#include "model/wire_text.h"
#include "net/sse.h"
#include "nodes/pg_list.h"

/* A usage that is not in the first bytes is not waited for. */
#define MAX_EARLY_BYTES		(64 * 1024)

/* A block of content that is being written. */
typedef struct Block
{
	AllmJson   *block;
	StringInfoData text;
} Block;

/* A message that is being put together. */
typedef struct Assembly
{
	AllmJson   *message;		/* NULL until it has begun */
	List	   *blocks;			/* of Block, by index */
	bool		whole;
} Assembly;

static void begin_message(Assembly *a, const AllmJson *event);
static void begin_block(Assembly *a, const AllmJson *event);
static void continue_block(Assembly *a, const AllmJson *event);
static void change_message(Assembly *a, const AllmJson *event);
static void end_message(Assembly *a, const AllmJson *event);
static void take_error(Assembly *a, const AllmJson *event);
static void take_event(Assembly *a, const AllmJson *event);
static void finish_blocks(Assembly *a);
static void set_members(AllmJson *object, const AllmJson *from);
static AllmJson *set_member(AllmJson *object, const char *key,
							const AllmJson *value);
static AllmJson *make_node(AllmJsonKind kind);

/* Sorted by name. */
static const struct
{
	const char *type;
	void		(*take) (Assembly *a, const AllmJson *event);
}			events[] =

{
	{"content_block_delta", continue_block},
	{"content_block_start", begin_block},
	{"error", take_error},
	{"message_delta", change_message},
	{"message_start", begin_message},
	{"message_stop", end_message},
};

/*
 * The message that a stream has brought so far, as far as it has come; NULL when
 * there is none.  "whole" tells whether the end of the message was there.
 */
AllmJson *
allm_wire_anthropic_stream_join(const char *body, Size len, bool *whole)
{
	Assembly	a = {0};
	AllmSse		sse;

	allm_sse_start(&sse);
	while (allm_sse_next(&sse, body, len))
		take_event(&a, allm_wire_text_parse(sse.data.data, sse.data.len));
	/* What was cut off is no JSON. */
	if (allm_sse_last(&sse, body, len))
		take_event(&a, allm_wire_text_parse(sse.data.data, sse.data.len));
	finish_blocks(&a);
	*whole = a.whole;
	return a.message;
}

/*
 * The usage that a stream begins with, or NULL while it has not come: the prompt
 * is counted there, what the model writes is not.
 */
AllmJson *
allm_wire_anthropic_stream_usage(const char *body, Size len)
{
	AllmSse		sse;

	if (len > MAX_EARLY_BYTES)
		return NULL;
	allm_sse_start(&sse);
	while (allm_sse_next(&sse, body, len))
	{
		AllmJson   *event = allm_wire_text_parse(sse.data.data, sse.data.len);
		AllmJson   *message = allm_json_get(event, "message");

		if (allm_json_get(message, "usage") != NULL)
			return allm_json_get(message, "usage");
	}
	return NULL;
}

/* One event, whose data may be no JSON at all. */
static void
take_event(Assembly *a, const AllmJson *event)
{
	const char *type = allm_json_get_text(event, "type");

	for (int i = 0; type != NULL && i < lengthof(events); i++)
	{
		if (strcmp(events[i].type, type) == 0)
			events[i].take(a, event);
	}
}

/* "message_start": all of the message but what it says. */
static void
begin_message(Assembly *a, const AllmJson *event)
{
	AllmJson   *message = allm_json_get(event, "message");

	if (a->message != NULL || message == NULL ||
		message->kind != ALLM_JSON_OBJECT)
		return;
	a->message = message;
	set_member(message, "content", make_node(ALLM_JSON_ARRAY));
}

/* "content_block_start": the blocks come in order of their index. */
static void
begin_block(Assembly *a, const AllmJson *event)
{
	AllmJson   *block = allm_json_get(event, "content_block");
	const char *text = allm_json_get_text(block, "text");
	Block	   *begun;

	if (a->message == NULL || block == NULL ||
		block->kind != ALLM_JSON_OBJECT)
		return;
	begun = palloc(sizeof(Block));
	begun->block = block;
	initStringInfo(&begun->text);
	if (text != NULL)
		appendStringInfoString(&begun->text, text);
	a->blocks = lappend(a->blocks, begun);
}

/* "content_block_delta": more text of a block. */
static void
continue_block(Assembly *a, const AllmJson *event)
{
	AllmJson   *delta = allm_json_get(event, "delta");
	const char *type = allm_json_get_text(delta, "type");
	const char *text = allm_json_get_text(delta, "text");
	int64		index = allm_json_get_int(event, "index", -1);

	if (type == NULL || strcmp(type, "text_delta") != 0 || text == NULL ||
		index < 0 || index >= list_length(a->blocks))
		return;
	appendStringInfoString(&((Block *) list_nth(a->blocks, index))->text,
						   text);
}

/*
 * "message_delta": why it stopped, and what was used up to here.  A count that
 * is null says nothing, also about one that was said before.
 */
static void
change_message(Assembly *a, const AllmJson *event)
{
	AllmJson   *usage;

	if (a->message == NULL)
		return;
	set_members(a->message, allm_json_get(event, "delta"));
	usage = allm_json_get(a->message, "usage");
	if (usage == NULL || usage->kind != ALLM_JSON_OBJECT)
		usage = set_member(a->message, "usage",
						   make_node(ALLM_JSON_OBJECT));
	set_members(usage, allm_json_get(event, "usage"));
}

/* "message_stop" */
static void
end_message(Assembly *a, const AllmJson *event)
{
	a->whole = a->message != NULL;
}

/* "error": what there is of the message is kept, for its usage. */
static void
take_error(Assembly *a, const AllmJson *event)
{
	if (a->message == NULL)
		a->message = make_node(ALLM_JSON_OBJECT);
	set_members(a->message, event);
}

/* Puts the blocks into the message, with their text. */
static void
finish_blocks(Assembly *a)
{
	ListCell   *cell;

	foreach(cell, a->blocks)
	{
		Block	   *begun = lfirst(cell);
		AllmJson   *content = allm_json_get(a->message, "content");
		AllmJson   *text = make_node(ALLM_JSON_STRING);

		/*
		 * A message that an error began has none; another may have a wrong
		 * one.
		 */
		if (content == NULL || content->kind != ALLM_JSON_ARRAY)
			content = set_member(a->message, "content",
								 make_node(ALLM_JSON_ARRAY));
		text->text = begun->text.data;
		if (allm_json_get(begun->block, "text") != NULL)
			set_member(begun->block, "text", text);
		begun->block->next = NULL;
		begun->block->key = NULL;
		if (content->last != NULL)
			content->last->next = begun->block;
		else
			content->first = begun->block;
		content->last = begun->block;
	}
}

/* Takes over the members of an object that are not null. */
static void
set_members(AllmJson *object, const AllmJson *from)
{
	if (from == NULL || from->kind != ALLM_JSON_OBJECT)
		return;
	for (const AllmJson *member = from->first; member != NULL;
		 member = member->next)
	{
		if (member->kind != ALLM_JSON_NULL)
			set_member(object, member->key, member);
	}
}

/* Gives a member a value; returns the member. */
static AllmJson *
set_member(AllmJson *object, const char *key, const AllmJson *value)
{
	AllmJson   *member = allm_json_get(object, key);

	if (member == NULL)
	{
		member = make_node(ALLM_JSON_NULL);
		member->key = key;
		member->parent = object;
		if (object->last != NULL)
			object->last->next = member;
		else
			object->first = member;
		object->last = member;
	}
	member->kind = value->kind;
	member->text = value->text;
	member->first = value->first;
	member->last = value->last;
	return member;
}

/* A value without content. */
static AllmJson *
make_node(AllmJsonKind kind)
{
	AllmJson   *node = palloc0(sizeof(AllmJson));

	node->kind = kind;
	return node;
}
