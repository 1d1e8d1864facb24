/*
 * Tasks: finding the next one and those that share a table, and the references that they took by
 * internal functions.
 */
#include "machine/task.h"

#include "base/sparse.h"
#include "base/text.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/sched.h"

#include <errno.h>

void raise_signal(struct task *current, int sig)
{
	current->call->raised |= signal_bit(sig);
	current->machine->chores = true;
}

struct task *task_next(const struct fdl_machine *m, int pid)
{
	uint64_t next = sparse_next(&m->tasks, SPARSE_SLOT, (uint64_t)pid);

	return next == SPARSE_NONE ? NULL : sparse_get(&m->tasks, next);
}

void put_table_tasks(struct text *out, const struct fdl_machine *m, const void *files)
{
	const struct task *t;
	int last = 0, first = 0; /* of the run that is written last; 0: none */

	for (int pid = 1; !out->error && (t = task_next(m, pid)) != NULL; pid = t->pid + 1) {
		if (t->files != files)
			continue;
		if (first && t->pid == last + 1) {
			last = t->pid;
			continue;
		}
		if (last > first)
			text_printf(out, "-%d", last);
		text_printf(out, first ? ",%d" : "%d", t->pid);
		first = last = t->pid;
	}
	if (last > first)
		text_printf(out, "-%d", last);
}

int task_hold(struct task *task, struct file *file, void *table, int pid)
{
	struct held *h = charged_alloc(task->machine, sizeof(*h));

	if (!h)
		return -ENOMEM;
	*h = (struct held){ .next = task->held, .file = file, .table = table, .pid = pid };
	task->held = h;
	return 0;
}

void task_unhold(struct task *task, struct held **h)
{
	struct held *gone = *h;

	*h = gone->next;
	charged_free(task->machine, gone, sizeof(*gone));
}

void task_forget_returned(struct task *task)
{
	struct call *c = task->returned;

	task->returned = NULL;
	if (c)
		call_put(task->machine, c);
}
