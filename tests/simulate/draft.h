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
	/*
	 * The allocations that fail: the simulated kernel's, as fail-nth says, which the log
	 * repeats; or the library's own, which it does not.
	 */
	enum { NEITHER, THE_MACHINE, THE_HOST } starving;
	bool past, journal; /* the machine has them */
	size_t nsteps;      /* drafted */
	bool told;          /* the last step was a line of the program */
};

/* Starts the steps of a seed. */
void draft_start(struct draft *d, uint64_t seed);

/* The next step; replies are those of the step before. */
void draft_next(struct draft *d, const char *replies, char step[STEP_MAX]);

#endif
