/*
 * An exercise: a scenario whose lines are the start, with a challenge. Its title is the first line,
 * a comment; the comments that follow up to the first other line are its text.
 */
#ifndef FDLAB_TOOLS_EXERCISE_H
#define FDLAB_TOOLS_EXERCISE_H

#include "scenario/challenge.h"
#include "scenario/report.h"
#include "scenario/scenario.h"

#include <stdio.h>

struct exercise {
	char *name, *title, *text;
	struct scenario s;
	char *start; /* the log of a machine in the start state */
};

/*
 * Reads an exercise and plays its start. Errors in the file are reported. 0; -EINVAL, there were
 * some; or the error of reading it. In every case, *e is to be given to exercise_free.
 */
int exercise_read(struct exercise *e, const char *name, const char *path, struct report *report);
void exercise_free(struct exercise *e);

/* Prints title, text and limits. */
void exercise_print(const struct exercise *e, FILE *to);

/* Prints a hint, from 0. False: there are no more. */
bool exercise_hint(const struct exercise *e, size_t i, FILE *to);

/* Prints what is learnt by it. */
void exercise_learnt(const struct exercise *e, FILE *to);

/* The lines of the start and those of a solution; the lines belong to both scenarios. -ENOMEM. */
int exercise_join(const struct exercise *e, const struct scenario *solution,
		  struct scenario *joined);

#endif
