/*
 * The functions of one descriptor table: its sizes, reserving and installing, closing, looking up;
 * the order of checks, and the state that failures leave. See lib/linux/README.md.
 */
#include "support/play.h"

#include "vfs/file.h"

#include <sys/epoll.h>
#include <unistd.h>

#define SHARE "1 clone(flags=CLONE_FILES|SIGCHLD) = 2"

/* ---- sizes ---------------------------------------------------------------------------------- */

static void new_table_has_64_embedded_slots(void **state)
{
	PLAY(*state, "expect 1/files/max_fds = 64", "expect 1/status ~ ^FDSize:\t64$",
	     "expect 1/files/fdtable ~ max_fds 64 \\(embedded\\)$", "1 dup2(0, 63) = 63",
	     "expect 1/files/max_fds = 64");
}

static void fdtable_names_the_tasks_that_share_the_table(void **state)
{
	PLAY(*state, SHARE, "1 fork() = 3", "1 clone(flags=CLONE_FILES|SIGCHLD) = 4",
	     "1 clone(flags=CLONE_FILES|SIGCHLD) = 5", "expect 4/files/fdtable ~ ^tasks 1-2,4-5$",
	     "expect 3/files/fdtable ~ ^tasks 3$", "2 unshare(CLONE_FILES) = 0",
	     "expect 1/files/fdtable ~ ^tasks 1,4-5$", "expect 2/files/fdtable ~ ^tasks 2$",
	     "5 exit(0) = ?", "4 exit(0) = ?", "expect 1/files/fdtable ~ ^tasks 1$");
}

static void table_grows_by_powers_of_two_from_128(void **state)
{
	PLAY(*state, "reset nofile=8192 nofile_hard=8192", "1 dup2(0, 64) = 64",
	     "expect 1/files/max_fds = 128", "1 dup2(0, 127) = 127", "expect 1/files/max_fds = 128",
	     "1 dup2(0, 128) = 128", "expect 1/files/max_fds = 256", "1 dup2(0, 255) = 255",
	     "expect 1/files/max_fds = 256", "1 dup2(0, 256) = 256", "expect 1/files/max_fds = 512",
	     "1 dup2(0, 8191) = 8191", "expect 1/files/max_fds = 8192",
	     "expect 1/status ~ ^FDSize:\t8192$");
}

/* Directly to a high descriptor: the smallest size that has it. */
static void table_grows_to_the_smallest_size_that_fits(void **state)
{
	struct lab *lab = *state;
	static const unsigned nrs[] = { 64, 100, 127, 128, 129, 191, 511, 512, 1023, 3000, 65536 };

	for (size_t i = 0; i < sizeof(nrs) / sizeof(nrs[0]); i++) {
		unsigned size = 128;
		char call[64], expect[64];

		while (size <= nrs[i])
			size *= 2;
		snprintf(call, sizeof(call), "1 dup2(0, %u) = %u", nrs[i], nrs[i]);
		snprintf(expect, sizeof(expect), "expect 1/files/max_fds = %u", size);
		PLAY(lab, "reset nofile=70000 nofile_hard=70000", call, expect);
	}
}

static void table_above_nr_open_is_nr_open_rounded_up_to_64(void **state)
{
	PLAY(*state, "reset nr_open=192 nofile=192 nofile_hard=192", "1 dup2(0, 64) = 64",
	     "expect 1/files/max_fds = 128", "1 dup2(0, 191) = 191",
	     "expect 1/files/max_fds = 192");
	PLAY(*state, "reset nr_open=130 nofile=130 nofile_hard=130", "1 dup2(0, 129) = 129",
	     "expect 1/files/max_fds = 192");
	PLAY(*state, "reset nr_open=100 nofile=100 nofile_hard=100", "1 dup2(0, 99) = 99",
	     "expect 1/files/max_fds = 128");
}

static void nr_open_is_1048576_and_may_be_set_between_64_and_2147483584(void **state)
{
	PLAY(*state, "expect sys/fs/nr_open = 1048576", "echo 63 > sys/fs/nr_open = -1 EINVAL",
	     "echo -1 > sys/fs/nr_open = -1 EINVAL", "echo many > sys/fs/nr_open = -1 EINVAL",
	     "echo 2147483585 > sys/fs/nr_open = -1 EINVAL", "expect sys/fs/nr_open = 1048576",
	     "echo 64 > sys/fs/nr_open", "expect sys/fs/nr_open = 64",
	     "echo 2147483584 > sys/fs/nr_open", "expect sys/fs/nr_open = 2147483584",
	     "echo 65 > sys/fs/nr_open", "expect sys/fs/nr_open = 65");
}

