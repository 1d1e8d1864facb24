/*
 * pidfds of processes that exit, and their memory. tests/oracle/memfd compares single calls with
 * the running kernel.
 */
#include "machine/machine.h"
#include "support/play.h"
#include "vfs/vfs.h"

static void a_pidfd_is_readable_when_the_process_has_ended(void **state)
{
	PLAY(*state, "1 fork() = 2", "1 pidfd_open(2, 0) = 3", "expect 1/fd/3 = anon_inode:[pidfd]",
	     "expect 1/fdinfo/3 ~ ^Pid:.2$", "expect 1/fdinfo/3 ~ ^NSpid:.2$",
	     "1 poll([{fd=3, events=POLLIN}], 1, -1)", "2 exit_group(0) = ?",
	     "1 <... poll resumed>) = 1 ([{fd=3, revents=POLLIN}])", "1 wait4(2, ..., 0) = 2",
	     "1 poll([{fd=3, events=POLLIN}], 1, -1) = 1 ([{fd=3, revents=POLLIN|POLLHUP}])",
	     "expect 1/fdinfo/3 ~ ^Pid:.-1$", "expect 1/fdinfo/3 ~ ^NSpid:.-1$",
	     "1 pidfd_send_signal(3, SIGTERM, NULL, 0) = -1 ESRCH (No such process)",
	     "1 pidfd_getfd(3, 0, 0) = -1 ESRCH (No such process)");
}

/* A pid that is given out again means another process; a pidfd does not. */
static void a_pidfd_means_one_process_for_ever(void **state)
{
	PLAY(*state, "1 fork() = 2", "1 pidfd_open(2, 0) = 3",
	     "1 pidfd_send_signal(3, SIGTERM, NULL, 0) = 0",
	     "1 pidfd_send_signal(3, SIGTERM, NULL, 0) = 0", "1 wait4(2, ..., 0) = 2",
	     "1 pidfd_send_signal(3, 0, NULL, 0) = -1 ESRCH (No such process)",
	     "1 pidfd_open(2, 0) = -1 ESRCH (No such process)");
}

static void a_descriptor_is_fetched_from_another_process(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 open(\"/etc/passwd\", O_RDONLY) = 3",
	     "2 lseek(3, 5, SEEK_SET) = 5", "1 pidfd_open(2, 0) = 3", "1 pidfd_getfd(3, 3, 0) = 4",
	     "expect 1/fd/4 = /etc/passwd", "1 fcntl(4, F_GETFD) = 0x1 (flags FD_CLOEXEC)",
	     "1 lseek(4, 0, SEEK_CUR) = 5", "2 lseek(3, 9, SEEK_SET) = 9",
	     "1 lseek(4, 0, SEEK_CUR) = 9");
}

static void a_pidfd_of_a_thread_that_runs_a_program_is_the_processes(void **state)
{
	PLAY(*state, "1 fork() = 2",
	     "2 clone(child_stack=NULL, "
	     "flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 3",
	     "1 pidfd_open(2, 0) = 3", "1 pidfd_open(3, 0) = -1 ENOENT",
	     "1 pidfd_open(3, PIDFD_THREAD) = 4", "3 execve(\"/bin/true\", [\"true\"], NULL) = 0",
	     "expect 1/fdinfo/3 ~ ^Pid:.2$", "expect 1/fdinfo/4 ~ ^Pid:.-1$",
	     "1 poll([{fd=3, events=POLLIN}], 1, 0) = 0 (Timeout)", "1 kill(2, SIGKILL) = 0",
	     "1 poll([{fd=3, events=POLLIN}], 1, 0) = 1 ([{fd=3, revents=POLLIN}])");
}

static void clone_reserves_the_number_of_a_pidfd_before_there_is_a_child(void **state)
{
	lab_points(*state, "1 clone(flags=CLONE_PIDFD|SIGCHLD, parent_tid=[0])",
		   "alloc_pid attach_pid fd_install");
	PLAY(*state, "1 clone(flags=CLONE_FILES|SIGCHLD) = 3",
	     "1 clone(flags=CLONE_PIDFD|SIGCHLD, parent_tid=[0] <unfinished at attach_pid ...>",
	     "3 dup2(0, 4) = -1 EBUSY", "3 kill(4, 0) = -1 ESRCH",
	     "1 <... clone resumed>, parent_tid=[4]) = 4", "3 kill(4, 0) = 0");
}

