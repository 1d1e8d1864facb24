/*
 * Histories: the machine as it was after any line of its log. tests/fuzz/fuzz_history compares
 * whole trees of random programs.
 */
#include "fdlab.h"
#include "support/history_lab.h"
#include "support/tree_text.h"

#include <errno.h>
#include <stdio.h>

static void start_over(const char *options, size_t memory)
{
	char line[128];

	fdl_history_free(history);
	assert_int_equal(fdl_history_new(m, memory, &history), 0);
	snprintf(line, sizeof(line), "reset %s", options);
	assert_int_equal(submit(line), 0);
}

static uint64_t last_line(void)
{
	uint64_t first, last;

	fdl_history_range(history, &first, &last);
	return last;
}

/* A file as it was after a line. */
static void assert_then(uint64_t n, const char *path, const char *expected)
{
	struct fdl_machine *then;
	char *text;
	size_t len;

	assert_int_equal(fdl_history_at(history, n, &then), 0);
	assert_int_equal(fdl_read_file(then, path, &text, &len), 0);
	assert_string_equal(text, expected);
	free(text);
}

static void a_table_is_there_as_it_was_after_each_line(void **state)
{
	(void)state;
	put(control, "dup(0)\ndup2(0, 10)\nclose(3)\n");
	for (int i = 0; i < 3; i++) {
		assert_then(0, "1/files/open_fds_list", "0-2\n");
		assert_then(2, "1/files/open_fds_list", "0-3,10\n");
		assert_then(1, "1/files/open_fds_list", "0-3\n");
		assert_then(3, "1/files/open_fds_list", "0-2,10\n");
	}
}

static void records_end_where_they_ended_then(void **state)
{
	(void)state;
	put(control, "close(9)\ndup(0)\n");
	assert_then(0, "log", "");
	assert_then(0, "errors", "");
	assert_then(1, "log", "1 close(9) = -1 EBADF (Bad file descriptor)\n");
	assert_then(1, "errors", "1 close(9) = -1 EBADF (Bad file descriptor)\n");
	assert_then(1, "control", "1 close(9) = -1 EBADF (Bad file descriptor)\n");
	assert_then(2, "log", "1 close(9) = -1 EBADF (Bad file descriptor)\n1 dup(0) = 3\n");
	assert_then(2, "1/control", "dup(0) = 3\n");
}

static void a_line_that_was_refused_belongs_to_the_line_before(void **state)
{
	(void)state;
	put(control, "dup(0)\nnonsense\ndup(0)\n");
	assert_then(0, "1/control", "");
	assert_then(1, "1/control", "nonsense # column 1: there is no call \"nonsense\"\n");
	assert_then(2, "1/control", "dup(0) = 4\n");
}

static void calls_in_flight_are_where_they_were(void **state)
{
	(void)state;
	put(control, "pipe\nfork()\n2 read(3, ..., 10)\n1 dup2(0, 2 <unfinished at "
		     "filp_close ...>\n");
	put(control, "1 finish\n1 write(4, \"hello\", 5)\n");
	for (int i = 0; i < 2; i++) {
		assert_then(3, "2/wchan", "pipe_read");
		assert_then(4, "1/wchan", "filp_close");
		assert_then(6, "2/wchan", "0");
		assert_then(2, "2/wchan", "0");
		assert_then(5, "1/wchan", "0");
		assert_then(5, "2/wchan", "pipe_read");
	}
	/* The line that tells of the read that the write woke is no moment of its own. */
	assert_then(7, "2/wchan", "0");
	assert_int_equal(last_line(), 7);
}

static void nothing_can_be_changed(void **state)
{
	struct fdl_machine *then;
	struct fdl_handle *h;
	fdl_ino ino;

	(void)state;
	submit("dup(0)");
	assert_int_equal(fdl_history_at(history, 0, &then), 0);
	assert_int_equal(fdl_walk(then, "1/control", &ino), 0);
	assert_int_equal(fdl_open(then, ino, O_WRONLY, &h), -EROFS);
	assert_int_equal(fdl_write_file(then, "sys/fs/nr_open", "64", 2), -EROFS);
}

static void options_and_limits_that_were_set_are_part_of_it(void **state)
{
	(void)state;
	start_over("nofile=20 kernel=linux", 0);
	put(control, "dup(0)\n");
	assert_int_equal(fdl_write_file(m, "sys/fs/nr_open", "4096\n", 5), 0);
	put(control, "dup(0)\nclock +2\n");
	assert_then(0, "log", "option nofile=20\n");
	assert_then(1, "log", "option nofile=20\n");
	assert_then(2, "sys/fs/nr_open", "1048576\n");
	assert_then(3, "sys/fs/nr_open", "4096\n");
	assert_then(4, "uptime", "0.00 0.00\n");
	assert_then(5, "uptime", "2.00 2.00\n");
}

