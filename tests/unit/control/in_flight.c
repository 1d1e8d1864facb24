/*
 * Control files: strace's lines about calls in flight, which stop at a preemption point, go on, and
 * end.
 */
#include "support/control_lab.h"

#include <errno.h>

static void an_unfinished_call_stops_and_is_resumed(void **state)
{
	(void)state;
	assert_reply("dup(0 <unfinished at fd_install ...>\n",
		     "1 dup(0 <unfinished at fd_install ...>\n");
	assert_file("1/files/open_fds_list", "0-3\n");
	assert_reply("<... dup resumed>) = 3\n", "1 <... dup resumed>) = 3\n");
	assert_file("1/fd/3", "/dev/console");
	assert_reply("dup(0 <unfinished at fd_install ...>\n<... dup resumed>) = 3\n",
		     "1 dup(0 <unfinished at fd_install ...>\n"
		     "1 <... dup resumed>) = 4  # expected 3\n");
}

static void a_stopped_call_is_stepped_and_finished(void **state)
{
	(void)state;
	assert_reply("dup(0 <unfinished ...>\n", "1 dup(0 <unfinished at fget:fdt ...>\n");
	assert_reply("step\n", "1 dup(0 <unfinished at fget:slot ...>\n");
	assert_reply("step fd_install\n", "1 dup(0 <unfinished at fd_install ...>\n");
	assert_reply("finish\n", "1 <... dup resumed>) = 3\n");
	assert_refused("finish\n", EINVAL, "# line 1: task 1 is in no call\n");
	assert_refused("step\n", EINVAL, "# line 1: task 1 is in no call\n");
}

static void another_handle_may_finish_a_call(void **state)
{
	(void)state;
	assert_reply("dup(0 <unfinished ...>\n", "1 dup(0 <unfinished at fget:fdt ...>\n");
	assert_int_equal(submit("finish"), 0);
	assert_string_equal(replies(control), "");
	assert_file("1/fd/3", "/dev/console");
}

static void finishing_into_a_blocking_call_keeps_the_writer_waiting(void **state)
{
	struct waiter w = { 0 };

	(void)state;
	assert_reply("pipe\nclone(child_stack=NULL, flags=CLONE_FILES) = 2\n"
		     "2 read(3, <unfinished ...>\n",
		     "1 pipe([3, 4]) = 0\n1 clone(child_stack=NULL, flags=CLONE_FILES) = 2\n"
		     "2 read(3, ..., 4096 <unfinished at fget:fdt ...>\n");
	assert_int_equal(fdl_write(control, "2 finish", 8, 0, tell, &w), -EINPROGRESS);
	assert_int_equal(submit("write 4 x"), 0);
	assert_int_equal(w.told, 1);
	assert_int_equal(w.result, 8);
	assert_string_equal(replies(control), "2 <... read resumed>\"x\", 4096) = 1\n");
}

static void resumed_says_that_a_call_has_returned(void **state)
{
	(void)state;
	assert_reply("pipe\nfork\n2 read 3 10\n",
		     "1 pipe([3, 4]) = 0\n1 fork() = 2\n2 read(3, ..., 10)\n");
	assert_refused("2 <... read resumed>\"x\", 10) = 1\n", EALREADY,
		       "2 read(3, ..., 10)  # expected it to have returned\n");
	assert_reply("1 write 4 x\n", "1 write(4, \"x\", 1) = 1\n"
				      "2 <... read resumed>\"x\", 10) = 1\n");
	assert_refused("2 <... write resumed>) = 1\n", EINVAL,
		       "# line 1: column 8: task 2 is in read\n");
	assert_reply("2 <... read resumed>\"y\", 10) = 1\n",
		     "2 <... read resumed>\"x\", 10) = 1  # expected \"y\"\n");
	assert_refused("2 <... read resumed>\"x\", 10) = 1\n", EINVAL,
		       "# line 1: column 8: task 2 is in no call\n");
}

