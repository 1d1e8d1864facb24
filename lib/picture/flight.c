/*
 * The part of a picture about calls in flight, besides where they are: the tasks that a blocked
 * call waits for, and deadlocks; and the tables that were replaced, with the tasks that still read
 * them.
 */
#include "picture/taking.h"

#include "base/heap.h"
#include "machine/deadlock.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"

#include <errno.h>

#define CALLS_MAX 256   /* blocked calls for whose wait all tasks that are shown are asked */
#define WAITS_MAX 16    /* tasks that one call waits for */
#define LOOKS_MAX 30000 /* at tasks and descriptors, to find those */

static int take_wait(struct taking *t, struct shown_task *shown, int pid)
{
	struct picture *p = t->p;
	int *new = take_more((void **)&p->waits, &p->nwaits, &t->cap_waits, sizeof(*new));

	if (!new)
		return -ENOMEM;
	*new = pid;
	shown->nwaits++;
	return 0;
}

/*
 * The tasks that are asked which calls they could wake, by pid, with NULL at the end. NULL: no
 * memory.
 */
static const struct task **tasks_to_ask(const struct taking *t)
{
	const struct task **tasks = calloc(t->m->ntasks + 1, sizeof(*tasks));
	size_t n = 0;

	if (!tasks)
		return NULL;
	for (const struct task *task = task_next(t->m, 1);
	     task && n < t->m->ntasks && task->pid <= t->last_pid;
	     task = task_next(t->m, task->pid + 1))
		tasks[n++] = task;
	return tasks;
}

static int take_waits(struct taking *t, struct shown_task *shown, const struct call *c,
		      const struct task *const *other)
{
	int error = 0;

	shown->first_wait = t->p->nwaits;
	for (; !error && *other && shown->nwaits < WAITS_MAX; other++) {
		if (call_waits_for(c, *other))
			error = take_wait(t, shown, label_of(t, *other).pid);
	}
	return error;
}

/* 0 or -ENOMEM. */
static int take_all_waits(struct taking *t)
{
	const struct task **others = tasks_to_ask(t);
	size_t calls = 0;
	int error = others ? 0 : -ENOMEM;

	deadlock_looks(t->m, LOOKS_MAX);
	for (size_t i = 0; !error && i < t->p->ntasks && calls < CALLS_MAX; i++) {
		const struct call *c = t->tasks[i]->call;

		if (!c || c->state != CALL_BLOCKED)
			continue;
		error = take_waits(t, &t->p->tasks[i], c, others);
		calls++;
	}
	free(others);
	return error;
}

static void mark_deadlocked(const struct taking *t)
{
	int pids[DEADLOCK_MAX];
	const size_t n = deadlock_pids(t->m, pids);

	for (size_t i = 0; i < t->p->ntasks; i++) {
		for (size_t j = 0; j < n; j++)
			t->p->tasks[i].deadlocked |= t->tasks[i]->pid == pids[j];
	}
}

/* For kernel->retired: without memory the picture fails. */
static void take_retired(void *ctx, const struct retired_table *table)
{
	struct taking *t = ctx;
	struct picture *p = t->p;
	struct retired_table *new;

	if (p->nretired == t->limits.retired) {
		p->left.retired++;
		return;
	}
	new = take_more((void **)&p->retired, &p->nretired, &t->cap_retired, sizeof(*new));
	if (new)
		*new = *table;
	else
		t->failed = true;
}

int take_flight(struct taking *t)
{
	int error = 0;

	if (!list_empty(&t->m->in_flight)) {
		error = take_all_waits(t);
		mark_deadlocked(t);
	}
	if (!error && t->m->kernel->retired)
		t->m->kernel->retired(t->m, take_retired, t);
	return t->failed ? -ENOMEM : error;
}
