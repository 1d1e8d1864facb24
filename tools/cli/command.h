/*
 * The fdlab command: runs a verb out of a table, or prints help and the version. Knows neither a
 * verb's work nor its options.
 */
#ifndef FDLAB_TOOLS_COMMAND_H
#define FDLAB_TOOLS_COMMAND_H

#include "cli/verb.h"

/* Runs a command line with the verbs of a table, NULL at its end. Returns the exit status. */
int command_run(const struct verb *const *verbs, int argc, char **argv);

#endif
