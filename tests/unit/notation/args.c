/*
 * Arguments: signatures, binding, printing, comparing and packing. The expected texts are those
 * that strace 6.1 prints for the same calls.
 */
#include "base/arena.h"
#include "notation/args.h"
#include "notation/line.h"
#include "support/notation_rows.h"
#include "base/text.h"
#include "notation/types.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

static struct fdl_row rows[TEST_CALLS];
static struct arena arena;
static struct text why, out;

static int setup(void **state)
{
	(void)state;
	return test_rows_compile(rows, &why) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	text_free(&why);
	text_free(&out);
	return 0;
}

/* A line, its row and its arguments. */
struct bound {
	struct line line;
	const struct fdl_row *row;
	struct fdl_arg arg[ARGS_MAX];
};

/* The line is in memory of its own, which is overwritten: arguments may not point into it. */
static int try_bind(const char *text, struct bound *b)
{
	size_t len = strlen(text);
	char *copy = malloc(len);
	int error;

	memcpy(copy, text, len);
	text_clear(&why);
	error = notation_parse(&arena, copy, len, &b->line, &why);
	if (error)
		fail_msg("%s: %s", text, why.s);
	b->row = test_row(rows, &b->line);
	assert_non_null(b->row);
	error = args_bind(&arena, b->row, &b->line, b->arg, &why);
	memset(copy, '#', len);
	free(copy);
	return error;
}

static struct bound bind(const char *text)
{
	struct bound b;

	if (try_bind(text, &b))
		fail_msg("%s: %s", text, why.s);
	return b;
}

static void fails(const char *text, const char *message)
{
	struct bound b;

	assert_int_equal(try_bind(text, &b), -EINVAL);
	assert_string_equal(why.s, message);
}

/* The arguments of text print as want. */
static void prints(const char *text, const char *want)
{
	struct bound b = bind(text);

	text_clear(&out);
	call_print(&out, b.row, b.arg, b.line.kind == LINE_CALL ? ARGS_DONE : ARGS_BLOCKED,
		   b.line.result, 32);
	if (b.line.has_result)
		result_print(&out, b.row, b.arg, b.line.error ? -b.line.error : b.line.result);
	assert_string_equal(out.s, want);
}

static void prints_itself(const char *text)
{
	prints(text, text);
}

/* ---- signatures ----------------------------------------------------------------------------- */

static void compiles_not(const char *signature, const char *result, const char *message)
{
	struct call_row call = { "f", signature, NULL, 0, result };
	struct fdl_row row;

	text_clear(&why);
	assert_int_equal(row_compile(&row, &call, 0, &why), -EINVAL);
	assert_string_equal(why.s, message);
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
	struct bound b = bind("dup2(3, 10)");

	(void)state;
	assert_true(b.row->plain);
	assert_false(b.row->has_out);
	assert_string_equal(b.row->param[1].name, "newfd");
	b = bind("read(3)");
	assert_false(b.row->plain);
	assert_true(b.row->has_out);
	b = bind("fget_light(3)");
	assert_false(b.row->plain);
	assert_int_equal(bind("open(\"x\")").row->flags_place, 2);
}

static const char *selected(const char *text)
{
	return bind(text).row->call->signature;
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
	fails("fcntl(3)", "column 8: fcntl: argument 2 (cmd) is missing");
	fails("fcntl(3, F_DUPFDD, 5)", "column 10: fcntl: argument 2 (cmd): unknown command "
				       "\"F_DUPFDD\" (did you mean \"F_DUPFD\"?)");
}

static void a_name_without_a_general_row_may_have_no_row_for_a_line(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(notation_parse(&arena, "fcntl 3 F_SETLK", 15, &l, &why), 0);
	/* Without the last row of fcntl. */
	assert_null(row_select(&rows[5], &rows[10], &l));
	assert_null(row_select(&rows[5], &rows[5], &l));
}

/* ---- binding -------------------------------------------------------------------------------- */

static void missing_trailing_arguments_take_their_usual_value(void **state)
{
	struct bound b = bind("openat(AT_FDCWD, \"/x\")");

	(void)state;
	assert_int_equal(b.arg[0].num, AT_FDCWD);
	assert_string_equal(b.arg[1].str, "/x");
	assert_int_equal(b.arg[1].num, 2);
	assert_int_equal(b.arg[2].num, O_RDONLY);
	assert_int_equal(b.arg[3].num, 0666);
	b = bind("execve()");
	assert_string_equal(b.arg[0].str, "/bin/true");
	assert_non_null(b.arg[1].sub);
	assert_int_equal(b.arg[1].num, 0);
	assert_int_equal(bind("close_range 3").arg[1].num, UINT32_MAX);
	fails("dup2(3)", "column 7: dup2: argument 2 (newfd) is missing");
	fails("dup2", "column 5: dup2: argument 1 (oldfd) is missing");
}

static void a_missing_count_is_the_length_of_the_buffer(void **state)
{
	(void)state;
	assert_int_equal(bind("write 4 hello").arg[2].num, 5);
	assert_int_equal(bind("write(4, \"a\\0b\")").arg[2].num, 3);
	assert_int_equal(bind("write(4, \"hello\", 2)").arg[2].num, 2);
	assert_int_equal(bind("write(4, NULL)").arg[2].num, 0);
}

