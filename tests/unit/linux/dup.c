/*
 * Duplicating descriptors, from do_dup2 up to the system calls: the order of checks, the replaced
 * files, and the changes that a failed call leaves.
 */
#include "support/play.h"

#include "vfs/file.h"

#define SHARE "1 clone(flags=CLONE_FILES|SIGCHLD) = 2"

/* ---- do_dup2, replace_fd -------------------------------------------------------------------- */

static void do_dup2_onto_a_reserved_descriptor_is_EBUSY(void **state)
{
	PLAY(*state, "get_unused_fd_flags(O_CLOEXEC) = 3", "do_dup2(0, 3) = -1 EBUSY",
	     "dup2(0, 3) = -1 EBUSY", "dup3(0, 3, O_CLOEXEC) = -1 EBUSY",
	     "replace_fd(3, 0) = -1 EBUSY", "expect 1/files/slots ~ ^3\t1\t-\t-\t-\t-$",
	     "put_unused_fd(3) = 0", "dup2(0, 3) = 3");
}

static void do_dup2_stores_sets_its_bit_and_takes_a_reference(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "open(\"/etc/hosts\") = 3", "do_dup2(3, 9) = 9",
	     "expect 1/files/open_fds_list = 0-3,9", "expect 1/fd/9 = /etc/hosts");
	assert_int_equal(file_find(lab->m, 2)->count, 2);
}

static void do_dup2_sets_close_on_exec_or_clears_it(void **state)
{
	PLAY(*state, "do_dup2(0, 5, O_CLOEXEC) = 5", "expect 1/files/close_on_exec_list = 5",
	     "do_dup2(0, 5, 0) = 5",
	     "expect 1/files/close_on_exec_list = ", "set_close_on_exec(6, 1) = 0",
	     "dup2(0, 6) = 6", "get_close_on_exec(6) = 0", "dup3(0, 6, O_CLOEXEC) = 6",
	     "get_close_on_exec(6) = 1", "dup2(1, 6) = 6", "get_close_on_exec(6) = 0");
}

static void do_dup2_does_not_touch_next_fd(void **state)
{
	PLAY(*state, "dup2(0, 3) = 3", "expect 1/files/next_fd = 3", "dup2(0, 10) = 10",
	     "expect 1/files/next_fd = 3", "dup(0) = 4", "expect 1/files/next_fd = 5");
}

static void do_dup2_lets_go_of_the_old_file_when_the_new_one_is_in_place(void **state)
{
	PLAY(*state, SHARE, "1 open(\"/etc/hosts\") = 3",
	     "1 dup2(0, 3 <unfinished at filp_close ...>", "expect 1/fd/3 = /dev/console",
	     "expect open_files ~ /etc/hosts", "2 close(3) = 0", "1 <... dup2 resumed>) = 3",
	     "expect no 1/fd/3");
	lab_points(*state, "1 dup2(0, 3)", "__set_open_fd");
	lab_points(*state, "1 dup2(1, 3)", "__set_open_fd filp_close");
}

static void do_dup2_stores_the_file_before_it_sets_the_bits(void **state)
{
	PLAY(*state, SHARE, "1 dup3(0, 3, O_CLOEXEC <unfinished at __set_open_fd ...>",
	     "expect 1/fd/3 = /dev/console", "expect 1/files/open_fds_list = 0-2",
	     "2 fcntl(3, F_GETFD) = 0", "1 <... dup3 resumed>) = 3", "2 fcntl(3, F_GETFD) = 1",
	     "expect 1/files/open_fds_list = 0-3");
}

/* The kernel holds file_lock there: another task that takes it finds the bits set. */
static void do_dup2_has_set_the_bits_where_another_task_has_the_lock(void **state)
{
	PLAY(*state, SHARE, "1 dup3(0, 3, O_CLOEXEC <unfinished at __set_open_fd ...>",
	     "2 dup(0) = 4", "expect 1/files/open_fds_list = 0-4", "2 fcntl(3, F_GETFD) = 1",
	     "2 close(3) = 0", "1 <... dup3 resumed>) = 3", "expect 1/files/open_fds_list = 0-2,4");
}

