/*
 * sendfile and copy_file_range: bytes move from a file that has positions to another file, through
 * a buffer of the kernel's own.
 */
#include "objects/splice.h"

#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "objects/calls.h"
#include "objects/pipe.h"
#include "vfs/fd.h"
#include "vfs/inode.h"
#include "vfs/read_write.h"

#include <errno.h>

/* The kernel moves so many pages at a time, and so a datagram has no more. */
#define CHUNK (16 * PAGE_SIZE)

/* The most that a call moves of what has no end. */
#define ENDLESS_MAX ((uint64_t)1 << 20)

/* Writes all bytes, in as many goes as it takes. The number; where it is 0, the error. */
static ssize_t write_whole(struct task *current, struct file *out, const char *from, size_t count,
			   off_t *pos)
{
	size_t done = 0;

	while (done < count) {
		ssize_t n;

		touch_transfer(TOUCH_WRITE, out);
		n = out->ops->write(current, out, from + done, count - done, pos);
		if (n <= 0)
			return done ? (ssize_t)done : n;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/*
 * The kernel's splice_direct_to_actor: both positions advance by what was written, which is
 * returned; 0 at the end of in. -EINVAL: one of the files cannot be spliced; or its error.
 */
static ssize_t splice_direct(struct task *current, struct file *in, off_t *in_pos, struct file *out,
			     off_t *out_pos, uint64_t count)
{
	char *chunk = arena_alloc(&current->call->arena, CHUNK);
	size_t done = 0;
	ssize_t n = 0;

	if (!chunk)
		return -ENOMEM;
	if (!in->ops->readable && count > ENDLESS_MAX)
		count = ENDLESS_MAX;
	while (done < count) {
		size_t size = CHUNK - (uint64_t)*in_pos % PAGE_SIZE;
		off_t pos = *in_pos;
		ssize_t got;

		if (size > count - done)
			size = (size_t)(count - done);
		if (!in->ops->splice_read)
			return -EINVAL;
		touch_transfer(TOUCH_READ, in);
		n = got = in->ops->splice_read(current, in, chunk, size, &pos, false);
		if (n > 0)
			n = out->ops->splice_write
				    ? write_whole(current, out, chunk, (size_t)got, out_pos)
				    : -EINVAL;
		if (n <= 0)
			break;
		*in_pos = n == got ? pos : *in_pos + n;
		done += (size_t)n;
		if (n < got)
			break;
	}
	return done ? (ssize_t)done : n;
}

/* ---- sendfile ------------------------------------------------------------------------------- */

static ssize_t send_direct(struct task *current, struct file *in, off_t *pos, struct file *out,
			   uint64_t count)
{
	off_t out_pos = out->pos;
	ssize_t n;

	if ((out->flags & O_APPEND) || !(in->mode & FMODE_LSEEK))
		return -EINVAL;
	n = splice_direct(current, in, pos, out, &out_pos, count);
	if (n > 0)
		out->pos = out_pos;
	return n;
}

static unsigned nonblock(const struct file *f)
{
	return f->flags & O_NONBLOCK ? SPLICE_F_NONBLOCK : 0;
}

static int64_t do_sendfile(struct task *current, struct file *in, struct fdl_arg *a)
{
	uint64_t count = (uint64_t)a[3].num;
	off_t pos = in->pos;
	struct file *out;
	struct fd fd;
	int64_t n;

	if (!(in->mode & FMODE_READ))
		return -EBADF;
	if (offset_given(&a[2]) && !(in->mode & FMODE_PREAD))
		return -ESPIPE;
	if (offset_given(&a[2]))
		pos = a[2].sub[0].num;
	if (splice_verify_area(count, pos))
		return -EINVAL;
	if (count > SPLICE_MAX)
		count = SPLICE_MAX;
	fd = fdget(current, a[0].num);
	out = fd.file;
	n = -EBADF;
	if (out && out->mode & FMODE_WRITE) {
		touch_transfer(TOUCH_WRITE, out);
		n = splice_verify_area(count, out->pos);
		if (!n && out->ops == &pipe_file)
			n = splice_file_to_pipe(current, in, &pos, out, count,
						nonblock(in) | nonblock(out));
		else if (!n)
			n = send_direct(current, in, &pos, out, count);
	}
	if (n > 0) {
		splice_notify(in, out);
		if (offset_put(current, &a[2], in, pos))
			n = -ENOMEM;
	}
	fdput(current, fd);
	return n;
}

static int64_t sys_sendfile(struct task *current, struct fdl_arg *a)
{
	struct fd fd;
	int64_t n = -EBADF;

	if (offset_given(&a[2]) && !a[2].sub)
		return -EFAULT;
	fd = fdget(current, a[1].num);
	if (fd.file) {
		touch_transfer(TOUCH_READ, fd.file);
		n = do_sendfile(current, fd.file, a);
	}
	fdput(current, fd);
	return n;
}

/* ---- copy_file_range ------------------------------------------------------------------------ */

/* The file system of pidfds, that of memfds, which have no names, and that of files with one. */
static bool same_file_system(const struct file *a, const struct file *b)
{
	return a->inode->plain == b->inode->plain && !a->inode->ops->dname == !b->inode->ops->dname;
}

/* The kernel's generic_copy_file_checks: may cut *count. 0 or an error. */
static int copy_checks(struct task *current, const struct file *in, off_t in_pos,
		       const struct file *out, off_t out_pos, uint64_t *count)
{
	const struct inode *from = in->inode, *to = out->inode;
	size_t allowed;
	int error;

	if (S_ISDIR(from->mode) || S_ISDIR(to->mode))
		return -EISDIR;
	if (!inode_is_regular(from) || !inode_is_regular(to))
		return -EINVAL;
	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE) || out->flags & O_APPEND)
		return -EBADF;
	if (!same_file_system(in, out))
		return -EXDEV;
	if ((uint64_t)in_pos + *count < (uint64_t)in_pos ||
	    (uint64_t)out_pos + *count < (uint64_t)out_pos)
		return -EOVERFLOW;
	if (in_pos >= from->size)
		*count = 0;
	else if (*count > (uint64_t)(from->size - in_pos))
		*count = (uint64_t)(from->size - in_pos);
	allowed = (size_t)*count;
	error = check_file_size(current, out_pos, &allowed);
	*count = allowed;
	if (!error && out_pos == INT64_MAX)
		error = -EFBIG;
	if (!error && out_pos >= 0 && *count > (uint64_t)(INT64_MAX - out_pos))
		*count = (uint64_t)(INT64_MAX - out_pos);
	if (error)
		return error;
	if (from == to && out_pos + (off_t)*count > in_pos && out_pos < in_pos + (off_t)*count)
		return -EINVAL;
	return 0;
}

