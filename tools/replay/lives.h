/*
 * Creates, changes and ends tasks.
 */
#ifndef FDLAB_TOOLS_REPLAY_LIVES_H
#define FDLAB_TOOLS_REPLAY_LIVES_H

#include "replay/play.h"

/* Adds a process that ran before the log began. NULL: no memory. */
struct log_task *replay_root(struct replay *r, int pid);

/* The parts that a call that makes a task shares with it. *known: the arguments say so. */
enum share share_of(const struct log_call *row, const struct fdl_log_call *call, bool *known);

/* The pid of a value in strace's namespace, as the lines have it. */
int pid_in_log(const struct fdl_value *v);

/* A call of parent that began at line start has made a task. NULL: no memory. */
struct log_task *replay_born(struct replay *r, struct log_task *parent, int pid, enum share share,
			     uint64_t start);
void replay_exit(struct replay *r, struct log_task *task);
void replay_exec(struct replay *r, struct log_task *task, const char *program);

/* Ends all tasks of a process that has called exit_group. */
void replay_process_exit(struct replay *r, struct process *process);

/* The leader with this pid is gone: another thread's exec takes its place. */
void replay_supersede(struct replay *r, int pid, int by);

/* Gives the task a table of its own. start: the line where the call began. */
void replay_unshare(struct replay *r, struct log_task *task, uint64_t start);

/* The end of the log: records what still lives, and frees everything. */
void replay_end(struct replay *r);

#endif
