/*
 * Whole tables: copied by dup_fd, shared, and released by their last holder; walking them and
 * closing their files; and the invariants, each of which is broken once to show that it is checked.
 */
#include "support/play.h"

#include "vfs/file.h"

#define SHARE "1 clone(flags=CLONE_FILES|SIGCHLD) = 2"

/* ---- dup_fd --------------------------------------------------------------------------------- */

static void copy_is_a_table_of_its_own(void **state)
{
	PLAY(*state, "1 open(\"/etc/hosts\", O_RDONLY|O_CLOEXEC) = 3", "1 fork() = 2",
	     "expect 1/files/count = 1", "expect 2/files/count = 1", "1 close(1) = 0",
	     "expect 2/files/open_fds_list = 0-3", "expect 2/files/close_on_exec_list = 3",
	     "2 dup2(0, 9) = 9", "expect 1/files/open_fds_list = 0,2-3",
	     "1 kcmp(1, 2, KCMP_FILES) = 1", "1 kcmp(2, 1, KCMP_FILES) = 2");
}

static void copy_has_next_fd_0(void **state)
{
	PLAY(*state, "1 fork() = 2", "expect 1/files/next_fd = 3", "expect 2/files/next_fd = 0",
	     "2 dup(0) = 3", "expect 2/files/next_fd = 4");
}

static void copy_gives_each_file_a_reference(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "1 open(\"/etc/hosts\") = 3", "1 dup(3) = 4", "1 fork() = 2");
	assert_int_equal(file_find(lab->m, 2)->count, 4);
	PLAY(lab, "2 exit(0) = ?");
	assert_int_equal(file_find(lab->m, 2)->count, 2);
}

/* A slot whose bit was cleared by hand is copied all the same, and counted. */
static void copy_gives_a_file_without_its_bit_a_reference(void **state)
{
	struct lab *lab = *state;

	lab->unsound = true;
	PLAY(lab, "1 close_range(0, 2, 0) = 0", "1 fd_install(4, \"/etc/hosts\") = 0",
	     "1 fork() = 2");
	assert_int_equal(file_find(lab->m, 2)->count, 2);
	PLAY(lab, "2 close(4) = 0", "expect 1/fd/4 = /etc/hosts");
}

/* Whole words, up to the last descriptor in use; then rounded up to a size of tables. */
static void copy_has_the_smallest_table_that_fits(void **state)
{
	PLAY(*state, "1 dup2(0, 1000) = 1000", "1 fork() = 2", "expect 2/files/max_fds = 1024",
	     "1 dup2(0, 63) = 63", "1 close(1000) = 0", "expect 1/files/max_fds = 1024",
	     "1 fork() = 3", "expect 3/files/max_fds = 64", "1 dup2(0, 64) = 64", "1 fork() = 4",
	     "expect 4/files/max_fds = 128", "1 dup2(0, 127) = 127", "1 fork() = 5",
	     "expect 5/files/max_fds = 128", "1 dup2(0, 128) = 128", "1 fork() = 6",
	     "expect 6/files/max_fds = 256", "1 dup2(0, 300) = 300", "1 fork() = 7",
	     "expect 7/files/max_fds = 512");
}

/* A bit alone counts for the size, but the copy has neither bit nor file. */
static void copy_leaves_reserved_descriptors_out_but_keeps_their_close_on_exec(void **state)
{
	PLAY(*state, "1 alloc_fd(100, O_CLOEXEC) = 100", "1 get_unused_fd_flags(O_CLOEXEC) = 3",
	     "1 get_unused_fd_flags(0) = 4", "1 fork() = 2", "expect 2/files/open_fds_list = 0-2",
	     "expect 2/files/close_on_exec_list = 3,100", "expect 2/files/max_fds = 128",
	     "expect 1/files/open_fds_list = 0-4,100", "2 dup(0) = 3", "2 get_close_on_exec(3) = 0",
	     "2 fcntl(0, F_DUPFD, 100) = 100", "2 get_close_on_exec(100) = 0");
}

static void copy_stops_where_it_drops_the_lock_to_allocate(void **state)
{
	lab_points(*state, "1 fork()", "alloc_pid");
	PLAY(*state, "1 dup2(0, 64) = 64");
	lab_points(*state, "1 fork()", "dup_fd alloc_pid");
	PLAY(*state, "expect 3/files/open_fds_list = 0-2,64");
}