/* ---- expand_files, expand_fdtable ----------------------------------------------------------- */

static void expand_files_within_the_table_is_0_and_beyond_it_1(void **state)
{
	PLAY(*state, "expand_files(63) = 0", "expect 1/files/max_fds = 64", "expand_files(64) = 1",
	     "expect 1/files/max_fds = 128", "expand_files(127) = 0", "expand_files(128) = 1");
}

static void expand_files_obeys_nr_open_but_not_the_limit(void **state)
{
	PLAY(*state, "expand_files(1048576) = -1 EMFILE", "expand_files(4294967295) = -1 EMFILE",
	     "expect 1/files/max_fds = 64", "expand_files(5000) = 1",
	     "expect 1/files/max_fds = 8192");
}

static void expand_files_below_max_fds_is_0_even_above_nr_open(void **state)
{
	PLAY(*state, "expand_files(1000) = 1", "echo 64 > sys/fs/nr_open", "expand_files(1000) = 0",
	     "expand_files(1023) = 0", "expand_files(1024) = -1 EMFILE");
}

static void expand_fdtable_stops_before_it_allocates_and_before_it_locks_again(void **state)
{
	lab_points(*state, "1 expand_files(64)", "expand_fdtable expand_fdtable:relock");
	PLAY(*state, "expect 1/files/max_fds = 128");
	lab_points(*state, "1 expand_files(64)", "");
}

static void expand_fdtable_copies_slots_and_both_bitmaps_and_zeroes_the_rest(void **state)
{
	PLAY(*state, "open(\"/etc/passwd\", O_RDONLY|O_CLOEXEC) = 3", "dup2(3, 62) = 62",
	     "fcntl(62, F_SETFD, FD_CLOEXEC) = 0", "get_unused_fd_flags(O_CLOEXEC) = 4",
	     "set_close_on_exec(60, 1) = 0", "close(1) = 0", "expand_files(127) = 1",
	     "expect 1/files/open_fds_list = 0,2-4,62",
	     "expect 1/files/close_on_exec_list = 3-4,60,62",
	     "expect 1/files/slots = fd\tcloexec\tfile\tmode\tpos\tname\n"
	     "0\t0\t1\trw\t0\t/dev/console\n2\t0\t1\trw\t0\t/dev/console\n"
	     "3\t1\t2\tr\t0\t/etc/passwd\n4\t1\t-\t-\t-\t-\n62\t1\t2\tr\t0\t/etc/passwd",
	     "expect 1/files/open_fds = "
	     "00000000,00000000,40000000,0000001d");
}

static void expand_fdtable_is_EMFILE_when_nr_open_was_lowered_meanwhile(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat before = lab->m->kmem;

	PLAY(lab, "1 expand_files(200 <unfinished at expand_fdtable ...>",
	     "echo 64 > sys/fs/nr_open", "1 <... expand_files resumed>) = -1 EMFILE",
	     "expect 1/files/max_fds = 64");
	assert_memory_equal(&before, &lab->m->kmem, sizeof(before));
}

/* nr_open limits the size when the table is allocated, not when it is put in place. */
static void expand_fdtable_keeps_a_table_that_was_allocated_before_nr_open_sank(void **state)
{
	PLAY(*state, "1 expand_files(200 <unfinished at expand_fdtable:relock ...>",
	     "echo 64 > sys/fs/nr_open", "1 <... expand_files resumed>) = 1",
	     "expect 1/files/max_fds = 256");
}

static void expand_fdtable_frees_its_own_when_another_task_was_faster(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat before;

	PLAY(lab, SHARE, "1 expand_files(64 <unfinished at expand_fdtable ...>",
	     "2 expand_files(255) = 1");
	before = lab->m->kmem;
	PLAY(lab, "1 <... expand_files resumed>) = 1", "expect 1/files/max_fds = 256",
	     "expect rcu = table\tmax_fds\tbytes\tmemory\tstage\treaders");
	assert_memory_equal(&before, &lab->m->kmem, sizeof(before));
}

/*
 * Both tasks are in the middle of growing: the larger table, which comes second, replaces the
 * smaller.
 */
