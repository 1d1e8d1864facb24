/*
 * The machine that the log is compared with. Each function is a call of a task of the machine; this
 * file does not know the log. With a scenario, every call is also written down with its result, so
 * that fdlab run makes the same machine.
 * Tasks are named by the machine's pids, which differ from the log's.
 */
#ifndef FDLAB_TOOLS_REPLAY_MODEL_H
#define FDLAB_TOOLS_REPLAY_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct fdl_drawing;
struct model;

/* scenario: the file to write, or NULL. NULL: no memory. */
struct model *model_new(FILE *scenario);
void model_free(struct model *m);

/* The following calls are for this line of the log: a comment in the scenario. */
void model_line(struct model *m, uint64_t line);

/* Writes a comment into the scenario. */
void model_note(struct model *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The first error, negative, of a call that must succeed in the machine; or 0. */
int model_error(const struct model *m);

enum share { SHARE_NOTHING, SHARE_FILES, SHARE_THREAD };

/* Makes a child of a task (of 1: a process older than the log). Returns its pid. */
int model_fork(struct model *m, int parent, enum share share);
/* Ends a task; reaps a process without tasks, by its parent or by 1. */
void model_exit(struct model *m, int task);
void model_reap(struct model *m, int parent, int process);
/* The task becomes the only task and leader of its process. name is its command line. */
void model_exec(struct model *m, int task, const char *name);
void model_unshare(struct model *m, int task);

/* Opens a file shown as name: its number, or -EMFILE. */
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

/* The size of a task's table (FDSize); 0 for a task that is gone. 0 or -ENOMEM. */
int model_table_size(struct model *m, int task, uint64_t *size);
/* Reads a file of the tree, as fdl_read_file. */
int model_read(struct model *m, const char *path, char **text, size_t *len);
/* Draws the machine, as fdl_draw. */
int model_draw(struct model *m, const struct fdl_drawing *how, char **text, size_t *len);

#endif
