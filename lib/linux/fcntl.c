/*
 * fcntl and ioctl, as far as they concern descriptors and descriptions: a row a command. An O_PATH
 * file allows the commands on its descriptor, and F_GETFL; all others are EBADF.
 */
#include "linux/calls.h"
#include "linux/fdtable.h"
#include "linux/files.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "objects/pipe.h"
#include "vfs/dnotify.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/fown.h"
#include "vfs/io_calls.h"
#include "vfs/lease.h"
#include "vfs/lock.h"
#include "vfs/seals.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#define SETFL_MASK (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

static int64_t dupfd(struct task *current, struct fdl_arg *a, unsigned flags)
{
	struct fd f = fdget_raw(current, a[0].num);
	int fd;

	if (!f.file)
		return -EBADF;
	fd = f_dupfd(current, (unsigned)a[2].num, f.file, flags);
	fdput(current, f);
	return fd;
}

static int64_t fcntl_dupfd(struct task *current, struct fdl_arg *a)
{
	return dupfd(current, a, 0);
}

static int64_t fcntl_dupfd_cloexec(struct task *current, struct fdl_arg *a)
{
	return dupfd(current, a, O_CLOEXEC);
}

static int64_t fcntl_getfd(struct task *current, struct fdl_arg *a)
{
	const unsigned fd = (unsigned)a[0].num;
	int fput_needed;
	struct file *file = fget_raw_light(current, fd, &fput_needed);
	int64_t flags;

	if (!file)
		return -EBADF;
	flags = get_close_on_exec(current, fd) ? FD_CLOEXEC : 0;
	if (fput_needed)
		fput(current, file);
	return flags;
}

static int64_t fcntl_setfd(struct task *current, struct fdl_arg *a)
{
	const unsigned fd = (unsigned)a[0].num;
	int fput_needed;
	struct file *file = fget_raw_light(current, fd, &fput_needed);

	if (!file)
		return -EBADF;
	set_close_on_exec(current, fd, a[2].num & FD_CLOEXEC);
	if (fput_needed)
		fput(current, file);
	return 0;
}

static int64_t fcntl_getfl(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget_raw(current, a[0].num);
	int64_t flags;

	if (!f.file)
		return -EBADF;
	flags = f_flags_get(f.file);
	fdput(current, f);
	return flags;
}

/* Pipes, and regular files that were opened by name, which memfd_create does not do. */
static bool can_be_direct(const struct file *file)
{
	const mode_t type = file->inode->mode & S_IFMT;

	return type == S_IFIFO || (type == S_IFREG && !(file->mode & FMODE_UNCOUNTED));
}

static int setfl(struct task *current, int fd, struct file *file, unsigned flags)
{
	const unsigned had = f_flags_get(file);
	int error;

	/* Only its owner may read a file without a trace in its access time. */
	if ((flags & O_NOATIME) && !(had & O_NOATIME) && current->uid != 0 &&
	    current->uid != file->inode->uid)
		return -EPERM;
	if ((flags & O_DIRECT) && !can_be_direct(file))
		return -EINVAL;
	/* O_ASYNC is kept only by objects that can send the signal. */
	if (((flags ^ had) & O_ASYNC) && file->ops->fasync) {
		error = file->ops->fasync(current, file, fd, flags & O_ASYNC);
		if (error)
			return error;
	}
	f_flags_set(file, (flags & SETFL_MASK) | (f_flags_get(file) & ~SETFL_MASK));
	return 0;
}

static int64_t fcntl_setfl(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	int error;

	if (!f.file)
		return -EBADF;
	error = setfl(current, (int)a[0].num, f.file, (unsigned)a[2].num);
	fdput(current, f);
	return error;
}

static int64_t fcntl_setown(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	int64_t result = f.file ? f_setown(current, f.file, a[2].num) : -EBADF;

	fdput(current, f);
	return result;
}

static int64_t fcntl_getown(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	int type, pid;

	if (!f.file)
		return -EBADF;
	f_getown_ex(f.file, &type, &pid);
	fdput(current, f);
	return type == F_OWNER_PGRP ? -pid : pid;
}

