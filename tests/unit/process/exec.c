/*
 * exec beyond the running kernel: the user of a set-id program, files that cannot be written while
 * they run, and the state of a task after an exec that failed, however late.
 */
#include "support/play.h"

#define PROGRAM(name, mode)                                                                        \
	"1 creat(\"" name "\", " mode ") = 3", "1 write(3, \"\\177ELF\", 4) = 4",                  \
		"1 close(3) = 0", "1 chmod(\"" name "\", " mode ") = 0"
#define SCRIPT(name, text)                                                                         \
	"1 creat(\"" name "\", 0755) = 3", "1 write(3, \"" text "\")", "1 close(3) = 0"

static void a_set_id_program_runs_as_its_owner(void **state)
{
	PLAY(*state, PROGRAM("/tmp/p", "0755"), "1 chown(\"/tmp/p\", 1000, 100) = 0",
	     "1 chmod(\"/tmp/p\", 06755) = 0", "1 fork() = 2", "2 execve(\"/tmp/p\", [\"p\"]) = 0",
	     "expect 2/status ~ ^Uid:\t0\t1000\t1000\t1000$",
	     "expect 2/status ~ ^Gid:\t0\t100\t100\t100$", "2 getuid() = 0", "2 geteuid() = 1000",
	     "2 getgid() = 0", "2 getegid() = 100", "2 open(\"/dev/console\", O_RDWR) = -1 EACCES",
	     "2 access(\"/dev/console\", R_OK) = 0",
	     "2 faccessat2(AT_FDCWD, \"/dev/console\", R_OK, AT_EACCESS) = -1 EACCES",
	     "2 faccessat2(AT_FDCWD, \"/dev/console\", R_OK, 0) = 0",
	     /* A child has its parent's user, and a plain program changes nothing. */
	     "2 fork() = 3", "3 execve(\"/bin/true\") = 0", "3 geteuid() = 1000",
	     "3 kill(2, 0) = 0", "3 kill(1, 0) = 0", "1 kill(3, 0) = 0");
}

static void a_set_gid_bit_without_execution_for_the_group_means_nothing(void **state)
{
	PLAY(*state, PROGRAM("/tmp/p", "0755"), "1 chown(\"/tmp/p\", 1000, 100) = 0",
	     "1 chmod(\"/tmp/p\", 02745) = 0", "1 execve(\"/tmp/p\", [\"p\"]) = 0",
	     "expect 1/status ~ ^Gid:\t0\t0\t0\t0$");
}

static void the_set_id_bits_of_a_script_mean_nothing(void **state)
{
	PLAY(*state, SCRIPT("/tmp/s", "#!/bin/sh\\n"), "1 chown(\"/tmp/s\", 1000, -1) = 0",
	     "1 chmod(\"/tmp/s\", 04755) = 0", "1 execve(\"/tmp/s\", [\"s\"]) = 0",
	     "1 geteuid() = 0", "expect 1/exe = /bin/sh", "expect 1/comm = s");
}

static void the_owner_of_a_file_was_set_by_two_users(void **state)
{
	PLAY(*state, PROGRAM("/tmp/p", "0755"), "1 chown(\"/tmp/p\", 1000, 100) = 0",
	     "1 chmod(\"/tmp/p\", 04755) = 0", "1 pipe([3, 4]) = 0", "1 fork() = 2",
	     "2 execve(\"/tmp/p\", [\"p\"]) = 0", "2 fcntl(3, F_SETOWN, 1) = 0",
	     "1 fcntl(3, F_GETOWNER_UIDS, [0, 1000]) = 0",
	     /* They stay when the owner goes. */
	     "1 fcntl(3, F_SETOWN, 0) = 0", "1 fcntl(3, F_GETOWNER_UIDS, [0, 1000]) = 0",
	     "1 fcntl(3, F_SETOWN, 1) = 0", "1 fcntl(3, F_GETOWNER_UIDS, [0, 0]) = 0");
}

static void a_program_that_runs_cannot_be_written(void **state)
{
	PLAY(*state, PROGRAM("/tmp/p", "0755"), "1 fork() = 2", "2 execve(\"/tmp/p\", [\"p\"]) = 0",
	     "1 open(\"/tmp/p\", O_WRONLY) = -1 ETXTBSY", "1 open(\"/tmp/p\", O_RDONLY) = 3",
	     "1 open(\"/tmp/p\", O_RDONLY|O_TRUNC) = -1 ETXTBSY",
	     "1 truncate(\"/tmp/p\", 0) = -1 ETXTBSY", "2 fork() = 3", "2 exit(0)",
	     "1 open(\"/tmp/p\", O_RDWR) = -1 ETXTBSY", "3 execve(\"/bin/true\") = 0",
	     "1 open(\"/tmp/p\", O_RDWR) = 4",
	     /* A file that is open for writing cannot be executed. */
	     "1 execve(\"/tmp/p\", [\"p\"]) = -1 ETXTBSY");
}

