/*
 * The end of tasks, and the sending of signals. They are one subject: a signal takes its default
 * action, which may end a process, and a process that ends sends its parent a signal. Pending
 * signals are in signals.c.
 */
#include "process/exit.h"

#include "machine/clock.h"
#include "machine/deadlock.h"
#include "machine/kernel.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/poll.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "notation/args.h"
#include "process/children.h"
#include "process/pid.h"
#include "process/sigaction.h"
#include "process/sigio.h"
#include "process/signals.h"
#include "process/task.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

/* A signal below is pending at most once; from here on, as often as it was sent. */
#define FIRST_REALTIME 32

#define STOP_SIGNALS                                                                               \
	(signal_bit(SIGSTOP) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) | signal_bit(SIGTTOU))

/* ---- telling the parent ---- */

/* Whether a parent does not want its child as a zombie. */
static bool reaps_by_itself(const struct task *parent)
{
	return signal_disposition(parent, SIGCHLD) == SIGNAL_IGNORED ||
	       (signal_flags(parent, SIGCHLD) & SA_NOCLDWAIT);
}

/*
 * The signal that the exit of a child sends: SIGCHLD if its parent has done exec since it was made.
 */
static int signal_of_exit(const struct task *child)
{
	const bool other_program = child->parent_vm != child->parent->vm;

	return other_program && child->machine->kernel->exec_resets_exit_signals
		       ? SIGCHLD
		       : child->exit_signal;
}

static void do_notify_parent(struct task *child)
{
	const int status = child->exit_status;
	struct siginfo info = { .signo = signal_of_exit(child),
				.code = CLD_EXITED,
				.pid = child->pid,
				.uid = child->uid,
				.status = WEXITSTATUS(status) };

	if (WIFSIGNALED(status)) {
		info.code = WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED;
		info.status = WTERMSIG(status);
	}
	/* An ignored one is not sent, even if it is blocked. */
	if (info.signo == SIGCHLD && signal_disposition(child->parent, SIGCHLD) == SIGNAL_IGNORED)
		return;
	if (info.signo > 0 && info.signo <= SIGNALS)
		send_signal(child->parent, &info, true);
}

static void do_notify_parent_cldstop(struct task *child, bool stopped)
{
	const struct siginfo info = { .signo = SIGCHLD,
				      .code = stopped ? CLD_STOPPED : CLD_CONTINUED,
				      .pid = child->pid,
				      .uid = child->uid,
				      .status = stopped ? child->stop_signal : SIGCONT };

	if (!(signal_flags(child->parent, SIGCHLD) & SA_NOCLDSTOP))
		send_signal(child->parent, &info, true);
}

/* ---- the end of a task ---- */

/* Drops the references that a task took by internal functions. */
static void drop_held(struct task *task)
{
	while (task->held) {
		struct file *file = task->held->file;
		void *table = task->held->table;
		const bool use = task->held->use;

		task_unhold(task, &task->held);
		if (use)
			file_unuse(task, file);
		else if (file)
			fput(task, file);
		else
			task->machine->kernel->table_put(task, table);
	}
}

void task_vfork_done(struct task *task)
{
	struct task *vforker = task->vforker;

	if (vforker) {
		touch(task->machine, TOUCH_WRITE, task->machine, PART_TASKS);
		task->vforker = NULL;
		wake_up(task->machine, &vforker->leader->wait_child);
	}
}

/*
 * Tells the parent of a group that has ended. The zombie goes at once if the parent does not want
 * it.
 */
static void tell_parent(struct task *leader)
{
	struct task *parent = leader->parent;
	const bool reaped = signal_of_exit(leader) == SIGCHLD && reaps_by_itself(parent);

	do_notify_parent(leader);
	if (reaped)
		task_release(leader);
	wake_up(parent->machine, &parent->wait_child);
}

/*
 * Children get init as their parent, which is told of the zombies among them. Without init they
 * have none: zombies go at once.
 */
static void reparent_children(struct task *leader)
{
	struct fdl_machine *m = leader->machine;
	struct task *init = task_find(m, 1);

	if (init && (init == leader || init->nthreads == 0))
		init = NULL;
	list_for_each_safe(pos, next, &leader->children) {
		struct task *child = container_of(pos, struct task, sibling);

		child_remove(child);
		child->parent = init;
		child->exit_signal = SIGCHLD;
		if (init)
			child_add(child);
		if (child->nthreads)
			continue;
		if (init)
			tell_parent(child);
		else
			task_release(child);
	}
}

