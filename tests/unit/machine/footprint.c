/*
 * The memory of a machine: of a call that waits, of the stacks that deep calls use; a reset gives
 * memory back to the system.
 */
#include "base/asan.h"
#include "base/coroutine.h"
#include "base/text.h"
#include "machine/machine.h"
#include "support/tree_lab.h"
#include "support/valgrind.h"

#include <ftw.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#define THREAD "clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)"

/* ---- memory ---- */

/* The memory of the process that is in use, and not given back by malloc. */
static size_t resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*u %lu", &pages), 1);
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static bool memory_is_measured(void)
{
#ifdef HAVE_ASAN
	return false;
#else
	return !under_valgrind();
#endif
}

/* Runs lines of a format with a number, in writes that a control file takes. */
static void repeat(const char *format, int first, int last)
{
	struct text t = TEXT_EMPTY;

	for (int i = first; i <= last; i++) {
		text_printf(&t, "%d %s\n", i, format);
		if (t.len < FDL_WRITE_MAX / 2 && i < last)
			continue;
		assert_int_equal(submit(t.s), 0);
		text_clear(&t);
	}
	text_free(&t);
}

static void fill_with_threads(int n)
{
	struct text t = TEXT_EMPTY;

	for (int i = 0; i < n; i++) {
		text_puts(&t, "1 " THREAD "\n");
		if (t.len < FDL_WRITE_MAX / 2 && i < n - 1)
			continue;
		assert_int_equal(submit(t.s), 0);
		text_clear(&t);
	}
	text_free(&t);
}

static void a_call_that_waits_takes_less_than_16_KiB(void **state)
{
	enum { N = 20000 };
	size_t before, after;

	(void)state;
	assert_int_equal(submit("pipe"), 0);
	fill_with_threads(N);
	before = resident();
	repeat("read 3 10", 2, N + 1);
	after = resident();
	assert_in_file("loadavg", " 1/20001 ");
	print_message("%zu bytes for each call that waits\n", (after - before) / N);
	if (memory_is_measured())
		assert_true((after - before) / N < 16384);
}

static void as_many_calls_may_wait_as_the_memory_allows(void **state)
{
	static const char *const options[] = { "reset memory=16M", "reset memory=32M" };
	size_t waiting[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		size_t ntasks, running;
		char *text;

		assert_int_equal(submit(options[i]), 0);
		assert_int_equal(submit("pipe"), 0);
		fill_with_threads(5000);
		repeat("read 3 10", 2, 5001);
		text = text_of("loadavg");
		assert_int_equal(sscanf(text, "%*s %*s %*s %zu/%zu", &running, &ntasks), 2);
		waiting[i] = ntasks - running;
		free(text);
		assert_in_file("errors", "ENOMEM");
	}
	assert_true(waiting[0] > 1000);
	assert_true(waiting[1] > waiting[0] * 19 / 10 && waiting[1] < waiting[0] * 21 / 10);
}

static void a_reset_gives_memory_back_to_the_system(void **state)
{
	size_t before, full, after;
	struct text t = TEXT_EMPTY;

	(void)state;
	assert_int_equal(submit("reset nofile=200000 nofile_hard=200000"), 0);
	before = resident();
	for (int i = 0; i < 12000; i++)
		text_puts(&t, "open(\"/etc/passwd\", O_RDONLY)\n");
	for (int i = 0; i < 12; i++)
		assert_int_equal(submit(t.s), 0);
	text_free(&t);
	assert_int_equal(submit("pipe"), 0);
	fill_with_threads(2000);
	repeat("read 3 10", 2, 2001);
	free(text_of("events"));
	full = resident();
	assert_int_equal(submit("reset"), 0);
	after = resident();
	print_message("%zu KiB, then %zu KiB, after the reset %zu KiB\n", before >> 10, full >> 10,
		      after >> 10);
	if (!memory_is_measured())
		return;
	assert_true(full - before > (size_t)40 << 20);
	assert_true(after < before + ((size_t)4 << 20));
}

/* ---- depth ---- */

/*
 * Runs a line of a scenario on a coroutine to its end, if it is a call: as one that is to stop at a
 * point where none stops.
 */
static void play_line(char *line)
{
	static const char stop[] = " <unfinished at attach_pid ...>\n";
	char *result = strstr(line, ") = "), *end = strchr(line, '\n');
	char text[8192];
	struct fdl_handle *h;

	if (!end || end - line > 4000 || *line == '#')
		return;
	if (result && result < end)
		snprintf(text, sizeof(text), "%.*s%s", (int)(result - line), line, stop);
	else
		snprintf(text, sizeof(text), "%.*s\n", (int)(end - line), line);
	/* Directives and what the machine does not take are errors, which do not matter. */
	h = open_file("control", O_RDWR);
	fdl_write(h, text, strlen(text), O_NONBLOCK, NULL, NULL);
	fdl_close(h);
}

static unsigned scenarios;
static size_t deepest;

static int play_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
	const size_t len = strlen(path);
	struct fdl_machine *kept = m;
	char line[65536];
	FILE *f;

	(void)st, (void)at;
	if (type != FTW_F || len < 4 || strcmp(path + len - 4, ".fdl") != 0)
		return 0;
	assert_int_equal(fdl_machine_new(NULL, &m), 0);
	if (strstr(path, "netbsd"))
		assert_int_equal(submit("reset kernel=netbsd"), 0);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		play_line(line);
	fclose(f);
	if (coroutine_pool_depth(&m->coroutines) > deepest) {
		deepest = coroutine_pool_depth(&m->coroutines);
		print_message("%s: %zu bytes\n", path, deepest);
	}
	scenarios++;
	fdl_machine_free(m);
	m = kept;
	return 0;
}

/* The guard page stops what overflows a stack; this holds that nothing comes near it. */
static void no_call_uses_half_of_its_stack(void **state)
{
	static const char *const dirs[] = { "tests/scenarios", "tests/oracle", "tests/litmus",
					    "tests/reduction", "tools/lessons" };

	(void)state;
	if (under_valgrind())
		skip();
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_equal(nftw(dirs[i], play_file, 8, FTW_PHYS), 0);
	assert_true(scenarios > 200);
	assert_true(deepest > 500);
	assert_true(deepest < coroutine_stack_size() / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(a_call_that_waits_takes_less_than_16_KiB),
		lab_test(as_many_calls_may_wait_as_the_memory_allows),
		lab_test(a_reset_gives_memory_back_to_the_system),
		lab_test(no_call_uses_half_of_its_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
