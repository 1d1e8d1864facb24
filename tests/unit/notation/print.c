/*
 * Printing calls and results. The expected texts are those that strace 6.1 prints for the same
 * calls.
 */
#include "notation/types.h"
#include "support/notation_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* The arguments of text print as want. */
static void prints(const char *text, const char *want)
{
	struct bound b = bound_of(text);

	text_clear(&notation.out);
	call_print(&notation.out, b.row, b.arg, b.line.kind == LINE_CALL ? ARGS_DONE : ARGS_BLOCKED,
		   b.line.result, 32);
	if (b.line.has_result)
		result_print(&notation.out, b.row, b.arg,
			     b.line.error ? -b.line.error : b.line.result);
	assert_string_equal(notation.out.s, want);
}

static void prints_itself(const char *text)
{
	prints(text, text);
}

static const char *const lines_of_strace[] = {
	"dup2(3, 10) = 10",
	"dup2(-1, 5) = -1 EBADF (Bad file descriptor)",
	"openat(AT_FDCWD, \"/nope\", O_ACCMODE|O_CREAT|O_EXCL|O_NOCTTY|O_TRUNC|O_APPEND|"
	"O_NONBLOCK|O_SYNC|O_DIRECT|O_LARGEFILE|O_NOFOLLOW|O_NOATIME|O_CLOEXEC|O_PATH|"
	"O_TMPFILE|FASYNC|0x7f80003c, 0777) = -1 ENOENT (No such file or directory)",
	"openat(AT_FDCWD, \"/nope\", O_WRONLY|O_CREAT|O_PATH|O_DIRECTORY, 007) = 3",
	"openat(AT_FDCWD, \"/nope\", O_WRONLY|O_DSYNC) = -1 ENOENT (No such file or "
	"directory)",
	"openat(AT_FDCWD, \"/nope\", O_ACCMODE|O_CREAT, 000) = 3",
	"open(\"/tmp\", O_RDWR|O_TMPFILE, 0600) = 3",
	"dup3(3, 4, O_NONBLOCK|O_CLOEXEC|0x2) = -1 EINVAL (Invalid argument)",
	"dup3(3, 4, 0) = 4",
	"openat2(AT_FDCWD, \"/nope/x\", {flags=O_RDWR|O_CREAT, mode=0644, "
	"resolve=RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH|"
	"RESOLVE_IN_ROOT|RESOLVE_CACHED}) = -1 EINVAL (Invalid argument)",
	"openat2(AT_FDCWD, \"/nope/x\", {flags=O_RDONLY, resolve=0}, 8) = 3",
	"openat2(AT_FDCWD, \"/x\", {flags=O_RDONLY|O_CREAT|0x10000000000, mode=000, "
	"resolve=0}) "
	"= -1 EINVAL (Invalid argument)",
	"openat2(AT_FDCWD, \"/nope/x\", 0x1) = -1 EFAULT (Bad address)",
	"unshare(CLONE_NEWTIME|CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|"
	"CLONE_NEWNS|CLONE_SYSVSEM|CLONE_NEWCGROUP|CLONE_NEWUTS|CLONE_NEWIPC|0x1f8f000) = "
	"-1 "
	"EINVAL (Invalid argument)",
	"clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, "
	"child_tidptr=0x7f317103fa10) = 2",
	"clone3({flags=CLONE_PIDFD|CLONE_SETTLS|CLONE_PARENT_SETTID|CLONE_CHILD_SETTID|"
	"CLONE_INTO_CGROUP|0x1, pidfd=NULL, child_tid=NULL, parent_tid=NULL, "
	"exit_signal=SIGCHLD, stack=0x1000, stack_size=0x64, tls=NULL, set_tid=NULL, "
	"set_tid_size=3, cgroup=5}) = -1 EINVAL (Invalid argument)",
	"clone3({flags=CLONE_FILES|CLONE_PARENT_SETTID, parent_tid=0x7ffe3a2a7fdc, "
	"exit_signal=0, "
	"stack=NULL, stack_size=0}, 64) = 2",
	"close_range(5, 4294967295, CLOSE_RANGE_UNSHARE|CLOSE_RANGE_CLOEXEC|0x1) = -1 "
	"EINVAL "
	"(Invalid argument)",
	"fcntl(0, F_GETFL) = 0x8000 (flags O_RDONLY|O_LARGEFILE)",
	"fcntl(0, F_GETFL) = 0 (flags O_RDONLY)",
	"fcntl(0, F_GETFD) = 0",
	"fcntl(0, F_GETFD) = 0x1 (flags FD_CLOEXEC)",
	"fcntl(0, F_SETFD, FD_CLOEXEC|0x2) = 0",
	"fcntl(0, F_SETFD, 0) = 0",
	"fcntl(0, F_DUPFD, 5) = 5",
	"fcntl(77, F_GETFL) = -1 EBADF (Bad file descriptor)",
	"lseek(0, -5, 0x4d) = -1 EINVAL (Invalid argument)",
	"access(\"/\", R_OK|W_OK|X_OK) = 0",
	"access(\"/\", F_OK) = 0",
	"mkdir(\"/\", 000) = -1 EEXIST (File exists)",
	"mkdir(\"/\", 007) = -1 EEXIST (File exists)",
	"mkdir(\"/\", 077) = -1 EEXIST (File exists)",
	"mkdir(\"/\", 0177777) = -1 EEXIST (File exists)",
	"prlimit64(0, 0x4d, {rlim_cur=20000, rlim_max=8*1024}, ...) = -1 EINVAL (Invalid "
	"argument)",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=RLIM64_INFINITY}) = 0",
	"kcmp(6728, 6728, KCMP_FILE, 0, 1) = 1",
	"ioctl(0, FIOCLEX) = 0",
	"ioctl(0, TCGETS, {B38400 opost isig icanon echo ...}) = 0",
	"kill(6728, 0) = 0",
	"kill(6728, 135) = -1 EINVAL (Invalid argument)",
	"kill(-77777, SIGRT_8) = -1 ESRCH (No such process)",
	"kill(-77777, SIGRTMIN) = -1 ESRCH (No such process)",
	"write(77, \"\\0\\1\\0027\\377\\177\\n\\t\\r\\\"'\\\\?\\7\\10\\33x\\v\\f<>\\0\", "
	"22) = 22",
	"write(77, \"\", 0) = -1 EBADF (Bad file descriptor)",
	"write(77, 0x5, 5) = -1 EBADF (Bad file descriptor)",
	"write(77, NULL, 5) = -1 EBADF (Bad file descriptor)",
	"write(-1, \"x\\0\"..., 18446744073709551615) = -1 EBADF (Bad file descriptor)",
	"execve(\"/bin/sh\", [\"sh\", \"-c\"], 0x7ffc0e592688) = 0",
	"fork() = 2",
	"exit(3) = ?",
	"read(3, ..., 10) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
	"fd_install(3, \"/tmp/x\") = 0",
	"fd_install(3, 4) = 0",
	"fd_install(3, NULL) = 0",
};

