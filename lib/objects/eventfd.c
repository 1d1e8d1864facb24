/*
 * eventfd: a counter of 64 bits. A read takes the whole count, or one of a semaphore's, and waits
 * while it is zero; a write adds, and waits while the sum would overflow. Readers and writers wait
 * in one queue, as in the kernel.
 */
#include "objects/calls.h"

#include "base/text.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/poll.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "vfs/anon_inode.h"
#include "vfs/file.h"
#include "vfs/read_write.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/eventfd.h>

#define EVENTFD_CTX_SIZE ((size_t)96) /* what the kernel takes for one, about */

struct eventfd_ctx {
	struct fdl_machine *machine;
	uint64_t count;
	bool semaphore;
	int id;
	struct list all; /* the machine's eventfds, by id */
	struct wait_queue queue;
	struct poll_list polls;
};

_Static_assert(sizeof(struct eventfd_ctx) <= EVENTFD_CTX_SIZE,
	       "an eventfd is charged for too little");

static void wake(struct eventfd_ctx *ctx, unsigned events)
{
	poll_notify(&ctx->polls, events);
	wake_up(ctx->machine, &ctx->queue);
}

static ssize_t read_eventfd(struct task *current, struct file *f, char *buf, size_t count,
			    off_t *pos)
{
	struct eventfd_ctx *ctx = f->private;
	uint64_t value;

	(void)pos;
	if (count < sizeof(value))
		return -EINVAL;
	while (!ctx->count) {
		int error = io_flags(current, f) & O_NONBLOCK
				    ? -EAGAIN
				    : sched_wait(current, &ctx->queue, "eventfd_read");

		if (error)
			return error;
	}
	value = ctx->semaphore ? 1 : ctx->count;
	ctx->count -= value;
	wake(ctx, EPOLLOUT);
	memcpy(buf, &value, sizeof(value));
	return sizeof(value);
}

static ssize_t write_eventfd(struct task *current, struct file *f, const char *buf, size_t count,
			     off_t *pos)
{
	struct eventfd_ctx *ctx = f->private;
	uint64_t value;

	(void)pos;
	if (count != sizeof(value))
		return -EINVAL;
	if (!buf || current->call->fault_at)
		return -EFAULT;
	memcpy(&value, buf, sizeof(value));
	if (value == UINT64_MAX)
		return -EINVAL;
	while (UINT64_MAX - ctx->count <= value) {
		int error = io_flags(current, f) & O_NONBLOCK
				    ? -EAGAIN
				    : sched_wait(current, &ctx->queue, "eventfd_write");

		if (error)
			return error;
	}
	ctx->count += value;
	wake(ctx, EPOLLIN);
	return sizeof(value);
}

static size_t eventfd_readable(const struct file *f, off_t pos)
{
	(void)f, (void)pos;
	return sizeof(uint64_t);
}

static unsigned eventfd_poll(struct file *f, struct poll_table *pt)
{
	struct eventfd_ctx *ctx = f->private;
	unsigned events = 0;

	poll_wait(f, &ctx->polls, pt);
	if (ctx->count > 0)
		events |= EPOLLIN;
	if (ctx->count == UINT64_MAX)
		events |= EPOLLERR;
	if (UINT64_MAX - 1 > ctx->count)
		events |= EPOLLOUT;
	return events;
}

static void eventfd_free(struct eventfd_ctx *ctx)
{
	list_del(&ctx->all);
	object_free(ctx->machine, ctx, EVENTFD_CTX_SIZE);
}

static void eventfd_release(struct task *current, struct file *f)
{
	struct eventfd_ctx *ctx = f->private;

	(void)current;
	poll_notify(&ctx->polls, EPOLLHUP);
	eventfd_free(ctx);
}

static void eventfd_show_fdinfo(const struct file *f, struct text *out)
{
	const struct eventfd_ctx *ctx = f->private;

	text_printf(out, "eventfd-count: %16" PRIx64 "\neventfd-id: %d\neventfd-semaphore: %d\n",
		    ctx->count, ctx->id, ctx->semaphore);
}

static const struct file_ops eventfd_fops = {
	.nowait = true,
	.by_pieces = FMODE_WRITE,
	.read = read_eventfd,
	.write = write_eventfd,
	.readable = eventfd_readable,
	.llseek = noop_llseek,
	.poll = eventfd_poll,
	.release = eventfd_release,
	.fdinfo = eventfd_show_fdinfo,
};

/* Gives it the lowest id that is free, and its place in the machine's list. */
static void assign_id(struct eventfd_ctx *ctx)
{
	struct list *at = ctx->machine->eventfds.next;

	while (at != &ctx->machine->eventfds &&
	       container_of(at, struct eventfd_ctx, all)->id == ctx->id) {
		ctx->id++;
		at = at->next;
	}
	list_add_tail(&ctx->all, at);
}

static int64_t do_eventfd(struct task *current, uint64_t count, int64_t flags)
{
	struct eventfd_ctx *ctx;
	int fd;

	if (flags & ~(int64_t)(EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE))
		return -EINVAL;
	ctx = object_alloc(current, EVENTFD_CTX_SIZE);
	if (!ctx)
		return -ENOMEM;
	ctx->machine = current->machine;
	ctx->count = count;
	ctx->semaphore = flags & EFD_SEMAPHORE;
	wait_queue_init(&ctx->queue);
	poll_list_init(&ctx->polls);
	assign_id(ctx);
	fd = anon_inode_getfd(current, "[eventfd]", &eventfd_fops, ctx, NULL,
			      O_RDWR | ((unsigned)flags & (O_CLOEXEC | O_NONBLOCK)));
	if (fd < 0)
		eventfd_free(ctx);
	return fd;
}

static int64_t sys_eventfd(struct task *current, struct fdl_arg *a)
{
	return do_eventfd(current, (uint32_t)a[0].num, 0);
}

static int64_t sys_eventfd2(struct task *current, struct fdl_arg *a)
{
	return do_eventfd(current, (uint32_t)a[0].num, a[1].num);
}

const struct call_row eventfd_calls[] = {
	{ "eventfd", "uint initval=0", sys_eventfd, 0, NULL },
	{ "eventfd2", "uint initval=0, efdflags flags=0", sys_eventfd2, 0, NULL },
	{ 0 },
};