static void do_dup2_has_set_the_bits_in_the_table_that_takes_its_place(void **state)
{
	PLAY(*state, SHARE, "1 dup3(0, 3, O_CLOEXEC <unfinished at __set_open_fd ...>",
	     "2 dup2(0, 100) = 100", "1 <... dup3 resumed>) = 3",
	     "expect 1/files/open_fds_list = 0-3,100", "expect 1/files/close_on_exec_list = 3");
}

/* The same file in the slot is replaced like any other: its reference count stays. */
static void do_dup2_of_a_file_onto_itself_keeps_it(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "open(\"/etc/hosts\") = 3", "dup(3) = 4", "dup2(3, 4) = 4", "do_dup2(3, 3) = 3");
	assert_int_equal(file_find(lab->m, 2)->count, 2);
}

static void replace_fd_without_a_file_closes(void **state)
{
	PLAY(*state, "replace_fd(1, NULL) = 0", "expect 1/files/open_fds_list = 0,2",
	     "replace_fd(1, NULL) = -1 EBADF", "replace_fd(5000, NULL) = -1 EBADF");
}

static void replace_fd_at_the_limit_is_EBADF_and_grows_nothing(void **state)
{
	PLAY(*state, "replace_fd(1024, 0) = -1 EBADF", "replace_fd(2147483647, 0) = -1 EBADF",
	     "expect 1/files/max_fds = 64", "replace_fd(1023, 0, O_CLOEXEC) = 1023",
	     "expect 1/files/max_fds = 1024", "expect 1/files/close_on_exec_list = 1023");
}

static void replace_fd_returns_the_error_of_expand_files_EMFILE_too(void **state)
{
	PLAY(*state, "echo 64 > sys/fs/nr_open", "replace_fd(64, 0) = -1 EMFILE",
	     "replace_fd(63, 0) = 63", "echo 1048576 > sys/fs/nr_open", "echo 1 > 1/fail-nth",
	     "replace_fd(64, 0) = -1 ENOMEM");
}

/* ---- dup, dup2, dup3, f_dupfd --------------------------------------------------------------- */

static void dup3_checks_flags_then_equality_then_the_limit_then_the_old_one(void **state)
{
	PLAY(*state, "dup3(99, 99, O_NONBLOCK) = -1 EINVAL", "dup3(0, 5000, 1) = -1 EINVAL",
	     "dup3(0, 5, O_CLOEXEC|O_APPEND) = -1 EINVAL", "dup3(0, 0) = -1 EINVAL",
	     "dup3(99, 99) = -1 EINVAL", "dup3(5000, 5000, O_CLOEXEC) = -1 EINVAL",
	     "dup3(0, 1024) = -1 EBADF", "dup3(0, -1) = -1 EBADF", "dup3(99, 5) = -1 EBADF",
	     "dup3(-1, 5) = -1 EBADF", "expect 1/files/open_fds_list = 0-2",
	     "expect 1/files/max_fds = 64");
}

static void dup3_that_fails_with_EBADF_has_grown_the_table(void **state)
{
	PLAY(*state, "dup3(99, 500) = -1 EBADF", "expect 1/files/max_fds = 512",
	     "expect 1/files/open_fds_list = 0-2", "dup2(99, 1000) = -1 EBADF",
	     "expect 1/files/max_fds = 1024");
}

static void dup3_onto_a_reserved_descriptor_that_needed_growth_has_grown_the_table(void **state)
{
	PLAY(*state, SHARE, "1 dup3(0, 64 <unfinished at expand_fdtable:relock ...>",
	     "2 alloc_fd(64) = 64", "1 <... dup3 resumed>) = -1 EBUSY",
	     "expect 1/files/max_fds = 128");
}

static void dup3_makes_EBADF_of_EMFILE(void **state)
{
	PLAY(*state, "echo 64 > sys/fs/nr_open", "dup3(0, 64) = -1 EBADF", "dup2(0, 64) = -1 EBADF",
	     "dup2(0, 63) = 63");
}

static void dup3_looks_the_old_one_up_before_it_says_ENOMEM(void **state)
{
	PLAY(*state, "echo 1 > 1/fail-nth", "dup3(99, 64) = -1 EBADF", "expect 1/fail-nth = 0",
	     "echo 1 > 1/fail-nth", "dup3(0, 64) = -1 ENOMEM", "expect 1/files/max_fds = 64");
}

/*
 * The lock was dropped to grow the table: the old descriptor may have been closed or opened
 * meanwhile.
 */
