/*
 * The machine of a play of a log as a target of expectations. Its processes are numbered in the
 * order of their births, the program is 1. It does not show states that the log cannot tell.
 */
#ifndef FDLAB_TOOLS_AT_EXIT_H
#define FDLAB_TOOLS_AT_EXIT_H

#include "replay/play.h"
#include "scenario/scenario.h"

/* Plays expectations on the machine as it is; the report has what came out. */
void at_exit_expect(struct replay *r, const struct scenario *s, struct report *report);

/* Reports lines that are no expectations, or are about files that a log does not tell of. */
void at_exit_check(const struct scenario *s, struct report *report);

#endif
