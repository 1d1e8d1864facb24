/*
 * Pending signals: what a task and its process keep of signals that are blocked. Sending them, and
 * what they do, is in exit.h.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include "machine/clock.h"
#include "machine/poll.h"
#include "machine/task.h"

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

void sigpending_init(struct sigpending *pending);

/* Forgets the pending signals of a set; all of them. */
void flush_sigqueue_mask(struct fdl_machine *m, struct sigpending *pending, uint64_t mask);
void sigpending_flush(struct fdl_machine *m, struct sigpending *pending);

/* One more that waits; lost if there is no memory for it. */
void sigqueue_add(struct fdl_machine *m, struct sigpending *pending, const struct siginfo *info);

/* One user less of what a process has; the last one frees it. NULL is allowed. */
void signal_put(struct signal_struct *signal);

/* What is pending of these signals for a task: the one to be taken first, or 0. */
int next_signal(const struct task *task, uint64_t set);

/* Takes that one. False: there is none. */
bool dequeue_signal(struct task *task, uint64_t set, struct siginfo *info);

/* There is such a signal (or none, 0), and current may send it: 0, -EINVAL, -EPERM. */
int check_kill_permission(const struct task *current, const struct task *target, int64_t sig);

#endif
