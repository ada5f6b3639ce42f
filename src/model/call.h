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

/*
 * Called before each exchange.  Returns where to note that it has left whole:
 * an error that ends the exchange, or the end of the process, is not told of.
 * NULL: the exchange is not to be made.  May wait, and lower what the model may
 * write.
 */
typedef bool *(*AllmExchangeBegins) (void *state);

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

/* What to ask, whom, and how long. */
typedef struct AllmCall
{
	const AllmWire *wire;
	const AllmModel *model;
	const AllmEndpoint *endpoint;
	const AllmPrompt *prompt;
	int			max_retries;
	AllmDeadline deadline;
	AllmExchangeBegins begins;
	AllmExchangeCounts counts;	/* or NULL */
	AllmExchangeSeen seen;
	void	   *state;			/* of all three */
} AllmCall;

extern AllmExchange *allm_call_model(const AllmCall *call);
extern int64 allm_call_delay_ms(int retries, int64 retry_after_ms,
								double random);

#endif							/* ALLM_MODEL_CALL_H */