static int64_t fcntl_setown_ex(struct task *current, struct fdl_arg *a)
{
	const struct fdl_arg *owner = a[2].sub;
	struct fd f = fdget(current, a[0].num);
	int64_t result = -EFAULT;

	if (!f.file)
		return -EBADF;
	if (owner)
		result = f_setown_ex(current, f.file, owner[F_OWNER_EX_TYPE].num,
				     owner[F_OWNER_EX_PID].num);
	fdput(current, f);
	return result;
}

static int64_t fcntl_getown_ex(struct task *current, struct fdl_arg *a)
{
	struct fdl_arg *owner =
		arena_alloc(&current->call->arena, F_OWNER_EX_FIELDS * sizeof(*owner));
	struct fd f = fdget(current, a[0].num);
	int type, pid;

	if (!f.file)
		return -EBADF;
	f_getown_ex(f.file, &type, &pid);
	fdput(current, f);
	if (!owner)
		return -ENOMEM;
	owner[F_OWNER_EX_TYPE] = (struct fdl_arg){ .num = type };
	owner[F_OWNER_EX_PID] = (struct fdl_arg){ .num = pid };
	a[2] = (struct fdl_arg){ .num = F_OWNER_EX_FIELDS, .sub = owner };
	return 0;
}

static int64_t fcntl_getowner_uids(struct task *current, struct fdl_arg *a)
{
	struct fdl_arg *ids = arena_alloc(&current->call->arena, 2 * sizeof(*ids));
	struct fd f = fdget(current, a[0].num);
	uint32_t ruid, uid;

	if (!f.file)
		return -EBADF;
	f_getowner_uids(f.file, &ruid, &uid);
	fdput(current, f);
	if (!ids)
		return -ENOMEM;
	ids[0] = (struct fdl_arg){ .num = ruid };
	ids[1] = (struct fdl_arg){ .num = uid };
	a[2] = (struct fdl_arg){ .num = 2, .sub = ids };
	return 0;
}

static int64_t fcntl_setsig(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	int64_t result = f.file ? f_setsig(current, f.file, (int)a[2].num) : -EBADF;

	fdput(current, f);
	return result;
}

static int64_t fcntl_getsig(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	int64_t result = f.file ? f_getsig(f.file) : -EBADF;

	fdput(current, f);
	return result;
}

static int64_t fcntl_setpipe_sz(struct task *current, struct fdl_arg *a)
{
	return pipe_fcntl(current, a, true);
}

static int64_t fcntl_getpipe_sz(struct task *current, struct fdl_arg *a)
{
	return pipe_fcntl(current, a, false);
}

static int64_t fcntl_add_seals(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	int64_t result = f.file ? memfd_add_seals(f.file, (uint64_t)a[2].num) : -EBADF;

	fdput(current, f);
	return result;
}

static int64_t fcntl_get_seals(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	int64_t result = f.file ? memfd_get_seals(f.file) : -EBADF;

	fdput(current, f);
	return result;
}

/* Whether another descriptor refers to the same description. */
static int64_t fcntl_dupfd_query(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget_raw(current, a[0].num);
	struct fd other = f.file ? fdget_raw(current, (int)a[2].num) : (struct fd){ 0 };
	int64_t result = -EBADF;

	if (other.file)
		result = f.file == other.file;
	if (f.file)
		fdput(current, other);
	fdput(current, f);
	return result;
}

static int64_t fcntl_created_query(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget_raw(current, a[0].num);
	int64_t result = -EBADF;

	if (f.file)
		result = f.file->mode & FMODE_CREATED ? 1 : 0;
	fdput(current, f);
	return result;
}

#define SETLK(name, kind, sleep)                                                                   \
	static int64_t fcntl_##name(struct task *current, struct fdl_arg *a)                       \
	{                                                                                          \
		return fcntl_setlk(current, a, kind, sleep);                                       \
	}
#define GETLK(name, kind)                                                                          \
	static int64_t fcntl_##name(struct task *current, struct fdl_arg *a)                       \
	{                                                                                          \
		return fcntl_getlk(current, a, kind);                                              \
	}

