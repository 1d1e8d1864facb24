/*
 * Calls in flight. A call that may block, or that was asked to stop, runs on a coroutine of its
 * own; everything else runs straight through. Nothing here runs at the same time as anything else:
 * a call goes on until it returns, stops at a preemption point, or waits. What woke runs, first
 * come first served, when the call that woke it is over.
 */
#ifndef SCHED_H
#define SCHED_H

#include "base/arena.h"
#include "notation/args.h"
#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct coroutine;
struct task;

enum call_state {
	CALL_RUNNING,
	CALL_BLOCKED,  /* waits in a wait queue */
	CALL_STOPPED,  /* at a preemption point, until somebody steps it */
	CALL_RUNNABLE, /* was woken */
	CALL_DONE,
};

/* A call in flight: made by call_start, gone when its owner put it back. */
struct call {
	struct task *current;
	int pid; /* current's when the call began: exec may change it */
	const struct fdl_row *row;
	struct fdl_arg
		*arg; /* its arguments: own, or those of a caller who waits for the end of it */
	struct fdl_arg own[ARGS_MAX];
	struct arena arena; /* what arguments and results point into */
	int64_t result;
	uint64_t raised; /* signals that it raised in its own task, by bits */
	/* These five are set at once when it begins. */
	enum call_state state;
	bool stepped;     /* stops at preemption points */
	bool interrupted; /* a signal is pending: waiting returns -EINTR */
	bool killed;      /* unwinds, because its task ends */
	bool gave_way;    /* waited or stopped on its way */

	bool submitting;     /* who submitted it has not got it back yet */
	bool killable;       /* waits, and only a signal that kills ends that */
	bool deadlocked;     /* waits, and that nobody will end that was told */
	bool ended;          /* its task ended in it: there is no result to tell */
	size_t charged;      /* of the machine\'s memory, for its arena */
	const char *stop_at; /* the point to stop at; NULL: the next one */
	/* Whether another task could end the wait; NULL: anybody might. And what it waits on. */
	bool (*wakes)(const struct call *c, const struct task *other);
	const void *waits_on;
	const char *where; /* the point it is stopped at, or the kernel function it waits in */
	struct coroutine *co;
	struct list queue;  /* in a wait queue, or in the machine's runnable list */
	struct list flight; /* in the machine's list of calls in flight */
	struct call *next_spare;
	/*
	 * Told once, when a call that had blocked or stopped is over and recorded; it then gives
	 * the call back by call_put. NULL: nobody waits, and the machine does that.
	 */
	void (*done)(struct call *c, void *ctx);
	void *ctx;
};

struct wait_queue {
	struct list waiters;
};

void wait_queue_init(struct wait_queue *q);

/*
 * Waits until woken. where is the kernel function that wchan shows ("pipe_read"). Returns 0 when
 * woken (look at the condition again), -EINTR when a signal came, or -ENOMEM when there is no memory
 * to keep what the call has so far. Only inside a call whose row may block.
 */
int sched_wait(struct task *current, struct wait_queue *q, const char *where);

/*
 * The same for who knows who could wake it, by wakes of on: so that more deadlocks are found than
 * those in which everybody waits. killable: no signal but one that kills ends the wait.
 */
int sched_wait_for(struct task *current, struct wait_queue *q, const char *where, bool killable,
		   bool (*wakes)(const struct call *c, const struct task *other), const void *on);

/* Wakes all who wait, in the order in which they came. */
void wake_up(struct fdl_machine *m, struct wait_queue *q);

/* Wakes the one who came last: as the kernel does where waiters stand at the head of the queue. */
void wake_up_one(struct fdl_machine *m, struct wait_queue *q);

/* Wakes one of them, where it stands; one that does not wait stays as it is. */
void wake_up_call(struct call *c);

/*
 * A signal to a task that waits: makes the wait return -EINTR. False: it does not wait, or waits
 * for nothing less than being killed, and nothing changed.
 */
bool sched_interrupt(struct task *task);

/* The rest of a preemption point. */
void sched_stop(struct task *current, const char *point);

/* A preemption point: the kernel could be interrupted here. Costs one predictable branch. */
#define preempt(current, point)                                                                    \
	do {                                                                                       \
		if (__builtin_expect((current)->call->stepped, 0))                                 \
			sched_stop(current, point);                                                \
	} while (0)

/*
 * Charges what a call's arena has taken to the machine's memory: for calls that are going to be
 * kept. False: there is not so much left. call_put gives it back.
 */
bool call_charge(struct call *c);

/* An empty call with its arena, reused from the machine's; NULL: no memory. And back. */
struct call *call_get(struct fdl_machine *m);
void call_put(struct fdl_machine *m, struct call *c);

/*
 * Runs a call whose current, row and arg are set on a coroutine, and nothing else. On return it is
 * CALL_DONE, CALL_BLOCKED or CALL_STOPPED. stop: asked to stop at stop_at. -ENOMEM when there was
 * no stack for it, and nothing was run; else 0.
 */
int call_start(struct call *c, bool stop, const char *stop_at);

/* Lets a stopped or woken call go on to the next point, the named one, or (stop false) its end. */
void call_resume(struct call *c, bool stop, const char *stop_at);

/* Ends a call in flight at once: it unwinds as if a signal had come, with no more stops. */
void call_kill(struct call *c);

/* Ends a call in flight at once, as a signal that kills, and tells who waits for it. */
void machine_kill_call(struct call *c);

/* Frees the calls that wait to be used again. */
void call_free_spare(struct fdl_machine *m);

#endif