/* The child may be ended, and waited for, before its parent has the pidfd. */
static void a_pidfd_is_installed_for_a_child_that_is_gone(void **state)
{
	PLAY(*state, "1 clone(flags=CLONE_VM|CLONE_SIGHAND|CLONE_THREAD|CLONE_FILES) = 2",
	     "1 clone(flags=CLONE_PIDFD|SIGCHLD, parent_tid=[0] <unfinished at fd_install ...>",
	     "2 kill(3, SIGKILL) = 0", "2 wait4(3, ..., 0, NULL) = 3",
	     "1 <... clone resumed>, parent_tid=[3]) = 3", "expect 1/fd/3 = anon_inode:[pidfd]",
	     "1 pidfd_send_signal(3, 0, NULL, 0) = -1 ESRCH");
}

static void clone_that_has_no_room_for_a_pidfd_makes_no_child(void **state)
{
	PLAY(*state, "reset nofile=3",
	     "clone(flags=CLONE_PIDFD|SIGCHLD, parent_tid=[0]) = -1 EMFILE", "expect no 2/stat",
	     "reset", "clone(flags=CLONE_PIDFD|SIGCHLD) = -1 EFAULT",
	     "expect 1/files/open_fds_list = 0-2", "dup(0) = 3", "expect no 2/stat");
}

/* Nor does a directory of /proc/PID. */
static void a_directory_of_a_process_stays_dead_when_its_pid_is_given_out_again(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "1 fork() = 2", "2 chdir(\"/proc/self\") = 0",
	     "2 clone(flags=CLONE_FS|CLONE_PARENT|SIGCHLD) = 3", "2 exit(0) = ?",
	     "1 wait4(2, ..., 0) = 2", "3 open(\"fd\", O_RDONLY) = -1 ESRCH",
	     "3 open(\"/dev/null\", O_RDONLY) = 3");
	lab->m->last_pid = 1;
	PLAY(lab, "1 fork() = 2", "3 open(\"fd\", O_RDONLY) = -1 ESRCH",
	     "3 open(\"/proc/2\", O_RDONLY) = -1 ENOSYS",
	     "2 open(\"/proc/self/fd\", O_RDONLY) = 3");
}

static void pidfds_and_memfds_give_back_their_memory(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat kmem;
	size_t memory, bytes;

	/* The directory of the process in /proc stays. */
	PLAY(lab, "1 chdir(\"/proc/self/fd\") = 0");
	kmem = lab->m->kmem;
	memory = lab->m->memory.used;
	bytes = lab->m->vfs->bytes.used;
	PLAY(lab, "1 fork() = 2", "1 pidfd_open(2, 0) = 3", "1 pidfd_open(2, 0) = 4",
	     "1 open(\"/proc/self/fd/3\", O_RDWR|O_TRUNC) = -1 EOPNOTSUPP",
	     "1 open(\"/proc/self/fd/3\", O_RDWR|O_DIRECT) = -1 EINVAL",
	     "1 memfd_create(\"x\", 0) = 5", "1 write(5, \"x\", 10000) = 10000", "1 close(3) = 0",
	     "1 kill(2, SIGKILL) = 0", "1 wait4(2, ..., 0) = 2", "1 close(4) = 0",
	     "1 close(5) = 0");
	assert_memory_equal(&lab->m->kmem, &kmem, sizeof(kmem));
	assert_int_equal(lab->m->memory.used, memory);
	assert_int_equal(lab->m->vfs->bytes.used, bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(a_pidfd_is_readable_when_the_process_has_ended),
		LAB_TEST(a_pidfd_means_one_process_for_ever),
		LAB_TEST(a_descriptor_is_fetched_from_another_process),
		LAB_TEST(a_pidfd_of_a_thread_that_runs_a_program_is_the_processes),
		LAB_TEST(clone_reserves_the_number_of_a_pidfd_before_there_is_a_child),
		LAB_TEST(a_pidfd_is_installed_for_a_child_that_is_gone),
		LAB_TEST(clone_that_has_no_room_for_a_pidfd_makes_no_child),
		LAB_TEST(a_directory_of_a_process_stays_dead_when_its_pid_is_given_out_again),
		LAB_TEST(pidfds_and_memfds_give_back_their_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
