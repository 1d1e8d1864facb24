/*
 * The system calls around the table: making descriptors, reading and changing their flags, copying
 * and leaving tables by fork, unshare, exec and exit, and the limits. tests/unit/linux tests the
 * table's own functions.
 */
#include "support/play.h"

#include "vfs/file.h"

#define SHARE     "1 clone(flags=CLONE_FILES|SIGCHLD) = 2"
#define LARGEFILE 0100000 /* added by a 64-bit kernel to every open */
#define THREAD    "clone(flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)"

/* ---- open and its variants ------------------------------------------------------------------ */

/* F_GETFL of a descriptor: the machine's flag values are the host's. */
static void expect_flags(struct lab *lab, int pid, int fd, int flags)
{
	struct fdl_arg args[] = { { .num = fd }, { .num = F_GETFL } };

	assert_int_equal(fdl_call(lab->m, pid, fdl_row_find(lab->m, "fcntl F_GETFL"), args, 2),
			 flags);
}

static void open_of_a_full_table_is_EMFILE_before_ENOENT(void **state)
{
	PLAY(*state, "reset nofile=3", "open(\"/missing\") = -1 EMFILE",
	     "open(\"/etc\", O_WRONLY) = -1 EMFILE", "openat(99, \"x\") = -1 EMFILE",
	     "openat2(AT_FDCWD, \"/missing\", {flags=O_RDONLY, resolve=0}, 24) = -1 EMFILE",
	     "creat(\"/missing/x\", 0644) = -1 EMFILE");
}

/* Errors of flags and of the name itself come before a descriptor is reserved. */
static void open_checks_flags_and_name_before_EMFILE(void **state)
{
	PLAY(*state, "reset nofile=3", "open(\"\") = -1 ENOENT",
	     "open(\"/etc\", O_DIRECTORY|O_CREAT, 0644) = -1 EINVAL",
	     "openat2(AT_FDCWD, \"/etc\", {flags=O_RDONLY, mode=0644, resolve=0}, 24) = -1 EINVAL",
	     "openat2(AT_FDCWD, \"/etc\", {flags=O_RDONLY, resolve=0x1000}, 24) = -1 EINVAL",
	     "openat2(AT_FDCWD, \"/etc\", {flags=O_RDONLY, resolve=0}, 23) = -1 EINVAL");
}

static void open_reserves_then_opens_then_installs(void **state)
{
	lab_points(*state, "1 open(\"/etc/hosts\")", "do_filp_open fd_install");
	lab_points(*state, "1 openat(AT_FDCWD, \"/etc/hosts\")", "do_filp_open fd_install");
	lab_points(*state, "1 openat2(AT_FDCWD, \"/etc/hosts\", {flags=O_RDONLY, resolve=0}, 24)",
		   "do_filp_open fd_install");
	lab_points(*state, "1 creat(\"/tmp/x\", 0644)", "do_filp_open fd_install");
	lab_points(*state, "1 open(\"/missing\")", "do_filp_open");
	PLAY(*state, "expect 1/files/open_fds_list = 0-6");
	lab_fill(*state, 1, 63);
	lab_points(*state, "1 open(\"/etc/hosts\")",
		   "expand_fdtable expand_fdtable:relock do_filp_open fd_install");
}

static void open_in_flight_has_its_descriptor_reserved(void **state)
{
	PLAY(*state, SHARE, "1 open(\"/etc/hosts\", O_CLOEXEC <unfinished at do_filp_open ...>",
	     "expect 1/files/slots ~ ^3\t1\t-\t-\t-\t-$", "2 dup2(0, 3) = -1 EBUSY", "2 dup(0) = 4",
	     "1 step fd_install", "expect 1/files/slots ~ ^3\t1\t-\t-\t-\t-$",
	     "expect open_files ~ /etc/hosts", "1 <... open resumed>) = 3",
	     "expect 1/fd/3 = /etc/hosts", "2 dup2(0, 3) = 3");
}

static void open_that_fails_puts_its_descriptor_back(void **state)
{
	PLAY(*state, "open(\"/missing\", O_RDONLY|O_CLOEXEC) = -1 ENOENT",
	     "expect 1/files/open_fds_list = 0-2", "expect 1/files/next_fd = 3",
	     "expect 1/files/close_on_exec_list = 3", "open(\"/etc\", O_WRONLY) = -1 EISDIR",
	     "expect 1/files/close_on_exec_list = ",
	     "open(\"/etc/hosts\", O_CREAT|O_EXCL, 0644) = -1 EEXIST",
	     "openat(9, \"x\") = -1 EBADF", "openat(0, \"x\") = -1 ENOTDIR",
	     "expect 1/files/open_fds_list = 0-2", "open(\"/etc/hosts\") = 3");
}

