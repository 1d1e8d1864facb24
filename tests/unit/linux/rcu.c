/*
 * Tables that were replaced are retired, kept by the tasks that read them, and freed in two stages;
 * a reader never finds freed memory in them.
 */
#include "support/play.h"

#define SHARE  "1 clone(flags=CLONE_FILES|SIGCHLD) = 2"
#define HEADER "table\tmax_fds\tbytes\tmemory\tstage\treaders"

/* The bytes of an fdtable, its slots, and its bitmaps of at least 64 bytes. */
static size_t table_bytes(size_t slots)
{
	return 56 + slots * 8 + (slots / 4 > 64 ? slots / 4 : 64);
}

/* The rcu file has one table: of table 1, with this size, stage and readers. */
static void expect_retired(struct lab *lab, unsigned slots, const char *memory, const char *stage,
			   const char *readers)
{
	char line[256];

	snprintf(line, sizeof(line), "expect rcu = " HEADER "\n1\t%u\t%zu\t%s\t%s\t%s", slots,
		 table_bytes(slots), memory, stage, readers);
	PLAY(lab, line);
}

static void embedded_table_is_never_retired(void **state)
{
	PLAY(*state, "expect rcu = " HEADER, "expand_files(64) = 1", "expect rcu = " HEADER);
}

static void replaced_table_is_retired_until_the_next_call(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "expand_files(64) = 1", "expand_files(128) = 1");
	expect_retired(lab, 128, "kmalloc", "grace period", "");
	PLAY(lab, "getpid() = 1", "expect rcu = " HEADER);
}

static void table_of_vmalloc_is_freed_by_the_workqueue(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "expand_files(4095) = 1", "expand_files(4096) = 1");
	expect_retired(lab, 4096, "kmalloc", "grace period", "");
	PLAY(lab, "expand_files(8192) = 1");
	expect_retired(lab, 8192, "vmalloc", "grace period", "");
	PLAY(lab, "getpid() = 1");
	expect_retired(lab, 8192, "vmalloc", "workqueue", "");
	PLAY(lab, "getpid() = 1", "expect rcu = " HEADER);
}

/* One vmalloc array is enough: here kmalloc failed for the slots, and not for the bitmaps. */
static void table_with_one_array_of_vmalloc_is_freed_by_the_workqueue(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "echo 2 > 1/fail-nth", "expand_files(64) = 1", "expand_files(128) = 1");
	expect_retired(lab, 128, "vmalloc", "grace period", "");
	PLAY(lab, "getpid() = 1");
	expect_retired(lab, 128, "vmalloc", "workqueue", "");
	PLAY(lab, "getpid() = 1", "expect rcu = " HEADER);
}

static void reader_that_began_before_keeps_the_table(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, SHARE, "1 expand_files(64) = 1", "2 fget(0 <unfinished at fget:fdt ...>",
	     "1 expand_files(128) = 1");
	expect_retired(lab, 128, "kmalloc", "grace period", "2");
	PLAY(lab, "1 getpid() = 1", "1 getpid() = 1", "2 step fget:slot");
	expect_retired(lab, 128, "kmalloc", "grace period", "2");
	PLAY(lab, "2 <... fget resumed>) = 1", "1 getpid() = 1", "expect rcu = " HEADER,
	     "2 fput(1) = 0");
}

static void reader_that_began_later_does_not(void **state)
{
	PLAY(*state, SHARE, "1 expand_files(64) = 1", "1 expand_files(128) = 1",
	     "2 fget(0 <unfinished at fget:fdt ...>", "1 getpid() = 1", "expect rcu = " HEADER,
	     "2 <... fget resumed>) = 1", "2 fput(1) = 0");
}

static void all_readers_are_waited_for_and_named(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, SHARE, "1 clone(flags=CLONE_FILES|SIGCHLD) = 3", "1 expand_files(64) = 1",
	     "2 fget(0 <unfinished at fget:fdt ...>", "3 fget(0 <unfinished at fget:slot ...>",
	     "1 expand_files(128) = 1");
	expect_retired(lab, 128, "kmalloc", "grace period", "2,3");
	PLAY(lab, "2 <... fget resumed>) = 1", "1 getpid() = 1");
	expect_retired(lab, 128, "kmalloc", "grace period", "3");
	PLAY(lab, "3 <... fget resumed>) = 1", "1 getpid() = 1", "expect rcu = " HEADER);
}

static void several_tables_wait_oldest_first(void **state)
{
	PLAY(*state, SHARE, "1 expand_files(64) = 1", "2 fget(0 <unfinished at fget:fdt ...>",
	     "1 expand_files(128) = 1", "1 expand_files(256) = 1", "1 expand_files(512) = 1",
	     "expect rcu ~ ^1\t128\t1144\tkmalloc\tgrace period\t2$",
	     "expect rcu ~ ^1\t256\t2168\tkmalloc\tgrace period\t2$",
	     "expect rcu ~ ^1\t512\t4280\tkmalloc\tgrace period\t2$", "2 <... fget resumed>) = 1",
	     "1 getpid() = 1", "expect rcu = " HEADER, "2 fput(1) = 0");
}

