/*
 * The daemon's event loop: requests of a FUSE session, if there is one, and signals are its events.
 * It moves requests from the kernel to libfuse and knows nothing of what they ask.
 */
#include "loop.h"
#include "spare.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

/* Requests that are served before other events get their turn. */
#define BATCH 64

/* More than the memory that libfuse takes for requests, when the first one comes. */
#define ROOM ((size_t)2 << 20)

static const int leave_on[] = { SIGINT, SIGTERM, SIGHUP };

#define NSIGNALS (sizeof(leave_on) / sizeof(leave_on[0]))

/* An event that calls a function. */
struct hook {
	struct event *event; /* or NULL */
	void (*call)(void *);
	void *ctx;
};

struct loop {
	struct event_base *base;
	struct event *requests;
	struct event *signals[NSIGNALS];
	struct fuse_session *se; /* or NULL */
	struct fuse_buf buf;     /* one request; libfuse allocates its memory once */
	void *room; /* for that, until then: a start without it fails before the mount */
	void (*ready)(void *);
	void *ctx;
	struct hook turn; /* without an event */
	struct hook readable, usr1;
	int error;
};

/*
 * Reads requests until there are none: a client that was woken by an answer has often sent its next
 * request by then, and another turn of the loop costs more than a read in vain.
 */
static void serve_requests(struct loop *l)
{
	for (int i = 0; i < BATCH; i++) {
		int r = fuse_session_receive_buf(l->se, &l->buf);

		if (r == -EAGAIN)
			return;
		if (r == -EINTR)
			continue;
		if (r > 0)
			fuse_session_process_buf(l->se, &l->buf);
		if (r <= 0 || fuse_session_exited(l->se)) {
			/* A session that ends before it has served a request could not start. */
			l->error = r < 0 ? r : l->ready ? -ECONNABORTED : 0;
			event_base_loopbreak(l->base);
			return;
		}
		if (l->ready) {
			l->ready(l->ctx);
			l->ready = NULL;
		}
	}
}

static void on_requests(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;

	(void)fd, (void)what;
	serve_requests(l);
	if (l->turn.call)
		l->turn.call(l->turn.ctx);
}

static void on_hook(evutil_socket_t fd, short what, void *arg)
{
	const struct hook *hook = arg;

	(void)fd, (void)what;
	hook->call(hook->ctx);
}

static void on_signal(evutil_socket_t sig, short what, void *arg)
{
	struct loop *l = arg;

	(void)sig, (void)what;
	if (l->se)
		fuse_session_exit(l->se);
	event_base_loopbreak(l->base);
}

/* A daemon that was started by nohup goes on after a hangup. */
static bool is_ignored_hangup(int sig)
{
	struct sigaction sa;

	return sig == SIGHUP && !sigaction(sig, NULL, &sa) && sa.sa_handler == SIG_IGN;
}

static int add_signals(struct loop *l)
{
	for (size_t i = 0; i < NSIGNALS; i++) {
		if (is_ignored_hangup(leave_on[i]))
			continue;
		l->signals[i] = evsignal_new(l->base, leave_on[i], on_signal, l);
		if (!l->signals[i] || event_add(l->signals[i], NULL))
			return -ENOMEM;
	}
	return 0;
}

/* Timers are rare, or there are none: the loop need not read the clock at every turn. */
static int make_base(struct loop *l)
{
	struct event_config *config;

	spare_begin();
	config = event_config_new();
	if (!config)
		return -ENOMEM;
	if (!event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_NO_CACHE_TIME))
		l->base = event_base_new_with_config(config);
	event_config_free(config);
	return l->base ? 0 : -ENOMEM;
}

static int add_requests(struct loop *l)
{
	int fd = fuse_session_fd(l->se);
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return -errno;
	l->requests = event_new(l->base, fd, EV_READ | EV_PERSIST, on_requests, l);
	if (!l->requests || event_add(l->requests, NULL))
		return -ENOMEM;
	return 0;
}

static int hook_add(struct hook *hook, struct event *event, void (*call)(void *), void *ctx)
{
	*hook = (struct hook){ event, call, ctx };
	return event && !event_add(event, NULL) ? 0 : -ENOMEM;
}

static void hook_free(struct hook *hook)
{
	if (hook->event)
		event_free(hook->event);
	hook->event = NULL;
}

void loop_free(struct loop *l)
{
	if (l->requests)
		event_free(l->requests);
	for (size_t i = 0; i < NSIGNALS; i++) {
		if (l->signals[i])
			event_free(l->signals[i]);
	}
	hook_free(&l->readable);
	hook_free(&l->usr1);
	if (l->base)
		event_base_free(l->base);
	free(l->buf.mem);
	free(l->room);
	free(l);
}

int loop_new(struct fuse_session *se, struct loop **lp)
{
	struct loop *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->se = se;
	l->room = se ? malloc(ROOM) : NULL;
	r = se && !l->room ? -ENOMEM : make_base(l);
	if (!r)
		r = add_signals(l);
	if (r) {
		loop_free(l);
		return r;
	}
	*lp = l;
	return 0;
}

void loop_on_turn(struct loop *l, void (*turn)(void *), void *ctx)
{
	l->turn = (struct hook){ NULL, turn, ctx };
}

int loop_watch(struct loop *l, int fd, void (*readable)(void *), void *ctx)
{
	struct event *event = event_new(l->base, fd, EV_READ | EV_PERSIST, on_hook, &l->readable);

	return hook_add(&l->readable, event, readable, ctx);
}

void loop_unwatch(struct loop *l)
{
	hook_free(&l->readable);
}

int loop_on_usr1(struct loop *l, void (*asked)(void *), void *ctx)
{
	struct event *event = evsignal_new(l->base, SIGUSR1, on_hook, &l->usr1);

	return hook_add(&l->usr1, event, asked, ctx);
}

struct event_base *loop_base(const struct loop *l)
{
	return l->base;
}

int loop_run(struct loop *l, void (*ready)(void *), void *ctx)
{
	int r = l->se ? add_requests(l) : 0;

	if (r)
		return r;
	free(l->room);
	l->room = NULL;
	l->ready = ready;
	l->ctx = ctx;
	if (!l->se)
		ready(ctx);
	return event_base_dispatch(l->base) < 0 ? -EIO : l->error;
}
