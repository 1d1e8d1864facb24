/*
 * Whose line a line is.
 */
#ifndef FDLAB_TOOLS_REPLAY_BIRTHS_H
#define FDLAB_TOOLS_REPLAY_BIRTHS_H

#include "replay/play.h"

/* The task of a line with this pid, made where it was not known. NULL: no memory. */
struct log_task *replay_task_of(struct replay *r, int pid);

/* What a task shares with its parent, where the call that made it does not say: a guess by its end. */
enum share share_by_end(struct replay *r, int pid);

#endif
