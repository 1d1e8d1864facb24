/*
 * The children of a process, in the order in which they were born or adopted, and those of them
 * that have something to report to wait4.
 */
#ifndef CHILDREN_H
#define CHILDREN_H

#include <stdbool.h>

struct task;

/* A task without children. */
void children_init(struct task *task);

/* Makes a leader, whose exit signal is set, the youngest child of child->parent. */
void child_add(struct task *child);

/* Takes a leader out of the children of its parent; does nothing for any other task. */
void child_remove(struct task *child);

/*
 * Makes a thread a leader, with the parent, the place and the children of the leader that it had.
 */
void child_replace(struct task *leader, struct task *by);

/* Sets the exit signal of a leader, which may have a parent. */
void child_set_exit_signal(struct task *child, int signal);

/* A leader has exited, stopped, gone on, or been waited for: its report has changed. */
void child_changed(struct task *child);

/*
 * The first child in a list of those that have exited, or that have stopped or gone on; the next
 * one; NULL: no more.
 */
struct task *child_first_exited(const struct task *parent);
struct task *child_first_stopped(const struct task *parent);
struct task *child_next_report(const struct task *child);

#endif
