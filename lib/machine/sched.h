/*
 * Calls in flight. A call that may block, or was asked to stop, runs on a coroutine of its own; any
 * other call runs straight through. Only one call runs at a time: it goes on until it returns,
 * stops at a preemption point, or waits. The calls that it woke run when it is over, in the order
 * in which they were woken.
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
struct file;
struct task;

#define CALL_NOTES 8

enum call_state {
	CALL_RUNNING,
	CALL_BLOCKED,  /* waits in a wait queue */
	CALL_STOPPED,  /* at a preemption point, until it is stepped */
	CALL_RUNNABLE, /* was woken, and has not run yet */
	CALL_DONE,
};

#define POINTS_NOTED 16u /* preemption points that a call remembers */

/* A call: call_get makes it, call_put gives it back. */
struct call {
	struct task *current;
	int pid; /* current's pid when the call began: exec may change that */
	const struct fdl_row *row;
	struct fdl_arg *arg; /* its arguments: own, or the array of a caller that waits for it */
	struct fdl_arg own[ARGS_MAX];
	struct arena arena; /* what arguments and results point into */
	int64_t result;
	unsigned rwf;    /* RWF_* of preadv2 and pwritev2; 0 in other calls */
	size_t fault_at; /* the first byte to write that cannot be read; 0: all can, or none */
	uint64_t raised; /* signals for its own task, until it returns: raise_signal */
	/* These five stand together, so that one store sets them when the call begins. */
	enum call_state state;
	bool stepped;     /* stops at preemption points */
	bool interrupted; /* a signal is pending: waiting returns -EINTR */
	bool killed;      /* unwinds, because its task is ended */
	bool gave_way;    /* has waited or stopped */

	bool signalled;  /* a signal ended its wait */
	bool restarts;   /* a handler with SA_RESTART has run: the call is made again */
	bool submitting; /* machine_submit has not returned it yet */
	bool killable;   /* waits, and no signal but one that kills ends the wait */
	bool deadlocked; /* waits in a deadlock that the kernel log has a line about */
	bool ended;      /* its task ended in it: it has no result */
	size_t charged;  /* bytes of the machine's memory, for its arena */
	/*
	 * The descriptions to which it holds references, while it is on a coroutine, as far as
	 * there is room to note them: call_holds (vfs/file.h).
	 */
	struct call_note {
		const struct file *file;
		uint64_t id; /* the description's; 0: it had none yet */
	} noted[CALL_NOTES];
	unsigned nnoted;
	/*
	 * The preemption points that it has passed or stopped at since it began, the last of them.
	 */
	const char *passed[POINTS_NOTED];
	unsigned npassed;
	const char *stop_at; /* the preemption point to stop at; NULL: the next one */
	/* Whether another task could end the wait; NULL: every task might. And what it waits on. */
	bool (*wakes)(const struct call *c, const struct task *other);
	const void *waits_on;
	const char *where; /* the point where it is stopped, or the kernel function it waits in */
	struct coroutine *co;
	struct list queue;  /* in a wait queue, or in the machine's runnable list */
	struct list flight; /* in the machine's list of calls in flight */
	struct call *next_spare;
	/*
	 * Called once, when a call that had blocked or stopped is over and recorded; it gives the
	 * call back by call_put. NULL: nothing is called, and the machine gives it back.
	 */
	void (*done)(struct call *c, void *ctx);
	void *ctx;
};

struct wait_queue {
	struct list waiters;
	struct list exclusive; /* of these, wake_up_next wakes one */
};

void wait_queue_init(struct wait_queue *q);

/*
 * Waits until woken. where is the kernel function that wchan shows ("pipe_read"). Returns 0 when
 * woken (the caller must look at its condition again), -EINTR for a signal, or -ENOMEM when the
 * machine's memory cannot keep what the call's arena holds. Only for calls with CALL_MAY_BLOCK, or
 * that may block now (CALL_MAY_CLOSE, CALL_MAY_OPEN).
 */
int sched_wait(struct task *current, struct wait_queue *q, const char *where);

/*
 * The same for a caller that knows which tasks could wake it: wakes tells, for what it waits on.
 * deadlock.c needs that to find deadlocks in which not all tasks wait. killable: no signal but one
 * that kills ends the wait.
 */
int sched_wait_for(struct task *current, struct wait_queue *q, const char *where, bool killable,
		   bool (*wakes)(const struct call *c, const struct task *other), const void *on);

/*
 * The same for a call that wake_up_next wakes only if it is the first of its kind in the queue. A
 * call that was woken and leaves something must wake the next one.
 */
int sched_wait_exclusive(struct task *current, struct wait_queue *q, const char *where,
			 bool (*wakes)(const struct call *c, const struct task *other),
			 const void *on);

/*
 * Wakes all calls in a queue, in the order in which they began to wait: those that wait exclusively
 * are the last.
 */
void wake_up(struct fdl_machine *m, struct wait_queue *q);

/* Wakes all calls in a queue but for those that wait exclusively: of these, the first. */
void wake_up_next(struct fdl_machine *m, struct wait_queue *q);

/* Wakes the call that began to wait last, as in a queue to whose head the kernel adds waiters. */
void wake_up_one(struct fdl_machine *m, struct wait_queue *q);

/* Wakes this call; does nothing if it does not wait. */
void wake_up_call(struct call *c);

/*
 * Interrupts a task that waits, as a signal does: its wait returns -EINTR. False, and nothing
 * changes, if it does not wait or only a signal that kills ends its wait.
 */
bool sched_interrupt(struct task *task);

/*
 * A task has run a handler: its wait returns -EINTR, now or when it is about to wait. restarts:
 * then the call is made again, if it is one of those that are.
 */
void sched_signal(struct task *task, bool restarts);

/* The slow half of preempt: stops the call, if it was asked to stop at this point. */
void sched_stop(struct task *current, const char *point);

/* A preemption point: the kernel could run another task here. Costs one predictable branch. */
#define preempt(current, point)                                                                    \
	do {                                                                                       \
		if (__builtin_expect((current)->call->stepped, 0))                                 \
			sched_stop(current, point);                                                \
	} while (0)

/*
 * Charges what a call's arena has taken to the machine's memory, for a call that is to be kept.
 * False: there is not so much left. call_put gives it back.
 */
bool call_charge(struct call *c);

/* A call with an empty arena; NULL: no memory. And back. The machine keeps some for later. */
struct call *call_get(struct fdl_machine *m);
void call_put(struct fdl_machine *m, struct call *c);

/*
 * Runs a call whose current, row and arg are set, on a coroutine; what it wakes does not run yet.
 * On return it is CALL_DONE, CALL_BLOCKED or CALL_STOPPED. stop: it is to stop at stop_at. 0;
 * -ENOMEM when there was no stack for it, and nothing was run.
 */
int call_start(struct call *c, bool stop, const char *stop_at);

/* Lets a stopped or woken call go on: to its next point, to stop_at, or (stop false) its end. */
void call_resume(struct call *c, bool stop, const char *stop_at);

/*
 * Hands a call in flight that is over to its owner: c->done, or back to the machine; to none while
 * it is being submitted.
 */
void call_deliver(struct call *c);

/*
 * Ends a call in flight at once, as a signal that kills: it unwinds without another stop, and is
 * handed to its owner.
 */
void call_kill(struct call *c);

/* The most descriptors that a call reserves before it installs them: those of a pair. */
#define RESERVED_BY_CALL 2

/* Frees the calls that the machine keeps. */
void call_free_spare(struct fdl_machine *m);

#endif
