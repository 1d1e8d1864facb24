/*
 * Lines that a C programmer types by habit, made into the notation where plain: "int fd =
 * open("x", O_RDONLY);", "read(fd, buf, 10)", STDIN_FILENO. Runs nothing.
 */
#ifndef FDLAB_TOOLS_HABITS_H
#define FDLAB_TOOLS_HABITS_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VARIABLES_MAX 64
#define NAME_SIZE     32

/* Names that results were given, each with its number: "fd", and "p[0]" and "p[1]" of a pair. */
struct variables {
	struct {
		char name[NAME_SIZE];
		int64_t number;
	} of[VARIABLES_MAX];
	size_t n;
};

/* Gives a name a number. False: there are too many names. */
bool variable_set(struct variables *v, const char *name, int64_t number);

/* A line in the notation, and the names for what comes of it. */
struct habit {
	char *line;
	char result[NAME_SIZE]; /* the variable that gets the result; empty: none */
	char pair[NAME_SIZE];   /* the array that gets a pair of descriptors; empty: none */
};

/*
 * Makes a line of C into a line of the notation; any other line is copied. rows is a machine in
 * which calls are looked up. 0, and the line is empty, and why says so, where nothing is to be
 * done; -EINVAL, and why says which form works; -ENOMEM. h->line is the caller's, to be freed.
 */
int habit_read(const struct variables *v, const struct fdl_machine *rows, const char *line,
	       struct habit *h, char *why, size_t whysize);

#endif
