/*
 * Locks compared with the running kernel: sequences of calls by several tasks, some of which wait
 * for each other.
 */
#include "support/lock_oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define AGREES(name, ...)                                                                          \
	static void name##_agrees_with_the_kernel(void **state)                                    \
	{                                                                                          \
		static const char *const lines[] = { __VA_ARGS__ };                                \
                                                                                                   \
		(void)state;                                                                       \
		lock_oracle_start();                                                               \
		for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)                      \
			lock_oracle_play(lines[i]);                                                \
	}

/* clang-format off */
#define LOCK(cmd, type, start, len) "(3, " cmd ", {l_type=" type ", l_whence=SEEK_SET, l_start=" start ", l_len=" len "})"
#define SETLK(type, start, len)  "fcntl" LOCK("F_SETLK", type, start, len)
#define SETLKW(type, start, len) "fcntl" LOCK("F_SETLKW", type, start, len)
#define GETLK(type, start, len)  "fcntl" LOCK("F_GETLK", type, start, len)

AGREES(what_is_refused,
	TWO_FILES, "open(\"a\", O_RDONLY)", "open(\"a\", O_WRONLY)", "open(\"a\", O_PATH)", "pipe2 0",
	"fcntl(99, F_SETLK, {l_type=F_WRLCK})", "fcntl(99, F_SETLK, NULL)", "fcntl(3, F_SETLK, NULL)",
	"fcntl(3, F_GETLK, NULL)", "fcntl(7, F_SETLK, {l_type=F_RDLCK})", "flock(7, LOCK_SH)",
	"fcntl(5, F_SETLK, {l_type=F_WRLCK})", "fcntl(5, F_SETLK, {l_type=F_UNLCK})",
	"fcntl(6, F_SETLK, {l_type=F_RDLCK})", "fcntl(5, F_GETLK, {l_type=F_WRLCK})",
	"fcntl(5, F_SETLK, {l_type=F_WRLCK, l_whence=9})", "fcntl(5, F_SETLK, {l_type=9})",
	"fcntl(3, F_SETLK, {l_type=3})", "fcntl(3, F_GETLK, {l_type=F_UNLCK})",
	"fcntl(3, F_GETLK, {l_type=F_UNLCK, l_whence=9})", "fcntl(3, F_GETLK, {l_type=7})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=3})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_start=-1})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_start=5, l_len=-6})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_start=5, l_len=-5})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_start=9223372036854775807, l_len=1})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_start=9223372036854775807, l_len=2})",
	"lseek(3, 10, SEEK_SET)",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_CUR, l_start=9223372036854775800})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_CUR, l_start=-11})",
	"fcntl(3, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_CUR, l_start=-10, l_len=3})",
	"write(3, \"hello\", 5)", "fcntl(3, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_END, l_len=-2})",
	"fcntl(3, F_OFD_SETLK, {l_type=F_RDLCK, l_pid=1})", "fcntl(3, F_OFD_GETLK, {l_type=F_RDLCK, l_pid=1})",
	"fcntl(5, F_OFD_SETLK, {l_type=F_WRLCK, l_pid=1})", "fcntl(3, F_SETLK, {l_type=F_RDLCK, l_pid=1})",
	"flock(3, 0)", "flock(99, 0)", "flock(99, LOCK_SH)", "flock(3, LOCK_SH|LOCK_EX)", "flock(3, LOCK_NB)",
	"flock(99, LOCK_MAND|LOCK_READ)", "flock(3, 16)", "fcntl(8, F_SETLK, {l_type=F_RDLCK})",
	"fcntl(8, F_SETLK, {l_type=F_WRLCK})", "fcntl(9, F_SETLK, {l_type=F_WRLCK})", "flock(8, LOCK_EX)",
	"flock(9, LOCK_SH|LOCK_NB)", "open(\"a\", O_ACCMODE)", "flock(10, LOCK_SH)", "flock(10, LOCK_UN)")

