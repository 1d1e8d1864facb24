/*
 * The system calls on existing descriptors: dup, dup2, close, closefrom, fcntl and ioctl.
 */
#include "netbsd/calls.h"

#include "machine/deadlock.h"
#include "machine/machine.h"
#include "netbsd/fdtable.h"
#include "netbsd/filedesc.h"
#include "notation/abi.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/io_calls.h"

#include <errno.h>
#include <fcntl.h>

/* The flags that F_SETFL changes. */
#define FCNTLFLAGS ((unsigned)(O_APPEND | O_ASYNC | O_SYNC | O_DSYNC | O_NONBLOCK | O_DIRECT))

/* The file of a descriptor, with a use that the caller ends; or NULL. */
static struct file *use_file(struct task *current, int64_t fd)
{
	struct file *f = fd_getfile(current, current->files, fd);

	if (f)
		file_use(f);
	return f;
}

/*
 * dup and F_DUPFD: the lowest free descriptor from `from` on gets old's file. -ENOSPC: the table
 * was expanded, without the lock, and the caller starts over.
 */
static int64_t try_dup(struct task *current, int64_t old, int from)
{
	struct file *f = use_file(current, old);
	int fd, error;

	if (!f)
		return -EBADF;
	error = fdalloc(current, from, &fd);
	if (!error)
		return finishdup(current, f, (int)old, fd);
	if (error == -ENOSPC)
		fdexpand(current);
	file_unuse(current, f);
	return error;
}

int64_t netbsd_dup(struct task *current, struct fdl_arg *a)
{
	int64_t fd;

	do
		fd = try_dup(current, a[0].num, 0);
	while (fd == -ENOSPC);
	return fd;
}

/* Marks dup2's new descriptor if it is free. -ENOSPC: the table has no such slot yet. */
static int take_descriptor(struct task *current, int new)
{
	struct filedesc *fdp = current->files;
	int fd;

	if ((unsigned)new >= nfiles_get(current, fdp))
		return fdalloc(current, new, &fd);
	return ofile_peek(current, fdp, new) ? 0 : fd_used(current, fdp, new);
}

int64_t netbsd_dup2(struct task *current, struct fdl_arg *a)
{
	const int64_t old = a[0].num, new = a[1].num;
	struct file *f;
	int error;

	for (;;) {
		f = fd_getfile(current, current->files, old);
		if (!f)
			return -EBADF;
		if (new < 0 || new >= fd_limit(current))
			return -EBADF;
		if (old == new)
			return new;
		file_use(f);
		error = take_descriptor(current, (int)new);
		if (!error)
			break;
		if (error == -ENOSPC)
			fdexpand(current);
		file_unuse(current, f);
		if (error != -ENOSPC)
			return error;
	}
	preempt(current, "finishdup");
	return finishdup(current, f, (int)old, (int)new);
}

int64_t netbsd_close(struct task *current, struct fdl_arg *a)
{
	return fdrelease(current, a[0].num);
}

/*
 * F_CLOSEM: releases from lastfile down. A descriptor that is being opened, or is marked and empty,
 * cannot be released. The kernel tries it over and over; the model waits until a mark is taken away
 * or a file matures.
 */
static int64_t closem(struct task *current, int64_t fd)
{
	const struct filedesc *fdp = current->files;
	struct netbsd_machine *nm = netbsd_machine(current);
	int error;

	if (fd < 0)
		return -EBADF;
	while (lastfile_get(current, fdp) >= fd) {
		if (fdrelease(current, lastfile_get(current, fdp)) != -EBADF)
			continue;
		if (!current->call->co)
			return -EINTR;
		error = sched_wait_for(current, &nm->changed, "fdrelease", true, ended_by_users,
				       fdp);
		if (error)
			return error;
	}
	return 0;
}

int64_t netbsd_closefrom(struct task *current, struct fdl_arg *a)
{
	return closem(current, a[0].num);
}

static int64_t fcntl_closem(struct task *current, struct fdl_arg *a)
{
	return closem(current, a[0].num);
}

static int64_t fcntl_maxfd(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return lastfile_get(current, current->files);
}

static int64_t fcntl_dupfd(struct task *current, struct fdl_arg *a)
{
	int64_t fd;

	do {
		if (!fd_getfile(current, current->files, a[0].num))
			return -EBADF;
		if (a[2].num < 0 || a[2].num >= fd_limit(current))
			return -EINVAL;
		fd = try_dup(current, a[0].num, (int)a[2].num);
	} while (fd == -ENOSPC);
	return fd;
}

