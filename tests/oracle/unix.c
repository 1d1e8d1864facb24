/*
 * How much a socket of AF_UNIX holds, compared with the running kernel.
 */
#include "support/oracle.h"

static void the_room_of_a_stream_agrees_with_the_kernel(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	text_puts(&t, "socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0, ...)\n"
		      "socketpair(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0, ...)\n");
	for (int i = 0; i < 280; i++)
		text_puts(&t, "write(3, \"x\", 1)\n");
	text_puts(&t, "read(4, ..., 1)\nwrite(3, \"x\", 1)\nwrite(3, \"x\", 1)\n");
	for (int i = 0; i < 70; i++)
		text_puts(&t, "write(4, \"x\", 3000)\n");
	for (int i = 0; i < 8; i++)
		text_puts(&t, "write(5, \"x\", 50000)\n");
	text_puts(&t, "write(6, \"x\", 212961)\nwrite(6, \"x\", 212960)\nwrite(6, \"x\", 1)\n");
	compare(t.s);
	text_clear(&t);
	text_puts(&t, "socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0, ...)\n"
		      "write(3, \"x\", 1000000)\n"
		      "read(4, ..., 100000)\n"
		      "write(3, \"x\", 1000000)\n"
		      "write(4, \"x\", 5000)\n"
		      "write(4, \"x\", 70000)\n"
		      "write(4, \"x\", 70000)\n"
		      "write(4, \"x\", 70000)\n"
		      "write(4, \"x\", 70000)\n");
	compare(t.s);
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_room_of_a_stream_agrees_with_the_kernel),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
