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

static void a_freed_block_is_handed_out_again_before_the_freeze(void **state)
{
	char *p = heap_malloc(100), *q;

	(void)state;
	assert_non_null(p);
	heap_free(p);
	q = heap_malloc(100);
	assert_ptr_equal(p, q);
	assert_int_equal((uintptr_t)q % 16, 0);
}

static void a_block_that_was_written_is_put_back(void **state)
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

static void bytes_that_the_owner_skips_are_not_put_back_and_those_before_are(void **state)
{
	char *p = heap_calloc(1, 10000), *next = heap_calloc(1, 100);
	size_t all;

	heap_skip(p, 100);
	assert_int_equal(heap_freeze(*state), 0);
	all = heap_frozen_size(*state);
	assert_true(all < 1000);
	p[99] = p[9999] = next[0] = 'x';
	heap_thaw(*state);
	assert_int_equal(p[99], 0);
	assert_int_equal(p[9999], 'x');
	assert_int_equal(next[0], 0);
}

static void a_lazy_block_is_put_back_if_it_was_written(void **state)
{
	char *p = heap_calloc(1, 5000), *q = heap_calloc(1, 5000), *young;

	heap_lazy(p, 20);
	heap_lazy(q, 0);
	strcpy(p, "first");
	strcpy(p + 100, "before");
	assert_int_equal(heap_freeze(*state), 0);
	assert_true(heap_frozen_size(*state) < 1000);
	for (int i = 0; i < 3; i++) {
		strcpy(p, "changed");
		young = heap_calloc(1, 5000);
		heap_lazy(young, 0);
		heap_wrote(young);
		if (i != 1) {
			heap_wrote(p);
			heap_wrote(p);
			strcpy(p + 100, "after");
		}
		heap_free(q);
		heap_thaw(*state);
		assert_string_equal(p, "first");
		assert_string_equal(p + 100, "before");
		assert_true(heap_is_live(*state, q));
	}
	/* Of libc's memory nothing is known. */
	heap_current = NULL;
	young = malloc(10);
	heap_lazy(young, 0);
	heap_wrote(young);
	free(young);
}

static void a_block_that_is_used_again_is_put_back_as_a_whole(void **state)
{
	char *p = heap_calloc(1, 1000);

	heap_skip(p, 0);
	heap_free(p);
	assert_ptr_equal(heap_calloc(1, 1000), p);
	assert_int_equal(heap_freeze(*state), 0);
	p[999] = 'x';
	heap_thaw(*state);
	assert_int_equal(p[999], 0);
}

static void a_block_freed_since_the_freeze_is_dead_until_it_is_put_back(void **state)
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

static void blocks_allocated_since_the_freeze_are_at_the_same_places_each_time(void **state)
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
		HEAP_TEST(a_freed_block_is_handed_out_again_before_the_freeze),
		HEAP_TEST(a_block_that_was_written_is_put_back),
		HEAP_TEST(bytes_that_the_owner_skips_are_not_put_back_and_those_before_are),
		HEAP_TEST(a_lazy_block_is_put_back_if_it_was_written),
		HEAP_TEST(a_block_that_is_used_again_is_put_back_as_a_whole),
		HEAP_TEST(a_block_freed_since_the_freeze_is_dead_until_it_is_put_back),
		HEAP_TEST(blocks_allocated_since_the_freeze_are_at_the_same_places_each_time),
		HEAP_TEST(memory_of_libc_stays_where_it_is),
		HEAP_TEST(realloc_keeps_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
