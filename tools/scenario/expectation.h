/*
 * Expectations about the contents of a file of the tree, or about its absence: read from a line,
 * and tested on a target. report.c reports those that do not hold.
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
 * Reads PATH = TEXT, PATH ~ ERE or no PATH. args is changed, and *line points into it. False: err
 * says why, to be put after the word that the line began with.
 */
bool expectation_read(char *args, struct scenario_line *line, char *err, size_t errsize);

/*
 * Tests one. 0: it holds. 1: it does not; *why says so, in memory of malloc. -EOPNOTSUPP: the
 * target cannot show the file now. -ENOMEM.
 */
int expectation_test(struct target *t, const struct scenario_line *line, char **why);

#endif
