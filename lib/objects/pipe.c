/*
 * Pipes and FIFOs: a ring of pages between writers and readers. A write of up to a page goes in
 * whole or not at all; a longer one goes in page by page, and waits for room in between. The inode
 * counts the descriptions that read and that write.
 */
#include "objects/pipe_ring.h"

#include "base/heap.h"
#include "base/text.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/file.h"
#include "vfs/fown.h"
#include "vfs/inode.h"
#include "vfs/read_write.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define PIPE_DEF_BUFFERS 16u
#define PIPE_SIZE        ((size_t)1024) /* pipe_inode_info with its first ring, as kmalloc has it */

/* ---- telling what asked for signals --------------------------------------------------------- */

/* Every write tells the readers that have asked for signals, even one that fails. */
static void tell_readers(struct inode *inode)
{
	struct pipe *pipe = inode->private;

	kill_fasync(inode->machine, &pipe->fasync, FMODE_READ, POLL_IN);
}

void pipe_wake_readers(struct inode *inode)
{
	wake_readers(inode);
	tell_readers(inode);
}

void pipe_wake_writers(struct inode *inode)
{
	struct pipe *pipe = inode->private;

	wake_writers(inode);
	kill_fasync(inode->machine, &pipe->fasync, FMODE_WRITE, POLL_OUT);
}

/* ---- reading and writing -------------------------------------------------------------------- */

/* After a wait, a call reads the flags of its description and the pipe again. */
static void touch_again(const struct file *f)
{
	touch(f->machine, TOUCH_READ, f, PART_ITSELF);
	touch(f->machine, TOUCH_WRITE, f->inode, PART_ITSELF);
}

/* Waits until there are bytes, or no writers: 0, -EAGAIN, -EINTR, -ENOMEM. */
static int wait_for_bytes(struct task *current, struct file *f, bool *next)
{
	struct inode *inode = f->inode;
	struct pipe *pipe = inode->private;
	int error = pipe_lock_wait(current, inode);

	while (!error && pipe_empty(pipe) && inode->writers) {
		if (io_flags(current, f) & O_NONBLOCK)
			return -EAGAIN;
		error = wait_as_next_reader(current, inode, next);
		touch_again(f);
	}
	return error;
}

static ssize_t pipe_read(struct task *current, struct file *f, char *to, size_t count, off_t *pos)
{
	struct inode *inode = f->inode;
	struct pipe *pipe = inode->private;
	bool was_full, next = false;
	size_t done;
	int error;

	(void)pos;
	if (!count)
		return 0;
	error = wait_for_bytes(current, f, &next);
	if (error && error != -EAGAIN) {
		if (next && !pipe_empty(pipe))
			wake_readers(inode);
		return error;
	}
	was_full = pipe_full(pipe);
	done = pipe_take(inode, to, count);
	if (was_full && !pipe_full(pipe))
		wake_writers(inode);
	if (next && !pipe_empty(pipe))
		wake_readers(inode);
	/* Even a read that found nothing tells the writers. */
	kill_fasync(inode->machine, &pipe->fasync, FMODE_WRITE, POLL_OUT);
	return error ? error : (ssize_t)done;
}

static ssize_t broken_pipe(struct task *current)
{
	if (!(current->call->rwf & RWF_FLAG_NOSIGNAL))
		raise_signal(current, SIGPIPE);
	return -EPIPE;
}

/*
 * Whether the first n bytes of the caller's buffer can be read: a page is copied whole, or not at
 * all.
 */
static bool can_read(const struct task *current, const char *from, size_t n)
{
	return from && (!current->call->fault_at || n <= current->call->fault_at);
}

/* Puts len bytes of the caller's buffer into a page of their own. 0, -EFAULT or -ENOMEM. */
static int push_page(struct task *current, struct file *f, const char *from, size_t done,
		     size_t len)
{
	struct pipe_buffer *buf;

	if (!can_read(current, from, done + len))
		return -EFAULT;
	buf = pipe_push(f->inode);
	if (!buf)
		return -ENOMEM;
	buf->len = len;
	buf->packet = f->flags & O_DIRECT;
	memcpy(page_for_write(buf->page), from + done, len);
	return 0;
}

