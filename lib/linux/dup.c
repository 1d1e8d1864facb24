/*
 * dup, dup2, dup3 and close, close_range: the system calls that only move entries of the table.
 */
#include "linux/calls.h"
#include "linux/expand.h"
#include "linux/files.h"

#include "vfs/file.h"
#include "process/limits.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>

int64_t linux_dup(struct task *current, struct fdl_arg *a)
{
	struct file *file = fget_raw(current, (unsigned)a[0].num);
	int fd;

	if (!file)
		return -EBADF;
	preempt(current, "get_unused_fd_flags");
	fd = get_unused_fd_flags(current, 0);
	if (fd < 0) {
		fput(current, file);
		return fd;
	}
	/* The reference that fget_raw took is the one that the slot gets. */
	preempt(current, "fd_install");
	fd_install(current, (unsigned)fd, file);
	return fd;
}

static int64_t dup3(struct task *current, unsigned oldfd, unsigned newfd, unsigned flags)
{
	struct files_struct *files = current->files;
	struct file *file;
	int error;

	if (flags & ~(unsigned)O_CLOEXEC)
		return -EINVAL;
	if (oldfd == newfd)
		return -EINVAL;
	if (newfd >= rlimit_nofile(current))
		return -EBADF;
	/* Room is made before the old one is looked at: a dup3 that fails has grown the table. */
	error = expand_files(current, files, newfd);
	if (is_explored(current->machine))
		touch_fd(current, TOUCH_READ, files, oldfd);
	file = fcheck_files(files, oldfd);
	if (!file)
		return -EBADF;
	if (error < 0)
		return error == -EMFILE ? -EBADF : error;
	return do_dup2(current, files, file, newfd, flags);
}

int64_t linux_dup3(struct task *current, struct fdl_arg *a)
{
	return dup3(current, (unsigned)a[0].num, (unsigned)a[1].num, (unsigned)a[2].num);
}

int64_t linux_dup2(struct task *current, struct fdl_arg *a)
{
	unsigned oldfd = (unsigned)a[0].num, newfd = (unsigned)a[1].num;

	if (oldfd == newfd && is_explored(current->machine))
		touch_fd(current, TOUCH_READ, current->files, oldfd);
	if (oldfd == newfd)
		return fcheck_files(current->files, oldfd) ? (int)newfd : -EBADF;
	return dup3(current, oldfd, newfd, 0);
}

int64_t linux_close(struct task *current, struct fdl_arg *a)
{
	return __close_fd(current, current->files, (unsigned)a[0].num);
}

/* Marks what is open in a range; closed descriptors have no use for the mark. */
static void cloexec_range(struct task *current, struct files_struct *files, unsigned first,
			  unsigned last)
{
	struct sparse *fds = &files->fdt->fds;
	uint64_t fd = first;

	touch(current->machine, TOUCH_READ, files, PART_TABLE);
	touch(current->machine, TOUCH_READ, files, PART_NUMBERS);
	touch(current->machine, TOUCH_READ, files, PART_SLOTS);
	for (; (fd = sparse_next(fds, SPARSE_OPEN, fd)) <= last; fd++)
		set_close_on_exec(current, (unsigned)fd, true);
}

int64_t linux_close_range(struct task *current, struct fdl_arg *a)
{
	unsigned first = (unsigned)a[0].num, last = (unsigned)a[1].num, flags = (unsigned)a[2].num;
	struct files_struct *files = current->files;

	if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC))
		return -EINVAL;
	if (first > last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE)
		touch(current->machine, TOUCH_READ, files, PART_COUNT);
	if ((flags & CLOSE_RANGE_UNSHARE) && files->count > 1) {
		/* What is to be closed need not have room in the copy. */
		struct fd_range hole = { first, last };
		int error;

		if (flags & CLOSE_RANGE_CLOEXEC)
			hole = (struct fd_range){ 1, 0 };
		files = dup_fd(current, files, hole, &error);
		if (!files)
			return error;
		reset_files_struct(current, files);
	}
	if (flags & CLOSE_RANGE_CLOEXEC)
		cloexec_range(current, files, first, last);
	else
		close_fds(current, files, first, last);
	return 0;
}