static void a_script_on_a_descriptor_that_closes_on_exec_is_ENOENT(void **state)
{
	PLAY(*state, SCRIPT("/tmp/s", "#!/bin/sh -e\\n"),
	     "1 open(\"/tmp/s\", O_RDONLY|O_CLOEXEC) = 3",
	     "1 execveat(3, \"\", [\"s\"], NULL, AT_EMPTY_PATH) = -1 ENOENT",
	     "1 fcntl(3, F_SETFD, 0) = 0",
	     "1 execveat(3, \"\", [\"s\", \"x\"], NULL, AT_EMPTY_PATH) = 0",
	     "expect 1/fd/3 = /tmp/s", "1 open(\"/dev/fd/3\", O_RDONLY) = 4");
}

static void an_exec_that_fails_late_restores_the_shared_table(void **state)
{
	struct lab *lab = *state;
	void *table;

	PLAY(lab, SCRIPT("/tmp/s", "#!/bin/missing\\n"),
	     "1 open(\"/etc/passwd\", O_RDONLY|O_CLOEXEC) = 3", "1 dup2(0, 100) = 100",
	     "1 clone(flags=CLONE_FILES|SIGCHLD) = 2");
	table = lab_files(lab, 2);
	PLAY(lab, "2 execve(\"/tmp/s\", [\"s\"]) = -1 ENOENT",
	     "2 execve(\"/tmp/s\", [\"s\"] <unfinished at dup_fd ...>",
	     "2 <... execve resumed>) = -1 ENOENT", "expect 2/fd/3 = /etc/passwd",
	     "expect 2/comm = init", "expect 1/files/count = 2",
	     "expect 1/files/close_on_exec_list = 3");
	assert_ptr_equal(lab_files(lab, 2), table);
}

static void close_on_exec_of_every_kind(void **state)
{
	PLAY(*state, "1 open(\"/etc/passwd\", O_RDONLY|O_CLOEXEC) = 3",
	     "1 fcntl(0, F_DUPFD_CLOEXEC, 4) = 4", "1 dup3(0, 5, O_CLOEXEC) = 5",
	     "1 pipe2([6, 7], O_CLOEXEC) = 0", "1 dup(0) = 8",
	     "1 fcntl(8, F_SETFD, FD_CLOEXEC) = 0", "1 dup(0) = 9", "1 ioctl(9, FIOCLEX) = 0",
	     "1 dup(0) = 10", "1 close_range(10, 10, CLOSE_RANGE_CLOEXEC) = 0",
	     "1 open(\"/etc\", O_PATH|O_CLOEXEC) = 11", "1 dup(3) = 12",
	     "1 execve(\"/bin/true\") = 0", "expect 1/files/open_fds_list = 0-2,12",
	     "expect 1/files/close_on_exec_list = ", "expect 1/files/next_fd = 3");
}

/* Tasks are found by pid; no other has a pid near the leader's, 127, or the thread's, 128. */
static void the_pid_of_a_leader_may_be_far_from_all_others(void **state)
{
	struct lab *lab = *state;
	char line[64];

	for (int pid = 2; pid < 127; pid++) {
		snprintf(line, sizeof(line), "1 fork() = %d", pid);
		PLAY(lab, line);
		snprintf(line, sizeof(line), "%d exit(0)", pid);
		PLAY(lab, line);
		snprintf(line, sizeof(line), "1 wait4(%d, NULL, 0, NULL) = %d", pid, pid);
		PLAY(lab, line);
	}
	PLAY(lab, "1 fork() = 127",
	     "127 clone(flags=CLONE_VM|CLONE_SIGHAND|CLONE_THREAD|CLONE_FILES) = 128",
	     "128 execve(\"/bin/true\") = 0", "127 getpid() = 127", "127 gettid() = 127",
	     "127 exit(0)", "1 wait4(127, NULL, 0, NULL) = 127");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(a_set_id_program_runs_as_its_owner),
		LAB_TEST(a_set_gid_bit_without_execution_for_the_group_means_nothing),
		LAB_TEST(the_set_id_bits_of_a_script_mean_nothing),
		LAB_TEST(the_owner_of_a_file_was_set_by_two_users),
		LAB_TEST(a_program_that_runs_cannot_be_written),
		LAB_TEST(a_script_on_a_descriptor_that_closes_on_exec_is_ENOENT),
		LAB_TEST(an_exec_that_fails_late_restores_the_shared_table),
		LAB_TEST(close_on_exec_of_every_kind),
		LAB_TEST(the_pid_of_a_leader_may_be_far_from_all_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
