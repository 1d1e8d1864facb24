/*
 * Pipes: a ring of pages between those who write and those who read. A write that fits into a page
 * goes in whole or not at all, a longer one piece by piece, waiting for room as the reader waits
 * for bytes. Who is at either end is counted by the inode.
 */
#include "inode.h"

#include "file.h"
#include "poll.h"
#include "sched.h"
#include "task.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define PIPE_BUFFERS 16u
#define PIPE_SIZE    ((size_t)1024) /* pipe_inode_info with its ring, as kmalloc has it */

struct pipe_buffer {
	char *page;
	size_t offset, len;
	bool packet; /* O_DIRECT: one read takes it whole, and nothing is added to it */
};

struct pipe {
	unsigned head, tail; /* count up; equal: empty */
	struct pipe_buffer ring[PIPE_BUFFERS];
	struct wait_queue readers, writers;
	struct poll_list bytes, room; /* who polls for either */
	bool polled;                  /* somebody ever did */
	struct kmem mem;
};

static inline struct pipe_buffer *pipe_buf(struct pipe *pipe, unsigned slot)
{
	return &pipe->ring[slot % PIPE_BUFFERS];
}

static inline bool pipe_empty(const struct pipe *pipe)
{
	return pipe->head == pipe->tail;
}

static inline bool pipe_full(const struct pipe *pipe)
{
	return pipe->head - pipe->tail == PIPE_BUFFERS;
}

static inline size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* A new page at the head of the ring, which is not full. NULL: no room for one. */
static struct pipe_buffer *pipe_push(struct inode *inode)
{
	struct pipe *pipe = inode->private;
	struct pipe_buffer *buf = pipe_buf(pipe, pipe->head);

	if (vfs_charge(inode->machine, PAGE_SIZE))
		return NULL;
	*buf = (struct pipe_buffer){ .page = malloc(PAGE_SIZE) };
	if (!buf->page) {
		vfs_uncharge(inode->machine, PAGE_SIZE);
		return NULL;
	}
	pipe->head++;
	return buf;
}

/* The page at the tail goes. */
static void pipe_pop(struct inode *inode)
{
	struct pipe *pipe = inode->private;
	struct pipe_buffer *buf = pipe_buf(pipe, pipe->tail);

	free(buf->page);
	vfs_uncharge(inode->machine, PAGE_SIZE);
	pipe->tail++;
}

/* Takes what is there, up to count bytes or to the end of a packet. */
static size_t pipe_take(struct inode *inode, char *to, size_t count)
{
	struct pipe *pipe = inode->private;
	size_t done = 0;
	bool packet = false;

	while (done < count && !packet && !pipe_empty(pipe)) {
		struct pipe_buffer *buf = pipe_buf(pipe, pipe->tail);
		size_t n = min_size(buf->len, count - done);

		memcpy(to + done, buf->page + buf->offset, n);
		done += n;
		buf->offset += n;
		buf->len -= n;
		packet = buf->packet;
		if (packet || !buf->len)
			pipe_pop(inode);
	}
	return done;
}

/* There is room where there was none. */
static void wake_writers(struct inode *inode)
{
	struct pipe *pipe = inode->private;

	poll_notify(&pipe->room, EPOLLOUT | EPOLLWRNORM);
	wake_up(inode->machine, &pipe->writers);
}

/* There are bytes where there were none. */
static void wake_readers(struct inode *inode)
{
	struct pipe *pipe = inode->private;

	poll_notify(&pipe->bytes, EPOLLIN | EPOLLRDNORM);
	wake_up(inode->machine, &pipe->readers);
}

static ssize_t pipe_read(struct task *current, struct file *f, char *to, size_t count, off_t *pos)
{
	struct inode *inode = f->inode;
	struct pipe *pipe = inode->private;
	bool was_full;
	size_t done;

	(void)pos;
	if (!count)
		return 0;
	while (pipe_empty(pipe)) {
		if (!inode->writers)
			return 0;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		if (sched_wait(current, &pipe->readers, "pipe_read"))
			return -EINTR;
	}
	was_full = pipe_full(pipe);
	done = pipe_take(inode, to, count);
	if (was_full && !pipe_full(pipe))
		wake_writers(inode);
	return (ssize_t)done;
}

/*
 * Adds to the page that was written last what reaches beyond whole pages, if it fits there.
 * Returns how much that was.
 */
static size_t pipe_merge(struct pipe *pipe, const char *from, size_t count)
{
	size_t odd = count % PAGE_SIZE;
	struct pipe_buffer *last;

	if (!odd || pipe_empty(pipe))
		return 0;
	last = pipe_buf(pipe, pipe->head - 1);
	if (last->packet || last->offset + last->len + odd > PAGE_SIZE)
		return 0;
	memcpy(last->page + last->offset + last->len, from, odd);
	last->len += odd;
	return odd;
}

static ssize_t broken_pipe(struct task *current)
{
	task_signal_self(current, SIGPIPE);
	return -EPIPE;
}

