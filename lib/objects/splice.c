/*
 * splice and tee. From a regular file, a pipe gets references to pages, and from another pipe whole
 * buffers; from other objects it gets copies. While a call reads or writes an object that may wait,
 * the kernel holds the lock of the pipe, so that others wait for the call.
 */
#include "objects/splice.h"

#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "objects/calls.h"
#include "objects/pipe_ring.h"
#include "vfs/fd.h"
#include "vfs/fsnotify.h"
#include "vfs/inode.h"
#include "vfs/read_write.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define SPLICE_F_ALL ((unsigned)(SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT))

/* The inode of a pipe; NULL: the description is of something else. */
static struct inode *get_pipe(const struct file *f)
{
	return f->ops == &pipe_file ? f->inode : NULL;
}

int splice_verify_area(uint64_t count, off_t pos)
{
	return count > INT64_MAX || pos < 0 || count > (uint64_t)(INT64_MAX - pos) ? -EINVAL : 0;
}

int offset_get(const struct fdl_arg *arg, const struct file *f, off_t *pos)
{
	if (arg->num && !arg->sub)
		return -EFAULT;
	*pos = arg->sub ? arg->sub[0].num : f->pos;
	return 0;
}

int offset_put(struct task *current, struct fdl_arg *arg, struct file *f, off_t pos)
{
	struct fdl_arg *pair;

	if (!arg->sub) {
		f->pos = pos;
		return 0;
	}
	pair = arena_alloc(&current->call->arena, 2 * sizeof(*pair));
	if (!pair)
		return -ENOMEM;
	pair[0] = arg->sub[0];
	pair[1] = (struct fdl_arg){ .num = pos };
	*arg = (struct fdl_arg){ .num = 2, .sub = pair };
	return 0;
}

void splice_notify(struct file *in, struct file *out)
{
	fsnotify_file(in, IN_ACCESS);
	fsnotify_file(out, IN_MODIFY);
}

/* ---- waiting -------------------------------------------------------------------------------- */

/* The pipe gets or loses bytes: also after a wait. */
static void touch_pipe(const struct inode *inode)
{
	touch(inode->machine, TOUCH_WRITE, inode, PART_ITSELF);
}

/* Waits for bytes to take: 0, also where no writer is left; -EAGAIN, -EINTR. */
static int ipipe_prep(struct task *current, struct inode *inode, unsigned flags)
{
	const struct pipe *pipe = inode->private;
	int error = pipe_lock_wait(current, inode);

	touch_pipe(inode);
	while (!error && pipe_empty(pipe) && inode->writers) {
		if (flags & SPLICE_F_NONBLOCK)
			return -EAGAIN;
		error = pipe_wait_readable(current, inode, "pipe_wait_readable");
		touch_pipe(inode);
	}
	return error;
}

/* Waits for room. 0; -EPIPE with SIGPIPE: there is no reader; -EAGAIN, -EINTR. */
static int wait_for_space(struct task *current, struct inode *inode, unsigned flags)
{
	const struct pipe *pipe = inode->private;
	int error = pipe_lock_wait(current, inode);

	touch_pipe(inode);
	while (!error) {
		if (!inode->readers) {
			raise_signal(current, SIGPIPE);
			return -EPIPE;
		}
		if (!pipe_full(pipe))
			return 0;
		if (flags & SPLICE_F_NONBLOCK)
			return -EAGAIN;
		error = pipe_wait_writable(current, inode, "pipe_wait_writable");
		touch_pipe(inode);
	}
	return error;
}

/* The same before a move between pipes, which looks at the readers only where there is no room. */
static int opipe_prep(struct task *current, struct inode *inode, unsigned flags)
{
	touch_pipe(inode);
	return pipe_full(inode->private) ? wait_for_space(current, inode, flags) : 0;
}

/* ---- from a file to a pipe ------------------------------------------------------------------ */

/* References to the pages of a regular file; a hole is a page of zeros of its own. */
static ssize_t splice_pages(struct inode *file, off_t *pos, struct inode *inode, size_t count)
{
	struct pipe *pipe = inode->private;
	size_t done = 0;

	while (done < count && *pos < file->size && !pipe_full(pipe)) {
		const size_t offset = (uint64_t)*pos % PAGE_SIZE;
		struct page *page = regular_page(file, *pos);
		size_t n = PAGE_SIZE - offset;

		if (n > count - done)
			n = count - done;
		if ((off_t)n > file->size - *pos)
			n = (size_t)(file->size - *pos);
		if (!page)
			page = page_alloc(file->machine);
		else
			page_get(page);
		if (!page)
			return done ? (ssize_t)done : -ENOMEM;
		pipe_push_page(pipe, page, offset, n, false);
		page_put(file->machine, page);
		*pos += (off_t)n;
		done += n;
	}
	return (ssize_t)done;
}

