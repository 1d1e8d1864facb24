/*
 * Deadlock: calls that wait for something that only calls in the same plight could give them. Who
 * could end a wait is told by who waits (sched_wait_for); where that is not known anybody might, and
 * time, while a timer runs.
 */
#ifndef DEADLOCK_H
#define DEADLOCK_H

#include <stdbool.h>

struct call;
struct fdl_machine;
struct task;
struct text;

/* For sched_wait_for: whoever else is in a call, or holds something by hand, might end it. */
bool ended_by_users(const struct call *c, const struct task *other);

/* Whether a task is in a call that does not wait: it may hold what no table shows. */
bool task_is_under_way(const struct task *task);

/*
 * Looks for tasks that wait for each other; signals do not count. True: there are such, and out says
 * who waits where for whom: "task 1 waits in pipe_read for 2; task 2 waits in do_wait for 1".
 */
bool deadlock_find(const struct fdl_machine *m, struct text *out);

/* Some call waits now, or some task has ended: if that makes a deadlock, the kernel log says so. */
void deadlock_notice(struct fdl_machine *m);

#endif
