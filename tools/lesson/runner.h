/*
 * A lesson on a terminal: a page a step. It asks, compares, shows what happened, goes back, and
 * opens a prompt on a machine in the same state.
 */
#ifndef FDLAB_TOOLS_RUNNER_H
#define FDLAB_TOOLS_RUNNER_H

#include "lesson/progress.h"
#include "lesson/steps.h"

#include <stdbool.h>

struct runner_settings {
	const struct lesson *lesson;
	const char *name;                   /* under which progress is kept; NULL: it is not */
	const char *next;                   /* the lesson that comes after it, or NULL */
	const struct progress_lesson *done; /* what was done before, or NULL */
	bool colour;
};

/*
 * Runs a lesson until its end or until its reader leaves. 0, or an error of memory, of starting the
 * machine (which is reported), or of keeping the progress in *kept.
 */
int run_lesson(const struct runner_settings *settings, struct report *report, int *kept);

#endif
