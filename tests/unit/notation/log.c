/*
 * Lines of logs, as strace 4.5 to 7 write them with various options.
 */
#include "fdlab.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct fdl_log_line line;

static void read_line(const char *text)
{
	fdl_log_line_read(text, strlen(text), &line);
}

static bool is(const char *s, size_t len, const char *text)
{
	return len == strlen(text) && !memcmp(s, text, len);
}

static void prefix_is_passed_over_whatever_options_put_there(void **state)
{
	static const char *const prefixes[] = {
		"10 ",
		"10    ",
		"10 12:34:56 ",
		"10 12:34:56.123456789 ",
		"10 1700000000.123456 ",
		"10       0.000012 ",
		"10 12:34:56 (+     0.000012) ",
		"[pid    10] ",
		"[pid 10] 12:34:56 ",
		"[pid 10<a b>] ",
		"10<sh> ",
		"10 [00007f1234567890] ",
		"10 [????????????????] ",
		"10 [ 257] ",
		"10 [unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023] ",
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		snprintf(text, sizeof(text), "%sdup(3) = 4", prefixes[i]);
		read_line(text);
		assert_int_equal(line.kind, FDL_LOG_CALL);
		assert_int_equal(line.pid, 10);
		assert_true(is(line.name, line.name_len, "dup"));
		assert_true(is(line.rest, line.rest_len, "3) = 4"));
		assert_true(is(line.before, strlen(line.before), "dup(3) = 4"));
	}
}

