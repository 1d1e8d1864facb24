/*
 * inotify with waiting tasks, and moves. tests/oracle/inotify compares single calls and the order
 * of events with the running kernel.
 */
#include "support/play.h"

#include "machine/machine.h"

static void a_reader_waits_for_an_event(void **state)
{
	PLAY(*state, "1 inotify_init1(0) = 3", "1 inotify_add_watch(3, \"/tmp\", IN_CREATE) = 1",
	     "expect 1/fd/3 = anon_inode:inotify",
	     "expect 1/fdinfo/3 ~ ^inotify wd:1 ino:[0-9a-f]+ sdev:[0-9a-f]+ mask:100 "
	     "ignored_mask:0 $",
	     "1 fork() = 2", "2 read(3, ..., 100)", "expect 2/wchan = inotify_read",
	     "1 poll([{fd=3, events=POLLIN}], 1, 0) = 0 (Timeout)", "1 creat(\"/tmp/x\", 0600) = 4",
	     "2 <... read resumed>\"\\1\\0\\0\\0\\0\\1\\0\\0\\0\\0\\0\\0\\20\\0\\0\\0x\"..., 100) "
	     "= 32");
}

/* Both events of a move have one cookie; a directory that is moved has an event of its own. */
static void both_names_of_a_move_are_told(void **state)
{
	PLAY(*state, "inotify_init1(IN_NONBLOCK) = 3",
	     "inotify_add_watch(3, \"/tmp\", IN_MOVE) = 1", "mkdir(\"/tmp/d\", 0755) = 0",
	     "inotify_add_watch(3, \"/tmp/d\", IN_MOVE_SELF|IN_MOVED_TO) = 2",
	     "creat(\"/tmp/x\", 0600) = 4", "rename(\"/tmp/x\", \"/tmp/d/y\") = 0",
	     "read(3, \"\\1\\0\\0\\0@\\0\\0\\0\\1\\0\\0\\0\\20\\0\\0\\0x\"..., 32) = 32",
	     "read(3, \"\\2\\0\\0\\0\\200\\0\\0\\0\\1\\0\\0\\0\\20\\0\\0\\0y\"..., 32) = 32",
	     "rename(\"/tmp/d\", \"/tmp/e\") = 0",
	     "read(3, \"\\1\\0\\0\\0@\\0\\0@\\2\\0\\0\\0\\20\\0\\0\\0d\"..., 32) = 32",
	     "read(3, \"\\1\\0\\0\\0\\200\\0\\0@\\2\\0\\0\\0\\20\\0\\0\\0e\"..., 32) = 32",
	     "read(3, \"\\2\\0\\0\\0\\0\\10\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\", 32) = 16",
	     "read(3, ..., 32) = -1 EAGAIN");
}

static void a_file_that_is_open_is_deleted_when_it_is_closed(void **state)
{
	PLAY(*state, "creat(\"/tmp/x\", 0600) = 3", "inotify_init1(IN_NONBLOCK) = 4",
	     "inotify_add_watch(4, \"/tmp/x\", IN_DELETE_SELF) = 1", "unlink(\"/tmp/x\") = 0",
	     "read(4, ..., 100) = -1 EAGAIN", "close(3) = 0",
	     "read(4, \"\\1\\0\\0\\0\\0\\4\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\1\\0\\0\\0\\0\\200\\0\\0"
	     "\\0\\0\\0\\0\\0\\0\\0\\0\", 100) = 32",
	     "inotify_rm_watch(4, 1) = -1 EINVAL");
}

static void inotify_gives_back_its_memory(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat kmem = lab->m->kmem;
	size_t memory = lab->m->memory.used;

	PLAY(lab, "inotify_init() = 3", "inotify_add_watch(3, \"/tmp\", IN_ALL_EVENTS) = 1",
	     "inotify_add_watch(3, \"/etc/passwd\", IN_ALL_EVENTS) = 2",
	     "open(\"/etc/passwd\", O_RDONLY) = 4", "close(4) = 0", "close(3) = 0");
	assert_memory_equal(&lab->m->kmem, &kmem, sizeof(kmem));
	assert_int_equal(lab->m->memory.used, memory);
}

static void no_more_than_16384_events_wait(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "inotify_init1(IN_NONBLOCK) = 3", "open(\"/etc/passwd\", O_RDONLY) = 4",
	     "inotify_add_watch(3, \"/etc\", IN_OPEN|IN_CLOSE) = 1");
	for (int i = 0; i < 8200; i++) {
		lab_submit(lab, "open(\"/etc/passwd\", O_RDONLY)");
		lab_submit(lab, "close(5)");
	}
	PLAY(lab, "close(4) = 0");
	for (int i = 0; i < 8; i++)
		lab_submit(lab, "read(3, ..., 65536)");
	PLAY(lab,
	     "read(3, \"\\377\\377\\377\\377\\0@\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\", 65536) = 16");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(a_reader_waits_for_an_event),
		LAB_TEST(both_names_of_a_move_are_told),
		LAB_TEST(a_file_that_is_open_is_deleted_when_it_is_closed),
		LAB_TEST(inotify_gives_back_its_memory),
		LAB_TEST(no_more_than_16384_events_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
