/*
 * The task that makes the runs of a race, one after the other, and what it and the racers know of each
 * other.
 */
#ifndef FDLAB_TOOLS_TASK_RACE_MAKER_H
#define FDLAB_TOOLS_TASK_RACE_MAKER_H

#include "kernel/race_post.h"

#define SHARER_NONE    (-1)
#define SHARER_UNKNOWN (-2)

/* Makes the runs that it is told to, for ever. */
_Noreturn void make_races(struct race_shared *s);

/* Moves a run on to a phase that is the next one, unless somebody else has. */
void racer_go_on_to(struct race_run *r, enum race_phase phase);

/* Has the calling task run on n of the plan's processors only, from the first-th one. */
void racer_bind(const struct race_plan *plan, uint32_t first, uint32_t n);

/* The first task before the n-th one that has its table, or a SHARER. */
int32_t racer_sharer(const struct race_run *r, uint32_t n);

/* Notes what the call returned that this program is in. */
void racer_returned(struct race_run *r, uint32_t program, int64_t result);

#endif
