/*
 * Growing a table.
 */
#ifndef LINUX_EXPAND_H
#define LINUX_EXPAND_H

#include "linux/fdtable.h"

#include <errno.h>

/*
 * Makes room for descriptor nr, which has none and is below sysctl_nr_open. Drops the lock. 1:
 * there is room now; EMFILE, where sysctl_nr_open was lowered meanwhile; ENOMEM.
 */
int expand_fdtable(struct task *current, struct files_struct *files, unsigned nr);

/*
 * Makes room for descriptor nr: 0, there is; 1, expanded, or may have blocked: look again; ENOMEM,
 * EMFILE.
 */
static inline int expand_files(struct task *current, struct files_struct *files, unsigned nr)
{
	const struct fdtable *fdt = files_fdtable(current, files);

	if (nr < fdt->max_fds)
		return 0;
	if (nr >= sysctl_nr_open(current))
		return -EMFILE;
	return expand_fdtable(current, files, nr);
}

#endif
