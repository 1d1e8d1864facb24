/*
 * Random lines for control files, of calls and commands of all kernels, for tasks and descriptors
 * that there may be. They come from the numbers of support/random.h: a seed always gives the same
 * lines.
 */
#ifndef RANDOM_LINES_H
#define RANDOM_LINES_H

#include <stddef.h>

#define RANDOM_LINE_MAX 256

/* Adds a line to a program of this many bytes, with its newline; returns its new length. */
size_t add_random_line(char *program, size_t len);

/* The same with words that have no meaning in this order. */
size_t add_random_words(char *program, size_t len);

#endif
