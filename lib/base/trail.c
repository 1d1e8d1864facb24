/*
 * Trails: records in chunks, text on demand. A chunk's text is made whole. The text of the chunk
 * that was read last is kept and continued, so that to read on in small pieces, or to follow the
 * end, costs what is new. The lengths of all texts are kept.
 */
#include "base/trail.h"

#include "base/heap.h"
#include "base/reserve.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK_MAX ((size_t)65536)
#define CHUNK_MIN ((size_t)1024)

/* A full trail has at least so many chunks, unless they would be tiny. */
#define CHUNKS 16

#define HEAD_MAX 64

/* Bytes of records that trail_keep_up leaves unmeasured: some ten thousand. */
#define UNMEASURED_MAX ((size_t)512 << 10)

void trail_init(struct trail *t, size_t limit, trail_render_fn *render, void *ctx)
{
	*t = (struct trail){
		.limit = limit, .render = render, .ctx = ctx, .outside = !heap_current
	};
}

/*
 * Before memory is allocated for a trail; returns the heap to be made the current one after that.
 */
static struct heap *enter(const struct trail *t)
{
	struct heap *before = heap_current;

	if (t->outside)
		heap_current = NULL;
	return before;
}

static struct trail_chunk *chunk_new(const struct trail *t, size_t size)
{
	struct heap *before = enter(t);
	struct trail_chunk *c = malloc(sizeof(*c) + size);

	heap_current = before;
	return c;
}

static void chunks_free(struct trail_chunk *first)
{
	struct trail_chunk *next;

	for (struct trail_chunk *c = first; c; c = next) {
		next = c->next;
		free(c);
	}
}

void trail_free(struct trail *t)
{
	chunks_free(t->oldest);
	chunks_free(t->spare);
	text_free(&t->cache);
	text_free(&t->scratch);
	*t = (struct trail){ 0 };
}

void trail_settle(const struct trail *t)
{
	if (t->newest)
		heap_skip(t->newest, (size_t)(t->at - (char *)t->newest));
	for (struct trail_chunk *c = t->spare; c; c = c->next)
		heap_skip(c, sizeof(*c));
}

/* ---- writing ------------------------------------------------------------------------------ */

/* Bytes of data in a chunk, unless one record needs more. */
static size_t ordinary_size(const struct trail *t)
{
	size_t size = t->limit / CHUNKS;

	if (size > CHUNK_MAX)
		size = CHUNK_MAX;
	if (size < CHUNK_MIN)
		size = CHUNK_MIN;
	return (size - sizeof(struct trail_chunk)) & ~(TRAIL_UNIT - 1);
}

/*
 * Keeps the memory for the next chunk: if it went back to the kernel, it would have to be cleared
 * and mapped anew.
 */
static void drop_oldest(struct trail *t)
{
	struct trail_chunk *c = t->oldest;

	t->oldest = c->next;
	t->dropped = c->next->first;
	t->bytes -= sizeof(*c) + c->size;
	t->text -= c->text;
	if (t->unmeasured == c)
		t->unmeasured = c->next;
	if (t->cached == c)
		t->cached = NULL;
	else if (t->cached)
		t->cached_at -= c->text;
	if (c->size != ordinary_size(t)) {
		free(c);
		return;
	}
	c->next = t->spare;
	t->spare = c;
}

/* Writing moves t->at only: sets the newest chunk's used, before chunks are looked at. */
static void note_used(const struct trail *t)
{
	if (t->newest)
		t->newest->used = (size_t)(t->at - t->newest->data);
}

/* Puts an empty chunk for size bytes of data at the end. NULL: no memory. */
static struct trail_chunk *append(struct trail *t, size_t size)
{
	struct trail_chunk *c = t->spare;

	if (c && c->size == size)
		t->spare = c->next;
	else
		c = chunk_new(t, size);
	if (!c)
		return NULL;
	if (__builtin_expect(heap_zeroes, 0))
		memset(c->data, 0, size);
	note_used(t);
	*c = (struct trail_chunk){ .start = trail_mark(t), .first = t->records, .size = size };
	t->at = c->data;
	t->end = c->data + size;
	t->bias = c->start - (uintptr_t)c->data;
	if (t->newest)
		t->newest->next = c;
	else
		t->oldest = t->unmeasured = c;
	t->newest = c;
	t->bytes += sizeof(*c) + size;
	return c;
}

