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
	char *page;
	size_t offset, len;
	bool packet; /* O_DIRECT: one read takes it whole, and no write adds to it */
};

struct pipe {
	unsigned head, tail; /* count up; equal: empty */
	unsigned nbuffers;   /* of the ring: a power of two */
	unsigned opens;      /* descriptions; a FIFO's last one frees the pipe */
	/* How often either side was opened. An open waits for a change of the other side's. */
	uint64_t readings, writings;
	struct pipe_buffer *ring;
	struct wait_queue readers, writers;
	struct poll_list bytes, room;
	struct list fasync;        /* descriptions with O_ASYNC */
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

/* The bytes that can be read. */
size_t pipe_bytes(const struct pipe *pipe);

/* Room has appeared: wakes the writers, and tells those that poll. */
void wake_writers(struct inode *inode);

/* ---- pipe_size.c ---------------------------------------------------------------------------- */

/*
 * F_SETPIPE_SZ (a[2] is the size) and F_GETPIPE_SZ. Returns the size, or -EBADF (also for a file that
 * is no pipe), -EBUSY, -EPERM, -EINVAL, -ENOMEM.
 */
int64_t pipe_fcntl(struct task *current, struct fdl_arg *a, bool set);

/* The size that a wish becomes: a power of two of pages; 0: too large. */
uint64_t round_pipe_size(uint64_t size);

#endif
