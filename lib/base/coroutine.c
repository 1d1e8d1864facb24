/*
 * Coroutines: stacks, and the few instructions that switch between them. Stacks are cut from slabs,
 * and used again. A page below each stops what would overflow it. AddressSanitizer and valgrind are
 * told of every stack and switch.
 */
#include "base/coroutine.h"

#include "base/asan.h"
#include "base/heap.h"
#include "base/reserve.h"
#include "base/snapshot.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef HAVE_ASAN
#define STACK_SIZE ((size_t)262144) /* frames are several times as large */
#else
#define STACK_SIZE ((size_t)65536)
#endif

#define SLAB_STACKS 64

/*
 * Since 6.13 Linux has guard pages that take nothing. Before, each makes two mappings of one, and a
 * process may have 65530: stacks beyond so many have a page there that nothing uses, and no guard.
 */
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#define GUARDS_MAX 12288

#ifdef __has_include
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif
#ifndef VALGRIND_STACK_REGISTER
#define VALGRIND_STACK_REGISTER(start, end)  0
#define VALGRIND_STACK_DEREGISTER(id)        ((void)(id))
#define VALGRIND_MAKE_MEM_UNDEFINED(p, size) ((void)(p), (void)(size))
#endif

#if !defined(COROUTINE_UCONTEXT) && !defined(__x86_64__) && !defined(__aarch64__)
#define COROUTINE_UCONTEXT
#endif

/* ---- contexts ----------------------------------------------------------------------------- */

static void body(struct coroutine *co);

#ifdef COROUTINE_UCONTEXT
#include <ucontext.h>

struct context {
	ucontext_t saved;
};

/* makecontext passes on nothing wider than int. */
static void enter(unsigned high, unsigned low)
{
	body((struct coroutine *)((uintptr_t)((uint64_t)high << 32 | low)));
}

static bool context_init(struct context *c, char *stack, size_t size, struct coroutine *co)
{
	uint64_t p = (uintptr_t)co;

	if (getcontext(&c->saved))
		return false;
	c->saved.uc_stack.ss_sp = stack;
	c->saved.uc_stack.ss_size = size;
	c->saved.uc_link = NULL;
	makecontext(&c->saved, (void (*)(void))enter, 2, (unsigned)(p >> 32), (unsigned)p);
	return true;
}

static void context_switch(struct context *from, struct context *to, struct coroutine *co)
{
	(void)co;
	if (swapcontext(&from->saved, &to->saved))
		abort();
}

#else /* a context is a stack pointer, with the registers that calls preserve on top */

struct context {
	void **sp;
};

/*
 * Saves the registers that a call preserves, switches stacks, restores registers, and goes on where
 * the other context stopped. A new context begins in body, with co as its argument. Rounding and
 * exception modes of floating point are not saved: the library does not change them.
 *
 * It is assembler because races are explored step by step, with two switches a step: with sigsetjmp
 * and siglongjmp in its place (makecontext only entered each new stack), the benchmark of races
 * (tests/bench/explore.c) ran 0.89 to 0.96 times as many interleavings a second.
 */
void coroutine_switch(struct context *from, const struct context *to, struct coroutine *co)
	__attribute__((visibility("hidden")));

#ifdef __x86_64__
#define FRAME        8 /* rbx rbp r12 r13 r14 r15, where to go on, body's return address */
#define FRAME_RETURN 6
__asm__(".pushsection .text\n"
	".globl coroutine_switch\n"
	".hidden coroutine_switch\n"
	".type coroutine_switch, @function\n"
	".balign 16\n"
	"coroutine_switch:\n"
	"	pushq %r15\n"
	"	pushq %r14\n"
	"	pushq %r13\n"
	"	pushq %r12\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	movq %rsp, (%rdi)\n"
	"	movq (%rsi), %rsp\n"
	"	movq %rdx, %rdi\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	popq %r12\n"
	"	popq %r13\n"
	"	popq %r14\n"
	"	popq %r15\n"
	"	popq %rcx\n"
	"	jmpq *%rcx\n"
	".size coroutine_switch, . - coroutine_switch\n"
	".popsection\n");
