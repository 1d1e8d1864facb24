/*
 * Control files: lines and their replies, refused lines, and the commands of the machine.
 */
#include "support/control_lab.h"

#include <errno.h>
#include <poll.h>

/* ---- lines and their outcomes ---- */

static void one_line_succeeds_or_fails_as_its_call(void **state)
{
	(void)state;
	assert_reply("dup2(0, 10)\n", "1 dup2(0, 10) = 10\n");
	assert_reply("dup2 0 10", "1 dup2(0, 10) = 10\n");
	assert_refused("dup2 9 10\n", EBADF, "1 dup2(9, 10) = -1 EBADF (Bad file descriptor)\n");
}

static void several_lines_are_all_run_and_the_write_succeeds(void **state)
{
	(void)state;
	assert_reply("close 9\ndup 0\n\n# a comment\nopen /etc/passwd\n",
		     "1 close(9) = -1 EBADF (Bad file descriptor)\n"
		     "1 dup(0) = 3\n"
		     "1 open(\"/etc/passwd\", O_RDONLY) = 4\n");
}

static void a_last_line_needs_no_newline(void **state)
{
	(void)state;
	assert_reply("dup 0\ndup 0", "1 dup(0) = 3\n1 dup(0) = 4\n");
}

static void lines_without_a_call_have_no_reply(void **state)
{
	(void)state;
	assert_reply("\n", "");
	assert_reply("  # nothing\n", "");
	assert_reply("\n \t\n\n", "");
	assert_reply("1 --- SIGCHLD {si_signo=SIGCHLD} ---\n", "");
	assert_int_equal(fdl_write(control, "", 0, 0, NULL, NULL), 0);
}

static void a_line_without_a_pid_goes_to_the_pid_of_the_line_before(void **state)
{
	(void)state;
	assert_reply("fork() = 2\n2 dup(0) = 3\ndup(0) = 4\n",
		     "1 fork() = 2\n2 dup(0) = 3\n2 dup(0) = 4\n");
	assert_reply("dup 0\n", "2 dup(0) = 5\n");
	assert_reply("[pid 1] dup 0\n", "1 dup(0) = 3\n");
}

static void every_handle_has_a_pid_of_its_own(void **state)
{
	struct fdl_handle *other = open_file("control", O_RDWR);

	(void)state;
	assert_reply("fork() = 2\n2 dup(0) = 3\n", "1 fork() = 2\n2 dup(0) = 3\n");
	assert_int_equal(put(other, "dup 0"), 5);
	assert_string_equal(replies(other), "1 dup(0) = 3\n");
	fdl_close(other);
}

static void a_result_that_comes_out_otherwise_is_told(void **state)
{
	(void)state;
	assert_reply("dup2(0, 10) = 10\n", "1 dup2(0, 10) = 10\n");
	assert_reply("dup2(0, 10) = 11\n", "1 dup2(0, 10) = 10  # expected 11\n");
	assert_reply("dup2(0, 10) = -1 EBUSY\n", "1 dup2(0, 10) = 10  # expected -1 EBUSY\n");
	assert_reply("dup2(0, 10) = ?\n", "1 dup2(0, 10) = 10\n");
	assert_refused("dup2(9, 10) = -1 EINVAL\n", EBADF,
		       "1 dup2(9, 10) = -1 EBADF (Bad file descriptor)  # expected -1 EINVAL\n");
	assert_refused("dup2(9, 10) = -1 EBADF\n", EBADF,
		       "1 dup2(9, 10) = -1 EBADF (Bad file descriptor)\n");
}

static void buffers_are_compared_where_they_are_written_out(void **state)
{
	(void)state;
	assert_reply("pipe([3, 4]) = 0\n", "1 pipe([3, 4]) = 0\n");
	assert_reply("pipe([3, 4]) = 0\n", "1 pipe([5, 6]) = 0  # expected [3, 4]\n");
	assert_reply("write(4, \"hello\", 5)\n", "1 write(4, \"hello\", 5) = 5\n");
	assert_reply("read(3, \"he\"..., 5)\n", "1 read(3, \"hello\", 5) = 5\n");
}

