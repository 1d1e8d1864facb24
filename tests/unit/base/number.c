/*
 * Numbers in lines, options and files of the tree.
 */
#include "base/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Scans the text; returns the number of characters taken, or -1. */
static int scan(const char *text, uint64_t *number, bool *overflow)
{
	const char *end;

	*overflow = false;
	end = number_scan(text, text + strlen(text), number, overflow);
	return end ? (int)(end - text) : -1;
}

static void the_prefix_gives_the_base(void **state)
{
	static const struct {
		const char *text;
		int taken;
		uint64_t number;
	} rows[] = {
		{ "0", 1, 0 },
		{ "10", 2, 10 },
		{ "0x1f,", 4, 31 },
		{ "0XfF", 4, 255 },
		{ "017", 3, 15 },
		{ "08", 1, 0 },
		{ "0x", -1, 0 },
		{ "0xg", -1, 0 },
		{ "", -1, 0 },
		{ "-1", -1, 0 },
		{ " 1", -1, 0 },
		{ "9a", 1, 9 },
		{ "18446744073709551615", 20, UINT64_MAX },
	};
	uint64_t number;
	bool overflow;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(scan(rows[i].text, &number, &overflow), rows[i].taken);
		assert_false(overflow);
		if (rows[i].taken >= 0)
			assert_int_equal(number, rows[i].number);
	}
}

static void a_number_of_more_than_64_bits_overflows(void **state)
{
	uint64_t number;
	bool overflow;

	(void)state;
	assert_int_equal(scan("18446744073709551616", &number, &overflow), 20);
	assert_true(overflow);
	assert_int_equal(scan("0x10000000000000000", &number, &overflow), 19);
	assert_true(overflow);
}

static void names_have_no_zeros_in_front(void **state)
{
	uint64_t number;

	(void)state;
	assert_true(number_is_name("0", 1, &number));
	assert_int_equal(number, 0);
	assert_true(number_is_name("1024", 4, &number));
	assert_int_equal(number, 1024);
	assert_false(number_is_name("010", 3, &number));
	assert_false(number_is_name("", 0, &number));
	assert_false(number_is_name("1x", 2, &number));
	assert_false(number_is_name("18446744073709551616", 20, &number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_prefix_gives_the_base),
		cmocka_unit_test(a_number_of_more_than_64_bits_overflows),
		cmocka_unit_test(names_have_no_zeros_in_front),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
