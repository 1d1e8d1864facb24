/*
 * The end of tasks, and the sending of signals. A signal that is not blocked acts at once: it is
 * ignored, has its default action, or runs a handler, which returns at once. A blocked one is
 * pending until it is unblocked, or read from a signalfd.
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

/* Lets the vfork go on that waits for this task, if there is one. */
void task_vfork_done(struct task *task);

/* Ends all other tasks of current's group, and makes it the leader: for exec. */
void de_thread(struct task *current);

/*
 * Ends a task: its table and its references go, and it becomes a zombie, or is freed. status is as
 * wait4 reports it. group: ends its whole group.
 */
void do_exit(struct task *task, int status, bool group);

/* Frees all tasks of a machine, and their calls in flight. */
void task_free_all(struct fdl_machine *m);

/*
 * Sends a signal to a task's process (group), or to the task alone. A signal is lost if its default
 * action is to be ignored, if it is pending already and below 32, or if there is no memory for it.
 */
void send_signal(struct task *task, const struct siginfo *info, bool group);

/*
 * Sets the blocked signals of a task, without SIGKILL and SIGSTOP, and delivers the pending ones
 * that are no longer blocked.
 */
void set_current_blocked(struct task *task, uint64_t blocked);

/*
 * Sets the blocked signals for the length of a call (NULL: leaves them). 0; -EINVAL for a wrong
 * size; -EFAULT. Pending signals that are no longer blocked interrupt the call when it is about to
 * wait.
 */
int set_user_sigmask(struct task *current, const struct fdl_arg *set, int64_t size);

/*
 * Undoes that. interrupted: a signal has ended the call, and the pending ones are delivered first.
 */
void restore_saved_sigmask(struct task *current, bool interrupted);

/* An action of a process has changed: its pending signals that are ignored now are forgotten. */
void drop_ignored(struct task *current, int sig);

/* A new signal_struct of a process, with one user (signal_put). NULL: no memory. */
struct signal_struct *signal_new(struct fdl_machine *m, struct task *leader);

#endif