/* fd_install takes no lock, and the slots are copied one after the other. */
static void copy_may_have_the_second_file_of_a_call_alone(void **state)
{
	PLAY(*state, SHARE, "1 pipe( <unfinished at fd_install ...>",
	     "2 fork( <unfinished at dup_fd:slot ...>", "1 <... pipe resumed>[3, 4]) = 0",
	     "2 <... fork resumed>) = 3", "expect 3/files/open_fds_list = 0-2,4");
}

/* The kernel holds file_lock there: another task that takes it finds the copy made. */
static void copy_is_made_where_another_task_has_the_lock(void **state)
{
	PLAY(*state, SHARE, "1 pipe( <unfinished at fd_install ...>",
	     "2 fork( <unfinished at dup_fd:slot ...>", "1 step fd_install",
	     "1 <... pipe resumed>[3, 4]) = 0", "1 close(4) = 0", "2 <... fork resumed>) = 3",
	     "expect 3/files/open_fds_list = 0-2,4", "expect 1/files/open_fds_list = 0-3");
}

static void copy_counts_again_after_allocating(void **state)
{
	PLAY(*state, SHARE, "1 dup2(0, 64) = 64", "1 fork( <unfinished at dup_fd ...>",
	     "2 dup2(0, 128) = 128", "1 step dup_fd", "2 close(128) = 0", "2 close(64) = 0",
	     "1 <... fork resumed>) = 3", "expect 3/files/max_fds = 256",
	     "expect 3/files/open_fds_list = 0-2");
}

static void copy_without_memory_is_ENOMEM(void **state)
{
	PLAY(*state, "1 dup2(0, 64) = 64", "echo 2 > 1/fail-nth", "1 fork() = -1 ENOMEM",
	     "echo 3 > 1/fail-nth", "1 fork() = -1 ENOMEM", "1 fork() = 2");
}

static void copy_that_nr_open_makes_too_small_is_EMFILE(void **state)
{
	PLAY(*state, "1 dup2(0, 200) = 200", "echo 100 > sys/fs/nr_open", "1 fork() = -1 EMFILE",
	     "1 dup2(0, 64) = 64", "1 close(200) = 0", "1 fork() = 2",
	     "expect 2/files/max_fds = 128", "echo 64 > sys/fs/nr_open", "1 fork() = -1 EMFILE",
	     "1 close(64) = 0", "1 fork() = 3");
}

static void copy_that_fails_leaves_nothing(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat before;

	PLAY(lab, "1 dup2(0, 200) = 200");
	before = lab->m->kmem;
	PLAY(lab, "echo 64 > sys/fs/nr_open", "1 fork() = -1 EMFILE");
	assert_memory_equal(&before, &lab->m->kmem, sizeof(before));
	assert_int_equal(file_find(lab->m, 1)->count, 4);
}

/* ---- holders of a table ---------------------------------------------------------------------- */

static void last_holder_closes_every_file_in_ascending_order(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 open(\"/etc/hosts\") = 3", "2 open(\"/etc/passwd\") = 4",
	     "2 dup2(4, 70) = 70", "2 close(4) = 0", "2 open(\"/bin/ls\") = 4",
	     "1 get_files_struct(2) = 0", "expect 2/files/count = 2", "2 exit(0) = ?",
	     "expect open_files ~ /etc/hosts", "1 put_files_struct(2) = 0",
	     "expect sys/fs/file-nr ~ ^1\t",
	     "expect events ~ \"free\".*\"file\":2(.|\n)*\"free\".*\"file\":4(.|\n)*"
	     "\"free\".*\"file\":3");
}

static void last_holder_gives_the_memory_of_the_table_back(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat before = lab->m->kmem;

	PLAY(lab, "1 fork() = 2", "2 dup2(0, 1000) = 1000", "2 exit(0) = ?", "1 wait4(2) = 2",
	     "1 dup(99) = -1 EBADF");
	assert_memory_equal(&before, &lab->m->kmem, sizeof(before));
}

static void other_holders_keep_the_table(void **state)
{
	PLAY(*state, SHARE, "expect 1/files/count = 2", "2 open(\"/etc/hosts\") = 3",
	     "2 exit(0) = ?", "expect 1/files/count = 1", "expect 1/fd/3 = /etc/hosts");
}

