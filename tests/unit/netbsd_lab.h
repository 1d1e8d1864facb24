/*
 * What the tests of the NetBSD kernel share: a machine with it, and its tables.
 */
#ifndef NETBSD_LAB_H
#define NETBSD_LAB_H

#include "play.h"

#include "netbsd/filedesc.h"

/* Starts the test's machine over with this kernel, and plays lines on it. */
#define NETBSD(lab, ...) PLAY(lab, "reset kernel=netbsd", __VA_ARGS__)

/* The table of a task, for what the tree does not show. */
static inline struct filedesc *lab_filedesc(struct lab *lab, int pid)
{
	struct task *task = task_find(lab->m, pid);

	assert_non_null(task);
	return task->files;
}

/* Whether a descriptor's bit in lomap is set. */
static inline bool lab_is_used(struct lab *lab, int pid, int fd)
{
	return sparse_test(&lab_filedesc(lab, pid)->fds, LOMAP, (uint64_t)fd);
}

#endif
