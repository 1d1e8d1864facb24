/*
 * fdlab explore --on kernel: a race that has been explored, run by real tasks, and what they came to
 * held against what the model allows.
 */
#ifndef FDLAB_TOOLS_EXPLORE_KERNEL_H
#define FDLAB_TOOLS_EXPLORE_KERNEL_H

#include "fdlab.h"
#include "scenario/report.h"
#include "scenario/scenario.h"

struct explore_kernel {
	const char *kernel; /* that files which name none are for; or NULL */
	uint64_t runs, seed;
};

/*
 * Why a race cannot be run: *line is its line. NULL: it can. m is a machine at the start of
 * the race.
 */
const char *explore_kernel_refuses(const struct explore_kernel *k, const struct fdl_machine *m,
				   const struct scenario *s, unsigned *line);

/*
 * Runs the race that e has explored, and reports it; name is of its file. 0, whatever came out; or
 * the error of running it, with a failure in the report.
 */
int explore_kernel(const struct explore_kernel *k, const struct fdl_machine *m,
		   struct fdl_explorer *e, const char *name, const struct scenario *s,
		   struct report *report);

#endif
