/*
 * The calls that wait until one of many descriptors is ready: poll, ppoll, select, pselect6. As in
 * the kernel, the first round asks every file and leaves a watch with it, up to the first ready
 * one; later rounds, each after a watch was told of a change, only ask.
 */
#include "objects/poll_calls.h"

#include "machine/clock.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/poll.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "objects/calls.h"
#include "process/exit.h"
#include "process/limits.h"
#include "process/signals.h"
#include "vfs/fd.h"
#include "vfs/file.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

/* ---- waiting on many files ------------------------------------------------------------------ */

/* A watch of a call. It holds its file. */
struct poll_table_entry {
	struct poll_watch watch;
	struct poll_wqueues *pwq;
	struct file *file;
	unsigned key; /* the events that are waited for */
	struct poll_table_entry *next;
};

struct poll_wqueues {
	struct poll_table pt;
	struct task *current;
	struct wait_queue queue;
	struct poll_table_entry *first, **last;
	unsigned key;   /* of the entries to come */
	bool triggered; /* a watch was told since the last round */
	int error;
};

static bool pollwake(struct poll_watch *watch, unsigned events)
{
	struct poll_table_entry *entry = container_of(watch, struct poll_table_entry, watch);

	if (events && !(events & entry->key))
		return false;
	entry->pwq->triggered = true;
	wake_up(entry->file->machine, &entry->pwq->queue);
	return true;
}

static void pollwait(struct poll_table *pt, struct file *f, struct poll_list *list)
{
	struct poll_wqueues *pwq = container_of(pt, struct poll_wqueues, pt);
	struct poll_table_entry *entry;

	entry = arena_alloc(&pwq->current->call->arena, sizeof(*entry));
	if (!entry) {
		pwq->error = -ENOMEM;
		pt->queue = NULL;
		return;
	}
	*entry = (struct poll_table_entry){
		.watch.changed = pollwake, .pwq = pwq, .file = get_file(f), .key = pwq->key
	};
	call_holds(pwq->current, f);
	poll_watch_add(list, &entry->watch);
	*pwq->last = entry;
	pwq->last = &entry->next;
}

/* expires: the end of the wait; with a time that has passed the call does not wait. */
static void poll_initwait(struct task *current, struct poll_wqueues *pwq, int64_t expires)
{
	*pwq = (struct poll_wqueues){ .current = current };
	if (expires > current->machine->clock.now)
		pwq->pt.queue = pollwait;
	pwq->last = &pwq->first;
	wait_queue_init(&pwq->queue);
}

static void poll_freewait(struct poll_wqueues *pwq)
{
	for (struct poll_table_entry *entry = pwq->first; entry; entry = entry->next) {
		poll_watch_del(&entry->watch);
		fput(pwq->current, entry->file);
	}
}

/* The wanted events that a file has now; watches the file for them. */
static unsigned poll_file(struct poll_wqueues *pwq, int64_t fd, unsigned wanted)
{
	struct task *current = pwq->current;
	struct fd f = fdget(current, fd);
	unsigned events = POLLNVAL;

	if (f.file) {
		pwq->key = wanted;
		events = vfs_poll(f.file, &pwq->pt) & wanted;
	}
	fdput(current, f);
	return events;
}

/*
 * Asks in rounds until a file is ready, a signal comes, or the time is over. round asks every file
 * and returns how many are ready; that number, or an error, is the result.
 */
static int64_t poll_rounds(struct poll_wqueues *pwq, int64_t expires,
			   int64_t (*round)(struct poll_wqueues *pwq, void *ctx), void *ctx)
{
	struct task *current = pwq->current;
	bool timed_out = expires <= current->machine->clock.now;

	for (;;) {
		int64_t count = round(pwq, ctx);
		int error = 0;

		pwq->pt.queue = NULL;
		if (!count)
			count = pwq->error;
		if (!count && current->call->interrupted)
			count = -EINTR;
		if (count || timed_out)
			return count;
		if (!pwq->triggered)
			error = sched_wait_until(current, &pwq->queue, "poll_schedule_timeout",
						 expires);
		pwq->triggered = false;
		timed_out = error == -ETIMEDOUT;
		if (error == -ENOMEM)
			return error;
	}
}

/* ---- times and masks ------------------------------------------------------------------------ */

