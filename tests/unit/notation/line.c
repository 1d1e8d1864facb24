/*
 * The grammar of lines: the forms of a call, its result, calls in flight, and the message for each
 * error. The forms are those of fdlab-notation(5) and of logs of strace.
 */
#include "support/notation_lab.h"

#include <errno.h>
#include <stdint.h>

/* ---- whose call, and what stands in front --------------------------------------------------- */

static void blank_lines_and_comments_are_empty(void **state)
{
	static const char *const lines[] = {
		"",
		"   ",
		"\t\r",
		"# a comment",
		"  # line 3: column 1: expected a call",
		"12 # comment",
		"strace: Process 12 attached",
		" > /lib/x86_64-linux-gnu/libc.so.6(open+0x10) [0x1]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(lines[i]).kind, LINE_EMPTY);
}

static void a_line_without_a_pid_has_none(void **state)
{
	(void)state;
	assert_int_equal(parse("close(3)").pid, 0);
	assert_int_equal(parse("close 3").pid, 0);
}

static void pid_and_times_stand_in_front(void **state)
{
	static const char *const lines[] = {
		"12 close(3)",
		"12  close(3)",
		"  12 close 3",
		"[pid 12] close(3)",
		"[pid    12] close(3)",
		"12 12:34:56 close(3)",
		"12 12:34:56.789012 close(3)",
		"12  1700000000.123456 close(3)",
		"12 1700000000 close(3)",
		"12      0.000123 close(3)",
		"12 12:34:56 (+     0.000012) close(3)",
		"[pid 12] 12:34:56 close(3)",
		"12<bash> close(3)",
		"[pid 12<x>] close(3)",
		"12 [00007f44deadbeef] close(3)",
		"12 [????????????????] close(3)",
		"12 [   3] close(3)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct line l = parse(lines[i]);

		assert_int_equal(l.kind, LINE_CALL);
		assert_int_equal(l.pid, 12);
		is(l.name, l.name_len, "close");
		assert_int_equal(l.nargs, 1);
	}
}

static void times_without_a_pid_are_passed_over(void **state)
{
	static const char *const lines[] = {
		"12:34:56 close(3)",           "12:34:56.789 close(3)",
		"     0.000123 close(3)",      "12:34:56 (+ 0.000123) close(3)",
		"[00007f44deadbeef] close(3)", "[   3] close(3)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct line l = parse(lines[i]);

		assert_int_equal(l.pid, 0);
		is(l.name, l.name_len, "close");
	}
}

static void wrong_pids_are_told(void **state)
{
	(void)state;
	parsing_fails("0 close(3)", "column 1: expected a pid, got \"0\"");
	parsing_fails("2147483648 close(3)", "column 1: expected a pid, got \"2147483648\"");
	parsing_fails("99999999999999999999999999 close(3)",
		      "column 1: expected a pid, got \"99999999999999999999999999\"");
	parsing_fails("12", "column 3: expected a call, got the end of the line");
	parsing_fails("12abc", "column 3: expected a blank after the pid, got \"abc\"");
	parsing_fails("[pud 12] close(3)", "column 2: expected \"pid\", got \"pud\"");
	parsing_fails("[pid 12 close(3)", "column 9: expected \"]\", got \"close(3\"");
	assert_int_equal(parse("2147483647 close(3)").pid, 2147483647);
}

/* ---- both forms of a call ------------------------------------------------------------------- */

static void strace_form_has_its_arguments_in_brackets(void **state)
{
	struct line l = parse("dup2(3, 10) = 10");

	(void)state;
	assert_int_equal(l.kind, LINE_CALL);
	assert_false(l.shell);
	assert_int_equal(l.nargs, 2);
	assert_int_equal(argument(&l, 0)->num, 3);
	assert_int_equal(argument(&l, 1)->num, 10);
	assert_int_equal(argument(&l, 1)->column, 9);
	assert_int_equal(l.end_column, 11);
	assert_true(l.has_result);
	assert_int_equal(l.result, 10);
	assert_int_equal(l.result_column, 15);
	assert_int_equal(parse("fork()").nargs, 0);
	assert_int_equal(parse("fork ()").nargs, 0);
	assert_int_equal(parse("__close_fd(3)").name_len, 10);
}

static void shell_form_is_words(void **state)
{
	struct line l = parse("2 write 4 hello");

	(void)state;
	assert_true(l.shell);
	assert_int_equal(l.pid, 2);
	assert_int_equal(l.nargs, 2);
	assert_int_equal(argument(&l, 0)->kind, FDL_VALUE_NUMBER);
	assert_int_equal(argument(&l, 1)->kind, FDL_VALUE_WORD);
	is(argument(&l, 1)->text, argument(&l, 1)->len, "hello");
	assert_int_equal(parse("pipe").nargs, 0);
	assert_true(parse("pipe").shell);
}

static void shell_words_are_strings_brackets_or_what_ends_at_a_blank(void **state)
{
	struct line l = parse("x \"a b\" [1, 2] {c=\"d e\"} /tmp/f,g(h) 12ab ... NULL 3</x y>");

	(void)state;
	assert_int_equal(l.nargs, 8);
	assert_int_equal(argument(&l, 0)->kind, FDL_VALUE_STRING);
	is(argument(&l, 0)->text, argument(&l, 0)->len, "a b");
	assert_int_equal(argument(&l, 1)->nsub, 2);
	assert_int_equal(argument(&l, 2)->kind, FDL_VALUE_STRUCT);
	is(argument(&l, 3)->text, argument(&l, 3)->len, "/tmp/f,g(h)");
	assert_int_equal(argument(&l, 4)->kind, FDL_VALUE_WORD);
	assert_int_equal(argument(&l, 5)->kind, FDL_VALUE_REST);
	assert_int_equal(argument(&l, 6)->kind, FDL_VALUE_NULL);
	assert_int_equal(argument(&l, 7)->num, 3);
	is(argument(&l, 7)->decoration, argument(&l, 7)->decoration_len, "/x y");
	parsing_fails("x \"a\"b", "column 6: expected a blank between words, got \"b\"");
}

static void shell_form_may_state_a_result(void **state)
{
	struct line l = parse("dup2 3 10 = -1 EBADF");

	(void)state;
	assert_int_equal(l.nargs, 2);
	assert_int_equal(l.error, EBADF);
	assert_int_equal(parse("pipe = 0").nargs, 0);
	/* Only a separate word is the sign of a result. */
	assert_int_equal(parse("write 4 a=b").nargs, 2);
	assert_int_equal(parse("write 4 =x").nargs, 2);
	parsing_fails("dup2 3 10 =",
		      "column 12: expected a result (a number or \"?\"), got the end of the line");
}

static void a_name_is_followed_by_a_bracket_or_a_blank(void **state)
{
	(void)state;
	parsing_fails("dup2[3]",
		      "column 5: expected \"(\" or a blank after the name of the call, got \"[3\"");
	parsing_fails("=3", "column 1: expected a call, got \"=3\"");
	parsing_fails("/tmp", "column 1: expected a call, got \"/tmp\"");
}

static void brackets_and_commas_must_be_right(void **state)
{
	(void)state;
	parsing_fails("dup2(3, 10", "column 11: expected \",\" or \")\", got the end of the line");
	parsing_fails("dup2(3", "column 7: expected \",\" or \")\", got the end of the line");
	parsing_fails("dup2(", "column 6: expected a value, got the end of the line");
	parsing_fails("dup2(3,, 10)", "column 8: expected a value, got \",\"");
	parsing_fails("dup2(3, 10,)", "column 12: expected a value, got \")\"");
	parsing_fails("dup2(3] 10)", "column 7: expected \",\" or \")\", got \"]\"");
	parsing_fails("f([1, 2)", "column 8: expected \",\" or \"]\", got \")\"");
	parsing_fails("f([1, 2", "column 3: expected a bracket that is closed, got \"[1\"");
	parsing_fails("f({a=1, b=2)", "column 12: expected \",\" or \"}\", got \")\"");
	parsing_fails("f([..., 1])", "column 7: expected \",\" or \"]\", got \",\"");
	parsing_fails("f(g(1, 2)", "column 10: expected \",\" or \")\", got the end of the line");
	parsing_fails(
		"f(g(1, 2",
		"column 4: expected a value whose brackets and quotes are closed, got \"(1\"");
}

/* ---- results -------------------------------------------------------------------------------- */

static void results_are_numbers_errors_or_unknown(void **state)
{
	struct line l;

	(void)state;
	assert_false(parse("f()").has_result);
	l = parse("f()          = -1 EBADF (Bad file descriptor) <0.000012>  # remark");
	assert_int_equal(l.result, -1);
	assert_int_equal(l.error, EBADF);
	assert_int_equal(parse("f() = -1 EAGAIN").error, EAGAIN);
	assert_int_equal(parse("f() = -1 ENOTSUP").error, EOPNOTSUPP);
	assert_int_equal(parse("f() = -1 EWOULDBLOCK").error, EAGAIN);
	assert_int_equal(parse("f() = -1").error, 0);
	assert_int_equal(parse("f() = -1 (errno 999)").result, -1);
	assert_true(parse("f() = ?").result_unknown);
	l = parse("f() = ? ERESTARTSYS (To be restarted if SA_RESTART is set)");
	assert_true(l.result_unknown);
	assert_int_equal(l.error, 512);
	assert_int_equal(parse("f() = 0x8002 (flags O_RDWR|O_LARGEFILE)").result, 0x8002);
	assert_int_equal(parse("f() = 0 (Timeout)").result, 0);
	assert_int_equal(parse("f() = 1 ([{fd=3, revents=POLLIN}])").result, 1);
	assert_int_equal(parse("f() = 3</etc/passwd> <0.000012>").result, 3);
	assert_int_equal(parse("f() = 3 (INJECTED) (DELAYED)").result, 3);
	assert_int_equal(parse("f() = 0x7f0000000000").result, 0x7f0000000000);
}

static void wrong_results_are_told(void **state)
{
	(void)state;
	parsing_fails("f() = x", "column 7: expected a result (a number or \"?\"), got \"x\"");
	parsing_fails("f() =",
		      "column 6: expected a result (a number or \"?\"), got the end of the line");
	parsing_fails("f() = 99999999999999999999",
		      "column 7: expected a result of 64 bits, got \"99999999999999999999\"");
	parsing_fails("f() = -1 EBADFF",
		      "column 10: unknown error \"EBADFF\" (did you mean \"EBADF\"?)");
	parsing_fails("f() = 3 EBADF", "column 9: expected the end of the line, got \"EBADF\"");
	parsing_fails("f() 3", "column 5: expected the end of the line, got \"3\"");
	parsing_fails("f() = 3 (x",
		      "column 9: expected a closing parenthesis for this one, got \"(x\"");
	parsing_fails("f() = 3 <0.1", "column 13: expected \">\", got the end of the line");
}

static void a_comment_may_follow_everything(void **state)
{
	(void)state;
	assert_int_equal(parse("dup2(3, 10) = 10  # expected 11").result, 10);
	assert_int_equal(parse("close(3) # x").nargs, 1);
	assert_int_equal(parse("close 3 # x").nargs, 1);
	assert_int_equal(parse("close 3 = 0 # x").nargs, 1);
	assert_int_equal(parse("write 4 a#b").nargs, 2);
	assert_int_equal(parse("+++ exited with 0 +++ # x").kind, LINE_EXITED);
}

/* ---- calls in flight, and strace's own lines ------------------------------------------------ */

static void unfinished_calls_stop_at_a_point(void **state)
{
	static const struct {
		const char *text;
		size_t nargs;
	} lines[] = {
		{ "read(3, <unfinished ...>", 1 },
		{ "read(3,  <unfinished ...>", 1 },
		{ "read(3 <unfinished ...>", 1 },
		{ "openat(AT_FDCWD, \"/x\", O_RDONLY <unfinished ...>", 3 },
		{ "fork( <unfinished ...>", 0 },
		{ "fork(<unfinished ...>", 0 },
		{ "dup2 3 10 <unfinished ...>", 2 },
		{ "read(0, <unfinished ...>) = ?", 1 },
		{ "close(3</x> <unfinished ...>", 1 },
		{ "clone3({flags=0} <unfinished ...>", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct line l = parse(lines[i].text);

		assert_int_equal(l.kind, LINE_UNFINISHED);
		assert_int_equal(l.nargs, lines[i].nargs);
		assert_null(l.point);
	}
}

static void unfinished_calls_may_name_the_point(void **state)
{
	struct line l = parse("dup(3 <unfinished at fd_install ...>");

	(void)state;
	is(l.point, l.point_len, "fd_install");
	l = parse("dup 3 <unfinished at expand_fdtable:relock ...>");
	is(l.point, l.point_len, "expand_fdtable:relock");
	parsing_fails("dup(3 <unfinished at ...>",
		      "column 22: expected the name of a preemption point, got \"...>\"");
	parsing_fails("dup(3 <unfinished>", "column 18: expected \"...>\", got \">\"");
	parsing_fails("dup(3 <finished ...>",
		      "column 7: expected \"<unfinished ...>\", got \"<finished\"");
}

static void resumed_calls_have_the_rest_of_their_arguments(void **state)
{
	struct line l = parse("2 <... read resumed>\"x\", 10) = 1");

	(void)state;
	assert_int_equal(l.kind, LINE_RESUMED);
	assert_int_equal(l.pid, 2);
	is(l.name, l.name_len, "read");
	assert_int_equal(l.nargs, 2);
	assert_int_equal(l.result, 1);
	assert_int_equal(parse("<... close resumed>) = 0").nargs, 0);
	assert_int_equal(parse("<... read resumed> \"x\", 10) = 1").nargs, 2);
	assert_int_equal(parse("<... clone resumed>, child_tidptr=0x7f01) = 12").nargs, 1);
	assert_int_equal(parse("<... clone3 resumed> => {parent_tid=[12]}, 88) = 12").nargs, 1);
	assert_int_equal(parse("<... read resumed> <unfinished ...>) = ?").kind, LINE_RESUMED);
	parsing_fails("<... read", "column 10: expected \"resumed>\", got the end of the line");
	parsing_fails("<.. read resumed>",
		      "column 1: expected a call or \"<... NAME resumed>\", got \"<..\"");
}

static void step_and_finish_go_on(void **state)
{
	struct line l = parse("2 step fd_install");

	(void)state;
	assert_int_equal(l.kind, LINE_STEP);
	assert_int_equal(l.pid, 2);
	is(l.point, l.point_len, "fd_install");
	assert_int_equal(parse("step").kind, LINE_STEP);
	assert_null(parse("step").point);
	assert_int_equal(parse("finish = 3").kind, LINE_FINISH);
	assert_int_equal(parse("finish = 3").result, 3);
	parsing_fails("step a b", "column 8: expected the end of the line, got \"b\"");
	parsing_fails("finish x", "column 8: expected the end of the line, got \"x\"");
	parsing_fails("step <unfinished ...>", "column 1: what goes on cannot be unfinished");
}

static void ends_of_tasks_and_signals_are_known(void **state)
{
	struct line l = parse("12 +++ exited with 3 +++");

	(void)state;
	assert_int_equal(l.kind, LINE_EXITED);
	assert_int_equal(l.num, 3);
	l = parse("[pid 12] +++ killed by SIGSEGV (core dumped) +++");
	assert_int_equal(l.kind, LINE_KILLED);
	is(l.name, l.name_len, "SIGSEGV");
	assert_int_equal(l.num, 1);
	assert_int_equal(parse("+++ killed by SIGKILL +++").num, 0);
	l = parse("--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=12} ---");
	assert_int_equal(l.kind, LINE_SIGNAL);
	is(l.name, l.name_len, "SIGCHLD");
	assert_int_equal(parse("--- stopped by SIGSTOP ---").kind, LINE_SIGNAL);
	assert_int_equal(parse("+++ superseded by execve in pid 12 +++").kind, LINE_SIGNAL);
	parsing_fails("+++ exited with 256 +++", "column 17: expected an exit status, got \"256\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blank_lines_and_comments_are_empty),
		cmocka_unit_test(a_line_without_a_pid_has_none),
		cmocka_unit_test(pid_and_times_stand_in_front),
		cmocka_unit_test(times_without_a_pid_are_passed_over),
		cmocka_unit_test(wrong_pids_are_told),
		cmocka_unit_test(strace_form_has_its_arguments_in_brackets),
		cmocka_unit_test(shell_form_is_words),
		cmocka_unit_test(shell_words_are_strings_brackets_or_what_ends_at_a_blank),
		cmocka_unit_test(shell_form_may_state_a_result),
		cmocka_unit_test(a_name_is_followed_by_a_bracket_or_a_blank),
		cmocka_unit_test(brackets_and_commas_must_be_right),
		cmocka_unit_test(results_are_numbers_errors_or_unknown),
		cmocka_unit_test(wrong_results_are_told),
		cmocka_unit_test(a_comment_may_follow_everything),
		cmocka_unit_test(unfinished_calls_stop_at_a_point),
		cmocka_unit_test(unfinished_calls_may_name_the_point),
		cmocka_unit_test(resumed_calls_have_the_rest_of_their_arguments),
		cmocka_unit_test(step_and_finish_go_on),
		cmocka_unit_test(ends_of_tasks_and_signals_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, notation_lab_teardown);
}
