/*
 * Tasks that end while they, or other threads of their group, are in the middle of a call, and what
 * reports it: the parent's wait, a waiting write, and the transcript.
 */
#include "support/play.h"

#include "notation/args.h"

#define THREAD "clone(flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)"

static void killed_thread_does_not_earn_its_group_a_signal(void **state)
{
	PLAY(*state, "1 fork() = 2", "1 pipe([3, 4]) = 0", "2 pipe([3, 4]) = 0", "2 close(3) = 0",
	     "2 " THREAD " = 3", "2 " THREAD " = 4", "2 " THREAD " = 5",
	     "3 write(4, \"x\", 1 <unfinished at fget:fdt ...>", "1 kill(2, SIGKILL) = 0",
	     "1 wait4(-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0) = 2");
}

static void exec_of_a_thread_is_not_killed_by_what_it_ends(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 pipe([3, 4]) = 0", "2 close(3) = 0", "2 " THREAD " = 3",
	     "2 " THREAD " = 4", "4 write(4, \"x\", 1 <unfinished at fget:fdt ...>",
	     "3 execve(\"/bin/true\") = 0", "2 getpid() = 2", "expect no 3", "expect no 4");
}

static void killed_group_whose_leader_is_gone_tells_of_the_signal(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 " THREAD " = 3", "2 exit(7)", "1 kill(2, SIGKILL) = 0",
	     "1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0) = 2");
}

static void stopped_group_whose_leader_is_gone_is_stopped(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 " THREAD " = 3", "2 exit(7)", "1 kill(2, SIGSTOP) = 0",
	     "3 getpid() = -1 EALREADY", "1 wait4(2, ..., WUNTRACED) = 2", "1 kill(2, SIGCONT) = 0",
	     "3 getpid() = 2");
}

static void exec_and_orphans_signal_their_parent_with_SIGCHLD(void **state)
{
	PLAY(*state, "1 clone(flags=0) = 2", "1 clone(flags=0) = 3", "2 execve(\"/bin/true\") = 0",
	     "2 exit(0)", "3 exit(0)", "1 wait4(3, ..., WNOHANG) = -1 ECHILD",
	     "1 wait4(2, ..., WNOHANG) = 2", "1 fork() = 4", "4 clone(flags=0) = 5", "4 exit(0)",
	     "1 wait4(4, ..., 0) = 4", "5 exit(0)", "1 wait4(5, ..., WNOHANG) = 5");
}

static void kill_looks_for_the_task_before_the_signal(void **state)
{
	PLAY(*state, "kill(3999999, 100) = -1 ESRCH", "kill(-3999999, 100) = -1 ESRCH",
	     "kill(1, 100) = -1 EINVAL", "kill(1, 0) = 0");
}

static void clone3_knows_its_flags(void **state)
{
	PLAY(*state, "clone3({flags=0x10000000000, exit_signal=SIGCHLD}) = -1 EINVAL",
	     "clone3({flags=CLONE_VM|CLONE_SIGHAND|0x100000000, exit_signal=SIGCHLD}) = -1 EINVAL",
	     "clone3({flags=CLONE_NEWTIME, exit_signal=SIGCHLD}) = -1 EINVAL",
	     "clone(flags=CLONE_PARENT|SIGCHLD) = -1 EINVAL");
}

static void unshare_that_fails_shares_as_before(void **state)
{
	PLAY(*state, "clone(flags=CLONE_FS|CLONE_FILES|SIGCHLD) = 2", "echo 1 > 2/fail-nth",
	     "2 unshare(CLONE_FS|CLONE_FILES) = -1 ENOMEM", "kcmp(1, 2, KCMP_FS) = 0",
	     "kcmp(1, 2, KCMP_FILES) = 0");
}

static void limit_below_the_first_descriptors_is_for_later_ones(void **state)
{
	PLAY(*state, "reset nofile=1", "expect 1/files/open_fds_list = 0-2", "dup(0) = -1 EMFILE",
	     "close(0) = 0", "dup(1) = 0");
}

