/*
 * The two sides of a comparison: a machine in this process and the running kernel. A line is played
 * on both; their replies, and the tables that they show, must be the same. Where lines come from is
 * not known here.
 */
#ifndef FDLAB_TOOLS_FUZZ_SIDES_H
#define FDLAB_TOOLS_FUZZ_SIDES_H

#include "scenario/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fuzz_sides {
	struct target *model, *kernel;
	char *replies; /* of the model, to the last line */
};

/* A difference between the sides. */
struct fuzz_difference {
	char *what;           /* the line, or the file of the tree */
	char *model, *kernel; /* the reply or the text of each */
	char *expect;         /* a line of a scenario that says what the model shows, or NULL */
};

void fuzz_difference_free(struct fuzz_difference *d);

/* Makes the two sides. 0, or an error with a message in err. To be given to fuzz_sides_free. */
int fuzz_sides_make(struct fuzz_sides *s, char *err, size_t errsize);
void fuzz_sides_free(struct fuzz_sides *s);

/*
 * Starts a machine on both. The options are a NULL-terminated list for both; only (or NULL) is one
 * for the model alone. 0, or an error with a message in err.
 */
int fuzz_sides_start(struct fuzz_sides *s, const char *const *options, const char *only, char *err,
		     size_t errsize);
void fuzz_sides_stop(struct fuzz_sides *s);

/* Plays a line on both. 0; 1 when they differ, and *d is the caller's; -ENOMEM. */
int fuzz_sides_line(struct fuzz_sides *s, const char *line, struct fuzz_difference *d);

/*
 * Compares a task on both sides: the size of its table and its open descriptors; deep: also
 * position, flags, close-on-exec and name of each. Returns as above.
 */
int fuzz_sides_tables(struct fuzz_sides *s, int pid, bool deep, struct fuzz_difference *d);

/* Whether the model's machine is sound; as above. */
int fuzz_sides_check(struct fuzz_sides *s, struct fuzz_difference *d);

#endif