SETLK(set_lock, LOCK_POSIX, false)
SETLK(set_lock_wait, LOCK_POSIX, true)
SETLK(ofd_set_lock, LOCK_OFD, false)
SETLK(ofd_set_lock_wait, LOCK_OFD, true)
GETLK(get_lock, LOCK_POSIX)
GETLK(ofd_get_lock, LOCK_OFD)

static int64_t fcntl_notify(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	int64_t result = -EBADF;

	if (f.file)
		result = fcntl_dirnotify(current, f.file, (int)a[0].num, (unsigned)a[2].num);
	fdput(current, f);
	return result;
}

/* The expected lifetime of the file's data. It is kept and has no effect. */
static int64_t fcntl_set_rw_hint(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	int64_t result = -EBADF;

	if (f.file && current->uid != 0 && current->uid != f.file->inode->uid)
		result = -EPERM;
	else if (f.file && (!a[2].sub || !a[2].num))
		result = -EFAULT;
	else if (f.file && (uint64_t)a[2].sub[0].num > RWH_WRITE_LIFE_EXTREME)
		result = -EINVAL;
	else if (f.file)
		result = 0;
	if (!result)
		inode_common(f.file->inode)->write_hint = (uint8_t)a[2].sub[0].num;
	fdput(current, f);
	return result;
}

static int64_t fcntl_get_rw_hint(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	struct fdl_arg *hint = arena_alloc(&current->call->arena, sizeof(*hint));

	if (!f.file)
		return -EBADF;
	if (hint)
		*hint = (struct fdl_arg){ .num = inode_common(f.file->inode)->write_hint };
	fdput(current, f);
	if (!hint)
		return -ENOMEM;
	a[2] = (struct fdl_arg){ .num = 1, .sub = hint };
	return 0;
}

static int64_t fcntl_set_lease(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	int64_t result = -EBADF;

	if (f.file) {
		preempt(current, "fcntl_setlease");
		result = fcntl_setlease(current, f.file, (int)a[0].num, a[2].num);
	}
	fdput(current, f);
	return result;
}

static int64_t fcntl_get_lease(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	int64_t result = f.file ? fcntl_getlease(f.file) : -EBADF;

	fdput(current, f);
	return result;
}

static int64_t fcntl_other(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);

	if (!f.file)
		return -EBADF;
	fdput(current, f);
	return -EINVAL;
}

static int64_t ioctl_cloexec(struct task *current, struct fdl_arg *a, bool flag)
{
	struct fd f = fdget(current, a[0].num);

	if (!f.file)
		return -EBADF;
	set_close_on_exec(current, (unsigned)a[0].num, flag);
	fdput(current, f);
	return 0;
}

static int64_t ioctl_fioclex(struct task *current, struct fdl_arg *a)
{
	return ioctl_cloexec(current, a, true);
}

static int64_t ioctl_fionclex(struct task *current, struct fdl_arg *a)
{
	return ioctl_cloexec(current, a, false);
}

/* Sets or clears O_ASYNC alone. An object that cannot send the signal refuses a change. */
static int64_t ioctl_fioasync(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	int64_t result = -EFAULT;

	if (!f.file)
		return -EBADF;
	if (a[2].sub && a[2].num) {
		const bool on = a[2].sub[0].num;

		if (!(f_flags_get(f.file) & O_ASYNC) == !on)
			result = 0;
		else if (f.file->ops->fasync)
			result = f.file->ops->fasync(current, f.file, (int)a[0].num, on);
		else
			result = -ENOTTY;
	}
	fdput(current, f);
	return result;
}

static int64_t ioctl_other(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	int64_t result = -EBADF;

	if (f.file)
		result = vfs_lacks_ioctl(f.file, (unsigned)a[1].num) ? -ENOSYS
			 : f.file->ops->ioctl ? f.file->ops->ioctl(f.file, (unsigned)a[1].num)
					      : -ENOTTY;
	fdput(current, f);
	return result;
}

