/*
 * Expectations: what a file of the tree has, or that there is no such file. Read from a line, and
 * tested on a target. The report of one that does not hold is made elsewhere.
 */
#ifndef FDLAB_TOOLS_EXPECTATION_H
#define FDLAB_TOOLS_EXPECTATION_H

#include "scenario/scenario.h"
#include "scenario/target.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a path stays in the tree: it has no "..", which could lead out of a mount. */
bool path_is_good(const char *path);

/*
 * Reads PATH = TEXT, PATH ~ ERE or no PATH. args is changed, and *line points into it. False: what is
 * wrong is in err, to be put after the word that the line began with.
 */
bool expectation_read(char *args, struct scenario_line *line, char *err, size_t errsize);

/*
 * Tests one. 0: it holds. 1: it does not; *why says so, in memory of malloc. -EOPNOTSUPP: the target
 * cannot show the file now. -ENOMEM.
 */
int expectation_test(struct target *t, const struct scenario_line *line, char **why);

#endif
