/*
 * Makes real system calls of the calls of the notation: their numbers, and their arguments in the
 * memory of the task that makes them. Does not know the right results, nor which task makes a call.
 */
#ifndef FDLAB_TOOLS_KERNEL_CALLS_H
#define FDLAB_TOOLS_KERNEL_CALLS_H

#include "fdlab.h"
#include "kernel/tasks.h"

#include <stdbool.h>
#include <stdint.h>

#define KERNEL_ELEMENTS 1024 /* for all that a call fills in */

/* The values that a call filled in. */
struct kernel_filled {
	struct fdl_arg args[FDL_PARAMS_MAX]; /* all its arguments; these point to what follows */
	struct fdl_arg element[KERNEL_ELEMENTS];
};

/*
 * Why calls of a row cannot be made: there is no such system call, an argument's type has no form
 * here, or it tells the time of a real clock. NULL: they can.
 */
const char *kernel_call_refuses(const struct fdl_row *row);

/*
 * Whether a call of a row holds a descriptor reserved while it waits. No real kernel shows those.
 */
bool kernel_call_reserves(const struct fdl_row *row);

/* Whether calls of a row fill in arguments; and whether they overwrite what they were given. */
bool kernel_call_fills(const struct fdl_row *row);
bool kernel_call_rewrites(const struct fdl_row *row);

/* The memory that arguments point to: here, and where the task finds it. */
struct kernel_memory {
	char *data;
	int64_t address;
	int64_t pid_base; /* a pid of the task less the one in the scenario */
};

/*
 * Makes an order of a call, and puts the data that its arguments point to into memory. 0, or -E2BIG
 * when it does not fit.
 */
int kernel_call_pack(const struct fdl_row *row, const struct fdl_arg *args,
		     const struct kernel_memory *memory, struct kernel_order *order);

/*
 * The arguments of a call that returned this, with what it filled in; strings stay in memory, and
 * pids are the scenario's. 0, or -E2BIG when it filled in more than there is room for.
 */
int kernel_call_unpack(const struct fdl_row *row, const struct fdl_arg *args,
		       const struct kernel_order *order, const struct kernel_memory *memory,
		       int64_t result, struct kernel_filled *filled);

#endif