static void exit_files_takes_the_table_away_from_the_task_first(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 exit_files() = 0", "expect 2/status ~ ^FDSize:\t0$",
	     "2 dup(0) = -1 EBADF", "2 exit_files() = 0", "expect no 2/fd/0",
	     "expect 1/files/open_fds_list = 0-2", "2 getpid() = 2",
	     "1 get_files_struct(2) = -1 ESRCH", "2 fork() = 3", "expect 3/status ~ ^FDSize:\t0$",
	     "2 exit(0) = ?", "3 exit(0) = ?");
	PLAY(*state, "1 fork() = 4", "4 open(\"/etc/hosts\") = 3",
	     "4 exit_files( <unfinished at fput ...>", "expect 4/status ~ ^FDSize:\t0$",
	     "expect open_files ~ /etc/hosts", "4 <... exit_files resumed>) = 0");
}

static void get_files_struct_counts_and_put_files_struct_gives_back(void **state)
{
	PLAY(*state, "1 get_files_struct(1) = 0", "expect 1/files/count = 2",
	     "1 get_files_struct(1) = 0", "expect 1/files/count = 3", "1 put_files_struct(1) = 0",
	     "1 put_files_struct(1) = 0", "expect 1/files/count = 1",
	     "1 put_files_struct(1) = -1 ESRCH", "1 get_files_struct(7) = -1 ESRCH");
}

static void table_held_by_hand_is_given_back_at_exit(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 get_files_struct(1) = 0", "2 fget(0) = 1",
	     "expect 1/files/count = 2", "2 exit(0) = ?", "expect 1/files/count = 1");
}

static void reset_files_struct_puts_the_current_one_and_takes_the_given(void **state)
{
	PLAY(*state, "1 fork() = 2", "1 open(\"/etc/hosts\") = 3", "2 open(\"/etc/passwd\") = 3",
	     "2 get_files_struct(1) = 0", "2 reset_files_struct(1) = 0", "expect 1/files/count = 2",
	     "expect 2/fd/3 = /etc/hosts", "2 kcmp(1, 2, KCMP_FILES) = 0",
	     "expect sys/fs/file-nr ~ ^2\t", "2 reset_files_struct(1) = -1 ESRCH");
}

/* The task unshares, keeps the old table by hand, and returns to it. */
static void reset_files_struct_restores_the_very_table(void **state)
{
	struct lab *lab = *state;
	const struct files_struct *files = lab_files(lab, 1);

	PLAY(lab, "1 get_files_struct(1) = 0", "1 unshare(CLONE_FILES) = 0");
	assert_ptr_not_equal(lab_files(lab, 1), files);
	PLAY(lab, "1 reset_files_struct(1) = 0");
	assert_ptr_equal(lab_files(lab, 1), files);
}

/* A call that waits in an unshared table relies on that, and holds no reference to the file. */
static void reset_files_struct_to_a_table_in_a_call_is_EBUSY(void **state)
{
	PLAY(*state, "1 pipe([3, 4]) = 0", "1 fork() = 2", "1 read 3 10",
	     "2 get_files_struct(1) = 0", "2 reset_files_struct(1) = -1 EBUSY",
	     "2 write(4, \"x\", 1) = 1", "1 <... read resumed>\"x\", 10) = 1",
	     "2 reset_files_struct(1) = 0", "2 close(3) = 0", "expect no 1/fd/3");
}

/* ---- iterate_fd, filp_close, fput ----------------------------------------------------------- */

static void iterate_fd_goes_over_every_file_from_n_up(void **state)
{
	PLAY(*state, "dup2(0, 64) = 64", "dup2(0, 1000) = 1000", "get_unused_fd_flags() = 3",
	     "iterate_fd(0, NULL, [0, 1, 2, 64, 1000]) = 0",
	     "iterate_fd(2, NULL, [2, 64, 1000]) = 0", "iterate_fd(64, NULL, [64, 1000]) = 0",
	     "iterate_fd(1001, NULL, []) = 0", "iterate_fd(4294967295, NULL, []) = 0");
}

