/*
 * The machine of a lesson that is gone through: it stands before or after a step, goes back by the
 * history of the library, and can be had a second time. Knows no terminal.
 */
#ifndef FDLAB_TOOLS_STAGE_H
#define FDLAB_TOOLS_STAGE_H

#include "lesson/steps.h"
#include "scenario/draw.h"
#include "scenario/play.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct stage {
	struct play_watcher watcher;
	const struct lesson *lesson;
	struct player player;
	struct drawing *drawing;
	const struct scenario_line *line; /* that is played */
	FILE *to;                         /* where replies are written; NULL: nowhere */
	bool colour;                      /* of replies */
	size_t played;                    /* steps that the machine has done */
	uint64_t *moment; /* by step: the line of the machine's log that it follows */
	size_t *failures; /* by step: of the report before it */
};

/*
 * Starts the machine of a lesson. 0; -ENOMEM; -EINVAL, the machine did not start, and the report
 * says why. In every case, *s is to be given to stage_end.
 */
int stage_begin(struct stage *s, const struct lesson *l, struct report *report, bool colour);
void stage_end(struct stage *s);

/* Puts the machine before a step. 0 or an error. */
int stage_go(struct stage *s, size_t step);

/* Plays the step that the machine stands before, and writes what came of it. */
void stage_play(struct stage *s, FILE *to);

/*
 * The text that an expectation would find now, in memory of malloc; NULL: there is nothing, or no
 * such line.
 */
char *stage_found(struct stage *s, const struct scenario_line *line);

/*
 * The calls that were played before a step, as the log has them, in memory of malloc; or NULL. The
 * result that the line asks for is left out, unless asked is NULL.
 */
char *stage_log(struct stage *s, size_t step, const struct scenario_line *asked);

#endif
