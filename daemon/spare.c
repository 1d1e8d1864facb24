#include "spare.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#define SLOT  ((size_t)4096)
#define SLOTS 256 /* for some hundred connections, or a request's text */

/* A block takes slots that follow each other; the first one knows its size. */
static _Alignas(max_align_t) char pool[SLOTS][SLOT];
static size_t sizes[SLOTS]; /* of the block that begins there */
static bool taken[SLOTS];
static size_t n_taken;

static bool is_of_pool(const void *p)
{
	const char *const first = (const char *)pool;

	return (const char *)p >= first && (const char *)p < first + sizeof(pool);
}

static size_t slot_of(const void *p)
{
	return (size_t)((const char *)p - pool[0]) / SLOT;
}

static size_t slots_for(size_t size)
{
	return size ? (size + SLOT - 1) / SLOT : 1;
}

static void mark(size_t first, size_t n, bool is_taken)
{
	for (size_t i = first; i < first + n; i++)
		taken[i] = is_taken;
	n_taken = is_taken ? n_taken + n : n_taken - n;
}

static void *take_of_pool(size_t size)
{
	const size_t n = slots_for(size);

	for (size_t i = 0, found = 0; size <= sizeof(pool) && i < SLOTS; i++) {
		found = taken[i] ? 0 : found + 1;
		if (found < n)
			continue;
		mark(i + 1 - n, n, true);
		sizes[i + 1 - n] = size;
		return pool[i + 1 - n];
	}
	errno = ENOMEM;
	return NULL;
}

static void *take(size_t size)
{
	void *p = malloc(size);

	return p ? p : take_of_pool(size);
}

void spare_free(void *p)
{
	if (is_of_pool(p))
		mark(slot_of(p), slots_for(sizes[slot_of(p)]), false);
	else
		free(p);
}

static void *take_again(void *p, size_t size)
{
	const bool pooled = is_of_pool(p);
	size_t old;
	void *to;

	if (!p)
		return take(size);
	to = pooled ? take(size) : realloc(p, size);
	if (!pooled && (to || !size))
		return to;
	if (!pooled)
		to = take_of_pool(size);
	if (!to)
		return NULL;
	old = pooled ? sizes[slot_of(p)] : malloc_usable_size(p);
	memcpy(to, p, old < size ? old : size);
	spare_free(p);
	return to;
}

void spare_begin(void)
{
	event_set_mem_functions(take, take_again, spare_free);
}

bool spare_is_low(void)
{
	return n_taken > SLOTS / 2;
}
