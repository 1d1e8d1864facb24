/*
 * Calls in flight while another call returns.
 */
#ifndef FDLAB_TOOLS_REPLAY_FLIGHT_H
#define FDLAB_TOOLS_REPLAY_FLIGHT_H

#include "replay/judge.h"

/* What calls in flight of other tasks may have done to a number of the table. */
struct others {
	int64_t fd;
	bool replaces;           /* dup2 to the number is in flight */
	struct log_task *closes; /* a task whose close of the number is in flight */
	unsigned reserves;       /* descriptors that these calls may have reserved */
	int pids[16];            /* the tasks of these calls */
	unsigned npids;
};

struct others look_at_others(struct replay *r, const struct log_task *task, int64_t fd);

/*
 * How many descriptors may have been reserved for a while by other tasks' calls that failed after
 * line begun.
 */
unsigned reserved_by_failed(const struct log_task *task, uint64_t begun);

/*
 * Notes that one of the calls in flight must have a number; if none has, the judged call, which got
 * the descriptor given or (closes) closed the number, was wrong.
 */
void suspect(struct replay *r, struct log_task *task, const struct others *o,
	     const struct given *given, bool closes);

#endif
