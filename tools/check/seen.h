/*
 * Descriptors of a program in a log: those that were open when a process ended, and
 * those that it kept over an exec. Which of them are wrong is not known here.
 */
#ifndef FDLAB_TOOLS_SEEN_H
#define FDLAB_TOOLS_SEEN_H

#include "replay/play.h"

enum occasion { AT_EXIT, AT_EXEC };

/* A descriptor from 3 on. Processes are numbered in the order of their births, from 1. */
struct seen {
	enum occasion moment;
	unsigned process;
	int pid;
	uint64_t line;   /* of the log: the exit or the exec */
	uint64_t opened; /* the line of the log where the call that opened it returned */
	int64_t fd;
	enum pipe_end end;
	bool own;         /* opened in this table, not copied by fork */
	bool kept;        /* exec was told to leave it open */
	const char *call; /* that opened it, a literal */
	char *name;
	char *program; /* at an exec: the new one */
};

struct seen_list {
	struct replay_watcher watcher; /* the first member */
	struct seen *list;
	size_t n;
	/* Called when the first process is about to end; NULL: not. */
	void (*at_exit)(void *ctx, struct replay *r);
	void *ctx;
	bool ended; /* the first process */
	bool no_memory;
};

/* A list to which a play of a log adds, as its watcher. */
void seen_begin(struct seen_list *s);
void seen_free(struct seen_list *s);

/* Whether it is an end of a pipe, or a socket, by the name that strace -y gives it. */
bool seen_is_end(const struct seen *d);

#endif
