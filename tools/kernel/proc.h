/*
 * Files of a machine's tree as the running kernel's /proc shows them, or as they can be made of what
 * it shows: the tasks' descriptors, the size of their tables, who shares one.
 */
#ifndef FDLAB_TOOLS_KERNEL_PROC_H
#define FDLAB_TOOLS_KERNEL_PROC_H

#include "kernel/tasks.h"

/* Whether a real kernel shows this file of the tree, when it is there. */
bool kernel_proc_shows(const char *path);

/*
 * The text of a file, or the target of a link, in memory of malloc. 0; -EOPNOTSUPP when a real kernel
 * does not show it, or cannot be asked now; -ENOENT, -ESRCH, -ENOMEM.
 */
int kernel_proc_text(struct kernel_tasks *k, const char *path, char **text, size_t *len);

/* 0 when there is such a file, and otherwise an error as above. */
int kernel_proc_find(struct kernel_tasks *k, const char *path);

#endif
