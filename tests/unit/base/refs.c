/*
 * References that are gathered to be counted: few, which insertion sorts, and many.
 */
#include "base/refs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const char place[300];

/* Adds the k-th place k % 4 times, in an order that step makes, and counts. */
static void count_in_order(size_t n, size_t step)
{
	struct refs r = { 0 };

	for (size_t i = 0; i < n; i++) {
		const size_t k = i * step % n;

		for (size_t times = k % 4; times; times--)
			assert_int_equal(refs_add(&r, &place[k]), 0);
	}
	refs_sort(&r);
	for (size_t i = 1; i < r.n; i++)
		assert_true((uintptr_t)r.to[i - 1] <= (uintptr_t)r.to[i]);
	for (size_t k = 0; k < n; k++)
		assert_int_equal(refs_count(&r, &place[k]), k % 4);
	assert_int_equal(refs_count(&r, &r), 0);
	refs_free(&r);
}

static void references_are_counted_in_any_order(void **state)
{
	(void)state;
	/* The steps have no factor in common with the numbers. */
	for (size_t n = 1; n < sizeof(place); n += 6) {
		count_in_order(n, 1);
		count_in_order(n, n + 1);
		if (n % 5)
			count_in_order(n, 5);
		if (n % 7)
			count_in_order(n, 7);
		count_in_order(n, n - 1 ? n - 1 : 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_are_counted_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