static void short_spellings_and_commands_find_their_rows(void **state)
{
	(void)state;
	assert_int_equal(put(control, "exec /bin/sh\n"), 13);
	assert_int_equal(strncmp(replies(control), "1 execve(\"/bin/sh\"", 18), 0);
	assert_reply("fcntl 0 F_GETFD\n", "1 fcntl(0, F_GETFD) = 0\n");
	assert_reply("fcntl(0, F_DUPFD, 20)\n", "1 fcntl(0, F_DUPFD, 20) = 20\n");
}

/* ---- what is wrong ---- */

static void what_is_no_call_is_EINVAL_and_explained(void **state)
{
	(void)state;
	assert_refused("dup2(\n", EINVAL,
		       "# line 1: column 6: expected a value, got the end of the line\n");
	assert_refused("dpu2 3 10\n", EINVAL,
		       "# line 1: column 1: there is no call \"dpu2\" (did you mean \"dup2\"?)\n");
	assert_refused("2 clock +1\n", EINVAL,
		       "# line 1: column 3: clock is for the machine's control file, without a "
		       "pid\n");
	assert_int_equal(put(control, "dup2(0, \"x\")\n"), -EINVAL);
	assert_int_equal(strncmp(replies(control), "# line 1: column 9: ", 20), 0);
	assert_int_equal(put(control, "dup2(1)\n"), -EINVAL);
	assert_int_equal(put(control, "dup2(0, 1, 2)\n"), -EINVAL);
	assert_int_equal(put(control, "open(\"/tmp/x\n"), -EINVAL);
	assert_int_equal(put(control, "= 3\n"), -EINVAL);
	assert_file("1/files/open_fds_list", "0-2\n");
}

#define REMARK " = -1 ENOSYS (Function not implemented)  # not modelled\n"

static void what_the_kernel_has_and_the_model_has_not_is_ENOSYS_and_said(void **state)
{
	(void)state;
	assert_reply("1 open /etc/passwd\n1 ioctl 3 FIOQSIZE\n1 fcntl 0 77\n"
		     "1 ioctl 3 TCGETS\n1 fcntl 9 77\n1 ioctl 3 FIGETBSZ\n"
		     "1 ioctl(3, _IOC(_IOC_READ, 0x66, 0x1, 0x8), [0])\n",
		     "1 open(\"/etc/passwd\", O_RDONLY) = 3\n"
		     "1 ioctl(3, FIOQSIZE) = -1 ENOSYS (Function not implemented)  # not modelled\n"
		     "1 fcntl(0, 0x4d, 0) = -1 EINVAL (Invalid argument)\n"
		     "1 ioctl(3, TCGETS) = -1 ENOTTY (Inappropriate ioctl for device)\n"
		     "1 fcntl(9, 0x4d, 0) = -1 EBADF (Bad file descriptor)\n"
		     "1 ioctl(3, FIGETBSZ) = -1 ENOSYS (Function not implemented)  # not modelled\n"
		     "1 ioctl(3, FS_IOC_GETFLAGS, [0])" REMARK);
}

static void a_system_call_that_is_not_modelled_is_ENOSYS_and_said(void **state)
{
	(void)state;
	assert_reply(
		"1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)\n"
		"1 socket(AF_INET6, SOCK_STREAM, 0)\n1 socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)\n"
		"1 munmap 0x1000 4096\n1 sched_yield()\n1 getrandom(\"\\1\"..., len=16, 0)\n"
		"1 mmapp(0)\n",
		"1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)" REMARK
		"1 socket(AF_INET6, SOCK_STREAM, 0)" REMARK
		"1 socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)" REMARK "1 munmap(0x1000, 4096)" REMARK
		"1 sched_yield()" REMARK "1 getrandom(\"\\1\"..., len=16, 0)" REMARK
		"# line 7: column 3: there is no call \"mmapp\"\n");
}

static void arguments_of_a_missing_call_in_the_shells_form_can_be_read_back(void **state)
{
#define GIVEN "1 mount(\"/dev/sda\", \"/mnt\", ext4, MS_RDONLY|MS_NOSUID, \"a\\\"(,\")"
	(void)state;
	assert_reply("1 mount /dev/sda /mnt ext4 MS_RDONLY|MS_NOSUID a\"(,\n" GIVEN "\n",
		     GIVEN REMARK GIVEN REMARK);
	assert_reply("1 mount x=\n1 mount NULL 3)\n",
		     "1 mount(\"x=\")" REMARK "1 mount(NULL, \"3)\")" REMARK);
	assert_reply("1 mount(a=b=3)\n1 mount(c(0)=y)\n",
		     "1 mount(\"b=3\")" REMARK "1 mount(NULL, NULL, y)" REMARK);
}

