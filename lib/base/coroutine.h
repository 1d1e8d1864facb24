/*
 * Coroutines: functions that can stop in the middle and go on later, each on a stack of its own.
 * One runs at a time, and the user decides which; stacks of finished ones are kept to be used
 * again.
 */
#ifndef COROUTINE_H
#define COROUTINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct coroutine;
struct dump;

typedef void coroutine_fn(struct coroutine *self, void *arg);

struct coroutine_slab;

/* The stacks of a set of coroutines. All zero is an empty pool. */
struct coroutine_pool {
	struct coroutine_slab *slabs; /* all stacks; those of the newest are not all made */
	struct coroutine *idle;       /* stacks to be used again, nidle of them */
	struct coroutine *cold;       /* the same, without memory */
	unsigned nidle, live;
	unsigned guards; /* guard pages that are memory mappings of their own */
	bool keeps;      /* stacks stay until coroutine_pool_abandon, and can be put back */
};

/* How many idle stacks keep their memory. */
#define COROUTINE_IDLE_MAX 64

/* Frees the stacks of a pool without live coroutines; the pool can be used again. */
void coroutine_pool_free(struct coroutine_pool *pool);

/*
 * The most bytes that a coroutine of the pool has used of its stack, since that got its memory; and
 * the size of a stack. For tests.
 */
size_t coroutine_pool_depth(const struct coroutine_pool *pool);
size_t coroutine_stack_size(void);

/*
 * A coroutine that will run fn(self, arg) on a stack of its own. It does not begin yet. The
 * caller's, to be given to coroutine_free before the pool is freed. NULL: no memory.
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
 * Frees a coroutine that is not running, done or not. An unfinished one never goes on, and memory
 * that its functions hold is not freed. NULL is allowed.
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

/*
 * The stacks of a pool in another process (snapshot.h), of calls in flight, too. The dump has
 * regions for them, named after the pool, and as many numbers for the loader, which
 * coroutine_pool_stacks returns. Each is the number of stacks made in a region; up to size of them
 * are filled in. coroutine_slab_new maps such a region, with as many stacks made ready, and *len
 * bytes; NULL: no memory.
 */
size_t coroutine_pool_stacks(const struct coroutine_pool *pool, uint32_t *made, size_t size);
void coroutine_pool_dump(const struct coroutine_pool *pool, const char *name, struct dump *d);
void *coroutine_slab_new(struct coroutine_pool *pool, uint32_t made, size_t *len);

/* Unmaps a region that did not become part of a pool. */
void coroutine_slab_free(void *slab, size_t len);

/* Unmaps all stacks of a pool that keeps them, of live coroutines, too. */
void coroutine_pool_abandon(struct coroutine_pool *pool);

#endif
