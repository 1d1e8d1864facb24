/*
 * Growing a table: fdtables are allocated, filled, published, and retired.
 */
#ifndef LINUX_EXPAND_H
#define LINUX_EXPAND_H

#include "linux/files.h"

#include "machine.h"
#include "task.h"
#include "touch.h"

#include <errno.h>

/*
 * An empty table for a highest descriptor nr: three allocations. Where sysctl_nr_open makes it
 * smaller than that, the caller has to look. NULL: ENOMEM.
 */
struct fdtable *alloc_fdtable(struct task *current, const struct files_struct *files, unsigned nr);

/* Frees a table that nobody reads; what its slots point to is not touched. */
void __free_fdtable(struct fdl_machine *m, struct fdtable *fdt);

/* 1: expanded, or may have blocked: look again. ENOMEM, EMFILE. */
int expand_fdtable(struct task *current, struct files_struct *files, unsigned nr);

/* Makes room for descriptor nr: 0, there is; 1, ENOMEM and EMFILE as above. */
static inline int expand_files(struct task *current, struct files_struct *files, unsigned nr)
{
	touch(current->machine, TOUCH_READ, files, PART_TABLE);
	if (nr < files->fdt->max_fds)
		return 0;
	touch(current->machine, TOUCH_READ, current->machine, PART_SYSCTL);
	if (nr >= current->machine->nr_open)
		return -EMFILE;
	return expand_fdtable(current, files, nr);
}

/* Hands a table that was replaced to RCU. */
void call_rcu_fdtable(struct task *current, struct fdtable *fdt);

#endif
