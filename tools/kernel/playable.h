/*
 * Which lines of scenarios real tasks can play. Their results are not known here.
 */
#ifndef FDLAB_TOOLS_KERNEL_PLAYABLE_H
#define FDLAB_TOOLS_KERNEL_PLAYABLE_H

#include "fdlab.h"
#include "scenario/scenario.h"

#include <stdbool.h>

/* The state that the lines before a line leave. */
struct kernel_context {
	int pid;      /* of lines that name none */
	bool handles; /* a task has set an action, so that signals may interrupt calls */
	bool set_id;  /* a file may be a set-id program */
	bool pidfd;   /* there may be a pidfd of init */
	bool threads; /* init may have other threads */
	bool shares;  /* a process may share the actions of another */
};

/*
 * Why the running kernel cannot play a line, in a few words; NULL: it can, or the line cannot be
 * read. model reads it.
 */
const char *kernel_line_refuses(const struct fdl_machine *model, const struct scenario_line *line,
				struct kernel_context *context);

/*
 * Why no real task can execute a program after the lines before: a task with the rights of another
 * user could not reach the memory by which it gets its calls. NULL: the line is another, or there
 * is no such program.
 */
const char *kernel_set_id_refuses(const struct fdl_line *read, struct kernel_context *context);

/* As kernel_line_refuses, for a scenario: the first such reason, and the *number of its line. */
const char *kernel_scenario_refuses(const struct fdl_machine *model, const struct scenario *s,
				    unsigned *number);

/* The seconds of a line "clock +SECONDS", which real time can show; -1: it is another line. */
double kernel_clock_seconds(const char *line);

#endif