static void lines_that_there_are_not_are_ENOENT(void **state)
{
	struct fdl_machine *then;

	(void)state;
	submit("dup(0)");
	assert_int_equal(fdl_history_at(history, 2, &then), -ENOENT);
	assert_int_equal(fdl_history_at(history, UINT64_MAX, &then), -ENOENT);
	submit("reset");
	assert_int_equal(fdl_history_at(history, 1, &then), -ENOENT);
	assert_int_equal(fdl_history_at(history, 0, &then), 0);
}

static void a_machine_has_one_history(void **state)
{
	struct fdl_history *other;

	(void)state;
	assert_int_equal(fdl_history_new(m, 0, &other), -EBUSY);
}

/* Lines that open and close descriptors, from 3 to 52 and again. */
static void write_many(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		char lines[64];

		snprintf(lines, sizeof(lines), "dup2(0, %u)\nclose(%u)\n", 3 + i % 50, 3 + i % 50);
		put(control, lines);
	}
}

/* The table after n of these lines, which other lines stand before. */
static void assert_many(uint64_t n, uint64_t before)
{
	const unsigned fd = 3 + (unsigned)(n / 2 % 50);
	char expected[32] = "0-2\n";

	if (n % 2)
		snprintf(expected, sizeof(expected), fd == 3 ? "0-%u\n" : "0-2,%u\n", fd);
	assert_then(before + n, "1/files/open_fds_list", expected);
}

static void moments_of_a_long_log_are_there_in_any_order(void **state)
{
	(void)state;
	write_many(10000);
	for (uint64_t n = 20000; n >= 7; n -= n / 3)
		assert_many(n, 0);
	for (uint64_t n = 9990; n < 10010; n++)
		assert_many(n, 0);
	for (uint64_t n = 4105; n > 4090; n--)
		assert_many(n, 0);
}

/*
 * By single lines and by many, far enough for the gaps between checkpoints to be filled on the way.
 */
static void steps_back_go_over_many_checkpoints(void **state)
{
	(void)state;
	write_many(5000);
	for (int i = 0; i < 2; i++) {
		for (uint64_t n = 9990; n > 3000; n--)
			assert_many(n, 0);
		for (uint64_t n = 9999; n > 200; n -= 190)
			assert_many(n, 0);
		fdl_history_idle(history);
	}
}

/* The table of its calls is not the machine's that makes it. */
static void a_kernel_that_a_reset_is_the_first_to_name_stays(void **state)
{
	(void)state;
	assert_int_equal(submit("reset kernel=netbsd"), 0);
	assert_int_equal(submit("dup(0)"), 0);
	assert_then(0, "1/comm", "init\n");
	assert_int_equal(submit("undo"), 0);
	assert_int_equal(submit("reset kernel=linux"), 0);
	assert_int_equal(submit("reset kernel=netbsd"), 0);
	assert_int_equal(submit("dup(0)"), 0);
}

static void memory_is_bounded(void **state)
{
	(void)state;
	start_over("", 1 << 20);
	for (int i = 0; i < 5; i++) {
		write_many(4000);
		for (uint64_t n = last_line(); n >= 7; n -= n / 3)
			assert_many(n, 0);
		assert_in_range(fdl_history_memory(history), 1, 1 << 20);
	}
	fdl_history_idle(history);
	assert_many(12345, 0);
}

static void of_a_log_that_lost_its_beginning_the_rest_is_there(void **state)
{
	struct fdl_machine *then;
	uint64_t first, last;

	(void)state;
	start_over("log=65536", 0);
	write_many(10000);
	fdl_history_range(history, &first, &last);
	assert_in_range(first, 1, last - 500);
	assert_int_equal(fdl_history_at(history, first - 1, &then), -ENOENT);
	for (uint64_t n = first; n <= last; n++) {
		assert_int_equal(fdl_history_at(history, n, &then), 0);
		if (n % 99 == 0)
			assert_many(n - 1, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		history_test(a_table_is_there_as_it_was_after_each_line),
		history_test(records_end_where_they_ended_then),
		history_test(a_line_that_was_refused_belongs_to_the_line_before),
		history_test(calls_in_flight_are_where_they_were),
		history_test(nothing_can_be_changed),
		history_test(options_and_limits_that_were_set_are_part_of_it),
		history_test(lines_that_there_are_not_are_ENOENT),
		history_test(a_machine_has_one_history),
		history_test(moments_of_a_long_log_are_there_in_any_order),
		history_test(steps_back_go_over_many_checkpoints),
		history_test(a_kernel_that_a_reset_is_the_first_to_name_stays),
		history_test(memory_is_bounded),
		history_test(of_a_log_that_lost_its_beginning_the_rest_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
