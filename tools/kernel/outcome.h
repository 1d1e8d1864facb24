/*
 * Outcomes of runs on the running kernel, in the format of the explorer's outcomes; how often each
 * was seen; and whether the model has it. A real kernel shows less than a model: things that it
 * does not show is removed from both before they are compared.
 */
#ifndef FDLAB_TOOLS_KERNEL_OUTCOME_H
#define FDLAB_TOOLS_KERNEL_OUTCOME_H

#include "fdlab.h"
#include "kernel/race.h"

#include <stdbool.h>
#include <stddef.h>

/* An outcome, allowed by the model or not. */
struct kernel_outcome {
	struct fdl_race_outcome shown; /* schedules: the runs that had it */
	bool allowed;
	bool reserves; /* the model has reserved descriptors in it */
};

struct kernel_outcomes {
	struct kernel_outcome *at;
	size_t n, n_lines;
	/* The files whose texts are part of outcomes. The caller owns these and the lines. */
	const char *const *watched;
	size_t n_watched;
	const struct kernel_race_line *line;
};

/* Adds an outcome of the model, which has not been seen yet. 0 or -ENOMEM. */
int kernel_outcomes_allow(struct kernel_outcomes *o, const struct fdl_race_outcome *allowed);

/* Counts a run. 0 or -ENOMEM. */
int kernel_outcomes_count(struct kernel_outcomes *o, const struct kernel_race *r,
			  const struct kernel_race_run *run);

void kernel_outcomes_free(struct kernel_outcomes *o);

/* The highest descriptor in a text of tables; 0 for none. */
unsigned kernel_outcome_highest(const char *tables);

/*
 * Whether the text of a file of the tree can be made from an outcome; and whether reserved
 * descriptors would be part of it.
 */
bool kernel_outcome_shows(const char *path);
bool kernel_outcome_hides_reserved(const char *path);

#endif
