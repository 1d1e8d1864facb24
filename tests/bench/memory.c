/*
 * The memory of the model for processes and tables, and times that must depend on the open
 * descriptors and not on the size of a table. Memory is what malloc has handed out.
 */
#include "support/bench.h"

#include "fdlab.h"

#include <malloc.h>

#define PROCESSES     100000
#define HIGHEST       1048575 /* of a huge table */
#define SMALL_HIGHEST 127     /* of a small table, which has had to grow, too */
#define GROWTH_LIMIT  2       /* only the tree above a descriptor is higher */

static struct fdl_machine *m;

static size_t memory(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* The rows of the calls, looked up once: a look-up would add to the cost of each call. */
enum row { CLOSE, CLOSE_RANGE, DUP, DUP2, EXIT, FORK, WAIT4, ROWS };

static const char *const names[ROWS] = { "close", "close_range", "dup",  "dup2",
					 "exit",  "fork",        "wait4" };
static const struct fdl_row *rows[ROWS];

static int64_t call(int pid, enum row row, int64_t first, int64_t second, size_t nargs)
{
	struct fdl_arg args[] = { { .num = first }, { .num = second } };
	int64_t result = fdl_call(m, pid, rows[row], args, nargs);

	if (result < 0)
		errx(1, "%s: %s", names[row], fdl_errname((int)-result));
	return result;
}

static void new_machine(const struct fdl_options *o)
{
	int error = fdl_machine_new(o, &m);

	if (error)
		errx(1, "no machine: %s", fdl_errname(-error));
	for (enum row row = 0; row < ROWS; row++) {
		rows[row] = fdl_row_find(m, names[row]);
		if (!rows[row])
			errx(1, "the model has no %s", names[row]);
	}
}

static void processes(void)
{
	size_t before;

	new_machine(NULL);
	before = memory();
	for (int i = 0; i < PROCESSES; i++)
		call(1, FORK, 0, 0, 0);
	bench_value("a process with three descriptors, of 100,000",
		    (double)(memory() - before) / PROCESSES, "bytes", AT_MOST, 1536);
	fdl_machine_free(m);
}

static void sparse_table(void)
{
	const struct fdl_options o = { .nofile = HIGHEST + 1 };
	size_t before;

	new_machine(&o);
	before = memory();
	call(1, DUP2, 0, HIGHEST, 2);
	bench_value("a table whose only high descriptor is 1048575", (double)(memory() - before),
		    "bytes", AT_MOST, 65536);
	fdl_machine_free(m);
}

/* A task with four descriptors, and the highest of them. */
struct subject {
	int pid, top;
};

static struct subject huge = { 1, HIGHEST }, small = { 0, SMALL_HIGHEST };

static void fork_exit(void *ctx, unsigned n)
{
	const struct subject *s = ctx;

	while (n--) {
		int64_t child = call(s->pid, FORK, 0, 0, 0);

		call((int)child, EXIT, 0, 0, 1);
		call(s->pid, WAIT4, -1, 0, 1);
	}
}

static void dup2_close(void *ctx, unsigned n)
{
	const struct subject *s = ctx;

	while (n--) {
		call(s->pid, DUP2, 0, s->top - 1, 2);
		call(s->pid, CLOSE, s->top - 1, 0, 1);
	}
}

static void dup_close(void *ctx, unsigned n)
{
	const struct subject *s = ctx;

	while (n--)
		call(s->pid, CLOSE, call(s->pid, DUP, 0, 0, 1), 0, 1);
}

static void close_range(void *ctx, unsigned n)
{
	const struct subject *s = ctx;

	while (n--)
		call(s->pid, CLOSE_RANGE, 3, s->top - 1, 2);
}

#define GROWTH(title, run)                                                                         \
	{                                                                                          \
		.name = title, .ours = { run, &huge }, .theirs = { run, &small },                  \
		.limit = GROWTH_LIMIT                                                              \
	}

static struct comparison growth[] = {
	GROWTH("fork, exit, wait4 of a huge table with four open", fork_exit),
	GROWTH("dup2, close of its highest but one", dup2_close),
	GROWTH("dup, close in it", dup_close),
	GROWTH("close_range over its hole", close_range),
};

static void costs(void)
{
	const struct fdl_options o = { .nofile = HIGHEST + 1 };

	new_machine(&o);
	small.pid = (int)call(1, FORK, 0, 0, 0);
	call(huge.pid, DUP2, 0, huge.top, 2);
	call(small.pid, DUP2, 0, small.top, 2);
	bench_compare(growth, sizeof(growth) / sizeof(growth[0]));
	fdl_machine_free(m);
}

int main(int argc, char **argv)
{
	bench_start(argc, argv, "huge", "small");
	processes();
	sparse_table();
	costs();
	return 0;
}
