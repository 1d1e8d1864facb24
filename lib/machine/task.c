/*
 * Tasks: finding them, and what they hold by hand. How they begin and end, process/ knows.
 */
#include "machine/task.h"

#include "base/heap.h"
#include "base/sparse.h"
#include "machine/machine.h"
#include "machine/sched.h"

#include <errno.h>
#include <stdlib.h>

struct task *task_next(const struct fdl_machine *m, int pid)
{
	uint64_t next = sparse_next(&m->tasks, SPARSE_SLOT, (uint64_t)pid);

	return next == SPARSE_NONE ? NULL : sparse_get(&m->tasks, next);
}

int task_hold(struct task *task, struct file *file, void *table, int pid)
{
	struct budget *memory = &task->machine->memory;
	struct held *h;

	if (!budget_take(memory, sizeof(*h)))
		return -ENOMEM;
	h = malloc(sizeof(*h));
	if (!h) {
		memory->used -= sizeof(*h);
		return -ENOMEM;
	}
	*h = (struct held){ .next = task->held, .file = file, .table = table, .pid = pid };
	task->held = h;
	return 0;
}

void task_unhold(struct task *task, struct held **h)
{
	struct held *gone = *h;

	*h = gone->next;
	task->machine->memory.used -= sizeof(*gone);
	free(gone);
}

void task_forget_returned(struct task *task)
{
	struct call *c = task->returned;

	task->returned = NULL;
	if (c)
		call_put(task->machine, c);
}
