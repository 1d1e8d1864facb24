/*
 * Pipes, with a name (FIFOs) or without. pipe.c moves the bytes and opens and closes the ends;
 * pipe_size.c changes how many bytes a pipe can hold.
 */
#ifndef PIPE_H
#define PIPE_H

#include "machine/kmem.h"
#include "machine/poll.h"
#include "machine/sched.h"
#include "vfs/vfs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIPE_MAX_SIZE     ((uint64_t)1048576) /* sysctl fs.pipe-max-size at the start */
#define PIPE_BUFFER_BYTES ((size_t)40)        /* of a ring, for each page */

struct pipe_buffer {
	struct page *page;
	size_t offset, len;
	bool packet;  /* O_DIRECT: one read takes it whole, and no write adds to it */
	bool foreign; /* the page may be a file's or another pipe's, too: no write adds to it */
};

struct pipe {
	unsigned head, tail; /* count up; equal: empty */
	unsigned nbuffers;   /* of the ring: a power of two */
	unsigned opens;      /* descriptions; the last one frees the pipe */
	/* How often either side was opened. An open waits for a change of the other side's. */
	uint64_t readings, writings;
	struct pipe_buffer *ring;
	struct wait_queue readers, writers;
	struct poll_list bytes, room;
	struct list fasync;        /* descriptions with O_ASYNC */
	bool locked;               /* by a splice that waits for another object */
	struct wait_queue mutex;   /* calls that wait for that splice */
	bool polled;               /* was ever polled, so that watches may be there */
	struct kmem mem, ring_mem; /* ring_mem: of a ring that is not the first */
};

extern const struct file_ops pipe_file;
extern const struct inode_ops pipe_inode, fifo_inode; /* without and with a name */

static inline struct pipe_buffer *pipe_buf(const struct pipe *pipe, unsigned slot)
{
	return &pipe->ring[slot & (pipe->nbuffers - 1)];
}

/* ---- pipe.c --------------------------------------------------------------------------------- */

/*
 * A pipe: an inode without a name and its two descriptions, f[0] to read and f[1] to write. flags:
 * O_NONBLOCK, and O_DIRECT (packets). The descriptions are the caller's. 0, -ENFILE, -ENOMEM.
 */
int create_pipe_files(struct task *current, struct file *f[2], unsigned flags);

/* The same for two descriptions that the caller has allocated. 0 or -ENFILE. */
int create_pipe(struct task *current, struct file *f[2]);

/* The bytes that can be read (pipe_ring.c). */
size_t pipe_bytes(const struct pipe *pipe);

/*
 * As the kernel's wakeup_pipe_readers and its kin: wake all that wait or poll, and signal owners.
 */
void pipe_wake_readers(struct inode *inode);
void pipe_wake_writers(struct inode *inode);

/* ---- pipe_wait.c ---------------------------------------------------------------------------- */

/*
 * A pipe is locked by a splice while that reads or writes another object, which may wait. All other
 * calls wait for the lock before they look at the pipe: 0; -EINTR if the task is killed; -ENOMEM.
 */
static inline void pipe_lock(struct inode *inode)
{
	((struct pipe *)inode->private)->locked = true;
}

void pipe_unlock(struct inode *inode);
int pipe_lock_wait(struct task *current, struct inode *inode);

/* Wait for a change of what can be read, or of the room, and then for the lock: as sched_wait. */
int pipe_wait_readable(struct task *current, struct inode *inode, const char *where);
int pipe_wait_writable(struct task *current, struct inode *inode, const char *where);

/*
 * The same for read and write. *next: no other call was woken with this one, which must call
 * wake_readers or wake_writers where it leaves bytes or room.
 */
int wait_as_next_reader(struct task *current, struct inode *inode, bool *next);
int wait_as_next_writer(struct task *current, struct inode *inode, bool *next);

/* Bytes have arrived, or room has appeared: wake calls that wait, and tell those that poll. */
void wake_readers(struct inode *inode);
void wake_writers(struct inode *inode);

/* ---- pipe_size.c ---------------------------------------------------------------------------- */

/*
 * F_SETPIPE_SZ (a[2] is the size) and F_GETPIPE_SZ. Returns the size, or -EBADF (also for a file
 * that is no pipe), -EBUSY, -EPERM, -EINVAL, -ENOMEM.
 */
int64_t pipe_fcntl(struct task *current, struct fdl_arg *a, bool set);

/* The size that a wish becomes: a power of two of pages; 0: too large. */
uint64_t round_pipe_size(uint64_t size);

#endif
