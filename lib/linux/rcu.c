/*
 * RCU as far as tables need it: a table that was replaced is freed when no task can read it any
 * more. Time passes with calls. A grace period is over when a call begins and no read section is
 * left that began before the table was replaced. A table from vmalloc then waits for the workqueue,
 * which runs one call later.
 */
#include "linux/rcu.h"

#include "linux/fdtable.h"
#include "machine/machine.h"

void files_defer_init(struct linux_machine *lm)
{
	list_init(&lm->retired);
	list_init(&lm->readers);
}

void rcu_reader_begin(struct task *current, struct rcu_reader *r)
{
	struct linux_machine *lm = current->machine->kernel_data;

	r->task = current;
	r->began = lm->rcu_now++;
	list_add_tail(&r->readers, &lm->readers);
}

void free_fdtable(struct task *current, struct fdtable *fdt)
{
	struct linux_machine *lm = current->machine->kernel_data;

	fdt->stage = FDTABLE_GRACE_PERIOD;
	fdt->retired_at = lm->rcu_now++;
	list_add_tail(&fdt->retired, &lm->retired);
	machine_time_matters(current->machine);
}

static bool grace_period_is_over(const struct linux_machine *lm, const struct fdtable *fdt)
{
	if (lm->rcu_held)
		return false;
	if (list_empty(&lm->readers))
		return true;
	return container_of(lm->readers.next, struct rcu_reader, readers)->began > fdt->retired_at;
}

/* The grace period of a table is over. vfree may sleep, and a callback of RCU may not. */
static void free_fdtable_rcu(struct fdl_machine *m, struct fdtable *fdt)
{
	if (is_vmalloc_fdtable(fdt))
		fdt->stage = FDTABLE_WORKQUEUE;
	else
		__free_fdtable(m, fdt);
}

static struct fdtable *first_retired(const struct linux_machine *lm)
{
	struct list *first = lm->retired.next;

	return list_empty(&lm->retired) ? NULL : container_of(first, struct fdtable, retired);
}

/* The workqueue frees what was deferred to it: the oldest tables, as grace periods end in order. */
static void free_fdtable_work(struct fdl_machine *m)
{
	const struct linux_machine *lm = m->kernel_data;
	struct fdtable *fdt;

	while ((fdt = first_retired(lm)) != NULL && fdt->stage == FDTABLE_WORKQUEUE)
		__free_fdtable(m, fdt);
}

void rcu_hold(struct fdl_machine *m, bool hold)
{
	struct linux_machine *lm = m->kernel_data;

	lm->rcu_held = hold;
	m->generation++;
}

void rcu_advance(struct fdl_machine *m)
{
	struct linux_machine *lm = m->kernel_data;

	free_fdtable_work(m);
	list_for_each_safe(pos, next, &lm->retired) {
		struct fdtable *fdt = container_of(pos, struct fdtable, retired);

		/* Nor is that of any later one. */
		if (!grace_period_is_over(lm, fdt))
			break;
		free_fdtable_rcu(m, fdt);
	}
	m->time_matters = !list_empty(&lm->retired);
}

const char *const fdtable_stages[] = {
	[FDTABLE_IN_USE] = "in use",
	[FDTABLE_GRACE_PERIOD] = "grace period",
	[FDTABLE_WORKQUEUE] = "workqueue",
};

const struct rcu_reader *rcu_next_reader(const struct linux_machine *lm, const struct fdtable *fdt,
					 const struct rcu_reader *r)
{
	const struct list *next = r ? r->readers.next : lm->readers.next;

	if (next == &lm->readers)
		return NULL;
	r = container_of(next, struct rcu_reader, readers);
	return r->began > fdt->retired_at ? NULL : r;
}

void rcu_retired(const struct fdl_machine *m,
		 void (*tell)(void *ctx, const struct retired_table *t), void *ctx)
{
	const struct linux_machine *lm = m->kernel_data;

	list_for_each(pos, &lm->retired) {
		const struct fdtable *fdt = container_of(pos, struct fdtable, retired);
		const struct rcu_reader *r = NULL;
		struct retired_table t = {
			.id = fdt->files_id,
			.max_fds = fdt->max_fds,
			.stage = fdtable_stages[fdt->stage],
			.held = lm->rcu_held && fdt->stage == FDTABLE_GRACE_PERIOD,
		};

		while ((r = rcu_next_reader(lm, fdt, r))) {
			if (t.nreaders < RETIRED_READERS)
				t.reader[t.nreaders] = r->task->pid;
			t.nreaders++;
		}
		tell(ctx, &t);
	}
}
