/*
 * sse.c
 *		Reading a stream of events while it comes in.
 *
 * The form is that of server-sent events: lines that end with LF, CR or both;
 * "data: ..." lines of one event are joined; a blank line ends the event; what
 * begins with a colon is a comment.  An event that the stream ends in the middle
 * of is none, unless the caller wants it.  Bytes are taken as they are: a
 * character that is cut by the end of what has come so far is whole when its line
 * is.
 *
 * Pure functions of the reader and the bytes.
 */
#include "postgres.h"

#include "net/sse.h"

static bool read_line(AllmSse *sse, const char *stream, Size len,
					  const char **line, Size *line_len);
static void take_line(AllmSse *sse, const char *line, Size len);

/* Makes a reader, in the current memory context. */
void
allm_sse_start(AllmSse *sse)
{
	memset(sse, 0, sizeof(AllmSse));
	initStringInfo(&sse->data);
}

/*
 * Reads on to the end of the next event that has data, which is then in
 * sse->data.  False: what has come so far has no other whole one.
 */
bool
allm_sse_next(AllmSse *sse, const char *stream, Size len)
{
	const char *line;
	Size		line_len;

	if (sse->next == 0 && len >= 3 && memcmp(stream, "\xEF\xBB\xBF", 3) == 0)
		sse->next = 3;
	if (!sse->has_data)
		resetStringInfo(&sse->data);
	while (read_line(sse, stream, len, &line, &line_len))
	{
		if (line_len > 0)
			take_line(sse, line, line_len);
		else if (sse->has_data)
		{
			sse->has_data = false;
			return true;
		}
	}
	return false;
}

/*
 * Takes the end of the stream for that of its last event, when there is none any
 * more: some servers leave the blank line out, or even the end of the line.
 * Whether the data is whole is for the caller to see.
 */
bool
allm_sse_last(AllmSse *sse, const char *stream, Size len)
{
	if (sse->next < len)
		take_line(sse, stream + sse->next, len - sse->next);
	sse->next = len;
	if (!sse->has_data)
		return false;
	sse->has_data = false;
	return true;
}

/* The next line without its end; false when its end has not come. */
static bool
read_line(AllmSse *sse, const char *stream, Size len, const char **line,
		  Size *line_len)
{
	Size		end;

	if (sse->skip_lf && sse->next < len)
	{
		sse->skip_lf = false;
		if (stream[sse->next] == '\n')
			sse->next++;
	}
	end = sse->next;
	while (end < len && stream[end] != '\n' && stream[end] != '\r')
		end++;
	if (end >= len)
		return false;
	*line = stream + sse->next;
	*line_len = end - sse->next;
	sse->skip_lf = stream[end] == '\r';
	sse->next = end + 1;
	return true;
}

/* Keeps the data of a line; names of events are in the data as well. */
static void
take_line(AllmSse *sse, const char *line, Size len)
{
	static const char field[] = "data";
	Size		from = sizeof(field) - 1;

	if (len < from || memcmp(line, field, from) != 0 ||
		(len > from && line[from] != ':'))
		return;
	if (sse->has_data)
		appendStringInfoChar(&sse->data, '\n');
	sse->has_data = true;
	from = Min(from + 1, len);
	if (from < len && line[from] == ' ')
		from++;
	appendBinaryStringInfo(&sse->data, line + from, len - from);
}
