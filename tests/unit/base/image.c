/*
 * Images of a heap: each puts its own moment back, and those that are alike share their pages.
 */
#include "base/image.h"

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

static size_t bytes;

static int setup(void **state)
{
	*state = heap_new(HEAP_USUAL);
	bytes = 0;
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	heap_delete(*state);
	return 0;
}

/* Allocates from a heap. */
static char *take(struct heap *h, size_t size)
{
	char *p;

	heap_current = h;
	p = heap_calloc(1, size);
	heap_current = NULL;
	assert_non_null(p);
	return p;
}

static void give(struct heap *h, char *p)
{
	heap_current = h;
	heap_free(p);
	heap_current = NULL;
}

static void each_image_puts_its_own_moment_back(void **state)
{
	struct heap_image *first, *second;
	char *p = take(*state, 100), *q;

	strcpy(p, "first");
	first = heap_image_take(*state, NULL, &bytes);
	q = take(*state, 100000);
	strcpy(p, "second");
	strcpy(q, "new");
	second = heap_image_take(*state, first, &bytes);
	strcpy(p, "third");
	give(*state, q);
	heap_image_put_back(*state, first);
	assert_string_equal(p, "first");
	heap_image_put_back(*state, second);
	assert_string_equal(p, "second");
	assert_string_equal(q, "new");
	heap_image_put_back(*state, first);
	/* The heap has forgotten the block, and hands the same place out again. */
	assert_ptr_equal(take(*state, 100000), q);
	heap_image_free(first);
	heap_image_put_back(*state, second);
	assert_string_equal(p, "second");
	heap_image_free(second);
	assert_int_equal(bytes, 0);
}

static void images_share_what_did_not_change(void **state)
{
	struct heap_image *first, *second;
	char *p = take(*state, 1000000);
	size_t alone;

	for (size_t i = 0; i < 1000000; i++)
		p[i] = (char)(i % 251);
	first = heap_image_take(*state, NULL, &bytes);
	alone = bytes;
	p[500000]++;
	second = heap_image_take(*state, first, &bytes);
	assert_in_range(bytes - alone, 1, alone / 50);
	heap_image_free(first);
	heap_image_put_back(*state, second);
	assert_int_equal(p[499999], (char)(499999 % 251));
	heap_image_free(second);
}

static void large_blocks_are_handed_out_again(void **state)
{
	for (size_t size = 2000; size < 1000000; size += size / 7) {
		char *p = take(*state, size), *q;

		give(*state, p);
		q = take(*state, size);
		assert_ptr_equal(p, q);
		memset(q, 1, size);
		give(*state, q);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_image_puts_its_own_moment_back, setup,
						teardown),
		cmocka_unit_test_setup_teardown(images_share_what_did_not_change, setup, teardown),
		cmocka_unit_test_setup_teardown(large_blocks_are_handed_out_again, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