static void open_and_its_kin_take_the_lowest_descriptor_and_O_CLOEXEC(void **state)
{
	PLAY(*state, "close(1) = 0", "open(\"/etc/hosts\", O_RDONLY|O_CLOEXEC) = 1",
	     "openat(AT_FDCWD, \"/etc/hosts\", O_RDONLY|O_CLOEXEC) = 3",
	     "openat2(AT_FDCWD, \"/etc/hosts\", {flags=O_RDONLY|O_CLOEXEC, resolve=0}, 24) = 4",
	     "creat(\"/tmp/x\", 0644) = 5", "open(\"/etc\", O_PATH) = 6",
	     "openat(6, \"hosts\", O_RDONLY) = 7", "expect 1/fd/7 = /etc/hosts",
	     "expect 1/files/close_on_exec_list = 1,3-4");
}

/* ---- pipe ----------------------------------------------------------------------------------- */

static void pipe_takes_the_two_lowest_descriptors(void **state)
{
	PLAY(*state, "close(1) = 0", "pipe([1, 3]) = 0", "expect 1/files/slots ~ ^1\t0\t.\tr\t",
	     "expect 1/files/slots ~ ^3\t0\t.\tw\t", "pipe2([4, 5], O_CLOEXEC|O_NONBLOCK) = 0",
	     "expect 1/files/close_on_exec_list = 4-5");
	expect_flags(*state, 1, 4, O_NONBLOCK);
	expect_flags(*state, 1, 5, O_WRONLY | O_NONBLOCK);
	lab_points(*state, "1 pipe()", "get_unused_fd_flags fd_install fd_install");
}

static void pipe_of_which_only_one_end_has_room_leaves_nothing(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat before;

	PLAY(lab, "reset nofile=4");
	before = lab->m->kmem;
	PLAY(lab, "pipe2 O_CLOEXEC = -1 EMFILE", "expect 1/files/open_fds_list = 0-2",
	     "expect 1/files/next_fd = 3", "expect sys/fs/file-nr ~ ^1\t", "dup(0) = 3",
	     "pipe() = -1 EMFILE", "expect 1/files/open_fds_list = 0-3");
	assert_memory_equal(&before, &lab->m->kmem, sizeof(before));
}

static void pipe_installs_both_ends_only_when_both_were_had(void **state)
{
	PLAY(*state, SHARE, "1 pipe( <unfinished at fd_install ...>",
	     "expect 1/files/slots ~ ^3\t0\t-\t-\t-\t-$",
	     "expect 1/files/slots ~ ^4\t0\t-\t-\t-\t-$", "2 close(3) = -1 EBADF",
	     "1 <... pipe resumed>[3, 4]) = 0", "expect 1/files/open_fds_list = 0-4");
}

static void pipe2_checks_its_flags_first(void **state)
{
	PLAY(*state, "reset nofile=3", "pipe2 O_APPEND = -1 EINVAL", "pipe2 1 = -1 EINVAL",
	     "pipe2 O_DIRECT = -1 EMFILE");
}

static void pipe_makes_its_files_before_it_looks_for_descriptors(void **state)
{
	PLAY(*state, "reset nofile=3 file_max=2", "pipe() = -1 ENFILE",
	     "expect sys/fs/file-nr ~ ^1\t");
}

/* ---- fcntl, ioctl --------------------------------------------------------------------------- */

static void fcntl_of_what_is_not_open_is_EBADF_whatever_the_command(void **state)
{
	PLAY(*state, "fcntl(3, F_DUPFD, 5000) = -1 EBADF",
	     "fcntl(3, F_DUPFD_CLOEXEC, -1) = -1 EBADF", "fcntl(3, F_GETFD) = -1 EBADF",
	     "fcntl(3, F_SETFD, 1) = -1 EBADF", "fcntl(-1, F_GETFL) = -1 EBADF",
	     "fcntl(64, F_SETFL, O_DIRECT) = -1 EBADF", "fcntl(3, 9999) = -1 EBADF",
	     "fcntl(0, 9999) = -1 EINVAL", "ioctl(3, FIOCLEX) = -1 EBADF",
	     "ioctl(3, 0x1234) = -1 EBADF", "ioctl(0, 0x1234) = -1 ENOTTY");
}

static void fcntl_of_an_O_PATH_file_knows_the_descriptor_and_F_GETFL_only(void **state)
{
	PLAY(*state, "open(\"/etc/hosts\", O_PATH) = 3", "fcntl(3, F_DUPFD, 3) = 4",
	     "fcntl(3, F_DUPFD_CLOEXEC, 3) = 5", "fcntl(5, F_GETFD) = 1",
	     "fcntl(3, F_SETFD, FD_CLOEXEC) = 0", "fcntl(3, F_GETFD) = 1",
	     "fcntl(3, F_SETFL, 0) = -1 EBADF", "fcntl(3, F_GETOWN) = -1 EBADF",
	     "fcntl(3, 9999) = -1 EBADF", "ioctl(3, FIOCLEX) = -1 EBADF",
	     "ioctl(3, FIONCLEX) = -1 EBADF", "ioctl(3, 0x1234) = -1 EBADF",
	     "expect 1/files/close_on_exec_list = 3,5");
	expect_flags(*state, 1, 3, O_PATH);
}

