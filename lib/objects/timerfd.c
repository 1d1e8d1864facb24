/*
 * timerfd: a timer of the machine's clock, whose expirations are counted until they are read. As in
 * the kernel, a periodic timer that has expired is started again only by a read or timerfd_gettime,
 * which counts the expirations that were missed.
 */
#include "objects/calls.h"

#include "base/text.h"
#include "machine/clock.h"
#include "machine/kernel.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/poll.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "vfs/anon_inode.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/read_write.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <time.h>

#define TIMERFD_CTX_SIZE ((size_t)216)

struct timerfd_ctx {
	struct fdl_machine *machine;
	struct timer timer;
	int64_t interval; /* 0: once */
	uint64_t ticks;
	bool expired; /* and not read since */
	int clockid;
	unsigned settime_flags;
	struct wait_queue queue;
	struct poll_list polls;
};

_Static_assert(sizeof(struct timerfd_ctx) <= TIMERFD_CTX_SIZE,
	       "a timerfd is charged for too little");

static void timerfd_triggered(struct timer *timer)
{
	struct timerfd_ctx *ctx = container_of(timer, struct timerfd_ctx, timer);

	ctx->expired = true;
	ctx->ticks++;
	poll_notify(&ctx->polls, EPOLLIN);
	wake_up(ctx->machine, &ctx->queue);
}

/* Starts the timer; a time in the past expires at once. */
static void timerfd_start(struct timerfd_ctx *ctx, int64_t expires)
{
	ctx->timer.expires = expires;
	if (expires <= ctx->machine->clock.now)
		timerfd_triggered(&ctx->timer);
	else
		timer_start(ctx->machine, &ctx->timer, expires);
}

/* The kernel's hrtimer_forward: moves the expiry beyond now. Returns how many intervals. */
static uint64_t timerfd_forward(struct timerfd_ctx *ctx)
{
	int64_t behind = ctx->machine->clock.now - ctx->timer.expires, further;
	uint64_t passed;

	if (behind < 0)
		return 0;
	passed = (uint64_t)(behind / ctx->interval) + 1;
	if (__builtin_mul_overflow((int64_t)passed, ctx->interval, &further) ||
	    __builtin_add_overflow(ctx->timer.expires, further, &ctx->timer.expires))
		ctx->timer.expires = KTIME_MAX;
	return passed;
}

static int64_t timerfd_remaining(const struct timerfd_ctx *ctx)
{
	int64_t remaining = ctx->timer.expires - ctx->machine->clock.now;

	return remaining > 0 ? remaining : 0;
}

/* Counts what a periodic timer has missed since it expired, and starts it again. */
static void timerfd_catch_up(struct timerfd_ctx *ctx)
{
	if (!ctx->expired || !ctx->interval)
		return;
	ctx->expired = false;
	ctx->ticks += timerfd_forward(ctx) - 1;
	timer_start(ctx->machine, &ctx->timer, ctx->timer.expires);
}

static ssize_t timerfd_read(struct task *current, struct file *f, char *buf, size_t count,
			    off_t *pos)
{
	struct timerfd_ctx *ctx = f->private;

	(void)pos;
	if (count < sizeof(ctx->ticks))
		return -EINVAL;
	while (!ctx->ticks) {
		int error = io_flags(current, f) & O_NONBLOCK
				    ? -EAGAIN
				    : sched_wait(current, &ctx->queue, "timerfd_read_iter");

		if (error)
			return error;
	}
	timerfd_catch_up(ctx);
	memcpy(buf, &ctx->ticks, sizeof(ctx->ticks));
	ctx->expired = false;
	ctx->ticks = 0;
	return sizeof(ctx->ticks);
}

static size_t timerfd_readable(const struct file *f, off_t pos)
{
	(void)f, (void)pos;
	return sizeof(uint64_t);
}

static unsigned timerfd_poll(struct file *f, struct poll_table *pt)
{
	struct timerfd_ctx *ctx = f->private;

	poll_wait(f, &ctx->polls, pt);
	return ctx->ticks ? EPOLLIN : 0;
}

static void timerfd_release(struct task *current, struct file *f)
{
	struct timerfd_ctx *ctx = f->private;

	(void)current;
	timer_stop(&ctx->timer);
	object_free(ctx->machine, ctx, TIMERFD_CTX_SIZE);
}

static void put_time(struct text *out, const char *name, int64_t ns)
{
	text_printf(out, "%s: (%" PRId64 ", %" PRId64 ")\n", name, ns / NSEC_PER_SEC,
		    ns % NSEC_PER_SEC);
}

static void timerfd_show(const struct file *f, struct text *out)
{
	const struct timerfd_ctx *ctx = f->private;

	text_printf(out, "clockid: %d\nticks: %" PRIu64 "\nsettime flags: 0%o\n", ctx->clockid,
		    ctx->ticks, ctx->settime_flags);
	put_time(out, "it_value", timerfd_remaining(ctx));
	put_time(out, "it_interval", ctx->interval);
}

/* TFD_IOC_SET_TICKS. */
static int timerfd_ioctl(const struct file *f, unsigned request)
{
	(void)f;
	return request == _IOW('T', 0, uint64_t) ? -ENOSYS : -ENOTTY;
}

static const struct file_ops timerfd_fops = {
	.nowait = true,
	.ioctl = timerfd_ioctl,
	.read = timerfd_read,
	.readable = timerfd_readable,
	.llseek = noop_llseek,
	.poll = timerfd_poll,
	.release = timerfd_release,
	.fdinfo = timerfd_show,
};

/* ---- the calls ------------------------------------------------------------------------------ */

static bool is_alarm(int64_t clockid)
{
	return clockid == CLOCK_REALTIME_ALARM || clockid == CLOCK_BOOTTIME_ALARM;
}

