/*
 * Finds the task that a line belongs to.
 */
#ifndef FDLAB_TOOLS_REPLAY_BIRTHS_H
#define FDLAB_TOOLS_REPLAY_BIRTHS_H

#include "replay/play.h"

/* The task of a line with this pid, created if it is unknown. NULL: no memory. */
struct log_task *replay_task_of(struct replay *r, int pid);

/* Forgets what was read ahead of births up to a line. */
void forget_births(struct replay *r, uint64_t line);

/*
 * Guesses what a task shares with its parent from how the task ends, if the call that made it does
 * not say.
 */
enum share share_by_end(struct replay *r, int pid);

#endif