static void F_SETFD_and_FIOCLEX_mark_the_descriptor_and_not_its_copies(void **state)
{
	PLAY(*state, "dup(0) = 3", "fcntl(0, F_SETFD, FD_CLOEXEC) = 0", "fcntl(0, F_GETFD) = 1",
	     "fcntl(3, F_GETFD) = 0", "fcntl(0, F_SETFD, 2) = 0", "fcntl(0, F_GETFD) = 0",
	     "ioctl(3, FIOCLEX) = 0", "fcntl(3, F_GETFD) = 1", "ioctl(3, FIONCLEX) = 0",
	     "fcntl(3, F_GETFD) = 0", "fcntl(3, F_SETFD, 3) = 0",
	     "expect 1/files/close_on_exec_list = 3");
}

static void F_SETFL_changes_append_nonblock_async_direct_noatime_and_nothing_else(void **state)
{
	struct lab *lab = *state;
	const int fixed = O_RDWR | O_SYNC | LARGEFILE;

	PLAY(lab, "open(\"/tmp/x\", O_RDWR|O_CREAT|O_EXCL|O_SYNC, 0644) = 3");
	expect_flags(lab, 1, 3, fixed);
	PLAY(lab, "fcntl(3, F_SETFL, O_APPEND|O_NONBLOCK|O_DIRECT|O_NOATIME) = 0");
	expect_flags(lab, 1, 3, fixed | O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME);
	PLAY(lab, "fcntl(3, F_SETFL, O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC|O_PATH) = 0",
	     "fcntl(3, F_GETFD) = 0");
	expect_flags(lab, 1, 3, fixed);
	PLAY(lab, "pipe([4, 5]) = 0", "fcntl(4, F_SETFL, O_ASYNC) = 0");
	expect_flags(lab, 1, 4, O_ASYNC);
	PLAY(lab, "fcntl(4, F_SETFL, 0) = 0");
	expect_flags(lab, 1, 4, 0);
}

static void F_SETFL_changes_the_description_that_copies_share(void **state)
{
	PLAY(*state, "1 dup(0) = 3", "1 fork() = 2", "2 fcntl(3, F_SETFL, O_NONBLOCK) = 0");
	expect_flags(*state, 1, 0, O_RDWR | O_NONBLOCK | LARGEFILE);
}

/* ---- fork, clone, unshare ------------------------------------------------------------------- */

static void fork_vfork_and_clone_copy_the_table(void **state)
{
	PLAY(*state, "1 fork() = 2", "1 clone(flags=SIGCHLD) = 3",
	     "1 clone3({flags=0, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 64) = 4",
	     "1 clone(flags=CLONE_VM|SIGCHLD) = 5", "1 vfork", "expect 1/wchan = kernel_clone",
	     "6 open(\"/etc/hosts\") = 3", "6 exit(0) = ?", "1 <... vfork resumed>) = 6",
	     "expect 1/files/count = 1", "expect no 1/fd/3", "1 kcmp(1, 5, KCMP_FILES) = 1",
	     "1 kcmp(1, 5, KCMP_VM) = 0", "1 kcmp(1, 2, KCMP_VM) = 1");
}

static void clone_with_CLONE_FILES_shares_the_table(void **state)
{
	PLAY(*state, SHARE, "expect 1/files/count = 2", "expect 2/files/count = 2",
	     "1 clone3({flags=CLONE_FILES, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 64) = 3",
	     "expect 1/files/count = 3", "2 fork() = 4", "expect 1/files/count = 3",
	     "3 open(\"/etc/hosts\") = 3", "expect 1/fd/3 = /etc/hosts", "expect no 4/fd/3",
	     "1 kcmp(1, 3, KCMP_FILES) = 0");
}

static void fork_that_fails_uses_up_no_pid(void **state)
{
	PLAY(*state, "1 dup2(0, 200) = 200", "echo 1 > 1/fail-nth", "1 fork() = -1 ENOMEM",
	     "echo 2 > 1/fail-nth", "1 fork() = -1 ENOMEM", "echo 3 > 1/fail-nth",
	     "1 vfork() = -1 ENOMEM", "echo 64 > sys/fs/nr_open", "1 fork() = -1 EMFILE",
	     "1 clone(flags=SIGCHLD) = -1 EMFILE", "1 vfork() = -1 EMFILE",
	     "1 clone(flags=CLONE_FILES|SIGCHLD) = 2", "expect no 3",
	     "echo 1048576 > sys/fs/nr_open", "1 fork() = 3");
}

