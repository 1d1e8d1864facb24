/*
 * Control files: writers that wait until their call returns, and replies that come after the write.
 */
#include "support/control_lab.h"

#include <errno.h>
#include <poll.h>

static void a_blocked_line_keeps_its_writer_waiting(void **state)
{
	struct fdl_handle *h = open_file("control", O_RDWR);
	struct waiter w = { 0 };

	(void)state;
	assert_reply("pipe([3, 4]) = 0\nfork() = 2\n", "1 pipe([3, 4]) = 0\n1 fork() = 2\n");
	assert_int_equal(fdl_write(h, "2 read 3 10\n", 12, 0, tell, &w), -EINPROGRESS);
	assert_int_equal(w.told, 0);
	assert_int_equal(fdl_poll(h), 0);
	assert_reply("1 write 4 hello\n", "1 write(4, \"hello\", 5) = 5\n");
	assert_int_equal(w.told, 1);
	assert_int_equal(w.result, 12);
	assert_int_equal(fdl_poll(h), POLLIN | POLLOUT);
	assert_string_equal(replies(h), "2 read(3, \"hello\", 10) = 5\n");
	fdl_close(h);
}

/* Its error must not be given to a writer that returns later. */
static void a_call_that_is_in_progress_has_returned(void **state)
{
	struct fdl_handle *h = open_file("control", O_RDWR);
	const char line[] = "1 connect 4 127.0.0.1:80\n";
	struct waiter w = { 0 };

	(void)state;
	assert_reply("socket AF_INET\nbind 3 :80\nlisten 3\n"
		     "socket AF_INET SOCK_STREAM|SOCK_NONBLOCK\n",
		     "1 socket(AF_INET, SOCK_STREAM, 0) = 3\n"
		     "1 bind(3, {sa_family=AF_INET, sin_port=htons(80), "
		     "sin_addr=inet_addr(\"127.0.0.1\")}, 16) = 0\n"
		     "1 listen(3, 4096) = 0\n"
		     "1 socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0) = 4\n");
	assert_int_equal(fdl_write(h, line, strlen(line), 0, tell, &w), -EAGAIN);
	assert_string_equal(replies(h), "1 connect(4, {sa_family=AF_INET, sin_port=htons(80), "
					"sin_addr=inet_addr(\"127.0.0.1\")}, 16) = -1 EINPROGRESS "
					"(Operation now in progress)\n");
	assert_int_equal(w.told, 0);
	fdl_close(h);
}

static void the_result_stated_by_a_waiting_line_is_compared_in_the_end(void **state)
{
	struct fdl_handle *h = open_file("control", O_RDWR);
	char line[] = "2 read(3, \"help\", 10) = 5\n";
	struct waiter w = { 0 };

	(void)state;
	assert_reply("pipe([3, 4]) = 0\nfork() = 2\n", "1 pipe([3, 4]) = 0\n1 fork() = 2\n");
	assert_int_equal(fdl_write(h, line, strlen(line), 0, tell, &w), -EINPROGRESS);
	memset(line, 'x', sizeof(line)); /* the buffer is no longer needed */
	assert_reply("1 write 4 hello\n", "1 write(4, \"hello\", 5) = 5\n");
	assert_string_equal(replies(h), "2 read(3, \"hello\", 10) = 5  # expected \"help\"\n");
	fdl_close(h);
}

static void a_waiting_write_fails_with_the_error_of_its_call(void **state)
{
	struct waiter w = { 0 };

	(void)state;
	assert_reply("fork() = 2\n", "1 fork() = 2\n");
	assert_int_equal(fdl_write(control, "1 wait4 2", 9, 0, tell, &w), -EINPROGRESS);
	fdl_interrupt(control);
	assert_int_equal(w.told, 1);
	assert_int_equal(w.result, -EINTR);
	assert_int_equal(strncmp(replies(control), "1 wait4(2, ", 11), 0);
	assert_reply("1 dup 0\n", "1 dup(0) = 3\n");
}

static void interrupting_a_writer_that_does_not_wait_does_nothing(void **state)
{
	(void)state;
	assert_reply("pipe\nread 3 10\n", "1 pipe([3, 4]) = 0\n1 read(3, ..., 10)\n");
	fdl_interrupt(control);
	assert_file("1/wchan", "pipe_read");
}