static void iterate_fd_stops_when_the_function_returns_non_zero(void **state)
{
	PLAY(*state, "open(\"/etc/hosts\") = 3", "dup2(0, 9) = 9",
	     "iterate_fd(0, 3, [0, 1, 2, 3]) = 4", "iterate_fd(4, 3, [9]) = 0",
	     "iterate_fd(3, 9, [3, 9]) = 10", "iterate_fd(0, 8) = -1 EBADF");
}

static void iterate_fd_without_files_is_0(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 exit_files() = 0", "2 iterate_fd(0, NULL, []) = 0",
	     "2 iterate_fd(0, 1) = -1 EBADF", "2 iterate_fd(0, \"/etc/hosts\", []) = 0");
}

static void filp_close_of_a_count_of_0_is_logged(void **state)
{
	struct lab *lab = *state;
	struct file *f = file_find(lab->m, 1);

	f->count = 0;
	assert_int_equal(filp_close(task_find(lab->m, 1), f, lab_files(lab, 1)), 0);
	f->count = 3;
	PLAY(lab, "expect kmsg = VFS: Close: file count is 0");
}

static const void *flushed_for;

static int note_flush(struct task *current, struct file *f, void *owner)
{
	(void)current, (void)f;
	flushed_for = owner;
	return -EIO;
}

/* The work of an object at a close that is not its last: for the table, and with an error. */
static void filp_close_flushes_for_its_table_and_returns_the_error(void **state)
{
	struct lab *lab = *state;
	struct file_ops ops;
	struct file *f;

	PLAY(lab, "open(\"/etc/hosts\") = 3", "dup(3) = 4");
	f = file_find(lab->m, 2);
	ops = *f->ops;
	ops.flush = note_flush;
	f->ops = &ops;
	f->flushes = true;
	flushed_for = NULL;
	PLAY(lab, "close(4) = -1 EIO", "expect 1/files/open_fds_list = 0-3");
	assert_ptr_equal(flushed_for, lab_files(lab, 1));
	flushed_for = NULL;
	PLAY(lab, "dup2(0, 3) = 3", "expect 1/fd/3 = /dev/console");
	assert_ptr_equal(flushed_for, lab_files(lab, 1));
}

static void filp_close_of_an_O_PATH_file_flushes_nothing(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "open(\"/etc/hosts\", O_PATH) = 3");
	assert_null(file_find(lab->m, 2)->ops->flush);
	PLAY(lab, "close(3) = 0");
}

static void last_reference_releases_the_object(void **state)
{
	PLAY(*state, "1 pipe([3, 4]) = 0", "1 fork() = 2", "1 close(4) = 0", "1 read 3 10",
	     "2 close(4 <unfinished at fput ...>", "expect 1/wchan = pipe_read",
	     "2 <... close resumed>) = 0", "1 <... read resumed>\"\", 10) = 0");
	lab_points(*state, "2 close(3)", "filp_close");
	lab_points(*state, "1 close(3)", "filp_close fput");
}

/* ---- invariants ----------------------------------------------------------------------------- */

static void expect_violation(struct lab *lab, const char *what)
{
	char why[256] = "";

	assert_int_equal(fdl_machine_check(lab->m, why, sizeof(why)), -EUCLEAN);
	if (!strstr(why, what))
		fail_msg("expected \"%s\", got \"%s\"", what, why);
}

static void check_finds_a_slot_in_use_without_its_bit(void **state)
{
	struct lab *lab = *state;

	lab->unsound = true;
	PLAY(lab, "put_unused_fd(1) = 0");
	expect_violation(lab, "slot 1 is in use, its open bit is clear");
	sparse_set(&lab_files(lab, 1)->fdt->fd, OPEN_FDS, 1);
	lab_check(lab, "set again");
}

static void check_finds_a_free_descriptor_below_next_fd(void **state)
{
	struct lab *lab = *state;

	lab_files(lab, 1)->next_fd = 5;
	expect_violation(lab, "descriptor 3 is free below next_fd 5");
}

static void check_finds_a_bit_beyond_the_table(void **state)
{
	struct lab *lab = *state;

	lab_files(lab, 1)->fdt->max_fds = 2;
	expect_violation(lab, "beyond max_fds 2");
	lab_files(lab, 1)->fdt->max_fds = 64;
}