static void options_that_only_the_kernel_has_are_ENOSYS_and_said(void **state)
{
	(void)state;
	assert_reply("1 socket(AF_UNIX, SOCK_STREAM, 0)\n"
		     "1 setsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}, 8)\n"
		     "1 setsockopt(3, SOL_SOCKET, SO_TXTIME, \"\\2\\0\\0\\0\", 16)\n"
		     "1 getsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}, [8])\n"
		     "1 ioctl(3, SIOCATMARK)\n1 ioctl(3, TCGETS)\n"
		     "1 getsockopt(3, SOL_SOCKET, 9999, ..., [4])\n",
		     "1 socket(AF_UNIX, SOCK_STREAM, 0) = 3\n"
		     "1 setsockopt(3, SOL_SOCKET, SO_LINGER, [1, 5], 8)" REMARK
		     "1 setsockopt(3, SOL_SOCKET, SO_TXTIME, [2], 16)" REMARK
		     "1 getsockopt(3, SOL_SOCKET, SO_LINGER, ..., [8])" REMARK
		     "1 ioctl(3, SIOCATMARK)" REMARK
		     "1 ioctl(3, TCGETS) = -1 ENOTTY (Inappropriate ioctl for device)\n"
		     "1 getsockopt(3, SOL_SOCKET, 9999, ..., [4])"
		     " = -1 ENOPROTOOPT (Protocol not available)\n");
}

static void in_several_lines_a_wrong_one_is_told_by_its_number(void **state)
{
	(void)state;
	assert_reply("dup 0\n\ndpu 0\ndup 0\n",
		     "1 dup(0) = 3\n"
		     "# line 3: column 1: there is no call \"dpu\" (did you mean \"dup\"?)\n"
		     "1 dup(0) = 4\n");
}

static void a_NUL_byte_is_EINVAL(void **state)
{
	(void)state;
	assert_int_equal(fdl_write(control, "dup\0 0", 6, 0, NULL, NULL), -EINVAL);
	assert_int_equal(fdl_write(control, "\0", 1, 0, NULL, NULL), -EINVAL);
	assert_int_equal(fdl_write(control, "reset\0", 6, 0, NULL, NULL), -EINVAL);
	assert_file("1/files/open_fds_list", "0-2\n");
}

static void a_pid_that_is_not_there_is_ESRCH(void **state)
{
	(void)state;
	assert_refused("99 dup 0\n", ESRCH,
		       "99 dup(0) = -1 ESRCH (No such process)  # there is no task 99\n");
	assert_refused("99 dup(0) = -1 ESRCH\n", ESRCH,
		       "99 dup(0) = -1 ESRCH (No such process)  # there is no task 99\n");
	assert_reply("1 fork() = 2\n2 exit(0) = ?\n2 dup(0) = 3\n",
		     "1 fork() = 2\n2 exit(0) = ?\n"
		     "2 dup(0) = -1 ESRCH (No such process)  # task 2 has exited  # expected 3\n");
}

static char *filled(size_t len, size_t line)
{
	char *s = malloc(len + 1);

	assert_non_null(s);
	memset(s, '#', len);
	for (size_t i = line; i <= len; i += line)
		s[i - 1] = '\n';
	s[len] = '\0';
	return s;
}

