/*
 * Calls on an open description: read, write, readv, lseek, truncate, fstat, fsync. How bytes are
 * moved is the concern of read_write.c.
 */
#include "vfs/io_calls.h"

#include "machine/kernel.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/calls.h"
#include "vfs/dcache.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/fsnotify.h"
#include "vfs/inode.h"
#include "vfs/lease.h"
#include "vfs/namei.h"
#include "vfs/read_write.h"
#include "vfs/seals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* vfs_read, vfs_write, vfs_readv or vfs_writev. */
typedef int64_t io_fn(struct task *current, struct file *f, struct fdl_arg *buf, uint64_t count,
		      off_t *pos);

/* At the description's position, which advances on success. */
static int64_t io_at_position(struct task *current, struct fdl_arg *a, io_fn *io)
{
	struct fd fd = fdget(current, a[0].num);
	int64_t n = -EBADF;

	if (fd.file) {
		off_t pos = fd.file->pos;

		n = io(current, fd.file, &a[1], (uint64_t)a[2].num, &pos);
		if (n >= 0)
			fd.file->pos = pos;
	}
	fdput(current, fd);
	return n;
}

static int64_t sys_read(struct task *current, struct fdl_arg *a)
{
	return io_at_position(current, a, vfs_read);
}

static int64_t sys_write(struct task *current, struct fdl_arg *a)
{
	return io_at_position(current, a, vfs_write);
}

/* At an offset that the caller gives, of a file that has positions. */
static int64_t io_at_offset(struct task *current, struct fdl_arg *a, io_fn *io)
{
	off_t pos = a[3].num;
	int64_t n = -EBADF;
	struct fd fd;

	if (pos < 0)
		return -EINVAL;
	fd = fdget(current, a[0].num);
	if (fd.file)
		n = -ESPIPE;
	if (fd.file && (fd.file->mode & FMODE_PREAD))
		n = io(current, fd.file, &a[1], (uint64_t)a[2].num, &pos);
	fdput(current, fd);
	return n;
}

static int64_t sys_pread64(struct task *current, struct fdl_arg *a)
{
	return io_at_offset(current, a, vfs_read);
}

static int64_t sys_pwrite64(struct task *current, struct fdl_arg *a)
{
	return io_at_offset(current, a, vfs_write);
}

static int64_t sys_readv(struct task *current, struct fdl_arg *a)
{
	return io_at_position(current, a, vfs_readv);
}

static int64_t sys_writev(struct task *current, struct fdl_arg *a)
{
	return io_at_position(current, a, vfs_writev);
}

static int64_t sys_preadv(struct task *current, struct fdl_arg *a)
{
	return io_at_offset(current, a, vfs_readv);
}

static int64_t sys_pwritev(struct task *current, struct fdl_arg *a)
{
	return io_at_offset(current, a, vfs_writev);
}

/* With RWF_* flags. The offset -1 stands for the description's position. */
static int64_t io_with_flags(struct task *current, struct fdl_arg *a, io_fn *io)
{
	int64_t n;

	current->call->rwf = (unsigned)a[4].num;
	n = a[3].num == -1 ? io_at_position(current, a, io) : io_at_offset(current, a, io);
	current->call->rwf = 0;
	return n;
}

static int64_t sys_preadv2(struct task *current, struct fdl_arg *a)
{
	return io_with_flags(current, a, vfs_readv);
}

static int64_t sys_pwritev2(struct task *current, struct fdl_arg *a)
{
	return io_with_flags(current, a, vfs_writev);
}

static off_t vfs_llseek(struct file *f, off_t offset, int64_t whence)
{
	touch_transfer(TOUCH_READ, f);
	if (whence < SEEK_SET || whence > SEEK_HOLE)
		return -EINVAL;
	if (!(f->mode & FMODE_LSEEK))
		return -ESPIPE;
	return f->ops->llseek(f, offset, (int)whence);
}

static int64_t sys_lseek(struct task *current, struct fdl_arg *a)
{
	struct fd fd = fdget(current, a[0].num);
	int64_t pos = -EBADF;

	if (fd.file)
		pos = vfs_llseek(fd.file, a[1].num, a[2].num);
	fdput(current, fd);
	return pos;
}

/* Gives a regular file another length, if its seals and RLIMIT_FSIZE allow it. */
static int do_truncate(struct task *current, struct dentry *d, struct inode *inode, off_t length)
{
	int error = seals_allow_size(inode, length);

	if (!error && length > inode->size)
		error = check_file_size(current, length, NULL);
	if (error)
		return error;
	regular_truncate(inode, length);
	fsnotify_dentry(inode->machine, d, inode, IN_MODIFY);
	return 0;
}

static int64_t sys_ftruncate(struct task *current, struct fdl_arg *a)
{
	int64_t result = -EBADF;
	struct fd fd;

	if (a[1].num < 0)
		return -EINVAL;
	fd = fdget(current, a[0].num);
	if (fd.file && (!inode_is_regular(fd.file->inode) || !(fd.file->mode & FMODE_WRITE)))
		result = -EINVAL;
	else if (fd.file && fd.file->inode->ops->chmod_error)
		result = -EOPNOTSUPP;
	else if (fd.file)
		result = do_truncate(current, fd.file->dentry, fd.file->inode, a[1].num);
	fdput(current, fd);
	return result;
}