static void fork_of_too_many_tasks_is_EAGAIN(void **state)
{
	PLAY(*state, "reset tasks=2", "1 fork() = 2", "1 fork() = -1 EAGAIN",
	     "1 clone(flags=CLONE_FILES|SIGCHLD) = -1 EAGAIN", "2 exit(0) = ?",
	     "1 fork() = -1 EAGAIN", "1 wait4(2) = 2", "1 fork() = 3");
}

static void fork_of_a_thread_copies_the_table_of_that_thread(void **state)
{
	PLAY(*state, "1 " THREAD " = 2", "2 unshare(CLONE_FILES) = 0", "2 close(0) = 0",
	     "2 fork() = 3", "expect 3/files/open_fds_list = 1-2",
	     "expect 1/files/open_fds_list = 0-2");
}

static void unshare_copies_a_table_only_when_it_is_shared(void **state)
{
	struct lab *lab = *state;
	const struct files_struct *files = lab_files(lab, 1);

	PLAY(lab, "1 dup2(0, 100) = 100", "1 unshare(CLONE_FILES) = 0");
	assert_ptr_equal(lab_files(lab, 1), files);
	PLAY(lab, SHARE, "1 close(100) = 0", "1 unshare(CLONE_FILES) = 0",
	     "expect 1/files/count = 1", "expect 2/files/count = 1", "expect 1/files/next_fd = 0",
	     "expect 1/files/max_fds = 64", "expect 2/files/max_fds = 128");
	assert_ptr_not_equal(lab_files(lab, 1), files);
	assert_ptr_equal(lab_files(lab, 2), files);
}

static void unshare_that_fails_leaves_the_shared_table(void **state)
{
	PLAY(*state, SHARE, "1 dup2(0, 100) = 100", "echo 64 > sys/fs/nr_open",
	     "1 unshare(CLONE_FILES) = -1 EMFILE", "expect 1/files/count = 2",
	     "echo 1048576 > sys/fs/nr_open", "echo 1 > 1/fail-nth",
	     "1 unshare(CLONE_FILES) = -1 ENOMEM", "expect 1/files/count = 2",
	     "1 unshare(0x1) = -1 EINVAL", "1 unshare(0) = 0", "expect 1/files/count = 2");
}

/* ---- close_range ---------------------------------------------------------------------------- */

static void close_range_closes_what_is_open_in_it(void **state)
{
	PLAY(*state, "dup2(0, 10) = 10", "dup2(0, 11) = 11", "dup2(0, 100) = 100",
	     "get_unused_fd_flags() = 3", "close_range(4, 10, 0) = 0",
	     "expect 1/files/open_fds_list = 0-3,11,100", "close_range(11, 11, 0) = 0",
	     "close_range(50, 60, 0) = 0", "close_range(3, 3, 0) = 0",
	     "expect 1/files/open_fds_list = 0-3,100", "close_range(1, 4294967295, 0) = 0",
	     "expect 1/files/open_fds_list = 0,3", "expect 1/files/next_fd = 1",
	     "expect 1/files/max_fds = 128", "close_range(4000000000, 4294967295, 0) = 0");
}

static void close_range_of_nonsense_is_EINVAL(void **state)
{
	PLAY(*state, "close_range(5, 4, 0) = -1 EINVAL", "close_range(0, 5, 1) = -1 EINVAL",
	     "close_range(0, 5, CLOSE_RANGE_CLOEXEC|8) = -1 EINVAL",
	     "close_range(4294967295, 0, CLOSE_RANGE_UNSHARE) = -1 EINVAL",
	     "expect 1/files/open_fds_list = 0-2");
}

static void close_range_with_CLOEXEC_marks_instead(void **state)
{
	PLAY(*state, "dup2(0, 70) = 70", "close_range(1, 4294967295, CLOSE_RANGE_CLOEXEC) = 0",
	     "expect 1/files/open_fds_list = 0-2,70", "fcntl(0, F_GETFD) = 0",
	     "fcntl(1, F_GETFD) = 1", "fcntl(70, F_GETFD) = 1",
	     "close_range(0, 0, CLOSE_RANGE_CLOEXEC) = 0", "fcntl(0, F_GETFD) = 1");
}

static void close_range_with_UNSHARE_leaves_other_tables_alone(void **state)
{
	struct lab *lab = *state;
	const struct files_struct *files = lab_files(lab, 1);

	PLAY(lab, "1 dup2(0, 70) = 70", "1 close_range(70, 70, CLOSE_RANGE_UNSHARE) = 0");
	assert_ptr_equal(lab_files(lab, 1), files);
	PLAY(lab, SHARE, "1 dup2(0, 70) = 70", "1 close_range(2, 100, CLOSE_RANGE_UNSHARE) = 0",
	     "expect 1/files/open_fds_list = 0-1", "expect 1/files/count = 1",
	     "expect 1/files/max_fds = 64", "expect 2/files/open_fds_list = 0-2,70",
	     "expect 2/files/count = 1");
	PLAY(lab, "2 clone(flags=CLONE_FILES|SIGCHLD) = 3",
	     "3 close_range(1, 100, CLOSE_RANGE_UNSHARE|CLOSE_RANGE_CLOEXEC) = 0",
	     "expect 3/files/open_fds_list = 0-2,70", "3 fcntl(70, F_GETFD) = 1",
	     "2 fcntl(70, F_GETFD) = 0", "expect 2/files/close_on_exec_list = ");
}

