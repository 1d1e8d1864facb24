/*
 * Resource limits and the calls on them. RLIMIT_NOFILE and RLIMIT_FSIZE have an effect; the others
 * are only kept and shown.
 */
#include "process/limits.h"

#include "base/heap.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "process/calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NLIMITS (sizeof(((struct limits *)0)->of) / sizeof(((struct limits *)0)->of[0]))

struct limits *limits_new(const struct fdl_machine *m)
{
	struct limits *l = malloc(sizeof(*l));

	if (!l)
		return NULL;
	l->refs = 1;
	for (size_t i = 0; i < NLIMITS; i++)
		l->of[i].cur = l->of[i].max = RLIM_INFINITY;
	l->of[RLIMIT_STACK].cur = 8 << 20;
	l->of[RLIMIT_CORE].cur = 0;
	l->of[RLIMIT_MEMLOCK].cur = l->of[RLIMIT_MEMLOCK].max = 8 << 20;
	l->of[RLIMIT_MSGQUEUE].cur = l->of[RLIMIT_MSGQUEUE].max = 819200;
	l->of[RLIMIT_NICE].cur = l->of[RLIMIT_NICE].max = 0;
	l->of[RLIMIT_RTPRIO].cur = l->of[RLIMIT_RTPRIO].max = 0;
	l->of[RLIMIT_NPROC].cur = l->of[RLIMIT_NPROC].max = m->options.tasks;
	l->of[RLIMIT_SIGPENDING].cur = l->of[RLIMIT_SIGPENDING].max = m->options.tasks;
	l->of[RLIMIT_NOFILE].cur = m->options.nofile;
	l->of[RLIMIT_NOFILE].max = m->options.nofile_hard;
	return l;
}

void limits_put(struct limits *l)
{
	if (l && --l->refs == 0)
		free(l);
}

/* Stores the old values in old (may be NULL), and sets new ones (NULL: none). 0 or an error. */
static int do_prlimit(struct task *current, struct task *target, int64_t resource,
		      const struct fdl_arg *new, struct fdl_arg *old)
{
	struct limits *l = target->leader->limits;
	uint64_t cur, max;

	if (resource < 0 || (size_t)resource >= NLIMITS)
		return -EINVAL;
	touch(current->machine, TOUCH_READ, current->machine, PART_SYSCTL);
	touch(current->machine, new ? TOUCH_WRITE : TOUCH_READ, target->leader, PART_RLIMIT);
	if (old) {
		old[0] = (struct fdl_arg){ .num = (int64_t)l->of[resource].cur };
		old[1] = (struct fdl_arg){ .num = (int64_t)l->of[resource].max };
	}
	if (!new)
		return 0;
	cur = (uint64_t) new[0].num;
	max = (uint64_t) new[1].num;
	if (cur > max)
		return -EINVAL;
	if (resource == RLIMIT_NOFILE) {
		int error = current->machine->kernel->limit_nofile(current->machine, &cur, &max);

		if (error)
			return error;
	}
	if (max > l->of[resource].max && current->uid != 0)
		return -EPERM;
	if (l->refs > 1) {
		struct limits *own = malloc(sizeof(*own));

		if (!own)
			return -ENOMEM;
		*own = *l;
		own->refs = 1;
		limits_put(l);
		target->leader->limits = l = own;
	}
	l->of[resource].cur = cur;
	l->of[resource].max = max;
	return 0;
}

/* Room for the struct rlimit that the call fills in. NULL: no memory. */
static struct fdl_arg *rlimit_out(struct task *current, struct fdl_arg *a)
{
	struct fdl_arg *out = arena_alloc(&current->call->arena, 2 * sizeof(*out));

	if (!out)
		return NULL;
	memset(out, 0, 2 * sizeof(*out));
	*a = (struct fdl_arg){ .num = 2, .sub = out };
	return out;
}

static int64_t sys_getrlimit(struct task *current, struct fdl_arg *a)
{
	struct fdl_arg *old = rlimit_out(current, &a[1]);

	return old ? do_prlimit(current, current, a[0].num, NULL, old) : -ENOMEM;
}

static int64_t sys_setrlimit(struct task *current, struct fdl_arg *a)
{
	if (!a[1].sub)
		return -EFAULT;
	return do_prlimit(current, current, a[0].num, a[1].sub, NULL);
}

static int64_t sys_prlimit64(struct task *current, struct fdl_arg *a)
{
	struct task *target = a[0].num ? task_find(current->machine, (int)a[0].num) : current;
	struct fdl_arg *old = rlimit_out(current, &a[3]);
	struct fdl_arg new[2];

	if (!old)
		return -ENOMEM;
	if (!a[2].sub && a[2].num)
		return -EFAULT;
	touch(current->machine, TOUCH_READ, current->machine, PART_TASKS);
	/* A zombie still has its limits. */
	if (!target)
		return -ESRCH;
	if (target != current && current->uid != 0 && current->uid != target->uid)
		return -EPERM;
	if (a[2].sub) {
		new[0] = a[2].sub[0];
		new[1] = a[2].sub[1];
	}
	return do_prlimit(current, target, a[1].num, a[2].sub ? new : NULL, old);
}

const struct call_row limit_calls[] = {
	{ "getrlimit", "resource resource=RLIMIT_NOFILE, out rlimit rlim", sys_getrlimit,
	  CALL_NO_FILES | CALL_TRACED, NULL },
	{ "setrlimit", "resource resource, rlimit rlim", sys_setrlimit, CALL_NO_FILES | CALL_TRACED,
	  NULL },
	{ "prlimit64",
	  "pid pid=0, resource resource=RLIMIT_NOFILE, rlimit new_limit=NULL, out rlimit old_limit",
	  sys_prlimit64, CALL_NO_FILES | CALL_TRACED, NULL },
	{ 0 },
};
