/*
 * payload.c
 *		What a submitted question has of no fixed size, in shared memory: its
 *		text, its options, and the settings of its session.
 *
 * Locking: none.  A payload is written before anybody knows of it, and read by
 * one process alone, which frees it.
 */
#include "postgres.h"

#include "ask/payload.h"

/* What has no fixed size, followed by its five parts. */
typedef struct Payload
{
	Oid			session_user_id;
	Size		question_size;	/* with the NUL */
	Size		options_size;	/* with the NUL */
	Size		session_size;	/* with the NUL */
	Size		shadow_size;	/* with the NUL; 0: it is none */
	Size		settings_len;
} Payload;

/*
 * Writes the parts of no fixed size to shared memory.  Invalid when they are
 * larger than the limit, or it is full; "size" is told in any case.
 */
dsa_pointer
allm_payload_write(dsa_area *area, const AllmJobOrder *order, Size limit,
				   Size *size)
{
	Payload		head;
	dsa_pointer made;
	char	   *to;

	head.session_user_id = order->session_user_id;
	head.question_size = strlen(order->question) + 1;
	head.options_size = strlen(order->options) + 1;
	head.session_size = strlen(order->session) + 1;
	head.shadow_size = order->shadow != NULL ? strlen(order->shadow) + 1 : 0;
	head.settings_len = order->settings_len;
	*size = sizeof(Payload) + head.question_size + head.options_size +
		head.session_size + head.shadow_size + head.settings_len;
	if (*size > limit)
		return InvalidDsaPointer;
	made = dsa_allocate_extended(area, *size, DSA_ALLOC_NO_OOM);
	if (!DsaPointerIsValid(made))
		return made;
	to = dsa_get_address(area, made);
	memcpy(to, &head, sizeof(Payload));
	to += sizeof(Payload);
	memcpy(to, order->question, head.question_size);
	to += head.question_size;
	memcpy(to, order->options, head.options_size);
	to += head.options_size;
	memcpy(to, order->session, head.session_size);
	to += head.session_size;
	if (head.shadow_size > 0)
		memcpy(to, order->shadow, head.shadow_size);
	to += head.shadow_size;
	memcpy(to, order->settings, head.settings_len);
	return made;
}

/* Copies the parts to the current memory context, and frees them. */
void
allm_payload_read(dsa_area *area, dsa_pointer from, AllmJobOrder *order)
{
	Payload		head;
	char	   *at = dsa_get_address(area, from);
	void	   *settings;

	memcpy(&head, at, sizeof(Payload));
	at += sizeof(Payload);
	order->session_user_id = head.session_user_id;
	order->question = pstrdup(at);
	at += head.question_size;
	order->options = pstrdup(at);
	at += head.options_size;
	order->session = pstrdup(at);
	at += head.session_size;
	if (head.shadow_size > 0)
		order->shadow = pstrdup(at);
	at += head.shadow_size;
	settings = palloc(head.settings_len);
	memcpy(settings, at, head.settings_len);
	order->settings = settings;
	order->settings_len = head.settings_len;
	dsa_free(area, from);
}
