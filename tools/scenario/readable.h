/*
 * Whether all calls of a scenario can be read. It is asked before a file is skipped: a line that
 * cannot be read is an error, never a reason to skip the file.
 */
#ifndef FDLAB_TOOLS_READABLE_H
#define FDLAB_TOOLS_READABLE_H

#include "scenario/report.h"
#include "scenario/scenario.h"

#include <stdbool.h>

/*
 * Reports the lines that a machine with the scenario's options cannot read, those of a race
 * included. kernel is that of scenarios that name none; NULL: the usual one. False: there were
 * some.
 */
bool scenario_is_readable(const struct scenario *s, const char *kernel, struct report *report);

/* The same for the options alone. True: a machine can have them. */
bool scenario_options_are_right(const struct scenario *s, const char *kernel,
				struct report *report);

/*
 * The message about a call that cannot be read, in memory of malloc, with the directive that the
 * line may be a misspelling of, if that is nearer than the call that the message suggests. NULL: no
 * memory.
 */
char *scenario_explain(const struct scenario_line *line, const char *message);

/* Reports such a message so. */
void scenario_report_unread(const struct scenario_line *line, const char *message,
			    struct report *report);

#endif
