/*
 * Pipes and FIFOs, held against the running kernel: sizes, what goes in whole, what is left when one
 * side is gone, making FIFOs and opening them as far as one process can.
 */
#include "oracle.h"

static void sizes_of_pipes_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("pipe2(..., O_NONBLOCK)\n"
		"fcntl(3, F_GETPIPE_SZ)\n"
		"fcntl(4, F_GETPIPE_SZ)\n"
		"fcntl(3, F_SETPIPE_SZ, 0)\n"
		"fcntl(4, F_SETPIPE_SZ, 1)\n"
		"fcntl(4, F_GETPIPE_SZ)\n"
		"write(4, \"x\", 5000)\n"
		"ioctl(3, FIONREAD, ...)\n"
		"write(4, \"y\", 1)\n"
		"fcntl(4, F_SETPIPE_SZ, 4097)\n"
		"write(4, \"z\", 5000)\n"
		"fcntl(4, F_SETPIPE_SZ, 4096)\n"
		"ioctl(4, FIONREAD, ...)\n"
		"read(3, ..., 4096)\n"
		"fcntl(4, F_SETPIPE_SZ, 4096)\n"
		"fcntl(4, F_SETPIPE_SZ, 12288)\n"
		"fcntl(4, F_SETPIPE_SZ, 1048576)\n"
		"write(4, \"x\", 1044480)\n"
		"write(4, \"x\", 4096)\n"
		"fcntl(4, F_SETPIPE_SZ, 65536)\n"
		"fcntl(4, F_SETPIPE_SZ, 2147483649)\n"
		"fcntl(4, F_SETPIPE_SZ, 4294967295)\n"
		"fcntl(0, F_SETPIPE_SZ, 4096)\n"
		"fcntl(0, F_GETPIPE_SZ)\n"
		"fcntl(99, F_GETPIPE_SZ)\n"
		"ioctl(0, FIONREAD, ...)\n"
		"open(\"a\", O_RDWR|O_CREAT, 0600)\n"
		"write(5, \"hello\", 5)\n"
		"ioctl(5, FIONREAD, ...)\n"
		"lseek(5, 2, SEEK_SET)\n"
		"ioctl(5, FIONREAD, ...)\n"
		"lseek(5, 9, SEEK_SET)\n"
		"ioctl(5, FIONREAD, ...)\n"
		"fcntl(5, F_GETPIPE_SZ)\n");
}

static void FIONBIO_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("pipe2(..., 0)\n"
		"ioctl(3, FIONBIO, [1])\n"
		"fcntl(3, F_GETFL)\n"
		"read(3, ..., 1)\n"
		"ioctl(3, FIONBIO, [0])\n"
		"fcntl(3, F_GETFL)\n"
		"ioctl(3, FIONBIO, NULL)\n"
		"ioctl(99, FIONBIO, [1])\n");
}

static void making_nodes_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("mknod(\"f\", S_IFIFO|0666)\n"
		"lstat(\"f\", {})\n"
		"mknod(\"f\", S_IFIFO|0666)\n"
		"mknod(\"f/\", S_IFIFO|0666)\n"
		"mknod(\"g/\", S_IFIFO|0666)\n"
		"mknod(\"\", S_IFIFO|0666)\n"
		"mknod(\".\", S_IFIFO|0666)\n"
		"mknod(\"missing/f\", S_IFIFO|0666)\n"
		"mknod(\"f/g\", S_IFIFO|0666)\n"
		"mknod(\"r\", 0640)\n"
		"lstat(\"r\", {})\n"
		"open(\"r\", O_RDWR)\n"
		"mknod(\"r2\", S_IFREG|07777)\n"
		"lstat(\"r2\", {})\n"
		"mknod(\"s\", S_IFSOCK|0666)\n"
		"lstat(\"s\", {})\n"
		"open(\"s\", O_RDONLY)\n"
		"open(\"s\", O_RDWR|O_NONBLOCK)\n"
		"open(\"s\", O_PATH)\n"
		"fstat(4, {})\n"
		"mknod(\"d\", S_IFDIR|0777)\n"
		"mknod(\"l\", S_IFLNK|0777)\n"
		"mknod(\"x\", 0170000)\n"
		"umask(0)\n"
		"mknodat(AT_FDCWD, \"h\", S_IFIFO|0666)\n"
		"lstat(\"h\", {})\n"
		"mknodat(99, \"h\", S_IFIFO|0666)\n"
		"mknodat(3, \"h\", S_IFIFO|0666)\n"
		"mknodat(99, \"/tmp/i\", S_IFIFO|0666)\n"
		"unlink(\"h\")\n"
		"rename(\"f\", \"h\")\n"
		"link(\"h\", \"k\")\n"
		"lstat(\"k\", {})\n");
}

