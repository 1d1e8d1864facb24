/*
 * Actions of signals in a race, whose tasks share memory, but not always their actions. So the
 * kernel itself keeps which line has set an action: each line has its own copy of the code that
 * returns from a handler, and its address is part of the action.
 */
#include "kernel/task/actions.h"

#include "kernel/sigaction.h"
#include "kernel/task/processor.h"

#include <stddef.h>

#define RESTORER_SIZE 8

_Static_assert(RACE_LINES == 64, "each line has a restorer");

extern const char race_restorers[];

__asm__(RACE_RESTORERS);

static void handler(int sig)
{
	(void)sig;
}

/* The action of a line as the line gives it. NULL: it gives none, or an address that is none. */
static const struct kernel_sigaction *given(const struct race_plan *plan, uint32_t line)
{
	const int64_t at = plan->line[line].arg[1], data = RACE_AT + RACE_DATA_AT;

	return at >= data && at < data + (int64_t)RACE_LINES * RACE_DATA_STRIDE
		       ? (const struct kernel_sigaction *)(uintptr_t)at
		       : NULL;
}

/* The action as it was given by the line that has set it; NULL: no line has. */
static const struct kernel_sigaction *setter(const struct race_plan *plan,
					     const struct kernel_sigaction *action)
{
	const int64_t at = action->restorer - (int64_t)(uintptr_t)race_restorers;

	return at >= 0 && at < RACE_LINES * RESTORER_SIZE
		       ? given(plan, (uint32_t)(at / RESTORER_SIZE))
		       : NULL;
}

bool race_sigaction_spares(const struct race_plan *plan, const struct kernel_sigaction *action)
{
	const struct kernel_sigaction *was = setter(plan, action);

	return action->handler == SIGACTION_IGNORE && (!was || was->handler == SIGACTION_DEFAULT);
}

/* Puts what a line gave in place of what this program made of it. */
static void put_back(const struct race_plan *plan, bool spared, struct kernel_sigaction *old)
{
	const struct kernel_sigaction *was = setter(plan, old);

	if (spared && race_sigaction_spares(plan, old))
		old->handler = SIGACTION_DEFAULT;
	if (!was)
		return;
	if (old->handler == (int64_t)(uintptr_t)handler)
		old->handler = was->handler;
	old->restorer = was->restorer;
	old->flags = (old->flags & ~SIGACTION_RESTORER) | (was->flags & SIGACTION_RESTORER);
}

long race_sigaction(const struct race_plan *plan, uint32_t line, const int64_t *arg, bool init)
{
	const bool spared = init && arg[0] > 0 && arg[0] <= 64 && plan->spared >> (arg[0] - 1) & 1;
	const struct kernel_sigaction *act = given(plan, line);
	int64_t a[6];
	struct kernel_sigaction now;
	long result;

	for (size_t i = 0; i < 6; i++)
		a[i] = arg[i];
	if (act) {
		now = *act;
		if ((uint64_t)now.handler > 1)
			now.handler = (int64_t)(uintptr_t)handler;
		else if (spared)
			now.handler = SIGACTION_IGNORE;
		now.flags |= SIGACTION_RESTORER;
		now.restorer = (int64_t)(uintptr_t)race_restorers + line * RESTORER_SIZE;
		a[1] = (int64_t)(uintptr_t)&now;
	}
	result = make_call(__NR_rt_sigaction, a);
	if (!result && arg[2])
		put_back(plan, spared, (struct kernel_sigaction *)(uintptr_t)arg[2]);
	return result;
}
