/*
 * Types of arguments: the values that each of them takes, and what it says of others.
 */
#include "notation/types.h"
#include "support/notation_lab.h"

#include <fcntl.h>
#include <stdint.h>

/* A line whose numbers are what a call of the model gets. */
static struct bound narrowed(const char *text)
{
	struct bound b = bound_of(text);

	args_narrow(b.row, b.arg);
	return b;
}

static void descriptors_are_ints_and_may_be_decorated(void **state)
{
	(void)state;
	assert_int_equal(bound_of("close(3</etc/passwd>)").arg[0].num, 3);
	assert_int_equal(bound_of("close(-1)").arg[0].num, -1);
	assert_int_equal(bound_of("close(2147483647)").arg[0].num, INT32_MAX);
	assert_int_equal(bound_of("close(-2147483648)").arg[0].num, INT32_MIN);
	assert_int_equal(bound_of("openat(AT_FDCWD</home>, \"x\")").arg[0].num, AT_FDCWD);
	binding_fails("close(99999999999999999999)",
		      "column 7: close: argument 1 (fd): "
		      "99999999999999999999 is out of range for a descriptor");
	binding_fails("dup2(3, foo)",
		      "column 9: dup2: argument 2 (newfd): expected a descriptor, got \"foo\"");
	binding_fails("dup2(3, \"foo\")",
		      "column 9: dup2: argument 2 (newfd): expected a descriptor, "
		      "got the string \"foo\"");
	binding_fails("close([3])",
		      "column 7: close: argument 1 (fd): expected a descriptor, got \"[3]\"");
	binding_fails("close(NULL)",
		      "column 7: close: argument 1 (fd): expected a descriptor, got \"NULL\"");
	binding_fails("close(...)",
		      "column 7: close: argument 1 (fd): expected a descriptor, got \"...\"");
}

static void unsigned_numbers_take_minus_one(void **state)
{
	(void)state;
	assert_int_equal(bound_of("close_range(3, -1)").arg[1].num, UINT32_MAX);
	assert_int_equal(bound_of("write(3, \"\", -1)").arg[2].num, -1);
	assert_int_equal(bound_of("write(3, \"\", 18446744073709551615)").arg[2].num, -1);
	assert_int_equal(narrowed("close_range(3, -2)").arg[1].num, UINT32_MAX - 1);
}

static void of_a_number_the_kernel_takes_what_its_type_has(void **state)
{
	(void)state;
	assert_int_equal(narrowed("close(2147483648)").arg[0].num, INT32_MIN);
	assert_int_equal(narrowed("close(-2147483649)").arg[0].num, INT32_MAX);
	assert_int_equal(narrowed("close(18446744073709551615)").arg[0].num, -1);
	assert_int_equal(narrowed("close(4294967299)").arg[0].num, 3);
	assert_int_equal(bound_of("close(4294967299)").arg[0].num, INT64_C(4294967299));
	assert_int_equal(narrowed("close_range(3, 4294967296)").arg[1].num, 0);
	assert_int_equal(narrowed("open(\"x\", O_RDWR|0x100000000)").arg[1].num, O_RDWR);
	assert_int_equal(narrowed("mkdir(\"x\", 0200755)").arg[1].num, 0755);
	assert_int_equal(narrowed("lseek(3, 18446744073709551615)").arg[1].num, -1);
	assert_int_equal(narrowed("read(3, ..., 4294967296)").arg[2].num, INT64_C(4294967296));
	assert_int_equal(narrowed("read(3, ..., -5)").arg[2].num, -5);
	assert_string_equal(narrowed("fcntl(3, 4294967297)").row->call->signature,
			    "fd fd, =F_GETFD");
}

static void inside_of_arrays_numbers_stay_in_range(void **state)
{
	(void)state;
	binding_fails("pipe([4294967299, 4])",
		      "column 7: pipe: argument 1 (fds): 4294967299 is out of range for a "
		      "descriptor");
}

