/*
 * A pipe, with a name (a FIFO) or without: what its ends share. pipe.c moves the bytes, fifo.c opens
 * and closes the ends, pipe_size.c is about how much goes in.
 */
#ifndef PIPE_H
#define PIPE_H

#include "vfs/file.h"
#include "vfs/inode.h"
#include "machine/kmem.h"
#include "machine/poll.h"
#include "machine/sched.h"

#include <stdbool.h>
#include <stddef.h>

#define PIPE_DEF_BUFFERS  16u
#define PIPE_MAX_SIZE     ((uint64_t)1048576) /* sysctl fs.pipe-max-size at the start */
#define PIPE_SIZE_LIMIT   ((uint64_t)1 << 31) /* nothing larger can be asked for */
#define PIPE_SIZE         ((size_t)1024) /* pipe_inode_info with its first ring, as kmalloc has it */
#define PIPE_BUFFER_BYTES ((size_t)40)   /* of a ring, for each page */

struct pipe_buffer {
	char *page;
	size_t offset, len;
	bool packet; /* O_DIRECT: one read takes it whole, and nothing is added to it */
};

struct pipe {
	unsigned head, tail; /* count up; equal: empty */
	unsigned nbuffers;   /* of the ring: a power of two */
	unsigned opens;      /* descriptions: the last one of a FIFO takes the pipe with it */
	/* How often either side was opened: who waits for the other side looks for a change. */
	uint64_t readings, writings;
	struct pipe_buffer *ring;
	struct wait_queue readers, writers;
	struct poll_list bytes, room; /* who polls for either */
	bool polled;                  /* somebody ever did */
	struct kmem mem, ring_mem;    /* ring_mem: of a ring that is not the first */
};

static inline struct pipe_buffer *pipe_buf(const struct pipe *pipe, unsigned slot)
{
	return &pipe->ring[slot & (pipe->nbuffers - 1)];
}

static inline bool pipe_empty(const struct pipe *pipe)
{
	return pipe->head == pipe->tail;
}

/* A ring that was made smaller may be as full as it can be, but never fuller. */
static inline bool pipe_full(const struct pipe *pipe)
{
	return pipe->head - pipe->tail >= pipe->nbuffers;
}

/* The writings that there had been when a reader opened a FIFO without waiting; otherwise 0. */
static inline uint64_t pipe_writings_seen(const struct file *f)
{
	return (uintptr_t)f->private;
}

extern const struct file_ops pipe_file;
extern const struct inode_ops pipe_inode, fifo_inode; /* without and with a name */

/*
 * A pipe: an inode without a name and its two descriptions, f[0] to read and f[1] to write. flags:
 * O_NONBLOCK, and O_DIRECT (packets). The descriptions are the caller's. 0, -ENFILE, -ENOMEM.
 */
int create_pipe_files(struct task *current, struct file *f[2], unsigned flags);

/* The same for two descriptions that the caller has allocated. 0 or -ENFILE. */
int create_pipe(struct task *current, struct file *f[2]);

/* An empty pipe, charged to the machine; the caller's. NULL and *error: -ENFILE, -ENOMEM. */
struct pipe *alloc_pipe_info(struct task *current, int *error);

/* Frees it with what is in it. */
void free_pipe_info(struct fdl_machine *m, struct pipe *pipe);

/* There is room where there was none: tells those who poll, and wakes those who wait for it. */
void wake_writers(struct inode *inode);

/* The bytes that are in it. */
size_t pipe_bytes(const struct pipe *pipe);

/* The release of either end: see struct file_ops. */
void pipe_release(struct task *current, struct file *f);

/* ---- pipe_size.c ---------------------------------------------------------------------------- */

/* F_SETPIPE_SZ and F_GETPIPE_SZ; a[2] is the size. -EBADF for what is no pipe. */
int64_t pipe_fcntl(struct task *current, struct fdl_arg *a, bool set);

/* What is added to fdinfo: capacity and bytes. */
void pipe_fdinfo(const struct file *f, struct text *out);

/* The size that a wish becomes: pages, a power of two; 0 for one that is too large. */
uint64_t round_pipe_size(uint64_t size);

#endif
