/*
 * client.c
 *		Driving libcurl's transfers without being deaf meanwhile.
 *
 * libcurl's multi interface does the protocols; it never waits.  Its sockets
 * are watched by one epoll descriptor, and the backend waits for that, for its
 * latch and for the death of the postmaster, so that a cancel, a time-out of
 * the statement and a shutdown end the wait at once, with their own error.
 *
 * The multi handle is made when a backend first needs it, never before a fork,
 * and lives as long as the backend, since it owns the connections that are
 * kept.  All of it is private to the process; no lock may be held by callers
 * that wait.
 *
 * libcurl's callbacks run on its stack: they must not raise, so they note what
 * went wrong, and leave the raising to us.
 */
#include "postgres.h"

#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "miscadmin.h"
#include "pgstat.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "net/client.h"

/*
 * Connections that are kept.  A backend speaks with one or two providers; each
 * is a descriptor that fd.c has to know of.
 */
#define MAX_CONNECTIONS			4

/* One more descriptor for epoll, two for a name that is being resolved. */
#define MAX_DESCRIPTORS			(MAX_CONNECTIONS + 3)

/* Of each transfer beyond those: its connection, and a name being resolved. */
#define MORE_DESCRIPTORS		3

/* What all transfers of this backend share. */
typedef struct Client
{
	CURLM	   *multi;			/* NULL until the first transfer */
	int			epoll_fd;
	TimestampTz timer_at;		/* when libcurl wants to be called */
	int			watch_errno;	/* set when a socket could not be watched */
	uint32		wait_event;
	int			running;		/* transfers under way */
	int			more;			/* of them, that have descriptors beyond */
	uint64		ended;			/* transfers, so far */
} Client;

static Client client = {NULL, -1, DT_NOEND};

static bool acquire_descriptors(int n);
static void release_descriptors(int n);
static void require_client(void);
static bool make_client(void);
static void release_client(int code, Datum arg);
static bool drive_sockets(void);
static void drive(curl_socket_t fd, int bits);
static bool collect_done(void);
static void block_signals(sigset_t *old);
static void restore_signals(const sigset_t *old);
static int	watch_socket(CURL *easy, curl_socket_t fd, int what,
						 void *arg, void *socket_arg);
static int	set_timer(CURLM *multi, long timeout_ms, void *arg);

/*
 * May another transfer be started, if there are to be so many at most?  The
 * first one always may.  More of them take more descriptors, of which there may
 * be too few: then there are fewer at once.
 */
bool
allm_client_has_place(int most)
{
	if (client.running == 0)
		return true;
	if (client.running >= most)
		return false;
	while (client.more < client.running + 1 - MAX_CONNECTIONS)
	{
		if (!acquire_descriptors(MORE_DESCRIPTORS))
			return false;
		client.more++;
	}
	return true;
}

/* Tells fd.c of so many descriptors that are not its own; all or none. */
static bool
acquire_descriptors(int n)
{
	for (int i = 0; i < n; i++)
	{
		if (!AcquireExternalFD())
		{
			release_descriptors(i);
			return false;
		}
	}
	return true;
}

/* Tells fd.c that they are gone. */
static void
release_descriptors(int n)
{
	while (n-- > 0)
		ReleaseExternalFD();
}

/*
 * Hands a transfer over, and keeps it under way whenever this backend waits or
 * works here.  Raises when there are no descriptors or no memory for it.
 */
void
allm_client_start(AllmTransfer *transfer)
{
	CURLMcode	code;
	sigset_t	old;

	require_client();
	curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
	block_signals(&old);
	code = curl_multi_add_handle(client.multi, transfer->easy);
	restore_signals(&old);
	if (code != CURLM_OK)
		elog(ERROR, "could not start an HTTP exchange: %s",
			 curl_multi_strerror(code));
	transfer->started = true;
	client.running++;
}

/*
 * Lets libcurl do what it can at once, for all transfers.  Returns whether one
 * is done, which is still to be ended.  Raises for want of memory or
 * descriptors.
 */
bool
allm_client_work(void)
{
	if (client.running == 0)
		return false;
	if (client.timer_at <= GetCurrentTimestamp())
	{
		client.timer_at = DT_NOEND;
		drive(CURL_SOCKET_TIMEOUT, 0);
	}
	while (drive_sockets())
		;
	return collect_done();
}

/*
 * Waits until something has come for a transfer, the time is up, or the latch
 * is set, which the caller has to look into: interrupts are not served here.
 * Returns at once when a transfer is done.
 */
void
allm_client_wait(AllmDeadline until)
{
	int			events = WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH;
	long		timeout_ms;
	int			rc;

	if (client.timer_at <= GetCurrentTimestamp())
	{
		client.timer_at = DT_NOEND;
		drive(CURL_SOCKET_TIMEOUT, 0);
		if (collect_done())
			return;
	}
	timeout_ms = allm_deadline_left(until);
	if (client.timer_at != DT_NOEND)
	{
		AllmDeadline timer = {client.timer_at};

		timeout_ms = Min(timeout_ms, allm_deadline_left(timer));
	}
	if (client.wait_event == 0)
		client.wait_event = allm_wait_event_new("AnalyticsLlmHttp");
	/* The catalogs' snapshot alone is not to hold back vacuum so long. */
	InvalidateCatalogSnapshotConditionally();
	if (client.multi != NULL)
		events |= WL_SOCKET_READABLE;
	rc = WaitLatchOrSocket(MyLatch, events, client.epoll_fd, timeout_ms,
						   client.wait_event);
	if (rc & WL_LATCH_SET)
		ResetLatch(MyLatch);
	if (rc & WL_SOCKET_READABLE)
	{
		(void) drive_sockets();
		(void) collect_done();
	}
}

