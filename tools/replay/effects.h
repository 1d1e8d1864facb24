/*
 * The effects of calls on the tables.
 */
#ifndef FDLAB_TOOLS_REPLAY_EFFECTS_H
#define FDLAB_TOOLS_REPLAY_EFFECTS_H

#include "replay/play.h"

/* Applies a call that began at line start and has returned. */
void replay_effect(struct replay *r, struct log_task *task, const struct log_call *row,
		   const struct fdl_log_call *call, uint64_t start);
/* Whether the arguments of a call matter while it is in flight. */
bool replay_looks_ahead(const struct log_call *row);

/* How many descriptors a call may reserve that begins with these arguments. */
unsigned replay_reserves(const struct log_call *row, const struct fdl_log_call *call);

#endif