static void expand_fdtable_still_too_small_after_another_task_expanded_grows_again(void **state)
{
	PLAY(*state, SHARE, "1 expand_files(255 <unfinished at expand_fdtable:relock ...>",
	     "2 expand_files(64) = 1", "expect 2/files/max_fds = 128",
	     "1 <... expand_files resumed>) = 1", "expect 1/files/max_fds = 256");
}

static void expand_files_without_memory_is_ENOMEM(void **state)
{
	PLAY(*state, "echo 1 > 1/fail-nth", "expand_files(64) = -1 ENOMEM",
	     "expect 1/files/max_fds = 64", "expand_files(64) = 1");
}

/*
 * expand_files returns 1: the caller starts over, and finds the number that was closed while the
 * lock was dropped.
 */
static void alloc_fd_starts_over_after_expanding(void **state)
{
	lab_fill(*state, 1, 63);
	PLAY(*state, SHARE, "1 dup(0 <unfinished at expand_fdtable:relock ...>", "2 close(5) = 0",
	     "1 <... dup resumed>) = 5", "expect 1/files/max_fds = 128",
	     "expect 1/files/open_fds_list = 0-63");
}

/* ---- __alloc_fd ----------------------------------------------------------------------------- */

static void alloc_fd_takes_the_lowest_free_one(void **state)
{
	PLAY(*state, "get_unused_fd_flags() = 3", "get_unused_fd_flags() = 4", "close(1) = 0",
	     "get_unused_fd_flags() = 1", "get_unused_fd_flags() = 5", "dup2(0, 6) = 6",
	     "get_unused_fd_flags() = 7");
}

static void alloc_fd_takes_the_lowest_free_one_from_start(void **state)
{
	PLAY(*state, "alloc_fd(10) = 10", "alloc_fd(10) = 11", "dup2(0, 12) = 12",
	     "alloc_fd(10) = 13", "alloc_fd(0) = 3", "alloc_fd(63) = 63", "alloc_fd(63) = 64",
	     "expect 1/files/max_fds = 128");
}

static void alloc_fd_searches_past_full_words(void **state)
{
	struct lab *lab = *state;

	lab_fill(lab, 1, 200);
	PLAY(lab, "alloc_fd(5) = 201", "close(130) = 0", "alloc_fd(131) = 202",
	     "alloc_fd(5) = 130");
}

/* The limit is checked first: a table that could grow does not. */
static void alloc_fd_at_its_end_is_EMFILE_before_any_expansion(void **state)
{
	PLAY(*state, "reset nofile=64");
	lab_fill(*state, 1, 63);
	PLAY(*state, "get_unused_fd_flags() = -1 EMFILE", "alloc_fd(64) = -1 EMFILE",
	     "alloc_fd(4294967295) = -1 EMFILE", "expect 1/files/max_fds = 64", "close(10) = 0",
	     "alloc_fd(11) = -1 EMFILE", "get_unused_fd_flags() = 10");
}

/* The limit is checked before memory is allocated, too. */
static void alloc_fd_at_its_end_is_EMFILE_and_not_ENOMEM(void **state)
{
	PLAY(*state, "reset nofile=64");
	lab_fill(*state, 1, 63);
	PLAY(*state, "echo 1 > 1/fail-nth", "get_unused_fd_flags() = -1 EMFILE",
	     "expect 1/fail-nth = 1");
}

static void alloc_fd_returns_the_error_of_expand_files(void **state)
{
	lab_fill(*state, 1, 63);
	PLAY(*state, "echo 1 > 1/fail-nth", "get_unused_fd_flags() = -1 ENOMEM",
	     "expect 1/files/max_fds = 64", "expect 1/files/open_fds_list = 0-63",
	     "echo 64 > sys/fs/nr_open", "get_unused_fd_flags() = -1 EMFILE",
	     "expect 1/files/next_fd = 64");
}

static void alloc_fd_moves_next_fd_only_when_it_began_there(void **state)
{
	PLAY(*state, "expect 1/files/next_fd = 3", "alloc_fd(10) = 10",
	     "expect 1/files/next_fd = 3", "alloc_fd(2) = 3", "expect 1/files/next_fd = 4",
	     "alloc_fd(4) = 4", "expect 1/files/next_fd = 5", "alloc_fd(6) = 6",
	     "expect 1/files/next_fd = 5", "get_unused_fd_flags() = 5",
	     "expect 1/files/next_fd = 6", "get_unused_fd_flags() = 7",
	     "expect 1/files/next_fd = 8");
}

