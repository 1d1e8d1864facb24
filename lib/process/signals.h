/*
 * Signals: what is blocked, what is pending, and what becomes of a signal that is neither. Nobody
 * handles a signal here; one that is not blocked has its default action at once, one that is waits
 * until it is unblocked or taken by a signalfd.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include "machine/clock.h"
#include "base/list.h"
#include "machine/poll.h"
#include "machine/sched.h"

#include <stdbool.h>
#include <stdint.h>

struct fdl_arg;
struct fdl_machine;
struct task;

#define SIGNALS 64

/* What comes with a signal. */
struct siginfo {
	int signo, code;
	int pid; /* who sent it, or the child that it tells of */
	uint32_t uid;
	int status; /* SIGCHLD: exit status or signal */
};

/* Signals that wait: a bit for each, and what came with them, the oldest first. */
struct sigpending {
	uint64_t set;
	struct list queue;
};

/* What the threads of a process share. */
struct signal_struct {
	unsigned refs;
	struct fdl_machine *machine;
	struct sigpending shared_pending;
	struct wait_queue signalfd_wait; /* who reads a signalfd */
	struct poll_list signalfd_polls;
	struct task *leader;
	struct timer alarm;
};

static inline uint64_t signal_bit(int sig)
{
	return UINT64_C(1) << (sig - 1);
}

void sigpending_init(struct sigpending *pending);
void sigpending_flush(struct fdl_machine *m, struct sigpending *pending);

/* A process's own, refs 1; NULL: no memory. signal_put of the last one frees it. */
struct signal_struct *signal_new(struct fdl_machine *m, struct task *leader);
void signal_put(struct signal_struct *signal);

/*
 * The kernel's send_signal: to a task's process (group), or to the task alone. One that is ignored,
 * or pending already below SIGRTMIN, is lost, and so is one that there is no memory for.
 */
void send_signal(struct task *task, const struct siginfo *info, bool group);

/* Tells a parent of its child, as the child's exit signal wants it. */
void do_notify_parent(struct task *child);
/* The same of one that was stopped, or goes on. */
void do_notify_parent_cldstop(struct task *child, bool stopped);

/* What is pending of these signals for a task: the one to be taken first, or 0. */
int next_signal(const struct task *task, uint64_t set);

/* Takes that one. False: there is none. */
bool dequeue_signal(struct task *task, uint64_t set, struct siginfo *info);

/*
 * Another mask for a task, SIGKILL and SIGSTOP left out; what was pending and is not blocked any
 * more is delivered.
 */
void set_current_blocked(struct task *task, uint64_t blocked);

/*
 * A mask for the length of a call: 0, or -EINVAL for its size, -EFAULT; without a set there is
 * nothing to do. restore_saved_sigmask undoes it.
 */
int set_user_sigmask(struct task *current, const struct fdl_arg *set, int64_t size);
void restore_saved_sigmask(struct task *current);

#endif