static ssize_t pipe_write(struct task *current, struct file *f, const char *from, size_t count,
			  off_t *pos)
{
	struct inode *inode = f->inode;
	struct pipe *pipe = inode->private;
	ssize_t error = 0;
	size_t done = 0;
	bool was_empty, next = false;

	(void)pos;
	if (!count)
		return 0;
	error = pipe_lock_wait(current, inode);
	if (error)
		return error;
	if (!inode->readers) {
		tell_readers(inode);
		return broken_pipe(current);
	}
	was_empty = pipe_empty(pipe);
	if (pipe_merges(pipe, count) && !can_read(current, from, count % PAGE_SIZE))
		error = -EFAULT;
	else
		done = pipe_merge(pipe, from, count);
	while (!error && done < count) {
		const size_t len = count - done < PAGE_SIZE ? count - done : PAGE_SIZE;

		if (!inode->readers) {
			error = broken_pipe(current);
		} else if (!pipe_full(pipe)) {
			error = push_page(current, f, from, done, len);
			done += error ? 0 : len;
		} else if (io_flags(current, f) & O_NONBLOCK) {
			error = -EAGAIN;
		} else {
			if (was_empty)
				wake_readers(inode);
			tell_readers(inode);
			error = wait_as_next_writer(current, inode, &next);
			touch_again(f);
			was_empty = pipe_empty(pipe);
		}
	}
	/* Every write is an edge for epoll, even one that found no room or could not be read. */
	if (was_empty && !pipe_empty(pipe))
		wake_readers(inode);
	else if (was_empty || pipe->polled)
		poll_notify(&pipe->bytes, EPOLLIN | EPOLLRDNORM);
	tell_readers(inode);
	if (next && !pipe_full(pipe))
		wake_writers(inode);
	return done ? (ssize_t)done : error;
}

static size_t pipe_readable(const struct file *f, off_t pos)
{
	const struct pipe *pipe = f->inode->private;

	(void)pos;
	return (size_t)pipe->nbuffers * PAGE_SIZE;
}

/* The other end of a reader is the writers, and of a writer the readers. */
static const struct inode *pipe_other_end(const struct file *f, unsigned *mode)
{
	*mode = (f->mode & FMODE_READ ? FMODE_WRITE : 0) | (f->mode & FMODE_WRITE ? FMODE_READ : 0);
	return f->inode;
}

static ssize_t pipe_available(const struct file *f)
{
	return (ssize_t)pipe_bytes(f->inode->private);
}

/* The writings that there had been when a reader opened a FIFO without waiting; otherwise 0. */
static uint64_t pipe_writings_seen(const struct file *f)
{
	return (uintptr_t)f->private;
}

static unsigned pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *pipe = f->inode->private;
	unsigned events = 0;

	pipe->polled = true;
	if (f->mode & FMODE_READ)
		poll_wait(f, &pipe->bytes, pt);
	if (f->mode & FMODE_WRITE)
		poll_wait(f, &pipe->room, pt);
	if (f->mode & FMODE_READ) {
		if (!pipe_empty(pipe))
			events |= EPOLLIN | EPOLLRDNORM;
		/* A FIFO opened without a writer hangs up only after a writer has come and gone. */
		if (!f->inode->writers && pipe_writings_seen(f) != pipe->writings)
			events |= EPOLLHUP;
	}
	if (f->mode & FMODE_WRITE) {
		if (!pipe_full(pipe))
			events |= EPOLLOUT | EPOLLWRNORM;
		if (!f->inode->readers)
			events |= EPOLLERR;
	}
	return events;
}

static void pipe_fdinfo(const struct file *f, struct text *out)
{
	const struct pipe *pipe = f->inode->private;

	text_printf(out, "pipe-size:\t%zu\npipe-bytes:\t%zu\n", (size_t)pipe->nbuffers * PAGE_SIZE,
		    pipe_bytes(pipe));
}

/* ---- its life ------------------------------------------------------------------------------- */

/* An empty pipe, charged to the machine; the caller's. NULL and *error: -ENFILE, -ENOMEM. */
static struct pipe *alloc_pipe_info(struct task *current, int *error)
{
	struct fdl_machine *m = current->machine;
	struct pipe *pipe;
	struct kmem mem;