static void check_finds_a_file_with_a_wrong_count(void **state)
{
	struct lab *lab = *state;
	struct file *f = file_find(lab->m, 1);

	f->count = 4;
	expect_violation(lab, "file 1: count is 4, references are 3");
	f->count = 2;
	expect_violation(lab, "file 1: count is 2, references are 3");
	f->count = 0;
	expect_violation(lab, "has a file whose count is 0");
	f->count = 3;
}

static void check_finds_a_table_with_a_wrong_count(void **state)
{
	struct lab *lab = *state;

	lab_files(lab, 1)->count = 2;
	expect_violation(lab, "count is 2, users are 1");
	lab_files(lab, 1)->count = 1;
}

static void check_finds_a_table_that_was_retired(void **state)
{
	struct lab *lab = *state;

	lab_files(lab, 1)->fdt->stage = FDTABLE_GRACE_PERIOD;
	expect_violation(lab, "retired");
	lab_files(lab, 1)->fdt->stage = FDTABLE_IN_USE;
}

/* A reservation belongs to a call in flight, or was made by hand; any other is lost. */
static void check_finds_a_reservation_without_a_call(void **state)
{
	struct lab *lab = *state;
	struct sparse *fds = &lab_files(lab, 1)->fdt->fd;

	PLAY(lab, "get_unused_fd_flags() = 3", "alloc_fd(10) = 10");
	sparse_set(fds, OPEN_FDS, 5);
	expect_violation(lab, "3 descriptors are reserved, 2 by hand, with 0 calls in it");
	sparse_clear(fds, OPEN_FDS, 5);
	lab_check(lab, "cleared again");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(copy_is_a_table_of_its_own),
		LAB_TEST(copy_has_next_fd_0),
		LAB_TEST(copy_gives_each_file_a_reference),
		LAB_TEST(copy_gives_a_file_without_its_bit_a_reference),
		LAB_TEST(copy_has_the_smallest_table_that_fits),
		LAB_TEST(copy_leaves_reserved_descriptors_out_but_keeps_their_close_on_exec),
		LAB_TEST(copy_stops_where_it_drops_the_lock_to_allocate),
		LAB_TEST(copy_may_have_the_second_file_of_a_call_alone),
		LAB_TEST(copy_is_made_where_another_task_has_the_lock),
		LAB_TEST(copy_counts_again_after_allocating),
		LAB_TEST(copy_without_memory_is_ENOMEM),
		LAB_TEST(copy_that_nr_open_makes_too_small_is_EMFILE),
		LAB_TEST(copy_that_fails_leaves_nothing),
		LAB_TEST(last_holder_closes_every_file_in_ascending_order),
		LAB_TEST(last_holder_gives_the_memory_of_the_table_back),
		LAB_TEST(other_holders_keep_the_table),
		LAB_TEST(exit_files_takes_the_table_away_from_the_task_first),
		LAB_TEST(get_files_struct_counts_and_put_files_struct_gives_back),
		LAB_TEST(table_held_by_hand_is_given_back_at_exit),
		LAB_TEST(reset_files_struct_puts_the_current_one_and_takes_the_given),
		LAB_TEST(reset_files_struct_restores_the_very_table),
		LAB_TEST(reset_files_struct_to_a_table_in_a_call_is_EBUSY),
		LAB_TEST(iterate_fd_goes_over_every_file_from_n_up),
		LAB_TEST(iterate_fd_stops_when_the_function_returns_non_zero),
		LAB_TEST(iterate_fd_without_files_is_0),
		LAB_TEST(filp_close_of_a_count_of_0_is_logged),
		LAB_TEST(filp_close_flushes_for_its_table_and_returns_the_error),
		LAB_TEST(filp_close_of_an_O_PATH_file_flushes_nothing),
		LAB_TEST(last_reference_releases_the_object),
		LAB_TEST(check_finds_a_slot_in_use_without_its_bit),
		LAB_TEST(check_finds_a_free_descriptor_below_next_fd),
		LAB_TEST(check_finds_a_bit_beyond_the_table),
		LAB_TEST(check_finds_a_file_with_a_wrong_count),
		LAB_TEST(check_finds_a_table_with_a_wrong_count),
		LAB_TEST(check_finds_a_table_that_was_retired),
		LAB_TEST(check_finds_a_reservation_without_a_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
