/*
 * The replies of a control file: a queue of lines. It is bounded, since they need not be read: the
 * oldest lines are dropped first.
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

/* Beyond this many unread bytes the older half is dropped. */
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

/* Drops the oldest lines if there are too many; call it after adding one. */
void replies_bound_slow(struct replies *r);
static inline void replies_bound(struct replies *r)
{
	if (__builtin_expect(r->text.len - r->taken > REPLIES_MAX || r->text.error, 0))
		replies_bound_slow(r);
}

/* An outcome to be written down; pid 0 is not. */
struct reply_outcome {
	int pid;
	const struct fdl_row *row;
	const struct fdl_arg *arg;
	int64_t result;
	const struct line *line; /* what was stated; NULL: nothing */
	const char *remark;      /* explains an error that is not the call's own; or NULL */
	bool ended;              /* the task ended in it: there is no result */
};

/*
 * Lines of a reply: a call that is over, the end of a call that had stopped or blocked, a call that
 * blocks, and a call that stopped at a point. All but the last end in "# expected ..." if what the
 * line stated did not come out; to block does not match any stated result.
 */
void reply_done(struct text *t, struct arena *a, const struct reply_outcome *o);
void reply_resumed(struct text *t, struct arena *a, const struct reply_outcome *o);
void reply_blocked(struct text *t, const struct reply_outcome *o);
void reply_stopped(struct text *t, const struct reply_outcome *o, const char *point);

#endif
