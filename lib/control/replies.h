/*
 * The replies of a control file: a queue of lines that somebody may read, or not. What nobody reads
 * is bounded: the oldest lines go first.
 */
#ifndef REPLIES_H
#define REPLIES_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_arg;
struct fdl_row;
struct arena;
struct line;

/* Beyond this many bytes that nobody read, the older half goes. */
#define REPLIES_MAX ((size_t)4 << 20)

struct replies {
	struct text text;
	size_t taken; /* how much of it was read */
};

static inline bool replies_empty(const struct replies *r)
{
	return r->taken == r->text.len;
}

/* Takes up to size bytes out. */
size_t replies_take(struct replies *r, char *buf, size_t size);

/* To be called behind every line: forgets the oldest ones when there are too many. */
void replies_bound_slow(struct replies *r);
static inline void replies_bound(struct replies *r)
{
	if (__builtin_expect(r->text.len - r->taken > REPLIES_MAX || r->text.error, 0))
		replies_bound_slow(r);
}

/* An outcome to be told: pid 0 is not written. */
struct outcome {
	int pid;
	const struct fdl_row *row;
	const struct fdl_arg *arg;
	int64_t result;
	const struct line *line; /* what was stated; NULL: nothing */
	const char *remark;      /* explains an error that no call gave; or NULL */
	bool ended;              /* the task was killed in it: there is no result to tell */
};

/*
 * Lines of a reply: a call that is over, the end of one that had stopped or blocked, one that
 * blocks, and one that stopped at a point. The first two end in what was expected, where that was
 * stated and did not come out; a stated result of a call that did not return counts as such.
 */
void reply_done(struct text *t, struct arena *a, const struct outcome *o);
void reply_resumed(struct text *t, struct arena *a, const struct outcome *o);
void reply_blocked(struct text *t, const struct outcome *o);
void reply_stopped(struct text *t, const struct outcome *o, const char *point);

#endif