/*
 * Ends a transfer wherever it stands, and frees its handle.  A connection that
 * is in use is closed, or its stream in it, so that nobody goes on answering.
 * Never raises.
 */
void
allm_client_end(AllmTransfer *transfer)
{
	sigset_t	old;

	block_signals(&old);
	if (transfer->started && client.multi != NULL)
		curl_multi_remove_handle(client.multi, transfer->easy);
	curl_easy_cleanup(transfer->easy);
	restore_signals(&old);
	transfer->easy = NULL;
	if (!transfer->started)
		return;
	transfer->started = false;
	client.ended++;
	client.running--;
	while (client.more > Max(client.running - MAX_CONNECTIONS, 0))
	{
		release_descriptors(MORE_DESCRIPTORS);
		client.more--;
	}
}

/* How many have ended so far: whoever waits for a place looks again. */
uint64
allm_client_ended(void)
{
	return client.ended;
}

/* Makes what the transfers of this backend share, at the first of them. */
static void
require_client(void)
{
	if (client.multi != NULL)
		return;
	if (!acquire_descriptors(MAX_DESCRIPTORS))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("could not call a model: too many files are open"),
				 errhint("Raise max_files_per_process.")));
	if (!make_client())
	{
		release_descriptors(MAX_DESCRIPTORS);
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("could not start the HTTP client")));
	}
	on_proc_exit(release_client, (Datum) 0);
}

/* The epoll descriptor and the multi handle; false, and neither, on failure. */
static bool
make_client(void)
{
	CURLM	   *multi;
	int			fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0)
		return false;
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK ||
		(multi = curl_multi_init()) == NULL)
	{
		close(fd);
		return false;
	}
	client.epoll_fd = fd;
	client.timer_at = DT_NOEND;
	client.multi = multi;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long) MAX_CONNECTIONS);
	curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long) CURLPIPE_MULTIPLEX);
	return true;
}

/*
 * Says goodbye to the servers when the backend ends.  Transactions were
 * aborted before, and their transfers ended with them.
 */
static void
release_client(int code, Datum arg)
{
	sigset_t	old;

	block_signals(&old);
	curl_multi_cleanup(client.multi);
	restore_signals(&old);
	client.multi = NULL;
	close(client.epoll_fd);
}

/*
 * Lets libcurl work on the sockets that are ready.  Returns whether there may be
 * more of them.
 */
static bool
drive_sockets(void)
{
	struct epoll_event events[16];
	int			n = epoll_wait(client.epoll_fd, events, lengthof(events), 0);

	for (int i = 0; i < n; i++)
	{
		int			bits = 0;

		if (events[i].events & EPOLLIN)
			bits |= CURL_CSELECT_IN;
		if (events[i].events & EPOLLOUT)
			bits |= CURL_CSELECT_OUT;
		/* What an end means is known only after reading what came before. */
		if (events[i].events & (EPOLLERR | EPOLLHUP))
			bits |= CURL_CSELECT_ERR | CURL_CSELECT_IN;
		drive(events[i].data.fd, bits);
	}
	return n == lengthof(events);
}

/* Lets libcurl do what it can without waiting. */
static void
drive(curl_socket_t fd, int bits)
{
	CURLMcode	code;
	int			running;
	sigset_t	old;

	block_signals(&old);
	code = curl_multi_socket_action(client.multi, fd, bits, &running);
	restore_signals(&old);
	if (code != CURLM_OK)
		elog(ERROR, "could not continue an HTTP exchange: %s",
			 curl_multi_strerror(code));
	if (client.watch_errno != 0)
	{
		errno = client.watch_errno;
		client.watch_errno = 0;
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("could not watch a socket: %m")));
	}
}

/* Notes the results of the transfers that have ended; was there one? */
static bool
collect_done(void)
{
	bool		any = false;
	CURLMsg    *msg;
	int			left;

	while ((msg = curl_multi_info_read(client.multi, &left)) != NULL)
	{
		AllmTransfer *transfer;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **) &transfer);
		transfer->result = msg->data.result;
		transfer->done = true;
		any = true;
	}
	return any;
}

/*
 * Blocks every signal while libcurl works.  It may start a thread to resolve
 * a name; that thread inherits the mask, and no signal handler of the server's
 * may ever run on it.
 */
static void
block_signals(sigset_t *old)
{
	sigset_t	all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, old);
}

/* Lets the signals through again that were let through before. */
static void
restore_signals(const sigset_t *old)
{
	sigprocmask(SIG_SETMASK, old, NULL);
}

/* libcurl has begun, changed or ended its interest in a socket. */
static int
watch_socket(CURL *easy, curl_socket_t fd, int what,
			 void *arg, void *socket_arg)
{
	struct epoll_event event = {0};

	if (what == CURL_POLL_REMOVE)
	{
		/* One that was closed has left already. */
		(void) epoll_ctl(client.epoll_fd, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		event.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		event.events |= EPOLLOUT;
	event.data.fd = fd;
	if (epoll_ctl(client.epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0 &&
		epoll_ctl(client.epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
		client.watch_errno = errno;
	return 0;
}

/* libcurl wants to be called in so many milliseconds; -1: no more. */
static int
set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	if (timeout_ms < 0)
		client.timer_at = DT_NOEND;
	else
		client.timer_at =
			TimestampTzPlusMilliseconds(GetCurrentTimestamp(), timeout_ms);
	return 0;
}
