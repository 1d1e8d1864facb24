/*
 * The model's tables compared with the running kernel's: sequences of calls by several tasks.
 */
#include "support/table_oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define AGREES(name, ...)                                                                          \
	static void name##_agrees_with_the_kernel(void **state)                                    \
	{                                                                                          \
		(void)state;                                                                       \
		table_oracle_play((const char *const[]){ __VA_ARGS__, NULL });                     \
	}

/* clang-format off */
AGREES(dup,
	"dup(0)", "dup(3)", "dup(9)", "dup(-1)", "dup(2147483647)", "dup(-2147483648)", "close(1)",
	"dup(0)", "close(3)", "close(0)", "dup(1)", "dup(1)", "dup(1)", "close(4)", "close(4)",
	"close(-1)", "close(64)", "close(2147483647)")

AGREES(dup2_and_its_errors,
	"dup2(0, 3)", "dup2(0, 3)", "dup2(3, 3)", "dup2(9, 9)", "dup2(-1, -1)", "dup2(9, 0)",
	"dup2(0, -1)", "dup2(-1, 0)", "dup2(0, 1023)", "dup2(0, 1024)", "dup2(1023, 1024)",
	"dup2(1024, 1024)", "dup2(9, 1024)", "dup2(0, 2147483647)", "dup2(2147483647, 0)",
	"dup3(0, 5, 0)", "dup3(0, 5, O_CLOEXEC)", "dup3(5, 6, 0)", "dup3(0, 0, 0)",
	"dup3(9, 9, O_CLOEXEC)", "dup3(0, 7, O_NONBLOCK)", "dup3(9, 9, O_APPEND)",
	"dup3(0, 5000, 1)", "dup3(0, 5000, O_CLOEXEC)", "dup3(9, 7, O_CLOEXEC)", "dup2(0, 5)",
	"fcntl(5, F_GETFD)", "dup3(1, 5, O_CLOEXEC)", "fcntl(5, F_GETFD)")

AGREES(growing,
	"dup2(0, 63)", "dup2(0, 64)", "dup2(0, 65)", "dup2(0, 127)", "dup2(0, 128)", "dup2(0, 255)",
	"dup2(0, 256)", "dup2(0, 511)", "dup2(0, 512)", "dup2(0, 1000)", "close(1000)", "close(512)",
	"dup(0)")

AGREES(growing_at_once,
	"dup2(0, 1023)", "close(1023)", "fcntl(0, F_DUPFD, 1000)")

AGREES(growing_to_no_avail,
	"dup2(9, 64)", "dup2(9, 128)", "dup3(9, 500, O_CLOEXEC)", "dup2(9, 1023)", "dup2(9, 1024)")

AGREES(growing_one_by_one,
	"fcntl(0, F_DUPFD, 62)", "fcntl(0, F_DUPFD, 62)", "fcntl(0, F_DUPFD, 62)",
	"fcntl(0, F_DUPFD, 127)", "fcntl(0, F_DUPFD, 127)", "fcntl(0, F_DUPFD_CLOEXEC, 255)",
	"fcntl(0, F_DUPFD_CLOEXEC, 255)")

AGREES(a_limit_below_what_is_open,
	"dup2(0, 100)", "dup2(0, 20)", "setrlimit(RLIMIT_NOFILE, {rlim_cur=20, rlim_max=4096})",
	"dup(100)", "fcntl(100, F_DUPFD, 19)", "fcntl(100, F_DUPFD, 20)", "fcntl(100, F_DUPFD, 19)",
	"dup2(0, 20)", "dup2(0, 19)", "dup2(100, 100)", "close(20)", "close(100)", "dup2(0, 100)",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=0, rlim_max=4096})", "dup(0)", "dup2(0, 0)",
	"dup2(0, 1)", "fcntl(0, F_DUPFD, 0)", "fcntl(9, F_DUPFD, 0)", "open(\"missing\", O_RDONLY)",
	"getrlimit(RLIMIT_NOFILE)")

AGREES(a_full_table,
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=4096})", "dup(0)", "dup(0)", "dup(0)",
	"dup(9)", "open(\"missing\", O_RDONLY)", "open(\"/dev/null\", O_RDONLY)", "pipe2 0",
	"fcntl(0, F_DUPFD, 4)", "fcntl(0, F_DUPFD, 5)", "dup2(0, 4)", "close(3)", "pipe2 0",
	"pipe2 O_APPEND", "close(4)", "pipe2 O_CLOEXEC", "open(\"\", O_RDONLY)",
	"open(\"/dev\", O_CREAT|O_DIRECTORY, 0600)", "openat(99, \"x\", O_RDONLY)")

