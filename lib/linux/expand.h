/*
 * Growing a table: fdtables are allocated, filled, published, and retired.
 */
#ifndef LINUX_EXPAND_H
#define LINUX_EXPAND_H

struct fdl_machine;
struct fdtable;
struct files_struct;
struct task;

/*
 * An empty table for a highest descriptor nr: three allocations. Where sysctl_nr_open makes it
 * smaller than that, the caller has to look. NULL: ENOMEM.
 */
struct fdtable *alloc_fdtable(struct task *current, const struct files_struct *files, unsigned nr);

/* Frees a table that nobody reads; what its slots point to is not touched. */
void __free_fdtable(struct fdl_machine *m, struct fdtable *fdt);

/* Hands a table that was replaced to RCU. */
void call_rcu_fdtable(struct task *current, struct fdtable *fdt);

#endif