const struct call_row linux_fcntl_calls[] = {
	{ "fcntl", "fd fd, =F_DUPFD, int from=0", fcntl_dupfd, CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_DUPFD_CLOEXEC, int from=0", fcntl_dupfd_cloexec, CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_GETFD", fcntl_getfd, CALL_TRACED, "fdflags" },
	{ "fcntl", "fd fd, =F_SETFD, fdflags flags", fcntl_setfd, CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_GETFL", fcntl_getfl, CALL_TRACED, "oflags" },
	{ "fcntl", "fd fd, =F_SETFL, oflags flags", fcntl_setfl, CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_DUPFD_QUERY, fd other", fcntl_dupfd_query, CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_CREATED_QUERY", fcntl_created_query, CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_SETOWN, pid owner", fcntl_setown, 0, NULL },
	{ "fcntl", "fd fd, =F_GETOWN", fcntl_getown, 0, NULL },
	{ "fcntl", "fd fd, =F_SETOWN_EX, f_owner_ex owner", fcntl_setown_ex, 0, NULL },
	{ "fcntl", "fd fd, =F_GETOWN_EX, out f_owner_ex owner", fcntl_getown_ex, 0, NULL },
	{ "fcntl", "fd fd, =F_GETOWNER_UIDS, out idpair uids", fcntl_getowner_uids, 0, NULL },
	{ "fcntl", "fd fd, =F_SETSIG, signal sig", fcntl_setsig, 0, NULL },
	{ "fcntl", "fd fd, =F_GETSIG", fcntl_getsig, 0, NULL },
	{ "fcntl", "fd fd, =F_SETPIPE_SZ, uint size", fcntl_setpipe_sz, 0, NULL },
	{ "fcntl", "fd fd, =F_GETPIPE_SZ", fcntl_getpipe_sz, 0, NULL },
	{ "fcntl", "fd fd, =F_ADD_SEALS, seals seals", fcntl_add_seals, 0, NULL },
	{ "fcntl", "fd fd, =F_GET_SEALS", fcntl_get_seals, 0, "seals" },
	{ "fcntl", "fd fd, =F_NOTIFY, dnflags events", fcntl_notify, 0, NULL },
	{ "fcntl", "fd fd, =F_SET_RW_HINT, rwhints hint", fcntl_set_rw_hint, 0, NULL },
	{ "fcntl", "fd fd, =F_GET_RW_HINT, out rwhint hint", fcntl_get_rw_hint, 0, NULL },
	{ "fcntl", "fd fd, =F_SETLK, flock lock", fcntl_set_lock, CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_SETLKW, flock lock", fcntl_set_lock_wait,
	  CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_GETLK, flock lock, out flock found", fcntl_get_lock, CALL_TRACED,
	  NULL },
	{ "fcntl", "fd fd, =F_OFD_SETLK, flock lock", fcntl_ofd_set_lock, CALL_TRACED, NULL },
	{ "fcntl", "fd fd, =F_OFD_SETLKW, flock lock", fcntl_ofd_set_lock_wait, CALL_MAY_BLOCK,
	  NULL },
	{ "fcntl", "fd fd, =F_OFD_GETLK, flock lock, out flock found", fcntl_ofd_get_lock, 0,
	  NULL },
	{ "fcntl", "fd fd, =F_SETLEASE, locktype type", fcntl_set_lease, 0, NULL },
	{ "fcntl", "fd fd, =F_GETLEASE", fcntl_get_lease, 0, "leasetype" },
	{ "fcntl", "fd fd, fcntlcmd cmd, long arg=0", fcntl_other, CALL_TRACED, NULL },
	{ "ioctl", "fd fd, =FIOCLEX", ioctl_fioclex, CALL_TRACED, NULL },
	{ "ioctl", "fd fd, =FIONCLEX", ioctl_fionclex, CALL_TRACED, NULL },
	{ "ioctl", "fd fd, =FIONREAD, out int bytes", ioctl_fionread, 0, NULL },
	{ "ioctl", "fd fd, =FIONBIO, intlist on", ioctl_fionbio, 0, NULL },
	{ "ioctl", "fd fd, =FIOASYNC, intlist on", ioctl_fioasync, 0, NULL },
	{ "ioctl", "fd fd, ioctlcmd cmd, opaque ptr arg=NULL", ioctl_other, CALL_TRACED, NULL },
	{ 0 },
};
