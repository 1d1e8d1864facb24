/*
 * The census: all tasks, which of them share a table, and which hold each description, gathered for
 * a file that shows the whole machine. Its cost grows with the open descriptors, times the tasks
 * that share them.
 */
#include "procfs/views.h"

#include "base/heap.h"
#include "base/text.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "socket/scm.h"
#include "socket/sock.h"
#include "vfs/file.h"
#include "vfs/inode.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static uint64_t table_of(const struct task *task)
{
	return task->machine->kernel->table_id(task);
}

/* A task that stands for a reference by hand is in no thread group. */
static bool is_held(const struct task *task)
{
	return !task->leader;
}

static int by_table(const void *a, const void *b)
{
	const struct task *x = *(struct task *const *)a, *y = *(struct task *const *)b;
	const uint64_t tx = table_of(x), ty = table_of(y);

	if (tx != ty)
		return tx < ty ? -1 : 1;
	if (is_held(x) != is_held(y))
		return is_held(x) ? 1 : -1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int by_file(const void *a, const void *b)
{
	const struct census_holder *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if (x->by_hand != y->by_hand)
		return x->by_hand ? 1 : -1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

static size_t count_held(struct fdl_machine *m)
{
	size_t n = 0;

	for (struct task *t = task_next(m, 1); t; t = task_next(m, t->pid + 1)) {
		for (const struct held *h = t->held; h; h = h->next)
			n += h->table != NULL;
	}
	return n;
}

/* Gathers all tasks and references that have a table; returns their number. */
static size_t gather(struct fdl_machine *m, struct census *c)
{
	size_t nsharers = 0, nheld = 0;

	for (struct task *t = task_next(m, 1); t; t = task_next(m, t->pid + 1)) {
		c->tasks[c->ntasks++] = t;
		if (t->files)
			c->sharers[nsharers++] = t;
		for (const struct held *h = t->held; h; h = h->next) {
			if (!h->table)
				continue;
			c->held[nheld] = (struct task){ .machine = m, .files = h->table };
			c->held[nheld].pid = t->pid;
			c->sharers[nsharers++] = &c->held[nheld++];
		}
	}
	return nsharers;
}

int census_take(struct fdl_machine *m, struct census *c)
{
	const size_t held = count_held(m), most = m->ntasks + held + 1;
	size_t nsharers;

	*c = (struct census){ 0 };
	c->tasks = calloc(most, sizeof(struct task *));
	c->sharers = calloc(most, sizeof(struct task *));
	c->held = calloc(held + 1, sizeof(*c->held));
	c->tables = calloc(most, sizeof(*c->tables));
	if (!c->tasks || !c->sharers || !c->held || !c->tables) {
		census_free(c);
		return -ENOMEM;
	}
	nsharers = gather(m, c);
	qsort(c->sharers, nsharers, sizeof(struct task *), by_table);
	for (size_t i = 0; i < nsharers; i++) {
		struct census_table *t = &c->tables[c->ntables];
		const uint64_t id = table_of(c->sharers[i]);

		if (c->ntables && t[-1].id == id)
			t--;
		else
			c->ntables++;
		if (!t->task)
			*t = (struct census_table){ .id = id, .task = &c->sharers[i] };
		if (is_held(c->sharers[i]))
			t->nheld++;
		else
			t->ntasks++;
	}
	return 0;
}

static int hold(struct census *c, size_t *cap, struct census_holder h)
{
	if (c->nholders == *cap) {
		const size_t more = *cap ? *cap * 2 : 64;
		struct census_holder *holders = realloc(c->holders, more * sizeof(*holders));

		if (!holders)
			return -ENOMEM;
		c->holders = holders;
		*cap = more;
	}
	c->holders[c->nholders++] = h;
	return 0;
}

static int hold_table(struct census *c, size_t *cap, const struct census_table *t)
{
	const struct kernel *k = t->task[0]->machine->kernel;
	const size_t n = t->ntasks ? t->ntasks : t->nheld;
	struct slot slot;

	for (uint64_t fd = 0; k->slot_next(t->task[0], fd, &slot); fd = slot.fd + 1) {
		for (size_t i = 0; slot.file && i < n; i++) {
			const struct census_holder h = {
				.file = slot.file->id,
				.fd = slot.fd,
				.pid = t->task[i]->pid,
				.by_hand = !t->ntasks,
				.has_fd = true,
				.counts = i == 0,
			};

			if (hold(c, cap, h))
				return -ENOMEM;
		}
	}
	return 0;
}

static int hold_by_hand(struct census *c, size_t *cap, const struct task *task)
{
	for (const struct held *h = task->held; h; h = h->next) {
		const struct census_holder holder = {
			.file = h->file ? h->file->id : 0,
			.pid = task->pid,
			.by_hand = true,
			.counts = true,
		};

		if (h->file && hold(c, cap, holder))
			return -ENOMEM;
	}
	return 0;
}

/* Adds the holders in messages, after those in tasks. */
static int hold_in_transit(struct census *c, size_t *cap, const struct fdl_machine *m)
{
	list_for_each(pos, &m->transit) {
		const struct scm_fp_list *fp = container_of(pos, struct scm_fp_list, transit);

		for (size_t i = 0; i < fp->n; i++) {
			const struct census_holder holder = {
				.file = fp->file[i]->id,
				.fd = fp->to && fp->to->inode ? fp->to->inode->ino : 0,
				.pid = INT_MAX,
				.in_transit = true,
				.counts = true,
			};

			if (hold(c, cap, holder))
				return -ENOMEM;
		}
	}
	return 0;
}

int census_hold(struct census *c)
{
	size_t cap = 0;
	int error = 0;

	for (size_t i = 0; !error && i < c->ntables; i++)
		error = hold_table(c, &cap, &c->tables[i]);
	for (size_t i = 0; !error && i < c->ntasks; i++)
		error = hold_by_hand(c, &cap, c->tasks[i]);
	if (!error && c->ntasks)
		error = hold_in_transit(c, &cap, c->tasks[0]->machine);
	if (!error && c->nholders)
		qsort(c->holders, c->nholders, sizeof(*c->holders), by_file);
	return error;
}

void census_free(struct census *c)
{
	free(c->tasks);
	free(c->sharers);
	free(c->held);
	free(c->tables);
	free(c->holders);
	*c = (struct census){ 0 };
}