static void close_range_that_cannot_unshare_closes_nothing(void **state)
{
	PLAY(*state, SHARE, "1 dup2(0, 70) = 70", "echo 1 > 1/fail-nth",
	     "1 close_range(0, 60, CLOSE_RANGE_UNSHARE) = -1 ENOMEM",
	     "expect 1/files/open_fds_list = 0-2,70", "expect 1/files/count = 2");
}

static void close_range_gives_way_at_each_close(void **state)
{
	lab_points(*state, "1 close_range(1, 9, 0)", "filp_close filp_close");
}

/* ---- exec ----------------------------------------------------------------------------------- */

static void exec_closes_what_is_marked(void **state)
{
	PLAY(*state, "1 open(\"/etc/hosts\", O_RDONLY|O_CLOEXEC) = 3", "1 dup(3) = 4",
	     "1 fcntl(0, F_DUPFD_CLOEXEC, 100) = 100",
	     "1 execve(\"/bin/true\", [\"true\"], NULL) = 0",
	     "expect 1/files/open_fds_list = 0-2,4",
	     "expect 1/files/close_on_exec_list = ", "expect 1/files/max_fds = 128",
	     "expect 1/comm = true");
}

static void exec_unshares_a_shared_table_first(void **state)
{
	PLAY(*state, SHARE, "1 open(\"/etc/hosts\", O_RDONLY|O_CLOEXEC) = 3",
	     "2 execve(\"/bin/true\") = 0", "expect 1/files/count = 1", "expect 2/files/count = 1",
	     "expect no 2/fd/3", "expect 1/fd/3 = /etc/hosts", "1 fcntl(3, F_GETFD) = 1",
	     "1 kcmp(1, 2, KCMP_FILES) = 1");
}

static void exec_of_a_table_of_its_own_keeps_it(void **state)
{
	struct lab *lab = *state;
	const struct files_struct *files = lab_files(lab, 1);

	PLAY(lab, "execve(\"/bin/true\") = 0");
	assert_ptr_equal(lab_files(lab, 1), files);
}

static void exec_that_fails_leaves_the_very_table(void **state)
{
	struct lab *lab = *state;
	const struct files_struct *files;

	PLAY(lab, SHARE, "1 open(\"/etc/hosts\", O_RDONLY|O_CLOEXEC) = 3",
	     "1 open(\"/tmp/text\", O_WRONLY|O_CREAT, 0755) = 4", "1 write(4, \"hello\", 5) = 5",
	     "1 close(4) = 0");
	files = lab_files(lab, 2);
	PLAY(lab, "2 execve(\"\") = -1 ENOENT", "2 execve(\"/missing\") = -1 ENOENT",
	     "2 execve(\"/etc/passwd\") = -1 EACCES", "2 execve(\"/etc\") = -1 EACCES",
	     "2 execve(\"/tmp/text\") = -1 ENOEXEC", "2 execve(\"/etc/passwd/x\") = -1 ENOTDIR",
	     "expect 2/files/count = 2", "expect 2/fd/3 = /etc/hosts",
	     "expect 2/files/close_on_exec_list = 3");
	assert_ptr_equal(lab_files(lab, 2), files);
	assert_ptr_equal(lab_files(lab, 1), files);
}

static void exec_that_cannot_unshare_is_ENOMEM_before_ENOENT(void **state)
{
	PLAY(*state, SHARE, "echo 1 > 2/fail-nth", "2 execve(\"/missing\") = -1 ENOMEM",
	     "expect 2/files/count = 2");
}

static void exec_of_a_thread_makes_it_the_leader_and_ends_other_threads(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 " THREAD " = 3", "2 " THREAD " = 4", "2 fork() = 5",
	     "expect 2/files/count = 3", "2 pipe([3, 4]) = 0", "2 read 3 10",
	     "3 fcntl(0, F_SETFD, FD_CLOEXEC) = 0", "3 execve(\"/bin/cat\") = 0", "expect no 3",
	     "expect no 4", "expect 2/comm = cat", "expect 2/files/count = 1",
	     "expect 2/files/open_fds_list = 1-4", "2 gettid() = 2", "2 getppid() = 1",
	     "5 getppid() = 2", "2 wait4 5 WNOHANG = 0", "2 exit(7) = ?",
	     "1 wait4(2, [{WIFEXITED(s) && WEXITSTATUS(s) == 7}]) = 2");
}