bool trail_prepare(struct trail *t)
{
	const size_t size = ordinary_size(t);
	struct trail_chunk *c = chunk_new(t, size);

	if (!c)
		return false;
	c->size = size;
	c->next = t->spare;
	t->spare = c;
	return true;
}

char *trail_reserve_slow(struct trail *t, size_t max)
{
	size_t size = ordinary_size(t);
	struct trail_chunk *c;

	if (max > TRAIL_RECORD_MAX)
		goto lost;
	if (t->fills)
		t->fills(t->fills_ctx);
	c = append(t, trail_span(max) > size ? trail_span(max) : size);
	if (!c)
		goto lost;
	if (t->bytes > t->limit) {
		while (t->oldest != c && t->bytes > t->limit / 2)
			drop_oldest(t);
	}
	return c->data + TRAIL_UNIT;

lost:
	t->error = -ENOMEM;
	return NULL;
}

/* The length and the tag of the record that begins at an offset of a chunk's data. */
static size_t record_head(const struct trail_chunk *c, size_t at, uint64_t *tag)
{
	uint64_t prefix;

	memcpy(&prefix, c->data + at, sizeof(prefix));
	*tag = prefix >> TRAIL_LEN_BITS;
	return (size_t)(prefix & ((UINT64_C(1) << TRAIL_LEN_BITS) - 1));
}

const char *trail_record(const struct trail *t, uint64_t mark, uint64_t *tag, size_t *len)
{
	const struct trail_chunk *c = t->newest;
	size_t at;

	if (!c || mark >= trail_mark(t) || mark < t->oldest->start)
		return NULL;
	note_used(t);
	if (mark < c->start) {
		c = t->oldest;
		while (mark - c->start >= c->used)
			c = c->next;
	}
	at = (size_t)(mark - c->start);
	*len = record_head(c, at, tag);
	return c->data + at + TRAIL_UNIT;
}

/* ---- reading ------------------------------------------------------------------------------ */

/* The line about dropped records; its length, which is 0 if none was dropped. */
static size_t head_line(const struct trail *t, char head[HEAD_MAX])
{
	if (!t->dropped)
		return 0;
	return (size_t)snprintf(head, HEAD_MAX, "# %llu earlier records are no longer kept\n",
				(unsigned long long)t->dropped);
}

/* Appends the text of a chunk's records between two offsets. 0 or -ENOMEM. */
static int render(struct trail *t, const struct trail_chunk *c, size_t at, size_t end,
		  struct text *out)
{
	struct heap *before = enter(t);

	while (at < end && !out->error) {
		uint64_t tag;
		size_t len = record_head(c, at, &tag);

		t->render(t->ctx, tag, c->data + at + TRAIL_UNIT, len, out);
		at += trail_span(len);
	}
	heap_current = before;
	return out->error;
}

/* Notes the length of the text of all records of a chunk. */
static void measured(struct trail *t, struct trail_chunk *c, size_t text)
{
	t->text += text - c->text;
	c->text = text;
	c->measured = c->used;
}

static void forget_cache(struct trail *t)
{
	text_free(&t->cache);
	t->cached = NULL;
}

/*
 * Makes the text of the records that were added to a chunk since it was measured. If the cached
 * text is this chunk's, the new text continues it.
 */
static int measure(struct trail *t, struct trail_chunk *c)
{
	bool cached = c == t->cached;
	int error;

	if (c->measured == c->used)
		return 0;
	if (cached) {
		error = render(t, c, c->measured, c->used, &t->cache);
		if (!error)
			measured(t, c, t->cache.len);
		else
			forget_cache(t);
		return error;
	}
	text_clear(&t->scratch);
	error = render(t, c, c->measured, c->used, &t->scratch);
	if (!error)
		measured(t, c, c->text + t->scratch.len);
	else
		text_free(&t->scratch);
	return error;
}

/* Makes the text of a chunk, which begins at an offset of the whole text, the cached one. */
static int cache_chunk(struct trail *t, struct trail_chunk *c, size_t at)
{
	int error;

	if (c == t->cached)
		return measure(t, c);
	text_clear(&t->cache);
	t->cached = NULL;
	error = render(t, c, 0, c->used, &t->cache);
	if (error) {
		forget_cache(t);
		return error;
	}
	measured(t, c, t->cache.len);
	t->cached = c;
	t->cached_at = at;
	return 0;
}

