/*
 * A heap that can be put back: blocks cut from one region from its start on, each with a header
 * that says how large it is and whether it is in use. Until the heap is frozen, a freed block goes
 * to a list by its size and is handed out again. Afterwards freed blocks keep their contents, and
 * heap_is_live tells that they were freed. All that changes before a freeze is in the region, so
 * that a copy of the used part of the region (image.h) is a copy of the heap.
 */
#define HEAP_C
#include "base/heap.h"

#include "base/asan.h"
#include "base/reserve.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <sys/mman.h>

#define UNIT      ((size_t)16)
#define HOLE_MAX  ((size_t)272)     /* bytes that are copied along with those around them */
#define TRIM_FROM ((size_t)4 << 20) /* free bytes that libc's heap may keep */

/*
 * A freed block is handed out again for another of its class. Blocks of up to SMALL units are one
 * class for each size; larger sizes are rounded up to eight sizes between powers of two.
 */
#define SMALL   128u
#define CLASSES (SMALL + 1 + 8 * (32 - 7))

enum { BLOCK_LIVE = 0x6c697665, BLOCK_FREE = 0x66726565 };

#define ALL  UINT32_MAX /* of put_back */
#define KEPT UINT32_MAX /* of rest, before the heap is frozen */

struct block {
	uint32_t units; /* its size without this header */
	uint32_t state;
	union {
		struct block *next_free;
		struct {
			uint32_t put_back; /* units from its start that every thaw copies */
			uint32_t rest;     /* what follows: 0, KEPT, or its place in kept */
		} live;
	};
};

_Static_assert(sizeof(struct block) == UNIT, "blocks are aligned as malloc's");

/* A run of adjacent blocks that is copied back. */
struct saved_span {
	size_t at, len, saved; /* in the region, and in the copy */
};

/* The rest of a block that heap_lazy was called for. */
struct kept_rest {
	size_t at, len;
	char *copy;
	bool written; /* since the last thaw */
};

/* The beginning of the region. */
struct beginning {
	size_t used; /* bytes of the region, with this */
	struct block *idle[CLASSES];
};

#define FIRST_BLOCK ((sizeof(struct beginning) + UNIT - 1) & ~(UNIT - 1))

struct heap {
	union {
		char *region;
		struct beginning *state;
	};
	size_t size; /* of the region */
	size_t frozen_used;
	bool frozen;
	char *copy;
	struct saved_span *spans;
	size_t n_spans, copied;
	struct kept_rest *kept; /* from 1 on */
	size_t n_kept;
	uint32_t *written; /* places in kept */
	size_t n_written;
};

_Thread_local struct heap *heap_current __attribute__((tls_model("initial-exec")));
_Thread_local bool heap_zeroes __attribute__((tls_model("initial-exec")));

struct heap *heap_new(size_t size)
{
	struct heap *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->size = size;
	h->region = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (h->region == MAP_FAILED) {
		free(h);
		return NULL;
	}
	h->state->used = FIRST_BLOCK;
	return h;
}

/* Arenas in the heap have poisoned parts of it. */
static void allow_all(struct heap *h)
{
	ASAN_UNPOISON_MEMORY_REGION(h->region, h->state->used);
}

void heap_delete(struct heap *h)
{
	if (!h)
		return;
	allow_all(h);
	munmap(h->region, h->size);
	free(h->copy);
	free(h->spans);
	for (size_t i = 1; i <= h->n_kept; i++)
		free(h->kept[i].copy);
	free(h->kept);
	free(h->written);
	free(h);
}

void heap_clear(struct heap *h)
{
	allow_all(h);
	/* The kernel gives pages of zeros then, and cannot refuse for a mapping like this one. */
	(void)madvise(h->region, h->size, MADV_DONTNEED);
	h->state->used = FIRST_BLOCK;
	memset(h->state->idle, 0, sizeof(h->state->idle));
}

static struct block *block_of(const void *p)
{
	return (struct block *)(uintptr_t)p - 1;
}

static bool is_of(const struct heap *h, const void *p)
{
	return h && (uintptr_t)p - (uintptr_t)h->region < h->size;
}

bool heap_is_live(const struct heap *h, const void *p)
{
	return !is_of(h, p) || block_of(p)->state == BLOCK_LIVE;
}

/* The class of a size, which is rounded up to that of the class. */
static size_t class_of(size_t *units)
{
	unsigned log, step;

	if (*units <= SMALL)
		return *units;
	step = 60 - (unsigned)__builtin_clzll(*units);
	*units = ((*units - 1) >> step) + 1;
	*units <<= step;
	log = 63 - (unsigned)__builtin_clzll(*units);
	return SMALL + 1 + 8 * (size_t)(log - 7) + (*units >> (log - 3) & 7);
}

