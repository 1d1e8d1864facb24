/*
 * A lesson as its steps: a text, the lines that follow it, and perhaps a question about the only
 * one of them. A step ends before a comment, an empty line or a question. The last step has no
 * lines.
 */
#ifndef FDLAB_TOOLS_STEPS_H
#define FDLAB_TOOLS_STEPS_H

#include "fdlab.h"
#include "scenario/report.h"
#include "scenario/scenario.h"
#include "scenario/side.h"

struct step {
	char *text;        /* the lines of comments, without their marks */
	size_t first, end; /* of the scenario's lines */
};

struct lesson {
	char *title;
	struct scenario scenario;
	struct step *steps;
	size_t n_steps;
	unsigned n_questions;
	struct side beside; /* the lines on the other kernel, if the scenario has one */
};

/*
 * Reads a lesson. Its faults are reported. 0; -EINVAL, there were errors; or the error of
 * reading the file. In every case, *l is to be given to lesson_free.
 */
int lesson_read(struct lesson *l, const char *path, struct report *report);
void lesson_free(struct lesson *l);

/* Whether the exercise of a lesson is a name for fdlab exercise, and not a text. */
bool lesson_names_exercise(const struct lesson *l);

/* The question of a step, or NULL. */
const struct question *step_question(const struct lesson *l, const struct step *s);

/*
 * Whether the tables are to be shown only after the step that follows: it asks, without a text or
 * an empty line before it, and they could tell the answer.
 */
bool step_defers(const struct lesson *l, size_t i);

/*
 * The line of a question without its answer, in memory of malloc: a call without its result and
 * what it fills in, or the file that is looked at. NULL: no memory. m tells the parameters of
 * calls.
 */
char *line_hidden(const struct scenario_line *line, const struct fdl_machine *m);

#endif