AGREES(limits,
	"getrlimit(RLIMIT_NOFILE)", "prlimit64(0, RLIMIT_NOFILE)",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=4})",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=RLIM64_INFINITY})",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=RLIM64_INFINITY, rlim_max=RLIM64_INFINITY})",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=RLIM64_INFINITY, rlim_max=5})",
	"setrlimit(99, {rlim_cur=5, rlim_max=5})",
	"prlimit64(0, RLIMIT_NOFILE, {rlim_cur=70, rlim_max=80})", "getrlimit(RLIMIT_NOFILE)",
	"dup2(0, 69)", "dup2(0, 70)", "fork()", "2 dup2(0, 70)",
	"1 prlimit64(2, RLIMIT_NOFILE, {rlim_cur=3, rlim_max=70})", "2 dup(0)", "1 dup(0)",
	"1 prlimit64(4000000, RLIMIT_NOFILE)")

AGREES(F_DUPFD,
	"fcntl(0, F_DUPFD, 0)", "fcntl(0, F_DUPFD, 10)", "fcntl(0, F_DUPFD, 10)",
	"fcntl(0, F_DUPFD, -1)", "fcntl(0, F_DUPFD, 1023)", "fcntl(0, F_DUPFD, 1023)",
	"fcntl(0, F_DUPFD, 1024)", "fcntl(9, F_DUPFD, 1024)", "fcntl(0, F_DUPFD, 2147483647)",
	"fcntl(0, F_DUPFD_CLOEXEC, 0)", "fcntl(0, F_DUPFD_CLOEXEC, 70)", "fcntl(70, F_GETFD)",
	"fcntl(70, F_DUPFD, 71)", "fcntl(71, F_GETFD)")

AGREES(fcntl_and_ioctl,
	"fcntl(0, F_GETFD)", "fcntl(0, F_SETFD, FD_CLOEXEC)", "fcntl(0, F_GETFD)",
	"fcntl(0, F_SETFD, 2)", "fcntl(0, F_SETFD, 3)", "fcntl(9, F_SETFD, 1)",
	"fcntl(0, F_GETFL)", "fcntl(0, F_SETFL, O_NONBLOCK)", "fcntl(1, F_GETFL)",
	"fcntl(0, F_SETFL, O_APPEND|O_CREAT|O_WRONLY)", "fcntl(0, F_GETFL)", "fcntl(0, F_SETFL, 0)",
	"fcntl(9, F_GETFL)", "fcntl(9, F_SETFL, 0)", "fcntl(0, 9999)", "fcntl(9, 9999)",
	"ioctl(1, FIOCLEX)", "ioctl(1, FIONCLEX)", "ioctl(9, FIOCLEX)", "ioctl(0, 0x1234)",
	"ioctl(9, 0x1234)", "open(\"a\", O_RDWR|O_CREAT|O_EXCL, 0600)",
	"fcntl(3, F_SETFL, O_APPEND|O_NONBLOCK|O_NOATIME|O_SYNC)", "fcntl(3, F_GETFL)",
	"fcntl(3, F_SETFL, O_ASYNC)", "fcntl(3, F_GETFL)", "pipe2 O_NONBLOCK",
	"fcntl(4, F_SETFL, O_ASYNC)", "fcntl(4, F_GETFL)", "fcntl(5, F_SETFL, O_DIRECT)",
	"fcntl(5, F_GETFL)", "fcntl(4, F_GETFL)")

AGREES(O_PATH,
	"open(\"a\", O_RDWR|O_CREAT, 0600)", "open(\"a\", O_PATH|O_CLOEXEC)", "fcntl(4, F_GETFL)",
	"fcntl(4, F_GETFD)", "fcntl(4, F_SETFD, 0)", "dup(4)", "dup2(4, 8)",
	"dup3(4, 9, O_CLOEXEC)", "fcntl(4, F_DUPFD, 20)", "fcntl(4, F_DUPFD_CLOEXEC, 20)",
	"fcntl(4, F_SETFL, 0)", "fcntl(4, F_GETOWN)", "fcntl(4, 9999)", "ioctl(4, FIOCLEX)",
	"ioctl(4, FIONCLEX)", "ioctl(4, 0x1234)", "read(4, ..., 1)", "write(4, \"x\", 1)",
	"lseek(4, 0, SEEK_CUR)", "fork()", "2 close(4)", "open(\".\", O_PATH)",
	"openat(6, \"a\", O_RDONLY)", "openat(4, \"a\", O_RDONLY)", "openat(0, \"a\", O_RDONLY)",
	"close_range(8, 8, CLOSE_RANGE_CLOEXEC)", "close(4)")

