/*
 * Calls on an open description: read, write, lseek, truncate, fstat, fsync. They make the checks
 * that all kinds of objects share, in the kernel's order; file_ops does the rest.
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
#include "vfs/namei.h"
#include "vfs/seals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The most that a call moves in the kernel. */
#define MAX_RW_COUNT ((uint64_t)0x7ffff000)

/* Where user space ends; no buffer reaches beyond it. */
#define TASK_SIZE ((uint64_t)0x7ffffffff000)

/*
 * The most that a call makes out of nothing: zeros read from a device or a hole, or the part of a
 * buffer that was not written out. A call that asks for more reads or writes less than it asked
 * for.
 */
#define IO_MAX ((size_t)1 << 20)

/* Checks a transfer of count bytes at pos. */
static int rw_verify_area(uint64_t count, off_t pos)
{
	if (count > TASK_SIZE)
		return -EFAULT;
	if (pos < 0 || count > (uint64_t)(INT64_MAX - pos))
		return -EINVAL;
	return 0;
}

/* Reading, writing and seeking touch the position and the contents. */
static void touch_file(enum touch how, const struct file *f)
{
	touch(f->machine, TOUCH_WRITE, f, PART_ITSELF);
	touch(f->machine, how, f->inode, PART_ITSELF);
	if (!f->ops->traced)
		touch_all(f->machine);
}

/* Even a read changes the contents of a FIFO. */
static void touch_content(enum touch how, const struct file *f)
{
	touch_file(S_ISFIFO(f->inode->mode) ? TOUCH_WRITE : how, f);
}

static int64_t vfs_read(struct task *current, struct file *f, struct fdl_arg *buf, uint64_t count,
			off_t *pos)
{
	size_t bound = IO_MAX;
	ssize_t n;
	char *to;
	int error;

	touch_content(TOUCH_READ, f);
	if (!(f->mode & FMODE_READ))
		return -EBADF;
	if (!f->ops->read)
		return -EINVAL;
	error = rw_verify_area(count, *pos);
	if (error)
		return error;
	if (f->ops->readable && f->ops->readable(f, *pos) < bound)
		bound = f->ops->readable(f, *pos);
	if (count > bound)
		count = bound;
	to = arena_alloc(&current->call->arena, count);
	if (!to)
		return -ENOMEM;
	n = f->ops->read(current, f, to, count, pos);
	if (n > 0)
		fsnotify_dentry(f->machine, f->dentry, f->inode, IN_ACCESS);
	if (n >= 0)
		*buf = (struct fdl_arg){ .num = n, .str = to };
	return n;
}

/* The bytes of a buffer, with zeros in place of those that are not written out. NULL: no memory. */
static const char *bytes_to_write(struct task *current, const struct fdl_arg *buf, uint64_t *count)
{
	size_t given = (size_t)buf->num;
	char *bytes;

	if (*count <= given)
		return buf->str;
	if (*count > IO_MAX)
		*count = IO_MAX > given ? IO_MAX : given;
	bytes = arena_alloc(&current->call->arena, *count);
	if (bytes) {
		memcpy(bytes, buf->str, given);
		memset(bytes + given, 0, *count - given);
	}
	return bytes;
}

static int64_t vfs_write(struct task *current, struct file *f, struct fdl_arg *buf, uint64_t count,
			 off_t *pos)
{
	const char *from = "";
	ssize_t n;
	int error;

	touch_file(TOUCH_WRITE, f);
	if (!(f->mode & FMODE_WRITE))
		return -EBADF;
	if (!f->ops->write)
		return -EINVAL;
	error = rw_verify_area(count, *pos);
	if (error)
		return error;
	if (count > MAX_RW_COUNT)
		count = MAX_RW_COUNT;
	if (count && !buf->str)
		return -EFAULT;
	if (count)
		from = bytes_to_write(current, buf, &count);
	if (!from)
		return -ENOMEM;
	n = f->ops->write(current, f, from, count, pos);
	if (n > 0)
		fsnotify_dentry(f->machine, f->dentry, f->inode, IN_MODIFY);
	return n;
}

/* vfs_read or vfs_write. */
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

static off_t vfs_llseek(struct file *f, off_t offset, int64_t whence)
{
	touch_file(TOUCH_READ, f);
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
	if (fd.file && (!S_ISREG(fd.file->inode->mode) || !(fd.file->mode & FMODE_WRITE)))
		result = -EINVAL;
	else if (fd.file)
		result = do_truncate(current, fd.file->dentry, fd.file->inode, a[1].num);
	fdput(current, fd);
	return result;
}

static int vfs_truncate(struct task *current, struct dentry *d, off_t length)
{
	struct inode *inode = d->inode;
	int error;

	if (S_ISDIR(inode->mode))
		return -EISDIR;
	if (!S_ISREG(inode->mode))
		return -EINVAL;
	error = inode_permission(current, inode, W_OK);
	if (!error && inode->runners)
		error = -ETXTBSY;
	return error ? error : do_truncate(current, d, inode, length);
}

static int64_t sys_truncate(struct task *current, struct fdl_arg *a)
{
	struct dentry *d;
	const char *path;
	int error;

	if (a[1].num < 0)
		return -EINVAL;
	path = path_arg(current, &a[0], &error);
	if (path)
		error = path_lookup(current, NULL, path, true, &d);
	if (error)
		return error;
	error = vfs_truncate(current, d, a[1].num);
	dput(d);
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
		const mode_t mode = fd.file->inode->mode;

		result = S_ISREG(mode) || S_ISDIR(mode) ? 0 : -EINVAL;
	}
	fdput(current, fd);
	return result;
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
		*bytes = (struct fdl_arg){ .num = (int)f.file->ops->available(f.file) };
	else
		result = -ENOTTY;
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
	{ "lseek", "fd fd, off offset=0, whence whence=SEEK_SET", sys_lseek, CALL_TRACED, NULL },
	{ "fstat", "fd fd, out stat statbuf", sys_fstat, 0, NULL },
	{ "ftruncate", "fd fd, off length=0", sys_ftruncate, 0, NULL },
	{ "truncate", "path path, off length=0", sys_truncate, 0, NULL },
	{ "fsync", "fd fd", sys_fsync, 0, NULL },
	{ "fdatasync", "fd fd", sys_fsync, 0, NULL },
	{ 0 },
};
