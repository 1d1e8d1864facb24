/*
 * Masks of signals, what is pending, and signalfd held against the running kernel. Every signal
 * here is blocked when it is sent, so that nobody dies of one.
 */
#include "oracle.h"

static void masks_and_signalfds_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("rt_sigprocmask(SIG_BLOCK, NULL, [], 8)\n"
		"rt_sigprocmask(77, NULL, [], 8)\n"
		"rt_sigprocmask(77, [INT], [], 8)\n"
		"rt_sigprocmask(77, [INT], [], 4)\n"
		"rt_sigprocmask(SIG_BLOCK, [USR1 USR2 CHLD KILL STOP RT_3], [], 8)\n"
		"rt_sigprocmask(SIG_UNBLOCK, [USR2 INT], [], 8)\n"
		"rt_sigprocmask(SIG_SETMASK, ~[INT], [], 8)\n"
		"rt_sigprocmask(SIG_SETMASK, [USR1 USR2 CHLD URG RT_3], [], 8)\n"
		"rt_sigprocmask(SIG_BLOCK, 0x1, [], 8)\n"
		"rt_sigpending(..., 9)\n"
		"rt_sigpending(..., 8)\n"
		"signalfd4(-1, [USR1 CHLD URG RT_3 KILL], 8, SFD_NONBLOCK|SFD_CLOEXEC)\n"
		"signalfd4(-1, [USR1], 7, SFD_NONBLOCK)\n"
		"signalfd4(-1, NULL, 8, 1)\n"
		"signalfd4(-1, [USR1], 8, 1)\n"
		"signalfd4(99, [USR1], 8, 1)\n"
		"signalfd4(99, [USR1], 8, 0)\n"
		"signalfd4(0, [USR1], 8, 0)\n"
		"signalfd4(-2, [USR1], 8, 0)\n"
		"signalfd(-1, [USR2], 8)\n"
		"fcntl(3, F_GETFL)\n"
		"fcntl(3, F_GETFD)\n"
		"fcntl(4, F_GETFL)\n"
		"fstat(3, {})\n"
		"readlink(\"/proc/self/fd/3\", ..., 100)\n"
		"write(3, \"x\", 1)\n"
		"lseek(3, 1, SEEK_SET)\n"
		"pread64(3, ..., 128, 0)\n"
		"read(3, ..., 127)\n"
		"read(3, ..., 128)\n"
		"poll([{fd=3, events=POLLIN|POLLOUT}], 1, 0)\n"
		"kill(0, 0)\n"
		"tkill(0, SIGUSR1)\n"
		"tkill(-1, 99)\n"
		"tgkill(0, 1, SIGUSR1)\n"
		"tgkill(1, -1, SIGUSR1)\n"
		"rt_sigpending(..., 8)\n"
		"epoll_create1(0)\n"
		"epoll_ctl(5, EPOLL_CTL_ADD, 3, {events=EPOLLIN, data={u64=3}})\n"
		"epoll_wait(5, ..., 8, 0)\n"
		"ppoll([{fd=3, events=POLLIN}], 1, {tv_sec=0, tv_nsec=0}, [], 8)\n"
		"rt_sigprocmask(SIG_SETMASK, NULL, [], 8)\n"
		"pselect6(4, [3], NULL, NULL, {tv_sec=0, tv_nsec=0}, {sigmask=~[], sigsetsize=8})\n"
		"rt_sigprocmask(SIG_SETMASK, NULL, [], 8)\n"
		"epoll_pwait(5, ..., 8, 0, [HUP], 8)\n"
		"rt_sigprocmask(SIG_SETMASK, NULL, [], 8)\n"
		"signalfd4(3, [USR2], 8, SFD_CLOEXEC)\n"
		"signalfd4(5, [USR2], 8, 0)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks_and_signalfds_agree_with_the_kernel),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
