/*
 * How real tasks start in order to be like those of a machine with some options.
 */
#ifndef FDLAB_TOOLS_KERNEL_START_H
#define FDLAB_TOOLS_KERNEL_START_H

#include "fdlab.h"
#include "kernel/tasks.h"

/* The limits of task 1 by the options; without options, the usual ones of the kernel. */
void kernel_start_limits(const struct fdl_options *o, struct kernel_start *how);

/*
 * Limits, and the contents of files of m, a machine without calls so far. 0 or -ENOMEM; how is to
 * be given to kernel_start_free in any case.
 */
int kernel_start_like(struct fdl_machine *m, const struct fdl_options *o, struct kernel_start *how);
void kernel_start_free(struct kernel_start *how);

#endif