/* A heap's size depends on the computer, as what libc refuses does. */
static void *full(void)
{
	reserve_count();
	errno = ENOMEM;
	return NULL;
}

static void *heap_take(struct heap *h, size_t size)
{
	size_t units = size ? (size + UNIT - 1) / UNIT : 1, class;
	struct beginning *s = h->state;
	struct block *b;

	if (size > h->size)
		return full();
	class = class_of(&units);
	if (!h->frozen && s->idle[class]) {
		b = s->idle[class];
		s->idle[class] = b->next_free;
	} else if ((units + 1) * UNIT > h->size - s->used) {
		return full();
	} else {
		b = (struct block *)(void *)(h->region + s->used);
		b->units = (uint32_t)units;
		s->used += (units + 1) * UNIT;
	}
	b->state = BLOCK_LIVE;
	b->live.put_back = ALL;
	b->live.rest = 0;
	if (__builtin_expect(heap_zeroes, 0))
		memset(b + 1, 0, b->units * UNIT);
	return b + 1;
}

static void heap_give(struct heap *h, void *p)
{
	struct block *b = block_of(p);
	size_t units = b->units, class = class_of(&units);

	b->state = BLOCK_FREE;
	if (!h->frozen) {
		b->next_free = h->state->idle[class];
		h->state->idle[class] = b;
	}
}

/* ---- what is put back ------------------------------------------------------------------------ */

static void set_put_back(void *p, size_t from, uint32_t rest)
{
	const size_t units = (from + UNIT - 1) / UNIT;
	struct block *b;

	if (!heap_current || heap_current->frozen || !is_of(heap_current, p))
		return;
	b = block_of(p);
	if (units >= b->units)
		return;
	b->live.put_back = (uint32_t)units;
	b->live.rest = rest;
}

void heap_skip(void *p, size_t from)
{
	set_put_back(p, from, 0);
}

void heap_lazy(void *p, size_t from)
{
	set_put_back(p, from, KEPT);
}

/* A block that is younger than the freeze is in no list: the thaw forgets it. */
void heap_wrote_slow(void *p)
{
	struct heap *h = heap_current;
	const struct block *b = block_of(p);
	const uint32_t rest = is_of(h, p) && h->frozen ? b->live.rest : 0;

	if (!rest || rest == KEPT || h->kept[rest].written)
		return;
	h->kept[rest].written = true;
	h->written[h->n_written++] = rest;
}

/* The bytes of a block, with its header, that every thaw copies. */
static size_t bytes_put_back(const struct block *b)
{
	return ((b->live.put_back == ALL ? b->units : b->live.put_back) + (size_t)1) * UNIT;
}

/*
 * Finds the runs of bytes of live blocks, with their headers, that every thaw copies; returns how
 * many. spans may be NULL.
 */
static size_t find_spans(struct heap *h, struct saved_span *spans)
{
	size_t n = 0, saved = 0, end = 0; /* end: of the run before, in the region */

	for (size_t at = FIRST_BLOCK, len; at < h->state->used; at += len) {
		const struct block *b = (const struct block *)(const void *)(h->region + at);
		size_t more;

		len = (b->units + (size_t)1) * UNIT;
		if (b->state != BLOCK_LIVE)
			continue;
		/* To copy a small hole costs less than another span. */
		if (!n || at - end > HOLE_MAX) {
			if (spans)
				spans[n] = (struct saved_span){ at, 0, saved };
			n++;
			end = at;
		}
		more = at + bytes_put_back(b) - end;
		if (spans)
			spans[n - 1].len += more;
		saved += more;
		end += more;
	}
	h->copied = saved;
	return n;
}

/* Copies the rests of blocks that heap_lazy was called for. 0 or -ENOMEM. */
static int keep_rests(struct heap *h)
{
	size_t n = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t at = FIRST_BLOCK, len; at < h->state->used; at += len) {
			struct block *b = (struct block *)(void *)(h->region + at);
			struct kept_rest *k;

			len = (b->units + (size_t)1) * UNIT;
			if (b->state != BLOCK_LIVE || b->live.rest != KEPT)
				continue;
			n += pass == 0;
			if (pass == 0)
				continue;
			b->live.rest = (uint32_t)++h->n_kept;
			k = &h->kept[h->n_kept];
			k->at = at + bytes_put_back(b);
			k->len = at + len - k->at;
			k->copy = malloc(k->len);
			if (!k->copy)
				return -ENOMEM;
			memcpy(k->copy, h->region + k->at, k->len);
		}
		if (pass == 0) {
			h->kept = calloc(n + 1, sizeof(*h->kept));
			h->written = calloc(n + 1, sizeof(*h->written));
			if (!h->kept || !h->written)
				return -ENOMEM;
		}
	}
	return 0;
}

