/*
 * What the model takes: memory for processes and for tables, and time that must follow what is
 * open, never how large a table is. Memory is what malloc has handed out.
 */
#include "bench/bench.h"

#include "fdlab.h"

#include <malloc.h>

#define PROCESSES 100000
#define HIGHEST   1048575

static struct fdl_machine *m;

static size_t memory(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static int64_t call(int pid, const char *name, int64_t first, int64_t second, size_t nargs)
{
	struct fdl_arg args[] = { { .num = first }, { .num = second } };
	int64_t result = fdl_call(m, pid, fdl_row_find(m, name), args, nargs);

	if (result < 0)
		errx(1, "%s: %s", name, fdl_errname((int)-result));
	return result;
}

static void new_machine(const struct fdl_options *o)
{
	int error = fdl_machine_new(o, &m);

	if (error)
		errx(1, "no machine: %s", fdl_errname(-error));
}

static void processes(void)
{
	size_t before;

	new_machine(NULL);
	before = memory();
	for (int i = 0; i < PROCESSES; i++)
		call(1, "fork", 0, 0, 0);
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
	call(1, "dup2", 0, HIGHEST, 2);
	bench_value("a table whose only high descriptor is 1048575", (double)(memory() - before),
		    "bytes", AT_MOST, 65536);
	fdl_machine_free(m);
}

/* fork and the end of the child, for a task whose pid is in *ctx. */
static void fork_exit(void *ctx, unsigned n)
{
	int parent = *(const int *)ctx;

	while (n--) {
		int64_t child = call(parent, "fork", 0, 0, 0);

		call((int)child, "exit", 0, 0, 1);
		call(parent, "wait4", -1, 0, 1);
	}
}

/* Two tasks with four descriptors each, one of which is high in the first. */
static void costs(void)
{
	const struct fdl_options o = { .nofile = HIGHEST + 1 };
	int high = 1, low;
	const struct side ours = { fork_exit, &high }, theirs = { fork_exit, &low };

	new_machine(&o);
	low = (int)call(1, "fork", 0, 0, 0);
	call(high, "dup2", 0, HIGHEST, 2);
	call(low, "dup2", 0, 3, 2);
	bench_ratio("fork, exit, wait4 of a huge table, against a small",
		    bench_turns(&ours, &theirs), 2);
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
