/*
 * Locks beyond the running kernel: no memory, misuse by hand, calls that were stopped in the
 * middle, and waiting requests in the tree.
 */
#include "support/play.h"

#define OPEN_DATA "1 open(\"/tmp/data\", O_RDWR|O_CREAT, 0644) = 3"

static void each_allocation_of_a_lock_may_fail(void **state)
{
	PLAY(*state, OPEN_DATA, "1 open(\"/tmp/other\", O_RDWR|O_CREAT, 0644) = 4",
	     "echo 1 > 1/fail-nth", "1 fcntl(3, F_SETLK, {l_type=F_WRLCK}) = -1 ENOLCK",
	     "echo 2 > 1/fail-nth", "1 fcntl(3, F_SETLK, {l_type=F_WRLCK}) = -1 ENOMEM",
	     "echo 3 > 1/fail-nth", "1 fcntl(3, F_SETLK, {l_type=F_WRLCK, l_len=10}) = -1 ENOLCK",
	     "1 fcntl(3, F_SETLK, {l_type=F_WRLCK, l_len=10}) = 0", "echo 3 > 1/fail-nth",
	     "1 fcntl(3, F_SETLK, {l_type=F_UNLCK, l_start=4, l_len=1}) = -1 ENOLCK",
	     "expect locks ~ ^1: POSIX  ADVISORY  WRITE 1 00:01:[0-9]+ 0 9$", "echo 1 > 1/fail-nth",
	     "1 fcntl(3, F_GETLK, {l_type=F_WRLCK}, NULL) = -1 ENOMEM", "echo 1 > 1/fail-nth",
	     "1 flock(4, LOCK_EX) = -1 ENOMEM", "1 flock(4, LOCK_SH) = 0", "echo 1 > 1/fail-nth",
	     "1 flock(4, LOCK_EX) = -1 ENOMEM", "expect locks ~ FLOCK  ADVISORY  READ");
}

static void locks_are_charged_to_the_memory(void **state)
{
	struct lab *lab = *state;
	char line[128];
	int made = 0;

	PLAY(lab, "reset memory=64K", OPEN_DATA);
	do {
		snprintf(line, sizeof(line),
			 "1 fcntl(3, F_SETLK, {l_type=F_WRLCK, l_start=%d, l_len=1})", 2 * made++);
		lab_submit(lab, line);
	} while (!strstr(lab->replies, "ENOLCK") && made < 10000);
	assert_in_range(made, 50, 1000);
	/* They can still be given back then. */
	PLAY(lab, "1 fcntl(3, F_SETLK, {l_type=F_UNLCK}) = 0",
	     "expect locks =", "1 fcntl(3, F_SETLK, {l_type=F_WRLCK}) = 0");
}

static void a_lock_on_a_descriptor_that_was_closed_meanwhile_is_EBADF(void **state)
{
	PLAY(*state, OPEN_DATA, "1 fork() = 2",
	     "2 clone(flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 3",
	     "2 fcntl(3, F_SETLK, {l_type=F_WRLCK} <unfinished at vfs_lock_file ...>",
	     "3 close(3) = 0", "2 <... fcntl resumed>) = -1 EBADF",
	     "expect locks =", "1 fcntl(3, F_SETLK, {l_type=F_WRLCK}) = 0");
}

static void a_lost_slot_leaves_no_lock(void **state)
{
	struct lab *lab = *state;

	lab->unsound = true;
	PLAY(lab, OPEN_DATA, "1 fork() = 2", "2 fcntl(3, F_SETLK, {l_type=F_WRLCK}) = 0",
	     "2 put_unused_fd(3)", "2 get_unused_fd_flags(0) = 3", "expect kmsg ~ slot 3 not NULL",
	     "expect locks ~ POSIX", "2 exit(0)",
	     "expect locks =", "1 fcntl(3, F_SETLK, {l_type=F_WRLCK}) = 0");
}

static void waiting_tasks_are_shown_with_the_call_and_the_function(void **state)
{
	PLAY(*state, OPEN_DATA, "1 flock(3, LOCK_EX) = 0", "1 fork() = 2",
	     "2 open(\"/tmp/data\", O_RDWR) = 4", "2 flock(4, LOCK_EX)",
	     "expect 2/status ~ ^State:\tS .sleeping.$", "expect 2/stat ~ ^2 .init. S ",
	     "expect 2/wchan = locks_lock_inode_wait",
	     "expect 2/syscall ~ ^73 0x4 0x2 0x0 0x0 0x0 0x0 0x",
	     "expect 2/stack ~ __x64_sys_flock", "1 fork() = 3",
	     "3 open(\"/tmp/data\", O_RDWR) = 4", "3 flock(4, LOCK_SH)",
	     "expect locks ~ ^1:  -> FLOCK  ADVISORY  READ 3 ", "1 kill(2, SIGKILL) = 0",
	     "expect locks ~ ^1: -> FLOCK  ADVISORY  READ 3 ");
}

static void a_signal_ends_the_wait(void **state)
{
	PLAY(*state, OPEN_DATA, "1 fcntl(3, F_SETLK, {l_type=F_WRLCK}) = 0", "1 fork() = 2",
	     "2 fcntl(3, F_SETLKW, {l_type=F_RDLCK})", "2 <... fcntl resumed>) = -1 EINTR",
	     "expect locks ~ ^1: POSIX  ADVISORY  WRITE 1 [^>]*$");
}

static void a_machine_ends_while_tasks_wait_for_locks(void **state)
{
	PLAY(*state, OPEN_DATA, "1 fcntl(3, F_SETLK, {l_type=F_WRLCK}) = 0",
	     "1 flock(3, LOCK_SH) = 0", "1 fork() = 2", "1 fork() = 3",
	     "2 fcntl(3, F_SETLKW, {l_type=F_WRLCK})", "3 fcntl(3, F_SETLKW, {l_type=F_RDLCK})",
	     "1 unlink(\"/tmp/data\") = 0", "reset", "expect locks =");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(each_allocation_of_a_lock_may_fail),
		LAB_TEST(locks_are_charged_to_the_memory),
		LAB_TEST(a_lock_on_a_descriptor_that_was_closed_meanwhile_is_EBADF),
		LAB_TEST(a_lost_slot_leaves_no_lock),
		LAB_TEST(waiting_tasks_are_shown_with_the_call_and_the_function),
		LAB_TEST(a_signal_ends_the_wait),
		LAB_TEST(a_machine_ends_while_tasks_wait_for_locks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
