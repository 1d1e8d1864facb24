/*
 * The number of descriptors that a message can hold, compared with the running kernel.
 */
#include "support/oracle.h"

#define PAIR                     "socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0, ...)\n"
#define IOV                      "msg_iov=[{iov_base=\"x\", iov_len=1}], msg_iovlen=1"
#define RECEIVE(on, room, flags) "recvmsg(" on ", {" IOV ", msg_controllen=" room "}, " flags ")\n"

static void a_message_holds_at_most_253_descriptors(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	text_puts(&t, PAIR);
	for (int n = 253; n <= 254; n++) {
		text_printf(&t,
			    "sendmsg(3, {" IOV ", msg_control=[{cmsg_len=%d, "
			    "cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[0",
			    16 + 4 * n);
		for (int i = 1; i < n; i++)
			text_puts(&t, ", 0");
		text_printf(&t, "]}], msg_controllen=%d}, 0)\n", (16 + 4 * n + 7) / 8 * 8);
	}
	text_puts(&t, RECEIVE("4", "2000", "0") "close(258)\nclose(257)\nread(4, ..., 1)\n");
	compare(t.s);
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_holds_at_most_253_descriptors),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