static void alloc_fd_sets_close_on_exec_or_clears_a_stale_one(void **state)
{
	PLAY(*state, "set_close_on_exec(3, 1) = 0", "set_close_on_exec(4, 1) = 0",
	     "expect 1/files/close_on_exec_list = 3-4", "get_unused_fd_flags(0) = 3",
	     "get_close_on_exec(3) = 0", "alloc_fd(0, 0) = 4", "get_close_on_exec(4) = 0",
	     "get_unused_fd_flags(O_CLOEXEC) = 5", "get_close_on_exec(5) = 1",
	     "alloc_fd(9, O_CLOEXEC) = 9", "expect 1/files/close_on_exec_list = 5,9");
}

static void alloc_fd_empties_a_slot_that_is_not_null_and_logs_it(void **state)
{
	struct lab *lab = *state;

	/* A descriptor whose bit was cleared, which is possible only by hand. */
	lab->unsound = true;
	PLAY(lab, "put_unused_fd(1) = 0", "expect 1/files/open_fds_list = 0,2",
	     "get_unused_fd_flags() = 1", "expect kmsg = alloc_fd: slot 1 not NULL!");
	lab->unsound = false;
	PLAY(lab, "expect 1/files/slots ~ ^1\t0\t-\t-\t-\t-$", "close(1) = -1 EBADF");
}

static void reserved_descriptor_has_its_bit_and_an_empty_slot(void **state)
{
	PLAY(*state, "get_unused_fd_flags() = 3", "expect 1/files/open_fds_list = 0-3",
	     "expect 1/files/slots ~ ^3\t0\t-\t-\t-\t-$", "expect 1/files/fdtable ~ reserved",
	     "expect no 1/fd/3", "expect no 1/fdinfo/3", "dup(3) = -1 EBADF", "close(3) = -1 EBADF",
	     "fcntl(3, F_GETFD) = -1 EBADF", "lseek(3, 0, SEEK_CUR) = -1 EBADF", "fget_raw(3) = 0");
}

static void get_unused_fd_flags_starts_at_0_and_ends_at_the_limit(void **state)
{
	PLAY(*state, "reset nofile=4", "get_unused_fd_flags() = 3",
	     "get_unused_fd_flags() = -1 EMFILE", "close(0) = 0", "get_unused_fd_flags() = 0",
	     "get_unused_fd_flags() = -1 EMFILE",
	     "setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=10}) = 0", "get_unused_fd_flags() = 4",
	     "get_unused_fd_flags() = -1 EMFILE");
}

/* Limits are for new descriptors; those above stay open. */
static void limit_below_open_descriptors_only_stops_new_ones(void **state)
{
	PLAY(*state, "dup2(0, 100) = 100",
	     "setrlimit(RLIMIT_NOFILE, {rlim_cur=2, rlim_max=50}) = 0", "close(0) = 0",
	     "dup(100) = 0", "dup(100) = -1 EMFILE", "fcntl(100, F_GETFD) = 0",
	     "dup2(100, 2) = -1 EBADF", "dup2(100, 100) = 100", "close(100) = 0");
}

/* ---- put_unused_fd, fd_install -------------------------------------------------------------- */

static void put_unused_fd_frees_the_number_and_leaves_close_on_exec(void **state)
{
	PLAY(*state, "get_unused_fd_flags(O_CLOEXEC) = 3", "put_unused_fd(3) = 0",
	     "expect 1/files/open_fds_list = 0-2", "expect 1/files/close_on_exec_list = 3",
	     "expect 1/files/next_fd = 3");
}

static void put_unused_fd_lowers_next_fd_and_never_raises_it(void **state)
{
	PLAY(*state, "get_unused_fd_flags() = 3", "get_unused_fd_flags() = 4",
	     "get_unused_fd_flags() = 5", "expect 1/files/next_fd = 6", "put_unused_fd(3) = 0",
	     "expect 1/files/next_fd = 3", "put_unused_fd(5) = 0", "expect 1/files/next_fd = 3");
}

static void fd_install_fills_a_reserved_slot(void **state)
{
	PLAY(*state, "get_unused_fd_flags(O_CLOEXEC) = 3", "fd_install(3, \"/dev/null\") = 0",
	     "expect 1/fd/3 = /dev/null", "expect 1/files/slots ~ ^3\t1\t2\trw\t0\t/dev/null$",
	     "get_unused_fd_flags() = 4", "fd_install(4, 3) = 0",
	     "expect 1/files/slots ~ ^4\t0\t2\trw\t0\t/dev/null$", "write(4, \"x\", 1) = 1");
}

