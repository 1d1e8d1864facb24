/*
 * Pending signals of tasks and processes. Sending signals, and what they do, is in exit.h.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include "machine/clock.h"
#include "machine/poll.h"
#include "machine/task.h"
#include "notation/abi.h"

#include <stdbool.h>
#include <stdint.h>

struct fdl_arg;
struct fdl_machine;
struct task;

#define SIGSET_SIZE ((int64_t)sizeof(uint64_t)) /* of a set of signals */

/* A signal that was sent: its sender, code and value. */
struct siginfo {
	int signo, code;
	int pid; /* of the sender; of SIGCHLD: of the child */
	uint32_t uid;
	int status;    /* SIGCHLD: exit status or signal */
	int fd;        /* of a file that is ready: the descriptor, */
	unsigned band; /* and EPOLL* */
};

/* The part that the threads of a process share. */
struct signal_struct {
	unsigned refs;
	struct fdl_machine *machine;
	struct sigpending shared_pending;
	struct wait_queue signalfd_wait; /* calls that read from a signalfd */
	struct poll_list signalfd_polls;
	struct task *leader;
	struct timer alarm;
};

/* Nothing pending. */
void sigpending_init(struct sigpending *pending);

/* Forgets the pending signals of a set. */
void flush_sigqueue_mask(struct fdl_machine *m, struct sigpending *pending, uint64_t mask);

/* Forgets all pending signals. */
void sigpending_flush(struct fdl_machine *m, struct sigpending *pending);

/* Adds a pending signal; it is lost if there is no memory for it. */
void sigqueue_add(struct fdl_machine *m, struct sigpending *pending, const struct siginfo *info);

/* One user less; the last one frees it. NULL is allowed. */
void signal_put(struct signal_struct *signal);

/* The signal of a set that a task takes next, of those pending for it or its process; or 0. */
int next_signal(const struct task *task, uint64_t set);

/* Takes that signal. False: there is none. */
bool dequeue_signal(struct task *task, uint64_t set, struct siginfo *info);

/* A task has handled a signal: the log gets a line for it when the present call has its own. */
void signal_handled(struct task *task, const struct siginfo *info);
void signals_log(struct fdl_machine *m);

/* Whether current may send a signal (0: none, only asks). 0; -EINVAL: no such signal; -EPERM. */
int check_kill_permission(const struct task *current, const struct task *target, int64_t sig);

/*
 * kill(2) for several: pid -1 is all processes but init and the caller's, 0 and -PROCESS_GROUP are
 * all processes. 0 if one was told; else the first error, or -ESRCH.
 */
int64_t kill_many(struct task *current, int64_t pid, int64_t sig);

#endif