static void arguments_do_not_depend_on_the_line(void **state)
{
	struct bound b = bind("ioctl(3, TCGETS, {B38400 opost ...})");

	(void)state;
	assert_string_equal(b.arg[2].str, "{B38400 opost ...}");
	b = bind("execve(\"/bin/sh\", [\"sh\", \"-c\"], [\"A=b\"])");
	assert_string_equal(b.arg[0].str, "/bin/sh");
	assert_string_equal(b.arg[1].sub[1].str, "-c");
	assert_string_equal(b.arg[2].sub[0].str, "A=b");
	b = bind("write 4 \"a\\nb\"");
	assert_string_equal(b.arg[1].str, "a\nb");
}

static void shell_form_leaves_out_what_the_call_fills_in(void **state)
{
	struct bound b = bind("read 3 10");

	(void)state;
	assert_int_equal(b.arg[0].num, 3);
	assert_null(b.arg[1].str);
	assert_int_equal(b.arg[2].num, 10);
	b = bind("pipe2 O_CLOEXEC");
	assert_int_equal(b.arg[1].num, O_CLOEXEC);
	b = bind("clone CLONE_FILES|SIGCHLD");
	assert_int_equal(b.arg[1].num, 0x400 | 17);
	assert_int_equal(bind("wait4 -1 WNOHANG").arg[2].num, 1);
}

static void digits_of_a_mode_are_octal_in_the_shell_form_only(void **state)
{
	(void)state;
	assert_int_equal(bind("mkdir /tmp/d 755").arg[1].num, 0755);
	assert_int_equal(bind("mkdir /tmp/d 0755").arg[1].num, 0755);
	assert_int_equal(bind("mkdir /tmp/d 0x1ed").arg[1].num, 0755);
	assert_int_equal(bind("mkdir /tmp/d mode=700").arg[1].num, 0700);
	assert_int_equal(bind("open /tmp/x O_CREAT 644").arg[2].num, 0644);
	assert_int_equal(bind("mkdir(\"/tmp/d\", 755)").arg[1].num, 755);
	fails("mkdir /tmp/d 788", "column 14: mkdir: argument 2 (mode): \"788\" is no mode: its "
				  "digits are octal, as in 755");
	fails("mkdir /tmp/d 77777777777777777777777",
	      "column 14: mkdir: argument 2 (mode): 77777777777777777777777 is out of range for a "
	      "mode");
}

static void a_dash_makes_a_word_the_signal_of_kill_in_the_shell_form(void **state)
{
	struct bound b = bind("kill -9 2");

	(void)state;
	assert_int_equal(b.arg[0].num, 2);
	assert_int_equal(b.arg[1].num, 9);
	b = bind("kill -KILL 2");
	assert_int_equal(b.arg[0].num, 2);
	assert_int_equal(b.arg[1].num, 9);
	b = bind("kill -SIGTERM -7");
	assert_int_equal(b.arg[0].num, -7);
	assert_int_equal(b.arg[1].num, 15);
	assert_int_equal(bind("kill -7").arg[0].num, -7);
	b = bind("kill 2 9");
	assert_int_equal(b.arg[0].num, 2);
	b = bind("kill(-9, 2)");
	assert_int_equal(b.arg[0].num, -9);
	assert_int_equal(b.arg[1].num, 2);
	fails("kill -9 2 3", "column 11: kill: argument 2 (sig) is given twice");
}

static void bare_words_are_strings_in_the_shell_form_only(void **state)
{
	(void)state;
	assert_string_equal(bind("open /etc/passwd").arg[0].str, "/etc/passwd");
	assert_string_equal(bind("open 12").arg[0].str, "12");
	assert_string_equal(bind("write 4 0x10").arg[1].str, "0x10");
	assert_string_equal(bind("fd_install 3 /tmp/x").arg[1].str, "/tmp/x");
	assert_string_equal(bind("execve /bin/sh [sh, -c, 1]").arg[1].sub[2].str, "1");
	fails("open(/etc/passwd)",
	      "column 6: open: argument 1 (pathname): expected a path in quotes, "
	      "got \"/etc/passwd\"");
	fails("open(12)",
	      "column 6: open: argument 1 (pathname): expected a path in quotes, got \"12\"");
}

static void programs_arguments_are_typed_as_words(void **state)
{
	struct bound b = bind("execve /bin/cat -n A=b \"two words\" 3");

	(void)state;
	assert_int_equal(b.arg[1].num, 5);
	assert_string_equal(b.arg[1].sub[0].str, "/bin/cat");
	assert_string_equal(b.arg[1].sub[1].str, "-n");
	assert_string_equal(b.arg[1].sub[2].str, "A=b");
	assert_string_equal(b.arg[1].sub[3].str, "two words");
	assert_string_equal(b.arg[1].sub[4].str, "3");
	b = bind("execve /bin/sh");
	assert_int_equal(b.arg[1].num, 1);
	assert_string_equal(b.arg[1].sub[0].str, "/bin/sh");
	b = bind("execve");
	assert_string_equal(b.arg[1].sub[0].str, "/bin/true");
	assert_int_equal(bind("execve /bin/sh []").arg[1].num, 0);
	assert_int_equal(bind("execve(\"/bin/sh\")").arg[1].num, 0);
	fails("execve /bin/cat a [b]",
	      "column 19: execve: argument 2 (argv): expected a string in quotes, got \"[b]\"");
}