static ssize_t pipe_write(struct task *current, struct file *f, const char *from, size_t count,
			  off_t *pos)
{
	struct inode *inode = f->inode;
	struct pipe *pipe = inode->private;
	ssize_t error = 0;
	size_t done;
	bool was_empty;

	(void)pos;
	if (!count)
		return 0;
	if (!inode->readers)
		return broken_pipe(current);
	was_empty = pipe_empty(pipe);
	done = pipe_merge(pipe, from, count);
	while (!error && done < count) {
		struct pipe_buffer *buf;

		if (!inode->readers) {
			error = broken_pipe(current);
		} else if (!pipe_full(pipe)) {
			buf = pipe_push(inode);
			if (!buf) {
				error = -ENOMEM;
				break;
			}
			buf->len = min_size(count - done, PAGE_SIZE);
			buf->packet = f->flags & O_DIRECT;
			memcpy(buf->page, from + done, buf->len);
			done += buf->len;
		} else if (f->flags & O_NONBLOCK) {
			error = -EAGAIN;
		} else {
			if (was_empty)
				wake_readers(inode);
			error = sched_wait(current, &pipe->writers, "pipe_write");
			was_empty = pipe_empty(pipe);
		}
	}
	/* Who polls is told of every write, even of one that found no room: epoll's edges. */
	if (was_empty && !pipe_empty(pipe))
		wake_readers(inode);
	else if (was_empty || pipe->polled)
		poll_notify(&pipe->bytes, EPOLLIN | EPOLLRDNORM);
	return done ? (ssize_t)done : error;
}

static size_t pipe_readable(const struct file *f, off_t pos)
{
	(void)f, (void)pos;
	return PIPE_BUFFERS * PAGE_SIZE;
}

/* With the last of one side gone, those who wait on the other have waited long enough. */
static void pipe_release(struct task *current, struct file *f)
{
	struct inode *inode = f->inode;
	struct pipe *pipe = inode->private;

	(void)current;
	if (!inode->readers != !inode->writers) {
		poll_notify(&pipe->bytes, 0);
		wake_up(inode->machine, &pipe->readers);
		poll_notify(&pipe->room, 0);
		wake_up(inode->machine, &pipe->writers);
	}
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
		if (!f->inode->writers)
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

static const struct file_ops pipe_file = {
	.read = pipe_read,
	.write = pipe_write,
	.readable = pipe_readable,
	.poll = pipe_poll,
	.release = pipe_release,
};

/* An end opened anew, by way of /proc/self/fd: it has to be one of the two, or both. */
static int pipe_open(struct task *current, struct inode *inode, struct file *f)
{
	(void)current, (void)inode;
	return f->mode & (FMODE_READ | FMODE_WRITE) ? 0 : -EINVAL;
}

static void pipe_free(struct inode *inode)
{
	struct pipe *pipe = inode->private;

	while (!pipe_empty(pipe))
		pipe_pop(inode);
	vfs_uncharge(inode->machine, PIPE_SIZE);
	kvfree(inode->machine, &pipe->mem);
	free(pipe);
}

static const struct inode_ops pipe_inode = {
	.name = "pipe",
	.file = &pipe_file,
	.open = pipe_open,
	.free = pipe_free,
};

/* A pipe's inode, or NULL. */
static struct inode *get_pipe_inode(struct task *current)
{
	struct inode *inode;
	struct pipe *pipe;
	struct kmem mem;
	int error;

	if (kmalloc(current, &mem, PIPE_SIZE))
		return NULL;
	if (vfs_charge(current->machine, PIPE_SIZE))
		goto no_room;
	pipe = calloc(1, sizeof(*pipe));
	if (!pipe)
		goto no_pipe;
	inode = inode_new(current->machine, S_IFIFO | 0600, &pipe_inode, &error);
	if (!inode)
		goto no_inode;
	pipe->mem = mem;
	wait_queue_init(&pipe->readers);
	wait_queue_init(&pipe->writers);
	poll_list_init(&pipe->bytes);
	poll_list_init(&pipe->room);
	inode->private = pipe;
	inode->uid = current->uid;
	inode->gid = current->gid;
	return inode;

no_inode:
	free(pipe);
no_pipe:
	vfs_uncharge(current->machine, PIPE_SIZE);
no_room:
	kvfree(current->machine, &mem);
	return NULL;
}

/* The end to write to is made first; packets are that end's affair. */
int create_pipe_files(struct task *current, struct file *f[2], unsigned flags)
{
	struct inode *inode = get_pipe_inode(current);
	unsigned nonblock = flags & O_NONBLOCK;
	int error;

	if (!inode)
		return -ENFILE;
	f[1] = alloc_file(current, inode, NULL, O_WRONLY | nonblock | (flags & O_DIRECT),
			  &pipe_file, &error);
	if (!f[1])
		goto out;
	f[0] = alloc_file(current, inode, NULL, O_RDONLY | nonblock, &pipe_file, &error);
	if (!f[0])
		fput(current, f[1]);
out:
	iput(inode);
	return error;
}
