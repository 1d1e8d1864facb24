/*
 * Signatures: compiling them, what a row knows of its call, and choosing a row by its command.
 */
#include "support/notation_lab.h"

#include <errno.h>

static void compiles_not(const char *signature, const char *result, const char *message)
{
	struct call_row call = { "f", signature, NULL, 0, result };
	struct fdl_row row;

	text_clear(&notation.why);
	assert_int_equal(row_compile(&row, &call, 0, &notation.why), -EINVAL);
	assert_string_equal(notation.why.s, message);
}

static void wrong_signatures_are_told(void **state)
{
	(void)state;
	compiles_not("fdd fd", NULL, "signature of f: column 1: unknown type");
	compiles_not("fd fd,", NULL, "signature of f: column 7: expected a parameter");
	compiles_not("fd fd fd", NULL, "signature of f: column 7: expected \",\"");
	compiles_not("fd a_name_of_sixteen", NULL,
		     "signature of f: column 21: the name of a parameter is too long");
	compiles_not("=F_DUPFDD", NULL, "signature of f: column 2: unknown command");
	compiles_not("=", NULL, "signature of f: column 2: expected a command");
	compiles_not("size count=len(buf)", NULL,
		     "signature of f: column 19: len() of an unknown parameter");
	compiles_not("path p=\"0123456789012345\"", NULL,
		     "signature of f: column 26: this usual value is too long");
	compiles_not("argv a=[\"x\"]", NULL,
		     "signature of f: column 13: only an empty array can be a usual value");
	compiles_not("fd fd=x", NULL,
		     "column 7: f: argument 1 (fd): expected a descriptor, got \"x\"");
	compiles_not("int a, int b, int c, int d, int e, int f, int g", NULL,
		     "signature of f: column 43: too many parameters");
	compiles_not("fd fd", "oflagz", "signature of f: column 6: unknown type of the result");
}

static void rows_know_what_they_consist_of(void **state)
{
	struct bound b = bound_of("dup2(3, 10)");

	(void)state;
	assert_true(b.row->plain);
	assert_false(b.row->has_out);
	assert_string_equal(b.row->param[1].name, "newfd");
	b = bound_of("read(3)");
	assert_false(b.row->plain);
	assert_true(b.row->has_out);
	b = bound_of("fget_light(3)");
	assert_false(b.row->plain);
	assert_int_equal(bound_of("open(\"x\")").row->flags_place, 2);
}

static const char *selected(const char *text)
{
	return bound_of(text).row->call->signature;
}

static void rows_of_one_name_are_told_apart_by_the_command(void **state)
{
	(void)state;
	assert_string_equal(selected("fcntl(3, F_GETFD)"), "fd fd, =F_GETFD");
	assert_string_equal(selected("fcntl 3 F_GETFD"), "fd fd, =F_GETFD");
	assert_string_equal(selected("fcntl(3, 1)"), "fd fd, =F_GETFD");
	assert_string_equal(selected("fcntl(cmd=F_GETFD, fd=3)"), "fd fd, =F_GETFD");
	assert_string_equal(selected("fcntl(3, F_SETLK, 0)"), "fd fd, fcntlcmd cmd, long arg=0");
	assert_string_equal(selected("fcntl(3, 999)"), "fd fd, fcntlcmd cmd, long arg=0");
	assert_string_equal(selected("ioctl 3 FIOCLEX"), "fd fd, =FIOCLEX");
	binding_fails("fcntl(3)", "column 8: fcntl: argument 2 (cmd) is missing");
	binding_fails("fcntl(3, F_DUPFDD, 5)",
		      "column 10: fcntl: argument 2 (cmd): unknown command "
		      "\"F_DUPFDD\" (did you mean \"F_DUPFD\"?)");
}

static void a_name_without_a_general_row_may_have_no_row_for_a_line(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(try_parse("fcntl 3 F_SETLK", &l), 0);
	/* Without the last row of fcntl. */
	assert_null(row_select(&notation.rows[5], &notation.rows[10], &l));
	assert_null(row_select(&notation.rows[5], &notation.rows[5], &l));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_signatures_are_told),
		cmocka_unit_test(rows_know_what_they_consist_of),
		cmocka_unit_test(rows_of_one_name_are_told_apart_by_the_command),
		cmocka_unit_test(a_name_without_a_general_row_may_have_no_row_for_a_line),
	};

	return cmocka_run_group_tests(tests, notation_lab_setup, notation_lab_teardown);
}
