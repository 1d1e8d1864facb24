/*
 * Draws what a call has changed: the descriptor tables of a machine, from its state.json, each as
 * far as it differs from its last drawing.
 */
#ifndef FDLAB_TOOLS_DRAW_H
#define FDLAB_TOOLS_DRAW_H

#include "scenario/target.h"

#include <stdbool.h>
#include <stdio.h>

struct drawing;

/* A drawing that knows nothing yet; NULL: no memory. To be given to drawing_free. */
struct drawing *drawing_new(bool colour);
void drawing_free(struct drawing *d);

/* From now on only the rows that changed are drawn. */
void drawing_make_terse(struct drawing *d);

/*
 * Looks at the machine, and draws to a stream (NULL: nothing is drawn) the tables that changed
 * since the last look, with a mark at what is new, and prints which tasks wait. 0, or the error of
 * reading.
 */
int drawing_look(struct drawing *d, struct target *t, FILE *to);

#endif
