/*
 * The lines of the transcript by their numbers, as a program that follows the log reads them.
 */
#include "fdlab.h"
#include "support/control_lab.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct fdl_transcript look(void)
{
	struct fdl_transcript t;

	fdl_transcript(m, &t);
	return t;
}

static void assert_lines(uint64_t first, size_t most, const char *expected)
{
	char *text;
	size_t len;

	assert_int_equal(fdl_transcript_lines(m, first, most, &text, &len), 0);
	assert_string_equal(text, expected);
	assert_int_equal(len, strlen(expected));
	free(text);
}

static void lines_are_numbered_from_1(void **state)
{
	(void)state;
	assert_int_equal(look().first, 1);
	assert_int_equal(look().last, 0);
	assert_lines(1, 100, "");
	submit("dup(0)");
	submit("dup(1)");
	assert_int_equal(look().last, 2);
	assert_lines(1, 100, "1 dup(0) = 3\n1 dup(1) = 4\n");
	assert_lines(2, 100, "1 dup(1) = 4\n");
	assert_lines(3, 100, "");
	assert_lines(9, 100, "");
}

static void a_text_ends_after_the_line_that_fills_it(void **state)
{
	(void)state;
	submit("dup(0)");
	submit("dup(1)");
	assert_lines(1, 1, "1 dup(0) = 3\n");
	assert_lines(1, 13, "1 dup(0) = 3\n");
	assert_lines(1, 14, "1 dup(0) = 3\n1 dup(1) = 4\n");
	assert_lines(1, 0, "");
}

static void turns_count_what_takes_lines_away(void **state)
{
	const uint64_t turns = look().turns;

	(void)state;
	submit("dup(0)");
	submit("dup(99)");
	submit("dup(");
	assert_int_equal(look().turns, turns);
	submit("undo");
	assert_int_equal(look().turns, turns + 1);
	assert_lines(1, 100, "1 dup(0) = 3\n# line 2 is undone\n");
	submit("redo");
	assert_int_equal(look().turns, turns + 2);
	submit("goto 0");
	assert_int_equal(look().turns, turns + 3);
	submit("reset");
	assert_int_equal(look().turns, turns + 4);
	assert_int_equal(look().last, 0);
}

static void a_step_that_takes_no_line_away_is_no_turn(void **state)
{
	const uint64_t turns = look().turns;

	(void)state;
	submit("dup(0)");
	submit("undo 9");
	submit("goto 1");
	submit("undo 0");
	submit("reset nofile=many");
	assert_int_equal(look().turns, turns);
	assert_int_equal(look().last, 1);
}

static void a_line_that_is_no_longer_kept_is_ENOENT(void **state)
{
	struct fdl_transcript t;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(submit("reset log=65536"), 0);
	for (int i = 0; i < 10000; i++)
		submit("close(9)");
	t = look();
	assert_true(t.first > 1);
	assert_true(t.last >= 10000);
	assert_int_equal(fdl_transcript_lines(m, t.first - 1, 100, &text, &len), -ENOENT);
	assert_lines(t.first, 1, "1 close(9) = -1 EBADF (Bad file descriptor)\n");
	assert_lines(t.last, 100, "1 close(9) = -1 EBADF (Bad file descriptor)\n");
}

static void a_moment_has_the_lines_up_to_it(void **state)
{
	struct fdl_history *history;
	struct fdl_machine *then;
	struct fdl_transcript t;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(fdl_history_new(m, 0, &history), 0);
	submit("dup(0)");
	submit("dup(1)");
	assert_int_equal(fdl_history_at(history, 1, &then), 0);
	fdl_transcript(then, &t);
	assert_int_equal(t.last, 1);
	assert_int_equal(fdl_transcript_lines(then, 1, 100, &text, &len), 0);
	assert_string_equal(text, "1 dup(0) = 3\n");
	free(text);
	fdl_history_free(history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		control_test(lines_are_numbered_from_1),
		control_test(a_text_ends_after_the_line_that_fills_it),
		control_test(turns_count_what_takes_lines_away),
		control_test(a_step_that_takes_no_line_away_is_no_turn),
		control_test(a_line_that_is_no_longer_kept_is_ENOENT),
		control_test(a_moment_has_the_lines_up_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
