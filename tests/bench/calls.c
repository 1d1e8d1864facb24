/*
 * System calls on descriptors: the model's, through the library's C interface, against the running
 * kernel's, on tables of the same shape.
 */
#include "support/bench.h"

#include "fdlab.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The targets: the table's own calls, as a part of the kernel's time; and the rest. */
#define TABLE_LIMIT 0.2
#define LIMIT       0.15

/* The descriptors of a full table: the default soft limit. */
#define FULL 1024

/* A descriptor for dup2, beyond those that the program itself has open. */
#define HIGH 40

static struct fdl_machine *m;
static const struct fdl_row *row_dup, *row_dup2, *row_getfd, *row_open, *row_close, *row_fork,
	*row_exit, *row_wait4;

/* Runs a call of a task, which must succeed. */
static int64_t call(int pid, const struct fdl_row *row, struct fdl_arg *args, size_t nargs)
{
	int64_t result = fdl_call(m, pid, row, args, nargs);

	if (result < 0)
		errx(1, "a call of the model failed: %s", fdl_errname((int)-result));
	return result;
}

/* Runs a call of the running kernel, which must succeed. */
static int checked(int result)
{
	if (result < 0)
		err(1, "a call of the kernel failed");
	return result;
}

static void our_dup_close(void *ctx, unsigned n)
{
	(void)ctx;
	while (n--) {
		struct fdl_arg arg = { .num = 0 };

		arg.num = call(1, row_dup, &arg, 1);
		call(1, row_close, &arg, 1);
	}
}

static void their_dup_close(void *ctx, unsigned n)
{
	(void)ctx;
	while (n--)
		checked(close(checked(dup(0))));
}

static void our_dup2(void *ctx, unsigned n)
{
	(void)ctx;
	while (n--) {
		struct fdl_arg args[] = { { .num = 0 }, { .num = HIGH } };

		call(1, row_dup2, args, 2);
	}
}

static void their_dup2(void *ctx, unsigned n)
{
	(void)ctx;
	while (n--)
		checked(dup2(0, HIGH));
}

static void our_getfd(void *ctx, unsigned n)
{
	(void)ctx;
	while (n--) {
		struct fdl_arg args[] = { { .num = 0 }, { .num = F_GETFD } };

		call(1, row_getfd, args, 2);
	}
}

static void their_getfd(void *ctx, unsigned n)
{
	(void)ctx;
	while (n--)
		checked(fcntl(0, F_GETFD));
}

static const char path[] = "/etc/passwd";

static void our_open_close(void *ctx, unsigned n)
{
	(void)ctx;
	while (n--) {
		struct fdl_arg args[] = {
			{ .num = sizeof(path) - 1, .str = path },
			{ .num = O_RDONLY },
			{ .num = 0 },
		};
		struct fdl_arg fd = { .num = call(1, row_open, args, 3) };

		call(1, row_close, &fd, 1);
	}
}

static void their_open_close(void *ctx, unsigned n)
{
	(void)ctx;
	while (n--)
		checked(close(checked(open(path, O_RDONLY))));
}

static void our_fork(void *ctx, unsigned n)
{
	(void)ctx;
	while (n--) {
		struct fdl_arg status = { .num = 0 }, any = { .num = -1 };
		int child = (int)call(1, row_fork, NULL, 0);

		fdl_call(m, child, row_exit, &status, 1);
		call(1, row_wait4, &any, 1);
	}
}

static void their_fork(void *ctx, unsigned n)
{
	(void)ctx;
	while (n--) {
		pid_t child = checked(fork());

		if (!child)
			_exit(0);
		checked(waitpid(child, NULL, 0));
	}
}

/* Fills both tables, up to FULL descriptors. */
static void fill_tables(void)
{
	for (int fd = 3; fd < FULL; fd++) {
		struct fdl_arg args[] = { { .num = 0 }, { .num = fd } };

		call(1, row_dup2, args, 2);
		checked(dup2(0, fd));
	}
}

static void empty_tables(void)
{
	for (int fd = 3; fd < FULL; fd++) {
		struct fdl_arg arg = { .num = fd };

		call(1, row_close, &arg, 1);
		close(fd);
	}
}

static const struct fdl_row *find(const char *name)
{
	const struct fdl_row *row = fdl_row_find(m, name);

	if (!row)
		errx(1, "the model has no %s", name);
	return row;
}

static void make_machine(void)
{
	int error = fdl_machine_new(NULL, &m);

	if (error)
		errx(1, "no machine: %s", fdl_errname(-error));
	row_dup = find("dup");
	row_dup2 = find("dup2");
	row_getfd = find("fcntl F_GETFD");
	row_open = find("open");
	row_close = find("close");
	row_fork = find("fork");
	row_exit = find("exit");
	row_wait4 = find("wait4");
}

static struct comparison full_table[] = {
	{ .name = "fork, exit, wait4 of a full table",
	  .ours = { our_fork, NULL },
	  .theirs = { their_fork, NULL },
	  .limit = LIMIT },
};

static struct comparison usual_table[] = {
	{ .name = "dup, close",
	  .ours = { our_dup_close, NULL },
	  .theirs = { their_dup_close, NULL },
	  .limit = TABLE_LIMIT },
	{ .name = "dup2",
	  .ours = { our_dup2, NULL },
	  .theirs = { their_dup2, NULL },
	  .limit = TABLE_LIMIT },
	{ .name = "fcntl(F_GETFD)",
	  .ours = { our_getfd, NULL },
	  .theirs = { their_getfd, NULL },
	  .limit = LIMIT },
	{ .name = "open, close",
	  .ours = { our_open_close, NULL },
	  .theirs = { their_open_close, NULL },
	  .limit = TABLE_LIMIT },
};

int main(int argc, char **argv)
{
	struct rlimit nofile;

	getrlimit(RLIMIT_NOFILE, &nofile);
	nofile.rlim_cur = FULL;
	if (setrlimit(RLIMIT_NOFILE, &nofile) < 0)
		err(1, "RLIMIT_NOFILE");
	bench_start(argc, argv, "model", "kernel");
	make_machine();

	/* First, while the process is small, because the kernel's fork copies its memory, too. */
	fill_tables();
	bench_compare(full_table, sizeof(full_table) / sizeof(full_table[0]));
	empty_tables();
	bench_compare(usual_table, sizeof(usual_table) / sizeof(usual_table[0]));
	fdl_machine_free(m);
	return 0;
}