static void misspelt_points_are_told(void **state)
{
	struct lab *lab = *state;
	char reply[256];
	ssize_t n;

	assert_int_equal(
		fdl_write(lab->control, "dup(0 <unfinished at fd_instal ...>", 35, 0, NULL, NULL),
		-EINVAL);
	n = fdl_read(lab->control, reply, sizeof(reply) - 1, 0, 0);
	assert_true(n > 0);
	reply[n] = '\0';
	assert_non_null(strstr(reply, "did you mean \"fd_install\"?"));
}

static void told(void *ctx, ssize_t result)
{
	*(ssize_t *)ctx = result;
}

static void writer_of_a_call_that_another_finishes_is_let_go(void **state)
{
	static const char line[] = "1 read(3, ..., 1 <unfinished at fput ...>";
	struct lab *lab = *state;
	struct fdl_handle *first;
	ssize_t result = 0;
	fdl_ino ino;

	PLAY(lab, "1 pipe([3, 4]) = 0", "1 clone(flags=CLONE_FILES|SIGCHLD) = 2");
	assert_int_equal(fdl_walk(lab->m, "control", &ino), 0);
	assert_int_equal(fdl_open(lab->m, ino, O_RDWR, &first), 0);
	assert_int_equal(fdl_write(first, line, sizeof(line) - 1, 0, told, &result), -EINPROGRESS);
	PLAY(lab, "2 close(3) = 0", "2 write(4, \"x\", 1) = 1",
	     "1 <... read resumed>\"x\", 1) = 1");
	assert_true(result != 0);
	fdl_close(first);
}

/* Calls row until it fails with ENOMEM, which it must within this many times. */
static void exhaust(struct lab *lab, const char *name, struct fdl_arg *args, size_t nargs)
{
	const struct fdl_row *row = fdl_row_find(lab->m, name);

	for (int i = 0; i < 100000; i++) {
		struct fdl_arg copy[ARGS_MAX];

		memcpy(copy, args, nargs * sizeof(*args));
		if (fdl_call(lab->m, 1, row, copy, nargs) == -ENOMEM)
			return;
	}
	fail_msg("%s never fails", name);
}

static void holds_by_hand_are_bounded(void **state)
{
	struct fdl_arg fd = { .num = 0 }, pid = { .num = 1 };

	PLAY(*state, "reset memory=65536");
	exhaust(*state, "fget", &fd, 1);
	PLAY(*state, "exit", "reset memory=65536");
	exhaust(*state, "get_files_struct", &pid, 1);
}

static void blocked_calls_and_programs_are_bounded(void **state)
{
	PLAY(*state, "reset memory=65536", "pipe([3, 4]) = 0", "fork() = 2",
	     "write(4, \"\"..., 65536) = 65536", "2 write(4, \"x\", 1000000) = -1 ENOMEM",
	     "2 write(4, \"x\", 1)");
}

static void exec_sets_the_environment(void **state)
{
	struct lab *lab = *state;
	size_t len;
	char *text;

	PLAY(lab, "execve(\"/bin/true\", [\"true\", \"-v\"], [\"A=1\", \"B=2\"]) = 0");
	assert_int_equal(fdl_read_file(lab->m, "1/environ", &text, &len), 0);
	assert_int_equal(len, 8);
	assert_memory_equal(text, "A=1\0B=2", 8);
	free(text);
	assert_int_equal(fdl_read_file(lab->m, "1/cmdline", &text, &len), 0);
	assert_memory_equal(text, "true\0-v", 8);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(killed_thread_does_not_earn_its_group_a_signal),
		LAB_TEST(exec_of_a_thread_is_not_killed_by_what_it_ends),
		LAB_TEST(killed_group_whose_leader_is_gone_tells_of_the_signal),
		LAB_TEST(stopped_group_whose_leader_is_gone_is_stopped),
		LAB_TEST(exec_and_orphans_signal_their_parent_with_SIGCHLD),
		LAB_TEST(kill_looks_for_the_task_before_the_signal),
		LAB_TEST(clone3_knows_its_flags),
		LAB_TEST(unshare_that_fails_shares_as_before),
		LAB_TEST(limit_below_the_first_descriptors_is_for_later_ones),
		LAB_TEST(misspelt_points_are_told),
		LAB_TEST(holds_by_hand_are_bounded),
		LAB_TEST(blocked_calls_and_programs_are_bounded),
		LAB_TEST(exec_sets_the_environment),
		LAB_TEST(writer_of_a_call_that_another_finishes_is_let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
