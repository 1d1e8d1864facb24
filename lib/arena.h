/*
 * Scratch memory of one call: given out piece by piece, taken back all at once.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* the newest first; all zero is an empty arena */
	size_t used;                /* of the newest */
};

/* size bytes, aligned for anything, not cleared; NULL when there is no memory. */
void *arena_alloc(struct arena *a, size_t size);

/* A copy of len bytes with a NUL behind it, or NULL. */
char *arena_copy(struct arena *a, const char *s, size_t len);

/* Takes everything back but one chunk of ordinary size, so that the next call allocates nothing. */
void arena_reset_chunks(struct arena *a);

static inline void arena_reset(struct arena *a)
{
	if (a->used)
		arena_reset_chunks(a);
}

/* Gives the memory back; the arena is empty and can be used again. */
void arena_free(struct arena *a);

#endif
