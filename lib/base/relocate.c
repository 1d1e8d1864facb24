/*
 * Finds the pointers in two dumps of the same memory. A word that is the same in both is data; one
 * that lies as far from the beginning of the same region in both is a pointer into that. A pointer
 * into the stack of the thread is of a function that has returned: nothing uses it. Anything else
 * means that the memory has what a process may not carry over.
 */
#include "base/heap.h"
#include "base/snapshot_layout.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

struct search {
	struct snapshot a, b;
	uint32_t *by_base; /* regions of a, by their bases */
	uint32_t *number;  /* of each region in the snapshot, from 1; 0: it is not used */
	struct text relocs, words;
	uint64_t n_relocs;
	struct text *why;
};

static int compare_bases(const void *x, const void *y, void *ctx)
{
	const struct snapshot_region *regions = ctx;
	const uint64_t a = regions[*(const uint32_t *)x].base;
	const uint64_t b = regions[*(const uint32_t *)y].base;

	return a < b ? -1 : a > b;
}

static bool has(const struct snapshot_region *r, uint64_t value)
{
	return value - r->base < r->size;
}

/* The region of the first dump that a value points into; or n_regions. */
static size_t region_of(const struct search *s, uint64_t value)
{
	size_t low = 0, high = s->a.n_regions;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (s->a.regions[s->by_base[middle]].base <= value)
			low = middle + 1;
		else
			high = middle;
	}
	if (low && has(&s->a.regions[s->by_base[low - 1]], value))
		return s->by_base[low - 1];
	return s->a.n_regions;
}

static int unequal(const struct search *s, size_t word, uint64_t a, uint64_t b)
{
	size_t i = 0;

	while (word >= s->a.spans[i].len / WORD)
		word -= s->a.spans[i++].len / WORD;
	text_printf(s->why, "at %s+%#" PRIx64 " is %#" PRIx64 " and %#" PRIx64,
		    s->a.regions[s->a.spans[i].region].name, s->a.spans[i].at + word * WORD, a, b);
	return -EUCLEAN;
}

/* A word that differs. 0 or an error. */
static int look_at(struct search *s, size_t word, uint64_t a, uint64_t b)
{
	const size_t r = region_of(s, a);
	const struct snapshot_region *ra = &s->a.regions[r], *rb = &s->b.regions[r];
	struct snapshot_reloc reloc = { .word = (uint32_t)word, .region = (uint32_t)r };
	uint64_t value = 0;

	if (r == s->a.n_regions)
		return unequal(s, word, a, b);
	if (strcmp(ra->name, region_stack) != 0) {
		if (a - ra->base != b - rb->base || word > UINT32_MAX)
			return unequal(s, word, a, b);
		value = a - ra->base;
		s->number[r] = 1;
		text_put(&s->relocs, (const char *)&reloc, sizeof(reloc));
		s->n_relocs++;
	} else if (!has(rb, b)) {
		return unequal(s, word, a, b);
	}
	text_put(&s->words, (const char *)&value, WORD);
	return 0;
}

static int look_at_all(struct search *s)
{
	size_t same = 0; /* the first word that is not yet put out */
	int error = 0;

	for (size_t i = 0; i < s->a.n_words && !error; i++) {
		uint64_t a, b;

		memcpy(&a, s->a.words + i * WORD, WORD);
		memcpy(&b, s->b.words + i * WORD, WORD);
		if (a == b)
			continue;
		text_put(&s->words, s->a.words + same * WORD, (i - same) * WORD);
		same = i + 1;
		error = look_at(s, i, a, b);
	}
	if (!error)
		text_put(&s->words, s->a.words + same * WORD, (s->a.n_words - same) * WORD);
	return error;
}

