/*
 * Calls in flight: starting, stopping, waiting, waking, ending. Deterministic: woken calls run in
 * the order in which they were woken, and only when the call that woke them is over.
 */
#include "machine/sched.h"

#include "base/coroutine.h"
#include "base/heap.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SPARE_CALLS_MAX 64 /* unused calls that a machine keeps, each with its arena */

void wait_queue_init(struct wait_queue *q)
{
	list_init(&q->waiters);
	list_init(&q->exclusive);
}

struct call *call_get(struct fdl_machine *m)
{
	struct call *c = m->spare;

	if (__builtin_expect(c != NULL, 1)) {
		m->spare = c->next_spare;
		m->nspare--;
		c->arg = c->own;
		c->raised = 0;
		return c;
	}
	c = calloc(1, sizeof(*c));
	if (c) {
		c->arg = c->own;
		list_init(&c->queue);
		list_init(&c->flight);
	}
	return c;
}

static void call_free(struct call *c)
{
	arena_free(&c->arena);
	free(c);
}

/*
 * The least memory of a call that waits or has stopped: struct call, its arena, two pages of stack.
 */
#define FLIGHT_COST ((size_t)9216)

bool call_charge(struct call *c)
{
	size_t size = arena_extra(&c->arena) + (c->co ? FLIGHT_COST : 0);

	if (size <= c->charged)
		return true;
	if (!budget_take(&c->current->machine->memory, size - c->charged))
		return false;
	c->charged = size;
	return true;
}

void call_put(struct fdl_machine *m, struct call *c)
{
	m->memory.used -= c->charged;
	c->charged = 0;
	arena_reset(&c->arena);
	if (m->nspare == SPARE_CALLS_MAX) {
		call_free(c);
		return;
	}
	c->next_spare = m->spare;
	m->spare = c;
	m->nspare++;
}

void call_free_spare(struct fdl_machine *m)
{
	while (m->spare) {
		struct call *c = m->spare;

		m->spare = c->next_spare;
		call_free(c);
	}
	m->nspare = 0;
}

/* Whether a call that a handler interrupted is made again, from its beginning. */
static bool restart(struct call *c)
{
	if (!c->interrupted || !c->restarts || c->killed || (c->row->call->flags & CALL_NO_RESTART))
		return false;
	c->interrupted = false;
	c->restarts = false;
	return true;
}

/* The body of a call's coroutine. */
static void call_main(struct coroutine *self, void *arg)
{
	struct call *c = arg;

	(void)self;
	do {
		c->result = c->row->call->run(c->current, c->arg);
	} while (c->result == -EINTR && restart(c));
	c->state = CALL_DONE;
}

/* Runs the coroutine until it gives way, and frees it when it is over. */
static void call_switch(struct call *c)
{
	struct fdl_machine *m = c->current->machine;
	struct task *before = m->running;

	c->state = CALL_RUNNING;
	m->running = c->current;
	coroutine_run(c->co);
	m->running = before;
	if (c->state == CALL_DONE) {
		coroutine_free(c->co);
		c->co = NULL;
		list_del(&c->flight);
		/*
		 * It may have raised them before it gave way: then another call has done the
		 * chores.
		 */
		if (c->raised)
			m->chores = true;
	}
}

int call_start(struct call *c, bool stop, const char *stop_at)
{
	struct fdl_machine *m = c->current->machine;

	c->stepped = stop;
	c->stop_at = stop_at;
	c->interrupted = false;
	c->killable = false;
	c->killed = false;
	c->gave_way = false;
	c->where = NULL;
	c->wakes = NULL;
	c->nnoted = 0;
	c->npassed = 0;
	c->co = coroutine_new(&m->coroutines, call_main, c);
	if (!c->co)
		return -ENOMEM;
	/* A call that waits is charged then, and one that is to stop must be able to. */
	if (stop && !call_charge(c)) {
		coroutine_free(c->co);
		c->co = NULL;
		return -ENOMEM;
	}
	list_add_tail(&c->flight, &m->in_flight);
	call_switch(c);
	return 0;
}

void call_resume(struct call *c, bool stop, const char *stop_at)
{
	c->stepped = stop;
	c->stop_at = stop_at;
	list_del(&c->queue);
	call_switch(c);
}

static void note_point(struct call *c, const char *point)
{
	if (c->npassed == POINTS_NOTED) {
		c->npassed--;
		memmove(c->passed, c->passed + 1, c->npassed * sizeof(*c->passed));
	}
	c->passed[c->npassed++] = point;
}