AGREES(opening,
	"open(\"a\", O_RDWR|O_CREAT|O_CLOEXEC, 0600)", "open(\"a\", O_RDONLY)", "close(0)",
	"open(\"a\", O_WRONLY|O_APPEND)", "creat(\"b\", 0644)", "openat(AT_FDCWD, \"b\", O_RDWR)",
	"open(\"missing\", O_RDONLY|O_CLOEXEC)", "dup(1)", "open(\".\", O_RDONLY|O_DIRECTORY)",
	"open(\"a\", O_RDONLY|O_DIRECTORY)", "openat(7, \"b\", O_RDONLY|O_CLOEXEC)",
	"fcntl(8, F_GETFL)", "fcntl(7, F_GETFL)")

AGREES(the_shared_position,
	"open(\"a\", O_RDWR|O_CREAT, 0600)", "write(3, \"hello world\", 11)", "dup(3)",
	"lseek(4, 2, SEEK_SET)", "read(3, ..., 3)", "lseek(4, 0, SEEK_CUR)", "open(\"a\", O_RDONLY)",
	"read(5, ..., 100)", "read(5, ..., 100)", "fork()", "2 lseek(3, 1, SEEK_SET)",
	"1 read(4, ..., 2)", "2 read(3, ..., 2)", "2 close(3)", "1 read(3, ..., 2)",
	"fcntl(3, F_SETFL, O_APPEND)", "write(4, \"!\", 1)", "lseek(3, 0, SEEK_CUR)")

AGREES(pipes,
	"pipe2 0", "pipe2 O_CLOEXEC", "pipe2 O_NONBLOCK", "pipe2 O_CREAT", "close(3)", "pipe2 0",
	"fcntl(7, F_GETFL)", "fcntl(8, F_GETFL)", "read(7, ..., 5)", "write(8, \"abc\", 3)",
	"read(7, ..., 2)", "close(8)", "read(7, ..., 5)", "read(7, ..., 5)", "lseek(7, 0, SEEK_SET)",
	"read(8, ..., 5)", "write(7, \"x\", 1)")

AGREES(close_range,
	"dup2(0, 10)", "dup2(0, 64)", "dup2(0, 200)", "close_range(5, 4, 0)",
	"close_range(3, 9, 0)", "close_range(10, 10, 0)", "close_range(3, 100, 8)",
	"close_range(2, 4294967295, CLOSE_RANGE_CLOEXEC)", "fcntl(200, F_GETFD)", "dup(0)",
	"fcntl(3, F_GETFD)", "close_range(3, 4294967295, 0)", "close_range(100, 4294967295, 0)",
	"close_range(4294967295, 4294967295, 0)", "close_range(0, 0, CLOSE_RANGE_UNSHARE)", "dup(1)",
	"close_range(0, 4294967295, CLOSE_RANGE_UNSHARE|CLOSE_RANGE_CLOEXEC)")

AGREES(close_range_that_unshares,
	"dup2(0, 70)", "dup2(0, 200)", "clone(flags=CLONE_FILES|SIGCHLD)", "kcmp(1, 2, KCMP_FILES)",
	"2 close_range(100, 300, CLOSE_RANGE_UNSHARE)", "kcmp(1, 2, KCMP_FILES)", "2 dup(0)",
	"1 clone(flags=CLONE_FILES|SIGCHLD)",
	"3 close_range(2, 100, CLOSE_RANGE_UNSHARE|CLOSE_RANGE_CLOEXEC)", "1 fcntl(70, F_GETFD)",
	"3 fcntl(70, F_GETFD)", "1 clone(flags=CLONE_FILES|SIGCHLD)",
	"4 close_range(50, 100, CLOSE_RANGE_UNSHARE)", "1 dup(0)", "4 dup(0)")

AGREES(fork,
	"dup2(0, 300)", "open(\"a\", O_RDWR|O_CREAT|O_CLOEXEC, 0600)", "fork()", "close(300)",
	"fork()", "3 fork()", "dup2(0, 63)", "2 close(0)", "2 dup(1)", "3 dup2(0, 64)",
	"kcmp(1, 2, KCMP_FILES)", "kcmp(1, 2, KCMP_FILE, 3, 3)", "kcmp(1, 2, KCMP_FILE, 1, 3)",
	"kcmp(3, 4, KCMP_FILE, 0, 1)", "kcmp(1, 2, KCMP_FILE, 99, 3)", "kcmp(1, 2, 99)",
	"kcmp(1, 4000000, KCMP_FILES)", "2 exit(3)", "wait4(2)", "wait4(2)")