int heap_freeze(struct heap *h)
{
	allow_all(h);
	if (keep_rests(h))
		return -ENOMEM;
	h->n_spans = find_spans(h, NULL);
	h->spans = calloc(h->n_spans + 1, sizeof(*h->spans));
	h->copy = malloc(h->copied + 1);
	if (!h->spans || !h->copy)
		return -ENOMEM;
	find_spans(h, h->spans);
	for (size_t i = 0; i < h->n_spans; i++)
		memcpy(h->copy + h->spans[i].saved, h->region + h->spans[i].at, h->spans[i].len);
	h->frozen = true;
	h->frozen_used = h->state->used;
	return 0;
}

void heap_thaw(struct heap *h)
{
	allow_all(h);
	for (size_t i = 0; i < h->n_spans; i++)
		memcpy(h->region + h->spans[i].at, h->copy + h->spans[i].saved, h->spans[i].len);
	while (h->n_written) {
		struct kept_rest *k = &h->kept[h->written[--h->n_written]];

		memcpy(h->region + k->at, k->copy, k->len);
		k->written = false;
	}
#ifndef NDEBUG
	for (size_t i = 1; i <= h->n_kept; i++)
		assert(!memcmp(h->region + h->kept[i].at, h->kept[i].copy, h->kept[i].len));
#endif
	h->state->used = h->frozen_used;
}

size_t heap_mark(const struct heap *h)
{
	return h->state->used;
}

void heap_release(struct heap *h, size_t mark)
{
	h->state->used = mark;
}

size_t heap_frozen_size(const struct heap *h)
{
	return h->copied;
}

char *heap_region(struct heap *h, size_t *used)
{
	allow_all(h);
	*used = h->state->used;
	return h->region;
}

size_t heap_size(const struct heap *h)
{
	return h->size;
}

void heap_scrub(struct heap *h)
{
	allow_all(h);
	for (size_t at = FIRST_BLOCK, len; at < h->state->used; at += len) {
		struct block *b = (struct block *)(void *)(h->region + at);

		len = (b->units + (size_t)1) * UNIT;
		if (b->state == BLOCK_FREE)
			memset(b + 1, 0, len - UNIT);
	}
}

void heap_trim(void)
{
#ifdef __GLIBC__
	if (!heap_current && mallinfo2().fordblks > TRIM_FROM)
		malloc_trim(0);
#endif
}

/* Of libc's functions, tried again where the thread has a reserve. */
static void *libc_malloc(size_t size)
{
	void *p;

	do
		p = malloc(size);
	while (__builtin_expect(!p, 0) && reserve_use());
	return p;
}

static void *libc_calloc(size_t n, size_t size)
{
	void *p;

	do
		p = calloc(n, size);
	while (__builtin_expect(!p, 0) && reserve_use());
	return p;
}

/* For a size of 0 it frees. */
static void *libc_realloc(void *p, size_t size)
{
	void *to;

	do
		to = realloc(p, size);
	while (__builtin_expect(!to && size, 0) && reserve_use());
	return to;
}

void *heap_malloc(size_t size)
{
	if (__builtin_expect(heap_current != NULL, 0))
		return heap_take(heap_current, size);
	return libc_malloc(size);
}

void *heap_calloc(size_t n, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_expect(heap_current == NULL, 1))
		return libc_calloc(n, size);
	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	p = heap_take(heap_current, bytes);
	if (p)
		memset(p, 0, bytes);
	return p;
}

/* Memory of libc stays libc's, whatever heap is current. */
void *heap_realloc(void *p, size_t size)
{
	size_t old;
	void *to;

	if (!heap_current || (p && !is_of(heap_current, p)))
		return libc_realloc(p, size);
	if (!p)
		return heap_take(heap_current, size);
	old = block_of(p)->units * UNIT;
	if (size <= old)
		return p;
	to = heap_take(heap_current, size);
	if (!to)
		return NULL;
	memcpy(to, p, old);
	heap_give(heap_current, p);
	return to;
}

void *heap_reallocarray(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return heap_realloc(p, bytes);
}

void heap_free(void *p)
{
	if (__builtin_expect(is_of(heap_current, p), 0))
		heap_give(heap_current, p);
	else
		free(p);
}

static char *copy_bytes(const char *s, size_t len)
{
	char *copy = heap_malloc(len + 1);

	if (copy) {
		memcpy(copy, s, len);
		copy[len] = '\0';
	}
	return copy;
}

char *heap_strdup(const char *s)
{
	return copy_bytes(s, strlen(s));
}

char *heap_strndup(const char *s, size_t n)
{
	return copy_bytes(s, strnlen(s, n));
}
