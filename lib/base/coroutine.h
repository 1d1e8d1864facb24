/*
 * Coroutines: functions that can stop in the middle and go on later, each on a stack of its own.
 * One runs at a time, and the user decides which; stacks of finished ones are kept to be used
 * again.
 */
#ifndef COROUTINE_H
#define COROUTINE_H

#include <stdbool.h>
#include <stddef.h>

struct coroutine;

typedef void coroutine_fn(struct coroutine *self, void *arg);

/* The stacks of a set of coroutines. All zero is an empty pool. */
struct coroutine_pool {
	struct coroutine *idle; /* stacks to be used again */
	unsigned nidle, live;
	bool keeps; /* stacks are never unmapped, so that coroutines can be put back */
	struct coroutine *mapped; /* of a pool that keeps: all stacks */
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

/*
 * Copies of coroutines of a pool that keeps its stacks. coroutine_copy_size: the bytes that a copy
 * of one takes which does not run; 0: it cannot be copied (with AddressSanitizer, which knows more
 * of a stack than is in it).
 */
size_t coroutine_copy_size(const struct coroutine *co);
void coroutine_copy(const struct coroutine *co, char *to);

/*
 * Puts coroutines back: first coroutine_pool_rewind, after which all stacks are idle, then
 * coroutine_put_back for each copy of size bytes. Coroutines that are not put back never go on.
 */
void coroutine_pool_rewind(struct coroutine_pool *pool);
void coroutine_put_back(struct coroutine_pool *pool, struct coroutine *co, const char *from,
			size_t size);

/* Unmaps all stacks of a pool that keeps them, of live coroutines, too. */
void coroutine_pool_abandon(struct coroutine_pool *pool);

#endif
