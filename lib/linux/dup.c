/*
 * The system calls that only move entries of the table: dup, dup2, dup3, close, close_range.
 */
#include "linux/calls.h"
#include "linux/expand.h"
#include "linux/fdtable.h"
#include "linux/files.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "process/limits.h"
#include "vfs/file.h"

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
	/* The slot gets the reference that fget_raw took. */
	preempt(current, "fd_install");
	fd_install(current, (unsigned)fd, file);
	return fd;
}

static int64_t sys_dup3(struct task *current, unsigned oldfd, unsigned newfd, unsigned flags)
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
	file_lock(current, files);
	/* Expands before it looks oldfd up: a dup3 that fails has grown the table all the same. */
	error = expand_files(current, files, newfd);
	file = fcheck_files(current, files, oldfd);
	if (!file)
		return -EBADF;
	if (error < 0)
		return error == -EMFILE ? -EBADF : error;
	return do_dup2(current, files, file, newfd, flags);
}

int64_t linux_dup3(struct task *current, struct fdl_arg *a)
{
	return sys_dup3(current, (unsigned)a[0].num, (unsigned)a[1].num, (unsigned)a[2].num);
}

int64_t linux_dup2(struct task *current, struct fdl_arg *a)
{
	unsigned oldfd = (unsigned)a[0].num, newfd = (unsigned)a[1].num;

	if (oldfd == newfd)
		return fcheck_files(current, current->files, oldfd) ? (int)newfd : -EBADF;
	return sys_dup3(current, oldfd, newfd, 0);
}

int64_t linux_close(struct task *current, struct fdl_arg *a)
{
	return __close_fd(current, current->files, (unsigned)a[0].num);
}

/* Marks what is open in a range; the mark of a closed descriptor means nothing. */
static void __range_cloexec(struct task *current, struct files_struct *files, unsigned first,
			    unsigned last)
{
	struct fdtable *fdt;
	uint64_t fd = first;

	file_lock(current, files);
	fdt = files_fdtable(current, files);
	for (; (fd = find_next_open(current, fdt, fd)) <= last; fd++)
		fdt_mark(current, fdt, (unsigned)fd, true);
}

/*
 * Closes every file in a range, and takes the lock for each of them. A reserved descriptor is
 * passed over; it may be filled before the next one is looked at.
 */
static void __range_close(struct task *current, struct files_struct *files, unsigned first,
			  unsigned last)
{
	for (uint64_t fd = first;; fd++) {
		const struct fdtable *fdt;
		uint64_t open;

		file_lock(current, files);
		fdt = files_fdtable(current, files);
		open = find_next_open(current, fdt, fd);
		fd = find_next_file(current, fdt, fd);
		if (open < fd && open <= last) {
			fd = open;
			preempt(current, "__range_close");
		} else if (fd <= last) {
			__close_fd(current, files, (unsigned)fd);
		} else {
			break;
		}
	}
}

int64_t linux_close_range(struct task *current, struct fdl_arg *a)
{
	unsigned first = (unsigned)a[0].num, last = (unsigned)a[1].num, flags = (unsigned)a[2].num;
	struct files_struct *files = current->files;

	if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC))
		return -EINVAL;
	if (first > last)
		return -EINVAL;
	if ((flags & CLOSE_RANGE_UNSHARE) && files_count(current, files) > 1) {
		/* The copy need not have room for what will be closed. */
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
		__range_cloexec(current, files, first, last);
	else
		__range_close(current, files, first, last);
	return 0;
}
