/*
 * The part of a scenario that makes it an exercise: its lines are the start, and these say what is
 * to be reached, within which limits, hints, and what is said to usual mistakes. See
 * fdlab-notation(5).
 */
#ifndef FDLAB_TOOLS_CHALLENGE_H
#define FDLAB_TOOLS_CHALLENGE_H

#include "scenario/scenario.h"

/* A mistake that is often made: expectations that all hold then, and what is said. */
struct pitfall {
	struct scenario_line *signs;
	size_t n_signs;
	char *text; /* NULL, until it is read */
};

struct challenge {
	struct scenario_line *goals; /* expectations */
	size_t n_goals;
	unsigned calls; /* at most so many; 0: any number */
	char **without; /* calls that may not be used, a name each */
	size_t n_without;
	char **hints; /* one after the other */
	size_t n_hints;
	struct pitfall *pitfalls;
	size_t n_pitfalls;
};

/*
 * Reads such a line: its word (goal, calls, without, hint, wrong, say), what follows it, which may
 * be changed, and its number in the file. *c is the challenge so far, or NULL before the first
 * line. 0; -EINVAL and what is wrong in err, to be put after the word; -ENOMEM.
 */
int challenge_read(struct challenge **c, const char *word, char *args, unsigned number, char *err,
		   size_t errsize);

/* The fault of a challenge as a whole; NULL: there is none. */
const char *challenge_check(const struct challenge *c);

/* Accepts NULL. */
void challenge_free(struct challenge *c);

#endif