int poll_select_set_timeout(const struct task *current, const struct fdl_arg *timeout, int64_t unit,
			    int64_t *expires)
{
	const int64_t parts = NSEC_PER_SEC / unit;
	int64_t sec, part;

	*expires = KTIME_MAX;
	if (!timeout->sub)
		return timeout->num ? -EFAULT : 0;
	sec = timeout->sub[TIMEOUT_SEC].num;
	part = timeout->sub[TIMEOUT_PART].num;
	if (unit > 1) {
		if (__builtin_add_overflow(sec, part / parts, &sec))
			return -EINVAL;
		part %= parts;
	}
	if (sec < 0 || part < 0 || part >= parts)
		return -EINVAL;
	*expires = clock_after(current->machine, ktime_set(sec, part * unit));
	return 0;
}

int64_t timeout_ms(const struct task *current, int64_t ms)
{
	if (ms < 0)
		return KTIME_MAX;
	return clock_after(current->machine, ms * (NSEC_PER_SEC / 1000));
}

void poll_put_left(struct task *current, struct fdl_arg *timeout, int64_t unit, int64_t expires)
{
	int64_t left = expires - current->machine->clock.now;

	if (!timeout->sub)
		return;
	if (left < 0)
		left = 0;
	timeout->sub[TIMEOUT_LEFT_SEC].num = left / NSEC_PER_SEC;
	timeout->sub[TIMEOUT_LEFT_PART].num = left % NSEC_PER_SEC / unit;
}

/* ---- poll ----------------------------------------------------------------------------------- */

static int64_t poll_round(struct poll_wqueues *pwq, void *ctx)
{
	const struct fdl_arg *fds = ctx;
	int64_t count = 0;

	for (int64_t i = 0; i < fds->num; i++) {
		struct fdl_arg *pollfd = fds->sub[i].sub;
		unsigned wanted = (uint16_t)pollfd[POLLFD_EVENTS].num | EPOLLERR | EPOLLHUP;

		pollfd[POLLFD_REVENTS].num = 0;
		if (pollfd[POLLFD_FD].num < 0)
			continue;
		pollfd[POLLFD_REVENTS].num = poll_file(pwq, pollfd[POLLFD_FD].num, wanted);
		if (!pollfd[POLLFD_REVENTS].num)
			continue;
		count++;
		pwq->pt.queue = NULL;
	}
	return count;
}

static int64_t do_sys_poll(struct task *current, const struct fdl_arg *fds, uint64_t nfds,
			   int64_t expires)
{
	struct fdl_arg polled = *fds;
	struct poll_wqueues pwq;
	int64_t count;

	if (nfds > rlimit_nofile(current))
		return -EINVAL;
	if (nfds && (!fds->sub || (uint64_t)fds->num < nfds))
		return -EFAULT;
	for (uint64_t i = 0; i < nfds; i++) {
		if (!fds->sub[i].sub)
			return -EFAULT;
	}
	polled.num = (int64_t)nfds;
	poll_initwait(current, &pwq, expires);
	count = poll_rounds(&pwq, expires, poll_round, &polled);
	poll_freewait(&pwq);
	return count;
}

static int64_t sys_poll(struct task *current, struct fdl_arg *a)
{
	return do_sys_poll(current, &a[0], (uint64_t)a[1].num, timeout_ms(current, a[2].num));
}

static int64_t sys_ppoll(struct task *current, struct fdl_arg *a)
{
	int64_t expires, count;
	int error = poll_select_set_timeout(current, &a[2], 1, &expires);

	if (!error)
		error = set_user_sigmask(current, &a[3], a[4].num);
	if (error)
		return error;
	count = do_sys_poll(current, &a[0], (uint64_t)a[1].num, expires);
	restore_saved_sigmask(current, count == -EINTR);
	poll_put_left(current, &a[2], 1, expires);
	return count;
}

/* ---- select --------------------------------------------------------------------------------- */

#define POLLIN_SET  (EPOLLRDNORM | EPOLLRDBAND | EPOLLIN | EPOLLHUP | EPOLLERR | POLLNVAL)
#define POLLOUT_SET (EPOLLWRBAND | EPOLLWRNORM | EPOLLOUT | EPOLLERR | POLLNVAL)
#define POLLEX_SET  (EPOLLPRI | POLLNVAL)

static const unsigned select_events[] = { POLLIN_SET, POLLOUT_SET, POLLEX_SET };

/* The arguments of select. */
struct selection {
	struct fdl_arg *set; /* in, out, except */
	int64_t n;           /* descriptors from n on are ignored */
};

/* The lowest descriptor of the three sets from their positions at on; n: there is none. */
static int64_t select_next(const struct selection *s, const int64_t at[3])
{
	int64_t next = s->n;

	for (int i = 0; i < 3; i++) {
		const struct fdl_arg *set = &s->set[i];
		int64_t first;

		if (!set->sub || at[i] == set->num)
			continue;
		first = set->sub[at[i]].sub[FDSET_FD].num;
		if (first < next)
			next = first;
	}
	return next;
}

