/*
 * A trail of small binary records, in the order in which they were written, which takes a few
 * nanoseconds each. Text is made of them only when it is read. A trail has a limit; beyond it the
 * older half is dropped, and the text then begins with the line "# N earlier records are no longer
 * kept": it shrinks as a file that is truncated. The meaning of a record is the user's.
 */
#ifndef TRAIL_H
#define TRAIL_H

#include "base/text.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#define TRAIL_RECORD_MAX ((size_t)1 << 20)

/*
 * A record is one unit with its length and, above that, the user's tag, a number of up to 43 bits;
 * then its bytes, in whole units.
 */
#define TRAIL_UNIT     sizeof(uint64_t)
#define TRAIL_TAG_BITS 43
#define TRAIL_LEN_BITS (64 - TRAIL_TAG_BITS)

#define TRAIL_AHEAD 512 /* bytes between a record and the memory that is prefetched */

struct trail_chunk {
	struct trail_chunk *next;
	uint64_t start;        /* the mark of its first record */
	uint64_t first;        /* that record's number, from 0 */
	size_t size, used;     /* bytes of data; the newest chunk's used is set late (trail.c) */
	size_t measured, text; /* bytes of data whose text was measured; the text's length */
	alignas(uint64_t) char data[];
};

/* Appends the text of one record, which must always be the same. */
typedef void trail_render_fn(void *ctx, uint64_t tag, const char *record, size_t len,
			     struct text *out);

struct trail {
	char *at, *end; /* the place of the next record in the newest chunk; NULL: no chunk */
	uint64_t bias;  /* a record's mark less its address, in the newest chunk */
	struct trail_chunk *oldest, *newest;
	struct trail_chunk *spare; /* chunks of ordinary size that are not in use */
	size_t bytes, limit;
	uint64_t records; /* written so far */
	uint64_t dropped; /* of those, no longer kept */
	trail_render_fn *render;
	void *ctx;
	struct trail_chunk *unmeasured; /* all chunks before it are measured */
	size_t text;                    /* the sum of the chunks' texts */
	struct text cache;              /* the text of the chunk that was read last */
	struct trail_chunk *cached;
	size_t cached_at;    /* its offset in the text after the line about dropped records */
	struct text scratch; /* text that is made only to be measured */
	int error;           /* -ENOMEM: a record was lost; trail_size returns it */
	bool outside;        /* its memory is of libc's heap, whatever heap is the current one */
	/* Called when records may soon be dropped, before any is; NULL: not called. */
	void (*fills)(void *fills_ctx);
	void *fills_ctx;
};

/*
 * An empty trail. The latest record is kept, even if it alone exceeds the limit. If libc's heap is
 * the current one, the trail stays outside of all others.
 */
void trail_init(struct trail *t, size_t limit, trail_render_fn *render, void *ctx);

/* Tells a heap that is about to be frozen which rests of chunks nothing reads (heap_skip). */
void trail_settle(const struct trail *t);

/* Frees everything; the trail must be initialised to be used again. */
void trail_free(struct trail *t);

/* trail_reserve if the newest chunk has no room. */
char *trail_reserve_slow(struct trail *t, size_t max);

/* trail_ready if there is no chunk ready. */
bool trail_prepare(struct trail *t);

/*
 * Keeps a chunk ready, so that the next record finds room even if memory runs out; a record larger
 * than an ordinary chunk may not. False: no memory.
 */
static inline bool trail_ready(struct trail *t)
{
	return __builtin_expect(t->spare != NULL, 1) || trail_prepare(t);
}

/* The bytes that a record of len bytes takes. */
static inline size_t trail_span(size_t len)
{
	return TRAIL_UNIT + ((len + TRAIL_UNIT - 1) & ~(TRAIL_UNIT - 1));
}

/*
 * Room for a record of up to max bytes (at most TRAIL_RECORD_MAX), aligned as a uint64_t; NULL: no
 * memory, and the record is lost. trail_commit adds the record, with the first len bytes and the
 * tag.
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
	 * A full trail exceeds the processor's cache, and its oldest memory is written next:
	 * prefetching it makes a call's record cheaper by a third.
	 */
	__builtin_prefetch((const void *)((uintptr_t)t->at + TRAIL_AHEAD), 1);
}

/*
 * trail_reserve for a record of at most TRAIL_QUICK bytes, to be inlined; NULL also if that takes a
 * new chunk.
 */
#define TRAIL_QUICK 32

static inline void *trail_quick(struct trail *t)
{
	if (__builtin_expect((size_t)(t->end - t->at) < TRAIL_UNIT + TRAIL_QUICK, 0))
		return NULL;
	return t->at + TRAIL_UNIT;
}

/*
 * The mark of the next record; and the record with a mark, or NULL: it was dropped, or was never
 * written. The record stays where it is until the next trail_reserve.
 */
static inline uint64_t trail_mark(const struct trail *t)
{
	return t->bias + (uintptr_t)t->at;
}

const char *trail_record(const struct trail *t, uint64_t mark, uint64_t *tag, size_t *len);

/*
 * The length of the whole text; and size bytes of it from off on, 0 at the end. Or -ENOMEM. Text is
 * made once to be measured, and again if it is read from an offset that was not read lately.
 */
ssize_t trail_size(struct trail *t);
ssize_t trail_read(struct trail *t, char *buf, size_t size, off_t off);

/*
 * Where the text of the first n records ends, of which those that were dropped count, too; at most
 * trail_size. Or -ENOMEM.
 */
ssize_t trail_size_of(struct trail *t, uint64_t n);

/* Drops the records from number n on, which was not dropped yet. */
void trail_cut(struct trail *t, uint64_t n);

/* Adds a copy of a record. False: no memory. */
bool trail_copy(struct trail *t, uint64_t tag, const char *record, size_t len);

/*
 * The records of a trail as bytes; and those put into a trail that was initialised as that was, and
 * is empty: with the same numbers and marks. *at moves on. False: no memory, or they are not whole.
 */
void trail_save(const struct trail *t, struct text *out);
bool trail_load(struct trail *t, const char **at, const char *end);

/*
 * Around a copy of a trail's memory to other addresses: a trail has a difference of addresses,
 * which trail_unbase clears, after which it is of no use, and trail_rebase sets.
 */
void trail_unbase(struct trail *t);
void trail_rebase(struct trail *t);

/* A place among the records, valid until the next trail_reserve. */
struct trail_cursor {
	const struct trail_chunk *chunk;
	size_t at;
};

/* Goes to record number n, from 0. False: it was dropped, or is not written yet. */
bool trail_seek(const struct trail *t, uint64_t n, struct trail_cursor *c);

/* The record at the cursor, which moves on to the next one. NULL: there is none. */
const char *trail_next(struct trail_cursor *c, uint64_t *tag, size_t *len);

/*
 * Measures old records until few are not: called after every few thousand new records, it bounds
 * what a trail_size or a trail_read costs. Without memory it does nothing.
 */
void trail_keep_up(struct trail *t);

#endif
