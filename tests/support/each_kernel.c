#include "support/each_kernel.h"

#include "options.h"
#include "support/valgrind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void (*test_of_kernel)(const struct kernel *k);

static void each_kernel(void **state)
{
	(void)state;
	for (const struct kernel *const *k = all_kernels; *k; k++)
		test_of_kernel(*k);
}

int run_on_each_kernel(void (*test)(const struct kernel *k))
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kernel),
	};

	if (under_valgrind())
		return 77;
	test_of_kernel = test;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