static void words_are_not_addresses(void **state)
{
	(void)state;
	assert_int_equal(bind("clone(CLONE_FILES|SIGCHLD)").arg[1].num, 0x400 | 17);
	assert_int_equal(bind("clone(NULL, CLONE_FILES)").arg[1].num, 0x400);
	fails("clone(CLONE_FOO)", "column 7: clone: argument 2 (flags): unknown flag "
				  "\"CLONE_FOO\" (did you mean \"CLONE_FS\"?)");
}

static void any_argument_may_be_given_by_name(void **state)
{
	struct bound b =
		bind("clone(child_stack=0x7ffc, flags=CLONE_FILES|SIGCHLD, child_tidptr=0x7f)");

	(void)state;
	assert_int_equal(b.arg[0].num, 0x7ffc);
	assert_int_equal(b.arg[1].num, 0x400 | 17);
	assert_int_equal(b.arg[2].num, 0);
	assert_int_equal(b.arg[4].num, 0x7f);
	b = bind("write count=3 buf=\"x\" fd=5");
	assert_int_equal(b.arg[0].num, 5);
	assert_int_equal(b.arg[2].num, 3);
	b = bind("openat(dirfd=4, \"/x\", mode=0600, flags=O_CREAT)");
	assert_int_equal(b.arg[0].num, 4);
	assert_string_equal(b.arg[1].str, "/x");
	assert_int_equal(b.arg[3].num, 0600);
	fails("openat(AT_FDCWD, pathnam=\"/x\")", "column 18: openat: no parameter is called "
						  "\"pathnam\" (did you mean \"pathname\"?)");
	fails("dup2(3, oldfd=4)", "column 9: dup2: argument 1 (oldfd) is given twice");
}

static void shell_words_that_look_like_names_and_are_none_are_words(void **state)
{
	struct bound b = bind("write 4 a=b");

	(void)state;
	assert_string_equal(b.arg[1].str, "a=b");
	assert_int_equal(b.arg[2].num, 3);
	assert_string_equal(bind("open name=value O_RDWR").arg[0].str, "name=value");
	assert_string_equal(bind("open x=\"y\"").arg[0].str, "x=\"y\"");
}

static void too_many_arguments_are_told(void **state)
{
	(void)state;
	fails("dup2(3, 4, 5)", "column 12: dup2: too many arguments, got \"5\"");
	fails("dup2 3 4 five", "column 10: dup2: too many arguments, got \"five\"");
	fails("fork(3)", "column 6: fork: it takes no arguments, got \"3\"");
	fails("pipe 3", "column 6: pipe: too many arguments, got \"3\"");
}

static void descriptors_are_ints_and_may_be_decorated(void **state)
{
	(void)state;
	assert_int_equal(bind("close(3</etc/passwd>)").arg[0].num, 3);
	assert_int_equal(bind("close(-1)").arg[0].num, -1);
	assert_int_equal(bind("close(2147483647)").arg[0].num, INT32_MAX);
	assert_int_equal(bind("close(-2147483648)").arg[0].num, INT32_MIN);
	assert_int_equal(bind("openat(AT_FDCWD</home>, \"x\")").arg[0].num, AT_FDCWD);
	fails("close(2147483648)",
	      "column 7: close: argument 1 (fd): 2147483648 is out of range for a descriptor");
	fails("close(-2147483649)",
	      "column 7: close: argument 1 (fd): -2147483649 is out of range for a descriptor");
	fails("close(18446744073709551615)",
	      "column 7: close: argument 1 (fd): "
	      "18446744073709551615 is out of range for a descriptor");
	fails("close(99999999999999999999)",
	      "column 7: close: argument 1 (fd): "
	      "99999999999999999999 is out of range for a descriptor");
	fails("dup2(3, foo)",
	      "column 9: dup2: argument 2 (newfd): expected a descriptor, got \"foo\"");
	fails("dup2(3, \"foo\")",
	      "column 9: dup2: argument 2 (newfd): expected a descriptor, got the string \"foo\"");
	fails("close([3])", "column 7: close: argument 1 (fd): expected a descriptor, got \"[3]\"");
	fails("close(NULL)",
	      "column 7: close: argument 1 (fd): expected a descriptor, got \"NULL\"");
	fails("close(...)", "column 7: close: argument 1 (fd): expected a descriptor, got \"...\"");
}

static void unsigned_numbers_take_minus_one(void **state)
{
	(void)state;
	assert_int_equal(bind("close_range(3, -1)").arg[1].num, UINT32_MAX);
	assert_int_equal(bind("write(3, \"\", -1)").arg[2].num, -1);
	assert_int_equal(bind("write(3, \"\", 18446744073709551615)").arg[2].num, -1);
	fails("close_range(3, -2)",
	      "column 16: close_range: argument 2 (last): -2 is out of range for a number");
	fails("close_range(3, 4294967296)",
	      "column 16: close_range: argument 2 (last): 4294967296 is out of range for a number");
}

