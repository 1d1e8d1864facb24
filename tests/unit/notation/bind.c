/*
 * Binding: the values of a line become the arguments of its call.
 */
#include "support/notation_lab.h"

#include <errno.h>
#include <fcntl.h>

static void missing_trailing_arguments_take_their_usual_value(void **state)
{
	struct bound b = bound_of("openat(AT_FDCWD, \"/x\")");

	(void)state;
	assert_int_equal(b.arg[0].num, AT_FDCWD);
	assert_string_equal(b.arg[1].str, "/x");
	assert_int_equal(b.arg[1].num, 2);
	assert_int_equal(b.arg[2].num, O_RDONLY);
	assert_int_equal(b.arg[3].num, 0666);
	b = bound_of("execve()");
	assert_string_equal(b.arg[0].str, "/bin/true");
	assert_non_null(b.arg[1].sub);
	assert_int_equal(b.arg[1].num, 0);
	assert_int_equal(bound_of("close_range 3").arg[1].num, UINT32_MAX);
	binding_fails("dup2(3)", "column 7: dup2: argument 2 (newfd) is missing");
	binding_fails("dup2", "column 5: dup2: argument 1 (oldfd) is missing");
}

static void a_missing_count_is_the_length_of_the_buffer(void **state)
{
	(void)state;
	assert_int_equal(bound_of("write 4 hello").arg[2].num, 5);
	assert_int_equal(bound_of("write(4, \"a\\0b\")").arg[2].num, 3);
	assert_int_equal(bound_of("write(4, \"hello\", 2)").arg[2].num, 2);
	assert_int_equal(bound_of("write(4, NULL)").arg[2].num, 0);
}

static void arguments_do_not_depend_on_the_line(void **state)
{
	struct bound b = bound_of("ioctl(3, TCGETS, {B38400 opost ...})");

	(void)state;
	assert_string_equal(b.arg[2].str, "{B38400 opost ...}");
	b = bound_of("execve(\"/bin/sh\", [\"sh\", \"-c\"], [\"A=b\"])");
	assert_string_equal(b.arg[0].str, "/bin/sh");
	assert_string_equal(b.arg[1].sub[1].str, "-c");
	assert_string_equal(b.arg[2].sub[0].str, "A=b");
	b = bound_of("write 4 \"a\\nb\"");
	assert_string_equal(b.arg[1].str, "a\nb");
}

static void shell_form_leaves_out_what_the_call_fills_in(void **state)
{
	struct bound b = bound_of("read 3 10");

	(void)state;
	assert_int_equal(b.arg[0].num, 3);
	assert_null(b.arg[1].str);
	assert_int_equal(b.arg[2].num, 10);
	b = bound_of("pipe2 O_CLOEXEC");
	assert_int_equal(b.arg[1].num, O_CLOEXEC);
	b = bound_of("clone CLONE_FILES|SIGCHLD");
	assert_int_equal(b.arg[1].num, 0x400 | 17);
	assert_int_equal(bound_of("wait4 -1 WNOHANG").arg[2].num, 1);
}

static void digits_of_a_mode_are_octal_in_the_shell_form_only(void **state)
{
	(void)state;
	assert_int_equal(bound_of("mkdir /tmp/d 755").arg[1].num, 0755);
	assert_int_equal(bound_of("mkdir /tmp/d 0755").arg[1].num, 0755);
	assert_int_equal(bound_of("mkdir /tmp/d 0x1ed").arg[1].num, 0755);
	assert_int_equal(bound_of("mkdir /tmp/d mode=700").arg[1].num, 0700);
	assert_int_equal(bound_of("open /tmp/x O_CREAT 644").arg[2].num, 0644);
	assert_int_equal(bound_of("mkdir(\"/tmp/d\", 755)").arg[1].num, 755);
	binding_fails("mkdir /tmp/d 788",
		      "column 14: mkdir: argument 2 (mode): \"788\" is no mode: its "
		      "digits are octal, as in 755");
	binding_fails(
		"mkdir /tmp/d 77777777777777777777777",
		"column 14: mkdir: argument 2 (mode): 77777777777777777777777 is out of range "
		"for a "
		"mode");
}