	*error = -ENFILE;
	if (kmalloc(current, &mem, PIPE_SIZE))
		return NULL;
	*error = -ENOMEM;
	if (vfs_charge(m, PIPE_SIZE))
		goto no_room;
	pipe = calloc(1, sizeof(*pipe));
	if (!pipe)
		goto no_pipe;
	pipe->nbuffers = PIPE_DEF_BUFFERS;
	pipe->ring = calloc(pipe->nbuffers, sizeof(*pipe->ring));
	if (!pipe->ring)
		goto no_ring;
	pipe->mem = mem;
	wait_queue_init(&pipe->readers);
	wait_queue_init(&pipe->writers);
	wait_queue_init(&pipe->mutex);
	poll_list_init(&pipe->bytes);
	list_init(&pipe->fasync);
	poll_list_init(&pipe->room);
	*error = 0;
	return pipe;

no_ring:
	free(pipe);
no_pipe:
	vfs_uncharge(m, PIPE_SIZE);
no_room:
	kvfree(m, &mem);
	return NULL;
}

/* Frees a pipe with the bytes that are in it. */
static void free_pipe_info(struct fdl_machine *m, struct pipe *pipe)
{
	while (!pipe_empty(pipe))
		pipe_pop(m, pipe);
	vfs_uncharge(m, PIPE_SIZE + pipe->ring_mem.size);
	kvfree(m, &pipe->ring_mem);
	kvfree(m, &pipe->mem);
	free(pipe->ring);
	free(pipe);
}

/* An inode has no pipe while no description of it is open. */
static void pipe_inode_free(struct inode *inode)
{
	if (inode->private)
		free_pipe_info(inode->machine, inode->private);
}

/* One description less; the last one frees the pipe, even if something else holds the inode. */
static void put_pipe_info(struct inode *inode)
{
	struct pipe *pipe = inode->private;

	if (--pipe->opens)
		return;
	inode->private = NULL;
	free_pipe_info(inode->machine, pipe);
}

/* open() sleeps on the readers' and writers' queues; wake both. */
static void wake_up_partner(struct inode *inode)
{
	struct pipe *pipe = inode->private;

	poll_notify(&pipe->bytes, 0);
	wake_up(inode->machine, &pipe->readers);
	poll_notify(&pipe->room, 0);
	wake_up(inode->machine, &pipe->writers);
}

static int pipe_fasync(struct task *current, struct file *f, int fd, bool on)
{
	struct pipe *pipe = f->inode->private;

	return fasync_helper(current, fd, f, on, &pipe->fasync);
}

static void pipe_release(struct task *current, struct file *f)
{
	struct inode *inode = f->inode;
	struct pipe *pipe = inode->private;

	(void)current;
	/* The last reader or the last writer has gone. */
	if (!inode->readers != !inode->writers) {
		wake_up_partner(inode);
		tell_readers(inode);
		kill_fasync(inode->machine, &pipe->fasync, FMODE_WRITE, POLL_OUT);
	}
	put_pipe_info(inode);
}

const struct file_ops pipe_file = {
	.traced = true,
	.read = pipe_read,
	.write = pipe_write,
	.readable = pipe_readable,
	.available = pipe_available,
	.poll = pipe_poll,
	.fasync = pipe_fasync,
	.release = pipe_release,
	.other_end = pipe_other_end,
	.fdinfo = pipe_fdinfo,
};

/* ---- making one ----------------------------------------------------------------------------- */

/* The inode of a pipe without a name, or NULL. */
static struct inode *get_pipe_inode(struct task *current)
{
	struct inode *inode;
	struct pipe *pipe;
	int error;

	pipe = alloc_pipe_info(current, &error);
	if (!pipe)
		return NULL;
	inode = inode_new(current->machine, S_IFIFO | 0600, &pipe_inode, &error);
	if (!inode) {
		free_pipe_info(current->machine, pipe);
		return NULL;
	}
	inode->private = pipe;
	inode->uid = current->uid;
	inode->gid = current->gid;
	return inode;
}

int create_pipe(struct task *current, struct file *f[2])
{
	struct inode *inode = get_pipe_inode(current);
	struct pipe *pipe;

	if (!inode)
		return -ENFILE;
	pipe = inode->private;
	for (int end = 0; end < 2; end++) {
		file_set_flags(f[end], end ? O_WRONLY : O_RDONLY);
		file_attach(f[end], inode, NULL, &pipe_file);
		pipe->opens++;
		file_publish(current, f[end]);
	}
	iput(inode);
	return 0;
}