static void an_outcome_is_kept_until_the_tasks_next_line(void **state)
{
	(void)state;
	assert_reply("pipe\nfork\n2 read 3 10\n1 write 4 x\n2 dup 0\n2 <... read resumed>\"x\", "
		     "10) = 1\n",
		     "1 pipe([3, 4]) = 0\n1 fork() = 2\n2 read(3, ..., 10)\n"
		     "1 write(4, \"x\", 1) = 1\n2 <... read resumed>\"x\", 10) = 1\n"
		     "2 dup(0) = 5\n"
		     "# line 6: column 8: task 2 is in no call\n");
}

static void an_unfinished_call_that_has_no_point_is_over_and_can_be_resumed(void **state)
{
	(void)state;
	assert_reply("getpid( <unfinished ...>\n", "1 getpid() = 1\n");
	assert_reply("<... getpid resumed>) = 2\n", "1 <... getpid resumed>) = 1  # expected 2\n");
}

static void a_blocked_call_is_not_stepped(void **state)
{
	(void)state;
	assert_reply("pipe\nread 3 10\n", "1 pipe([3, 4]) = 0\n1 read(3, ..., 10)\n");
	assert_refused("step\n", EALREADY,
		       "1 read(3, ..., 10)  # it waits, and goes on by itself\n");
}

static void lines_about_the_end_of_a_task_end_it(void **state)
{
	(void)state;
	assert_reply("fork\n1 fork\n1 fork\n4 pipe\n4 read 3\n",
		     "1 fork() = 2\n1 fork() = 3\n1 fork() = 4\n4 pipe([3, 4]) = 0\n"
		     "4 read(3, ..., 4096)\n");
	assert_reply("2 +++ exited with 3 +++\n3 +++ killed by SIGKILL +++\n",
		     "2 +++ exited with 3 +++\n3 +++ killed by SIGKILL +++\n");
	assert_in_file("2/stat", " 768\n");
	assert_in_file("3/stat", " 9\n");
	assert_in_file("log", "2 +++ exited with 3 +++\n3 +++ killed by SIGKILL +++\n");
	/* In a call that blocks, and after a call that ended the task. */
	assert_int_equal(put(control, "4 +++ killed by SIGTERM +++\n"), 28);
	assert_in_file("4/status", "State:\tZ");
	(void)replies(control);
	assert_reply("4 +++ exited with 0 +++\n", "");
	assert_reply("99 +++ exited with 0 +++\n", "");
	assert_int_equal(put(control, "1 +++ killed by SIGNOTHING +++\n"), -EINVAL);
	assert_in_file("1/status", "State:\tR");
}

static void the_log_can_be_played_again(void **state)
{
	static const char lines[] = "pipe\nfork\n2 read 3 10\n1 write 4 x\n"
				    "1 dup(0 <unfinished ...>\n1 finish\n2 close 3\n"
				    "2 open(\"/nothing\", O_RDONLY)\n1 kill 2 9\n"
				    "2 +++ killed by SIGKILL +++\n1 wait4 2\n";
	char *log, *again;

	(void)state;
	assert_int_equal(put(control, lines), strlen(lines));
	log = text_of("log");
	assert_int_equal(put(control, "reset\n"), 6);
	(void)replies(control);
	assert_int_equal(put(control, log), strlen(log));
	again = text_of("log");
	assert_string_equal(log, again);
	assert_null(strstr(replies(control), "# "));
	free(log);
	free(again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		control_test(an_unfinished_call_stops_and_is_resumed),
		control_test(a_stopped_call_is_stepped_and_finished),
		control_test(another_handle_may_finish_a_call),
		control_test(finishing_into_a_blocking_call_keeps_the_writer_waiting),
		control_test(resumed_says_that_a_call_has_returned),
		control_test(an_outcome_is_kept_until_the_tasks_next_line),
		control_test(an_unfinished_call_that_has_no_point_is_over_and_can_be_resumed),
		control_test(a_blocked_call_is_not_stepped),
		control_test(lines_about_the_end_of_a_task_end_it),
		control_test(the_log_can_be_played_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
