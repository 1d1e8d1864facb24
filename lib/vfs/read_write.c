/*
 * Reading and writing: the checks that all kinds of objects share, in the kernel's order; file_ops
 * does the rest.
 */
#include "vfs/read_write.h"

#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/touch.h"
#include "vfs/fsnotify.h"
#include "vfs/inode.h"
#include "vfs/iov.h"

#include <errno.h>
#include <string.h>

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
void touch_transfer(enum touch how, const struct file *f)
{
	touch(f->machine, TOUCH_WRITE, f, PART_ITSELF);
	touch(f->machine, how, f->inode, PART_ITSELF);
	if (!f->ops->traced)
		touch_all(f->machine);
}

/* Even a read changes the contents of a FIFO. */
static void touch_content(enum touch how, const struct file *f)
{
	touch_transfer(S_ISFIFO(f->inode->mode) ? TOUCH_WRITE : how, f);
}

/* Reads up to count bytes, and points *to to them: the number, -ENOMEM or the object's error. */
static ssize_t read_stream(struct task *current, struct file *f, char **to, uint64_t count,
			   off_t *pos)
{
	size_t bound = IO_MAX;

	if (f->ops->readable && f->ops->readable(f, *pos) < bound)
		bound = f->ops->readable(f, *pos);
	if (count > bound)
		count = bound;
	*to = arena_alloc(&current->call->arena, count);
	return *to ? f->ops->read(current, f, *to, count, pos) : -ENOMEM;
}

int64_t vfs_read(struct task *current, struct file *f, struct fdl_arg *buf, uint64_t count,
		 off_t *pos)
{
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
	n = read_stream(current, f, &to, count, pos);
	if (n > 0)
		fsnotify_file(f, IN_ACCESS);
	if (n >= 0)
		*buf = (struct fdl_arg){ .num = n, .str = to };
	return n;
}

