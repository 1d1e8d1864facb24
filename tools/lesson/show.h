/* The effects of a line of a lesson, as text: replies, files. Knows neither pages nor readers. */
#ifndef FDLAB_TOOLS_SHOW_H
#define FDLAB_TOOLS_SHOW_H

#include "lesson/steps.h"
#include "scenario/draw.h"
#include "scenario/target.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * Writes the replies to a line, a line each. Left out are the results of calls that this line has
 * woken, if a question of a later line asks about them.
 */
void show_replies(FILE *to, const struct lesson *l, const struct scenario_line *line,
		  const char *replies, bool colour);

/*
 * Whether a reply answers the question of a line, by the result of the call that the line resumes.
 */
bool reply_is_answer(const struct scenario_line *line, const char *reply);

/* Writes what a call gave on the other kernel, if the lesson has one and it is something else. */
void show_beside(FILE *to, const struct lesson *l, const struct scenario_line *line);

/* Writes the text that a line has echoed, and the file of its expectation. */
void show_line(FILE *to, struct target *t, const struct scenario_line *line);

/* Whether a line changes the machine, so that its tables are worth a look. */
bool line_changes(const struct scenario_line *line);

/* Writes the tables that changed since the last time. */
void show_tables(FILE *to, struct target *t, struct drawing *d);

#endif
