/*
 * The moments that a history keeps of a machine: checkpoints, each with an image of the machine's
 * heap and copies of the stacks of its calls in flight. They are ordered by their place in the
 * transcript, and take a bounded amount of memory.
 */
#ifndef MOMENTS_H
#define MOMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_machine;
struct heap;
struct moment;

struct moments {
	struct moment **moment; /* by their places */
	size_t n, cap;
	size_t bytes, limit;
	uint64_t interval; /* of those that are kept for good: one in so many lines */
	uint64_t uses;     /* counts them */
	size_t n_used;     /* moments that are not kept for good */
	bool fades;        /* the longer ago, the larger the distances */
};

/* The lines after which a machine was as it is: several, where a line only says what followed. */
struct line_range {
	uint64_t first, last;
};

static inline bool line_range_has(const struct line_range *s, uint64_t n)
{
	return s->first <= n && n <= s->last;
}

void moments_init(struct moments *ms, size_t limit, uint64_t interval);
void moments_free(struct moments *ms);

/*
 * The span of the last moment that shows line n or lies before it, which moments_put_back takes.
 * False: there is none.
 */
bool moments_find(const struct moments *ms, uint64_t n, struct line_range *at);

/*
 * Keeps the present state of a machine that was allocated from heap, but for its struct if m->heap
 * is that heap, and that no call runs on: for good, or until others need the memory. Nothing is
 * kept where a stack cannot be copied, or without memory.
 */
void moments_keep(struct moments *ms, struct heap *heap, const struct fdl_machine *m,
		  const struct line_range *at, bool for_good);

/* Puts a machine back to the moment with this span, which there is. */
void moments_put_back(struct moments *ms, struct heap *heap, struct fdl_machine *m,
		      const struct line_range *at);

/* Drops the moments that begin before a line, or end after a line. */
void moments_drop_before(struct moments *ms, uint64_t line);
void moments_drop_after(struct moments *ms, uint64_t line);

/* Drops the moments that are not kept for good. */
void moments_drop_used(struct moments *ms);

/* Whether the moment with this span is kept, which counts as a use of it. */
bool moments_has(struct moments *ms, const struct line_range *at);

/* The span of the first moment that ends at a line or after it. False: there is none. */
bool moments_first(const struct moments *ms, uint64_t line, struct line_range *at);

/*
 * Goes back from line n, through moments that are at most so many lines apart, to the first larger
 * gap; *before is the moment before it. False: there is none that ends less than reach lines before
 * n.
 */
bool moments_gap(const struct moments *ms, uint64_t n, uint64_t reach, uint64_t apart,
		 struct line_range *before);

/*
 * Whether a machine at this span is the first in an interval of which no moment is kept for good.
 */
bool moments_wants(const struct moments *ms, const struct line_range *at);

#endif