static void calls_are_printed_as_strace_prints_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines_of_strace) / sizeof(lines_of_strace[0]); i++) {
		struct bound b = bound_of(lines_of_strace[i]);

		text_clear(&notation.out);
		call_print(&notation.out, b.row, b.arg, ARGS_DONE,
			   b.line.error ? -b.line.error : b.line.result, 32);
		result_print(&notation.out, b.row, b.arg,
			     b.line.error ? -b.line.error : b.line.result);
		assert_string_equal(notation.out.s, lines_of_strace[i]);
	}
}

static void the_shell_form_is_printed_in_full(void **state)
{
	(void)state;
	prints("dup2 3 10", "dup2(3, 10)");
	prints("open /tmp/x O_RDWR|O_CREAT", "open(\"/tmp/x\", O_RDWR|O_CREAT, 0666)");
	prints("open /tmp/x", "open(\"/tmp/x\", O_RDONLY)");
	prints("write 4 hello", "write(4, \"hello\", 5)");
	prints("clone CLONE_FILES", "clone(child_stack=NULL, flags=CLONE_FILES)");
	prints("execve", "execve(\"/bin/true\", [\"/bin/true\"])");
	prints("kill 12", "kill(12, SIGTERM)");
	prints("unshare", "unshare(CLONE_FILES)");
	prints_itself("exit(0)");
}

