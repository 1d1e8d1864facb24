/*
 * Finding deadlocks. Takes all calls that wait, and drops each whose wait could be ended by a task
 * that does not wait, or whose call was dropped; the calls that remain wait for each other. The
 * search is bounded: a machine that is too large has no deadlocks.
 */
#include "machine/deadlock.h"

#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "base/text.h"

#include <stddef.h>

#define TASKS_MAX 256   /* tasks of the machine */
#define LOOKS_MAX 50000 /* at tasks and descriptors: a search is made after every call that waits */

bool deadlock_gives_up(struct fdl_machine *m)
{
	if (!m->looks)
		return true;
	m->looks--;
	return false;
}

void deadlock_looks(struct fdl_machine *m, uint64_t looks)
{
	m->looks = looks;
}

bool task_is_under_way(const struct task *task)
{
	return task->held || (task->call && task->call->state != CALL_BLOCKED);
}

bool ended_by_users(const struct call *c, const struct task *other)
{
	return other != c->current && (other->call || other->held);
}

static bool might_wake(const struct task *t, const struct call *c)
{
	if (deadlock_gives_up(c->current->machine))
		return true;
	return c->wakes ? c->wakes(c, t) : t != c->current;
}

struct waiting {
	struct call *call[DEADLOCK_MAX];
	size_t n;
};

static bool is_waiting(const struct waiting *w, const struct call *c)
{
	for (size_t i = 0; i < w->n; i++) {
		if (w->call[i] == c)
			return true;
	}
	return false;
}

/* Gathers the calls that wait. False: there are none, or too many. */
static bool gather(const struct fdl_machine *m, struct waiting *w)
{
	w->n = 0;
	if (m->ntasks > TASKS_MAX)
		return false;
	list_for_each(pos, &m->in_flight) {
		struct call *c = container_of(pos, struct call, flight);

		if (c->state != CALL_BLOCKED || (!c->wakes && !avl_is_empty(&m->clock.timers)))
			continue;
		if (w->n == DEADLOCK_MAX)
			return false;
		w->call[w->n++] = c;
	}
	return w->n > 0;
}

/* Whether a task whose call is not in w could end this wait. */
static bool has_hope(const struct fdl_machine *m, const struct waiting *w, const struct call *c)
{
	const struct task *t;

	for (int pid = 1; (t = task_next(m, pid)) != NULL; pid = t->pid + 1) {
		if (t->state != TASK_ZOMBIE && !(t->call && is_waiting(w, t->call)) &&
		    might_wake(t, c))
			return true;
	}
	return false;
}

static void sort_by_pid(struct waiting *w)
{
	for (size_t i = 1; i < w->n; i++) {
		struct call *c = w->call[i];
		size_t at = i;

		for (; at && w->call[at - 1]->current->pid > c->current->pid; at--)
			w->call[at] = w->call[at - 1];
		w->call[at] = c;
	}
}

/* Finds the calls that wait for each other. */
static void find_waiting(const struct fdl_machine *m, struct waiting *w)
{
	bool changed = gather(m, w);

	if (!changed)
		w->n = 0;
	else
		deadlock_looks(w->call[0]->current->machine, LOOKS_MAX);
	while (changed) {
		changed = false;
		for (size_t i = 0; i < w->n; i++) {
			if (!has_hope(m, w, w->call[i]))
				continue;
			w->call[i--] = w->call[--w->n];
			changed = true;
		}
	}
	sort_by_pid(w);
}

/*
 * "task 1 waits in pipe_read for 2; ..." For whom it waits is left out if that takes too many
 * looks.
 */
static void describe(const struct waiting *w, struct text *out)
{
	if (w->n)
		deadlock_looks(w->call[0]->current->machine, LOOKS_MAX);
	for (size_t i = 0; i < w->n; i++) {
		const struct call *c = w->call[i];
		const char *sign = " for ";

		text_printf(out, "%stask %d waits in %s", i ? "; " : "", c->current->pid, c->where);
		for (size_t j = 0; j < w->n; j++) {
			const struct task *t = w->call[j]->current;

			if (!might_wake(t, c) || !t->machine->looks)
				continue;
			text_printf(out, "%s%d", sign, t->pid);
			sign = ", ";
		}
		if (*sign == ' ' && c->current->machine->looks)
			text_puts(out, " for no task");
	}
}

bool deadlock_find(const struct fdl_machine *m, struct text *out)
{
	struct waiting w;

	find_waiting(m, &w);
	describe(&w, out);
	return w.n > 0;
}

size_t deadlock_pids(const struct fdl_machine *m, int pids[DEADLOCK_MAX])
{
	struct waiting w;

	find_waiting(m, &w);
	for (size_t i = 0; i < w.n; i++)
		pids[i] = w.call[i]->current->pid;
	return w.n;
}

bool call_waits_for(const struct call *c, const struct task *other)
{
	return c->wakes && other != c->current && other->state != TASK_ZOMBIE &&
	       !deadlock_gives_up(c->current->machine) && c->wakes(c, other) &&
	       c->current->machine->looks;
}

/* Whether one of the calls was in no deadlock that was reported; from now on all are. */
static bool is_news(struct waiting *w)
{
	bool news = false;

	for (size_t i = 0; i < w->n; i++) {
		news |= !w->call[i]->deadlocked;
		w->call[i]->deadlocked = true;
	}
	return news;
}

void deadlock_notice(struct fdl_machine *m)
{
	struct text line = TEXT_EMPTY;
	struct waiting w;

	if (list_empty(&m->in_flight))
		return;
	find_waiting(m, &w);
	if (is_news(&w)) {
		describe(&w, &line);
		printk(m, "INFO: deadlock: %s", line.s ? line.s : "");
	}
	text_free(&line);
}
