/*
 * Pipes: tasks that wait for each other and are woken, atomic and partial writes, and the state
 * when one end is closed. tests/oracle/vfs compares single calls with the running kernel.
 */
#include "support/play.h"
#include "vfs/vfs.h"

/* A pipe between task 1, which reads 3, and task 2, which writes 4. */
#define PIPE_OF_TWO "1 pipe2([3, 4], 0) = 0", "1 fork() = 2", "1 close(4) = 0", "2 close(3) = 0"

static void bytes_are_read_in_the_order_in_which_they_were_written(void **state)
{
	PLAY(*state, "pipe2([3, 4], 0) = 0", "expect 1/fd/3 ~ ^pipe:\\[[0-9]+\\]$",
	     "write(4, \"hello\", 5) = 5", "write(4, \" world\", 6) = 6", "read(3, \"hel\", 3) = 3",
	     "read(3, \"lo world\", 100) = 8");
}

static void a_pipe_has_its_flags_and_no_position(void **state)
{
	PLAY(*state, "pipe2([3, 4], O_NONBLOCK|O_CLOEXEC) = 0",
	     "fcntl(3, F_GETFL) = 0x800 (flags O_RDONLY|O_NONBLOCK)",
	     "fcntl(4, F_GETFL) = 0x801 (flags O_WRONLY|O_NONBLOCK)", "fcntl(3, F_GETFD) = 1",
	     "fstat(3, {st_mode=S_IFIFO|0600}) = 0",
	     "lseek(3, 0, SEEK_SET) = -1 ESPIPE (Illegal seek)",
	     "pread64(3, ..., 1, 0) = -1 ESPIPE (Illegal seek)",
	     "read(4, ..., 1) = -1 EBADF (Bad file descriptor)",
	     "write(3, \"x\", 1) = -1 EBADF (Bad file descriptor)");
}

static void a_reader_waits_for_a_writer(void **state)
{
	PLAY(*state, PIPE_OF_TWO, "1 read(3 <unfinished ...>", "expect 1/wchan = pipe_read",
	     "2 write(4, \"x\", 1) = 1", "1 <... read resumed>\"x\", 4096) = 1");
}

static void a_blocked_call_takes_no_other(void **state)
{
	PLAY(*state, PIPE_OF_TWO, "1 read(3, ..., 10)", "1 getpid() = -1 EALREADY",
	     "2 write(4, \"x\", 1) = 1", "1 <... read resumed>\"x\", 10) = 1", "1 getpid() = 1");
}

static void the_end_of_the_last_writer_is_the_end_of_the_file(void **state)
{
	PLAY(*state, PIPE_OF_TWO, "2 dup(4) = 3", "1 read(3, ..., 10)", "2 close(4) = 0",
	     "expect 1/wchan = pipe_read", "2 close(3) = 0", "1 <... read resumed>\"\", 10) = 0",
	     "1 read(3, \"\", 10) = 0");
}

static void a_writer_that_is_killed_ends_the_file(void **state)
{
	PLAY(*state, PIPE_OF_TWO, "1 read(3, ..., 10)", "2 exit_group(0) = ?",
	     "1 <... read resumed>\"\", 10) = 0");
}

static void readers_are_served_in_the_order_in_which_they_came(void **state)
{
	PLAY(*state, "1 pipe2([3, 4], 0) = 0", "1 fork() = 2", "1 fork() = 3", "2 read(3, ..., 2)",
	     "3 read(3, ..., 2)", "1 write(4, \"abc\", 3) = 3",
	     "2 <... read resumed>\"ab\", 2) = 2", "3 <... read resumed>\"c\", 2) = 1");
}

static void one_reader_takes_all_and_the_other_goes_on_waiting(void **state)
{
	PLAY(*state, "1 pipe2([3, 4], 0) = 0", "1 fork() = 2", "1 fork() = 3", "2 read(3, ..., 9)",
	     "3 read(3, ..., 9)", "1 write(4, \"abc\", 3) = 3",
	     "2 <... read resumed>\"abc\", 9) = 3", "expect 3/wchan = pipe_read",
	     "1 write(4, \"d\", 1) = 1", "3 <... read resumed>\"d\", 9) = 1");
}

static void a_writer_waits_for_room_of_a_page(void **state)
{
	PLAY(*state, PIPE_OF_TWO, "2 write(4, \"x\", 65536) = 65536", "2 write(4, \"yz\", 2)",
	     "expect 2/wchan = pipe_write", "1 read(3, ..., 4095) = 4095",
	     "expect 2/wchan = pipe_write", "1 read(3, \"\\0\", 1) = 1",
	     "2 <... write resumed>\"yz\", 2) = 2");
}

static void a_long_write_goes_in_piece_by_piece(void **state)
{
	PLAY(*state, PIPE_OF_TWO, "2 write(4, \"x\", 100000)", "1 read(3, ..., 65536) = 65536",
	     "2 <... write resumed>\"x\", 100000) = 100000", "1 read(3, ..., 65536) = 34464",
	     "fcntl(3, F_SETFL, O_NONBLOCK) = 0",
	     "1 read(3, ..., 1) = -1 EAGAIN (Resource temporarily unavailable)");
}

