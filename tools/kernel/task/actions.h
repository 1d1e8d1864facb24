/*
 * rt_sigaction in a race.
 */
#ifndef FDLAB_TOOLS_TASK_ACTIONS_H
#define FDLAB_TOOLS_TASK_ACTIONS_H

#include "kernel/race_post.h"

#include <stdint.h>

/*
 * Makes the call of a line, with a handler of this program in place of the address that the line
 * gives, and with addresses of lines in the action that it fills in.
 */
long race_sigaction(const struct race_plan *plan, uint32_t line, const int64_t *arg);

#endif
