/*
 * Measures the interleavings of races that are run in a second, from the state before the race and
 * with a new machine for each; and counts the runs that the reduction saves in races of two to four
 * tasks.
 */
#include "support/bench.h"

#include "fdlab.h"

#define RATE 100000 /* interleavings a second */

struct race {
	const char *name;
	const char *lines[8];
	const char *tasks; /* its n-th digit is the task of the n-th line */
};

static const struct race two[] = {
	{ "all orders of open against dup2", { "open /etc/hosts", "dup2(0, 3)" }, "12" },
	{ "all orders of dup against dup", { "dup(0)", "dup(0)" }, "12" },
	{ "all orders of dup against close", { "dup(1)", "close(1)" }, "12" },
	{ "all orders of two expansions", { "fcntl(0, F_DUPFD, 64)", "dup2(0, 200)" }, "12" },
};

static const struct race several[] = {
	{ "2 tasks: open against open", { "open /etc/hosts", "open /etc/passwd" }, "12" },
	{ "2 tasks: dup, close against dup, close",
	  { "dup(0)", "close(1)", "dup(0)", "close(2)" },
	  "1122" },
	{ "2 tasks: expansion against expansion",
	  { "fcntl(0, F_DUPFD, 64)", "fcntl(0, F_DUPFD, 64)" },
	  "12" },
	{ "3 tasks: dup, dup, close", { "dup(0)", "dup(0)", "close(1)" }, "123" },
	{ "3 tasks: open, dup2, fork", { "open /etc/hosts", "dup2(0, 3)", "fork()" }, "123" },
	{ "3 tasks: close, close, dup", { "close(1)", "close(1)", "dup(0)" }, "123" },
	{ "4 tasks: close, close, close, dup2",
	  { "close(0)", "close(1)", "close(2)", "dup2(2, 9)" },
	  "1234" },
	{ "4 tasks: open, dup2, close, fork",
	  { "open /etc/hosts", "dup2(0, 3)", "close(1)", "fork()" },
	  "1234" },
};

static struct fdl_explorer *explorer_for(const struct race *race)
{
	static const char clones[] = "1 clone(flags=CLONE_FILES|SIGCHLD)\n"
				     "1 clone(flags=CLONE_FILES|SIGCHLD)\n"
				     "1 clone(flags=CLONE_FILES|SIGCHLD)\n";
	struct fdl_explorer *e;
	struct fdl_machine *m;
	char why[256];

	if (fdl_machine_new(NULL, &m) < 0 ||
	    fdl_write_file(m, "control", clones, strlen(clones)) < 0)
		errx(1, "no machine");
	if (fdl_explorer_new(m, &e, why, sizeof(why)) < 0)
		errx(1, "%s", why);
	fdl_machine_free(m);
	for (size_t i = 0; race->tasks[i]; i++) {
		const char *line = race->lines[i];

		if (fdl_explorer_add(e, race->tasks[i] - '0', line, strlen(line), why,
				     sizeof(why)) < 0)
			errx(1, "%s: %s", line, why);
	}
	return e;
}

static uint64_t explore(struct fdl_explorer *e, bool naive)
{
	struct fdl_explore how = { .naive = naive };
	struct fdl_explored done;

	if (fdl_explorer_run(e, &how) < 0 || fdl_explorer_failures(e))
		errx(1, "a race was not explored");
	fdl_explorer_done(e, &done);
	return done.schedules;
}

/* A race with all its orders; one round runs all interleavings. */
struct racer {
	struct fdl_explorer *e;
	uint64_t interleavings;
};

static void our_runs(void *ctx, unsigned n)
{
	const struct racer *racer = ctx;

	while (n--)
		explore(racer->e, true);
}

static void new_machines(void *ctx, unsigned n)
{
	const struct racer *racer = ctx;
	struct fdl_machine *m;

	for (uint64_t left = n * racer->interleavings; left; left--) {
		if (fdl_machine_new(NULL, &m) < 0)
			errx(1, "no machine");
		fdl_machine_free(m);
	}
}

#define TWO (sizeof(two) / sizeof(two[0]))

static void compare_speed(void)
{
	struct comparison c[TWO];
	struct racer racer[TWO];

	for (size_t i = 0; i < TWO; i++) {
		racer[i].e = explorer_for(&two[i]);
		racer[i].interleavings = explore(racer[i].e, true);
		c[i] = (struct comparison){ .name = two[i].name,
					    .ours = { our_runs, &racer[i] },
					    .theirs = { new_machines, &racer[i] },
					    .limit = NO_LIMIT };
	}
	bench_compare(c, TWO);
	for (size_t i = 0; i < TWO; i++) {
		bench_value(two[i].name, (double)racer[i].interleavings * 1e9 / c[i].our_ns,
			    "interleavings/s", AT_LEAST, RATE);
		fdl_explorer_free(racer[i].e);
	}
}

/* How many times fewer runs the reduction needs; the number never varies. */
static void tell_reduction(const struct race *race)
{
	struct fdl_explorer *e = explorer_for(race);
	const uint64_t reduced = explore(e, false), all = explore(e, true);
	char unit[64];

	snprintf(unit, sizeof(unit), "times fewer: %llu of %llu", (unsigned long long)reduced,
		 (unsigned long long)all);
	bench_value(race->name, (double)all / (double)reduced, unit, AT_LEAST, 1);
	fdl_explorer_free(e);
}

int main(int argc, char **argv)
{
	bench_start(argc, argv, "explorer", "new machine");
	compare_speed();
	for (size_t i = 0; i < sizeof(several) / sizeof(several[0]); i++)
		tell_reduction(&several[i]);
	return 0;
}