#else
#define FRAME        22 /* x19 to x30, d8 to d15, where to go on, unused */
#define FRAME_RETURN 20
__asm__(".pushsection .text\n"
	".globl coroutine_switch\n"
	".hidden coroutine_switch\n"
	".type coroutine_switch, %function\n"
	".balign 16\n"
	"coroutine_switch:\n"
	"	stp x19, x20, [sp, #-176]!\n"
	"	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n"
	"	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n"
	"	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n"
	"	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n"
	"	stp d14, d15, [sp, #144]\n"
	"	str x30, [sp, #160]\n"
	"	mov x9, sp\n"
	"	str x9, [x0]\n"
	"	ldr x9, [x1]\n"
	"	mov sp, x9\n"
	"	mov x0, x2\n"
	"	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n"
	"	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n"
	"	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n"
	"	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n"
	"	ldp d14, d15, [sp, #144]\n"
	"	ldr x17, [sp, #160]\n"
	"	ldp x19, x20, [sp], #176\n"
	"	br x17\n"
	".size coroutine_switch, . - coroutine_switch\n"
	".popsection\n");
#endif

/*
 * A frame as coroutine_switch leaves one, with zeros in all registers: debuggers that walk the
 * stack stop there. size is a multiple of 16, so that body finds the stack aligned as after a call.
 */
static bool context_init(struct context *c, char *stack, size_t size, struct coroutine *co)
{
	(void)co;
	c->sp = (void **)(void *)(stack + size) - FRAME;
	for (int i = 0; i < FRAME; i++)
		c->sp[i] = NULL;
	c->sp[FRAME_RETURN] = (void *)(uintptr_t)body;
	return true;
}

static void context_switch(struct context *from, struct context *to, struct coroutine *co)
{
	coroutine_switch(from, to, co);
}

#endif

/* ---- coroutines --------------------------------------------------------------------------- */

struct coroutine {
	struct context self, outside; /* where it stopped, and where its runner did */
	coroutine_fn *fn;
	void *arg;
	struct coroutine_pool *pool;
	struct coroutine *next;  /* in the pool, if idle */
	struct coroutine **prev; /* what points to it there */
	bool cold;               /* it is idle, and its stack has no memory */
	bool begun, running, done;
	unsigned valgrind_id;
	char *stack;
	size_t stack_size;
#ifdef HAVE_ASAN
	bool dying; /* it is run only to leave its stack for good */
	void *fake, *outside_fake;
	const void *outside_stack;
	size_t outside_size;
#endif
};

#ifdef HAVE_ASAN
/*
 * A switch is announced before and confirmed after. A switch that leaves a stack for good says so,
 * and AddressSanitizer frees the fake stack that it may have for it.
 */
static void switch_in(struct coroutine *co)
{
	__sanitizer_start_switch_fiber(&co->outside_fake, co->stack, co->stack_size);
	context_switch(&co->outside, &co->self, co);
	__sanitizer_finish_switch_fiber(co->outside_fake, NULL, NULL);
}

static void arrived(struct coroutine *co)
{
	__sanitizer_finish_switch_fiber(co->begun ? co->fake : NULL, &co->outside_stack,
					&co->outside_size);
}

static void switch_out(struct coroutine *co)
{
	bool last = co->done || co->dying;

	__sanitizer_start_switch_fiber(last ? NULL : &co->fake, co->outside_stack,
				       co->outside_size);
	context_switch(&co->self, &co->outside, co);
	arrived(co);
	if (co->dying)
		switch_out(co);
}

/* Abandons an unfinished coroutine, so that AddressSanitizer lets its stack be reused. */
static void leave_stack(struct coroutine *co)
{
	if (co->begun && !co->done) {
		co->dying = true;
		switch_in(co);
	}
	ASAN_UNPOISON_MEMORY_REGION(co->stack, co->stack_size);
}
#else
static inline void switch_in(struct coroutine *co)
{
	context_switch(&co->outside, &co->self, co);
}

static inline void arrived(struct coroutine *co)
{
	(void)co;
}

static inline void switch_out(struct coroutine *co)
{
	context_switch(&co->self, &co->outside, co);
}

static void leave_stack(struct coroutine *co)
{
	(void)co;
}
#endif

/* The bottom frame of a coroutine. */
static void body(struct coroutine *co)
{
	arrived(co);
	co->begun = true;
	co->fn(co, co->arg);
	co->done = true;
	co->running = false;
	switch_out(co);
	abort();
}

/*
 * A mapping: this struct, and stacks, each above its guard page. It is not of the heap, which an
 * explorer puts back while coroutines stay.
 */
struct coroutine_slab {
	struct coroutine_slab *next; /* an older one */
	size_t map_size;
	char *stacks;
	unsigned made; /* coroutines whose stack was made ready */
	struct coroutine co[SLAB_STACKS];
};

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

size_t coroutine_stack_size(void)
{
	return STACK_SIZE;
}