AGREES(the_childs_table,
	"dup2(0, 63)", "dup2(0, 64)", "fork()", "1 dup2(0, 127)", "1 dup2(0, 128)", "1 close(64)",
	"fork()", "1 close(128)", "1 close(127)", "fork()", "2 dup2(0, 500)", "4 dup2(0, 65)")

AGREES(CLONE_FILES,
	"clone(flags=CLONE_FILES|SIGCHLD)", "2 dup(0)", "1 close(0)", "2 dup2(1, 100)",
	"1 fcntl(100, F_SETFD, FD_CLOEXEC)", "2 fcntl(100, F_GETFD)", "kcmp(1, 2, KCMP_FILES)",
	"kcmp(1, 2, KCMP_FILE, 100, 100)", "1 clone(flags=SIGCHLD)", "3 dup(1)", "2 exit(0)",
	"1 wait4(2)", "1 dup(1)", "1 dup(1)")

AGREES(unshare,
	"unshare(CLONE_FILES)", "dup2(0, 200)", "clone(flags=CLONE_FILES|SIGCHLD)", "close(200)",
	"1 unshare(CLONE_FILES)", "kcmp(1, 2, KCMP_FILES)", "1 dup(0)", "2 dup2(0, 5)",
	"2 unshare(CLONE_FILES)", "2 unshare(0x10)")

AGREES(exec,
	"open(\"a\", O_RDWR|O_CREAT|O_CLOEXEC, 0600)", "dup(3)", "fcntl(0, F_DUPFD_CLOEXEC, 100)",
	"fcntl(1, F_SETFD, FD_CLOEXEC)", "execve(\"/bin/true\")", "dup(4)", "dup(4)")

AGREES(exec_of_a_shared_table,
	"open(\"a\", O_RDWR|O_CREAT|O_CLOEXEC, 0600)", "dup2(0, 70)",
	"clone(flags=CLONE_FILES|SIGCHLD)", "2 execve(\"/bin/true\")", "kcmp(1, 2, KCMP_FILES)",
	"1 dup(3)", "2 dup(0)", "2 fcntl(3, F_GETFD)", "1 fcntl(3, F_GETFD)")

AGREES(exec_that_fails,
	"open(\"text\", O_WRONLY|O_CREAT, 0755)", "write(3, \"hello\", 5)", "close(3)",
	"open(\"data\", O_WRONLY|O_CREAT, 0644)", "close(3)",
	"open(\"a\", O_RDWR|O_CREAT|O_CLOEXEC, 0600)", "clone(flags=CLONE_FILES|SIGCHLD)",
	"2 execve(\"missing\")", "2 execve(\"data\")", "2 execve(\"text\")", "2 execve(\".\")",
	"2 execve(\"data/x\")", "2 execve(\"\")", "kcmp(1, 2, KCMP_FILES)", "2 dup(0)",
	"1 fcntl(4, F_GETFD)")

AGREES(waiting,
	"wait4(-1)", "fork()", "wait4 2 WNOHANG", "2 exit(300)", "wait4(2)", "fork()",
	"3 exit_group(7)", "wait4(-1)", "wait4(-1)", "fork()", "kill(4, 0)", "kill(4, 99)",
	"kill(4, -1)", "wait4 2 0x100")

AGREES(sharing_by_two_generations,
	"clone(flags=CLONE_FILES|SIGCHLD)", "2 clone(flags=CLONE_FILES|SIGCHLD)", "3 dup2(0, 130)",
	"1 fork()", "4 dup(0)", "3 close(130)", "3 exit(1)", "2 wait4(3)", "1 dup(0)", "2 dup(0)",
	"4 dup(0)")
/* clang-format on */

#define TEST(name) cmocka_unit_test_teardown(name##_agrees_with_the_kernel, table_oracle_stop)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(dup),
		TEST(dup2_and_its_errors),
		TEST(growing),
		TEST(growing_at_once),
		TEST(growing_to_no_avail),
		TEST(growing_one_by_one),
		TEST(a_limit_below_what_is_open),
		TEST(a_full_table),
		TEST(limits),
		TEST(F_DUPFD),
		TEST(fcntl_and_ioctl),
		TEST(O_PATH),
		TEST(opening),
		TEST(the_shared_position),
		TEST(pipes),
		TEST(close_range),
		TEST(close_range_that_unshares),
		TEST(fork),
		TEST(the_childs_table),
		TEST(CLONE_FILES),
		TEST(unshare),
		TEST(exec),
		TEST(exec_of_a_shared_table),
		TEST(exec_that_fails),
		TEST(waiting),
		TEST(sharing_by_two_generations),
	};

	kt_main(argc, argv);
	if (!table_oracle_possible())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