static int64_t do_copy(struct task *current, struct file *in, struct file *out, struct fdl_arg *a)
{
	uint64_t count = (uint64_t)a[4].num;
	off_t in_pos, out_pos;
	int64_t n;

	touch_transfer(TOUCH_READ, in);
	touch_transfer(TOUCH_WRITE, out);
	if (offset_get(&a[1], in, &in_pos) || offset_get(&a[3], out, &out_pos))
		return -EFAULT;
	if (a[5].num)
		return -EINVAL;
	n = copy_checks(current, in, in_pos, out, out_pos, &count);
	if (!n && (splice_verify_area(count, in_pos) || splice_verify_area(count, out_pos)))
		n = -EINVAL;
	if (n || !count)
		return n;
	n = splice_direct(current, in, &in_pos, out, &out_pos,
			  count < SPLICE_MAX ? count : SPLICE_MAX);
	if (n <= 0)
		return n;
	splice_notify(in, out);
	if (offset_put(current, &a[1], in, in_pos) || offset_put(current, &a[3], out, out_pos))
		return -ENOMEM;
	return n;
}

static int64_t sys_copy_file_range(struct task *current, struct fdl_arg *a)
{
	struct fd in = fdget(current, a[0].num), out;
	int64_t n = -EBADF;

	if (!in.file)
		return n;
	out = fdget(current, a[2].num);
	if (out.file)
		n = do_copy(current, in.file, out.file, a);
	fdput(current, out);
	fdput(current, in);
	return n;
}

const struct call_row sendfile_calls[] = {
	{ "sendfile", "fd out_fd, fd in_fd, inout offptr offset=NULL, size count=4096",
	  sys_sendfile, CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "copy_file_range",
	  "fd fd_in, inout offptr off_in=NULL, fd fd_out, inout offptr off_out=NULL, "
	  "size len=4096, uint flags=0",
	  sys_copy_file_range, CALL_TRACED, NULL },
	{ 0 },
};
