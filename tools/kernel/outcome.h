/*
 * What runs of a race on the running kernel came to, in the words in which the explorer tells the
 * outcomes of its model; how often each was seen; and which of them the model has. A real kernel shows
 * less than a model does: what it cannot show is left out of both before they are compared.
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
	bool reserves; /* the model has descriptors reserved, which no real kernel shows */
};

struct kernel_outcomes {
	struct kernel_outcome *at;
	size_t n, n_lines;
	/* The files whose texts outcomes have; owned by the caller, as are the lines of the race. */
	const char *const *watched;
	size_t n_watched;
	const struct kernel_race_line *line;
};

/* Takes in what the model allows, none of which has been seen yet. 0 or -ENOMEM. */
int kernel_outcomes_allow(struct kernel_outcomes *o, const struct fdl_race_outcome *allowed);

/* Counts a run. 0 or -ENOMEM. */
int kernel_outcomes_count(struct kernel_outcomes *o, const struct kernel_race *r,
			  const struct kernel_race_run *run);

void kernel_outcomes_free(struct kernel_outcomes *o);

/* The highest descriptor in a text of tables; 0 for none. */
unsigned kernel_outcome_highest(const char *tables);

/*
 * Whether the text of this file of the tree follows from what outcomes have; and whether it would be
 * another one if reserved descriptors were shown.
 */
bool kernel_outcome_shows(const char *path);
bool kernel_outcome_hides_reserved(const char *path);

#endif
