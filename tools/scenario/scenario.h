/*
 * A scenario file, read and taken apart into its lines. The meaning of a call is left to the
 * machine that it will be handed to; only directives are understood here. See fdlab-notation(5).
 */
#ifndef FDLAB_TOOLS_SCENARIO_H
#define FDLAB_TOOLS_SCENARIO_H

#include "scenario/condition.h"
#include "scenario/report.h"

#include <stdbool.h>
#include <stddef.h>

/* How the names of scenarios end. */
#define SCENARIO_SUFFIX ".fdl"

/* Some editors begin a file with this; it is passed over. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

enum scenario_line_kind {
	LINE_CALL,
	LINE_OPTION,
	LINE_ECHO,
	LINE_EXPECT_TEXT,
	LINE_EXPECT_MATCH,
	LINE_EXPECT_NOTHING,
};

struct question;  /* scenario/ask.h */
struct challenge; /* scenario/challenge.h */

struct scenario_line {
	enum scenario_line_kind kind;
	int pid;            /* in a race: the task of its program */
	unsigned number;    /* in the file, from 1 */
	char *path;         /* echo, expect: the file of the tree */
	char *text;         /* the call, the assignments, what is written, expected or matched */
	size_t len;         /* of text */
	const char *result; /* a call: the result that it states, in text; else NULL */
	int error;          /* echo: the error that it states, or 0 */
	char *differs;      /* "linux>=6.1 REASON", where a kernel is known to differ; or NULL */
	struct question *question; /* that is asked before it, or NULL */
	char *beside;              /* the result that the other kernel gives, or NULL */
};

struct scenario {
	struct scenario_line *lines;
	size_t n_lines;
	/* A lesson's end: a text for each thing learnt; the name of an exercise, or NULL. */
	char **learnt;
	size_t n_learnt;
	char *exercise;
	struct challenge *challenge; /* of an exercise; NULL: it is none */
	char *other_kernel;          /* that plays the lines beside the usual one; NULL: none */
	/* The race: its programs' lines, calls and echoes, and what is to hold of its outcomes. */
	bool has_race;
	struct scenario_line *race;
	size_t n_race;
	struct condition *conditions;
	size_t n_conditions;
	/* The files that conditions look at, each once; owned by the terms. */
	const char **watched;
	size_t n_watched;
};

/*
 * Reads a scenario; the name "-" is standard input. Errors in it are reported line by line.
 * 0, -EINVAL when there were errors, or the error of reading the file. In every case,
 * *s is to be given to scenario_free.
 */
int scenario_read(struct scenario *s, const char *name, struct report *report);
void scenario_free(struct scenario *s);

/*
 * The directive that a line which is no call was probably meant to be; NULL if there is none, or a
 * call (which may be NULL) is as near.
 */
const char *scenario_suggest(const struct scenario_line *line, const char *call);

/* Whether a line is a command that a machine's control file takes, beside calls: "clock +1". */
bool scenario_is_command(const struct scenario_line *line);

#endif