void sched_stop(struct task *current, const char *point)
{
	struct call *c = current->call;

	note_point(c, point);
	if (c->stop_at && strcmp(c->stop_at, point) != 0)
		return;
	c->where = point;
	c->state = CALL_STOPPED;
	c->gave_way = true;
	coroutine_yield(c->co);
	c->where = NULL;
}

static int wait_in(struct task *current, struct list *waiters, const char *where)
{
	struct call *c = current->call;

	if (c->interrupted && (!c->killable || c->killed))
		return -EINTR;
	if (!call_charge(c))
		return -ENOMEM;
	c->where = where;
	c->deadlocked = false;
	c->signalled = false;
	c->state = CALL_BLOCKED;
	c->gave_way = true;
	list_add_tail(&c->queue, waiters);
	coroutine_yield(c->co);
	/* A woken task does not run at once: another one may be faster. */
	preempt(current, "finish_wait");
	c->where = NULL;
	/* A call that something else woke looks at that first. */
	return c->signalled || c->killed ? -EINTR : 0;
}

int sched_wait(struct task *current, struct wait_queue *q, const char *where)
{
	return wait_in(current, &q->waiters, where);
}

static int wait_for(struct task *current, struct list *waiters, const char *where,
		    bool (*wakes)(const struct call *c, const struct task *other), const void *on)
{
	struct call *c = current->call;
	int error;

	c->wakes = wakes;
	c->waits_on = on;
	error = wait_in(current, waiters, where);
	c->wakes = NULL;
	return error;
}

int sched_wait_for(struct task *current, struct wait_queue *q, const char *where, bool killable,
		   bool (*wakes)(const struct call *c, const struct task *other), const void *on)
{
	struct call *c = current->call;
	int error;

	c->killable = killable;
	error = wait_for(current, &q->waiters, where, wakes, on);
	c->killable = false;
	return error;
}

int sched_wait_exclusive(struct task *current, struct wait_queue *q, const char *where,
			 bool (*wakes)(const struct call *c, const struct task *other),
			 const void *on)
{
	return wait_for(current, &q->exclusive, where, wakes, on);
}

/* Moves a call from its wait queue to the calls that run when the present one is over. */
static void make_runnable(struct call *c)
{
	struct fdl_machine *m = c->current->machine;

	if (m->watcher)
		m->watcher->woke(m->watcher, c);
	list_del(&c->queue);
	c->state = CALL_RUNNABLE;
	list_add_tail(&c->queue, &m->runnable);
	m->chores = true;
}

static void wake_all(struct list *waiters)
{
	list_for_each_safe(pos, next, waiters)
		make_runnable(container_of(pos, struct call, queue));
}

void wake_up(struct fdl_machine *m, struct wait_queue *q)
{
	(void)m;
	wake_all(&q->waiters);
	wake_all(&q->exclusive);
}

void wake_up_next(struct fdl_machine *m, struct wait_queue *q)
{
	(void)m;
	wake_all(&q->waiters);
	if (!list_empty(&q->exclusive))
		make_runnable(container_of(q->exclusive.next, struct call, queue));
}

void wake_up_one(struct fdl_machine *m, struct wait_queue *q)
{
	(void)m;
	if (!list_empty(&q->waiters))
		make_runnable(container_of(q->waiters.prev, struct call, queue));
}

void wake_up_call(struct call *c)
{
	if (c->state == CALL_BLOCKED)
		make_runnable(c);
}

bool sched_interrupt(struct task *task)
{
	struct call *c = task->call;

	if (!c || c->killable || (c->state != CALL_BLOCKED && c->state != CALL_RUNNABLE))
		return false;
	c->interrupted = true;
	c->restarts = false;
	c->signalled = true;
	if (c->state == CALL_BLOCKED)
		make_runnable(c);
	return true;
}

void sched_signal(struct task *task, bool restarts)
{
	struct call *c = task->call;

	if (!c || c->killable || c->state == CALL_DONE)
		return;
	if (!c->interrupted)
		c->restarts = restarts;
	c->interrupted = true;
	if (c->state == CALL_BLOCKED) {
		c->signalled = true;
		make_runnable(c);
	}
}

void call_deliver(struct call *c)
{
	if (c->submitting)
		return; /* machine_submit is about to look at it */
	if (c->done)
		c->done(c, c->ctx);
	else
		call_put(c->current->machine, c);
}

void call_kill(struct call *c)
{
	c->interrupted = true;
	c->killed = true;
	while (c->state != CALL_DONE)
		call_resume(c, false, NULL);
	/*
	 * The transcript has no record of this end: it would stand before the record of the call
	 * that killed this one, and would let this one go on when the transcript is played.
	 */
	c->ended = true;
	c->current->call = NULL;
	call_deliver(c);
}
