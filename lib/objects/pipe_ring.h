/*
 * The ring of a pipe: buffers, each a part of a page, between a head where they are added and a
 * tail where they are taken. Whether a call waits, and what it wakes, is decided elsewhere.
 */
#ifndef PIPE_RING_H
#define PIPE_RING_H

#include "objects/pipe.h"
#include "vfs/page.h"

static inline bool pipe_empty(const struct pipe *pipe)
{
	return pipe->head == pipe->tail;
}

static inline bool pipe_full(const struct pipe *pipe)
{
	return pipe->head - pipe->tail >= pipe->nbuffers;
}

/* The bytes that a splice can add in buffers of their own. */
static inline size_t pipe_room(const struct pipe *pipe)
{
	return pipe_full(pipe) ? 0
			       : (size_t)(pipe->nbuffers - (pipe->head - pipe->tail)) * PAGE_SIZE;
}

/*
 * Adds a buffer at the head of the ring, which is not full: with a new page; or with a part of a
 * page that the pipe did not make, to which it takes a reference, and to which no write adds
 * anything. pipe_push returns NULL for no memory, or too many bytes.
 */
struct pipe_buffer *pipe_push(struct inode *inode);
void pipe_push_page(struct pipe *pipe, struct page *page, size_t offset, size_t len, bool packet);

/* Drops the buffer at the tail. */
void pipe_pop(struct fdl_machine *m, struct pipe *pipe);

/* Takes up to count bytes, or to the end of a packet. Returns how many. */
size_t pipe_take(struct inode *inode, char *to, size_t count);

/*
 * Copies up to count bytes, packets or not, and leaves them; and drops count bytes, that are there.
 */
size_t pipe_peek(const struct inode *inode, char *to, size_t count);
void pipe_skip(struct inode *inode, size_t count);

/* Whether a write of count bytes puts the part beyond whole pages there. */
bool pipe_merges(const struct pipe *pipe, size_t count);

/*
 * Appends the part of a write beyond whole pages to the page that was written last, if it fits
 * there. Returns its length.
 */
size_t pipe_merge(struct pipe *pipe, const char *from, size_t count);

#endif
