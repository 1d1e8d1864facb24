/*
 * Resource limits: of getrlimit, setrlimit and prlimit64.
 */
#ifndef LIMITS_H
#define LIMITS_H

#include "machine/task.h"
#include "machine/touch.h"

#include <sys/resource.h>

struct fdl_machine;

/* The limits that task 1 starts with, with one user. NULL: no memory. */
struct limits *limits_new(const struct fdl_machine *m);

/* One user less; the last one frees them. NULL is allowed. */
void limits_put(struct limits *l);

/* The soft RLIMIT_NOFILE of a task's process: no new descriptor is at or above it. */
static inline unsigned rlimit_nofile(const struct task *task)
{
	touch(task->machine, TOUCH_READ, task->leader, PART_RLIMIT);
	uint64_t cur = task->leader->limits->of[RLIMIT_NOFILE].cur;

	return cur > UINT32_MAX ? UINT32_MAX : (unsigned)cur;
}

#endif
