/*
 * Task 1 of a run is init for the scenario, but not for the kernel: no signal without a handler may
 * end or stop it. It ignores the signals that a run may raise, which is all that the kernel does
 * for an init; the tasks that it makes have the default actions again.
 */
#ifndef FDLAB_TOOLS_TASK_SPARED_H
#define FDLAB_TOOLS_TASK_SPARED_H

#include "kernel/race_post.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether this task is of the process of task 1. */
bool spared_is_init(const struct race_run *r);

/* To be called by task 1 when it begins, and by any task that goes on after an exec. */
void spared_begin(const struct race_run *r, const struct race_plan *plan);

/* To be called by any other task when it begins. */
void spared_born(const struct race_run *r, const struct race_plan *plan);

/*
 * make_task for any task, with the call of a line. A signal that is sent to a child of init before
 * it has begun must not be ignored: both have the signals blocked until then.
 */
long spared_make_task(struct race_run *r, const struct race_plan *plan, uint32_t line,
		      const int64_t *arg);

#endif
