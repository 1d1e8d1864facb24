/*
 * flock(2) and the record locks of fcntl(2), as this kernel checks them: only a vnode can be
 * locked. The locks themselves are in vfs/lock.c.
 */
#include "netbsd/calls.h"

#include "netbsd/filedesc.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

/* DTYPE_VNODE: a file with a name. A pipe, a socket, a kqueue and a cloned device are none. */
static bool is_vnode(const struct file *f)
{
	return f->dentry && f->inode->ops != &clone_inode;
}

static int do_flock(struct task *current, struct file *f, int64_t how)
{
	const bool sleep = !(how & LOCK_NB);

	if (!is_vnode(f))
		return -EOPNOTSUPP;
	/* The bits are not asked to be alone. */
	if (how & LOCK_UN)
		return flock_lock(current, f, F_UNLCK, sleep);
	if (how & LOCK_EX)
		return flock_lock(current, f, F_WRLCK, sleep);
	if (how & LOCK_SH)
		return flock_lock(current, f, F_RDLCK, sleep);
	return -EINVAL;
}

int64_t netbsd_flock(struct task *current, struct fdl_arg *a)
{
	struct fd fd = fdget(current, a[0].num);
	int error = fd.file ? do_flock(current, fd.file, a[1].num) : -EBADF;

	fdput(current, fd);
	return error;
}

/* The first checks of F_SETLK, F_SETLKW and F_GETLK. */
static int check_vnode(const struct task *current, int64_t fd)
{
	const struct file *f = fd_getfile(current, current->files, fd);

	if (!f)
		return -EBADF;
	return is_vnode(f) ? 0 : -EINVAL;
}

int64_t netbsd_setlk(struct task *current, struct fdl_arg *a)
{
	int error = check_vnode(current, a[0].num);

	return error ? error : fcntl_setlk(current, a, LOCK_POSIX, false);
}

int64_t netbsd_setlkw(struct task *current, struct fdl_arg *a)
{
	int error = check_vnode(current, a[0].num);

	return error ? error : fcntl_setlk(current, a, LOCK_POSIX, true);
}

int64_t netbsd_getlk(struct task *current, struct fdl_arg *a)
{
	int error = check_vnode(current, a[0].num);

	return error ? error : fcntl_getlk(current, a, LOCK_POSIX);
}