static void exec_stops_at_each_file_that_it_closes(void **state)
{
	PLAY(*state, "1 fcntl(0, F_DUPFD_CLOEXEC, 3) = 3", "1 fcntl(0, F_DUPFD_CLOEXEC, 3) = 4");
	lab_points(*state, "1 execve(\"/bin/true\")", "do_close_on_exec do_close_on_exec");
}

/* ---- the end of a task ---------------------------------------------------------------------- */

static void exit_closes_everything_and_leaves_a_status(void **state)
{
	PLAY(*state, "1 pipe([3, 4]) = 0", "1 fork() = 2", "1 close(4) = 0", "1 read 3 5",
	     "2 exit(300) = ?", "1 <... read resumed>\"\", 5) = 0", "expect 2/status ~ ^State:\tZ",
	     "expect 2/status ~ ^FDSize:\t0$", "2 dup(0) = -1 ESRCH",
	     "1 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 44}], 0) = 2", "expect no 2",
	     "1 wait4(-1) = -1 ECHILD");
}

static void exit_may_stop_at_the_last_close_of_a_file(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 open(\"/etc/hosts\") = 3",
	     "2 exit(5 <unfinished at fput ...>", "expect 2/wchan = fput",
	     "expect 2/status ~ ^FDSize:\t0$", "2 dup(0) = -1 EALREADY", "1 wait4 2 WNOHANG = 0",
	     "2 finish", "1 wait4(2, [{WIFEXITED(s) && WEXITSTATUS(s) == 5}]) = 2", "1 fork() = 3",
	     "3 open(\"/etc/hosts\") = 3", "3 exit(5 <unfinished at fput ...>",
	     "1 kill(3, SIGKILL) = 0", "expect 3/status ~ ^State:\tZ", "1 wait4(3) = 3",
	     "expect sys/fs/file-nr ~ ^1\t");
}

static void exit_group_ends_all_threads(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 " THREAD " = 3", "2 " THREAD " = 4", "2 pipe([3, 4]) = 0",
	     "3 read 3 5", "4 exit_group(9) = ?", "expect no 3", "expect no 4",
	     "expect sys/fs/file-nr ~ ^1\t",
	     "1 wait4(2, [{WIFEXITED(s) && WEXITSTATUS(s) == 9}]) = 2");
}

static void exit_of_a_thread_leaves_the_table_to_other_threads(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 " THREAD " = 3", "3 open(\"/etc/hosts\") = 3",
	     "3 exit(1) = ?", "expect no 3", "expect 2/fd/3 = /etc/hosts",
	     "expect 2/files/count = 1", "2 " THREAD " = 4", "2 exit(5) = ?",
	     "1 wait4 2 WNOHANG = 0", "4 close(3) = 0", "4 exit(6) = ?",
	     "1 wait4(2, [{WIFEXITED(s) && WEXITSTATUS(s) == 6}]) = 2");
}

static void signal_that_kills_closes_everything(void **state)
{
	PLAY(*state, "1 pipe([3, 4]) = 0", "1 fork() = 2", "2 read 3 5", "1 close(3) = 0",
	     "1 kill(2, SIGTERM) = 0", "expect 2/status ~ ^State:\tZ",
	     "1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGTERM}]) = 2", "1 fork() = 3",
	     "3 write(4, \"x\", 1) = ?",
	     "1 wait4(3, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGPIPE}]) = 3",
	     "1 kill(3, 0) = -1 ESRCH", "1 kill(1, 0) = 0", "1 kill(1, 99) = -1 EINVAL");
}

/* A killed task first uses its reservation: no other task could give it back. */
static void signal_ends_a_call_in_flight_as_if_it_had_gone_on(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 clone(flags=CLONE_FILES|SIGCHLD) = 3",
	     "2 open(\"/etc/hosts\" <unfinished at do_filp_open ...>", "1 kill(2, SIGKILL) = 0",
	     "expect 3/files/count = 1", "1 wait4(2) = 2", "3 exit(0) = ?",
	     "expect sys/fs/file-nr ~ ^1\t");
}

static void wait4_waits_for_the_child_that_it_names(void **state)
{
	PLAY(*state, "1 fork() = 2", "1 fork() = 3", "1 wait4 2 WNOHANG = 0", "1 wait4 3",
	     "expect 1/wchan = do_wait", "2 exit(1) = ?", "3 exit(2) = ?",
	     "1 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 2}], 0) = 3",
	     "1 wait4(3) = -1 ECHILD", "1 wait4(2) = 2", "1 wait4 -1 0x100 = -1 EINVAL");
}

static void vfork_waits_for_exec_or_exit(void **state)
{
	PLAY(*state, "1 vfork", "expect 1/wchan = kernel_clone", "1 dup(0) = -1 EALREADY",
	     "2 execve(\"/missing\") = -1 ENOENT", "expect 1/wchan = kernel_clone",
	     "2 execve(\"/bin/true\") = 0", "1 <... vfork resumed>) = 2", "1 vfork",
	     "3 exit(0) = ?", "1 <... vfork resumed>) = 3");
}

