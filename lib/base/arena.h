/*
 * Scratch memory of one call: given out piece by piece, taken back all at once. AddressSanitizer
 * reports uses of what was not given out, or was taken back.
 */
#ifndef ARENA_H
#define ARENA_H

#include "base/asan.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_chunk;

/* All zero is an empty arena. */
struct arena {
	char *at, *end;             /* the free rest of the newest chunk */
	char *start;                /* of the only chunk, which a reset keeps; NULL with more */
	bool more;                  /* there is not just one chunk of ordinary size */
	struct arena_chunk *chunks; /* the newest first */
};

/* arena_alloc if the newest chunk has no room. */
void *arena_alloc_slow(struct arena *a, size_t size);

/* size bytes, aligned for any type, not cleared; NULL: no memory. */
static inline void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	char *p = a->at;

	/* The rest is a multiple of the alignment: if size fits, so does size rounded up. */
	if (__builtin_expect(!p || size > (size_t)(a->end - p), 0))
		return arena_alloc_slow(a, size);
	a->at = p + ((size + align - 1) & ~(align - 1));
	ASAN_UNPOISON_MEMORY_REGION(p, size);
	return p;
}

/* A copy of len bytes and a NUL; NULL: no memory. */
char *arena_copy(struct arena *a, const char *s, size_t len);

/* arena_reset unless there is just one chunk of ordinary size. */
void arena_reset_slow(struct arena *a);

/* Ends all pieces. Keeps one chunk of ordinary size, so that the next call allocates nothing. */
static inline void arena_reset(struct arena *a)
{
	if (__builtin_expect(a->more, 0)) {
		arena_reset_slow(a);
		return;
	}
	ASAN_POISON_MEMORY_REGION(a->start, a->at - a->start);
	a->at = a->start;
}

/* Tells a heap that is about to be frozen that nothing reads the free rest (heap_skip). */
void arena_settle(const struct arena *a);

/* The bytes of its chunks beyond one of ordinary size. */
size_t arena_extra(const struct arena *a);

/* Gives the memory back; the arena is empty and can be used again. */
void arena_free(struct arena *a);

#endif
