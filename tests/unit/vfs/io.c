/*
 * Reading, writing, seeking and truncating: positions, shared positions, holes, and the limits of
 * one call. tests/oracle/vfs compares the order of checks with the running kernel.
 */
#include "support/play.h"
#include "vfs/vfs.h"

static void descriptors_of_one_description_share_its_position(void **state)
{
	PLAY(*state, "open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 3", "write(3, \"abcdef\", 6) = 6",
	     "dup(3) = 4", "open(\"/tmp/x\", O_RDONLY) = 5", "lseek(4, 2, SEEK_SET) = 2",
	     "read(3, \"cd\", 2) = 2", "read(4, \"ef\", 2) = 2", "read(5, \"ab\", 2) = 2",
	     "fork() = 2", "2 lseek(5, 0, SEEK_CUR) = 2", "2 read(5, \"c\", 1) = 1",
	     "1 read(5, \"d\", 1) = 1");
}

static void a_position_of_the_callers_own_moves_nothing(void **state)
{
	PLAY(*state, "open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 3",
	     "pwrite64(3, \"hello\", 5, 2) = 5", "lseek(3, 0, SEEK_CUR) = 0",
	     "pread64(3, \"llo\", 10, 4) = 3", "read(3, \"\\0\\0he\", 4) = 4",
	     "pread64(3, ..., 1, -1) = -1 EINVAL (Invalid argument)");
}

static void O_APPEND_writes_at_the_end_wherever_the_position_is(void **state)
{
	PLAY(*state, "open(\"/tmp/x\", O_RDWR|O_CREAT|O_APPEND, 0600) = 3",
	     "open(\"/tmp/x\", O_RDWR|O_APPEND) = 4", "write(3, \"one\", 3) = 3",
	     "write(4, \"two\", 3) = 3", "write(3, \"three\", 5) = 5", "lseek(3, 0, SEEK_CUR) = 11",
	     "lseek(4, 0, SEEK_CUR) = 6", "pread64(3, \"onetwothree\", 100, 0) = 11",
	     "fcntl(3, F_SETFL, 0) = 0", "pwrite64(3, \"ONE\", 3, 0) = 3",
	     "pread64(3, \"ONEtwothree\", 100, 0) = 11");
}

static void holes_are_zeros_that_take_no_room(void **state)
{
	struct lab *lab = *state;
	size_t used;

	PLAY(lab, "open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 3");
	used = lab->m->vfs->bytes.used;
	PLAY(lab, "pwrite64(3, \"end\", 3, 1000000000) = 3",
	     "fstat(3, {st_size=1000000003, st_blocks=8}) = 0",
	     "pread64(3, \"\\0\\0end\", 10, 999999998) = 5", "lseek(3, 0, SEEK_DATA) = 999997440",
	     "lseek(3, 0, SEEK_HOLE) = 0", "lseek(3, 999999999, SEEK_HOLE) = 1000000003",
	     "lseek(3, 1000000003, SEEK_DATA) = -1 ENXIO (No such device or address)");
	assert_true(lab->m->vfs->bytes.used - used < 16384);
}

static void bytes_that_were_cut_off_come_back_as_zeros(void **state)
{
	PLAY(*state, "open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 3", "write(3, \"abcdef\", 6) = 6",
	     "ftruncate(3, 2) = 0", "ftruncate(3, 5) = 0",
	     "pread64(3, \"ab\\0\\0\\0\", 100, 0) = 5", "lseek(3, 0, SEEK_CUR) = 6",
	     "write(3, \"g\", 1) = 1", "pread64(3, \"ab\\0\\0\\0\\0g\", 100, 0) = 7");
}

static void a_file_that_may_not_be_written_cannot_be_cut(void **state)
{
	PLAY(*state, "open(\"/etc/passwd\", O_RDONLY) = 3",
	     "ftruncate(3, 0) = -1 EINVAL (Invalid argument)", "open(\"/etc\", O_RDONLY) = 4",
	     "ftruncate(4, 0) = -1 EINVAL (Invalid argument)",
	     "read(4, ..., 10) = -1 EISDIR (Is a directory)",
	     "open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 5",
	     "ftruncate(5, -1) = -1 EINVAL (Invalid argument)",
	     "ftruncate(99, 0) = -1 EBADF (Bad file descriptor)");
}

static void positions_are_never_negative_and_do_not_overflow(void **state)
{
	PLAY(*state, "open(\"/etc/passwd\", O_RDONLY) = 3",
	     "lseek(3, -1, SEEK_SET) = -1 EINVAL (Invalid argument)", "lseek(3, 5, SEEK_SET) = 5",
	     "lseek(3, -6, SEEK_CUR) = -1 EINVAL (Invalid argument)",
	     "lseek(3, 9223372036854775807, SEEK_CUR) = -1 EINVAL (Invalid argument)",
	     "lseek(3, 0, SEEK_CUR) = 5",
	     "lseek(3, 9223372036854775807, SEEK_SET) = 9223372036854775807",
	     "read(3, ..., 10) = -1 EINVAL (Invalid argument)",
	     "lseek(3, 0, 5) = -1 EINVAL (Invalid argument)");
}