static void a_dash_makes_a_word_the_signal_of_kill_in_the_shell_form(void **state)
{
	struct bound b = bound_of("kill -9 2");

	(void)state;
	assert_int_equal(b.arg[0].num, 2);
	assert_int_equal(b.arg[1].num, 9);
	b = bound_of("kill -KILL 2");
	assert_int_equal(b.arg[0].num, 2);
	assert_int_equal(b.arg[1].num, 9);
	b = bound_of("kill -SIGTERM -7");
	assert_int_equal(b.arg[0].num, -7);
	assert_int_equal(b.arg[1].num, 15);
	assert_int_equal(bound_of("kill -7").arg[0].num, -7);
	b = bound_of("kill 2 9");
	assert_int_equal(b.arg[0].num, 2);
	b = bound_of("kill(-9, 2)");
	assert_int_equal(b.arg[0].num, -9);
	assert_int_equal(b.arg[1].num, 2);
	binding_fails("kill -9 2 3", "column 11: kill: argument 2 (sig) is given twice");
}

static void bare_words_are_strings_in_the_shell_form_only(void **state)
{
	(void)state;
	assert_string_equal(bound_of("open /etc/passwd").arg[0].str, "/etc/passwd");
	assert_string_equal(bound_of("open 12").arg[0].str, "12");
	assert_string_equal(bound_of("write 4 0x10").arg[1].str, "0x10");
	assert_string_equal(bound_of("fd_install 3 /tmp/x").arg[1].str, "/tmp/x");
	assert_string_equal(bound_of("execve /bin/sh [sh, -c, 1]").arg[1].sub[2].str, "1");
	binding_fails("open(/etc/passwd)",
		      "column 6: open: argument 1 (pathname): expected a path in quotes, "
		      "got \"/etc/passwd\"");
	binding_fails(
		"open(12)",
		"column 6: open: argument 1 (pathname): expected a path in quotes, got \"12\"");
}

static void programs_arguments_are_typed_as_words(void **state)
{
	struct bound b = bound_of("execve /bin/cat -n A=b \"two words\" 3");

	(void)state;
	assert_int_equal(b.arg[1].num, 5);
	assert_string_equal(b.arg[1].sub[0].str, "/bin/cat");
	assert_string_equal(b.arg[1].sub[1].str, "-n");
	assert_string_equal(b.arg[1].sub[2].str, "A=b");
	assert_string_equal(b.arg[1].sub[3].str, "two words");
	assert_string_equal(b.arg[1].sub[4].str, "3");
	b = bound_of("execve /bin/sh");
	assert_int_equal(b.arg[1].num, 1);
	assert_string_equal(b.arg[1].sub[0].str, "/bin/sh");
	b = bound_of("execve");
	assert_string_equal(b.arg[1].sub[0].str, "/bin/true");
	assert_int_equal(bound_of("execve /bin/sh []").arg[1].num, 0);
	assert_int_equal(bound_of("execve(\"/bin/sh\")").arg[1].num, 0);
	binding_fails(
		"execve /bin/cat a [b]",
		"column 19: execve: argument 2 (argv): expected a string in quotes, got \"[b]\"");
}

static void words_are_not_addresses(void **state)
{
	(void)state;
	assert_int_equal(bound_of("clone(CLONE_FILES|SIGCHLD)").arg[1].num, 0x400 | 17);
	assert_int_equal(bound_of("clone(NULL, CLONE_FILES)").arg[1].num, 0x400);
	binding_fails("clone(CLONE_FOO)", "column 7: clone: argument 2 (flags): unknown flag "
					  "\"CLONE_FOO\" (did you mean \"CLONE_FS\"?)");
}