/* 4096 bytes are written whole or not at all; of more, as many as fit. */
static void without_blocking_a_short_write_is_all_or_nothing(void **state)
{
	PLAY(*state, "pipe2([3, 4], O_NONBLOCK) = 0", "write(4, \"x\", 61441) = 61441",
	     "write(4, \"y\", 4096) = -1 EAGAIN (Resource temporarily unavailable)",
	     "write(4, \"y\", 4095) = 4095",
	     "write(4, \"z\", 1) = -1 EAGAIN (Resource temporarily unavailable)",
	     "read(3, ..., 4096) = 4096", "write(4, \"z\", 10000) = 4096");
}

static void a_packet_is_read_whole_or_cut(void **state)
{
	PLAY(*state, "pipe2([3, 4], O_DIRECT) = 0", "write(4, \"one\", 3) = 3",
	     "write(4, \"two\", 3) = 3", "read(3, \"o\", 1) = 1", "read(3, \"two\", 10) = 3",
	     "fcntl(4, F_GETFL) = 0x4001 (flags O_WRONLY|O_DIRECT)",
	     "fcntl(3, F_GETFL) = 0 (flags O_RDONLY)");
}

static void writing_without_a_reader_is_EPIPE_and_SIGPIPE_kills(void **state)
{
	PLAY(*state, PIPE_OF_TWO, "1 close(3) = 0", "2 write(4, \"\", 0) = 0",
	     "2 write(4, \"x\", 1) = -1 EPIPE (Broken pipe)",
	     "1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGPIPE}], 0, NULL) = 2");
}

static void a_waiting_writer_sees_the_last_reader_go(void **state)
{
	PLAY(*state, PIPE_OF_TWO, "2 write(4, \"x\", 65536) = 65536", "2 write(4, \"y\", 1)",
	     "1 close(3) = 0",
	     "1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGPIPE}], 0, NULL) = 2");
}

static void an_end_can_be_opened_anew_by_its_name(void **state)
{
	PLAY(*state, "pipe2([3, 4], 0) = 0", "open(\"/proc/self/fd/3\", O_WRONLY) = 5",
	     "close(4) = 0", "write(5, \"x\", 1) = 1", "read(3, \"x\", 10) = 1", "close(5) = 0",
	     "read(3, \"\", 10) = 0", "open(\"/proc/self/fd/3\", O_RDWR) = 4",
	     "fcntl(4, F_GETFL) = 0x8002 (flags O_RDWR|O_LARGEFILE)", "write(4, \"y\", 1) = 1",
	     "read(4, \"y\", 1) = 1",
	     "open(\"/proc/self/fd/3\", O_ACCMODE) = -1 EINVAL (Invalid argument)");
}

static void a_pipe_takes_three_allocations_in_order(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat kmem = lab->m->kmem;
	size_t bytes = lab->m->vfs->bytes.used;

	PLAY(lab, "echo 1 > 1/fail-nth", "pipe(...) = -1 ENFILE (Too many open files in system)",
	     "echo 2 > 1/fail-nth", "pipe(...) = -1 ENOMEM (Cannot allocate memory)",
	     "echo 3 > 1/fail-nth", "pipe(...) = -1 ENOMEM (Cannot allocate memory)");
	assert_memory_equal(&lab->m->kmem, &kmem, sizeof(kmem));
	assert_int_equal(lab->m->vfs->bytes.used, bytes);
	PLAY(lab, "echo 4 > 1/fail-nth", "pipe([3, 4]) = 0");
}

static void a_pipe_beyond_the_limit_of_bytes_takes_no_page(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "reset bytes=66000", "pipe2([3, 4], O_NONBLOCK) = 0");
	lab_submit(lab, "write(4, \"x\", 65536)");
	PLAY(lab, "write(4, \"x\", 65536) = -1 ENOMEM (Cannot allocate memory)",
	     "read(3, ..., 4096) = 4096", "write(4, \"x\", 4096) = 4096");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(bytes_are_read_in_the_order_in_which_they_were_written),
		LAB_TEST(a_pipe_has_its_flags_and_no_position),
		LAB_TEST(a_reader_waits_for_a_writer),
		LAB_TEST(a_blocked_call_takes_no_other),
		LAB_TEST(the_end_of_the_last_writer_is_the_end_of_the_file),
		LAB_TEST(a_writer_that_is_killed_ends_the_file),
		LAB_TEST(readers_are_served_in_the_order_in_which_they_came),
		LAB_TEST(one_reader_takes_all_and_the_other_goes_on_waiting),
		LAB_TEST(a_writer_waits_for_room_of_a_page),
		LAB_TEST(a_long_write_goes_in_piece_by_piece),
		LAB_TEST(without_blocking_a_short_write_is_all_or_nothing),
		LAB_TEST(a_packet_is_read_whole_or_cut),
		LAB_TEST(writing_without_a_reader_is_EPIPE_and_SIGPIPE_kills),
		LAB_TEST(a_waiting_writer_sees_the_last_reader_go),
		LAB_TEST(an_end_can_be_opened_anew_by_its_name),
		LAB_TEST(a_pipe_takes_three_allocations_in_order),
		LAB_TEST(a_pipe_beyond_the_limit_of_bytes_takes_no_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
