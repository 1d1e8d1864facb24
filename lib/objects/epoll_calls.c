/*
 * The calls of epoll: their checks, in the kernel's order, and waiting for events.
 */
#include "objects/calls.h"

#include "machine/clock.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/poll.h"
#include "machine/task.h"
#include "objects/epoll.h"
#include "objects/poll_calls.h"
#include "process/exit.h"
#include "process/signals.h"
#include "vfs/anon_inode.h"
#include "vfs/fd.h"
#include "vfs/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#define EP_MAX_EVENTS (INT_MAX / 12) /* of 12 bytes each */

/* The bits that an exclusive entry may have. */
#define EPOLLEXCLUSIVE_OK_BITS                                                                     \
	((uint32_t)(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET |             \
		    EPOLLEXCLUSIVE))

static int64_t do_epoll_create(struct task *current, int64_t flags)
{
	struct eventpoll *ep;
	int fd;

	if (flags & ~(int64_t)EPOLL_CLOEXEC)
		return -EINVAL;
	ep = ep_alloc(current);
	if (!ep)
		return -ENOMEM;
	fd = anon_inode_getfd(current, "[eventpoll]", &eventpoll_fops, ep, &ep->file,
			      O_RDWR | ((unsigned)flags & O_CLOEXEC));
	if (fd < 0)
		ep_free(ep);
	return fd;
}

static int64_t sys_epoll_create(struct task *current, struct fdl_arg *a)
{
	return a[0].num <= 0 ? -EINVAL : do_epoll_create(current, 0);
}

static int64_t sys_epoll_create1(struct task *current, struct fdl_arg *a)
{
	return do_epoll_create(current, a[0].num);
}

/* ---- epoll_ctl ------------------------------------------------------------------------------ */

/* The arguments of epoll_ctl. */
struct epoll_request {
	int64_t op;
	int fd;
	uint32_t events;
	uint64_t data;
};

static bool ep_op_has_event(int64_t op)
{
	return op != EPOLL_CTL_DEL;
}

/* Exclusive entries are for ADD, not for epolls, and not with every event. */
static bool exclusive_is_wrong(const struct epoll_request *r, const struct file *target)
{
	if (!ep_op_has_event(r->op) || !(r->events & EPOLLEXCLUSIVE))
		return false;
	if (r->op == EPOLL_CTL_MOD)
		return true;
	return r->op == EPOLL_CTL_ADD &&
	       (file_epoll(target) || (r->events & ~EPOLLEXCLUSIVE_OK_BITS));
}

static int ep_add(struct task *current, struct eventpoll *ep, struct file *target,
		  const struct epoll_request *r)
{
	struct eventpoll *below = file_epoll(target);
	/* Only where one epoll watches another can there be too many paths. */
	const bool full_check = !list_empty(&ep->file->watches) || below;

	if (below && ep_loop_check(ep, below))
		return -ELOOP;
	if (ep_find(ep, target, r->fd))
		return -EEXIST;
	return ep_insert(current, ep, target, r->fd, r->events | EPOLLERR | EPOLLHUP, r->data,
			 full_check);
}

static int do_epoll_ctl(struct task *current, struct file *f, struct file *target,
			const struct epoll_request *r)
{
	struct eventpoll *ep;
	struct epitem *item;

	if (!target->ops->poll)
		return -EPERM;
	ep = file_epoll(f);
	if (f == target || !ep || exclusive_is_wrong(r, target))
		return -EINVAL;
	if (r->op == EPOLL_CTL_ADD)
		return ep_add(current, ep, target, r);
	if (r->op != EPOLL_CTL_DEL && r->op != EPOLL_CTL_MOD)
		return -EINVAL;
	item = ep_find(ep, target, r->fd);
	if (!item)
		return -ENOENT;
	if (r->op == EPOLL_CTL_DEL)
		ep_remove(item);
	else if (item->events & EPOLLEXCLUSIVE)
		return -EINVAL;
	else
		ep_modify(item, r->events | EPOLLERR | EPOLLHUP, r->data);
	return 0;
}

static int64_t sys_epoll_ctl(struct task *current, struct fdl_arg *a)
{
	const struct fdl_arg *event = a[3].sub;
	struct epoll_request r = { .op = a[1].num, .fd = (int)a[2].num };
	struct fd f, target = { 0 };
	int64_t result = -EBADF;

	if (ep_op_has_event(r.op) && !event)
		return -EFAULT;
	if (event) {
		const struct fdl_arg *data = event[EPOLL_EVENT_DATA].sub;

		r.events = (uint32_t)event[EPOLL_EVENT_EVENTS].num;
		r.data = data ? (uint64_t)data[EPOLL_DATA_U64].num : 0;
	}
	/* EPOLLWAKEUP needs CAP_BLOCK_SUSPEND. */
	if (current->uid != 0)
		r.events &= ~(uint32_t)EPOLLWAKEUP;
	f = fdget(current, a[0].num);
	if (f.file)
		target = fdget(current, a[2].num);
	if (target.file)
		result = do_epoll_ctl(current, f.file, target.file, &r);
	fdput(current, target);
	fdput(current, f);
	return result;
}

/* ---- epoll_wait ----------------------------------------------------------------------------- */

/* Where the next event goes. */
struct sink {
	struct fdl_arg *at;
};

