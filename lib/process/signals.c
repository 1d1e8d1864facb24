/*
 * Sending signals, keeping those that are blocked, and delivering the others.
 */
#include "process/signals.h"

#include "base/heap.h"
#include "notation/args.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/task.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

struct sigqueue {
	struct list link;
	struct siginfo info;
};

/* Below, a signal is pending once; from here on as often as it was sent. */
#define FIRST_REALTIME 32

#define STOP_SIGNALS                                                                               \
	(signal_bit(SIGSTOP) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) | signal_bit(SIGTTOU))

/* Taken before all others, where several are pending. */
#define SYNCHRONOUS_MASK                                                                           \
	(signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGILL) | signal_bit(SIGTRAP) |     \
	 signal_bit(SIGFPE) | signal_bit(SIGSYS))

/* ---- pending signals ------------------------------------------------------------------------ */

void sigpending_init(struct sigpending *pending)
{
	pending->set = 0;
	list_init(&pending->queue);
}

static void sigqueue_free(struct fdl_machine *m, struct sigqueue *q)
{
	list_del(&q->link);
	free(q);
	m->memory.used -= sizeof(*q);
}

/* Forgets those of a set. */
static void flush_sigqueue_mask(struct fdl_machine *m, struct sigpending *pending, uint64_t mask)
{
	list_for_each_safe(pos, next, &pending->queue) {
		struct sigqueue *q = container_of(pos, struct sigqueue, link);

		if (mask & signal_bit(q->info.signo))
			sigqueue_free(m, q);
	}
	pending->set &= ~mask;
}

void sigpending_flush(struct fdl_machine *m, struct sigpending *pending)
{
	flush_sigqueue_mask(m, pending, UINT64_MAX);
}

static void enqueue(struct fdl_machine *m, struct sigpending *pending, const struct siginfo *info)
{
	struct sigqueue *q;

	if (!budget_take(&m->memory, sizeof(*q)))
		return;
	q = malloc(sizeof(*q));
	if (!q) {
		m->memory.used -= sizeof(*q);
		return;
	}
	q->info = *info;
	list_add_tail(&q->link, &pending->queue);
	pending->set |= signal_bit(info->signo);
}

static int first_of(uint64_t set)
{
	if (set & SYNCHRONOUS_MASK)
		set &= SYNCHRONOUS_MASK;
	return set ? __builtin_ctzll(set) + 1 : 0;
}

int next_signal(const struct task *task, uint64_t set)
{
	int sig = first_of(task->pending.set & set);

	return sig ? sig : first_of(task->signal->shared_pending.set & set);
}

/* The oldest of this signal; its bit goes with the last one. */
static void collect_signal(struct fdl_machine *m, struct sigpending *pending, int sig,
			   struct siginfo *info)
{
	bool found = false;

	pending->set &= ~signal_bit(sig);
	list_for_each_safe(pos, next, &pending->queue) {
		struct sigqueue *q = container_of(pos, struct sigqueue, link);

		if (q->info.signo != sig)
			continue;
		if (found) {
			pending->set |= signal_bit(sig);
			return;
		}
		*info = q->info;
		sigqueue_free(m, q);
		found = true;
	}
}

bool dequeue_signal(struct task *task, uint64_t set, struct siginfo *info)
{
	struct sigpending *pending = &task->pending;
	int sig = first_of(pending->set & set);

	if (!sig) {
		pending = &task->signal->shared_pending;
		sig = first_of(pending->set & set);
	}
	if (sig)
		collect_signal(task->machine, pending, sig, info);
	return sig;
}

/* ---- sending -------------------------------------------------------------------------------- */

/* Forgets those of a set, wherever they wait in a process. */
static void flush_group(struct task *leader, uint64_t mask)
{
	struct fdl_machine *m = leader->machine;

	flush_sigqueue_mask(m, &leader->signal->shared_pending, mask);
	flush_sigqueue_mask(m, &leader->pending, mask);
	list_for_each(pos, &leader->threads)
		flush_sigqueue_mask(m, &container_of(pos, struct task, threads)->pending, mask);
}

/* Whether somebody takes the signal now: the task, or of its process anybody. */
static bool wants_signal(const struct task *task, int sig, bool group)
{
	const struct task *leader = task->leader;

	if (!(task->blocked & signal_bit(sig)))
		return true;
	if (!group)
		return false;
	if (leader->state != TASK_ZOMBIE && !(leader->blocked & signal_bit(sig)))
		return true;
	list_for_each(pos, &leader->threads) {
		const struct task *t = container_of(pos, struct task, threads);

		if (t->state != TASK_ZOMBIE && !(t->blocked & signal_bit(sig)))
			return true;
	}
	return false;
}

