/*
 * The tasks alive while a log is played, by pid.
 */
#include "replay/tasks.h"

#include "replay/timeline.h"

static struct log_task **bucket_of(struct replay *r, int pid)
{
	return &r->tasks[(unsigned)pid % TASK_BUCKETS];
}

struct log_task *replay_find(const struct replay *r, int pid)
{
	struct log_task *t = r->tasks[(unsigned)pid % TASK_BUCKETS];

	while (t && t->pid != pid)
		t = t->next;
	return t;
}

void replay_insert(struct replay *r, struct log_task *task)
{
	struct log_task **at = bucket_of(r, task->pid);

	task->next = *at;
	*at = task;
}

void replay_take_out(struct replay *r, struct log_task *task)
{
	struct log_task **at = bucket_of(r, task->pid);

	while (*at != task)
		at = &(*at)->next;
	*at = task->next;
}

void pending_begins(struct replay *r, struct log_task *task)
{
	struct log_pending *p = &task->pending;

	pending_ends(task);
	p->active = true;
	p->next = r->in_flight;
	p->link = &r->in_flight;
	if (p->next)
		p->next->pending.link = &p->next;
	r->in_flight = task;
}

void pending_ends(struct log_task *task)
{
	struct log_pending *p = &task->pending;

	if (!p->active)
		return;
	p->active = false;
	*p->link = p->next;
	if (p->next)
		p->next->pending.link = p->link;
}

void replay_each_pending(struct replay *r, const struct log_task *but, const struct table *table,
			 replay_each_fn *each, void *ctx)
{
	for (struct log_task *t = r->in_flight; t; t = t->pending.next)
		if (t != but && t->table == table)
			each(r, t, ctx);
}

/* A line without a pid belongs to the only task; if there are several, to the first. */
int replay_pid(const struct replay *r, int pid)
{
	unsigned n = 0;

	if (pid || !r->has_pids)
		return pid;
	pid = r->first_pid;
	for (size_t i = 0; i < TASK_BUCKETS; i++)
		for (struct log_task *t = r->tasks[i]; t; t = t->next, n++)
			pid = n ? r->first_pid : t->pid;
	return pid;
}

void replay_settle_unseen(struct replay *r, int pid, const int64_t *given, size_t n)
{
	bool unseen = false;

	for (size_t i = 0; r->unseen && i < TASK_BUCKETS; i++) {
		for (struct log_task *t = r->tasks[i]; t; t = t->next) {
			table_settle_unseen(t->table, pid, given, n);
			unseen |= t->table->nunseen > 0;
		}
	}
	r->unseen = unseen;
}

void replay_bar(struct replay *r, const struct log_task *task, int64_t fd)
{
	const struct log_slot *slot = table_look(task->table, fd);

	if (r->wishes->timeline && slot && slot->origin)
		timeline_bar(r->wishes->timeline, task->process->panel, fd, slot->origin,
			     slot->cloexec, slot->since, r->line);
}
