/*
 * struct pid: a process as its pidfds see it. A task has one from its first pidfd on; it stays as
 * long as a pidfd is open, even when the task is gone.
 */
#ifndef PID_H
#define PID_H

#include "machine/poll.h"

struct fdl_machine;
struct inode;
struct task;

struct pid {
	struct fdl_machine *machine;
	unsigned refs;     /* one of its task, one of each pidfd */
	struct task *task; /* NULL: gone */
	struct poll_list polls;
	struct inode *inode; /* of its pidfds, without a reference; NULL: none is open */
};

/* The struct pid of a task, made if it has none; a reference for the caller. NULL: no memory. */
struct pid *get_task_pid(struct task *current, struct task *task);

/* The same for a number; the process may be gone. */
struct pid *get_pid_by_number(struct task *current, int number);

/* One reference less; the last one frees it. */
void put_pid(struct pid *pid);

/* The process has exited and can be waited for: its pidfds become readable. */
void do_notify_pidfd(struct task *task);

/* The task is gone: its pidfds hang up, and refer to nothing from now on. */
void detach_pid(struct task *task);

/* exec by a thread: it takes over the number of the leader, and with it the leader's pidfds. */
void exchange_pids(struct task *current, struct task *leader);

#endif
