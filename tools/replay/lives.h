/*
 * What begins, changes and ends tasks.
 */
#ifndef FDLAB_TOOLS_REPLAY_LIVES_H
#define FDLAB_TOOLS_REPLAY_LIVES_H

#include "replay/play.h"

/* A process that was there before the log. NULL: no memory. */
struct log_task *replay_root(struct replay *r, int pid);

/* What a call that makes a task shares with it. *known: its arguments say so. */
enum share share_of(const struct log_call *row, const struct fdl_log_call *call, bool *known);

/* The pid that a value is in strace's namespace, in which the lines have theirs. */
int pid_in_log(const struct fdl_value *v);

/* A call made by parent, from start on, has made a task. NULL: no memory. */
struct log_task *replay_born(struct replay *r, struct log_task *parent, int pid, enum share share,
			     uint64_t start);
void replay_exit(struct replay *r, struct log_task *task);
void replay_exec(struct replay *r, struct log_task *task, const char *program);

/* All tasks of a process that has called exit_group are gone. */
void replay_process_exit(struct replay *r, struct process *process);

/* The leader of this pid is gone: another thread's exec takes its place. */
void replay_supersede(struct replay *r, int pid, int by);

/* The task gets a table of its own. start: of the call that does it. */
void replay_unshare(struct replay *r, struct log_task *task, uint64_t start);

/* The end of the log: what still lives is recorded, and everything freed. */
void replay_end(struct replay *r);

#endif
