/*
 * Texts for people, in lines that fit a terminal of 80 columns.
 */
#ifndef FDLAB_TOOLS_WRAP_H
#define FDLAB_TOOLS_WRAP_H

#include <stdio.h>

/* Prints a text of one line in as many as it takes, broken at blanks, each after indent. */
void print_wrapped(FILE *to, const char *indent, const char *text);

#endif
