/*
 * Coroutines: switching, many of them, one inside another, deep stacks, and unfinished ones.
 * AddressSanitizer and valgrind also check the annotations.
 */
#include "base/coroutine.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY 10000

static struct coroutine_pool pool;

static int nothing_is_left(void **state)
{
	(void)state;
	assert_int_equal(pool.live, 0);
	coroutine_pool_free(&pool);
	return 0;
}

static struct coroutine *make(coroutine_fn *fn, void *arg)
{
	struct coroutine *co = coroutine_new(&pool, fn, arg);

	assert_non_null(co);
	assert_false(coroutine_done(co));
	return co;
}

static void count_to_three(struct coroutine *self, void *arg)
{
	int *n = arg;

	for (*n = 1; *n < 3; ++*n)
		coroutine_yield(self);
}

static void runs_on_from_where_it_yielded(void **state)
{
	int n = 0;
	struct coroutine *co = make(count_to_three, &n);

	(void)state;
	assert_int_equal(n, 0);
	for (int i = 1; i <= 3; i++) {
		assert_false(coroutine_done(co));
		coroutine_run(co);
		assert_int_equal(n, i);
	}
	assert_true(coroutine_done(co));
	coroutine_free(co);
	coroutine_free(NULL);
}

/* Local variables of many types, in many registers, across a switch. */
static void sum(struct coroutine *self, void *arg)
{
	uint64_t *out = arg, a = *out, b = a * 3, c = a * 5, d = a * 7, e = a * 11, f = a * 13;
	double x = (double)a, y = x * 3;

	for (int i = 0; i < 10; i++) {
		a += b ^ i;
		b += c;
		c += d;
		d += e;
		e += f;
		f += a;
		x += y;
		y *= 1.5;
		if (self)
			coroutine_yield(self);
	}
	*out = a + b + c + d + e + f + (uint64_t)x + (uint64_t)y;
}

static void local_variables_survive_switches(void **state)
{
	uint64_t got[8], want[8];
	struct coroutine *co[8];

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		got[i] = want[i] = i + 1;
		sum(NULL, &want[i]);
		co[i] = make(sum, &got[i]);
	}
	for (int round = 0; round <= 10; round++) {
		for (int i = 0; i < 8; i++)
			coroutine_run(co[i]);
	}
	for (int i = 0; i < 8; i++) {
		assert_true(coroutine_done(co[i]));
		assert_true(got[i] == want[i]);
		coroutine_free(co[i]);
	}
}

struct nest {
	unsigned depth;
	unsigned reached;
};

/* Runs another coroutine of its kind inside itself, step by step. */
static void nest(struct coroutine *self, void *arg)
{
	struct nest *n = arg, below = { .depth = n->depth - 1 };
	struct coroutine *co;

	n->reached = 1;
	coroutine_yield(self);
	if (!below.depth)
		return;
	co = make(nest, &below);
	while (!coroutine_done(co)) {
		coroutine_run(co);
		n->reached = below.reached + 1;
		coroutine_yield(self);
	}
	coroutine_free(co);
}

static void a_coroutine_may_run_another(void **state)
{
	struct nest n = { .depth = 20 };
	struct coroutine *co = make(nest, &n);
	unsigned peak = 0;

	(void)state;
	while (!coroutine_done(co)) {
		coroutine_run(co);
		peak = pool.live > peak ? pool.live : peak;
	}
	assert_int_equal(n.reached, 20);
	assert_int_equal(peak, 20);
	coroutine_free(co);
}

static void yield_to(struct coroutine *self, void *arg)
{
	struct coroutine **other = arg;

	while (*other && !coroutine_done(*other))
		coroutine_yield(self);
}

static void a_coroutine_may_be_run_by_different_coroutines(void **state)
{
	int n = 0;
	struct coroutine *counter = make(count_to_three, &n);
	struct coroutine *waiter = make(yield_to, &counter);

	(void)state;
	while (!coroutine_done(waiter)) {
		coroutine_run(waiter);
		if (!coroutine_done(counter))
			coroutine_run(counter);
	}
	assert_int_equal(n, 3);
	coroutine_free(counter);
	coroutine_free(waiter);
}

static void add_one_each_time(struct coroutine *self, void *arg)
{
	unsigned *n = arg;

	for (int i = 0; i < 3; i++) {
		++*n;
		coroutine_yield(self);
	}
}

static void ten_thousand_live_at_once(void **state)
{
	struct coroutine **co = calloc(MANY, sizeof(*co));
	unsigned *n = calloc(MANY, sizeof(*n));

	(void)state;
	assert_non_null(co);
	assert_non_null(n);
	for (int i = 0; i < MANY; i++)
		co[i] = make(add_one_each_time, &n[i]);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < MANY; i++)
			coroutine_run(co[i]);
	}
	assert_int_equal(pool.live, MANY);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(n[i], 2);
		coroutine_free(co[i]);
	}
	assert_int_equal(pool.nidle, COROUTINE_IDLE_MAX);
	free(co);
	free(n);
}

