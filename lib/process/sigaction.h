/*
 * The action of a process for each signal. Tasks that share their handlers (CLONE_SIGHAND) have one
 * table; a task without one has the default action for all signals.
 */
#ifndef SIGACTION_H
#define SIGACTION_H

#include "process/signals.h"

#include <stdbool.h>
#include <stdint.h>

struct fdl_machine;
struct task;

struct k_sigaction {
	uint64_t handler; /* SIG_DFL, SIG_IGN, or an address, which means nothing here */
	uint64_t flags;   /* SA_* */
	uint64_t restorer;
	uint64_t mask;
};

struct sighand_struct {
	unsigned refs;
	struct fdl_machine *machine;
	struct k_sigaction action[SIGNALS];
};

enum disposition { SIGNAL_DEFAULT, SIGNAL_IGNORED, SIGNAL_HANDLED };

enum disposition signal_disposition(const struct task *task, int sig);

/* The SA_ flags of a signal's action. */
uint64_t signal_flags(const struct task *task, int sig);

/* SA_RESETHAND: the handler has run once. */
void signal_reset(struct task *task, int sig);

/*
 * fork: the child gets a copy of its maker's table (with default actions for handlers, where clear
 * says so), or a share of it. 0 or -ENOMEM.
 */
int copy_sighand(struct task *current, struct task *child, bool share, bool clear);

/*
 * exec: the task has a table of its own, and default actions in place of its handlers. 0 or
 * -ENOMEM.
 */
int flush_signal_handlers(struct task *current);

/* A task that used the table is gone. NULL is allowed. */
void put_sighand(struct sighand_struct *sighand);

#endif