static void opening_FIFOs_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("mknod(\"f\", S_IFIFO|0666)\n"
		"open(\"f\", O_WRONLY|O_NONBLOCK)\n"
		"open(\"f\", O_WRONLY|O_NONBLOCK|O_DIRECT)\n"
		"open(\"f\", O_RDONLY|O_NONBLOCK)\n"
		"fcntl(3, F_GETFL)\n"
		"read(3, ..., 10)\n"
		"lseek(3, 0, SEEK_SET)\n"
		"fstat(3, {})\n"
		"open(\"f\", O_WRONLY|O_NONBLOCK)\n"
		"read(3, ..., 10)\n"
		"write(4, \"hello\", 5)\n"
		"ioctl(3, FIONREAD, ...)\n"
		"fcntl(4, F_GETPIPE_SZ)\n"
		"fcntl(4, F_SETPIPE_SZ, 8192)\n"
		"fcntl(3, F_GETPIPE_SZ)\n"
		"read(3, ..., 2)\n"
		"close(4)\n"
		"read(3, ..., 10)\n"
		"read(3, ..., 10)\n"
		"close(3)\n"
		"open(\"f\", O_RDWR)\n"
		"fcntl(3, F_GETPIPE_SZ)\n"
		"write(3, \"kept\", 4)\n"
		"open(\"f\", O_WRONLY)\n"
		"open(\"f\", O_RDONLY)\n"
		"close(3)\n"
		"close(4)\n"
		"read(5, ..., 10)\n"
		"open(\"f\", O_RDWR)\n"
		"write(3, \"lost\", 4)\n"
		"close(3)\n"
		"close(5)\n"
		"open(\"f\", O_RDONLY|O_NONBLOCK)\n"
		"read(3, ..., 10)\n"
		"close(3)\n"
		"open(\"f\", O_RDWR|O_DIRECT)\n"
		"open(\"f\", O_RDONLY|O_NONBLOCK|O_DIRECT)\n"
		"open(\"f\", O_ACCMODE)\n"
		"open(\"f\", O_RDONLY|O_DIRECTORY)\n"
		"open(\"f\", O_RDONLY|O_NONBLOCK|O_TRUNC|O_CREAT, 0600)\n"
		"open(\"f\", O_RDWR|O_CREAT|O_EXCL, 0600)\n"
		"truncate(\"f\", 0)\n"
		"ftruncate(3, 0)\n"
		"open(\"f\", O_PATH)\n"
		"read(4, ..., 1)\n"
		"open(\"/proc/self/fd/4\", O_RDONLY|O_NONBLOCK)\n"
		"open(\"/proc/self/fd/4\", O_WRONLY|O_NONBLOCK)\n"
		"unlink(\"f\")\n"
		"readlink(\"/proc/self/fd/5\", ..., 100)\n"
		"write(6, \"still\", 5)\n"
		"read(5, ..., 10)\n");
}

static void a_FIFO_without_readers_is_a_broken_pipe(void **state)
{
	(void)state;
	compare("mknod(\"f\", S_IFIFO|0666)\n"
		"open(\"f\", O_RDONLY|O_NONBLOCK)\n"
		"open(\"f\", O_WRONLY)\n"
		"close(3)\n"
		"write(4, \"\", 0)\n"
		"open(\"f\", O_WRONLY|O_NONBLOCK)\n"
		"write(4, \"x\", 1)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_of_pipes_agree_with_the_kernel),
		cmocka_unit_test(FIONBIO_agrees_with_the_kernel),
		cmocka_unit_test(making_nodes_agrees_with_the_kernel),
		cmocka_unit_test(opening_FIFOs_agrees_with_the_kernel),
		cmocka_unit_test(a_FIFO_without_readers_is_a_broken_pipe),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