AGREES(splitting_and_merging,
	TWO_FILES, SETLK("F_WRLCK", "0", "100"), SETLK("F_UNLCK", "40", "10"), SETLK("F_RDLCK", "45", "30"),
	SETLK("F_RDLCK", "40", "5"), SETLK("F_WRLCK", "40", "5"), SETLK("F_WRLCK", "45", "0"),
	SETLK("F_RDLCK", "10", "1"), SETLK("F_RDLCK", "12", "1"), SETLK("F_RDLCK", "11", "1"),
	SETLK("F_UNLCK", "12", "1"), SETLK("F_UNLCK", "0", "1"), SETLK("F_WRLCK", "0", "0"),
	SETLK("F_UNLCK", "5", "0"), SETLK("F_RDLCK", "0", "0"), SETLK("F_WRLCK", "2", "2"),
	SETLK("F_WRLCK", "6", "2"), SETLK("F_WRLCK", "4", "2"), SETLK("F_UNLCK", "0", "0"),
	SETLK("F_UNLCK", "0", "0"), "fcntl(4, F_SETLK, {l_type=F_RDLCK, l_len=3})", SETLK("F_RDLCK", "7", "3"))

AGREES(any_close_of_the_file,
	TWO_FILES, SETLK("F_WRLCK", "0", "10"), "open(\"a\", O_RDONLY)", "dup(3)", "fork()",
	"2 " GETLK("F_RDLCK", "5", "0"), "2 close(3)", "2 close(5)", "1 close(5)", "2 fcntl(6, F_SETLK, {l_type=F_RDLCK})",
	"1 " SETLK("F_WRLCK", "0", "0"), "1 " SETLK("F_RDLCK", "20", "0"), "1 close(6)", "2 close(6)",
	"1 " SETLK("F_WRLCK", "0", "0"), "1 dup2(4, 3)", "1 open(\"a\", O_PATH)", "1 open(\"a\", O_RDWR)",
	"1 fcntl(6, F_SETLK, {l_type=F_WRLCK})", "1 close(5)", "1 close(6)")

AGREES(inheritance,
	TWO_FILES, SETLK("F_WRLCK", "0", "10"), "flock(4, LOCK_EX)", "fcntl(4, F_OFD_SETLK, {l_type=F_WRLCK, l_len=5})",
	"fork()", "2 " SETLK("F_WRLCK", "5", "10"), "2 flock(4, LOCK_SH|LOCK_NB)",
	"2 fcntl(4, F_OFD_SETLK, {l_type=F_UNLCK, l_start=2, l_len=1})", "2 open(\"b\", O_RDWR)",
	"2 flock(5, LOCK_EX|LOCK_NB)", "2 fcntl(5, F_OFD_GETLK, {l_type=F_RDLCK})", "2 fcntl(5, F_GETLK, {l_type=F_RDLCK})",
	"2 fcntl(5, F_OFD_SETLK, {l_type=F_RDLCK, l_start=3, l_len=4})", "1 execve(\"/bin/true\")",
	"2 " GETLK("F_WRLCK", "0", "0"), "1 close(4)", "2 flock(5, LOCK_EX|LOCK_NB)", "2 close(4)", "2 flock(5, LOCK_EX|LOCK_NB)",
	"1 close(3)", "2 " SETLK("F_WRLCK", "5", "10"), "2 fcntl(5, F_OFD_GETLK, {l_type=F_UNLCK})")

AGREES(a_shared_table,
	TWO_FILES, SETLK("F_WRLCK", "0", "10"), "clone(flags=CLONE_FILES|SIGCHLD)", "2 " GETLK("F_WRLCK", "0", "0"),
	"2 " SETLK("F_RDLCK", "5", "10"), "2 unshare(CLONE_FILES)", "2 " SETLK("F_RDLCK", "0", "3"),
	"2 " GETLK("F_WRLCK", "0", "0"), "1 clone(flags=CLONE_FILES|SIGCHLD)", "3 " SETLK("F_WRLCK", "30", "1"),
	"3 exit(0)", "2 " GETLK("F_WRLCK", "20", "0"), "1 close(3)", "2 " GETLK("F_WRLCK", "0", "0"))

