/*
 * Memory that runs out at the n-th allocation of each call of the tables, for every n. The call
 * fails with -ENOMEM or does what it does, the machine is sound and goes on, and nothing leaks.
 */
#include "options.h"
#include "machine/call_table.h"
#include "machine/kernel.h"
#include "support/call_examples.h"
#include "support/failing_malloc.h"
#include "support/play.h"
#include "support/valgrind.h"

static const char *const kernels[] = { "linux", "netbsd" };

/* Whether a machine is sound after a line. Functions of the kernel alone may leave it unsound. */
static bool leaves_sound(const char *kernel, const char *line)
{
	struct fdl_machine *m = example_machine(kernel);
	char why[256];
	int error;

	fdl_write_file(m, "control", line, strlen(line));
	error = fdl_machine_check(m, why, sizeof(why));
	fdl_machine_free(m);
	return !error;
}

/* Runs a line with the n-th allocation failing. Whether one failed. */
static bool run_failing(const char *kernel, const char *line, bool sound, size_t n, bool lasting)
{
	const size_t live = failing_malloc_live();
	struct fdl_machine *m = example_machine(kernel);
	struct fdl_handle *control;
	fdl_ino ino;
	char why[256];
	bool failed;

	assert_int_equal(fdl_walk(m, "control", &ino), 0);
	assert_int_equal(fdl_open(m, ino, O_RDWR, &control), 0);
	failing_malloc_arm(n, lasting);
	fdl_write(control, line, strlen(line), O_NONBLOCK, NULL, NULL);
	failed = failing_malloc_disarm();
	if (sound && fdl_machine_check(m, why, sizeof(why)))
		fail_msg("%s: %s: allocation %zu fails: %s", kernel, line, n, why);
	if (m->log.error)
		fail_msg("%s: %s: allocation %zu fails: the log has lost a record", kernel, line,
			 n);
	fdl_write(control, "2 dup2(0, 30)", 13, O_NONBLOCK, NULL, NULL);
	fdl_interrupt(control);
	if (sound && fdl_machine_check(m, why, sizeof(why)))
		fail_msg("%s: %s: after allocation %zu failed: %s", kernel, line, n, why);
	fdl_close(control);
	fdl_machine_free(m);
	if (failing_malloc_live() > live)
		fail_msg("%s: %s: leaks when allocation %zu fails", kernel, line, n);
	return failed;
}

/* The example is a line that this kernel reads. */
static void check_line(struct fdl_machine *m, const char *text)
{
	struct fdl_line *line;
	char why[256] = "";

	if (fdl_line_read(m, text, strlen(text), &line, why, sizeof(why)))
		fail_msg("%s: %s", text, why);
	fdl_line_free(line);
}

static void each_call(const char *name)
{
	struct fdl_machine *m = example_machine(name);
	const struct kernel *const *k = all_kernels;
	size_t nrows = 0, nfailed = 0;

	while (strcmp((*k)->name, name) != 0)
		k++;
	for (const struct call_row *const *list = (*k)->calls; *list; list++) {
		for (const struct call_row *row = *list; row->name; row++) {
			char line[EXAMPLE_MAX];
			bool sound;

			if (call_table_lacks(*k, row->name) || !call_example(row, line))
				continue;
			check_line(m, line);
			nrows++;
			sound = leaves_sound(name, line);
			for (size_t n = 1; run_failing(name, line, sound, (n + 1) / 2, n % 2); n++)
				nfailed++;
		}
	}
	fdl_machine_free(m);
	print_message("%s: %zu calls, %zu failed allocations\n", name, nrows, nfailed);
	assert_true(nrows > 100);
}

static void each_call_of_linux(void **state)
{
	(void)state;
	each_call("linux");
}

static void each_call_of_netbsd(void **state)
{
	(void)state;
	each_call("netbsd");
}

/* Makes the tables of calls, which stay, and would be taken for a leak. */
static int make_call_tables(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2; k++)
		fdl_machine_free(example_machine(kernels[k]));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_call_of_linux, make_call_tables),
		cmocka_unit_test_setup(each_call_of_netbsd, make_call_tables),
	};

	/* It takes minutes there, and the sanitizers see the same. */
	if (under_valgrind())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
