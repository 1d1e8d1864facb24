/*
 * epoll compared with the running kernel, by random calls. No call waits.
 */
#include "support/oracle.h"

static void put_random_call(struct text *t, unsigned *seed, int i)
{
	static const char *const events[] = { "EPOLLIN",
					      "EPOLLIN|EPOLLET",
					      "EPOLLOUT",
					      "EPOLLIN|EPOLLOUT|EPOLLET",
					      "EPOLLIN|EPOLLONESHOT",
					      "EPOLLIN|EPOLLEXCLUSIVE",
					      "0" };
	unsigned fd, op, other;

	*seed = *seed * 1103515245 + 12345;
	fd = 4 + (*seed >> 16) % 9;
	op = (*seed >> 20) % 12;
	other = 4 + (*seed >> 24) % 9;
	switch (op) {
	case 0:
	case 1:
	case 2:
		text_printf(t,
			    "epoll_ctl(%u, EPOLL_CTL_ADD, %u, {events=%s, "
			    "data={u32=%d, u64=%d}})\n",
			    3 + (*seed >> 28) % 2, fd, events[(*seed >> 8) % 7], i, i);
		break;
	case 3:
		text_printf(t,
			    "epoll_ctl(3, EPOLL_CTL_MOD, %u, {events=%s, "
			    "data={u32=%d, u64=%d}})\n",
			    fd, events[(*seed >> 8) % 7], i, i);
		break;
	case 4:
		text_printf(t, "epoll_ctl(3, EPOLL_CTL_DEL, %u, NULL)\n", fd);
		break;
	case 5:
	case 6:
		text_printf(t, "write(%u, \"x\", %u)\n", fd | 1, 1 + *seed % 9);
		break;
	case 7:
		text_printf(t, "read(%u, ..., 10)\n", fd);
		break;
	case 8:
		text_printf(t, "dup2(%u, %u)\n", fd, other);
		break;
	default:
		text_printf(t, "epoll_wait(3, ..., %u, 0)\n", 1 + *seed % 5);
		break;
	}
}

/* Random calls on few files: the events, and their order. */
static void random_sequences_agree_with_the_kernel(void **state)
{
	struct text t = TEXT_EMPTY;
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 30; round++) {
		text_clear(&t);
		text_puts(&t, "epoll_create1(0)\nepoll_create1(0)\npipe2(..., O_NONBLOCK)\n"
			      "pipe2(..., O_NONBLOCK)\npipe2(..., O_NONBLOCK)\n");
		for (int i = 0; i < 200; i++)
			put_random_call(&t, &seed, i);
		compare(t.s);
	}
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sequences_agree_with_the_kernel),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