static void fd_install_on_a_used_slot_is_a_BUG_that_kills_the_task_only(void **state)
{
	PLAY(*state, "1 fork() = 2", "1 fork() = 3", "2 fd_install(1, \"/dev/null\") = ?",
	     "expect kmsg ~ ^kernel BUG: fd_install: slot 1 is in use$",
	     "expect 2/status ~ ^State:\tZ", "expect 1/files/open_fds_list = 0-2",
	     "expect 3/files/open_fds_list = 0-2", "3 dup(0) = 3",
	     "1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV}], 0, NULL) = 2");
}

/* A thread's oops concerns itself: the table that it shared loses one user, and nothing more. */
static void fd_install_BUG_of_a_thread_leaves_the_other_threads(void **state)
{
	PLAY(*state, "1 fork() = 2",
	     "2 clone(flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 3",
	     "expect 2/files/count = 2", "3 fd_install(1, \"/dev/null\") = ?", "expect no 3",
	     "expect 2/files/count = 1", "2 dup(0) = 3");
}

static void fd_install_BUG_ends_the_call_there(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 clone(flags=CLONE_FILES|SIGCHLD) = 3",
	     "2 pipe( <unfinished at fd_install ...>", "3 fd_install(3, \"/dev/null\") = 0",
	     "2 finish", "expect 2/status ~ ^State:\tZ", "expect 3/fd/3 = /dev/null",
	     "expect 3/files/slots ~ ^4\t0\t-\t-\t-\t-$", "expect sys/fs/file-nr ~ ^4\t");
}

static void fd_install_beyond_the_table_is_a_BUG(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 fd_install(64, \"/dev/null\") = ?",
	     "expect kmsg ~ ^kernel BUG: fd_install: slot 64 is in use$", "1 dup(0) = 3");
}

/* ---- __close_fd, do_close_on_exec ----------------------------------------------------------- */

static void close_fd_of_what_is_not_open_is_EBADF(void **state)
{
	PLAY(*state, "get_unused_fd_flags() = 3", "__close_fd(64) = -1 EBADF",
	     "__close_fd(4) = -1 EBADF", "__close_fd(-1) = -1 EBADF",
	     "__close_fd(2147483647) = -1 EBADF", "__close_fd(3) = -1 EBADF",
	     "expect 1/files/open_fds_list = 0-3", "close(64) = -1 EBADF", "close(-1) = -1 EBADF");
}

static void close_fd_empties_the_slot_and_clears_both_bits(void **state)
{
	PLAY(*state, "open(\"/dev/null\", O_RDONLY|O_CLOEXEC) = 3", "__close_fd(3) = 0",
	     "expect 1/files/open_fds_list = 0-2",
	     "expect 1/files/close_on_exec_list = ", "expect 1/files/next_fd = 3",
	     "expect no 1/fd/3", "close(1) = 0", "expect 1/files/next_fd = 1", "close(2) = 0",
	     "expect 1/files/next_fd = 1");
}

static void close_fd_gives_the_number_back_before_it_lets_go_of_the_file(void **state)
{
	PLAY(*state, SHARE, "1 open(\"/etc/hosts\") = 3",
	     "1 close(3 <unfinished at filp_close ...>", "expect no 1/fd/3", "2 dup(0) = 3",
	     "expect open_files ~ /etc/hosts", "1 <... close resumed>) = 0",
	     "expect 1/fd/3 = /dev/console");
	lab_points(*state, "1 __close_fd(2)", "filp_close");
}

static void do_close_on_exec_closes_what_is_marked_in_order(void **state)
{
	PLAY(*state, "open(\"/etc/hosts\", O_RDONLY|O_CLOEXEC) = 3",
	     "fcntl(0, F_DUPFD_CLOEXEC, 40) = 40", "fcntl(0, F_DUPFD_CLOEXEC, 200) = 200",
	     "dup2(0, 100) = 100", "fcntl(1, F_SETFD, FD_CLOEXEC) = 0", "do_close_on_exec() = 0",
	     "expect 1/files/open_fds_list = 0,2,100",
	     "expect 1/files/close_on_exec_list = ", "expect 1/files/next_fd = 1",
	     "expect 1/files/max_fds = 256");
	PLAY(*state, "expect events ~ "
		     "\"clear\".*\"fd\":1,(.|\n)*\"clear\".*\"fd\":3,(.|\n)*"
		     "\"clear\".*\"fd\":40,(.|\n)*\"clear\".*\"fd\":200,");
}