ssize_t trail_size(struct trail *t)
{
	char head[HEAD_MAX];

	if (t->error)
		return t->error;
	note_used(t);
	for (; t->unmeasured; t->unmeasured = t->unmeasured->next) {
		int error = measure(t, t->unmeasured);

		if (error)
			return error;
		if (t->unmeasured == t->newest)
			break;
	}
	return (ssize_t)(head_line(t, head) + t->text);
}

void trail_keep_up(struct trail *t)
{
	const uint64_t refused = reserve_aside();

	note_used(t);
	while (t->unmeasured && t->unmeasured != t->newest &&
	       trail_mark(t) - t->unmeasured->start > UNMEASURED_MAX) {
		if (measure(t, t->unmeasured))
			break;
		t->unmeasured = t->unmeasured->next;
	}
	reserve_end_aside(refused);
}

/* Copies from a piece that begins at an offset of the whole text. Returns how many bytes. */
static size_t copy_piece(char *buf, size_t size, size_t pos, const char *piece, size_t at,
			 size_t len)
{
	size_t n;

	if (pos < at || pos - at >= len)
		return 0;
	n = len - (pos - at) < size ? len - (pos - at) : size;
	memcpy(buf, piece + (pos - at), n);
	return n;
}

ssize_t trail_read(struct trail *t, char *buf, size_t size, off_t off)
{
	char head[HEAD_MAX];
	size_t head_len = head_line(t, head), pos = (size_t)off, done, at = 0;
	struct trail_chunk *c = t->oldest;

	if (off < 0)
		return -EINVAL;
	note_used(t);
	done = copy_piece(buf, size, pos, head, 0, head_len);
	if (pos + done < head_len)
		return (ssize_t)done;
	pos = pos + done - head_len;
	if (t->cached && pos >= t->cached_at) {
		c = t->cached;
		at = t->cached_at;
	}
	while (c && done < size) {
		if (c->measured < c->used || pos - at < c->text) {
			size_t n;
			int error = cache_chunk(t, c, at);

			if (error)
				return done ? (ssize_t)done : error;
			n = copy_piece(buf + done, size - done, pos, t->cache.s, at, c->text);
			done += n;
			pos += n;
		}
		at += c->text;
		c = c->next;
	}
	return (ssize_t)done;
}

/* ---- places among the records --------------------------------------------------------------- */

bool trail_seek(const struct trail *t, uint64_t n, struct trail_cursor *c)
{
	uint64_t tag, at;

	if (n < t->dropped || n >= t->records)
		return false;
	note_used(t);
	c->chunk = t->newest->first <= n ? t->newest : t->oldest;
	while (c->chunk->next && c->chunk->next->first <= n)
		c->chunk = c->chunk->next;
	c->at = 0;
	for (at = c->chunk->first; at < n; at++)
		c->at += trail_span(record_head(c->chunk, c->at, &tag));
	return true;
}

const char *trail_next(struct trail_cursor *c, uint64_t *tag, size_t *len)
{
	const char *record;

	while (c->chunk && c->at >= c->chunk->used) {
		c->chunk = c->chunk->next;
		c->at = 0;
	}
	if (!c->chunk)
		return NULL;
	*len = record_head(c->chunk, c->at, tag);
	record = c->chunk->data + c->at + TRAIL_UNIT;
	c->at += trail_span(*len);
	return record;
}

ssize_t trail_size_of(struct trail *t, uint64_t n)
{
	ssize_t size = trail_size(t);
	struct trail_cursor end;
	char head[HEAD_MAX];

	if (size < 0 || n >= t->records)
		return size;
	size = (ssize_t)head_line(t, head);
	if (!trail_seek(t, n, &end))
		return size;
	for (const struct trail_chunk *c = t->oldest; c != end.chunk; c = c->next)
		size += (ssize_t)c->text;
	text_clear(&t->scratch);
	if (render(t, end.chunk, 0, end.at, &t->scratch))
		return t->scratch.error;
	return size + (ssize_t)t->scratch.len;
}

