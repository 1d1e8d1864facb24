/*
 * Pending signals: queues of them, which one is next, and whether a task may send one.
 */
#include "process/signals.h"

#include "base/text.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/transcript.h"
#include "notation/args.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

struct sigqueue {
	struct list link;
	struct siginfo info;
};

/* These are taken before all other pending signals. */
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
	charged_free(m, q, sizeof(*q));
}

void flush_sigqueue_mask(struct fdl_machine *m, struct sigpending *pending, uint64_t mask)
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

void sigqueue_add(struct fdl_machine *m, struct sigpending *pending, const struct siginfo *info)
{
	struct sigqueue *q = charged_alloc(m, sizeof(*q));

	if (!q)
		return;
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

/* Takes the oldest entry of a signal; its bit goes with the last one. */
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

/* ---- what a process has of them -------------------------------------------------------------- */

void signal_put(struct signal_struct *signal)
{
	if (!signal || --signal->refs)
		return;
	/* Watches of epolls may outlive the process: they are never told again. */
	list_for_each_safe(pos, next, &signal->signalfd_polls.watches)
		list_del(pos);
	timer_stop(&signal->alarm);
	sigpending_flush(signal->machine, &signal->shared_pending);
	charged_free(signal->machine, signal, sizeof(*signal));
}

/* ---- those that were handled ---------------------------------------------------------------- */

struct handled {
	struct list link;
	int pid;
	struct siginfo info;
};

void signal_handled(struct task *task, const struct siginfo *info)
{
	struct fdl_machine *m = task->machine;
	struct handled *h = charged_alloc(m, sizeof(*h));

	if (!h)
		return;
	h->pid = task->pid;
	h->info = *info;
	list_add_tail(&h->link, &m->handled);
	m->chores = true;
}

/* As strace has it: "2 --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=1, si_uid=0} ---". */
static void log_one(struct fdl_machine *m, const struct handled *h)
{
	struct text t = TEXT_EMPTY;

	text_printf(&t, "%d --- ", h->pid);
	type_print(&t, "signal", h->info.signo);
	text_puts(&t, " {si_signo=");
	type_print(&t, "signal", h->info.signo);
	text_puts(&t, ", si_code=");
	type_print(&t, h->info.signo == SIGCHLD ? "cldcode" : "sicode", h->info.code);
	text_printf(&t, ", si_pid=%d, si_uid=%u} ---", h->info.pid, h->info.uid);
	if (!t.error)
		transcript_line(m, t.s, t.len);
	text_free(&t);
}

void signals_log(struct fdl_machine *m)
{
	while (!list_empty(&m->handled)) {
		struct handled *h = container_of(m->handled.next, struct handled, link);

		list_del(&h->link);
		log_one(m, h);
		charged_free(m, h, sizeof(*h));
	}
}

/* ---- permission ---- */

int check_kill_permission(const struct task *current, const struct task *target, int64_t sig)
{
	if (sig < 0 || sig > SIGRTMAX)
		return -EINVAL;
	/* The saved uid is the effective one: there is no call that changes either. */
	if (current->uid == 0 || current->uid == target->uid || current->uid == target->ruid ||
	    current->ruid == target->uid || current->ruid == target->ruid)
		return 0;
	return -EPERM;
}
