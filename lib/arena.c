/*
 * Scratch memory of one call. Pieces are cut from chunks, in order, and are never given back one by
 * one; a reset keeps one chunk, so that call after call needs no malloc.
 */
#include "arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Under AddressSanitizer what was not handed out, or was taken back, may not be touched. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, size)   ((void)(p), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(p, size) ((void)(p), (void)(size))
#endif

/* Holds the values and arguments of an ordinary line; a larger wish gets a chunk of its own. */
#define CHUNK_SIZE ((size_t)8192)

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	alignas(max_align_t) char data[];
};

static bool arena_grow(struct arena *a, size_t size)
{
	size_t want = size > CHUNK_SIZE ? size : CHUNK_SIZE;
	struct arena_chunk *c;

	c = malloc(sizeof(*c) + want);
	if (!c)
		return false;
	c->next = a->chunks;
	c->size = want;
	ASAN_POISON_MEMORY_REGION(c->data, want);
	a->chunks = c;
	a->used = 0;
	return true;
}

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	size_t taken;
	void *p;

	if (size > PTRDIFF_MAX - CHUNK_SIZE) /* no object is so large */
		return NULL;
	taken = (size + align - 1) & ~(align - 1);
	if (!a->chunks || a->chunks->size - a->used < taken) {
		if (!arena_grow(a, taken))
			return NULL;
	}
	p = a->chunks->data + a->used;
	a->used += taken;
	ASAN_UNPOISON_MEMORY_REGION(p, size);
	return p;
}

char *arena_copy(struct arena *a, const char *s, size_t len)
{
	char *copy = len < SIZE_MAX ? arena_alloc(a, len + 1) : NULL;

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

static void chunk_free(struct arena_chunk *c)
{
	ASAN_UNPOISON_MEMORY_REGION(c->data, c->size);
	free(c);
}

void arena_reset_chunks(struct arena *a)
{
	struct arena_chunk *keep = NULL, *next;

	for (struct arena_chunk *c = a->chunks; c; c = next) {
		next = c->next;
		if (keep || c->size != CHUNK_SIZE)
			chunk_free(c);
		else
			keep = c;
	}
	if (keep) {
		keep->next = NULL;
		ASAN_POISON_MEMORY_REGION(keep->data, keep->size);
	}
	a->chunks = keep;
	a->used = 0;
}

void arena_free(struct arena *a)
{
	struct arena_chunk *next;

	for (struct arena_chunk *c = a->chunks; c; c = next) {
		next = c->next;
		chunk_free(c);
	}
	a->chunks = NULL;
	a->used = 0;
}