/* The last task of a group has exited: tells the parent, or frees the zombie if there is none. */
static void group_is_gone(struct task *leader)
{
	reparent_children(leader);
	if (leader->group_exit)
		leader->exit_status = leader->group_status;
	if (leader->pid == 1)
		printk(leader->machine,
		       "Kernel panic - not syncing: Attempted to kill init! exitcode=0x%08x",
		       (unsigned)leader->exit_status);
	do_notify_pidfd(leader);
	if (leader->parent)
		tell_parent(leader);
	else
		task_release(leader);
}

/* Whether a task's call is on the stack: the task can end only after it. */
static bool is_running(const struct task *task)
{
	return task->call && task->call->state == CALL_RUNNING;
}

static void exit_one(struct task *task, int status)
{
	struct fdl_machine *m = task->machine;
	bool running = is_running(task);
	struct task *leader;

	touch(m, TOUCH_WRITE, m, PART_TASKS);
	if (task->call && !running)
		call_kill(task->call);
	/* The end of its call may have ended it already. */
	if (task->state == TASK_ZOMBIE)
		return;
	leader = task->leader;
	if (!running)
		task->call = m->exiting;
	m->kernel->table_exit(task);
	drop_held(task);
	/* Not earlier: it may stop at the close of a file, and must be able to go on. */
	touch(m, TOUCH_WRITE, m, PART_TASKS);
	task->state = TASK_ZOMBIE;
	task->exit_status = status;
	fs_put(task->fs);
	image_put(m, task->image);
	task->fs = NULL;
	task->image = NULL;
	task_vfork_done(task);
	if (!running)
		task->call = NULL;
	leader->nthreads--;
	/* The status of the last one is the group's: the kernel's synchronize_group_exit. */
	if (leader->nthreads == 0) {
		leader->exit_status = status;
		child_changed(leader);
	}
	if (task != leader)
		task_release(task);
	if (leader->nthreads == 0)
		group_is_gone(leader);
}

/*
 * The next thread of a group, except its leader and `but`, that can be ended now: its call is not
 * on the stack. Start from the beginning each time, since ending one may end others.
 */
static struct task *thread_to_end(const struct task *leader, const struct task *but)
{
	list_for_each(pos, &leader->threads) {
		struct task *t = container_of(pos, struct task, threads);

		if (t != but && !is_running(t))
			return t;
	}
	return NULL;
}

/* Ends every task of a group except `but` (NULL: all). A task whose call runs ends after it. */
static void exit_group(struct task *leader, const struct task *but, int status)
{
	struct task *t;

	if (leader->nthreads > 1 || leader != but)
		touch_all(leader->machine);
	leader->group_exit = true;
	leader->group_status = status;
	list_for_each(pos, &leader->threads) {
		t = container_of(pos, struct task, threads);
		t->group_exit = true;
		t->group_status = status;
	}
	while ((t = thread_to_end(leader, but)) != NULL)
		exit_one(t, status);
	if (leader != but && !is_running(leader))
		exit_one(leader, status);
}

void do_exit(struct task *task, int status, bool group)
{
	struct fdl_machine *m = task->machine;

	if (group)
		exit_group(task->leader, task, status);
	exit_one(task, status);
	deadlock_notice(m);
}

void de_thread(struct task *current)
{
	struct task *leader = current->leader, *t;

	touch(current->machine, TOUCH_WRITE, current->machine, PART_TASKS);
	if (leader->nthreads > 1)
		touch_all(current->machine);
	while ((t = thread_to_end(leader, current)) != NULL)
		exit_one(t, 0);
	if (leader == current)
		return;
	/* The caller takes the leader's place: its pid, its parent, its children. */
	leader->nthreads++; /* the group goes on without its leader */
	exit_one(leader, 0);
	forget_pid(current);
	leader->pid = current->pid;
	current->pid = current->tgid;
	/* In the leader's slot: were that emptied first, there might be no memory for it again. */
	sparse_put(&current->machine->tasks, (uint64_t)current->pid, current);
	list_del(&current->threads);
	current->leader = current;
	current->nthreads = 1;
	current->limits = leader->limits;
	leader->limits = NULL;
	current->signal->leader = current;
	exchange_pids(current, leader);
	child_replace(leader, current);
	leader->leader = current;
	current->machine->ntasks--;
	leader->next_dead = current->machine->dead;
	current->machine->dead = leader;
	current->machine->chores = true;
}

