/*
 * Links to the file of a descriptor, compared with the running kernel.
 */
#include "support/oracle.h"

static void linking_a_descriptor_agrees_with_the_kernel(void **state)
{
	(void)state;
	if (getuid() != 0) /* checks the opener's credentials, which the model does not keep */
		skip();
	compare("open(\"a\", O_RDWR|O_CREAT, 0644)\n"
		"linkat(3, \"\", AT_FDCWD, \"b\", AT_EMPTY_PATH)\n"
		"fstat(3, {})\n"
		"linkat(AT_FDCWD, \"\", AT_FDCWD, \"c\", AT_EMPTY_PATH)\n"
		"open(\".\", O_RDONLY|O_DIRECTORY)\n"
		"linkat(4, \"\", AT_FDCWD, \"c\", AT_EMPTY_PATH)\n"
		"unlink(\"a\")\n"
		"linkat(3, \"\", AT_FDCWD, \"c\", AT_EMPTY_PATH)\n"
		"unlink(\"b\")\n"
		"unlink(\"c\")\n"
		"linkat(3, \"\", AT_FDCWD, \"c\", AT_EMPTY_PATH)\n"
		"linkat(AT_FDCWD, \"/proc/self/fd/3\", AT_FDCWD, \"c\", AT_SYMLINK_FOLLOW)\n"
		"symlink(\"x\", \"s\")\n"
		"open(\"s\", O_PATH|O_NOFOLLOW)\n"
		"linkat(5, \"\", AT_FDCWD, \"t\", AT_EMPTY_PATH)\n"
		"readlink(\"t\", ..., 10)\n"
		"pipe2(..., 0)\n"
		"linkat(6, \"\", AT_FDCWD, \"p\", AT_EMPTY_PATH)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linking_a_descriptor_agrees_with_the_kernel),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