static void dup3_looks_the_old_one_up_after_growing(void **state)
{
	PLAY(*state, SHARE, "1 dup2(1, 64 <unfinished at expand_fdtable:relock ...>",
	     "2 close(1) = 0", "1 <... dup2 resumed>) = -1 EBADF",
	     "1 dup2(1, 128 <unfinished at expand_fdtable ...>", "2 dup(0) = 1",
	     "1 <... dup2 resumed>) = 128");
}

static void dup2_of_equal_numbers_is_the_number_or_EBADF(void **state)
{
	PLAY(*state, "set_close_on_exec(1, 1) = 0", "dup2(1, 1) = 1", "get_close_on_exec(1) = 1",
	     "dup2(9, 9) = -1 EBADF", "dup2(-1, -1) = -1 EBADF", "dup2(5000, 5000) = -1 EBADF",
	     "get_unused_fd_flags() = 3", "dup2(3, 3) = -1 EBADF",
	     "setrlimit(RLIMIT_NOFILE, {rlim_cur=1, rlim_max=4096}) = 0", "dup2(2, 2) = 2",
	     "expect 1/files/max_fds = 64");
}

static void dup_copies_O_PATH_files_too(void **state)
{
	PLAY(*state, "open(\"/etc/hosts\", O_PATH|O_CLOEXEC) = 3", "dup(3) = 4",
	     "get_close_on_exec(4) = 0", "expect 1/fd/4 = /etc/hosts", "dup2(3, 7) = 7",
	     "expect 1/files/slots ~ ^7\t0\t2\tpath\t0\t/etc/hosts$");
}

static void dup_of_nothing_is_EBADF_before_EMFILE(void **state)
{
	PLAY(*state, "reset nofile=3", "dup(9) = -1 EBADF", "dup(-1) = -1 EBADF",
	     "dup(0) = -1 EMFILE");
}

/* fget_raw, get_unused_fd, and between that and fd_install the number is reserved. */
static void dup_reserves_and_then_installs(void **state)
{
	lab_points(*state, "1 dup(0)", "fget:fdt fget:slot get_unused_fd_flags fd_install");
	PLAY(*state, SHARE, "1 dup(0 <unfinished at fd_install ...>",
	     "expect 2/files/slots ~ ^4\t0\t-\t-\t-\t-$", "2 dup2(1, 4) = -1 EBUSY",
	     "2 close(4) = -1 EBADF", "2 close(0) = 0", "1 <... dup resumed>) = 4",
	     "expect 1/fd/4 = /dev/console");
}

static void close_range_passes_over_a_reserved_descriptor(void **state)
{
	PLAY(*state, SHARE, "1 pipe( <unfinished at fd_install ...>",
	     "2 close_range(3, 30, 0 <unfinished at __range_close ...>",
	     "1 <... pipe resumed>[3, 4]) = 0", "2 <... close_range resumed>) = 0",
	     "expect 1/files/open_fds_list = 0-3");
}

static void F_DUPFD_looks_up_and_then_reserves(void **state)
{
	lab_points(*state, "1 fcntl(0, F_DUPFD, 0)", "alloc_fd fd_install");
	PLAY(*state, SHARE, "1 fcntl(1, F_DUPFD, 0 <unfinished at alloc_fd ...>", "2 close(1) = 0",
	     "1 <... fcntl resumed>) = 1", "expect 1/fd/1 = /dev/console");
}

static void F_GETFD_and_F_SETFD_look_up_before_the_mark(void **state)
{
	lab_points(*state, "1 fcntl(0, F_GETFD)", "get_close_on_exec");
	lab_points(*state, "1 fcntl(0, F_SETFD, 0)", "set_close_on_exec");
	PLAY(*state, SHARE, "1 fcntl(1, F_SETFD, FD_CLOEXEC <unfinished at set_close_on_exec ...>",
	     "2 close(1) = 0", "2 dup(0) = 1", "1 <... fcntl resumed>) = 0",
	     "expect 1/files/close_on_exec_list = 1",
	     "1 fcntl(1, F_GETFD <unfinished at get_close_on_exec ...>", "2 dup2(0, 1) = 1",
	     "1 <... fcntl resumed>) = 0");
}