static void writes_and_lines_that_are_too_long_change_nothing(void **state)
{
	char *s = filled(FDL_WRITE_MAX + 1, 100), *reply;

	(void)state;
	memcpy(s, "dup 0\n", 6);
	assert_int_equal(put(control, s), -EFBIG);
	assert_file("errors", "# control: a write has 524289 bytes, more than 524288; "
			      "no line of the write was run\n");
	/* It is no outcome. */
	assert_file("1/control", "");
	s[FDL_WRITE_MAX] = '\0';
	assert_int_equal(put(control, s), FDL_WRITE_MAX);
	assert_string_equal(replies(control), "1 dup(0) = 3\n");
	free(s);
	s = filled(FDL_LINE_MAX + 100, FDL_LINE_MAX + 99);
	memcpy(s, "dup 0\n", 6);
	assert_int_equal(put(control, s), -E2BIG);
	/*
	 * A line that is refused has no reply: a handle that was just opened does not show the last
	 * outcome.
	 */
	assert_in_file("errors",
		       "1 dup 0 # a line has more than 65536 bytes; no line of the write was run");
	assert_in_file("control", "dup 0 # a line has more than");
	assert_int_equal(fdl_run_line(m, s, &reply), -E2BIG);
	assert_string_equal(reply, "");
	free(reply);
	s[FDL_LINE_MAX + 6] = '\n';
	assert_int_equal(put(control, s), FDL_LINE_MAX + 100);
	free(s);
	assert_file("1/files/open_fds_list", "0-4\n");
}

static void a_task_in_a_call_is_EALREADY(void **state)
{
	(void)state;
	assert_reply("pipe([3, 4]) = 0\nread 3 10\n", "1 pipe([3, 4]) = 0\n1 read(3, ..., 10)\n");
	assert_refused("dup 0\n", EALREADY,
		       "1 dup(0) = -1 EALREADY (Operation already in progress)"
		       "  # task 1 is still in read\n");
	assert_reply("fork\n\n", "1 fork() = -1 EALREADY (Operation already in progress)"
				 "  # task 1 is still in read\n");
}

static void a_task_stopped_by_a_signal_is_EALREADY(void **state)
{
	(void)state;
	assert_reply("fork\n1 kill 2 SIGSTOP\n", "1 fork() = 2\n1 kill(2, SIGSTOP) = 0\n");
	assert_refused("2 dup 0\n", EALREADY,
		       "2 dup(0) = -1 EALREADY (Operation already in progress)"
		       "  # task 2 is stopped by a signal\n");
	assert_reply("1 kill 2 SIGCONT\n2 dup 0\n", "1 kill(2, SIGCONT) = 0\n2 dup(0) = 3\n");
}

/* ---- <pid>/control ---- */

static void the_file_of_a_task_speaks_of_that_task_only(void **state)
{
	struct fdl_handle *h;

	(void)state;
	assert_reply("fork\n", "1 fork() = 2\n");
	h = open_file("2/control", O_RDWR);
	assert_int_equal(put(h, "dup 0\n2 dup 0\n"), 14);
	assert_string_equal(replies(h), "dup(0) = 3\ndup(0) = 4\n");
	assert_int_equal(put(h, "1 dup 0\n"), -EINVAL);
	assert_string_equal(replies(h), "# line 1: this is the control file of task 2, not of 1\n");
	assert_int_equal(put(h, "reset\n"), -EINVAL);
	assert_reply("2 exit 0\nwait4 2\n", "2 exit(0) = ?\n"
					    "2 wait4(2, ..., 0) = -1 ESRCH (No such process)"
					    "  # task 2 has exited\n");
	assert_int_equal(put(h, "dup 0\n"), -ESRCH);
	assert_int_equal(put(control, "1 wait4 2\n"), 10);
	assert_int_equal(put(h, "dup 0\n"), -ESRCH);
	assert_int_equal(put(h, "dup 0\ndup 0\n"), -ESRCH);
	fdl_close(h);
}

static void a_fresh_handle_reads_the_last_call(void **state)
{
	struct fdl_handle *h = open_file("control", O_RDWR);

	(void)state;
	assert_string_equal(replies(h), "");
	fdl_close(h);
	assert_int_equal(put(control, "dup 0\nfork\n2 dup 0\n"), 19);
	assert_file("control", "2 dup(0) = 4\n");
	assert_file("1/control", "fork() = 2\n");
	assert_file("2/control", "dup(0) = 4\n");
	h = open_file("1/control", O_RDWR);
	assert_true(fdl_is_stream(h));
	assert_true(fdl_poll(h) & POLLIN);
	assert_string_equal(replies(h), "fork() = 2\n");
	assert_string_equal(replies(h), "");
	assert_false(fdl_poll(h) & POLLIN);
	assert_int_equal(put(h, "close 3\n"), 8);
	assert_true(fdl_poll(h) & POLLIN);
	assert_string_equal(replies(h), "close(3) = 0\n");
	fdl_close(h);
}

