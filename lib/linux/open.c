/*
 * Calls that make descriptors: open, openat, openat2, creat, pipe, pipe2. open reserves a
 * descriptor before it looks at the name, so a full table is found before a missing file. When the
 * rest fails, the reserved descriptor is given back.
 */
#include "linux/calls.h"
#include "linux/files.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "notation/abi.h"
#include "objects/pipe.h"
#include "vfs/dcache.h"
#include "vfs/file.h"
#include "vfs/namei.h"
#include "vfs/open.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <unistd.h>

#define NOTIFICATION_PIPE O_EXCL /* O_NOTIFICATION_PIPE, which is not modelled */

#define OPEN_HOW_SIZE 24 /* sizeof(struct open_how) in its first version */

#define O_PATH_FLAGS (O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)
#define VALID_OPEN_FLAGS                                                                           \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC |      \
	 O_DSYNC | O_ASYNC | O_DIRECT | KERNEL_O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW |            \
	 O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE)
#define VALID_RESOLVE                                                                              \
	(RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH |         \
	 RESOLVE_IN_ROOT | RESOLVE_CACHED)

/* A request of open. */
struct open_how_args {
	unsigned flags;
	mode_t mode;
	uint64_t resolve;
};

static int64_t do_sys_open(struct task *current, int64_t dirfd, const struct fdl_arg *name,
			   const struct open_how_args *how)
{
	struct dentry *base;
	struct file *file;
	int fd, error;
	const char *path = path_arg(current, name, &error);

	if (!path)
		return error;
	fd = get_unused_fd_flags(current, how->flags);
	if (fd < 0)
		return fd;
	preempt(current, "do_filp_open");
	error = dirfd_base(current, dirfd, path, how->resolve, &base);
	if (!error) {
		error = do_filp_open(current, base, path, how->flags, how->mode, how->resolve,
				     &file);
		if (base)
			dput(base);
	}
	if (error) {
		put_unused_fd(current, (unsigned)fd);
		return error;
	}
	preempt(current, "fd_install");
	fd_install(current, (unsigned)fd, file);
	return fd;
}

/* Combinations of flags that no open allows. 0 or -EINVAL. */
static int check_flags(unsigned flags)
{
	if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return -EINVAL;
	if ((flags & O_TMPFILE & ~(unsigned)O_DIRECTORY) && !(flags & O_DIRECTORY))
		return -EINVAL;
	if ((flags & O_TMPFILE) == O_TMPFILE && (flags & O_ACCMODE) == O_RDONLY)
		return -EINVAL;
	return 0;
}

/* open(2) ignores flags that it does not know, and flags that O_PATH makes meaningless. */
static int64_t open_leniently(struct task *current, int64_t dirfd, const struct fdl_arg *path,
			      unsigned flags, mode_t mode)
{
	struct open_how_args how = { flags & VALID_OPEN_FLAGS, 0, 0 };
	int error;

	if (how.flags & O_PATH)
		how.flags &= O_PATH_FLAGS;
	if ((how.flags & O_CREAT) || (how.flags & O_TMPFILE) == O_TMPFILE)
		how.mode = mode & 07777;
	error = check_flags(how.flags);
	if (error)
		return error;
	return do_sys_open(current, dirfd, path, &how);
}

int64_t linux_open(struct task *current, struct fdl_arg *a)
{
	return open_leniently(current, AT_FDCWD, &a[0], (unsigned)a[1].num, (mode_t)a[2].num);
}

int64_t linux_creat(struct task *current, struct fdl_arg *a)
{
	return open_leniently(current, AT_FDCWD, &a[0], O_CREAT | O_WRONLY | O_TRUNC,
			      (mode_t)a[1].num);
}

int64_t linux_openat(struct task *current, struct fdl_arg *a)
{
	return open_leniently(current, a[0].num, &a[1], (unsigned)a[2].num, (mode_t)a[3].num);
}

/* openat2(2) refuses what open ignores. */
int64_t linux_openat2(struct task *current, struct fdl_arg *a)
{
	struct fdl_arg *how = a[2].sub;
	struct open_how_args o;
	uint64_t flags, mode;
	int error;

	if (a[3].num < OPEN_HOW_SIZE)
		return -EINVAL;
	if (a[3].num > getpagesize())
		return -E2BIG;
	if (!how)
		return -EFAULT;
	flags = (uint64_t)how[0].num;
	mode = (uint64_t)how[1].num;
	o = (struct open_how_args){ (unsigned)flags, (mode_t)mode, (uint64_t)how[2].num };
	if (flags & ~(uint64_t)VALID_OPEN_FLAGS || o.resolve & ~(uint64_t)VALID_RESOLVE)
		return -EINVAL;
	if ((o.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) ==
	    (RESOLVE_BENEATH | RESOLVE_IN_ROOT))
		return -EINVAL;
	if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {
		if (mode & ~UINT64_C(07777))
			return -EINVAL;
	} else if (mode) {
		return -EINVAL;
	}
	error = check_flags(o.flags);
	if (error)
		return error;
	if ((flags & O_PATH) && (flags & ~(uint64_t)O_PATH_FLAGS))
		return -EINVAL;
	if ((o.resolve & RESOLVE_CACHED) &&
	    (flags & (O_TRUNC | O_CREAT | (O_TMPFILE & ~O_DIRECTORY))))
		return -EAGAIN;
	return do_sys_open(current, a[0].num, &a[1], &o);
}

static int64_t do_pipe2(struct task *current, struct fdl_arg *fds, unsigned flags)
{
	struct file *file[2];
	int fd[2], error;
	struct fdl_arg *out;

	if (flags & ~(unsigned)(O_CLOEXEC | O_NONBLOCK | O_DIRECT | NOTIFICATION_PIPE))
		return -EINVAL;
	if (flags & NOTIFICATION_PIPE)
		return -ENOSYS;
	out = arena_alloc(&current->call->arena, 2 * sizeof(*out));
	if (!out)
		return -ENOMEM;
	error = create_pipe_files(current, file, flags);
	if (error)
		return error;
	error = fd[0] = get_unused_fd_flags(current, flags);
	if (error < 0)
		goto out_files;
	preempt(current, "get_unused_fd_flags");
	error = fd[1] = get_unused_fd_flags(current, flags);
	if (error < 0)
		goto out_fd;
	preempt(current, "fd_install");
	fd_install(current, (unsigned)fd[0], file[0]);
	preempt(current, "fd_install");
	fd_install(current, (unsigned)fd[1], file[1]);
	out[0] = (struct fdl_arg){ .num = fd[0] };
	out[1] = (struct fdl_arg){ .num = fd[1] };
	*fds = (struct fdl_arg){ .num = 2, .sub = out };
	return 0;

out_fd:
	preempt(current, "put_unused_fd");
	put_unused_fd(current, (unsigned)fd[0]);
out_files:
	fput(current, file[0]);
	fput(current, file[1]);
	return error;
}

int64_t linux_pipe(struct task *current, struct fdl_arg *a)
{
	return do_pipe2(current, &a[0], 0);
}

int64_t linux_pipe2(struct task *current, struct fdl_arg *a)
{
	return do_pipe2(current, &a[0], (unsigned)a[1].num);
}
