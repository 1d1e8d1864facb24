/*
 * The end of tasks, and signals. Nobody handles a signal here: one that is not blocked has its
 * default action at once, one that is waits until it is unblocked or taken by a signalfd.
 */
#ifndef EXIT_H
#define EXIT_H

#include <stdbool.h>
#include <stdint.h>

struct fdl_arg;
struct fdl_machine;
struct siginfo;
struct signal_struct;
struct task;

/* Reports to a vfork that waits for this task that it may go on. */
void task_vfork_done(struct task *task);

/* Everybody else of its thread group ends at once, and it is the leader then: what exec does. */
void de_thread(struct task *current);

/*
 * Ends a task: its table, its references; zombie or gone. status as wait4 gives it. The whole
 * group when group is true.
 */
void do_exit(struct task *task, int status, bool group);

/* Frees every task of a machine that is being freed, calls in flight and all. */
void task_free_all(struct fdl_machine *m);

/*
 * The kernel's send_signal: to a task's process (group), or to the task alone. One that is ignored,
 * or pending already below SIGRTMIN, is lost, and so is one that there is no memory for.
 */
void send_signal(struct task *task, const struct siginfo *info, bool group);

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

/* What a process has of signals, refs 1; NULL: no memory. signal_put of the last one frees it. */
struct signal_struct *signal_new(struct fdl_machine *m, struct task *leader);

#endif
