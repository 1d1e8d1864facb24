/*
 * The kernels of the model against each other, through the library's C interface: the cost of calls
 * on the NetBSD kernel and on the Linux kernel.
 */
#include "support/bench.h"

#include "fdlab.h"

#define LIMIT 2.0

/* The descriptors of a full table. */
#define FULL 1024

/* A descriptor for dup2, beyond the open ones. */
#define HIGH 40

/* A machine with its calls. */
struct model {
	struct fdl_machine *m;
	const struct fdl_row *dup, *dup2, *close, *fork, *exit, *wait4;
};

static int64_t call(struct model *model, int pid, const struct fdl_row *row, struct fdl_arg *args,
		    size_t nargs)
{
	int64_t result = fdl_call(model->m, pid, row, args, nargs);

	if (result < 0)
		errx(1, "a call failed: %s", fdl_errname((int)-result));
	return result;
}

static void dup_close(void *ctx, unsigned n)
{
	struct model *model = ctx;

	while (n--) {
		struct fdl_arg arg = { .num = 0 };

		arg.num = call(model, 1, model->dup, &arg, 1);
		call(model, 1, model->close, &arg, 1);
	}
}

static void dup2_again(void *ctx, unsigned n)
{
	struct model *model = ctx;

	while (n--) {
		struct fdl_arg args[] = { { .num = 0 }, { .num = HIGH } };

		call(model, 1, model->dup2, args, 2);
	}
}

static void fork_exit(void *ctx, unsigned n)
{
	struct model *model = ctx;

	while (n--) {
		struct fdl_arg status = { .num = 0 }, any = { .num = -1 };
		int child = (int)call(model, 1, model->fork, NULL, 0);

		fdl_call(model->m, child, model->exit, &status, 1);
		call(model, 1, model->wait4, &any, 1);
	}
}

static const struct fdl_row *find(const struct model *model, const char *name)
{
	const struct fdl_row *row = fdl_row_find(model->m, name);

	if (!row)
		errx(1, "the model has no %s", name);
	return row;
}

static void make(struct model *model, const char *kernel)
{
	const struct fdl_options o = { .kernel = kernel, .nofile = FULL };
	int error = fdl_machine_new(&o, &model->m);

	if (error)
		errx(1, "no machine: %s", fdl_errname(-error));
	model->dup = find(model, "dup");
	model->dup2 = find(model, "dup2");
	model->close = find(model, "close");
	model->fork = find(model, "fork");
	model->exit = find(model, "exit");
	model->wait4 = find(model, "wait4");
}

/* Opens, or closes, all descriptors from 3 on. */
static void fill(struct model *model, bool open)
{
	for (int fd = 3; fd < FULL; fd++) {
		struct fdl_arg args[] = { { .num = 0 }, { .num = fd } };

		if (open)
			call(model, 1, model->dup2, args, 2);
		else
			call(model, 1, model->close, args + 1, 1);
	}
}

static struct model netbsd, linux_model;

static struct comparison full_table[] = {
	{ .name = "fork, exit, wait4 of a full table",
	  .ours = { fork_exit, &netbsd },
	  .theirs = { fork_exit, &linux_model },
	  .limit = LIMIT },
};

static struct comparison usual_table[] = {
	{ .name = "dup, close",
	  .ours = { dup_close, &netbsd },
	  .theirs = { dup_close, &linux_model },
	  .limit = LIMIT },
	{ .name = "dup2",
	  .ours = { dup2_again, &netbsd },
	  .theirs = { dup2_again, &linux_model },
	  .limit = LIMIT },
};

int main(int argc, char **argv)
{
	bench_start(argc, argv, "netbsd", "linux");
	make(&netbsd, "netbsd");
	make(&linux_model, "linux");
	fill(&netbsd, true);
	fill(&linux_model, true);
	bench_compare(full_table, sizeof(full_table) / sizeof(full_table[0]));
	fill(&netbsd, false);
	fill(&linux_model, false);
	bench_compare(usual_table, sizeof(usual_table) / sizeof(usual_table[0]));
	fdl_machine_free(netbsd.m);
	fdl_machine_free(linux_model.m);
	return 0;
}
