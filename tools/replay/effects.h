/*
 * What calls do to the tables.
 */
#ifndef FDLAB_TOOLS_REPLAY_EFFECTS_H
#define FDLAB_TOOLS_REPLAY_EFFECTS_H

#include "replay/play.h"

/* A call has returned, which began at line start. */
void replay_effect(struct replay *r, struct log_task *task, const struct log_call *row,
		   const struct fdl_log_call *call, uint64_t start);
/* Whether the arguments of a call matter while it is in flight. */
bool replay_looks_ahead(const struct log_call *row);

/* How many descriptors a call that begins with these arguments may reserve. */
unsigned replay_reserves(const struct log_call *row, const struct fdl_log_call *call);

#endif