/* Puts bytes into pages of their own, for which there are slots. 0 or -ENOMEM. */
static int push_bytes(struct inode *inode, const char *from, size_t count)
{
	while (count) {
		const size_t n = count < PAGE_SIZE ? count : PAGE_SIZE;
		struct page *page = page_alloc(inode->machine);

		if (!page)
			return -ENOMEM;
		memcpy(page_for_write(page), from, n);
		pipe_push_page(inode->private, page, 0, n, false);
		page_put(inode->machine, page);
		from += n;
		count -= n;
	}
	return 0;
}

/* Reads into pages of the pipe's own. */
static ssize_t splice_copies(struct task *current, struct file *in, off_t *pos, struct inode *inode,
			     size_t count, unsigned flags)
{
	char *bytes = arena_alloc(&current->call->arena, count);
	int error;
	ssize_t n;

	if (!bytes)
		return -ENOMEM;
	pipe_lock(inode);
	n = in->ops->splice_read(current, in, bytes, count, pos, flags & SPLICE_F_NONBLOCK);
	pipe_unlock(inode);
	touch_pipe(inode);
	error = n > 0 ? push_bytes(inode, bytes, (size_t)n) : 0;
	return error ? error : n;
}

static ssize_t do_splice_read(struct task *current, struct file *in, off_t *pos,
			      struct inode *inode, uint64_t count, unsigned flags)
{
	const size_t room = pipe_room(inode->private);
	const size_t n = count < room ? (size_t)count : room;

	touch_transfer(TOUCH_READ, in);
	if (!n)
		return 0;
	if (!in->ops->splice_read)
		return -EINVAL;
	if (S_ISREG(in->inode->mode))
		return splice_pages(in->inode, pos, inode, n);
	return splice_copies(current, in, pos, inode, n, flags);
}

ssize_t splice_file_to_pipe(struct task *current, struct file *in, off_t *pos, struct file *out,
			    uint64_t count, unsigned flags)
{
	struct inode *inode = out->inode;
	ssize_t n = wait_for_space(current, inode, flags);

	if (!n)
		n = do_splice_read(current, in, pos, inode, count, flags);
	if (n > 0)
		pipe_wake_readers(inode);
	return n;
}

/* ---- from a pipe to a file ------------------------------------------------------------------ */

/*
 * The bytes in the pipe go to the file at once. Only before the first byte is there a wait: for
 * bytes, in the pipe, or for room, in the object.
 */
static ssize_t splice_pipe_to_file(struct task *current, struct inode *inode, struct file *out,
				   off_t *pos, uint64_t count, unsigned flags)
{
	struct pipe *pipe = inode->private;
	size_t done = 0;
	ssize_t n = 0;

	if (!out->ops->splice_write)
		return -EINVAL;
	while (done < count) {
		size_t len = pipe_bytes(pipe);
		char *bytes;

		if (!len && done)
			break;
		n = ipipe_prep(current, inode, flags);
		len = pipe_bytes(pipe);
		if (n || !len)
			break;
		if (len > count - done)
			len = (size_t)(count - done);
		bytes = arena_alloc(&current->call->arena, len);
		n = -ENOMEM;
		if (!bytes)
			break;
		pipe_peek(inode, bytes, len);
		touch_transfer(TOUCH_WRITE, out);
		pipe_lock(inode);
		n = out->ops->write(current, out, bytes, len, pos);
		pipe_unlock(inode);
		touch_pipe(inode);
		if (n <= 0)
			break;
		pipe_skip(inode, (size_t)n);
		done += (size_t)n;
	}
	if (done)
		pipe_wake_writers(inode);
	return done ? (ssize_t)done : n;
}

/* ---- from a pipe to a pipe ------------------------------------------------------------------ */

static void push_part(struct pipe *to, const struct pipe_buffer *buf, size_t len)
{
	pipe_push_page(to, buf->page, buf->offset, len, buf->packet);
}

