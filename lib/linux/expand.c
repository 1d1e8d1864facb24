/*
 * Growing a table. The larger one is allocated with the lock dropped, so whatever was seen before
 * must be looked at again after: another task may have expanded the table, and sysctl_nr_open may
 * have moved.
 */
#include "linux/expand.h"

#include "linux/fdtable.h"
#include "linux/rcu.h"
#include "machine/machine.h"
#include "machine/sched.h"

#include <errno.h>

/* Slots and both bitmaps; the references move with the slots. 0 or -ENOMEM. */
static int copy_fdtable(struct task *current, struct fdtable *nfdt, const struct fdtable *ofdt)
{
	return fdt_copy(current, nfdt, ofdt, ofdt->max_fds);
}

int expand_fdtable(struct task *current, struct files_struct *files, unsigned nr)
{
	struct fdtable *new_fdt, *cur_fdt;

	preempt(current, "expand_fdtable");
	new_fdt = alloc_fdtable(current, files, nr);
	preempt(current, "expand_fdtable:relock");
	file_lock(current, files);
	if (!new_fdt)
		return -ENOMEM;
	if (new_fdt->max_fds <= nr) {
		__free_fdtable(current->machine, new_fdt);
		return -EMFILE;
	}
	cur_fdt = files_fdtable(current, files);
	if (nr < cur_fdt->max_fds) {
		/* Another task has expanded it. */
		__free_fdtable(current->machine, new_fdt);
		return 1;
	}
	if (copy_fdtable(current, new_fdt, cur_fdt) < 0) {
		__free_fdtable(current->machine, new_fdt);
		return -ENOMEM;
	}
	files_set_fdtable(current, files, new_fdt);
	if (cur_fdt != &files->fdtab)
		free_fdtable(current, cur_fdt);
	return 1;
}
