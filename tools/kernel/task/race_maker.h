/*
 * The task that makes the runs of a race, one after another, and what it shares with the racers.
 */
#ifndef FDLAB_TOOLS_TASK_RACE_MAKER_H
#define FDLAB_TOOLS_TASK_RACE_MAKER_H

#include "kernel/race_post.h"

#define SHARER_NONE    (-1)
#define SHARER_UNKNOWN (-2)

/* Makes the runs that are ordered, in an endless loop. */
_Noreturn void make_races(struct race_shared *s);

/* Moves a run on to its next phase, unless another task has done so. */
void racer_go_on_to(struct race_run *r, enum race_phase phase);

/* Binds the calling task to n processors of the plan, from the first-th one. */
void racer_bind(const struct race_plan *plan, uint32_t first, uint32_t n);

/* The first task before the n-th with the same table, or a SHARER. */
int32_t racer_sharer(const struct race_run *r, uint32_t n);

/* Records the result of the call that this program is in. */
void racer_returned(struct race_run *r, uint32_t program, int64_t result);

#endif