/* Moves the buffer at the tail of a pipe, whole or in part, to the head of another. */
static size_t move_buffer(struct pipe *from, struct pipe *to, uint64_t count)
{
	struct pipe_buffer *buf = pipe_buf(from, from->tail);
	const size_t len = buf->len;

	if (count >= len) {
		*pipe_buf(to, to->head++) = *buf;
		from->tail++;
		return len;
	}
	push_part(to, buf, (size_t)count);
	buf->offset += (size_t)count;
	buf->len -= (size_t)count;
	return (size_t)count;
}

/* Waits for bytes in one pipe and room in the other: 0 or an error. */
static int prepare(struct task *current, struct inode *from, struct inode *to, unsigned flags)
{
	int error = ipipe_prep(current, from, flags);

	return error ? error : opipe_prep(current, to, flags);
}

/*
 * Whether a move between pipes must end: *error is then what a call returns that has moved nothing.
 */
static bool nobody_reads(struct task *current, const struct inode *to, int *error)
{
	if (to->readers)
		return false;
	raise_signal(current, SIGPIPE);
	*error = -EPIPE;
	return true;
}

static ssize_t splice_pipe_to_pipe(struct task *current, struct inode *from, struct inode *to,
				   uint64_t count, unsigned flags)
{
	struct pipe *ipipe = from->private, *opipe = to->private;
	bool freed = false;
	size_t done = 0;
	int error;

	do {
		error = prepare(current, from, to, flags);
		if (error)
			return error;
		/* The wait for room may have lost the bytes again. */
	} while ((pipe_empty(ipipe) && from->writers) || ipipe->locked);
	while (done < count && !nobody_reads(current, to, &error) && !pipe_empty(ipipe) &&
	       !pipe_full(opipe)) {
		const unsigned tail = ipipe->tail;

		done += move_buffer(ipipe, opipe, count - done);
		freed |= tail != ipipe->tail;
	}
	if (done)
		pipe_wake_readers(to);
	if (freed)
		pipe_wake_writers(from);
	return done ? (ssize_t)done : error;
}

/* The kernel's link_pipe: the other pipe gets the same pages, once more. */
static ssize_t link_pipe(struct task *current, struct inode *from, struct inode *to, uint64_t count)
{
	struct pipe *ipipe = from->private, *opipe = to->private;
	size_t done = 0;
	int error = 0;

	for (unsigned i = ipipe->tail; done < count && !nobody_reads(current, to, &error) &&
				       i != ipipe->head && !pipe_full(opipe);
	     i++) {
		const struct pipe_buffer *buf = pipe_buf(ipipe, i);
		const size_t n = buf->len < count - done ? buf->len : (size_t)(count - done);

		push_part(opipe, buf, n);
		done += n;
	}
	if (done)
		pipe_wake_readers(to);
	return done ? (ssize_t)done : error;
}

/* ---- the calls ------------------------------------------------------------------------------ */

/* Two descriptions that a call looks up one after the other. */
struct two {
	struct fd in, out;
};

static int64_t two_get(struct task *current, struct two *fd, int64_t in, int64_t out)
{
	fd->out = (struct fd){ NULL, FD_BORROWED };
	fd->in = fdget(current, in);
	if (fd->in.file)
		fd->out = fdget(current, out);
	return fd->out.file ? 0 : -EBADF;
}

static void two_put(struct task *current, struct two fd)
{
	fdput(current, fd.out);
	fdput(current, fd.in);
}

/* O_NONBLOCK of a pipe stands for SPLICE_F_NONBLOCK. */
static unsigned nonblock_of(const struct file *f)
{
	touch(f->machine, TOUCH_READ, f, PART_ITSELF);
	return f->flags & O_NONBLOCK ? SPLICE_F_NONBLOCK : 0;
}

static int64_t splice_out(struct task *current, struct file *in, struct file *out,
			  struct fdl_arg *off, uint64_t count, unsigned flags)
{
	off_t pos;
	int error = offset_get(off, out, &pos);
	int64_t n;

	if (!error && offset_given(off) && !(out->mode & FMODE_PREAD))
		error = -EINVAL;
	if (!error && out->flags & O_APPEND)
		error = -EINVAL;
	if (!error)
		error = splice_verify_area(count, pos);
	if (error)
		return error;
	n = splice_pipe_to_file(current, in->inode, out, &pos, count, flags | nonblock_of(in));
	error = offset_put(current, off, out, pos);
	return error ? error : n;
}

