/*
 * The start of the first real task, before it becomes task 1: it makes a file system of its own,
 * sets the limits and descriptors that a machine starts with, and drops everything else from
 * outside.
 */
#ifndef FDLAB_TOOLS_KERNEL_ROOT_H
#define FDLAB_TOOLS_KERNEL_ROOT_H

#include "kernel/tasks.h"

/*
 * To be called in new namespaces of pids, of mounts and of the network by a process that shares the
 * table of its maker; user: the user namespace is new as well. Does not return: it becomes the
 * program of tasks, or says what failed in making->error and exits.
 */
_Noreturn void kernel_root_enter(struct kernel_making *making, const struct kernel_start *how,
				 int shmid, bool user);

#endif