static void a_fresh_handle_reads_why_the_last_line_was_no_call(void **state)
{
	(void)state;
	assert_int_equal(put(control, "dup 0\n"), 6);
	assert_int_equal(put(control, "1 bogus(\x01)\n"), -EINVAL);
	assert_file("1/control", "bogus(\\x01) # column 3: there is no call \"bogus\"\n");
	assert_file("control", "1 bogus(\\x01) # column 3: there is no call \"bogus\"\n");
	assert_int_equal(put(control, "dup 0\n"), 6);
	assert_file("1/control", "dup(0) = 4\n");
	assert_int_equal(put(control, "dup(99)\n"), -EBADF);
	assert_file("1/control", "dup(99) = -1 EBADF (Bad file descriptor)\n");
	/* A line for a missing task is the machine's last outcome, and no task's. */
	assert_int_equal(put(control, "7 dup(0)\n"), -ESRCH);
	assert_file("1/control", "dup(99) = -1 EBADF (Bad file descriptor)\n");
	assert_file("control", "7 dup(0) = -1 ESRCH (No such process)  # there is no task 7\n");
	assert_int_equal(put(control, "1 fork\n1 clock x\n"), 17);
	assert_file("2/control", "");
}

static void errors_keeps_the_lines_that_failed(void **state)
{
	struct fdl_handle *h = open_file("errors", O_RDONLY);

	(void)state;
	assert_string_equal(replies(h), "");
	assert_false(fdl_poll(h) & POLLIN);
	assert_int_equal(put(control, "dup 0\ndup 99\nnonsense\n3 dup 0\nclock later\n"), 42);
	assert_true(fdl_poll(h) & POLLIN);
	fdl_close(h);
	assert_file("errors",
		    "1 dup(99) = -1 EBADF (Bad file descriptor)\n"
		    "1 nonsense # column 1: there is no call \"nonsense\"\n"
		    "3 dup(0) = -1 ESRCH (No such process)  # there is no task 3\n"
		    "3 clock later # expected a time that passes, such as \"clock +1.5\", got "
		    "\"later\"\n");
	/* A call that fails after it has waited. */
	assert_int_equal(put(control, "1 pipe\n1 read(4, ..., 1)\n1 close 99\n"), 36);
	assert_in_file("errors", "1 close(99) = -1 EALREADY");
	assert_int_equal(put(control, "reset\n"), 6);
	assert_file("errors", "");
	assert_file("control", "");
}

/* ---- reset ---- */

static void a_reset_fills_in_what_it_was_not_given(void **state)
{
	(void)state;
	assert_reply("reset nofile=70000\ngetrlimit\n",
		     "1 getrlimit(RLIMIT_NOFILE, {rlim_cur=70000, rlim_max=70000}) = 0\n");
	assert_reply("reset\ngetrlimit\n",
		     "1 getrlimit(RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=4*1024}) = 0\n");
}

static void reset_starts_over_with_options(void **state)
{
	struct fdl_handle *task;

	(void)state;
	assert_reply("fork\n2 dup 0\n", "1 fork() = 2\n2 dup(0) = 3\n");
	task = open_file("2/control", O_RDWR);
	assert_reply("reset nofile=4\n", "");
	assert_reply("dup 0\ndup 0\n",
		     "1 dup(0) = 3\n1 dup(0) = -1 EMFILE (Too many open files)\n");
	assert_int_equal(put(task, "dup 0"), -ESRCH);
	fdl_close(task);
	/* Without options the machine is made with its old ones. */
	assert_reply("reset\ndup2 0 1000\n", "1 dup2(0, 1000) = 1000\n");
}

static void a_wrong_option_leaves_the_machine_as_it_was(void **state)
{
	(void)state;
	assert_reply("dup 0\n", "1 dup(0) = 3\n");
	assert_int_equal(put(control, "reset nothing=3\n"), -EINVAL);
	assert_int_equal(strncmp(replies(control), "# line 1: ", 10), 0);
	assert_int_equal(put(control, "reset nofile=x\n"), -EINVAL);
	assert_int_equal(put(control, "resett\n"), -EINVAL);
	assert_file("1/files/open_fds_list", "0-3\n");
}

