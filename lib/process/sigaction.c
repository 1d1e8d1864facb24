/*
 * Tables of actions, and rt_sigaction. Which action a signal takes when it is sent is decided in
 * exit.c.
 */
#include "process/sigaction.h"

#include "base/arena.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "notation/args.h"
#include "process/calls.h"
#include "process/exit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* The flags that the kernel keeps: SA_NOCLDSTOP, … SA_RESETHAND, SA_EXPOSE_TAGBITS, SA_RESTORER. */
#define KNOWN_FLAGS UINT64_C(0xdc000807)

#define UNCATCHABLE (signal_bit(SIGKILL) | signal_bit(SIGSTOP))

static const struct k_sigaction *action_of(const struct task *task, int sig)
{
	static const struct k_sigaction usual;

	return task->actions ? &task->actions->action[sig - 1] : &usual;
}

enum disposition signal_disposition(const struct task *task, int sig)
{
	switch (action_of(task, sig)->handler) {
	case (uintptr_t)SIG_DFL:
		return SIGNAL_DEFAULT;
	case (uintptr_t)SIG_IGN:
		return SIGNAL_IGNORED;
	default:
		return SIGNAL_HANDLED;
	}
}

uint64_t signal_flags(const struct task *task, int sig)
{
	return action_of(task, sig)->flags;
}

void signal_reset(struct task *task, int sig)
{
	task->actions->action[sig - 1].handler = (uintptr_t)SIG_DFL;
}

/* ---- tables --------------------------------------------------------------------------------- */

/* A table like another one, or (NULL) of default actions. NULL: no memory. */
static struct sighand_struct *sighand_new(struct fdl_machine *m, const struct sighand_struct *like)
{
	struct sighand_struct *sighand = charged_alloc(m, sizeof(*sighand));

	if (!sighand)
		return NULL;
	if (like)
		memcpy(sighand->action, like->action, sizeof(sighand->action));
	sighand->refs = 1;
	sighand->machine = m;
	return sighand;
}

void put_sighand(struct sighand_struct *sighand)
{
	if (sighand && --sighand->refs == 0)
		charged_free(sighand->machine, sighand, sizeof(*sighand));
}

static void clear_handlers(struct sighand_struct *sighand)
{
	for (size_t i = 0; i < SIGNALS; i++) {
		struct k_sigaction *k = &sighand->action[i];
		const bool ignored = k->handler == (uintptr_t)SIG_IGN;

		*k = (struct k_sigaction){ .handler = ignored ? k->handler : 0 };
	}
}

int copy_sighand(struct task *current, struct task *child, bool share, bool clear)
{
	struct fdl_machine *m = current->machine;

	/* Two tasks that share a table must have one. */
	if (share && !current->actions)
		current->actions = sighand_new(m, NULL);
	if (share && current->actions) {
		child->actions = current->actions;
		child->actions->refs++;
		return 0;
	}
	if (share)
		return -ENOMEM;
	if (!current->actions)
		return 0;
	child->actions = sighand_new(m, current->actions);
	if (!child->actions)
		return -ENOMEM;
	if (clear)
		clear_handlers(child->actions);
	return 0;
}

int flush_signal_handlers(struct task *current)
{
	struct sighand_struct *own;

	if (!current->actions)
		return 0;
	if (current->actions->refs == 1) {
		clear_handlers(current->actions);
		return 0;
	}
	own = sighand_new(current->machine, current->actions);
	if (!own)
		return -ENOMEM;
	put_sighand(current->actions);
	current->actions = own;
	clear_handlers(own);
	return 0;
}

/* ---- rt_sigaction --------------------------------------------------------------------------- */

static int put_action(struct task *current, const struct k_sigaction *k, struct fdl_arg *arg)
{
	struct arena *arena = &current->call->arena;
	struct fdl_arg *field = arena_alloc(arena, SIGACTION_FIELDS * sizeof(*field));

	if (!field)
		return -ENOMEM;
	field[SIGACTION_HANDLER] = (struct fdl_arg){ .num = (int64_t)k->handler };
	field[SIGACTION_FLAGS] = (struct fdl_arg){ .num = (int64_t)k->flags };
	field[SIGACTION_RESTORER] = (struct fdl_arg){ .num = (int64_t)k->restorer };
	*arg = (struct fdl_arg){ .num = SIGACTION_FIELDS, .sub = field };
	return sigset_fill(arena, k->mask, &field[SIGACTION_MASK]);
}

static void set_action(struct task *current, int sig, const struct fdl_arg *act)
{
	struct k_sigaction *k = &current->actions->action[sig - 1];

	/* Which calls a signal interrupts, and which task it ends, is different from now on. */
	touch_all(current->machine);
	*k = (struct k_sigaction){
		.handler = (uint64_t)act[SIGACTION_HANDLER].num,
		.flags = (uint64_t)act[SIGACTION_FLAGS].num & KNOWN_FLAGS,
		.restorer = (uint64_t)act[SIGACTION_RESTORER].num,
		.mask = sigset_bits(&act[SIGACTION_MASK]) & ~UNCATCHABLE,
	};
	drop_ignored(current, sig);
}

static int64_t sys_rt_sigaction(struct task *current, struct fdl_arg *a)
{
	const struct fdl_arg *act = &a[1];
	const int64_t sig = a[0].num;
	int error;

	if (a[3].num != SIGSET_SIZE)
		return -EINVAL;
	if (!act->sub && act->num)
		return -EFAULT;
	if (sig < 1 || sig > SIGNALS || (act->sub && (signal_bit((int)sig) & UNCATCHABLE)))
		return -EINVAL;
	error = put_action(current, action_of(current, (int)sig), &a[2]);
	if (error || !act->sub)
		return error;
	if (!current->actions)
		current->actions = sighand_new(current->machine, NULL);
	if (!current->actions)
		return -ENOMEM;
	set_action(current, (int)sig, act->sub);
	return 0;
}

const struct call_row sigaction_calls[] = {
	{ "rt_sigaction",
	  "signal signum, sigaction act=NULL, out sigaction oldact, size sigsetsize=8",
	  sys_rt_sigaction, CALL_NO_FILES, NULL },
	{ 0 },
};