static void flags_are_symbols_and_numbers_in_any_order(void **state)
{
	(void)state;
	assert_int_equal(bind("open(\"x\", O_TRUNC|O_RDWR|0x40)").arg[1].num,
			 O_TRUNC | O_RDWR | 0x40);
	assert_int_equal(bind("open(\"x\", 02)").arg[1].num, O_RDWR);
	assert_int_equal(bind("open(\"x\", 1|2)").arg[1].num, 3);
	assert_int_equal(bind("open(\"x\", -1)").arg[1].num, UINT32_MAX);
	assert_int_equal(bind("open(\"x\", O_ASYNC|O_NDELAY)").arg[1].num, O_ASYNC | O_NONBLOCK);
	assert_int_equal(bind("open(\"x\", O_RDWR | O_CREAT)").arg[1].num, O_RDWR | O_CREAT);
	fails("open(\"x\", O_RDWR|O_CREATT|O_TRUNC)",
	      "column 18: open: argument 2 (flags): unknown flag \"O_CREATT\" (did you mean "
	      "\"O_CREAT\"?)");
	fails("open(\"x\", O_RDWR|)", "column 18: open: argument 2 (flags): unknown flag \"\"");
	fails("open(\"x\", O_RDWR|0x100000000)",
	      "column 11: open: argument 2 (flags): 0x100000000 is out of range for flags");
	fails("open(\"x\", \"O_RDWR\")",
	      "column 11: open: argument 2 (flags): expected flags, got the string \"O_RDWR\"");
	fails("dup3(3, 4, FD_CLOEXEC)", "column 12: dup3: argument 3 (flags): unknown flag "
					"\"FD_CLOEXEC\" (did you mean \"O_CLOEXEC\"?)");
}

static void symbols_of_one_value_are_not_joined(void **state)
{
	(void)state;
	assert_int_equal(bind("lseek(3, -5, SEEK_END)").arg[2].num, SEEK_END);
	assert_int_equal(bind("lseek(3, -5, 77)").arg[2].num, 77);
	assert_int_equal(bind("kill(12, SIGRTMIN)").arg[1].num, 32);
	assert_int_equal(bind("kill 12 KILL").arg[1].num, 9);
	fails("kill(12, KILL)", "column 10: kill: argument 2 (sig): unknown signal \"KILL\"");
	fails("kill(12, SIGKIL)", "column 10: kill: argument 2 (sig): unknown signal \"SIGKIL\" "
				  "(did you mean \"SIGKILL\"?)");
	fails("lseek(3, 0, SEEK_SET|SEEK_CUR)", "column 13: lseek: argument 3 (whence): unknown "
						"whence \"SEEK_SET|SEEK_CUR\"");
}

static void paths_have_no_NUL_and_are_whole(void **state)
{
	(void)state;
	fails("open(\"/x\\0y\")",
	      "column 6: open: argument 1 (pathname): a NUL byte inside the string");
	fails("open(\"/x\"...)", "column 6: open: argument 1 (pathname): expected a string that is "
				 "not cut by \"...\", got the string \"/x\"");
	assert_null(bind("open(NULL)").arg[0].str);
	assert_int_equal(bind("open(NULL)").arg[0].num, 0);
	assert_null(bind("open(0x1234)").arg[0].str);
	assert_int_equal(bind("open(0x1234)").arg[0].num, 0x1234);
}

static void structures_are_read_by_field(void **state)
{
	struct bound b = bind("prlimit64(0, RLIMIT_NOFILE, {rlim_max=4*1024, rlim_cur=20}, NULL)");

	(void)state;
	assert_int_equal(b.arg[2].sub[RLIMIT_CUR].num, 20);
	assert_int_equal(b.arg[2].sub[RLIMIT_MAX].num, 4096);
	b = bind("setrlimit RLIMIT_NOFILE {20, RLIM64_INFINITY}");
	assert_int_equal(b.arg[1].sub[RLIMIT_MAX].num, -1);
	b = bind("openat2(AT_FDCWD, \"x\", {flags=O_RDWR|O_CREAT, resolve=RESOLVE_BENEATH})");
	assert_int_equal(b.arg[2].num, OPEN_HOW_FIELDS);
	assert_int_equal(b.arg[2].sub[OPEN_HOW_FLAGS].num, O_RDWR | O_CREAT);
	assert_int_equal(b.arg[2].sub[OPEN_HOW_MODE].num, 0);
	assert_int_equal(b.arg[2].sub[OPEN_HOW_RESOLVE].num, 8);
	assert_int_equal(b.arg[3].num, 24);
	b = bind("prlimit64(0, RLIMIT_NOFILE, 0x7ffc, NULL)");
	assert_null(b.arg[2].sub);
	assert_int_equal(b.arg[2].num, 0x7ffc);
	assert_null(bind("clone3(NULL, 88)").arg[0].sub);
	fails("setrlimit RLIMIT_NOFILE {rlim_cur=20}",
	      "column 25: setrlimit: argument 2 (rlim): the field rlim_max is missing");
	fails("setrlimit RLIMIT_NOFILE {rlim_cur=20, rlim_cur=3}",
	      "column 39: setrlimit: argument 2 (rlim): the field rlim_cur is given twice");
	fails("setrlimit RLIMIT_NOFILE {rlim_curr=20, rlim_max=3}",
	      "column 26: setrlimit: argument 2 (rlim): the structure rlimit has no field "
	      "\"rlim_curr\" (did you mean \"rlim_cur\"?)");
	fails("setrlimit RLIMIT_NOFILE {1, 2, 3}",
	      "column 32: setrlimit: argument 2 (rlim): more values than the structure rlimit has "
	      "fields");
	fails("setrlimit RLIMIT_NOFILE 20",
	      "column 25: setrlimit: argument 2 (rlim): expected a structure: {...}, got \"20\"");
}

