/*
 * The tasks that there are, by their pids.
 */
#ifndef FDLAB_TOOLS_REPLAY_TASKS_H
#define FDLAB_TOOLS_REPLAY_TASKS_H

#include "replay/play.h"

/* The pid that a line is of, which may have none. */
int replay_pid(const struct replay *r, int pid);

/* The task with a pid of the log, or NULL. */
struct log_task *replay_find(const struct replay *r, int pid);

/* Puts a task to the others by its pid, or takes it from them. */
void replay_insert(struct replay *r, struct log_task *task);
void replay_take_out(struct replay *r, struct log_task *task);

/* A call of a task is in flight; it is no more. */
void pending_begins(struct replay *r, struct log_task *task);
void pending_ends(struct log_task *task);

/* Calls each on every task but this one that is in a call with this table. */
typedef void replay_each_fn(struct replay *r, struct log_task *other, void *ctx);
void replay_each_pending(struct replay *r, const struct log_task *but, const struct table *table,
			 replay_each_fn *each, void *ctx);

/* A call is over, and has given these: tables that were copied meanwhile may have them, too. */
void replay_settle_unseen(struct replay *r, int pid, const int64_t *given, size_t n);

/* A descriptor of a table is gone, for the timeline. */
void replay_bar(struct replay *r, const struct log_task *task, int64_t fd);

#endif