/* The first part that differs between two dumps, their words aside; NULL: none. */
static const char *other_shape(const struct snapshot *a, const struct snapshot *b)
{
	if (a->n_regions != b->n_regions || a->n_relocs || b->n_relocs)
		return "regions";
	for (size_t i = 0; i < a->n_regions; i++) {
		if (strcmp(a->regions[i].name, b->regions[i].name) != 0 ||
		    (a->regions[i].size != b->regions[i].size &&
		     strcmp(a->regions[i].name, region_stack) != 0))
			return a->regions[i].name;
	}
	if (a->n_spans != b->n_spans || a->n_words != b->n_words ||
	    memcmp(a->spans, b->spans, a->n_spans * sizeof(*a->spans)) != 0)
		return "spans";
	if (a->n_rest != b->n_rest || memcmp(a->rest, b->rest, a->n_rest) != 0)
		return "records or files";
	return NULL;
}

static int prepare(struct search *s)
{
	s->by_base = calloc(s->a.n_regions + 1, sizeof(*s->by_base));
	s->number = calloc(s->a.n_regions + 1, sizeof(*s->number));
	if (!s->by_base || !s->number)
		return -ENOMEM;
	for (uint32_t i = 0; i < s->a.n_regions; i++) {
		s->by_base[i] = i;
		/*
		 * Where addresses are the same, they are not seen: they must be the same at last.
		 */
		s->number[i] = s->a.regions[i].base == s->b.regions[i].base;
	}
	for (size_t i = 0; i < s->a.n_spans; i++)
		s->number[s->a.spans[i].region] = 1;
	qsort_r(s->by_base, s->a.n_regions, sizeof(*s->by_base), compare_bases,
		(void *)(uintptr_t)s->a.regions);
	return 0;
}

/* Puts out the regions that are used, and renumbers them. */
static void print(struct search *s, struct text *out)
{
	struct text regions = TEXT_EMPTY, spans = TEXT_EMPTY, rest = TEXT_EMPTY;
	struct snapshot_head head = { .n_spans = s->a.n_spans,
				      .n_relocs = s->n_relocs,
				      .n_words = s->a.n_words,
				      .n_rest = s->a.n_rest };

	memcpy(head.magic, snapshot_magic, sizeof(head.magic));
	for (size_t i = 0; i < s->a.n_regions; i++) {
		struct snapshot_region r = s->a.regions[i];

		if (!s->number[i])
			continue;
		if (r.base != s->b.regions[i].base)
			r.base = 0;
		s->number[i] = (uint32_t)head.n_regions++;
		text_put(&regions, (const char *)&r, sizeof(r));
	}
	for (size_t i = 0; i < s->a.n_spans; i++) {
		struct snapshot_span p = s->a.spans[i];

		p.region = s->number[p.region];
		text_put(&spans, (const char *)&p, sizeof(p));
	}
	for (uint64_t i = 0; i < s->n_relocs && !s->relocs.error; i++) {
		struct snapshot_reloc *r = &((struct snapshot_reloc *)(void *)s->relocs.s)[i];

		r->region = s->number[r->region];
	}
	text_put(&rest, s->a.rest, s->a.n_rest);
	snapshot_print(
		&head,
		(const struct text *const[PARTS]){ &regions, &spans, &s->relocs, &s->words, &rest },
		out);
	text_free(&regions);
	text_free(&spans);
	text_free(&rest);
}

int snapshot_make(const char *a, size_t a_len, const char *b, size_t b_len, struct text *out,
		  struct text *why)
{
	struct search s = { .why = why };
	const char *other;
	int error = snapshot_open(&s.a, a, a_len, why);

	if (!error)
		error = snapshot_open(&s.b, b, b_len, why);
	other = error ? NULL : other_shape(&s.a, &s.b);
	if (other) {
		text_printf(why, "two processes that did the same have other %s", other);
		error = -EUCLEAN;
	}
	if (!error)
		error = prepare(&s);
	if (!error)
		error = look_at_all(&s);
	if (!error)
		print(&s, out);
	if (!error)
		error = out->error;
	free(s.by_base);
	free(s.number);
	text_free(&s.relocs);
	text_free(&s.words);
	return error;
}
