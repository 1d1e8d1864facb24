/*
 * FIFOs, and the ends and sizes of pipes: opens that wait for each other, and the other end in the
 * tree. tests/oracle/pipe compares single calls with the running kernel.
 */
#include "support/play.h"
#include "vfs/vfs.h"

static void open_to_read_waits_for_a_writer(void **state)
{
	PLAY(*state, "1 mkfifo /tmp/f = 0", "1 fork() = 2", "2 open(\"/tmp/f\", O_RDONLY)",
	     "expect 2/wchan = wait_for_partner", "expect 2/files/open_fds_list = 0-3",
	     "expect no 2/fd/3", "1 open(\"/tmp/f\", O_WRONLY) = 3", "2 <... open resumed>) = 3",
	     "expect 2/fd/3 = /tmp/f", "1 write(3, \"x\", 1) = 1", "2 read(3, \"x\", 9) = 1");
}

static void open_to_write_waits_for_a_reader(void **state)
{
	PLAY(*state, "1 mkfifo /tmp/f = 0", "1 fork() = 2", "2 open(\"/tmp/f\", O_WRONLY)",
	     "expect 2/wchan = wait_for_partner", "1 open(\"/tmp/f\", O_RDONLY|O_NONBLOCK) = 3",
	     "2 <... open resumed>) = 3");
}

static void a_writer_that_is_gone_already_has_been_there(void **state)
{
	PLAY(*state, "1 mkfifo /tmp/f = 0", "1 fork() = 2", "2 open(\"/tmp/f\", O_RDONLY)",
	     "1 open(\"/tmp/f\", O_RDWR) = 3", "1 close(3) = 0", "2 <... open resumed>) = 3",
	     "2 read(3, \"\", 9) = 0");
}

static void a_signal_ends_the_wait_in_open(void **state)
{
	struct lab *lab = *state;
	size_t bytes;

	PLAY(lab, "1 mkfifo /tmp/f = 0", "1 fork() = 2");
	bytes = lab->m->vfs->bytes.used;
	PLAY(lab, "2 open(\"/tmp/f\", O_RDONLY)", "2 <... open resumed>) = -1 EINTR",
	     "expect 2/files/open_fds_list = 0-2", "2 open(\"/tmp/f\", O_WRONLY)",
	     "1 kill(2, SIGKILL) = 0", "1 wait4(2, ..., 0) = 2",
	     "1 open(\"/tmp/f\", O_WRONLY|O_NONBLOCK) = -1 ENXIO (No such device or address)");
	assert_true(lab->m->vfs->bytes.used <= bytes);
}

static void three_tasks_that_wait_in_open_all_go_on(void **state)
{
	PLAY(*state, "1 mkfifo /tmp/f = 0", "1 fork() = 2", "1 fork() = 3",
	     "2 open(\"/tmp/f\", O_RDONLY)", "3 open(\"/tmp/f\", O_RDONLY)",
	     "1 open(\"/tmp/f\", O_WRONLY) = 3", "2 <... open resumed>) = 3",
	     "3 <... open resumed>) = 3");
}

static void what_is_in_a_FIFO_goes_with_its_last_end(void **state)
{
	struct lab *lab = *state;
	size_t bytes;

	PLAY(lab, "mkfifo /tmp/f 0600 = 0");
	bytes = lab->m->vfs->bytes.used;
	PLAY(lab, "open(\"/tmp/f\", O_RDWR|O_NONBLOCK) = 3", "write(3, \"x\", 1) = 1",
	     "close(3) = 0");
	assert_int_equal(lab->m->vfs->bytes.used, bytes);
	PLAY(lab, "open(\"/tmp/f\", O_RDWR|O_NONBLOCK) = 3",
	     "read(3, ..., 1) = -1 EAGAIN (Resource temporarily unavailable)");
}

/* The kernel's own functions open a path that they are given, and wait as open does. */
static void fd_install_of_a_FIFO_waits(void **state)
{
	PLAY(*state, "reset uid=1000", "1 mkfifo /tmp/f 0400 = 0", "1 get_unused_fd_flags(0) = 3",
	     "1 fd_install(3, \"/tmp/f\")", "expect 1/wchan = wait_for_partner",
	     "1 <... fd_install resumed>) = -1 EINTR");
}

