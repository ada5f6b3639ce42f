/*
 * call.h
 *		Asking one model, with the retries that are worth their while.
 */
#ifndef ALLM_MODEL_CALL_H
#define ALLM_MODEL_CALL_H

#include "postgres.h"

#include "base/deadline.h"
#include "model/wire.h"

/* One HTTP exchange with a model, as the log wants it. */
typedef struct AllmExchange
{
	int			number;			/* from 1, within the call */
	const AllmHttpResponse *response;
	const AllmReply *reply;
	AllmFailure failure;		/* kind NONE when it is an answer */
} AllmExchange;

/* May an exchange be made? */
typedef enum AllmMay
{
	ALLM_MAY,
	ALLM_MAY_LATER,				/* it is to be asked again, soon */
	ALLM_MAY_NOT
} AllmMay;

/*
 * Called before each exchange.  Sets "left" to where to note that it has left
 * whole: an error that ends the exchange, or the end of the process, is not told
 * of.  May lower what the model may write.
 */
typedef AllmMay (*AllmExchangeBegins) (void *state, bool **left);

/*
 * Told of each exchange before anything else is done with it.  Returns whether
 * another one may follow, if it is one that is worth a retry.
 */
typedef bool (*AllmExchangeSeen) (void *state, const AllmExchange *exchange);

/*
 * Told, while an answer comes in, what is known of its use: the prompt's tokens.
 * What the model writes is known at the end only.
 */
typedef void (*AllmExchangeCounts) (void *state, const AllmTokens *tokens);

/* How far a call has come. */
typedef enum AllmCallStage
{
	ALLM_CALL_WANTED,			/* an exchange is to be made */
	ALLM_CALL_OUT,				/* it is under way */
	ALLM_CALL_RESTS,			/* before the next one */
	ALLM_CALL_ENDED
} AllmCallStage;

/*
 * What to ask, whom, and how long; then what there is to know while it is done.
 * All of the former must stay as it is until the call has ended.
 */
typedef struct AllmCall
{
	const AllmWire *wire;
	const AllmModel *model;
	const AllmEndpoint *endpoint;
	const AllmPrompt *prompt;
	int			max_retries;
	int			most;			/* exchanges of this backend at once */
	AllmDeadline deadline;
	AllmExchangeBegins begins;
	AllmExchangeCounts counts;	/* or NULL */
	AllmExchangeSeen seen;
	void	   *state;			/* of all three */

	AllmCallStage stage;		/* these: begin as zero, and are call.c's */
	int			retries;
	AllmDeadline rests_until;
	AllmHttpRequest *request;
	AllmHttpExchange *out;
	bool		counted;		/* "counts" was told */
	bool		late;			/* no place was free in time */
	AllmExchange *exchange;		/* the last one that has ended, or NULL */
} AllmCall;

extern bool allm_call_step(AllmCall *call, AllmDeadline *wake);
extern void allm_call_end(AllmCall *call);
extern int64 allm_call_delay_ms(int retries, int64 retry_after_ms,
								double random);

#endif							/* ALLM_MODEL_CALL_H */
