/*
 * A trail of small binary records in the order in which things happened, from which text is made
 * only when somebody reads it: writing one costs a few nanoseconds. The transcript and the events
 * are trails. A trail has a limit; beyond it the older half is dropped, and the text begins with a
 * line "# N earlier records are no longer kept" then. So the text shrinks at that moment, as a file
 * that was truncated. This room does not know what a record means.
 */
#ifndef TRAIL_H
#define TRAIL_H

#include "base/text.h"

#include <assert.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#define TRAIL_RECORD_MAX ((size_t)1 << 20)

/*
 * Records stand one behind the other: one unit with the length and, above it, the writer's tag, a
 * number of up to 43 bits; then the bytes in whole units.
 */
#define TRAIL_UNIT     sizeof(uint64_t)
#define TRAIL_TAG_BITS 43
#define TRAIL_LEN_BITS (64 - TRAIL_TAG_BITS)

#define TRAIL_AHEAD 512 /* so far ahead of its use memory is asked for */

struct trail_chunk {
	struct trail_chunk *next;
	uint64_t start;        /* the mark of its first record */
	uint64_t first;        /* that record's number, from 0 */
	size_t size, used;     /* bytes of data; the newest one's used is behind (trail.c) */
	size_t measured, text; /* bytes of data whose text was made once; the length of that text */
	alignas(uint64_t) char data[];
};

/* Writes the text of one record: always the same for the same record. */
typedef void trail_render_fn(void *ctx, uint64_t tag, const char *record, size_t len,
			     struct text *out);

struct trail {
	char *at, *end; /* of the newest chunk: where the next record will stand; NULL: no chunk */
	uint64_t bias;  /* a record's mark less its address, in the newest chunk */
	struct trail_chunk *oldest, *newest;
	struct trail_chunk *spare; /* dropped ones of ordinary size, to be written again */
	size_t bytes, limit;
	uint64_t records; /* ever written */
	uint64_t dropped; /* of these, no longer kept */
	trail_render_fn *render;
	void *ctx;
	struct trail_chunk *unmeasured; /* in all chunks before it nothing is left to measure */
	size_t text;                    /* the sum of the chunks' */
	struct text cache;              /* the text of the chunk that was read last */
	struct trail_chunk *cached;
	size_t cached_at;    /* where it begins in the text, the line about dropping not counted */
	struct text scratch; /* text that is made only to be measured */
	int error; /* -ENOMEM once a record was lost for lack of memory; told by trail_size */
};

/* An empty trail. Of a record that alone is larger than the limit, the latest is kept. */
void trail_init(struct trail *t, size_t limit, trail_render_fn *render, void *ctx);

/* Frees everything; the trail must be initialised to be used again. */
void trail_free(struct trail *t);

/* trail_reserve where the newest chunk has no room. */
char *trail_reserve_slow(struct trail *t, size_t max);

/* The bytes that a record of len bytes takes. */
static inline size_t trail_span(size_t len)
{
	return TRAIL_UNIT + ((len + TRAIL_UNIT - 1) & ~(TRAIL_UNIT - 1));
}

/*
 * Room for a record of up to max bytes (at most TRAIL_RECORD_MAX), aligned as a uint64_t is, or
 * NULL: no memory, and the record is lost. trail_commit keeps the first len of them, and the tag;
 * without it nothing was written.
 */
static inline char *trail_reserve(struct trail *t, size_t max)
{
	if (max > TRAIL_RECORD_MAX || (size_t)(t->end - t->at) < trail_span(max))
		return trail_reserve_slow(t, max);
	return t->at + TRAIL_UNIT;
}

static inline void trail_commit(struct trail *t, uint64_t tag, size_t len)
{
	assert(tag >> TRAIL_TAG_BITS == 0 && (size_t)(t->end - t->at) >= trail_span(len));
	*(uint64_t *)(void *)t->at = tag << TRAIL_LEN_BITS | len;
	t->at += trail_span(len);
	t->records++;
	/*
	 * A full trail is larger than the processor's cache, and its oldest memory is written next:
	 * to ask for that early makes a record that a call writes cheaper by a third.
	 */
	__builtin_prefetch((const void *)((uintptr_t)t->at + TRAIL_AHEAD), 1);
}

/*
 * trail_reserve for a record of at most TRAIL_QUICK bytes, and NULL where that takes a new chunk. So
 * short that it belongs in the writer's own code.
 */
#define TRAIL_QUICK 32

static inline void *trail_quick(struct trail *t)
{
	if (__builtin_expect((size_t)(t->end - t->at) < TRAIL_UNIT + TRAIL_QUICK, 0))
		return NULL;
	return t->at + TRAIL_UNIT;
}

/*
 * Where the next record will stand, and the record at such a place, or NULL if it is not kept any
 * more (or was never written). The record stays where it is until the next trail_reserve.
 */
static inline uint64_t trail_mark(const struct trail *t)
{
	return t->bias + (uintptr_t)t->at;
}

const char *trail_record(const struct trail *t, uint64_t mark, uint64_t *tag, size_t *len);

/*
 * The length of the whole text, and size bytes of it from off on; 0 at the end, -ENOMEM. A text is
 * made once to be measured, and again when it is read from a place that was not read lately.
 */
ssize_t trail_size(struct trail *t);
ssize_t trail_read(struct trail *t, char *buf, size_t size, off_t off);

#endif
