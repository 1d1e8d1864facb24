/*
 * Lines for programs that have calls run elsewhere: fdl_line_read's reading of a line, and
 * fdl_reply's text of an outcome that no machine has made.
 */
#include "support/tree_lab.h"

#include <errno.h>
#include <signal.h>

static char message[256];

static struct fdl_line *read_line(const char *text)
{
	struct fdl_line *l = NULL;

	assert_int_equal(fdl_line_read(m, text, strlen(text), &l, message, sizeof(message)), 0);
	return l;
}

static void call_has_its_row_and_arguments(void **state)
{
	struct fdl_line *l = read_line("12 dup2(3, 10) = -1 EBADF (Bad file descriptor)");

	(void)state;
	assert_int_equal(l->kind, FDL_LINE_CALL);
	assert_int_equal(l->pid, 12);
	assert_string_equal(fdl_row_name(l->row), "dup2");
	assert_int_equal(l->args[0].num, 3);
	assert_int_equal(l->args[1].num, 10);
	assert_true(l->states);
	assert_int_equal(l->result, -EBADF);
	fdl_line_free(l);

	l = read_line("exec");
	assert_string_equal(fdl_row_name(l->row), "execve");
	assert_int_equal(l->pid, 0);
	assert_false(l->states);
	fdl_line_free(l);
}

static void dividing_command_chooses_the_row(void **state)
{
	struct fdl_line *l = read_line("fcntl(0, F_GETFD) = 1");

	(void)state;
	assert_ptr_equal(l->row, fdl_row_find(m, "fcntl F_GETFD"));
	assert_int_equal(l->result, 1);
	fdl_line_free(l);
}

static void kinds_of_lines_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		enum fdl_line_kind kind;
	} lines[] = {
		{ "# nothing", FDL_LINE_EMPTY },
		{ "--- SIGCHLD {si_signo=SIGCHLD} ---", FDL_LINE_EMPTY },
		{ "exit(0) = ?", FDL_LINE_CALL },
		{ "dup(0 <unfinished ...>", FDL_LINE_UNFINISHED },
		{ "<... dup resumed>) = 3", FDL_LINE_RESUMED },
		{ "finish", FDL_LINE_STEP },
		{ "+++ exited with 3 +++", FDL_LINE_END },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct fdl_line *l = read_line(lines[i].text);

		assert_int_equal(l->kind, lines[i].kind);
		fdl_line_free(l);
	}
}

static void end_has_the_status_of_wait4(void **state)
{
	struct fdl_line *l = read_line("2 +++ exited with 3 +++");

	(void)state;
	assert_int_equal(l->status, 3 << 8);
	fdl_line_free(l);
	l = read_line("2 +++ killed by SIGKILL +++");
	assert_int_equal(l->status, SIGKILL);
	fdl_line_free(l);
	l = read_line("2 +++ killed by SIGSEGV (core dumped) +++");
	assert_int_equal(l->status, SIGSEGV | 0x80);
	fdl_line_free(l);
}

static void wrong_line_is_EINVAL_with_a_message(void **state)
{
	static const struct {
		const char *text, *message;
	} wrong[] = {
		{ "clsoe(0)", "column 1: there is no call \"clsoe\" (did you mean \"close\"?)" },
		{ "dup2(0)", "column 7: dup2: argument 2 (newfd) is missing" },
		{ "+++ killed by SIGNONE +++", "there is no signal \"SIGNONE\"" },
	};
	struct fdl_line *l;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(fdl_line_read(m, wrong[i].text, strlen(wrong[i].text), &l, message,
					       sizeof(message)),
				 -EINVAL);
		assert_null(l);
		assert_string_equal(message, wrong[i].message);
	}
}

