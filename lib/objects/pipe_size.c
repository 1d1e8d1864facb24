/*
 * The capacity of a pipe: F_SETPIPE_SZ and F_GETPIPE_SZ of fcntl. Beyond fs.pipe-max-size only root
 * may enlarge a pipe.
 */

#include "objects/pipe.h"

#include "base/heap.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/inode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define KMALLOC_MAX_SIZE ((size_t)4 << 20)   /* kmalloc fails for more */
#define PIPE_SIZE_LIMIT  ((uint64_t)1 << 31) /* fcntl fails for more */

uint64_t round_pipe_size(uint64_t size)
{
	uint64_t rounded = PAGE_SIZE;

	if (size > PIPE_SIZE_LIMIT)
		return 0;
	while (rounded < size)
		rounded *= 2;
	return rounded;
}

/* Moves the pages into a ring of nbuffers. 0, -EBUSY when they do not fit, -ENOMEM. */
static int pipe_resize_ring(struct task *current, struct pipe *pipe, unsigned nbuffers)
{
	struct fdl_machine *m = current->machine;
	const unsigned used = pipe->head - pipe->tail;
	struct pipe_buffer *ring;
	struct kmem mem;

	if (nbuffers < used)
		return -EBUSY;
	if (nbuffers * PIPE_BUFFER_BYTES > KMALLOC_MAX_SIZE ||
	    kmalloc(current, &mem, nbuffers * PIPE_BUFFER_BYTES))
		return -ENOMEM;
	if (vfs_charge(m, mem.size))
		goto no_room;
	ring = calloc(nbuffers, sizeof(*ring));
	if (!ring)
		goto no_ring;
	for (unsigned i = 0; i < used; i++)
		ring[i] = *pipe_buf(pipe, pipe->tail + i);
	vfs_uncharge(m, pipe->ring_mem.size);
	kvfree(m, &pipe->ring_mem);
	free(pipe->ring);
	pipe->ring = ring;
	pipe->ring_mem = mem;
	pipe->nbuffers = nbuffers;
	pipe->tail = 0;
	pipe->head = used;
	return 0;

no_ring:
	vfs_uncharge(m, mem.size);
no_room:
	kvfree(m, &mem);
	return -ENOMEM;
}

static int64_t pipe_set_size(struct task *current, struct inode *inode, uint64_t wish)
{
	struct pipe *pipe = inode->private;
	const uint64_t size = round_pipe_size(wish);
	const unsigned nbuffers = (unsigned)(size / PAGE_SIZE);
	int error;

	if (!size)
		return -EINVAL;
	if (nbuffers > pipe->nbuffers && size > current->machine->pipe_max_size &&
	    current->uid != 0)
		return -EPERM;
	error = pipe_resize_ring(current, pipe, nbuffers);
	if (error)
		return error;
	wake_writers(inode);
	return (int64_t)size;
}

int64_t pipe_fcntl(struct task *current, struct fdl_arg *a, bool set)
{
	struct fd fd = fdget(current, a[0].num);
	int64_t result = -EBADF;

	/* As in the kernel, a file that is no pipe is -EBADF, too. */
	if (fd.file && fd.file->ops == &pipe_file) {
		const struct pipe *pipe = fd.file->inode->private;

		result = set ? pipe_set_size(current, fd.file->inode, (uint32_t)a[2].num)
			     : (int64_t)(pipe->nbuffers * PAGE_SIZE);
	}
	fdput(current, fd);
	return result;
}