void send_signal(struct task *task, const struct siginfo *info, bool group)
{
	struct task *leader = task->leader;
	struct signal_struct *signal = task->signal;
	struct sigpending *pending = group ? &signal->shared_pending : &task->pending;
	const int sig = info->signo;

	if (leader->nthreads == 0)
		return;
	if (sig == SIGCONT) {
		flush_group(leader, STOP_SIGNALS);
		task_default_action(leader, sig);
	} else if (signal_bit(sig) & STOP_SIGNALS) {
		flush_group(leader, signal_bit(SIGCONT));
	}
	if (wants_signal(task, sig, group)) {
		task_default_action(leader, sig);
		return;
	}
	if (sig < FIRST_REALTIME && (pending->set & signal_bit(sig)))
		return;
	enqueue(task->machine, pending, info);
	poll_notify(&signal->signalfd_polls, 0);
	wake_up(task->machine, &signal->signalfd_wait);
}

void task_signal(struct task *leader, int sig)
{
	const struct siginfo info = { .signo = sig, .code = SI_USER };

	send_signal(leader, &info, true);
}

void task_signal_self(struct task *current, int sig)
{
	const struct siginfo info = { sig, SI_USER, current->tgid, current->uid, 0 };

	if (!current->call->killed)
		send_signal(current, &info, false);
}

void do_notify_parent(struct task *child)
{
	const int status = child->exit_status;
	struct siginfo info = { .signo = child->exit_signal,
				.code = CLD_EXITED,
				.pid = child->pid,
				.uid = child->uid,
				.status = WEXITSTATUS(status) };

	if (WIFSIGNALED(status)) {
		info.code = WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED;
		info.status = WTERMSIG(status);
	}
	if (info.signo > 0 && info.signo <= SIGNALS)
		send_signal(child->parent, &info, true);
}

void do_notify_parent_cldstop(struct task *child, bool stopped)
{
	const struct siginfo info = { .signo = SIGCHLD,
				      .code = stopped ? CLD_STOPPED : CLD_CONTINUED,
				      .pid = child->pid,
				      .uid = child->uid,
				      .status = stopped ? child->stop_signal : SIGCONT };

	send_signal(child->parent, &info, true);
}

/* ---- masks ---------------------------------------------------------------------------------- */

void set_current_blocked(struct task *task, uint64_t blocked)
{
	struct siginfo info = { 0 };

	task->blocked = blocked & ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
	while (!task->group_exit && dequeue_signal(task, ~task->blocked, &info))
		task_default_action(task->leader, info.signo);
	if (task->group_exit && task->call)
		task->call->interrupted = true;
}

int set_user_sigmask(struct task *current, const struct fdl_arg *set, int64_t size)
{
	if (!set->sub && !set->num)
		return 0;
	if (size != sizeof(uint64_t))
		return -EINVAL;
	if (!set->sub)
		return -EFAULT;
	current->saved_sigmask = current->blocked;
	current->restore_sigmask = true;
	set_current_blocked(current, sigset_bits(set));
	return 0;
}

void restore_saved_sigmask(struct task *current)
{
	if (!current->restore_sigmask)
		return;
	current->restore_sigmask = false;
	set_current_blocked(current, current->saved_sigmask);
}

/* ---- what a process has --------------------------------------------------------------------- */

static void alarm_rings(struct timer *timer)
{
	struct signal_struct *signal = container_of(timer, struct signal_struct, alarm);
	const struct siginfo info = { .signo = SIGALRM, .code = SI_KERNEL };

	send_signal(signal->leader, &info, true);
}

struct signal_struct *signal_new(struct fdl_machine *m, struct task *leader)
{
	struct signal_struct *signal;

	if (!budget_take(&m->memory, sizeof(*signal)))
		return NULL;
	signal = calloc(1, sizeof(*signal));
	if (!signal) {
		m->memory.used -= sizeof(*signal);
		return NULL;
	}
	signal->refs = 1;
	signal->machine = m;
	signal->leader = leader;
	signal->alarm.expire = alarm_rings;
	list_init(&signal->alarm.link);
	sigpending_init(&signal->shared_pending);
	wait_queue_init(&signal->signalfd_wait);
	poll_list_init(&signal->signalfd_polls);
	return signal;
}

void signal_put(struct signal_struct *signal)
{
	if (!signal || --signal->refs)
		return;
	/* Epolls may have watches on it that outlive the process: they hear nothing any more. */
	list_for_each_safe(pos, next, &signal->signalfd_polls.watches)
		list_del(pos);
	timer_stop(&signal->alarm);
	sigpending_flush(signal->machine, &signal->shared_pending);
	signal->machine->memory.used -= sizeof(*signal);
	free(signal);
}
