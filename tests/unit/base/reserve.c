/*
 * The reserve of memory: it is given back when an allocation is refused, which is then tried again,
 * and refusals for good are counted.
 */
#include "base/reserve.h"

#include "base/asan.h"
#include "base/heap.h"
#include "fdlab.h"
#include "support/valgrind.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB ((size_t)1 << 20)

static struct rlimit usual;

static bool is_plain(void)
{
#ifdef HAVE_ASAN
	return false;
#else
	return !under_valgrind();
#endif
}

static size_t address_space(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	size_t pages = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%zu", &pages), 1);
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/*
 * From now on there is room for so many bytes. AddressSanitizer and valgrind have their own address
 * spaces, and their own malloc.
 */
static void leave(size_t bytes)
{
	const struct rlimit few = { address_space() + bytes, usual.rlim_max };

	assert_int_equal(setrlimit(RLIMIT_AS, &few), 0);
}

static int start(void **state)
{
	(void)state;
	return getrlimit(RLIMIT_AS, &usual);
}

static int end(void **state)
{
	(void)state;
	assert_int_equal(fdl_reserve(0), 0);
	return setrlimit(RLIMIT_AS, &usual);
}

static void an_allocation_takes_the_reserve_once(void **state)
{
	const uint64_t refused = fdl_refused();
	void *first, *second;

	(void)state;
	if (!is_plain())
		skip();
	assert_int_equal(fdl_reserve(8 * MIB), 0);
	leave(2 * MIB);
	first = heap_malloc(6 * MIB);
	assert_non_null(first);
	assert_int_equal(fdl_refused(), refused);
	second = heap_calloc(6, MIB);
	assert_null(second);
	assert_int_equal(fdl_refused(), refused + 1);
	second = heap_realloc(first, 20 * MIB);
	assert_null(second);
	assert_int_equal(fdl_refused(), refused + 2);
	heap_free(first);
}

static void a_reserve_that_is_there_stays(void **state)
{
	(void)state;
	if (!is_plain())
		skip();
	assert_int_equal(fdl_reserve(8 * MIB), 0);
	leave(2 * MIB);
	assert_int_equal(fdl_reserve(8 * MIB), 0);
	assert_int_equal(fdl_reserve(0), 0);
	assert_int_equal(fdl_reserve(16 * MIB), -ENOMEM);
	assert_int_equal(fdl_reserve(8 * MIB), 0);
}

static void work_that_can_be_left_undone_does_not_take_it(void **state)
{
	const uint64_t refused = fdl_refused();
	uint64_t outer, inner;
	void *p;

	(void)state;
	if (!is_plain())
		skip();
	assert_int_equal(fdl_reserve(8 * MIB), 0);
	leave(2 * MIB);
	outer = reserve_aside();
	assert_null(heap_malloc(6 * MIB));
	assert_int_equal(fdl_refused(), refused + 1);
	inner = reserve_aside();
	assert_null(heap_malloc(6 * MIB));
	reserve_end_aside(inner);
	assert_null(heap_malloc(6 * MIB));
	assert_int_equal(fdl_refused(), refused + 2);
	reserve_end_aside(outer);
	assert_int_equal(fdl_refused(), refused);
	assert_false(reserve_is_taken());
	p = heap_malloc(6 * MIB);
	assert_non_null(p);
	assert_true(reserve_is_taken());
	heap_free(p);
	assert_int_equal(setrlimit(RLIMIT_AS, &usual), 0);
	assert_int_equal(fdl_reserve(8 * MIB), 0);
	assert_false(reserve_is_taken());
}

static void a_heap_that_is_full_counts(void **state)
{
	const uint64_t refused = fdl_refused();
	struct heap *heap = heap_new(MIB);

	(void)state;
	assert_non_null(heap);
	heap_current = heap;
	assert_null(heap_malloc(2 * MIB));
	assert_null(heap_malloc(MIB));
	heap_current = NULL;
	heap_delete(heap);
	assert_int_equal(fdl_refused(), refused + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_allocation_takes_the_reserve_once, start, end),
		cmocka_unit_test_setup_teardown(a_reserve_that_is_there_stays, start, end),
		cmocka_unit_test_setup_teardown(work_that_can_be_left_undone_does_not_take_it,
						start, end),
		cmocka_unit_test(a_heap_that_is_full_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