AGREES(converting,
	TWO_FILES, "open(\"a\", O_RDONLY)", "flock(3, LOCK_EX)", "flock(5, LOCK_SH|LOCK_NB)", "flock(3, LOCK_SH)",
	"flock(5, LOCK_SH|LOCK_NB)", "flock(3, LOCK_EX|LOCK_NB)", "flock(5, LOCK_EX|LOCK_NB)", "flock(3, LOCK_SH|LOCK_NB)",
	"flock(5, LOCK_SH)", "flock(3, LOCK_UN)", "flock(3, LOCK_UN)", "flock(5, LOCK_EX)", "dup(5)", "flock(6, LOCK_SH)",
	"close(5)", "flock(3, LOCK_EX|LOCK_NB)", "close(6)", "flock(3, LOCK_EX|LOCK_NB)")

AGREES(waiting,
	TWO_FILES, "fork()", "fork()", SETLK("F_WRLCK", "0", "0"), "2 " SETLKW("F_WRLCK", "0", "10"),
	"3 " SETLKW("F_RDLCK", "5", "10"), "1 " SETLK("F_UNLCK", "20", "0"), "1 " SETLK("F_RDLCK", "0", "20"),
	"1 close(3)", "3 close(3)", "2 close(3)")

AGREES(waiting_for_flock,
	TWO_FILES, "flock(3, LOCK_EX)", "fork()", "fork()", "2 open(\"a\", O_RDWR)", "3 open(\"a\", O_RDWR)",
	"2 flock(5, LOCK_EX)", "3 flock(5, LOCK_SH)", "1 flock(3, LOCK_SH)", "1 flock(3, LOCK_UN)", "1 flock(4, LOCK_EX)",
	"3 close(5)", "2 flock(4, LOCK_SH)")

AGREES(deadlocks,
	TWO_FILES, "fork()", "fork()", "1 " SETLK("F_WRLCK", "1", "1"), "2 " SETLK("F_WRLCK", "2", "1"),
	"3 " SETLK("F_WRLCK", "3", "1"), "1 " SETLKW("F_WRLCK", "2", "1"), "2 " SETLKW("F_WRLCK", "3", "1"),
	"3 " SETLKW("F_WRLCK", "1", "1"), "3 " SETLKW("F_RDLCK", "0", "0"), "3 fcntl(3, F_OFD_SETLK, {l_type=F_RDLCK, l_start=7})",
	"3 " SETLK("F_UNLCK", "0", "0"))

AGREES(a_waiter_that_is_killed,
	TWO_FILES, "fork()", "fork()", "fork()", "1 " SETLK("F_WRLCK", "0", "0"), "2 " SETLKW("F_WRLCK", "0", "0"),
	"3 " SETLKW("F_WRLCK", "0", "0"), "4 " SETLKW("F_RDLCK", "0", "0"), "1 kill(2, SIGKILL)", "1 kill(3, SIGKILL)",
	"1 " SETLK("F_RDLCK", "0", "0"), "4 exit(0)")

AGREES(closed_while_waiting,
	TWO_FILES, "fork()", "1 " SETLK("F_WRLCK", "0", "0"), "2 clone(flags=CLONE_FILES|SIGCHLD)",
	"2 " SETLKW("F_WRLCK", "5", "5"), "3 close(3)", "1 " SETLK("F_UNLCK", "0", "0"), "3 open(\"a\", O_RDWR)",
	"1 " GETLK("F_WRLCK", "0", "0"))
/* clang-format on */

#define TEST(name) cmocka_unit_test_teardown(name##_agrees_with_the_kernel, lock_oracle_stop)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_refused),
		TEST(splitting_and_merging),
		TEST(any_close_of_the_file),
		TEST(inheritance),
		TEST(a_shared_table),
		TEST(converting),
		TEST(waiting),
		TEST(waiting_for_flock),
		TEST(deadlocks),
		TEST(a_waiter_that_is_killed),
		TEST(closed_while_waiting),
	};

	kt_main(argc, argv);
	if (!lock_oracle_possible())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