/* ---- limits --------------------------------------------------------------------------------- */

static void nofile_is_1024_and_4096(void **state)
{
	PLAY(*state, "getrlimit(RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=4*1024}) = 0",
	     "prlimit64(0, RLIMIT_NOFILE, NULL, {rlim_cur=1024, rlim_max=4*1024}) = 0",
	     "expect 1/limits ~ ^Max open files +1024 +4096 +files");
}

static void hard_limit_above_nr_open_is_EPERM_and_soft_above_hard_EINVAL(void **state)
{
	PLAY(*state, "setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=4}) = -1 EINVAL",
	     "setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=1048577}) = -1 EPERM",
	     "setrlimit(RLIMIT_NOFILE, {rlim_cur=2000000, rlim_max=1048577}) = -1 EINVAL",
	     "setrlimit(RLIMIT_NOFILE, {rlim_cur=RLIM64_INFINITY, rlim_max=RLIM64_INFINITY}) = -1 "
	     "EPERM",
	     "setrlimit(RLIMIT_NOFILE, {rlim_cur=1048576, rlim_max=1048576}) = 0",
	     "echo 128 > sys/fs/nr_open",
	     "setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=129}) = -1 EPERM",
	     "setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=128}) = 0",
	     "setrlimit(99, {rlim_cur=5, rlim_max=5}) = -1 EINVAL");
}

static void hard_limit_is_lowered_by_any_user_and_raised_by_root(void **state)
{
	PLAY(*state, "setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=10}) = 0",
	     "setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=11}) = 0", "reset uid=1000",
	     "setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=10}) = 0",
	     "setrlimit(RLIMIT_NOFILE, {rlim_cur=10, rlim_max=10}) = 0",
	     "setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=11}) = -1 EPERM");
}

static void limits_are_a_processs_and_copied_by_fork(void **state)
{
	PLAY(*state, "1 " THREAD " = 2", "1 fork() = 3",
	     "2 setrlimit(RLIMIT_NOFILE, {rlim_cur=3, rlim_max=10}) = 0", "1 dup(0) = -1 EMFILE",
	     "3 dup(0) = 3", "1 prlimit64(3, RLIMIT_NOFILE, {rlim_cur=4, rlim_max=4}) = 0",
	     "3 dup(0) = -1 EMFILE", "1 fork() = 4", "4 dup(0) = -1 EMFILE",
	     "1 prlimit64(77, RLIMIT_NOFILE) = -1 ESRCH");
}

static void file_max_is_ENFILE_and_logged_once_per_crossing(void **state)
{
	PLAY(*state, "reset file_max=3", "open(\"/etc/hosts\") = 3", "open(\"/etc/hosts\") = 4",
	     "expect kmsg = ", "open(\"/etc/hosts\") = -1 ENFILE", "open(\"/missing\") = -1 ENFILE",
	     "expect kmsg = VFS: file-max limit 3 reached", "dup(4) = 5", "close(3) = 0",
	     "open(\"/etc/hosts\") = 3", "open(\"/etc/hosts\") = -1 ENFILE",
	     "expect kmsg = VFS: file-max limit 3 reached\nVFS: file-max limit 3 reached",
	     "expect 1/files/open_fds_list = 0-5", "expect sys/fs/file-nr = 3\t0\t3",
	     "echo 10 > sys/fs/file-max", "open(\"/etc/hosts\") = 6", "echo 1 > sys/fs/file-max",
	     "open(\"/etc/hosts\") = -1 ENFILE", "dup(6) = 7");
}

/* ---- what is seen --------------------------------------------------------------------------- */

static void FDSize_is_max_fds_and_fd_lists_only_what_has_a_file(void **state)
{
	struct lab *lab = *state;
	struct fdl_dirent de;
	char names[300] = "";
	uint64_t cookie = 0;
	fdl_ino dir;

	PLAY(lab, "get_unused_fd_flags() = 3", "dup2(0, 70) = 70",
	     "expect 1/status ~ ^FDSize:\t128$");
	assert_int_equal(fdl_walk(lab->m, "1/fd", &dir), 0);
	while (fdl_readdir(lab->m, dir, &cookie, &de) > 0)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s ", de.name);
	assert_string_equal(names, ". .. 0 1 2 70 ");
}

