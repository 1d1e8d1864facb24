/*
 * The heap that can be put back: it returns to the state in which it was frozen, and blocks freed
 * since are not handed out, so that their use is found.
 */
#include "base/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#undef malloc
#undef calloc
#undef realloc
#undef free

static int setup(void **state)
{
	struct heap *h = heap_new(HEAP_USUAL);

	*state = h;
	heap_current = h;
	return h ? 0 : -1;
}

static int teardown(void **state)
{
	heap_current = NULL;
	heap_delete(*state);
	return 0;
}

static void what_is_freed_is_handed_out_again_before_the_freeze(void **state)
{
	char *p = heap_malloc(100), *q;

	(void)state;
	assert_non_null(p);
	heap_free(p);
	q = heap_malloc(100);
	assert_ptr_equal(p, q);
	assert_int_equal((uintptr_t)q % 16, 0);
}

static void what_was_written_is_put_back(void **state)
{
	char *p = heap_calloc(10, 10), *large = heap_malloc(100000);

	memset(large, 'x', 100000);
	strcpy(p, "before");
	assert_int_equal(heap_freeze(*state), 0);
	for (int i = 0; i < 3; i++) {
		strcpy(p, "after");
		large[99999] = 'y';
		heap_thaw(*state);
		assert_string_equal(p, "before");
		assert_int_equal(large[99999], 'x');
	}
}

static void what_was_freed_since_the_freeze_is_dead_until_it_is_put_back(void **state)
{
	char *p = heap_malloc(100), *q;

	strcpy(p, "text");
	assert_int_equal(heap_freeze(*state), 0);
	heap_free(p);
	assert_false(heap_is_live(*state, p));
	q = heap_malloc(100);
	assert_ptr_not_equal(p, q);
	assert_string_equal(p, "text");
	heap_thaw(*state);
	assert_true(heap_is_live(*state, p));
	assert_string_equal(p, "text");
}

static void what_was_allocated_since_the_freeze_is_at_the_same_place_each_time(void **state)
{
	char *p, *q;
	size_t mark;

	heap_malloc(10);
	assert_int_equal(heap_freeze(*state), 0);
	p = heap_malloc(30);
	heap_thaw(*state);
	mark = heap_mark(*state);
	q = heap_malloc(1000);
	heap_free(q);
	heap_release(*state, mark);
	q = heap_malloc(30);
	assert_ptr_equal(p, q);
}

static void memory_of_libc_stays_where_it_is(void **state)
{
	char *p, *q;

	heap_current = NULL;
	p = heap_strdup("of libc");
	heap_current = *state;
	assert_true(heap_is_live(*state, p));
	q = heap_realloc(p, 5000);
	heap_current = NULL;
	assert_string_equal(q, "of libc");
	heap_free(q);
}

static void realloc_keeps_what_there_is(void **state)
{
	char *p = heap_strndup("keep this", 4), *other = heap_malloc(1);

	volatile size_t huge = SIZE_MAX; /* hidden from the compiler */

	(void)state;
	assert_non_null(other);
	p = heap_realloc(p, 4000);
	assert_string_equal(p, "keep");
	assert_null(heap_reallocarray(p, huge, 2));
	assert_null(heap_calloc(huge, 2));
	assert_null(heap_malloc(huge));
	assert_string_equal(p, "keep");
}

#define HEAP_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HEAP_TEST(what_is_freed_is_handed_out_again_before_the_freeze),
		HEAP_TEST(what_was_written_is_put_back),
		HEAP_TEST(what_was_freed_since_the_freeze_is_dead_until_it_is_put_back),
		HEAP_TEST(what_was_allocated_since_the_freeze_is_at_the_same_place_each_time),
		HEAP_TEST(memory_of_libc_stays_where_it_is),
		HEAP_TEST(realloc_keeps_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
