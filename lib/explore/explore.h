/*
 * The explorer's own: the tree of runs (explore_tree.c) and what was found in it (explore.c).
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include "fdlab.h"

#include "explore/race.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEPTH_MAX 1024 /* steps of a run */

/* A step of the present run. */
struct event {
	unsigned program;
	unsigned index;               /* the how-manieth of its program, from 1 */
	uint16_t clock[PROGRAMS_MAX]; /* how many of each program's steps happen before it */
	uint32_t woke;                /* programs */
	struct touched touched;
};

/* A state of the present run: what may be done next, and what was. Sets of programs are bits. */
struct node {
	uint32_t enabled;
	uint32_t backtrack;                        /* to be run from here */
	uint32_t done;                             /* and those that were */
	uint32_t sleep;                            /* running it from here brings nothing new */
	const struct touched *slept[PROGRAMS_MAX]; /* what the step of one asleep touches */
	struct touched *taken[PROGRAMS_MAX];       /* what the step of one that was run touched */
};

struct outcome {
	uint64_t hash, schedules;
	struct text signature;
	const char **results, **calls, **watched;
	char *tables;
	uint8_t *schedule; /* a program a step */
	unsigned steps, switches;
};

struct failure {
	enum breach breach;
	char why[256];
	uint64_t schedules;
	uint8_t *schedule;
	unsigned steps;
};

struct fdl_explorer {
	struct race race;
	char **watch;
	size_t n_watch;
	bool in_order; /* some call or watched file depends on every order of steps */
	bool naive;

	struct event *event;
	struct node *node;
	unsigned depth;
	unsigned prefix; /* so many first steps are run in every order, and shared out */
	unsigned part, parts;
	uint64_t ordinal; /* of the next start that is shared out */
	int error;

	struct outcome *outcomes;
	size_t n_outcomes;
	uint32_t *index; /* of outcomes, by hash, plus 1 */
	size_t n_index;
	struct failure *failures;
	size_t n_failures;
	struct fdl_explored done;
	struct text signature;
};

/* Runs all that is to be run; what comes of each run goes to the following two. 0 or an error. */
int explore_tree(struct fdl_explorer *e, const struct fdl_explore *how);
int note_outcome(struct fdl_explorer *e);
int note_failure(struct fdl_explorer *e);

/* Looks for a shorter way to a failure, in all orders of steps, as long as that is affordable. */
void explore_shorten(struct fdl_explorer *e, struct failure *f);

/* Runs a schedule again. False when it ends in a breach. */
bool explore_replay(struct fdl_explorer *e, const uint8_t *schedule, unsigned steps);

#endif