static void the_devices_do_what_they_are_there_for(void **state)
{
	PLAY(*state, "open(\"/dev/null\", O_RDWR) = 3", "read(3, \"\", 10) = 0",
	     "write(3, \"x\", 1000000) = 1000000", "open(\"/dev/zero\", O_RDWR) = 4",
	     "read(4, \"\\0\\0\\0\", 3) = 3", "write(4, \"x\", 1) = 1",
	     "open(\"/dev/full\", O_RDWR) = 5", "read(5, \"\\0\", 1) = 1",
	     "write(5, \"x\", 1) = -1 ENOSPC (No space left on device)",
	     "lseek(5, 100, SEEK_SET) = 0");
}

static void one_call_makes_no_more_than_a_mebibyte_of_zeros(void **state)
{
	PLAY(*state, "open(\"/dev/zero\", O_RDONLY) = 3", "read(3, ..., 1048576) = 1048576",
	     "read(3, ..., 2147479552) = 1048576", "open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 4",
	     "ftruncate(4, 1000000000) = 0", "read(4, ..., 2147479552) = 1048576",
	     "pwrite64(4, \"x\", 2147479552, 0) = 1048576");
}

static void a_count_that_no_buffer_can_have_is_EFAULT(void **state)
{
	PLAY(*state, "open(\"/dev/zero\", O_RDWR) = 3",
	     "read(3, ..., 18446744073709551615) = -1 EFAULT (Bad address)",
	     "write(3, \"x\", 18446744073709551615) = -1 EFAULT (Bad address)",
	     "open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 4",
	     "write(4, NULL, 1) = -1 EFAULT (Bad address)", "write(4, NULL, 0) = 0");
}

static void bytes_that_a_buffer_does_not_state_are_zeros(void **state)
{
	PLAY(*state, "open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 3", "write(3, \"ab\"..., 5) = 5",
	     "write(3, \"cdef\", 2) = 2", "pread64(3, \"ab\\0\\0\\0cd\", 100, 0) = 7");
}

static void a_file_beyond_RLIMIT_FSIZE_is_EFBIG_and_SIGXFSZ_kills(void **state)
{
	PLAY(*state, "fork() = 2", "2 open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 3",
	     "2 prlimit64(0, RLIMIT_FSIZE, {rlim_cur=100, rlim_max=100}, NULL) = 0",
	     "2 write(3, \"x\", 200) = 100", "2 pwrite64(3, \"y\", 1, 99) = 1",
	     "2 ftruncate(3, 100) = 0", "2 write(3, \"z\", 1) = -1 EFBIG (File too large)",
	     "1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGXFSZ}], 0, NULL) = 2");
}

static void fstat_tells_of_any_descriptor(void **state)
{
	PLAY(*state, "fstat(0, {st_mode=S_IFCHR|0600, st_rdev=makedev(0x5, 0x1)}) = 0",
	     "open(\"/tmp\", O_PATH) = 3", "fstat(3, {st_mode=S_IFDIR|S_ISVTX|0777}) = 0",
	     "newfstatat(3, \"\", {st_mode=S_IFDIR|S_ISVTX|0777}, AT_EMPTY_PATH) = 0",
	     "newfstatat(AT_FDCWD, \"\", {st_mode=S_IFDIR|0755}, AT_EMPTY_PATH) = 0",
	     "fstat(9, ...) = -1 EBADF (Bad file descriptor)");
}

/* The listing passes 0, 1, 2 and itself, and stops after each. */
static void getdents64_of_proc_self_fd_stops_between_descriptors(void **state)
{
	PLAY(*state, "open(\"/proc/self/fd\") = 3");
	lab_points(*state, "1 getdents64(3, ..., 200)",
		   "fget_task_next fget_task_next fget_task_next fget_task_next");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(getdents64_of_proc_self_fd_stops_between_descriptors),
		LAB_TEST(descriptors_of_one_description_share_its_position),
		LAB_TEST(a_position_of_the_callers_own_moves_nothing),
		LAB_TEST(O_APPEND_writes_at_the_end_wherever_the_position_is),
		LAB_TEST(holes_are_zeros_that_take_no_room),
		LAB_TEST(bytes_that_were_cut_off_come_back_as_zeros),
		LAB_TEST(a_file_that_may_not_be_written_cannot_be_cut),
		LAB_TEST(positions_are_never_negative_and_do_not_overflow),
		LAB_TEST(the_devices_do_what_they_are_there_for),
		LAB_TEST(one_call_makes_no_more_than_a_mebibyte_of_zeros),
		LAB_TEST(a_count_that_no_buffer_can_have_is_EFAULT),
		LAB_TEST(bytes_that_a_buffer_does_not_state_are_zeros),
		LAB_TEST(a_file_beyond_RLIMIT_FSIZE_is_EFBIG_and_SIGXFSZ_kills),
		LAB_TEST(fstat_tells_of_any_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
