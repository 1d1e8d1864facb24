/*
 * The tasks alive, by pid.
 */
#ifndef FDLAB_TOOLS_REPLAY_TASKS_H
#define FDLAB_TOOLS_REPLAY_TASKS_H

#include "replay/play.h"

/* The pid of a line's task; the line may have none. */
int replay_pid(const struct replay *r, int pid);

/* The task with a pid of the log, or NULL. */
struct log_task *replay_find(const struct replay *r, int pid);

/* Add a task, and remove it. */
void replay_insert(struct replay *r, struct log_task *task);
void replay_take_out(struct replay *r, struct log_task *task);

/* Add the task's call to the calls in flight, and remove it. */
void pending_begins(struct replay *r, struct log_task *task);
void pending_ends(struct replay *r, struct log_task *task);

/* Calls each for every task but this whose call in flight may open or close numbers of table. */
typedef void replay_each_fn(struct replay *r, struct log_task *other, void *ctx);
void replay_each_pending(struct replay *r, const struct log_task *but, const struct table *table,
			 replay_each_fn *each, void *ctx);

/* Possible effects of other tasks' calls in flight on a number of the table. */
struct others {
	int64_t fd;
	bool replaces;           /* dup2 to the number is in flight */
	struct log_task *closes; /* a task whose close of the number is in flight */
	unsigned reserves;       /* descriptors that these calls may have reserved */
	int pids[16];            /* the tasks of these calls */
	unsigned npids;
};

struct others look_at_others(const struct log_task *task, int64_t fd);

/* A call has returned and given these: tables copied meanwhile may have them as well. */
void replay_settle_unseen(struct replay *r, struct log_task *task, const int64_t *given, size_t n);

/* Adds a descriptor's lifetime, which ends here, to the timeline. */
void replay_bar(struct replay *r, const struct log_task *task, int64_t fd);

#endif