static void files_are_paths_descriptors_or_NULL(void **state)
{
	struct bound b = bind("fd_install(3, \"/tmp/x\")");

	(void)state;
	assert_string_equal(b.arg[1].str, "/tmp/x");
	b = bind("fd_install(3, 4)");
	assert_null(b.arg[1].str);
	assert_int_equal(b.arg[1].num, 4);
	b = bind("fd_install 3 NULL");
	assert_null(b.arg[1].str);
	assert_int_equal(b.arg[1].num, -1);
	assert_int_equal(bind("iterate_fd").arg[1].num, -1);
	fails("fd_install(3, -4)", "column 15: fd_install: argument 2 (file): expected a path in "
				   "quotes, a descriptor or NULL, got \"-4\"");
}

static void what_a_call_fills_in_must_make_sense(void **state)
{
	(void)state;
	bind("pipe([3, 4])");
	bind("pipe([3, ...])");
	bind("pipe(0x7ffc)");
	bind("fstat(3, {st_mode=S_IFREG|0644, ...})");
	bind("fstat(3, {st_mtime=1700000000 /* 2023-11-14 */, st_mtime_nsec=5})");
	bind("wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL)");
	bind("wait4(-1, [...])");
	bind("fget_light(3, [1])");
	bind("read(3, \"ab\"..., 10)");
	fails("pipe([3])",
	      "column 6: pipe: argument 1 (fds): expected two descriptors: [3, 4], got \"[3]\"");
	fails("pipe([3, 4, 5])",
	      "column 6: pipe: argument 1 (fds): expected two descriptors: [3, 4], "
	      "got \"[3, 4, 5]\"");
	fails("pipe([3, x])",
	      "column 10: pipe: argument 1 (fds): expected a descriptor, got \"x\"");
	fails("read(3, 10)",
	      "column 9: read: argument 2 (buf): expected a string in quotes, got \"10\"");
	fails("fget_light(3, 1)", "column 15: fget_light: argument 2 (fput_needed): expected a "
				  "number, got \"1\"; what a call fills in is written in brackets");
	fails("fstat(3, {st_sise=3})", "column 11: fstat: argument 2 (statbuf): the structure stat "
				       "has no field \"st_sise\" (did you mean \"st_size\"?)");
	fails("wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 256}])",
	      "column 12: wait4: argument 2 (wstatus): expected a wait status: {WIFEXITED(s) && "
	      "WEXITSTATUS(s) == 0}, got \"{WIFEXITED(s) && WEXITSTATUS(s) == 256}\"");
}

static void the_C_interface_completes_arguments(void **state)
{
	struct bound b = bind("write 4 hello");
	struct fdl_arg arg[ARGS_MAX] = { { .num = 4 }, { .num = 5, .str = "hello" } };

	(void)state;
	assert_int_equal(args_complete(b.row, arg, 2), 0);
	assert_int_equal(arg[2].num, 5);
	assert_int_equal(args_complete(b.row, arg, 1), -EINVAL);
	assert_int_equal(args_complete(b.row, arg, 4), -EINVAL);
	b = bind("pipe2");
	assert_int_equal(args_complete(b.row, arg, 0), 0);
	assert_null(arg[0].sub);
	b = bind("fcntl 3 F_GETFD");
	assert_int_equal(args_complete(b.row, arg, 1), 0);
	assert_int_equal(arg[1].num, F_GETFD);
}

/* ---- printing ------------------------------------------------------------------------------- */

static void calls_are_printed_as_strace_prints_them(void **state)
{
	static const char *const lines[] = {
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

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct bound b = bind(lines[i]);

		text_clear(&out);
		call_print(&out, b.row, b.arg, ARGS_DONE,
			   b.line.error ? -b.line.error : b.line.result, 32);
		result_print(&out, b.row, b.arg, b.line.error ? -b.line.error : b.line.result);
		assert_string_equal(out.s, lines[i]);
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

/* Arguments as a call may have filled them in. */
static struct fdl_arg numbers[] = { { .num = 3 }, { .num = 4 }, { .num = 5 } };

static struct bound filled(const char *text, size_t place, struct fdl_arg arg)
{
	struct bound b = bind(text);

	b.arg[place] = arg;
	return b;
}

static void prints_filled(struct bound b, int64_t result, const char *want)
{
	text_clear(&out);
	call_print(&out, b.row, b.arg, ARGS_DONE, result, 4);
	assert_string_equal(out.s, want);
}

static void what_was_filled_in_is_printed(void **state)
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
	prints_filled(bind("read 3"), 0, "read(3, \"\", 4096)");
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
		assert_int_equal(notation_parse(&arena, statuses[i].want, strlen(statuses[i].want),
						&b.line, &why),
				 0);
		assert_true(args_match(&arena, b.row, &b.line, b.arg, 0, &why));
		status.num ^= 0x100;
		assert_false(args_match(&arena, b.row, &b.line, b.arg, 0, &why));
	}
	prints_filled(bind("wait4"), 0, "wait4(-1, NULL, 0)");
}