static int64_t sys_timerfd_create(struct task *current, struct fdl_arg *a)
{
	const int64_t clockid = a[0].num, flags = a[1].num;
	struct timerfd_ctx *ctx;
	int fd;

	if ((flags & ~(int64_t)(TFD_CLOEXEC | TFD_NONBLOCK)) ||
	    (clockid != CLOCK_MONOTONIC && clockid != CLOCK_REALTIME && clockid != CLOCK_BOOTTIME &&
	     !is_alarm(clockid)))
		return -EINVAL;
	if (is_alarm(clockid) && current->uid != 0)
		return -EPERM;
	ctx = object_alloc(current, TIMERFD_CTX_SIZE);
	if (!ctx)
		return -ENOMEM;
	ctx->machine = current->machine;
	ctx->clockid = (int)clockid;
	ctx->timer.expire = timerfd_triggered;
	wait_queue_init(&ctx->queue);
	poll_list_init(&ctx->polls);
	fd = anon_inode_getfd(current, "[timerfd]", &timerfd_fops, ctx, NULL,
			      O_RDWR | ((unsigned)flags & (O_CLOEXEC | O_NONBLOCK)));
	if (fd < 0)
		object_free(ctx->machine, ctx, TIMERFD_CTX_SIZE);
	return fd;
}

/* Reads one of the two times of an itimerspec. False: it is no valid time. */
static bool read_time(const struct fdl_arg *spec, enum itimerspec_field which, int64_t *ns)
{
	const struct fdl_arg *time = spec[which].sub;
	const int64_t sec = time ? time[TIMESPEC_SEC].num : 0;
	const int64_t nsec = time ? time[TIMESPEC_NSEC].num : 0;

	*ns = sec >= 0 && nsec >= 0 && nsec < NSEC_PER_SEC ? ktime_set(sec, nsec) : -1;
	return *ns >= 0;
}

/* Fills in an out parameter: the interval, and the time left. 0 or -ENOMEM. */
static int put_itimerspec(struct task *current, const struct timerfd_ctx *ctx, struct fdl_arg *out)
{
	const int64_t ns[] = {
		[ITIMERSPEC_INTERVAL] = ctx->interval, [ITIMERSPEC_VALUE] = timerfd_remaining(ctx)
	};
	const size_t fields = ITIMERSPEC_FIELDS * (1 + TIMESPEC_FIELDS);
	struct fdl_arg *spec = arena_alloc(&current->call->arena, fields * sizeof(*spec));

	if (!spec)
		return -ENOMEM;
	for (size_t i = 0; i < ITIMERSPEC_FIELDS; i++) {
		struct fdl_arg *time = spec + ITIMERSPEC_FIELDS + i * TIMESPEC_FIELDS;

		time[TIMESPEC_SEC] = (struct fdl_arg){ .num = ns[i] / NSEC_PER_SEC };
		time[TIMESPEC_NSEC] = (struct fdl_arg){ .num = ns[i] % NSEC_PER_SEC };
		spec[i] = (struct fdl_arg){ .num = TIMESPEC_FIELDS, .sub = time };
	}
	*out = (struct fdl_arg){ .num = ITIMERSPEC_FIELDS, .sub = spec };
	return 0;
}

static int64_t timerfd_setup(struct task *current, struct timerfd_ctx *ctx, unsigned flags,
			     int64_t value, int64_t interval, struct fdl_arg *old)
{
	int error;

	timer_stop(&ctx->timer);
	if (ctx->expired && ctx->interval)
		timerfd_forward(ctx);
	error = put_itimerspec(current, ctx, old);
	if (error)
		return error;
	ctx->expired = false;
	ctx->ticks = 0;
	ctx->interval = interval;
	ctx->settime_flags = flags;
	ctx->timer.expires = 0;
	if (value)
		timerfd_start(ctx,
			      flags & TFD_TIMER_ABSTIME ? value : clock_after(ctx->machine, value));
	return 0;
}

static int64_t sys_timerfd_settime(struct task *current, struct fdl_arg *a)
{
	const int64_t flags = a[1].num;
	int64_t value, interval, result = -EBADF;
	struct fd fd;

	if (!a[2].sub)
		return -EFAULT;
	if ((flags & ~(int64_t)(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) ||
	    !read_time(a[2].sub, ITIMERSPEC_VALUE, &value) ||
	    !read_time(a[2].sub, ITIMERSPEC_INTERVAL, &interval))
		return -EINVAL;
	fd = fdget(current, a[0].num);
	if (fd.file && fd.file->ops != &timerfd_fops)
		result = -EINVAL;
	else if (fd.file)
		result = timerfd_setup(current, fd.file->private, (unsigned)flags, value, interval,
				       &a[3]);
	fdput(current, fd);
	return result;
}

static int64_t sys_timerfd_gettime(struct task *current, struct fdl_arg *a)
{
	struct fd fd = fdget(current, a[0].num);
	int64_t result = -EBADF;

	if (fd.file && fd.file->ops != &timerfd_fops) {
		result = -EINVAL;
	} else if (fd.file) {
		timerfd_catch_up(fd.file->private);
		result = put_itimerspec(current, fd.file->private, &a[1]);
	}
	fdput(current, fd);
	return result;
}

const struct call_row timerfd_calls[] = {
	{ "timerfd_create", "clockid clockid=CLOCK_MONOTONIC, tfdflags flags=0", sys_timerfd_create,
	  0, NULL },
	{ "timerfd_settime",
	  "fd fd, tfdsetflags flags, itimerspec new_value, out itimerspec old_value",
	  sys_timerfd_settime, 0, NULL },
	{ "timerfd_gettime", "fd fd, out itimerspec curr_value", sys_timerfd_gettime, 0, NULL },
	{ 0 },
};
