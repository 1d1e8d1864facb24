/*
 * The ends of pipes: opening a FIFO, which waits for the other side, closing, and the wake-ups of
 * those who waited long enough. A pipe without a name is opened by name as well, by way of
 * /proc/self/fd, and waits for nobody. The bytes are pipe.c's.
 */
#include "pipe.h"

#include "machine/task.h"

#include <errno.h>
#include <fcntl.h>

/* Those who wait in open wait where those would who read and write. */
static void wake_up_partner(struct inode *inode)
{
	struct pipe *pipe = inode->private;

	poll_notify(&pipe->bytes, 0);
	wake_up(inode->machine, &pipe->readers);
	poll_notify(&pipe->room, 0);
	wake_up(inode->machine, &pipe->writers);
}

/* Waits until the other side has been opened once more, even when it is closed again by then. */
static int wait_for_partner(struct task *current, struct wait_queue *q, const uint64_t *counter)
{
	const uint64_t before = *counter;

	while (*counter == before) {
		if (sched_wait(current, q, "wait_for_partner"))
			break;
	}
	return *counter == before ? -EINTR : 0;
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

/* One description less; the last one of a FIFO takes the pipe with it. */
static void put_pipe_info(struct inode *inode)
{
	struct pipe *pipe = inode->private;

	if (--pipe->opens || inode->ops == &pipe_inode)
		return;
	inode->private = NULL;
	free_pipe_info(inode->machine, pipe);
}

/* An open that failed: the description was counted, and is going to be taken off again. */
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
	/* Packets are for pipes that are made with them. */
	if (!error && (f->flags & O_DIRECT))
		error = -EINVAL;
	if (error)
		open_failed(inode, f);
	return error;
}

/* With the last of one side gone, those who wait on the other have waited long enough. */
void pipe_release(struct task *current, struct file *f)
{
	struct inode *inode = f->inode;

	(void)current;
	if (!inode->readers != !inode->writers)
		wake_up_partner(inode);
	put_pipe_info(inode);
}

/* An inode whose pipe was never opened, or closed since, has none. */
static void pipe_inode_free(struct inode *inode)
{
	if (inode->private)
		free_pipe_info(inode->machine, inode->private);
}

const struct inode_ops pipe_inode = {
	.name = "pipe",
	.file = &pipe_file,
	.open = fifo_open,
	.free = pipe_inode_free,
};

const struct inode_ops fifo_inode = {
	.file = &pipe_file,
	.open = fifo_open,
	.free = pipe_inode_free,
};
