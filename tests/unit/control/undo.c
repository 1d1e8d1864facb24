/*
 * undo, redo and goto: they restore the machine, change the log and tell its followers, and end
 * writes that wait; of a machine that runs its lines again, and of one with checkpoints.
 * tests/fuzz/fuzz_history goes around in the pasts of random programs.
 */
#include "fdlab.h"
#include "support/history_lab.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

/* Writes lines whose replies do not matter. */
static void run(const char *lines)
{
	put(control, lines);
	while (*replies(control))
		;
}

static void assert_open(const char *list)
{
	assert_file("1/files/open_fds_list", list);
}

static void undo_takes_lines_back_and_redo_brings_them_again(void **state)
{
	(void)state;
	run("dup(0)\ndup(0)\ndup(0)\n");
	assert_int_equal(submit("undo"), 0);
	assert_open("0-4\n");
	assert_int_equal(submit("undo 2"), 0);
	assert_open("0-2\n");
	assert_int_equal(submit("redo"), 0);
	assert_open("0-3\n");
	assert_int_equal(submit("redo 2"), 0);
	assert_open("0-5\n");
	assert_int_equal(submit("goto 1 # the first"), 0);
	assert_open("0-3\n");
	assert_int_equal(submit("goto 3"), 0);
	assert_open("0-5\n");
	assert_int_equal(fdl_undo(m, 3), 0);
	assert_int_equal(fdl_redo(m, 1), 0);
	assert_int_equal(fdl_goto(m, 2), 0);
	assert_open("0-4\n");
}

static void the_log_says_what_is_undone(void **state)
{
	(void)state;
	run("dup(0)\ndup2(0, 9)\nclose(9)\n");
	submit("undo 2");
	assert_file("log", "1 dup(0) = 3\n# lines 2 to 3 are undone\n");
	submit("redo");
	assert_file("log", "1 dup(0) = 3\n1 dup2(0, 9) = 9\n# line 3 is undone\n");
	submit("redo");
	assert_file("log", "1 dup(0) = 3\n1 dup2(0, 9) = 9\n1 close(9) = 0\n");
}

static void another_call_is_another_future(void **state)
{
	(void)state;
	run("dup(0)\ndup(0)\n");
	submit("undo");
	submit("nonsense");
	assert_int_equal(submit("redo"), 0);
	submit("undo");
	run("close(0)\n");
	assert_refused("redo", ENOENT, "# line 1: 0 lines can be redone\n");
	assert_file("log", "1 dup(0) = 3\n# line 2 is undone\n1 close(0) = 0\n");
	/* The comment is no step. */
	submit("undo 2");
	assert_open("0-2\n");
	submit("goto 3");
	assert_open("1-3\n");
}

static void lines_that_there_are_not_are_ENOENT(void **state)
{
	(void)state;
	run("dup(0)\n");
	assert_refused("undo 2", ENOENT, "# line 1: 1 lines can be undone\n");
	assert_refused("goto 2", ENOENT, "# line 1: the last line is 1\n");
	assert_refused("goto", EINVAL, "# line 1: expected a number of lines, got \"\"\n");
	assert_refused("undo x", EINVAL, "# line 1: expected a number of lines, got \"x\"\n");
	submit("reset nofile=20");
	assert_refused("undo", ENOENT, "# line 1: 0 lines can be undone\n");
	assert_int_equal(submit("goto 0"), 0);
	assert_file("log", "option nofile=20\n");
}

static void a_log_without_its_beginning_cannot_be_undone(void **state)
{
	(void)state;
	submit("reset log=65536");
	for (int i = 0; i < 5000; i++)
		run("dup2(0, 9)\n");
	assert_refused("undo", ENOENT,
		       "# line 1: the log has lost its beginning (see the option log)\n");
}

static void a_write_waits_on_for_a_call_that_is_not_undone(void **state)
{
	struct waiter w = { 0 };
	struct fdl_handle *h;

	(void)state;
	run("pipe\nfork\n");
	h = open_file("2/control", O_RDWR);
	assert_int_equal(fdl_write(h, "read 3 10 = 5\n", 14, 0, tell, &w), -EINPROGRESS);
	run("1 dup(0)\n1 dup(0)\n");
	submit("undo 2");
	assert_int_equal(w.told, 0);
	assert_false(fdl_poll(h) & POLLOUT);
	submit("redo");
	assert_int_equal(w.told, 0);
	run("1 write 4 hi\n");
	assert_int_equal(w.told, 1);
	assert_int_equal(w.result, 14);
	assert_string_equal(replies(h), "read(3, \"hi\", 10) = 2  # expected 5\n");
	fdl_close(h);
}

static void a_write_ends_whose_call_is_undone(void **state)
{
	struct fdl_handle *h;
	struct waiter w = { 0 };

	(void)state;
	run("pipe\nfork\n");
	h = open_file("2/control", O_RDWR);
	assert_int_equal(fdl_write(h, "read 3 10\n", 10, 0, tell, &w), -EINPROGRESS);
	submit("undo");
	assert_int_equal(w.told, 1);
	assert_int_equal(w.result, -EINTR);
	assert_true(fdl_poll(h) & POLLOUT);
	/* It is in flight again, and nothing waits for it. */
	submit("redo");
	assert_file("2/wchan", "pipe_read");
	run("1 write 4 hi\n");
	assert_int_equal(w.told, 1);
	submit("goto 1");
	assert_int_equal(fdl_write(h, "dup 0\n", 6, 0, tell, &w), -ESRCH);
	fdl_close(h);
}

