/*
 * Calls that are in flight while another one returns.
 */
#ifndef FDLAB_TOOLS_REPLAY_FLIGHT_H
#define FDLAB_TOOLS_REPLAY_FLIGHT_H

#include "replay/judge.h"

/* What other tasks' calls may have done to a number of the table. */
struct others {
	int64_t fd;
	bool replaces;           /* a dup2 to it is in flight */
	struct log_task *closes; /* whose close of it is in flight */
	unsigned reserves;       /* descriptors that calls in flight may have reserved */
	int pids[16];            /* who */
	unsigned npids;
};

struct others look_at_others(struct replay *r, const struct log_task *task, int64_t fd);

/* How many descriptors calls of other tasks that failed since then may have reserved for a while. */
unsigned reserved_by_failed(const struct log_task *task, uint64_t begun);

/*
 * Notes that one of the calls in flight must have a number, or else the call that is judged, which
 * got the number given, or has closed, was wrong.
 */
void suspect(struct replay *r, struct log_task *task, const struct others *o,
	     const struct given *given, bool closes);

#endif
