/*
 * Parts of a lesson beside its lines and questions: results of another kernel (beside), what was
 * learnt, an exercise. See fdlab-notation(5).
 */
#ifndef FDLAB_TOOLS_TEACHING_H
#define FDLAB_TOOLS_TEACHING_H

#include "scenario/scenario.h"

/*
 * Reads such a line of a scenario: its word, and what follows it, which may be changed. 0; -EINVAL
 * and what is wrong with it in *wrong; -ENOMEM.
 */
int teaching_read(struct scenario *s, const char *word, char *args, const char **wrong);

/* Frees what teaching_read has added, but for what belongs to lines. */
void teaching_free(struct scenario *s);

#endif
