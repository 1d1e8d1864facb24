/*
 * Sorting of what is mostly sorted: it sorts as qsort does, and looks once at what is sorted.
 */
#include "base/sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static size_t compared;

static int by_value(const void *a, const void *b)
{
	const int x = *(const int *)a, y = *(const int *)b;

	compared++;
	return (x > y) - (x < y);
}

static void a_sorted_list_costs_a_comparison_for_each_element(void **state)
{
	int a[1000];

	(void)state;
	for (int i = 0; i < 1000; i++)
		a[i] = i / 2;
	compared = 0;
	sort_again(a, 1000, sizeof(a[0]), by_value);
	assert_int_equal(compared, 999);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(a[i], i / 2);
}

static void an_unsorted_list_is_sorted(void **state)
{
	int a[1000];

	(void)state;
	for (int i = 0; i < 1000; i++)
		a[i] = i * 7919 % 1000;
	sort_again(a, 1000, sizeof(a[0]), by_value);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(a[i], i);
	sort_again(a, 0, sizeof(a[0]), by_value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sorted_list_costs_a_comparison_for_each_element),
		cmocka_unit_test(an_unsorted_list_is_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
