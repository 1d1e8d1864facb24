/*
 * Random steps: of a seed, and of the replies that the steps before have read.
 */
#ifndef SIMULATE_DRAFT_H
#define SIMULATE_DRAFT_H

#include "simulate/steps.h"

#include "fuzz/program.h"

#include <stdint.h>

struct draft {
	struct fuzz_program program; /* lines that make sense after their replies */
	bool sensible;               /* most lines are the program's */
	bool starving;               /* some allocations fail */
	size_t nsteps;               /* drafted */
	bool told;                   /* the last step was a line of the program */
};

/* Starts the steps of a seed. */
void draft_start(struct draft *d, uint64_t seed);

/* The next step; replies are those of the step before. */
void draft_next(struct draft *d, const char *replies, char step[STEP_MAX]);

#endif
