/*
 * Calls about signals: masks, pending signals, sending to a thread, alarm.
 */
#include "machine/clock.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "process/calls.h"
#include "process/exit.h"
#include "process/signals.h"

#include <errno.h>
#include <signal.h>

static int64_t sys_rt_sigprocmask(struct task *current, struct fdl_arg *a)
{
	const uint64_t old = current->blocked, set = sigset_bits(&a[1]);
	uint64_t new = old;

	if (a[3].num != SIGSET_SIZE)
		return -EINVAL;
	if (!a[1].sub && a[1].num)
		return -EFAULT;
	if (a[1].sub) {
		switch (a[0].num) {
		case SIG_BLOCK:
			new |= set;
			break;
		case SIG_UNBLOCK:
			new &= ~set;
			break;
		case SIG_SETMASK:
			new = set;
			break;
		default:
			return -EINVAL;
		}
	}
	if (sigset_fill(&current->call->arena, old, &a[2]))
		return -ENOMEM;
	if (a[1].sub)
		set_current_blocked(current, new);
	return 0;
}

static int64_t sys_rt_sigpending(struct task *current, struct fdl_arg *a)
{
	uint64_t set = current->pending.set | current->signal->shared_pending.set;

	if ((uint64_t)a[1].num > SIGSET_SIZE)
		return -EINVAL;
	set &= current->blocked;
	/* A shorter set has the lower signals. */
	if (a[1].num < SIGSET_SIZE)
		set &= ((uint64_t)1 << 8 * a[1].num) - 1;
	return sigset_fill(&current->call->arena, set, &a[0]);
}

/* Sends a signal to a thread, of the process tgid (0: of any). */
static int64_t do_tkill(struct task *current, int64_t tgid, int64_t tid, int64_t sig)
{
	const struct siginfo info = {
		.signo = (int)sig, .code = SI_TKILL, .pid = current->tgid, .uid = current->uid
	};
	struct task *target = task_find(current->machine, (int)tid);
	int error;

	touch(current->machine, TOUCH_READ, current->machine, PART_TASKS);
	if (!target || (tgid && target->tgid != tgid))
		return -ESRCH;
	error = check_kill_permission(current, target, sig);
	if (!error && sig)
		send_signal(target, &info, false);
	return error;
}

static int64_t sys_tgkill(struct task *current, struct fdl_arg *a)
{
	if (a[0].num <= 0 || a[1].num <= 0)
		return -EINVAL;
	return do_tkill(current, a[0].num, a[1].num, a[2].num);
}

static int64_t sys_tkill(struct task *current, struct fdl_arg *a)
{
	return a[0].num <= 0 ? -EINVAL : do_tkill(current, 0, a[0].num, a[1].num);
}

/* Returns the seconds left of the alarm before: rounded, and at least 1 if there was one. */
static int64_t sys_alarm(struct task *current, struct fdl_arg *a)
{
	struct fdl_machine *m = current->machine;
	struct timer *alarm = &current->signal->alarm;
	int64_t left = timer_runs(alarm) ? alarm->expires - m->clock.now : 0;
	int64_t seconds = (left + NSEC_PER_SEC / 2) / NSEC_PER_SEC;

	timer_stop(alarm);
	if (a[0].num)
		timer_start(m, alarm, clock_after(m, ktime_set((uint32_t)a[0].num, 0)));
	return left && !seconds ? 1 : seconds;
}

const struct call_row signal_calls[] = {
	{ "rt_sigprocmask", "sighow how, sigset set=NULL, out sigset oldset, size sigsetsize=8",
	  sys_rt_sigprocmask, CALL_NO_FILES, NULL },
	{ "rt_sigpending", "out sigset set, size sigsetsize=8", sys_rt_sigpending, CALL_NO_FILES,
	  NULL },
	{ "tgkill", "pid tgid, pid tid, signal sig=SIGTERM", sys_tgkill,
	  CALL_NO_FILES | CALL_TRACED, NULL },
	{ "tkill", "pid tid, signal sig=SIGTERM", sys_tkill, CALL_NO_FILES | CALL_TRACED, NULL },
	{ "alarm", "uint seconds=0", sys_alarm, CALL_NO_FILES, NULL },
	{ 0 },
};