static void a_mode_is_printed_only_where_a_file_may_be_made(void **state)
{
	(void)state;
	prints("open(\"/x\", O_RDONLY, 0644)", "open(\"/x\", O_RDONLY)");
	prints("open(\"/x\", O_RDONLY|O_DIRECTORY, 0644)", "open(\"/x\", O_RDONLY|O_DIRECTORY)");
	prints("open(\"/x\", O_CREAT, 0644)", "open(\"/x\", O_RDONLY|O_CREAT, 0644)");
}

static void input_strings_are_printed_whole(void **state)
{
	char line[600];

	(void)state;
	snprintf(line, sizeof(line), "write(4, \"%0500d\", 500)", 7);
	prints_itself(line);
}

static void a_call_that_blocks_shows_dots(void **state)
{
	(void)state;
	prints("read(3, <unfinished ...>", "read(3, ..., 4096)");
	prints("wait4(-1, <unfinished ...>", "wait4(-1, ..., 0)");
	prints("pipe2 O_CLOEXEC <unfinished ...>", "pipe2(..., O_CLOEXEC)");
}

static void prints_filled(struct bound b, int64_t result, const char *want)
{
	text_clear(&notation.out);
	call_print(&notation.out, b.row, b.arg, ARGS_DONE, result, 4);
	assert_string_equal(notation.out.s, want);
}

static void buffers_that_were_filled_in_are_printed(void **state)
{
	struct fdl_arg st[STAT_FIELDS] = { 0 };

	(void)state;
	prints_filled(filled("pipe", 0, (struct fdl_arg){ .num = 2, .sub = numbers }), 0,
		      "pipe([3, 4])");
	prints_filled(filled("iterate_fd", 2, (struct fdl_arg){ .num = 3, .sub = numbers }), 0,
		      "iterate_fd(0, NULL, [3, 4, 5])");
	prints_filled(filled("iterate_fd", 2, (struct fdl_arg){ .num = 0, .sub = numbers }), 0,
		      "iterate_fd(0, NULL, [])");
	prints_filled(filled("fget_light 3", 1, (struct fdl_arg){ .num = 1, .sub = numbers }), 0,
		      "fget_light(3, [3])");
	prints_filled(filled("read 3", 1, (struct fdl_arg){ .num = 4, .str = "abcd" }), 4,
		      "read(3, \"abcd\", 4096)");
	prints_filled(filled("read 3", 1, (struct fdl_arg){ .num = 5, .str = "abcde" }), 5,
		      "read(3, \"abcd\"..., 4096)");
	prints_filled(bound_of("read 3"), 0, "read(3, \"\", 4096)");
	prints_filled(filled("read 3", 1, (struct fdl_arg){ .num = 4, .str = "abcd" }), -EIO,
		      "read(3, ..., 4096)");
	st[STAT_MODE].num = S_IFDIR | S_ISVTX | 0777;
	st[STAT_SIZE].num = 12288;
	prints_filled(filled("fstat 3", 1, (struct fdl_arg){ .num = STAT_FIELDS, .sub = st }), 0,
		      "fstat(3, {st_mode=S_IFDIR|S_ISVTX|0777, st_size=12288, ...})");
	st[STAT_MODE].num = S_IFCHR | 0666;
	st[STAT_RDEV].num = (int64_t)makedev(1, 3);
	prints_filled(filled("fstat 3", 1, (struct fdl_arg){ .num = STAT_FIELDS, .sub = st }), 0,
		      "fstat(3, {st_mode=S_IFCHR|0666, st_rdev=makedev(0x1, 0x3), ...})");
}

