/*
 * Scratch memory of one call. Pieces are cut from chunks, in order, and never freed one by one. A
 * reset keeps one chunk, so that most calls need no malloc.
 */
#include "base/arena.h"

#include "base/heap.h"

#include <stdlib.h>
#include <string.h>

/* Enough for the values and arguments of most lines; a larger piece gets a chunk of its own. */
#define CHUNK_SIZE ((size_t)8192)

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	alignas(max_align_t) char data[];
};

/* Makes a chunk the newest, with its first bytes taken. */
static void use_chunk(struct arena *a, struct arena_chunk *c, size_t taken)
{
	a->chunks = c;
	a->at = c->data + taken;
	a->end = c->data + c->size;
	/* The slow reset clears what the next owner gets. */
	a->more = c->next || c->size != CHUNK_SIZE || heap_zeroes;
	a->start = a->more ? NULL : c->data;
}

void *arena_alloc_slow(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_chunk *c;
	size_t taken;

	if (size > PTRDIFF_MAX - CHUNK_SIZE) /* no object is so large */
		return NULL;
	taken = (size + align - 1) & ~(align - 1);
	c = malloc(sizeof(*c) + (taken > CHUNK_SIZE ? taken : CHUNK_SIZE));
	if (!c)
		return NULL;
	c->next = a->chunks;
	c->size = taken > CHUNK_SIZE ? taken : CHUNK_SIZE;
	ASAN_POISON_MEMORY_REGION(c->data, c->size);
	ASAN_UNPOISON_MEMORY_REGION(c->data, size);
	use_chunk(a, c, taken);
	return c->data;
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

void arena_reset_slow(struct arena *a)
{
	struct arena_chunk *keep = NULL, *next;

	for (struct arena_chunk *c = a->chunks; c; c = next) {
		next = c->next;
		if (keep || c->size != CHUNK_SIZE)
			chunk_free(c);
		else
			keep = c;
	}
	*a = (struct arena){ 0 };
	if (!keep)
		return;
	keep->next = NULL;
	if (heap_zeroes)
		memset(keep->data, 0, keep->size);
	ASAN_POISON_MEMORY_REGION(keep->data, keep->size);
	use_chunk(a, keep, 0);
}

void arena_free(struct arena *a)
{
	struct arena_chunk *next;

	for (struct arena_chunk *c = a->chunks; c; c = next) {
		next = c->next;
		chunk_free(c);
	}
	*a = (struct arena){ 0 };
}

void arena_settle(const struct arena *a)
{
	if (a->chunks)
		heap_skip(a->chunks, (size_t)(a->at - (char *)a->chunks));
}

size_t arena_extra(const struct arena *a)
{
	size_t size = 0;

	for (const struct arena_chunk *c = a->chunks; c; c = c->next)
		size += c->size;
	return size > CHUNK_SIZE ? size - CHUNK_SIZE : 0;
}
