/*
 * Waiting for a pipe: for bytes, for room, and for its lock; and waking the calls that wait. A read
 * or a write waits exclusively where the kernel has pipe_wait_event: one that was woken and leaves
 * something wakes the next one.
 */
#include "objects/pipe_ring.h"

#include "machine/deadlock.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/file.h"
#include "vfs/inode.h"

#include <errno.h>

static void wake_next(struct fdl_machine *m, struct wait_queue *q)
{
	if (m->kernel->pipe_wait_event)
		wake_up_next(m, q);
	else
		wake_up(m, q);
}

void wake_writers(struct inode *inode)
{
	struct pipe *pipe = inode->private;

	poll_notify(&pipe->room, EPOLLOUT | EPOLLWRNORM);
	wake_next(inode->machine, &pipe->writers);
}

void wake_readers(struct inode *inode)
{
	struct pipe *pipe = inode->private;

	poll_notify(&pipe->bytes, EPOLLIN | EPOLLRDNORM);
	wake_next(inode->machine, &pipe->readers);
}

/* Whether a task has a description of the pipe with this mode, or a call that may hold one. */
static bool holds_end(const struct task *t, const struct inode *inode, unsigned mode)
{
	const struct kernel *k = inode->machine->kernel;
	struct slot slot;

	if (task_is_under_way(t))
		return true;
	for (uint64_t fd = 0; k->slot_next(t, fd, &slot); fd = slot.fd + 1) {
		if (deadlock_gives_up(inode->machine))
			return true;
		if (slot.file && slot.file->inode == inode && (slot.file->mode & mode))
			return true;
	}
	return false;
}

static bool ends_pipe_read(const struct call *c, const struct task *other)
{
	return holds_end(other, c->waits_on, FMODE_WRITE);
}

static bool ends_pipe_write(const struct call *c, const struct task *other)
{
	return holds_end(other, c->waits_on, FMODE_READ);
}

int pipe_lock_wait(struct task *current, struct inode *inode)
{
	struct pipe *pipe = inode->private;
	int error = 0;

	while (!error && pipe->locked) {
		error = sched_wait_for(current, &pipe->mutex, "pipe_lock", true, NULL, NULL);
		touch(inode->machine, TOUCH_WRITE, inode, PART_ITSELF);
	}
	return error;
}

void pipe_unlock(struct inode *inode)
{
	struct pipe *pipe = inode->private;

	pipe->locked = false;
	wake_up(inode->machine, &pipe->mutex);
}

/* A wait that a signal ends succeeds where what it waited for is there. */
static int waited(const struct task *current, int error, bool there)
{
	const bool holds = there && current->machine->kernel->pipe_wait_event;

	return error == -EINTR && holds && !current->call->killed ? 0 : error;
}

static int after_reader_waited(struct task *current, struct inode *inode, int error)
{
	const struct pipe *pipe = inode->private;

	error = waited(current, error, !pipe_empty(pipe) || !inode->writers);
	return error ? error : pipe_lock_wait(current, inode);
}

static int after_writer_waited(struct task *current, struct inode *inode, int error)
{
	const struct pipe *pipe = inode->private;

	error = waited(current, error, !pipe_full(pipe) || !inode->readers);
	return error ? error : pipe_lock_wait(current, inode);
}

int pipe_wait_readable(struct task *current, struct inode *inode, const char *where)
{
	struct pipe *pipe = inode->private;

	return after_reader_waited(
		current, inode,
		sched_wait_for(current, &pipe->readers, where, false, ends_pipe_read, inode));
}

int pipe_wait_writable(struct task *current, struct inode *inode, const char *where)
{
	struct pipe *pipe = inode->private;

	return after_writer_waited(
		current, inode,
		sched_wait_for(current, &pipe->writers, where, false, ends_pipe_write, inode));
}

int wait_as_next_reader(struct task *current, struct inode *inode, bool *next)
{
	struct pipe *pipe = inode->private;

	*next = inode->machine->kernel->pipe_wait_event;
	return after_reader_waited(
		current, inode,
		sched_wait_exclusive(current, &pipe->readers, "pipe_read", ends_pipe_read, inode));
}

int wait_as_next_writer(struct task *current, struct inode *inode, bool *next)
{
	struct pipe *pipe = inode->private;

	*next = inode->machine->kernel->pipe_wait_event;
	return after_writer_waited(current, inode,
				   sched_wait_exclusive(current, &pipe->writers, "pipe_write",
							ends_pipe_write, inode));
}