/* A slab without stacks. NULL: no memory. */
static struct coroutine_slab *slab_map(void)
{
	const size_t page = page_size(),
		     head = (sizeof(struct coroutine_slab) + page - 1) / page * page;
	const size_t size = head + SLAB_STACKS * (page + STACK_SIZE);
	struct coroutine_slab *slab;
	char *map;

	do
		map = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	while (map == MAP_FAILED && reserve_use());
	if (map == MAP_FAILED)
		return NULL;
	/* A stack uses a page or two. Kernels without huge pages refuse, and need not be told. */
	(void)madvise(map, size, MADV_NOHUGEPAGE);
	slab = (struct coroutine_slab *)(void *)map;
	slab->map_size = size;
	slab->stacks = map + head;
	return slab;
}

/* Guards a page as well as this kernel can. */
static void guard(struct coroutine_pool *pool, char *page, size_t size)
{
	if (!madvise(page, size, MADV_GUARD_INSTALL) || pool->guards == GUARDS_MAX)
		return;
	if (!mprotect(page, size, PROT_NONE))
		pool->guards++;
}

/* The next stack of the newest slab, or of a new one. NULL: no memory. */
static struct coroutine *stack_make(struct coroutine_pool *pool)
{
	const size_t page = page_size();
	struct coroutine_slab *slab = pool->slabs;
	struct coroutine *co;
	char *low;

	if (!slab || slab->made == SLAB_STACKS) {
		slab = slab_map();
		if (!slab)
			return NULL;
		slab->next = pool->slabs;
		pool->slabs = slab;
	}
	low = slab->stacks + slab->made * (page + STACK_SIZE);
	guard(pool, low, page);
	co = &slab->co[slab->made++];
	co->pool = pool;
	co->stack = low + page;
	co->stack_size = STACK_SIZE;
	co->valgrind_id = VALGRIND_STACK_REGISTER(co->stack, co->stack + co->stack_size);
	return co;
}

void coroutine_pool_free(struct coroutine_pool *pool)
{
	struct coroutine_slab *next;

	assert(!pool->live);
	for (struct coroutine_slab *slab = pool->slabs; slab; slab = next) {
		next = slab->next;
		for (unsigned i = 0; i < slab->made; i++)
			VALGRIND_STACK_DEREGISTER(slab->co[i].valgrind_id);
		munmap(slab, slab->map_size);
	}
	*pool = (struct coroutine_pool){ 0 };
}

size_t coroutine_pool_depth(const struct coroutine_pool *pool)
{
	size_t deepest = 0;

	for (const struct coroutine_slab *slab = pool->slabs; slab; slab = slab->next) {
		for (unsigned i = 0; i < slab->made; i++) {
			const struct coroutine *co = &slab->co[i];
			size_t unused = 0;

			while (unused < co->stack_size && !co->stack[unused])
				unused++;
			if (co->stack_size - unused > deepest)
				deepest = co->stack_size - unused;
		}
	}
	return deepest;
}

/* Puts a stack among the idle ones: those beyond COROUTINE_IDLE_MAX are to have no memory. */
static void make_idle(struct coroutine_pool *pool, struct coroutine *co)
{
	struct coroutine **list = &pool->idle;

	co->cold = pool->nidle == COROUTINE_IDLE_MAX;
	if (co->cold)
		list = &pool->cold;
	else
		pool->nidle++;
	co->next = *list;
	co->prev = list;
	if (co->next)
		co->next->prev = &co->next;
	*list = co;
}

static void take_out(struct coroutine_pool *pool, struct coroutine *co)
{
	*co->prev = co->next;
	if (co->next)
		co->next->prev = co->prev;
	if (!co->cold)
		pool->nidle--;
}

static void put_idle(struct coroutine_pool *pool, struct coroutine *co)
{
	make_idle(pool, co);
	/* It cannot fail, and nothing depends on it. */
	if (co->cold)
		(void)madvise(co->stack, co->stack_size, MADV_DONTNEED);
}

struct coroutine *coroutine_new(struct coroutine_pool *pool, coroutine_fn *fn, void *arg)
{
	struct coroutine *co = pool->idle ? pool->idle : pool->cold;

	if (co)
		take_out(pool, co);
	else
		co = stack_make(pool);
	if (!co)
		return NULL;
	if (__builtin_expect(heap_zeroes, 0))
		(void)madvise(co->stack, co->stack_size, MADV_DONTNEED);
	VALGRIND_MAKE_MEM_UNDEFINED(co->stack, co->stack_size);
	if (!context_init(&co->self, co->stack, co->stack_size, co)) {
		put_idle(pool, co);
		return NULL;
	}
	co->fn = fn;
	co->arg = arg;
	co->begun = co->running = co->done = false;
#ifdef HAVE_ASAN
	co->dying = false;
#endif
	pool->live++;
	return co;
}

