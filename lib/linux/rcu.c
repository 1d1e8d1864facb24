/*
 * RCU as far as tables need it: who may still read a table that was replaced, and when it is freed.
 * There is no clock: time passes with calls. A grace period is over when the next call begins and
 * no read section is left that began before; what came from vmalloc then waits for the workqueue,
 * which runs one call later.
 */
#include "linux/expand.h"
#include "linux/files.h"

#include "machine/machine.h"
#include "machine/task.h"

void rcu_reader_begin(struct task *current, struct rcu_reader *r)
{
	struct linux_machine *lm = current->machine->kernel_data;

	r->task = current;
	r->began = lm->rcu_now++;
	list_add_tail(&r->readers, &lm->readers);
}

void call_rcu_fdtable(struct task *current, struct fdtable *fdt)
{
	struct linux_machine *lm = current->machine->kernel_data;

	fdt->stage = FDTABLE_GRACE_PERIOD;
	fdt->retired_at = lm->rcu_now++;
	list_add_tail(&fdt->retired, &lm->retired);
	current->machine->time_matters = true;
}

static bool grace_period_is_over(const struct linux_machine *lm, const struct fdtable *fdt)
{
	if (lm->rcu_held)
		return false;
	if (list_empty(&lm->readers))
		return true;
	return container_of(lm->readers.next, struct rcu_reader, readers)->began > fdt->retired_at;
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

	list_for_each_safe(pos, next, &lm->retired) {
		struct fdtable *fdt = container_of(pos, struct fdtable, retired);
		bool vmalloced =
			fdt->array.kind == KMEM_VMALLOC || fdt->bitmaps.kind == KMEM_VMALLOC;

		if (fdt->stage == FDTABLE_GRACE_PERIOD && !grace_period_is_over(lm, fdt))
			continue;
		if (fdt->stage == FDTABLE_GRACE_PERIOD && vmalloced)
			fdt->stage = FDTABLE_WORKQUEUE;
		else
			__free_fdtable(m, fdt);
	}
	m->time_matters = !list_empty(&lm->retired);
}