static void a_write_of_finish_ends_when_its_call_stops_again(void **state)
{
	struct fdl_handle *h;
	struct waiter w = { 0 };

	(void)state;
	run("pipe\nclone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD)\n"
	    "2 read(3, ..., 10 <unfinished at fget:slot ...>\n");
	h = open_file("2/control", O_RDWR);
	assert_int_equal(fdl_write(h, "finish\n", 7, 0, tell, &w), -EINPROGRESS);
	submit("undo");
	assert_int_equal(w.told, 1);
	assert_int_equal(w.result, -EINTR);
	assert_in_file("2/stack", "fget");
	fdl_close(h);
}

static void followers_see_a_file_that_was_truncated(void **state)
{
	struct fdl_handle *h;
	char buf[256];
	ssize_t n;

	(void)state;
	run("dup(0)\ndup(0)\ndup(0)\n");
	h = open_file("log", O_RDONLY);
	n = fdl_read(h, buf, sizeof(buf), 0, 0);
	assert_int_equal(n, 3 * strlen("1 dup(0) = 3\n"));
	assert_false(fdl_poll(h) & POLLIN);
	submit("undo 3");
	assert_true(fdl_poll(h) & POLLIN);
	assert_int_equal(fdl_read(h, buf, sizeof(buf), n, 0), 0);
	n = fdl_read(h, buf, sizeof(buf), 0, 0);
	assert_int_equal(n, strlen("# lines 1 to 3 are undone\n"));
	fdl_close(h);
}

static void errors_of_lines_that_are_undone_are_gone(void **state)
{
	(void)state;
	run("close(9)\nclose(8)\n");
	submit("undo");
	assert_file("errors", "1 close(9) = -1 EBADF (Bad file descriptor)\n");
	submit("redo");
	assert_file("errors", "1 close(9) = -1 EBADF (Bad file descriptor)\n"
			      "1 close(8) = -1 EBADF (Bad file descriptor)\n");
}

/* The checkpoint has the call, whose line is no longer in the buffer that was written. */
static void a_write_waits_on_where_the_machine_is_put_back(void **state)
{
	char line[] = "read 3 10 = 5\n";
	struct waiter w = { 0 };
	struct fdl_handle *h;

	(void)state;
	run("pipe\nfork\n");
	h = open_file("2/control", O_RDWR);
	assert_int_equal(fdl_write(h, line, 14, 0, tell, &w), -EINPROGRESS);
	memset(line, 'x', sizeof(line));
	for (int i = 0; i < 2500; i++)
		run("1 dup2(0, 9)\n");
	for (int i = 0; i < 3; i++) {
		submit("undo 200");
		assert_int_equal(w.told, 0);
		assert_false(fdl_poll(h) & POLLOUT);
	}
	submit("redo 300");
	assert_file("2/wchan", "pipe_read");
	run("1 write 4 hi\n");
	assert_int_equal(w.told, 1);
	assert_int_equal(w.result, 14);
	assert_string_equal(replies(h), "read(3, \"hi\", 10) = 2  # expected 5\n");
	fdl_close(h);
}

/* Handles that were opened after the checkpoint, and texts of replies, are not put back. */
static void handles_and_replies_stay_when_the_machine_is_put_back(void **state)
{
	struct fdl_handle *h;

	(void)state;
	for (int i = 0; i < 2500; i++)
		run("dup2(0, 9)\n");
	h = open_file("1/control", O_RDWR);
	put(h, "dup2(0, 10)\ndup2(0, 11)\n");
	put(control, "dup2(0, 12)\nundo 2\ndup2(0, 13)\n");
	assert_string_equal(replies(control), "1 dup2(0, 12) = 12\n1 dup2(0, 13) = 13\n");
	assert_string_equal(replies(h), "dup2(0, 10) = 10\ndup2(0, 11) = 11\n");
	assert_open("0-2,9-10,13\n");
	put(h, "close(9)\n");
	assert_open("0-2,10,13\n");
	fdl_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		control_test(undo_takes_lines_back_and_redo_brings_them_again),
		control_test(the_log_says_what_is_undone),
		control_test(another_call_is_another_future),
		control_test(lines_that_there_are_not_are_ENOENT),
		control_test(a_log_without_its_beginning_cannot_be_undone),
		control_test(a_write_waits_on_for_a_call_that_is_not_undone),
		control_test(a_write_ends_whose_call_is_undone),
		control_test(a_write_of_finish_ends_when_its_call_stops_again),
		control_test(followers_see_a_file_that_was_truncated),
		control_test(errors_of_lines_that_are_undone_are_gone),
	};
	const struct CMUnitTest past_tests[] = {
		history_test(undo_takes_lines_back_and_redo_brings_them_again),
		history_test(the_log_says_what_is_undone),
		history_test(another_call_is_another_future),
		history_test(lines_that_there_are_not_are_ENOENT),
		history_test(a_log_without_its_beginning_cannot_be_undone),
		history_test(a_write_waits_on_for_a_call_that_is_not_undone),
		history_test(a_write_ends_whose_call_is_undone),
		history_test(a_write_of_finish_ends_when_its_call_stops_again),
		history_test(followers_see_a_file_that_was_truncated),
		history_test(errors_of_lines_that_are_undone_are_gone),
		history_test(a_write_waits_on_where_the_machine_is_put_back),
		history_test(handles_and_replies_stay_when_the_machine_is_put_back),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return cmocka_run_group_tests(past_tests, NULL, NULL) + failed;
}
