/*
 * The machine of a log as a picture.
 */
#ifndef FDLAB_TOOLS_REPLAY_DRAW_H
#define FDLAB_TOOLS_REPLAY_DRAW_H

#include "fdlab.h"
#include "replay/strace_log.h"

#include <stdbool.h>

struct replay;

/* The part of a log to draw, and its picture. */
struct log_drawing {
	uint64_t line;          /* after which it is drawn; UINT64_MAX: the last */
	struct fdl_drawing how; /* pids are those of the log */
	int missing;            /* set with -ESRCH: the pid that no task has then */
	char *text;             /* set: the picture, in memory of malloc, and its length */
	size_t len;
};

/*
 * Draws the tables of a log after a line: the machine that the log was replayed on, with pids and
 * programs of the log, under the line's text. 0; -ESRCH for a pid that there is not; -EINVAL: there
 * is no call of strace in it; or another negative errno.
 */
int log_draw(const struct strace_log *log, const char *name, struct log_drawing *drawing);

/* The same of a replay that has come to the line; text is the line's. */
int replay_draw(struct replay *r, struct log_drawing *drawing, const char *text);

/*
 * Finds out whether a file is a log of strace and no scenario, which has the same notation: a line
 * among its first ones tells of an exec with the size of the environment, of a call that the model
 * does not have, or of a process in brackets. 0 or -ENOMEM.
 */
int log_is_strace(const struct strace_log *log, bool *told);

#endif
