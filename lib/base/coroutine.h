/*
 * Coroutines: functions that can stop in the middle and go on later, each on a stack of its own.
 * One runs at a time, and the user decides which; stacks of finished ones are kept to be used
 * again.
 */
#ifndef COROUTINE_H
#define COROUTINE_H

#include <stdbool.h>

struct coroutine;

typedef void coroutine_fn(struct coroutine *self, void *arg);

/* The stacks of a set of coroutines. All zero is an empty pool. */
struct coroutine_pool {
	struct coroutine *idle; /* stacks to be used again */
	unsigned nidle, live;
};

/*
 * How many coroutines of one pool may live at the same time: each takes two of the process's memory
 * mappings, of which Linux usually allows 65530. And how many idle stacks are kept.
 */
#define COROUTINE_MAX      12288
#define COROUTINE_IDLE_MAX 64

/* Frees the stacks of a pool without live coroutines; the pool can be used again. */
void coroutine_pool_free(struct coroutine_pool *pool);

/*
 * A coroutine that will run fn(self, arg) on at least 64 KiB of stack above a guard page. It does
 * not begin yet. The caller's, to be given to coroutine_free before the pool is freed. NULL: no
 * memory, or COROUTINE_MAX live ones.
 */
struct coroutine *coroutine_new(struct coroutine_pool *pool, coroutine_fn *fn, void *arg);

/*
 * Runs a coroutine, from outside or from inside another, until it yields or fn returns. It must
 * neither be done nor be running.
 */
void coroutine_run(struct coroutine *co);

/* Called inside a coroutine: returns from its coroutine_run, and goes on at the next one. */
void coroutine_yield(struct coroutine *self);

/* True once fn has returned. */
bool coroutine_done(const struct coroutine *co);

/*
 * Frees a coroutine that is not running, done or not. An unfinished one never goes on, and what its
 * functions hold is not freed. NULL is allowed.
 */
void coroutine_free(struct coroutine *co);

#endif
