/*
 * Calls in flight while another call returns.
 */
#ifndef FDLAB_TOOLS_REPLAY_FLIGHT_H
#define FDLAB_TOOLS_REPLAY_FLIGHT_H

#include "replay/judge.h"

struct others;

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
