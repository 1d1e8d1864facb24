/*
 * The texts of outcomes found elsewhere: the same as the explorer prints for the same results and
 * tables.
 */
#include "fdlab.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(char *text, const char *expected)
{
	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void results_are_numbers_errors_or_signs(void **state)
{
	(void)state;
	expect(fdl_race_result(FDL_RACE_RETURNED, 3), "3");
	expect(fdl_race_result(FDL_RACE_RETURNED, -EBUSY), "-1 EBUSY");
	expect(fdl_race_result(FDL_RACE_NOT_RUN, 3), "-");
	expect(fdl_race_result(FDL_RACE_IN_FLIGHT, 3), "<unfinished ...>");
	expect(fdl_race_result(FDL_RACE_ENDED, 3), "?");
}

static void calls_have_what_they_filled_in_once_they_have_returned(void **state)
{
	char message[256], bytes[400];
	struct fdl_arg args[FDL_PARAMS_MAX];
	struct fdl_machine *m;
	struct fdl_line *line;

	(void)state;
	memset(bytes, 'a', sizeof(bytes));
	assert_int_equal(fdl_machine_new(NULL, &m), 0);
	assert_int_equal(fdl_line_read(m, "read(3, ..., 9)", 15, &line, message, sizeof(message)),
			 0);
	memcpy(args, line->args, 3 * sizeof(*args));
	args[1] = (struct fdl_arg){ .num = 2, .str = bytes };
	expect(fdl_race_call(line, 2, FDL_RACE_RETURNED, args, 2), "2 read(3, \"aa\", 9) = 2");
	expect(fdl_race_call(line, 2, FDL_RACE_RETURNED, args, -EBADF),
	       "2 read(3, ..., 9) = -1 EBADF");
	expect(fdl_race_call(line, 1, FDL_RACE_IN_FLIGHT, args, 0),
	       "1 read(3, ..., 9) <unfinished ...>");
	expect(fdl_race_call(line, 1, FDL_RACE_ENDED, args, 0), "1 read(3, ..., 9) = ?");
	fdl_line_free(line);
	fdl_machine_free(m);
}

static void tables_have_runs_of_descriptors_and_numbers_of_their_own(void **state)
{
	static const struct fdl_race_slot first[] = {
		{ 0, false, false, "/dev/console" }, { 1, false, true, "/dev/console" },
		{ 2, true, true, "/dev/console" },   { 3, false, false, "pipe:[25]" },
		{ 4, false, false, NULL },           { 6, false, false, "pipe:[31]" },
	};
	static const struct fdl_race_slot second[] = {
		{ 5, false, false, "pipe:[31]" },
		{ 6, false, false, "pipe:[25]" },
		{ 7, false, false, "anon_inode:[eventpoll]" },
	};
	const struct fdl_race_table tables[] = {
		{ .pids = (const int[]){ 1, 3 }, .n_pids = 2, .slots = first, .n_slots = 6 },
		{ .pids = (const int[]){ 2 }, .n_pids = 1, .slots = second, .n_slots = 3 },
		{ .pids = (const int[]){ 4 }, .n_pids = 1, .gone = true },
	};

	(void)state;
	expect(fdl_race_tables(tables, 3),
	       "1,3: 0-1=/dev/console 2(cloexec)=/dev/console 3=pipe:[1] 4=reserved 6=pipe:[2]\n"
	       "2: 5=pipe:[2] 6=pipe:[1] 7=anon_inode:[eventpoll]\n"
	       "4: gone\n");
	expect(fdl_race_tables(NULL, 0), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_are_numbers_errors_or_signs),
		cmocka_unit_test(calls_have_what_they_filled_in_once_they_have_returned),
		cmocka_unit_test(tables_have_runs_of_descriptors_and_numbers_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
