/*
 * Names of errors.
 */
#include "fdlab.h"
#include "notation/line.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_error_has_a_name_that_leads_back(void **state)
{
	size_t n = 0;

	(void)state;
	for (int err = -10; err < 600; err++) {
		const char *name = fdl_errname(err);

		if (!name)
			continue;
		n++;
		assert_int_equal(fdl_errno(name, strlen(name)), err);
		assert_non_null(notation_errtext(err));
		assert_int_equal(notation_is_restart(err), err >= 512);
	}
	assert_true(n >= 133 - 2 + 4);
	assert_string_equal(fdl_errname(EBADF), "EBADF");
	assert_string_equal(fdl_errname(EAGAIN), "EAGAIN");
	assert_string_equal(fdl_errname(512), "ERESTARTSYS");
	assert_null(fdl_errname(0));
	assert_null(fdl_errname(515));
}

static void a_name_of_no_error_has_the_number_0(void **state)
{
	(void)state;
	assert_int_equal(fdl_errno("EBADFX", 6), 0);
	assert_int_equal(fdl_errno("EBAD", 4), 0);
	assert_int_equal(fdl_errno("EBADFX", 5), EBADF);
	assert_int_equal(fdl_errno("E", 1), 0);
	assert_int_equal(fdl_errno("", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_a_name_that_leads_back),
		cmocka_unit_test(a_name_of_no_error_has_the_number_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