static int vfs_truncate(struct task *current, struct dentry *d, struct inode *inode, off_t length)
{
	int error;

	if (S_ISDIR(inode->mode))
		return -EISDIR;
	if (!inode_is_regular(inode))
		return -EINVAL;
	error = inode_permission(current, inode, W_OK);
	if (!error && inode->plain)
		error = -EOPNOTSUPP;
	if (!error && inode->runners)
		error = -ETXTBSY;
	if (!error && current->machine->kernel->has_leases) {
		inode->writers++;
		preempt(current, "break_lease");
		error = break_lease(current, inode, true, false);
		inode->writers--;
	}
	return error ? error : do_truncate(current, d, inode, length);
}

static int64_t sys_truncate(struct task *current, struct fdl_arg *a)
{
	struct nameidata nd;
	const char *path;
	int error;

	if (a[1].num < 0)
		return -EINVAL;
	path = path_arg(current, &a[0], &error);
	if (!path)
		return error;
	error = path_lookupat(&nd, current, NULL, path, true);
	if (!error) {
		/* The name and the file may go while the call waits for a lease. */
		struct dentry *d = dget(nd.dentry);
		struct inode *inode = iget(nd.inode);

		error = vfs_truncate(current, d, inode, a[1].num);
		iput(inode);
		dput(d);
	}
	walk_end(&nd);
	return error;
}

static int64_t sys_fstat(struct task *current, struct fdl_arg *a)
{
	struct fd fd = fdget_raw(current, a[0].num);
	int64_t result = -EBADF;

	if (fd.file)
		result = copy_stat(current, fd.file->inode, &a[1]);
	fdput(current, fd);
	return result;
}

/* There is no disk: it only fails for objects that the kernel cannot sync. */
static int64_t sys_fsync(struct task *current, struct fdl_arg *a)
{
	struct fd fd = fdget(current, a[0].num);
	int64_t result = -EBADF;

	if (fd.file) {
		const struct inode *inode = fd.file->inode;

		result = S_ISREG(inode->mode) || (S_ISDIR(inode->mode) && !inode->ops->lookup)
				 ? 0
				 : -EINVAL;
	}
	fdput(current, fd);
	return result;
}

static int available(const struct file *f, struct fdl_arg *bytes)
{
	const ssize_t n = f->ops->available(f);

	*bytes = (struct fdl_arg){ .num = (int)n };
	return n < 0 ? (int)n : 0;
}

int64_t ioctl_fionread(struct task *current, struct fdl_arg *a)
{
	struct fd f = fdget(current, a[0].num);
	struct fdl_arg *bytes = arena_alloc(&current->call->arena, sizeof(*bytes));
	int64_t result = 0;

	if (!f.file)
		return -EBADF;
	if (!bytes)
		result = -ENOMEM;
	else if (S_ISREG(f.file->inode->mode))
		*bytes = (struct fdl_arg){ .num = (int)(f.file->inode->size - f.file->pos) };
	else if (f.file->ops->available)
		result = available(f.file, bytes);
	else
		result = f.file->ops->ioctl ? f.file->ops->ioctl(f.file, FIONREAD) : -ENOTTY;
	fdput(current, f);
	if (!result)
		a[2] = (struct fdl_arg){ .num = 1, .sub = bytes };
	return result;
}

int64_t ioctl_flag(struct task *current, struct fdl_arg *a, unsigned flag)
{
	const bool given = a[2].sub && a[2].num;
	struct fd f = fdget(current, a[0].num);

	if (!f.file)
		return -EBADF;
	if (given)
		f.file->flags = (f.file->flags & ~flag) | (a[2].sub[0].num ? flag : 0);
	fdput(current, f);
	return given ? 0 : -EFAULT;
}

int64_t ioctl_fionbio(struct task *current, struct fdl_arg *a)
{
	return ioctl_flag(current, a, O_NONBLOCK);
}

const struct call_row io_calls[] = {
	{ "read", "fd fd, out buf buf, size count=4096", sys_read, CALL_MAY_BLOCK | CALL_TRACED,
	  NULL },
	{ "write", "fd fd, buf buf, size count=len(buf)", sys_write, CALL_MAY_BLOCK | CALL_TRACED,
	  NULL },
	{ "pread64", "fd fd, out buf buf, size count=4096, off offset=0", sys_pread64, CALL_TRACED,
	  NULL },
	{ "pwrite64", "fd fd, buf buf, size count=len(buf), off offset=0", sys_pwrite64,
	  CALL_TRACED, NULL },
	{ "readv", "fd fd, inout iovecs iov=0x1000, size iovcnt=len(iov)", sys_readv,
	  CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "writev", "fd fd, iovecs iov, size iovcnt=len(iov)", sys_writev,
	  CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "preadv", "fd fd, inout iovecs iov=0x1000, size iovcnt=len(iov), off offset=0",
	  sys_preadv, CALL_TRACED, NULL },
	{ "pwritev", "fd fd, iovecs iov, size iovcnt=len(iov), off offset=0", sys_pwritev,
	  CALL_TRACED, NULL },
	{ "preadv2",
	  "fd fd, inout iovecs iov=0x1000, size iovcnt=len(iov), off offset=-1, rwfflags flags=0",
	  sys_preadv2, CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "pwritev2", "fd fd, iovecs iov, size iovcnt=len(iov), off offset=-1, rwfflags flags=0",
	  sys_pwritev2, CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "lseek", "fd fd, off offset=0, whence whence=SEEK_SET", sys_lseek, CALL_TRACED, NULL },
	{ "fstat", "fd fd, out stat statbuf", sys_fstat, 0, NULL },
	{ "ftruncate", "fd fd, off length=0", sys_ftruncate, 0, NULL },
	{ "truncate", "path path, off length=0", sys_truncate, CALL_MAY_OPEN, NULL },
	{ "fsync", "fd fd", sys_fsync, 0, NULL },
	{ "fdatasync", "fd fd", sys_fsync, 0, NULL },
	{ 0 },
};