static void flags_are_symbols_and_numbers_in_any_order(void **state)
{
	(void)state;
	assert_int_equal(bound_of("open(\"x\", O_TRUNC|O_RDWR|0x40)").arg[1].num,
			 O_TRUNC | O_RDWR | 0x40);
	assert_int_equal(bound_of("open(\"x\", 02)").arg[1].num, O_RDWR);
	assert_int_equal(bound_of("open(\"x\", 1|2)").arg[1].num, 3);
	assert_int_equal(bound_of("open(\"x\", -1)").arg[1].num, UINT32_MAX);
	assert_int_equal(bound_of("open(\"x\", O_ASYNC|O_NDELAY)").arg[1].num,
			 O_ASYNC | O_NONBLOCK);
	assert_int_equal(bound_of("open(\"x\", O_RDWR | O_CREAT)").arg[1].num, O_RDWR | O_CREAT);
	binding_fails(
		"open(\"x\", O_RDWR|O_CREATT|O_TRUNC)",
		"column 18: open: argument 2 (flags): unknown flag \"O_CREATT\" (did you mean "
		"\"O_CREAT\"?)");
	binding_fails("open(\"x\", O_RDWR|)",
		      "column 18: open: argument 2 (flags): unknown flag \"\"");
	binding_fails(
		"open(\"x\", \"O_RDWR\")",
		"column 11: open: argument 2 (flags): expected flags, got the string \"O_RDWR\"");
	binding_fails("dup3(3, 4, O_CLOFORK)", "column 12: dup3: argument 3 (flags): unknown flag "
					       "\"O_CLOFORK\": neither Linux nor NetBSD has it");
	binding_fails("dup3(3, 4, FD_CLOEXEC)", "column 12: dup3: argument 3 (flags): unknown flag "
						"\"FD_CLOEXEC\" (did you mean \"O_CLOEXEC\"?)");
}

static void symbols_of_one_value_are_not_joined(void **state)
{
	(void)state;
	assert_int_equal(bound_of("lseek(3, -5, SEEK_END)").arg[2].num, SEEK_END);
	assert_int_equal(bound_of("lseek(3, -5, 77)").arg[2].num, 77);
	assert_int_equal(bound_of("kill(12, SIGRTMIN)").arg[1].num, 32);
	assert_int_equal(bound_of("kill 12 KILL").arg[1].num, 9);
	binding_fails("kill(12, KILL)",
		      "column 10: kill: argument 2 (sig): unknown signal \"KILL\"");
	binding_fails("kill(12, SIGKIL)",
		      "column 10: kill: argument 2 (sig): unknown signal \"SIGKIL\" "
		      "(did you mean \"SIGKILL\"?)");
	binding_fails("lseek(3, 0, SEEK_SET|SEEK_CUR)",
		      "column 13: lseek: argument 3 (whence): unknown "
		      "whence \"SEEK_SET|SEEK_CUR\"");
}

static void paths_have_no_NUL_and_are_whole(void **state)
{
	(void)state;
	binding_fails("open(\"/x\\0y\")",
		      "column 6: open: argument 1 (pathname): a NUL byte inside the string");
	binding_fails("open(\"/x\"...)",
		      "column 6: open: argument 1 (pathname): expected a string that is "
		      "not cut by \"...\", got the string \"/x\"");
	assert_null(bound_of("open(NULL)").arg[0].str);
	assert_int_equal(bound_of("open(NULL)").arg[0].num, 0);
	assert_null(bound_of("open(0x1234)").arg[0].str);
	assert_int_equal(bound_of("open(0x1234)").arg[0].num, 0x1234);
}

static void structures_are_read_by_field(void **state)
{
	struct bound b =
		bound_of("prlimit64(0, RLIMIT_NOFILE, {rlim_max=4*1024, rlim_cur=20}, NULL)");

	(void)state;
	assert_int_equal(b.arg[2].sub[RLIMIT_CUR].num, 20);
	assert_int_equal(b.arg[2].sub[RLIMIT_MAX].num, 4096);
	b = bound_of("setrlimit RLIMIT_NOFILE {20, RLIM64_INFINITY}");
	assert_int_equal(b.arg[1].sub[RLIMIT_MAX].num, -1);
	b = bound_of("openat2(AT_FDCWD, \"x\", {flags=O_RDWR|O_CREAT, resolve=RESOLVE_BENEATH})");
	assert_int_equal(b.arg[2].num, OPEN_HOW_FIELDS);
	assert_int_equal(b.arg[2].sub[OPEN_HOW_FLAGS].num, O_RDWR | O_CREAT);
	assert_int_equal(b.arg[2].sub[OPEN_HOW_MODE].num, 0);
	assert_int_equal(b.arg[2].sub[OPEN_HOW_RESOLVE].num, 8);
	assert_int_equal(b.arg[3].num, 24);
	b = bound_of("prlimit64(0, RLIMIT_NOFILE, 0x7ffc, NULL)");
	assert_null(b.arg[2].sub);
	assert_int_equal(b.arg[2].num, 0x7ffc);
	assert_null(bound_of("clone3(NULL, 88)").arg[0].sub);
	binding_fails("setrlimit RLIMIT_NOFILE {rlim_cur=20}",
		      "column 25: setrlimit: argument 2 (rlim): the field rlim_max is missing");
	binding_fails("setrlimit RLIMIT_NOFILE {rlim_cur=20, rlim_cur=3}",
		      "column 39: setrlimit: argument 2 (rlim): the field rlim_cur is given twice");
	binding_fails("setrlimit RLIMIT_NOFILE {rlim_curr=20, rlim_max=3}",
		      "column 26: setrlimit: argument 2 (rlim): the structure rlimit has no field "
		      "\"rlim_curr\" (did you mean \"rlim_cur\"?)");
	binding_fails("setrlimit RLIMIT_NOFILE {1, 2, 3}",
		      "column 32: setrlimit: argument 2 (rlim): "
		      "more values than the structure rlimit has "
		      "fields");
	binding_fails(
		"setrlimit RLIMIT_NOFILE 20",
		"column 25: setrlimit: argument 2 (rlim): expected a structure: {...}, got \"20\"");
}