/*
 * A reader that never returns keeps all tables that were retired since, until the machine is freed.
 */
static void machine_with_retired_tables_is_freed_whole(void **state)
{
	PLAY(*state, SHARE, "1 expand_files(64) = 1", "2 fget(0 <unfinished at fget:fdt ...>",
	     "1 expand_files(9000) = 1", "1 expand_files(20000) = 1", "expect rcu ~ ^1\t16384\t");
}

static void killed_reader_no_longer_reads(void **state)
{
	PLAY(*state, SHARE, "1 expand_files(64) = 1", "2 fget(0 <unfinished at fget:fdt ...>",
	     "1 expand_files(128) = 1", "1 kill(2, SIGKILL) = 0", "1 getpid() = 1",
	     "expect rcu = " HEADER, "1 wait4(2) = 2");
}

/* By hand, the table of a task that has exited may still be read; it is freed after that. */
static void retired_table_outlives_its_files_struct(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat before = lab->m->kmem;

	PLAY(lab, "1 fork() = 2", "2 expand_files(64) = 1", "2 expand_files(128) = 1",
	     "2 exit(0) = ?", "1 wait4(2) = 2", "1 getpid() = 1", "expect rcu = " HEADER);
	assert_memory_equal(&before, &lab->m->kmem, sizeof(before));
}

/* ---- what a reader of a replaced table sees -------------------------------------------------- */

static void reader_of_the_old_table_finds_the_file_that_was_there(void **state)
{
	PLAY(*state, SHARE, "1 open(\"/etc/hosts\") = 3", "1 dup(3) = 4", "1 expand_files(64) = 1",
	     "2 fget(3 <unfinished at fget:fdt ...>", "1 expand_files(128) = 1", "1 dup2(0, 3) = 3",
	     "2 <... fget resumed>) = 2", "2 fget(3) = 1", "2 fput(1) = 0", "2 fput(2) = 0");
}

static void reader_of_the_old_table_does_not_find_what_came_after(void **state)
{
	PLAY(*state, SHARE, "1 expand_files(64) = 1", "2 fget(3 <unfinished at fget:fdt ...>",
	     "1 expand_files(128) = 1", "1 open(\"/etc/hosts\") = 3", "2 <... fget resumed>) = 0",
	     "2 fget(3) = 2", "2 fput(2) = 0");
}

static void reader_of_the_old_table_finds_no_file_that_was_released(void **state)
{
	PLAY(*state, SHARE, "1 open(\"/etc/hosts\") = 3", "1 expand_files(64) = 1",
	     "2 fget(3 <unfinished at fget:fdt ...>", "1 expand_files(128) = 1", "1 close(3) = 0",
	     "2 <... fget resumed>) = 0");
}

/* Nor a new table that the machine has put at the same address since. */
static void reader_of_the_old_table_finds_no_file_that_took_its_place(void **state)
{
	PLAY(*state, SHARE, "1 open(\"/etc/hosts\") = 3", "1 expand_files(64) = 1",
	     "2 fget(3 <unfinished at fget:fdt ...>", "1 expand_files(128) = 1", "1 close(3) = 0",
	     "1 open(\"/etc/passwd\") = 3", "1 open(\"/etc/hosts\") = 4", "1 open(\"/bin/ls\") = 5",
	     "2 <... fget resumed>) = 0");
}

/* The embedded table, too, keeps its contents from when it was replaced. */
static void reader_of_the_embedded_table_finds_the_file_that_was_there(void **state)
{
	PLAY(*state, SHARE, "1 open(\"/etc/hosts\") = 3", "1 dup(3) = 4",
	     "2 fget(3 <unfinished at fget:fdt ...>", "1 open(\"/etc/passwd\") = 5",
	     "1 dup2(5, 3) = 3", "1 expand_files(64) = 1", "1 dup2(0, 3) = 3",
	     "2 <... fget resumed>) = 3", "2 fput(3) = 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(embedded_table_is_never_retired),
		LAB_TEST(replaced_table_is_retired_until_the_next_call),
		LAB_TEST(table_of_vmalloc_is_freed_by_the_workqueue),
		LAB_TEST(table_with_one_array_of_vmalloc_is_freed_by_the_workqueue),
		LAB_TEST(reader_that_began_before_keeps_the_table),
		LAB_TEST(reader_that_began_later_does_not),
		LAB_TEST(all_readers_are_waited_for_and_named),
		LAB_TEST(several_tables_wait_oldest_first),
		LAB_TEST(machine_with_retired_tables_is_freed_whole),
		LAB_TEST(killed_reader_no_longer_reads),
		LAB_TEST(retired_table_outlives_its_files_struct),
		LAB_TEST(reader_of_the_old_table_finds_the_file_that_was_there),
		LAB_TEST(reader_of_the_old_table_does_not_find_what_came_after),
		LAB_TEST(reader_of_the_old_table_finds_no_file_that_was_released),
		LAB_TEST(reader_of_the_old_table_finds_no_file_that_took_its_place),
		LAB_TEST(reader_of_the_embedded_table_finds_the_file_that_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
