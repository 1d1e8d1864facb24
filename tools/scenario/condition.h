/*
 * Conditions over the outcomes of a race: "sometimes 2:dup2 = -1 EBUSY && 1/files/count = 2". They
 * are read from their lines and compared with outcomes of the explorer or of the running kernel.
 */
#ifndef FDLAB_TOOLS_CONDITION_H
#define FDLAB_TOOLS_CONDITION_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct race;

enum quantifier {
	SOMETIMES, /* at least one outcome matches */
	NEVER,     /* no outcome matches */
	ALWAYS,    /* every outcome matches */
};

/* PID:NAME#K = RESULT, or PATH = TEXT. */
struct term {
	int pid; /* 0: a file */
	char *name;
	unsigned nth; /* of the calls of this name, from 1 */
	char *path;
	char *value;  /* the result, as outcomes have it; or the text */
	size_t place; /* of the line in the race, or of the path among those that are watched */
};

struct condition {
	enum quantifier quantifier;
	unsigned number; /* of its line */
	char *text;      /* as it is written, with its first word */
	struct term *terms;
	size_t n_terms;
};

/*
 * Reads the text after the first word. 0; -EINVAL with a message; -ENOMEM. In every case,
 * *c is to be given to condition_free.
 */
int condition_read(struct condition *c, enum quantifier quantifier, const char *text, char *err,
		   size_t errsize);
void condition_free(struct condition *c);

/* Whether an outcome matches all terms of a condition. */
bool condition_matches(const struct condition *c, const struct fdl_race_outcome *o);

/*
 * Whether a condition holds over n outcomes. *witness is the outcome that shows why, or n: the
 * first that matches, or that does not.
 */
bool condition_holds(const struct condition *c, const struct fdl_race_outcome *o, size_t n,
		     size_t *witness);

#endif
