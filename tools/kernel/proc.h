/*
 * Files of a machine's tree as the running kernel's /proc shows them, or made from what it
 * shows: descriptors of tasks, sizes of tables, which tasks share one.
 */
#ifndef FDLAB_TOOLS_KERNEL_PROC_H
#define FDLAB_TOOLS_KERNEL_PROC_H

#include "kernel/tasks.h"

/* Whether a real kernel shows this file of the tree, when it is there. */
bool kernel_proc_shows(const char *path);

/*
 * The text of a file, or the target of a link, in memory of malloc. 0; -EOPNOTSUPP when a real
 * kernel does not show it, or cannot be asked now; -ENOENT, -ESRCH, -ENOMEM.
 */
int kernel_proc_text(struct kernel_tasks *k, const char *path, char **text, size_t *len);

/* Looks for a file: 0, or an error as above. */
int kernel_proc_find(struct kernel_tasks *k, const char *path);

#endif