static int64_t fcntl_getfd(struct task *current, struct fdl_arg *a)
{
	const struct filedesc *fdp = current->files;

	if (!fd_getfile(current, fdp, a[0].num))
		return -EBADF;
	return ofileflags_get(current, fdp, a[0].num) & UF_EXCLOSE ? FD_CLOEXEC : 0;
}

static int64_t set_exclose(struct task *current, int64_t fd, bool flag)
{
	struct filedesc *fdp = current->files;

	if (!fd_getfile(current, fdp, fd))
		return -EBADF;
	ofileflags_set(current, fdp, fd, flag ? UF_EXCLOSE : 0);
	return 0;
}

static int64_t fcntl_setfd(struct task *current, struct fdl_arg *a)
{
	return set_exclose(current, a[0].num, a[2].num & FD_CLOEXEC);
}

static int64_t fcntl_getfl(struct task *current, struct fdl_arg *a)
{
	const struct file *f = fd_getfile(current, current->files, a[0].num);

	return f ? (int64_t)f->flags : -EBADF;
}

static int64_t fcntl_setfl(struct task *current, struct fdl_arg *a)
{
	struct file *f = fd_getfile(current, current->files, a[0].num);

	if (!f)
		return -EBADF;
	f_flag_set(f, (f->flags & ~FCNTLFLAGS) | ((unsigned)a[2].num & FCNTLFLAGS));
	return 0;
}

static int64_t fcntl_other(struct task *current, struct fdl_arg *a)
{
	return fd_getfile(current, current->files, a[0].num) ? -EINVAL : -EBADF;
}

static int64_t ioctl_fioclex(struct task *current, struct fdl_arg *a)
{
	return set_exclose(current, a[0].num, true);
}

static int64_t ioctl_fionclex(struct task *current, struct fdl_arg *a)
{
	return set_exclose(current, a[0].num, false);
}

/* Every object takes it. */
static int64_t ioctl_fioasync(struct task *current, struct fdl_arg *a)
{
	return ioctl_flag(current, a, O_ASYNC);
}

static int64_t ioctl_other(struct task *current, struct fdl_arg *a)
{
	const struct file *f = fd_getfile(current, current->files, a[0].num);

	if (!f)
		return -EBADF;
	return f->ops->ioctl ? f->ops->ioctl(f, (unsigned)a[1].num) : -ENOTTY;
}

const struct call_row netbsd_fcntl_calls[] = {
	{ "fcntl", "fd fd, =F_DUPFD, int from=0", fcntl_dupfd, CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_GETFD", fcntl_getfd, CALL_TRACED, "fdflags" },
	{ "fcntl", "fd fd, =F_SETFD, fdflags flags", fcntl_setfd, CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_GETFL", fcntl_getfl, CALL_TRACED, "oflags" },
	{ "fcntl", "fd fd, =F_SETFL, oflags flags", fcntl_setfl, CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_SETLK, flock lock", netbsd_setlk, CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_SETLKW, flock lock", netbsd_setlkw, CALL_MAY_BLOCK | CALL_TRACED,
	  NULL },
	{ "fcntl", "fd fd, =F_GETLK, flock lock, out flock found", netbsd_getlk, CALL_TRACED,
	  NULL },
	{ "fcntl", "fd fd, =F_CLOSEM", fcntl_closem, CALL_MAY_CLOSE | CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_MAXFD", fcntl_maxfd, CALL_TRACED, "int" },
	/* The commands of the other kernel take what this one does not know. */
	{ "fcntl", "fd fd, fcntlcmd cmd, opaque ptr arg=NULL, opaque ptr found=NULL", fcntl_other,
	  CALL_TRACED, NULL },
	{ "ioctl", "fd fd, =FIOCLEX", ioctl_fioclex, CALL_TRACED, NULL },
	{ "ioctl", "fd fd, =FIONCLEX", ioctl_fionclex, CALL_TRACED, NULL },
	{ "ioctl", "fd fd, =FIONREAD, out int bytes", ioctl_fionread, 0, NULL },
	{ "ioctl", "fd fd, =FIONBIO, intlist on", ioctl_fionbio, 0, NULL },
	{ "ioctl", "fd fd, =FIOASYNC, intlist on", ioctl_fioasync, 0, NULL },
	{ "ioctl", "fd fd, ioctlcmd cmd, opaque ptr arg=NULL", ioctl_other, CALL_TRACED, NULL },
	{ 0 },
};