static void any_argument_may_be_given_by_name(void **state)
{
	struct bound b =
		bound_of("clone(child_stack=0x7ffc, flags=CLONE_FILES|SIGCHLD, child_tidptr=0x7f)");

	(void)state;
	assert_int_equal(b.arg[0].num, 0x7ffc);
	assert_int_equal(b.arg[1].num, 0x400 | 17);
	assert_int_equal(b.arg[2].num, 0);
	assert_int_equal(b.arg[4].num, 0x7f);
	b = bound_of("write count=3 buf=\"x\" fd=5");
	assert_int_equal(b.arg[0].num, 5);
	assert_int_equal(b.arg[2].num, 3);
	b = bound_of("openat(dirfd=4, \"/x\", mode=0600, flags=O_CREAT)");
	assert_int_equal(b.arg[0].num, 4);
	assert_string_equal(b.arg[1].str, "/x");
	assert_int_equal(b.arg[3].num, 0600);
	binding_fails("openat(AT_FDCWD, pathnam=\"/x\")",
		      "column 18: openat: no parameter is called "
		      "\"pathnam\" (did you mean \"pathname\"?)");
	binding_fails("dup2(3, oldfd=4)", "column 9: dup2: argument 1 (oldfd) is given twice");
}

static void shell_words_that_look_like_names_and_are_none_are_words(void **state)
{
	struct bound b = bound_of("write 4 a=b");

	(void)state;
	assert_string_equal(b.arg[1].str, "a=b");
	assert_int_equal(b.arg[2].num, 3);
	assert_string_equal(bound_of("open name=value O_RDWR").arg[0].str, "name=value");
	assert_string_equal(bound_of("open x=\"y\"").arg[0].str, "x=\"y\"");
}

static void too_many_arguments_are_told(void **state)
{
	(void)state;
	binding_fails("dup2(3, 4, 5)", "column 12: dup2: too many arguments, got \"5\"");
	binding_fails("dup2 3 4 five", "column 10: dup2: too many arguments, got \"five\"");
	binding_fails("fork(3)", "column 6: fork: it takes no arguments, got \"3\"");
	binding_fails("pipe 3", "column 6: pipe: too many arguments, got \"3\"");
}

static void the_C_interface_completes_arguments(void **state)
{
	struct bound b = bound_of("write 4 hello");
	struct fdl_arg arg[ARGS_MAX] = { { .num = 4 }, { .num = 5, .str = "hello" } };

	(void)state;
	assert_int_equal(args_complete(b.row, arg, 2), 0);
	assert_int_equal(arg[2].num, 5);
	assert_int_equal(args_complete(b.row, arg, 1), -EINVAL);
	assert_int_equal(args_complete(b.row, arg, 4), -EINVAL);
	b = bound_of("pipe2");
	assert_int_equal(args_complete(b.row, arg, 0), 0);
	assert_null(arg[0].sub);
	b = bound_of("fcntl 3 F_GETFD");
	assert_int_equal(args_complete(b.row, arg, 1), 0);
	assert_int_equal(arg[1].num, F_GETFD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(missing_trailing_arguments_take_their_usual_value),
		cmocka_unit_test(a_missing_count_is_the_length_of_the_buffer),
		cmocka_unit_test(arguments_do_not_depend_on_the_line),
		cmocka_unit_test(shell_form_leaves_out_what_the_call_fills_in),
		cmocka_unit_test(digits_of_a_mode_are_octal_in_the_shell_form_only),
		cmocka_unit_test(a_dash_makes_a_word_the_signal_of_kill_in_the_shell_form),
		cmocka_unit_test(bare_words_are_strings_in_the_shell_form_only),
		cmocka_unit_test(programs_arguments_are_typed_as_words),
		cmocka_unit_test(words_are_not_addresses),
		cmocka_unit_test(any_argument_may_be_given_by_name),
		cmocka_unit_test(shell_words_that_look_like_names_and_are_none_are_words),
		cmocka_unit_test(too_many_arguments_are_told),
		cmocka_unit_test(the_C_interface_completes_arguments),
	};

	return cmocka_run_group_tests(tests, notation_lab_setup, notation_lab_teardown);
}
