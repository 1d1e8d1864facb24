/*
 * Allocation: the cost of tables in kmalloc and vmalloc, and every allocation of every call made to
 * fail once. A failed call changes nothing, and at the end nothing is left.
 */
#include "support/play.h"

#include "vfs/file.h"

#define FILES_STRUCT 704
#define FDTABLE      56
#define OPEN_FILE    256

static void fail_nth_is_of_the_next_call_only(void **state)
{
	PLAY(*state, "expect 1/fail-nth = 0", "echo 2 > 1/fail-nth", "expect 1/fail-nth = 2",
	     "getpid() = 1", "expect 1/fail-nth = 2", "open(\"/etc/hosts\") = 3",
	     "open(\"/etc/hosts\") = 4", "echo 1 > 1/fail-nth", "open(\"/etc/hosts\") = -1 ENOMEM",
	     "expect 1/fail-nth = 0", "open(\"/etc/hosts\") = 5",
	     "echo x > 1/fail-nth = -1 EINVAL");
}

static void fail_nth_is_of_one_task_only(void **state)
{
	PLAY(*state, "1 fork() = 2", "echo 1 > 2/fail-nth", "1 open(\"/etc/hosts\") = 3",
	     "2 open(\"/etc/hosts\") = -1 ENOMEM");
}

/* Each allocation of a pipe fails once, those of a table that grows for the first number, too. */
static void pipe_without_memory_for_its_first_number_has_neither(void **state)
{
	struct lab *lab = *state;
	unsigned n = 0;

	lab_fill(lab, 1, 63);
	do {
		char line[64];

		PLAY(lab, "expect 1/files/open_fds_list = 0-63");
		snprintf(line, sizeof(line), "%u\n", ++n);
		assert_int_equal(fdl_write_file(lab->m, "1/fail-nth", line, strlen(line)), 0);
		lab_submit(lab, "1 pipe()");
		lab_check(lab, "pipe");
		assert_in_range(n, 1, 20);
	} while (!strstr(lab->replies, "= 0"));
	assert_in_range(n, 5, 20);
	PLAY(lab, "expect 1/files/open_fds_list = 0-65");
}

/* ---- what is accounted ---------------------------------------------------------------------- */

static void expect_kmem(struct lab *lab, const struct kmem_stat *before, uint64_t kmalloc_bytes,
			uint64_t kmalloc_count, uint64_t vmalloc_bytes, uint64_t vmalloc_count)
{
	const struct kmem_stat *now = &lab->m->kmem;

	assert_int_equal(now->kmalloc_bytes - before->kmalloc_bytes, kmalloc_bytes);
	assert_int_equal(now->kmalloc_count - before->kmalloc_count, kmalloc_count);
	assert_int_equal(now->vmalloc_bytes - before->vmalloc_bytes, vmalloc_bytes);
	assert_int_equal(now->vmalloc_count - before->vmalloc_count, vmalloc_count);
}

/* The size of table nr, and its bytes from vmalloc. */
static void table_costs_three_allocations_and_vmalloc_above_32768(void **state)
{
	static const struct {
		unsigned slots;
		unsigned kmalloc_bytes, kmalloc_count, vmalloc_bytes, vmalloc_count;
	} tables[] = {
		{ 128, FDTABLE + 1024 + 64, 3, 0, 0 },
		{ 256, FDTABLE + 2048 + 64, 3, 0, 0 },
		{ 512, FDTABLE + 4096 + 128, 3, 0, 0 },
		{ 4096, FDTABLE + 32768 + 1024, 3, 0, 0 },
		{ 8192, FDTABLE + 2048, 2, 65536, 1 },
		{ 131072, FDTABLE + 32768, 2, 1048576, 1 },
		{ 262144, FDTABLE, 1, 2097152 + 65536, 2 },
		{ 1048576, FDTABLE, 1, 8388608 + 262144, 2 },
	};
	struct lab *lab = *state;
	struct kmem_stat before = lab->m->kmem;
	char line[64];

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		snprintf(line, sizeof(line), "expand_files(%u) = 1", tables[i].slots - 1);
		PLAY(lab, line, "getpid() = 1", "getpid() = 1");
		expect_kmem(lab, &before, tables[i].kmalloc_bytes, tables[i].kmalloc_count,
			    tables[i].vmalloc_bytes, tables[i].vmalloc_count);
	}
}

static void vmalloc_steps_in_when_kmalloc_fails(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat before = lab->m->kmem;

	PLAY(lab, "echo 2 > 1/fail-nth", "expand_files(64) = 1", "expect 1/fail-nth = 0");
	expect_kmem(lab, &before, FDTABLE + 64, 2, 1024, 1);
	PLAY(lab, "reset", "echo 3 > 1/fail-nth", "expand_files(64) = 1", "expect 1/fail-nth = 0");
	expect_kmem(lab, &before, FDTABLE + 1024, 2, 64, 1);
}

