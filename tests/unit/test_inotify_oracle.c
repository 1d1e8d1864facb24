/*
 * inotify held against the running kernel: errors, and which events come in which order. The
 * cookies of moves are each side's own, and so moves are in test_inotify.c.
 */
#include "oracle.h"

static void errors_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("inotify_init1(IN_NONBLOCK|IN_CLOEXEC)\n"
		"inotify_init1(1)\n"
		"inotify_init()\n"
		"fcntl(3, F_GETFD)\n"
		"fcntl(3, F_GETFL)\n"
		"fcntl(4, F_GETFL)\n"
		"fstat(3, {})\n"
		"readlink(\"/proc/self/fd/3\", ..., 100)\n"
		"read(3, ..., 100)\n"
		"read(3, ..., 1)\n"
		"write(3, \"x\", 1)\n"
		"lseek(3, 1, SEEK_SET)\n"
		"inotify_add_watch(3, \"/tmp\", 0)\n"
		"inotify_add_watch(99, \"/tmp\", 0)\n"
		"inotify_add_watch(99, \"/tmp\", 0x00100000)\n"
		"inotify_add_watch(99, \"/tmp\", IN_CREATE)\n"
		"inotify_add_watch(0, \"/tmp\", IN_CREATE)\n"
		"inotify_add_watch(0, \"/tmp\", IN_CREATE|IN_MASK_ADD|IN_MASK_CREATE)\n"
		"inotify_add_watch(3, \"missing\", IN_CREATE)\n"
		"inotify_add_watch(3, \"\", IN_CREATE)\n"
		"inotify_add_watch(3, NULL, IN_CREATE)\n"
		"creat(\"a\", 0600)\n"
		"inotify_add_watch(3, \"a\", IN_OPEN|IN_ONLYDIR)\n"
		"inotify_add_watch(3, \"a\", IN_OPEN)\n"
		"inotify_add_watch(3, \"a\", IN_OPEN|IN_MASK_CREATE)\n"
		"inotify_add_watch(3, \"a\", IN_ACCESS|IN_MASK_ADD)\n"
		"inotify_add_watch(3, \".\", IN_CREATE)\n"
		"inotify_add_watch(4, \".\", IN_CREATE)\n"
		"inotify_rm_watch(3, 77)\n"
		"inotify_rm_watch(99, 1)\n"
		"inotify_rm_watch(0, 1)\n"
		"inotify_rm_watch(3, 1)\n"
		"read(3, ..., 15)\n"
		"read(3, ..., 100)\n"
		"inotify_add_watch(3, \"a\", IN_OPEN)\n");
}

static void events_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("inotify_init1(IN_NONBLOCK)\n"
		"inotify_add_watch(3, \".\", IN_ALL_EVENTS)\n"
		"open(\"a\", O_RDWR|O_CREAT, 0600)\n"
		"read(3, ..., 1000)\n"
		"write(4, \"hello\", 5)\n"
		"write(4, \"hello\", 5)\n"
		"lseek(4, 0, SEEK_SET)\n"
		"read(4, ..., 3)\n"
		"read(4, ..., 30)\n"
		"read(4, ..., 30)\n"
		"pread64(4, ..., 1, 0)\n"
		"ftruncate(4, 3)\n"
		"truncate(\"a\", 1)\n"
		"read(3, ..., 1000)\n"
		"inotify_add_watch(3, \"a\", IN_ALL_EVENTS)\n"
		"dup(4)\n"
		"close(5)\n"
		"close(4)\n"
		"open(\"a\", O_RDONLY|O_TRUNC)\n"
		"open(\"a\", O_RDONLY|O_PATH)\n"
		"close(5)\n"
		"close(4)\n"
		"read(3, ..., 1000)\n"
		"mkdir(\"directory with a long name\", 0755)\n"
		"open(\"directory with a long name\", O_RDONLY)\n"
		"close(4)\n"
		"symlink(\"a\", \"s\")\n"
		"link(\"a\", \"b\")\n"
		"read(3, ..., 1000)\n"
		"unlink(\"b\")\n"
		"unlink(\"s\")\n"
		"inotify_add_watch(3, \"directory with a long name\", IN_ALL_EVENTS)\n"
		"rmdir(\"directory with a long name\")\n"
		"read(3, ..., 1000)\n"
		"open(\"a\", O_WRONLY|O_APPEND)\n"
		"unlink(\"a\")\n"
		"write(4, \"x\", 1)\n"
		"read(3, ..., 1000)\n"
		"close(4)\n"
		"read(3, ..., 1000)\n"
		"inotify_add_watch(3, \".\", IN_CREATE|IN_ONESHOT)\n"
		"creat(\"c\", 0600)\n"
		"creat(\"d\", 0600)\n"
		"read(3, ..., 1000)\n"
		"read(3, ..., 1000)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_agree_with_the_kernel),
		cmocka_unit_test(events_agree_with_the_kernel),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
