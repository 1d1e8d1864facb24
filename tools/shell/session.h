/*
 * A session at the prompt: a machine, the task that calls are for, and what was typed. How a line
 * is edited, and where it comes from, is not known here.
 */
#ifndef FDLAB_TOOLS_SESSION_H
#define FDLAB_TOOLS_SESSION_H

#include "fdlab.h"
#include "scenario/draw.h"
#include "scenario/target.h"
#include "shell/habits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct shell_command;
struct session;

/* Additions to the usual prompt. */
struct session_extra {
	const struct shell_command *commands; /* a row without a name ends them */
	/* Called after each line that was run. */
	void (*after)(struct session *s, struct session_extra *extra);
};

struct session {
	struct target *target;
	struct fdl_machine *machine; /* the target's, if it is in this process; or NULL */
	struct fdl_machine *rows;    /* one in which calls are looked up */
	struct drawing *drawing;
	struct variables variables;  /* what C programs call their descriptors */
	int pid;                     /* of the task that calls without a pid are for */
	char *stop_at;               /* the preemption point of the next call; NULL: none */
	struct session_extra *extra; /* or NULL; of the program that made the session */
	bool colour;
	bool left;   /* quit was typed */
	bool failed; /* a line was not understood, or a command failed */
};

/*
 * Starts a session on a target that was started; machine is its machine, or NULL. 0 or -ENOMEM;
 * session_end is due in any case.
 */
int session_begin(struct session *s, struct target *t, struct fdl_machine *machine, bool colour);
void session_end(struct session *s);

/* Runs a line, a call or a command of the prompt, and prints what came of it. */
void session_line(struct session *s, const char *line);

/* The prompt: "1> ", or "2 (in read)> " while that task's call is in flight. size bytes in buf. */
void session_prompt(const struct session *s, char *buf, size_t size);

/* Prints the tasks, with the calls that they are in. */
void session_tasks(const struct session *s, FILE *to);

/* Sends a line to the machine's control file, and prints replies and changes. */
void session_submit(struct session *s, const char *line);

/* Prints why a line was not run, and notes that it failed. */
void session_complain(struct session *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- commands.c ------------------------------------------------------------------------------ */

struct shell_command {
	const char *name;
	const char *arguments; /* as help shows them */
	const char *help;      /* one line */
	/* Runs it with the rest of the line, without blanks at its ends. */
	void (*run)(struct session *s, char *arguments);
};

/* The commands, a constant array that a row without a name ends. */
extern const struct shell_command shell_commands[];

/* The command that a line begins with, or NULL. *arguments is the rest of the line. */
const struct shell_command *shell_command_find(const struct session *s, char *line,
					       char **arguments);

#endif
