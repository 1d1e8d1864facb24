/*
 * Coroutines: functions that can stop in the middle and go on later, each on a stack of its own.
 * Calls in flight run on them. Nothing here runs at the same time as anything else, and who runs
 * whom when is the user's affair; this room only switches stacks, and keeps those that are idle.
 */
#ifndef COROUTINE_H
#define COROUTINE_H

#include <stdbool.h>

struct coroutine;

typedef void coroutine_fn(struct coroutine *self, void *arg);

/* Where coroutines get their stacks. All zero is an empty pool. */
struct coroutine_pool {
	struct coroutine *idle; /* stacks to be used again */
	unsigned nidle, live;
};

/*
 * Coroutines that one pool lets live at the same time: each takes two of the process's memory
 * mappings, of which Linux usually allows 65530. And idle stacks that are kept.
 */
#define COROUTINE_MAX      12288
#define COROUTINE_IDLE_MAX 64

/* A pool without live coroutines gives its memory back; it is empty then and can be used again. */
void coroutine_pool_free(struct coroutine_pool *pool);

/*
 * A coroutine that will run fn(self, arg) on at least 64 KiB of stack, with a page below that stops
 * who uses more. It does not begin yet. The caller's, to be given to coroutine_free before the pool
 * is freed. NULL: no memory, or COROUTINE_MAX live ones.
 */
struct coroutine *coroutine_new(struct coroutine_pool *pool, coroutine_fn *fn, void *arg);

/*
 * Runs a coroutine, from outside or from inside another one, until it yields or fn returns. It must
 * neither be done nor be running.
 */
void coroutine_run(struct coroutine *co);

/* Called inside a coroutine: goes back to who runs it, and returns when it is run again. */
void coroutine_yield(struct coroutine *self);

/* True once fn has returned. */
bool coroutine_done(const struct coroutine *co);

/*
 * Frees a coroutine that is not running, done or not. One that is not done never goes on: what its
 * functions hold is for others to free. NULL is allowed.
 */
void coroutine_free(struct coroutine *co);

#endif