void task_free_all(struct fdl_machine *m)
{
	struct task *t;

	while (!list_empty(&m->in_flight))
		call_kill(container_of(m->in_flight.next, struct call, flight));
	for (int pid = 1; (t = task_next(m, pid)) != NULL; pid = t->pid + 1) {
		t->call = NULL;
		if (t->state != TASK_ZOMBIE)
			exit_one(t, 0);
	}
	while ((t = task_next(m, 1)) != NULL)
		task_release(t);
	/* Signals of files that were closed just now: to nothing. */
	send_sigios(m);
	signals_log(m);
	task_free_dead(m);
}

/* ---- the default action of a signal ---- */

/* The effect of an unhandled signal. */
static enum { TERMINATE, IGNORE, STOP, CONTINUE } default_action(int sig)
{
	switch (sig) {
	case SIGCHLD:
	case SIGURG:
	case SIGWINCH:
		return IGNORE;
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return STOP;
	case SIGCONT:
		return CONTINUE;
	default:
		return TERMINATE;
	}
}

/* Stops or continues a process, and tells its parent. */
static void set_stopped(struct task *leader, int sig, bool stopped)
{
	const enum task_state state = stopped ? TASK_STOPPED : TASK_RUNNING;

	/* Calls of these tasks can begin, or cannot any more. */
	touch_all(leader->machine);
	if ((leader->stop_signal != 0) == stopped)
		return;
	leader->stop_signal = stopped ? (uint8_t)sig : 0;
	leader->stop_told = false;
	leader->continued = !stopped;
	child_changed(leader);
	/* The leader may have exited before its threads. */
	if (leader->state != TASK_ZOMBIE)
		leader->state = state;
	list_for_each(pos, &leader->threads)
		container_of(pos, struct task, threads)->state = state;
	if (leader->parent) {
		do_notify_parent_cldstop(leader, stopped);
		wake_up(leader->machine, &leader->parent->wait_child);
	}
	if (stopped)
		return;
	/* Signals that came meanwhile for a handler. */
	list_for_each(pos, &leader->threads) {
		struct task *t = container_of(pos, struct task, threads);

		set_current_blocked(t, t->blocked);
	}
	if (leader->state != TASK_ZOMBIE)
		set_current_blocked(leader, leader->blocked);
}

static void task_default_action(struct task *leader, int sig)
{
	if (leader->nthreads == 0)
		return;
	switch (default_action(sig)) {
	case IGNORE:
		return;
	case CONTINUE:
		set_stopped(leader, sig, false);
		return;
	case STOP:
		if (leader->pid != 1)
			set_stopped(leader, sig, true);
		return;
	case TERMINATE:
		/* init gets only signals that it handles, and it handles none. */
		if (leader->pid != 1)
			exit_group(leader, NULL, sig);
		return;
	}
}

/* ---- sending ---- */

/* Forgets the signals of a set, wherever they are pending in a process. */
static void flush_group(struct task *leader, uint64_t mask)
{
	struct fdl_machine *m = leader->machine;

	flush_sigqueue_mask(m, &leader->signal->shared_pending, mask);
	flush_sigqueue_mask(m, &leader->pending, mask);
	list_for_each(pos, &leader->threads)
		flush_sigqueue_mask(m, &container_of(pos, struct task, threads)->pending, mask);
}

void drop_ignored(struct task *current, int sig)
{
	const enum disposition d = signal_disposition(current, sig);

	if (d == SIGNAL_IGNORED || (d == SIGNAL_DEFAULT && default_action(sig) == IGNORE))
		flush_group(current->leader, signal_bit(sig));
}

static bool takes(const struct task *task, int sig)
{
	return task->state != TASK_ZOMBIE && !(task->blocked & signal_bit(sig));
}

/*
 * The task that takes a signal now: this one, or (group) some task of its process that does not
 * block it. NULL: all block it. A leader that has exited stands for its process.
 */
static struct task *taker_of(struct task *task, int sig, bool group)
{
	struct task *leader = task->leader;

	if (takes(task, sig))
		return task;
	if (group && takes(leader, sig))
		return leader;
	list_for_each(pos, &leader->threads) {
		struct task *t = container_of(pos, struct task, threads);

		if (group && takes(t, sig))
			return t;
	}
	return task->blocked & signal_bit(sig) ? NULL : task;
}