static void file_and_files_struct_cost_what_they_do(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat before = lab->m->kmem;

	PLAY(lab, "1 open(\"/etc/hosts\") = 3");
	expect_kmem(lab, &before, OPEN_FILE, 1, 0, 0);
	PLAY(lab, "1 dup(3) = 4", "1 close(3) = 0");
	expect_kmem(lab, &before, OPEN_FILE, 1, 0, 0);
	PLAY(lab, "1 close(4) = 0");
	expect_kmem(lab, &before, 0, 0, 0, 0);
	PLAY(lab, "1 clone(flags=CLONE_FILES|SIGCHLD) = 2");
	before = lab->m->kmem;
	PLAY(lab, "1 unshare(CLONE_FILES) = 0");
	expect_kmem(lab, &before, FILES_STRUCT, 1, 0, 0);
}

/* ---- every allocation fails once ------------------------------------------------------------ */

/* Task 2 makes the calls; task 3 shares its table. */
struct failing {
	const char *before[4];
	const char *call;
	const char *outcome[8]; /* of the call whose first, second, … allocation fails */
};

#define NOMEM " = -1 ENOMEM"

static const struct failing failing[] = {
	{ { NULL }, "dup(0)", { NULL } },
	{ { NULL }, "dup2(0, 63)", { NULL } },
	{ { NULL }, "close(0)", { NULL } },
	{ { NULL }, "fcntl(0, F_DUPFD, 10)", { NULL } },
	{ { NULL }, "read 0 10", { NULL } },
	{ { NULL }, "dup2(0, 64)", { NOMEM, " = 64", " = 64", NULL } },
	{ { NULL }, "dup3(0, 100, O_CLOEXEC)", { NOMEM, " = 100", " = 100", NULL } },
	{ { NULL }, "dup2(9, 64)", { " = -1 EBADF", " = -1 EBADF", " = -1 EBADF", NULL } },
	{ { NULL }, "dup2(0, 9000)", { NOMEM, NOMEM, " = 9000", NULL } },
	{ { NULL }, "dup2(0, 140000)", { NOMEM, NOMEM, NOMEM, NULL } },
	{ { NULL }, "fcntl(0, F_DUPFD_CLOEXEC, 64)", { NOMEM, " = 64", " = 64", NULL } },
	{ { NULL }, "alloc_fd(64)", { NOMEM, " = 64", " = 64", NULL } },
	{ { NULL }, "expand_files(64)", { NOMEM, " = 1", " = 1", NULL } },
	{ { NULL }, "replace_fd(64, 0)", { NOMEM, " = 64", " = 64", NULL } },
	{ { NULL }, "f_dupfd(64, 0)", { NOMEM, " = 64", " = 64", NULL } },
	{ { NULL }, "open(\"/etc/hosts\")", { NOMEM, NULL } },
	{ { NULL }, "open(\"/missing\")", { NOMEM, NULL } },
	{ { NULL }, "openat(AT_FDCWD, \"/etc/hosts\", O_PATH)", { NOMEM, NULL } },
	{ { NULL }, "creat(\"/tmp/x\", 0644)", { NOMEM, NULL } },
	{ { NULL }, "pipe", { " = -1 ENFILE", NOMEM, NOMEM, NULL } },
	{ { "2 dup2(0, 64) = 64", "2 dup2(0, 128) = 128" },
	  "dup2(0, 256)",
	  { NOMEM, " = 256", " = 256", NULL } },
	{ { NULL }, "fork()", { NOMEM, NOMEM, NULL } },
	{ { NULL }, "clone(flags=CLONE_FILES|SIGCHLD)", { NOMEM, NULL } },
	{ { "2 dup2(0, 64) = 64" }, "fork()", { NOMEM, NOMEM, NOMEM, " = 4", " = 4", NULL } },
	{ { "2 dup2(0, 9000) = 9000" }, "fork()", { NOMEM, NOMEM, NOMEM, NOMEM, " = 4", NULL } },
	{ { NULL }, "unshare(CLONE_FILES)", { NOMEM, NULL } },
	{ { "2 dup2(0, 64) = 64" },
	  "unshare(CLONE_FILES)",
	  { NOMEM, NOMEM, " = 0", " = 0", NULL } },
	{ { "2 dup2(0, 64) = 64" },
	  "close_range(3, 9, CLOSE_RANGE_UNSHARE)",
	  { NOMEM, NOMEM, " = 0", " = 0", NULL } },
	{ { "2 dup2(0, 64) = 64" }, "close_range(3, 90, CLOSE_RANGE_UNSHARE)", { NOMEM, NULL } },
	{ { "2 dup2(0, 64) = 64" },
	  "execve(\"/bin/true\")",
	  { NOMEM, NOMEM, " = 0", " = 0", NULL } },
	{ { "2 dup2(0, 64) = 64" },
	  "execve(\"/missing\")",
	  { NOMEM, NOMEM, " = -1 ENOENT", " = -1 ENOENT", NULL } },
	{ { "2 unshare(CLONE_FILES) = 0" }, "execve(\"/bin/true\")", { NULL } },
	{ { NULL }, "exit(0)", { NULL } },
};

