/*
 * Scripts by which bash, zsh and fish complete a command line of fdlab, made from the table of
 * verbs.
 */
#ifndef FDLAB_TOOLS_COMPLETION_H
#define FDLAB_TOOLS_COMPLETION_H

#include "cli/verb.h"

/* The names of the shells, a constant array that NULL ends. */
const char *const *completion_shells(void);

/* Prints the script of a shell. False: there is none for a shell of this name. */
bool completion_print(const struct verb *const *verbs, const char *shell);

#endif
