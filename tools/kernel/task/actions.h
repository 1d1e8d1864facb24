/*
 * rt_sigaction in a race.
 */
#ifndef FDLAB_TOOLS_TASK_ACTIONS_H
#define FDLAB_TOOLS_TASK_ACTIONS_H

#include "kernel/race_post.h"
#include "kernel/sigaction.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Makes the call of a line. A handler of this program takes the place of the address that the line
 * gives, and the action that the call fills in gets the addresses of lines. init: task 1 makes the
 * call; it ignores the signals that it is spared if a line asks for their default action.
 */
long race_sigaction(const struct race_plan *plan, uint32_t line, const int64_t *arg, bool init);

/* Whether an action ignores a signal in place of the default action that a line has asked for. */
bool race_sigaction_spares(const struct race_plan *plan, const struct kernel_sigaction *action);

#endif
