/*
 * Helpers of the benchmarks: two sides take turns, and the results are printed as lines or, with
 * --json, as one JSON object a line. A missed target is reported and is no failure, because it may
 * be the computer's load.
 */
#ifndef BENCH_H
#define BENCH_H

#include <err.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* So short that many slices of a run have the processor to themselves. */
#define SLICE_NS  250000.0
#define TURNS_NS  400000000.0 /* how long two sides take turns before the next two do */
#define TURNS_MIN 10
#define ROUNDS    4 /* the turns of each two sides */

#define NO_LIMIT 0.0 /* of a ratio without a target */

/* One side of a comparison: does the same n times. */
struct side {
	void (*run)(void *ctx, unsigned n);
	void *ctx;
};

/*
 * Two sides, the target of the first one's time as a part of the second one's, and the least of
 * each so far.
 */
struct comparison {
	const char *name;
	struct side ours, theirs;
	double limit;
	double our_ns, their_ns;
};

/* The target of a number. */
enum bound { AT_MOST, AT_LEAST };

/*
 * Several comparisons take turns, too, so that a bad moment does not spoil all measurements of one.
 */
void bench_compare(struct comparison *c, size_t n);

/* A number, and its target. */
void bench_value(const char *name, double value, const char *unit, enum bound bound, double limit);

/* Something cannot be measured here. */
void bench_skip(const char *name, const char *why);

/*
 * Reads the command line, and prints the columns' titles and how much other load there is:
 * FDLAB_BENCH=--json replaces the argument when the build runs the benchmarks.
 */
void bench_start(int argc, char **argv, const char *ours, const char *theirs);

#endif
