/*
 * The search: goes through the tree of a race's runs, and hands what each comes to to found.h.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include "explore/found.h"
#include "explore/race.h"
#include "fdlab.h"

#include <stdbool.h>
#include <stdint.h>

#define DEPTH_MAX 1024 /* steps of a run */

/* A step of the present run. */
struct explore_event {
	unsigned program;
	unsigned index;               /* among the steps of its program, from 1 */
	uint16_t clock[PROGRAMS_MAX]; /* how many of each program's steps happen before it */
	uint32_t woke;                /* programs */
	struct touched touched;
};

/*
 * A state of the present run, with the programs that may be run next and those that were. Sets of
 * programs are bits.
 */
struct explore_node {
	uint32_t enabled;
	uint32_t backtrack;                        /* to be run from here */
	uint32_t done;                             /* run from here */
	uint32_t sleep;                            /* running it from here brings nothing new */
	const struct touched *slept[PROGRAMS_MAX]; /* what the step of one asleep touches */
	struct touched *taken[PROGRAMS_MAX];       /* what the step of one that was run touched */
};

struct fdl_explorer {
	struct race race;
	struct found found;
	bool in_order; /* some call or watched file depends on every order of steps */
	bool naive;    /* every order of steps is run */

	struct explore_event *event; /* DEPTH_MAX; NULL before the first search */
	struct explore_node *node;   /* DEPTH_MAX + 1 */
	unsigned depth;
	unsigned prefix; /* so many first steps are run in every order, and shared out to parts */
	unsigned part, parts;
	uint64_t ordinal; /* of the next start that is shared out */
	uint64_t refused; /* allocations, when the search began */
	int error;
	struct fdl_explored done;
};

/* Runs all that is to be run. 0, -EINTR (how->progress said so), -ENOMEM, -E2BIG (DEPTH_MAX). */
int search_run(struct fdl_explorer *e, const struct fdl_explore *how);

/* Gives back what searches have allocated. */
void search_free(struct fdl_explorer *e);

/* Looks for a shorter way to a failure, in all orders of steps, for a bounded number of runs. */
void search_shorten(struct fdl_explorer *e, struct failure *f);

/* Runs a schedule again. False when it ends in a breach. */
bool search_replay(struct fdl_explorer *e, const uint8_t *schedule, unsigned steps);

#endif
