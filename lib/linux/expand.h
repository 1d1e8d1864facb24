/*
 * Growing a table: fdtables are allocated, filled, published, and retired.
 */
#ifndef LINUX_EXPAND_H
#define LINUX_EXPAND_H

#include "linux/files.h"

#include "machine/task.h"

/*
 * An empty table for a highest descriptor nr: three allocations. Where sysctl_nr_open makes it
 * smaller than that, the caller has to look. NULL: ENOMEM.
 */
struct fdtable *alloc_fdtable(struct task *current, const struct files_struct *files, unsigned nr);

/* Frees a table that nobody reads; what its slots point to is not touched. */
void __free_fdtable(struct fdl_machine *m, struct fdtable *fdt);

/* expand_files where there is no room. */
int expand_files_far(struct task *current, struct files_struct *files, unsigned nr);

/*
 * Makes room for descriptor nr: 0, there is; 1, expanded, or may have blocked: look again; ENOMEM,
 * EMFILE. That there is room is not told (touch.h), for all who ask look at the table themselves.
 */
static inline int expand_files(struct task *current, struct files_struct *files, unsigned nr)
{
	return nr < files->fdt->max_fds ? 0 : expand_files_far(current, files, nr);
}

/* Hands a table that was replaced to RCU. */
void call_rcu_fdtable(struct task *current, struct fdtable *fdt);

#endif
