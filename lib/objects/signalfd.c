/*
 * signalfd: pending signals as something to read. Holds no signals: read() takes the caller's
 * pending ones, poll() asks about the poller's.
 */
#include "objects/calls.h"

#include "base/text.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/poll.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "process/exit.h"
#include "process/signals.h"
#include "vfs/anon_inode.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/read_write.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#define SIGNALFD_CTX_SIZE ((size_t)8)

struct signalfd_ctx {
	uint64_t set; /* the signals that it reads */
};

_Static_assert(sizeof(struct signalfd_ctx) == SIGNALFD_CTX_SIZE, "a signalfd is a mask");

/* Fields that a kind of signal does not have are zero. */
static void signalfd_copyinfo(char *to, const struct siginfo *info)
{
	struct signalfd_siginfo ssi = {
		.ssi_signo = (uint32_t)info->signo,
		.ssi_code = info->code,
		.ssi_pid = (uint32_t)info->pid,
		.ssi_uid = info->uid,
		.ssi_status = info->status,
		.ssi_fd = info->fd,
		.ssi_band = info->band,
	};

	memcpy(to, &ssi, sizeof(ssi));
}

static ssize_t signalfd_read(struct task *current, struct file *f, char *buf, size_t count,
			     off_t *pos)
{
	const struct signalfd_ctx *ctx = f->private;
	const size_t size = sizeof(struct signalfd_siginfo);
	struct siginfo info;
	size_t done = 0;

	(void)pos;
	if (count < size)
		return -EINVAL;
	while (count - done >= size) {
		int error;

		if (dequeue_signal(current, ctx->set, &info)) {
			signalfd_copyinfo(buf + done, &info);
			done += size;
			continue;
		}
		if (done)
			break;
		error = io_flags(current, f) & O_NONBLOCK
				? -EAGAIN
				: sched_wait(current, &current->signal->signalfd_wait,
					     "signalfd_read_iter");
		if (error)
			return error;
	}
	return (ssize_t)done;
}

/* A read returns at most 64 signals. */
static size_t signalfd_readable(const struct file *f, off_t pos)
{
	(void)f, (void)pos;
	return 64 * sizeof(struct signalfd_siginfo);
}

static unsigned signalfd_poll(struct file *f, struct poll_table *pt)
{
	const struct signalfd_ctx *ctx = f->private;
	struct task *current = f->machine->running;

	poll_wait(f, &current->signal->signalfd_polls, pt);
	return next_signal(current, ctx->set) ? EPOLLIN : 0;
}

static void signalfd_release(struct task *current, struct file *f)
{
	(void)current;
	object_free(f->machine, f->private, SIGNALFD_CTX_SIZE);
}

static void signalfd_show_fdinfo(const struct file *f, struct text *out)
{
	const struct signalfd_ctx *ctx = f->private;

	text_printf(out, "sigmask:\t%016" PRIx64 "\n", ctx->set);
}

static const struct file_ops signalfd_fops = {
	.nowait = true,
	.read = signalfd_read,
	.readable = signalfd_readable,
	.llseek = noop_llseek,
	.poll = signalfd_poll,
	.release = signalfd_release,
	.fdinfo = signalfd_show_fdinfo,
};

static int64_t signalfd_new(struct task *current, uint64_t set, int64_t flags)
{
	struct signalfd_ctx *ctx = object_alloc(current, SIGNALFD_CTX_SIZE);
	int fd;

	if (!ctx)
		return -ENOMEM;
	ctx->set = set;
	fd = anon_inode_getfd(current, "[signalfd]", &signalfd_fops, ctx, NULL,
			      O_RDWR | ((unsigned)flags & (O_CLOEXEC | O_NONBLOCK)));
	if (fd < 0)
		object_free(current->machine, ctx, SIGNALFD_CTX_SIZE);
	return fd;
}

/* Gives a signalfd another set. */
static int64_t signalfd_change(struct task *current, int64_t ufd, uint64_t set)
{
	struct fd fd = fdget(current, ufd);
	int64_t result = -EBADF;

	if (fd.file && fd.file->ops != &signalfd_fops) {
		result = -EINVAL;
	} else if (fd.file) {
		struct signalfd_ctx *ctx = fd.file->private;

		ctx->set = set;
		poll_notify(&current->signal->signalfd_polls, 0);
		wake_up(current->machine, &current->signal->signalfd_wait);
		result = ufd;
	}
	fdput(current, fd);
	return result;
}

static int64_t do_signalfd(struct task *current, const struct fdl_arg *a, int64_t flags)
{
	uint64_t set = sigset_bits(&a[1]) & ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));

	if (a[2].num != sizeof(set))
		return -EINVAL;
	if (!a[1].sub)
		return -EFAULT;
	if (flags & ~(int64_t)(SFD_CLOEXEC | SFD_NONBLOCK))
		return -EINVAL;
	if (a[0].num == -1)
		return signalfd_new(current, set, flags);
	return signalfd_change(current, a[0].num, set);
}

static int64_t sys_signalfd(struct task *current, struct fdl_arg *a)
{
	return do_signalfd(current, a, 0);
}

static int64_t sys_signalfd4(struct task *current, struct fdl_arg *a)
{
	return do_signalfd(current, a, a[3].num);
}

const struct call_row signalfd_calls[] = {
	{ "signalfd", "fd ufd, sigset mask, size sizemask=8", sys_signalfd, 0, NULL },
	{ "signalfd4", "fd ufd, sigset mask, size sizemask=8, sfdflags flags=0", sys_signalfd4, 0,
	  NULL },
	{ 0 },
};
