/*
 * conversation.c
 *		What a question goes on from, and what the next one will.
 *
 * Whether a question goes on from those before it in its conversation is
 * decided once, before anything else is done with it, and holds for all tiers:
 * for the models, whose prompt then has the earlier questions; for the rules,
 * which read all of them together; and for what is kept, whose key then has
 * them too.  A question that stands by itself is asked as if there were no
 * conversation.
 *
 * An answer that may be shown makes its question the last turn.  One that fails,
 * is refused or needs review leaves the conversation as it was.
 *
 * Where the questions are, and who finds them: ledger/turns.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "ask/conversation.h"
#include "ask/rules.h"
#include "base/settings.h"
#include "base/text.h"
#include "ledger/turns.h"

static List *find_turns(const AllmOptions *options, const char *question);
static bool refuse(AllmRequest *request, const char *sentence);

/*
 * Finds out what a question goes on from.  False: from something that is not
 * there; the attempt says so.
 */
bool
allm_conversation_begin(AllmRequest *request)
{
	AllmBearing bearing;
	List	   *turns;

	if (!request->options.in_conversation)
		return true;
	turns = find_turns(&request->options, request->question);
	bearing = allm_rules_bearing(request, turns);
	if (bearing == ALLM_BEARING_LOST)
		return refuse(request, "nothing was asked in it before that this question could go on from.");
	request->begins_anew = bearing == ALLM_BEARING_ALONE && turns != NIL;
	if (bearing == ALLM_BEARING_ALONE)
		return true;
	if (list_length(turns) >= ALLM_MAX_TURNS)
		return bearing == ALLM_BEARING_MAY ||
			refuse(request, psprintf("%d questions have gone on from each other, which is as many as are kept.",
									 ALLM_MAX_TURNS));
	request->earlier = turns;
	request->whole = allm_conversation_join(turns, request->question);
	return true;
}

/* The question cannot be asked; always false. */
static bool
refuse(AllmRequest *request, const char *sentence)
{
	AllmAttempt *attempt = allm_request_attempt(request, ALLM_TIERS,
												"Conversation", "semantic");

	attempt->reason = ALLM_REASON_NOTHING_BEFORE;
	attempt->sentence = pstrdup(sentence);
	allm_request_attempt_end(attempt, "skipped");
	return false;
}

/* The question has its answer: the next one can go on from it. */
void
allm_conversation_note(const AllmRequest *request)
{
	AllmTurnsKey key;

	if (!request->options.in_conversation || request->is_shadow ||
		request->answer.error_code != 0 || request->answer.sql == NULL)
		return;
	allm_turns_identify(&request->options.conversation, request->user_id,
						allm_end_user, &key);
	allm_turns_keep(&key, lappend(list_copy(request->earlier),
								  unconstify(char *, request->question)));
}

/*
 * What a question that is not asked would go on from, as a list of char *; NIL
 * when it stands by itself, or when there is nothing.
 */
List *
allm_conversation_earlier(const char *question, const AllmOptions *options,
						  AllmDeadline deadline)
{
	List	   *turns = options->in_conversation ?
	find_turns(options, question) : NIL;

	if (turns == NIL ||
		allm_rules_bearing_of(question, deadline, turns) == ALLM_BEARING_ALONE)
		return NIL;
	return turns;
}

/*
 * The turns of the conversation that the options name, of whoever asks now.  Who
 * repeats the last one, since its answer was lost on the way or its page is
 * refreshed, asks it as it was asked.
 */
static List *
find_turns(const AllmOptions *options, const char *question)
{
	AllmTurnsKey key;
	List	   *turns;

	allm_turns_identify(&options->conversation, GetUserId(), allm_end_user,
						&key);
	turns = allm_turns_read(&key);
	if (list_length(turns) > 1 &&
		strcmp(allm_text_normal_form(llast(turns)),
			   allm_text_normal_form(question)) == 0)
		turns = list_delete_last(turns);
	return turns;
}

/*
 * A text that is another one when the conversation has gone on; empty without
 * one.
 */
char *
allm_conversation_state(const AllmOptions *options)
{
	return allm_conversation_describe(options->in_conversation ?
									  find_turns(options, "") : NIL);
}

/* The same of some questions: no others have that text. */
char *
allm_conversation_describe(const List *questions)
{
	StringInfoData out;
	ListCell   *cell;

	initStringInfo(&out);
	foreach(cell, questions)
		appendStringInfo(&out, "%zu:%s", strlen(lfirst(cell)),
						 (char *) lfirst(cell));
	return out.data;
}

/* The questions as one text, for what looks at words only. */
char *
allm_conversation_join(const List *earlier, const char *question)
{
	StringInfoData out;
	ListCell   *cell;

	initStringInfo(&out);
	foreach(cell, earlier)
		appendStringInfo(&out, "%s\n", (char *) lfirst(cell));
	appendStringInfoString(&out, question);
	return out.data;
}

/*
 * Raises 22023 where questions are asked that have no order: which of them
 * would be the last cannot be told.
 */
void
allm_conversation_require_none(const AllmOptions *options)
{
	if (options->in_conversation)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" cannot be used where questions are answered at once or later",
						"conversation"),
				 errhint("Ask it with llm_ask() or llm_answer().")));
}