static void resumed_calls_print_what_is_new(void **state)
{
	struct bound b = filled("read 3 10", 1, (struct fdl_arg){ .num = 1, .str = "x" });

	(void)state;
	text_clear(&out);
	call_print_resumed(&out, b.row, b.arg, 1, 32);
	result_print(&out, b.row, b.arg, 1);
	assert_string_equal(out.s, "<... read resumed>\"x\", 10) = 1");
	text_clear(&out);
	call_print_resumed(&out, b.row, b.arg, -EINTR, 32);
	assert_string_equal(out.s, "<... read resumed>..., 10)");
	b = bind("openat AT_FDCWD /x");
	text_clear(&out);
	call_print_resumed(&out, b.row, b.arg, 3, 32);
	assert_string_equal(out.s, "<... openat resumed>)");
}

static void results_are_printed_as_strace_prints_them(void **state)
{
	struct bound b = bind("fork");

	(void)state;
	text_clear(&out);
	result_print(&out, b.row, b.arg, INT64_MAX);
	result_print(&out, b.row, b.arg, -3000);
	result_print(&out, b.row, b.arg, -ENOTSUP);
	result_print(&out, bind("exit").row, NULL, 0);
	assert_string_equal(out.s, " = 9223372036854775807 = -1 (errno 3000) = -1 EOPNOTSUPP "
				   "(Operation not supported) = ?");
}

static void numbers_of_the_tree_are_printed_by_type(void **state)
{
	(void)state;
	text_clear(&out);
	type_print(&out, "oflags", 0x8002);
	text_putc(&out, ' ');
	type_print(&out, "signal", 9);
	text_putc(&out, ' ');
	type_print(&out, "no such type", 9);
	assert_string_equal(out.s, "O_RDWR|O_LARGEFILE SIGKILL 9");
}

/* ---- comparing ------------------------------------------------------------------------------ */

/* True if the argument that the call of text fills in at place matches text. */
static bool matches(const char *text, size_t place, struct fdl_arg arg)
{
	struct bound b = filled(text, place, arg);

	/* Its line was overwritten: once more. */
	assert_int_equal(notation_parse(&arena, text, strlen(text), &b.line, &why), 0);
	text_clear(&out);
	return args_match(&arena, b.row, &b.line, b.arg, 0, &out);
}

static void what_was_filled_in_is_compared_as_far_as_the_line_goes(void **state)
{
	const struct fdl_arg pair = { .num = 2, .sub = numbers };
	const struct fdl_arg list = { .num = 3, .sub = numbers };
	const struct fdl_arg buf = { .num = 4, .str = "abcd" };
	struct fdl_arg fields[STAT_FIELDS] = {
		[STAT_MODE] = { .num = S_IFREG | 0644 }, [STAT_SIZE] = { .num = 5 }
	};
	const struct fdl_arg st = { .num = STAT_FIELDS, .sub = fields };

	(void)state;
	assert_true(matches("pipe([3, 4])", 0, pair));
	assert_true(matches("pipe([3, ...])", 0, pair));
	assert_true(matches("pipe(...)", 0, pair));
	assert_true(matches("pipe()", 0, pair));
	assert_true(matches("pipe", 0, pair));
	assert_true(matches("pipe(0x7ffc)", 0, pair));
	assert_false(matches("pipe([3, 5])", 0, pair));
	assert_string_equal(out.s, "[3, 5]");
	assert_false(matches("pipe([4, ...])", 0, pair));
	assert_false(matches("pipe([3, 4])", 0, (struct fdl_arg){ 0 }));
	assert_true(matches("iterate_fd(0, NULL, [3, 4, 5])", 2, list));
	assert_true(matches("iterate_fd(0, NULL, [3, 4, ...])", 2, list));
	assert_false(matches("iterate_fd(0, NULL, [3, 4])", 2, list));
	assert_false(matches("iterate_fd(0, NULL, [3, 4, 5, 6, ...])", 2, list));
	assert_true(matches("fget_light(3, [3])", 1, (struct fdl_arg){ .num = 1, .sub = numbers }));
	assert_false(
		matches("fget_light(3, [0])", 1, (struct fdl_arg){ .num = 1, .sub = numbers }));
	assert_true(matches("read(3, \"abcd\", 10)", 1, buf));
	assert_true(matches("read(3, \"ab\"..., 10)", 1, buf));
	assert_true(matches("read(3, \"\"..., 10)", 1, buf));
	assert_false(matches("read(3, \"ab\", 10)", 1, buf));
	assert_false(matches("read(3, \"ac\"..., 10)", 1, buf));
	assert_false(matches("read(3, \"abcde\"..., 10)", 1, buf));
	assert_string_equal(out.s, "\"abcde\"...");
	assert_true(matches("read(3, \"\", 10)", 1, (struct fdl_arg){ 0 }));
	assert_false(matches("read(3, \"a\", 10)", 1, (struct fdl_arg){ 0 }));
	assert_true(matches("fstat(3, {st_mode=S_IFREG|0644, st_size=5, ...})", 1, st));
	assert_true(matches("fstat(3, {st_size=5})", 1, st));
	assert_true(matches("fstat(3, {st_atime=77, ...})", 1, st));
	assert_false(matches("fstat(3, {st_mode=S_IFREG|0600, ...})", 1, st));
	assert_string_equal(out.s, "{st_mode=S_IFREG|0600, ...}");
}