void trail_cut(struct trail *t, uint64_t n)
{
	struct trail_chunk *c = t->oldest;
	struct trail_cursor end;
	size_t at;

	if (!trail_seek(t, n, &end))
		return;
	at = end.at;
	while (c != end.chunk)
		c = c->next;
	for (struct trail_chunk *gone = c->next, *next; gone; gone = next) {
		next = gone->next;
		t->bytes -= sizeof(*gone) + gone->size;
		t->text -= gone->text;
		free(gone);
	}
	forget_cache(t);
	t->text -= c->text;
	c->text = c->measured = 0;
	c->next = NULL;
	c->used = at;
	t->newest = c;
	t->at = c->data + at;
	t->end = c->data + c->size;
	t->bias = c->start - (uintptr_t)c->data;
	t->records = n;
	t->unmeasured = t->oldest;
}

bool trail_copy(struct trail *t, uint64_t tag, const char *record, size_t len)
{
	char *to = trail_reserve(t, len);

	if (!to)
		return false;
	memcpy(to, record, len);
	trail_commit(t, tag, len);
	return true;
}

/* ---- as bytes ----------------------------------------------------------------------------- */

/* The saved part of a trail, and of each chunk, whose data follow. */
struct saved_trail {
	uint64_t records, dropped, chunks;
	int64_t error;
};

struct saved_chunk {
	uint64_t start, first, size, used, measured, text;
};

/* The rest of a record's last unit was never written. Zeros take its place. */
static void save_records(const struct trail_chunk *c, struct text *out)
{
	static const char zeros[TRAIL_UNIT];

	for (size_t at = 0; at < c->used;) {
		uint64_t tag;
		const size_t len = record_head(c, at, &tag), span = trail_span(len);

		text_put(out, c->data + at, TRAIL_UNIT + len);
		text_put(out, zeros, span - TRAIL_UNIT - len);
		at += span;
	}
}

void trail_save(const struct trail *t, struct text *out)
{
	struct saved_trail s = { t->records, t->dropped, 0, t->error };

	note_used(t);
	for (const struct trail_chunk *c = t->oldest; c; c = c->next)
		s.chunks++;
	text_put(out, (const char *)&s, sizeof(s));
	for (const struct trail_chunk *c = t->oldest; c; c = c->next) {
		const struct saved_chunk saved = { c->start, c->first,    c->size,
						   c->used,  c->measured, c->text };

		text_put(out, (const char *)&saved, sizeof(saved));
		save_records(c, out);
	}
}

static bool take(void *to, size_t size, const char **at, const char *end)
{
	if ((size_t)(end - *at) < size)
		return false;
	memcpy(to, *at, size);
	*at += size;
	return true;
}

static bool load_chunk(struct trail *t, const char **at, const char *end)
{
	struct saved_chunk saved;
	struct trail_chunk *c;

	if (!take(&saved, sizeof(saved), at, end) || saved.used > saved.size ||
	    saved.measured > saved.used || (size_t)(end - *at) < saved.used)
		return false;
	t->records = saved.first;
	c = append(t, saved.size);
	if (!c)
		return false;
	c->start = saved.start;
	memcpy(c->data, *at, saved.used);
	*at += saved.used;
	t->at = c->data + saved.used;
	t->bias = c->start - (uintptr_t)c->data;
	c->measured = saved.measured;
	c->text = saved.text;
	t->text += c->text;
	/* All chunks before the unmeasured one are measured to their ends. */
	if (t->unmeasured != c && t->unmeasured->measured == t->unmeasured->used)
		t->unmeasured = c;
	return true;
}

bool trail_load(struct trail *t, const char **at, const char *end)
{
	struct saved_trail s;

	if (!take(&s, sizeof(s), at, end))
		return false;
	for (uint64_t i = 0; i < s.chunks; i++) {
		if (!load_chunk(t, at, end))
			return false;
	}
	t->records = s.records;
	t->dropped = s.dropped;
	t->error = (int)s.error;
	return true;
}

void trail_unbase(struct trail *t)
{
	note_used(t);
	t->bias = 0;
}

void trail_rebase(struct trail *t)
{
	if (t->newest)
		t->bias = t->newest->start - (uintptr_t)t->newest->data;
}