static void reset_tells_writers_that_wait_EINTR(void **state)
{
	struct fdl_handle *h = open_file("control", O_RDWR);
	struct waiter w = { 0 };

	(void)state;
	assert_reply("pipe\nfork\n1 read 3 1\n2 dup(0 <unfinished ...>\n",
		     "1 pipe([3, 4]) = 0\n1 fork() = 2\n1 read(3, ..., 1)\n"
		     "2 dup(0 <unfinished at fget:fdt ...>\n");
	assert_int_equal(submit("1 fork"), -EALREADY);
	assert_reply("2 finish\n", "2 <... dup resumed>) = 5\n");
	assert_int_equal(fdl_write(h, "2 read 3 1\n", 11, 0, tell, &w), -EINPROGRESS);
	assert_reply("reset\n", "");
	assert_int_equal(w.told, 1);
	assert_int_equal(w.result, -EINTR);
	assert_int_equal(fdl_poll(h), POLLOUT);
	assert_reply("dup 0\n", "1 dup(0) = 3\n");
	fdl_close(h);
}

/* ---- bounds ---- */

static void replies_that_are_never_read_are_bounded_and_whole(void **state)
{
	static const char line[] = "dup2(0, 10) = 10\n";
	static const char reply[] = "1 dup2(0, 10) = 10\n";
	char *lines = malloc(FDL_WRITE_MAX), buf[65536];
	size_t n = 0, total = 0;
	ssize_t got;

	(void)state;
	assert_non_null(lines);
	for (; n + sizeof(line) <= FDL_WRITE_MAX; n += sizeof(line) - 1)
		memcpy(lines + n, line, sizeof(line) - 1);
	for (int i = 0; i < 20; i++)
		assert_int_equal(fdl_write(control, lines, n, 0, NULL, NULL), n);
	while ((got = fdl_read(control, buf, sizeof(buf), 0, 0)) > 0) {
		for (ssize_t i = 0; i < got; i++, total++)
			assert_int_equal(buf[i], reply[total % (sizeof(reply) - 1)]);
	}
	assert_int_equal(total % (sizeof(reply) - 1), 0);
	assert_true(total > 1 << 20 && total <= 4 << 20);
	free(lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		control_test(one_line_succeeds_or_fails_as_its_call),
		control_test(several_lines_are_all_run_and_the_write_succeeds),
		control_test(a_last_line_needs_no_newline),
		control_test(lines_without_a_call_have_no_reply),
		control_test(a_line_without_a_pid_goes_to_the_pid_of_the_line_before),
		control_test(every_handle_has_a_pid_of_its_own),
		control_test(a_result_that_comes_out_otherwise_is_told),
		control_test(buffers_are_compared_where_they_are_written_out),
		control_test(short_spellings_and_commands_find_their_rows),
		control_test(what_is_no_call_is_EINVAL_and_explained),
		control_test(what_the_kernel_has_and_the_model_has_not_is_ENOSYS_and_said),
		control_test(a_system_call_that_is_not_modelled_is_ENOSYS_and_said),
		control_test(arguments_of_a_missing_call_in_the_shells_form_can_be_read_back),
		control_test(options_that_only_the_kernel_has_are_ENOSYS_and_said),
		control_test(in_several_lines_a_wrong_one_is_told_by_its_number),
		control_test(a_NUL_byte_is_EINVAL),
		control_test(a_pid_that_is_not_there_is_ESRCH),
		control_test(writes_and_lines_that_are_too_long_change_nothing),
		control_test(a_task_in_a_call_is_EALREADY),
		control_test(a_task_stopped_by_a_signal_is_EALREADY),
		control_test(the_file_of_a_task_speaks_of_that_task_only),
		control_test(a_fresh_handle_reads_the_last_call),
		control_test(a_fresh_handle_reads_why_the_last_line_was_no_call),
		control_test(errors_keeps_the_lines_that_failed),
		control_test(a_reset_fills_in_what_it_was_not_given),
		control_test(reset_starts_over_with_options),
		control_test(a_wrong_option_leaves_the_machine_as_it_was),
		control_test(reset_tells_writers_that_wait_EINTR),
		control_test(replies_that_are_never_read_are_bounded_and_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
