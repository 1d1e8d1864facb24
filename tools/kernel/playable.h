/*
 * Which lines of scenarios real tasks can play. Their results are not known here.
 */
#ifndef FDLAB_TOOLS_KERNEL_PLAYABLE_H
#define FDLAB_TOOLS_KERNEL_PLAYABLE_H

#include "fdlab.h"
#include "scenario/scenario.h"

/*
 * Why the running kernel cannot play a line, in a few words; NULL: it can, or the line cannot be
 * read. model reads it; *context is the pid of lines that name none.
 */
const char *kernel_line_refuses(const struct fdl_machine *model, const struct scenario_line *line,
				int *context);

/* The same for a scenario: the first such reason, and the *number of its line. */
const char *kernel_scenario_refuses(const struct fdl_machine *model, const struct scenario *s,
				    unsigned *number);

#endif
