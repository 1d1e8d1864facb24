/*
 * What the calls that wait return, held against the running kernel: what is ready, and errors in
 * the order in which they are checked. Nothing here has to wait.
 */
#include "oracle.h"

static void polling_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("pipe2(..., O_NONBLOCK)\n"
		"poll([{fd=3, events=POLLIN}], 1, 0)\n"
		"poll([{fd=3, events=POLLIN}, {fd=4, events=POLLOUT}], 2, 0)\n"
		"poll([{fd=3, events=0}, {fd=4, events=POLLIN}], 2, 0)\n"
		"poll([{fd=4, events=POLLIN|POLLOUT|POLLRDNORM|POLLWRNORM|POLLWRBAND}], 1, 0)\n"
		"write(4, \"x\", 1)\n"
		"poll([{fd=3, events=POLLIN}, {fd=3, events=POLLRDNORM}, {fd=3, events=0}], 3, 5)\n"
		"poll([{fd=3, events=POLLIN}, {fd=4, events=POLLOUT}], 1, -1)\n"
		"write(4, \"x\", 65535)\n"
		"poll([{fd=4, events=POLLOUT}], 1, 0)\n"
		"dup(3)\n"
		"close(3)\n"
		"poll([{fd=3, events=POLLIN}, {fd=-1, events=POLLIN}, {fd=4, events=0}], 3, -1)\n"
		"close(5)\n"
		"poll([{fd=4, events=POLLOUT}], 1, 0)\n"
		"pipe2(..., 0)\n"
		"close(5)\n"
		"poll([{fd=3, events=POLLIN}], 1, 0)\n"
		"poll([{fd=3, events=0}], 1, -1)\n"
		"open(\"/dev/null\", O_RDONLY)\n"
		"open(\"a\", O_RDWR|O_CREAT, 0600)\n"
		"open(\".\", O_RDONLY)\n"
		"open(\"a\", O_PATH)\n"
		"poll([{fd=5, events=POLLIN|POLLOUT|POLLPRI}, {fd=6, events=POLLIN|POLLOUT}, "
		"{fd=7, events=POLLIN}, {fd=8, events=POLLIN}], 4, -1)\n"
		"poll([], 0, 0)\n"
		"poll(NULL, 0, 0)\n"
		"poll(NULL, 1, 0)\n"
		"poll([{fd=5, events=POLLIN}], 2147483647, 0)\n"
		"poll(NULL, -1, 0)\n"
		"ppoll([{fd=5, events=POLLIN}], 1, {tv_sec=0, tv_nsec=0}, NULL, 8)\n"
		"ppoll([{fd=5, events=POLLIN}], 1, {tv_sec=-1, tv_nsec=0}, NULL, 8)\n"
		"ppoll([{fd=5, events=POLLIN}], 1, {tv_sec=0, tv_nsec=1000000000}, NULL, 8)\n"
		"ppoll([{fd=5, events=POLLIN}], 1, {tv_sec=0, tv_nsec=-1}, NULL, 8)\n"
		"ppoll([{fd=5, events=POLLIN}], 1, {tv_sec=0, tv_nsec=-1}, [INT], 9)\n"
		"ppoll([{fd=5, events=POLLIN}], 1, NULL, [INT], 9)\n"
		"ppoll([{fd=5, events=POLLIN}], 1, NULL, NULL, 9)\n"
		"ppoll([{fd=5, events=POLLIN}], 1, NULL, [INT], 8)\n"
		"ppoll(NULL, 2147483647, NULL, [INT], 9)\n"
		"ppoll(NULL, 2147483647, NULL, [INT], 8)\n"
		"ppoll([{fd=5, events=POLLIN}], 1, 0x1, NULL, 8)\n"
		"ppoll([{fd=5, events=POLLIN}], 1, NULL, 0x1, 8)\n");
}

static void selecting_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("pipe2(..., O_NONBLOCK)\n"
		"select(5, [3], [4], NULL, {tv_sec=0, tv_usec=0})\n"
		"select(5, [3], NULL, NULL, {tv_sec=0, tv_usec=0})\n"
		"write(4, \"x\", 1)\n"
		"select(5, [0 3 4], [3 4], [3 4], NULL)\n"
		"select(4, [0 3 4], [3 4], [3 4], NULL)\n"
		"select(3, [3 4], NULL, NULL, {tv_sec=0, tv_usec=0})\n"
		"select(5, [3], NULL, NULL, NULL)\n"
		"select(10, [3 9], NULL, NULL, {tv_sec=0, tv_usec=0})\n"
		"select(10, NULL, [9], NULL, {tv_sec=0, tv_usec=0})\n"
		"select(10, [3], NULL, [9], {tv_sec=0, tv_usec=0})\n"
		"select(9, [3 9], NULL, NULL, {tv_sec=0, tv_usec=0})\n"
		"select(-1, [3], NULL, NULL, {tv_sec=0, tv_usec=0})\n"
		"select(-1, [3], NULL, NULL, {tv_sec=-1, tv_usec=0})\n"
		"select(-1, [3], NULL, NULL, 0x1)\n"
		"select(4, 0x1, NULL, NULL, {tv_sec=0, tv_usec=0})\n"
		"select(0, 0x1, NULL, NULL, {tv_sec=0, tv_usec=0})\n"
		"select(5, [3], NULL, NULL, {tv_sec=-1, tv_usec=1000000})\n"
		"select(5, [3], NULL, NULL, {tv_sec=0, tv_usec=2000000})\n"
		"select(5, [3], NULL, NULL, {tv_sec=0, tv_usec=-1})\n"
		"pselect6(5, [3], NULL, NULL, {tv_sec=0, tv_nsec=0}, NULL)\n"
		"pselect6(5, [3], NULL, NULL, {tv_sec=0, tv_nsec=1000000000}, NULL)\n"
		"pselect6(5, [3], NULL, NULL, NULL, {sigmask=[INT], sigsetsize=8})\n"
		"pselect6(5, [3], NULL, NULL, NULL, {sigmask=[INT], sigsetsize=4})\n"
		"pselect6(5, [3], NULL, NULL, NULL, {sigmask=NULL, sigsetsize=4})\n"
		"pselect6(5, [3], NULL, NULL, NULL, {sigmask=0x1, sigsetsize=8})\n"
		"pselect6(5, [3], NULL, NULL, NULL, 0x1)\n"
		"open(\"/tmp\", O_PATH)\n"
		"open(\"/tmp\", O_RDONLY)\n"
		"select(10, [5 6], [5 6], [5 6], NULL)\n"
		"close(4)\n"
		"read(3, ..., 1)\n"
		"select(4, [3], [3], [3], NULL)\n"
		"pipe2(..., 0)\n"
		"close(4)\n"
		"select(8, NULL, [7], [7], NULL)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(polling_agrees_with_the_kernel),
		cmocka_unit_test(selecting_agrees_with_the_kernel),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
