/*
 * gate.h
 *		May a call go out?  The breakers of all models and keys.
 */
#ifndef ALLM_MODEL_GATE_H
#define ALLM_MODEL_GATE_H

#include "postgres.h"

#include "base/deadline.h"
#include "ledger/report.h"
#include "model/breaker.h"
#include "model/provider.h"

/* What has a breaker; a call passes one of each. */
typedef enum AllmGateLevel
{
	ALLM_GATE_MODEL,			/* a model at an endpoint */
	ALLM_GATE_KEY,				/* a key at an endpoint */
	ALLM_GATE_ACCESS,			/* that model with that key */
	ALLM_GATE_LEVELS
} AllmGateLevel;

/* Which breaker: a hash with a salt of this server's, of no use elsewhere. */
typedef struct AllmGateId
{
	uint8		hash[16];
} AllmGateId;

/* The breakers of a call, and its place in them while it is under way. */
typedef struct AllmGatePass
{
	const char *server;			/* for llm_status: these three, */
	const char *model;
	Oid			mapping_user;	/* whose key; InvalidOid: PUBLIC's */
	int			fair_ms;		/* time after which a time-out is a fault */
	AllmGateId	endpoint;
	AllmGateId	ids[ALLM_GATE_LEVELS];
	uint32		probes[ALLM_GATE_LEVELS];	/* 0: it is none */
	bool		is_out;			/* it was let through, and not reported */
} AllmGatePass;

/* Why a call may not go out. */
typedef struct AllmGateRefusal
{
	AllmGateLevel level;
	AllmBreakerJudgement judged;	/* GO: the model is too slow */
	AllmFailureKind cause;		/* of a breaker that is open */
	TimestampTz until;			/* when to ask again */
	int			usual_ms;		/* of a model that is too slow */
} AllmGateRefusal;

extern void allm_gate_install(void);
extern void allm_gate_identify(AllmGatePass *pass, const AllmProvider *provider,
							   const char *model, const char *key);
extern bool allm_gate_admit(AllmGatePass *pass, AllmDeadline deadline,
							AllmGateRefusal *refusal);
extern bool allm_gate_report(AllmGatePass *pass, const AllmFailure *failure,
							 double elapsed_ms, TimestampTz *until);
extern void allm_gate_release(AllmGatePass *pass);
extern void allm_gate_model_status(const AllmProvider *provider,
								   const char *model,
								   AllmStatusLine line, void *state);
extern void allm_gate_key_status(AllmStatusLine line, void *state);

#endif							/* ALLM_MODEL_GATE_H */
