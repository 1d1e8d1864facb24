/*
 * Comparing what a call filled in and returned with what its line states.
 */
#include "notation/types.h"
#include "support/notation_lab.h"

#include <errno.h>
#include <sys/stat.h>

/* True if the argument that the call of text fills in at place matches text. */
static bool matches(const char *text, size_t place, struct fdl_arg arg)
{
	struct bound b = filled(text, place, arg);

	/* Its line was overwritten: once more. */
	assert_int_equal(try_parse(text, &b.line), 0);
	text_clear(&notation.out);
	return args_match(&notation.arena, b.row, &b.line, b.arg, 0, &notation.out);
}

static void buffers_are_compared_as_far_as_the_line_goes(void **state)
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
	assert_string_equal(notation.out.s, "[3, 5]");
	assert_false(matches("pipe([4, ...])", 0, pair));
	assert_false(matches("pipe([3, 4])", 0, (struct fdl_arg){ 0 }));
	assert_true(matches("pipe [3, 4]", 0, pair));
	assert_false(matches("pipe [3, 5]", 0, pair));
	assert_false(matches("pipe fds=[3, 5]", 0, pair));
	assert_true(matches("read 3 10", 1, buf));
	assert_true(matches("read 3 \"abcd\" 10", 1, buf));
	assert_false(matches("read 3 \"abc\" 10", 1, buf));
	assert_true(matches("read 3 buf=abcd 10", 1, buf));
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
	assert_string_equal(notation.out.s, "\"abcde\"...");
	assert_true(matches("read(3, \"\", 10)", 1, (struct fdl_arg){ 0 }));
	assert_false(matches("read(3, \"a\", 10)", 1, (struct fdl_arg){ 0 }));
	assert_true(matches("fstat(3, {st_mode=S_IFREG|0644, st_size=5, ...})", 1, st));
	assert_true(matches("fstat(3, {st_size=5})", 1, st));
	assert_true(matches("fstat(3, {st_atime=77, ...})", 1, st));
	assert_false(matches("fstat(3, {st_mode=S_IFREG|0600, ...})", 1, st));
	assert_string_equal(notation.out.s, "{st_mode=S_IFREG|0600, ...}");
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
		assert_int_equal(try_parse(lines[i].text, &b.line), 0);
		assert_int_equal(
			args_match(&notation.arena, b.row, &b.line, b.arg, 0, &notation.out),
			lines[i].same);
	}
}

static bool result_is(const char *text, int64_t result)
{
	struct line l;

	assert_int_equal(try_parse(text, &l), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffers_are_compared_as_far_as_the_line_goes),
		cmocka_unit_test(resumed_lines_are_compared_from_the_first_out_parameter_on),
		cmocka_unit_test(results_are_compared),
	};

	return cmocka_run_group_tests(tests, notation_lab_setup, notation_lab_teardown);
}