static void without_waiting_the_reply_comes_when_the_call_returns(void **state)
{
	char buf[64];

	(void)state;
	assert_reply("pipe([3, 4]) = 0\nfork() = 2\n", "1 pipe([3, 4]) = 0\n1 fork() = 2\n");
	assert_reply("2 read 3 10\n", "2 read(3, ..., 10)\n");
	assert_int_equal(fdl_read(control, buf, sizeof(buf), 0, O_NONBLOCK), -EAGAIN);
	assert_int_equal(fdl_read(control, buf, sizeof(buf), 0, 0), 0);
	assert_int_equal(fdl_poll(control), POLLOUT);
	assert_int_equal(submit("write 4 hello\n"), 0);
	assert_int_equal(fdl_poll(control), POLLIN | POLLOUT);
	assert_string_equal(replies(control), "2 <... read resumed>\"hello\", 10) = 5\n");
	assert_int_equal(fdl_read(control, buf, sizeof(buf), 0, O_NONBLOCK), 0);
}

static void in_several_lines_a_blocked_call_stays_in_flight(void **state)
{
	(void)state;
	assert_reply("pipe\nfork\n2 read(3, \"he\"..., 10)\n1 write 4 hello\n2 dup 0\n",
		     "1 pipe([3, 4]) = 0\n1 fork() = 2\n"
		     "2 read(3, ..., 10)\n"
		     "1 write(4, \"hello\", 5) = 5\n"
		     "2 <... read resumed>\"hello\", 10) = 5\n"
		     "2 dup(0) = 5\n");
}

static void a_stated_result_of_a_call_that_blocks_did_not_come(void **state)
{
	(void)state;
	assert_reply("pipe\nread(3, \"x\", 1) = 1\n\n",
		     "1 pipe([3, 4]) = 0\n1 read(3, ..., 1)  # expected 1\n");
}

static void a_call_goes_on_without_the_handle_that_started_it(void **state)
{
	struct fdl_handle *h = open_file("control", O_RDWR);
	struct waiter w = { 0 };

	(void)state;
	assert_reply("pipe\nfork\n1 fork\n", "1 pipe([3, 4]) = 0\n1 fork() = 2\n1 fork() = 3\n");
	assert_int_equal(put(h, "2 read 3 1\n"), 11);
	assert_int_equal(fdl_write(h, "3 read 3 1\n", 11, 0, tell, &w), -EINPROGRESS);
	fdl_close(h);
	assert_reply("1 write 4 ab\n", "1 write(4, \"ab\", 2) = 2\n");
	assert_int_equal(w.told, 0);
	assert_file("2/control", "<... read resumed>\"a\", 1) = 1\n");
	assert_file("3/control", "<... read resumed>\"b\", 1) = 1\n");
}

static void several_writers_of_one_handle_wait_each_for_its_own(void **state)
{
	struct waiter a = { 0 }, b = { 0 };

	(void)state;
	assert_reply("pipe\nfork\n1 fork\n", "1 pipe([3, 4]) = 0\n1 fork() = 2\n1 fork() = 3\n");
	assert_int_equal(fdl_write(control, "2 read 3 1", 10, 0, tell, &a), -EINPROGRESS);
	assert_int_equal(fdl_write(control, "3 read 3 1\n", 11, 0, tell, &b), -EINPROGRESS);
	assert_int_equal(submit("write 4 a"), 0);
	assert_int_equal(a.told, 1);
	assert_int_equal(a.result, 10);
	assert_int_equal(b.told, 0);
	assert_int_equal(submit("write 4 b"), 0);
	assert_int_equal(b.told, 1);
	assert_int_equal(b.result, 11);
}

static void a_task_killed_in_a_call_tells_its_writer(void **state)
{
	struct waiter w = { 0 };

	(void)state;
	assert_reply("pipe\nfork\n", "1 pipe([3, 4]) = 0\n1 fork() = 2\n");
	assert_int_equal(fdl_write(control, "2 read 3 1", 10, 0, tell, &w), -EINPROGRESS);
	assert_int_equal(submit("1 kill 2 9"), 0);
	assert_int_equal(w.told, 1);
	assert_int_equal(w.result, -EINTR);
	assert_string_equal(replies(control), "2 read(3, ..., 1) = ?\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		control_test(a_blocked_line_keeps_its_writer_waiting),
		control_test(a_call_that_is_in_progress_has_returned),
		control_test(the_result_stated_by_a_waiting_line_is_compared_in_the_end),
		control_test(a_waiting_write_fails_with_the_error_of_its_call),
		control_test(interrupting_a_writer_that_does_not_wait_does_nothing),
		control_test(without_waiting_the_reply_comes_when_the_call_returns),
		control_test(in_several_lines_a_blocked_call_stays_in_flight),
		control_test(a_stated_result_of_a_call_that_blocks_did_not_come),
		control_test(a_call_goes_on_without_the_handle_that_started_it),
		control_test(several_writers_of_one_handle_wait_each_for_its_own),
		control_test(a_task_killed_in_a_call_tells_its_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
