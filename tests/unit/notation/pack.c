/*
 * Packing arguments into bytes, and getting them back.
 */
#include "support/notation_lab.h"

#include <stdlib.h>

static void packs_to_the_same(const char *text)
{
	struct bound b = bound_of(text);
	struct fdl_arg again[ARGS_MAX];
	struct text want = TEXT_EMPTY;
	size_t need = args_pack(b.row, b.arg, NULL, 0, 32);
	char *buf = malloc(need);

	assert_int_equal(args_pack(b.row, b.arg, buf, need, 32), need);
	assert_int_equal(args_unpack(&notation.arena, b.row, buf, need, again), need);
	text_clear(&notation.out);
	call_print(&notation.out, b.row, again, ARGS_DONE, 0, 32);
	call_print(&want, b.row, b.arg, ARGS_DONE, 0, 32);
	assert_string_equal(notation.out.s, want.s);
	/* No shorter buffer is accepted. */
	for (size_t n = 0; n < need; n++) {
		char *cut = malloc(n);

		memcpy(cut, buf, n);
		assert_int_equal(args_unpack(&notation.arena, b.row, cut, n, again), 0);
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
	struct bound b = bound_of("dup2(3, 10)");

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
	assert_int_equal(args_unpack(&notation.arena, b.row, buf, n, again), n);
	text_clear(&notation.out);
	call_print(&notation.out, b.row, again, ARGS_DONE, 10, 32);
	assert_string_equal(notation.out.s, "read(3, \"0123\"..., 4096)");
	text_clear(&notation.out);
	call_print(&notation.out, b.row, again, ARGS_DONE, 10, 2);
	assert_string_equal(notation.out.s, "read(3, \"01\"..., 4096)");
	/* Packed again it is still cut. */
	n = args_pack(b.row, again, buf, sizeof(buf), 100);
	assert_int_equal(args_unpack(&notation.arena, b.row, buf, n, again), n);
	text_clear(&notation.out);
	call_print(&notation.out, b.row, again, ARGS_DONE, 10, 32);
	assert_string_equal(notation.out.s, "read(3, \"0123\"..., 4096)");
	/* An argument that the call reads is never cut. */
	b = bound_of("write 4 0123456789");
	n = args_pack(b.row, b.arg, buf, sizeof(buf), 4);
	assert_int_equal(args_unpack(&notation.arena, b.row, buf, n, again), n);
	assert_string_equal(again[1].str, "0123456789");
}

static void packed_buffers_come_back(void **state)
{
	struct bound b = filled("fget_light 3", 1, (struct fdl_arg){ .num = 1, .sub = numbers });
	struct fdl_arg again[ARGS_MAX];
	char buf[100];
	size_t n = args_pack(b.row, b.arg, buf, sizeof(buf), 4);

	(void)state;
	assert_int_equal(args_unpack(&notation.arena, b.row, buf, n, again), n);
	assert_int_equal(again[1].sub[0].num, 3);
	b = filled("iterate_fd", 2, (struct fdl_arg){ .num = 3, .sub = numbers });
	n = args_pack(b.row, b.arg, buf, sizeof(buf), 4);
	assert_int_equal(args_unpack(&notation.arena, b.row, buf, n, again), n);
	assert_int_equal(again[2].num, 3);
	assert_int_equal(again[2].sub[2].num, 5);
}

static void damaged_packs_are_refused(void **state)
{
	struct bound b = bound_of("openat2(AT_FDCWD, \"x\", {flags=O_RDWR})");
	struct fdl_arg again[ARGS_MAX];
	char buf[100], damaged[100];
	size_t n = args_pack(b.row, b.arg, buf, sizeof(buf), 4);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			memcpy(damaged, buf, n);
			damaged[i] = (char)(damaged[i] ^ (1 << bit));
			/* Every value can be printed. */
			if (!args_unpack(&notation.arena, b.row, damaged, n, again))
				continue;
			text_clear(&notation.out);
			call_print(&notation.out, b.row, again, ARGS_DONE, 0, 32);
		}
	}
	damaged[0] = 99;
	assert_int_equal(args_unpack(&notation.arena, b.row, damaged, n, again), 0);
	/* A count that no memory could hold. */
	assert_int_equal(args_unpack(&notation.arena, bound_of("execve").row,
				     "\3\4x\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 13, again),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packed_arguments_come_back),
		cmocka_unit_test(packed_calls_are_small),
		cmocka_unit_test(long_strings_that_were_filled_in_are_packed_cut),
		cmocka_unit_test(packed_buffers_come_back),
		cmocka_unit_test(damaged_packs_are_refused),
	};

	return cmocka_run_group_tests(tests, notation_lab_setup, notation_lab_teardown);
}
