/*
 * Deadlocks: calls that wait for what only calls in the same deadlock could give them.
 * sched_wait_for says which tasks could end a wait. A wait without that might be ended by any task,
 * and by time while a timer runs.
 */
#ifndef DEADLOCK_H
#define DEADLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

#define DEADLOCK_MAX 64 /* calls that the search looks at; with more, it finds none */

/* The same as pids, ascending. Returns how many. */
size_t deadlock_pids(const struct fdl_machine *m, int pids[DEADLOCK_MAX]);

/*
 * For the functions wakes: counts a look at a descriptor. True: there were too many, and the
 * function is to return true. A search that is given up finds no deadlock.
 */
bool deadlock_gives_up(struct fdl_machine *m);

/*
 * To be called before a series of call_waits_for, which ask about so many tasks and descriptors in
 * all.
 */
void deadlock_looks(struct fdl_machine *m, uint64_t looks);

/*
 * Whether a task could end a wait, as far as that is known: false where any task might, and after
 * too many looks.
 */
bool call_waits_for(const struct call *c, const struct task *other);

/*
 * To be called when a call begins to wait and when a task has ended: if that makes a deadlock, the
 * kernel log gets a line.
 */
void deadlock_notice(struct fdl_machine *m);

#endif