/* A task runs its handler, which returns at once. */
static void handle_signal(struct task *task, const struct siginfo *info)
{
	const uint64_t flags = signal_flags(task, info->signo);

	touch_all(task->machine);
	signal_handled(task, info);
	if (flags & SA_RESETHAND)
		signal_reset(task, info->signo);
	sched_signal(task, flags & SA_RESTART);
}

/* A signal acts on a task that does not block it. */
static void deliver(struct task *task, const struct siginfo *info)
{
	switch (signal_disposition(task, info->signo)) {
	case SIGNAL_IGNORED:
		return;
	case SIGNAL_DEFAULT:
		task_default_action(task->leader, info->signo);
		return;
	case SIGNAL_HANDLED:
		handle_signal(task, info);
		return;
	}
}

void send_signal(struct task *task, const struct siginfo *info, bool group)
{
	struct task *leader = task->leader;
	struct signal_struct *signal = task->signal;
	struct sigpending *pending = group ? &signal->shared_pending : &task->pending;
	const int sig = info->signo;
	struct task *taker;

	if (leader->nthreads == 0)
		return;
	if (sig == SIGCONT || (signal_bit(sig) & STOP_SIGNALS))
		touch_all(task->machine);
	if (sig == SIGCONT) {
		flush_group(leader, STOP_SIGNALS);
		task_default_action(leader, sig);
	} else if (signal_bit(sig) & STOP_SIGNALS) {
		flush_group(leader, signal_bit(SIGCONT));
	}
	taker = taker_of(task, sig, group);
	/* A stopped process runs its handlers when it goes on. */
	if (taker && (!leader->stop_signal || signal_disposition(taker, sig) != SIGNAL_HANDLED)) {
		deliver(taker, info);
		return;
	}
	touch(task->machine, TOUCH_WRITE, task->machine, PART_TASKS);
	if (sig < FIRST_REALTIME && (pending->set & signal_bit(sig)))
		return;
	sigqueue_add(task->machine, pending, info);
	poll_notify(&signal->signalfd_polls, 0);
	wake_up(task->machine, &signal->signalfd_wait);
}

/* ---- masks ---- */

void set_current_blocked(struct task *task, uint64_t blocked)
{
	struct siginfo info = { 0 };

	task->blocked = blocked & ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
	while (!task->group_exit && dequeue_signal(task, ~task->blocked, &info))
		deliver(task, &info);
	if (task->group_exit && task->call)
		task->call->interrupted = true;
}

/* Pending signals that are no longer blocked end a wait, except those that are ignored: they go. */
static void interrupt_by_pending(struct task *current)
{
	struct siginfo info;
	uint64_t acting = 0;
	int sig;

	while ((sig = next_signal(current, ~current->blocked & ~acting)) != 0) {
		const enum disposition d = signal_disposition(current, sig);

		if (d == SIGNAL_IGNORED || (d == SIGNAL_DEFAULT && default_action(sig) == IGNORE))
			dequeue_signal(current, signal_bit(sig), &info);
		else
			acting |= signal_bit(sig);
	}
	if (acting)
		current->call->interrupted = true;
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
	current->blocked = sigset_bits(set) & ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
	interrupt_by_pending(current);
	return 0;
}

void restore_saved_sigmask(struct task *current, bool interrupted)
{
	if (!current->restore_sigmask)
		return;
	current->restore_sigmask = false;
	if (interrupted)
		set_current_blocked(current, current->blocked);
	set_current_blocked(current, current->saved_sigmask);
}

/* ---- what a process has of signals ---- */

static void alarm_rings(struct timer *timer)
{
	struct signal_struct *signal = container_of(timer, struct signal_struct, alarm);
	const struct siginfo info = { .signo = SIGALRM, .code = SI_KERNEL };

	send_signal(signal->leader, &info, true);
}

struct signal_struct *signal_new(struct fdl_machine *m, struct task *leader)
{
	struct signal_struct *signal = charged_alloc(m, sizeof(*signal));

	if (!signal)
		return NULL;
	signal->refs = 1;
	signal->machine = m;
	signal->leader = leader;
	signal->alarm.expire = alarm_rings;
	sigpending_init(&signal->shared_pending);
	wait_queue_init(&signal->signalfd_wait);
	poll_list_init(&signal->signalfd_polls);
	return signal;
}
