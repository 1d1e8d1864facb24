/*
 * Deadlocks: calls that wait for what only calls in the same deadlock could give them. sched_wait_for
 * says which tasks could end a wait. A wait without that might be ended by any task, and by time
 * while a timer runs.
 */
#ifndef DEADLOCK_H
#define DEADLOCK_H

#include <stdbool.h>

struct call;
struct fdl_machine;
struct task;
struct text;

/*
 * For sched_wait_for: any other task could end the wait that is in a call, or holds a reference by
 * an internal function.
 */
bool ended_by_users(const struct call *c, const struct task *other);

/* Whether a task is in a call that does not wait, or holds a reference by an internal function. */
bool task_is_under_way(const struct task *task);

/*
 * Looks for tasks that wait for each other; that a signal could end a wait does not count. True:
 * there are such, and out lists them: "task 1 waits in pipe_read for 2; task 2 waits in do_wait for
 * 1".
 */
bool deadlock_find(const struct fdl_machine *m, struct text *out);

/*
 * To be called when a call begins to wait and when a task has ended: if that makes a deadlock, the
 * kernel log gets a line.
 */
void deadlock_notice(struct fdl_machine *m);

#endif
