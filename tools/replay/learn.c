/*
 * Plays a log again and again, each time with what was inferred before.
 */
#include "replay/learn.h"

#include "replay/play.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* A bound: each pass learns something new, and no log needs so many. */
#define PASSES 64

static int learn_once(const struct strace_log *log, const char *name, struct findings *findings,
		      struct inference *inference)
{
	static const struct wishes none = { .state_pid = -1 };
	bool progress = name && isatty(STDERR_FILENO);
	unsigned pass = 0;
	char *state;
	int error;

	do {
		if (progress && pass)
			fprintf(stderr, "\r%s: pass %u\r", name, pass + 1);
		error = replay_pass(log, inference, findings, &none, &state);
	} while (!error && inference->changed && ++pass < PASSES);
	if (progress && pass)
		fputs("\033[K", stderr);
	if (!error && findings->lines && !findings->calls)
		error = -EINVAL;
	return error;
}

/*
 * strace -p follows the threads of a process, and the log does not say that they are threads. If
 * the log diverges with processes, threads are tried.
 */
int replay_learn(const struct strace_log *log, const char *name, struct findings *findings,
		 struct inference *inference)
{
	struct findings as_threads = { 0 };
	struct inference threads = { .threads = true };
	int error = learn_once(log, name, findings, inference);

	if (error || inference->nroots < 2 || !findings->of[FINDING_DIVERGENCE].total)
		return error;
	error = learn_once(log, name, &as_threads, &threads);
	if (!error &&
	    as_threads.of[FINDING_DIVERGENCE].total < findings->of[FINDING_DIVERGENCE].total) {
		findings_clear(findings);
		inference_free(inference);
		*findings = as_threads;
		*inference = threads;
		return 0;
	}
	findings_clear(&as_threads);
	inference_free(&threads);
	return error;
}
