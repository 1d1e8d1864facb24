/*
 * Demands of a strict run on a scenario that passes: that it checks something, that its
 * calls state their results, and that none of them still waits at the end.
 */
#ifndef FDLAB_TOOLS_STRICT_H
#define FDLAB_TOOLS_STRICT_H

#include "scenario/report.h"
#include "scenario/scenario.h"
#include "scenario/target.h"

/* Reports calls without a result, and a scenario that checks nothing. */
void strict_lines(const struct scenario *s, struct report *report);

/* Reports calls in flight after the last line. A target that does not show them has none. */
void strict_end(struct target *t, struct report *report);

#endif