/* As in the kernel, the write end is made first, and it alone has O_DIRECT. */
int create_pipe_files(struct task *current, struct file *f[2], unsigned flags)
{
	struct inode *inode = get_pipe_inode(current);
	unsigned nonblock = flags & O_NONBLOCK;
	struct pipe *pipe;
	int error;

	if (!inode)
		return -ENFILE;
	pipe = inode->private;
	pipe->readings = pipe->writings = 1;
	f[1] = alloc_file(current, inode, NULL, O_WRONLY | nonblock | (flags & O_DIRECT),
			  &pipe_file, &error);
	if (!f[1])
		goto out;
	pipe->opens++;
	f[0] = alloc_file(current, inode, NULL, O_RDONLY | nonblock, &pipe_file, &error);
	if (!f[0]) {
		fput(current, f[1]);
		goto out;
	}
	pipe->opens++;
	f[0]->mode |= FMODE_NOWAIT;
	f[1]->mode |= FMODE_NOWAIT;
out:
	iput(inode);
	return error;
}

/* ---- opening one with a name ---------------------------------------------------------------- */

/* Waits until the other side has been opened again, even if it is closed again by then. */
static int wait_for_partner(struct task *current, struct wait_queue *q, const uint64_t *counter)
{
	const uint64_t before = *counter;
	int error = 0;

	while (!error && *counter == before)
		error = sched_wait(current, q, "wait_for_partner");
	return *counter == before ? error : 0;
}

static int open_to_read(struct task *current, struct inode *inode, struct file *f, bool waits)
{
	struct pipe *pipe = inode->private;

	pipe->readings++;
	if (inode->readers == 1)
		wake_up_partner(inode);
	if (!waits || inode->writers)
		return 0;
	if (f->flags & O_NONBLOCK) {
		f->private = (void *)(uintptr_t)pipe->writings;
		return 0;
	}
	return wait_for_partner(current, &pipe->readers, &pipe->writings);
}

static int open_to_write(struct task *current, struct inode *inode, const struct file *f,
			 bool waits)
{
	struct pipe *pipe = inode->private;

	if (waits && (f->flags & O_NONBLOCK) && !inode->readers)
		return -ENXIO;
	pipe->writings++;
	if (inode->writers == 1)
		wake_up_partner(inode);
	if (!waits || inode->readers)
		return 0;
	return wait_for_partner(current, &pipe->writers, &pipe->readings);
}

/* Undoes a failed open. The inode still counts the description; the caller takes it off. */
static void open_failed(struct inode *inode, const struct file *f)
{
	const unsigned reads = f->mode & FMODE_READ ? 1 : 0;
	const unsigned writes = f->mode & FMODE_WRITE ? 1 : 0;
	struct pipe *pipe = inode->private;

	if (reads && inode->readers == reads)
		wake_up(inode->machine, &pipe->writers);
	if (writes && inode->writers == writes)
		wake_up(inode->machine, &pipe->readers);
	put_pipe_info(inode);
}

static int fifo_open(struct task *current, struct inode *inode, struct file *f)
{
	const bool waits = inode->ops != &pipe_inode;
	struct pipe *pipe;
	int error = 0;

	if (!inode->private)
		inode->private = alloc_pipe_info(current, &error);
	pipe = inode->private;
	if (!pipe)
		return -ENOMEM;
	pipe->opens++;
	switch (f->mode & (FMODE_READ | FMODE_WRITE)) {
	case FMODE_READ:
		error = open_to_read(current, inode, f, waits);
		break;
	case FMODE_WRITE:
		error = open_to_write(current, inode, f, waits);
		break;
	case FMODE_READ | FMODE_WRITE:
		pipe->readings++;
		pipe->writings++;
		if (inode->readers == 1 || inode->writers == 1)
			wake_up_partner(inode);
		break;
	default:
		error = -EINVAL;
	}
	/* Only pipe2 makes pipes with packets. */
	if (!error && (f->flags & O_DIRECT))
		error = -EINVAL;
	if (error)
		open_failed(inode, f);
	return error;
}

const struct inode_ops pipe_inode = {
	.name = "pipe",
	.file = &pipe_file,
	.open = fifo_open,
	.evict = pipe_inode_free,
};

const struct inode_ops fifo_inode = {
	.file = &pipe_file,
	.open = fifo_open,
	.evict = pipe_inode_free,
};
