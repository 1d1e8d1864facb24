/*
 * What the benchmarks share: letting two sides take turns, and telling what came out, as lines for
 * people or, with --json, as one JSON object a line. A target that is missed is said and is no
 * failure: how fast a computer is that has other things to do is for people to judge.
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

/* Short enough that many of a run's slices find the processor free of others. */
#define SLICE_NS  250000.0
#define TURNS_NS  400000000.0 /* how long two sides take turns before others do */
#define TURNS_MIN 10
#define ROUNDS    4 /* how often each two sides do */

#define NO_LIMIT 0.0 /* of a ratio that is only told */

/* One of the things to be compared: does the same n times. */
struct side {
	void (*run)(void *ctx, unsigned n);
	void *ctx;
};

/* Two things, what the one's time may be of the other's, and the least of each that was seen. */
struct comparison {
	const char *name;
	struct side ours, theirs;
	double limit;
	double our_ns, their_ns;
};

/* What a number has to be. */
enum bound { AT_MOST, AT_LEAST };

/* Several comparisons take turns as well: a bad moment does not spoil all that one sees. */
void bench_compare(struct comparison *c, size_t n);

/* A number of something, and what it is to be. */
void bench_value(const char *name, double value, const char *unit, enum bound bound, double limit);

/* Something cannot be measured here. */
void bench_skip(const char *name, const char *why);

/*
 * Reads the command line, and tells what the columns of the ratios are, and how much else there is to
 * do: FDLAB_BENCH=--json stands for the argument where the build runs the benchmarks.
 */
void bench_start(int argc, char **argv, const char *ours, const char *theirs);

#endif
