/*
 * Each call in a line, and its usual errors: the prompt's help.
 */
#ifndef FDLAB_TOOLS_ABOUT_H
#define FDLAB_TOOLS_ABOUT_H

#include "fdlab.h"

#include <stdio.h>

/*
 * Prints the arguments of a call, what it does, and its errors. 0; -ENOENT: no kernel has the call.
 */
int about_call(const struct fdl_machine *m, const char *name, FILE *to);

/* The names of the calls, sorted; NULL ends them. For completion, and for suggestions. */
const char *const *about_names(void);

#endif