static void dup_that_fails_gives_its_reference_back(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "reset nofile=3", "dup(0) = -1 EMFILE");
	assert_int_equal(file_find(lab->m, 1)->count, 3);
}

static void f_dupfd_from_the_limit_on_is_EINVAL_and_a_full_table_EMFILE(void **state)
{
	PLAY(*state, "reset nofile=6", "f_dupfd(6, 0) = -1 EINVAL",
	     "fcntl(0, F_DUPFD, 6) = -1 EINVAL", "fcntl(0, F_DUPFD, -1) = -1 EINVAL",
	     "fcntl(99, F_DUPFD, 6) = -1 EBADF", "fcntl(0, F_DUPFD, 5) = 5",
	     "fcntl(0, F_DUPFD, 5) = -1 EMFILE", "fcntl(0, F_DUPFD, 4) = 4",
	     "f_dupfd(0, 0, O_CLOEXEC) = 3", "f_dupfd(0, 0) = -1 EMFILE",
	     "expect 1/files/close_on_exec_list = 3");
}

static void f_dupfd_marks_by_O_CLOEXEC(void **state)
{
	PLAY(*state, "set_close_on_exec(10, 1) = 0", "fcntl(0, F_DUPFD, 10) = 10",
	     "fcntl(0, F_DUPFD_CLOEXEC, 10) = 11", "fcntl(0, F_DUPFD) = 3",
	     "expect 1/files/close_on_exec_list = 11");
}

static void f_dupfd_that_fails_gives_its_reference_back(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, SHARE, "1 setrlimit(RLIMIT_NOFILE, {rlim_cur=3, rlim_max=4096}) = 0",
	     "1 fcntl(0, F_DUPFD, 0) = -1 EMFILE", "1 fcntl(0, F_DUPFD, 3) = -1 EINVAL");
	assert_int_equal(file_find(lab->m, 1)->count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(do_dup2_onto_a_reserved_descriptor_is_EBUSY),
		LAB_TEST(do_dup2_stores_sets_its_bit_and_takes_a_reference),
		LAB_TEST(do_dup2_sets_close_on_exec_or_clears_it),
		LAB_TEST(do_dup2_does_not_touch_next_fd),
		LAB_TEST(do_dup2_lets_go_of_the_old_file_when_the_new_one_is_in_place),
		LAB_TEST(do_dup2_stores_the_file_before_it_sets_the_bits),
		LAB_TEST(do_dup2_has_set_the_bits_where_another_task_has_the_lock),
		LAB_TEST(do_dup2_has_set_the_bits_in_the_table_that_takes_its_place),
		LAB_TEST(do_dup2_of_a_file_onto_itself_keeps_it),
		LAB_TEST(replace_fd_without_a_file_closes),
		LAB_TEST(replace_fd_at_the_limit_is_EBADF_and_grows_nothing),
		LAB_TEST(replace_fd_returns_the_error_of_expand_files_EMFILE_too),
		LAB_TEST(dup3_checks_flags_then_equality_then_the_limit_then_the_old_one),
		LAB_TEST(dup3_that_fails_with_EBADF_has_grown_the_table),
		LAB_TEST(dup3_onto_a_reserved_descriptor_that_needed_growth_has_grown_the_table),
		LAB_TEST(dup3_makes_EBADF_of_EMFILE),
		LAB_TEST(dup3_looks_the_old_one_up_before_it_says_ENOMEM),
		LAB_TEST(dup3_looks_the_old_one_up_after_growing),
		LAB_TEST(dup2_of_equal_numbers_is_the_number_or_EBADF),
		LAB_TEST(dup_copies_O_PATH_files_too),
		LAB_TEST(dup_of_nothing_is_EBADF_before_EMFILE),
		LAB_TEST(dup_reserves_and_then_installs),
		LAB_TEST(close_range_passes_over_a_reserved_descriptor),
		LAB_TEST(F_DUPFD_looks_up_and_then_reserves),
		LAB_TEST(F_GETFD_and_F_SETFD_look_up_before_the_mark),
		LAB_TEST(dup_that_fails_gives_its_reference_back),
		LAB_TEST(f_dupfd_from_the_limit_on_is_EINVAL_and_a_full_table_EMFILE),
		LAB_TEST(f_dupfd_marks_by_O_CLOEXEC),
		LAB_TEST(f_dupfd_that_fails_gives_its_reference_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
