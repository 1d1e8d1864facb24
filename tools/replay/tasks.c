/*
 * The tasks alive while a log is played, by pid, and their calls in flight.
 */
#include "replay/tasks.h"

#include "replay/timeline.h"

#include <search.h>
#include <stdlib.h>

static int by_int(const void *a, const void *b)
{
	const int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* Where a task may be found without a search of the tree. */
static struct log_task **newest(struct replay *r, int pid)
{
	return &r->newest[(unsigned)pid % NEWEST_KEPT];
}

struct log_task *replay_find(const struct replay *r, int pid)
{
	struct log_task *task = r->newest[(unsigned)pid % NEWEST_KEPT], **found;

	if (task && task->pid == pid)
		return task;
	found = tfind(&pid, &r->by_pid, by_int);
	return found ? *found : NULL;
}

void replay_insert(struct replay *r, struct log_task *task)
{
	struct log_task **at = tsearch(task, &r->by_pid, by_int);

	if (!at)
		r->no_memory = true;
	else if (*at == task)
		*newest(r, task->pid) = task;
	TAILQ_INSERT_TAIL(&r->tasks, task, all);
	r->ntasks++;
}

void replay_take_out(struct replay *r, struct log_task *task)
{
	if (*newest(r, task->pid) == task)
		*newest(r, task->pid) = NULL;
	if (replay_find(r, task->pid) == task)
		tdelete(task, &r->by_pid, by_int);
	TAILQ_REMOVE(&r->tasks, task, all);
	r->ntasks--;
}

/* ---- calls in flight ------------------------------------------------------------------------ */

/* A number that calls in flight close or replace. */
struct aim {
	int64_t number; /* the first member: the tree is searched by it */
	LIST_HEAD(, log_task) calls;
};

static int by_number(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static struct aim *find_aim(const struct table *t, int64_t number)
{
	struct aim **found = tfind(&number, &t->aims, by_number);

	return found ? *found : NULL;
}

static void take_aim(struct replay *r, struct log_task *task, int64_t number)
{
	struct table *t = task->pending.table;
	struct aim *aim = find_aim(t, number);

	if (!aim) {
		aim = calloc(1, sizeof(*aim));
		if (!aim) {
			r->no_memory = true;
			return;
		}
		aim->number = number;
		if (!tsearch(aim, &t->aims, by_number)) {
			free(aim);
			r->no_memory = true;
			return;
		}
	}
	LIST_INSERT_HEAD(&aim->calls, task, pending.same_aim);
	task->pending.aim = aim;
}

static void drop_aim(struct log_pending *p, struct log_task *task)
{
	if (!p->aim)
		return;
	LIST_REMOVE(task, pending.same_aim);
	if (LIST_EMPTY(&p->aim->calls)) {
		tdelete(p->aim, &p->table->aims, by_number);
		free(p->aim);
	}
	p->aim = NULL;
}

/* Whether a call closes or replaces a number that it was given. */
static bool has_aim(const struct log_pending *p)
{
	return p->row->effect == EFFECT_CLOSE || p->row->effect == EFFECT_DUP2;
}

void pending_begins(struct replay *r, struct log_task *task)
{
	struct log_pending *p = &task->pending;

	pending_ends(r, task);
	p->active = true;
	p->table = task->table;
	LIST_INSERT_HEAD(&r->in_flight, task, pending.flight);
	if (p->row->effect == EFFECT_FORK)
		TAILQ_INSERT_TAIL(&r->forks, task, pending.fork);
	if (has_aim(p)) {
		LIST_INSERT_HEAD(&p->table->aimers, task, pending.in_table);
		take_aim(r, task, p->number[p->row->effect == EFFECT_DUP2]);
	} else if (p->reserves) {
		LIST_INSERT_HEAD(&p->table->reservers, task, pending.in_table);
		p->table->reserves += p->reserves;
	}
}

void pending_ends(struct replay *r, struct log_task *task)
{
	struct log_pending *p = &task->pending;

	if (!p->active)
		return;
	p->active = false;
	LIST_REMOVE(task, pending.flight);
	if (p->row->effect == EFFECT_FORK)
		TAILQ_REMOVE(&r->forks, task, pending.fork);
	if (has_aim(p) || p->reserves)
		LIST_REMOVE(task, pending.in_table);
	if (has_aim(p))
		drop_aim(p, task);
	else
		p->table->reserves -= p->reserves;
}

void replay_each_pending(struct replay *r, const struct log_task *but, const struct table *table,
			 replay_each_fn *each, void *ctx)
{
	struct log_task *t;

	LIST_FOREACH(t, &table->reservers, pending.in_table)
	if (t != but)
		each(r, t, ctx);
	LIST_FOREACH(t, &table->aimers, pending.in_table)
	if (t != but)
		each(r, t, ctx);
}

/* The calls that close or replace the number. */
static void look_at_aim(const struct log_task *task, struct others *o)
{
	const struct aim *aim = find_aim(task->table, o->fd);
	struct log_task *other;

	if (!aim)
		return;
	LIST_FOREACH(other, &aim->calls, pending.same_aim)
	{
		if (other == task)
			continue;
		if (other->pending.row->effect == EFFECT_DUP2)
			o->replaces = true;
		else if (!other->pending.applied)
			o->closes = other;
	}
}

struct others look_at_others(const struct log_task *task, int64_t fd)
{
	const struct log_pending *own = &task->pending;
	const struct table *t = task->table;
	struct others o = { .fd = fd };
	const struct log_task *other;

	if (t->users < 2)
		return o;
	look_at_aim(task, &o);
	o.reserves = t->reserves;
	if (own->active && own->table == t && !has_aim(own))
		o.reserves -= own->reserves;
	LIST_FOREACH(other, &t->reservers, pending.in_table)
	{
		if (o.npids == sizeof(o.pids) / sizeof(o.pids[0]))
			break;
		if (other != task)
			o.pids[o.npids++] = other->pid;
	}
	return o;
}

/* A line without a pid belongs to the only task; if there are several, to the first. */
int replay_pid(const struct replay *r, int pid)
{
	if (pid || !r->has_pids)
		return pid;
	return r->ntasks == 1 ? TAILQ_FIRST(&r->tasks)->pid : r->first_pid;
}

void replay_settle_unseen(struct replay *r, struct log_task *task, const int64_t *given, size_t n)
{
	struct table *t, *next;

	if (!task->pending.copied)
		return;
	task->pending.copied = false;
	for (t = LIST_FIRST(&r->unseen); t; t = next) {
		next = LIST_NEXT(t, unseen_tables);
		table_settle_unseen(t, task->pid, given, n);
		if (!t->nunseen)
			LIST_REMOVE(t, unseen_tables);
	}
}

void replay_bar(struct replay *r, const struct log_task *task, int64_t fd)
{
	const struct log_slot *slot = table_look(task->table, fd);

	if (r->wishes->timeline && slot && slot->origin)
		timeline_bar(r->wishes->timeline, task->process->panel, fd, slot->origin,
			     slot->cloexec, slot->since, r->line);
}
