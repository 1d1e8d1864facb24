/*
 * Long paths and long chains of links, compared with the running kernel.
 */
#include "support/oracle.h"

static void forty_links_are_followed_and_no_more(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	text_puts(&t, "open(\"l0\", O_RDWR|O_CREAT, 0600)\n");
	for (int i = 1; i <= 41; i++)
		text_printf(&t, "symlink(\"l%d\", \"l%d\")\n", i - 1, i);
	text_puts(&t, "open(\"l40\", O_RDONLY)\nopen(\"l41\", O_RDONLY)\n"
		      "mkdir(\"m0\", 0755)\nopen(\"m0/x\", O_RDWR|O_CREAT, 0600)\n");
	for (int i = 1; i <= 41; i++)
		text_printf(&t, "symlink(\"m%d/.\", \"m%d\")\n", i - 1, i);
	text_puts(&t, "open(\"m40/x\", O_RDONLY)\nopen(\"m41/x\", O_RDONLY)\n");
	compare(t.s);
	text_free(&t);
}

static void paths_of_4096_bytes_are_too_long(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	for (int len = 4095; len <= 4096; len++) {
		text_puts(&t, "open(\"");
		for (int i = 0; i < len; i++)
			text_putc(&t, i & 1 ? '/' : '.');
		text_puts(&t, "\", O_RDONLY)\n");
	}
	compare(t.s);
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forty_links_are_followed_and_no_more),
		cmocka_unit_test(paths_of_4096_bytes_are_too_long),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