/* The state that a failed call may not change; next_fd may rise up to the lowest free number. */
static void tables(struct lab *lab, char *out, size_t size)
{
	static const char *const files[] = { "2/files/slots", "2/files/max_fds",
					     "2/files/close_on_exec_list", "3/files/count" };

	*out = '\0';
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *text;
		size_t len;

		assert_int_equal(fdl_read_file(lab->m, files[i], &text, &len), 0);
		strncat(out, text, size - strlen(out) - 1);
		free(text);
	}
}

struct held_memory {
	struct kmem_stat kmem;
	uint64_t files, sparse;
};

static struct held_memory held_memory(const struct lab *lab)
{
	return (struct held_memory){ lab->m->kmem, lab->m->nr_files, lab->m->memory.used };
}

/* All tasks but task 1 exit, and retired tables are freed. */
static void clear_up(struct lab *lab)
{
	PLAY(lab, "1 kill(-1, SIGKILL) = 0");
	do
		lab_submit(lab, "1 wait4 -1 WNOHANG|__WALL");
	while (!strstr(lab->replies, "ECHILD"));
	PLAY(lab, "1 getpid() = 1", "1 getpid() = 1", "1 getpid() = 1");
}

/* Makes the nth allocation of the call fail. False: it makes fewer. */
static bool fail_once(struct lab *lab, const struct failing *f, unsigned nth)
{
	char line[256], was[4096], is[4096];
	struct held_memory before, after;
	struct task *task;
	bool failed;

	PLAY(lab, "reset nofile=200000 nofile_hard=200000");
	before = held_memory(lab);
	PLAY(lab, "1 fork() = 2", "2 clone(flags=CLONE_FILES|SIGCHLD) = 3");
	lab_play(lab, f->before, __FILE__, __LINE__);
	tables(lab, was, sizeof(was));
	task = task_find(lab->m, 2);
	task->fail_nth = nth;
	task->fail_armed = true;
	snprintf(line, sizeof(line), "2 %s%s", f->call,
		 f->outcome[nth - 1] ? f->outcome[nth - 1] : "");
	lab_call(lab, line);
	lab_check(lab, line);
	failed = task_find(lab->m, 2)->fail_nth == 0;
	if (failed && strstr(lab->replies, " = -1") && strcmp(f->call, "dup2(9, 64)") != 0) {
		tables(lab, is, sizeof(is));
		assert_string_equal(was, is);
	}
	clear_up(lab);
	after = held_memory(lab);
	if (memcmp(&before, &after, sizeof(before)) != 0)
		fail_msg("%s, allocation %u failed: something is left", f->call, nth);
	return failed;
}

static void every_allocation_of_every_call_may_fail(void **state)
{
	for (size_t i = 0; i < sizeof(failing) / sizeof(failing[0]); i++) {
		const struct failing *f = &failing[i];
		unsigned nth = 0;

		while (f->outcome[nth]) {
			nth++;
			if (!fail_once(*state, f, nth))
				fail_msg("%s has no allocation %u", f->call, nth);
		}
		if (fail_once(*state, f, nth + 1))
			fail_msg("%s has an allocation %u", f->call, nth + 1);
	}
}

/* ---- the machine's own memory --------------------------------------------------------------- */

/* Descriptors far apart, until the option "memory" stops it; then all memory is given back. */
static void tables_beyond_the_machines_memory_are_ENOMEM(void **state)
{
	struct lab *lab = *state;
	char line[64];
	size_t used;
	int fd = 64;

	PLAY(lab, "reset memory=65536 nofile=200000 nofile_hard=200000",
	     "dup2(0, 199999) = 199999");
	used = lab->m->memory.used;
	do {
		snprintf(line, sizeof(line), "dup2 0 %d", fd);
		lab_submit(lab, line);
		lab_check(lab, line);
		fd += 64;
	} while (!strstr(lab->replies, "ENOMEM") && fd < 199999);
	assert_non_null(strstr(lab->replies, "ENOMEM"));
	assert_in_range(lab->m->memory.used, used + 1, 65536);
	PLAY(lab, "fork() = -1 ENOMEM", "close_range(64, 199998, 0) = 0", "fork() = 2");
	assert_int_equal(lab_files(lab, 1)->fdt->max_fds, 262144);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(fail_nth_is_of_the_next_call_only),
		LAB_TEST(fail_nth_is_of_one_task_only),
		LAB_TEST(pipe_without_memory_for_its_first_number_has_neither),
		LAB_TEST(table_costs_three_allocations_and_vmalloc_above_32768),
		LAB_TEST(vmalloc_steps_in_when_kmalloc_fails),
		LAB_TEST(file_and_files_struct_cost_what_they_do),
		LAB_TEST(every_allocation_of_every_call_may_fail),
		LAB_TEST(tables_beyond_the_machines_memory_are_ENOMEM),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