/*
 * Running and yielding do nothing after the switch, so that it is a tail call: processors predict
 * the jump out of coroutine_switch well, and a return that does not match the last call badly.
 */
void coroutine_run(struct coroutine *co)
{
	assert(!co->done && !co->running);
	co->running = true;
	switch_in(co);
}

void coroutine_yield(struct coroutine *self)
{
	assert(self->running);
	self->running = false;
	switch_out(self);
}

bool coroutine_done(const struct coroutine *co)
{
	return co->done;
}

void coroutine_free(struct coroutine *co)
{
	struct coroutine_pool *pool;

	if (!co)
		return;
	assert(!co->running);
	leave_stack(co);
	co->done = true;
	pool = co->pool;
	pool->live--;
	put_idle(pool, co);
}

/* ---- copies ------------------------------------------------------------------------------- */

/* The lowest byte of the stack that is in use. */
static char *stack_low(const struct coroutine *co)
{
#ifdef COROUTINE_UCONTEXT
	return co->stack;
#else
	return (char *)co->self.sp;
#endif
}

#ifdef HAVE_ASAN
size_t coroutine_copy_size(const struct coroutine *co)
{
	(void)co;
	return 0;
}
#else
/* The struct, and all of the stack that is in use. */
size_t coroutine_copy_size(const struct coroutine *co)
{
	return sizeof(*co) + (size_t)(co->stack + co->stack_size - stack_low(co));
}
#endif

void coroutine_copy(const struct coroutine *co, char *to)
{
	const size_t size = coroutine_copy_size(co);

	memcpy(to, co, sizeof(*co));
	/* Not under AddressSanitizer, where no coroutine is copied: the size is 0. */
	if (size > sizeof(*co))
		memcpy(to + sizeof(*co), stack_low(co), size - sizeof(*co));
}

void coroutine_pool_rewind(struct coroutine_pool *pool)
{
	pool->idle = pool->cold = NULL;
	pool->nidle = pool->live = 0;
	for (struct coroutine_slab *slab = pool->slabs; slab; slab = slab->next) {
		for (unsigned i = 0; i < slab->made; i++) {
			leave_stack(&slab->co[i]);
			slab->co[i].done = true;
			make_idle(pool, &slab->co[i]);
		}
	}
}

void coroutine_put_back(struct coroutine_pool *pool, struct coroutine *co, const char *from,
			size_t size)
{
	take_out(pool, co);
	pool->live++;
	memcpy(co, from, sizeof(*co));
	size -= sizeof(*co);
	VALGRIND_MAKE_MEM_UNDEFINED(co->stack + co->stack_size - size, size);
	memcpy(co->stack + co->stack_size - size, from + sizeof(*co), size);
}

/* ---- other processes ---------------------------------------------------------------------- */

size_t coroutine_pool_stacks(const struct coroutine_pool *pool, uint32_t *made, size_t size)
{
	size_t n = 0;

	for (const struct coroutine_slab *slab = pool->slabs; slab; slab = slab->next, n++) {
		if (n < size)
			made[n] = slab->made;
	}
	return n;
}

void coroutine_pool_dump(const struct coroutine_pool *pool, const char *name, struct dump *d)
{
	char region[REGION_NAME_MAX];
	unsigned n = 0;

	for (const struct coroutine_slab *slab = pool->slabs; slab; slab = slab->next, n++) {
		snprintf(region, sizeof(region), "%s %u", name, n);
		dump_region(d, region, slab, slab->map_size);
		dump_span(d, slab, slab, sizeof(*slab));
		for (unsigned i = 0; i < slab->made; i++) {
			const struct coroutine *co = &slab->co[i];
			const char *low = co->done ? NULL : stack_low(co);

			if (low)
				dump_span(d, low, low, (size_t)(co->stack + co->stack_size - low));
		}
	}
}

void *coroutine_slab_new(struct coroutine_pool *pool, uint32_t made, size_t *len)
{
	struct coroutine_slab *slab = made <= SLAB_STACKS ? slab_map() : NULL;
	const size_t page = page_size();

	for (uint32_t i = 0; slab && i < made; i++)
		guard(pool, slab->stacks + i * (page + STACK_SIZE), page);
	*len = slab ? slab->map_size : 0;
	return slab;
}

void coroutine_slab_free(void *slab, size_t len)
{
	munmap(slab, len);
}

void coroutine_pool_abandon(struct coroutine_pool *pool)
{
	coroutine_pool_rewind(pool);
	coroutine_pool_free(pool);
}
