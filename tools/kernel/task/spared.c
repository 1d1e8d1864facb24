/* Signals and their actions, by system calls: this program has no libc. */
#include "kernel/task/spared.h"

#include "kernel/sigaction.h"
#include "kernel/task/actions.h"
#include "kernel/task/processor.h"

#include <stddef.h>

#define BLOCK   0 /* SIG_BLOCK */
#define SETMASK 2 /* SIG_SETMASK */

bool spared_is_init(const struct race_run *r)
{
	return call4(__NR_getpid, 0, 0, 0, 0) == r->base;
}

/* The action of a signal; and its new one. */
static void action(long sig, const struct kernel_sigaction *now, struct kernel_sigaction *old)
{
	call4(__NR_rt_sigaction, sig, (long)now, (long)old, sizeof(now->mask));
}

static void set_mask(long how, uint64_t mask, uint64_t *old)
{
	call4(__NR_rt_sigprocmask, how, (long)&mask, (long)old, sizeof(mask));
}

/* Init ignores what would end it. A child of it has the default actions. */
static void set_actions(const struct race_plan *plan, bool init)
{
	for (uint64_t left = plan->spared; left; left &= left - 1) {
		const long sig = __builtin_ctzll(left) + 1;
		struct kernel_sigaction now;

		action(sig, NULL, &now);
		if (init ? now.handler != SIGACTION_DEFAULT : !race_sigaction_spares(plan, &now))
			continue;
		now.handler = init ? SIGACTION_IGNORE : SIGACTION_DEFAULT;
		action(sig, &now, NULL);
	}
}

void spared_begin(const struct race_run *r, const struct race_plan *plan)
{
	if (plan->spared && spared_is_init(r))
		set_actions(plan, true);
}

/* How this task was made; NULL: by no line. */
static const struct race_birth *find_birth(const struct race_run *r, const struct race_plan *plan)
{
	const long tid = call4(__NR_gettid, 0, 0, 0, 0);

	for (uint32_t i = 0; i < plan->n_lines; i++)
		if (r->birth[i].tid == tid)
			return &r->birth[i];
	return NULL;
}

/* Init may have made other tasks meanwhile, or have ended. */
void spared_born(const struct race_run *r, const struct race_plan *plan)
{
	const struct race_birth *birth = plan->spared ? find_birth(r, plan) : NULL;

	if (!birth || !birth->spared)
		return;
	if (!spared_is_init(r))
		set_actions(plan, false);
	set_mask(SETMASK, birth->blocked, NULL);
}

long spared_make_task(struct race_run *r, const struct race_plan *plan, uint32_t line,
		      const int64_t *arg)
{
	const bool init = plan->spared && spared_is_init(r);
	const int64_t number = plan->line[line].number;
	struct race_birth *birth = &r->birth[line];
	long result;

	if (!init)
		return make_task(number, arg);
	birth->spared = 1;
	set_mask(BLOCK, plan->spared, &birth->blocked);
	result = make_task(number, arg);
	set_mask(SETMASK, birth->blocked, NULL);
	return result;
}
