/*
 * fdlab explore --on kernel: a race that has been explored is run by real tasks, and their outcomes
 * are compared with those that the model allows.
 */
#ifndef FDLAB_TOOLS_EXPLORE_KERNEL_H
#define FDLAB_TOOLS_EXPLORE_KERNEL_H

#include "fdlab.h"
#include "scenario/report.h"
#include "scenario/scenario.h"

struct explore_kernel {
	const char *kernel; /* of files that name none; or NULL */
	uint64_t runs, seed;
};

/*
 * Why a race cannot be run, with the number of the *line; NULL: it can. m is a machine at the start
 * of the race.
 */
const char *explore_kernel_refuses(const struct explore_kernel *k, struct fdl_machine *m,
				   const struct scenario *s, unsigned *line);

/*
 * The number of the first line of a race that e has explored whose call is not modelled in some
 * order; 0: there is none.
 */
unsigned explore_not_modelled(const struct fdl_explorer *e, const struct scenario *s);

/*
 * Runs the race that e has explored, and reports on it; name is the name of its file. 0, also if an
 * outcome is not allowed; or the error of running it, which is reported as a failure.
 */
int explore_kernel(const struct explore_kernel *k, const struct fdl_machine *m,
		   struct fdl_explorer *e, const char *name, const struct scenario *s,
		   struct report *report);

#endif