static void lines_are_of_some_kind(void **state)
{
	static const struct {
		const char *text;
		enum fdl_log_kind kind;
		int pid, number;
	} rows[] = {
		{ "dup(3) = 4", FDL_LOG_CALL, 0, 0 },
		{ "syscall_0x1b3(0x7f, 0x58) = 0x65", FDL_LOG_CALL, 0, 0 },
		{ "10 read(3,  <unfinished ...>", FDL_LOG_UNFINISHED, 10, 0 },
		{ "10 execve(\"/a\", [\"a\"], 0x7f <pid changed to 12 ...>", FDL_LOG_UNFINISHED, 10,
		  0 },
		{ "10 exit_group(0 <unfinished ...>) = ?", FDL_LOG_CALL, 10, 0 },
		{ "10 write(1, \"<unfinished ...>\", 16) = 16", FDL_LOG_CALL, 10, 0 },
		{ "10 <... read resumed> \"x\", 1) = 1", FDL_LOG_RESUMED, 10, 0 },
		{ "10 +++ exited with 0 +++", FDL_LOG_EXITED, 10, 0 },
		{ "10 +++ killed by SIGSEGV (core dumped) +++", FDL_LOG_EXITED, 10, 0 },
		{ "10 +++ superseded by execve in pid 12 +++", FDL_LOG_SUPERSEDED, 10, 12 },
		{ "strace: Process 12 attached", FDL_LOG_ATTACHED, 0, 12 },
		{ "Process 12 attached", FDL_LOG_ATTACHED, 0, 12 },
		{ "Process 12 attached (waiting for parent)", FDL_LOG_ATTACHED, 0, 12 },
		{ "Process 12 resumed (parent 10 ready)", FDL_LOG_REMARK, 0, 12 },
		{ "Process 12 detached", FDL_LOG_REMARK, 0, 12 },
		{ "strace: Process 12 detached", FDL_LOG_REMARK, 0, 12 },
		{ "strace: ptrace(PTRACE_SEIZE): no", FDL_LOG_REMARK, 0, 0 },
		{ "10 --- SIGCHLD (Child exited) @ 0 (0) ---", FDL_LOG_REMARK, 10, 0 },
		{ "10 [ Process PID=10 runs in x32 mode. ]", FDL_LOG_REMARK, 10, 0 },
		{ "10 epoll_wait(3,  <detached ...>", FDL_LOG_UNFINISHED, 10, 0 },
		{ "x: [pid 10] dup(3) = 4", FDL_LOG_CALL, 10, 0 },
		{ "[ Process PID=10 runs in 32 bit mode. ]", FDL_LOG_REMARK, 0, 0 },
		{ " > /lib/libc.so.6(__open64+0x47) [0xf2a97]", FDL_LOG_REMARK, 0, 0 },
		{ "make: Nothing to be done", FDL_LOG_OTHER, 0, 0 },
		{ "% time     seconds  usecs/call     calls    errors syscall", FDL_LOG_OTHER, 0,
		  0 },
		{ "", FDL_LOG_OTHER, 0, 0 },
		{ "   ", FDL_LOG_OTHER, 0, 0 },
		{ "10", FDL_LOG_OTHER, 0, 0 },
		{ "10 20x dup(3) = 4", FDL_LOG_OTHER, 0, 0 },
		{ "[", FDL_LOG_OTHER, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		read_line(rows[i].text);
		assert_int_equal(line.kind, rows[i].kind);
		if (rows[i].kind == FDL_LOG_OTHER && !line.before)
			assert_int_equal(line.pid, 0);
		if (rows[i].kind == FDL_LOG_OTHER)
			continue;
		assert_int_equal(line.pid, rows[i].pid);
		assert_int_equal(line.number, rows[i].number);
	}
}

/* ---- calls ---------------------------------------------------------------------------------- */

static struct fdl_values *values;
static struct fdl_log_call call;

static int make_values(void **state)
{
	(void)state;
	values = fdl_values_new();
	return values ? 0 : -1;
}

static int free_values(void **state)
{
	(void)state;
	fdl_values_free(values);
	return 0;
}

static void read_call(const char *rest)
{
	assert_int_equal(fdl_log_call_read(values, rest, strlen(rest), &call), 0);
}

static const struct fdl_value *argument(size_t n)
{
	const struct fdl_value *v = call.args;

	assert_true(n < call.nargs);
	while (n--)
		v = v->next;
	return v;
}

/* Each of these has this many arguments, and the result 0. */
static void every_form_in_which_strace_prints_an_argument_is_a_value(void **state)
{
	static const struct {
		const char *rest;
		size_t nargs;
	} rows[] = {
		{ ") = 0", 0 },
		{ "1, ) = 0", 2 },
		{ "3, F_DUPFD or F_X, 10) = 0", 3 },
		{ "3, _IOC(_IOC_READ, 0x45, 0x7, 0), 0x7f) = 0", 3 },
		{ "1, TCSETS, {B38400 opost isig icanon echo ...}) = 0", 3 },
		{ "1, TCGETS, {c_iflag=ICRNL|IXON, c_cc=[[VINTR]=0x3, [VQUIT]=0x1c]}) = 0", 3 },
		{ "3, /* 30 entries */, 32768) = 0", 3 },
		{ "3, 0x55 /* 30 entries */, 32768) = 0", 3 },
		{ "NULL, 4096, PROT_READ, MAP_PRIVATE|21<<MAP_HUGE_SHIFT, 3</dev/zero>, 0) = 0",
		  6 },
		{ "\"/a\", [\"a\"], [/* 18 vars */]) = 0", 3 },
		{ "\"/a\", [\"a\", ...], 0x7ffd /* 1 var */) = 0", 3 },
		{ "3, {msg_name(0)=NULL, msg_iov(1)=[{\"\\0\", 1}], {cmsg_len=20, {4}}, "
		  "msg_flags=0}, 0) = 0",
		  3 },
		{ "child_stack=0, flags=SIGCHLD, {entry_number:6, base_addr:0xb7, limit:1}) = 0",
		  3 },
		{ "-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 0", 4 },
		{ "-1, [WIFEXITED(s) && WEXITSTATUS(s) == 0], 0, NULL) = 0", 4 },
		{ "SIGINT, {SIG_DFL}, {0x40, [HUP INT], SA_RESTORER, 0x7f}, 8) = 0", 4 },
		{ "SIG_BLOCK, ~[RTMIN RT_1], [], 8) = 0", 4 },
		{ "5, [3 4], NULL, NULL, {1, 500000}) = 0", 5 },
		{ "[{fd=3</a>, events=POLLIN}], 1, 0) = 0", 3 },
		{ "3, {sa_family=AF_INET6, sin6_port=htons(80), inet_pton(AF_INET6, \"::1\", "
		  "&sin6_addr), sin6_scope_id=0}, 28) = 0",
		  3 },
		{ "3, {sa_family=AF_UNIX, sun_path=@\"x, )\"}, 5) = 0", 3 },
		{ "AT_FDCWD, \"/etc/x\" [system_u:object_r:etc_t:s0], O_RDONLY) = 0", 3 },
		{ "AT_FDCWD</tmp>, \"x\", O_RDONLY|0x800000 /* O_??? */) = 0", 3 },
		{ "{flags=CLONE_VM|CLONE_FILES, exit_signal=0} => {parent_tid=[101]}, 88) = 0", 2 },
		{ "0, [8 => 16]) = 0", 2 },
		{ "{???}, 1.5, -9223372036854775808, '\\0') = 0", 4 },
		{ "pathname=\"/a\", argv=[\"a\"], envp=0x7f /* 1 var */) = 0", 3 },
		{ "3 /* 12 in strace's PID NS */, SIGTERM) = 0", 2 },
		{ "\"bad escape \\q\"..., 5) = 0", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		read_call(rows[i].rest);
		assert_int_equal(call.nargs, rows[i].nargs);
		assert_int_equal(call.result, FDL_LOG_NUMBER);
		assert_int_equal(call.value.num, 0);
	}
}

static void values_keep_what_stands_with_them(void **state)
{
	(void)state;
	read_call("fd=3</tmp/a->, cmd=0x406 /* F_DUPFD_CLOEXEC */, [3, ...], \"a\\\"b\") = "
		  "10</tmp/a->");
	assert_int_equal(argument(0)->num, 3);
	assert_true(is(argument(0)->key, argument(0)->key_len, "fd"));
	assert_true(is(argument(0)->decoration, argument(0)->decoration_len, "/tmp/a-"));
	assert_int_equal(argument(1)->num, 0x406);
	assert_true(is(argument(1)->comment, argument(1)->comment_len, "F_DUPFD_CLOEXEC"));
	assert_true(argument(2)->truncated);
	assert_int_equal(argument(2)->nsub, 1);
	assert_true(is(argument(3)->text, argument(3)->len, "a\\\"b"));
	assert_true(is(call.value.decoration, call.value.decoration_len, "/tmp/a-"));
	read_call("TCP:[1]) = 5<UNIX-STREAM:[1->2,\"/a>b)\"]>");
	assert_true(is(call.value.decoration, call.value.decoration_len,
		       "UNIX-STREAM:[1->2,\"/a>b)\"]"));
	read_call(") = 3 /* 103 in strace's PID NS */");
	assert_int_equal(call.value.num, 3);
	assert_true(is(call.value.comment, call.value.comment_len, "103 in strace's PID NS"));
}

static void results_are_of_some_kind(void **state)
{
	static const struct {
		const char *rest;
		enum fdl_log_result result;
		const char *error;
	} rows[] = {
		{ "3) = 4 <0.000012>", FDL_LOG_NUMBER, NULL },
		{ "3) = 0x8002 (flags O_RDWR|O_LARGEFILE)", FDL_LOG_NUMBER, NULL },
		{ "3) = 1 ([{fd=3, revents=POLLIN}])", FDL_LOG_NUMBER, NULL },
		{ "3) = -1 EBADF (Bad file descriptor)", FDL_LOG_ERROR, "EBADF" },
		{ "3) = -1 ENOSUCHTHING (what)", FDL_LOG_ERROR, "ENOSUCHTHING" },
		{ "3) = -1 (errno 9)", FDL_LOG_ERROR, "EBADF" },
		{ "3) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)", FDL_LOG_RESTART,
		  NULL },
		{ "3) = ? <unavailable>", FDL_LOG_UNKNOWN, NULL },
		{ "3) = ?", FDL_LOG_UNKNOWN, NULL },
		{ "3) = 4 (INJECTED: args)", FDL_LOG_NUMBER, NULL },
		{ "3) = 77 (INJECTED: retval)", FDL_LOG_FAKED, NULL },
		{ "3) = -1 EMFILE (Too many open files) (INJECTED)", FDL_LOG_FAKED, NULL },
		{ "3) = -1 EAGAIN (Try again) (DELAYED)", FDL_LOG_ERROR, "EAGAIN" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		read_call(rows[i].rest);
		assert_int_equal(call.result, rows[i].result);
		if (rows[i].error)
			assert_true(is(call.error, call.error_len, rows[i].error));
	}
}

static void call_that_is_cut_has_the_arguments_that_are_there(void **state)
{
	static const struct {
		const char *rest;
		size_t nargs;
	} rows[] = {
		{ "", 0 },          { "3, 7 ", 2 }, { "3, ", 1 },   { "3, \"abc", 1 },
		{ "3, {a=1, ", 1 }, { "3)", 1 },    { "3) = ", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			fdl_log_call_read(values, rows[i].rest, strlen(rows[i].rest), &call),
			-EINVAL);
		assert_int_equal(call.nargs, rows[i].nargs);
	}
}

static void resumed_half_has_its_result(void **state)
{
	static const char *const rests[] = { ", child_tidptr=0x7f) = 11",
					     " => {parent_tid=[11]}, 88) = 11",
					     " child_stack=0, flags=SIGCHLD) = 11" };

	(void)state;
	for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
		read_call(rests[i]);
		assert_int_equal(call.value.num, 11);
	}
}

static void symbols_and_stated_results_are_found(void **state)
{
	static const char stated[] = "12 dup2 3 10 = 10 # yes", none[] = "dup2(3, 10)",
			  wrong[] = "dup2(3 = 10";
	uint64_t number;

	(void)state;
	assert_true(fdl_symbol("fcntlcmd", "F_DUPFD_CLOEXEC", &number));
	assert_int_equal(number, 1030);
	assert_false(fdl_symbol("fcntlcmd", "F_NOTHING", &number));
	assert_false(fdl_symbol("nothing", "F_DUPFD", &number));
	assert_ptr_equal(fdl_stated_result(stated, strlen(stated)), strstr(stated, "10 #"));
	assert_null(fdl_stated_result(none, strlen(none)));
	assert_null(fdl_stated_result(wrong, strlen(wrong)));
}

static void numbers_of_calls_go_both_ways(void **state)
{
	(void)state;
	assert_int_equal(fdl_syscall("clone3", 6), 435);
	assert_string_equal(fdl_syscall_name(435), "clone3");
	assert_string_equal(fdl_syscall_name(436), "close_range");
	assert_null(fdl_syscall_name(3));
	assert_null(fdl_syscall_name(100000));
	assert_int_equal(fdl_syscall("nothing", 7), -1);
	assert_true(fdl_syscall("close", 5) >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefix_is_passed_over_whatever_options_put_there),
		cmocka_unit_test(lines_are_of_some_kind),
		cmocka_unit_test(every_form_in_which_strace_prints_an_argument_is_a_value),
		cmocka_unit_test(values_keep_what_stands_with_them),
		cmocka_unit_test(results_are_of_some_kind),
		cmocka_unit_test(call_that_is_cut_has_the_arguments_that_are_there),
		cmocka_unit_test(resumed_half_has_its_result),
		cmocka_unit_test(symbols_and_stated_results_are_found),
		cmocka_unit_test(numbers_of_calls_go_both_ways),
	};

	return cmocka_run_group_tests(tests, make_values, free_values);
}
