/*
 * Clients of a machine, all at once, by seed: simulate [RUNS [SEED]] plays the runs of seeds from
 * SEED on; simulate FILE plays the steps in a file. Clients write lines, read, follow, are
 * interrupted and killed; allocations fail; the machine is reset, goes back in its past, and is
 * made again from a journal that is cut off at any byte. After every step its invariants hold. At
 * the end its log makes the same machine, and nothing leaks. A run that fails is shrunk, and its
 * steps are printed.
 */
#include "simulate/draft.h"
#include "simulate/steps.h"
#include "support/failing_malloc.h"
#include "support/random.h"

#include "fuzz/shrink.h"

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS      8000
#define STEPS     120 /* in a run, at most */
#define SECONDS   60  /* that a run may take, with sanitizers on a busy computer */
#define SHRINKING 300 /* seconds */

/* The report of a process that plays steps to the one that waits for it. */
struct board {
	uint64_t seed;    /* of the run that it plays */
	uint64_t nplayed; /* steps, in all */
	size_t nsteps;    /* of the run */
	char steps[STEPS][STEP_MAX];
	char what[128], evidence[1024];
};

static struct board *board;

static void failed(const char *what, const char *evidence)
{
	snprintf(board->what, sizeof(board->what), "%s", what);
	snprintf(board->evidence, sizeof(board->evidence), "%s", evidence ? evidence : "");
	_exit(1);
}

/* ---- in the process that plays --------------------------------------------------------------- */

static void play_seed(uint64_t seed)
{
	const size_t live = failing_malloc_live();
	struct simulation *s = simulation_new(failed);
	struct draft d;
	size_t n;

	alarm(SECONDS);
	board->seed = seed;
	board->nsteps = 0;
	draft_start(&d, seed);
	n = 10 + pick(STEPS - 10);
	for (size_t i = 0; i < n; i++) {
		char *step = board->steps[i];

		draft_next(&d, simulation_replies(s), step);
		board->nsteps++;
		board->nplayed++;
		simulation_step(s, step);
	}
	simulation_end(s);
	if (failing_malloc_live() > live)
		failed("memory leaks", NULL);
}

static void play_steps(const char *const *steps, size_t n)
{
	const size_t live = failing_malloc_live();
	struct simulation *s = simulation_new(failed);

	alarm(SECONDS);
	for (size_t i = 0; i < n; i++)
		simulation_step(s, steps[i]);
	simulation_end(s);
	if (failing_malloc_live() > live)
		failed("memory leaks", NULL);
}

/* The tables of calls are made once and stay. */
static void make_tables(void)
{
	static const char *const steps[] = {
		"machine 0 kernel=linux", "write 0 1 dup(0)", "reset 1 kernel",
		"write 0 1 dup(0)",       "list 3 ",          "reset 0 kernel"
	};
	struct simulation *s = simulation_new(failed);

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		simulation_step(s, steps[i]);
	simulation_end(s);
}

/* ---- in the process that waits --------------------------------------------------------------- */

/* Waits for a process that plays. Whether all held; if not, the board says what did not. */
static bool held(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(2, "fork");
	if (status && !*board->what)
		snprintf(board->what, sizeof(board->what), "%s",
			 WIFEXITED(status)             ? "a sanitizer reports"
			 : WTERMSIG(status) == SIGALRM ? "it does not end"
						       : strsignal(WTERMSIG(status)));
	return !status;
}

/* Whether steps fail as the run did: with the same sentence. */
static bool fails(void *ctx, const char *const *steps, size_t n)
{
	const char *what = ctx;
	pid_t pid;

	*board->what = '\0';
	pid = fork();
	if (!pid) {
		/* A sanitizer reports the run, not each attempt. */
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		play_steps(steps, n);
		_exit(0);
	}
	return !held(pid) && !strcmp(board->what, what);
}

static void report(void)
{
	static char copies[STEPS][STEP_MAX];
	const char *steps[STEPS];
	size_t n = board->nsteps;
	char what[sizeof(board->what)], evidence[sizeof(board->evidence)];

	memcpy(what, board->what, sizeof(what));
	memcpy(evidence, board->evidence, sizeof(evidence));
	for (size_t i = 0; i < n; i++)
		steps[i] = memcpy(copies[i], board->steps[i], STEP_MAX);
	printf("seed %llu: %s\n%s\n", (unsigned long long)board->seed, what, evidence);
	fflush(stdout);
	if (fails(what, steps, n))
		n = fuzz_shrink(steps, n, fails, what);
	else
		printf("(the steps alone do not fail; they follow whole)\n");
	fails(what, steps, n);
	if (*board->evidence)
		printf("shrunk: %s\n", board->evidence);
	for (size_t i = 0; i < n; i++)
		printf("%s\n", steps[i]);
}

/* Plays the seeds from first on in a process; whether all held. */
static bool play_runs(uint64_t first, uint64_t n)
{
	pid_t pid;

	*board->what = '\0';
	pid = fork();
	if (!pid) {
		for (uint64_t i = 0; i < n; i++)
			play_seed(first + i);
		_exit(0);
	}
	return held(pid);
}

static int play_file(const char *path)
{
	static char lines[STEPS][STEP_MAX];
	const char *steps[STEPS];
	FILE *f = fopen(path, "re");
	size_t n = 0;
	bool ok;

	if (!f)
		err(2, "%s", path);
	while (n < STEPS && fgets(lines[n], STEP_MAX, f)) {
		lines[n][strcspn(lines[n], "\n")] = '\0';
		steps[n] = lines[n];
		n++;
	}
	fclose(f);
	ok = !fails("", steps, n) && !*board->what;
	printf("%s: %s\n%s\n", path, ok ? "all holds" : board->what, ok ? "" : board->evidence);
	return !ok;
}

int main(int argc, char **argv)
{
	uint64_t runs = argc > 1 ? strtoull(argv[1], NULL, 0) : RUNS;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1, end = seed + runs;
	unsigned nfailed = 0;

	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (board == MAP_FAILED)
		err(2, "mmap");
	make_tables();
	if (argc > 1 && !runs)
		return play_file(argv[1]);
	while (seed < end && nfailed < 3) {
		if (play_runs(seed, end - seed))
			break;
		seed = board->seed + 1;
		nfailed++;
		report();
	}
	printf("%llu runs, %llu steps, %u failed\n",
	       (unsigned long long)(board->seed - (end - runs) + 1),
	       (unsigned long long)board->nplayed, nfailed);
	return nfailed > 0;
}