static void kcmp_tells_what_tasks_share(void **state)
{
	PLAY(*state, "1 fork() = 2", "1 clone(flags=CLONE_FILES|CLONE_FS|SIGCHLD) = 3",
	     "1 kcmp(1, 3, KCMP_FILES) = 0", "1 kcmp(1, 2, KCMP_FILES) = 1",
	     "1 kcmp(2, 1, KCMP_FILES) = 2", "1 kcmp(1, 3, KCMP_FS) = 0",
	     "1 kcmp(1, 2, KCMP_FS) = 1", "1 kcmp(2, 1, KCMP_FS) = 2",
	     "1 kcmp(1, 2, KCMP_FILE, 0, 2) = 0", "2 open(\"/etc/hosts\") = 3",
	     "1 kcmp(1, 2, KCMP_FILE, 0, 3) = 1", "1 kcmp(2, 1, KCMP_FILE, 3, 0) = 2",
	     "1 kcmp(1, 2, KCMP_FILE, 3, 3) = -1 EBADF", "1 kcmp(1, 9, KCMP_FILES) = -1 ESRCH",
	     "1 kcmp(1, 2, 99) = -1 EINVAL");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(open_of_a_full_table_is_EMFILE_before_ENOENT),
		LAB_TEST(open_checks_flags_and_name_before_EMFILE),
		LAB_TEST(open_reserves_then_opens_then_installs),
		LAB_TEST(open_in_flight_has_its_descriptor_reserved),
		LAB_TEST(open_that_fails_puts_its_descriptor_back),
		LAB_TEST(open_and_its_kin_take_the_lowest_descriptor_and_O_CLOEXEC),
		LAB_TEST(pipe_takes_the_two_lowest_descriptors),
		LAB_TEST(pipe_of_which_only_one_end_has_room_leaves_nothing),
		LAB_TEST(pipe_installs_both_ends_only_when_both_were_had),
		LAB_TEST(pipe2_checks_its_flags_first),
		LAB_TEST(pipe_makes_its_files_before_it_looks_for_descriptors),
		LAB_TEST(fcntl_of_what_is_not_open_is_EBADF_whatever_the_command),
		LAB_TEST(fcntl_of_an_O_PATH_file_knows_the_descriptor_and_F_GETFL_only),
		LAB_TEST(F_SETFD_and_FIOCLEX_mark_the_descriptor_and_not_its_copies),
		LAB_TEST(F_SETFL_changes_append_nonblock_async_direct_noatime_and_nothing_else),
		LAB_TEST(F_SETFL_changes_the_description_that_copies_share),
		LAB_TEST(fork_vfork_and_clone_copy_the_table),
		LAB_TEST(clone_with_CLONE_FILES_shares_the_table),
		LAB_TEST(fork_that_fails_uses_up_no_pid),
		LAB_TEST(fork_of_too_many_tasks_is_EAGAIN),
		LAB_TEST(fork_of_a_thread_copies_the_table_of_that_thread),
		LAB_TEST(unshare_copies_a_table_only_when_it_is_shared),
		LAB_TEST(unshare_that_fails_leaves_the_shared_table),
		LAB_TEST(close_range_closes_what_is_open_in_it),
		LAB_TEST(close_range_of_nonsense_is_EINVAL),
		LAB_TEST(close_range_with_CLOEXEC_marks_instead),
		LAB_TEST(close_range_with_UNSHARE_leaves_other_tables_alone),
		LAB_TEST(close_range_that_cannot_unshare_closes_nothing),
		LAB_TEST(close_range_gives_way_at_each_close),
		LAB_TEST(exec_closes_what_is_marked),
		LAB_TEST(exec_unshares_a_shared_table_first),
		LAB_TEST(exec_of_a_table_of_its_own_keeps_it),
		LAB_TEST(exec_that_fails_leaves_the_very_table),
		LAB_TEST(exec_that_cannot_unshare_is_ENOMEM_before_ENOENT),
		LAB_TEST(exec_of_a_thread_makes_it_the_leader_and_ends_other_threads),
		LAB_TEST(exec_stops_at_each_file_that_it_closes),
		LAB_TEST(exit_closes_everything_and_leaves_a_status),
		LAB_TEST(exit_may_stop_at_the_last_close_of_a_file),
		LAB_TEST(exit_group_ends_all_threads),
		LAB_TEST(exit_of_a_thread_leaves_the_table_to_other_threads),
		LAB_TEST(signal_that_kills_closes_everything),
		LAB_TEST(signal_ends_a_call_in_flight_as_if_it_had_gone_on),
		LAB_TEST(wait4_waits_for_the_child_that_it_names),
		LAB_TEST(vfork_waits_for_exec_or_exit),
		LAB_TEST(nofile_is_1024_and_4096),
		LAB_TEST(hard_limit_above_nr_open_is_EPERM_and_soft_above_hard_EINVAL),
		LAB_TEST(hard_limit_is_lowered_by_any_user_and_raised_by_root),
		LAB_TEST(limits_are_a_processs_and_copied_by_fork),
		LAB_TEST(file_max_is_ENFILE_and_logged_once_per_crossing),
		LAB_TEST(FDSize_is_max_fds_and_fd_lists_only_what_has_a_file),
		LAB_TEST(kcmp_tells_what_tasks_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
