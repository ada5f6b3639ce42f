/*
 * payload.h
 *		What a submitted question has of no fixed size, in shared memory.
 */
#ifndef ALLM_ASK_PAYLOAD_H
#define ALLM_ASK_PAYLOAD_H

#include "utils/dsa.h"

#include "ask/jobs.h"

extern dsa_pointer allm_payload_write(dsa_area *area,
									  const AllmJobOrder *order, Size limit,
									  Size *size);
extern void allm_payload_read(dsa_area *area, dsa_pointer from,
							  AllmJobOrder *order);

#endif							/* ALLM_ASK_PAYLOAD_H */