static int64_t select_round(struct poll_wqueues *pwq, void *ctx)
{
	const struct selection *s = ctx;
	int64_t at[3] = { 0 }, count = 0, fd;

	while ((fd = select_next(s, at)) < s->n) {
		struct fdl_arg *ready[3] = { NULL };
		unsigned wanted = POLLEX_SET, events;

		for (int i = 0; i < 3; i++) {
			const struct fdl_arg *set = &s->set[i];

			if (!set->sub || at[i] == set->num ||
			    set->sub[at[i]].sub[FDSET_FD].num != fd)
				continue;
			ready[i] = &set->sub[at[i]++].sub[FDSET_READY];
			wanted |= select_events[i];
		}
		events = poll_file(pwq, fd, wanted);
		for (int i = 0; i < 3; i++) {
			if (!ready[i])
				continue;
			ready[i]->num = (events & select_events[i]) != 0;
			count += ready[i]->num;
		}
		if (count)
			pwq->pt.queue = NULL;
	}
	return count;
}

/* Every descriptor of the sets is in use, if only reserved. */
static int max_select_fd(const struct task *current, const struct selection *s)
{
	int64_t at[3] = { 0 }, fd;
	struct slot slot;

	while ((fd = select_next(s, at)) < s->n) {
		if (!current->machine->kernel->slot_next(current, (uint64_t)fd, &slot) ||
		    slot.fd != (uint64_t)fd)
			return -EBADF;
		for (int i = 0; i < 3; i++) {
			if (s->set[i].sub && at[i] < s->set[i].num &&
			    s->set[i].sub[at[i]].sub[FDSET_FD].num == fd)
				at[i]++;
		}
	}
	return 0;
}

/* set: the call's three. */
static int64_t core_sys_select(struct task *current, int64_t n, struct fdl_arg *set,
			       int64_t expires)
{
	struct selection s = { set, n };
	int64_t max_fds = (int64_t)current->machine->kernel->max_fds(current), count;
	struct poll_wqueues pwq;

	if (n < 0)
		return -EINVAL;
	if (s.n > max_fds)
		s.n = max_fds;
	for (int i = 0; i < 3; i++) {
		if (n && !set[i].sub && set[i].num)
			return -EFAULT;
	}
	if (max_select_fd(current, &s))
		return -EBADF;
	poll_initwait(current, &pwq, expires);
	count = poll_rounds(&pwq, expires, select_round, &s);
	poll_freewait(&pwq);
	return count;
}

static int64_t sys_select(struct task *current, struct fdl_arg *a)
{
	int64_t expires, count;
	int error = poll_select_set_timeout(current, &a[4], 1000, &expires);

	if (error)
		return error;
	count = core_sys_select(current, a[0].num, &a[1], expires);
	poll_put_left(current, &a[4], 1000, expires);
	return count;
}

static int64_t sys_pselect6(struct task *current, struct fdl_arg *a)
{
	int64_t expires, count;
	int error = poll_select_set_timeout(current, &a[4], 1, &expires);

	if (!error && a[5].sub)
		error = set_user_sigmask(current, &a[5].sub[SIGSETARG_SIGMASK],
					 a[5].sub[SIGSETARG_SIZE].num);
	else if (!error && a[5].num)
		error = -EFAULT;
	if (error)
		return error;
	count = core_sys_select(current, a[0].num, &a[1], expires);
	restore_saved_sigmask(current, count == -EINTR);
	poll_put_left(current, &a[4], 1, expires);
	return count;
}

const struct call_row poll_calls[] = {
	{ "poll", "pollfds fds, uint nfds=len(fds), int timeout=-1", sys_poll,
	  CALL_MAY_BLOCK | CALL_NO_RESTART, "pollresult" },
	{ "ppoll",
	  "pollfds fds, uint nfds=len(fds), timeout timeout=NULL, sigset sigmask=NULL, "
	  "size sigsetsize=8",
	  sys_ppoll, CALL_MAY_BLOCK | CALL_NO_RESTART, "pollresult" },
	{ "select",
	  "int nfds, fdset readfds=NULL, fdset writefds=NULL, fdset exceptfds=NULL, "
	  "timeoutval timeout=NULL",
	  sys_select, CALL_MAY_BLOCK | CALL_NO_RESTART, "selectresult" },
	{ "pselect6",
	  "int nfds, fdset readfds=NULL, fdset writefds=NULL, fdset exceptfds=NULL, "
	  "timeout timeout=NULL, sigsetarg sigmask=NULL",
	  sys_pselect6, CALL_MAY_BLOCK | CALL_NO_RESTART, "selectresult" },
	{ 0 },
};
