/*
 * The machine that a log is held against. Each function is a call of a task of the machine; what it
 * would have to be in the log, nobody knows here. With a scenario every call is also written down,
 * with its result, so that fdlab run can make the same machine again.
 *
 * Tasks go by the machine's pids, which are not the log's.
 */
#ifndef FDLAB_TOOLS_REPLAY_MODEL_H
#define FDLAB_TOOLS_REPLAY_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct model;

/* scenario: where to write it, or NULL. NULL: no memory. */
struct model *model_new(FILE *scenario);
void model_free(struct model *m);

/* From now on calls are made for this line of the log: a comment in the scenario. */
void model_line(struct model *m, uint64_t line);

/* A comment in the scenario. */
void model_note(struct model *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What failed in the machine that cannot fail there: a negative errno, or 0. */
int model_error(const struct model *m);

enum share { SHARE_NOTHING, SHARE_FILES, SHARE_THREAD };

/* A child of a task (of 1: a process that was there before the log). Its pid. */
int model_fork(struct model *m, int parent, enum share share);
/* The end of a task; and of a process whose last task it was: by its parent, or by 1. */
void model_exit(struct model *m, int task);
void model_reap(struct model *m, int parent, int process);
/* The task becomes the leader of its process, alone in it. name is shown as its command line. */
void model_exec(struct model *m, int task, const char *name);
void model_unshare(struct model *m, int task);

/* A new descriptor of something that is shown as name: its number, or -EMFILE. */
int model_open(struct model *m, int task, const char *name, bool cloexec);
int model_dup(struct model *m, int task, int fd);
int model_dupfd(struct model *m, int task, int fd, int64_t from, bool cloexec);
int model_dup2(struct model *m, int task, int fd, int64_t to, bool cloexec);
/* 0 or an error. */
int model_pipe(struct model *m, int task, bool cloexec, int fds[2]);
int model_close(struct model *m, int task, int64_t fd);
int model_close_range(struct model *m, int task, unsigned first, unsigned last, bool unshare,
		      bool cloexec);
int model_get_cloexec(struct model *m, int task, int64_t fd);
int model_set_cloexec(struct model *m, int task, int64_t fd, bool cloexec);
int model_limit(struct model *m, int task, uint64_t soft, uint64_t hard);

/* The number of a task's slots (FDSize). */
uint64_t model_table_size(struct model *m, int task);
/* A file of the tree, as fdl_read_file. */
int model_read(struct model *m, const char *path, char **text, size_t *len);

#endif