static void holders_of_the_other_end_are_seen(void **state)
{
	PLAY(*state, "1 pipe([3, 4]) = 0", "1 fork() = 2", "1 close(4) = 0", "2 close(3) = 0",
	     "2 dup(4) = 3", "1 read(3, ..., 1)",
	     "expect open_files ~ \tO_RDONLY\t0\tpipe:\\[[0-9]+\\]\t1:3\t2:3,2:4$",
	     "expect open_files ~ \tO_WRONLY\t0\tpipe:\\[[0-9]+\\]\t2:3,2:4\t1:3$",
	     "expect 1/fdinfo/3 ~ ^other_end:\t2:3,2:4$", "expect 2/fdinfo/4 ~ ^other_end:\t1:3$",
	     "expect 1/fdinfo/3 ~ ^pipe-size:\t65536$", "2 exit_group(0) = ?",
	     "1 <... read resumed>\"\", 1) = 0", "expect 1/fdinfo/3 ~ ^other_end:\tnone$");
}

static void a_file_that_is_no_pipe_has_no_other_end(void **state)
{
	PLAY(*state, "expect open_files ~ /dev/console\t1:0,1:1,1:2\t$");
}

static void only_root_makes_a_pipe_larger_than_the_limit(void **state)
{
	PLAY(*state, "pipe([3, 4]) = 0", "expect sys/fs/pipe-max-size = 1048576",
	     "fcntl(3, F_SETPIPE_SZ, 2097152) = 2097152", "reset uid=1000", "pipe([3, 4]) = 0",
	     "fcntl(3, F_SETPIPE_SZ, 1048577) = -1 EPERM (Operation not permitted)",
	     "fcntl(3, F_SETPIPE_SZ, 1048576) = 1048576", "echo 5000 > sys/fs/pipe-max-size",
	     "expect sys/fs/pipe-max-size = 8192", "fcntl(3, F_SETPIPE_SZ, 65536) = 65536",
	     "fcntl(3, F_SETPIPE_SZ, 131072) = -1 EPERM (Operation not permitted)",
	     "echo 2147483649 > sys/fs/pipe-max-size = -1 EINVAL");
}

static void a_smaller_pipe_keeps_its_bytes_in_order(void **state)
{
	PLAY(*state, "pipe([3, 4]) = 0", "write(4, \"x\", 4096) = 4096", "write(4, \"ab\", 2) = 2",
	     "read(3, ..., 4096) = 4096", "write(4, \"c\", 4096) = 4096",
	     "fcntl(4, F_SETPIPE_SZ, 8192) = 8192", "read(3, \"abc\", 3) = 3",
	     "fcntl(4, F_SETPIPE_SZ, 1) = 4096");
}

static void a_larger_pipe_wakes_tasks_that_wait_for_room(void **state)
{
	PLAY(*state, "1 pipe([3, 4]) = 0", "1 fork() = 2", "2 write(4, \"x\", 65536) = 65536",
	     "2 write(4, \"y\", 1)", "1 fcntl(3, F_SETPIPE_SZ, 131072) = 131072",
	     "2 <... write resumed>) = 1");
}

static void a_ring_is_charged_to_the_machine(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat kmem = lab->m->kmem;
	size_t bytes = lab->m->vfs->bytes.used;

	PLAY(lab, "pipe([3, 4]) = 0", "echo 1 > 1/fail-nth",
	     "fcntl(3, F_SETPIPE_SZ, 131072) = -1 ENOMEM (Cannot allocate memory)",
	     "fcntl(3, F_SETPIPE_SZ, 131072) = 131072",
	     "fcntl(3, F_SETPIPE_SZ, 2147483648) = -1 ENOMEM (Cannot allocate memory)",
	     "fcntl(3, F_SETPIPE_SZ, 4096) = 4096", "close(3) = 0", "close(4) = 0");
	assert_memory_equal(&lab->m->kmem, &kmem, sizeof(kmem));
	assert_int_equal(lab->m->vfs->bytes.used, bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(open_to_read_waits_for_a_writer),
		LAB_TEST(open_to_write_waits_for_a_reader),
		LAB_TEST(a_writer_that_is_gone_already_has_been_there),
		LAB_TEST(a_signal_ends_the_wait_in_open),
		LAB_TEST(three_tasks_that_wait_in_open_all_go_on),
		LAB_TEST(what_is_in_a_FIFO_goes_with_its_last_end),
		LAB_TEST(fd_install_of_a_FIFO_waits),
		LAB_TEST(holders_of_the_other_end_are_seen),
		LAB_TEST(a_file_that_is_no_pipe_has_no_other_end),
		LAB_TEST(only_root_makes_a_pipe_larger_than_the_limit),
		LAB_TEST(a_smaller_pipe_keeps_its_bytes_in_order),
		LAB_TEST(a_larger_pipe_wakes_tasks_that_wait_for_room),
		LAB_TEST(a_ring_is_charged_to_the_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
