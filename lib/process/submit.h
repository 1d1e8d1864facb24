/*
 * Taking calls, for control files and the explorer. fdl_call is here, too.
 */
#ifndef SUBMIT_H
#define SUBMIT_H

#include <stdbool.h>

struct call;
struct fdl_machine;
struct task;

/*
 * Runs a call (of call_get) whose current, row and arg are set, records it in the transcript, and
 * then runs the calls that it woke. On return its state is CALL_DONE (result is set, and the call
 * is the caller's), CALL_BLOCKED or CALL_STOPPED (c->done is called when it is over). stop: the
 * call stops at its first preemption point, or at stop_at. 0; -ENOMEM when there was no memory for
 * its stack or its record, and nothing was run.
 */
int machine_submit(struct fdl_machine *m, struct call *c, bool stop, const char *stop_at);

/*
 * Lets a stopped call go on: to its next preemption point, to stop_at, or (stop false) to its end.
 * On return its state is one of the three above.
 */
void machine_resume(struct fdl_machine *m, struct call *c, bool stop, const char *stop_at);

/*
 * Interrupts a task's call, as a signal with a handler that returns does, records that, and runs
 * what it woke. False, and nothing changes: the task does not wait, only a signal that kills ends
 * its wait, or there is no memory for the record.
 */
bool machine_interrupt(struct task *task);

/* Runs the calls that were woken outside of these: after do_exit. */
void machine_run(struct fdl_machine *m);

#endif