static void parameters_have_names_and_types(void **state)
{
	struct fdl_param param[FDL_PARAMS_MAX];

	(void)state;
	assert_int_equal(fdl_row_params(fdl_row_find(m, "read"), param), 3);
	assert_string_equal(param[0].name, "fd");
	assert_string_equal(param[0].type, "fd");
	assert_false(param[0].out);
	assert_true(param[0].is_number);
	assert_false(param[1].is_number);
	assert_string_equal(param[1].type, "buf");
	assert_true(param[1].out);
	assert_string_equal(param[2].name, "count");
	assert_false(fdl_row_is_internal(fdl_row_find(m, "read")));
	assert_true(fdl_row_is_internal(fdl_row_find(m, "fd_install")));
}

/* The reply to a line with this outcome, and the line's own expectation. */
static void assert_reply(const char *text, enum fdl_outcome outcome, int64_t result,
			 const char *remark, const char *expected)
{
	struct fdl_line *l = read_line(text);
	char *reply = fdl_reply(l, l, outcome, l->pid, l->args, result, remark);

	assert_string_equal(reply, expected);
	free(reply);
	fdl_line_free(l);
}

static void reply_says_what_was_expected_otherwise(void **state)
{
	(void)state;
	assert_reply("dup2 3 10", FDL_RETURNED, 10, NULL, "dup2(3, 10) = 10\n");
	assert_reply("2 dup2(3, 10) = 10", FDL_RETURNED, 10, NULL, "2 dup2(3, 10) = 10\n");
	assert_reply("dup2(3, 10) = 10", FDL_RETURNED, -EBADF, NULL,
		     "dup2(3, 10) = -1 EBADF (Bad file descriptor)  # expected 10\n");
	assert_reply("dup2(3, 10) = -1 EBADF", FDL_RETURNED, 10, NULL,
		     "dup2(3, 10) = 10  # expected -1 EBADF\n");
	assert_reply("dup(0) = 3", FDL_RETURNED, -ESRCH, "there is no task 7",
		     "dup(0) = -1 ESRCH (No such process)  # there is no task 7  # expected 3\n");
	assert_reply("wait4(-1) = 3", FDL_BLOCKED, 0, NULL, "wait4(-1, ..., 0)  # expected 3\n");
	assert_reply("exit_group(0) = ?", FDL_ENDED, 0, NULL, "exit_group(0) = ?\n");
}

static void reply_shows_and_compares_what_was_filled_in(void **state)
{
	struct fdl_line *l = read_line("1 read(3, \"hello\", 10) = 5");
	struct fdl_line *resumed = read_line("1 <... read resumed>\"help\"..., 10) = 4");
	struct fdl_arg args[3] = { l->args[0], { .num = 4, .str = "help" }, l->args[2] };
	char *reply = fdl_reply(l, l, FDL_RETURNED, 1, args, 4, NULL);

	(void)state;
	assert_string_equal(reply, "1 read(3, \"help\", 10) = 4  # expected 5\n");
	free(reply);
	reply = fdl_reply(l, resumed, FDL_RESUMED, 1, args, 4, NULL);
	assert_string_equal(reply, "1 <... read resumed>\"help\", 10) = 4\n");
	free(reply);
	args[1] = (struct fdl_arg){ .num = 5, .str = "jello" };
	reply = fdl_reply(l, l, FDL_RETURNED, 0, args, 5, NULL);
	assert_string_equal(reply, "read(3, \"jello\", 10) = 5  # expected \"hello\"\n");
	free(reply);
	reply = fdl_reply(l, NULL, FDL_RETURNED, 0, args, 5, NULL);
	assert_string_equal(reply, "read(3, \"jello\", 10) = 5\n");
	free(reply);
	fdl_line_free(resumed);
	fdl_line_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(call_has_its_row_and_arguments),
		lab_test(dividing_command_chooses_the_row),
		lab_test(kinds_of_lines_are_told_apart),
		lab_test(end_has_the_status_of_wait4),
		lab_test(wrong_line_is_EINVAL_with_a_message),
		lab_test(parameters_have_names_and_types),
		lab_test(reply_says_what_was_expected_otherwise),
		lab_test(reply_shows_and_compares_what_was_filled_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