static void resumed_lines_are_compared_from_the_first_out_parameter_on(void **state)
{
	struct bound b = filled("read 3 10", 1, (struct fdl_arg){ .num = 1, .str = "x" });
	static const struct {
		const char *text;
		bool same;
	} lines[] = {
		{ "<... read resumed>\"x\", 10) = 1", true },
		{ "<... read resumed>...) = 1", true },
		{ "<... read resumed>) = 1", true },
		{ "<... read resumed>\"y\", 10) = 1", false },
		{ "<... read resumed>foo, 10) = 1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(
			notation_parse(&arena, lines[i].text, strlen(lines[i].text), &b.line, &why),
			0);
		assert_int_equal(args_match(&arena, b.row, &b.line, b.arg, 0, &out), lines[i].same);
	}
}

static bool result_is(const char *text, int64_t result)
{
	struct line l;

	assert_int_equal(notation_parse(&arena, text, strlen(text), &l, &why), 0);
	return result_match(&l, result);
}

static void results_are_compared(void **state)
{
	(void)state;
	assert_true(result_is("f()", 3));
	assert_true(result_is("f() = ?", -EBADF));
	assert_true(result_is("f() = 3", 3));
	assert_false(result_is("f() = 3", 4));
	assert_false(result_is("f() = 3", -EBADF));
	assert_true(result_is("f() = -1 EBADF (Bad file descriptor)", -EBADF));
	assert_false(result_is("f() = -1 EBADF", -EMFILE));
	assert_false(result_is("f() = -1 EBADF", 3));
	assert_true(result_is("f() = -1", -EMFILE));
	assert_false(result_is("f() = -1", 0));
	assert_true(result_is("f() = 0x8002 (flags O_RDWR|O_LARGEFILE)", 0x8002));
}

/* ---- packing -------------------------------------------------------------------------------- */

static void packs_to_the_same(const char *text)
{
	struct bound b = bind(text);
	struct fdl_arg again[ARGS_MAX];
	struct text want = TEXT_EMPTY;
	size_t need = args_pack(b.row, b.arg, NULL, 0, 32);
	char *buf = malloc(need);

	assert_int_equal(args_pack(b.row, b.arg, buf, need, 32), need);
	assert_int_equal(args_unpack(&arena, b.row, buf, need, again), need);
	text_clear(&out);
	call_print(&out, b.row, again, ARGS_DONE, 0, 32);
	call_print(&want, b.row, b.arg, ARGS_DONE, 0, 32);
	assert_string_equal(out.s, want.s);
	/* No shorter buffer is accepted. */
	for (size_t n = 0; n < need; n++) {
		char *cut = malloc(n);

		memcpy(cut, buf, n);
		assert_int_equal(args_unpack(&arena, b.row, cut, n, again), 0);
		free(cut);
	}
	free(buf);
	text_free(&want);
}