ssize_t copy_splice_read(struct task *current, struct file *f, char *buf, size_t count, off_t *pos,
			 bool nonblock)
{
	(void)nonblock;
	return f->ops->read(current, f, buf, count, pos);
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

int64_t vfs_write(struct task *current, struct file *f, struct fdl_arg *buf, uint64_t count,
		  off_t *pos)
{
	const char *from = "";
	ssize_t n;
	int error;

	touch_transfer(TOUCH_WRITE, f);
	if (!(f->mode & FMODE_WRITE))
		return -EBADF;
	if (!f->ops->write)
		return -EINVAL;
	error = rw_verify_area(count, *pos);
	if (error)
		return error;
	if (count > MAX_RW_COUNT)
		count = MAX_RW_COUNT;
	if (count)
		from = buf->str ? bytes_to_write(current, buf, &count) : NULL;
	if (!from && buf->str)
		return -ENOMEM;
	n = f->ops->write(current, f, from, count, pos);
	if (n > 0)
		fsnotify_file(f, IN_MODIFY);
	return n;
}

/* ---- pieces --------------------------------------------------------------------------------- */

/*
 * The kernel's import_iovec: the length of all pieces, of which there are as many as the low 32
 * bits of the caller's count say. 0, -EINVAL, -EFAULT.
 */
static int import_iovec(const struct task *current, const struct fdl_arg *iov, uint32_t count,
			size_t *len)
{
	if (count > UIO_MAXIOV || (!count && current->machine->kernel->no_empty_iov))
		return -EINVAL;
	return iov_length(iov, count, MAX_RW_COUNT, len);
}

/* The kernel's kiocb_set_rw_flags, and the one flag that objects take that go piece by piece. */
static int check_rwf(const struct file *f, bool by_pieces, unsigned rwf)
{
	if (by_pieces)
		return rwf & ~(unsigned)RWF_FLAG_HIPRI ? -EOPNOTSUPP : 0;
	if (rwf & ~(unsigned)RWF_FLAGS)
		return -EOPNOTSUPP;
	if ((rwf & RWF_FLAG_APPEND) && (rwf & RWF_FLAG_NOAPPEND))
		return -EINVAL;
	if ((rwf & RWF_FLAG_NOWAIT) && !(f->mode & FMODE_NOWAIT))
		return -EOPNOTSUPP;
	return rwf & (RWF_FLAG_ATOMIC | RWF_FLAG_DONTCACHE) ? -EOPNOTSUPP : 0;
}

/* Moves pieces of len bytes altogether. The number, or an error. */
typedef ssize_t move_fn(struct task *current, struct file *f, struct fdl_arg *iov, int64_t count,
			size_t len, off_t *pos);

static ssize_t read_pieces(struct task *current, struct file *f, struct fdl_arg *iov, int64_t count,
			   size_t len, off_t *pos)
{
	char *to;
	ssize_t n = read_stream(current, f, &to, len, pos);

	if (n >= 0)
		iov_scatter(iov, count, to, (size_t)n);
	return n;
}

static ssize_t write_pieces(struct task *current, struct file *f, struct fdl_arg *iov,
			    int64_t count, size_t len, off_t *pos)
{
	const size_t bytes = len < IO_MAX ? len : IO_MAX;
	struct call *call = current->call;
	const char *from;
	ssize_t n = iov_gather(current, iov, count, bytes, &from, &call->fault_at);

	if (!n)
		n = f->ops->write(current, f, from, bytes, pos);
	call->fault_at = 0;
	return n;
}

/*
 * The kernel's do_loop_readv_writev: an object that knows no pieces is asked for each of them,
 * until it moves less than a whole one.
 */
static ssize_t loop_over_pieces(struct task *current, struct file *f, struct fdl_arg *iov,
				int64_t count, off_t *pos, move_fn *move)
{
	ssize_t done = 0;

	for (int64_t i = 0; i < count; i++) {
		struct fdl_arg one = { .num = 1, .sub = &iov->sub[i] };
		size_t len;
		ssize_t n;

		iov_length(&one, 1, MAX_RW_COUNT, &len);
		n = move(current, f, &one, 1, len, pos);
		if (n < 0)
			return done ? done : n;
		done += n;
		if ((size_t)n != len)
			break;
	}
	return done;
}

/* The common part of vfs_readv and vfs_writev, after the checks of the description. */
static ssize_t move_iovec(struct task *current, struct file *f, struct fdl_arg *iov, int64_t count,
			  size_t len, off_t *pos, move_fn *move)
{
	const bool by_pieces = f->ops->by_pieces & (move == read_pieces ? FMODE_READ : FMODE_WRITE);
	int error;

	if (!len)
		return 0;
	error = rw_verify_area(len, *pos);
	if (!error)
		error = check_rwf(f, by_pieces, current->call->rwf);
	if (error)
		return error;
	return by_pieces ? loop_over_pieces(current, f, iov, count, pos, move)
			 : move(current, f, iov, count, len, pos);
}

int64_t vfs_readv(struct task *current, struct file *f, struct fdl_arg *iov, uint64_t vlen,
		  off_t *pos)
{
	const uint32_t count = (uint32_t)vlen;
	struct fdl_arg room = *iov;
	size_t len;
	ssize_t n;
	int error;

	touch_content(TOUCH_READ, f);
	if (!(f->mode & FMODE_READ))
		return -EBADF;
	if (!f->ops->read)
		return -EINVAL;
	if (iov->sub || iov->num) {
		room.sub = iov_wanted(current, iov);
		room.num = iov->sub ? iov->num : 1;
		if (!room.sub)
			return -ENOMEM;
	}
	error = import_iovec(current, &room, count, &len);
	if (error)
		return error;
	/* Pieces that the read does not reach are empty. */
	iov_scatter(&room, count, "", 0);
	n = move_iovec(current, f, &room, count, len, pos, read_pieces);
	if (n >= 0) {
		fsnotify_file(f, IN_ACCESS);
		*iov = room;
	}
	return n;
}

int64_t vfs_writev(struct task *current, struct file *f, struct fdl_arg *iov, uint64_t vlen,
		   off_t *pos)
{
	const uint32_t count = (uint32_t)vlen;
	size_t len;
	ssize_t n;
	int error;

	touch_transfer(TOUCH_WRITE, f);
	if (!(f->mode & FMODE_WRITE))
		return -EBADF;
	if (!f->ops->write)
		return -EINVAL;
	error = import_iovec(current, iov, count, &len);
	if (error)
		return error;
	n = move_iovec(current, f, iov, count, len, pos, write_pieces);
	if (n > 0)
		fsnotify_file(f, IN_MODIFY);
	return n;
}