static void wait_statuses_are_printed_as_macros(void **state)
{
	static const struct {
		int64_t status;
		const char *want;
	} statuses[] = {
		{ 0x300, "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0)" },
		{ 9, "wait4(-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0)" },
		{ 0x8b,
		  "wait4(-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}], 0)" },
		{ 0x137f, "wait4(-1, [{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}], 0)" },
		{ 0xffff, "wait4(-1, [{WIFCONTINUED(s)}], 0)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct fdl_arg status = { .num = statuses[i].status };
		struct bound b = filled("wait4", 1, (struct fdl_arg){ .num = 1, .sub = &status });

		prints_filled(b, 2, statuses[i].want);
		/* The text reads as the status again. */
		assert_int_equal(try_parse(statuses[i].want, &b.line), 0);
		assert_true(args_match(&notation.arena, b.row, &b.line, b.arg, 0, &notation.why));
		status.num ^= 0x100;
		assert_false(args_match(&notation.arena, b.row, &b.line, b.arg, 0, &notation.why));
	}
	prints_filled(bound_of("wait4"), 0, "wait4(-1, NULL, 0)");
}

static void resumed_calls_print_what_is_new(void **state)
{
	struct bound b = filled("read 3 10", 1, (struct fdl_arg){ .num = 1, .str = "x" });

	(void)state;
	text_clear(&notation.out);
	call_print_resumed(&notation.out, b.row, b.arg, 1, 32);
	result_print(&notation.out, b.row, b.arg, 1);
	assert_string_equal(notation.out.s, "<... read resumed>\"x\", 10) = 1");
	text_clear(&notation.out);
	call_print_resumed(&notation.out, b.row, b.arg, -EINTR, 32);
	assert_string_equal(notation.out.s, "<... read resumed>..., 10)");
	b = bound_of("openat AT_FDCWD /x");
	text_clear(&notation.out);
	call_print_resumed(&notation.out, b.row, b.arg, 3, 32);
	assert_string_equal(notation.out.s, "<... openat resumed>)");
}

static void results_are_printed_as_strace_prints_them(void **state)
{
	struct bound b = bound_of("fork");

	(void)state;
	text_clear(&notation.out);
	result_print(&notation.out, b.row, b.arg, INT64_MAX);
	result_print(&notation.out, b.row, b.arg, -3000);
	result_print(&notation.out, b.row, b.arg, -ENOTSUP);
	result_print(&notation.out, bound_of("exit").row, NULL, 0);
	assert_string_equal(notation.out.s,
			    " = 9223372036854775807 = -1 (errno 3000) = -1 EOPNOTSUPP "
			    "(Operation not supported) = ?");
}

static void numbers_of_the_tree_are_printed_by_type(void **state)
{
	(void)state;
	text_clear(&notation.out);
	type_print(&notation.out, "oflags", 0x8002);
	text_putc(&notation.out, ' ');
	type_print(&notation.out, "signal", 9);
	text_putc(&notation.out, ' ');
	type_print(&notation.out, "no such type", 9);
	assert_string_equal(notation.out.s, "O_RDWR|O_LARGEFILE SIGKILL 9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_printed_as_strace_prints_them),
		cmocka_unit_test(the_shell_form_is_printed_in_full),
		cmocka_unit_test(a_mode_is_printed_only_where_a_file_may_be_made),
		cmocka_unit_test(input_strings_are_printed_whole),
		cmocka_unit_test(a_call_that_blocks_shows_dots),
		cmocka_unit_test(buffers_that_were_filled_in_are_printed),
		cmocka_unit_test(wait_statuses_are_printed_as_macros),
		cmocka_unit_test(resumed_calls_print_what_is_new),
		cmocka_unit_test(results_are_printed_as_strace_prints_them),
		cmocka_unit_test(numbers_of_the_tree_are_printed_by_type),
	};

	return cmocka_run_group_tests(tests, notation_lab_setup, notation_lab_teardown);
}