static void packed_arguments_come_back(void **state)
{
	static const char *const lines[] = {
		"fork",
		"dup2(3, 10)",
		"dup2(-1, 2147483647)",
		"lseek(3, -9223372036854775808, SEEK_END)",
		"write(3, \"\", 18446744073709551615)",
		"open(\"/tmp/x\", O_RDWR|O_CREAT, 0644)",
		"open(NULL)",
		"open(0x7ffffffffffff000)",
		"write(4, \"a\\0b\\377\", 4)",
		"execve(\"/bin/sh\", [\"sh\", \"\", \"-c\"], 0x7ffc)",
		"execve(\"/bin/sh\", [], [\"A=b\"])",
		"setrlimit(RLIMIT_NOFILE, {rlim_cur=20, rlim_max=RLIM64_INFINITY})",
		"prlimit64(0, RLIMIT_NOFILE, NULL)",
		"openat2(AT_FDCWD, \"x\", {flags=O_RDWR})",
		"clone3({flags=CLONE_FILES, tls=[1, 2], exit_signal=SIGCHLD}, 64)",
		"clone(child_stack=NULL, flags=SIGCHLD, child_tidptr=0x7f)",
		"ioctl(0, TCGETS, {B38400 opost ...})",
		"fd_install(3, \"/tmp/x\")",
		"fd_install(3, 4)",
		"fd_install(3, NULL)",
		"read(3)",
		"wait4(-1)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		packs_to_the_same(lines[i]);
}

static void packed_calls_are_small(void **state)
{
	struct bound b = bind("dup2(3, 10)");

	(void)state;
	assert_int_equal(args_pack(b.row, b.arg, NULL, 0, 32), 3);
}

static void long_strings_that_were_filled_in_are_packed_cut(void **state)
{
	struct bound b = filled("read 3", 1, (struct fdl_arg){ .num = 10, .str = "0123456789" });
	struct fdl_arg again[ARGS_MAX];
	char buf[100];
	size_t n = args_pack(b.row, b.arg, buf, sizeof(buf), 4);

	(void)state;
	assert_int_equal(args_unpack(&arena, b.row, buf, n, again), n);
	text_clear(&out);
	call_print(&out, b.row, again, ARGS_DONE, 10, 32);
	assert_string_equal(out.s, "read(3, \"0123\"..., 4096)");
	text_clear(&out);
	call_print(&out, b.row, again, ARGS_DONE, 10, 2);
	assert_string_equal(out.s, "read(3, \"01\"..., 4096)");
	/* Packed again it is still cut. */
	n = args_pack(b.row, again, buf, sizeof(buf), 100);
	assert_int_equal(args_unpack(&arena, b.row, buf, n, again), n);
	text_clear(&out);
	call_print(&out, b.row, again, ARGS_DONE, 10, 32);
	assert_string_equal(out.s, "read(3, \"0123\"..., 4096)");
	/* An argument that the call reads is never cut. */
	b = bind("write 4 0123456789");
	n = args_pack(b.row, b.arg, buf, sizeof(buf), 4);
	assert_int_equal(args_unpack(&arena, b.row, buf, n, again), n);
	assert_string_equal(again[1].str, "0123456789");
}

static void what_was_filled_in_comes_back(void **state)
{
	struct bound b = filled("fget_light 3", 1, (struct fdl_arg){ .num = 1, .sub = numbers });
	struct fdl_arg again[ARGS_MAX];
	char buf[100];
	size_t n = args_pack(b.row, b.arg, buf, sizeof(buf), 4);

	(void)state;
	assert_int_equal(args_unpack(&arena, b.row, buf, n, again), n);
	assert_int_equal(again[1].sub[0].num, 3);
	b = filled("iterate_fd", 2, (struct fdl_arg){ .num = 3, .sub = numbers });
	n = args_pack(b.row, b.arg, buf, sizeof(buf), 4);
	assert_int_equal(args_unpack(&arena, b.row, buf, n, again), n);
	assert_int_equal(again[2].num, 3);
	assert_int_equal(again[2].sub[2].num, 5);
}

static void damaged_packs_are_refused(void **state)
{
	struct bound b = bind("openat2(AT_FDCWD, \"x\", {flags=O_RDWR})");
	struct fdl_arg again[ARGS_MAX];
	char buf[100], damaged[100];
	size_t n = args_pack(b.row, b.arg, buf, sizeof(buf), 4);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			memcpy(damaged, buf, n);
			damaged[i] = (char)(damaged[i] ^ (1 << bit));
			/* Every value can be printed. */
			if (!args_unpack(&arena, b.row, damaged, n, again))
				continue;
			text_clear(&out);
			call_print(&out, b.row, again, ARGS_DONE, 0, 32);
		}
	}
	damaged[0] = 99;
	assert_int_equal(args_unpack(&arena, b.row, damaged, n, again), 0);
	/* A count that no memory could hold. */
	assert_int_equal(args_unpack(&arena, bind("execve").row,
				     "\3\4x\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 13, again),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_signatures_are_told),
		cmocka_unit_test(rows_know_what_they_consist_of),
		cmocka_unit_test(rows_of_one_name_are_told_apart_by_the_command),
		cmocka_unit_test(a_name_without_a_general_row_may_have_no_row_for_a_line),
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
		cmocka_unit_test(descriptors_are_ints_and_may_be_decorated),
		cmocka_unit_test(unsigned_numbers_take_minus_one),
		cmocka_unit_test(flags_are_symbols_and_numbers_in_any_order),
		cmocka_unit_test(symbols_of_one_value_are_not_joined),
		cmocka_unit_test(paths_have_no_NUL_and_are_whole),
		cmocka_unit_test(structures_are_read_by_field),
		cmocka_unit_test(files_are_paths_descriptors_or_NULL),
		cmocka_unit_test(what_a_call_fills_in_must_make_sense),
		cmocka_unit_test(the_C_interface_completes_arguments),
		cmocka_unit_test(calls_are_printed_as_strace_prints_them),
		cmocka_unit_test(the_shell_form_is_printed_in_full),
		cmocka_unit_test(a_mode_is_printed_only_where_a_file_may_be_made),
		cmocka_unit_test(input_strings_are_printed_whole),
		cmocka_unit_test(a_call_that_blocks_shows_dots),
		cmocka_unit_test(what_was_filled_in_is_printed),
		cmocka_unit_test(wait_statuses_are_printed_as_macros),
		cmocka_unit_test(resumed_calls_print_what_is_new),
		cmocka_unit_test(results_are_printed_as_strace_prints_them),
		cmocka_unit_test(numbers_of_the_tree_are_printed_by_type),
		cmocka_unit_test(what_was_filled_in_is_compared_as_far_as_the_line_goes),
		cmocka_unit_test(resumed_lines_are_compared_from_the_first_out_parameter_on),
		cmocka_unit_test(results_are_compared),
		cmocka_unit_test(packed_arguments_come_back),
		cmocka_unit_test(packed_calls_are_small),
		cmocka_unit_test(long_strings_that_were_filled_in_are_packed_cut),
		cmocka_unit_test(what_was_filled_in_comes_back),
		cmocka_unit_test(damaged_packs_are_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