static int64_t splice_in(struct task *current, struct file *in, struct file *out,
			 struct fdl_arg *off, uint64_t count, unsigned flags)
{
	off_t pos;
	int error = offset_get(off, in, &pos);
	int64_t n;

	if (!error && offset_given(off) && !(in->mode & FMODE_PREAD))
		error = -EINVAL;
	if (!error)
		error = splice_verify_area(count, pos);
	if (error)
		return error;
	n = splice_file_to_pipe(current, in, &pos, out, count, flags | nonblock_of(out));
	error = offset_put(current, off, in, pos);
	return error ? error : n;
}

/* A pipe that was spliced knows RWF_NOWAIT no more: it may hold pages that are waited for. */
static void pipe_clear_nowait(struct file *f)
{
	if (get_pipe(f))
		f->mode &= ~(unsigned)FMODE_NOWAIT;
}

/* The checks of the kernel's __do_splice and do_splice, in their order. */
static int64_t do_splice(struct task *current, struct file *in, struct file *out, struct fdl_arg *a)
{
	const uint64_t count =
		(uint64_t)a[4].num > SPLICE_MAX && a[4].num >= 0 ? SPLICE_MAX : (uint64_t)a[4].num;
	struct inode *ipipe = get_pipe(in), *opipe = get_pipe(out);
	unsigned flags = (unsigned)a[5].num;
	off_t unused;

	touch(current->machine, TOUCH_WRITE, in, PART_ITSELF);
	touch(current->machine, TOUCH_WRITE, out, PART_ITSELF);
	if (ipipe && offset_given(&a[1]))
		return -ESPIPE;
	pipe_clear_nowait(in);
	if (opipe && offset_given(&a[3]))
		return -ESPIPE;
	pipe_clear_nowait(out);
	if (offset_get(&a[3], out, &unused) || offset_get(&a[1], in, &unused))
		return -EFAULT;
	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	if (ipipe && ipipe == opipe)
		return -EINVAL;
	if (ipipe && opipe)
		return splice_pipe_to_pipe(current, ipipe, opipe, count,
					   flags | nonblock_of(in) | nonblock_of(out));
	if (ipipe)
		return splice_out(current, in, out, &a[3], count, flags);
	if (opipe)
		return splice_in(current, in, out, &a[1], count, flags);
	return -EINVAL;
}

static int64_t sys_splice(struct task *current, struct fdl_arg *a)
{
	struct two fd;
	int64_t n;

	if (!a[4].num)
		return 0;
	if ((unsigned)a[5].num & ~SPLICE_F_ALL)
		return -EINVAL;
	n = two_get(current, &fd, a[0].num, a[2].num);
	if (!n)
		n = do_splice(current, fd.in.file, fd.out.file, a);
	if (n > 0)
		splice_notify(fd.in.file, fd.out.file);
	two_put(current, fd);
	return n;
}

static int64_t do_tee(struct task *current, struct file *in, struct file *out, uint64_t count,
		      unsigned flags)
{
	struct inode *ipipe = get_pipe(in), *opipe = get_pipe(out);
	int error;

	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	if (!ipipe || !opipe || ipipe == opipe)
		return -EINVAL;
	error = prepare(current, ipipe, opipe, flags | nonblock_of(in) | nonblock_of(out));
	return error ? error : link_pipe(current, ipipe, opipe, count);
}

static int64_t sys_tee(struct task *current, struct fdl_arg *a)
{
	struct two fd;
	int64_t n;

	if ((unsigned)a[3].num & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!a[2].num)
		return 0;
	n = two_get(current, &fd, a[0].num, a[1].num);
	if (!n)
		n = do_tee(current, fd.in.file, fd.out.file, (uint64_t)a[2].num,
			   (unsigned)a[3].num);
	if (n > 0)
		splice_notify(fd.in.file, fd.out.file);
	two_put(current, fd);
	return n;
}

const struct call_row splice_calls[] = {
	{ "splice",
	  "fd fd_in, inout offptr off_in=NULL, fd fd_out, inout offptr off_out=NULL, "
	  "size len=65536, spliceflags flags=0",
	  sys_splice, CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "tee", "fd fd_in, fd fd_out, size len=65536, spliceflags flags=0", sys_tee,
	  CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ 0 },
};
