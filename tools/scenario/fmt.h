/*
 * Scenario files in one form: blanks, empty lines, pids before calls. The meaning of lines does not
 * change, and comments stay. Does not open files.
 */
#ifndef FDLAB_TOOLS_FMT_H
#define FDLAB_TOOLS_FMT_H

#include <stdio.h>

/* Reads a scenario and writes it in its form. 0 or a negative errno: of reading, -ENOMEM. */
int fmt_stream(FILE *from, FILE *to);

#endif
