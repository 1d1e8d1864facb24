/*
 * The findings of all runs of a race: the outcomes, told apart by a signature of the final state
 * and of the watched files, and the failures, told apart by what broke. Of each the number of runs
 * is kept, and the schedule that is easiest to follow.
 */
#ifndef FOUND_H
#define FOUND_H

#include "base/hash.h"
#include "base/text.h"
#include "explore/race.h"

#include <stddef.h>
#include <stdint.h>

struct schedule {
	uint8_t *program; /* of each step */
	unsigned steps, switches;
};

struct outcome {
	struct hash_node indexed; /* by the signature */
	uint64_t schedules;       /* runs that ended so */
	struct text signature;
	const char **results, **calls; /* of each line of the race: race_result, race_call */
	const char **watched;          /* text of each watched file; NULL: there was none */
	char *tables;                  /* race_tables */
	struct schedule way;           /* with the fewest switches from one program to another */
};

struct failure {
	enum breach breach;
	char why[256];
	uint64_t schedules;
	struct schedule way; /* the shortest */
};

struct found {
	struct race *race;
	char **watch; /* paths of the watched files */
	size_t n_watch;
	struct outcome **outcomes; /* in the order in which they were found */
	size_t n_outcomes, outcomes_room;
	struct hash index;
	struct failure *failures;
	size_t n_failures;
	struct text signature; /* of the present run */
};

/* Nothing was found in a race yet, and no file is watched. 0 or -ENOMEM. */
int found_init(struct found *f, struct race *race);
void found_free(struct found *f);

/* Forgets the outcomes and failures. */
void found_forget(struct found *f);

/* Watches a file of the tree from now on. 0 or -ENOMEM. */
int found_watch(struct found *f, const char *path);

/*
 * The present run of the race has come to its end, or to a breach, by these steps, a program each.
 * 0 or -ENOMEM. Of failures only the first 64 kinds are kept.
 */
int found_outcome(struct found *f, const uint8_t *way, unsigned steps);
int found_failure(struct found *f, const uint8_t *way, unsigned steps);

#endif
