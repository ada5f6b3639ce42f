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

/* What all transfers of this backend share. */
typedef struct Client
{
	CURLM	   *multi;			/* NULL until the first transfer */
	int			epoll_fd;
	TimestampTz timer_at;		/* when libcurl wants to be called */
	int			watch_errno;	/* set when a socket could not be watched */
	uint32		wait_event;
} Client;

static Client client = {NULL, -1, DT_NOEND, 0, 0};

static void require_client(void);
static bool make_client(void);
static void release_client(int code, Datum arg);
static void wait_for_event(long timeout_ms);
static void drive(curl_socket_t fd, int bits);
static void collect_done(void);
static void block_signals(sigset_t *old);
static void restore_signals(const sigset_t *old);
static int	watch_socket(CURL *easy, curl_socket_t fd, int what,
						 void *arg, void *socket_arg);
static int	set_timer(CURLM *multi, long timeout_ms, void *arg);

/*
 * Hands a transfer over, and keeps it under way whenever some transfer is
 * waited for.  Raises when there are no descriptors or no memory for it.
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
}

/*
 * Waits until a transfer is done, its deadline comes, or "stopped", which is
 * asked at each wake-up and may be NULL, says that it is not wanted any more.
 * What is raised is a cancel or a shutdown, with its own error, and want of
 * memory or descriptors.  But when it is done it is still to be ended.
 */
AllmWait
allm_client_wait(AllmTransfer *transfer, AllmDeadline deadline,
				 bool (*stopped) (void))
{
	for (;;)
	{
		long		left;

		CHECK_FOR_INTERRUPTS();
		if (stopped != NULL && stopped())
			return ALLM_WAIT_STOPPED;
		if (client.timer_at <= GetCurrentTimestamp())
		{
			client.timer_at = DT_NOEND;
			drive(CURL_SOCKET_TIMEOUT, 0);
		}
		collect_done();
		if (transfer->woken != NULL)
			transfer->woken(transfer);
		if (transfer->done)
			return ALLM_WAIT_DONE;
		left = allm_deadline_left(allm_deadline_sooner(deadline,
													   transfer->idle_by));
		if (left <= 0)
			return ALLM_WAIT_LATE;
		/* The catalogs' snapshot alone is not to hold back vacuum so long. */
		InvalidateCatalogSnapshotConditionally();
		wait_for_event(left);
	}
}

/*
 * Ends a transfer wherever it stands, and frees its handle.  A connection that
 * is in use is closed, so that nobody goes on answering.  Never raises.
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
	transfer->started = false;
}

/* Makes what the transfers of this backend share, at the first of them. */
static void
require_client(void)
{
	if (client.multi != NULL)
		return;
	for (int i = 0; i < MAX_DESCRIPTORS; i++)
	{
		if (!AcquireExternalFD())
		{
			while (i-- > 0)
				ReleaseExternalFD();
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
					 errmsg("could not call a model: too many files are open"),
					 errhint("Raise max_files_per_process.")));
		}
	}
	client.wait_event = allm_wait_event_new("AnalyticsLlmHttp");
	if (!make_client())
	{
		for (int i = 0; i < MAX_DESCRIPTORS; i++)
			ReleaseExternalFD();
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
 * Waits for a socket of libcurl's, its timer, our latch, or the time given,
 * and lets libcurl work on the sockets that are ready.
 */
static void
wait_for_event(long timeout_ms)
{
	struct epoll_event events[8];
	int			n;
	int			rc;

	if (client.timer_at != DT_NOEND)
	{
		long		timer_ms;

		timer_ms = TimestampDifferenceMilliseconds(GetCurrentTimestamp(),
												   client.timer_at);
		timeout_ms = Min(timeout_ms, timer_ms);
	}
	rc = WaitLatchOrSocket(MyLatch,
						   WL_LATCH_SET | WL_SOCKET_READABLE | WL_TIMEOUT |
						   WL_EXIT_ON_PM_DEATH,
						   client.epoll_fd, timeout_ms, client.wait_event);
	if (rc & WL_LATCH_SET)
		ResetLatch(MyLatch);
	if (!(rc & WL_SOCKET_READABLE))
		return;

	n = epoll_wait(client.epoll_fd, events, lengthof(events), 0);
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

/* Notes the results of the transfers that have ended. */
static void
collect_done(void)
{
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
	}
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