static void do_close_on_exec_leaves_reserved_descriptors_without_their_mark(void **state)
{
	PLAY(*state, "get_unused_fd_flags(O_CLOEXEC) = 3", "do_close_on_exec() = 0",
	     "expect 1/files/open_fds_list = 0-3",
	     "expect 1/files/close_on_exec_list = ", "expect 1/files/slots ~ ^3\t0\t-\t-\t-\t-$");
}

static void do_close_on_exec_gives_way_after_each_file(void **state)
{
	PLAY(*state, "open(\"/etc/hosts\", O_RDONLY|O_CLOEXEC) = 3",
	     "fcntl(3, F_DUPFD_CLOEXEC, 70) = 70");
	lab_points(*state, "1 do_close_on_exec()", "do_close_on_exec fput do_close_on_exec");
}

/* exec takes a whole word of marks at once; it reads the next word as it is then. */
static void do_close_on_exec_reads_the_table_again_for_the_next_word(void **state)
{
	PLAY(*state, SHARE, "1 fcntl(0, F_DUPFD_CLOEXEC, 3) = 3",
	     "1 fcntl(0, F_DUPFD_CLOEXEC, 4) = 4",
	     "1 do_close_on_exec( <unfinished at do_close_on_exec ...>",
	     "expect 1/files/open_fds_list = 0-2,4",
	     "expect 1/files/close_on_exec_list = ", "2 fcntl(0, F_DUPFD_CLOEXEC, 5) = 5",
	     "2 fcntl(0, F_DUPFD_CLOEXEC, 300) = 300", "1 <... do_close_on_exec resumed>) = 0",
	     "expect 1/files/open_fds_list = 0-2,5", "expect 1/files/close_on_exec_list = 5");
}

/* ---- looking up ----------------------------------------------------------------------------- */

static void fget_takes_a_reference(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "open(\"/etc/hosts\") = 3", "fget(3) = 2", "close(3) = 0",
	     "expect open_files ~ /etc/hosts", "fput(2) = 0", "fget(3) = 0", "fget(64) = 0",
	     "fget(-1) = 0", "fput(2) = -1 EBADF");
	assert_null(file_find(lab->m, 2));
}

static void fget_does_not_see_O_PATH_files_and_fget_raw_does(void **state)
{
	PLAY(*state, "open(\"/etc/hosts\", O_PATH) = 3", "fget(3) = 0", "fget_raw(3) = 2",
	     "fget_light(3) = 0", "fget_raw_light(3) = 2", "fget_raw(0) = 1", "fput(2) = 0",
	     "fput(1) = 0");
}

static void fget_stops_before_the_table_and_before_the_slot(void **state)
{
	lab_points(*state, "1 fget(0)", "fget:fdt fget:slot");
	lab_points(*state, "1 fget_raw(0)", "fget:fdt fget:slot");
	lab_points(*state, "1 fget(64)", "fget:fdt fget:slot");
}

static void fget_that_stands_at_the_table_finds_what_is_in_the_slot_then(void **state)
{
	PLAY(*state, SHARE, "1 fget(1 <unfinished at fget:fdt ...>", "2 close(1) = 0",
	     "1 <... fget resumed>) = 0", "1 fget(2 <unfinished at fget:fdt ...>",
	     "2 open(\"/etc/hosts\") = 1", "2 dup2(1, 2) = 2", "1 <... fget resumed>) = 2",
	     "1 fput(2) = 0");
}

/* The look-up has seen the slot: it gets that file as long as a reference to it is left. */
static void fget_that_stands_after_the_slot_gets_the_file_it_saw(void **state)
{
	PLAY(*state, SHARE, "2 open(\"/etc/hosts\") = 3", "2 dup(3) = 4",
	     "1 fget(3 <unfinished at fget:slot ...>", "2 close(3) = 0",
	     "1 <... fget resumed>) = 2", "1 fput(2) = 0");
}

static void fget_of_a_file_whose_count_is_0_is_none(void **state)
{
	PLAY(*state, SHARE, "2 open(\"/etc/hosts\") = 3", "1 fget(3 <unfinished at fget:slot ...>",
	     "2 close(3 <unfinished at fput ...>", "1 <... fget resumed>) = 0",
	     "2 <... close resumed>) = 0");
}

