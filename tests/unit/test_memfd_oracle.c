/*
 * memfds with their seals, and pidfds, held against the running kernel.
 */
#include "oracle.h"

#define LETTERS_50 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwx"
#define NAME_249                                                                                   \
	LETTERS_50 LETTERS_50 LETTERS_50 LETTERS_50                                                \
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvw"

static void memfds_and_seals_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("memfd_create(\"a\", MFD_CLOEXEC|MFD_ALLOW_SEALING)\n"
		"memfd_create(\"\", 0)\n"
		"memfd_create(\"b\", 0x100)\n"
		"memfd_create(\"b\", MFD_EXEC|MFD_NOEXEC_SEAL)\n"
		"memfd_create(NULL, 0x100)\n"
		"memfd_create(NULL, 0)\n"
		"memfd_create(\"" NAME_249 "\", 0)\n"
		"memfd_create(\"" NAME_249 "x\", 0)\n"
		"memfd_create(\"x/y z\", MFD_NOEXEC_SEAL)\n"
		"fcntl(3, F_GETFD)\n"
		"fcntl(3, F_GETFL)\n"
		"fstat(3, {})\n"
		"fstat(6, {})\n"
		"readlink(\"/proc/self/fd/3\", ..., 400)\n"
		"readlink(\"/proc/self/fd/4\", ..., 400)\n"
		"readlink(\"/proc/self/fd/5\", ..., 400)\n"
		"readlink(\"/proc/self/fd/6\", ..., 400)\n"
		"fcntl(3, F_GET_SEALS)\n"
		"fcntl(4, F_GET_SEALS)\n"
		"fcntl(6, F_GET_SEALS)\n"
		"fcntl(4, F_ADD_SEALS, F_SEAL_WRITE)\n"
		"fcntl(3, F_ADD_SEALS, 0x1000)\n"
		"fcntl(99, F_ADD_SEALS, 0x1000)\n"
		"fcntl(0, F_GET_SEALS)\n"
		"fcntl(0, F_ADD_SEALS, F_SEAL_WRITE)\n"
		"write(3, \"hello world\", 11)\n"
		"pread64(3, ..., 20, 0)\n"
		"lseek(3, 0, SEEK_CUR)\n"
		"open(\"/proc/self/fd/3\", O_RDONLY)\n"
		"read(7, ..., 5)\n"
		"fcntl(7, F_ADD_SEALS, F_SEAL_SHRINK)\n"
		"fcntl(3, F_ADD_SEALS, F_SEAL_SHRINK)\n"
		"ftruncate(3, 5)\n"
		"ftruncate(3, 11)\n"
		"ftruncate(3, 5000)\n"
		"fcntl(3, F_ADD_SEALS, F_SEAL_GROW)\n"
		"ftruncate(3, 6000)\n"
		"pwrite64(3, \"tail\", 4, 4998)\n"
		"pwrite64(3, \"tail\", 4, 4996)\n"
		"pwrite64(3, \"x\", 5000, 10)\n"
		"pwrite64(3, \"x\", 1, 5000)\n"
		"fstat(3, {})\n"
		"fcntl(3, F_ADD_SEALS, F_SEAL_WRITE)\n"
		"fcntl(3, F_GET_SEALS)\n"
		"write(3, \"x\", 1)\n"
		"write(3, \"\", 0)\n"
		"open(\"/proc/self/fd/3\", O_RDWR)\n"
		"write(8, \"x\", 1)\n"
		"fcntl(3, F_ADD_SEALS, F_SEAL_SEAL)\n"
		"fcntl(3, F_ADD_SEALS, F_SEAL_WRITE)\n"
		"fcntl(3, F_GET_SEALS)\n"
		"memfd_create(\"c\", MFD_ALLOW_SEALING)\n"
		"fcntl(9, F_ADD_SEALS, F_SEAL_EXEC)\n"
		"fcntl(9, F_GET_SEALS)\n"
		"write(9, \"x\", 1)\n"
		"open(\"a\", O_RDWR|O_CREAT, 0600)\n"
		"fcntl(10, F_GET_SEALS)\n"
		"fcntl(10, F_ADD_SEALS, F_SEAL_WRITE)\n"
		"link(\"/proc/self/fd/3\", \"b\")\n"
		"fsync(3)\n");
}

static void pidfds_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("pidfd_open(0, 0)\n"
		"pidfd_open(-1, 4)\n"
		"pidfd_open(1, 4)\n"
		"pidfd_open(1, 0)\n"
		"pidfd_open(1, PIDFD_NONBLOCK)\n"
		"fcntl(3, F_GETFD)\n"
		"fcntl(3, F_GETFL)\n"
		"fcntl(4, F_GETFL)\n"
		"readlink(\"/proc/self/fd/3\", ..., 100)\n"
		"poll([{fd=3, events=POLLIN|POLLOUT|POLLRDNORM}], 1, 0)\n"
		"read(3, ..., 8)\n"
		"write(3, \"x\", 1)\n"
		"lseek(3, 0, SEEK_SET)\n"
		"pread64(3, ..., 8, 0)\n"
		"fcntl(3, F_GET_SEALS)\n"
		"pidfd_getfd(3, 0, 1)\n"
		"pidfd_getfd(99, 0, 1)\n"
		"pidfd_getfd(99, 0, 0)\n"
		"pidfd_getfd(0, 0, 0)\n"
		"pidfd_send_signal(99, 99, NULL, 0x10)\n"
		"pidfd_send_signal(99, 99, NULL, 3)\n"
		"pidfd_send_signal(99, SIGUSR1, NULL, 0)\n"
		"pidfd_send_signal(0, SIGUSR1, NULL, 0)\n"
		"pidfd_send_signal(3, 99, NULL, 0)\n"
		"epoll_create1(0)\n"
		"epoll_ctl(5, EPOLL_CTL_ADD, 3, {events=EPOLLIN, data={u64=3}})\n"
		"epoll_wait(5, ..., 8, 0)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memfds_and_seals_agree_with_the_kernel),
		cmocka_unit_test(pidfds_agree_with_the_kernel),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
