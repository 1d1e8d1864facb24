/*
 * How real tasks have to start to be like those of a machine that was made with some options.
 */
#ifndef FDLAB_TOOLS_KERNEL_START_H
#define FDLAB_TOOLS_KERNEL_START_H

#include "fdlab.h"
#include "kernel/tasks.h"

/* The limits of task 1 by the options; what is not said has the kernel's usual values. */
void kernel_start_limits(const struct fdl_options *o, struct kernel_start *how);

/*
 * Limits, and what is in the files of m, which nobody has run anything on yet. 0 or -ENOMEM; how is
 * to be given to kernel_start_free in any case.
 */
int kernel_start_like(struct fdl_machine *m, const struct fdl_options *o, struct kernel_start *how);
void kernel_start_free(struct kernel_start *how);

#endif