/* The same when the file was released: RCU keeps its memory for readers. */
static void fget_of_a_file_that_was_released_meanwhile_is_none(void **state)
{
	PLAY(*state, SHARE, "2 open(\"/etc/hosts\") = 3", "1 fget(3 <unfinished at fget:slot ...>",
	     "2 close(3) = 0", "2 open(\"/etc/passwd\") = 3", "2 dup2(0, 3) = 3",
	     "1 <... fget resumed>) = 0", "1 fget(3) = 1");
}

static void fget_light_takes_a_reference_only_of_a_shared_table(void **state)
{
	PLAY(*state, "1 fget_light(0, [0]) = 1", "1 fput(1) = -1 EBADF",
	     "1 fget_raw_light(1, [0]) = 1", "1 fget_light(9, [0]) = 0", SHARE,
	     "1 fget_light(0, [1]) = 1", "1 fput(1) = 0", "1 fget_raw_light(0, [1]) = 1",
	     "1 fput(1) = 0", "1 fget_light(9, [0]) = 0", "2 exit(0) = ?",
	     "1 fget_light(0, [0]) = 1");
}

static void fget_light_of_an_unshared_table_never_stops(void **state)
{
	lab_points(*state, "1 fget_light(0)", "");
	PLAY(*state, SHARE);
	lab_points(*state, "1 fget_light(0)", "fget:fdt fget:slot");
	PLAY(*state, "1 fput(1) = 0");
}

static void set_close_on_exec_does_not_ask_whether_it_is_open(void **state)
{
	PLAY(*state, "set_close_on_exec(0, 1) = 0", "get_close_on_exec(0) = 1",
	     "set_close_on_exec(0, 0) = 0", "get_close_on_exec(0) = 0",
	     "set_close_on_exec(50, 1) = 0", "get_close_on_exec(50) = 1",
	     "expect 1/files/close_on_exec_list = 50", "expect 1/files/open_fds_list = 0-2",
	     "fcntl(50, F_GETFD) = -1 EBADF", "get_close_on_exec(64) = 0");
}

/* ---- anonymous inodes ----------------------------------------------------------------------- */

static void anon_inode_getfd_gives_the_lowest_descriptor_a_file_with_that_name(void **state)
{
	PLAY(*state, "anon_inode_getfd(\"[eventfd]\", O_RDWR|O_CLOEXEC) = 3",
	     "expect 1/fd/3 = anon_inode:[eventfd]", "fcntl(3, F_GETFD) = 0x1",
	     "read(3, \"\", 1) = -1 EINVAL", "dup2(3, 5) = 5",
	     "anon_inode_getfd(\"socket\", O_RDONLY) = 4", "write(4, \"x\", 1) = -1 EBADF",
	     "close(3) = 0", "expect 1/fd/5 = anon_inode:[eventfd]");
}

static void anon_inode_getfd_that_fails_keeps_no_descriptor(void **state)
{
	PLAY(*state, "reset nofile=4", "anon_inode_getfd(\"\") = -1 ENOENT",
	     "anon_inode_getfd(\"[x]\") = 3", "anon_inode_getfd(\"[x]\") = -1 EMFILE",
	     "reset file_max=1", "anon_inode_getfd(\"[x]\") = -1 ENFILE",
	     "expect 1/files/open_fds_list = 0-2");
}