static void files_are_paths_descriptors_or_NULL(void **state)
{
	struct bound b = bound_of("fd_install(3, \"/tmp/x\")");

	(void)state;
	assert_string_equal(b.arg[1].str, "/tmp/x");
	b = bound_of("fd_install(3, 4)");
	assert_null(b.arg[1].str);
	assert_int_equal(b.arg[1].num, 4);
	b = bound_of("fd_install 3 NULL");
	assert_null(b.arg[1].str);
	assert_int_equal(b.arg[1].num, -1);
	assert_int_equal(bound_of("iterate_fd").arg[1].num, -1);
	binding_fails("fd_install(3, -4)",
		      "column 15: fd_install: argument 2 (file): expected a path in "
		      "quotes, a descriptor or NULL, got \"-4\"");
}

static void values_that_a_call_fills_in_must_make_sense(void **state)
{
	(void)state;
	bound_of("pipe([3, 4])");
	bound_of("pipe([3, ...])");
	bound_of("pipe(0x7ffc)");
	bound_of("fstat(3, {st_mode=S_IFREG|0644, ...})");
	bound_of("fstat(3, {st_mtime=1700000000 /* 2023-11-14 */, st_mtime_nsec=5})");
	bound_of("wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL)");
	bound_of("wait4(-1, [...])");
	bound_of("fget_light(3, [1])");
	bound_of("read(3, \"ab\"..., 10)");
	binding_fails(
		"pipe([3])",
		"column 6: pipe: argument 1 (fds): expected two descriptors: [3, 4], got \"[3]\"");
	binding_fails("pipe([3, 4, 5])",
		      "column 6: pipe: argument 1 (fds): expected two descriptors: [3, 4], "
		      "got \"[3, 4, 5]\"");
	binding_fails("pipe([3, x])",
		      "column 10: pipe: argument 1 (fds): expected a descriptor, got \"x\"");
	binding_fails("read(3, 10)",
		      "column 9: read: argument 2 (buf): expected a string in quotes, got \"10\"");
	binding_fails("fget_light(3, 1)",
		      "column 15: fget_light: argument 2 (fput_needed): expected a "
		      "number, got \"1\"; what a call fills in is written in brackets");
	binding_fails("fstat(3, {st_sise=3})",
		      "column 11: fstat: argument 2 (statbuf): the structure stat "
		      "has no field \"st_sise\" (did you mean \"st_size\"?)");
	binding_fails(
		"wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 256}])",
		"column 12: wait4: argument 2 (wstatus): expected a wait status: {WIFEXITED(s) && "
		"WEXITSTATUS(s) == 0}, got \"{WIFEXITED(s) && WEXITSTATUS(s) == 256}\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_are_ints_and_may_be_decorated),
		cmocka_unit_test(unsigned_numbers_take_minus_one),
		cmocka_unit_test(of_a_number_the_kernel_takes_what_its_type_has),
		cmocka_unit_test(inside_of_arrays_numbers_stay_in_range),
		cmocka_unit_test(flags_are_symbols_and_numbers_in_any_order),
		cmocka_unit_test(symbols_of_one_value_are_not_joined),
		cmocka_unit_test(paths_have_no_NUL_and_are_whole),
		cmocka_unit_test(structures_are_read_by_field),
		cmocka_unit_test(files_are_paths_descriptors_or_NULL),
		cmocka_unit_test(values_that_a_call_fills_in_must_make_sense),
	};

	return cmocka_run_group_tests(tests, notation_lab_setup, notation_lab_teardown);
}