static void put_event(void *ctx, uint32_t events, uint64_t data)
{
	struct sink *sink = ctx;
	struct fdl_arg *event = sink->at++->sub, *fields = event[EPOLL_EVENT_DATA].sub;

	event[EPOLL_EVENT_EVENTS] = (struct fdl_arg){ .num = events };
	fields[EPOLL_DATA_U32] = (struct fdl_arg){ .num = (uint32_t)data };
	fields[EPOLL_DATA_U64] = (struct fdl_arg){ .num = (int64_t)data };
}

/* Room for n events, each with its fields. */
static struct fdl_arg *events_new(struct arena *a, size_t n)
{
	struct fdl_arg *list = arena_alloc(a, (n ? n : 1) * sizeof(*list));
	struct fdl_arg *fields =
		arena_alloc(a, n * (EPOLL_EVENT_FIELDS + EPOLL_DATA_FIELDS) * sizeof(*fields));

	if (!list || !fields)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		list[i] = (struct fdl_arg){ .num = EPOLL_EVENT_FIELDS, .sub = fields };
		fields[EPOLL_EVENT_DATA] = (struct fdl_arg){ .num = EPOLL_DATA_FIELDS,
							     .sub = fields + EPOLL_EVENT_FIELDS };
		fields += EPOLL_EVENT_FIELDS + EPOLL_DATA_FIELDS;
	}
	return list;
}

static size_t count_ready(const struct eventpoll *ep, size_t max)
{
	size_t n = 0;

	for (const struct list *pos = ep->ready.next; pos != &ep->ready && n < max; pos = pos->next)
		n++;
	return n;
}

/* Takes the events that are ready now into *out. Their number, or -ENOMEM. */
static int64_t ep_harvest(struct task *current, struct eventpoll *ep, struct fdl_arg *out, int max)
{
	struct fdl_arg *list;
	struct sink sink;

	list = events_new(&current->call->arena, count_ready(ep, (size_t)max));
	if (!list)
		return -ENOMEM;
	sink.at = list;
	*out = (struct fdl_arg){ .sub = list };
	out->num = ep_send_events(ep, max, put_event, &sink);
	return out->num;
}

static int64_t ep_poll(struct task *current, struct eventpoll *ep, struct fdl_arg *out, int max,
		       int64_t expires)
{
	bool timed_out = expires <= current->machine->clock.now;
	int64_t n;
	int error;

	for (;;) {
		n = ep_harvest(current, ep, out, max);
		if (n || timed_out)
			return n;
		if (current->call->interrupted)
			return -EINTR;
		error = sched_wait_until(current, &ep->wq, "do_epoll_wait", expires);
		if (error == -ENOMEM)
			return error;
		timed_out = error == -ETIMEDOUT;
	}
}

static int64_t do_epoll_wait(struct task *current, struct fdl_arg *a, int64_t expires)
{
	struct fd f = fdget(current, a[0].num);
	int64_t result = -EINVAL;

	if (!f.file)
		result = -EBADF;
	else if (a[2].num > 0 && a[2].num <= EP_MAX_EVENTS && file_epoll(f.file))
		result = ep_poll(current, f.file->private, &a[1], (int)a[2].num, expires);
	fdput(current, f);
	return result;
}

static int64_t sys_epoll_wait(struct task *current, struct fdl_arg *a)
{
	return do_epoll_wait(current, a, timeout_ms(current, a[3].num));
}

static int64_t sys_epoll_pwait(struct task *current, struct fdl_arg *a)
{
	int error = set_user_sigmask(current, &a[4], a[5].num);
	int64_t n;

	if (error)
		return error;
	n = do_epoll_wait(current, a, timeout_ms(current, a[3].num));
	restore_saved_sigmask(current, n == -EINTR);
	return n;
}

static int64_t sys_epoll_pwait2(struct task *current, struct fdl_arg *a)
{
	int64_t expires, n;
	int error = poll_select_set_timeout(current, &a[3], 1, &expires);

	if (!error)
		error = set_user_sigmask(current, &a[4], a[5].num);
	if (error)
		return error;
	n = do_epoll_wait(current, a, expires);
	restore_saved_sigmask(current, n == -EINTR);
	return n;
}

const struct call_row epoll_calls[] = {
	{ "epoll_create", "int size=1", sys_epoll_create, 0, NULL },
	{ "epoll_create1", "epollflags flags=0", sys_epoll_create1, 0, NULL },
	{ "epoll_ctl", "fd epfd, epollop op, fd fd, epoll_event event=NULL", sys_epoll_ctl, 0,
	  NULL },
	{ "epoll_wait", "fd epfd, out epoll_events events, int maxevents=16, int timeout=-1",
	  sys_epoll_wait, CALL_MAY_BLOCK | CALL_NO_RESTART, NULL },
	{ "epoll_pwait",
	  "fd epfd, out epoll_events events, int maxevents=16, int timeout=-1, "
	  "sigset sigmask=NULL, size sigsetsize=8",
	  sys_epoll_pwait, CALL_MAY_BLOCK | CALL_NO_RESTART, NULL },
	{ "epoll_pwait2",
	  "fd epfd, out epoll_events events, int maxevents=16, timespec timeout=NULL, "
	  "sigset sigmask=NULL, size sigsetsize=8",
	  sys_epoll_pwait2, CALL_MAY_BLOCK | CALL_NO_RESTART, NULL },
	{ 0 },
};