/* More than guard pages that are mappings of their own allow, which is fewer than 32765. */
static void there_may_be_more_than_a_process_can_have_mappings(void **state)
{
	const int many = 40000;
	struct coroutine **co = calloc((size_t)many, sizeof(*co));
	int n;

	(void)state;
	assert_non_null(co);
	for (int i = 0; i < many; i++)
		co[i] = make(count_to_three, &n);
	for (int i = 0; i < many; i += many / 10) {
		coroutine_run(co[i]);
		assert_int_equal(n, 1);
	}
	for (int i = 0; i < many; i++)
		coroutine_free(co[i]);
	assert_int_equal(pool.nidle, COROUTINE_IDLE_MAX);
	/* Stacks that gave their memory back are as good as new ones. */
	for (int i = 0; i < 200; i++) {
		co[i] = make(count_to_three, &n);
		coroutine_run(co[i]);
		coroutine_run(co[i]);
		assert_int_equal(n, 2);
	}
	for (int i = 0; i < 200; i++)
		coroutine_free(co[i]);
	free(co);
}

static __attribute__((noinline)) unsigned fill(struct coroutine *self, size_t left)
{
	volatile char frame[1024];
	unsigned n;

	memset((void *)(uintptr_t)frame, (int)left, sizeof(frame));
	if (left <= sizeof(frame)) {
		coroutine_yield(self);
		return 1;
	}
	n = fill(self, left - sizeof(frame));
	return n + (frame[5] == (char)left);
}

static void use_48_KiB(struct coroutine *self, void *arg)
{
	*(unsigned *)arg = fill(self, 48 * 1024);
}

static void the_stack_is_deep(void **state)
{
	unsigned n = 0;
	struct coroutine *co = make(use_48_KiB, &n);

	(void)state;
	coroutine_run(co);
	assert_false(coroutine_done(co));
	coroutine_run(co);
	assert_true(coroutine_done(co));
	assert_int_equal(n, 48);
	coroutine_free(co);
}

/* A frame that shares no place with those of fill. */
static void use_it_as_one_piece(struct coroutine *self, void *arg)
{
	volatile char piece[40 * 1024];

	memset((void *)(uintptr_t)piece, 1, sizeof(piece));
	coroutine_yield(self);
	*(unsigned *)arg = (unsigned)piece[0] + (unsigned)piece[sizeof(piece) - 1];
}

/* A stack that was left unfinished, deep inside, can be used again. */
static void unfinished_ones_can_be_freed_and_their_stacks_used_again(void **state)
{
	struct coroutine *co[3];
	unsigned n = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct coroutine *deep = make(use_48_KiB, &n);
		struct coroutine *never = make(use_48_KiB, &n);
		struct coroutine *nested = make(nest, &(struct nest){ .depth = 1 });

		coroutine_run(deep);
		coroutine_run(nested);
		coroutine_free(deep);
		coroutine_free(never);
		coroutine_free(nested);
	}
	assert_int_equal(n, 0);
	assert_int_equal(pool.nidle, 3);
	for (int i = 0; i < 3; i++) {
		co[i] = make(use_it_as_one_piece, &n);
		coroutine_run(co[i]);
	}
	for (int i = 0; i < 3; i++) {
		n = 0;
		coroutine_run(co[i]);
		assert_int_equal(n, 2);
		coroutine_free(co[i]);
	}
}

/* Goes down its stack, past the end, up to the coroutine at the end of the next one below. */
static void go_too_deep(struct coroutine *self, void *arg)
{
	volatile char *p = __builtin_frame_address(0);

	(void)self;
	for (; (uintptr_t)p > (uintptr_t)arg; p -= 512)
		(void)*p;
	_exit(0);
}

/* The upmost of a few stacks, made again with the one below it as its argument. */
static struct coroutine *make_above_another(void)
{
	struct coroutine *made[8], *upper = NULL, *below = NULL;

	for (int i = 0; i < 8; i++) {
		made[i] = make(go_too_deep, NULL);
		upper = made[i] > upper ? made[i] : upper;
	}
	for (int i = 0; i < 8; i++) {
		if (made[i] == upper)
			continue;
		below = made[i] > below ? made[i] : below;
		coroutine_free(made[i]);
	}
	coroutine_free(upper); /* the last one freed is the first one used */
	assert_ptr_equal(make(go_too_deep, below), upper);
	return upper;
}

static void the_guard_page_stops_a_coroutine_that_goes_too_deep(void **state)
{
	struct coroutine *co = make_above_another();
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		close(2);
		coroutine_run(co);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	coroutine_free(co);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(runs_on_from_where_it_yielded, nothing_is_left),
		cmocka_unit_test_teardown(local_variables_survive_switches, nothing_is_left),
		cmocka_unit_test_teardown(a_coroutine_may_run_another, nothing_is_left),
		cmocka_unit_test_teardown(a_coroutine_may_be_run_by_different_coroutines,
					  nothing_is_left),
		cmocka_unit_test_teardown(ten_thousand_live_at_once, nothing_is_left),
		cmocka_unit_test_teardown(there_may_be_more_than_a_process_can_have_mappings,
					  nothing_is_left),
		cmocka_unit_test_teardown(the_stack_is_deep, nothing_is_left),
		cmocka_unit_test_teardown(unfinished_ones_can_be_freed_and_their_stacks_used_again,
					  nothing_is_left),
		cmocka_unit_test_teardown(the_guard_page_stops_a_coroutine_that_goes_too_deep,
					  nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
