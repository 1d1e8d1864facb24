/*
 * Taking calls: from the library's user, and from control files.
 */
#ifndef SUBMIT_H
#define SUBMIT_H

#include <stdbool.h>

struct call;
struct fdl_machine;

/*
 * Runs a call whose current, row and arg are set (made by call_get), records it in the transcript,
 * and then runs whatever it woke. On return its state is CALL_DONE (the result is right, and the
 * call the caller's again), CALL_BLOCKED or CALL_STOPPED (c->done will tell). stop: the call stops
 * at its first preemption point, or at stop_at. 0, or -ENOMEM when there was no stack for it and
 * nothing was run.
 */
int machine_submit(struct fdl_machine *m, struct call *c, bool stop, const char *stop_at);

/* Lets a stopped call go on: to its next point, to stop_at, or (stop false) its end; as above. */
void machine_resume(struct fdl_machine *m, struct call *c, bool stop, const char *stop_at);

/*
 * Runs what was woken outside of machine_submit: after sched_interrupt, task_signal, do_exit by
 * hand.
 */
void machine_run(struct fdl_machine *m);

#endif
