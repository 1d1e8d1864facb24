/*
 * Explains a call's error where it happened: the descriptor that is not open, the call that keeps
 * dup2 busy, the task that a call waits for. Reads the tree; runs nothing.
 */
#ifndef FDLAB_TOOLS_EXPLAIN_H
#define FDLAB_TOOLS_EXPLAIN_H

#include "scenario/target.h"

#include <stdio.h>

/*
 * Writes one line on the error of a reply ("1 close(7) = -1 EBADF (Bad file descriptor)"), or
 * nothing where there is no more to say than its words.
 */
void explain_error(struct target *t, const char *reply, FILE *to);

/* Writes a line on what the call of a task, which is in flight, waits for, if that can be told. */
void explain_wait(struct target *t, int pid, const char *reply, FILE *to);

#endif