static void anon_inode_cannot_be_opened_by_way_of_proc(void **state)
{
	int fd = epoll_create1(O_CLOEXEC);
	char path[64];

	assert_true(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(open(path, O_RDWR), -1);
	assert_int_equal(errno, ENXIO);
	close(fd);
	PLAY(*state, "anon_inode_getfd(\"[eventpoll]\") = 3",
	     "open(\"/proc/self/fd/3\", O_RDWR) = -1 ENXIO");
}

static const struct CMUnitTest tables_and_descriptors[] = {
	LAB_TEST(new_table_has_64_embedded_slots),
	LAB_TEST(fdtable_names_the_tasks_that_share_the_table),
	LAB_TEST(table_grows_by_powers_of_two_from_128),
	LAB_TEST(table_grows_to_the_smallest_size_that_fits),
	LAB_TEST(table_above_nr_open_is_nr_open_rounded_up_to_64),
	LAB_TEST(nr_open_is_1048576_and_may_be_set_between_64_and_2147483584),
	LAB_TEST(expand_files_within_the_table_is_0_and_beyond_it_1),
	LAB_TEST(expand_files_obeys_nr_open_but_not_the_limit),
	LAB_TEST(expand_files_below_max_fds_is_0_even_above_nr_open),
	LAB_TEST(expand_fdtable_stops_before_it_allocates_and_before_it_locks_again),
	LAB_TEST(expand_fdtable_copies_slots_and_both_bitmaps_and_zeroes_the_rest),
	LAB_TEST(expand_fdtable_is_EMFILE_when_nr_open_was_lowered_meanwhile),
	LAB_TEST(expand_fdtable_keeps_a_table_that_was_allocated_before_nr_open_sank),
	LAB_TEST(expand_fdtable_frees_its_own_when_another_task_was_faster),
	LAB_TEST(expand_fdtable_still_too_small_after_another_task_expanded_grows_again),
	LAB_TEST(expand_files_without_memory_is_ENOMEM),
	LAB_TEST(alloc_fd_starts_over_after_expanding),
	LAB_TEST(alloc_fd_takes_the_lowest_free_one),
	LAB_TEST(alloc_fd_takes_the_lowest_free_one_from_start),
	LAB_TEST(alloc_fd_searches_past_full_words),
	LAB_TEST(alloc_fd_at_its_end_is_EMFILE_before_any_expansion),
	LAB_TEST(alloc_fd_at_its_end_is_EMFILE_and_not_ENOMEM),
	LAB_TEST(alloc_fd_returns_the_error_of_expand_files),
	LAB_TEST(alloc_fd_moves_next_fd_only_when_it_began_there),
	LAB_TEST(alloc_fd_sets_close_on_exec_or_clears_a_stale_one),
	LAB_TEST(alloc_fd_empties_a_slot_that_is_not_null_and_logs_it),
	LAB_TEST(reserved_descriptor_has_its_bit_and_an_empty_slot),
	LAB_TEST(get_unused_fd_flags_starts_at_0_and_ends_at_the_limit),
	LAB_TEST(limit_below_open_descriptors_only_stops_new_ones),
	LAB_TEST(put_unused_fd_frees_the_number_and_leaves_close_on_exec),
	LAB_TEST(put_unused_fd_lowers_next_fd_and_never_raises_it),
};

static const struct CMUnitTest slots_and_files[] = {
	LAB_TEST(fd_install_fills_a_reserved_slot),
	LAB_TEST(fd_install_on_a_used_slot_is_a_BUG_that_kills_the_task_only),
	LAB_TEST(fd_install_BUG_of_a_thread_leaves_the_other_threads),
	LAB_TEST(fd_install_BUG_ends_the_call_there),
	LAB_TEST(fd_install_beyond_the_table_is_a_BUG),
	LAB_TEST(close_fd_of_what_is_not_open_is_EBADF),
	LAB_TEST(close_fd_empties_the_slot_and_clears_both_bits),
	LAB_TEST(close_fd_gives_the_number_back_before_it_lets_go_of_the_file),
	LAB_TEST(do_close_on_exec_closes_what_is_marked_in_order),
	LAB_TEST(do_close_on_exec_leaves_reserved_descriptors_without_their_mark),
	LAB_TEST(do_close_on_exec_gives_way_after_each_file),
	LAB_TEST(do_close_on_exec_reads_the_table_again_for_the_next_word),
	LAB_TEST(fget_takes_a_reference),
	LAB_TEST(fget_does_not_see_O_PATH_files_and_fget_raw_does),
	LAB_TEST(fget_stops_before_the_table_and_before_the_slot),
	LAB_TEST(fget_that_stands_at_the_table_finds_what_is_in_the_slot_then),
	LAB_TEST(fget_that_stands_after_the_slot_gets_the_file_it_saw),
	LAB_TEST(fget_of_a_file_whose_count_is_0_is_none),
	LAB_TEST(fget_of_a_file_that_was_released_meanwhile_is_none),
	LAB_TEST(fget_light_takes_a_reference_only_of_a_shared_table),
	LAB_TEST(fget_light_of_an_unshared_table_never_stops),
	LAB_TEST(set_close_on_exec_does_not_ask_whether_it_is_open),
	LAB_TEST(anon_inode_getfd_gives_the_lowest_descriptor_a_file_with_that_name),
	LAB_TEST(anon_inode_getfd_that_fails_keeps_no_descriptor),
	LAB_TEST(anon_inode_cannot_be_opened_by_way_of_proc),
};

int main(void)
{
	int failed = cmocka_run_group_tests(tables_and_descriptors, NULL, NULL);

	failed += cmocka_run_group_tests(slots_and_files, NULL, NULL);
	return failed;
}
